package xnatarchive_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	xa "example.org/xnatarchive"
)

// describing is a handler for every folder.
type describing func(*xa.Import) error

func (describing) Accepts(_ string, kind xa.SourceKind) bool { return kind == xa.SourceFolder }

func (d describing) Describe(in *xa.Import) error { return d(in) }

var errOwn = errors.New("an error of the host's own")

// keepAll makes one session of all files.
func keepAll(in *xa.Import) error {
	session, err := in.AddSession()
	if err != nil {
		return err
	}
	number := int64(7)
	err = in.EachFile(func(file *xa.File) error {
		return in.Keep(file, session, xa.Entry{ScanID: "1", Resource: "TEXT", Format: "TEXT",
			Content: "NOTE", InstanceNumber: &number})
	})
	document := session.Document()
	return errors.Join(err, document.Set("", "xsi_type", "xnat:mrSessionData"),
		document.Set("", "label", "S1"), document.Set("", "subject_ID", "A"),
		document.AddScan("1", "xnat:mrScanData"),
		session.Describe(xa.SessionInfo{ScanDate: "2020-02-03", ScanTime: "04:05:06"}))
}

func TestHandlerSeesTheInputAndWhatItKeepsIsArchived(t *testing.T) {
	engine := open(t, xa.Options{})
	var seen []string
	ok(t, engine.Register("Folder", describing(func(in *xa.Import) error {
		project, found := in.FindProject("P")
		own, given := in.Parameter("own")
		_, absent := in.Parameter("absent")
		seen = append(seen, in.Name(), project, own, fmt.Sprint(in.Kind() == xa.SourceFolder, found,
			given, absent, in.Cancelled()))
		err := in.EachFile(func(file *xa.File) error {
			head, err := file.Head(3)
			seen = append(seen, fmt.Sprintf("%s %d %q", file.Path(), file.Size(), head))
			return err
		})
		return errors.Join(err, keepAll(in))
	})))
	report := must[*xa.ImportReport](t)(engine.Import(ctx, xa.ImportRequest{
		Path: folderOf(t, map[string]string{"a.txt": "words", "b.txt": ""}), Handler: "Folder",
		Parameters: map[string]string{"project": "P", "own": "value"}}))
	want := `P value true true true false false a.txt 5 "wor" b.txt 0 ""`
	if got := strings.Join(seen[1:], " "); got != want {
		t.Fatalf("got %s, expected %s", got, want)
	}
	session := must[*xa.PrearchiveSession](t)(engine.PrearchiveSession(ctx, report.URIs[0]))
	if !strings.HasPrefix(session.ScanDate, "2020-02-03") || session.ScanTime != "04:05:06" {
		t.Fatalf("%+v", session)
	}
	done := must[*xa.ArchiveReport](t)(engine.Archive(ctx, xa.ArchiveRequest{Src: report.URIs[0]}))
	files := must[*xa.Listing](t)(engine.List(ctx, done.URI+"/scans/1/resources/TEXT"))
	if names(files) != "a.txt b.txt" {
		t.Fatalf("%+v", files)
	}
}

func TestFailureOfAHandlerReachesTheCallerAsItself(t *testing.T) {
	tests := map[string]struct {
		describe func(*xa.Import) error
		status   xa.Status
		reason   string
		cause    error
	}{
		"own error": {func(*xa.Import) error { return errOwn }, xa.ErrHandlerFailed, "handler.failed", errOwn},
		"own error of a visit": {func(in *xa.Import) error {
			return in.EachFile(func(*xa.File) error { return fmt.Errorf("visit: %w", errOwn) })
		}, xa.ErrHandlerFailed, "handler.failed", errOwn},
		"own reason": {func(*xa.Import) error {
			return &xa.Error{Status: xa.ErrCorruption, Reason: "own.reason", Message: "own words"}
		}, xa.ErrCorruption, "own.reason", xa.ErrCorruption},
		"status": {func(*xa.Import) error { return xa.ErrUnsupported }, xa.ErrUnsupported, "handler.failed",
			xa.ErrUnsupported},
		"passthrough": {func(*xa.Import) error { return xa.ErrPassthrough }, xa.ErrUnsupported,
			"handler.failed", xa.ErrUnsupported},
		"library's error": {func(in *xa.Import) error {
			session, _ := in.AddSession()
			return session.Document().Set("no scan", "type", "T1")
		}, xa.ErrNotFound, "document.no-scan", xa.ErrNotFound},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			engine := open(t, xa.Options{})
			ok(t, engine.Register("Folder", describing(test.describe)))
			_, err := engine.Import(ctx, xa.ImportRequest{Path: folderOf(t, map[string]string{"a": "a"}),
				Handler: "Folder", Parameters: map[string]string{"project": "P"}})
			fails(t, err, test.status, test.reason)
			if !errors.Is(err, test.cause) {
				t.Fatal(err)
			}
			if rows := must[*xa.Listing](t)(engine.Prearchive(ctx, "")); len(rows.Rows) != 0 {
				t.Fatalf("%+v", rows)
			}
		})
	}
}

func TestAnErrorTheHandlerSwallowedIsNotTheCauseOfALaterFailure(t *testing.T) {
	engine := open(t, xa.Options{})
	ok(t, engine.Register("Folder", describing(func(in *xa.Import) error {
		_ = in.EachFile(func(*xa.File) error { return errOwn })
		return &xa.Error{Status: xa.ErrHandlerFailed, Reason: "own.reason", Message: "another"}
	})))
	_, err := engine.Import(ctx, xa.ImportRequest{Path: folderOf(t, map[string]string{"a": "a"}),
		Handler: "Folder", Parameters: map[string]string{"project": "P"}})
	if failure := fails(t, err, xa.ErrHandlerFailed, "own.reason"); failure.Cause != nil {
		t.Fatal(failure.Cause)
	}
}

// boom panics where the library's callbacks run.
func boom() { panic("boom") }

func TestPanicInAFunctionOfTheHostIsAnErrorOfTheCall(t *testing.T) {
	dicom := zipOf(t, study{label: "L"})
	folder := folderOf(t, map[string]string{"a": "a"})
	tests := map[string]struct {
		options xa.Options
		request xa.ImportRequest
		call    []xa.Option
		status  xa.Status
	}{
		"handler": {request: xa.ImportRequest{Path: folder, Handler: "Panics"}, status: xa.ErrHandlerFailed},
		"visit":   {request: xa.ImportRequest{Path: folder, Handler: "Panics-inside"}, status: xa.ErrHandlerFailed},
		"reader":  {request: xa.ImportRequest{Input: reader(func([]byte) (int, error) { boom(); return 0, nil })}, status: xa.ErrHandlerFailed},
		"progress": {request: xa.ImportRequest{Path: dicom}, status: xa.ErrCancelled,
			call: []xa.Option{xa.OnProgress(func(xa.Progress) { boom() })}},
		"policy": {request: xa.ImportRequest{Path: dicom}, status: xa.ErrHandlerFailed, call: []xa.Option{xa.User("eve")},
			options: xa.Options{AccessPolicy: func(user string, _ xa.Permission, _ string) error {
				if user == "eve" {
					boom()
				}
				return nil
			}}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			engine := open(t, test.options)
			ok(t, engine.Register("Panics", describing(func(*xa.Import) error { boom(); return nil })))
			ok(t, engine.Register("Panics-inside", describing(func(in *xa.Import) error {
				return in.EachFile(func(*xa.File) error { boom(); return nil })
			})))
			test.request.Parameters = map[string]string{"project": "P"}
			_, err := engine.Import(ctx, test.request, test.call...)
			var panicked *xa.PanicError
			if !errors.Is(err, test.status) || !errors.As(err, &panicked) || panicked.Value != "boom" ||
				!bytes.Contains(panicked.Stack, []byte("boom")) {
				t.Fatalf("%v", err)
			}
		})
	}
}

func TestPolicyIsAskedAndItsRefusalIsAPermissionError(t *testing.T) {
	var denied atomic.Int32
	engine := open(t, xa.Options{AccessPolicy: func(user string, permission xa.Permission, project string) error {
		if user == "eve" && permission != xa.PermissionRead {
			denied.Add(1)
			return xa.ErrPermission
		}
		return xa.ErrPassthrough
	}})
	path := zipOf(t, study{label: "L"})
	_, err := engine.Import(ctx, xa.ImportRequest{Path: path}, xa.User("eve"))
	fails(t, err, xa.ErrPermission, "access.denied")
	_ = must[*xa.ImportReport](t)(engine.Import(ctx, xa.ImportRequest{Path: path}, xa.User("alice")))
	if denied.Load() == 0 {
		t.Fatal("nobody was asked")
	}
}

func TestSinksHearAndMayUseTheEngineOrFailWithoutHarm(t *testing.T) {
	var mutex sync.Mutex
	var kinds []xa.EventKind
	var lines []string
	var engine *xa.Engine
	engine = open(t, xa.Options{
		EventSink: func(event xa.Event) error {
			mutex.Lock()
			defer mutex.Unlock()
			kinds = append(kinds, event.Kind)
			if event.Kind == xa.EventArchived {
				return errOwn
			}
			_, err := engine.Projects(ctx)
			return err
		},
		LogSink: func(level xa.LogLevel, line string) {
			mutex.Lock()
			defer mutex.Unlock()
			lines = append(lines, line)
			panic("lost")
		}})
	src := received(t, engine, study{label: "L"})
	report := must[*xa.ArchiveReport](t)(engine.Archive(ctx, xa.ArchiveRequest{Src: src}))
	if report.Events == nil || !strings.HasPrefix(report.Events.Reason, "events.") {
		t.Fatalf("%+v", report)
	}
	if fmt.Sprint(kinds) != fmt.Sprint([]xa.EventKind{xa.EventReceived, xa.EventBuilt, xa.EventArchived}) ||
		len(lines) < 3 {
		t.Fatal(kinds, lines)
	}
}

func TestValidatorTransformAndLauncherDecideAboutASession(t *testing.T) {
	var launched string
	engine := open(t, xa.Options{
		Validators: []xa.Validator{func(c *xa.Candidate) error {
			content, err := c.Content()
			label, _ := c.Document().Get("", "label")
			if len(content.Resources) == 2 && label == content.Label {
				c.Warn("own.two-scans", "two scans")
			}
			if site, _ := c.Document().Get("", "acquisition_site"); site == "bad" {
				c.Fail("own.bad", "a bad site")
			}
			return err
		}},
		Transform: &xa.Transform{Name: "leave-out 1", Rewrite: func(_ *xa.Candidate, files *xa.SessionFiles, document *xa.Document) error {
			paths := files.Paths()
			first, err := files.Read(paths[0])
			if err != nil || len(first) == 0 {
				return err
			}
			return errors.Join(files.Replace(paths[0], first), files.Reject(paths[1]),
				document.Set("", "note", "rewritten"))
		}},
		PipelineLauncher: func(p *xa.Pipeline) error {
			launched = p.Command + " " + p.Session
			if _, err := os.Stat(p.Directory); err != nil {
				return err
			}
			_, err := io.WriteString(p, "ran")
			return err
		}})
	ok(t, engine.SetSetting(ctx, "autorun", "count", "P"))
	src := received(t, engine, study{series: 2, instances: 2, label: "L"})
	_, err := engine.Archive(ctx, xa.ArchiveRequest{Src: src,
		Fields: map[string]string{"xnat:mrSessionData/acquisition_site": "bad"}})
	if !errors.Is(err, xa.ErrConflict) && !errors.Is(err, xa.ErrInvalidArgument) {
		t.Fatal(err)
	}
	report := must[*xa.ArchiveReport](t)(engine.Archive(ctx, xa.ArchiveRequest{Src: src}))
	if report.Files != 3 || len(report.Warnings) != 1 || report.Warnings[0].Reason != "own.two-scans" ||
		report.Pipeline != nil || launched != "count L1" {
		t.Fatalf("%+v %s", report, launched)
	}
	document := must[*xa.Document](t)(engine.Document(ctx, report.URI))
	defer document.Close()
	if note, _ := document.Get("", "note"); note != "rewritten" {
		t.Fatal(note)
	}
}

func TestHandlerThatCallsItsEngineIsRefusedNotStuck(t *testing.T) {
	engine := open(t, xa.Options{})
	var inner error
	ok(t, engine.Register("Folder", describing(func(in *xa.Import) error {
		inner = engine.AddProject(ctx, xa.Project{ID: "X"})
		return keepAll(in)
	})))
	_ = must[*xa.ImportReport](t)(engine.Import(ctx, xa.ImportRequest{Handler: "Folder",
		Path: folderOf(t, map[string]string{"a": "a"}), Parameters: map[string]string{"project": "P"}}))
	fails(t, inner, xa.ErrInvalidArgument, "capi.reentered")
	fails(t, engine.Register("Folder", describing(keepAll)), xa.ErrAlreadyExists, "engine.handler-exists")
}

func TestWhatACallbackWasGivenIsGoneAfterwards(t *testing.T) {
	engine := open(t, xa.Options{})
	var kept *xa.Import
	var file *xa.File
	var document *xa.Document
	ok(t, engine.Register("Folder", describing(func(in *xa.Import) error {
		kept = in
		session, err := in.AddSession()
		document = session.Document()
		return errors.Join(err, in.EachFile(func(f *xa.File) error { file = f; return nil }), errOwn)
	})))
	_, err := engine.Import(ctx, xa.ImportRequest{Handler: "Folder",
		Path: folderOf(t, map[string]string{"a": "a"}), Parameters: map[string]string{"project": "P"}})
	fails(t, err, xa.ErrHandlerFailed, "handler.failed")
	_, err = kept.AddSession()
	fails(t, err, xa.ErrInvalidArgument, "capi.bad-handle")
	_, err = file.Head(1)
	fails(t, err, xa.ErrInvalidArgument, "capi.bad-handle")
	fails(t, document.Set("", "label", "X"), xa.ErrInvalidArgument, "capi.bad-handle")
	fails(t, kept.EachFile(func(*xa.File) error { return nil }), xa.ErrInvalidArgument, "capi.bad-handle")
	if kept.Name() != "" || file.Path() != "" || file.Size() != -1 || len(document.ScanIDs()) != 0 {
		t.Fatal("something is still there")
	}
}

type reader func([]byte) (int, error)

func (r reader) Read(to []byte) (int, error) { return r(to) }

type writer func([]byte) (int, error)

func (w writer) Write(from []byte) (int, error) { return w(from) }

func TestFailureOfAReaderOrWriterIsTheCause(t *testing.T) {
	engine := open(t, xa.Options{})
	for want, read := range map[error]reader{
		errOwn:              func([]byte) (int, error) { return 0, errOwn },
		io.ErrUnexpectedEOF: func(to []byte) (int, error) { return copy(to, "PK"), io.ErrUnexpectedEOF },
		io.ErrNoProgress:    func([]byte) (int, error) { return 0, nil },
	} {
		_, err := engine.Import(ctx, xa.ImportRequest{Input: read})
		if fails(t, err, xa.ErrHandlerFailed, "input.failed"); !errors.Is(err, want) {
			t.Fatalf("got %v, expected %v", err, want)
		}
	}
	uri := archived(t, engine, study{label: "L"})
	for want, write := range map[error]writer{
		errOwn:           func([]byte) (int, error) { return 0, errOwn },
		io.ErrShortWrite: func(data []byte) (int, error) { return len(data) - 1, nil },
	} {
		_, err := engine.Export(ctx, xa.ExportRequest{URI: uri, Output: write})
		if fails(t, err, xa.ErrHandlerFailed, "output.failed"); !errors.Is(err, want) {
			t.Fatalf("got %v, expected %v", err, want)
		}
	}
}

func TestErrorOfAStrategyIsTheCauseAlsoWithManyThreads(t *testing.T) {
	for name, options := range map[string]xa.Options{
		"validator.failed": {Validators: []xa.Validator{func(*xa.Candidate) error { return errOwn }}},
		"transform.failed": {Transform: &xa.Transform{Name: "fails 1",
			Rewrite: func(*xa.Candidate, *xa.SessionFiles, *xa.Document) error { return errOwn }}},
	} {
		options.Threads = 4
		engine := open(t, options)
		src := received(t, engine, study{series: 3, instances: 3, label: "L"})
		_, err := engine.Archive(ctx, xa.ArchiveRequest{Src: src})
		if fails(t, err, xa.ErrHandlerFailed, name); !errors.Is(err, errOwn) {
			t.Fatalf("%s: %v", name, err)
		}
		session := must[*xa.PrearchiveSession](t)(engine.PrearchiveSession(ctx, src))
		if session.Label != "L1" {
			t.Fatalf("%+v", session)
		}
	}
}

func TestReplacedFilesAreInTheHistoryAndCanBePutBack(t *testing.T) {
	engine := open(t, xa.Options{})
	ok(t, engine.Register("Folder", describing(keepAll)))
	var uri string
	for _, content := range []string{"old", "new words"} {
		report := must[*xa.ImportReport](t)(engine.Import(ctx, xa.ImportRequest{Handler: "Folder",
			Path: folderOf(t, map[string]string{"a.txt": content}), Parameters: map[string]string{"project": "P"}}))
		done := must[*xa.ArchiveReport](t)(engine.Archive(ctx, xa.ArchiveRequest{
			Src: report.URIs[0], Overwrite: xa.OverwriteDelete}))
		uri = done.URI
	}
	size := func() string {
		files := must[*xa.Listing](t)(engine.List(ctx, uri+"/scans/1/resources/TEXT"))
		return files.Value(0, "Size")
	}
	history := must[*xa.Listing](t)(engine.History(ctx, uri))
	if len(history.Rows) != 1 || history.Value(0, "files") != "1" || size() != "9" {
		t.Fatalf("%+v %s", history, size())
	}
	restored := must[*xa.ArchiveReport](t)(engine.RestoreHistory(ctx, history.Value(0, "ID")))
	history = must[*xa.Listing](t)(engine.History(ctx, ""))
	if restored.Counts.Replaced != 1 || size() != "3" || len(history.Rows) != 1 {
		t.Fatalf("%+v %s %+v", restored, size(), history)
	}
	ok(t, engine.PruneHistory(ctx, history.Value(0, "ID")))
	if history = must[*xa.Listing](t)(engine.History(ctx, "")); len(history.Rows) != 0 {
		t.Fatalf("%+v", history)
	}
}

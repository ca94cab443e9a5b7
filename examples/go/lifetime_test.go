package xnatarchive_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"sync"
	"testing"
	"time"

	xa "example.org/xnatarchive"
)

func TestContextThatIsDoneCancelsTheCallAndNothingIsChanged(t *testing.T) {
	engine := open(t, xa.Options{})
	path := zipOf(t, study{series: 4, instances: 10, label: "L"})
	own := errors.New("enough")
	cancelled, cancel := context.WithCancelCause(ctx)
	_, err := engine.Import(cancelled, xa.ImportRequest{Path: path},
		xa.OnProgress(func(p xa.Progress) { cancel(own); time.Sleep(150 * time.Millisecond) }))
	if !errors.Is(err, xa.ErrCancelled) || !errors.Is(err, context.Canceled) || !errors.Is(err, own) {
		t.Fatalf("%v", err)
	}
	_, err = engine.Projects(cancelled)
	fails(t, err, xa.ErrCancelled, "binding.context-done")
	if rows := must[*xa.Listing](t)(engine.Prearchive(ctx, "")); len(rows.Rows) != 0 {
		t.Fatalf("%+v", rows)
	}
	_ = must[*xa.ImportReport](t)(engine.Import(ctx, xa.ImportRequest{Path: path}))
}

func TestDeadlineEndsTheWaitForAJob(t *testing.T) {
	engine := open(t, xa.Options{})
	src := received(t, engine, study{label: "L"})
	id := must[string](t)(engine.Submit(ctx, []xa.ArchiveRequest{{Src: src}}))
	short, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	_, err := engine.WaitForJob(short, id)
	fails(t, err, xa.ErrCancelled, "job.wait-cancelled")
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Fatal(err)
	}
	ok(t, engine.CancelJob(ctx, id))
	if job := must[*xa.Job](t)(engine.WaitForJob(ctx, id)); job.State != "cancelled" {
		t.Fatalf("%+v", job)
	}
}

func TestTasksDoWhatTheirCallsDo(t *testing.T) {
	engine := open(t, xa.Options{})
	data := must[[]byte](t)(os.ReadFile(zipOf(t, study{instances: 3, label: "L"})))
	importing := must[*xa.Task[xa.ImportReport]](t)(engine.StartImport(ctx, xa.ImportRequest{Data: data}))
	src := must[*xa.ImportReport](t)(importing.Wait(ctx)).URIs[0]
	validating := must[*xa.Task[xa.ValidationReport]](t)(engine.StartValidate(ctx, xa.ArchiveRequest{Src: src}))
	if report := must[*xa.ValidationReport](t)(validating.Wait(ctx)); report.Blocked {
		t.Fatalf("%+v", report)
	}
	archiving := must[*xa.Task[xa.ArchiveReport]](t)(engine.StartArchive(ctx, xa.ArchiveRequest{Src: src}))
	<-archiving.Done()
	uri := must[*xa.ArchiveReport](t)(archiving.Wait(ctx)).URI
	if progress := archiving.Progress(); progress.Phase == "" {
		t.Fatalf("%+v", progress)
	}
	refreshing := must[*xa.Task[xa.RefreshReport]](t)(engine.StartRefresh(ctx, xa.RefreshRequest{URIs: []string{uri}}))
	verifying := must[*xa.Task[xa.VerifyReport]](t)(engine.StartVerify(ctx, xa.VerifyRequest{}))
	if report := must[*xa.RefreshReport](t)(refreshing.Wait(ctx)); len(report.Catalogs) != 1 {
		t.Fatalf("%+v", report)
	}
	if report := must[*xa.VerifyReport](t)(verifying.Wait(ctx)); report.FilesRead != 3 {
		t.Fatalf("%+v", report)
	}
	var streamed bytes.Buffer
	exporting := must[*xa.Task[xa.ExportReport]](t)(engine.StartExport(ctx, xa.ExportRequest{URI: uri, Output: &streamed}))
	if report := must[*xa.ExportReport](t)(exporting.Wait(ctx)); report.Files < 3 || streamed.Len() == 0 {
		t.Fatalf("%+v", report)
	}
}

// stuck is a reader that waits until it may fail.
func stuck(entered, leave chan struct{}) reader {
	return func([]byte) (int, error) {
		close(entered)
		<-leave
		return 0, errOwn
	}
}

func TestTaskIsCancelledByItselfItsContextOrNotByAWaitThatIsGivenUp(t *testing.T) {
	engine := open(t, xa.Options{})
	for _, by := range []string{"itself", "context"} {
		entered, leave := make(chan struct{}), make(chan struct{})
		begun, cancel := context.WithCancel(ctx)
		data := must[[]byte](t)(os.ReadFile(zipOf(t, study{series: 3, instances: 20, label: "L"})))
		task := must[*xa.Task[xa.ImportReport]](t)(engine.StartImport(begun, xa.ImportRequest{
			Input: &waiting{data: bytes.NewReader(data), entered: entered, leave: leave}}))
		<-entered
		short, stop := context.WithTimeout(ctx, 10*time.Millisecond)
		if _, err := task.Wait(short); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatal(err)
		}
		stop()
		if by == "itself" {
			task.Cancel()
		} else {
			cancel()
			time.Sleep(50 * time.Millisecond)
		}
		close(leave)
		_, err := task.Wait(ctx)
		if !errors.Is(err, xa.ErrCancelled) || errors.Is(err, context.Canceled) != (by == "context") {
			t.Fatalf("%s: %v", by, err)
		}
		task.Cancel()
		cancel()
	}
	if rows := must[*xa.Listing](t)(engine.Prearchive(ctx, "")); len(rows.Rows) != 0 {
		t.Fatalf("%+v", rows)
	}
}

// waiting gives its data once it may.
type waiting struct {
	data           *bytes.Reader
	entered, leave chan struct{}
	once           sync.Once
}

func (w *waiting) Read(to []byte) (int, error) {
	w.once.Do(func() {
		close(w.entered)
		<-w.leave
		time.Sleep(120 * time.Millisecond) // progress, where a call is cancelled, comes ten times a second
	})
	return w.data.Read(to)
}

func TestFailureOfATaskHasItsCause(t *testing.T) {
	engine := open(t, xa.Options{})
	entered, leave := make(chan struct{}), make(chan struct{})
	close(leave)
	task := must[*xa.Task[xa.ImportReport]](t)(engine.StartImport(ctx, xa.ImportRequest{Input: stuck(entered, leave)}))
	for i := 0; i < 2; i++ {
		if _, err := task.Wait(ctx); !errors.Is(err, errOwn) {
			t.Fatal(err)
		}
	}
	ok(t, engine.Register("Folder", describing(func(*xa.Import) error { return errOwn })))
	task = must[*xa.Task[xa.ImportReport]](t)(engine.StartImport(ctx, xa.ImportRequest{Handler: "Folder",
		Path: folderOf(t, map[string]string{"a": "a"}), Parameters: map[string]string{"project": "P"}}))
	if _, err := task.Wait(ctx); !errors.Is(err, errOwn) {
		t.Fatal(err)
	}
}

func TestUseAfterCloseIsAnError(t *testing.T) {
	engine := open(t, xa.Options{})
	uri := archived(t, engine, study{label: "L"})
	document := must[*xa.Document](t)(engine.Document(ctx, uri))
	ok(t, engine.Close())
	ok(t, engine.Close())
	_, err := engine.Projects(ctx)
	if fails(t, err, xa.ErrInvalidArgument, "capi.bad-handle"); !errors.Is(err, fs.ErrClosed) {
		t.Fatal(err)
	}
	_, err = engine.StartVerify(ctx, xa.VerifyRequest{})
	fails(t, err, xa.ErrInvalidArgument, "capi.bad-handle")
	if label, _ := document.Get("", "label"); label != "L1" {
		t.Fatal("a document outlives its engine: ", label)
	}
	ok(t, document.Close())
	ok(t, document.Close())
	if _, found := document.Get("", "label"); found || len(document.ScanIDs()) != 0 {
		t.Fatal("a closed document has values")
	}
	_, err = document.MarshalJSON()
	fails(t, err, xa.ErrInvalidArgument, "capi.bad-handle")
}

func TestCloseLetsATaskRunToItsEnd(t *testing.T) {
	engine := open(t, xa.Options{})
	data := must[[]byte](t)(os.ReadFile(zipOf(t, study{label: "L"})))
	entered, leave := make(chan struct{}), make(chan struct{})
	task := must[*xa.Task[xa.ImportReport]](t)(engine.StartImport(ctx, xa.ImportRequest{
		Input: &waiting{data: bytes.NewReader(data), entered: entered, leave: leave}}))
	<-entered
	ok(t, engine.Close())
	close(leave)
	if report := must[*xa.ImportReport](t)(task.Wait(ctx)); len(report.URIs) != 1 {
		t.Fatalf("%+v", report)
	}
}

func TestTextsTheLibraryCanNotTakeAreErrors(t *testing.T) {
	engine := open(t, xa.Options{})
	for _, bad := range []string{"a\x00b", "\xff\xfe", "a\nb"} {
		_, err := engine.Setting(ctx, bad, "")
		fails(t, err, xa.ErrInvalidArgument, "capi.bad-text")
		_, err = engine.Import(ctx, xa.ImportRequest{Path: "x", Handler: bad})
		fails(t, err, xa.ErrInvalidArgument, "capi.bad-text")
		_, err = engine.StartImport(ctx, xa.ImportRequest{Input: reader(nil), Dest: bad}, xa.User("u"))
		fails(t, err, xa.ErrInvalidArgument, "capi.bad-text")
		_, err = xa.Open(xa.Options{Root: bad, LogSink: func(xa.LogLevel, string) {}})
		fails(t, err, xa.ErrInvalidArgument, "capi.bad-text")
		fails(t, engine.AddProject(ctx, xa.Project{ID: "Q"}, xa.User(bad)), xa.ErrInvalidArgument, "capi.bad-text")
	}
	_, err := xa.Open(xa.Options{Root: t.TempDir() + "/none"})
	fails(t, err, xa.ErrNotFound, "engine.no-root")
	_, err = xa.Open(xa.Options{Root: "x", Threads: -2})
	fails(t, err, xa.ErrInvalidArgument, "binding.bad-option")
	_, err = engine.Import(ctx, xa.ImportRequest{})
	if !errors.Is(err, xa.ErrInvalidArgument) {
		t.Fatal(err)
	}
	if _, err = engine.Import(ctx, xa.ImportRequest{Data: []byte{}}); err == nil {
		t.Fatal("no bytes are no session")
	}
}

func TestManyGoroutinesShareAnEngineWhileGarbageIsCollected(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(1))
	engine := open(t, xa.Options{Threads: 2, JobWorkers: 2,
		AccessPolicy: func(string, xa.Permission, string) error { runtime.GC(); return nil },
		EventSink:    func(xa.Event) error { runtime.GC(); return nil }})
	ok(t, engine.Register("Folder", describing(func(in *xa.Import) error {
		runtime.GC()
		return keepAll(in)
	})))
	folder := folderOf(t, map[string]string{"a.txt": "a", "b.txt": "b"})
	const goroutines = 8
	outcomes := make(chan error, goroutines)
	for i := 0; i < goroutines; i++ {
		go func(project string) { outcomes <- shareEngine(engine, project, folder) }(fmt.Sprintf("G%d", i))
	}
	for i := 0; i < goroutines; i++ {
		if err := <-outcomes; err != nil {
			t.Error(err)
		}
	}
	verified := must[*xa.VerifyReport](t)(engine.Verify(ctx, xa.VerifyRequest{}))
	if verified.Sessions != goroutines || len(verified.Problems) != 0 {
		t.Fatalf("%+v", verified)
	}
}

// shareEngine takes one session of its own through the round; half of them as jobs.
func shareEngine(engine *xa.Engine, project, folder string) error {
	if err := engine.AddProject(ctx, xa.Project{ID: project}); err != nil {
		return err
	}
	task, err := engine.StartImport(ctx, xa.ImportRequest{Path: folder, Handler: "Folder",
		Parameters: map[string]string{"project": project}}, xa.OnProgress(func(xa.Progress) { runtime.GC() }))
	if err != nil {
		return err
	}
	report, err := task.Wait(ctx)
	if err != nil {
		return err
	}
	request := xa.ArchiveRequest{Src: report.URIs[0], Wait: time.Minute}
	if project[1]%2 == 0 {
		_, err = engine.Archive(ctx, request)
		return err
	}
	id, err := engine.Submit(ctx, []xa.ArchiveRequest{request})
	if err != nil {
		return err
	}
	job, err := engine.WaitForJob(ctx, id)
	if err == nil && job.State != "done" {
		err = fmt.Errorf("%+v", job)
	}
	return err
}

func TestForgottenEnginesAndDocumentsAreFreedWithTheirFunctions(t *testing.T) {
	engine := open(t, xa.Options{})
	uri := archived(t, engine, study{label: "L"})
	const engines = 20
	freed := make(chan struct{}, engines)
	root := forgetAll(t, engines, freed)
	for i := 0; i < 100; i++ {
		_ = must[*xa.Document](t)(engine.Document(ctx, uri))
	}
	deadline := time.After(20 * time.Second)
	for i := 0; i < engines; {
		runtime.GC()
		select {
		case <-freed:
			i++
		case <-deadline:
			t.Fatalf("%d of %d were freed", i, engines)
		case <-time.After(10 * time.Millisecond):
		}
	}
	_ = must[*xa.Engine](t)(xa.Open(xa.Options{Root: root})).Close()
}

// forgetAll opens engines that nobody closes. Each tells when its sink is gone.
func forgetAll(t *testing.T, engines int, freed chan struct{}) string {
	root := t.TempDir() + "/root"
	ok(t, xa.CreateRoot(xa.Options{Root: root}, xa.RootOptions{}))
	for i := 0; i < engines; i++ {
		held := new([16]byte)
		runtime.SetFinalizer(held, func(*[16]byte) { freed <- struct{}{} })
		_ = must[*xa.Engine](t)(xa.Open(xa.Options{Root: root,
			EventSink: func(xa.Event) error { held[0]++; return nil }}))
	}
	return root
}

func TestFunctionsAreReleasedAlsoWhenTheCallIsRefusedOrFails(t *testing.T) {
	engine := open(t, xa.Options{})
	freed := make(chan struct{}, 3)
	func() {
		for _, user := range []string{"good", "bad\x00", "\xff"} {
			held := new([16]byte)
			runtime.SetFinalizer(held, func(*[16]byte) { freed <- struct{}{} })
			_, _ = engine.Import(ctx, xa.ImportRequest{Path: "not there"}, xa.User(user),
				xa.OnProgress(func(xa.Progress) { held[0]++ }))
		}
	}()
	for i := 0; i < 3; i++ {
		runtime.GC()
		select {
		case <-freed:
		case <-time.After(10 * time.Second):
			t.Fatalf("%d of 3 were released", i)
		}
	}
}

func TestFunctionThatEndsItsGoroutineEndsTheProgram(t *testing.T) {
	const marker = "XNATARCHIVE_TEST_GOEXIT"
	if os.Getenv(marker) != "" {
		engine := open(t, xa.Options{})
		ok(t, engine.Register("Folder", describing(func(*xa.Import) error { runtime.Goexit(); return nil })))
		_, _ = engine.Import(ctx, xa.ImportRequest{Handler: "Folder",
			Path: folderOf(t, map[string]string{"a": "a"}), Parameters: map[string]string{"project": "P"}})
		return
	}
	again := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
	again.Env = append(os.Environ(), marker+"=1")
	output, err := again.CombinedOutput()
	if err == nil || !bytes.Contains(output, []byte("has called runtime.Goexit")) {
		t.Fatalf("%v: %s", err, output)
	}
}

package xnatarchive_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	xa "example.org/xnatarchive"
)

func TestVersionsAgree(t *testing.T) {
	if xa.ABIVersion()/1000 != 1 || strings.Count(xa.Version(), ".") != 2 || xa.VersionNumber() == 0 {
		t.Fatal(xa.ABIVersion(), xa.Version(), xa.VersionNumber())
	}
}

func TestImportOfPathBytesAndReaderReceiveTheSame(t *testing.T) {
	path := zipOf(t, study{series: 2, instances: 3, label: "L"})
	data := must[[]byte](t)(os.ReadFile(path))
	for name, request := range map[string]xa.ImportRequest{
		"path": {Path: path}, "bytes": {Data: data}, "reader": {Input: bytes.NewReader(data)},
	} {
		t.Run(name, func(t *testing.T) {
			engine := open(t, xa.Options{})
			report := must[*xa.ImportReport](t)(engine.Import(ctx, request))
			if len(report.URIs) != 1 || report.FilesReceived != 6 || report.Events != nil {
				t.Fatalf("%+v", report)
			}
			rows := must[*xa.Listing](t)(engine.Prearchive(ctx, "P"))
			if len(rows.Rows) != 1 || rows.Value(0, "url") != report.URIs[0] ||
				rows.Value(0, "name") != "L1" {
				t.Fatalf("%+v", rows)
			}
		})
	}
}

func TestPrearchiveSessionIsBuiltReadAndDeleted(t *testing.T) {
	engine := open(t, xa.Options{})
	src := received(t, engine, study{label: "L"})
	ok(t, engine.Build(ctx, src))
	session := must[*xa.PrearchiveSession](t)(engine.PrearchiveSession(ctx, src))
	if session.URI != src || session.State != "READY" || session.Label != "L1" {
		t.Fatalf("%+v", session)
	}
	ok(t, engine.DeletePrearchiveSession(ctx, src))
	_, err := engine.PrearchiveSession(ctx, src)
	fails(t, err, xa.ErrNotFound, "prearchive.not-found")
}

func TestArchivedSessionIsListedReadAndAudited(t *testing.T) {
	engine := open(t, xa.Options{})
	src := received(t, engine, study{series: 2, instances: 2, label: "L"})
	plan := must[*xa.ValidationReport](t)(engine.Validate(ctx, xa.ArchiveRequest{Src: src}))
	if plan.Blocked || plan.Files != 4 || len(plan.Plan.Scans) != 2 {
		t.Fatalf("%+v", plan)
	}
	report := must[*xa.ArchiveReport](t)(engine.Archive(ctx, xa.ArchiveRequest{
		Src: src, Fields: map[string]string{"xnat:mrSessionData/note": "seen"}, Quarantine: true},
		xa.User("alice"), xa.Origin("go")))
	if report.URI != plan.URI || report.Files != 4 || report.Scans != 2 || report.Merged ||
		report.Status != "quarantine" || report.Pipeline != nil {
		t.Fatalf("%+v", report)
	}
	if got := names(must[*xa.Listing](t)(engine.List(ctx, "/projects/P/experiments"))); got != "L1" {
		t.Fatal(got)
	}
	document := must[*xa.Document](t)(engine.Document(ctx, report.URI))
	defer document.Close()
	note, found := document.Get("", "note")
	if len(document.ScanIDs()) != 2 || note != "seen" || !found {
		t.Fatal(document.ScanIDs(), note, found)
	}
	if _, found := document.Get("no such scan", "type"); found {
		t.Fatal("a scan that is not there was found")
	}
	fails(t, document.Set("", "note", "other"), xa.ErrUnsupported, "document.read-only")
	var content struct{ Label string }
	ok(t, json.Unmarshal(must[[]byte](t)(json.Marshal(document)), &content))
	xml := must[[]byte](t)(engine.DocumentXML(ctx, report.URI))
	if content.Label != "L1" || !bytes.Contains(xml, []byte("<xnat:note>seen</xnat:note>")) {
		t.Fatalf("%+v %s", content, xml)
	}
	if !must[bool](t)(engine.Activate(ctx, report.URI)) || must[bool](t)(engine.Activate(ctx, report.URI)) {
		t.Fatal("a session is activated once")
	}
	audit := must[*xa.Listing](t)(engine.Audit(ctx, report.URI))
	if len(audit.Rows) == 0 || audit.Value(len(audit.Rows)-2, "user") != "alice" {
		t.Fatalf("%+v", audit)
	}
}

func TestSecondSessionOfALabelIsAConflictAndMergingKeepsWhatItReplaced(t *testing.T) {
	engine := open(t, xa.Options{})
	path := zipOf(t, study{instances: 2, label: "L"})
	var src string
	for i := 0; i < 2; i++ {
		report := must[*xa.ImportReport](t)(engine.Import(ctx, xa.ImportRequest{Path: path}))
		src = report.URIs[0]
		if i == 0 {
			_ = must[*xa.ArchiveReport](t)(engine.Archive(ctx, xa.ArchiveRequest{Src: src}))
		}
	}
	_, err := engine.Archive(ctx, xa.ArchiveRequest{Src: src})
	failure := fails(t, err, xa.ErrConflict, "archive.session-exists")
	log := must[[]string](t)(engine.PrearchiveLog(ctx, src))
	if len(log) == 0 || failure.DiskState != xa.DiskUnchanged || !strings.Contains(err.Error(), "archive.session-exists") {
		t.Fatalf("%+v", failure)
	}
	if err := engine.CheckPrearchiveSession(ctx, src, xa.PermissionDelete); err != nil {
		t.Fatal(err)
	}
	merged := must[*xa.ArchiveReport](t)(engine.Archive(ctx, xa.ArchiveRequest{
		Src: src, Overwrite: xa.OverwriteAppend}))
	if !merged.Merged || merged.Counts.Identical != 2 {
		t.Fatalf("%+v", merged)
	}
	history := must[*xa.Listing](t)(engine.History(ctx, ""))
	if len(history.Columns) == 0 || len(history.Rows) != 0 {
		t.Fatalf("%+v", history)
	}
	_, err = engine.RestoreHistory(ctx, "none")
	fails(t, err, xa.ErrNotFound, "history.not-found")
	fails(t, engine.PruneHistory(ctx, "none"), xa.ErrNotFound, "history.not-found")
}

func TestASessionThatComesOverTimeIsMovedAndBuiltWhenNothingMoreComes(t *testing.T) {
	engine := open(t, xa.Options{})
	ok(t, engine.AddProject(ctx, xa.Project{ID: "Q"}))
	subject := must[string](t)(engine.AddSubject(ctx, "Q", "S9"))
	if again := must[string](t)(engine.AddSubject(ctx, "Q", "S9")); again != subject {
		t.Errorf("the same subject is %s and %s", subject, again)
	}
	src := received(t, engine, study{instances: 1})
	moved := must[string](t)(engine.MovePrearchiveSession(ctx, src, "Q"))
	if !strings.HasPrefix(moved, "/data/prearchive/projects/Q/") {
		t.Fatal(moved)
	}
	early := must[*xa.IdleReport](t)(engine.CommitIdle(ctx))
	ok(t, engine.SetSetting(ctx, "session_idle_minutes", "0", ""))
	late := must[*xa.IdleReport](t)(engine.CommitIdle(ctx))
	if len(early.Built) != 0 || early.NextMS <= 0 || len(late.Built) != 1 || late.Built[0] != moved {
		t.Fatalf("%+v %+v", early, late)
	}
	must[*xa.PrearchiveSession](t)(engine.SetPrearchiveState(ctx, moved, "ERROR"))
	row := must[*xa.PrearchiveSession](t)(engine.SetPrearchiveState(ctx, moved, ""))
	if row.State != "READY" || row.Project != "Q" {
		t.Fatalf("%+v", row)
	}
	fields := map[string]string{"xnat:mrSessionData/note": "seen"}
	ok(t, engine.BuildWithFields(ctx, moved, fields, xa.User("ann")))
	ok(t, engine.Build(ctx, moved))
	document := must[*xa.Document](t)(engine.Document(ctx, moved))
	if note, _ := document.Get("", "note"); note != "seen" {
		t.Errorf("the note is %q", note)
	}
	ok(t, document.Close())
	err := engine.BuildWithFields(ctx, moved, map[string]string{"no path": "seen"})
	fails(t, err, xa.ErrInvalidArgument, "build.bad-field")
}

func TestCatalogsAreVerifiedAndRefreshed(t *testing.T) {
	engine := open(t, xa.Options{Threads: xa.AllCores})
	uri := archived(t, engine, study{instances: 3, label: "L"})
	verified := must[*xa.VerifyReport](t)(engine.Verify(ctx, xa.VerifyRequest{URIs: []string{uri}}))
	if verified.Files != 3 || verified.FilesRead != 3 || len(verified.Problems) != 0 {
		t.Fatalf("%+v", verified)
	}
	refreshed := must[*xa.RefreshReport](t)(engine.Refresh(ctx, xa.RefreshRequest{
		URIs: []string{uri, "/projects/P/subjects/none"}, Checksum: true}))
	if len(refreshed.Catalogs) != 2 || refreshed.Catalogs[1].Outcome != "unchanged" ||
		refreshed.Catalogs[0].Outcome != "failed" || refreshed.Catalogs[0].Status.Code != "not_found" {
		t.Fatalf("%+v", refreshed)
	}
	reindexed := must[*xa.ReindexReport](t)(engine.Reindex(ctx))
	recovered := must[*xa.RecoveryReport](t)(engine.Recover(ctx))
	if reindexed.Experiments != 1 || len(reindexed.Differences) != 0 || len(recovered.Failed) != 0 {
		t.Fatalf("%+v %+v", reindexed, recovered)
	}
}

func TestExportToFolderZipAndWriterHoldTheFiles(t *testing.T) {
	engine := open(t, xa.Options{})
	uri := archived(t, engine, study{instances: 3, label: "L"})
	folder := filepath.Join(t.TempDir(), "out")
	report := must[*xa.ExportReport](t)(engine.Export(ctx, xa.ExportRequest{URI: uri, Path: folder, Bag: true}))
	if _, err := os.Stat(filepath.Join(folder, "bagit.txt")); err != nil || report.Files < 3 {
		t.Fatal(err, report)
	}
	_, err := engine.Export(ctx, xa.ExportRequest{URI: uri, Path: folder})
	fails(t, err, xa.ErrAlreadyExists, "export.target-exists")
	var streamed bytes.Buffer
	report = must[*xa.ExportReport](t)(engine.Export(ctx, xa.ExportRequest{URI: uri, Output: &streamed}))
	files := must[*zip.Reader](t)(zip.NewReader(bytes.NewReader(streamed.Bytes()), int64(streamed.Len())))
	if len(files.File) < int(report.Files) {
		t.Fatal(len(files.File), report)
	}
}

func TestProjectsAndSettingsAreKept(t *testing.T) {
	engine := open(t, xa.Options{})
	fails(t, engine.AddProject(ctx, xa.Project{ID: "p"}), xa.ErrAlreadyExists, "store.project-exists")
	ok(t, engine.AddProject(ctx, xa.Project{ID: "Q", PrearchiveCode: 4, QuarantineCode: 1}))
	projects := must[*xa.Listing](t)(engine.Projects(ctx))
	if names(projects) != "P Q" || projects.Value(1, "prearchive_code") != "4" {
		t.Fatalf("%+v", projects)
	}
	settings := must[*xa.Listing](t)(engine.Settings(ctx, "Q"))
	if len(settings.Rows) == 0 || settings.Columns[0] != "name" {
		t.Fatalf("%+v", settings)
	}
	ok(t, engine.SetSetting(ctx, "autorun", "true", "Q"))
	if value := must[string](t)(engine.Setting(ctx, "autorun", "Q")); value != "true" {
		t.Fatal(value)
	}
	_, err := engine.Setting(ctx, "no such", "")
	fails(t, err, xa.ErrInvalidArgument, "setting.unknown")
}

func TestJobsAreWorkedOffByWorkersOrTheCaller(t *testing.T) {
	engine := open(t, xa.Options{})
	src := received(t, engine, study{label: "L"})
	id := must[string](t)(engine.Submit(ctx, []xa.ArchiveRequest{{Src: src}}, xa.User("bob")))
	if job := must[*xa.Job](t)(engine.Job(ctx, id)); job.State != "queued" || job.User != "bob" {
		t.Fatalf("%+v", job)
	}
	if !must[bool](t)(engine.RunJob(ctx)) || must[bool](t)(engine.RunJob(ctx)) {
		t.Fatal("one job is found once")
	}
	job := must[*xa.Job](t)(engine.WaitForJob(ctx, id))
	if job.State != "done" || len(job.Items) != 1 || job.Items[0].Src != src || job.Items[0].Counts.Added != 1 {
		t.Fatalf("%+v", job)
	}
	ok(t, engine.CancelJob(ctx, id))
	if jobs := must[*xa.Listing](t)(engine.Jobs(ctx)); names(jobs) != id {
		t.Fatalf("%+v", jobs)
	}
	_, err := engine.Submit(ctx, nil)
	fails(t, err, xa.ErrInvalidArgument, "job.empty")
	_, err = engine.Job(ctx, "none")
	fails(t, err, xa.ErrNotFound, "job.not-found")
}

func TestProgramTakesBothInputsThroughTheRound(t *testing.T) {
	notes := folderOf(t, map[string]string{"reading.txt": "nothing seen", "image.bin": "?",
		"session.json": `{"subject": "S01", "session": "S01_NOTES", "description": "reading"}`})
	output := runProgram(t, filepath.Join(t.TempDir(), "root"), "DEMO",
		zipOf(t, study{series: 2, instances: 2, label: "L"}), notes)
	want := `received 4 files, skipped 0
archived /data/archive/projects/DEMO/subjects/L1_S/experiments/L1: 2 scans, 4 files
received 4 files, skipped 0
a second time: conflict (archive.session-exists)
received 2 files, skipped 1
archived /data/archive/projects/DEMO/subjects/S01/experiments/S01_NOTES: 1 scans, 2 files
`
	if output != want {
		t.Fatalf("got:\n%s\nexpected:\n%s", output, want)
	}
}

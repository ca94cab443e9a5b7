//! Every call, on real DICOM files.
use std::io::Cursor;
use std::time::Duration;

use xnatarchive::*;

use crate::support::*;

#[test]
fn versions_agree() {
    assert_eq!(abi_version() / 1000, 1);
    assert_eq!(version().split('.').count(), 3);
    assert!(version_number() > 0);
}

#[test]
fn import_of_path_bytes_and_reader_receive_the_same() {
    let bytes = study(2, 3);
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("study.zip");
    std::fs::write(&path, &bytes).unwrap();
    for request in [
        ImportRequest::path(&path),
        ImportRequest::bytes(bytes.as_slice()),
        ImportRequest::reader(Cursor::new(&bytes)),
    ] {
        let engine = open();
        let report = engine.import(request, Call::new()).unwrap();
        assert_eq!((report.uris.len(), report.files_received), (1, 6));
        let rows = engine.prearchive("P", Call::new()).unwrap();
        assert_eq!(rows.value(0, "url"), Some(report.uris[0].as_str()));
        assert_eq!(rows.value(0, "name"), Some("L1"));
        assert_eq!((rows.value(0, "none"), rows.value(1, "name")), (None, None));
    }
}

#[test]
fn prearchive_session_is_built_read_and_deleted() {
    let engine = open();
    let src = received(&engine, 1, 1);
    engine.build(&src, Call::new()).unwrap();
    let session = engine.prearchive_session(&src, Call::new()).unwrap();
    assert_eq!(
        (session.uri, session.state.as_str(), session.label.as_str()),
        (src.clone(), "READY", "L1")
    );
    engine.delete_prearchive_session(&src, Call::new()).unwrap();
    assert_fails(
        engine.prearchive_session(&src, Call::new()),
        Status::NotFound,
        "prearchive.not-found",
    );
}

#[test]
fn a_session_that_comes_over_time_is_moved_and_built_when_nothing_more_comes() {
    let engine = open();
    engine.add_project(&Project::new("Q"), Call::new()).unwrap();
    let subject = engine.add_subject("Q", "S9", Call::new()).unwrap();
    assert_eq!(engine.add_subject("Q", "S9", Call::new()).unwrap(), subject);
    let src = received(&engine, 1, 1);
    let moved = engine.move_prearchive_session(&src, "Q", Call::new()).unwrap();
    assert!(moved.starts_with("/data/prearchive/projects/Q/"), "{moved}");
    let early = engine.commit_idle(Call::new()).unwrap();
    assert!(early.built.is_empty() && early.next_ms > 0, "{early:?}");
    engine.set_setting("session_idle_minutes", "0", "", Call::new()).unwrap();
    assert_eq!(engine.commit_idle(Call::new()).unwrap().built, [moved.as_str()]);
    engine.set_prearchive_state(&moved, "ERROR", Call::new()).unwrap();
    let row = engine.set_prearchive_state(&moved, "", Call::new()).unwrap();
    assert_eq!((row.state.as_str(), row.project.as_str()), ("READY", "Q"));
    let fields = [("xnat:mrSessionData/note".into(), "seen".into())];
    engine.build_with_fields(&moved, &fields, Call::new().user("ann")).unwrap();
    engine.build(&moved, Call::new()).unwrap();
    let document = engine.document(&moved, Call::new()).unwrap();
    assert_eq!(document.get("note").as_deref(), Some("seen"));
    assert_fails(
        engine.build_with_fields(&moved, &[("no path".into(), "seen".into())], Call::new()),
        Status::InvalidArgument,
        "build.bad-field",
    );
}

#[test]
fn archived_session_is_listed_read_and_audited() {
    let engine = open();
    let mut request = ArchiveRequest::new(received(&engine, 2, 2));
    let plan = engine.validate(&request, Call::new()).unwrap();
    assert_eq!((plan.blocked, plan.files, plan.plan.scans.len()), (false, 4, 2));
    request.fields = vec![("xnat:mrSessionData/note".into(), "seen".into())];
    request.quarantine = true;
    let report = engine.archive(&request, Call::new().user("alice").origin("rust")).unwrap();
    assert_eq!((&report.uri, report.files, report.merged), (&plan.uri, 4, false));
    assert_eq!(report.status, "quarantine");
    assert_eq!(names(&engine.list("/projects/P/experiments", Call::new()).unwrap()), ["L1"]);

    let mut document = engine.document(&report.uri, Call::new()).unwrap();
    assert_eq!(document.scan_ids().len(), 2);
    assert_eq!(document.get("note").as_deref(), Some("seen"));
    assert_eq!(document.get_of_scan("none", "type"), None);
    assert_fails(document.set("note", "x"), Status::Unsupported, "document.read-only");
    let json: serde_json::Value = document.read().unwrap();
    assert_eq!(json["label"], "L1");
    let xml = engine.document_xml(&report.uri, Call::new()).unwrap();
    assert!(String::from_utf8(xml).unwrap().contains("<xnat:note>seen</xnat:note>"));

    assert!(engine.activate(&report.uri, Call::new()).unwrap());
    assert!(!engine.activate(&report.uri, Call::new()).unwrap());
    let audit = engine.audit(&report.uri, Call::new()).unwrap();
    assert!((0..audit.rows.len()).any(|row| audit.value(row, "user") == Some("alice")));
}

#[test]
fn second_session_of_a_label_is_a_conflict_and_can_be_merged() {
    let engine = open();
    let bytes = study(1, 2);
    let receive =
        || engine.import(ImportRequest::bytes(&bytes), Call::new()).unwrap().uris.remove(0);
    engine.archive(&ArchiveRequest::new(receive()), Call::new()).unwrap();
    let mut request = ArchiveRequest::new(receive());
    let error = engine.archive(&request, Call::new()).unwrap_err();
    assert_eq!((error.status(), error.reason()), (Status::Conflict, "archive.session-exists"));
    assert_eq!(
        (error.disk_state(), error.status().to_string().as_str()),
        (DiskState::Unchanged, "conflict")
    );
    assert!(error.to_string().starts_with("conflict: archive.session-exists: "));
    assert!(!engine.prearchive_log(&request.src, Call::new()).unwrap().is_empty());
    engine.check_prearchive_session(&request.src, Permission::Delete, Call::new()).unwrap();
    request.overwrite = Overwrite::Append;
    let merged = engine.archive(&request, Call::new()).unwrap();
    assert_eq!((merged.merged, merged.counts.identical), (true, 2));
    let history = engine.history("", Call::new()).unwrap();
    assert_eq!((history.columns[0].as_str(), history.rows.len()), ("ID", 0));
    assert_fails(engine.restore_history("x", Call::new()), Status::NotFound, "history.not-found");
    assert_fails(engine.prune_history("x", Call::new()), Status::NotFound, "history.not-found");
}

#[test]
fn catalogs_are_verified_and_refreshed() {
    let engine = open_with(Options { threads: Threads::OnePerCore, ..Options::default() });
    let uri = archived(&engine, 1, 3);
    let request = VerifyRequest { uris: vec![uri.clone()], ..VerifyRequest::default() };
    let verified = engine.verify(&request, Call::new()).unwrap();
    assert_eq!((verified.files_read, verified.problems.len()), (3, 0));
    let uris = vec![uri, "/projects/P/subjects/none".into()];
    let request = RefreshRequest { uris, checksum: true, ..RefreshRequest::default() };
    let refreshed = engine.refresh(&request, Call::new()).unwrap();
    let outcomes: Vec<_> = refreshed.catalogs.iter().map(|c| c.outcome.as_str()).collect();
    assert_eq!(outcomes, ["failed", "unchanged"]);
    assert_eq!(refreshed.catalogs[0].status.as_ref().unwrap().code, "not_found");
    let reindexed = engine.reindex(Call::new()).unwrap();
    assert_eq!((reindexed.experiments, reindexed.differences.len()), (1, 0));
    assert!(engine.recover(Call::new()).unwrap().failed.is_empty());
}

#[test]
fn export_to_folder_and_writer_hold_the_files() {
    let engine = open();
    let uri = archived(&engine, 1, 3);
    let path = engine.folder.path().join("bag");
    let report = engine.export(ExportRequest::to_path(&uri, &path).bag(), Call::new()).unwrap();
    assert!(path.join("bagit.txt").is_file() && report.files >= 3);
    assert_fails(
        engine.export(ExportRequest::to_path(&uri, &path), Call::new()),
        Status::AlreadyExists,
        "export.target-exists",
    );
    let mut streamed = Vec::new();
    let report = engine.export(ExportRequest::to_writer(&uri, &mut streamed), Call::new()).unwrap();
    let zip = zip::ZipArchive::new(Cursor::new(streamed)).unwrap();
    assert!(zip.len() as u64 >= report.files);
}

#[test]
fn projects_and_settings_are_kept() {
    let engine = open();
    assert_fails(
        engine.add_project(&Project::new("p"), Call::new()),
        Status::AlreadyExists,
        "store.project-exists",
    );
    let project = Project { prearchive_code: 4, ..Project::new("Q") };
    engine.add_project(&project, Call::new()).unwrap();
    let projects = engine.projects(Call::new()).unwrap();
    assert_eq!(names(&projects), ["P", "Q"]);
    assert_eq!(projects.value(1, "prearchive_code"), Some("4"));
    assert!(!engine.settings("Q", Call::new()).unwrap().rows.is_empty());
    engine.set_setting("autorun", "true", "Q", Call::new()).unwrap();
    assert_eq!(engine.setting("autorun", "Q", Call::new()).unwrap(), "true");
    assert_fails(
        engine.setting("no such", "", Call::new()),
        Status::InvalidArgument,
        "setting.unknown",
    );
}

#[test]
fn jobs_are_worked_off_by_the_caller() {
    let engine = open();
    let request = ArchiveRequest::new(received(&engine, 1, 1));
    let id = engine.submit(std::slice::from_ref(&request), Call::new().user("bob")).unwrap();
    let job = engine.job(&id, Call::new()).unwrap();
    assert_eq!((job.state.as_str(), job.user.as_str()), ("queued", "bob"));
    let wait = engine.wait_for_job(&id, Some(Duration::from_millis(20)), Call::new());
    assert_fails(wait, Status::Locked, "job.timeout");
    assert!(engine.run_job(Call::new()).unwrap());
    assert!(!engine.run_job(Call::new()).unwrap());
    let job = engine.wait_for_job(&id, None, Call::new()).unwrap();
    assert_eq!((job.state.as_str(), job.items.len()), ("done", 1));
    assert_eq!(job.items[0].counts.as_ref().unwrap().added, 1);
    engine.cancel_job(&id, Call::new()).unwrap();
    assert_eq!(names(&engine.jobs(Call::new()).unwrap()), [id.as_str()]);
    assert_fails(engine.submit(&[], Call::new()), Status::InvalidArgument, "job.empty");
    assert_fails(engine.job("none", Call::new()), Status::NotFound, "job.not-found");
}

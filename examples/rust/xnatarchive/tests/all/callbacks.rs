//! Functions of the host: what they see, and what becomes of their failures.
use std::error::Error as _;
use std::fmt;
use std::io::{self, Read, Write};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, Weak};

use xnatarchive::*;

use crate::support::*;

type Outcome = std::result::Result<(), HostError>;

/// A handler that is a closure.
pub struct Describing<F>(pub F);

impl<F: Fn(&mut Import<'_>) -> Outcome + Send + Sync> ImportHandler for Describing<F> {
    fn accepts(&self, _input: &str, kind: SourceKind) -> bool {
        kind == SourceKind::Folder
    }
    fn describe(&self, import: &mut Import<'_>) -> Outcome {
        (self.0)(import)
    }
}

#[derive(Debug, PartialEq)]
struct OwnError;

impl fmt::Display for OwnError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the host's own")
    }
}

impl std::error::Error for OwnError {}

/// One session of all files.
pub fn keep_all(import: &mut Import<'_>) -> Outcome {
    let mut session = import.add_session()?;
    let entry = Entry { format: "TEXT".into(), instance_number: Some(7), ..Entry::default() };
    import.each_file(|file| Ok(file.keep(&session, Some("1"), "TEXT", &entry)?))?;
    let scan_date = "2020-02-03".to_owned();
    session.describe(&SessionInfo {
        scan_date,
        auto_archive: Some(false),
        ..Default::default()
    })?;
    let mut document = session.document();
    document.set("xsi_type", "xnat:mrSessionData")?;
    document.set("label", "S1")?;
    document.set("subject_ID", "A")?;
    Ok(document.add_scan("1", "xnat:mrScanData")?)
}

fn import_folder(engine: &Engine, path: &Path, call: Call<'_>) -> Result<ImportReport> {
    let request = ImportRequest::path(path).handler("Folder").parameter("project", "P");
    engine.import(request.parameter("own", "value"), call)
}

#[test]
fn handler_sees_the_input_and_what_it_keeps_is_archived() {
    let mut engine = open();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let see = seen.clone();
    let describing = Describing(move |import: &mut Import<'_>| {
        let mut see = see.lock().unwrap();
        see.push(import.name());
        see.push(format!("{:?} {}", import.kind(), import.cancelled()));
        see.extend(
            [import.find_project("P"), import.find_project("none")].map(|id| format!("{id:?}")),
        );
        see.extend(
            [import.parameter("own"), import.parameter("x")].map(|value| format!("{value:?}")),
        );
        import.each_file(|file| {
            let (path, size) = (file.path(), file.size());
            see.push(format!("{path} {size:?} {:?}", file.head(3)?));
            Ok(())
        })?;
        keep_all(import)
    });
    engine.register("Folder", describing).unwrap();
    let (_folder, path) = folder_of(&[("a.txt", "words"), ("b.txt", "")]);
    let report = import_folder(&engine, &path, Call::new()).unwrap();
    let expected = [
        "input",
        "Folder false",
        "Some(\"P\")",
        "None",
        "Some(\"value\")",
        "None",
        "a.txt Some(5) [119, 111, 114]",
        "b.txt Some(0) []",
    ];
    assert_eq!(*seen.lock().unwrap(), expected);
    let session = engine.prearchive_session(&report.uris[0], Call::new()).unwrap();
    assert!(session.scan_date.starts_with("2020-02-03"), "{session:?}");
    let request = ArchiveRequest::new(&report.uris[0]);
    let uri = engine.archive(&request, Call::new()).unwrap().uri + "/scans/1/resources/TEXT";
    assert_eq!(names(&engine.list(&uri, Call::new()).unwrap()), ["a.txt", "b.txt"]);
}

/// The failure of an import whose handler is this.
fn failure_of(describe: impl Fn(&mut Import<'_>) -> Outcome + Send + Sync + 'static) -> Error {
    let mut engine = open();
    engine.register("Folder", Describing(describe)).unwrap();
    let (_folder, path) = folder_of(&[("a", "a")]);
    let error = import_folder(&engine, &path, Call::new()).unwrap_err();
    assert!(engine.prearchive("", Call::new()).unwrap().rows.is_empty());
    error
}

#[test]
fn error_of_a_handler_is_the_cause_of_the_calls() {
    for error in [
        failure_of(|_| Err(Box::new(OwnError))),
        failure_of(|import| import.each_file(|_| Err(Box::new(OwnError)))),
    ] {
        assert_eq!((error.status(), error.reason()), (Status::HandlerFailed, "handler.failed"));
        assert!(!error.message().contains("own") && error.source().is_some());
        assert_eq!(error.cause().unwrap().downcast_ref(), Some(&OwnError));
    }
}

#[test]
fn handler_chooses_status_and_reason_with_an_error_of_this_package() {
    let error =
        failure_of(|_| Err(Error::new(Status::Corruption, "own.reason", "own words").into()));
    assert_eq!((error.status(), error.reason()), (Status::Corruption, "own.reason"));
    assert_eq!((error.message(), error.cause().is_none()), ("own words", true));
    let error =
        failure_of(|import| Ok(import.add_session()?.document().set_of_scan("x", "type", "T1")?));
    assert_eq!((error.status(), error.reason()), (Status::NotFound, "document.no-scan"));
}

#[test]
fn error_the_handler_swallowed_is_not_the_cause_of_a_later_failure() {
    let error = failure_of(|import| {
        assert!(import.each_file(|_| Err(Box::new(OwnError))).is_err());
        Err(Error::new(Status::HandlerFailed, "own.reason", "another").into())
    });
    assert_eq!((error.reason(), error.cause().is_none()), ("own.reason", true));
}

#[track_caller]
fn assert_panicked<T: fmt::Debug>(result: Result<T>, status: Status) {
    let error = result.unwrap_err();
    let panicked: &Panicked = error.cause().expect("a cause").downcast_ref().expect("a panic");
    assert_eq!((error.status(), panicked.message.as_str()), (status, "boom"));
}

#[test]
fn panic_in_a_function_of_the_host_is_an_error_of_the_call() {
    let error = failure_of(|_| panic!("boom"));
    assert_eq!(error.reason(), "handler.panicked");
    assert_panicked::<()>(Err(error), Status::HandlerFailed);
    let error = failure_of(|import| import.each_file(|_| panic!("{}", "boom")));
    assert_panicked::<()>(Err(error), Status::HandlerFailed);

    let policy: AccessPolicy =
        Box::new(|user, _, _| if user == "eve" { panic!("boom") } else { Ok(true) });
    let engine = open_with(Options { access_policy: Some(policy), ..Options::default() });
    let bytes = study(1, 1);
    let import = |call| engine.import(ImportRequest::bytes(&bytes), call);
    assert_panicked(import(Call::new().progress(|_| panic!("boom"))), Status::Cancelled);
    assert_panicked(import(Call::new().user("eve")), Status::HandlerFailed);
    struct Panics;
    impl Read for Panics {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            panic!("boom")
        }
    }
    let read = engine.import(ImportRequest::reader(Panics), Call::new());
    assert_panicked(read, Status::HandlerFailed);
    import(Call::new()).unwrap();
}

#[test]
fn progress_is_heard_and_break_cancels_the_call() {
    let engine = open();
    let bytes = study(3, 5);
    let mut heard = Vec::new();
    let stop = Call::new().progress(|progress| {
        heard.push(progress.clone());
        ControlFlow::Break(())
    });
    let error = engine.import(ImportRequest::bytes(&bytes), stop).unwrap_err();
    assert_eq!((error.status(), error.cause().is_none()), (Status::Cancelled, true));
    assert!(!heard.is_empty() && !heard[0].phase.is_empty());
    assert!(engine.prearchive("", Call::new()).unwrap().rows.is_empty());
    engine.import(ImportRequest::bytes(&bytes), Call::new()).unwrap();
}

#[test]
fn policy_is_asked_and_its_refusal_is_a_permission_error() {
    let policy: AccessPolicy = Box::new(|user, permission, project| match (user, project) {
        ("eve", "P") => Ok(permission == Permission::Read),
        ("mallory", _) => Err(Box::new(OwnError)),
        _ => Ok(true),
    });
    let engine = open_with(Options { access_policy: Some(policy), ..Options::default() });
    let set = |user| engine.set_setting("autorun", "x", "P", Call::new().user(user));
    assert_fails(set("eve"), Status::Permission, "access.denied");
    let error = set("mallory").unwrap_err();
    assert_eq!((error.status(), error.reason()), (Status::HandlerFailed, "access.failed"));
    assert_eq!(error.cause().unwrap().downcast_ref(), Some(&OwnError));
    set("alice").unwrap();
}

#[test]
fn sinks_hear_and_may_use_the_engine_or_fail_without_harm() {
    let engine: Arc<OnceLock<Weak<Opened>>> = Arc::default();
    let kinds = Arc::new(Mutex::new(Vec::new()));
    let lines = Arc::new(AtomicUsize::new(0));
    let (within, hear, count) = (engine.clone(), kinds.clone(), lines.clone());
    let event_sink: EventSink = Box::new(move |event| {
        hear.lock().unwrap().push(event.kind);
        if event.kind == EventKind::Archived {
            return Err(Box::new(OwnError));
        }
        if let Some(engine) = within.get().and_then(Weak::upgrade) {
            engine.projects(Call::new())?;
        }
        Ok(())
    });
    let log_sink: LogSink = Box::new(move |_, _| {
        count.fetch_add(1, Ordering::SeqCst);
        panic!("lost")
    });
    let options =
        Options { event_sink: Some(event_sink), log_sink: Some(log_sink), ..Options::default() };
    let opened = Arc::new(open_with(options));
    engine.set(Arc::downgrade(&opened)).ok().unwrap();
    let request = ArchiveRequest::new(received(&opened, 1, 1));
    let report = opened.archive(&request, Call::new()).unwrap();
    assert!(report.events.unwrap().reason.starts_with("events."));
    let expected = [EventKind::Received, EventKind::Built, EventKind::Archived];
    assert_eq!(*kinds.lock().unwrap(), expected);
    assert!(lines.load(Ordering::SeqCst) >= 3);
}

#[test]
fn validator_transform_and_launcher_decide_about_a_session() {
    let validator: Validator = Box::new(|candidate| {
        let content = candidate.content()?;
        assert_eq!(candidate.document().get("label"), Some(content.label));
        if content.resources.len() == 2 && !candidate.cancelled() {
            candidate.warn("own.two-scans", "two scans")?;
        }
        if candidate.document().get("acquisition_site").as_deref() == Some("bad") {
            candidate.fail("own.bad", "a bad site")?;
        }
        Ok(())
    });
    let transform = Transform {
        name: "leave-out 1".into(),
        rewrite: Box::new(|_, files, document| {
            let paths = files.paths();
            files.replace(&paths[0], &files.read(&paths[0])?)?;
            files.reject(&paths[1])?;
            Ok(document.set("note", "rewritten")?)
        }),
    };
    let launched = Arc::new(Mutex::new(String::new()));
    let launch = launched.clone();
    let launcher: PipelineLauncher = Box::new(move |pipeline| {
        assert!(Path::new(&pipeline.directory).is_dir() && !pipeline.cancelled());
        *launch.lock().unwrap() = format!("{} {}", pipeline.command, pipeline.session_label);
        pipeline.print(b"ran");
        Ok(Launched::Done)
    });
    let engine = open_with(Options {
        validators: vec![validator],
        transform: Some(transform),
        pipeline_launcher: Some(launcher),
        ..Options::default()
    });
    engine.set_setting("autorun", "count", "P", Call::new()).unwrap();
    let mut request = ArchiveRequest::new(received(&engine, 2, 2));
    request.fields = vec![("xnat:mrSessionData/acquisition_site".into(), "bad".into())];
    assert_eq!(failure(engine.archive(&request, Call::new())).1, "own.bad");
    request.fields.clear();
    let report = engine.archive(&request, Call::new()).unwrap();
    assert_eq!((report.files, report.warnings[0].reason.as_str()), (3, "own.two-scans"));
    assert!(report.pipeline.is_none());
    assert_eq!(*launched.lock().unwrap(), "count L1");
    let document = engine.document(&report.uri, Call::new()).unwrap();
    assert_eq!(document.get("note").as_deref(), Some("rewritten"));
}

#[test]
fn error_of_a_strategy_is_the_cause_also_with_many_threads() {
    let threads = Threads::Count(4.try_into().unwrap());
    let validator: Validator = Box::new(|_| Err(Box::new(OwnError)));
    let rewrite =
        Box::new(|_: &Candidate<'_>, _: &SessionFiles<'_>, _: &mut Document<'_>| -> Outcome {
            Err(Box::new(OwnError))
        });
    let transform = Transform { name: "fails 1".into(), rewrite };
    for (reason, options) in [
        ("validator.failed", Options { validators: vec![validator], ..Options::default() }),
        ("transform.failed", Options { transform: Some(transform), ..Options::default() }),
    ] {
        let engine = open_with(Options { threads, ..options });
        let request = ArchiveRequest::new(received(&engine, 3, 3));
        let error = engine.archive(&request, Call::new()).unwrap_err();
        assert_eq!((error.status(), error.reason()), (Status::HandlerFailed, reason));
        assert_eq!(error.cause().unwrap().downcast_ref(), Some(&OwnError));
    }
}

#[test]
fn callback_that_changes_its_engine_is_refused_not_stuck() {
    let engine: Arc<OnceLock<Weak<Opened>>> = Arc::default();
    let inner = Arc::new(Mutex::new(None));
    let (within, result) = (engine.clone(), inner.clone());
    let policy: AccessPolicy = Box::new(move |user, _, _| {
        if let Some(engine) = within.get().and_then(Weak::upgrade).filter(|_| user == "alice") {
            let added = engine.add_project(&Project::new("X"), Call::new());
            *result.lock().unwrap() = Some(failure(added));
        }
        Ok(true)
    });
    let opened = Arc::new(open_with(Options { access_policy: Some(policy), ..Options::default() }));
    engine.set(Arc::downgrade(&opened)).ok().unwrap();
    opened.set_setting("autorun", "x", "P", Call::new().user("alice")).unwrap();
    let refused = (Status::InvalidArgument, "capi.reentered".to_owned());
    assert_eq!(inner.lock().unwrap().take(), Some(refused));
}

#[test]
fn failure_of_a_reader_or_writer_is_the_cause() {
    struct Fails;
    impl Read for Fails {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other(OwnError))
        }
    }
    impl Write for Fails {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Ok(0)
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let engine = open();
    let error = engine.import(ImportRequest::reader(Fails), Call::new()).unwrap_err();
    assert_eq!((error.status(), error.reason()), (Status::HandlerFailed, "input.failed"));
    let cause: &io::Error = error.cause().unwrap().downcast_ref().unwrap();
    assert!(cause.get_ref().unwrap().is::<OwnError>());
    let uri = archived(&engine, 1, 1);
    let error = engine.export(ExportRequest::to_writer(uri, Fails), Call::new()).unwrap_err();
    assert_eq!((error.status(), error.reason()), (Status::HandlerFailed, "output.failed"));
    let cause: &io::Error = error.cause().unwrap().downcast_ref().unwrap();
    assert_eq!(cause.kind(), io::ErrorKind::WriteZero);
}

#[test]
fn replaced_files_are_in_the_history_and_can_be_put_back() {
    let mut engine = open();
    engine.register("Folder", Describing(keep_all)).unwrap();
    let mut uri = String::new();
    for content in ["old", "new words"] {
        let (_folder, path) = folder_of(&[("a.txt", content)]);
        let mut request =
            ArchiveRequest::new(import_folder(&engine, &path, Call::new()).unwrap().uris.remove(0));
        request.overwrite = Overwrite::Delete;
        uri = engine.archive(&request, Call::new()).unwrap().uri;
    }
    let size = || {
        let files = engine.list(&format!("{uri}/scans/1/resources/TEXT"), Call::new()).unwrap();
        files.value(0, "Size").unwrap().to_owned()
    };
    let history = engine.history(&uri, Call::new()).unwrap();
    assert_eq!((history.value(0, "files"), size().as_str()), (Some("1"), "9"));
    let restored = engine.restore_history(&history.rows[0][0], Call::new()).unwrap();
    assert_eq!((restored.counts.replaced, size().as_str()), (1, "3"));
    let history = engine.history("", Call::new()).unwrap();
    engine.prune_history(&history.rows[0][0], Call::new()).unwrap();
    assert!(engine.history("", Call::new()).unwrap().rows.is_empty());
}

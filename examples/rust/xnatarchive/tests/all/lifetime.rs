//! Tasks, cancelling, threads, and when what is given to the library is dropped.
use std::io::{Cursor, Read};
use std::ops::ControlFlow;
use std::sync::mpsc::{channel, Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use xnatarchive::*;

use crate::callbacks::{keep_all, Describing};
use crate::support::*;

const LONG: Duration = Duration::from_secs(30);

/// A reader that says when it is read, and gives its bytes once it may.
struct Waiting {
    bytes: Cursor<Vec<u8>>,
    entered: Option<Sender<()>>,
    leave: Receiver<()>,
}

impl Waiting {
    fn new(bytes: Vec<u8>) -> (Waiting, Receiver<()>, Sender<()>) {
        let ((entered, has_entered), (may_leave, leave)) = (channel(), channel());
        let bytes = Cursor::new(bytes);
        (Waiting { bytes, entered: Some(entered), leave }, has_entered, may_leave)
    }
}

impl Read for Waiting {
    fn read(&mut self, to: &mut [u8]) -> std::io::Result<usize> {
        if let Some(entered) = self.entered.take() {
            entered.send(()).unwrap();
            self.leave.recv_timeout(LONG).map_err(std::io::Error::other)?;
        }
        self.bytes.read(to)
    }
}

#[test]
fn handles_are_send_and_sync_as_the_header_allows() {
    fn both<T: Send + Sync>() {}
    fn send<T: Send>() {}
    both::<Engine>();
    both::<Task<ImportReport>>();
    both::<Cancel>();
    both::<Error>();
    send::<Document<'static>>();
}

#[test]
fn tasks_do_what_their_calls_do() {
    let engine = open();
    let import = engine.start_import(ImportRequest::bytes(study(1, 3)), Call::new()).unwrap();
    let request = ArchiveRequest::new(import.join().unwrap().uris.remove(0));
    let validate = engine.start_validate(&request, Call::new()).unwrap();
    assert!(!validate.join().unwrap().blocked);
    let (heard, hear) = channel();
    let call = Call::new().progress(move |progress| {
        heard.send(progress.clone()).unwrap();
        ControlFlow::Continue(())
    });
    let archive = engine.start_archive(&request, call).unwrap();
    assert!(archive.wait(LONG) && archive.has_ended());
    assert!(!archive.progress().phase.is_empty());
    let uri = archive.join().unwrap().uri;
    assert!(hear.iter().count() > 0);
    let refresh = RefreshRequest { uris: vec![uri.clone()], ..RefreshRequest::default() };
    let refresh = engine.start_refresh(&refresh, Call::new()).unwrap();
    let verify = engine.start_verify(&VerifyRequest::default(), Call::new()).unwrap();
    assert_eq!(refresh.join().unwrap().catalogs.len(), 1);
    assert_eq!(verify.join().unwrap().files_read, 3);
    let path = engine.folder.path().join("copy.zip");
    let file = std::fs::File::create(&path).unwrap();
    let export = engine.start_export(ExportRequest::to_writer(uri, file), Call::new()).unwrap();
    assert!(export.join().unwrap().files >= 3 && path.metadata().unwrap().len() > 0);
}

#[test]
fn cancel_ends_a_task_and_a_call_and_nothing_is_changed() {
    let engine = open();
    for by_itself in [true, false] {
        let cancel = Cancel::new().unwrap();
        let (reader, entered, leave) = Waiting::new(study(1, 3));
        let call = Call::new().cancel(&cancel);
        let task = engine.start_import(ImportRequest::reader(reader), call).unwrap();
        entered.recv_timeout(LONG).unwrap();
        assert!(!task.wait(Duration::from_millis(10)));
        if by_itself {
            task.cancel();
        } else {
            cancel.request();
        }
        std::thread::sleep(Duration::from_millis(120)); // it is looked for ten times a second
        leave.send(()).unwrap();
        assert_eq!(failure(task.join()).0, Status::Cancelled);
    }
    let cancel = Cancel::new().unwrap();
    std::thread::scope(|scope| {
        let (reader, entered, leave) = Waiting::new(study(1, 3));
        let (engine, call) = (&engine, Call::new().cancel(&cancel));
        let call = scope.spawn(move || engine.import(ImportRequest::reader(reader), call));
        entered.recv_timeout(LONG).unwrap();
        cancel.request();
        std::thread::sleep(Duration::from_millis(120));
        leave.send(()).unwrap();
        assert_eq!(failure(call.join().unwrap()).0, Status::Cancelled);
    });
    assert!(engine.prearchive("", Call::new()).unwrap().rows.is_empty());
}

#[test]
fn failure_of_a_task_has_its_cause() {
    let mut engine = open();
    let (reader, _entered, leave) = Waiting::new(Vec::new());
    drop(leave);
    let task = engine.start_import(ImportRequest::reader(reader), Call::new()).unwrap();
    let error = task.join().unwrap_err();
    assert!(error.cause().unwrap().is::<std::io::Error>());
    engine.register("Folder", Describing(|_: &mut Import<'_>| panic!("boom"))).unwrap();
    let (_folder, path) = folder_of(&[("a", "a")]);
    let request = ImportRequest::path(path).handler("Folder").parameter("project", "P");
    let error = engine.start_import(request, Call::new()).unwrap().join().unwrap_err();
    assert!(error.cause().unwrap().is::<Panicked>());
    let call = Call::new().progress(|_| panic!("boom"));
    let task = engine.start_import(ImportRequest::bytes(study(1, 1)), call).unwrap();
    let error = task.join().unwrap_err();
    assert!(error.status() == Status::Cancelled && error.cause().unwrap().is::<Panicked>());
}

#[test]
fn task_outlives_its_engine_and_a_dropped_task_lets_go_of_its_reader() {
    let engine = open();
    let (reader, entered, leave) = Waiting::new(study(1, 1));
    let kept = engine.start_import(ImportRequest::reader(reader), Call::new()).unwrap();
    entered.recv_timeout(LONG).unwrap();
    let (reader, entered, leave_dropped) = Waiting::new(study(1, 1));
    let dropped = engine.start_import(ImportRequest::reader(reader), Call::new()).unwrap();
    entered.recv_timeout(LONG).unwrap();
    drop(dropped);
    leave_dropped.send(()).unwrap();
    while leave_dropped.send(()).is_ok() {
        std::thread::sleep(Duration::from_millis(5)); // its reader is still there
    }
    let folder = engine.close();
    leave.send(()).unwrap();
    assert_eq!(kept.join().unwrap().uris.len(), 1);
    drop(folder);
}

#[test]
fn document_outlives_its_engine() {
    let engine = open();
    let uri = archived(&engine, 1, 1);
    let document = engine.document(&uri, Call::new()).unwrap();
    drop(engine.close());
    let document = std::thread::spawn(move || document.get("label")).join().unwrap();
    assert_eq!(document.as_deref(), Some("L1"));
}

#[test]
fn texts_the_library_can_not_take_are_errors() {
    let engine = open();
    for bad in ["a\0b", "a\nb"] {
        let refused = (Status::InvalidArgument, "capi.bad-text".to_owned());
        assert_eq!(failure(engine.setting(bad, "", Call::new())), refused);
        let request = || ImportRequest::reader(std::io::empty()).handler(bad);
        assert_eq!(failure(engine.import(request(), Call::new())), refused);
        assert_eq!(failure(engine.start_import(request(), Call::new())), refused);
        assert_eq!(failure(engine.projects(Call::new().user(bad))), refused);
        assert_eq!(failure(Engine::open(Options::new(bad))), refused);
        let request = ArchiveRequest::new(bad);
        assert_eq!(failure(engine.submit(&[request], Call::new())), refused);
    }
    let not_utf8 = <std::ffi::OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(b"\xff");
    let opened = Engine::open(Options::new(not_utf8));
    assert_fails(opened, Status::InvalidArgument, "capi.bad-text");
    let none = engine.folder.path().join("none");
    assert_fails(Engine::open(Options::new(none)), Status::NotFound, "engine.no-root");
}

/// Counts how often it is dropped.
struct Counted(Arc<Mutex<usize>>);

impl Drop for Counted {
    fn drop(&mut self) {
        *self.0.lock().unwrap() += 1;
    }
}

#[test]
fn functions_are_dropped_once_also_when_the_call_fails_or_is_refused() {
    let drops = Arc::new(Mutex::new(0));
    let policy = |counted: Counted| -> AccessPolicy {
        Box::new(move |_, _, _| {
            let _ = &counted;
            Ok(true)
        })
    };
    let mut engine = open_with(Options {
        access_policy: Some(policy(Counted(drops.clone()))),
        ..Options::default()
    });
    let options = Options {
        access_policy: Some(policy(Counted(drops.clone()))),
        ..Options::new(engine.folder.path().join("none"))
    };
    Engine::open(options).unwrap_err();
    assert_eq!(*drops.lock().unwrap(), 1);

    for name in ["Folder", "Folder", "bad\0name", "a name that is none"] {
        let counted = Counted(drops.clone());
        let handler = Describing(move |import: &mut Import<'_>| {
            let _ = &counted;
            keep_all(import)
        });
        let _ = engine.register(name, handler);
    }
    assert_eq!(*drops.lock().unwrap(), 4);

    for user in ["good", "bad\0"] {
        let counted = Counted(drops.clone());
        let call = Call::new().user(user).progress(move |_| {
            let _ = &counted;
            ControlFlow::Continue(())
        });
        engine.start_import(ImportRequest::path("none"), call).and_then(Task::join).unwrap_err();
    }
    assert_eq!(*drops.lock().unwrap(), 6);
    drop(engine);
    assert_eq!(*drops.lock().unwrap(), 8);
}

#[test]
fn many_threads_share_an_engine() {
    const THREADS: usize = 8;
    let mut engine = open_with(Options {
        threads: Threads::Count(2.try_into().unwrap()),
        job_workers: 2,
        event_sink: Some(Box::new(|_| Ok(()))),
        ..Options::default()
    });
    engine.register("Folder", Describing(keep_all)).unwrap();
    let (_folder, path) = folder_of(&[("a.txt", "a"), ("b.txt", "b")]);
    std::thread::scope(|scope| {
        for i in 0..THREADS {
            let (engine, path) = (&engine, &path);
            scope.spawn(move || {
                let project = format!("G{i}");
                engine.add_project(&Project::new(&project), Call::new()).unwrap();
                let request = ImportRequest::path(path).handler("Folder");
                let request = request.parameter("project", &project);
                let task = engine.start_import(request, Call::new()).unwrap();
                let mut request = ArchiveRequest::new(task.join().unwrap().uris.remove(0));
                request.wait = LONG;
                if i % 2 == 0 {
                    engine.archive(&request, Call::new()).unwrap();
                } else {
                    let id = engine.submit(&[request], Call::new()).unwrap();
                    let job = engine.wait_for_job(&id, Some(LONG), Call::new()).unwrap();
                    assert_eq!(job.state, "done", "{job:?}");
                }
            });
        }
    });
    let verified = engine.verify(&VerifyRequest::default(), Call::new()).unwrap();
    assert_eq!((verified.sessions, verified.problems.len()), (THREADS as u64, 0));
}

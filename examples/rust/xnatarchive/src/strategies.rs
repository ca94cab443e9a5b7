//! The host's other strategies: functions that the engine calls.
use std::ffi::{c_char, c_void};
use std::marker::PhantomData;

use serde::Deserialize;
use xnatarchive_sys as sys;

use crate::call::initialized;
use crate::callbacks::{answer, calling, Hosted};
use crate::document::Document;
use crate::error::{HostError, Result, Status};
use crate::text::{borrowed, checked, made, parsed, take_text, Texts};

/// What somebody wants to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Permission {
    Read = sys::XNA_PERMISSION_READ as isize,
    Edit = sys::XNA_PERMISSION_EDIT as isize,
    Delete = sys::XNA_PERMISSION_DELETE as isize,
    Admin = sys::XNA_PERMISSION_ADMIN as isize,
}

/// Decides whether a user ("": nobody in particular) may do this to a project ("": Unassigned
/// sessions; with `Admin` the site). An error: it could not be decided, and the call fails. May read
/// from the engine.
pub type AccessPolicy =
    Box<dyn Fn(&str, Permission, &str) -> std::result::Result<bool, HostError> + Send + Sync>;

/// Hears what has happened, with no lock held: it may call the engine in any way. A failure is noted
/// in the report of the call, and changes nothing.
pub type EventSink = Box<dyn Fn(&Event) -> std::result::Result<(), HostError> + Send + Sync>;

/// Hears one line for each event, each failed call, and what opening recovered. May not call the
/// engine.
pub type LogSink = Box<dyn Fn(LogLevel, &str) + Send + Sync>;

/// A host's own check of what is archived: it tells the candidate what it finds. A failure ends the
/// call, and changes nothing. May read from the engine.
pub type Validator =
    Box<dyn Fn(&Candidate<'_>) -> std::result::Result<(), HostError> + Send + Sync>;

/// Runs AutoRun, when the session is archived and its locks are released: it may call the engine in
/// any way. Returns when the pipeline has ended; a failure stands in the report of the call, and
/// changes nothing.
pub type PipelineLauncher =
    Box<dyn Fn(&Pipeline<'_>) -> std::result::Result<Launched, HostError> + Send + Sync>;

type Rewrite = Box<
    dyn Fn(
            &Candidate<'_>,
            &SessionFiles<'_>,
            &mut Document<'_>,
        ) -> std::result::Result<(), HostError>
        + Send
        + Sync,
>;

/// Rewrites sessions on their way into the archive.
pub struct Transform {
    /// Name and version, such as "anonymize 2.1": 1 to 64 printable ASCII characters.
    pub name: String,
    /// The document is the one that will be archived. A failure ends the call, and changes nothing.
    /// May read from the engine.
    pub rewrite: Rewrite,
}

/// Whether a launcher did the work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Launched {
    /// The pipeline has run.
    Done,
    /// The command is run by /bin/sh, as without a launcher.
    Passthrough,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LogLevel {
    /// Something was done.
    Info,
    /// A call failed because of its input or the state of things.
    Warning,
    /// A disk, a function of the host or the library itself failed.
    Error,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EventKind {
    Received,
    Built,
    Archived,
    Merged,
    Refreshed,
    Deleted,
    Failed,
    PipelineFinished,
    Moved,
    /// One that came with a newer library.
    Other(i32),
}

/// One thing that happened.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Event {
    pub kind: EventKind,
    /// `None` when nothing failed.
    pub status: Option<Status>,
    /// Milliseconds since 1970-01-01 UTC.
    pub time_ms: i64,
    pub audit_id: i64,
    pub scans: u64,
    pub files: u64,
    pub bytes: u64,
    pub user: String,
    pub project: String,
    pub subject: String,
    pub label: String,
    pub experiment_id: String,
    pub uri: String,
    /// Of a failure.
    pub reason: String,
    pub message: String,
}

impl Event {
    fn from_raw(raw: &sys::xna_event) -> Event {
        let kind = match raw.kind {
            sys::XNA_EVENT_RECEIVED => EventKind::Received,
            sys::XNA_EVENT_BUILT => EventKind::Built,
            sys::XNA_EVENT_ARCHIVED => EventKind::Archived,
            sys::XNA_EVENT_MERGED => EventKind::Merged,
            sys::XNA_EVENT_REFRESHED => EventKind::Refreshed,
            sys::XNA_EVENT_DELETED => EventKind::Deleted,
            sys::XNA_EVENT_FAILED => EventKind::Failed,
            sys::XNA_EVENT_PIPELINE_FINISHED => EventKind::PipelineFinished,
            sys::XNA_EVENT_MOVED => EventKind::Moved,
            other => EventKind::Other(other),
        };
        Event {
            kind,
            status: (raw.status != sys::XNA_OK).then(|| Status::from_raw(raw.status)),
            time_ms: raw.time_ms,
            audit_id: raw.audit_id,
            scans: raw.scans,
            files: raw.files,
            bytes: raw.bytes,
            user: borrowed(raw.user),
            project: borrowed(raw.project),
            subject: borrowed(raw.subject),
            label: borrowed(raw.label),
            experiment_id: borrowed(raw.experiment_id),
            uri: borrowed(raw.uri),
            reason: borrowed(raw.reason),
            message: borrowed(raw.message),
        }
    }
}

/// A session that is about to be archived.
#[derive(Debug)]
pub struct Candidate<'a> {
    handle: *mut sys::xna_candidate,
    callback: *mut sys::xna_callback,
    during: PhantomData<&'a ()>,
}

/// Where a candidate goes (texts are empty when that is not known), and its files.
#[derive(Clone, Debug, Deserialize)]
#[non_exhaustive]
pub struct CandidateContent {
    pub project: String,
    pub subject: String,
    pub label: String,
    /// A session is there.
    pub exists: bool,
    pub resources: Vec<CandidateResource>,
}

#[derive(Clone, Debug, Deserialize)]
#[non_exhaustive]
pub struct CandidateResource {
    pub scan_id: String,
    pub label: String,
    pub format: String,
    pub content: String,
    pub files: Vec<CandidateFile>,
}

#[derive(Clone, Debug, Deserialize)]
#[non_exhaustive]
pub struct CandidateFile {
    pub uri: String,
    pub size: String,
    pub digest: String,
    pub uid: String,
    pub format: String,
}

impl<'a> Candidate<'a> {
    /// Its document as it would be archived; read-only.
    pub fn document(&self) -> Document<'a> {
        Document::borrowed(unsafe { sys::xna_candidate_document(self.handle) })
    }

    pub fn content(&self) -> Result<CandidateContent> {
        let text = made(|out, error| unsafe { sys::xna_candidate_json(self.handle, out, error) })?;
        parsed(&take_text(text))
    }

    /// Adds a finding that keeps the session in the prearchive. `reason` is a slug of the host's
    /// own, `message` one line without patient data; here and in `warn`. Nothing in a transform.
    pub fn fail(&self, reason: &str, message: &str) -> Result<()> {
        self.find(sys::XNA_FINDING_FAIL, reason, message)
    }

    /// Adds a finding that is told, while the session is archived.
    pub fn warn(&self, reason: &str, message: &str) -> Result<()> {
        self.find(sys::XNA_FINDING_WARN, reason, message)
    }

    fn find(&self, kind: i32, reason: &str, message: &str) -> Result<()> {
        let mut texts = Texts::default();
        let (reason, message) = (texts.add(reason)?, texts.add(message)?);
        unsafe { sys::xna_candidate_find(self.handle, kind, reason, message) }
        Ok(())
    }

    /// True once nobody waits for the call any more: return soon, whatever. Cheap.
    pub fn cancelled(&self) -> bool {
        unsafe { sys::xna_callback_cancelled(self.callback) != 0 }
    }
}

/// The files of a session that is about to be archived. A failure of these functions ends the call,
/// also when the function that got them succeeds.
#[derive(Debug)]
pub struct SessionFiles<'a> {
    handle: *mut sys::xna_session_files,
    during: PhantomData<&'a ()>,
}

impl SessionFiles<'_> {
    /// Paths relative to the session, sorted.
    pub fn paths(&self) -> Vec<String> {
        let count = unsafe { sys::xna_session_files_count(self.handle) };
        let path = |i| borrowed(unsafe { sys::xna_session_files_path(self.handle, i) });
        (0..count).map(path).collect()
    }

    /// All bytes of one file.
    pub fn read(&self, path: &str) -> Result<Vec<u8>> {
        let mut texts = Texts::default();
        let path = texts.add(path)?;
        let read =
            |out, error| unsafe { sys::xna_session_files_read(self.handle, path, out, error) };
        Ok(take_text(made(read)?))
    }

    /// These bytes are archived in its place.
    pub fn replace(&self, path: &str, data: &[u8]) -> Result<()> {
        let mut texts = Texts::default();
        let path = texts.add(path)?;
        checked(|error| unsafe {
            sys::xna_session_files_replace(
                self.handle,
                path,
                data.as_ptr().cast(),
                data.len(),
                error,
            )
        })
    }

    /// The file is left out.
    pub fn reject(&self, path: &str) -> Result<()> {
        let mut texts = Texts::default();
        let path = texts.add(path)?;
        checked(|error| unsafe { sys::xna_session_files_reject(self.handle, path, error) })
    }
}

/// What a launcher is asked for.
#[derive(Debug)]
#[non_exhaustive]
pub struct Pipeline<'a> {
    /// The project's AutoRun setting.
    pub command: String,
    pub project: String,
    pub subject_label: String,
    pub session_label: String,
    pub experiment_id: String,
    pub uri: String,
    /// Absolute path of the archived session.
    pub directory: String,
    pub user: String,
    /// What the project allows; 0: the launcher's own.
    pub timeout_ms: i64,
    callback: *mut sys::xna_callback,
    during: PhantomData<&'a ()>,
}

impl Pipeline<'_> {
    /// Adds to the output of the pipeline; the first 64 KiB go into the audit record.
    pub fn print(&self, output: &[u8]) {
        unsafe { sys::xna_callback_print(self.callback, output.as_ptr().cast(), output.len()) }
    }

    /// True once nobody waits for the call any more: return soon, whatever. Cheap.
    pub fn cancelled(&self) -> bool {
        unsafe { sys::xna_callback_cancelled(self.callback) != 0 }
    }
}

/// Fills the struct; the function is the library's from here on. So below.
pub(crate) fn bind_access_policy(policy: AccessPolicy) -> sys::xna_access_policy {
    let mut to = initialized(sys::xna_access_policy_init);
    to.allows = Some(allows);
    to.release = Hosted::new(policy).hand_over_to(&mut to.ctx);
    to
}

unsafe extern "C" fn allows(
    ctx: *mut c_void,
    user: *const c_char,
    permission: i32,
    project: *const c_char,
    callback: *mut sys::xna_callback,
) -> i32 {
    let policy = &*ctx.cast::<AccessPolicy>();
    answer("access", callback, || {
        let permission = match permission {
            sys::XNA_PERMISSION_READ => Permission::Read,
            sys::XNA_PERMISSION_EDIT => Permission::Edit,
            sys::XNA_PERMISSION_DELETE => Permission::Delete,
            _ => Permission::Admin, // also what only a newer library asks for
        };
        let allowed = policy(&borrowed(user), permission, &borrowed(project))?;
        Ok(if allowed { sys::XNA_OK } else { sys::XNA_E_PERMISSION })
    })
}

pub(crate) fn bind_event_sink(sink: EventSink) -> sys::xna_event_sink {
    let mut to = initialized(sys::xna_event_sink_init);
    to.notify = Some(notify);
    to.release = Hosted::new(sink).hand_over_to(&mut to.ctx);
    to
}

unsafe extern "C" fn notify(
    ctx: *mut c_void,
    event: *const sys::xna_event,
    callback: *mut sys::xna_callback,
) -> i32 {
    let sink = &*ctx.cast::<EventSink>();
    answer("events", callback, || {
        sink(&Event::from_raw(&*event))?;
        Ok(sys::XNA_OK)
    })
}

pub(crate) fn bind_log_sink(sink: LogSink) -> sys::xna_log_sink {
    let mut to = initialized(sys::xna_log_sink_init);
    to.write = Some(write);
    to.release = Hosted::new(sink).hand_over_to(&mut to.ctx);
    to
}

unsafe extern "C" fn write(ctx: *mut c_void, level: i32, text: *const c_char) {
    let sink = &*ctx.cast::<LogSink>();
    let level = match level {
        sys::XNA_LOG_INFO => LogLevel::Info,
        sys::XNA_LOG_WARNING => LogLevel::Warning,
        _ => LogLevel::Error,
    };
    let written = calling(|| {
        sink(level, &borrowed(text));
        Ok(())
    });
    drop(written); // there is nobody to tell of a panic: a line is lost
}

pub(crate) fn bind_validator(validator: Validator) -> sys::xna_session_validator {
    let mut to = initialized(sys::xna_session_validator_init);
    to.validate = Some(validate);
    to.release = Hosted::new(validator).hand_over_to(&mut to.ctx);
    to
}

unsafe extern "C" fn validate(
    ctx: *mut c_void,
    candidate: *mut sys::xna_candidate,
    callback: *mut sys::xna_callback,
) -> i32 {
    let validator = &*ctx.cast::<Validator>();
    answer("validator", callback, || {
        validator(&Candidate { handle: candidate, callback, during: PhantomData })?;
        Ok(sys::XNA_OK)
    })
}

pub(crate) fn bind_transform(rewrite: Rewrite, name: *const c_char) -> sys::xna_session_transform {
    let mut to = initialized(sys::xna_session_transform_init);
    to.name = name;
    to.transform = Some(transform);
    to.release = Hosted::new(rewrite).hand_over_to(&mut to.ctx);
    to
}

unsafe extern "C" fn transform(
    ctx: *mut c_void,
    candidate: *const sys::xna_candidate,
    files: *mut sys::xna_session_files,
    document: *mut sys::xna_document,
    callback: *mut sys::xna_callback,
) -> i32 {
    let rewrite = &*ctx.cast::<Rewrite>();
    answer("transform", callback, || {
        let candidate = Candidate { handle: candidate.cast_mut(), callback, during: PhantomData };
        let files = SessionFiles { handle: files, during: PhantomData };
        rewrite(&candidate, &files, &mut Document::borrowed(document))?;
        Ok(sys::XNA_OK)
    })
}

pub(crate) fn bind_launcher(launcher: PipelineLauncher) -> sys::xna_pipeline_launcher {
    let mut to = initialized(sys::xna_pipeline_launcher_init);
    to.launch = Some(launch);
    to.release = Hosted::new(launcher).hand_over_to(&mut to.ctx);
    to
}

unsafe extern "C" fn launch(
    ctx: *mut c_void,
    request: *const sys::xna_pipeline_request,
    callback: *mut sys::xna_callback,
) -> i32 {
    let (launcher, request) = (&*ctx.cast::<PipelineLauncher>(), &*request);
    answer("pipeline", callback, || {
        let pipeline = Pipeline {
            command: borrowed(request.command),
            project: borrowed(request.project),
            subject_label: borrowed(request.subject_label),
            session_label: borrowed(request.session_label),
            experiment_id: borrowed(request.experiment_id),
            uri: borrowed(request.uri),
            directory: borrowed(request.directory),
            user: borrowed(request.user),
            timeout_ms: request.timeout_ms,
            callback,
            during: PhantomData,
        };
        Ok(match launcher(&pipeline)? {
            Launched::Done => sys::XNA_OK,
            Launched::Passthrough => sys::XNA_PASSTHROUGH,
        })
    })
}

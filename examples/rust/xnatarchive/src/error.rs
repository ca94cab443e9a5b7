//! How calls fail, and how a failure of a function of the host comes back as itself.
use std::collections::VecDeque;
use std::fmt;
use std::sync::Mutex;

use xnatarchive_sys as sys;

use crate::text::borrowed;

/// What a function of the host may fail with. See [`Error::cause`] for what becomes of it.
pub type HostError = Box<dyn std::error::Error + Send + Sync + 'static>;

/// Of every call.
pub type Result<T> = std::result::Result<T, Error>;

/// How a call failed: what the caller can do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Status {
    /// The request is malformed or contradicts itself.
    InvalidArgument,
    /// Nothing is there under that name.
    NotFound,
    /// The name is taken.
    AlreadyExists,
    /// The archive holds something the request contradicts.
    Conflict,
    /// Somebody else works on it; retry later.
    Locked,
    /// Input can not be read as what it claims to be.
    Corruption,
    /// The operating system refused a read or write.
    Io,
    /// The disk or a quota is full.
    NoSpace,
    /// The operating system or the access policy says no.
    Permission,
    /// Valid, but the library can not do it.
    Unsupported,
    /// The caller asked to stop.
    Cancelled,
    /// A function of the host failed.
    HandlerFailed,
    /// An earlier operation is unfinished.
    RecoveryRequired,
    NoMemory,
    /// A bug in the library; please report it.
    Internal,
    /// One that came with a newer library: take it for a plain failure.
    Other(i32),
}

const STATUSES: [(Status, i32); 15] = [
    (Status::InvalidArgument, sys::XNA_E_INVALID_ARGUMENT),
    (Status::NotFound, sys::XNA_E_NOT_FOUND),
    (Status::AlreadyExists, sys::XNA_E_ALREADY_EXISTS),
    (Status::Conflict, sys::XNA_E_CONFLICT),
    (Status::Locked, sys::XNA_E_LOCKED),
    (Status::Corruption, sys::XNA_E_CORRUPTION),
    (Status::Io, sys::XNA_E_IO),
    (Status::NoSpace, sys::XNA_E_NO_SPACE),
    (Status::Permission, sys::XNA_E_PERMISSION),
    (Status::Unsupported, sys::XNA_E_UNSUPPORTED),
    (Status::Cancelled, sys::XNA_E_CANCELLED),
    (Status::HandlerFailed, sys::XNA_E_HANDLER_FAILED),
    (Status::RecoveryRequired, sys::XNA_E_RECOVERY_REQUIRED),
    (Status::NoMemory, sys::XNA_E_NO_MEMORY),
    (Status::Internal, sys::XNA_E_INTERNAL),
];

impl Status {
    pub(crate) fn from_raw(raw: i32) -> Status {
        let known = STATUSES.iter().find(|(_, value)| *value == raw);
        known.map_or(Status::Other(raw), |(status, _)| *status)
    }

    pub(crate) fn raw(self) -> i32 {
        let known = STATUSES.iter().find(|(status, _)| *status == self);
        match (self, known) {
            (Status::Other(raw), _) => raw,
            (_, known) => known.map_or(sys::XNA_E_INTERNAL, |(_, raw)| *raw),
        }
    }
}

impl fmt::Display for Status {
    /// The library's name for it, such as "conflict".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&borrowed(unsafe { sys::xna_status_name(self.raw()) }))
    }
}

/// What a call that failed has left on the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DiskState {
    /// Nothing visible was changed.
    Unchanged,
    /// Something was changed and has been put back.
    RolledBack,
    /// Done and durable; only cleaning up afterwards failed.
    Committed,
    /// A durable plan is unfinished; `Engine::recover` does it.
    RecoveryPending,
}

/// Why a call failed.
///
/// A function of the host makes one of its own with [`Error::new`] to fail with a status and reason
/// of its choice.
#[derive(Debug)]
pub struct Error(Box<Content>);

#[derive(Debug)]
struct Content {
    status: Status,
    reason: String,
    message: String,
    path: String,
    disk_state: DiskState,
    os_errno: i32,
    cause: Option<HostError>,
}

impl Error {
    /// `reason` is a stable slug ([a-z0-9.-]), `message` one line without patient data.
    pub fn new(status: Status, reason: impl Into<String>, message: impl Into<String>) -> Error {
        Error(Box::new(Content {
            status,
            reason: reason.into(),
            message: message.into(),
            path: String::new(),
            disk_state: DiskState::Unchanged,
            os_errno: 0,
            cause: None,
        }))
    }

    pub fn status(&self) -> Status {
        self.0.status
    }

    /// A stable slug, such as "merge.file-differs", for programs to match.
    pub fn reason(&self) -> &str {
        &self.0.reason
    }

    /// One line for people, without patient data.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The file concerned, relative to its root; "" when there is none.
    pub fn path(&self) -> &str {
        &self.0.path
    }

    pub fn disk_state(&self) -> DiskState {
        self.0.disk_state
    }

    /// Of the call of the operating system that failed; 0 when none did.
    pub fn os_errno(&self) -> i32 {
        self.0.os_errno
    }

    /// What a function of the host failed with, when that is why the call failed: an error of its
    /// own type, or a [`Panicked`]. Not an `Error`: of that the status, reason and message are
    /// those of the call.
    pub fn cause(&self) -> Option<&HostError> {
        self.0.cause.as_ref()
    }

    pub(crate) fn with_cause(mut self, cause: Option<HostError>) -> Error {
        if cause.is_some() {
            self.0.cause = cause;
        }
        self
    }

    pub(crate) fn bad_text(what: &str) -> Error {
        Error::new(Status::InvalidArgument, "capi.bad-text", what)
    }

    /// Frees the library's error.
    pub(crate) fn take(status: i32, from: *mut sys::xna_error) -> Error {
        if from.is_null() {
            return Error::new(Status::from_raw(status), "binding.no-error", "no more is known");
        }
        // The texts are the error's until it is freed.
        unsafe {
            let error = Error(Box::new(Content {
                status: Status::from_raw(status),
                reason: borrowed(sys::xna_error_reason(from)),
                message: borrowed(sys::xna_error_message(from)),
                path: borrowed(sys::xna_error_path(from)),
                disk_state: disk_state(sys::xna_error_disk_state(from)),
                os_errno: sys::xna_error_os_errno(from),
                cause: take_host_error(sys::xna_error_host_status(from)),
            }));
            sys::xna_error_free(from);
            error
        }
    }
}

fn disk_state(raw: i32) -> DiskState {
    match raw {
        sys::XNA_DISK_ROLLED_BACK => DiskState::RolledBack,
        sys::XNA_DISK_COMMITTED => DiskState::Committed,
        sys::XNA_DISK_RECOVERY_PENDING => DiskState::RecoveryPending,
        _ => DiskState::Unchanged,
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.0.status, self.0.reason, self.0.message)?;
        if !self.0.path.is_empty() {
            write!(f, " ({})", self.0.path)?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.cause.as_ref().map(|cause| cause.as_ref() as &(dyn std::error::Error + 'static))
    }
}

/// A panic in a function of the host. It was stopped there.
#[derive(Debug)]
pub struct Panicked {
    /// What it panicked with, when that was text.
    pub message: String,
}

impl fmt::Display for Panicked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "panicked: {}", self.message)
    }
}

impl std::error::Error for Panicked {}

/// Errors of the host's functions on their way through the library, which takes a number for each.
/// Not all arrive: what a sink fails with is only noted in a report. So the oldest make room.
static HOST_ERRORS: Mutex<HostErrors> = Mutex::new(HostErrors { next: 0, kept: VecDeque::new() });

struct HostErrors {
    next: i32,
    kept: VecDeque<(i32, HostError)>,
}

const HOST_ERRORS_MAX: usize = 4096;

/// Returns the status that stands for the error.
pub(crate) fn keep_host_error(error: HostError) -> i32 {
    const STATUSES: i32 = 1 << 30;
    let mut errors = HOST_ERRORS.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    errors.next = (errors.next + 1) % STATUSES;
    let status = sys::XNA_HOST_STATUS_MIN + errors.next;
    let oldest = if errors.kept.len() < HOST_ERRORS_MAX { None } else { errors.kept.pop_front() };
    errors.kept.push_back((status, error));
    drop(errors);
    drop(oldest); // may run code of the host
    status
}

fn take_host_error(status: i32) -> Option<HostError> {
    if status < sys::XNA_HOST_STATUS_MIN {
        return None;
    }
    let mut errors = HOST_ERRORS.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    let at = errors.kept.iter().position(|(kept, _)| *kept == status)?;
    errors.kept.remove(at).map(|(_, error)| error)
}

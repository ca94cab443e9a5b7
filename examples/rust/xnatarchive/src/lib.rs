//! XNAT's archive services in process: imaging sessions are received into a prearchive, checked, and
//! merged into an archive, crash-safe and without a server. A binding of the C interface in
//! `xnatarchive.h`, whose comments are the reference for what each call does.
//!
//! ```no_run
//! use xnatarchive::{ArchiveRequest, Call, Engine, ImportRequest, Options, Status};
//!
//! # fn main() -> xnatarchive::Result<()> {
//! let engine = Engine::open(Options::new("/srv/xnat"))?;
//! let received = engine.import(ImportRequest::path("study.zip"), Call::new().user("alice"))?;
//! for uri in received.uris {
//!     match engine.archive(&ArchiveRequest::new(uri), Call::new()) {
//!         Ok(report) => println!("{}", report.uri),
//!         Err(error) if error.status() == Status::Conflict => println!("{}", error.reason()),
//!         Err(error) => return Err(error),
//!     }
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # Functions of the host
//!
//! Handlers, policies, sinks and so on are called on the thread that is in the call, or for tasks and
//! job workers on threads of the library, several at once. What they may do with the engine meanwhile
//! is said where each is defined; anything else is `InvalidArgument` with the reason
//! "capi.reentered". They are dropped when the library will not call them again. A panic is stopped
//! and is a [`Panicked`] error of the call: nothing unwinds through the library.
//!
//! # Errors
//!
//! When a function of the host fails with an [`Error`], the call has its status, reason and message;
//! for any other error the call is `HandlerFailed`, and [`Error::cause`] is that error. Its text is
//! not written into logs or records, as it may name a patient.

mod call;
mod callbacks;
mod document;
mod engine;
mod error;
mod handler;
mod jobs;
mod reports;
mod requests;
mod strategies;
mod task;
mod text;

pub use call::{Call, Cancel, Progress};
pub use document::Document;
pub use engine::{create_root, Engine, Options, RootOptions, Threads};
pub use error::{DiskState, Error, HostError, Panicked, Result, Status};
pub use handler::{Entry, File, Import, ImportHandler, Session, SessionInfo, SourceKind};
pub use reports::*;
pub use requests::{
    ArchiveRequest, ExportRequest, ImportRequest, Overwrite, Project, RefreshRequest, Source,
    Target, VerifyRequest,
};
pub use strategies::*;
pub use task::Task;
pub use text::Listing;

/// "MAJOR.MINOR.PATCH" of the library that is loaded.
pub fn version() -> String {
    text::borrowed(unsafe { xnatarchive_sys::xna_version() })
}

/// The same as major * 1000000 + minor * 1000 + patch.
pub fn version_number() -> u32 {
    unsafe { xnatarchive_sys::xna_version_number() }
}

/// The version of the C interface of the library that is loaded, as major * 1000 + minor.
pub fn abi_version() -> u32 {
    unsafe { xnatarchive_sys::xna_abi_version() }
}

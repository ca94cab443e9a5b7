//! Calls on threads of their own.
use std::fmt;
use std::marker::PhantomData;
use std::ptr;
use std::time::Duration;

use serde::de::DeserializeOwned;
use xnatarchive_sys as sys;

use crate::call::{initialized, take_failed, Call, Failed, Progress, RawCall};
use crate::engine::Engine;
use crate::error::Result;
use crate::reports::*;
use crate::requests::*;
use crate::text::{made, take_report, Texts};

/// One call that runs on a thread of the library's, from when it is made. Its functions of the host
/// are called there. Dropping it cancels the call, and does not wait. A program should wait for its
/// tasks before it ends.
pub struct Task<R> {
    handle: *mut sys::xna_task,
    failed: Failed,
    report: PhantomData<fn() -> R>,
}

// "Fully thread-safe."
unsafe impl<R> Send for Task<R> {}
unsafe impl<R> Sync for Task<R> {}

impl<R> Drop for Task<R> {
    fn drop(&mut self) {
        unsafe { sys::xna_task_free(self.handle) }
    }
}

impl<R> fmt::Debug for Task<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Task").field("ended", &self.has_ended()).finish_non_exhaustive()
    }
}

impl<R> Task<R> {
    /// Waits until it has ended; false when it has not after `timeout`, or when it is the task's own
    /// thread that waits.
    pub fn wait(&self, timeout: Duration) -> bool {
        unsafe { sys::xna_task_wait(self.handle, milliseconds(timeout)) == 1 }
    }

    pub fn has_ended(&self) -> bool {
        self.wait(Duration::ZERO)
    }

    /// How far it is; zeros before the first news.
    pub fn progress(&self) -> Progress {
        let mut now = initialized(sys::xna_progress_init);
        // Fails for nothing that this is: what it has not filled is zero.
        unsafe { sys::xna_task_progress(self.handle, &mut now, ptr::null_mut()) };
        Progress::from_raw(&now)
    }

    /// Asks it to stop, as `Cancel::request` does.
    pub fn cancel(&self) {
        unsafe { sys::xna_task_cancel(self.handle) }
    }
}

impl<R: DeserializeOwned> Task<R> {
    /// Waits for it, and returns what the call did. `Locked` "task.running" on the task's own
    /// thread.
    pub fn join(self) -> Result<R> {
        unsafe { sys::xna_task_wait(self.handle, -1) };
        let report = made(|out, error| unsafe { sys::xna_task_result(self.handle, out, error) })
            .map_err(|error| error.with_cause(take_failed(&self.failed)))?;
        take_report(report)
    }
}

/// Starts a call.
fn start<R>(
    mut call: RawCall<'static>,
    bytes: Option<Vec<u8>>,
    body: impl FnOnce(
        *const sys::xna_call_options,
        *mut *mut sys::xna_task,
        *mut *mut sys::xna_error,
    ) -> i32,
) -> Result<Task<R>> {
    let options = call.options_of_task(bytes);
    let handle = made(|out, error| body(options, out, error))?;
    Ok(Task { handle, failed: call.failed, report: PhantomData })
}

impl Engine {
    /// `import`, started.
    pub fn start_import(
        &self,
        request: ImportRequest<'static>,
        call: Call<'static>,
    ) -> Result<Task<ImportReport>> {
        let call = RawCall::new(call)?;
        let mut raw = RawImport::new(request)?;
        let (request, bytes) = raw.get_for_task();
        start(call, bytes, |options, out, error| unsafe {
            sys::xna_engine_start_import(self.handle, request, options, out, error)
        })
    }

    /// `archive`, started.
    pub fn start_archive(
        &self,
        request: &ArchiveRequest,
        call: Call<'static>,
    ) -> Result<Task<ArchiveReport>> {
        let mut texts = Texts::default();
        let (raw, call) = (request.raw(&mut texts)?, RawCall::new(call)?);
        start(call, None, |options, out, error| unsafe {
            sys::xna_engine_start_archive(self.handle, &raw, options, out, error)
        })
    }

    /// `validate`, started.
    pub fn start_validate(
        &self,
        request: &ArchiveRequest,
        call: Call<'static>,
    ) -> Result<Task<ValidationReport>> {
        let mut texts = Texts::default();
        let (raw, call) = (request.raw(&mut texts)?, RawCall::new(call)?);
        start(call, None, |options, out, error| unsafe {
            sys::xna_engine_start_validate(self.handle, &raw, options, out, error)
        })
    }

    /// `refresh`, started.
    pub fn start_refresh(
        &self,
        request: &RefreshRequest,
        call: Call<'static>,
    ) -> Result<Task<RefreshReport>> {
        let mut texts = Texts::default();
        let (raw, call) = (request.raw(&mut texts)?, RawCall::new(call)?);
        start(call, None, |options, out, error| unsafe {
            sys::xna_engine_start_refresh(self.handle, &raw, options, out, error)
        })
    }

    /// `verify`, started.
    pub fn start_verify(
        &self,
        request: &VerifyRequest,
        call: Call<'static>,
    ) -> Result<Task<VerifyReport>> {
        let mut texts = Texts::default();
        let (raw, call) = (request.raw(&mut texts)?, RawCall::new(call)?);
        start(call, None, |options, out, error| unsafe {
            sys::xna_engine_start_verify(self.handle, &raw, options, out, error)
        })
    }

    /// `export`, started.
    pub fn start_export(
        &self,
        request: ExportRequest<'static>,
        call: Call<'static>,
    ) -> Result<Task<ExportReport>> {
        let call = RawCall::new(call)?;
        let mut raw = RawExport::new(request)?;
        let request = raw.get_for_task();
        start(call, None, |options, out, error| unsafe {
            sys::xna_engine_start_export(self.handle, request, options, out, error)
        })
    }
}

//! Who calls, how a call reports, and how it is stopped.
use std::ffi::c_void;
use std::fmt;
use std::ops::ControlFlow;
use std::ptr;
use std::sync::{Arc, Mutex};

use xnatarchive_sys as sys;

use crate::callbacks::{calling, Hosted};
use crate::error::{HostError, Result};
use crate::text::{borrowed, made, Texts};

/// How far a call is. Totals are 0 while unknown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// "receive", "build", "hash", "copy", "publish", ...
    pub phase: String,
    pub files_done: u64,
    pub files_total: u64,
    pub bytes_done: u64,
    pub bytes_total: u64,
}

impl Progress {
    pub(crate) fn from_raw(raw: &sys::xna_progress) -> Progress {
        Progress {
            phase: borrowed(raw.phase),
            files_done: raw.files_done,
            files_total: raw.files_total,
            bytes_done: raw.bytes_done,
            bytes_total: raw.bytes_total,
        }
    }
}

/// Stops calls from another thread. Clones stop the same calls.
#[derive(Clone)]
pub struct Cancel(Arc<CancelHandle>);

struct CancelHandle(*mut sys::xna_cancel);

// "Fully thread-safe."
unsafe impl Send for CancelHandle {}
unsafe impl Sync for CancelHandle {}

impl Drop for CancelHandle {
    fn drop(&mut self) {
        unsafe { sys::xna_cancel_free(self.0) }
    }
}

impl Cancel {
    /// Fails only when memory runs out.
    pub fn new() -> Result<Cancel> {
        let handle = made(|out, error| unsafe { sys::xna_cancel_create(out, error) })?;
        Ok(Cancel(Arc::new(CancelHandle(handle))))
    }

    /// Every call that was given it, or will be, ends with `Status::Cancelled` within a tenth of a
    /// second, unless it is past the point where it can: then it goes on to its end. For good.
    pub fn request(&self) {
        unsafe { sys::xna_cancel_request((self.0).0) }
    }
}

impl fmt::Debug for Cancel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cancel")
    }
}

type Hear<'a> = Box<dyn FnMut(&Progress) -> ControlFlow<()> + Send + 'a>;

/// Who calls, and how the call reports and stops. `Call::default()`: nobody, silently.
#[derive(Default)]
pub struct Call<'a> {
    user: String,
    origin: String,
    hear: Option<Hear<'a>>,
    cancel: Option<Cancel>,
}

impl<'a> Call<'a> {
    pub fn new() -> Call<'a> {
        Call::default()
    }

    /// Recorded, and what the access policy is asked about.
    pub fn user(mut self, name: impl Into<String>) -> Call<'a> {
        self.user = name.into();
        self
    }

    /// From where, such as an address; recorded in the audit trail.
    pub fn origin(mut self, place: impl Into<String>) -> Call<'a> {
        self.origin = place.into();
        self
    }

    /// Called on the call's thread at most ten times a second; may not call the engine. `Break`
    /// cancels: the call ends with `Status::Cancelled` and changes nothing.
    pub fn progress(
        mut self,
        hear: impl FnMut(&Progress) -> ControlFlow<()> + Send + 'a,
    ) -> Call<'a> {
        self.hear = Some(Box::new(hear));
        self
    }

    pub fn cancel(mut self, cancel: &Cancel) -> Call<'a> {
        self.cancel = Some(cancel.clone());
        self
    }
}

/// What a progress callback panicked with.
pub(crate) type Failed = Arc<Mutex<Option<HostError>>>;

pub(crate) struct ProgressSink<'a> {
    hear: Option<Hear<'a>>,
    failed: Failed,
    /// What a task needs until it has ended, which is when its sink is released.
    _bytes: Option<Vec<u8>>,
}

unsafe extern "C" fn update(ctx: *mut c_void, progress: *const sys::xna_progress) -> i32 {
    // One at a time, on the call's thread.
    let sink = &mut *ctx.cast::<ProgressSink<'_>>();
    let Some(hear) = &mut sink.hear else { return 0 };
    match calling(|| Ok(hear(&Progress::from_raw(&*progress)))) {
        Ok(ControlFlow::Continue(())) => 0,
        Ok(ControlFlow::Break(())) => 1,
        Err(error) => {
            *sink.failed.lock().unwrap_or_else(|poisoned| poisoned.into_inner()) = Some(error);
            1
        }
    }
}

/// The options of a call as the library reads them.
pub(crate) struct RawCall<'a> {
    options: sys::xna_call_options,
    progress: sys::xna_progress_sink,
    sink: Option<Hosted<ProgressSink<'a>>>,
    pub failed: Failed,
    cancel: Option<Cancel>,
    _texts: Texts,
}

impl<'a> RawCall<'a> {
    pub fn new(call: Call<'a>) -> Result<RawCall<'a>> {
        let mut texts = Texts::default();
        let mut options = initialized(sys::xna_call_options_init);
        options.user = texts.add(&call.user)?;
        options.origin = texts.add(&call.origin)?;
        let failed = Failed::default();
        let sink = call.hear.map(|hear| {
            Hosted::new(ProgressSink { hear: Some(hear), failed: failed.clone(), _bytes: None })
        });
        let progress = initialized(sys::xna_progress_sink_init);
        Ok(RawCall { options, progress, sink, failed, cancel: call.cancel, _texts: texts })
    }

    /// To be passed to the library at once. What it calls is still this call's.
    pub fn options(&mut self) -> *const sys::xna_call_options {
        self.options.progress = ptr::null();
        if let Some(sink) = &self.sink {
            self.progress.ctx = sink.ctx();
            self.progress.update = Some(update);
            self.options.progress = &self.progress;
        }
        self.options.cancel = self.cancel.as_ref().map_or(ptr::null(), |cancel| (cancel.0).0);
        &self.options
    }

    /// The same for a task: what it calls, and `bytes`, are the library's until it has ended.
    pub fn options_of_task(&mut self, bytes: Option<Vec<u8>>) -> *const sys::xna_call_options {
        let hear = self.sink.take().and_then(|sink| sink.into_inner().hear);
        let failed = self.failed.clone();
        let sink = Hosted::new(ProgressSink { hear, failed, _bytes: bytes });
        self.progress.release = sink.hand_over_to(&mut self.progress.ctx);
        self.progress.update = Some(update);
        self.options.progress = &self.progress;
        self.options.cancel = self.cancel.as_ref().map_or(ptr::null(), |cancel| (cancel.0).0);
        &self.options
    }

    /// Runs the call; a panic of its progress callback is the cause of its failure.
    pub fn run<T>(
        &mut self,
        call: impl FnOnce(*const sys::xna_call_options) -> Result<T>,
    ) -> Result<T> {
        let result = call(self.options());
        result.map_err(|error| error.with_cause(take_failed(&self.failed)))
    }
}

pub(crate) fn take_failed(failed: &Failed) -> Option<HostError> {
    failed.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).take()
}

/// A struct with the library's defaults.
pub(crate) fn initialized<T>(init: unsafe extern "C" fn(*mut T, usize) -> i32) -> T {
    let mut value = std::mem::MaybeUninit::<T>::zeroed();
    // Can not fail for a struct of the header. All-zero is a value of each of them.
    unsafe {
        init(value.as_mut_ptr(), std::mem::size_of::<T>());
        value.assume_init()
    }
}

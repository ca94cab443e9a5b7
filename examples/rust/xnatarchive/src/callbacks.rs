//! What is around every function of the host that the library calls: nothing is unwound into it, and
//! what a function fails with comes back to the caller.
use std::ffi::{c_void, CString};
use std::panic::{catch_unwind, AssertUnwindSafe};

use xnatarchive_sys as sys;

use crate::error::{keep_host_error, Error, HostError, Panicked};

/// Runs a function of the host; a panic is a [`Panicked`].
pub(crate) fn calling<T>(body: impl FnOnce() -> Result<T, HostError>) -> Result<T, HostError> {
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(result) => result,
        Err(payload) => {
            let text = payload.downcast_ref::<&str>().map(|text| text.to_string());
            let text = text.or_else(|| payload.downcast_ref::<String>().cloned());
            let message = text.unwrap_or_else(|| "with something that is no text".to_owned());
            if let Err(another) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
                std::mem::forget(another); // a destructor that panics: not a second time
            }
            Err(Box::new(Panicked { message }))
        }
    }
}

/// Runs a function of the host, and is what its callback returns: a status and reason of the
/// library's kind as they are, for anything else a status that stands for the error.
pub(crate) fn answer(
    hook: &str,
    callback: *mut sys::xna_callback,
    body: impl FnOnce() -> Result<i32, HostError>,
) -> i32 {
    let error = match calling(body) {
        Ok(status) => return status,
        Err(error) => error,
    };
    match error.downcast_ref::<Error>() {
        Some(own) if own.cause().is_none() => {
            explain(callback, own.reason(), own.message());
            return own.status().raw();
        }
        // The error's own text may hold a patient's name: it goes to the caller, not into records.
        _ if error.is::<Panicked>() => {
            explain(callback, &format!("{hook}.panicked"), "the host's function panicked");
        }
        _ => explain(callback, &format!("{hook}.failed"), "the host's function returned an error"),
    }
    keep_host_error(error)
}

fn explain(callback: *mut sys::xna_callback, reason: &str, message: &str) {
    let (Ok(reason), Ok(message)) = (CString::new(reason), CString::new(message)) else {
        return; // a text with a NUL: the library says what it says without one
    };
    unsafe { sys::xna_callback_fail(callback, reason.as_ptr(), message.as_ptr()) }
}

type Release = unsafe extern "C" fn(*mut c_void);

/// A value the library's callbacks get as their `ctx`.
pub(crate) struct Hosted<T>(*mut T);

impl<T> Hosted<T> {
    pub fn new(value: T) -> Hosted<T> {
        Hosted(Box::into_raw(Box::new(value)))
    }

    pub fn ctx(&self) -> *mut c_void {
        self.0.cast()
    }

    pub fn into_inner(self) -> T {
        let value = self.0;
        std::mem::forget(self);
        *unsafe { Box::from_raw(value) }
    }

    /// From here on the library owns it, and will call the `release` that this returns, once.
    pub fn hand_over_to(self, ctx: &mut *mut c_void) -> Option<Release> {
        *ctx = self.ctx();
        std::mem::forget(self);
        Some(release::<T>)
    }
}

impl<T> Drop for Hosted<T> {
    fn drop(&mut self) {
        drop(unsafe { Box::from_raw(self.0) });
    }
}

unsafe extern "C" fn release<T>(ctx: *mut c_void) {
    let released = calling(|| {
        drop(unsafe { Box::from_raw(ctx.cast::<T>()) });
        Ok(())
    });
    drop(released); // nobody can be told that a destructor panicked
}

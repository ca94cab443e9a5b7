//! Jobs: archiving later, by any process.
use std::time::Duration;

use xnatarchive_sys as sys;

use crate::call::Call;
use crate::engine::{done, listing, report, text, Engine};
use crate::error::Result;
use crate::reports::Job;
use crate::requests::{milliseconds, ArchiveRequest};
use crate::text::{Listing, Texts};

impl Engine {
    /// Asks for sessions to be archived later, durably, and returns the job's ID. `InvalidArgument`
    /// "job.empty", "job.same-source".
    pub fn submit(&self, requests: &[ArchiveRequest], call: Call<'_>) -> Result<String> {
        let mut texts = Texts::default();
        let raw = requests.iter().map(|r| r.raw(&mut texts)).collect::<Result<Vec<_>>>()?;
        let pointers: Vec<_> = raw.iter().map(std::ptr::from_ref).collect();
        let id = text(call, |options, out, error| unsafe {
            sys::xna_engine_submit(
                self.handle,
                pointers.as_ptr(),
                pointers.len(),
                options,
                out,
                error,
            )
        })?;
        Ok(String::from_utf8_lossy(&id).into_owned())
    }

    /// A job as it is now. `NotFound` "job.not-found", here and below.
    pub fn job(&self, id: &str, call: Call<'_>) -> Result<Job> {
        let mut texts = Texts::default();
        let id = texts.add(id)?;
        report(call, |options, out, error| unsafe {
            sys::xna_engine_job(self.handle, id, options, out, error)
        })
    }

    /// ID, kind, user, origin, state, created_ms, started_ms, ended_ms, items_done, items_total;
    /// newest first.
    pub fn jobs(&self, call: Call<'_>) -> Result<Listing> {
        listing(call, |options, out, error| unsafe {
            sys::xna_engine_jobs(self.handle, options, out, error)
        })
    }

    /// The job when it has ended; does not work it off. `Locked` "job.timeout" after `timeout`
    /// (`None`: no limit); `Cancelled` "job.wait-cancelled".
    pub fn wait_for_job(&self, id: &str, timeout: Option<Duration>, call: Call<'_>) -> Result<Job> {
        let mut texts = Texts::default();
        let id = texts.add(id)?;
        let timeout_ms = timeout.map_or(-1, milliseconds);
        report(call, |options, out, error| unsafe {
            sys::xna_engine_wait_for_job(self.handle, id, timeout_ms, options, out, error)
        })
    }

    /// Cancels what has not ended.
    pub fn cancel_job(&self, id: &str, call: Call<'_>) -> Result<()> {
        let mut texts = Texts::default();
        let id = texts.add(id)?;
        done(call, |options, error| unsafe {
            sys::xna_engine_cancel_job(self.handle, id, options, error)
        })
    }

    /// Archives the session that is queued longest, on this thread: true, whatever its outcome;
    /// false when none is queued.
    pub fn run_job(&self, call: Call<'_>) -> Result<bool> {
        let mut found = 0;
        done(call, |options, error| unsafe {
            sys::xna_engine_run_job(self.handle, options, &mut found, error)
        })?;
        Ok(found != 0)
    }
}

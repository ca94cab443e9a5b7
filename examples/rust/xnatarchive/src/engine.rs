//! One root, opened.
use std::path::PathBuf;
use std::ptr;

use serde::de::DeserializeOwned;
use xnatarchive_sys as sys;

use crate::call::{initialized, Call, RawCall};
use crate::document::Document;
use crate::error::{Error, Result, Status};
use crate::handler::{self, ImportHandler};
use crate::reports::*;
use crate::requests::*;
use crate::strategies::*;
use crate::text::{checked, made, take_report, take_text, Listing, Texts};

/// Where an engine works and what it may use. Only the root has to be given.
#[derive(Default)]
pub struct Options {
    /// Directory of what is not placed elsewhere.
    pub root: PathBuf,
    /// Empty: root/archive.
    pub archive_path: PathBuf,
    /// Empty: root/prearchive.
    pub prearchive_path: PathBuf,
    /// "": sqlite3://root/store.sqlite3.
    pub store_url: String,
    pub threads: Threads,
    /// Threads that work off submitted jobs.
    pub job_workers: u32,
    /// Opening leaves what crashed processes left to `Engine::recover`.
    pub no_recovery: bool,
    /// `None`: everything is allowed.
    pub access_policy: Option<AccessPolicy>,
    pub event_sink: Option<EventSink>,
    pub log_sink: Option<LogSink>,
    /// Asked in this order.
    pub validators: Vec<Validator>,
    pub transform: Option<Transform>,
    /// `None`: /bin/sh runs commands.
    pub pipeline_launcher: Option<PipelineLauncher>,
    /// How many entries one zip or tar may have, with what is nested in it. 0: the library's limit.
    pub container_entries_max: u64,
    /// How much it may unpack to. 0: the library's limit.
    pub container_bytes_max: u64,
}

/// Threads one call may use, its own included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Threads {
    /// The caller's alone.
    #[default]
    One,
    OnePerCore,
    Count(std::num::NonZeroU32),
}

impl Options {
    pub fn new(root: impl Into<PathBuf>) -> Options {
        Options { root: root.into(), ..Options::default() }
    }

    fn places(&self, texts: &mut Texts) -> Result<sys::xna_engine_options> {
        let mut raw = initialized(sys::xna_engine_options_init);
        raw.root = texts.path(&self.root)?;
        raw.archive_path = texts.path(&self.archive_path)?;
        raw.prearchive_path = texts.path(&self.prearchive_path)?;
        raw.store_url = texts.add(&self.store_url)?;
        Ok(raw)
    }
}

/// What a new root begins with.
#[derive(Clone, Debug, Default)]
pub struct RootOptions {
    /// Begins experiment and subject IDs. "": "XNAT".
    pub site_id: String,
    /// "md5+xxh3" (also ""), "md5", "xxh3" or "none".
    pub checksum: String,
}

/// Makes a new root: directories, store, settings. The root is made when absent, its parent must
/// exist. Of `options` only the places count. `AlreadyExists` "engine.root-in-use".
pub fn create_root(options: &Options, root: &RootOptions) -> Result<()> {
    check_abi()?;
    let mut texts = Texts::default();
    let raw = options.places(&mut texts)?;
    let (site_id, checksum) = (texts.add(&root.site_id)?, texts.add(&root.checksum)?);
    checked(|error| unsafe { sys::xna_root_create(&raw, site_id, checksum, error) })
}

/// Fails when the library that is loaded does not serve the header this was compiled with.
fn check_abi() -> Result<()> {
    const PER_MAJOR: u32 = 1000;
    let (have, want) = (unsafe { sys::xna_abi_version() }, sys::XNA_ABI_VERSION as u32);
    if have / PER_MAJOR == want / PER_MAJOR && have >= want {
        return Ok(());
    }
    let message = format!("the library's interface is {have}, this program needs {want}");
    Err(Error::new(Status::Unsupported, "binding.other-abi", message))
}

/// One root, opened: a prearchive, an archive, and a store. Several engines, also of several
/// processes of one host, may have the same root open.
///
/// Dropping it closes it: tasks that run go on, and the root is closed when the last has ended. It
/// waits for job workers, and for nothing else.
///
/// Calls fail with `Permission` "access.denied" when the access policy says no.
#[derive(Debug)]
pub struct Engine {
    pub(crate) handle: *mut sys::xna_engine,
}

// "Fully thread-safe", but for register(), which takes it for itself. Its functions are Send + Sync.
unsafe impl Send for Engine {}
unsafe impl Sync for Engine {}

impl Drop for Engine {
    fn drop(&mut self) {
        unsafe { sys::xna_engine_free(self.handle) }
    }
}

impl Engine {
    /// Opens a root, and finishes what crashed processes left. `NotFound` "engine.no-root".
    pub fn open(options: Options) -> Result<Engine> {
        check_abi()?;
        let mut texts = Texts::default();
        let mut raw = options.places(&mut texts)?;
        let transform = match options.transform {
            Some(Transform { name, rewrite }) => Some((texts.add(&name)?, rewrite)),
            None => None,
        };
        raw.flags = flag(options.no_recovery, sys::XNA_ENGINE_NO_RECOVERY);
        raw.threads = match options.threads {
            Threads::One => 1,
            Threads::OnePerCore => 0,
            Threads::Count(count) => count.get(),
        };
        raw.job_workers = options.job_workers;
        raw.container_entries_max = options.container_entries_max;
        raw.container_bytes_max = options.container_bytes_max;
        // From here on nothing fails before the library has taken the functions over.
        let policy = options.access_policy.map(bind_access_policy);
        raw.access_policy = pointer(&policy);
        let event_sink = options.event_sink.map(bind_event_sink);
        raw.event_sink = pointer(&event_sink);
        let log_sink = options.log_sink.map(bind_log_sink);
        raw.log_sink = pointer(&log_sink);
        let transform = transform.map(|(name, rewrite)| bind_transform(rewrite, name));
        raw.session_transform = pointer(&transform);
        let launcher = options.pipeline_launcher.map(bind_launcher);
        raw.pipeline_launcher = pointer(&launcher);
        let validators: Vec<_> = options.validators.into_iter().map(bind_validator).collect();
        let validator_pointers: Vec<_> = validators.iter().map(ptr::from_ref).collect();
        raw.validators = validator_pointers.as_ptr();
        raw.validator_count = validator_pointers.len();
        let handle = made(|out, error| unsafe { sys::xna_engine_open(&raw, out, error) })?;
        Ok(Engine { handle })
    }

    /// Adds a handler under its permanent name: 1 to 32 of [A-Za-z0-9-]. `AlreadyExists` when it is
    /// taken ("SI" and "DICOM-zip" are built in).
    pub fn register(&mut self, name: &str, handler: impl ImportHandler + 'static) -> Result<()> {
        let mut texts = Texts::default();
        let name = texts.add(name)?;
        let raw = handler::bind(Box::new(handler), name);
        checked(|error| unsafe { sys::xna_engine_register(self.handle, &raw, error) })
    }

    /// `AlreadyExists`; `InvalidArgument` for an ID or code that is none.
    pub fn add_project(&self, project: &Project, call: Call<'_>) -> Result<()> {
        let mut texts = Texts::default();
        let raw = project.raw(&mut texts)?;
        done(call, |options, error| unsafe {
            sys::xna_engine_add_project(self.handle, &raw, options, error)
        })
    }

    /// Makes a subject of whom nothing is archived yet, and returns its ID; fine when it is there.
    /// `InvalidArgument` "subject.bad-label"; `Locked`; `NotFound` "project.not-found".
    pub fn add_subject(&self, project: &str, label: &str, call: Call<'_>) -> Result<String> {
        let mut texts = Texts::default();
        let (project, label) = (texts.add(project)?, texts.add(label)?);
        let id = text(call, |options, out, error| unsafe {
            sys::xna_engine_add_subject(self.handle, project, label, options, out, error)
        })?;
        Ok(String::from_utf8_lossy(&id).into_owned())
    }

    /// ID, prearchive_code, quarantine_code, autorun, URI; sorted.
    pub fn projects(&self, call: Call<'_>) -> Result<Listing> {
        listing(call, |options, out, error| unsafe {
            sys::xna_engine_projects(self.handle, options, out, error)
        })
    }

    /// The value of a setting of the site ("") or of a project. `InvalidArgument`
    /// "setting.unknown", "setting.needs-project", "setting.not-of-projects"; `NotFound`
    /// "project.not-found".
    pub fn setting(&self, name: &str, project: &str, call: Call<'_>) -> Result<String> {
        let mut texts = Texts::default();
        let (name, project) = (texts.add(name)?, texts.add(project)?);
        let value = text(call, |options, out, error| unsafe {
            sys::xna_engine_setting(self.handle, name, project, options, out, error)
        })?;
        Ok(String::from_utf8_lossy(&value).into_owned())
    }

    /// Sets it for all calls that begin from now on. Also "setting.bad-value", "setting.read-only".
    pub fn set_setting(
        &self,
        name: &str,
        value: &str,
        project: &str,
        call: Call<'_>,
    ) -> Result<()> {
        let mut texts = Texts::default();
        let (name, value, project) = (texts.add(name)?, texts.add(value)?, texts.add(project)?);
        done(call, |options, error| unsafe {
            sys::xna_engine_set_setting(self.handle, name, value, project, options, error)
        })
    }

    /// Name, value, default, expected, purpose of all settings of the site ("") or of a project.
    pub fn settings(&self, project: &str, call: Call<'_>) -> Result<Listing> {
        let mut texts = Texts::default();
        let project = texts.add(project)?;
        listing(call, |options, out, error| unsafe {
            sys::xna_engine_settings(self.handle, project, options, out, error)
        })
    }

    /// Receives one input: durable and complete when it returns. Sessions that were to be archived
    /// at once and could not are in `not_archived`, and wait in the prearchive. `NotFound`
    /// "import.no-input"; `Corruption`; `Io`, `NoSpace`; `Cancelled`; `HandlerFailed`.
    pub fn import(&self, request: ImportRequest<'_>, call: Call<'_>) -> Result<ImportReport> {
        let mut raw = RawImport::new(request)?;
        report(call, |options, out, error| unsafe {
            sys::xna_engine_import(self.handle, raw.get(), options, out, error)
        })
    }

    /// Rows of the prearchive with XNAT's columns, newest first. `project` "": all; "Unassigned":
    /// those without.
    pub fn prearchive(&self, project: &str, call: Call<'_>) -> Result<Listing> {
        let mut texts = Texts::default();
        let project = texts.add(project)?;
        listing(call, |options, out, error| unsafe {
            sys::xna_engine_prearchive(self.handle, project, options, out, error)
        })
    }

    /// One of them. `NotFound`, here and below.
    pub fn prearchive_session(&self, src: &str, call: Call<'_>) -> Result<PrearchiveSession> {
        let mut texts = Texts::default();
        let src = texts.add(src)?;
        report(call, |options, out, error| unsafe {
            sys::xna_engine_prearchive_session(self.handle, src, options, out, error)
        })
    }

    /// What would refuse a call that needs `permission` for this session now: `Permission`; `Locked`.
    /// For whoever does something to several sessions.
    pub fn check_prearchive_session(
        &self,
        src: &str,
        permission: Permission,
        call: Call<'_>,
    ) -> Result<()> {
        let mut texts = Texts::default();
        let src = texts.add(src)?;
        done(call, |options, error| unsafe {
            let needed = permission as i32;
            sys::xna_engine_check_prearchive_session(self.handle, src, needed, options, error)
        })
    }

    /// Its log, oldest line first.
    pub fn prearchive_log(&self, src: &str, call: Call<'_>) -> Result<Vec<String>> {
        let mut texts = Texts::default();
        let src = texts.add(src)?;
        let rows = listing(call, |options, out, error| unsafe {
            sys::xna_engine_prearchive_log(self.handle, src, options, out, error)
        })?;
        Ok(rows.rows.into_iter().flatten().collect())
    }

    /// Makes the document and catalogs from the DICOM headers. A failed build leaves what was there.
    /// `Locked`; `Corruption`.
    pub fn build(&self, src: &str, call: Call<'_>) -> Result<()> {
        let mut texts = Texts::default();
        let src = texts.add(src)?;
        done(call, |options, error| unsafe {
            sys::xna_engine_build(self.handle, src, options, error)
        })
    }

    /// The same, and sets `fields` in the document: XNAT's XML paths and the values to set, which
    /// later builds set, too. `InvalidArgument` "build.bad-field".
    pub fn build_with_fields(
        &self,
        src: &str,
        fields: &[(String, String)],
        call: Call<'_>,
    ) -> Result<()> {
        let mut texts = Texts::default();
        let (src, pairs, count) = (texts.add(src)?, texts.pairs(fields)?, fields.len());
        done(call, |options, error| unsafe {
            sys::xna_engine_build_with_fields(self.handle, src, pairs, count, options, error)
        })
    }

    /// Builds every session to which no file came for the site's session_idle_minutes, and archives
    /// it unless it waits for a person or its sender. To be called from a timer.
    pub fn commit_idle(&self, call: Call<'_>) -> Result<IdleReport> {
        report(call, |options, out, error| unsafe {
            sys::xna_engine_commit_idle(self.handle, options, out, error)
        })
    }

    /// Moves the session into a project, by renames, and returns its URI there. `Locked`;
    /// `NotFound` "project.not-found".
    pub fn move_prearchive_session(
        &self,
        src: &str,
        project: &str,
        call: Call<'_>,
    ) -> Result<String> {
        let mut texts = Texts::default();
        let (src, project) = (texts.add(src)?, texts.add(project)?);
        let uri = text(call, |options, out, error| unsafe {
            sys::xna_engine_move_prearchive_session(self.handle, src, project, options, out, error)
        })?;
        Ok(String::from_utf8_lossy(&uri).into_owned())
    }

    /// Gives the session the state its files say (`state` ""), or "READY", "RECEIVING", "CONFLICT" or
    /// "ERROR". `Locked`; `Conflict` "prearchive.not-built".
    pub fn set_prearchive_state(
        &self,
        src: &str,
        state: &str,
        call: Call<'_>,
    ) -> Result<PrearchiveSession> {
        let mut texts = Texts::default();
        let (src, state) = (texts.add(src)?, texts.add(state)?);
        report(call, |options, out, error| unsafe {
            sys::xna_engine_set_prearchive_state(self.handle, src, state, options, out, error)
        })
    }

    /// Removes the session and its files for good. `Locked`.
    pub fn delete_prearchive_session(&self, src: &str, call: Call<'_>) -> Result<()> {
        let mut texts = Texts::default();
        let src = texts.add(src)?;
        done(call, |options, error| unsafe {
            sys::xna_engine_delete_prearchive_session(self.handle, src, options, error)
        })
    }

    /// Moves one prearchive session into the archive, building it first when that is needed: whole
    /// and durable there and gone from the prearchive, or complete in the prearchive. `Conflict`
    /// "archive.session-exists", and whatever finding blocks; `Locked` "operation.locked",
    /// "archive.receiving"; `Corruption`; `Cancelled`; `HandlerFailed`; `Io`, `NoSpace`.
    pub fn archive(&self, request: &ArchiveRequest, call: Call<'_>) -> Result<ArchiveReport> {
        let mut texts = Texts::default();
        let raw = request.raw(&mut texts)?;
        report(call, |options, out, error| unsafe {
            sys::xna_engine_archive(self.handle, &raw, options, out, error)
        })
    }

    /// What `archive` would find and do. Writes nothing.
    pub fn validate(&self, request: &ArchiveRequest, call: Call<'_>) -> Result<ValidationReport> {
        let mut texts = Texts::default();
        let raw = request.raw(&mut texts)?;
        report(call, |options, out, error| unsafe {
            sys::xna_engine_validate(self.handle, &raw, options, out, error)
        })
    }

    /// Releases a quarantined session; false when it was active.
    pub fn activate(&self, uri: &str, call: Call<'_>) -> Result<bool> {
        let mut texts = Texts::default();
        let uri = texts.add(uri)?;
        let mut changed = 0;
        done(call, |options, error| unsafe {
            sys::xna_engine_activate(self.handle, uri, options, &mut changed, error)
        })?;
        Ok(changed != 0)
    }

    /// What merging with `Overwrite::Delete` replaced, oldest first; `uri` "": all, or of a project
    /// or experiment.
    pub fn history(&self, uri: &str, call: Call<'_>) -> Result<Listing> {
        let mut texts = Texts::default();
        let uri = texts.add(uri)?;
        listing(call, |options, out, error| unsafe {
            sys::xna_engine_history(self.handle, uri, options, out, error)
        })
    }

    /// Puts the files of one record back. `NotFound` "history.not-found"; `Conflict`.
    pub fn restore_history(&self, id: &str, call: Call<'_>) -> Result<ArchiveReport> {
        let mut texts = Texts::default();
        let id = texts.add(id)?;
        report(call, |options, out, error| unsafe {
            sys::xna_engine_restore_history(self.handle, id, options, out, error)
        })
    }

    /// Removes one record and its files for good.
    pub fn prune_history(&self, id: &str, call: Call<'_>) -> Result<()> {
        let mut texts = Texts::default();
        let id = texts.add(id)?;
        done(call, |options, error| unsafe {
            sys::xna_engine_prune_history(self.handle, id, options, error)
        })
    }

    /// Brings catalogs up to date with the files beside them. Each has an outcome of its own in the
    /// report, "failed" among them, of a call that succeeded.
    pub fn refresh(&self, request: &RefreshRequest, call: Call<'_>) -> Result<RefreshReport> {
        let mut texts = Texts::default();
        let raw = request.raw(&mut texts)?;
        report(call, |options, out, error| unsafe {
            sys::xna_engine_refresh(self.handle, &raw, options, out, error)
        })
    }

    /// Reads archived files and compares them with their catalogs. What is wrong is in the report,
    /// of a call that succeeded. Changes nothing.
    pub fn verify(&self, request: &VerifyRequest, call: Call<'_>) -> Result<VerifyReport> {
        let mut texts = Texts::default();
        let raw = request.raw(&mut texts)?;
        report(call, |options, out, error| unsafe {
            sys::xna_engine_verify(self.handle, &raw, options, out, error)
        })
    }

    /// Writes a copy of an archived session, checked on the way: all of it, or nothing of that name.
    /// `AlreadyExists` "export.target-exists"; `Corruption` with the file that is damaged.
    pub fn export(&self, request: ExportRequest<'_>, call: Call<'_>) -> Result<ExportReport> {
        let mut raw = RawExport::new(request)?;
        report(call, |options, out, error| unsafe {
            sys::xna_engine_export(self.handle, raw.get(), options, out, error)
        })
    }

    /// One level below a URI, as XNAT lists it; the first column names the row, the last is its URI.
    /// "": projects. "/projects/P" (subjects), "/projects/P/experiments", ".../experiments/E" (scans
    /// and resources), ".../resources/LABEL" (files), "/prearchive...".
    pub fn list(&self, uri: &str, call: Call<'_>) -> Result<Listing> {
        let mut texts = Texts::default();
        let uri = texts.add(uri)?;
        listing(call, |options, out, error| unsafe {
            sys::xna_engine_list(self.handle, uri, options, out, error)
        })
    }

    /// The document of an archive or prearchive session; read-only. `Corruption`.
    pub fn document(&self, uri: &str, call: Call<'_>) -> Result<Document<'static>> {
        let mut texts = Texts::default();
        let uri = texts.add(uri)?;
        let handle = RawCall::new(call)?.run(|options| {
            made(|out, error| unsafe {
                sys::xna_engine_document(self.handle, uri, options, out, error)
            })
        })?;
        Ok(Document::owned(handle))
    }

    /// The same as the XML bytes on disk.
    pub fn document_xml(&self, uri: &str, call: Call<'_>) -> Result<Vec<u8>> {
        let mut texts = Texts::default();
        let uri = texts.add(uri)?;
        text(call, |options, out, error| unsafe {
            sys::xna_engine_document_xml(self.handle, uri, options, out, error)
        })
    }

    /// Who did what to which session; oldest first. `uri` "": everything.
    pub fn audit(&self, uri: &str, call: Call<'_>) -> Result<Listing> {
        let mut texts = Texts::default();
        let uri = texts.add(uri)?;
        listing(call, |options, out, error| unsafe {
            sys::xna_engine_audit(self.handle, uri, options, out, error)
        })
    }

    /// Finishes or undoes what dead processes left; never waits for living ones.
    pub fn recover(&self, call: Call<'_>) -> Result<RecoveryReport> {
        report(call, |options, out, error| unsafe {
            sys::xna_engine_recover(self.handle, options, out, error)
        })
    }

    /// Rebuilds the index from the trees, and tells every difference.
    pub fn reindex(&self, call: Call<'_>) -> Result<ReindexReport> {
        report(call, |options, out, error| unsafe {
            sys::xna_engine_reindex(self.handle, options, out, error)
        })
    }
}

fn pointer<T>(value: &Option<T>) -> *const T {
    value.as_ref().map_or(ptr::null(), ptr::from_ref)
}

type CallOptions = *const sys::xna_call_options;
type OutError = *mut *mut sys::xna_error;

/// A call that gives nothing.
pub(crate) fn done(call: Call<'_>, body: impl FnOnce(CallOptions, OutError) -> i32) -> Result<()> {
    RawCall::new(call)?.run(|options| checked(|error| body(options, error)))
}

/// A call that gives a report.
pub(crate) fn report<R: DeserializeOwned>(
    call: Call<'_>,
    body: impl FnOnce(CallOptions, *mut *mut sys::xna_report, OutError) -> i32,
) -> Result<R> {
    let made = RawCall::new(call)?.run(|options| made(|out, error| body(options, out, error)))?;
    take_report(made)
}

/// A call that gives a listing.
pub(crate) fn listing(
    call: Call<'_>,
    body: impl FnOnce(CallOptions, *mut *mut sys::xna_listing, OutError) -> i32,
) -> Result<Listing> {
    let made = RawCall::new(call)?.run(|options| made(|out, error| body(options, out, error)))?;
    Ok(Listing::take(made))
}

/// A call that gives a text.
pub(crate) fn text(
    call: Call<'_>,
    body: impl FnOnce(CallOptions, *mut *mut sys::xna_text, OutError) -> i32,
) -> Result<Vec<u8>> {
    let made = RawCall::new(call)?.run(|options| made(|out, error| body(options, out, error)))?;
    Ok(take_text(made))
}

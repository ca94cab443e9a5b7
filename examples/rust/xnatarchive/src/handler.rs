//! Import handlers of the host.
use std::ffi::{c_char, c_void};
use std::marker::PhantomData;
use std::ptr;

use xnatarchive_sys as sys;

use crate::call::initialized;
use crate::callbacks::{answer, calling, Hosted};
use crate::document::Document;
use crate::error::{Error, HostError, Result, Status};
use crate::text::{borrowed, checked, found, Texts};

/// What kind of input an import has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SourceKind {
    File,
    Folder,
    Container,
    PrearchiveSession,
    SessionBag,
    /// One that came with a newer library.
    Other(i32),
}

impl SourceKind {
    fn from_raw(raw: i32) -> SourceKind {
        match raw {
            sys::XNA_SOURCE_FILE => SourceKind::File,
            sys::XNA_SOURCE_FOLDER => SourceKind::Folder,
            sys::XNA_SOURCE_CONTAINER => SourceKind::Container,
            sys::XNA_SOURCE_PREARCHIVE_SESSION => SourceKind::PrearchiveSession,
            sys::XNA_SOURCE_SESSION_BAG => SourceKind::SessionBag,
            other => SourceKind::Other(other),
        }
    }
}

/// Understands one kind of input. Called by several threads at once, for different imports; may read
/// from the engine, and change nothing through it.
pub trait ImportHandler: Send + Sync {
    /// Whether this input (its name, "-" for a stream) is the handler's, when a request names none.
    fn accepts(&self, _input: &str, _kind: SourceKind) -> bool {
        false
    }

    /// Visits the files, and says which belong to which session, scan and resource. A failure ends
    /// the import and changes nothing.
    fn describe(&self, import: &mut Import<'_>) -> std::result::Result<(), HostError>;
}

type Boxed = Box<dyn ImportHandler>;

/// Fills the struct; the handler is the library's from here on.
pub(crate) fn bind(handler: Boxed, name: *const c_char) -> sys::xna_import_handler {
    let mut to = initialized(sys::xna_import_handler_init);
    to.name = name;
    to.accepts = Some(accepts);
    to.describe = Some(describe);
    to.release = Hosted::new(handler).hand_over_to(&mut to.ctx);
    to
}

unsafe extern "C" fn accepts(ctx: *mut c_void, input: *const c_char, kind: i32) -> i32 {
    let handler = &*ctx.cast::<Boxed>();
    // A handler that panics here does not take the input: the next one is asked.
    let accepted = calling(|| Ok(handler.accepts(&borrowed(input), SourceKind::from_raw(kind))));
    i32::from(accepted.unwrap_or(false))
}

unsafe extern "C" fn describe(
    ctx: *mut c_void,
    import: *mut sys::xna_import,
    callback: *mut sys::xna_callback,
) -> i32 {
    let handler = &*ctx.cast::<Boxed>();
    answer("handler", callback, || {
        handler.describe(&mut Import { handle: import, callback, during: PhantomData })?;
        Ok(sys::XNA_OK)
    })
}

/// One import, as a handler sees it: its files, and the sessions it makes of them.
#[derive(Debug)]
pub struct Import<'a> {
    handle: *mut sys::xna_import,
    callback: *mut sys::xna_callback,
    during: PhantomData<&'a ()>,
}

/// One session a handler has found.
#[derive(Debug)]
pub struct Session<'a> {
    handle: *mut sys::xna_session,
    during: PhantomData<&'a ()>,
}

/// One file of an import, during its visit.
#[derive(Debug)]
pub struct File<'a> {
    handle: *mut sys::xna_file,
    import: *mut sys::xna_import,
    during: PhantomData<&'a ()>,
}

/// What a handler knows about a file it keeps. Empty texts are not known.
#[derive(Clone, Debug, Default)]
pub struct Entry {
    /// Path inside the resource. "": the file's path.
    pub uri: String,
    /// Such as "NIFTI".
    pub format: String,
    pub content: String,
    /// SOP Instance UID.
    pub uid: String,
    pub instance_number: Option<u32>,
    /// It is a DICOM object.
    pub dicom: bool,
}

/// What the data says of a session.
#[derive(Clone, Debug, Default)]
pub struct SessionInfo {
    /// Has to be built from its DICOM headers first.
    pub needs_build: bool,
    /// Whether it is to be archived at once, or waits for somebody; `None`: as the project says.
    pub auto_archive: Option<bool>,
    /// "yyyy-MM-dd", for the prearchive's table.
    pub scan_date: String,
    /// "HH:mm:ss"
    pub scan_time: String,
}

impl<'a> Import<'a> {
    /// The name the input was given: last component of a path, "-" for a stream.
    pub fn name(&self) -> String {
        borrowed(unsafe { sys::xna_import_name(self.handle) })
    }

    pub fn kind(&self) -> SourceKind {
        SourceKind::from_raw(unsafe { sys::xna_import_kind(self.handle) })
    }

    /// A parameter of the request by XNAT's name ("project", "subject", ...) or the handler's own.
    pub fn parameter(&self, name: &str) -> Option<String> {
        let mut texts = Texts::default();
        found(unsafe { sys::xna_import_parameter(self.handle, texts.add(name).ok()?) })
    }

    /// ID of the project that has this ID or alias; `None` when there is none that the user may
    /// edit.
    pub fn find_project(&self, name: &str) -> Option<String> {
        let mut texts = Texts::default();
        found(unsafe { sys::xna_import_find_project(self.handle, texts.add(name).ok()?) })
    }

    /// True once nobody waits for the call any more: return soon, whatever. Cheap.
    pub fn cancelled(&self) -> bool {
        unsafe { sys::xna_callback_cancelled(self.callback) != 0 }
    }

    /// Appends an empty session.
    pub fn add_session(&self) -> Result<Session<'a>> {
        let handle = unsafe { sys::xna_import_add_session(self.handle) };
        if handle.is_null() {
            return Err(Error::new(Status::NoMemory, "capi.no-memory", "memory ran out"));
        }
        Ok(Session { handle, during: PhantomData })
    }

    /// Calls `visit` once for each file, in the input's order, until it fails, which is returned as
    /// it is. Containers are streamed: a second time may be `Unsupported`.
    pub fn each_file<F>(&self, visit: F) -> std::result::Result<(), HostError>
    where
        F: FnMut(&mut File<'_>) -> std::result::Result<(), HostError>,
    {
        let mut visitor = Visitor { import: self.handle, visit, failed: None };
        let ctx = ptr::addr_of_mut!(visitor).cast();
        let visited = checked(|error| unsafe {
            sys::xna_import_each_file(self.handle, Some(visit_file::<F>), ctx, error)
        });
        match visitor.failed {
            Some(error) => Err(error),
            None => Ok(visited?),
        }
    }
}

struct Visitor<F> {
    import: *mut sys::xna_import,
    visit: F,
    failed: Option<HostError>,
}

unsafe extern "C" fn visit_file<F>(ctx: *mut c_void, file: *mut sys::xna_file) -> i32
where
    F: FnMut(&mut File<'_>) -> std::result::Result<(), HostError>,
{
    let visitor = &mut *ctx.cast::<Visitor<F>>();
    let mut file = File { handle: file, import: visitor.import, during: PhantomData };
    match calling(|| (visitor.visit)(&mut file)) {
        Ok(()) => sys::XNA_OK,
        Err(error) => {
            visitor.failed = Some(error);
            sys::XNA_HOST_STATUS_MIN
        }
    }
}

impl File<'_> {
    /// Path inside the input: relative, '/' separated, no "..".
    pub fn path(&self) -> String {
        borrowed(unsafe { sys::xna_file_path(self.handle) })
    }

    /// Bytes; `None` where the input does not say.
    pub fn size(&self) -> Option<u64> {
        u64::try_from(unsafe { sys::xna_file_size(self.handle) }).ok()
    }

    /// Its first `size_max` bytes, or all of a shorter file. Reading does not use it up.
    pub fn head(&mut self, size_max: usize) -> Result<&[u8]> {
        let (mut size, mut error) = (0, ptr::null_mut());
        unsafe {
            let head = sys::xna_file_head(self.handle, size_max, &mut size, &mut error);
            if head.is_null() {
                return Err(Error::take(sys::xna_error_status(error), error));
            }
            Ok(std::slice::from_raw_parts(head.cast(), size))
        }
    }

    /// Keeps the file as part of a resource of the scan, or of the session itself (`None`). A second
    /// file of the same resource and uri takes the place of the first. A failure to write may be
    /// returned by a later call.
    pub fn keep(
        &mut self,
        session: &Session<'_>,
        scan_id: Option<&str>,
        resource: &str,
        entry: &Entry,
    ) -> Result<()> {
        let mut texts = Texts::default();
        let mut raw = initialized(sys::xna_entry_init);
        raw.uri = texts.add(&entry.uri)?;
        raw.format = texts.add(&entry.format)?;
        raw.content = texts.add(&entry.content)?;
        raw.uid = texts.add(&entry.uid)?;
        raw.instance_number = entry.instance_number.map_or(-1, i64::from);
        raw.flags = if entry.dicom { sys::XNA_ENTRY_DICOM as u32 } else { 0 };
        let (scan, label) = (texts.add(scan_id.unwrap_or_default())?, texts.add(resource)?);
        checked(|error| unsafe {
            sys::xna_import_keep(self.import, self.handle, session.handle, scan, label, &raw, error)
        })
    }

    /// Leaves the file out: counted and told, not an error. `reason` is a slug of the host's own,
    /// `message` one line without patient data.
    pub fn skip(&mut self, reason: &str, message: &str) {
        let mut texts = Texts::default();
        let reason = texts.add(reason).unwrap_or(ptr::null());
        let message = texts.add(message).unwrap_or(ptr::null());
        unsafe { sys::xna_import_skip(self.import, self.handle, reason, message) }
    }
}

impl Session<'_> {
    /// Its document, to be filled: "xsi_type", "label", "subject_ID" and at least one scan make a
    /// session that can be archived.
    pub fn document(&mut self) -> Document<'_> {
        Document::borrowed(unsafe { sys::xna_session_document(self.handle) })
    }

    pub fn describe(&mut self, info: &SessionInfo) -> Result<()> {
        let mut texts = Texts::default();
        let (date, time) = (texts.add(&info.scan_date)?, texts.add(&info.scan_time)?);
        let mut flags = if info.needs_build { sys::XNA_SESSION_NEEDS_BUILD } else { 0 };
        flags |= match info.auto_archive {
            Some(true) => sys::XNA_SESSION_AUTO_ARCHIVE,
            Some(false) => sys::XNA_SESSION_WAIT_FOR_USER,
            None => 0,
        };
        checked(|error| unsafe {
            sys::xna_session_describe(self.handle, flags as u32, date, time, error)
        })
    }
}

//! What calls are asked for.
use std::borrow::Cow;
use std::ffi::c_void;
use std::io::{ErrorKind, Read, Write};
use std::path::PathBuf;
use std::ptr;
use std::time::Duration;

use xnatarchive_sys as sys;

use crate::call::initialized;
use crate::callbacks::{answer, Hosted};
use crate::error::Result;
use crate::text::Texts;

/// What is imported.
pub enum Source<'a> {
    /// File, folder or container.
    Path(PathBuf),
    /// A container or file in memory.
    Bytes(Cow<'a, [u8]>),
    /// A container or file that is still coming in. Read on the call's thread.
    Reader(Box<dyn Read + Send + 'a>),
}

/// One input.
pub struct ImportRequest<'a> {
    pub source: Source<'a>,
    /// "": the first handler that accepts the input.
    pub handler: String,
    /// A prearchive or archive URI, or ""; an archive URI archives at once.
    pub dest: String,
    /// XNAT's "project", "subject", "session", "rename", "Ignore-Unparsable", "overwrite", and a
    /// handler's own.
    pub parameters: Vec<(String, String)>,
}

impl<'a> ImportRequest<'a> {
    pub fn new(source: Source<'a>) -> ImportRequest<'a> {
        ImportRequest {
            source,
            handler: String::new(),
            dest: String::new(),
            parameters: Vec::new(),
        }
    }

    pub fn path(path: impl Into<PathBuf>) -> ImportRequest<'a> {
        ImportRequest::new(Source::Path(path.into()))
    }

    pub fn bytes(bytes: impl Into<Cow<'a, [u8]>>) -> ImportRequest<'a> {
        ImportRequest::new(Source::Bytes(bytes.into()))
    }

    pub fn reader(reader: impl Read + Send + 'a) -> ImportRequest<'a> {
        ImportRequest::new(Source::Reader(Box::new(reader)))
    }

    pub fn handler(mut self, name: impl Into<String>) -> ImportRequest<'a> {
        self.handler = name.into();
        self
    }

    pub fn dest(mut self, uri: impl Into<String>) -> ImportRequest<'a> {
        self.dest = uri.into();
        self
    }

    pub fn parameter(
        mut self,
        name: impl Into<String>,
        value: impl Into<String>,
    ) -> ImportRequest<'a> {
        self.parameters.push((name.into(), value.into()));
        self
    }
}

type Reader<'a> = Box<dyn Read + Send + 'a>;
type Writer<'a> = Box<dyn Write + Send + 'a>;

/// A request as the library reads it, and what it refers to.
pub(crate) struct RawImport<'a> {
    request: sys::xna_import_request,
    input: sys::xna_input,
    reader: Option<Hosted<Reader<'a>>>,
    bytes: Option<Cow<'a, [u8]>>,
    _texts: Texts,
}

impl<'a> RawImport<'a> {
    pub fn new(request: ImportRequest<'a>) -> Result<RawImport<'a>> {
        let mut texts = Texts::default();
        let mut raw = initialized(sys::xna_import_request_init);
        raw.handler = texts.add(&request.handler)?;
        raw.dest = texts.add(&request.dest)?;
        raw.parameters = texts.pairs(&request.parameters)?;
        raw.parameter_count = request.parameters.len();
        let (mut reader, mut bytes) = (None, None);
        match request.source {
            Source::Path(path) => raw.path = texts.path(&path)?,
            Source::Bytes(given) => bytes = Some(given),
            Source::Reader(given) => reader = Some(Hosted::new(given)),
        }
        let input = initialized(sys::xna_input_init);
        Ok(RawImport { request: raw, input, reader, bytes, _texts: texts })
    }

    /// To be passed to the library at once. What it calls is still this request's.
    pub fn get(&mut self) -> *const sys::xna_import_request {
        if let Some(bytes) = &self.bytes {
            self.request.data = bytes.as_ptr().cast();
            self.request.data_size = bytes.len();
        }
        if let Some(reader) = &self.reader {
            self.input.ctx = reader.ctx();
            self.input.read = Some(read);
            self.request.input = &self.input;
        }
        &self.request
    }

    /// The same for a task, which owns the reader until it has ended, and needs the bytes as long.
    pub fn get_for_task(&mut self) -> (*const sys::xna_import_request, Option<Vec<u8>>) {
        let bytes = self.bytes.take().map(Cow::into_owned);
        if let Some(bytes) = &bytes {
            self.request.data = bytes.as_ptr().cast();
            self.request.data_size = bytes.len();
        }
        if let Some(reader) = self.reader.take() {
            self.input.release = reader.hand_over_to(&mut self.input.ctx);
            self.input.read = Some(read);
            self.request.input = &self.input;
        }
        (&self.request, bytes)
    }
}

unsafe extern "C" fn read(
    ctx: *mut c_void,
    buffer: *mut c_void,
    size: usize,
    out_count: *mut usize,
    callback: *mut sys::xna_callback,
) -> i32 {
    let reader = &mut *ctx.cast::<Reader<'_>>();
    // The buffer's bytes may never have been written, and a reader may look at what it is given.
    ptr::write_bytes(buffer.cast::<u8>(), 0, size);
    let buffer = std::slice::from_raw_parts_mut(buffer.cast::<u8>(), size);
    answer("input", callback, || loop {
        match reader.read(buffer) {
            Ok(count) if count <= size => {
                *out_count = count;
                return Ok(sys::XNA_OK);
            }
            Ok(_) => return Err("the reader returned an impossible count".into()),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
    })
}

/// What archiving does with a session that exists.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Overwrite {
    /// It is a conflict.
    #[default]
    None,
    /// Add what is not there.
    Append,
    /// Add and replace; what is replaced goes to the history.
    Delete,
}

/// One prearchive session that is to be archived.
#[derive(Clone, Debug, Default)]
pub struct ArchiveRequest {
    /// Prearchive URI of one session.
    pub src: String,
    /// "", or an archive URI of a project, subject or experiment.
    pub dest: String,
    pub overwrite: Overwrite,
    /// Quarantined, whatever the project says.
    pub quarantine: bool,
    /// AutoRun is not launched.
    pub no_pipelines: bool,
    /// How long to wait for whoever works on it; then `Status::Locked`.
    pub wait: Duration,
    /// "project", "subject", "session" or "label", "event_reason".
    pub parameters: Vec<(String, String)>,
    /// XNAT's XML paths and the values to set.
    pub fields: Vec<(String, String)>,
}

impl ArchiveRequest {
    pub fn new(src: impl Into<String>) -> ArchiveRequest {
        ArchiveRequest { src: src.into(), ..ArchiveRequest::default() }
    }

    /// Valid as long as `texts`.
    pub(crate) fn raw(&self, texts: &mut Texts) -> Result<sys::xna_archive_request> {
        let mut raw = initialized(sys::xna_archive_request_init);
        raw.flags = flag(self.quarantine, sys::XNA_ARCHIVE_QUARANTINE)
            | flag(self.no_pipelines, sys::XNA_ARCHIVE_NO_PIPELINES);
        raw.src = texts.add(&self.src)?;
        raw.dest = texts.add(&self.dest)?;
        raw.overwrite = match self.overwrite {
            Overwrite::None => sys::XNA_OVERWRITE_NONE,
            Overwrite::Append => sys::XNA_OVERWRITE_APPEND,
            Overwrite::Delete => sys::XNA_OVERWRITE_DELETE,
        };
        raw.wait_ms = milliseconds(self.wait);
        raw.parameters = texts.pairs(&self.parameters)?;
        raw.parameter_count = self.parameters.len();
        raw.fields = texts.pairs(&self.fields)?;
        raw.field_count = self.fields.len();
        Ok(raw)
    }
}

/// Which catalogs are brought up to date, and how. With none of the first four it is done as the
/// site says.
#[derive(Clone, Debug, Default)]
pub struct RefreshRequest {
    /// Of projects, subjects, experiments, scans, resources.
    pub uris: Vec<String>,
    pub append: bool,
    pub checksum: bool,
    pub delete: bool,
    pub populate_stats: bool,
    /// Removes and renews also what looks like an accident.
    pub force: bool,
    /// Makes lost and damaged catalogs anew.
    pub rebuild: bool,
    /// How long to wait for whoever works on a session.
    pub wait: Duration,
}

impl RefreshRequest {
    pub(crate) fn raw(&self, texts: &mut Texts) -> Result<sys::xna_refresh_request> {
        let mut raw = initialized(sys::xna_refresh_request_init);
        raw.flags = flag(self.append, sys::XNA_REFRESH_APPEND)
            | flag(self.checksum, sys::XNA_REFRESH_CHECKSUM)
            | flag(self.delete, sys::XNA_REFRESH_DELETE)
            | flag(self.populate_stats, sys::XNA_REFRESH_POPULATE_STATS)
            | flag(self.force, sys::XNA_REFRESH_FORCE)
            | flag(self.rebuild, sys::XNA_REFRESH_REBUILD);
        raw.uris = texts.array(self.uris.iter().map(String::as_str))?;
        raw.uri_count = self.uris.len();
        raw.wait_ms = milliseconds(self.wait);
        Ok(raw)
    }
}

/// What is read and compared.
#[derive(Clone, Debug)]
pub struct VerifyRequest {
    /// None: everything the caller may read.
    pub uris: Vec<String>,
    /// Share of the files that are read, above 0 and up to 100.
    pub sample_percent: f64,
    /// Chooses the sample; 0: one of its own.
    pub seed: u64,
    /// 0: as fast as the disk allows.
    pub bytes_per_second_max: u64,
    /// A file outside of the trees that keeps how far it is.
    pub resume_path: Option<PathBuf>,
    /// All digests that are known; otherwise one is enough.
    pub all_digests: bool,
}

impl Default for VerifyRequest {
    fn default() -> VerifyRequest {
        VerifyRequest {
            uris: Vec::new(),
            sample_percent: 100.0,
            seed: 0,
            bytes_per_second_max: 0,
            resume_path: None,
            all_digests: false,
        }
    }
}

impl VerifyRequest {
    pub(crate) fn raw(&self, texts: &mut Texts) -> Result<sys::xna_verify_request> {
        let mut raw = initialized(sys::xna_verify_request_init);
        raw.flags = flag(self.all_digests, sys::XNA_VERIFY_ALL_DIGESTS);
        raw.uris = texts.array(self.uris.iter().map(String::as_str))?;
        raw.uri_count = self.uris.len();
        raw.sample_percent = self.sample_percent;
        raw.seed = self.seed;
        raw.bytes_per_second_max = self.bytes_per_second_max;
        if let Some(path) = &self.resume_path {
            raw.resume_path = texts.path(path)?;
        }
        Ok(raw)
    }
}

/// Where a copy goes.
pub enum Target<'a> {
    /// A new directory, or a zip when it ends in ".zip".
    Path(PathBuf),
    /// Takes a zip. Written to on the call's thread.
    Writer(Box<dyn Write + Send + 'a>),
}

/// What is copied where.
pub struct ExportRequest<'a> {
    /// Of an archived experiment.
    pub uri: String,
    pub target: Target<'a>,
    /// A BagIt bag (RFC 8493) in place of the layout of XNAT's downloads.
    pub bag: bool,
}

impl<'a> ExportRequest<'a> {
    pub fn to_path(uri: impl Into<String>, path: impl Into<PathBuf>) -> ExportRequest<'a> {
        ExportRequest { uri: uri.into(), target: Target::Path(path.into()), bag: false }
    }

    pub fn to_writer(uri: impl Into<String>, writer: impl Write + Send + 'a) -> ExportRequest<'a> {
        ExportRequest { uri: uri.into(), target: Target::Writer(Box::new(writer)), bag: false }
    }

    pub fn bag(mut self) -> ExportRequest<'a> {
        self.bag = true;
        self
    }
}

/// As `RawImport`.
pub(crate) struct RawExport<'a> {
    request: sys::xna_export_request,
    output: sys::xna_output,
    writer: Option<Hosted<Writer<'a>>>,
    _texts: Texts,
}

impl<'a> RawExport<'a> {
    pub fn new(request: ExportRequest<'a>) -> Result<RawExport<'a>> {
        let mut texts = Texts::default();
        let mut raw = initialized(sys::xna_export_request_init);
        raw.flags = flag(request.bag, sys::XNA_EXPORT_BAG);
        raw.uri = texts.add(&request.uri)?;
        let writer = match request.target {
            Target::Path(path) => {
                raw.path = texts.path(&path)?;
                None
            }
            Target::Writer(given) => Some(Hosted::new(given)),
        };
        let output = initialized(sys::xna_output_init);
        Ok(RawExport { request: raw, output, writer, _texts: texts })
    }

    pub fn get(&mut self) -> *const sys::xna_export_request {
        if let Some(writer) = &self.writer {
            self.output.ctx = writer.ctx();
            self.output.write = Some(write);
            self.request.output = &self.output;
        }
        &self.request
    }

    pub fn get_for_task(&mut self) -> *const sys::xna_export_request {
        if let Some(writer) = self.writer.take() {
            self.output.release = writer.hand_over_to(&mut self.output.ctx);
            self.output.write = Some(write);
            self.request.output = &self.output;
        }
        &self.request
    }
}

unsafe extern "C" fn write(
    ctx: *mut c_void,
    data: *const c_void,
    size: usize,
    callback: *mut sys::xna_callback,
) -> i32 {
    let writer = &mut *ctx.cast::<Writer<'_>>();
    answer("output", callback, || {
        if size > 0 {
            writer.write_all(std::slice::from_raw_parts(data.cast(), size))?;
        }
        Ok(sys::XNA_OK)
    })
}

/// A project, and of its settings those that are mostly given with it.
#[derive(Clone, Debug, Default)]
pub struct Project {
    /// A valid label, unique ignoring case.
    pub id: String,
    /// 0: sessions wait; 4: archived at once; 5: the same, overwriting.
    pub prearchive_code: i32,
    /// 1: archived sessions are quarantined.
    pub quarantine_code: i32,
    /// Command for the launcher.
    pub autorun: String,
}

impl Project {
    pub fn new(id: impl Into<String>) -> Project {
        Project { id: id.into(), ..Project::default() }
    }

    pub(crate) fn raw(&self, texts: &mut Texts) -> Result<sys::xna_project> {
        let mut raw = initialized(sys::xna_project_init);
        raw.id = texts.add(&self.id)?;
        raw.prearchive_code = self.prearchive_code;
        raw.quarantine_code = self.quarantine_code;
        raw.autorun = texts.add(&self.autorun)?;
        Ok(raw)
    }
}

pub(crate) fn flag(set: bool, value: i32) -> u32 {
    if set {
        value as u32
    } else {
        0
    }
}

pub(crate) fn milliseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

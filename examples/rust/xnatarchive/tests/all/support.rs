//! What the tests share: roots, and DICOM files to archive.
#![allow(dead_code)] // not every program of tests uses all of it
use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::ops::{Deref, DerefMut};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use tempfile::TempDir;
use xnatarchive::*;

/// An engine on a root of its own with the project P.
pub struct Opened {
    engine: Engine,
    pub folder: TempDir, // dropped after the engine
}

impl Opened {
    /// Closes the engine, and keeps the root.
    pub fn close(self) -> TempDir {
        drop(self.engine);
        self.folder
    }
}

impl Deref for Opened {
    type Target = Engine;
    fn deref(&self) -> &Engine {
        &self.engine
    }
}

impl DerefMut for Opened {
    fn deref_mut(&mut self) -> &mut Engine {
        &mut self.engine
    }
}

pub fn open() -> Opened {
    open_with(Options::default())
}

pub fn open_with(options: Options) -> Opened {
    studies();
    let folder = TempDir::new().unwrap();
    let root = folder.path().join("root");
    create_root(
        &Options::new(&root),
        &RootOptions { site_id: "TEST".into(), ..Default::default() },
    )
    .unwrap();
    let engine = Engine::open(Options { root, ..options }).unwrap();
    engine.add_project(&Project::new("P"), Call::new()).unwrap();
    Opened { engine, folder }
}

type Size = (u32, u32);

/// Zips of DICOM files by their numbers of series and instances. All are made before the first
/// engine is opened: a child process that has not yet reached its program holds the descriptors of
/// its parent, also those of locks that the parent has let go.
static STUDIES: OnceLock<BTreeMap<Size, Vec<u8>>> = OnceLock::new();

fn studies() -> &'static BTreeMap<Size, Vec<u8>> {
    const SIZES: [Size; 7] = [(1, 1), (1, 2), (1, 3), (2, 2), (2, 3), (3, 3), (3, 5)];
    STUDIES.get_or_init(|| SIZES.into_iter().map(|size| (size, make_study(size))).collect())
}

/// A zip of DICOM files of one study of project P with the label L1.
pub fn study(series: u32, instances: u32) -> Vec<u8> {
    studies()[&(series, instances)].clone()
}

fn make_study((series, instances): Size) -> Vec<u8> {
    let folder = TempDir::new().unwrap();
    let program = std::env::var_os("MAKE_DICOM").expect("MAKE_DICOM is set");
    let output = Command::new(program)
        .args(["--series", &series.to_string(), "--instances", &instances.to_string()])
        .args(["--rows", "16", "--cols", "16", "--label-prefix", "L", "--project", "P", "--out"])
        .arg(folder.path().join("dicom"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    add(&mut zip, &folder.path().join("dicom"), folder.path());
    zip.finish().unwrap().into_inner()
}

type Zip = zip::ZipWriter<std::io::Cursor<Vec<u8>>>;

fn add(zip: &mut Zip, path: &Path, base: &Path) {
    if path.is_dir() {
        fs::read_dir(path).unwrap().for_each(|entry| add(zip, &entry.unwrap().path(), base));
        return;
    }
    let options =
        zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    zip.start_file(path.strip_prefix(base).unwrap().to_str().unwrap(), options).unwrap();
    zip.write_all(&fs::read(path).unwrap()).unwrap();
}

/// URI of a new session in the prearchive.
pub fn received(engine: &Engine, series: u32, instances: u32) -> String {
    let request = ImportRequest::bytes(study(series, instances));
    let mut report = engine.import(request, Call::new()).unwrap();
    assert_eq!(report.uris.len(), 1);
    report.uris.remove(0)
}

/// URI of a new session in the archive.
pub fn archived(engine: &Engine, series: u32, instances: u32) -> String {
    let src = received(engine, series, instances);
    engine.archive(&ArchiveRequest::new(src), Call::new()).unwrap().uri
}

/// A folder of these files.
pub fn folder_of(files: &[(&str, &str)]) -> (TempDir, PathBuf) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("input");
    fs::create_dir(&path).unwrap();
    let files: BTreeMap<_, _> = files.iter().copied().collect();
    files.iter().for_each(|(name, text)| fs::write(path.join(name), text).unwrap());
    (folder, path)
}

/// Status and reason of a call that must fail.
#[track_caller]
pub fn failure<T: std::fmt::Debug>(result: Result<T>) -> (Status, String) {
    let error = result.unwrap_err();
    (error.status(), error.reason().to_owned())
}

#[track_caller]
pub fn assert_fails<T: std::fmt::Debug>(result: Result<T>, status: Status, reason: &str) {
    assert_eq!(failure(result), (status, reason.to_owned()));
}

/// The first column of a listing.
pub fn names(listing: &Listing) -> Vec<&str> {
    listing.rows.iter().map(|row| row[0].as_str()).collect()
}

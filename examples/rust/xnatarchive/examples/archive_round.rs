//! Takes a DICOM zip through the whole round: received, archived, and archived again, which is a
//! conflict; and then a folder that only a handler written here understands.
//!
//! usage: archive_round ROOT PROJECT STUDY.zip [NOTES-FOLDER]
use std::ops::ControlFlow;
use std::process::ExitCode;

use serde::Deserialize;
use xnatarchive::{
    create_root, ArchiveRequest, Call, Engine, Entry, Error, HostError, Import, ImportHandler,
    ImportRequest, Options, Project, RootOptions, SourceKind, Status,
};

/// Understands a folder of text files with one JSON side-car, such as
///
/// ```text
/// session.json    {"subject": "S01", "session": "S01_NOTES", "description": "reading"}
/// reading.txt
/// ```
struct NotesFolder;

#[derive(Deserialize)]
struct Sidecar {
    subject: String,
    session: String,
    description: String,
}

impl ImportHandler for NotesFolder {
    fn accepts(&self, _input: &str, kind: SourceKind) -> bool {
        kind == SourceKind::Folder
    }

    fn describe(&self, import: &mut Import<'_>) -> Result<(), HostError> {
        let mut session = import.add_session()?;
        let mut sidecar: Option<Sidecar> = None;
        import.each_file(|file| {
            let format = match file.path().rsplit('.').next() {
                Some("json") => {
                    sidecar = Some(serde_json::from_slice(file.head(1 << 20)?)?);
                    "JSON"
                }
                Some("txt") => "TEXT",
                _ => {
                    file.skip("notes.other-file", "neither text nor JSON");
                    return Ok(());
                }
            };
            let entry = Entry { format: format.into(), ..Entry::default() };
            Ok(file.keep(&session, Some("1"), "NOTES", &entry)?)
        })?;
        let sidecar = sidecar.ok_or_else(|| {
            Error::new(Status::InvalidArgument, "notes.no-sidecar", "no .json file is there")
        })?;
        let mut document = session.document();
        document.set("xsi_type", "xnat:otherDicomSessionData")?;
        document.set("label", &sidecar.session)?;
        document.set("subject_ID", &sidecar.subject)?;
        document.add_scan("1", "xnat:otherDicomScanData")?;
        Ok(document.set_of_scan("1", "series_description", &sidecar.description)?)
    }
}

/// Imports one input and returns where its sessions are.
fn receive(engine: &Engine, project: &str, path: &str) -> xnatarchive::Result<Vec<String>> {
    let request = ImportRequest::path(path)
        .parameter("project", project)
        .parameter("Ignore-Unparsable", "true");
    let report = engine.import(request, Call::new())?;
    println!("received {} files, skipped {}", report.files_received, report.files_skipped);
    Ok(report.uris)
}

/// Archives each session.
fn archive(engine: &Engine, sessions: &[String]) -> xnatarchive::Result<()> {
    for uri in sessions {
        let call = Call::new().user("archive_round").progress(|progress| {
            eprintln!("{} {}/{}", progress.phase, progress.files_done, progress.files_total);
            ControlFlow::Continue(())
        });
        let report = engine.archive(&ArchiveRequest::new(uri), call)?;
        println!("archived {}: {} scans, {} files", report.uri, report.scans, report.files);
    }
    Ok(())
}

fn ignore_existing(result: xnatarchive::Result<()>) -> xnatarchive::Result<()> {
    match result {
        Err(error) if error.status() == Status::AlreadyExists => Ok(()),
        other => other,
    }
}

fn run(root: &str, project: &str, study: &str, notes: Option<&str>) -> xnatarchive::Result<()> {
    ignore_existing(create_root(&Options::new(root), &RootOptions::default()))?;
    let mut engine = Engine::open(Options::new(root))?;
    engine.register("Notes-folder", NotesFolder)?;
    ignore_existing(engine.add_project(&Project::new(project), Call::new()))?;

    archive(&engine, &receive(&engine, project, study)?)?;
    match archive(&engine, &receive(&engine, project, study)?) {
        Err(error) if error.status() == Status::Conflict => {
            println!("a second time: {} ({})", error.status(), error.reason());
        }
        other => return other,
    }
    match notes {
        Some(notes) => archive(&engine, &receive(&engine, project, notes)?),
        None => Ok(()),
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match arguments[..] {
        [root, project, study] => run(root, project, study, None),
        [root, project, study, notes] => run(root, project, study, Some(notes)),
        _ => {
            eprintln!("usage: archive_round ROOT PROJECT STUDY.zip [NOTES-FOLDER]");
            return ExitCode::from(2);
        }
    };
    if let Err(error) = result {
        eprintln!("archive_round: {error}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

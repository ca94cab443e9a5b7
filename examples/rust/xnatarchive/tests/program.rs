//! The example, run.
use std::process::Command;

#[path = "all/support.rs"]
mod support;

use support::{folder_of, study};

#[test]
fn program_takes_both_inputs_through_the_round() {
    let sidecar = r#"{"subject": "S01", "session": "S01_NOTES", "description": "reading"}"#;
    let (folder, notes) = folder_of(&[
        ("reading.txt", "nothing seen"),
        ("image.bin", "?"),
        ("session.json", sidecar),
    ]);
    let zip = folder.path().join("study.zip");
    std::fs::write(&zip, study(2, 2)).unwrap();
    // Cargo builds examples with the tests, in a folder beside them.
    let program = std::env::current_exe().unwrap();
    let program = program.ancestors().nth(2).unwrap().join("examples/archive_round");
    let output = Command::new(program)
        .arg(folder.path().join("root"))
        .arg("DEMO")
        .args([&zip, &notes])
        .output()
        .unwrap();
    let expected = "received 4 files, skipped 0
archived /data/archive/projects/DEMO/subjects/L1_S/experiments/L1: 2 scans, 4 files
received 4 files, skipped 0
a second time: conflict (archive.session-exists)
received 2 files, skipped 1
archived /data/archive/projects/DEMO/subjects/S01/experiments/S01_NOTES: 1 scans, 2 files
";
    assert_eq!(String::from_utf8(output.stdout).unwrap(), expected);
    assert!(output.status.success() && !output.stderr.is_empty());
}

//! `meldpost letter`, as the helpdesk types it.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Output};

use tempfile::TempDir;

fn meldpost(folder: &TempDir, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_meldpost")).current_dir(folder.path()).args(arguments).output().unwrap()
}

fn codes(folder: &TempDir, outcome: &str) -> Vec<String> {
    let text = std::fs::read_to_string(folder.path().join("run/outcomes.csv")).unwrap();
    let rows = text.lines().map(|line| line.split(',').collect::<Vec<_>>());
    rows.filter(|row| row[2] == outcome).map(|row| row[4].to_owned()).collect()
}

#[test]
fn a_copy_is_made_from_the_run_folder_before_and_after_sealing() {
    let folder = TempDir::new().unwrap();
    let example = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("examples/generic-breach");
    let example = example.to_str().unwrap();
    assert!(meldpost(&folder, &["plan", example, "--run", "run"]).status.success());
    let code = codes(&folder, "letter").remove(0);
    let file = folder.path().join(format!("{code}.pdf"));

    let made = meldpost(&folder, &["letter", "--run", "run", "--code", &code]);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let before = std::fs::read(&file).unwrap();
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);

    assert!(meldpost(&folder, &["run", example, "--run", "run"]).status.success());
    let bare = code.replace('-', "").to_lowercase();
    assert!(meldpost(&folder, &["letter", "--run", "run", "--code", &bare, "--out", "copy.pdf"]).status.success());
    assert_eq!(std::fs::read(folder.path().join("copy.pdf")).unwrap(), before);

    for (code, exit) in [("0000-0000-0001Y", 65), ("0000-0000-0001Z", 64), ("", 64), (&*codes(&folder, "held")[0], 65)]
    {
        let refused = meldpost(&folder, &["letter", "--run", "run", "--code", code]);
        assert_eq!(refused.status.code(), Some(exit), "{code}");
        assert!(String::from_utf8_lossy(&refused.stderr).contains("help:"), "{code}");
    }
}

//! Commands in the hands of an operator: too early, by mistake, into a pipe that is closed.

use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::program::{BINARY, Program, run};

/// Runs a subcommand whose output nobody reads: whether it succeeded, and what it wrote to standard error.
fn run_unread(arguments: &[&str], folder: &TempDir) -> (bool, String) {
    let mut child = Command::new(BINARY)
        .args(arguments)
        .env("TINTYPE_DATA_DIR", folder.path())
        .env("TINTYPE_AUTH__BCRYPT_COST", "4")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    (
        output.status.success(),
        String::from_utf8(output.stderr).unwrap(),
    )
}

#[test]
fn a_closed_pipe_ends_no_command_in_the_middle() {
    let folder = TempDir::new().unwrap();
    for arguments in [
        &["migrate", "up"][..],
        &["user", "add", "ada", "ada@example.com"],
        &["user", "disable", "ada"],
        &["doctor", "--json"],
        &["openapi"],
    ] {
        let (_, errors) = run_unread(arguments, &folder);
        assert!(!errors.contains("panicked"), "{arguments:?}: {errors}");
    }
    let (ok, errors) = run_unread(&["user", "enable", "ada"], &folder);
    assert!(ok && errors.is_empty(), "{errors}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_whose_output_nobody_reads_stops_in_order() {
    let folder = TempDir::new().unwrap();
    let mut program = Program::start(None, folder.path(), "127.0.0.1:0", "127.0.0.1:0", "warn");
    drop(program.child.stdout.take());
    assert!(program.terminate());
}

#[test]
fn a_command_before_the_first_start_says_that_there_is_no_database_and_makes_none() {
    let folder = TempDir::new().unwrap();
    let (ok, _, errors) = run(
        &["user", "add", "ada", "ada@example.com"],
        folder.path(),
        &[],
    );
    assert!(
        !ok && errors.contains("there is no database at") && errors.contains("tintype serve"),
        "{errors}"
    );
    assert_eq!(folder.path().read_dir().unwrap().count(), 0);
}

#[test]
fn a_file_of_settings_that_cannot_be_used_is_named_with_the_reason() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("tintype.toml");
    let file = file.to_str().unwrap();
    let told = || run(&["--config", file, "migrate", "status"], folder.path(), &[]);
    let (ok, _, errors) = told();
    assert!(
        !ok && errors.contains(&format!("{file} can't be read: No such file")),
        "{errors}"
    );
    std::fs::write(file, "limits = [").unwrap();
    let (ok, _, errors) = told();
    assert!(
        !ok && errors.contains(&format!("{file}: ")) && errors.contains("line 1"),
        "{errors}"
    );
    std::fs::remove_file(file).unwrap();
    std::fs::create_dir(file).unwrap();
    let (ok, _, errors) = told();
    assert!(
        !ok && errors.contains(&format!("{file} can't be read: Is a directory")),
        "{errors}"
    );
}

#[test]
fn the_schema_goes_back_only_when_that_is_meant() {
    let folder = TempDir::new().unwrap();
    let (ok, before, _) = run(&["migrate", "up"], folder.path(), &[]);
    assert!(ok && !before.contains("missing"), "{before}");
    let (ok, told, errors) = run(&["migrate", "down"], folder.path(), &[]);
    assert!(!ok && told.is_empty(), "{told}");
    assert!(
        errors.contains("is lost for good") && errors.contains("--yes"),
        "{errors}"
    );
    let (_, told, _) = run(&["migrate", "status"], folder.path(), &[]);
    assert_eq!(told, before);
    let (ok, told, errors) = run(&["migrate", "down", "--yes"], folder.path(), &[]);
    assert!(ok, "{errors}");
    assert_eq!(told.matches("missing ").count(), 1, "{told}");
}

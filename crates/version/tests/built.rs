//! What a build says of itself: this crate, copied, is built with and without a history.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

const MANIFEST: &str =
    "[package]\nname = \"said\"\nversion = \"7.8.9\"\nedition = \"2024\"\n[workspace]\n";
const MAIN: &str = "fn main() { println!(\"{}\", said::VERSION); }\n";

fn copied() -> TempDir {
    let folder = TempDir::new().unwrap();
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    fs::create_dir(folder.path().join("src")).unwrap();
    for file in ["build.rs", "src/lib.rs"] {
        fs::copy(here.join(file), folder.path().join(file)).unwrap();
    }
    fs::write(folder.path().join("Cargo.toml"), MANIFEST).unwrap();
    fs::write(folder.path().join("src/main.rs"), MAIN).unwrap();
    fs::write(folder.path().join(".gitignore"), "target\n").unwrap();
    folder
}

fn run(folder: &TempDir, program: &str, arguments: &[&str], commit: &str) -> (String, String) {
    let output = Command::new(program)
        .args(arguments)
        .current_dir(folder.path())
        .env("TINTYPE_COMMIT", commit)
        .env_remove("CARGO_TARGET_DIR")
        .env("GIT_CEILING_DIRECTORIES", folder.path().parent().unwrap())
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let (said, errors) = (text(output.stdout), text(output.stderr));
    assert!(output.status.success(), "{program} {arguments:?}: {errors}");
    (said.trim().to_owned(), errors)
}

fn said(folder: &TempDir, profile: &[&str], commit: &str) -> (String, bool) {
    let arguments = [&["run", "--offline"], profile].concat();
    let (said, errors) = run(folder, env!("CARGO"), &arguments, commit);
    (said, errors.contains("Compiling"))
}

fn commit(folder: &TempDir, day: &str) -> String {
    let who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com"];
    run(folder, "git", &["init", "--quiet"], "");
    run(folder, "git", &["add", "."], "");
    let made = ["commit", "--quiet", "--allow-empty", "-m", "One more"];
    let output = Command::new("git")
        .args([&who[..], &made].concat())
        .current_dir(folder.path())
        .env("GIT_COMMITTER_DATE", day)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    run(folder, "git", &["rev-parse", "--short=12", "HEAD"], "").0
}

#[test]
fn a_release_build_says_which_commit_it_is_of() {
    let folder = copied();
    // Half an hour before midnight, an hour west of UTC, is the next day there.
    for (moment, day) in [
        ("2026-01-02T23:30:00-01:00", "2026-01-03"),
        ("2026-03-04T12:00:00Z", "2026-03-04"),
    ] {
        let commit = commit(&folder, moment);
        let expected = format!("7.8.9 ({commit} {day})");
        assert_eq!(said(&folder, &["--release"], "").0, expected);
    }
}

#[test]
fn a_commit_builds_nothing_anew_while_working() {
    let folder = copied();
    commit(&folder, "2026-01-02T00:00:00Z");
    assert_eq!(said(&folder, &[], ""), ("7.8.9".into(), true));
    commit(&folder, "2026-03-04T00:00:00Z");
    assert_eq!(said(&folder, &[], ""), ("7.8.9".into(), false));
}

#[test]
fn a_build_without_a_history_says_what_it_is_told() {
    let folder = copied();
    assert_eq!(said(&folder, &["--release"], "").0, "7.8.9");
    let (said, _) = said(&folder, &["--release"], "a1b2c3d4e5f6 2026-11-30");
    assert_eq!(said, "7.8.9 (a1b2c3d4e5f6 2026-11-30)");
}

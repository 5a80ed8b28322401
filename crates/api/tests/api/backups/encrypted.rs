//! Backups that open with a passphrase alone.

use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use tempfile::TempDir;

use super::Empty;
use super::whole::{HASHES, again};
use crate::pictures::{jpeg, png};
use crate::program::BINARY;
use crate::server::{On, TestServer, on_both_databases};

const RIGHT: &str = "correct horse battery";

/// A file with this passphrase.
fn passphrase(folder: &TempDir, name: &str, text: &str) -> String {
    let path = folder.path().join(name);
    fs::write(&path, format!("{text}\n")).unwrap();
    path.to_str().unwrap().to_owned()
}

/// Every file below a folder.
fn all(folder: &Path) -> Vec<PathBuf> {
    let entries = folder
        .read_dir()
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let files = |path: PathBuf| {
        if path.is_dir() {
            all(&path)
        } else {
            vec![path]
        }
    };
    entries.flat_map(files).collect()
}

on_both_databases! {
    async fn an_encrypted_backup_shows_nothing_and_opens_with_its_passphrase_alone(server: TestServer) {
        let ada = server.user().await;
        let bytes = jpeg(1);
        ada.upload("a very secret name.jpg", &bytes).await;
        let (place, kept) = (TempDir::new().unwrap(), TempDir::new().unwrap());
        let (right, wrong, short) = (passphrase(&kept, "right", RIGHT), passphrase(&kept, "wrong", "correct horse buttery"), passphrase(&kept, "short", "horse"));
        let folder = place.path().to_str().unwrap();
        let with = |file: &str| server.run(&["backup", folder, "--passphrase-file", file], &[]);
        let (ok, _, errors) = with(&short);
        assert!(!ok && errors.contains("shorter than 12") && all(place.path()).is_empty(), "{errors}");
        for _ in 0..2 {
            let (ok, told, errors) = with(&right);
            assert!(ok, "{told}{errors}");
            ada.upload("b.png", &png(2)).await;
        }
        let (ok, told, errors) = with(&right);
        // One image more, which is three objects.
        assert!(ok && told.contains("; 3 objects ("), "{told}{errors}");
        for file in all(place.path()) {
            let text = fs::read(&file).unwrap();
            assert!(file.ends_with("lock") || text.starts_with(b"age-encryption.org/v1\n-> scrypt "), "{}", file.display());
            let shows = |secret: &str| text.windows(secret.len()).any(|it| it == secret.as_bytes());
            assert!(!shows("very secret") && !shows("original") && !shows("password") && !shows("correct"));
        }

        for (arguments, words) in [
            (vec![], "is encrypted: name the file"),
            (vec!["--passphrase-file", &*wrong], "does not open"),
            (vec!["--passphrase-file", "/nowhere"], "can't be read"),
        ] {
            for command in [vec!["backup", folder], vec!["backup", "--verify", folder], vec!["restore", folder]] {
                let (ok, told, errors) = server.run(&[command, arguments.clone()].concat(), &[]);
                assert!(!ok && errors.contains(words) && told.is_empty(), "{errors}");
                assert!(!errors.contains("buttery"), "{errors}");
            }
        }
        let (ok, told, errors) = server.run(&["backup", "--verify", folder, "--passphrase-file", &right], &[]);
        assert!(ok && told.contains("is whole"), "{told}{errors}");

        let empty = Empty::new(On::Sqlite).await;
        let (ok, told, errors) = crate::program::run(&["restore", folder, "--passphrase-file", &right], empty.folder.path(), &[]);
        assert!(ok, "{told}{errors}");
        let restored = empty.start(On::Sqlite).await;
        assert!(restored.audit(HASHES).await.is_balanced());
        assert_eq!(again(&ada, &restored).await.list("").await.items.len(), 3);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_byte_swapped_in_an_encrypted_backup_is_noticed() {
    let server = TestServer::start(On::Sqlite).await;
    server.user().await.upload("a.png", &png(1)).await;
    let (place, kept) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let (folder, right) = (
        place.path().to_str().unwrap(),
        passphrase(&kept, "right", RIGHT),
    );
    assert!(
        server
            .run(&["backup", folder, "--passphrase-file", &right], &[])
            .0
    );
    for file in all(place.path())
        .iter()
        .filter(|file| !file.ends_with("lock"))
    {
        let whole = fs::read(file).unwrap();
        let mut broken = whole.clone();
        *broken.last_mut().unwrap() ^= 1;
        fs::write(file, broken).unwrap();
        let (ok, told, errors) = server.run(
            &["backup", "--verify", folder, "--passphrase-file", &right],
            &[],
        );
        assert!(
            !ok && format!("{told}{errors}").contains("damaged"),
            "{}: {told}{errors}",
            file.display()
        );
        fs::write(file, whole).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_key_is_to_be_brought_back_and_what_can_not_help_is_not_offered() {
    let server = TestServer::start(On::Sqlite).await;
    server.user().await.upload("a.png", &png(1)).await;
    let (place, kept) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let right = passphrase(&kept, "right", RIGHT);
    let with = |command: &[&str], folder: &Path| {
        let more = [folder.to_str().unwrap(), "--passphrase-file", &right];
        server.run(&[command, &more].concat(), &[])
    };
    assert!(with(&["backup"], place.path()).0);
    let key = place.path().join("key.age");
    let whole = fs::read(&key).unwrap();
    for broken in [&whole[..whole.len() - 1], &whole[..40], &[], &[b'a'; 5000]] {
        fs::write(&key, broken).unwrap();
        for command in [&["backup"][..], &["backup", "--verify"], &["restore"]] {
            let (ok, told, errors) = with(command, place.path());
            assert!(!ok && told.is_empty(), "{told}{errors}");
            for word in ["key.age", "is damaged", "older copy", "an empty place"] {
                assert!(errors.contains(word), "{word}: {errors}");
            }
            for word in ["delete it", "--leave-out-damaged"] {
                assert!(!errors.contains(word), "{word}: {errors}");
            }
        }
    }
    // Both pieces of advice help.
    let other = TempDir::new().unwrap();
    assert!(with(&["backup"], other.path()).0);
    fs::write(&key, whole).unwrap();
    for folder in [place.path(), other.path()] {
        let (ok, told, errors) = with(&["backup", "--verify"], folder);
        assert!(ok && told.contains("is whole"), "{told}{errors}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_that_is_not_encrypted_does_not_become_so() {
    let server = TestServer::start(On::Sqlite).await;
    let (place, kept) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let folder = place.path().to_str().unwrap();
    server.back_up(place.path()).await.unwrap();
    let right = passphrase(&kept, "right", RIGHT);
    let (ok, _, errors) = server.run(&["backup", folder, "--passphrase-file", &right], &[]);
    assert!(!ok && errors.contains("is not encrypted"), "{errors}");
    let (ok, _, errors) = server.run(&["backup", folder, "--encrypt"], &[]);
    assert!(
        !ok && errors.contains("--passphrase-file"),
        "nobody can be asked: {errors}"
    );
}

/// What a terminal shows while somebody types this at the question for a passphrase, and how the terminal is left.
fn typed(folder: &Path, keys: &str) -> String {
    let line = format!(
        "{BINARY} backup --verify '{}'; echo status $?; stty -a",
        folder.display()
    );
    // Whoever runs this in the background may have it ignore interrupts.
    let mut terminal = Command::new("env")
        .args(["--default-signal=INT,QUIT", "script"])
        .args(["-qec", &line, "/dev/null"])
        .current_dir(std::env::temp_dir())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let (mut keyboard, mut screen) = (
        terminal.stdin.take().unwrap(),
        terminal.stdout.take().unwrap(),
    );
    let mut shown = Vec::new();
    while !String::from_utf8_lossy(&shown).ends_with("Passphrase of the backup: ") {
        let mut some = [0; 100];
        let read = screen.read(&mut some).unwrap();
        assert!(read > 0, "{}", String::from_utf8_lossy(&shown));
        shown.extend_from_slice(&some[..read]);
    }
    // Until nothing that is typed is shown.
    sleep(Duration::from_millis(300));
    keyboard.write_all(keys.as_bytes()).unwrap();
    screen.read_to_end(&mut shown).unwrap();
    terminal.wait().unwrap();
    String::from_utf8(shown).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_passphrase_is_typed_without_being_shown_and_an_interrupt_leaves_the_terminal_as_it_was()
{
    let server = TestServer::start(On::Sqlite).await;
    let (place, kept) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let right = passphrase(&kept, "right", RIGHT);
    let folder = place.path().to_str().unwrap();
    let (ok, told, errors) = server.run(&["backup", folder, "--passphrase-file", &right], &[]);
    assert!(ok, "{told}{errors}");
    for (keys, words) in [
        (format!("{RIGHT}\n"), ["is whole", "status 0"]),
        (
            "correct horse buttery\n".into(),
            ["does not open", "status 1"],
        ),
        ("correct horse b\x03".into(), ["Passphrase", "status 130"]),
    ] {
        let shown = typed(place.path(), &keys);
        for word in words.into_iter().chain([" echo ", "isig icanon"]) {
            assert!(shown.contains(word), "{word}: {shown}");
        }
        assert!(!shown.contains("horse"), "{shown}");
    }
}

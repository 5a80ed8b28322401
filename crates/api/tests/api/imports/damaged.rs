//! What can't be trusted is refused with a line that says what to do.

use std::fs;

use super::*;
use crate::crowd::noise;
use crate::server::On;

/// A server, and an archive of an account of it.
struct Story {
    server: TestServer,
    folder: TempDir,
}

impl Story {
    async fn begin() -> Self {
        let server = TestServer::start(On::Sqlite).await;
        let ada = server.ada().await;
        let folder = TempDir::new().unwrap();
        server.export(&ada, &folder.path().join("ada.zip"));
        Self { server, folder }
    }

    /// Imports a changed copy into a new account: that account, and what was said.
    async fn import(&self, change: &str, after: &str) -> (Client, bool, String, String) {
        let folder = changed(&self.folder.path().join("ada.zip"), change, after);
        let bob = self.server.user().await;
        let (ok, told, errors) = self.server.import(&bob, &folder.path().join("changed.zip"));
        (bob, ok, told, errors)
    }

    /// Nothing comes of it, and these words say why.
    async fn is_refused(&self, change: &str, after: &str, words: &[&str]) {
        let (bob, ok, told, errors) = self.import(change, after).await;
        assert!(
            !ok && errors.contains("nothing of "),
            "{change}{after}: {told}{errors}"
        );
        for word in words {
            assert!(errors.contains(word), "{word} in {errors}");
        }
        assert!(
            bob.list("").await.items.is_empty() && bob.albums().await.is_empty(),
            "{change}"
        );
    }

    /// One picture is refused with this code, the others come.
    async fn lacks_one(&self, change: &str, after: &str, code: &str) {
        let (bob, ok, told, errors) = self.import(change, after).await;
        assert!(
            !ok && errors.contains("one was refused"),
            "{change}{after}: {told}{errors}"
        );
        let refused = told.lines().find(|line| line.starts_with("refused "));
        let refused = refused.unwrap_or_else(|| panic!("{change}: {told}"));
        assert!(
            refused.contains("images/") && refused.contains(&format!(": {code}: ")),
            "{refused}"
        );
        assert_eq!(
            (bob.list("").await.items.len(), bob.albums().await.len()),
            (3, 2),
            "{change}"
        );
        assert!(
            self.server
                .objects()
                .await
                .iter()
                .all(|key| key.starts_with("images/"))
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_archive_that_leads_out_of_itself_is_refused() {
    let story = Story::begin().await;
    let words = ["leads out of it", "take another copy"];
    for name in [
        "../a.jpg",
        "images/../../a.jpg",
        "/etc/a.jpg",
        "C:/a.jpg",
        "images\\\\..\\\\a.jpg",
    ] {
        let change =
            format!("files.append([zipfile.ZipInfo('x'), b'']); files[-1][0].filename = '{name}'");
        story.is_refused(&change, "", &words).await;
        let change = format!("images[0]['file'] = files[1][0].filename = '{name}'");
        story.is_refused(&change, "", &words).await;
    }
    let link = "link = zipfile.ZipInfo('images/link.jpg'); link.create_system = 3; link.external_attr = 0o120777 << 16
files.append([link, '/etc/passwd'])";
    story.is_refused(link, "", &words).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_manifest_that_is_missing_or_newer_or_too_large_or_no_manifest_is_refused() {
    let story = Story::begin().await;
    story
        .is_refused(
            "files.pop(0)",
            "",
            &["no manifest.json", "as Tintype has written it"],
        )
        .await;
    story
        .is_refused(
            "manifest['version'] = 2",
            "",
            &["of version 2", "with a newer Tintype"],
        )
        .await;
    story
        .is_refused(
            "manifest['format'] = 'other'",
            "",
            &["\"other\"", "that Tintype has written"],
        )
        .await;
    story
        .is_refused(
            "text = '{'",
            "",
            &["manifest.json is damaged", "take another copy"],
        )
        .await;
    story
        .is_refused("text = '[' * 100000", "", &["manifest.json is damaged"])
        .await;
    story
        .is_refused("del images[0]['sha256']", "", &["manifest.json is damaged"])
        .await;
    let many = "text = json.dumps(manifest).ljust(123_457)";
    let more = "data = data.replace(struct.pack('<L', 123_457), struct.pack('<L', (1 << 30) + 1))";
    story
        .is_refused(many, more, &["manifest has more than 1073741824 bytes"])
        .await;
    // Neither a word nor a gap of it is held that has the size of a bomb.
    for bomb in [
        "text = '{' + ' ' * 300_000_000",
        "text = '{\"' + 'a' * 300_000_000",
        "images[0]['title'] = 'a' * 5_000_000",
    ] {
        let bomb = format!("{bomb}; files[0][0].compress_type = zipfile.ZIP_DEFLATED");
        story
            .is_refused(&bomb, "", &["manifest.json is damaged", "too large"])
            .await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_archive_that_is_cut_short_is_refused() {
    let story = Story::begin().await;
    let whole = fs::read(story.folder.path().join("ada.zip")).unwrap();
    for end in [
        0,
        1,
        100,
        whole.len() / 2,
        whole.len() - 100,
        whole.len() - 1,
    ] {
        let cut = format!("data = open(sys.argv[1], 'rb').read()[:{end}]");
        story
            .is_refused("", &cut, &["cut short", "copy or download it again"])
            .await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_picture_that_is_not_as_the_manifest_says_is_refused_and_the_others_come() {
    let story = Story::begin().await;
    story
        .lacks_one(
            "files[1][1] = files[2][1]; images[0]['size_bytes'] = len(files[1][1])",
            "",
            "hash_mismatch",
        )
        .await;
    story
        .lacks_one("files[1][1] += b' '", "", "size_mismatch")
        .await;
    story
        .lacks_one("images[0]['size_bytes'] += 1", "", "size_mismatch")
        .await;
    story
        .lacks_one("images[0]['size_bytes'] = 1 << 50", "", "file_too_large")
        .await;
    story
        .lacks_one("images[0]['sha256'] = 'f'", "", "validation_failed")
        .await;
    story
        .lacks_one("images[0]['title'] = 'x' * 201", "", "validation_failed")
        .await;
    story.lacks_one("files.pop(1)", "", "not_uploaded").await;
    let damage = "at = data.find(files[1][1]); data = data[:at + 9] + bytes([data[at + 9] ^ 1]) + data[at + 10:]";
    story.lacks_one("", damage, "not_uploaded").await;
    let lie = "import hashlib
files[1][1] = b'#!/bin/sh'; images[0]['size_bytes'] = 9; images[0]['sha256'] = hashlib.sha256(files[1][1]).hexdigest()";
    story.lacks_one(lie, "", "unsupported_media").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_picture_that_unpacks_to_more_than_it_says_is_refused_without_being_unpacked() {
    let story = Story::begin().await;
    let bomb =
        "files[1][1] = b'\\0' * 300_000_000; files[1][0].compress_type = zipfile.ZIP_DEFLATED";
    story.lacks_one(bomb, "", "size_mismatch").await;
    // The same, where the archive lies too.
    let size = "images[0]['size_bytes']";
    let lie =
        format!("data = data.replace(struct.pack('<L', 300_000_000), struct.pack('<L', {size}))");
    story.lacks_one(bomb, &lie, "not_uploaded").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_archive_that_was_packed_again_by_another_program_is_taken() {
    let story = Story::begin().await;
    let again = "for one in files: one[0].compress_type = zipfile.ZIP_DEFLATED
files.append(files.pop(0)); files.append([zipfile.ZipInfo('images/'), b''])
files[-2][1] = json.dumps(manifest, sort_keys=True, indent=2)";
    let (bob, ok, told, errors) = story.import(again, "").await;
    assert!(ok, "{told}{errors}");
    assert_eq!(
        (bob.list("").await.items.len(), bob.albums().await.len()),
        (4, 2)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_has_ended_since_it_was_exported_is_left_out() {
    let story = Story::begin().await;
    let change = "images[0]['expires_at'] = '2020-01-01T00:00:00Z'; manifest['albums'][0]['expires_at'] = '2020-01-01T00:00:00Z'";
    let (bob, ok, told, errors) = story.import(change, "").await;
    assert!(ok && told.contains("1 ended since"), "{told}{errors}");
    assert_eq!(bob.list("").await.items.len(), 3);
    let album = &bob.albums().await[0];
    assert_eq!(
        (album.visibility, album.expires_at),
        (tintype_dto::Visibility::Private, None)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_that_is_not_there_or_has_no_room_is_told_so() {
    let story = Story::begin().await;
    let archive = story.folder.path().join("ada.zip");
    let import = |name: &str| {
        story
            .server
            .run(&["import", archive.to_str().unwrap(), "--user", name], &[])
    };
    let (ok, _, errors) = import("nobody");
    assert!(
        !ok && errors.contains("no account nobody") && errors.contains("`tintype user add`"),
        "{errors}"
    );
    let bob = story.server.user().await;
    let (ok, told, errors) =
        story
            .server
            .import_with(&bob, &archive, &[("TINTYPE_LIMITS__QUOTA_BYTES", "1")]);
    assert!(!ok && errors.contains("4 were refused"), "{told}{errors}");
    assert_eq!(told.matches(": quota_exceeded: ").count(), 4, "{told}");
    let (ok, told, errors) = story.server.import(&bob, &archive);
    assert!(
        ok && told.starts_with("Pictures: 4 new, 0 there already, "),
        "{told}{errors}"
    );
    assert_eq!(bob.inside(&bob.albums().await[1]).await.len(), 3);
    assert!(story.server.run(&["user", "disable", bob.name()], &[]).0);
    let (ok, _, errors) = import(bob.name());
    assert!(!ok && errors.contains("`tintype user enable`"), "{errors}");
    let (ok, _, errors) = story
        .server
        .run(&["import", "missing.zip", "--user", "nobody2"], &[]);
    assert!(!ok && errors.contains("no account"), "{errors}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs tests/with-small-disk"]
async fn a_small_disk_that_is_full_keeps_nothing_of_an_export() {
    let disk = std::env::var("TINTYPE_TEST_SMALL_DISK").expect("run by tests/with-small-disk");
    let disk = Path::new(&disk);
    let server = TestServer::start(On::Sqlite).await;
    let ada = server.user().await;
    for _ in 0..3 {
        ada.upload("noise.png", &noise()).await;
    }
    fs::write(disk.join("filler"), vec![0; 22 * 1024 * 1024]).unwrap();
    let into = disk.join("ada.zip");
    let arguments = ["export", into.to_str().unwrap(), "--user", ada.name()];
    let (ok, told, errors) = server.run(&arguments, &[]);
    assert!(
        !ok && told.is_empty() && errors.contains("make room"),
        "{told}{errors}"
    );
    assert_eq!(
        fs::read_dir(disk)
            .unwrap()
            .filter(|entry| entry.as_ref().unwrap().path().is_file())
            .count(),
        1
    );
    fs::remove_file(disk.join("filler")).unwrap();
    server.export(&ada, &into);
    fs::remove_file(into).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_word_of_an_archive_reaches_the_terminal_as_a_command_or_a_line() {
    let story = Story::begin().await;
    let is_plain = |text: &str| !text.chars().any(|it| it.is_control() && it != '\n');
    let change = r"images[0]['file'] = 'images/\x1b[2J\nPictures: 9 new'";
    let (_, ok, told, errors) = story.import(change, "").await;
    assert!(!ok && is_plain(&told), "{told:?}{errors}");
    let line = r"refused      images/\u{1b}[2J\nPictures: 9 new: not_uploaded: ";
    assert!(told.lines().any(|it| it.starts_with(line)), "{told}");
    let change = r"images[0]['visibility'] = '\x1b[2J\ntintype: all is well'";
    let (_, ok, told, errors) = story.import(change, "").await;
    assert!(!ok && is_plain(&format!("{told}{errors}")), "{errors:?}");
    assert!(
        errors.contains(r"\u{1b}[2J\ntintype: all is well"),
        "{errors}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_import_at_once_and_what_is_no_file_are_refused() {
    let server = TestServer::start(On::Sqlite).await;
    let ada = server.user().await;
    let folder = TempDir::new().unwrap();
    let pipe = folder.path().join("pipe");
    let made = Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    let (ok, _, errors) = server.import(&ada, &pipe);
    assert!(!ok && errors.contains("can't be read"), "{errors}");
    let pictures = TempDir::new().unwrap();
    fs::write(pictures.path().join("a.jpg"), jpeg(1)).unwrap();
    let lock = fs::File::create(server.folder.path().join("import.lock")).unwrap();
    lock.lock().unwrap();
    let (ok, _, errors) = server.import(&ada, pictures.path());
    assert!(
        !ok && errors.contains("another import is running"),
        "{errors}"
    );
    drop(lock);
    let (ok, told, errors) = server.import(&ada, pictures.path());
    assert!(ok && told.starts_with("Pictures: 1 new"), "{told}{errors}");
}

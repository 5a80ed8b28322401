//! What is not as it should be stops a backup or a restore with a line that says what to do, and leaves nothing half-done.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;
use tintype_core::sweep;

use super::whole::HASHES;
use super::{Empty, damage};
use crate::client::Client;
use crate::crowd::noise;
use crate::pictures::png;
use crate::server::{On, TestServer};

/// A server with three images, and a backup of it.
pub struct Story {
    pub server: TestServer,
    ada: Client,
    place: TempDir,
}

impl Story {
    pub async fn begin() -> Self {
        let server = TestServer::start(On::Sqlite).await;
        let ada = server.user().await;
        for seed in 0..3 {
            ada.upload("a.png", &png(seed)).await;
        }
        let place = TempDir::new().unwrap();
        server.back_up(place.path()).await.unwrap();
        Self { server, ada, place }
    }

    pub fn path(&self) -> &Path {
        self.place.path()
    }

    /// The file of a table, or the list of the objects.
    pub fn rows(&self, name: &str) -> PathBuf {
        let backup = fs::read_dir(self.path().join("rows")).unwrap().next();
        backup
            .unwrap()
            .unwrap()
            .path()
            .join(format!("{name}.jsonl"))
    }

    /// The file of some object.
    fn object(&self) -> PathBuf {
        let mut path = self.path().join("objects");
        while path.is_dir() {
            path = fs::read_dir(path).unwrap().next().unwrap().unwrap().path();
        }
        path
    }

    /// Breaks a file, sees that the restore is refused with these words and that nothing has come of it, and mends the file.
    async fn breaks(&self, file: &Path, change: impl FnOnce(&mut Vec<u8>), words: &[&str]) {
        let whole = fs::read(file).unwrap();
        let mut broken = whole.clone();
        change(&mut broken);
        fs::write(file, &broken).unwrap();
        let empty = Box::pin(Empty::new(On::Sqlite)).await;
        let (ok, told, errors) = empty.run(self.path(), &[]);
        assert!(!ok && told.is_empty(), "{told}{errors}");
        for word in words {
            assert!(errors.contains(word), "{word} in {errors}");
        }
        fs::write(file, &whole).unwrap();
        // What was refused may be tried again in the same place, so it was left empty.
        Box::pin(empty.restore(self.path())).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_that_is_cut_short_or_has_another_byte_is_not_restored() {
    let story = Story::begin().await;
    let swap = |file: &mut Vec<u8>| {
        let middle = file.len() / 2;
        file[middle] ^= 1;
    };
    let cut = |file: &mut Vec<u8>| file.truncate(file.len() - 1);
    for name in ["users", "images", "objects"] {
        let (file, words) = (
            story.rows(name),
            ["damaged", name, "delete it and run `tintype backup` again"],
        );
        story.breaks(&file, swap, &words).await;
        story.breaks(&file, cut, &words).await;
    }
    let object = story.object();
    let words = [
        "damaged",
        "objects/images/",
        "delete it and run `tintype backup` again",
    ];
    story.breaks(&object, swap, &words).await;
    story.breaks(&object, cut, &words).await;
    let whole = fs::read(&object).unwrap();
    fs::remove_file(&object).unwrap();
    let found = damage(story.path()).await;
    assert!(
        found.len() == 1 && found[0].ends_with("is missing"),
        "{found:?}"
    );
    fs::write(&object, whole).unwrap();
    let manifest = story.path().join("manifest.json");
    story
        .breaks(&manifest, cut_in_half, &["damaged", "manifest.json"])
        .await;
    let replaced = |from: &'static str, to: &'static str| {
        move |file: &mut Vec<u8>| {
            let text = String::from_utf8(file.clone()).unwrap();
            assert!(text.contains(from), "{text}");
            *file = text.replacen(from, to, 1).into_bytes();
        }
    };
    for (from, to, words) in [
        (
            "\"path\": \"rows/",
            "\"path\": \"/etc/",
            "none of this backup's",
        ),
        (
            "\"path\": \"rows/",
            "\"path\": \"../rows/",
            "none of this backup's",
        ),
        (
            "\"table\": \"users\"",
            "\"table\": \"images\"",
            "none of this backup's",
        ),
        (
            "\"count\": 3",
            "\"count\": 4",
            "lines, and the manifest says 4",
        ),
    ] {
        story
            .breaks(&manifest, replaced(from, to), &["damaged", words])
            .await;
    }
    let (object, aside) = (story.object(), story.path().join("aside"));
    fs::rename(&object, &aside).unwrap();
    assert!(
        Command::new("mkfifo")
            .arg(&object)
            .status()
            .unwrap()
            .success()
    );
    let found = damage(story.path()).await;
    assert!(
        found.len() == 1 && found[0].ends_with("is no file"),
        "{found:?}"
    );
    fs::rename(&aside, &object).unwrap();
    let whole = fs::read(&manifest).unwrap();
    fs::remove_file(&manifest).unwrap();
    let (ok, _, errors) = Empty::new(On::Sqlite).await.run(story.path(), &[]);
    assert!(
        !ok && errors.contains("no whole backup") && errors.contains("`tintype backup`"),
        "{errors}"
    );
    fs::write(&manifest, whole).unwrap();
}

fn cut_in_half(file: &mut Vec<u8>) {
    file.truncate(file.len() / 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_backup_has_lost_is_copied_again_by_the_next_run() {
    let story = Story::begin().await;
    let object = story.object();
    for change in [cut_in_half as fn(&mut Vec<u8>), Vec::clear] {
        let mut file = fs::read(&object).unwrap();
        change(&mut file);
        fs::write(&object, file).unwrap();
        assert_eq!(damage(story.path()).await.len(), 1);
        assert_eq!(story.server.back_up(story.path()).await.unwrap().new, 1);
        assert_eq!(damage(story.path()).await, Vec::<String>::new());
    }
    fs::remove_file(&object).unwrap();
    assert_eq!(story.server.back_up(story.path()).await.unwrap().new, 1);
    // Without the list, originals are known by their hashes; without the manifest, too.
    for file in [story.rows("objects"), story.path().join("manifest.json")] {
        fs::remove_file(file).unwrap();
        let taken = story.server.back_up(story.path()).await.unwrap();
        assert_eq!((taken.new, taken.manifest.objects.count), (6, 9));
        assert_eq!(damage(story.path()).await, Vec::<String>::new());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_of_a_newer_version_is_refused_with_that_version() {
    let story = Story::begin().await;
    let manifest = story.path().join("manifest.json");
    let version = format!("\"tintype\": \"{}\"", env!("CARGO_PKG_VERSION"));
    for (from, to, words) in [
        ("\"format\": 1", "\"format\": 2", "has the format 2"),
        ("\"schema\": \"m", "\"schema\": \"n", "have the schema \"n"),
    ] {
        let newer = |file: &mut Vec<u8>| {
            let text = String::from_utf8(file.clone()).unwrap();
            assert!(text.contains(from) && text.contains(&version), "{text}");
            let text = text.replace(from, to);
            *file = text.replace(&version, "\"tintype\": \"9.8.7\"").into();
        };
        story
            .breaks(
                &manifest,
                newer,
                &["Tintype 9.8.7", "restore it with", words],
            )
            .await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_empty_is_not_restored_into() {
    let story = Story::begin().await;
    let mut busy = TestServer::start(On::Sqlite).await;
    let restore =
        |server: &TestServer| server.run(&["restore", story.path().to_str().unwrap()], &[]);
    let (ok, _, errors) = restore(&busy);
    assert!(
        !ok && errors.contains("another Tintype is running"),
        "{errors}"
    );
    busy.user().await;
    busy.running.take().unwrap().stop().await;
    let (ok, _, errors) = restore(&busy);
    assert!(
        !ok && errors.contains("database is not empty (users has rows)")
            && errors.contains("DATABASE_URL"),
        "{errors}"
    );

    // An empty database, and a bucket with something in it.
    let empty = Empty::new(On::Sqlite).await;
    empty.restore(story.path()).await.unwrap();
    fs::remove_file(empty.folder.path().join("tintype.db")).unwrap();
    let (ok, _, errors) = empty.run(story.path(), &[]);
    assert!(
        !ok && errors.contains("bucket is not empty (images/")
            && errors.contains("TINTYPE_STORAGE__BUCKET"),
        "{errors}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_place_with_other_things_or_another_backup_is_left_alone() {
    let story = Story::begin().await;
    let backup = |place: &Path| story.server.run(&["backup", place.to_str().unwrap()], &[]);
    let other = TempDir::new().unwrap();
    fs::write(other.path().join("holiday.txt"), "").unwrap();
    let (ok, _, errors) = backup(other.path());
    assert!(
        !ok && errors.contains("holds other things") && errors.contains("an empty folder"),
        "{errors}"
    );
    assert_eq!(fs::read_dir(other.path()).unwrap().count(), 1);

    // Folders of such names are not a backup's alone.
    let other = TempDir::new().unwrap();
    for folder in ["objects", "tmp", "rows"] {
        fs::create_dir(other.path().join(folder)).unwrap();
        fs::write(other.path().join(folder).join("holiday.jpg"), "").unwrap();
    }
    let (ok, _, errors) = backup(other.path());
    assert!(!ok && errors.contains("holds other things"), "{errors}");
    for folder in ["objects", "tmp", "rows"] {
        assert!(other.path().join(folder).join("holiday.jpg").exists());
    }

    let stranger = TestServer::start(On::Sqlite).await;
    let (ok, _, errors) = stranger.run(&["backup", story.path().to_str().unwrap()], &[]);
    assert!(
        !ok && errors.contains("the backup of another installation"),
        "{errors}"
    );

    let lock = fs::File::open(story.path().join("lock")).unwrap();
    lock.lock().unwrap();
    let (ok, _, errors) = backup(story.path());
    assert!(
        !ok && errors.contains("another backup into") && errors.contains("wait for it"),
        "{errors}"
    );
    drop(lock);
    assert!(backup(story.path()).0);
    assert_eq!(damage(story.path()).await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_place_in_the_data_folder_and_an_address_cut_short_are_refused() {
    let story = Story::begin().await;
    let data = story.server.folder.path();
    let links = TempDir::new().unwrap();
    let link = links.path().join("link");
    std::os::unix::fs::symlink(data, &link).unwrap();
    for place in [
        data.join("objects"),
        data.join("backup"),
        link.join("objects"),
    ] {
        let (ok, _, errors) = story.server.run(&["backup", place.to_str().unwrap()], &[]);
        assert!(!ok && errors.contains("is in the data folder"), "{errors}");
        assert!(!data.join("backup").exists());
    }
    let (ok, _, errors) = story.server.run(&["backup", "s3:/pictures/x"], &[]);
    assert!(!ok && errors.contains("s3://bucket/prefix"), "{errors}");
    assert!(story.server.audit(HASHES).await.is_balanced());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn damaged_objects_of_a_backup_can_be_left_out() {
    let story = Story::begin().await;
    fs::write(story.object(), "damaged").unwrap();
    let empty = Empty::new(On::Sqlite).await;
    let (ok, _, errors) = empty.run(story.path(), &[]);
    assert!(!ok && errors.contains("--leave-out-damaged"), "{errors}");
    let (ok, told, errors) = empty.run_without_damaged(story.path());
    assert!(
        !ok && told.starts_with("damaged ")
            && errors.contains("1 objects of the backup are damaged"),
        "{told}{errors}"
    );
    let restored = empty.start(On::Sqlite).await;
    assert_eq!(restored.audit(HASHES).await.findings.len(), 1);
    // Rows are whole, or nothing is.
    let empty = Empty::new(On::Sqlite).await;
    fs::write(story.rows("images"), "damaged").unwrap();
    let (ok, told, errors) = empty.run_without_damaged(story.path());
    assert!(
        !ok && told.is_empty() && errors.contains("images.jsonl"),
        "{told}{errors}"
    );
    assert!(!errors.contains("--leave-out-damaged"), "{errors}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_bucket_has_lost_since_the_last_backup_is_named_and_stays_in_it() {
    for on in [On::Sqlite, On::Postgres] {
        let server = TestServer::start(on).await;
        let ada = server.user().await;
        let image = ada.upload("a.png", &png(1)).await;
        ada.upload("b.png", &png(2)).await;
        let place = TempDir::new().unwrap();
        let backup = ["backup", place.path().to_str().unwrap()];
        assert!(server.run(&backup, &[]).0 && server.run(&backup, &[]).0);
        let key = server.row(image.id).await.original_key;
        server.remove_object(&key).await;
        let (ok, told, errors) = server.run(&backup, &[]);
        let names_it = |line: &str| line.starts_with("lost ") && line.contains(key.as_str());
        assert!(!ok && told.lines().any(names_it), "{told}");
        assert!(errors.contains("has lost 1 objects"), "{errors}");
        let empty = Empty::new(On::Sqlite).await;
        empty.restore(place.path()).await.unwrap();
        let restored = empty.start(On::Sqlite).await;
        assert!(restored.audit(HASHES).await.is_balanced());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_starts_with_an_empty_database_beside_the_bucket_of_another() {
    let story = Story::begin().await;
    let empty = Empty::new(On::Sqlite).await;
    empty.restore(story.path()).await.unwrap();
    // A server names the bucket's installation.
    let mut restored = empty.start(On::Sqlite).await;
    assert!(sweep::mark(restored.app()).await);
    restored.running.take().unwrap().stop().await;
    let lost = Empty {
        config: restored.config.clone(),
        folder: restored.folder,
    };
    for file in ["tintype.db", "tintype.db-wal", "tintype.db-shm"] {
        drop(fs::remove_file(lost.folder.path().join(file)));
    }
    let (ok, errors) = lost.serves();
    assert!(
        !ok && errors.contains("belongs to the installation"),
        "{errors}"
    );
    assert!(errors.contains("`tintype rebuild`"), "{errors}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_bucket_has_lost_is_named_and_the_rest_is_backed_up() {
    let story = Story::begin().await;
    let (a, b) = (
        story.ada.upload("b.png", &png(11)).await,
        story.ada.upload("c.png", &png(12)).await,
    );
    let (a, b) = (story.server.row(a.id).await, story.server.row(b.id).await);
    story.server.remove_object(&a.original_key).await;
    let size = usize::try_from(b.size_bytes).unwrap();
    story
        .server
        .put_object(&b.original_key, &vec![0; size])
        .await;
    for _ in 0..2 {
        let (ok, told, errors) = story
            .server
            .run(&["backup", story.path().to_str().unwrap()], &[]);
        assert!(
            !ok && errors.contains("whole but for 2 objects")
                && errors.contains("`tintype audit --hashes`"),
            "{errors}"
        );
        for key in [&a.original_key, &b.original_key] {
            assert!(
                told.lines()
                    .any(|line| line.starts_with("missing ") && line.contains(key.as_str())),
                "{told}"
            );
        }
    }
    assert_eq!(damage(story.path()).await, Vec::<String>::new());
    let verify = ["backup", "--verify", story.path().to_str().unwrap()];
    let (ok, told, errors) = story.server.run(&verify, &[]);
    assert!(
        !ok && told.contains("missing ") && errors.contains("whole but for 2 objects"),
        "{told}{errors}"
    );
    let empty = Empty::new(On::Sqlite).await;
    let (ok, told, errors) = empty.run(story.path(), &[]);
    assert!(
        !ok && told.starts_with("Restored ") && errors.contains("2 objects were missing"),
        "{told}{errors}"
    );
    let restored = empty.start(On::Sqlite).await;
    assert_eq!(restored.audit(HASHES).await.findings.len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs tests/with-small-disk"]
async fn a_small_disk_that_fills_leaves_the_backup_before_and_room_made_lets_the_next_go_on() {
    let disk: PathBuf = std::env::var("TINTYPE_TEST_SMALL_DISK")
        .expect("run by tests/with-small-disk")
        .into();
    let server = TestServer::start(On::Sqlite).await;
    let ada = server.user().await;
    ada.upload("a.png", &png(1)).await;
    let place = disk.join("backup");
    server.back_up(&place).await.unwrap();
    fs::write(disk.join("filler"), vec![0; 22 * 1024 * 1024]).unwrap();
    for _ in 0..3 {
        ada.upload("noise.png", &noise()).await;
    }
    let (ok, told, errors) = server.run(&["backup", place.to_str().unwrap()], &[]);
    assert!(
        !ok && told.is_empty() && errors.contains("no space left") && errors.contains("make room"),
        "{told}{errors}"
    );
    assert_eq!(
        damage(&place).await,
        Vec::<String>::new(),
        "the one before is whole"
    );
    fs::remove_file(disk.join("filler")).unwrap();
    let (ok, _, errors) = server.run(&["backup", place.to_str().unwrap()], &[]);
    assert!(ok, "{errors}");
    assert_eq!(damage(&place).await, Vec::<String>::new());
    fs::remove_dir_all(place).unwrap();
}

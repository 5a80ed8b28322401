//! What the embedded store leaves on the disk.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use tintype_storage::StoreError;

use crate::place::Place;

#[tokio::test]
async fn objects_outlive_the_server() {
    let place = Place::embedded().await;
    place
        .store
        .put("a/b", "image/png", Bytes::from_static(b"pixels"))
        .await
        .unwrap();
    let place = Place::embedded_in(place.into_folder()).await;
    assert_eq!(place.read("a/b").await.unwrap(), b"pixels");
    let listed = place.store.list("", None).await.unwrap();
    assert_eq!(
        listed
            .items
            .iter()
            .map(|item| (item.key.as_str(), item.size_bytes))
            .collect::<Vec<_>>(),
        [("a/b", 6)]
    );
}

#[tokio::test]
async fn what_an_earlier_server_did_not_finish_is_swept() {
    let folder = tempfile::tempdir().unwrap();
    let temp = folder.path().join("data/tmp");
    fs::create_dir_all(&temp).unwrap();
    fs::write(temp.join("1-0"), b"half").unwrap();
    let place = Place::embedded_in(folder).await;
    assert_eq!(files(&place.folder().join("data")), Vec::<PathBuf>::new());
}

#[tokio::test]
async fn odd_keys_touch_nothing_outside_the_folder() {
    let place = Place::embedded().await;
    let outside = place.folder().join("x");
    for key in [
        "../x",
        "../../x",
        "/x",
        "//x",
        "a/../../../x",
        outside.to_str().unwrap(),
        "a",
        "a/b",
    ] {
        place
            .store
            .put(key, "image/png", Bytes::from_static(b"x"))
            .await
            .unwrap();
    }
    for file in files(place.folder()) {
        let name = file
            .strip_prefix(place.folder().join("data/objects"))
            .unwrap()
            .to_str()
            .unwrap();
        assert!(
            name.len() == 67 && name.bytes().all(|b| b.is_ascii_hexdigit() || b == b'/'),
            "{name}"
        );
    }
    assert_eq!(files(place.folder()).len(), 8);
}

#[tokio::test]
async fn nobody_else_on_the_machine_can_read_objects() {
    let place = Place::embedded().await;
    place
        .store
        .put("a", "image/png", Bytes::from_static(b"x"))
        .await
        .unwrap();
    let file = files(place.folder()).pop().unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&file), 0o600);
    assert_eq!(mode(file.parent().unwrap()), 0o700);
}

#[tokio::test]
async fn an_object_is_a_plain_picture_with_a_record_behind_it() {
    let place = Place::embedded().await;
    place
        .store
        .put("a", "image/png", Bytes::from_static(b"pixels"))
        .await
        .unwrap();
    assert!(
        fs::read(files(place.folder()).pop().unwrap())
            .unwrap()
            .starts_with(b"pixels{")
    );
}

#[tokio::test]
async fn a_flipped_byte_is_never_given_out_as_whole() {
    let place = Place::embedded().await;
    for size in [1000, 600_000] {
        place
            .store
            .put("a", "image/png", vec![7; size].into())
            .await
            .unwrap();
        let file = files(place.folder()).pop().unwrap();
        let mut bytes = fs::read(&file).unwrap();
        bytes[0] ^= 1;
        fs::write(&file, bytes).unwrap();
        let read = place.store.get("a", u64::MAX).await;
        assert!(
            matches!(read, Err(StoreError::Unavailable(_))),
            "{size}: {read:?}"
        );
    }
}

#[tokio::test]
async fn a_damaged_object_is_an_error_and_hides_no_other() {
    let place = Place::embedded().await;
    for key in ["a", "b"] {
        place
            .store
            .put(key, "image/png", Bytes::from_static(b"pixels"))
            .await
            .unwrap();
    }
    let file = files(place.folder()).pop().unwrap();
    let bytes = fs::read(&file).unwrap();
    fs::write(&file, &bytes[..bytes.len() - 1]).unwrap();
    let mut read = Vec::new();
    for key in ["a", "b"] {
        read.push(place.store.get(key, u64::MAX).await.is_ok());
    }
    read.sort_unstable();
    assert_eq!(read, [false, true]);
    assert_eq!(place.store.list("", None).await.unwrap().items.len(), 1);
}

#[tokio::test]
async fn a_refused_body_leaves_no_file() {
    let place = Place::embedded().await;
    let hash = Some([0; 32]);
    let object = tintype_storage::NewObject {
        sha256: hash,
        ..crate::place::png(b"pixels")
    };
    let presigned = place.presigned_with("a", &object);
    assert_eq!(
        place.send(&presigned, b"pixels").await.refusal(),
        (400, "BadDigest")
    );
    assert_eq!(files(place.folder()), Vec::<PathBuf>::new());
}

#[tokio::test]
#[ignore = "needs tests/with-small-disk"]
async fn a_full_small_disk_is_told_and_what_was_there_can_be_read() {
    let disk = std::env::var("TINTYPE_TEST_SMALL_DISK").expect("run by tests/with-small-disk");
    let filler = leave(2_000_000, Path::new(&disk));
    let folder = tempfile::tempdir_in(disk).unwrap();
    let place = Place::embedded_in(folder).await;
    place
        .store
        .put("before", "image/png", Bytes::from_static(b"pixels"))
        .await
        .unwrap();
    let bytes = vec![1; 3_500_000];
    let full = place
        .store
        .put("full", "image/png", bytes.clone().into())
        .await;
    assert!(matches!(full, Err(StoreError::Full)), "{full:?}");
    let presigned = place.presigned("full", &bytes);
    assert_eq!(
        place.send(&presigned, &bytes).await.refusal(),
        (507, "InsufficientStorage")
    );
    assert_eq!(place.read("full").await, None);
    assert_eq!(place.read("before").await.unwrap(), b"pixels");
    place
        .store
        .put("after", "image/png", Bytes::from_static(b"pixels"))
        .await
        .unwrap();
    assert_eq!(files(place.folder()).len(), 2);
    fs::remove_file(filler).unwrap();
}

/// Fills the disk until this many bytes are left, with a file that is returned.
fn leave(bytes: u64, disk: &Path) -> PathBuf {
    let path = disk.join("filler");
    let mut file = fs::File::create(&path).unwrap();
    while file.write_all(&[0; 4096]).is_ok() {}
    file.set_len(file.metadata().unwrap().len() - bytes)
        .unwrap();
    path
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(self::files(&path));
        } else {
            files.push(path);
        }
    }
    files
}

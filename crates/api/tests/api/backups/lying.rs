//! A manifest whose words fit its files, and not what a backup is: it is refused before anything is written.

use std::fs;

use serde_json::{Value, json};
use tintype_core::db::Sha256;

use super::damaged::Story;
use super::whole::HASHES;
use super::{Empty, damage};
use crate::server::On;

impl Story {
    fn manifest(&self) -> Value {
        let text = fs::read(self.path().join("manifest.json")).unwrap();
        serde_json::from_slice(&text).unwrap()
    }

    fn write_manifest(&self, manifest: &Value) {
        let text = serde_json::to_vec_pretty(manifest).unwrap();
        fs::write(self.path().join("manifest.json"), text).unwrap();
    }

    /// Neither command believes this manifest, both say why, and nothing comes of it.
    async fn is_refused(&self, manifest: &Value, words: &str) {
        let whole = self.manifest();
        self.write_manifest(manifest);
        let empty = Empty::new(On::Sqlite).await;
        let place = self.path().to_str().unwrap();
        let verified = self.server.run(&["backup", "--verify", place], &[]);
        for (ok, told, errors) in [
            verified,
            empty.run(self.path(), &[]),
            empty.run_without_damaged(self.path()),
        ] {
            assert!(!ok && told.is_empty(), "{words}: {told}{errors}");
            assert_eq!(
                errors.lines().filter(|it| it.contains("tintype: ")).count(),
                1
            );
            for word in [words, "the backup is damaged", "delete manifest.json and"] {
                assert!(errors.contains(word), "{word}: {errors}");
            }
            assert!(!errors.contains("--leave-out-damaged"), "{errors}");
        }
        assert_eq!(empty.objects(), 0, "{words}");
        self.write_manifest(&whole);
    }
}

impl Empty {
    /// How many objects are in its store.
    fn objects(&self) -> usize {
        let mut folders = vec![self.folder.path().join("objects")];
        let mut objects = 0;
        while let Some(folder) = folders.pop() {
            let Ok(entries) = fs::read_dir(folder) else {
                continue;
            };
            for entry in entries {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    objects += 1;
                }
            }
        }
        objects
    }
}

/// The rows of a table in a manifest.
fn table<'a>(manifest: &'a mut Value, name: &str) -> &'a mut Value {
    let tables = manifest["tables"].as_array_mut().unwrap();
    let mut tables = tables.iter_mut();
    tables.find(|rows| rows["table"] == name).unwrap()
}

fn columns<'a>(manifest: &'a mut Value, name: &str) -> &'a mut Vec<Value> {
    table(manifest, name)["columns"].as_array_mut().unwrap()
}

/// What a manifest says of a file with these bytes.
fn file(said: &mut Value, bytes: &[u8]) {
    said["file"]["bytes"] = json!(bytes.len());
    said["file"]["sha256"] = json!(Sha256::of(bytes));
}

type Lie = fn(&mut Value);

/// What is changed in a manifest, and what is said of it.
const LIES: [(Lie, &str); 10] = [
    (
        |it| it["tables"] = json!([]),
        "lacks the table installation",
    ),
    (
        |it| {
            let tables = it["tables"].as_array_mut().unwrap();
            tables.retain(|rows| rows["table"] != "users");
        },
        "lacks the table users",
    ),
    (
        |it| {
            let tables = it["tables"].as_array_mut().unwrap();
            tables.retain(|rows| rows["table"] != "album_images");
        },
        "lacks the table album_images",
    ),
    (
        |it| {
            let mut rows = table(it, "users").clone();
            let path = rows["file"]["path"].as_str().unwrap();
            rows["file"]["path"] = json!(path.replace("users", "rate_counts"));
            rows["table"] = json!("rate_counts");
            it["tables"].as_array_mut().unwrap().push(rows);
        },
        "a table \"rate_counts\", which no backup has",
    ),
    (
        |it| {
            let columns = columns(it, "images");
            let slug = columns.iter_mut().find(|it| it["name"] == "slug");
            slug.unwrap()["name"] = json!("slag\u{1b}");
        },
        "a column \"slag\\u{1b}\" too many in the table images",
    ),
    (
        |it| columns(it, "images").retain(|it| it["name"] != "slug"),
        "lacks the column slug in the table images",
    ),
    (|it| drop(columns(it, "users").pop()), "in the table users"),
    (
        |it| {
            let columns = columns(it, "albums");
            columns.push(columns[0].clone());
        },
        "twice in the table albums",
    ),
    (
        |it| {
            let columns = columns(it, "images");
            let slug = columns.iter_mut().find(|it| it["name"] == "slug");
            slug.unwrap()["kind"] = json!("bool");
        },
        "has another kind of column slug in the table images",
    ),
    (
        |it| table(it, "installation")["count"] = json!(0),
        "has 0 rows instead of 1 in the table installation",
    ),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_manifest_has_the_tables_and_columns_of_its_schema_or_nothing_is_written() {
    let story = Story::begin().await;
    for (lie, words) in LIES {
        let mut manifest = story.manifest();
        lie(&mut manifest);
        story.is_refused(&manifest, words).await;
    }
    // What is advised helps.
    fs::remove_file(story.path().join("manifest.json")).unwrap();
    story.server.back_up(story.path()).await.unwrap();
    assert_eq!(damage(story.path()).await, Vec::<String>::new());
    let empty = Empty::new(On::Sqlite).await;
    empty.restore(story.path()).await.unwrap();
    assert!(empty.objects() >= 9);
    let restored = empty.start(On::Sqlite).await;
    assert!(restored.audit(HASHES).await.is_balanced());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_list_of_objects_is_that_of_the_manifest_and_of_the_images_or_nothing_is_written() {
    let story = Story::begin().await;
    let path = story.rows("objects");
    let whole = fs::read_to_string(&path).unwrap();
    let lines: Vec<_> = whole.lines().collect();
    assert_eq!(lines.len(), 9);
    let twice = [&lines[..], &lines[8..]].concat();
    let swapped = [&lines[6..], &lines[..6]].concat();
    for (lines, words) in [
        (&lines[..0], "images name 9 objects"),
        (&lines[..8], "images name 1 objects"),
        (&twice[..], "images name 9 of them"),
        (&swapped[..], "images name "),
    ] {
        let ended: Vec<_> = lines.iter().flat_map(|line| [line, "\n"]).collect();
        let list = ended.concat();
        let sizes = lines.iter().map(|line| {
            let entry: Value = serde_json::from_str(line).unwrap();
            entry["size_bytes"].as_u64().unwrap()
        });
        let mut manifest = story.manifest();
        let said = &mut manifest["objects"];
        said["count"] = json!(lines.len());
        said["bytes"] = json!(sizes.sum::<u64>());
        file(said, list.as_bytes());
        fs::write(&path, list).unwrap();
        story.is_refused(&manifest, words).await;
    }
    fs::write(&path, whole).unwrap();
    for bytes in [0, u64::MAX] {
        let mut manifest = story.manifest();
        manifest["objects"]["bytes"] = json!(bytes);
        let words = format!("manifest.json says 9 objects of {bytes} bytes");
        story.is_refused(&manifest, &words).await;
    }
    let mut manifest = story.manifest();
    manifest["missing_count"] = json!(1);
    let words = "images name 0 objects that the list of objects does not have";
    story.is_refused(&manifest, words).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_of_an_older_schema_has_what_that_schema_had() {
    const NEW: [&str; 3] = ["revision", "manifest_key", "manifest_due_at"];
    let story = Story::begin().await;
    let mut manifest = story.manifest();
    manifest["schema"] = json!("m20261130_000027_backup");
    story
        .is_refused(&manifest, " too many in the table images")
        .await;

    let names = columns(&mut manifest, "images").clone();
    let is_old = |place: usize| !NEW.iter().any(|name| names[place]["name"] == *name);
    let path = story.rows("images");
    let old = |line: &str| {
        let row: Vec<Value> = serde_json::from_str(line).unwrap();
        let row = row.into_iter().enumerate();
        let row = row.filter(|(place, _)| is_old(*place));
        json!(row.map(|(_, value)| value).collect::<Vec<_>>()).to_string() + "\n"
    };
    let rows: String = fs::read_to_string(&path)
        .unwrap()
        .lines()
        .map(old)
        .collect();
    columns(&mut manifest, "images").retain(|it| !NEW.iter().any(|name| it["name"] == *name));
    file(table(&mut manifest, "images"), rows.as_bytes());
    fs::write(&path, rows).unwrap();
    story.write_manifest(&manifest);
    assert_eq!(damage(story.path()).await, Vec::<String>::new());
    let empty = Empty::new(On::Sqlite).await;
    empty.restore(story.path()).await.unwrap();
    assert!(empty.objects() >= 9);
    let restored = empty.start(On::Sqlite).await;
    assert!(restored.audit(HASHES).await.is_balanced());

    columns(&mut manifest, "installation").retain(|it| it["name"] != "kept_until");
    story
        .is_refused(&manifest, "lacks the column kept_until")
        .await;
}

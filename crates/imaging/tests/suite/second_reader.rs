//! `ExifTool` reads the cleaned photographs too: it shares no code with this crate and knows far more places to hide data. `just test`
//! installs it; without it these tests fail.

use std::path::Path;
use std::process::Command;

use crate::cleaning::secret_pictures;
use crate::pictures::cleaned;

/// Groups that say how the pixels are stored and shown.
const STAYS: &[&str] = &[
    "File",
    "JFIF",
    "PNG",
    "GIF",
    "RIFF",
    "ICC-header",
    "ICC_Profile",
    "ICC-chrm",
    "Composite",
];

/// Group and tag of everything in the file.
fn tags(path: &Path) -> Vec<(String, String)> {
    let run = Command::new("exiftool")
        .args([
            "-a",
            "-G1",
            "-s",
            "-u",
            "-t",
            "--System:all",
            "--ExifTool:all",
        ])
        .arg(path)
        .output();
    let output = run.expect("install exiftool (Debian: libimage-exiftool-perl)");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8(output.stdout).unwrap();
    let fields = text
        .lines()
        .map(|line| line.split('\t').map(str::to_owned).collect::<Vec<_>>());
    fields
        .map(|mut fields| (fields.remove(0), fields.remove(0)))
        .collect()
}

fn stays(group: &str, tag: &str) -> bool {
    STAYS.contains(&group) && !is_about_people(tag)
}

/// In a group that stays, a tag that has to go.
fn is_about_people(tag: &str) -> bool {
    [
        "Comment",
        "Author",
        "Software",
        "ModifyDate",
        "XMP",
        "Digest",
    ]
    .iter()
    .any(|word| tag.contains(word))
}

#[test]
fn another_reader_finds_nothing_to_tell_in_a_cleaned_photograph() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("second-reader");
    std::fs::create_dir_all(&folder).unwrap();
    let photographs = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    for (name, told_before) in [
        ("portrait-gps.jpg", true),
        ("landscape.jpg", false),
        ("alpha.png", true),
        ("animated.gif", true),
        ("photo.webp", true),
    ] {
        let told = |path: &Path| {
            tags(path)
                .into_iter()
                .filter(|(group, tag)| !stays(group, tag))
                .collect::<Vec<_>>()
        };
        let photograph = photographs.join(name);
        assert_eq!(
            !told(&photograph).is_empty(),
            told_before,
            "{name}, as it was"
        );

        let path = folder.join(name);
        std::fs::write(&path, cleaned(&std::fs::read(&photograph).unwrap()).bytes).unwrap();
        let orientation: &[_] = if name == "portrait-gps.jpg" {
            &[("IFD0".to_owned(), "Orientation".to_owned())]
        } else {
            &[]
        };
        assert_eq!(told(&path), orientation, "{name}, cleaned");
    }
}

#[test]
fn another_reader_finds_nothing_to_tell_in_a_cleaned_picture_of_any_kind() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("second-reader");
    std::fs::create_dir_all(&folder).unwrap();
    for (name, bytes) in secret_pictures() {
        let (before, after) = (
            folder.join(format!("{name} before")),
            folder.join(format!("{name} after")),
        );
        let cleaned = cleaned(&bytes).bytes;
        std::fs::write(&before, bytes).unwrap();
        std::fs::write(&after, cleaned).unwrap();
        let told = |path: &Path| {
            tags(path)
                .into_iter()
                .filter(|(group, tag)| !stays(group, tag))
                .collect::<Vec<_>>()
        };
        assert!(!told(&before).is_empty(), "{name}");
        let orientation = |(group, tag): &(String, String)| group == "IFD0" && tag == "Orientation";
        assert!(
            told(&after).iter().all(orientation),
            "{name}: {:?}",
            told(&after)
        );
    }
}

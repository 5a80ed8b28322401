//! Public test pictures, about 1,800 of them, several hundred broken: `just corpus` downloads them, lets Pillow say what it reads, and
//! names their folder in `TINTYPE_TEST_CORPUS`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use tintype_dto::{Image, Problem};

use crate::client::Client;
use crate::server::{On, TestServer};

const MOST_TIME: Duration = Duration::from_secs(2);
const MOST_MEMORY_KIB: u64 = 512 * 1024;

/// What Pillow opens, is within the limits, and is refused all the same: a part of the path, and why.
const EXCEPTIONS: &[(&str, &str)] = &[
    (
        "pillow/Tests/images/hopper_bad_exif.jpg",
        "its restarts are not where its codes end; viewers show stripes",
    ),
    (
        "libgd2/tests/webp/bug_double_free.jpg",
        "it has a header of 32,540 x 255 pixels, and next to nothing behind it",
    ),
    (
        "crashers/badcrc.png",
        "the checksum of its pixels is wrong; browsers show nothing",
    ),
    (
        "crashers/huge_IDAT.png",
        "a chunk claims 1 GiB of a file of 100 bytes",
    ),
];

/// A line of `expected.tsv`.
struct Expected {
    path: String,
    /// Pillow reads it, and no side is too long.
    is_acceptable: bool,
}

/// What the server did with one file.
enum Outcome {
    Published(Box<Image>),
    Refused(Box<Problem>),
}

fn expected(folder: &Path) -> Vec<Expected> {
    let text = std::fs::read_to_string(folder.join("expected.tsv")).unwrap();
    let line = |line: &str| {
        let fields: Vec<_> = line.split('\t').collect();
        let fits = fields[2..4].iter().all(|side| {
            side.parse::<u32>().unwrap() <= tintype_imaging::Limits::default().max_side
        });
        Expected {
            path: fields[0].into(),
            is_acceptable: fits && ["jpeg", "png", "gif", "webp"].contains(&fields[1]),
        }
    };
    text.lines().map(line).collect()
}

/// The whole way, whatever the file is. The name says PNG of everything: the type comes from the bytes.
async fn push(client: &Client, bytes: &[u8]) -> Outcome {
    let announcement = serde_json::json!({"filename": "x.png", "content_type": "image/png", "size_bytes": bytes.len()});
    let announced = client.post("/uploads", &announcement).await;
    if !announced.status.is_success() {
        return refused(&announced);
    }
    let upload = announced.ok();
    assert_eq!(client.put(&upload, bytes).await.status, 200);
    let answer = client.confirm(upload.id).await;
    if answer.status == 200 {
        Outcome::Published(Box::new(answer.ok()))
    } else {
        refused(&answer)
    }
}

fn refused(answer: &crate::client::Answer) -> Outcome {
    let problem: Problem = answer.json();
    assert!([413, 422].contains(&answer.status.as_u16()), "{problem:?}");
    Outcome::Refused(Box::new(problem))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "run by `just corpus`"]
async fn every_file_is_published_clean_or_refused_with_a_reason_soon_and_in_bounded_memory() {
    let folder = PathBuf::from(std::env::var("TINTYPE_TEST_CORPUS").expect("run by `just corpus`"));
    let server = TestServer::start(On::Sqlite).await;
    let alice = server.user().await;
    let (mut slowest, mut published_as, mut wrong) =
        ((Duration::ZERO, String::new()), String::new(), Vec::new());
    let (mut published, mut own, mut refused, mut met) =
        (0, 0, BTreeMap::<_, u32>::new(), BTreeSet::new());
    for (
        number,
        Expected {
            path,
            is_acceptable,
        },
    ) in expected(&folder).into_iter().enumerate()
    {
        let bytes = std::fs::read(folder.join("files").join(&path)).unwrap();
        let start = Instant::now();
        let outcome = push(&alice, &bytes).await;
        let took = start.elapsed();
        slowest = slowest.max((took, path.clone()));
        match outcome {
            Outcome::Published(image) => {
                published += 1;
                let name = format!("{number}.{}", image.content_type.extension());
                std::fs::write(
                    folder.join("served").join(&name),
                    server.fetch(&image.links.original).await.body,
                )
                .unwrap();
                if image.links.thumb == image.links.original {
                    own += 1;
                } else {
                    let thumb = server.fetch(&image.links.thumb).await.body;
                    std::fs::write(
                        folder.join("served").join(format!("{number}-thumb.webp")),
                        thumb,
                    )
                    .unwrap();
                }
                writeln!(published_as, "{path}\t{name}").unwrap();
            }
            Outcome::Refused(problem) => {
                *refused.entry(problem.code.name()).or_default() += 1;
                let exception = EXCEPTIONS.iter().find(|(name, _)| path.contains(name));
                met.extend(exception.map(|(name, _)| *name));
                if is_acceptable && exception.is_none() {
                    wrong.push(format!(
                        "{path}: {} {}",
                        problem.code.name(),
                        problem.detail
                    ));
                }
            }
        }
    }
    std::fs::write(folder.join("served.tsv"), published_as).unwrap();
    let memory = peak_memory_kib();
    println!("{published} published ({own} of them their own thumbnails), refused: {refused:?}");
    println!(
        "slowest: {:?} {}; peak memory of server and test: {} MiB",
        slowest.0,
        slowest.1,
        memory / 1024
    );
    wrong.extend(told(&folder.join("served")));
    wrong.extend(
        EXCEPTIONS
            .iter()
            .filter(|(name, _)| !met.contains(name))
            .map(|(name, _)| format!("{name} is no exception any more")),
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(slowest.0 < MOST_TIME, "{} took {:?}", slowest.1, slowest.0);
    assert!(memory < MOST_MEMORY_KIB);
}

/// The most memory that this process ever had.
fn peak_memory_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// What `ExifTool` finds in the served files beside pixels, colours and orientation.
fn told(served: &Path) -> Vec<String> {
    let run = Command::new("exiftool")
        .args(["-r", "-a", "-G1", "-s", "-u", "-t", "--System:all"])
        .arg(served)
        .output();
    let output = run.expect("install exiftool (Debian: libimage-exiftool-perl)");
    let (mut file, mut found) = (String::new(), Vec::new());
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        if let Some(name) = line.strip_prefix("======== ") {
            name.clone_into(&mut file);
        }
        let [group, tag, value] = line.splitn(3, '\t').collect::<Vec<_>>()[..] else {
            continue;
        };
        if !is_about_pixels(group, tag, value) {
            found.push(format!("{file}: {group} {tag} {value}"));
        }
    }
    found
}

fn is_about_pixels(group: &str, tag: &str, value: &str) -> bool {
    match group {
        "File" => tag != "Comment",
        "JFIF" | "Adobe" | "Composite" => true,
        "IFD0" => tag == "Orientation",
        "ExifTool" => !value.contains("railer"),
        _ => {
            group.starts_with("ICC")
                || ["PNG", "GIF", "RIFF"]
                    .iter()
                    .any(|known| group.starts_with(known) && !tag.contains("Comment"))
        }
    }
}

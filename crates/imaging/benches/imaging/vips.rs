//! The same work by `vipsthumbnail`, one process for the whole batch, one thread, counted in CPU time.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use tintype_imaging::{
    Limits, PREVIEW_QUALITY, PREVIEW_SIDE, Rendition, Renditions, THUMB_QUALITY, THUMB_SIDE,
};

use crate::{cpu, decoded, photograph};

const BATCH: usize = 16;
/// The best of so many, so that a busy machine costs neither.
const ROUNDS: usize = 3;
/// What is asked for: so many times the CPU time of libvips, at most.
const MOST: f64 = 1.5;

struct Row {
    what: &'static str,
    ours: Duration,
    theirs: Duration,
}

pub fn compare() {
    let version = Command::new("vips")
        .arg("--version")
        .output()
        .expect("install vips (Debian: libvips-tools)");
    let files = batch();
    let alone = Row {
        what: "400 px",
        ours: best(|| {
            ours(&files, THUMB_SIDE, |decoded| {
                vec![decoded.thumbnail().unwrap().0]
            })
        }),
        theirs: best(|| theirs(&files, &[400])),
    };
    let both = Row {
        what: "1600 px and 400 px",
        ours: best(|| {
            ours(&files, PREVIEW_SIDE, |decoded| {
                let Renditions { preview, thumb, .. } = decoded.render().unwrap();
                vec![preview, thumb]
            })
        }),
        theirs: best(|| theirs(&files, &[1600, 400])),
    };
    println!(
        "CPU time for one of {BATCH} JPEGs of 12 MP to WebP, one thread; {}",
        String::from_utf8_lossy(&version.stdout).trim()
    );
    for Row { what, ours, theirs } in [&alone, &both] {
        println!(
            "{what:>20}: ours {ours:>9.1?}, vipsthumbnail {theirs:>9.1?}: {:.2}x",
            ratio(*ours, *theirs)
        );
    }
    assert!(
        ratio(alone.ours, alone.theirs) <= MOST,
        "the thumbnail may cost {MOST} times what libvips takes"
    );
}

fn ratio(ours: Duration, theirs: Duration) -> f64 {
    ours.as_secs_f64() / theirs.as_secs_f64()
}

fn batch() -> Vec<PathBuf> {
    let bytes = photograph::twelve_megapixels();
    let files: Vec<_> = (0..BATCH)
        .map(|number| photograph::folder().join(format!("batch-{number}.jpg")))
        .collect();
    for file in &files {
        std::fs::write(file, &bytes).unwrap();
    }
    files
}

fn best(mut run: impl FnMut() -> Duration) -> Duration {
    let batch = u32::try_from(BATCH).unwrap();
    (0..ROUNDS).map(|_| run() / batch).min().unwrap()
}

fn ours(
    files: &[PathBuf],
    side: u32,
    render: impl Fn(tintype_imaging::Decoded) -> Vec<Rendition>,
) -> Duration {
    let start = cpu::times().expect("/proc").own;
    for (file, number) in files.iter().zip(0..) {
        let bytes = std::fs::read(file).unwrap();
        for rendition in render(decoded(&bytes, &Limits::default(), side)) {
            let name = format!("ours-{number}-{}.webp", rendition.width);
            std::fs::write(photograph::folder().join(name), rendition.webp).unwrap();
        }
    }
    cpu::times().expect("/proc").own.saturating_sub(start)
}

fn theirs(files: &[PathBuf], sides: &[u32]) -> Duration {
    let start = cpu::times().expect("/proc").children;
    for side in sides {
        let quality = if *side == THUMB_SIDE {
            THUMB_QUALITY
        } else {
            PREVIEW_QUALITY
        };
        let out = photograph::folder().join(format!("theirs-%s-{side}.webp[Q={quality},strip]"));
        let mut command = Command::new("vipsthumbnail");
        command
            .env("VIPS_CONCURRENCY", "1")
            .args(files)
            .args(["--size", &format!("{side}x{side}>"), "--output"])
            .arg(out);
        assert!(
            command
                .status()
                .expect("install vipsthumbnail (Debian: libvips-tools)")
                .success()
        );
    }
    cpu::times().expect("/proc").children.saturating_sub(start)
}

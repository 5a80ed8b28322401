//! Small files that claim, or unpack to, much: each has its answer soon, whatever the answer is.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use tintype_imaging::{Limits, clean, inspect};

use crate::pictures::*;

fn packed(count: usize) -> Vec<u8> {
    miniz_oxide::deflate::compress_to_vec_zlib(&vec![0; count], 9)
}

fn png_of(width: u32, height: u32) -> Vec<u8> {
    let header = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 6, 0, 0, 0]].concat();
    [&png()[..8], &png_chunk(b"IHDR", &header), &png_chunk(b"IDAT", &packed(100_000)), &png_chunk(b"IEND", b"")].concat()
}

fn gif_of_frames(count: usize) -> Vec<u8> {
    let plain = gif();
    let frame = b"\x21\xf9\x04\0\0\0\0\0\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0";
    [&plain[..plain.len() - 1], &frame.repeat(count), b"\x3b"].concat()
}

fn bombs() -> Vec<(&'static str, Vec<u8>)> {
    let zeros = packed(200_000_000);
    let chunk = |kind, start: &[u8]| png_with(&png_of(1, 1), &[png_chunk(kind, &[start, &zeros].concat())]);
    vec![
        ("a PNG of 65,535 x 65,535", png_of(65_535, 65_535)),
        ("a PNG of 2^31 - 1 each way", png_of(0x7fff_ffff, 0x7fff_ffff)),
        ("a PNG of 16,384 x 3,000 with few pixels in it", png_of(16_384, 3_000)),
        ("a GIF of 5,000 frames", gif_of_frames(5_000)),
        ("200 MB in iCCP", chunk(b"iCCP", b"icc\0\0")),
        ("200 MB in zTXt", chunk(b"zTXt", b"Comment\0\0")),
        ("200 MB in iTXt", chunk(b"iTXt", b"Comment\0\x01\0\0\0")),
        ("200 MB of pixels in a PNG of 1 x 1", png_with(&png_of(1, 1), &[png_chunk(b"IDAT", &zeros)])),
        ("a PNG of 300,000 empty chunks", png_with(&png(), &vec![png_chunk(b"teXt", b""); 300_000])),
        ("a JPEG of 100,000 comments", jpeg_with(&jpeg(), &vec![segment(0xfe, b"x"); 100_000])),
    ]
}

/// The best of three, so that a busy machine is not taken for a slow walk.
fn quickest(mut work: impl FnMut()) -> Duration {
    let once = |()| {
        let start = Instant::now();
        work();
        start.elapsed()
    };
    [(); 3].map(once).into_iter().min().unwrap_or_default()
}

#[test]
fn a_bomb_is_answered_within_a_quarter_of_a_second() {
    for (name, bytes) in bombs() {
        let limits = Limits::default();
        let took = quickest(|| drop((inspect(&bytes, &limits), clean(&bytes, &limits))));
        assert!(took < Duration::from_millis(250), "{name}: {took:?}");
    }
}

/// In a process of its own, as the system counts memory by process: no allocator of ours stands between.
#[test]
fn a_bomb_is_answered_within_64_mebibytes() {
    for (name, bytes) in bombs() {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bomb");
        std::fs::write(&path, bytes).unwrap();
        let arguments = ["--exact", "bombs::one_bomb_in_a_process_of_its_own", "--ignored", "--nocapture"];
        let child = Command::new(std::env::current_exe().unwrap()).args(arguments).env("TINTYPE_BOMB", &path).output().unwrap();
        let said = String::from_utf8(child.stdout).unwrap();
        let peak = said.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_else(|| panic!("{name}: {said}"));
        let kib: u64 = peak.trim().trim_end_matches(" kB").parse().unwrap();
        assert!(kib < 64 * 1024, "{name}: {kib} KiB");
    }
}

#[test]
#[ignore = "run by the test above"]
fn one_bomb_in_a_process_of_its_own() {
    let Some(path) = std::env::var_os("TINTYPE_BOMB") else { return };
    let bytes = std::fs::read(path).unwrap();
    let limits = Limits::default();
    drop((inspect(&bytes, &limits), clean(&bytes, &limits)));
    println!("\n{}", std::fs::read_to_string("/proc/self/status").unwrap());
}

#[test]
fn what_is_kept_of_a_bomb_holds_nothing_that_unpacks() {
    for (name, bytes) in bombs() {
        let Ok(out) = clean(&bytes, &Limits::default()) else { continue };
        assert!(!out.bytes.windows(4).any(|kind| matches!(kind, b"iCCP" | b"zTXt" | b"iTXt")), "{name}");
    }
}

#[cfg(feature = "render")]
#[test]
fn a_bomb_that_passes_is_rendered_or_refused_within_two_seconds() {
    use tintype_imaging::{Decoded, PREVIEW_SIDE, decode};
    let limits = Limits::default();
    for (name, bytes) in bombs() {
        let Ok(out) = clean(&bytes, &limits) else { continue };
        let inspection = inspect(&out.bytes, &limits).unwrap();
        let took = quickest(|| {
            let _ = decode(&out.bytes, &inspection, &limits, PREVIEW_SIDE).map(Decoded::render);
        });
        assert!(took < Duration::from_secs(2), "{name}: {took:?}");
    }
}

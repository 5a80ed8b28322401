//! Small files that claim, or unpack to, much: each has its answer soon, whatever the answer is.

use std::time::{Duration, Instant};

use tintype_dto::ProblemCode;
use tintype_imaging::{Limits, RemovedCode, clean, inspect};

use crate::alone;
use crate::large::{Coding, jpeg_of};
use crate::pictures::*;

fn packed(count: usize) -> Vec<u8> {
    miniz_oxide::deflate::compress_to_vec_zlib(&vec![0; count], 9)
}

fn png_of(width: u32, height: u32) -> Vec<u8> {
    let header = [
        &width.to_be_bytes()[..],
        &height.to_be_bytes(),
        &[8, 6, 0, 0, 0],
    ]
    .concat();
    [
        &png()[..8],
        &png_chunk(b"IHDR", &header),
        &png_chunk(b"IDAT", &packed(100_000)),
        &png_chunk(b"IEND", b""),
    ]
    .concat()
}

fn gif_of_frames(count: usize) -> Vec<u8> {
    let plain = gif();
    let frame = b"\x21\xf9\x04\0\0\0\0\0\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0";
    [&plain[..plain.len() - 1], &frame.repeat(count), b"\x3b"].concat()
}

/// What a browser, or an unpacker, could take a picture for.
const TAILS: [(&str, &[u8]); 3] = [
    ("HTML", b"<!doctype html><script>fetch('/SECRET')</script>"),
    ("JS", b"*/=1;fetch('/SECRET')//"),
    ("ZIP", b"PK\x03\x04\x14\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x06\0\0\0SECRETPK\x01\x02PK\x05\x06"),
];

fn polyglots() -> Vec<(String, Vec<u8>)> {
    let pictures = [
        ("JPEG", jpeg()),
        ("PNG", png()),
        ("APNG", apng()),
        ("GIF", gif()),
        ("WebP", webp()),
        ("moving WebP", animated_webp()),
    ];
    let with_tail = |(kind, tail): (&'static str, &'static [u8])| {
        pictures.clone().map(|(format, bytes)| {
            (
                format!("{format} with {kind} behind it"),
                [&bytes, tail].concat(),
            )
        })
    };
    let mut all: Vec<_> = TAILS.into_iter().flat_map(with_tail).collect();
    // A script to those who take `GIF89a` for a name, the size of the screen for a comment.
    all.push((
        "a GIF that is a script".into(),
        [
            b"GIF89a/*".as_slice(),
            &gif()[8..],
            b"*/=1;fetch('/SECRET')",
        ]
        .concat(),
    ));
    all
}

fn huge_jpeg() -> Vec<u8> {
    let mut bytes = jpeg_of(Coding::Progressive, (16, 16), &[0x11; 3]);
    bytes[7..11].fill(0xff);
    bytes
}

fn bombs() -> Vec<(&'static str, Vec<u8>)> {
    let zeros = packed(200_000_000);
    let chunk =
        |kind, start: &[u8]| png_with(&png_of(1, 1), &[png_chunk(kind, &[start, &zeros].concat())]);
    vec![
        ("a PNG of 65,535 x 65,535", png_of(65_535, 65_535)),
        (
            "a PNG of 2^31 - 1 each way",
            png_of(0x7fff_ffff, 0x7fff_ffff),
        ),
        (
            "a PNG of 16,384 x 3,000 with few pixels in it",
            png_of(16_384, 3_000),
        ),
        ("a JPEG of 65,535 x 65,535", huge_jpeg()),
        (
            "a GIF of 65,535 x 65,535",
            [&gif()[..6], &[0xff; 4], &gif()[10..]].concat(),
        ),
        (
            "a WebP of 2^24 each way",
            riff(
                &[
                    riff_chunk(b"VP8X", &[2, 0, 0, 0, 255, 255, 255, 255, 255, 255]),
                    webp()[12..].to_vec(),
                ]
                .concat(),
            ),
        ),
        ("a GIF of 5,000 frames", gif_of_frames(5_000)),
        ("200 MB in iCCP", chunk(b"iCCP", b"icc\0\0")),
        ("200 MB in zTXt", chunk(b"zTXt", b"Comment\0\0")),
        ("200 MB in iTXt", chunk(b"iTXt", b"Comment\0\x01\0\0\0")),
        (
            "200 MB of pixels in a PNG of 1 x 1",
            png_with(&png_of(1, 1), &[png_chunk(b"IDAT", &zeros)]),
        ),
        (
            "a PNG of 300,000 empty chunks of pixels",
            png_with(&png(), &vec![png_chunk(b"IDAT", b""); 300_000]),
        ),
        (
            "a PNG of 300,000 chunks of a byte of pixels",
            crate::pixel_data::in_pieces(1, 300_000),
        ),
        (
            "a PNG of 4,000,000 blocks of no pixels",
            crate::pixel_data::of_empty_blocks(4_000_000),
        ),
        (
            "a PNG of 300,000 empty chunks",
            png_with(&png(), &vec![png_chunk(b"teXt", b""); 300_000]),
        ),
        (
            "a JPEG of 100,000 comments",
            jpeg_with(&jpeg(), &vec![segment(0xfe, b"x"); 100_000]),
        ),
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

/// All of them.
fn hostile() -> impl Iterator<Item = (String, Vec<u8>)> {
    bombs()
        .into_iter()
        .map(|(name, bytes)| (name.to_owned(), bytes))
        .chain(polyglots())
}

#[test]
fn a_header_beyond_any_limit_is_refused() {
    for (name, bytes) in bombs().into_iter().filter(|(name, _)| {
        name.contains("65,535") || name.contains("2^") || name.contains("5,000")
    }) {
        assert_eq!(
            clean(&bytes, &Limits::default()).unwrap_err().code(),
            ProblemCode::ImageTooLarge,
            "{name}"
        );
    }
}

#[test]
fn a_picture_that_is_something_else_too_is_only_a_picture_then() {
    for (name, bytes) in polyglots() {
        let out =
            clean(&bytes, &Limits::default()).unwrap_or_else(|refusal| panic!("{name}: {refusal}"));
        assert!(out.removed.contains(&RemovedCode::TrailingData), "{name}");
        assert!(
            !out.bytes.windows(6).any(|window| window == b"SECRET"),
            "{name}"
        );
    }
}

#[test]
fn a_bomb_is_answered_within_a_quarter_of_a_second() {
    for (name, bytes) in hostile() {
        let limits = Limits::default();
        let took = quickest(|| drop((inspect(&bytes, &limits), clean(&bytes, &limits))));
        assert!(took < Duration::from_millis(250), "{name}: {took:?}");
    }
}

#[test]
fn a_bomb_is_answered_within_64_mebibytes() {
    for (name, bytes) in hostile() {
        let peak = alone::hear(
            "bombs::one_bomb_in_a_process_of_its_own",
            &name.replace(' ', "-"),
            &bytes,
            "peak:",
        );
        assert!(
            peak.parse::<u64>().unwrap() < 64 * 1024,
            "{name}: {peak} KiB"
        );
    }
}

#[test]
#[ignore = "run by the test above"]
fn one_bomb_in_a_process_of_its_own() {
    let Some(bytes) = alone::file() else { return };
    let limits = Limits::default();
    drop((inspect(&bytes, &limits), clean(&bytes, &limits)));
    println!("\npeak: {}", alone::status("VmHWM"));
}

#[test]
fn what_is_kept_of_a_bomb_holds_nothing_that_unpacks() {
    for (name, bytes) in bombs() {
        let Ok(out) = clean(&bytes, &Limits::default()) else {
            continue;
        };
        assert!(
            !out.bytes
                .windows(4)
                .any(|kind| matches!(kind, b"iCCP" | b"zTXt" | b"iTXt")),
            "{name}"
        );
    }
}

#[cfg(feature = "render")]
#[test]
fn a_bomb_that_passes_is_rendered_or_refused_within_two_seconds() {
    use tintype_imaging::{Decoded, PREVIEW_SIDE, decode};
    let limits = Limits::default();
    for (name, bytes) in bombs() {
        let Ok(out) = clean(&bytes, &limits) else {
            continue;
        };
        let inspection = inspect(&out.bytes, &limits).unwrap();
        let took = quickest(|| {
            let _ = decode(&out.bytes, &inspection, &limits, PREVIEW_SIDE).map(Decoded::render);
        });
        assert!(took < Duration::from_secs(2), "{name}: {took:?}");
    }
}

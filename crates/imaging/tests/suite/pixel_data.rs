//! PNG: what pixels are packed in holds them and nothing else.

use miniz_oxide::deflate::{compress_to_vec, compress_to_vec_zlib};
use proptest::prelude::*;
use tintype_imaging::{Limits, RemovedCode, inspect};

use crate::pictures::*;

const SECRET: &[u8] = b"SECRETOWNER";

/// The rows of `pixels()`, unpacked, each with its filter.
fn rows() -> Vec<u8> {
    pixels()
        .rows()
        .flat_map(|row| std::iter::once(0).chain(row.flat_map(|pixel| pixel.0)))
        .collect()
}

/// A PNG of `pixels()` with these chunks of pixels.
fn png_of(chunks: &[&[u8]]) -> Vec<u8> {
    let chunks: Vec<_> = chunks.iter().map(|data| png_chunk(b"IDAT", data)).collect();
    [&png()[..33], &chunks.concat(), &png_chunk(b"IEND", b"")].concat()
}

fn adler(bytes: &[u8]) -> [u8; 4] {
    let packed = compress_to_vec_zlib(bytes, 0);
    packed[packed.len() - 4..].try_into().unwrap()
}

/// A picture of pixels that stand for themselves, in so many chunks of so many bytes.
pub fn in_pieces(each: usize, count: usize) -> Vec<u8> {
    let width = u32::try_from(count * each / 8).unwrap();
    let header = [
        &width.to_be_bytes()[..],
        &7_u32.to_be_bytes(),
        &[8, 0, 0, 0, 0],
    ]
    .concat();
    let packed = compress_to_vec_zlib(&vec![0; 7 * (1 + width as usize)], 0);
    let chunks: Vec<_> = packed
        .chunks(each)
        .map(|piece| png_chunk(b"IDAT", piece))
        .collect();
    [
        &png()[..8],
        &png_chunk(b"IHDR", &header),
        &chunks.concat(),
        &png_chunk(b"IEND", b""),
    ]
    .concat()
}

/// Blocks of no bytes before those of the picture.
pub fn of_empty_blocks(count: usize) -> Vec<u8> {
    let packed = compress_to_vec_zlib(&rows(), 6);
    png_of(&[&packed[..2], &b"\0\0\0\xff\xff".repeat(count), &packed[2..]])
}

#[test]
fn bytes_behind_the_stream_are_cut() {
    let packed = compress_to_vec_zlib(&rows(), 6);
    let whole = png_of(&[&packed]);
    for chunks in [
        vec![[&packed[..], SECRET].concat()],
        vec![packed.clone(), SECRET.to_vec()],
        vec![packed.clone(), SECRET.repeat(100), SECRET.to_vec()],
    ] {
        let chunks: Vec<&[u8]> = chunks.iter().map(Vec::as_slice).collect();
        let out = cleaned(&png_of(&chunks));
        assert_eq!(
            (&out.bytes, &out.removed[..]),
            (&whole, &[RemovedCode::TrailingData][..])
        );
    }
    let pieces: Vec<&[u8]> = packed.chunks(7).collect();
    assert_eq!(
        cleaned(&png_of(&[&pieces[..], &[SECRET]].concat())).bytes,
        png_of(&pieces)
    );
}

#[test]
fn pixels_that_are_too_many_are_cut() {
    let more = [&rows()[..], &SECRET.repeat(1_000)].concat();
    for level in 0..=10 {
        let bytes = png_of(&[&compress_to_vec_zlib(&more, level)]);
        let out = cleaned(&bytes);
        assert_eq!(out.removed, [RemovedCode::TrailingData], "{level}");
        assert!(decode(&out.bytes) == pixels().into(), "{level}");
        let unpacked =
            miniz_oxide::inflate::decompress_to_vec_zlib(&pixel_data(&out.bytes)).unwrap();
        assert_eq!(unpacked, rows(), "{level}");
        assert_eq!(cleaned(&out.bytes).bytes, out.bytes);
    }
}

#[test]
fn a_small_picture_that_unpacks_to_200_megabytes_is_published_without_them() {
    let bytes = png_of(&[&compress_to_vec_zlib(
        &[rows(), vec![0; 200_000_000]].concat(),
        6,
    )]);
    let out = cleaned(&bytes).bytes;
    assert!(
        out.len() < 1_000 && decode(&out) == pixels().into(),
        "{}",
        out.len()
    );
}

#[test]
fn pixels_that_end_early_are_refused() {
    let packed = compress_to_vec_zlib(&rows()[1..], 6);
    assert!(refusal(&png_of(&[&packed])).detail().contains("end early"));
    let packed = compress_to_vec_zlib(&rows(), 6);
    assert!(
        refusal(&png_of(&[&packed[..packed.len() / 2]]))
            .detail()
            .contains("end early")
    );
    assert!(refusal(&png_of(&[b""])).detail().contains("end early"));
}

#[test]
fn a_stream_whose_end_is_missing_is_ended_when_the_pixels_are_there() {
    let packed = compress_to_vec_zlib(&rows(), 6);
    for missing in 1..=4 {
        let out = cleaned(&png_of(&[&packed[..packed.len() - missing]]));
        assert_eq!(out.bytes, png_of(&[&packed]), "{missing}");
    }
}

#[test]
fn a_missing_end_is_put_back() {
    let whole = png();
    let end = whole.len() - 12;
    for cut in [
        &whole[..end],
        &whole[..end + 5],
        &[&whole[..end], b"\0\0\0\x20tEXtAuthor\0SECRETOWNER"].concat(),
    ] {
        let out = cleaned(cut);
        assert_eq!(out.bytes, whole);
        assert_eq!(out.removed.is_empty(), cut.len() == end);
    }
    let moving = apng();
    assert_eq!(cleaned(&moving[..moving.len() - 12]).bytes, moving);
    let last = moving.windows(4).rposition(|kind| kind == b"fcTL").unwrap() - 4;
    assert!(refusal(&moving[..last]).detail().contains("ends early"));
}

#[test]
fn empty_chunks_are_dropped_and_far_too_many_are_joined() {
    let packed = compress_to_vec_zlib(&rows(), 6);
    let (a, b) = packed.split_at(20);
    assert_eq!(
        cleaned(&png_of(&[b"", a, b"", b"", b, b""])).bytes,
        png_of(&[a, b])
    );
    let pieces = in_pieces(1, 8_000);
    let out = cleaned(&pieces).bytes;
    assert_eq!(out.windows(4).filter(|kind| kind == b"IDAT").count(), 1);
    assert!(decode(&out) == decode(&pieces) && cleaned(&out).bytes == out);
    // As many programs write it.
    let pieces = in_pieces(64, 800);
    assert_eq!(cleaned(&pieces).bytes, pieces);
}

#[test]
fn a_stream_of_blocks_that_hold_nothing_is_refused() {
    assert_eq!(cleaned(&of_empty_blocks(100)).removed, []);
    assert!(
        refusal(&of_empty_blocks(10_000))
            .detail()
            .contains("far too many parts")
    );
}

#[test]
fn an_interlaced_picture_is_measured_by_its_passes() {
    for (width, height) in
        (1..=9_u32).flat_map(|width| (1..=9_u32).map(move |height| (width, height)))
    {
        let header = [
            &width.to_be_bytes()[..],
            &height.to_be_bytes(),
            &[8, 2, 0, 0, 1],
        ]
        .concat();
        // Which pass a pixel belongs to, by its place in a square of eight.
        let pass = |x: u32, y: u32| match (x % 8, y % 8) {
            (0, 0) => 0,
            (4, 0) => 1,
            (0 | 4, 4) => 2,
            (2 | 6, 0 | 4) => 3,
            (0 | 2 | 4 | 6, 2 | 6) => 4,
            (_, 0 | 2 | 4 | 6) => 5,
            _ => 6,
        };
        let mut seen = std::collections::BTreeSet::new();
        let mut size = 0;
        for (x, y) in (0..height).flat_map(|y| (0..width).map(move |x| (x, y))) {
            size += 3 + usize::from(seen.insert((pass(x, y), y)));
        }
        let png_of = |size: usize| {
            let pixels = png_chunk(b"IDAT", &compress_to_vec_zlib(&vec![0; size], 0));
            [
                &png()[..8],
                &png_chunk(b"IHDR", &header),
                &pixels,
                &png_chunk(b"IEND", b""),
            ]
            .concat()
        };
        assert_eq!(cleaned(&png_of(size)).removed, [], "{width} x {height}");
        assert_eq!(
            cleaned(&png_of(size + 1)).removed,
            [RemovedCode::TrailingData],
            "{width} x {height}"
        );
        assert!(
            refusal(&png_of(size - 1)).detail().contains("end early"),
            "{width} x {height}"
        );
        decode(&png_of(size));
    }
}

/// The moving picture, its frame of this number changed: what it holds is given to `change`.
fn moving_with(frame: usize, change: impl Fn(&[u8]) -> Vec<Vec<u8>>) -> Vec<u8> {
    let (plain, mut out, mut at) = (apng(), apng()[..8].to_vec(), 8);
    let (mut seen, mut number) = (0, 0_u32);
    let mut next = || {
        number += 1;
        (number - 1).to_be_bytes()
    };
    while at < plain.len() {
        let length = u32::from_be_bytes(plain[at..at + 4].try_into().unwrap()) as usize;
        let (kind, data) = (&plain[at + 4..at + 8], &plain[at + 8..at + 8 + length]);
        match kind {
            b"fcTL" => out.extend(png_chunk(kind, &[&next(), &data[4..]].concat())),
            b"IDAT" | b"fdAT" => {
                let data = if kind == b"fdAT" { &data[4..] } else { data };
                let pieces = if seen == frame {
                    change(data)
                } else {
                    vec![data.to_vec()]
                };
                for piece in pieces {
                    let piece = if kind == b"fdAT" {
                        [&next()[..], &piece].concat()
                    } else {
                        piece
                    };
                    out.extend(png_chunk(kind, &piece));
                }
                seen += 1;
            }
            _ => out.extend_from_slice(&plain[at..at + 12 + length]),
        }
        at += 12 + length;
    }
    out
}

#[test]
fn each_frame_of_a_moving_picture_is_measured() {
    let surplus = |data: &[u8]| {
        let rows = miniz_oxide::inflate::decompress_to_vec_zlib(data).unwrap();
        vec![compress_to_vec_zlib(&[&rows[..], SECRET].concat(), 0)]
    };
    for frame in 0..3 {
        assert_eq!(moving_with(frame, |data| vec![data.to_vec()]), apng());
        let out = cleaned(&moving_with(frame, |data| vec![[data, SECRET].concat()]));
        assert_eq!(
            (out.bytes, out.removed),
            (apng(), vec![RemovedCode::TrailingData]),
            "{frame}"
        );
        // A chunk less, so all behind it get other numbers.
        let out = cleaned(&moving_with(frame, |data| {
            vec![data.to_vec(), SECRET.to_vec()]
        }));
        assert_eq!(
            (out.bytes, out.removed),
            (apng(), vec![RemovedCode::TrailingData]),
            "{frame}"
        );
        let out = cleaned(&moving_with(frame, |data| {
            vec![vec![], data.to_vec(), vec![]]
        }));
        assert_eq!((out.bytes, out.removed), (apng(), vec![]), "{frame}");

        let out = cleaned(&moving_with(frame, surplus));
        assert_eq!(out.removed, [RemovedCode::TrailingData], "{frame}");
        assert!(!out.bytes.windows(6).any(|window| window == b"SECRET"));
        let found = inspect(&out.bytes, &Limits::default()).unwrap();
        assert_eq!(
            (found.frames, cleaned(&out.bytes).bytes),
            (3, out.bytes),
            "{frame}"
        );

        assert!(
            refusal(&moving_with(frame, |data| vec![
                data[..data.len() / 2].to_vec()
            ]))
            .detail()
            .contains("end early"),
            "{frame}"
        );
    }
}

/// Places in a PNG where words can be put.
fn with_words(place: usize, words: &[u8], level: u8) -> Vec<u8> {
    let packed = compress_to_vec_zlib(&rows(), level);
    let profile = include_bytes!("../../fixtures/srgb.icc").as_slice();
    let [before, behind] =
        [&[&rows()[..], words].concat()[..], words].map(|bytes| compress_to_vec_zlib(bytes, level));
    let plain = png_of(&[&packed]);
    match place {
        0 => png_of(&[&[&packed[..], words].concat()]),
        1 => png_of(&[&packed, words]),
        2 => png_of(&[&before]),
        3 => {
            // A block for the pixels, one for the words, one that ends.
            let stored = |bytes: &[u8], last: u8| {
                let length = u16::try_from(bytes.len()).unwrap();
                [
                    &[last],
                    &length.to_le_bytes()[..],
                    &(!length).to_le_bytes(),
                    bytes,
                ]
                .concat()
            };
            let all = [&rows()[..], words].concat();
            png_of(&[&[
                &[0x78, 1][..],
                &stored(&rows(), 0),
                &stored(words, 0),
                &compress_to_vec(b"", level),
                &adler(&all),
            ]
            .concat()])
        }
        4 => png_with(
            &plain,
            &[png_chunk(
                b"iCCP",
                &[words, b"\0\0", &compress_to_vec_zlib(profile, level)].concat(),
            )],
        ),
        5 => png_with(
            &plain,
            &[png_chunk(
                b"iCCP",
                &[b"icc\0\0", &compress_to_vec_zlib(profile, level)[..], words].concat(),
            )],
        ),
        6 => png_with(&plain, &[iccp(&[profile, words].concat())]),
        7 => png_with(&plain, &[png_chunk(b"PLTE", words)]),
        8 => png_with(&plain, &[png_chunk(b"tRNS", &[&[1; 6], words].concat())]),
        9 => png_with(&plain, &[png_chunk(b"prVt", words)]),
        10 => [&plain[..plain.len() - 12], &png_chunk(b"IEND", words)].concat(),
        11 => [&plain[..plain.len() - 12], words].concat(),
        _ => png_with(
            &plain,
            &[png_chunk(b"zTXt", &[b"Comment\0\0", &behind[..]].concat())],
        ),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn words_are_nowhere_in_what_is_published(place in 0..13_usize, times in 1..6_usize, level in 0..11_u8) {
        let bytes = with_words(place, &SECRET.repeat(times), level);
        let out = cleaned(&bytes);
        prop_assert!(!out.removed.is_empty());
        let profile = profile_of(&out.bytes).unwrap_or_default();
        let unpacked = miniz_oxide::inflate::decompress_to_vec_zlib(&pixel_data(&out.bytes)).unwrap();
        for part in [&out.bytes, &profile, &unpacked] {
            prop_assert!(!part.windows(6).any(|window| window == b"SECRET"), "{}", place);
        }
        prop_assert!(decode(&out.bytes) == pixels().into());
        let twice = cleaned(&out.bytes);
        prop_assert_eq!(twice.removed, []);
        prop_assert!(twice.bytes == out.bytes);
    }
}

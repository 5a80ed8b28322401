//! PNG: the chunks that say how the pixels look, each of its own size, where its colours allow it.

use tintype_imaging::{Limits, RemovedCode, clean, inspect};

use crate::pictures::*;

const WIDTH: u32 = 8;
const HEIGHT: u32 = 8;
/// Kinds of colours by their number, with bytes of a pixel of 8 bits a channel.
const KINDS: [(u8, usize); 5] = [(0, 1), (2, 3), (3, 1), (4, 2), (6, 4)];

/// Pixels of zeros, of 8 bits a channel, with these chunks before them.
fn png_of(kind: u8, chunks: &[(&[u8; 4], Vec<u8>)]) -> Vec<u8> {
    let bytes = KINDS.iter().find(|(number, _)| *number == kind).unwrap().1;
    let rows = vec![0; HEIGHT as usize * (1 + WIDTH as usize * bytes)];
    let header = [
        &WIDTH.to_be_bytes()[..],
        &HEIGHT.to_be_bytes(),
        &[8, kind, 0, 0, 0],
    ]
    .concat();
    let chunks: Vec<_> = chunks
        .iter()
        .map(|(kind, data)| png_chunk(*kind, data))
        .collect();
    let pixels = png_chunk(
        b"IDAT",
        &miniz_oxide::deflate::compress_to_vec_zlib(&rows, 6),
    );
    [
        &png()[..8],
        &png_chunk(b"IHDR", &header),
        &chunks.concat(),
        &pixels,
        &png_chunk(b"IEND", b""),
    ]
    .concat()
}

fn palette(colours: usize) -> (&'static [u8; 4], Vec<u8>) {
    (b"PLTE", [200, 20, 20].repeat(colours))
}

fn holds(bytes: &[u8], kind: [u8; 4]) -> bool {
    bytes.windows(4).any(|window| *window == kind)
}

#[test]
fn indexed_pixels_have_a_palette_that_is_whole() {
    for (name, chunks) in [
        ("none", vec![]),
        ("no colours", vec![palette(0)]),
        ("not threes", vec![(b"PLTE", vec![1; 13])]),
        ("257 colours", vec![palette(257)]),
        ("two", vec![palette(4), palette(4)]),
    ] {
        let refusal = refusal(&png_of(3, &chunks)).detail();
        assert!(refusal.contains("palette"), "{name}: {refusal}");
    }
    for colours in [1, 4, 256] {
        let bytes = png_of(3, &[palette(colours)]);
        assert_eq!(cleaned(&bytes).bytes, bytes);
    }
}

#[test]
fn a_palette_that_no_pixel_needs_is_cut() {
    for kind in [0, 2, 4, 6] {
        for (size, hist) in [(4, true), (300, false)] {
            let mut chunks = vec![palette(size)];
            if hist {
                chunks.push((b"hIST", vec![0; 2 * size]));
            }
            let bytes = png_of(kind, &chunks);
            let out = cleaned(&bytes);
            assert_eq!(out.bytes, png_of(kind, &[]), "{kind}");
            assert_eq!(out.removed, [RemovedCode::Application], "{kind}");
            if size == 4 {
                assert!(decode(&bytes) == decode(&out.bytes), "{kind}");
            }
        }
    }
}

#[test]
fn colours_beyond_what_the_pixels_can_name_are_cut() {
    let bytes = png_of(3, &[palette(200)]);
    let small = [&bytes[..24], &[2], &bytes[25..29]].concat();
    // 2 bits a pixel: 4 colours, rows of 2 bytes.
    let header = png_chunk(b"IHDR", &small[16..29]);
    let pixels = png_chunk(
        b"IDAT",
        &miniz_oxide::deflate::compress_to_vec_zlib(&[0; 8 * 3], 6),
    );
    let with = |colours: usize| {
        [
            &bytes[..8],
            &header,
            &png_chunk(b"PLTE", &palette(colours).1),
            &pixels,
            &png_chunk(b"IEND", b""),
        ]
        .concat()
    };
    let out = cleaned(&with(200));
    assert_eq!(
        (out.bytes, out.removed),
        (with(4), vec![RemovedCode::Application])
    );
    assert_eq!(cleaned(&with(4)).removed, []);
}

#[test]
fn transparency_has_the_size_that_its_colours_want() {
    for (kind, size, kept) in [
        (0, 2, Some(2)),
        (0, 1, None),
        (0, 6, None),
        (2, 6, Some(6)),
        (2, 7, None),
        (3, 1, Some(1)),
        (3, 4, Some(4)),
        // As browsers show it, which take as many as there are colours.
        (3, 6, Some(4)),
        (3, 256, Some(4)),
        (3, 0, None),
        (4, 2, None),
        (6, 6, None),
    ] {
        let bytes = png_of(kind, &[palette(4), (b"tRNS", vec![0; size])]);
        let bytes = if kind == 3 {
            bytes
        } else {
            png_of(kind, &[(b"tRNS", vec![0; size])])
        };
        let out = cleaned(&bytes);
        let at = out.bytes.windows(4).position(|window| window == b"tRNS");
        let found = at.map(|at| usize::from(out.bytes[at - 1]));
        assert_eq!(found, kept, "{kind} {size}");
        assert_eq!(out.removed.is_empty(), kept == Some(size), "{kind} {size}");
        assert_eq!(
            inspect(&bytes, &Limits::default()).unwrap().has_alpha,
            kept.is_some() || kind >= 4,
            "{kind} {size}"
        );
        if kept.is_some() {
            assert_eq!(
                decode(&out.bytes).to_rgba8().get_pixel(0, 0).0[3],
                0,
                "{kind} {size}"
            );
        }
    }
}

#[test]
fn transparency_before_the_palette_is_cut_as_decoders_ignore_it() {
    let out = cleaned(&png_of(3, &[(b"tRNS", vec![0; 4]), palette(4)]));
    assert_eq!(
        (out.bytes, out.removed),
        (png_of(3, &[palette(4)]), vec![RemovedCode::Application])
    );
}

#[test]
fn chunks_about_colours_have_the_size_of_their_kind() {
    for (kind, _) in KINDS {
        let sizes = |grey: usize, rgb: usize, indexed: usize, alpha: usize, rgba: usize| match kind
        {
            0 => grey,
            2 => rgb,
            3 => indexed,
            4 => alpha,
            _ => rgba,
        };
        for (name, size) in [
            (b"sBIT", sizes(1, 3, 3, 2, 4)),
            (b"bKGD", sizes(2, 6, 1, 2, 6)),
            (b"gAMA", 4),
            (b"sRGB", 1),
            (b"cHRM", 32),
        ] {
            for has in 0..40 {
                let palette = palette(4);
                let chunks = [
                    &[(name, vec![1; has])][..],
                    &[palette][..usize::from(kind == 3)],
                ]
                .concat();
                let chunks = if name == b"bKGD" {
                    chunks.into_iter().rev().collect()
                } else {
                    chunks
                };
                let out = cleaned(&png_of(kind, &chunks)).bytes;
                assert_eq!(
                    holds(&out, *name),
                    has == size,
                    "{} of {has} bytes for kind {kind}",
                    String::from_utf8_lossy(name)
                );
            }
        }
    }
}

#[test]
fn what_stands_behind_the_pixels_says_nothing_about_them() {
    let bytes = png();
    let end = bytes.len() - 12;
    for chunk in [
        png_chunk(b"gAMA", &[0, 0, 1, 0]),
        png_chunk(b"tRNS", &[0; 6]),
        iccp(include_bytes!("../../fixtures/srgb.icc")),
    ] {
        let out = cleaned(&[&bytes[..end], &chunk, &bytes[end..]].concat());
        assert_eq!(out.bytes, bytes);
        assert_eq!(out.removed.len(), 1);
    }
}

#[test]
fn a_turn_that_is_said_behind_the_pixels_is_not_made() {
    let bytes = png();
    let end = bytes.len() - 12;
    let turn = png_chunk(
        b"eXIf",
        b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0",
    );
    let late = cleaned(&[&bytes[..end], &turn, &bytes[end..]].concat());
    assert_eq!(
        (late.bytes, late.removed),
        (bytes.clone(), vec![RemovedCode::Exif])
    );
    // Of two, the first one counts; of one whose checksum is wrong, nothing.
    let upright = png_chunk(
        b"eXIf",
        b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x01\0\0\0\0\0\0\0",
    );
    assert_eq!(
        cleaned(&png_with(&bytes, &[upright, turn.clone()])).bytes,
        bytes
    );
    let early = png_with(&bytes, std::slice::from_ref(&turn));
    assert_eq!(cleaned(&early).bytes, early);
    let broken = [&turn[..turn.len() - 1], &[!turn[turn.len() - 1]]].concat();
    assert_eq!(cleaned(&png_with(&bytes, &[broken])).bytes, bytes);
}

#[test]
fn an_ios_png_is_refused_by_its_name() {
    let bytes = [
        &png()[..8],
        &png_chunk(b"CgBI", &[0x50, 0, 0x20, 2]),
        &png()[8..],
    ]
    .concat();
    let detail = clean(&bytes, &Limits::default()).unwrap_err().detail();
    assert!(
        detail.contains("CgBI") && detail.contains("export it again"),
        "{detail}"
    );
}

#[test]
fn a_header_of_colours_that_there_are_not_is_refused() {
    for (at, byte) in [(8, 3), (8, 0), (9, 1), (9, 7), (10, 1), (11, 1), (12, 2)] {
        let mut header = png()[16..29].to_vec();
        header[at] = byte;
        let bytes = [&png()[..8], &png_chunk(b"IHDR", &header), &png()[33..]].concat();
        assert!(refusal(&bytes).detail().contains("header"), "{at}");
    }
}

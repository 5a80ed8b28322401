//! Pictures that are not quite right, and that every viewer shows all the same.

use image::GenericImageView;
use tintype_imaging::{Limits, RemovedCode, inspect};

use crate::pictures::*;

/// The chunks of a PNG, each whole, without the signature.
fn chunks(png: &[u8]) -> Vec<Vec<u8>> {
    let (mut at, mut all) = (8, Vec::new());
    while at < png.len() {
        let length = u32::from_be_bytes(png[at..at + 4].try_into().unwrap()) as usize;
        all.push(png[at..at + 12 + length].to_vec());
        at += 12 + length;
    }
    all
}

fn png_from(chunks: &[Vec<u8>]) -> Vec<u8> {
    [&png()[..8], &chunks.concat()].concat()
}

/// The chunk with one byte of its data replaced, its checksum made right.
fn with_byte(chunk: &[u8], at: usize, byte: u8) -> Vec<u8> {
    let mut data = chunk[8..chunk.len() - 4].to_vec();
    data[at] = byte;
    png_chunk(&chunk[4..8], &data)
}

#[test]
fn a_moving_png_whose_control_is_broken_becomes_the_still_picture_that_it_is() {
    // IHDR, acTL, fcTL, IDAT, fcTL, fdAT, fcTL, fdAT, IEND.
    let whole = chunks(&apng());
    let changed = |index: usize, at: usize, byte: u8| {
        let mut all = whole.clone();
        all[index] = with_byte(&all[index], at, byte);
        all
    };
    let without = |index: usize| [&whole[..index], &whole[index + 1..]].concat();
    let swapped = |a: usize, b: usize| {
        let mut all = whole.clone();
        all.swap(a, b);
        all
    };
    for (name, chunks) in [
        ("no frames", changed(1, 3, 0)),
        ("fewer frames than there are", changed(1, 3, 2)),
        ("more frames than there are", changed(1, 3, 4)),
        ("2^31 + 3 frames", changed(1, 0, 0x80)),
        ("a first frame of another size", changed(2, 7, 19)),
        ("a number that jumps", changed(4, 3, 7)),
        ("a frame beyond the edge", changed(4, 15, 1)),
        ("a frame of no width", changed(4, 7, 0)),
        ("a disposal that nobody knows", changed(4, 24, 3)),
        ("a frame without pixels", without(5)),
        ("pixels without a frame", without(4)),
        ("a control before the header", swapped(1, 2)),
        ("two headers", [&whole[..2], &whole[1..]].concat()),
    ] {
        let bytes = png_from(&chunks);
        let out = cleaned(&bytes);
        assert_eq!(out.removed, [RemovedCode::Application], "{name}");
        assert!(
            !out.bytes
                .windows(4)
                .any(|kind| matches!(kind, b"acTL" | b"fcTL" | b"fdAT")),
            "{name}"
        );
        let inspection = inspect(&bytes, &Limits::default()).unwrap();
        assert_eq!(
            (inspection.frames, inspection.animated),
            (1, false),
            "{name}"
        );
        assert_eq!(decode(&out.bytes).to_rgba8(), frames()[0], "{name}");
        assert_eq!(cleaned(&out.bytes).bytes, out.bytes, "{name}");
    }
    assert!(
        inspect(&png_from(&whole), &Limits::default())
            .unwrap()
            .animated
    );
}

#[test]
fn a_gif_without_any_colour_table_gets_one_of_greys() {
    // Two frames of one pixel, index 1 of 2 bits; the second has a table of its own where `own` is set.
    let gif = |own: bool| {
        let frame = |flags: u8, table: &[u8]| {
            [
                b",\0\0\0\0\x01\0\x01\0".as_slice(),
                &[flags],
                table,
                b"\x02\x02\x4c\x01\0",
            ]
            .concat()
        };
        let second = if own {
            frame(0x80, &[0, 0, 0, 200, 20, 20])
        } else {
            Vec::new()
        };
        [
            b"GIF89a\x01\0\x01\0\x10\0\0".as_slice(),
            &frame(0, &[]),
            &second,
            b";",
        ]
        .concat()
    };
    for own in [false, true] {
        let out = cleaned(&gif(own));
        assert_eq!(out.removed, []);
        assert_eq!(decode(&out.bytes).get_pixel(0, 0).0, [1, 1, 1, 255]);
        assert_eq!(
            out.bytes.len(),
            gif(own).len() + 768,
            "the pixels are the same"
        );
        assert_eq!(cleaned(&out.bytes).bytes, out.bytes);
    }
}

use tintype_imaging::{Limits, Orientation, inspect};

use crate::pictures::*;
use crate::tiff;

/// The same picture in each format that can say how it has to be turned.
pub fn turned(value: u8) -> [(&'static str, Vec<u8>); 2] {
    let block = tiff::camera(value.into());
    [
        (
            "JPEG",
            jpeg_with(
                &jpeg(),
                &[segment(0xe1, &[b"Exif\0\0", block.as_slice()].concat())],
            ),
        ),
        ("PNG", png_with(&png(), &[png_chunk(b"eXIf", &block)])),
    ]
}

#[test]
fn the_size_is_the_one_after_turning_before_and_after_cleaning() {
    for value in 1..=8 {
        for (name, bytes) in turned(value) {
            let before = seen(&bytes).unwrap();
            let expected = if value >= 5 {
                (HEIGHT, WIDTH)
            } else {
                (WIDTH, HEIGHT)
            };
            assert_eq!((before.width, before.height), expected, "{name} {value}");
            assert_eq!(before.orientation.to_exif(), value, "{name}");
            assert_eq!(
                seen(&cleaned(&bytes).bytes).unwrap(),
                before,
                "{name} {value}"
            );
        }
    }
}

#[test]
fn an_orientation_alone_is_nothing_to_cut() {
    for value in 1..=8 {
        let bytes = jpeg_with(
            &jpeg(),
            &[segment(
                0xe1,
                &[b"Exif\0\0", tiff::orientation_alone(value).as_slice()].concat(),
            )],
        );
        let out = cleaned(&bytes);
        assert_eq!(out.removed, []);
        assert_eq!(
            inspect(&out.bytes, &Limits::default())
                .unwrap()
                .orientation
                .to_exif(),
            value
        );
    }
}

#[test]
fn an_impossible_orientation_is_upright() {
    for (name, bytes) in turned(9) {
        assert_eq!(
            inspect(&bytes, &Limits::default()).unwrap().orientation,
            Orientation::Upright,
            "{name}"
        );
    }
}

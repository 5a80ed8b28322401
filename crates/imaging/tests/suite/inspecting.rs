//! What inspection reports of colours, transparency and frames.

use image::{DynamicImage, ImageFormat};
use tintype_imaging::{Colour, ContentType, Limits, inspect};

use crate::large::*;
use crate::pictures::*;

fn png_from(picture: &DynamicImage) -> Vec<u8> {
    let mut out = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut out, ImageFormat::Png).unwrap();
    out.into_inner()
}

fn indexed_png(transparent: bool) -> Vec<u8> {
    let header = png_chunk(b"IHDR", &[0, 0, 0, 1, 0, 0, 0, 1, 8, 3, 0, 0, 0]);
    let pixel = png_chunk(
        b"IDAT",
        &miniz_oxide::deflate::compress_to_vec_zlib(&[0, 0], 1),
    );
    let mut chunks = vec![header, png_chunk(b"PLTE", &[200, 20, 20])];
    chunks.extend(transparent.then(|| png_chunk(b"tRNS", &[0])));
    [
        &png()[..8],
        &chunks.concat(),
        &pixel,
        &png_chunk(b"IEND", b""),
    ]
    .concat()
}

#[test]
fn colours_and_transparency_are_those_of_the_pixels() {
    let grey = DynamicImage::new_luma8(20, 10);
    for (name, bytes, colour, has_alpha) in [
        ("a JPEG", jpeg(), Colour::Rgb, false),
        (
            "a grey JPEG",
            jpeg_of(Coding::Progressive, (20, 10), &[0x11]),
            Colour::Grey,
            false,
        ),
        (
            "a JPEG of four inks",
            jpeg_of(Coding::Baseline, (20, 10), &[0x11; 4]),
            Colour::Cmyk,
            false,
        ),
        ("a PNG", png(), Colour::Rgb, false),
        ("a PNG with alpha", png_of(20, 10, 16), Colour::Rgb, true),
        ("a grey PNG", png_from(&grey), Colour::Grey, false),
        (
            "a grey PNG with alpha",
            png_from(&grey.into_luma_alpha8().into()),
            Colour::Grey,
            true,
        ),
        (
            "a PNG with a table",
            indexed_png(false),
            Colour::Indexed,
            false,
        ),
        (
            "a PNG with a table and a transparent colour",
            indexed_png(true),
            Colour::Indexed,
            true,
        ),
        (
            "a PNG with a transparent colour",
            png_with(&png(), &[png_chunk(b"tRNS", &[0; 6])]),
            Colour::Rgb,
            true,
        ),
        ("a GIF", gif_of(20, 10), Colour::Indexed, false),
        (
            "a lossless WebP",
            lossless_webp_of(20, 10, 255),
            Colour::Rgb,
            false,
        ),
        (
            "a lossless WebP with alpha",
            lossless_webp_of(20, 10, 0),
            Colour::Rgb,
            true,
        ),
        (
            "a moving WebP",
            moving_webp_of(&lossless_webp_of(20, 10, 0), 20, 10),
            Colour::Rgb,
            true,
        ),
    ] {
        let found = inspect(&bytes, &Limits::default()).unwrap();
        assert_eq!(
            (found.colour, found.has_alpha),
            (colour, has_alpha),
            "{name}"
        );
        if found.content_type != ContentType::Gif {
            assert_eq!(
                decode(&bytes).color().has_alpha(),
                has_alpha,
                "{name}, as it is decoded"
            );
        }
    }
}

#[test]
fn a_gif_with_a_transparent_colour_has_alpha() {
    let plain = gif_of(20, 10);
    let control = plain
        .windows(3)
        .position(|block| block == b"\x21\xf9\x04")
        .unwrap();
    for has_alpha in [false, true] {
        let bytes = [
            &plain[..control + 3],
            &[u8::from(has_alpha)],
            &plain[control + 4..],
        ]
        .concat();
        assert_eq!(
            inspect(&bytes, &Limits::default()).unwrap().has_alpha,
            has_alpha
        );
    }
}

//! WebP files whose header contradicts their content, as browsers show them.

use tintype_imaging::{Limits, Orientation, RemovedCode, clean, inspect};

use crate::large::lossless_webp_of;
use crate::pictures::*;
use crate::tiff;

/// The one chunk of a simple file, behind a header with these flags, with chunks behind it.
fn extended(webp: &[u8], flags: u8, (width, height): (u8, u8), behind: &[Vec<u8>]) -> Vec<u8> {
    let header = riff_chunk(
        b"VP8X",
        &[flags, 0, 0, 0, width - 1, 0, 0, height - 1, 0, 0],
    );
    riff(&[header, webp[12..].to_vec(), behind.concat()].concat())
}

fn flags(webp: &[u8]) -> u8 {
    assert_eq!(&webp[12..16], b"VP8X");
    webp[20]
}

fn frame(still: &[u8], place: (u8, u8), size: (u8, u8), flags: u8) -> Vec<u8> {
    let header = [
        place.0 / 2,
        0,
        0,
        place.1 / 2,
        0,
        0,
        size.0 - 1,
        0,
        0,
        size.1 - 1,
        0,
        0,
        100,
        0,
        0,
        flags,
    ];
    riff_chunk(b"ANMF", &[&header, &still[12..]].concat())
}

fn moving(flags: u8, size: (u8, u8), frames: &[Vec<u8>]) -> Vec<u8> {
    let header = riff_chunk(
        b"VP8X",
        &[flags, 0, 0, 0, size.0 - 1, 0, 0, size.1 - 1, 0, 0],
    );
    riff(&[header, riff_chunk(b"ANIM", &[0; 6]), frames.concat()].concat())
}

/// How transparent each pixel of the server's preview is.
#[cfg(feature = "render")]
fn transparency(bytes: &[u8]) -> Vec<u8> {
    let limits = Limits::default();
    let inspection = inspect(bytes, &limits).unwrap();
    let decoded =
        tintype_imaging::decode(bytes, &inspection, &limits, tintype_imaging::PREVIEW_SIDE)
            .unwrap();
    let preview = decode(&decoded.render().unwrap().preview.webp);
    assert_eq!(
        preview.color().has_alpha(),
        inspection.has_alpha && preview.to_rgba8().pixels().any(|pixel| pixel.0[3] < 255)
    );
    preview
        .to_rgba8()
        .pixels()
        .map(|pixel| pixel.0[3])
        .collect()
}

#[test]
fn an_orientation_in_a_webp_is_cut_as_nobody_turns_it() {
    for value in 2..=8 {
        for flag in [0, 8] {
            let block = riff_chunk(b"EXIF", &tiff::orientation_alone(value));
            let bytes = extended(&lossless_webp_of(20, 10, 255), flag, (20, 10), &[block]);
            let found = inspect(&bytes, &Limits::default()).unwrap();
            assert_eq!(
                (found.width, found.height, found.orientation),
                (20, 10, Orientation::Upright)
            );
            let out = cleaned(&bytes);
            assert_eq!(out.removed, [RemovedCode::Exif]);
            assert!(out.bytes == extended(&lossless_webp_of(20, 10, 255), 0, (20, 10), &[]));
        }
    }
}

#[test]
fn the_flags_say_what_is_in_the_file() {
    let (opaque, clear) = (lossless_webp_of(20, 10, 255), lossless_webp_of(20, 10, 0));
    for claimed in [0, 0x10, 0x3e, 0xff] {
        for (still, alpha) in [(&opaque, 0), (&clear, 0x10)] {
            let bytes = extended(still, claimed, (20, 10), &[]);
            let out = cleaned(&bytes);
            assert_eq!(
                (out.removed.as_slice(), flags(&out.bytes)),
                ([].as_slice(), alpha),
                "{claimed}"
            );
            let found = inspect(&bytes, &Limits::default()).unwrap();
            assert_eq!(
                (found.has_alpha, found.animated, found.frames),
                (alpha != 0, false, 1)
            );
            assert_eq!(decode(&out.bytes).color().has_alpha(), alpha != 0);
            #[cfg(feature = "render")]
            assert_eq!(
                transparency(&out.bytes).iter().any(|alpha| *alpha < 255),
                alpha != 0
            );
        }
        for (still, alpha) in [(&opaque, 0), (&clear, 0x10)] {
            let out = cleaned(&moving(
                claimed,
                (20, 10),
                &[
                    frame(&opaque, (0, 0), (20, 10), 0),
                    frame(still, (0, 0), (20, 10), 0),
                ],
            ));
            assert_eq!(
                (out.removed.as_slice(), flags(&out.bytes)),
                ([].as_slice(), 2 | alpha),
                "{claimed}"
            );
        }
        // A frame that goes leaves nothing: then the file is believed.
        let out = cleaned(&moving(
            claimed,
            (20, 10),
            &[frame(&opaque, (0, 0), (20, 10), 0xfd)],
        ));
        assert_eq!(flags(&out.bytes), 2 | (claimed & 0x10));
        assert_eq!(
            out.bytes[30 + 14 + 8 + 15],
            1,
            "bits that mean nothing are not kept"
        );
    }
}

#[test]
fn a_first_frame_that_is_smaller_than_the_canvas_stands_on_nothing() {
    let opaque = lossless_webp_of(10, 6, 255);
    let bytes = moving(
        2,
        (20, 10),
        &[
            frame(&opaque, (4, 2), (10, 6), 0),
            frame(&opaque, (0, 0), (10, 6), 0),
        ],
    );
    let out = cleaned(&bytes);
    assert_eq!(flags(&out.bytes), 0x12);
    assert!(inspect(&bytes, &Limits::default()).unwrap().has_alpha);
    #[cfg(feature = "render")]
    for (at, alpha) in transparency(&out.bytes).into_iter().enumerate() {
        let inside = (4..14).contains(&(at % 20)) && (2..8).contains(&(at / 20));
        assert_eq!(alpha, if inside { 255 } else { 0 }, "{at}");
    }
}

#[test]
fn a_length_that_counts_the_whole_file_is_made_true() {
    for plain in [
        webp(),
        animated_webp(),
        extended(&lossless_webp_of(20, 10, 0), 0x10, (20, 10), &[]),
    ] {
        let mut bytes = plain.clone();
        let length = u32::try_from(bytes.len()).unwrap();
        bytes[4..8].copy_from_slice(&length.to_le_bytes());
        let out = cleaned(&bytes);
        assert_eq!(out.removed, []);
        assert!(out.bytes == plain);
        // One that is really cut short is no such file.
        for end in 12..bytes.len() {
            if let Ok(out) = clean(&bytes[..end], &Limits::default()) {
                assert!(decode(&out.bytes) == decode(&plain), "{end}");
            }
        }
    }
}

#[test]
fn an_animation_without_its_header_is_refused() {
    let opaque = lossless_webp_of(20, 10, 255);
    let header = riff_chunk(b"VP8X", &[2, 0, 0, 0, 19, 0, 0, 9, 0, 0]);
    let bytes = riff(&[header, frame(&opaque, (0, 0), (20, 10), 0)].concat());
    assert!(refusal(&bytes).detail().contains("header of the animation"));
}

#[test]
fn a_second_header_or_a_longer_one_hides_nothing() {
    let opaque = lossless_webp_of(20, 10, 255);
    let header = riff_chunk(b"VP8X", &[2, 0, 0, 0, 19, 0, 0, 9, 0, 0]);
    let plain = moving(2, (20, 10), &[frame(&opaque, (0, 0), (20, 10), 0)]);
    let long = riff_chunk(b"ANIM", b"\0\0\0\0\0\0SECRET");
    let again = riff_chunk(b"ANIM", b"SECRET");
    let out = cleaned(&riff(
        &[header, long, again, frame(&opaque, (0, 0), (20, 10), 0)].concat(),
    ));
    assert!(out.bytes == plain);
    assert_eq!(out.removed, [RemovedCode::Application]);
}

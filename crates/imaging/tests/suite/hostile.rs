use proptest::prelude::*;
use tintype_dto::ProblemCode;
use tintype_imaging::{Limits, clean, inspect, sniff};

use crate::orientation::turned;
use crate::pictures::*;

fn all() -> Vec<Vec<u8>> {
    let mut all = vec![jpeg(), png(), apng(), gif(), webp(), animated_webp()];
    all.extend(turned(6).map(|(_, bytes)| bytes));
    all
}

#[test]
fn a_file_that_ends_early_is_refused_at_every_length() {
    for bytes in all() {
        let is_gif = bytes.starts_with(b"GIF");
        for end in 0..bytes.len() {
            let result = clean(&bytes[..end], &Limits::default());
            // Each frame of a GIF ends for itself, and the end marker is often left out. A JPEG and a PNG may want for
            // their own, a WebP for the byte that pads it.
            let is_whole = |out: &[u8]| cleaned(&bytes).bytes == out;
            assert!(
                is_gif || result.is_err() || result.is_ok_and(|out| is_whole(&out.bytes)),
                "{end} of {} bytes",
                bytes.len()
            );
        }
    }
}

#[test]
fn a_size_in_the_header_beyond_the_limits_is_refused() {
    let mut huge = jpeg();
    let frame = huge
        .windows(2)
        .position(|pair| pair == b"\xff\xc0")
        .unwrap();
    huge[frame + 5..frame + 9].fill(0xff);
    assert_eq!(refusal(&huge).code(), ProblemCode::ImageTooLarge);

    let header = [0x7fff_ffff_u32.to_be_bytes(), 0x7fff_ffff_u32.to_be_bytes()].concat();
    let huge = [
        &png()[..8],
        &png_chunk(b"IHDR", &[&header[..], &[8, 2, 0, 0, 0]].concat()),
        &png()[33..],
    ]
    .concat();
    assert_eq!(refusal(&huge).code(), ProblemCode::ImageTooLarge);

    let mut huge = gif();
    huge[6..10].fill(0xff);
    assert_eq!(refusal(&huge).code(), ProblemCode::ImageTooLarge);

    let huge = riff(
        &[
            riff_chunk(b"VP8X", &[0, 0, 0, 0, 255, 255, 255, 255, 255, 255]),
            webp()[12..].to_vec(),
        ]
        .concat(),
    );
    assert!(matches!(
        refusal(&huge).code(),
        ProblemCode::ImageTooLarge | ProblemCode::ImageDamaged
    ));
}

#[test]
fn a_picture_of_no_pixels_is_refused() {
    let mut empty = jpeg();
    let frame = empty
        .windows(2)
        .position(|pair| pair == b"\xff\xc0")
        .unwrap();
    empty[frame + 5..frame + 7].fill(0);
    assert_eq!(refusal(&empty).code(), ProblemCode::ImageDamaged);
    let mut empty = gif();
    let frame = empty.iter().position(|byte| *byte == 0x2c).unwrap();
    empty[frame + 5..frame + 7].fill(0);
    assert_eq!(refusal(&empty).code(), ProblemCode::ImageDamaged);
}

#[test]
fn too_many_frames_are_refused() {
    let plain = gif();
    let frame = b"\x21\xf9\x04\0\0\0\0\0\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0";
    let many = [&plain[..plain.len() - 1], &frame.repeat(5_000), b"\x3b"].concat();
    assert_eq!(refusal(&many).code(), ProblemCode::ImageTooLarge);
}

#[test]
fn frames_larger_than_the_canvas_count_in_full() {
    // Each claims 49 megapixels on a canvas of 20 x 10.
    let plain = gif();
    let frame = b"\x2c\0\0\0\0\x58\x1b\x58\x1b\0\x02\x02\x44\x01\0";
    let many = [&plain[..plain.len() - 1], &frame.repeat(20), b"\x3b"].concat();
    assert_eq!(refusal(&many).code(), ProblemCode::ImageTooLarge);
}

#[test]
fn a_profile_that_unpacks_to_20_megabytes_is_refused() {
    let bomb = png_with(&png(), &[iccp(&vec![0; 20_000_000])]);
    assert!(bomb.len() < 100_000);
    assert_eq!(refusal(&bomb).code(), ProblemCode::ImageDamaged);
}

#[test]
fn packed_text_is_cut_without_unpacking_it() {
    let packed = miniz_oxide::deflate::compress_to_vec_zlib(&vec![0; 50_000_000], 9);
    let bomb = png_with(
        &png(),
        &[png_chunk(
            b"zTXt",
            &[b"Comment\0\0", packed.as_slice()].concat(),
        )],
    );
    assert!(cleaned(&bomb).bytes == png());
}

#[test]
fn a_profile_that_can_not_be_unpacked_is_cut_as_decoders_ignore_it() {
    let broken = png_with(&png(), &[png_chunk(b"iCCP", b"icc\0\0not deflated")]);
    assert!(cleaned(&broken).bytes == png());
}

#[test]
fn wrong_checksums_and_unknown_critical_chunks_are_refused() {
    let mut bytes = png();
    let data = bytes.windows(4).position(|kind| kind == b"IDAT").unwrap();
    bytes[data + 5] ^= 1;
    assert_eq!(refusal(&bytes).code(), ProblemCode::ImageDamaged);
    assert_eq!(
        refusal(&png_with(&png(), &[png_chunk(b"CgBI", &[0; 4])])).code(),
        ProblemCode::ImageDamaged
    );
}

#[test]
fn a_webp_whose_parts_disagree_about_the_size_is_refused() {
    let header = [0, 0, 0, 0, 9, 0, 0, 9, 0, 0];
    let bytes = riff(&[riff_chunk(b"VP8X", &header), webp()[12..].to_vec()].concat());
    assert_eq!(refusal(&bytes).code(), ProblemCode::ImageDamaged);
}

#[test]
fn a_file_over_the_byte_limit_is_refused_with_both_numbers() {
    let limits = Limits {
        max_bytes: 100,
        ..Limits::default()
    };
    let refusal = clean(&jpeg(), &limits).unwrap_err();
    assert_eq!(refusal.code(), ProblemCode::FileTooLarge);
    assert!(
        refusal.detail().contains("at most 100"),
        "{}",
        refusal.detail()
    );
}

/// A small valid file with bytes changed, cut out and put in.
fn mutated() -> impl Strategy<Value = Vec<u8>> {
    let edits = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4_u8), 1..12);
    (prop::sample::select(all()), edits).prop_map(|(mut bytes, edits)| {
        for (index, byte, kind) in edits {
            if bytes.is_empty() {
                break;
            }
            let at = index.index(bytes.len());
            match kind {
                0 => bytes[at] = byte,
                1 => bytes[at] ^= 1 << (byte % 8),
                2 => drop(bytes.drain(at..(at + usize::from(byte)).min(bytes.len()))),
                _ => bytes.insert(at, byte),
            }
        }
        bytes
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn changed_bytes_never_panic_and_cleaning_twice_is_cleaning_once(bytes in mutated()) {
        let limits = Limits::default();
        let _ = sniff(&bytes);
        let inspection = inspect(&bytes, &limits);
        match clean(&bytes, &limits) {
            Ok(once) => {
                let twice = clean(&once.bytes, &limits).unwrap();
                prop_assert_eq!(twice.removed, []);
                prop_assert!(twice.bytes == once.bytes);
                prop_assert_eq!(inspection.unwrap().report, once.removed);
                prop_assert_eq!(inspect(&once.bytes, &limits), seen(&bytes));
            }
            Err(refusal) => prop_assert_eq!(inspection.unwrap_err(), refusal),
        }
    }

    #[test]
    fn any_bytes_behind_any_signature_never_panic(start in prop::sample::select(all()), keep in 0..64_usize, rest in prop::collection::vec(any::<u8>(), 0..200)) {
        let bytes = [&start[..keep.min(start.len())], &rest].concat();
        let _ = (sniff(&bytes), inspect(&bytes, &Limits::default()), clean(&bytes, &Limits::default()));
    }
}

#[cfg(feature = "render")]
proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 500, ..ProptestConfig::default() })]

    #[test]
    fn what_passes_the_cleaning_is_rendered_or_refused(bytes in mutated()) {
        let limits = Limits::default();
        if let Ok(out) = clean(&bytes, &limits) {
            let inspection = inspect(&out.bytes, &limits).unwrap();
            if let Ok(decoded) = tintype_imaging::decode(&out.bytes, &inspection, &limits, tintype_imaging::PREVIEW_SIDE) {
                let rendered = decoded.render().unwrap();
                prop_assert!(rendered.thumb.width.max(rendered.thumb.height) <= 400);
                prop_assert!(rendered.preview.width.max(rendered.preview.height) <= 1600);
            }
        }
    }
}

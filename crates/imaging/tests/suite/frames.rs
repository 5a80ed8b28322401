//! Frames of a GIF: what stands behind their last code, and frames that are not whole.

use proptest::prelude::*;
use tintype_imaging::{Limits, RemovedCode, clean, inspect};

use crate::large::gif_of;
use crate::pictures::*;

const SIDE: u16 = 64;
/// Of four colours, each pixel of 2 bits.
const HEAD: &[u8] = b"GIF89a\x40\0\x40\0\x81\0\0\xff\0\0\0\xff\0\0\0\xff\xff\xff\0";

/// The place of each pixel in the table of colours.
fn places() -> Vec<u8> {
    (0..SIDE * SIDE)
        .map(|at| (at / 7 % 4).to_le_bytes()[0])
        .collect()
}

/// The codes of a picture of 64 x 64, and their size.
fn codes(places: Vec<u8>) -> Vec<u8> {
    let mut frame = gif::Frame {
        width: SIDE,
        height: SIDE,
        buffer: places.into(),
        ..gif::Frame::default()
    };
    frame.make_lzw_pre_encoded();
    assert_eq!(frame.buffer[0], 2);
    frame.buffer[1..].to_vec()
}

fn pieces(data: &[u8], size: usize) -> Vec<u8> {
    let pieces = data
        .chunks(size)
        .flat_map(|piece| [&[u8::try_from(piece.len()).unwrap()], piece].concat());
    pieces.chain([0]).collect()
}

fn frame(data: &[u8]) -> Vec<u8> {
    [
        b"\x2c\0\0\0\0\x40\0\x40\0\0\x02",
        pieces(data, 255).as_slice(),
    ]
    .concat()
}

fn still(data: &[u8]) -> Vec<u8> {
    [HEAD, &frame(data), b"\x3b"].concat()
}

/// Where the server's preview shows something.
#[cfg(feature = "render")]
fn drawn(bytes: &[u8]) -> Vec<bool> {
    let limits = Limits::default();
    let inspection = inspect(bytes, &limits).unwrap();
    let decoded =
        tintype_imaging::decode(bytes, &inspection, &limits, tintype_imaging::PREVIEW_SIDE)
            .unwrap();
    let preview = decode(&decoded.render().unwrap().preview.webp).to_rgba8();
    assert_eq!(preview.dimensions(), (inspection.width, inspection.height));
    preview.pixels().map(|pixel| pixel.0[3] > 0).collect()
}

#[test]
fn what_stands_behind_the_end_of_a_frame_is_cut() {
    let plain = codes(places());
    for trailer in [b"SECRETOWNER".to_vec(), b"SECRETOWNER".repeat(100), vec![0]] {
        let out = cleaned(&still(&[plain.as_slice(), &trailer].concat()));
        assert_eq!(out.removed, [RemovedCode::TrailingData]);
        assert!(out.bytes == still(&plain));
    }
    assert_eq!(cleaned(&still(&plain)).removed, []);
}

#[test]
fn a_frame_that_stops_without_an_end_gets_one_when_bytes_follow_it() {
    // Behind a full frame, bits that are no end code: what an encoder gives for more rows than there are.
    let many: Vec<u8> = places().into_iter().chain([1; 5_000]).collect();
    let out = cleaned(&still(&codes(many)));
    assert_eq!(out.removed, [RemovedCode::TrailingData]);
    assert!(decode(&out.bytes) == decode(&still(&codes(places()))));
    assert!(cleaned(&out.bytes).bytes == out.bytes);
    // Its end code stands in its place, the rest of the last byte is zero.
    let mut options = gif::DecodeOptions::new();
    options.check_lzw_end_code(true);
    let mut decoder = options.read_info(out.bytes.as_slice()).unwrap();
    assert_eq!(
        decoder.read_next_frame().unwrap().unwrap().buffer.len(),
        64 * 64
    );
}

#[test]
fn pieces_of_any_size_are_kept_as_they_are_when_nothing_is_cut() {
    for size in [1, 7, 254] {
        let bytes = [
            HEAD,
            b"\x2c\0\0\0\0\x40\0\x40\0\0\x02",
            &pieces(&codes(places()), size),
            b"\x3b",
        ]
        .concat();
        assert!(cleaned(&bytes).bytes == bytes);
    }
}

#[test]
fn a_frame_that_is_not_whole_shows_what_it_has() {
    let plain = codes(places());
    let half = &plain[..plain.len() / 2];
    for (name, bytes, missing) in [
        ("a short first frame", still(half), true),
        (
            "a short second frame",
            [HEAD, &frame(&plain), &frame(half), b"\x3b"].concat(),
            false,
        ),
        (
            "an empty second frame",
            [HEAD, &frame(&plain), &frame(&[]), b"\x3b"].concat(),
            false,
        ),
        (
            "an empty first frame",
            [HEAD, &frame(&[]), &frame(&plain), b"\x3b"].concat(),
            true,
        ),
    ] {
        let out = cleaned(&bytes);
        assert_eq!(out.removed, [], "{name}");
        assert!(cleaned(&out.bytes).bytes == out.bytes, "{name}");
        assert_eq!(
            inspect(&bytes, &Limits::default()).unwrap().has_alpha,
            missing,
            "{name}"
        );
        #[cfg(feature = "render")]
        {
            let drawn = drawn(&out.bytes);
            let count = drawn.iter().take_while(|drawn| **drawn).count();
            assert!(drawn[count..].iter().all(|drawn| !drawn), "{name}");
            assert_eq!(count < 64 * 64, missing, "{name}");
            assert_eq!(
                count > 64 * 20,
                !name.contains("empty first"),
                "{name}: {count}"
            );
        }
    }
}

#[test]
fn a_screen_that_is_too_small_for_the_first_frame_grows() {
    let plain = [
        HEAD,
        &frame(&codes(places())),
        &frame(&codes(places())),
        b"\x3b",
    ]
    .concat();
    for (width, height) in [(16, 16), (0, 0), (64, 1), (80, 16)] {
        let bytes = [&plain[..6], &[width, 0, height, 0], &plain[10..]].concat();
        let found = inspect(&bytes, &Limits::default()).unwrap();
        assert_eq!((found.width, found.height), (64.max(width.into()), 64));
        let out = cleaned(&bytes);
        assert_eq!(
            (out.removed, &out.bytes[6..10]),
            (vec![], [64.max(width), 0, 64, 0].as_slice())
        );
        assert!(cleaned(&out.bytes).bytes == out.bytes);
        let picture = decode(&out.bytes).to_rgba8();
        assert_eq!(picture.dimensions(), (64.max(width.into()), 64));
        #[cfg(feature = "render")]
        assert!(
            drawn(&out.bytes)
                == picture
                    .pixels()
                    .map(|pixel| pixel.0[3] > 0)
                    .collect::<Vec<_>>()
        );
    }
    // A frame that stands away from the corner.
    let mut moved = plain;
    moved[26] = 5;
    assert_eq!(
        inspect(&moved, &Limits::default()).map(|found| (
            found.width,
            found.height,
            found.has_alpha
        )),
        Ok((69, 64, true))
    );
}

#[test]
fn what_is_kept_of_an_application_says_how_often_the_animation_repeats() {
    let plain = frame(&codes(places()));
    let named = |name: &[u8], rest: &[u8]| [b"\x21\xff\x0b", name, rest].concat();
    let loops = named(b"NETSCAPE2.0", b"\x03\x01\x05\0\0");
    for (name, blocks, removed, kept) in [
        ("as usual", loops.clone(), vec![], loops.clone()),
        (
            "with a buffer",
            named(b"NETSCAPE2.0", b"\x03\x01\x05\0\x05\x02\0\x10\0\0\0"),
            vec![RemovedCode::Application],
            loops.clone(),
        ),
        (
            "behind a buffer",
            named(b"NETSCAPE2.0", b"\x05\x02\0\x10\0\0\x03\x01\x05\0\0"),
            vec![RemovedCode::Application],
            loops.clone(),
        ),
        (
            "with words",
            named(b"NETSCAPE2.0", b"\x09\x01\x05\0SECRET\x06SECRET\0"),
            vec![RemovedCode::Application],
            loops.clone(),
        ),
        (
            "twice",
            [named(b"NETSCAPE2.0", b"\x03\x01\x09\x09\0"), loops.clone()].concat(),
            vec![RemovedCode::Application],
            loops.clone(),
        ),
        (
            "by another name",
            named(b"ANIMEXTS1.0", b"\x03\x01\x05\0\0"),
            vec![],
            named(b"ANIMEXTS1.0", b"\x03\x01\x05\0\0"),
        ),
        (
            "a buffer alone",
            named(b"NETSCAPE2.0", b"\x05\x02\0\x10\0\0\0"),
            vec![RemovedCode::Application],
            vec![],
        ),
        (
            "nothing",
            named(b"NETSCAPE2.0", b"\0"),
            vec![RemovedCode::Application],
            vec![],
        ),
    ] {
        let out = cleaned(&[HEAD, &blocks, &plain, &plain, b"\x3b"].concat());
        assert_eq!(out.removed, removed, "{name}");
        assert!(
            out.bytes == [HEAD, &kept, &plain, &plain, b"\x3b"].concat(),
            "{name}"
        );
        assert!(cleaned(&out.bytes).bytes == out.bytes, "{name}");
    }
}

#[test]
fn a_colour_profile_ends_where_it_says() {
    let plain = still(&codes(places()));
    let profile = |data: &[u8]| {
        [
            HEAD,
            b"\x21\xff\x0bICCRGBG1012",
            &pieces(data, 100),
            &plain[HEAD.len()..],
        ]
        .concat()
    };
    let data = include_bytes!("../../fixtures/srgb.icc");
    assert!(cleaned(&profile(data)).bytes == profile(data));
    let out = cleaned(&profile(&[&data[..], b"SECRETOWNER"].concat()));
    assert_eq!(
        (out.removed.as_slice(), profile_of(&out.bytes)),
        ([RemovedCode::ColourProfile].as_slice(), Some(data.to_vec()))
    );
    assert!(cleaned(&out.bytes).bytes == out.bytes);
}

#[test]
fn codes_that_mean_nothing_are_refused() {
    let plain = codes(places());
    // 3 bits: clear, then a code that has no meaning yet.
    assert!(
        refusal(&still(&[0b11_0100]))
            .detail()
            .contains("codes of a frame are broken")
    );
    for bits in [0, 1, 12] {
        let mut bytes = still(&plain);
        bytes[HEAD.len() + 10] = bits;
        assert!(
            refusal(&bytes)
                .detail()
                .contains("codes of a frame are broken"),
            "{bits}"
        );
    }
}

#[test]
fn two_clear_codes_before_each_pixel_are_taken() {
    let bits: Vec<u8> = [0, 0, 1, 0, 0, 1, 1, 0, 0]
        .repeat(64 * 64)
        .into_iter()
        .chain([1, 0, 1])
        .collect();
    let packed: Vec<u8> = bits
        .chunks(8)
        .map(|bits| bits.iter().rev().fold(0, |byte, bit| byte << 1 | bit))
        .collect();
    let out = cleaned(&still(&packed));
    assert_eq!(out.removed, []);
    let picture = decode(&out.bytes).to_rgba8();
    assert!(
        picture
            .pixels()
            .all(|pixel| pixel == picture.get_pixel(0, 0))
    );
}

#[test]
fn a_frame_of_clear_codes_is_refused_soon() {
    // 100 in three bits each.
    let clear = [0b0010_0100, 0b0100_1001, 0b1001_0010];
    assert_eq!(cleaned(&still(&clear)).removed, []);
    let start = std::time::Instant::now();
    assert!(
        refusal(&still(&clear.repeat(5_000_000 / 3)))
            .detail()
            .contains("draw nothing")
    );
    assert!(
        start.elapsed() < std::time::Duration::from_secs(1),
        "{:?}",
        start.elapsed()
    );
}

#[test]
fn a_picture_of_fifty_megapixels_is_walked_soon() {
    let bytes = gif_of(8_000, 6_000);
    let start = std::time::Instant::now();
    clean(&bytes, &Limits::default()).unwrap();
    assert!(
        start.elapsed() < std::time::Duration::from_secs(1),
        "{:?}",
        start.elapsed()
    );
}

/// The codes of the first frame of a GIF whose table has this many bits.
fn joined(file: &[u8], bits: u32) -> Vec<u8> {
    let mut rest = &file[13 + (3 << bits) + 11..];
    let mut codes = Vec::new();
    while rest[0] > 0 {
        let (piece, next) = rest[1..].split_at(usize::from(rest[0]));
        codes.extend_from_slice(piece);
        rest = next;
    }
    codes
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn words_behind_a_frame_are_never_published_and_no_pixel_changes(
        bits in 1..=8_u32, width in 1..60_u16, height in 1..60_u16, noise in any::<u64>(), words in 1..40_usize, is_interlaced in any::<bool>(),
    ) {
        // Pixels that repeat now and then.
        let mut random = noise | 1;
        let places = (0..usize::from(width) * usize::from(height)).map(|_| {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            u8::try_from(if random.is_multiple_of(3) { 0 } else { random >> 20 & ((1 << bits) - 1) }).unwrap()
        }).collect::<Vec<_>>();
        let mut frame = gif::Frame { width, height, buffer: places.into(), interlaced: is_interlaced, ..gif::Frame::default() };
        frame.make_lzw_pre_encoded();
        let whole = |data: &[u8]| {
            let table = vec![9; 3 << bits];
            let [w, h] = [width, height].map(u16::to_le_bytes);
            let flags = u8::try_from(bits - 1).unwrap();
            let head = [b"GIF89a", &w[..], &h, &[0x80 | flags, 0, 0], &table].concat();
            let image = [b"\x2c\0\0\0\0", &w[..], &h, &[if is_interlaced { 0x40 } else { 0 }, data[0]]].concat();
            [head, image, pieces(&data[1..], 255), vec![0x3b]].concat()
        };
        let plain = whole(&frame.buffer);
        prop_assert!(cleaned(&plain).bytes == plain);
        let out = cleaned(&whole(&[&frame.buffer[..], &b"SECRETOWNER".repeat(words)].concat()));
        prop_assert!(out.bytes == plain);
        // Cut off anywhere, the rest is kept and gets an end, so that text behind it is not read as pixels.
        for end in 1..frame.buffer.len() - 1 {
            let short = whole(&frame.buffer[..=end]);
            let out = cleaned(&short);
            // All but the byte that is not whole, and one that holds a part of the old end alone.
            let codes = &frame.buffer[1..end.max(2) - 1];
            prop_assert!(joined(&out.bytes, bits).starts_with(codes) && out.bytes.len() <= short.len() + 3, "{end}");
            let ended = [&frame.buffer[..1], &joined(&out.bytes, bits)].concat();
            prop_assert!(cleaned(&whole(&[&ended[..], b"SECRETOWNER"].concat())).bytes == out.bytes);
            prop_assert!(clean(&short[..short.len() - 2], &Limits::default()).is_err());
        }
    }
}

#[test]
#[ignore = "a measurement, for a release build"]
fn how_long_the_walk_takes() {
    let mut random = 1_u32;
    let noise: Vec<u8> = std::iter::repeat_with(|| {
        random ^= random << 13;
        random ^= random >> 17;
        random ^= random << 5;
        (random >> 8).to_le_bytes()[0] & if random.is_multiple_of(2) { 3 } else { 255 }
    })
    .take(3_000 * 2_000)
    .collect();
    let mut bytes = Vec::new();
    let mut encoder = gif::Encoder::new(&mut bytes, 3_000, 2_000, &[7; 768]).unwrap();
    encoder
        .write_frame(&gif::Frame {
            width: 3_000,
            height: 2_000,
            buffer: noise.into(),
            ..gif::Frame::default()
        })
        .unwrap();
    drop(encoder);
    for _ in 0..3 {
        let walk = crate::alone::processor_time(&|| drop(cleaned(&bytes)));
        println!(
            "{} kB, walk {walk:?}, {} tenths of a ns a byte",
            bytes.len() / 1000,
            walk.as_nanos() * 10 / bytes.len() as u128
        );
    }
}

//! Where the bits of a WebP's pictures end: libwebp writes them in all its ways, and words are put behind them.

use proptest::prelude::*;
use tintype_imaging::{Limits, RemovedCode, clean};
use webp::{Encoder, WebPConfig};

use crate::alone;
use crate::pictures::*;

const WORDS: &[u8] = b"SECRETOWNER";

/// Noise of a few colours beside a gradient, and places that can be seen through.
fn pixels(width: u32, height: u32, noise: u32, is_opaque: bool) -> Vec<u8> {
    let mut random = noise | 1;
    let pixel = |at: u32| {
        let (x, y) = (at % width, at / width);
        random ^= random << 13;
        random ^= random >> 17;
        random ^= random << 5;
        let wild = if (x / 16 + y / 16).is_multiple_of(3) {
            random & 0x00ff_3f0f
        } else {
            (x * 3) | (y << 9)
        };
        let [red, green, blue, _] = wild.to_le_bytes();
        [
            red,
            green,
            blue,
            if is_opaque || x > y {
                255
            } else {
                (x * 7 % 256).to_le_bytes()[0]
            },
        ]
    };
    (0..width * height).flat_map(pixel).collect()
}

fn encoded(pixels: &[u8], width: u32, height: u32, config: &WebPConfig) -> Vec<u8> {
    Encoder::from_rgba(pixels, width, height)
        .encode_advanced(config)
        .unwrap()
        .to_vec()
}

fn config(lossless: bool, quality: f32, method: i32) -> WebPConfig {
    let mut config = WebPConfig::new().unwrap();
    config.lossless = lossless.into();
    config.quality = quality;
    config.method = method;
    config
}

/// The chunks of a file.
fn chunks(webp: &[u8]) -> Vec<(Vec<u8>, Vec<u8>)> {
    let (mut at, mut all) = (12, Vec::new());
    while at < webp.len() {
        let length = u32::from_le_bytes(webp[at + 4..at + 8].try_into().unwrap()) as usize;
        all.push((
            webp[at..at + 4].to_vec(),
            webp[at + 8..at + 8 + length].to_vec(),
        ));
        at += 8 + length.next_multiple_of(2);
    }
    all
}

fn file(chunks: &[(Vec<u8>, Vec<u8>)]) -> Vec<u8> {
    riff(
        &chunks
            .iter()
            .flat_map(|(kind, data)| riff_chunk(kind, data))
            .collect::<Vec<_>>(),
    )
}

/// Nothing is said to be cut but what is put behind a chunk of pixels. That is cut to the byte, and a chunk that misses its last byte is
/// refused; a lossy one that misses the last two, as the last may have no bit that any answer depends on.
fn check(plain: &[u8], name: &str) {
    let is_lossy = chunks(plain).iter().any(|(kind, _)| kind == b"VP8 ");
    let own = cleaned(plain);
    assert_eq!(own.removed, [], "{name}");
    // libwebp leaves up to three bytes behind each partition, of which there are nine at most.
    let spare = if is_lossy { 9 * 3 + 1 } else { 0 };
    assert!(
        (plain.len() - spare..=plain.len()).contains(&own.bytes.len())
            && decode(&own.bytes) == decode(plain),
        "{name}"
    );
    assert!(is_lossy || own.bytes == plain, "{name}");
    let chunks = chunks(&own.bytes);
    for (index, (kind, data)) in chunks
        .iter()
        .enumerate()
        .filter(|(_, (kind, _))| kind != b"VP8X")
    {
        for times in [1, 40] {
            let mut with_words = chunks.clone();
            with_words[index].1.extend_from_slice(&WORDS.repeat(times));
            let out = cleaned(&file(&with_words));
            assert_eq!(out.removed, [RemovedCode::TrailingData], "{name}");
            assert!(out.bytes == own.bytes, "{name}");
        }
        let mut short = chunks.clone();
        short[index]
            .1
            .truncate(data.len() - if kind == b"VP8 " { 2 } else { 1 });
        assert!(
            refusal(&file(&short)).detail().contains("ends early"),
            "{name}"
        );
    }
}

#[test]
fn a_lossless_picture_ends_with_its_last_bit() {
    for (width, height) in [(1, 1), (33, 7), (100, 61)] {
        for is_opaque in [true, false] {
            let pixels = pixels(width, height, 77, is_opaque);
            for method in [0, 4, 6] {
                for quality in [0.0, 100.0] {
                    let plain = encoded(&pixels, width, height, &config(true, quality, method));
                    check(
                        &plain,
                        &format!(
                            "{width} x {height}, method {method}, quality {quality}, opaque {is_opaque}"
                        ),
                    );
                }
            }
        }
    }
}

#[test]
fn a_lossless_picture_of_few_colours_ends_with_its_last_bit() {
    for colours in [1, 2, 3, 4, 5, 16, 17, 200] {
        let pixels: Vec<u8> = (0..90 * 41_u32)
            .flat_map(|at| [(at * 7 % colours).to_le_bytes()[0], 0, 9, 255])
            .collect();
        for method in [0, 4, 6] {
            check(
                &encoded(&pixels, 90, 41, &config(true, 75.0, method)),
                &format!("{colours} colours, method {method}"),
            );
        }
    }
}

/// A lossy picture's partitions, and the header before them.
fn partitions(data: &[u8], count: usize) -> (Vec<u8>, Vec<Vec<u8>>) {
    let u24 = |at: usize| {
        usize::from(data[at]) | usize::from(data[at + 1]) << 8 | usize::from(data[at + 2]) << 16
    };
    let first = u24(0) >> 5;
    let lengths: Vec<usize> = (0..count - 1)
        .map(|index| u24(10 + first + 3 * index))
        .collect();
    let mut parts = vec![data[10..10 + first].to_vec()];
    let mut at = 10 + first + 3 * (count - 1);
    for length in lengths {
        parts.push(data[at..at + length].to_vec());
        at += length;
    }
    parts.push(data[at..].to_vec());
    (data[..10].to_vec(), parts)
}

fn joined(header: &[u8], parts: &[Vec<u8>]) -> Vec<u8> {
    let tag = u32::from(header[0] & 31) | u32::try_from(parts[0].len()).unwrap() << 5;
    let lengths = parts[1..parts.len() - 1]
        .iter()
        .flat_map(|part| u32::try_from(part.len()).unwrap().to_le_bytes()[..3].to_vec());
    [
        &tag.to_le_bytes()[..3],
        &header[3..],
        &parts[0],
        &lengths.collect::<Vec<_>>(),
        &parts[1..].concat(),
    ]
    .concat()
}

#[test]
fn a_lossy_picture_ends_with_its_last_token() {
    for (width, height) in [(1, 1), (16, 16), (17, 33), (121, 90)] {
        for is_opaque in [true, false] {
            let pixels = pixels(width, height, 77, is_opaque);
            for method in [0, 3, 6] {
                for quality in [0.0, 30.0, 80.0, 100.0] {
                    let config = config(false, quality, method);
                    let name = format!(
                        "{width} x {height}, method {method}, quality {quality}, opaque {is_opaque}"
                    );
                    check(&encoded(&pixels, width, height, &config), &name);
                }
            }
        }
    }
}

#[test]
fn a_lossy_picture_of_any_kind_ends_with_its_last_token() {
    let pixels = pixels(150, 140, 99, false);
    for segments in [1, 2, 4] {
        for (partitions, filter_type) in [(0, 0), (1, 1), (2, 0), (3, 1)] {
            for (alpha_compression, alpha_filtering) in [(0, 0), (1, 0), (1, 1), (1, 2)] {
                let config = WebPConfig {
                    segments,
                    partitions,
                    filter_type,
                    alpha_compression,
                    alpha_filtering,
                    sns_strength: 100,
                    filter_sharpness: 3,
                    // Beyond 2, one partition holds everything.
                    ..config(false, 60.0, if partitions == 0 { 4 } else { 2 })
                };
                check(
                    &encoded(&pixels, 150, 140, &config),
                    &format!("{segments} segments, 2^{partitions} partitions, {alpha_filtering}"),
                );
            }
        }
    }
}

#[test]
fn words_behind_any_partition_are_cut() {
    let pixels = pixels(150, 140, 99, true);
    for (log, count) in [(0, 1), (1, 2), (2, 4), (3, 8)] {
        let plain = encoded(
            &pixels,
            150,
            140,
            &WebPConfig {
                partitions: log,
                ..config(false, 60.0, 1)
            },
        );
        let own = cleaned(&plain).bytes;
        let whole = chunks(&own);
        let (header, parts) = partitions(&whole[0].1, count);
        assert!(joined(&header, &parts) == whole[0].1);
        for index in 0..parts.len() {
            let mut with_words = parts.clone();
            with_words[index].extend_from_slice(&WORDS.repeat(3));
            let out = cleaned(&file(&[(b"VP8 ".to_vec(), joined(&header, &with_words))]));
            assert_eq!(out.removed, [RemovedCode::TrailingData]);
            assert!(out.bytes == own && decode(&own) == decode(&plain));
            let mut short = parts.clone();
            let end = short[index].len() - 2;
            short[index].truncate(end);
            assert!(
                refusal(&file(&[(b"VP8 ".to_vec(), joined(&header, &short))]))
                    .detail()
                    .contains("ends early"),
                "{count} {index}"
            );
        }
    }
}

#[test]
fn a_frame_that_is_no_picture_of_its_own_is_refused() {
    let plain = encoded(&pixels(40, 30, 5, true), 40, 30, &config(false, 60.0, 4));
    // One that changes another, of a version that is not there, that is not shown.
    for change in [1, 8, 16] {
        let mut bytes = plain.clone();
        bytes[20] ^= change;
        assert!(
            refusal(&bytes).detail().contains("pixels are broken"),
            "{change}"
        );
    }
}

#[test]
#[ignore = "a measurement, for a release build"]
fn how_long_the_walks_take() {
    let (width, height) = (4_000, 3_000);
    let pixels = pixels(width, height, 77, true);
    // Waves, and a little noise.
    let wave = |at: u32, length: u32| (at % (2 * length)).abs_diff(length) * 200 / length;
    let smooth = |at: u32| {
        let (x, y, noise) = (at % width, at / width, at.wrapping_mul(0x9e37_79b9) >> 28);
        let [red, green, blue] = [
            wave(x + y / 3, 290) + noise,
            wave(y, 170) + noise,
            wave(x + y, 450),
        ]
        .map(|value| value.to_le_bytes()[0]);
        [red, green, blue, 255]
    };
    let smooth: Vec<u8> = (0..width * height).flat_map(smooth).collect();
    for (name, pixels) in [("wild", &pixels), ("smooth", &smooth)] {
        for (kind, config) in [
            ("lossy 75", config(false, 75.0, 4)),
            ("lossy 95", config(false, 95.0, 4)),
            ("lossless", config(true, 20.0, 1)),
        ] {
            let bytes = encoded(pixels, width, height, &config);
            let walk = (0..5)
                .map(|_| alone::processor_time(&|| drop(cleaned(&bytes))))
                .min()
                .unwrap();
            let decoding = alone::processor_time(&|| drop(decode(&bytes)));
            let native = alone::processor_time(&|| drop(webp::Decoder::new(&bytes).decode()));
            let (each, size) = (
                walk.as_nanos() * 10 / bytes.len() as u128,
                bytes.len() / 1000,
            );
            println!(
                "{name} {kind}: {size} kB, walk {walk:?}, {each} tenths of a ns a byte; decoding {decoding:?}, by libwebp {native:?}"
            );
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn a_chunk_cut_short_anywhere_is_refused_or_shows_the_same(
        width in 1..40_u32, height in 1..40_u32, noise in any::<u32>(), lossless in any::<bool>(), is_opaque in any::<bool>(), quality in 0..=100_u8, method in 0..=6,
    ) {
        let pixels = pixels(width, height, noise, is_opaque);
        let plain = encoded(&pixels, width, height, &config(lossless, quality.into(), method));
        check(&plain, "any");
        let whole = chunks(&plain);
        for index in 0..whole.len() {
            for end in 0..whole[index].1.len() {
                let mut short = whole.clone();
                short[index].1.truncate(end);
                if let Ok(out) = clean(&file(&short), &Limits::default()) {
                    prop_assert!(end + 3 >= whole[index].1.len());
                    prop_assert!(decode(&out.bytes) == decode(&plain));
                }
            }
        }
    }
}

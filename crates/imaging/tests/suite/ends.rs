//! Where the bits of a WebP's pictures end: libwebp writes them in all its ways, and words are put behind them.

use proptest::prelude::*;
use tintype_imaging::{Limits, RemovedCode, clean};
use webp::{Encoder, WebPConfig};

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
        let wild = if (x / 16 + y / 16).is_multiple_of(3) { random & 0x00ff_3f0f } else { x * 3 | y << 9 };
        let [red, green, blue, _] = wild.to_le_bytes();
        [red, green, blue, if is_opaque || x > y { 255 } else { (x * 7 % 256).to_le_bytes()[0] }]
    };
    (0..width * height).flat_map(pixel).collect()
}

fn encoded(pixels: &[u8], width: u32, height: u32, config: &WebPConfig) -> Vec<u8> {
    Encoder::from_rgba(pixels, width, height).encode_advanced(config).unwrap().to_vec()
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
        all.push((webp[at..at + 4].to_vec(), webp[at + 8..at + 8 + length].to_vec()));
        at += 8 + length.next_multiple_of(2);
    }
    all
}

fn file(chunks: &[(Vec<u8>, Vec<u8>)]) -> Vec<u8> {
    riff(&chunks.iter().flat_map(|(kind, data)| riff_chunk(kind, data)).collect::<Vec<_>>())
}

/// Words behind each chunk of pixels are cut, and a chunk that misses its last byte is refused.
fn check(plain: &[u8], name: &str) {
    let out = cleaned(plain);
    assert_eq!(out.removed, [], "{name}");
    assert!(out.bytes == plain, "{name}");
    let chunks = chunks(plain);
    for (index, (kind, data)) in chunks.iter().enumerate().filter(|(_, (kind, _))| kind != b"VP8X") {
        for times in [1, 40] {
            let mut with_words = chunks.clone();
            with_words[index].1.extend_from_slice(&WORDS.repeat(times));
            let out = cleaned(&file(&with_words));
            assert_eq!(out.removed, [RemovedCode::TrailingData], "{name}");
            assert!(!out.bytes.windows(4).any(|window| WORDS.windows(4).any(|word| word == window)), "{name}");
            assert!(decode(&out.bytes) == decode(plain), "{name}");
            assert!(cleaned(&out.bytes).bytes == out.bytes, "{name}");
            // What libwebp reads ahead is two bytes.
            assert!(out.bytes.len() <= plain.len() + 4, "{name}");
            assert!(kind == b"VP8 " || out.bytes == plain, "{name}");
        }
        let mut short = chunks.clone();
        short[index].1.truncate(data.len() - if kind == b"VP8 " { 3 } else { 1 });
        assert!(refusal(&file(&short)).detail().contains("ends early"), "{name}");
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
                    check(&plain, &format!("{width} x {height}, method {method}, quality {quality}, opaque {is_opaque}"));
                }
            }
        }
    }
}

#[test]
fn a_lossless_picture_of_few_colours_ends_with_its_last_bit() {
    for colours in [1, 2, 3, 4, 5, 16, 17, 200] {
        let pixels: Vec<u8> = (0..90 * 41_u32).flat_map(|at| [(at * 7 % colours).to_le_bytes()[0], 0, 9, 255]).collect();
        for method in [0, 4, 6] {
            check(&encoded(&pixels, 90, 41, &config(true, 75.0, method)), &format!("{colours} colours, method {method}"));
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
                    prop_assert!(end + 2 >= whole[index].1.len());
                    prop_assert!(decode(&out.bytes) == decode(&plain));
                }
            }
        }
    }
}

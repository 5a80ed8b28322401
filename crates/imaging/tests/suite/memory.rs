//! Decoding and rendering take no more memory than the header said they would.

use tintype_dto::ProblemCode;
use tintype_imaging::{Inspection, Limits, PREVIEW_SIDE, decode, inspect};

use crate::alone;
use crate::colours::{icc, ink_profile};
use crate::large::*;
use crate::pictures::{jpeg_with, png_chunk, png_with};

fn roomy() -> Limits {
    Limits {
        max_bytes: 100_000_000,
        max_memory: 1 << 30,
        ..Limits::default()
    }
}

/// Of 24 megapixels; lossy WebP, which is slow to make, of 12.
fn large() -> Vec<(&'static str, Vec<u8>)> {
    let still = lossy_webp_of(4_000, 3_000, 0);
    vec![
        (
            "full-colour-baseline.jpg",
            jpeg_of(Coding::Baseline, (6_000, 4_000), &[0x11, 0x11, 0x11]),
        ),
        (
            "full-colour-progressive.jpg",
            jpeg_of(Coding::Progressive, (6_000, 4_000), &[0x11, 0x11, 0x11]),
        ),
        (
            "half-colour-progressive.jpg",
            jpeg_of(Coding::Progressive, (6_000, 4_000), &[0x22, 0x11, 0x11]),
        ),
        (
            "progressive-at-full-scale.jpg",
            jpeg_of(Coding::Progressive, (3_999, 3_999), &[0x11, 0x11, 0x11]),
        ),
        (
            "grey-progressive.jpg",
            jpeg_of(Coding::Progressive, (6_000, 4_000), &[0x11]),
        ),
        (
            "four-inks-baseline.jpg",
            jpeg_of(Coding::Baseline, (6_000, 4_000), &[0x11; 4]),
        ),
        (
            "four-inks-progressive.jpg",
            jpeg_of(Coding::Progressive, (6_000, 4_000), &[0x11; 4]),
        ),
        (
            "odd-sampling-at-full-scale.jpg",
            jpeg_of(Coding::Baseline, (3_999, 3_999), &[0x11, 0x22, 0x22]),
        ),
        (
            "odd-sampling-progressive.jpg",
            jpeg_of(Coding::Progressive, (3_999, 3_999), &[0x11, 0x22, 0x22]),
        ),
        (
            "four-inks-at-full-scale.jpg",
            jpeg_of(Coding::Baseline, (3_999, 3_999), &[0x11; 4]),
        ),
        (
            "four-inks-progressive-at-full-scale.jpg",
            jpeg_of(Coding::Progressive, (3_999, 3_999), &[0x11; 4]),
        ),
        (
            "four-inks-with-profile.jpg",
            jpeg_with(
                &jpeg_of(Coding::Baseline, (1_600, 1_600), &[0x11; 4]),
                &[icc(&ink_profile())],
            ),
        ),
        (
            "thin-progressive.jpg",
            jpeg_of(Coding::Progressive, (16_384, 1), &[0x22, 0x11, 0x11]),
        ),
        ("of-16-bits.png", png_of(6_000, 4_000, 16)),
        ("of-8-bits.png", png_of(6_000, 4_000, 8)),
        ("moving.png", apng_of(6_000, 4_000)),
        ("moving.gif", gif_of(6_000, 4_000)),
        ("lossless.webp", lossless_webp_of(6_000, 4_000, 255)),
        (
            "lossless-transparent.webp",
            lossless_webp_of(6_000, 4_000, 0),
        ),
        ("lossy.webp", lossy_webp_of(4_000, 3_000, 255)),
        ("moving-lossy.webp", moving_webp_of(&still, 4_000, 3_000)),
        (
            "moving-lossless.webp",
            moving_webp_of(&lossless_webp_of(4_000, 3_000, 0), 4_000, 3_000),
        ),
        ("lossy-transparent.webp", still),
        ("small.png", png_of(1_600, 1_600, 16)),
        (
            "small-wide.png",
            png_with(
                &png_of(1_600, 1_600, 8),
                &[png_chunk(b"cICP", &[12, 13, 0, 1])],
            ),
        ),
        (
            "small-of-light.png",
            png_with(
                &png_of(1_600, 1_600, 8),
                &[png_chunk(b"cICP", &[9, 16, 0, 1])],
            ),
        ),
    ]
}

#[test]
fn a_large_picture_of_each_kind_takes_no_more_than_its_header_said() {
    for (name, bytes) in large() {
        let Inspection {
            decode_memory,
            width,
            height,
            ..
        } = inspect(&bytes, &roomy()).unwrap_or_else(|refusal| panic!("{name}: {refusal}"));
        let took = alone::hear(
            "memory::one_picture_in_a_process_of_its_own",
            name,
            &bytes,
            "took:",
        )
        .parse::<u64>()
        .unwrap()
            * 1024;
        println!(
            "{name}, {width} x {height}: {} MiB said, {} MiB taken",
            decode_memory >> 20,
            took >> 20
        );
        assert!(
            took <= decode_memory,
            "{name}: {took} bytes, {decode_memory} said"
        );
        // A picture that reserves far more than it needs keeps others waiting.
        assert!(
            decode_memory < took * 5 / 2 + (64 << 20),
            "{name}: {took} bytes, {decode_memory} said"
        );
    }
}

#[test]
#[ignore = "run by the test above"]
fn one_picture_in_a_process_of_its_own() {
    let Some(bytes) = alone::file() else { return };
    let inspection = inspect(&bytes, &roomy()).unwrap();
    // From here on, the peak is counted anew.
    std::fs::write("/proc/self/clear_refs", "5").unwrap();
    let before = alone::status("VmRSS");
    // At a reduced scale, and, as it is done when that fails, at full scale.
    for side in [PREVIEW_SIDE, u32::MAX] {
        drop(
            decode(&bytes, &inspection, &roomy(), side)
                .unwrap()
                .render()
                .unwrap(),
        );
    }
    println!("\ntook: {}", alone::status("VmHWM") - before);
}

/// Nothing in its header says that it is one.
#[test]
fn a_lossless_webp_that_asks_for_gigabytes_of_codes_is_refused_before_they_are_made() {
    let bomb = webp_of_codes(65_536);
    assert!(bomb.len() < 5_000_000);
    let took = alone::hear(
        "memory::one_bomb_in_a_process_of_its_own",
        "codes.webp",
        &bomb,
        "took:",
    )
    .parse::<u64>()
    .unwrap();
    assert!(took < 64 * 1024, "{took} KiB");
    assert_eq!(
        inspect(&bomb, &Limits::default()).unwrap_err().code(),
        ProblemCode::ImageTooLarge
    );
    for still in [webp_of_codes(1), webp_of_codes(1_000)] {
        let inspection = inspect(&still, &Limits::default()).unwrap();
        decode(&still, &inspection, &Limits::default(), PREVIEW_SIDE).unwrap();
    }
}

#[test]
#[ignore = "run by the test above"]
fn one_bomb_in_a_process_of_its_own() {
    let Some(bytes) = alone::file() else { return };
    std::fs::write("/proc/self/clear_refs", "5").unwrap();
    let before = alone::status("VmRSS");
    let _ = inspect(&bytes, &roomy());
    println!("\ntook: {}", alone::status("VmHWM") - before);
}

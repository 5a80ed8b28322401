use tintype_dto::ProblemCode;
use tintype_imaging::{ContentType, FormatLimits, Limits, clean, inspect};

use crate::large::*;
use crate::pictures::*;

/// A picture of each format, and of each kind where limits differ.
fn small() -> [(ContentType, Vec<u8>); 6] {
    [
        (ContentType::Jpeg, jpeg()),
        (ContentType::Png, png()),
        (ContentType::Png, apng()),
        (ContentType::Gif, gif()),
        (ContentType::Webp, webp()),
        (ContentType::Webp, animated_webp()),
    ]
}

#[test]
fn what_an_operator_sets_tightens_and_never_loosens() {
    let without = Limits {
        max_bytes: u64::MAX,
        max_pixels: u64::MAX,
        max_side: u32::MAX,
        max_memory: u64::MAX,
    };
    let tight = Limits {
        max_bytes: 1_000,
        max_pixels: 100,
        max_side: 10,
        max_memory: 1 << 20,
    };
    for content_type in ContentType::ALL {
        let FormatLimits {
            max_bytes,
            max_pixels,
            max_side,
            max_memory,
            ..
        } = without.of(content_type);
        assert!(
            max_bytes <= 100_000_000
                && max_pixels <= 100_000_000
                && max_side <= 65_535
                && max_memory <= 1 << 30
        );
        let FormatLimits {
            max_bytes,
            max_pixels,
            max_side,
            max_memory,
            ..
        } = tight.of(content_type);
        assert_eq!(
            (max_bytes, max_pixels, max_side, max_memory),
            (1_000, 100, 10, 1 << 20)
        );
    }
}

#[test]
fn each_limit_refuses_each_format() {
    for (content_type, bytes) in small() {
        let limits = Limits::default();
        let found = inspect(&bytes, &limits).unwrap();
        assert_eq!(found.content_type, content_type);
        let exact = Limits {
            max_bytes: bytes.len() as u64,
            max_pixels: u64::from(found.width) * u64::from(found.height),
            max_side: found.width.max(found.height),
            max_memory: found.decode_memory,
        };
        assert_eq!(inspect(&bytes, &exact), Ok(found));
        for (tighter, code, word) in [
            (
                Limits {
                    max_bytes: exact.max_bytes - 1,
                    ..exact.clone()
                },
                ProblemCode::FileTooLarge,
                "bytes",
            ),
            (
                Limits {
                    max_pixels: exact.max_pixels - 1,
                    ..exact.clone()
                },
                ProblemCode::ImageTooLarge,
                "megapixels",
            ),
            (
                Limits {
                    max_side: exact.max_side - 1,
                    ..exact.clone()
                },
                ProblemCode::ImageTooLarge,
                "side",
            ),
            (
                Limits {
                    max_memory: exact.max_memory - 1,
                    ..exact.clone()
                },
                ProblemCode::ImageTooLarge,
                "memory",
            ),
        ] {
            let refusal = inspect(&bytes, &tighter).unwrap_err();
            assert_eq!(refusal.code(), code, "{content_type:?}");
            assert!(
                refusal.detail().contains(word),
                "{content_type:?}: {refusal}"
            );
            assert_eq!(clean(&bytes, &tighter), Err(refusal));
        }
    }
}

#[test]
fn a_still_picture_of_50_megapixels_is_accepted_and_what_takes_too_much_to_decode_is_not() {
    let size = (8_660, 5_770);
    for (name, bytes) in [
        (
            "an ordinary JPEG",
            jpeg_of(Coding::Baseline, size, &[0x22, 0x11, 0x11]),
        ),
        (
            "a JPEG of full colour",
            jpeg_of(Coding::Baseline, size, &[0x11, 0x11, 0x11]),
        ),
        (
            "a progressive JPEG",
            jpeg_of(Coding::Progressive, size, &[0x22, 0x11, 0x11]),
        ),
        ("a PNG of 16 bits and alpha", png_of(8_660, 5_770, 16)),
        ("a GIF", gif_of(8_660, 5_770)),
        ("a lossless WebP", lossless_webp_of(8_660, 5_770, 255)),
    ] {
        let refused = inspect(&bytes, &Limits::default()).err();
        assert_eq!(refused, None, "{name}");
    }
    for (name, bytes) in [
        (
            "a progressive JPEG of four inks",
            jpeg_of(Coding::Progressive, size, &[0x11; 4]),
        ),
        (
            "a moving WebP",
            moving_webp_of(&lossless_webp_of(5_000, 5_000, 0), 5_000, 5_000),
        ),
    ] {
        let refusal = inspect(&bytes, &Limits::default()).unwrap_err();
        assert_eq!(refusal.code(), ProblemCode::ImageTooLarge, "{name}");
        assert!(
            refusal.detail().contains("memory; at most 448"),
            "{name}: {refusal}"
        );
    }
}

//! A JPEG's scans end where their codes do, in every process that browsers read.

use proptest::prelude::*;
use tintype_dto::ProblemCode;
use tintype_imaging::{Limits, RemovedCode, clean};

use crate::pictures::*;

/// 53 x 37 pixels each.
const KINDS: [(&str, &[u8]); 8] = [
    (
        "sequential",
        include_bytes!("../../fixtures/jpeg/sequential.jpg"),
    ),
    (
        "restarts",
        include_bytes!("../../fixtures/jpeg/restarts.jpg"),
    ),
    ("scans", include_bytes!("../../fixtures/jpeg/scans.jpg")),
    (
        "progressive",
        include_bytes!("../../fixtures/jpeg/progressive.jpg"),
    ),
    (
        "progressive-restarts",
        include_bytes!("../../fixtures/jpeg/progressive-restarts.jpg"),
    ),
    ("grey", include_bytes!("../../fixtures/jpeg/grey.jpg")),
    ("inks", include_bytes!("../../fixtures/jpeg/inks.jpg")),
    (
        "wide-sampling",
        include_bytes!("../../fixtures/jpeg/wide-sampling.jpg"),
    ),
];
const NO_TABLES: &[u8] = include_bytes!("../../fixtures/jpeg/no-tables.jpg");
const WORDS: &[u8] = b"SECRETGPS 48.8584 N, 2.2945 E, SECRETSERIAL";

fn without_end(jpeg: &[u8]) -> &[u8] {
    jpeg.strip_suffix(b"\xff\xd9").unwrap()
}

/// Where each marker with one of these codes stands.
fn markers(jpeg: &[u8], codes: impl Fn(u8) -> bool) -> Vec<usize> {
    let first_scan = jpeg
        .windows(2)
        .position(|pair| pair == b"\xff\xda")
        .unwrap();
    (first_scan + 2..jpeg.len() - 1)
        .filter(|at| jpeg[*at] == 0xff && codes(jpeg[at + 1]))
        .collect()
}

#[test]
fn every_process_that_browsers_read_stays_as_it_is() {
    for (kind, jpeg) in KINDS {
        let out = cleaned(jpeg);
        assert_eq!(out.removed, [], "{kind}");
        assert!(out.bytes == jpeg, "{kind}");
    }
}

#[test]
fn words_behind_the_last_scan_are_cut_with_an_end_marker_and_without() {
    for (kind, jpeg) in KINDS {
        let body = without_end(jpeg);
        for bytes in [
            [body, WORDS].concat(),
            [body, b"\xff\0", WORDS].concat(),
            [jpeg, WORDS].concat(),
            [body, WORDS, b"\xff\xd9"].concat(),
        ] {
            let out = cleaned(&bytes);
            assert_eq!(out.removed, [RemovedCode::TrailingData], "{kind}");
            assert!(out.bytes == jpeg, "{kind}");
        }
    }
}

#[test]
fn a_missing_end_marker_is_put_when_nothing_else_is_missing() {
    for (kind, jpeg) in KINDS {
        let out = cleaned(without_end(jpeg));
        assert!(out.bytes == jpeg && out.removed.is_empty(), "{kind}");
    }
}

#[test]
fn a_picture_that_is_cut_short_is_refused_at_every_length() {
    for (kind, jpeg) in KINDS {
        let whole = without_end(jpeg).len();
        for end in 0..whole {
            assert!(
                clean(&jpeg[..end], &Limits::default()).is_err(),
                "{kind}: {end} of {whole}"
            );
            // An end marker doesn't make it whole, but between the scans of a picture that gets better with each.
            let ended = clean(&[&jpeg[..end], b"\xff\xd9"].concat(), &Limits::default());
            assert!(
                ended.is_err() || kind.starts_with("progressive") || kind == "scans",
                "{kind}: {end} of {whole}, ended"
            );
        }
    }
}

#[test]
fn words_between_scans_and_before_restarts_are_cut() {
    for (kind, jpeg) in KINDS {
        for at in markers(jpeg, |code| matches!(code, 0xc4 | 0xda | 0xd0..=0xd7)) {
            let out = cleaned(&[&jpeg[..at], WORDS, &jpeg[at..]].concat());
            assert!(out.bytes == jpeg, "{kind} at {at}");
            assert_eq!(out.removed.len(), 1, "{kind} at {at}");
        }
    }
}

#[test]
fn words_of_segments_between_scans_and_behind_them_are_cut_and_named() {
    for (kind, jpeg) in KINDS {
        for at in markers(jpeg, |code| matches!(code, 0xc4 | 0xda | 0xd9)) {
            // No program reads a colour profile there.
            for (code, data, name) in [
                (0xfe, WORDS, RemovedCode::Comment),
                (
                    0xe2,
                    b"ICC_PROFILE\0\x01\x01SECRET",
                    RemovedCode::Application,
                ),
            ] {
                let out = cleaned(&[&jpeg[..at], &segment(code, data), &jpeg[at..]].concat());
                assert!(out.bytes == jpeg, "{kind} at {at}");
                assert_eq!(out.removed, [name], "{kind} at {at}");
            }
        }
    }
}

#[test]
fn an_orientation_behind_the_first_scan_turns_nothing() {
    let exif = segment(
        0xe1,
        b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0",
    );
    for (kind, jpeg) in KINDS {
        let out = cleaned(&[without_end(jpeg), &exif, b"\xff\xd9"].concat());
        assert!(out.bytes == jpeg, "{kind}");
        assert!(
            cleaned(&[&jpeg[..2], &exif, &jpeg[2..]].concat()).bytes != jpeg,
            "{kind}"
        );
    }
}

#[test]
fn tables_that_motion_jpeg_leaves_out_are_put_in() {
    let out = cleaned(NO_TABLES);
    assert_eq!(out.removed, []);
    assert!(decode(&out.bytes) == decode(KINDS[0].1));
    assert!(cleaned(&out.bytes).bytes == out.bytes);
}

#[test]
fn segments_of_tables_hold_nothing_else() {
    let (_, jpeg) = KINDS[0];
    for code in [0xc4, 0xdb, 0xdd] {
        let refused = refusal(&[&jpeg[..2], &segment(code, b"SECRET"), &jpeg[2..]].concat());
        assert_eq!(refused.code(), ProblemCode::ImageDamaged, "{code:x}");
    }
}

#[test]
fn processes_that_browsers_do_not_read_are_refused_by_their_names() {
    let (_, jpeg) = KINDS[0];
    let frame = jpeg
        .windows(2)
        .position(|pair| pair == b"\xff\xc0")
        .unwrap();
    for (code, precision, name) in [
        (0xc9, 8, "arithmetic"),
        (0xca, 8, "arithmetic"),
        (0xc3, 8, "lossless"),
        (0xc1, 12, "12 bits"),
        (0xc5, 8, "hierarchical"),
    ] {
        let mut bytes = jpeg.to_vec();
        (bytes[frame + 1], bytes[frame + 4]) = (code, precision);
        let refused = refusal(&bytes);
        assert_eq!(refused.code(), ProblemCode::UnsupportedMedia);
        assert!(refused.detail().contains(name), "{}", refused.detail());
    }
}

#[test]
fn scans_that_add_nothing_are_cut() {
    for (kind, jpeg) in KINDS {
        let scan = markers(jpeg, |code| code == 0xda).pop().unwrap_or_else(|| {
            jpeg.windows(2)
                .position(|pair| pair == b"\xff\xda")
                .unwrap()
        });
        let again = [
            without_end(jpeg),
            &without_end(jpeg)[scan..].repeat(3),
            b"\xff\xd9",
        ]
        .concat();
        let out = cleaned(&again);
        assert!(out.bytes == jpeg, "{kind}");
        assert_eq!(out.removed, [RemovedCode::TrailingData], "{kind}");
    }
}

#[test]
fn a_picture_scanned_again_and_again_is_refused() {
    let (_, jpeg) = KINDS[3];
    let start = jpeg
        .windows(2)
        .position(|pair| pair == b"\xff\xda")
        .unwrap();
    let end = markers(jpeg, |code| matches!(code, 0xc4 | 0xda))[0];
    let many = [
        &jpeg[..start],
        &jpeg[start..end].repeat(1_000),
        &jpeg[end..],
    ]
    .concat();
    assert_eq!(refusal(&many).code(), ProblemCode::ImageDamaged);
}

#[test]
fn tables_that_no_scan_asks_for_are_cut() {
    let words: Vec<u8> = b"48.8584 N, 2.2945 E "
        .iter()
        .copied()
        .cycle()
        .take(64)
        .collect();
    let quantization = |slot| [&[0xff, 0xdb, 0, 67, slot], &words[..]].concat();
    // One code of each of eight lengths, and their symbols.
    let huffman = |name| {
        let lengths = [0, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0];
        [&[0xff, 0xc4, 0, 27, name], &lengths[..], &words[..8]].concat()
    };
    for (kind, jpeg) in KINDS {
        let tables = jpeg
            .windows(2)
            .position(|pair| pair == b"\xff\xdb")
            .unwrap();
        let scan = jpeg
            .windows(2)
            .position(|pair| pair == b"\xff\xda")
            .unwrap();
        let more = [
            // In a place of its own, in one that is defined anew behind it, and in one of which the scan takes the table behind it.
            (
                tables,
                [quantization(3), huffman(0x03), huffman(0x13)].concat(),
            ),
            (tables, quantization(0)),
            (scan, huffman(0x13).repeat(20)),
        ];
        for (at, more) in more {
            let out = cleaned(&[&jpeg[..at], &more, &jpeg[at..]].concat());
            assert!(out.bytes == jpeg, "{kind} at {at}");
            assert_eq!(out.removed, [RemovedCode::Application], "{kind} at {at}");
        }
    }
    let many = [
        &KINDS[0].1[..2],
        &quantization(3).repeat(2_000),
        &KINDS[0].1[2..],
    ]
    .concat();
    assert!(refusal(&many).detail().contains("too many tables"));
}

proptest! {
    #[test]
    fn whatever_stands_behind_a_picture_is_never_published(kind in 0..KINDS.len(), behind in proptest::collection::vec(any::<u8>(), 0..400)) {
        let (name, jpeg) = KINDS[kind];
        let out = clean(&[without_end(jpeg), &behind].concat(), &Limits::default()).unwrap();
        prop_assert!(out.bytes == jpeg, "{}", name);
    }

    #[test]
    fn a_changed_byte_is_refused_or_ends_in_something_that_cleans_to_itself(kind in 0..KINDS.len(), at in any::<prop::sample::Index>(), byte: u8) {
        let mut bytes = KINDS[kind].1.to_vec();
        *at.get_mut(&mut bytes) = byte;
        if let Ok(out) = clean(&bytes, &Limits::default()) {
            let again = clean(&out.bytes, &Limits::default()).unwrap();
            prop_assert!(again.bytes == out.bytes && again.removed.is_empty());
        }
    }
}

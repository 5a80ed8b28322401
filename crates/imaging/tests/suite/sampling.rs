//! JPEG with its samples laid out in any way has its colours at every size.

use image::GenericImageView;
use tintype_imaging::{Limits, PREVIEW_SIDE, THUMB_SIDE, decode as pixels_of, inspect};

use crate::blocks::{ACROSS, DOWN, Layout, halves};
use crate::pictures::{cleaned, decode, segment};

const RED: [u8; 3] = [76, 85, 255];
const BLUE: [u8; 3] = [29, 255, 107];

fn is_red_then_blue(jpeg: &[u8], what: &str) {
    let (limits, bytes) = (Limits::default(), cleaned(jpeg).bytes);
    let decoded = |side| {
        pixels_of(&bytes, &inspect(&bytes, &limits).unwrap(), &limits, side)
            .unwrap_or_else(|why| panic!("{what}: {why}"))
    };
    let made = [
        decoded(PREVIEW_SIDE).render().unwrap().preview,
        decoded(THUMB_SIDE).thumbnail().unwrap().0,
    ];
    for picture in made.map(|rendition| decode(&rendition.webp)) {
        assert_eq!(
            (picture.width(), picture.height()),
            (ACROSS.into(), DOWN.into())
        );
        for (at, expected) in [
            (picture.width() / 4, [254, 0, 0]),
            (picture.width() * 3 / 4, [0, 0, 254]),
        ] {
            for y in [8, picture.height() / 2, picture.height() - 9] {
                let [red, green, blue, _] = picture.get_pixel(at, y).0;
                let is_near = [red, green, blue]
                    .iter()
                    .zip(expected)
                    .all(|(is, should)| is.abs_diff(should) <= 8);
                assert!(is_near, "{what}: {:?} at {at}, {y}", [red, green, blue]);
            }
        }
    }
}

#[test]
fn any_sampling_in_one_scan_or_in_several_keeps_its_colours() {
    let whole = (1, 1);
    let lights = [
        (1, 1),
        (2, 1),
        (1, 2),
        (2, 2),
        (4, 1),
        (1, 4),
        (3, 1),
        (1, 3),
        (4, 2),
        (3, 2),
    ]
    .map(|light| [light, whole, whole]);
    let others = [
        [(1, 1), (2, 2), (2, 2)],
        [(2, 2), (2, 2), (2, 2)],
        [(2, 2), (1, 2), (1, 2)],
        [(2, 2), (2, 1), (2, 1)],
        [(2, 1), (1, 1), (2, 1)],
        [(1, 1), (2, 1), (1, 2)],
    ];
    for sampling in lights.iter().chain(&others) {
        // Browsers take ten blocks to a unit at most.
        let fits = sampling
            .iter()
            .map(|(across, down)| across * down)
            .sum::<u8>()
            <= 10;
        for is_interleaved in [true, false]
            .into_iter()
            .filter(|is_interleaved| fits || !is_interleaved)
        {
            let jpeg = halves(
                &Layout {
                    sampling,
                    is_interleaved,
                    before: Vec::new(),
                },
                &RED,
                &BLUE,
            );
            is_red_then_blue(
                &jpeg,
                &format!(
                    "{sampling:?}, {}",
                    if is_interleaved {
                        "one scan"
                    } else {
                        "three scans"
                    }
                ),
            );
        }
    }
}

#[test]
fn jfif_has_the_word_on_colours_before_adobe() {
    let jfif = segment(0xe0, b"JFIF\0\x01\x02\0\0\x01\0\x01\0\0");
    let adobe =
        |transform: u8| segment(0xee, &[&b"Adobe\0\x64\0\0\0\0"[..], &[transform]].concat());
    let layout = |before| Layout {
        sampling: &[(1, 1); 3],
        is_interleaved: true,
        before,
    };
    is_red_then_blue(
        &halves(&layout(vec![jfif.clone(), adobe(0)]), &RED, &BLUE),
        "JFIF and Adobe's RGB",
    );
    is_red_then_blue(
        &halves(&layout(vec![adobe(1)]), &RED, &BLUE),
        "Adobe's YCbCr",
    );
    is_red_then_blue(
        &halves(&layout(vec![adobe(0)]), &[254, 0, 0], &[0, 0, 254]),
        "Adobe's RGB",
    );
}

#[test]
fn grey_may_claim_any_sampling() {
    for sampling in [(1, 1), (2, 2), (4, 4), (3, 3), (3, 1)] {
        let jpeg = halves(
            &Layout {
                sampling: &[sampling],
                is_interleaved: false,
                before: Vec::new(),
            },
            &[40],
            &[200],
        );
        let (limits, bytes) = (Limits::default(), cleaned(&jpeg).bytes);
        let decoded = pixels_of(
            &bytes,
            &inspect(&bytes, &limits).unwrap(),
            &limits,
            PREVIEW_SIDE,
        )
        .unwrap();
        let picture = decode(&decoded.thumbnail().unwrap().0.webp);
        for (x, grey) in [(48, 40), (144, 200)] {
            assert!(
                picture.get_pixel(x, 40).0[0].abs_diff(grey) <= 3,
                "{sampling:?}: {:?}",
                picture.get_pixel(x, 40)
            );
        }
    }
}

//! The photographs in `fixtures/`, as people's devices write them.

use tintype_imaging::{ContentType, Limits, RemovedCode, inspect};

use crate::pictures::{cleaned, decode, profile_of};

const PORTRAIT: &[u8] = include_bytes!("../../fixtures/portrait-gps.jpg");
const LANDSCAPE: &[u8] = include_bytes!("../../fixtures/landscape.jpg");
const ALPHA: &[u8] = include_bytes!("../../fixtures/alpha.png");
const ANIMATED: &[u8] = include_bytes!("../../fixtures/animated.gif");
const PHOTO: &[u8] = include_bytes!("../../fixtures/photo.webp");

#[test]
fn their_sizes_are_the_upright_ones() {
    for (bytes, content_type, width, height, frames) in [
        (PORTRAIT, ContentType::Jpeg, 384, 512, 1),
        (LANDSCAPE, ContentType::Jpeg, 600, 400, 1),
        (ALPHA, ContentType::Png, 150, 140, 1),
        (ANIMATED, ContentType::Gif, 120, 90, 4),
        (PHOTO, ContentType::Webp, 640, 480, 1),
    ] {
        let found = inspect(bytes, &Limits::default()).unwrap();
        assert_eq!(
            (found.content_type, found.width, found.height, found.frames),
            (content_type, width, height, frames)
        );
    }
}

#[test]
fn no_secret_survives_and_every_pixel_does() {
    for bytes in [PORTRAIT, LANDSCAPE, ALPHA, ANIMATED, PHOTO] {
        let out = cleaned(bytes).bytes;
        for secret in [
            b"SECRET".as_slice(),
            b"Tintype Cameras",
            b"T1000",
            b"2026:11:24 10:20:30",
        ] {
            assert!(!out.windows(secret.len()).any(|window| window == secret));
        }
        assert!(decode(bytes) == decode(&out));
        // Colours say the same; the profile's header said when it was made.
        let (before, after) = (profile_of(bytes), profile_of(&out));
        assert_eq!(
            before.map(|profile| profile[128..].to_vec()),
            after.map(|profile| profile[128..].to_vec())
        );
        assert!(cleaned(&out).bytes == out);
    }
}

#[test]
fn what_they_hold_is_named() {
    use RemovedCode::{
        ColourProfile, Comment, Device, Exif, Iptc, Location, Owner, Serial, Software, Thumbnail,
        Time, Xmp,
    };
    assert_eq!(
        cleaned(PORTRAIT).removed,
        [
            Location, Owner, Device, Serial, Time, Software, Comment, Thumbnail, Exif, Xmp, Iptc
        ]
    );
    assert_eq!(cleaned(LANDSCAPE).removed, []);
    assert_eq!(cleaned(ALPHA).removed, [Owner, Time, Software, Comment]);
    assert_eq!(cleaned(ANIMATED).removed, [Comment]);
    assert_eq!(
        cleaned(PHOTO).removed,
        [
            Location,
            Owner,
            Device,
            Time,
            Software,
            Comment,
            Exif,
            Xmp,
            ColourProfile
        ]
    );
    assert!(cleaned(LANDSCAPE).bytes == LANDSCAPE);
}

#[cfg(feature = "render")]
#[test]
fn the_portrait_stands_upright_in_its_thumbnail() {
    use image::GenericImageView;
    let bytes = cleaned(PORTRAIT).bytes;
    let limits = Limits::default();
    let decoded = tintype_imaging::decode(
        &bytes,
        &inspect(&bytes, &limits).unwrap(),
        &limits,
        tintype_imaging::PREVIEW_SIDE,
    )
    .unwrap();
    let thumb = decode(&decoded.render().unwrap().thumb.webp);
    assert_eq!((thumb.width(), thumb.height()), (300, 400));
    let [left, right] = [thumb.get_pixel(8, 8).0, thumb.get_pixel(291, 8).0];
    assert!(
        left[0] > 200 && left[2] < 60 && right[2] > 200 && right[0] < 60,
        "{left:?} {right:?}"
    );
}

//! Colours are those that Chromium shows. What it shows of each picture here was measured by `tests/colours`, which compares these files too,
//! beside many larger ones.

use image::{DynamicImage, GenericImageView, GrayImage, Luma, Rgb, RgbImage};
use moxcms::ColorProfile;
use tintype_imaging::{Limits, PREVIEW_SIDE, Renditions, decode as pixels_of, inspect};

use crate::blocks::{Layout, columns};
use crate::pictures::*;

const SIDE: u32 = 32;
const COLOURS: [[u8; 3]; 6] = [
    [64, 64, 64],
    [128, 128, 128],
    [200, 60, 40],
    [60, 180, 80],
    [40, 80, 200],
    [230, 200, 60],
];
const GREYS: [u8; 6] = [20, 64, 100, 128, 180, 240];
/// True inks: none, black, half black, cyan, magenta and yellow, some of each.
const INKS: [[u8; 4]; 6] = [
    [0; 4],
    [0, 0, 0, 255],
    [0, 0, 0, 128],
    [255, 0, 0, 0],
    [0, 255, 255, 0],
    [100, 60, 30, 90],
];
/// What lossy compression and rounding may add.
const NEAR: u8 = 6;

fn patches() -> RgbImage {
    RgbImage::from_fn(6 * SIDE, 3 * SIDE, |x, _| Rgb(COLOURS[(x / SIDE) as usize]))
}

fn of(picture: impl Into<DynamicImage>, chunks: &[Vec<u8>]) -> Vec<u8> {
    let mut out = std::io::Cursor::new(Vec::new());
    picture
        .into()
        .write_to(&mut out, image::ImageFormat::Png)
        .unwrap();
    png_with(&out.into_inner(), chunks)
}

fn colourful(chunks: &[Vec<u8>]) -> Vec<u8> {
    of(patches(), chunks)
}

fn grey(chunks: &[Vec<u8>]) -> Vec<u8> {
    of(
        GrayImage::from_fn(6 * SIDE, 3 * SIDE, |x, _| {
            Luma([GREYS[(x / SIDE) as usize]])
        }),
        chunks,
    )
}

fn of_16_bits(chunks: &[Vec<u8>]) -> Vec<u8> {
    of(DynamicImage::from(patches()).into_rgb16(), chunks)
}

fn gama(value: u32) -> Vec<u8> {
    png_chunk(b"gAMA", &value.to_be_bytes())
}

fn chrm(points: [u32; 8]) -> Vec<u8> {
    png_chunk(b"cHRM", &points.map(u32::to_be_bytes).concat())
}

fn of_p3() -> Vec<u8> {
    chrm([
        31_270, 32_900, 68_000, 32_000, 26_500, 69_000, 15_000, 6_000,
    ])
}

fn cicp(primaries: u8, transfer: u8) -> Vec<u8> {
    png_chunk(b"cICP", &[primaries, transfer, 0, 1])
}

fn display_p3() -> Vec<u8> {
    let mut profile = ColorProfile::new_display_p3();
    profile.cicp = None;
    profile.encode().unwrap()
}

fn grey_profile(gamma: f32) -> Vec<u8> {
    ColorProfile::new_gray_with_gamma(gamma).encode().unwrap()
}

/// Of inks: the sixteen colours that the corners mix, straight lines between them.
pub fn ink_profile() -> Vec<u8> {
    // Bits of a corner stand for cyan, magenta, yellow and black, in this order; what comes out is lightness and two ways of colour.
    let corner = |inks: u16| -> [u16; 3] {
        let [cyan, magenta, yellow, black] = [3, 2, 1, 0].map(|bit| inks >> bit & 1);
        let light = 100 - 30 * cyan - 45 * magenta - 8 * yellow;
        let light = if black == 1 {
            light - light * 4 / 5
        } else {
            light
        };
        [
            light * 652,
            (128 + 55 * magenta - 35 * cyan) * 256,
            (128 + 70 * yellow - 40 * cyan) * 256,
        ]
    };
    let numbers = |numbers: &[u16]| {
        numbers
            .iter()
            .flat_map(|number| number.to_be_bytes())
            .collect::<Vec<_>>()
    };
    let (one, white) = (
        65_536_u32,
        [63_190_u32, 65_536, 54_061].map(u32::to_be_bytes).concat(),
    );
    let matrix = [one, 0, 0, 0, one, 0, 0, 0, one]
        .map(u32::to_be_bytes)
        .concat();
    let lines = |count| numbers(&[0, 65_535].repeat(count));
    let corners = numbers(&(0..16).flat_map(corner).collect::<Vec<_>>());
    let table = [
        b"mft2\0\0\0\0\x04\x03\x02\0",
        &matrix[..],
        &numbers(&[2, 2]),
        &lines(4),
        &corners,
        &lines(3),
    ]
    .concat();
    let white_tag = [b"XYZ \0\0\0\0", &white[..]].concat();
    let start = 128 + 4 + 2 * 12;
    let bytes = |number: usize| u32::try_from(number).unwrap().to_be_bytes();
    let entry =
        |name: &[u8; 4], at: usize, size: usize| [name, &bytes(at)[..], &bytes(size)].concat();
    let tags = [
        &bytes(2)[..],
        &entry(b"wtpt", start, white_tag.len()),
        &entry(b"A2B0", start + white_tag.len(), table.len()),
    ]
    .concat();
    let size = bytes(start + white_tag.len() + table.len());
    let head = [
        &size[..],
        &[0; 4],
        &[2, 0x40, 0, 0],
        b"prtrCMYKLab ",
        &[0; 12],
        b"acsp",
        &[0; 28],
        &white,
    ]
    .concat();
    [
        &head[..],
        &vec![0; 128 - head.len()],
        &tags,
        &white_tag,
        &table,
    ]
    .concat()
}

pub fn icc(profile: &[u8]) -> Vec<u8> {
    segment(0xe2, &[b"ICC_PROFILE\0\x01\x01", profile].concat())
}

/// As Adobe stores it, upside down, perhaps as YCbCr and black.
fn inks(transform: u8, profile: Option<&[u8]>) -> Vec<u8> {
    let adobe = segment(0xee, &[&b"Adobe\0\x64\0\0\0\0"[..], &[transform]].concat());
    let before = [Some(adobe), profile.map(icc)]
        .into_iter()
        .flatten()
        .collect();
    let stored = INKS.map(|inks| {
        let [cyan, magenta, yellow, black] = inks.map(|ink| 255 - ink);
        if transform == 0 {
            [cyan, magenta, yellow, black]
        } else {
            as_ycc([255 - cyan, 255 - magenta, 255 - yellow], black)
        }
    });
    columns(
        &Layout {
            sampling: &[(1, 1); 4],
            is_interleaved: true,
            before,
        },
        &stored.each_ref().map(|inks| &inks[..]),
    )
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "parts are between 0 and 255"
)]
fn as_ycc([red, green, blue]: [u8; 3], black: u8) -> [u8; 4] {
    let [red, green, blue] = [red, green, blue].map(f64::from);
    let light = 0.299 * red + 0.587 * green + 0.114 * blue;
    [
        light,
        128.0 + (blue - light) / 1.772,
        128.0 + (red - light) / 1.402,
        black.into(),
    ]
    .map(|part| part.round() as u8)
}

fn grey_jpeg(gamma: f32) -> Vec<u8> {
    let layout = Layout {
        sampling: &[(1, 1)],
        is_interleaved: true,
        before: vec![icc(&grey_profile(gamma))],
    };
    columns(&layout, &GREYS.each_ref().map(std::slice::from_ref))
}

/// A file, and what Chromium shows of it in sRGB.
type Case = (&'static str, Vec<u8>, [[u8; 3]; 6]);

/// All of them, as Chromium 156 draws them.
#[rustfmt::skip]
fn cases() -> Vec<Case> {
    let wide = || iccp(&ColorProfile::new_pro_photo_rgb().encode().unwrap());
    vec![
        ("plain.png", colourful(&[]), [[64, 64, 64], [128, 128, 128], [200, 60, 40], [60, 180, 80], [40, 80, 200], [230, 200, 60]]),
        ("gama1.png", colourful(&[gama(100_000)]), [[137, 137, 137], [188, 188, 188], [229, 133, 110], [133, 219, 152], [110, 152, 229], [244, 229, 133]]),
        ("gama-of-1.8.png", colourful(&[gama(55_556)]), [[81, 81, 81], [146, 146, 146], [210, 77, 53], [77, 193, 99], [53, 99, 210], [235, 210, 77]]),
        ("gama-of-srgb.png", colourful(&[gama(45_455)]), [[64, 64, 64], [128, 128, 128], [200, 60, 40], [60, 180, 80], [40, 80, 200], [230, 200, 60]]),
        ("gama-almost-of-srgb.png", colourful(&[gama(47_000)]), [[64, 64, 64], [128, 128, 128], [200, 60, 40], [60, 180, 80], [40, 80, 200], [230, 200, 60]]),
        ("chrm-alone.png", colourful(&[of_p3()]), [[64, 64, 64], [128, 128, 128], [200, 60, 40], [60, 180, 80], [40, 80, 200], [230, 200, 60]]),
        ("chrm-p3-gama2.2.png", colourful(&[of_p3(), gama(45_455)]), [[62, 62, 62], [129, 129, 129], [219, 37, 13], [0, 185, 62], [11, 80, 209], [237, 200, 0]]),
        ("chrm-of-a-point-gama1.png", colourful(&[chrm([31_270, 32_900, 0, 0, 0, 0, 0, 0]), gama(100_000)]), [[64, 64, 64], [128, 128, 128], [200, 60, 40], [60, 180, 80], [40, 80, 200], [230, 200, 60]]),
        ("srgb-over-gama1.png", colourful(&[png_chunk(b"sRGB", b"\0"), gama(100_000)]), [[64, 64, 64], [128, 128, 128], [200, 60, 40], [60, 180, 80], [40, 80, 200], [230, 200, 60]]),
        ("iccp-over-gama1.png", colourful(&[gama(100_000), iccp(&display_p3())]), [[64, 64, 64], [128, 128, 128], [217, 42, 23], [0, 183, 64], [22, 81, 208], [236, 199, 0]]),
        ("iccp-broken-gama1.png", colourful(&[iccp(b"nothing of the kind"), gama(100_000)]), [[137, 137, 137], [188, 188, 188], [229, 133, 110], [133, 219, 152], [110, 152, 229], [244, 229, 133]]),
        ("iccp-of-grey-gama1.png", colourful(&[iccp(&grey_profile(1.0)), gama(100_000)]), [[64, 64, 64], [128, 128, 128], [200, 60, 40], [60, 180, 80], [40, 80, 200], [230, 200, 60]]),
        ("cicp-p3.png", colourful(&[cicp(12, 13)]), [[64, 64, 64], [128, 128, 128], [217, 42, 23], [0, 183, 64], [22, 81, 208], [236, 199, 0]]),
        ("cicp-over-iccp.png", colourful(&[cicp(12, 13), wide()]), [[64, 64, 64], [128, 128, 128], [217, 42, 23], [0, 183, 64], [22, 81, 208], [236, 199, 0]]),
        ("cicp-narrow-gama1.png", colourful(&[png_chunk(b"cICP", &[12, 13, 0, 0]), gama(100_000)]), [[137, 137, 137], [188, 188, 188], [229, 133, 110], [133, 219, 152], [110, 152, 229], [244, 229, 133]]),
        ("cicp-unknown-gama1.png", colourful(&[cicp(2, 2), gama(100_000)]), [[137, 137, 137], [188, 188, 188], [229, 133, 110], [133, 219, 152], [110, 152, 229], [244, 229, 133]]),
        ("cicp-of-television.png", colourful(&[cicp(9, 1)]), [[53, 54, 54], [121, 121, 121], [244, 0, 0], [0, 185, 44], [0, 72, 206], [251, 193, 0]]),
        ("cicp-linear.png", colourful(&[cicp(1, 8)]), [[137, 137, 137], [188, 188, 188], [229, 133, 110], [133, 219, 152], [110, 152, 229], [244, 229, 133]]),
        ("cicp-pq.png", colourful(&[cicp(9, 16)]), [[30, 30, 30], [132, 132, 132], [255, 0, 0], [0, 255, 0], [0, 5, 255], [255, 139, 0]]),
        ("cicp-pq-p3.png", colourful(&[cicp(12, 16)]), [[30, 30, 30], [132, 132, 132], [255, 0, 0], [0, 251, 0], [0, 24, 255], [255, 165, 0]]),
        ("cicp-pq-4000.png", colourful(&[cicp(9, 16), png_chunk(b"cLLI", &[40_000_000_u32, 4_000_000].map(u32::to_be_bytes).concat())]), [[30, 30, 30], [132, 132, 132], [255, 0, 0], [0, 229, 0], [0, 4, 243], [255, 139, 0]]),
        ("cicp-hlg.png", colourful(&[cicp(9, 18)]), [[43, 43, 43], [99, 99, 99], [230, 0, 8], [0, 170, 44], [0, 59, 181], [255, 167, 0]]),
        ("deep-gama1.png", of_16_bits(&[gama(100_000)]), [[137, 137, 137], [188, 188, 188], [229, 133, 110], [133, 219, 152], [110, 152, 229], [244, 229, 133]]),
        ("deep-cicp-p3.png", of_16_bits(&[cicp(12, 13)]), [[64, 64, 64], [128, 128, 128], [217, 42, 23], [0, 183, 64], [22, 81, 208], [236, 199, 0]]),
        ("deep-cicp-pq.png", of_16_bits(&[cicp(9, 16)]), [[30, 30, 30], [132, 132, 132], [255, 0, 0], [0, 255, 0], [0, 5, 255], [255, 139, 0]]),
        ("grey-gama1.png", grey(&[gama(100_000)]), [[79, 79, 79], [137, 137, 137], [168, 168, 168], [188, 188, 188], [219, 219, 219], [248, 248, 248]]),
        ("grey-iccp-1.8.png", grey(&[iccp(&grey_profile(1.8))]), [[26, 26, 26], [81, 81, 81], [119, 119, 119], [146, 146, 146], [193, 193, 193], [243, 243, 243]]),
        ("grey-iccp-of-colours.png", grey(&[wide()]), [[26, 26, 26], [81, 81, 81], [119, 119, 119], [146, 146, 146], [193, 193, 193], [243, 243, 243]]),
        ("grey-icc-1.0.jpg", grey_jpeg(1.0), [[79, 79, 79], [137, 137, 137], [168, 168, 168], [188, 188, 188], [219, 219, 219], [248, 248, 248]]),
        ("grey-icc-1.8.jpg", grey_jpeg(1.8), [[26, 26, 26], [81, 81, 81], [119, 119, 119], [146, 146, 146], [193, 193, 193], [243, 243, 243]]),
        ("grey-icc-2.2.jpg", grey_jpeg(2.2), [[12, 12, 12], [62, 62, 62], [100, 100, 100], [129, 129, 129], [181, 182, 181], [240, 241, 240]]),
        ("inks.jpg", inks(0, None), [[255, 255, 255], [0, 0, 0], [127, 127, 127], [0, 255, 255], [255, 0, 0], [100, 126, 145]]),
        ("inks-as-ycc.jpg", inks(2, None), [[255, 255, 255], [0, 0, 0], [127, 127, 127], [1, 255, 255], [254, 0, 0], [100, 125, 145]]),
        ("inks-with-profile.jpg", inks(0, Some(&ink_profile())), [[252, 254, 254], [72, 29, 0], [163, 133, 115], [0, 190, 242], [199, 60, 0], [146, 129, 123]]),
        ("inks-as-ycc-with-profile.jpg", inks(2, Some(&ink_profile())), [[252, 254, 254], [72, 29, 0], [163, 133, 115], [0, 190, 242], [198, 60, 0], [145, 128, 123]]),
        ("inks-with-profile-of-colours.jpg", inks(0, Some(&display_p3())), [[255, 255, 255], [0, 0, 0], [127, 127, 127], [0, 255, 255], [255, 0, 0], [100, 126, 145]]),
    ]
}

fn renditions(bytes: &[u8]) -> Renditions {
    let (limits, bytes) = (Limits::default(), cleaned(bytes).bytes);
    pixels_of(
        &bytes,
        &inspect(&bytes, &limits).unwrap(),
        &limits,
        PREVIEW_SIDE,
    )
    .unwrap()
    .render()
    .unwrap()
}

fn seen(picture: &DynamicImage) -> [[u8; 3]; 6] {
    [0, 1, 2, 3, 4, 5].map(|patch| {
        let [red, green, blue, _] = picture.get_pixel(patch * SIDE + SIDE / 2, SIDE).0;
        [red, green, blue]
    })
}

#[test]
fn thumbnails_have_the_colours_that_chromium_shows() {
    let mut wrong = Vec::new();
    for (name, bytes, expected) in cases() {
        let shown = seen(&decode(&renditions(&bytes).thumb.webp));
        let far = apart(shown, expected);
        if far > NEAR {
            wrong.push(format!("{name}: {far} off, {shown:?}, not {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// How far two pictures of patches are from each other.
fn apart(left: [[u8; 3]; 6], right: [[u8; 3]; 6]) -> u8 {
    left.iter()
        .flatten()
        .zip(right.iter().flatten())
        .map(|(left, right)| left.abs_diff(*right))
        .max()
        .unwrap()
}

#[test]
fn a_preview_of_wide_colours_keeps_them_and_says_so() {
    let profile = iccp(&display_p3());
    let clear = of(
        DynamicImage::from(patches()).into_rgba8(),
        std::slice::from_ref(&profile),
    );
    for (name, bytes) in [
        ("ICC", colourful(&[profile])),
        ("cICP", colourful(&[cicp(12, 13)])),
        ("with alpha", clear),
    ] {
        let made = renditions(&bytes);
        let profile = profile_of(&made.preview.webp).unwrap();
        // It does not say when it was made, and has the white of all profiles.
        assert_eq!(profile[24..36], [0x07, 0xd0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0]);
        assert_eq!(
            profile[68..80],
            [0, 0, 0xf6, 0xd6, 0, 1, 0, 0, 0, 0, 0xd3, 0x2d]
        );
        let profile = ColorProfile::new_from_slice(&profile).unwrap();
        let matrix = profile.transform_matrix(&ColorProfile::new_display_p3());
        assert!(
            (0..3).all(|at| (matrix.v[at][at] - 1.0).abs() < 0.001),
            "{name}: {matrix:?}"
        );
        // The numbers are those of the original.
        let shown = decode(&made.preview.webp);
        assert!(
            apart(seen(&shown), COLOURS) <= NEAR,
            "{name}: {:?}",
            seen(&shown)
        );
        assert_eq!(
            (shown.width(), shown.height()),
            (made.preview.width, made.preview.height)
        );
        // A thumbnail has no room for a profile.
        assert_eq!(profile_of(&made.thumb.webp), None, "{name}");
        assert!(
            made.preview.webp.len() < made.thumb.webp.len() + 700,
            "{name}"
        );
    }
}

#[test]
fn a_preview_of_ordinary_colours_has_no_profile() {
    let television = ColorProfile::new_from_cicp(moxcms::CicpProfile {
        color_primaries: moxcms::CicpColorPrimaries::Bt601,
        transfer_characteristics: moxcms::TransferCharacteristics::Srgb,
        matrix_coefficients: moxcms::MatrixCoefficients::Identity,
        full_range: true,
    });
    for profile in [ColorProfile::new_srgb(), television] {
        let made = renditions(&colourful(&[iccp(&profile.encode().unwrap())]));
        assert_eq!(profile_of(&made.preview.webp), None);
        assert_eq!(made.preview, made.thumb);
    }
}

#[test]
fn a_small_drawing_and_an_icon_keep_every_pixel() {
    let drawing = RgbImage::from_fn(200, 120, |x, y| {
        if (x + y) % 2 == 0 {
            Rgb([255, 0, 0])
        } else {
            Rgb([0, 0, 255])
        }
    });
    let icon = RgbImage::from_fn(64, 64, |x, y| {
        Rgb([x, y, (x * y) % 256].map(|part| u8::try_from(part).unwrap()))
    });
    for picture in [drawing, icon] {
        assert!(decode(&renditions(&of(picture.clone(), &[])).thumb.webp).into_rgb8() == picture);
    }
}

#[test]
fn a_grey_photograph_has_a_thumbnail_of_no_more_bytes_than_in_colour() {
    // Grain upon soft light: few colours, and nothing that a pixel could say of the next.
    let mut grain = 1_u32;
    let photograph = RgbImage::from_fn(400, 300, |x, y| {
        grain = grain.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let light = 60 + x / 4 + y / 6 + (grain >> 28);
        Rgb([u8::try_from(light).unwrap(); 3])
    });
    let warm = RgbImage::from_fn(400, 300, |x, y| {
        let Rgb([light, ..]) = *photograph.get_pixel(x, y);
        Rgb([
            light,
            light.saturating_sub(u8::try_from(y % 7).unwrap()),
            light / 2,
        ])
    });
    let [grey, warm] = [photograph, warm].map(|picture| renditions(&of(picture, &[])).thumb.webp);
    let (grey, warm) = (grey.len(), warm.len());
    assert!(grey * 4 <= warm * 5, "{grey} and {warm}");
}

#[test]
fn a_profile_with_a_byte_changed_never_panics() {
    let (ink, p3, of_grey) = (ink_profile(), display_p3(), grey_profile(1.8));
    for (profile, picture) in [
        (ink, inks as fn(u8, Option<&[u8]>) -> Vec<u8>),
        (p3, |_, icc| colourful(&[iccp(icc.unwrap())])),
        (of_grey, |_, icc| grey(&[iccp(icc.unwrap())])),
    ] {
        for (at, to) in (0..profile.len())
            .step_by(3)
            .zip([0, 0xff, 0x7f, 1].into_iter().cycle())
        {
            let mut changed = profile.clone();
            changed[at] = to;
            let _ = renditions(&picture(0, Some(&changed)));
        }
    }
}

#[test]
#[ignore = "run by `tests/colours`"]
fn the_pictures_are_written_for_chromium() {
    let folder = std::path::PathBuf::from(
        std::env::var("TINTYPE_TEST_COLOURS").expect("run by `tests/colours`"),
    );
    for (name, bytes, _) in cases() {
        std::fs::write(folder.join(name), bytes).unwrap();
    }
}

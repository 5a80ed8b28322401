use image::{DynamicImage, GenericImageView};
use tintype_dto::ProblemCode;
use tintype_imaging::{
    Limits, PREVIEW_SIDE, Refusal, Rendition, Renditions, decode as pixels_of, inspect,
};

use crate::orientation::turned;
use crate::pictures::*;

fn renditions(bytes: &[u8]) -> Result<Renditions, Refusal> {
    let bytes = cleaned(bytes).bytes;
    let limits = Limits::default();
    Ok(
        pixels_of(&bytes, &inspect(&bytes, &limits)?, &limits, PREVIEW_SIDE)?
            .render()
            .unwrap(),
    )
}

fn opened(rendition: &Rendition) -> DynamicImage {
    let picture = decode(&rendition.webp);
    assert_eq!(
        (picture.width(), picture.height()),
        (rendition.width, rendition.height)
    );
    picture
}

fn thumb_of(bytes: &[u8]) -> DynamicImage {
    opened(&renditions(bytes).unwrap().thumb)
}

fn png_of(picture: &DynamicImage) -> Vec<u8> {
    let mut out = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut out, image::ImageFormat::Png).unwrap();
    out.into_inner()
}

fn is_red(thumb: &DynamicImage, x: u32, y: u32) -> bool {
    let [red, _, blue, _] = thumb.get_pixel(x, y).0;
    red > blue
}

#[test]
fn the_thumbnail_is_right_way_up_for_all_eight_orientations() {
    // Where the red corner goes: left or right, top or bottom.
    let corners = [
        (0, 0),
        (1, 0),
        (1, 1),
        (0, 1),
        (0, 0),
        (1, 0),
        (1, 1),
        (0, 1),
    ];
    for (value, corner) in (1..).zip(corners) {
        for (name, bytes) in turned(value) {
            let thumb = thumb_of(&bytes);
            assert_eq!(
                (thumb.width(), thumb.height()),
                if value >= 5 {
                    (HEIGHT, WIDTH)
                } else {
                    (WIDTH, HEIGHT)
                }
            );
            for (x, y) in [(0, 0), (1, 0), (1, 1), (0, 1)] {
                let (at_x, at_y) = (4 + x * (thumb.width() - 9), 4 + y * (thumb.height() - 9));
                assert_eq!(
                    is_red(&thumb, at_x, at_y),
                    (x, y) == corner,
                    "{name} {value} at {at_x}, {at_y}"
                );
            }
        }
    }
}

#[test]
fn a_small_picture_is_not_enlarged_and_a_large_one_fits_the_box() {
    for (size, preview, thumb) in [
        ((1, 1), (1, 1), (1, 1)),
        ((400, 300), (400, 300), (400, 300)),
        ((1_000, 500), (1_000, 500), (400, 200)),
        ((3_200, 1_000), (1_600, 500), (400, 125)),
        ((500, 2_000), (400, 1_600), (100, 400)),
        ((3_000, 1), (1_600, 1), (400, 1)),
    ] {
        let made = renditions(&png_of(&DynamicImage::new_rgb8(size.0, size.1))).unwrap();
        for (rendition, expected) in [(&made.preview, preview), (&made.thumb, thumb)] {
            let picture = opened(rendition);
            assert_eq!((picture.width(), picture.height()), expected, "of {size:?}");
        }
        assert_eq!(made.preview == made.thumb, preview == thumb);
    }
}

#[test]
fn every_kind_of_pixel_is_rendered() {
    for picture in [
        DynamicImage::new_luma8(500, 300),
        DynamicImage::new_luma_a8(500, 300),
        DynamicImage::new_rgb16(500, 300),
        DynamicImage::new_rgba16(500, 300),
        DynamicImage::new_luma16(50, 30),
    ] {
        let thumb = thumb_of(&png_of(&picture));
        assert_eq!(thumb.color().has_alpha(), picture.color().has_alpha());
    }
}

#[test]
fn transparency_is_kept_without_dark_edges() {
    // Transparent black beside opaque white: mixed without its alpha, the edge would be grey.
    let picture = image::RgbaImage::from_fn(800, 800, |x, _| {
        if x < 401 {
            image::Rgba([0; 4])
        } else {
            image::Rgba([255; 4])
        }
    });
    let thumb = thumb_of(&png_of(&picture.into()));
    assert_eq!(thumb.get_pixel(10, 200).0[3], 0);
    assert!(
        thumb
            .to_rgba8()
            .pixels()
            .all(|pixel| pixel.0[3] < 64 || pixel.0[0] > 200)
    );
}

#[test]
fn the_thumbnail_of_an_animation_is_its_first_frame() {
    for (name, bytes) in [("GIF", gif()), ("APNG", apng()), ("WebP", animated_webp())] {
        let made = renditions(&bytes).unwrap();
        let thumb = opened(&made.thumb);
        assert_eq!((thumb.width(), thumb.height()), (20, 10), "{name}");
        assert!(is_red(&thumb, 5, 5), "{name}");
        assert!((5..=32).contains(&made.placeholder.len()), "{name}");
    }
}

#[test]
fn pixels_that_can_not_be_decoded_are_refused_in_the_last_frame_too() {
    let mut still = webp();
    let end = still.len();
    still[30..end - 2].fill(0xff);
    assert_eq!(refusal(&still).code(), ProblemCode::ImageDamaged);

    // Each row has a filter that there is not.
    let rows = |width: usize, height: usize| {
        miniz_oxide::deflate::compress_to_vec_zlib(&vec![9; height * (1 + width * 4)], 6)
    };
    let head = [
        &png()[..8],
        &png_chunk(b"IHDR", &[0, 0, 0, 20, 0, 0, 0, 10, 8, 6, 0, 0, 0]),
    ]
    .concat();
    let bytes = [
        &head[..],
        &png_chunk(b"IDAT", &rows(20, 10)),
        &png_chunk(b"IEND", b""),
    ]
    .concat();
    assert_eq!(
        renditions(&bytes).unwrap_err().code(),
        ProblemCode::ImageDamaged
    );

    let bytes = apng();
    let last = bytes.windows(4).rposition(|kind| kind == b"fdAT").unwrap() - 4;
    let frame = |pixels: &[u8]| {
        [
            &bytes[..last],
            &png_chunk(b"fdAT", &[b"\0\0\0\x04", pixels].concat()),
            &png_chunk(b"IEND", b""),
        ]
        .concat()
    };
    assert_eq!(
        renditions(&frame(&rows(20, 10))).unwrap_err().code(),
        ProblemCode::ImageDamaged
    );
    assert_eq!(
        refusal(&frame(b"not deflated")).code(),
        ProblemCode::ImageDamaged
    );
}

/// Frames of 16.8 megapixels without anything in them, of fifty bytes each.
fn empty_animation(frames: usize) -> Vec<u8> {
    let side = 4095_u32.to_le_bytes();
    let width_and_height = 4095_u32 | 4095 << 14;
    // Five codes of one symbol each: a pixel takes no bit.
    let codes: u64 = (0..5).fold(0, |bits, code| bits | 1 << (3 + 4 * code));
    let pixels = [
        &[0x2f][..],
        &width_and_height.to_le_bytes(),
        &codes.to_le_bytes(),
    ]
    .concat();
    let place = [&[0; 6][..], &side[..3], &side[..3], &[100, 0, 0, 0]].concat();
    let frame = riff_chunk(b"ANMF", &[place, riff_chunk(b"VP8L", &pixels)].concat());
    let header = [&[0x12, 0, 0, 0][..], &side[..3], &side[..3]].concat();
    riff(
        &[
            riff_chunk(b"VP8X", &header),
            riff_chunk(b"ANIM", &[0; 6]),
            frame.repeat(frames),
        ]
        .concat(),
    )
}

#[test]
fn an_animation_costs_no_more_than_a_few_of_its_frames() {
    let cost = |frames| {
        inspect(&empty_animation(frames), &Limits::default())
            .unwrap()
            .decode_ms
    };
    assert!(
        cost(17) == cost(2) && cost(17) < 2 * cost(1),
        "{} {}",
        cost(1),
        cost(17)
    );
    assert!(renditions(&empty_animation(17)).is_ok());
}

#[test]
fn colours_of_a_wide_profile_become_srgb() {
    let profile = moxcms::ColorProfile::new_display_p3().encode().unwrap();
    let plain = thumb_of(&png()).get_pixel(4, 4).0;
    let wide = thumb_of(&png_with(&png(), &[iccp(&profile)]))
        .get_pixel(4, 4)
        .0;
    assert!(
        wide[0] > plain[0] + 8,
        "{wide:?} is no stronger a red than {plain:?}"
    );
}

#[test]
fn a_moving_png_of_16_bits_a_channel_gets_its_thumbnail() {
    let still = png_of(&DynamicImage::new_rgb16(20, 10));
    let control = [
        &[0; 7],
        &[20, 0, 0, 0, 10][..],
        &[0; 8],
        &[0, 1, 0, 10, 0, 0],
    ]
    .concat();
    let bytes = png_with(
        &still,
        &[
            png_chunk(b"acTL", b"\0\0\0\x01\0\0\0\0"),
            png_chunk(b"fcTL", &control),
        ],
    );
    assert!(inspect(&bytes, &Limits::default()).unwrap().animated);
    let thumb = thumb_of(&bytes);
    assert_eq!((thumb.width(), thumb.height()), (20, 10));
}

#[test]
fn a_large_jpeg_decoded_at_a_reduced_scale_looks_like_the_same_picture_as_a_png() {
    for (width, height) in [(4_000, 600), (700, 4_000)] {
        let part = |at: u32, of: u32| u8::try_from(at * 255 / of).unwrap();
        let pixels = image::RgbImage::from_fn(width, height, |x, y| {
            image::Rgb([
                part(x, width),
                part(y, height),
                if (x / 40 + y / 40) % 2 == 0 { 200 } else { 40 },
            ])
        });
        for picture in [
            DynamicImage::from(pixels.clone()),
            DynamicImage::from(pixels).into_luma8().into(),
        ] {
            let mut jpeg = std::io::Cursor::new(Vec::new());
            picture
                .write_with_encoder(image::codecs::jpeg::JpegEncoder::new_with_quality(
                    &mut jpeg, 95,
                ))
                .unwrap();
            let (scaled, whole) = (
                renditions(&jpeg.into_inner()).unwrap(),
                renditions(&png_of(&picture)).unwrap(),
            );
            for (scaled, whole) in [(scaled.preview, whole.preview), (scaled.thumb, whole.thumb)] {
                let (scaled, whole) = (opened(&scaled).into_rgb8(), opened(&whole).into_rgb8());
                assert_eq!(scaled.dimensions(), whole.dimensions());
                let differences = scaled
                    .iter()
                    .zip(whole.iter())
                    .map(|(a, b)| u64::from(a.abs_diff(*b)));
                let sum = differences.sum::<u64>();
                assert!(
                    sum < 4 * scaled.len() as u64,
                    "{width} x {height}: {sum} over {} channels",
                    scaled.len()
                );
            }
        }
    }
}

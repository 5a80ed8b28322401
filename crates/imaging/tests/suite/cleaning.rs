use std::io::Cursor;

use image::AnimationDecoder;
use image::codecs::gif::GifDecoder;
use image::codecs::png::PngDecoder;
use image::codecs::webp::WebPDecoder;
use image::metadata::LoopCount;

use tintype_imaging::{Limits, RemovedCode, inspect};

use crate::pictures::*;
use crate::tiff::{self, SECRET};

const PROFILE: &[u8] = include_bytes!("../../fixtures/srgb.icc");
const TAIL: &[u8] = b"PK\x03\x04SECRETOWNER<script>";
/// What the EXIF block of `tiff::camera` holds.
const CAMERA: [RemovedCode; 9] = [
    RemovedCode::Location,
    RemovedCode::Owner,
    RemovedCode::Device,
    RemovedCode::Serial,
    RemovedCode::Time,
    RemovedCode::Software,
    RemovedCode::Comment,
    RemovedCode::Thumbnail,
    RemovedCode::MakerNote,
];

fn secret_jpeg() -> Vec<u8> {
    let exif = [b"Exif\0\0".to_vec(), tiff::camera(6)].concat();
    let xmp = format!("http://ns.adobe.com/xap/1.0/\0{XMP}");
    let profile = [b"ICC_PROFILE\0\x01\x01", PROFILE].concat();
    let thumbnail = [
        b"JFIF\0\x01\x02\0\0\x01\0\x01\x02\x01",
        b"SECRET".as_slice(),
    ]
    .concat();
    let plain = jpeg();
    assert_eq!(&plain[2..4], b"\xff\xe0", "the encoder writes JFIF first");
    let plain = [&plain[..2], &plain[20..]].concat();
    let segments = [
        segment(0xe0, &thumbnail),
        segment(0xe1, &exif),
        segment(0xe1, xmp.as_bytes()),
        segment(0xe2, &profile),
        segment(0xe2, b"MPF\0SECRETOWNER"),
        segment(0xe5, SECRET.as_bytes()),
        segment(0xeb, b"JP\0\0jumbSECRETOWNER"),
        segment(0xed, b"Photoshop 3.0\0SECRETOWNER"),
        segment(0xfe, SECRET.as_bytes()),
    ];
    [jpeg_with(&plain, &segments), jpeg(), TAIL.to_vec()].concat()
}

fn secret_chunks() -> Vec<Vec<u8>> {
    vec![
        iccp(PROFILE),
        png_chunk(b"gAMA", &45_455_u32.to_be_bytes()),
        png_chunk(b"bKGD", b"SECRETOWNER"),
        png_chunk(b"eXIf", &tiff::camera(6)),
        png_chunk(
            b"iTXt",
            format!("XML:com.adobe.xmp\0\0\0\0\0{XMP}").as_bytes(),
        ),
        png_chunk(b"tEXt", b"Author\0SECRETOWNER"),
        png_chunk(b"tIME", &[7, 234, 11, 24, 1, 1, 1]),
        png_chunk(b"caBX", SECRET.as_bytes()),
        png_chunk(b"prVt", SECRET.as_bytes()),
    ]
}

fn secret_png() -> Vec<u8> {
    [png_with(&png(), &secret_chunks()), TAIL.to_vec()].concat()
}

fn secret_apng() -> Vec<u8> {
    [png_with(&apng(), &secret_chunks()), TAIL.to_vec()].concat()
}

fn secret_gif() -> Vec<u8> {
    let plain = gif();
    let head = 13 + 3 * (2 << (plain[10] & 7)) * usize::from(plain[10] >> 7);
    let profile = PROFILE
        .chunks(255)
        .map(|block| [&[u8::try_from(block.len()).unwrap()], block].concat())
        .collect::<Vec<_>>()
        .concat();
    let blocks = [
        [b"\x21\xff\x0bICCRGBG1012", &profile[..], b"\0"].concat(),
        b"\x21\xfe\x0bSECRETOWNER\0".to_vec(),
        [
            b"\x21\xff\x0bXMP DataXMP",
            [u8::try_from(XMP.len()).unwrap()].as_slice(),
            XMP.as_bytes(),
            b"\0",
        ]
        .concat(),
        b"\x21\xff\x0bOWNERAPP1.0\x0bSECRETOWNER\0".to_vec(),
        b"\x21\x01\x0c\0\0\0\0\0\0\0\0\0\0\0\0\x0bSECRETOWNER\0".to_vec(),
    ];
    [&plain[..head], &blocks.concat(), &plain[head..], TAIL].concat()
}

fn secret_webp() -> Vec<u8> {
    let before = [riff_chunk(b"ICCP", PROFILE)];
    let behind = [
        riff_chunk(b"EXIF", &tiff::camera(6)),
        riff_chunk(b"XMP ", XMP.as_bytes()),
        riff_chunk(b"prvt", SECRET.as_bytes()),
    ];
    [webp_with(&webp(), &before, &behind), TAIL.to_vec()].concat()
}

fn secret_animated_webp() -> Vec<u8> {
    let plain = animated_webp();
    let frame = riff_chunk(
        b"ANMF",
        &[
            &plain[12 + 18 + 14 + 8..][..16],
            &riff_chunk(b"prvt", SECRET.as_bytes()),
        ]
        .concat(),
    );
    assert!(
        inspect(&riff(&[&plain[12..], &frame].concat()), &Limits::default()).is_err(),
        "a frame without pixels"
    );
    let profile = riff_chunk(b"ICCP", PROFILE);
    let chunks = [
        &plain[12..30],
        &profile,
        &plain[30..],
        &riff_chunk(b"EXIF", &tiff::camera(1)),
        &riff_chunk(b"XMP ", XMP.as_bytes()),
    ]
    .concat();
    [riff(&chunks), TAIL.to_vec()].concat()
}

/// Of each kind, with everything that has to go.
pub fn secret_pictures() -> [(&'static str, Vec<u8>); 6] {
    [
        ("JPEG", secret_jpeg()),
        ("PNG", secret_png()),
        ("APNG", secret_apng()),
        ("GIF", secret_gif()),
        ("WebP", secret_webp()),
        ("animated WebP", secret_animated_webp()),
    ]
}

#[test]
fn nothing_secret_survives() {
    for (name, bytes) in secret_pictures() {
        let out = cleaned(&bytes).bytes;
        for secret in [
            b"SECRET".as_slice(),
            b"SECRETOWNER",
            b"xmpmeta",
            b"2026:11:24",
            b"script",
            b"PK\x03\x04",
        ] {
            assert!(
                !out.windows(secret.len()).any(|window| window == secret),
                "{name}: {}",
                String::from_utf8_lossy(secret)
            );
        }
    }
}

#[test]
fn cleaning_twice_is_cleaning_once() {
    for (name, bytes) in secret_pictures() {
        let once = cleaned(&bytes);
        let twice = cleaned(&once.bytes);
        assert!(once.bytes == twice.bytes, "{name}");
        assert_eq!(twice.removed, [], "{name}");
        assert_eq!(
            once.inspection,
            inspect(&once.bytes, &Limits::default()).unwrap(),
            "{name}"
        );
    }
}

#[test]
fn a_plain_picture_stays_as_it_is_byte_for_byte() {
    for (name, bytes) in [
        ("JPEG", jpeg()),
        ("PNG", png()),
        ("APNG", apng()),
        ("GIF", gif()),
        ("WebP", webp()),
        ("moving WebP", animated_webp()),
    ] {
        let out = cleaned(&bytes);
        assert!(out.bytes == bytes, "{name}");
        assert_eq!(out.removed, [], "{name}");
    }
}

#[test]
fn pixels_stay_the_same() {
    for (name, bytes) in secret_pictures() {
        assert!(decode(&bytes) == decode(&cleaned(&bytes).bytes), "{name}");
    }
}

#[test]
fn animations_keep_every_frame_and_its_time() {
    type Frames = Vec<(Vec<u8>, (u32, u32))>;
    type Decode<'a> = &'a dyn Fn(&[u8]) -> Frames;
    fn all<'a>(decoder: impl AnimationDecoder<'a>) -> Frames {
        let frames = decoder.into_frames().collect_frames().unwrap();
        frames
            .into_iter()
            .map(|frame| {
                (
                    frame.buffer().as_raw().clone(),
                    frame.delay().numer_denom_ms(),
                )
            })
            .collect()
    }
    let gif = |bytes: &[u8]| all(GifDecoder::new(Cursor::new(bytes)).unwrap());
    let apng = |bytes: &[u8]| all(PngDecoder::new(Cursor::new(bytes)).unwrap().apng().unwrap());
    let webp = |bytes: &[u8]| all(WebPDecoder::new(Cursor::new(bytes)).unwrap());
    let cases: [(Vec<u8>, Decode<'_>); 3] = [
        (secret_gif(), &gif),
        (secret_apng(), &apng),
        (secret_animated_webp(), &webp),
    ];
    for (bytes, decode) in cases {
        let out = cleaned(&bytes).bytes;
        assert_eq!(decode(&out).len(), 3);
        assert!(decode(&bytes) == decode(&out));
        let inspection = inspect(&out, &Limits::default()).unwrap();
        assert_eq!((inspection.frames, inspection.animated), (3, true));
    }
}

#[test]
fn a_repeating_gif_still_repeats() {
    let out = cleaned(&secret_gif()).bytes;
    assert!(out.windows(11).any(|window| window == b"NETSCAPE2.0"));
}

#[test]
fn an_animation_repeats_as_often_as_before() {
    fn repeats<'a>(decoder: &impl AnimationDecoder<'a>) -> Option<u32> {
        let LoopCount::Finite(times) = decoder.loop_count() else {
            return None;
        };
        Some(times.get())
    }
    let gif = secret_gif();
    let at = gif
        .windows(11)
        .position(|window| window == b"NETSCAPE2.0")
        .unwrap()
        + 13;
    let gif = [&gif[..at], &[3, 0], &gif[at + 2..]].concat();
    assert_eq!(
        repeats(&GifDecoder::new(Cursor::new(cleaned(&gif).bytes)).unwrap()),
        Some(3)
    );

    let apng = secret_apng();
    let control = apng.windows(4).position(|kind| kind == b"acTL").unwrap();
    let apng = [
        &apng[..control - 4],
        &png_chunk(b"acTL", &[0, 0, 0, 3, 0, 0, 0, 3]),
        &apng[control + 16..],
    ]
    .concat();
    assert_eq!(
        repeats(
            &PngDecoder::new(Cursor::new(cleaned(&apng).bytes))
                .unwrap()
                .apng()
                .unwrap()
        ),
        Some(3)
    );

    let webp = secret_animated_webp();
    let control = webp.windows(4).position(|kind| kind == b"ANIM").unwrap() + 12;
    let webp = [&webp[..control], &[3, 0], &webp[control + 2..]].concat();
    assert_eq!(
        repeats(&WebPDecoder::new(Cursor::new(cleaned(&webp).bytes)).unwrap()),
        Some(3)
    );
}

#[test]
fn the_colour_profile_is_kept() {
    for (name, bytes) in secret_pictures() {
        assert_eq!(
            profile_of(&cleaned(&bytes).bytes).as_deref(),
            Some(PROFILE),
            "{name}"
        );
    }
}

#[test]
fn inspecting_reports_what_cleaning_cuts_and_nothing_is_left_to_report() {
    for (name, bytes) in secret_pictures() {
        let out = cleaned(&bytes);
        let report = |bytes: &[u8]| inspect(bytes, &Limits::default()).unwrap().report;
        assert!(!out.removed.is_empty());
        assert_eq!(report(&bytes), out.removed, "{name}");
        assert_eq!(report(&out.bytes), [], "{name}");
    }
}

#[test]
fn what_was_cut_is_named() {
    use RemovedCode::{Application, C2pa, Comment, Iptc, Location, Owner, TrailingData, Xmp};
    let sorted = |more: &[RemovedCode]| {
        let mut codes = [&CAMERA, more].concat();
        codes.sort_unstable();
        codes.dedup();
        codes
    };
    assert_eq!(
        cleaned(&secret_jpeg()).removed,
        sorted(&[Xmp, Iptc, C2pa, Application, TrailingData])
    );
    assert_eq!(
        cleaned(&secret_png()).removed,
        sorted(&[Xmp, C2pa, Application, TrailingData])
    );
    assert_eq!(
        cleaned(&secret_webp()).removed,
        sorted(&[Xmp, Application, TrailingData])
    );
    assert_eq!(
        cleaned(&secret_gif()).removed,
        [Location, Owner, Comment, Xmp, Application, TrailingData]
    );
}

#[test]
fn a_broken_exif_block_goes_too() {
    for block in [
        b"".as_slice(),
        b"II*\0\xff\xff\xff\xff",
        b"MM\0*\0\0\0\x08\xff\xffSECRETOWNER",
        b"SECRETOWNER",
    ] {
        let out = cleaned(&jpeg_with(
            &jpeg(),
            &[segment(0xe1, &[b"Exif\0\0", block].concat())],
        ));
        assert_eq!(out.removed, [RemovedCode::Exif]);
        assert!(out.bytes == jpeg());
    }
}

#[test]
fn an_end_marker_that_a_program_left_out_is_put_back() {
    let plain = gif();
    let out = cleaned(&plain[..plain.len() - 1]);
    assert!(out.bytes == plain);
    assert_eq!(out.removed, []);
}

#[test]
fn what_stands_between_segments_is_cut_as_decoders_skip_it() {
    for junk in [
        b"SECRETOWNER".as_slice(),
        b"\xff\0SECRETOWNER",
        b"\0",
        b"\xff\xff\0\xff",
    ] {
        let plain = jpeg();
        let bytes = [&plain[..20], junk, &plain[20..]].concat();
        let out = cleaned(&bytes);
        assert!(out.bytes == plain);
        assert_eq!(out.removed, [RemovedCode::Application]);
        assert!(decode(&bytes) == decode(&out.bytes));
    }
}

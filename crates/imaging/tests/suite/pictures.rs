//! Small pictures of each format, and the places in them where data can be put.

use std::io::Cursor;

use image::{
    Delay, DynamicImage, Frame, ImageDecoder, ImageFormat, ImageReader, Rgb, RgbImage, RgbaImage,
};
use tintype_imaging::{Inspection, Limits, Refusal, clean, inspect};

pub const WIDTH: u32 = 64;
pub const HEIGHT: u32 = 48;
pub const XMP: &str = "<x:xmpmeta><dc:creator>SECRETOWNER</dc:creator><exif:GPSLatitude>1</exif:GPSLatitude></x:xmpmeta>";

/// Red in the top left quarter, blue elsewhere.
pub fn pixels() -> RgbImage {
    RgbImage::from_fn(WIDTH, HEIGHT, |x, y| {
        if x < WIDTH / 2 && y < HEIGHT / 2 {
            Rgb([220, 20, 20])
        } else {
            Rgb([20, 20, 220])
        }
    })
}

fn encoded(format: ImageFormat) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    pixels().write_to(&mut out, format).unwrap();
    out.into_inner()
}

pub fn jpeg() -> Vec<u8> {
    encoded(ImageFormat::Jpeg)
}

pub fn png() -> Vec<u8> {
    encoded(ImageFormat::Png)
}

pub fn webp() -> Vec<u8> {
    encoded(ImageFormat::WebP)
}

/// Three frames, each of one colour.
pub fn frames() -> Vec<RgbaImage> {
    [[200, 0, 0, 255], [0, 200, 0, 255], [0, 0, 200, 255]]
        .map(|colour| RgbaImage::from_pixel(20, 10, image::Rgba(colour)))
        .to_vec()
}

pub fn gif() -> Vec<u8> {
    let mut out = Vec::new();
    let mut encoder = image::codecs::gif::GifEncoder::new(&mut out);
    encoder
        .set_repeat(image::codecs::gif::Repeat::Infinite)
        .unwrap();
    encoder
        .encode_frames(
            frames()
                .into_iter()
                .map(|frame| Frame::from_parts(frame, 0, 0, Delay::from_numer_denom_ms(100, 1))),
        )
        .unwrap();
    drop(encoder);
    out
}

pub fn apng() -> Vec<u8> {
    let [first, others @ ..] = &frames()
        .iter()
        .map(|frame| frame_of(frame, ImageFormat::Png))
        .collect::<Vec<_>>()[..]
    else {
        panic!()
    };
    let mut body = [png_chunk(b"acTL", b"\0\0\0\x03\0\0\0\0"), control(0)].concat();
    body.extend(png_chunk(b"IDAT", &pixel_data(first)));
    for (number, other) in others.iter().enumerate() {
        body.extend(control(2 * number + 1));
        let number = u32::try_from(2 * number + 2).unwrap().to_be_bytes();
        body.extend(png_chunk(
            b"fdAT",
            &[&number[..], &pixel_data(other)].concat(),
        ));
    }
    [&first[..33], &body, &png_chunk(b"IEND", b"")].concat()
}

fn control(sequence: usize) -> Vec<u8> {
    let number = u32::try_from(sequence).unwrap().to_be_bytes();
    png_chunk(
        b"fcTL",
        &[
            &number[..],
            &20_u32.to_be_bytes(),
            &10_u32.to_be_bytes(),
            &[0; 8],
            &[0, 1, 0, 10, 0, 0],
        ]
        .concat(),
    )
}

fn frame_of(frame: &RgbaImage, format: ImageFormat) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    frame.write_to(&mut out, format).unwrap();
    out.into_inner()
}

/// What the IDAT chunks hold.
pub fn pixel_data(png: &[u8]) -> Vec<u8> {
    let (mut at, mut data) = (8, Vec::new());
    while at < png.len() {
        let length = u32::from_be_bytes(png[at..at + 4].try_into().unwrap()) as usize;
        if &png[at + 4..at + 8] == b"IDAT" {
            data.extend_from_slice(&png[at + 8..at + 8 + length]);
        }
        at += length + 12;
    }
    data
}

pub fn animated_webp() -> Vec<u8> {
    let mut chunks = riff_chunk(b"VP8X", &[0x12, 0, 0, 0, 19, 0, 0, 9, 0, 0]);
    chunks.extend(riff_chunk(b"ANIM", &[0; 6]));
    for frame in frames() {
        let still = frame_of(&frame, ImageFormat::WebP);
        let header = [0, 0, 0, 0, 0, 0, 19, 0, 0, 9, 0, 0, 100, 0, 0, 0];
        chunks.extend(riff_chunk(
            b"ANMF",
            &[&header[..], bitstream(&still)].concat(),
        ));
    }
    riff(&chunks)
}

/// The one chunk of a simple file.
fn bitstream(webp: &[u8]) -> &[u8] {
    assert!(matches!(&webp[12..16], b"VP8L" | b"VP8 "));
    &webp[12..]
}

pub fn png_chunk(kind: &[u8], data: &[u8]) -> Vec<u8> {
    let named = [kind, data].concat();
    let length = u32::try_from(data.len()).unwrap().to_be_bytes();
    [
        length.as_slice(),
        &named,
        &crc32fast::hash(&named).to_be_bytes(),
    ]
    .concat()
}

/// Puts chunks behind the header.
pub fn png_with(png: &[u8], chunks: &[Vec<u8>]) -> Vec<u8> {
    [&png[..33], &chunks.concat(), &png[33..]].concat()
}

pub fn iccp(profile: &[u8]) -> Vec<u8> {
    png_chunk(
        b"iCCP",
        &[
            b"icc\0\0",
            &miniz_oxide::deflate::compress_to_vec_zlib(profile, 9)[..],
        ]
        .concat(),
    )
}

pub fn segment(code: u8, data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(data.len() + 2).unwrap().to_be_bytes();
    [&[0xff, code], length.as_slice(), data].concat()
}

/// Puts segments behind the start.
pub fn jpeg_with(jpeg: &[u8], segments: &[Vec<u8>]) -> Vec<u8> {
    [&jpeg[..2], &segments.concat(), &jpeg[2..]].concat()
}

pub fn riff_chunk(kind: &[u8], data: &[u8]) -> Vec<u8> {
    let length = u32::try_from(data.len()).unwrap().to_le_bytes();
    [kind, &length, data, &[0][..data.len() % 2]].concat()
}

pub fn riff(chunks: &[u8]) -> Vec<u8> {
    let length = u32::try_from(chunks.len() + 4).unwrap().to_le_bytes();
    [b"RIFF", length.as_slice(), b"WEBP", chunks].concat()
}

/// A still WebP of the extended kind, with chunks before and behind the pixels. The flags claim everything.
pub fn webp_with(webp: &[u8], before: &[Vec<u8>], behind: &[Vec<u8>]) -> Vec<u8> {
    let [width, height] = [WIDTH - 1, HEIGHT - 1].map(u32::to_le_bytes);
    let header = [&[0x2c, 0, 0, 0], &width[..3], &height[..3]].concat();
    riff(
        &[
            riff_chunk(b"VP8X", &header),
            before.concat(),
            bitstream(webp).to_vec(),
            behind.concat(),
        ]
        .concat(),
    )
}

/// As stored, without turning it.
pub fn decode(bytes: &[u8]) -> DynamicImage {
    ImageReader::new(Cursor::new(bytes))
        .with_guessed_format()
        .unwrap()
        .decode()
        .unwrap()
}

pub fn profile_of(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut decoder = ImageReader::new(Cursor::new(bytes))
        .with_guessed_format()
        .unwrap()
        .into_decoder()
        .unwrap();
    decoder.icc_profile().unwrap()
}

pub fn cleaned(bytes: &[u8]) -> tintype_imaging::Cleaned {
    clean(bytes, &Limits::default()).unwrap()
}

pub fn refusal(bytes: &[u8]) -> Refusal {
    clean(bytes, &Limits::default()).unwrap_err()
}

/// What has to be the same before and after cleaning: all but what the file holds beside the picture.
pub fn seen(bytes: &[u8]) -> Result<Inspection, Refusal> {
    inspect(bytes, &Limits::default()).map(|inspection| Inspection {
        report: Vec::new(),
        ..inspection
    })
}

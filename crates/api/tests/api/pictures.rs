use std::io::Cursor;

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, GrayImage, ImageEncoder, ImageFormat, Luma, Rgb, RgbImage};

/// A small picture that differs with `seed`, and is too wide to be its own preview or thumbnail.
pub fn picture(seed: u8, format: ImageFormat) -> Vec<u8> {
    sized(1640, 8, seed, format)
}

pub fn sized(width: u32, height: u32, seed: u8, format: ImageFormat) -> Vec<u8> {
    let pixels = RgbImage::from_fn(width, height, |x, y| {
        Rgb([seed, x.to_le_bytes()[0], y.to_le_bytes()[0]])
    });
    let mut out = Cursor::new(Vec::new());
    pixels.write_to(&mut out, format).unwrap();
    out.into_inner()
}

/// A PNG of black and white that repeats every 16 pixels: it compresses to next to nothing, and as a lossy WebP to a multiple of that.
pub fn pattern(side: u32) -> Vec<u8> {
    let is_white = |x: u32, y: u32| (x % 16 * 7 + y % 16 * 13 + (x % 16) * (y % 16) * 5) % 11 < 5;
    let pixels = GrayImage::from_fn(side, side, |x, y| {
        Luma([if is_white(x, y) { 255 } else { 0 }])
    });
    let mut out = Vec::new();
    let encoder =
        PngEncoder::new_with_quality(&mut out, CompressionType::Best, FilterType::NoFilter);
    encoder
        .write_image(&pixels, side, side, ExtendedColorType::L8)
        .unwrap();
    out
}

pub fn jpeg(seed: u8) -> Vec<u8> {
    picture(seed, ImageFormat::Jpeg)
}

pub fn png(seed: u8) -> Vec<u8> {
    picture(seed, ImageFormat::Png)
}

use std::io::Cursor;

use image::{ImageFormat, Rgb, RgbImage};

/// A small picture that differs with `seed`.
pub fn picture(seed: u8, format: ImageFormat) -> Vec<u8> {
    sized(48, 32, seed, format)
}

pub fn sized(width: u32, height: u32, seed: u8, format: ImageFormat) -> Vec<u8> {
    let pixels = RgbImage::from_fn(width, height, |x, y| Rgb([seed, x.to_le_bytes()[0], y.to_le_bytes()[0]]));
    let mut out = Cursor::new(Vec::new());
    pixels.write_to(&mut out, format).unwrap();
    out.into_inner()
}

pub fn jpeg(seed: u8) -> Vec<u8> {
    picture(seed, ImageFormat::Jpeg)
}

pub fn png(seed: u8) -> Vec<u8> {
    picture(seed, ImageFormat::Png)
}

//! PNG and APNG, and the colour information in their chunks.

use std::io::Cursor;

use image::{DynamicImage, GenericImage, GrayAlphaImage, GrayImage, RgbImage, RgbaImage};
use png::{BitDepth, ColorType, Decoder, DecodingError, OutputInfo, Reader, Transformations};

use super::UNREADABLE;
use crate::colour::{self, Colours};
use crate::{Inspection, Refusal};

/// The first frame, with 8 bits a channel. Some later frames are decoded one by one as a check, and dropped.
pub fn decode(bytes: &[u8], inspection: &Inspection) -> Result<(DynamicImage, Colours), Refusal> {
    let most = usize::try_from(inspection.decode_memory).unwrap_or(usize::MAX);
    let mut decoder = Decoder::new_with_limits(Cursor::new(bytes), png::Limits { bytes: most });
    decoder.set_transformations(Transformations::EXPAND | Transformations::STRIP_16);
    let mut reader = decoder.read_info().map_err(unreadable)?;
    let (width, height) = reader.info().size();
    super::check_size(width, height, inspection)?;
    let mut pixels = vec![0; reader.output_buffer_size().ok_or(UNREADABLE)?];
    let is_first = !inspection.animated || reader.info().frame_control.is_some();
    let mut frame = reader.next_frame(&mut pixels).map_err(unreadable)?;
    if !is_first {
        frame = reader.next_frame(&mut pixels).map_err(unreadable)?;
    }
    let at = reader
        .info()
        .frame_control
        .map_or((0, 0), |control| (control.x_offset, control.y_offset));
    let picture = place(of_pixels(&frame, pixels)?, at, (width, height))?;
    if inspection.animated {
        look_at_others(&mut reader, super::looked_at(inspection) - 1)?;
    }
    let colours = colour::of_png(reader.info(), inspection.colour);
    Ok((picture, colours))
}

fn look_at_others(reader: &mut Reader<Cursor<&[u8]>>, count: u32) -> Result<(), Refusal> {
    let mut pixels = Vec::new();
    for _ in 0..count {
        if pixels.is_empty() {
            pixels = vec![0; reader.output_buffer_size().ok_or(UNREADABLE)?];
        }
        reader.next_frame(&mut pixels).map_err(unreadable)?;
    }
    Ok(())
}

fn of_pixels(frame: &OutputInfo, mut pixels: Vec<u8>) -> Result<DynamicImage, Refusal> {
    pixels.truncate(frame.buffer_size());
    let OutputInfo {
        width,
        height,
        color_type,
        bit_depth,
        ..
    } = *frame;
    let picture = match (color_type, bit_depth) {
        (ColorType::Grayscale, BitDepth::Eight) => {
            GrayImage::from_raw(width, height, pixels).map(DynamicImage::from)
        }
        (ColorType::GrayscaleAlpha, BitDepth::Eight) => {
            GrayAlphaImage::from_raw(width, height, pixels).map(DynamicImage::from)
        }
        (ColorType::Rgb, BitDepth::Eight) => {
            RgbImage::from_raw(width, height, pixels).map(DynamicImage::from)
        }
        (ColorType::Rgba, BitDepth::Eight) => {
            RgbaImage::from_raw(width, height, pixels).map(DynamicImage::from)
        }
        _ => None,
    };
    picture.ok_or(UNREADABLE)
}

/// A frame that is smaller than the picture stands on nothing.
fn place(
    frame: DynamicImage,
    (x, y): (u32, u32),
    (width, height): (u32, u32),
) -> Result<DynamicImage, Refusal> {
    if (frame.width(), frame.height()) == (width, height) {
        return Ok(frame);
    }
    let mut canvas = DynamicImage::new(width, height, image::ColorType::Rgba8);
    canvas.copy_from(&frame, x, y).map_err(super::unreadable)?;
    Ok(canvas)
}

fn unreadable(_: DecodingError) -> Refusal {
    UNREADABLE
}

use std::io::Cursor;

use gif::{ColorOutput, DecodeOptions, Decoder, DecodingError, MemoryLimit};
use image::{DynamicImage, Rgba, RgbaImage};

use super::{FRAMES, UNREADABLE};
use crate::cost::LOOKED_AT;
use crate::{Inspection, Refusal};

/// The first frame on the canvas. Some of the frames behind it are decoded, one by one, and never put together.
pub fn decode(bytes: &[u8], inspection: &Inspection) -> Result<DynamicImage, Refusal> {
    let mut options = DecodeOptions::new();
    options.set_color_output(ColorOutput::Indexed);
    // The walk has looked at every frame's size.
    options.set_memory_limit(MemoryLimit::Unlimited);
    let mut decoder = options.read_info(Cursor::new(bytes)).map_err(unreadable)?;
    super::check_size(decoder.width().into(), decoder.height().into(), inspection)?;
    let mut canvas = None;
    // A frame may be larger than the canvas.
    let (mut count, mut pixels) = (0, 0);
    while count < inspection.frames && pixels < LOOKED_AT {
        decoder.read_next_frame().map_err(unreadable)?.ok_or(FRAMES)?;
        count += 1;
        pixels += decoder.current_frame_info().map_or(0, |frame| u64::from(frame.width) * u64::from(frame.height));
        if canvas.is_none() {
            canvas = Some(first(&decoder)?);
        }
    }
    if count == inspection.frames && decoder.next_frame_info().map_err(unreadable)?.is_some() {
        return Err(FRAMES);
    }
    canvas.map(DynamicImage::from).ok_or(UNREADABLE)
}

/// Only what is inside the canvas is seen; a place beyond the table of colours shows nothing.
fn first(decoder: &Decoder<Cursor<&[u8]>>) -> Result<RgbaImage, Refusal> {
    let mut canvas = RgbaImage::new(decoder.width().into(), decoder.height().into());
    let frame = decoder.current_frame_info().ok_or(UNREADABLE)?;
    let palette = frame.palette.as_deref().or(decoder.global_palette()).ok_or(UNREADABLE)?;
    let (colours, _) = palette.as_chunks::<3>();
    let (left, top) = (u32::from(frame.left), u32::from(frame.top));
    for (y, row) in (top..canvas.height()).zip(frame.buffer.chunks_exact(usize::from(frame.width))) {
        for (x, place) in (left..canvas.width()).zip(row) {
            if let Some([red, green, blue]) = colours.get(usize::from(*place))
                && frame.transparent != Some(*place)
            {
                canvas.put_pixel(x, y, Rgba([*red, *green, *blue, 255]));
            }
        }
    }
    Ok(canvas)
}

fn unreadable(_: DecodingError) -> Refusal {
    UNREADABLE
}

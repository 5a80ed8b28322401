//! The first frame of a GIF, by the decoder of `gif`.

use std::io::Cursor;

use gif::{ColorOutput, DecodeOptions, Decoder, DecodingError, MemoryLimit};
use image::{DynamicImage, Rgba, RgbaImage};

use super::{FRAMES, UNREADABLE};
use crate::cost::LOOKED_AT;
use crate::{Inspection, Refusal};

type Frames<'a> = Decoder<Cursor<&'a [u8]>>;

/// The first frame on the canvas. Some later frames are decoded one by one as a check, and dropped.
pub fn decode(bytes: &[u8], inspection: &Inspection) -> Result<DynamicImage, Refusal> {
    let mut decoder = open(bytes)?;
    super::check_size(decoder.width().into(), decoder.height().into(), inspection)?;
    let mut canvas = None;
    // A frame may be larger than the canvas.
    let (mut count, mut pixels) = (0, 0);
    while count < inspection.frames && pixels < LOOKED_AT {
        let (frame, is_whole) = next(&mut decoder, 0)?;
        count += 1;
        pixels += frame.len() as u64;
        if canvas.is_none() {
            // Where no code draws, the frame keeps what was there before it.
            let again = if is_whole {
                None
            } else {
                Some(next(&mut open(bytes)?, u8::MAX)?.0)
            };
            let place = |at: usize| {
                Some(frame[at])
                    .filter(|place| again.as_ref().is_none_or(|again| again[at] == *place))
            };
            canvas = Some(first(&decoder, place)?);
        }
    }
    if count == inspection.frames && decoder.next_frame_info().map_err(unreadable)?.is_some() {
        return Err(FRAMES);
    }
    canvas.map(DynamicImage::from).ok_or(UNREADABLE)
}

fn open(bytes: &[u8]) -> Result<Frames<'_>, Refusal> {
    let mut options = DecodeOptions::new();
    options.set_color_output(ColorOutput::Indexed);
    // The walk has looked at every frame's size.
    options.set_memory_limit(MemoryLimit::Unlimited);
    options.read_info(Cursor::new(bytes)).map_err(unreadable)
}

/// The palette indices of the next frame, and whether all of them are there; the others are `missing`.
fn next(decoder: &mut Frames<'_>, missing: u8) -> Result<(Vec<u8>, bool), Refusal> {
    decoder
        .next_frame_info()
        .map_err(unreadable)?
        .ok_or(FRAMES)?;
    let mut frame = vec![missing; decoder.buffer_size()];
    match decoder.read_into_buffer(&mut frame) {
        Ok(()) => Ok((frame, true)),
        // The walk has read the codes: they end early.
        Err(DecodingError::Format(_)) => Ok((frame, false)),
        Err(error) => Err(unreadable(error)),
    }
}

/// Only the part inside the canvas is visible; an index beyond the palette shows nothing.
fn first(decoder: &Frames<'_>, place: impl Fn(usize) -> Option<u8>) -> Result<RgbaImage, Refusal> {
    let mut canvas = RgbaImage::new(decoder.width().into(), decoder.height().into());
    let frame = decoder.current_frame_info().ok_or(UNREADABLE)?;
    let palette = frame
        .palette
        .as_deref()
        .or(decoder.global_palette())
        .ok_or(UNREADABLE)?;
    let (colours, _) = palette.as_chunks::<3>();
    let (left, top) = (u32::from(frame.left), u32::from(frame.top));
    for (y, row) in (top..canvas.height()).zip(0..usize::from(frame.height)) {
        for (x, column) in (left..canvas.width()).zip(0..usize::from(frame.width)) {
            if let Some(place) = place(row * usize::from(frame.width) + column)
                && let Some([red, green, blue]) = colours.get(usize::from(place))
                && frame.transparent != Some(place)
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

//! APNG: whether an animation is complete, and its frames. Otherwise it is shown as the still picture that every PNG is.

use crate::bytes::Reader;
use crate::{FormatLimits, Refusal, RemovedCode};

use super::chunks::{Chunk, write_chunk};
use super::pixels::Pixels;
use super::{Walk, intact};

/// A frame after the still picture.
pub struct Frame<'a> {
    control: Chunk<'a>,
    size: (u32, u32),
    pixels: Pixels<'a>,
}

/// Bytes of the number that a chunk of pixels begins with.
const NUMBER: usize = 4;

/// What the control chunks have said so far.
pub struct Animation {
    canvas: (u32, u32),
    /// How many frames the header promises.
    promised: u32,
    /// How many have begun.
    pub frames: u32,
    /// The number that the next chunk has to have.
    next: u32,
    /// A frame has begun and has no pixels yet.
    waits: bool,
    is_broken: bool,
}

impl Animation {
    /// From an `acTL` chunk.
    pub fn new(data: &[u8], canvas: (u32, u32)) -> Self {
        const MOST: u32 = i32::MAX.cast_unsigned();
        let mut fields = Reader::new(data);
        let numbers = fields
            .u32_be()
            .and_then(|frames| Ok((frames, fields.u32_be()?)));
        let (promised, plays) = numbers.unwrap_or_default();
        let is_broken = data.len() != 8 || !(1..=MOST).contains(&promised) || plays > MOST;
        Self {
            canvas,
            promised,
            frames: 0,
            next: 0,
            waits: false,
            is_broken,
        }
    }

    /// An `fcTL` chunk begins a frame; `is_default`: the one that the still picture is.
    pub fn control(&mut self, data: &[u8], is_default: bool) {
        let fits = self.fits(data, is_default).unwrap_or(false);
        self.is_broken |= !fits || self.waits || (is_default && self.frames > 0);
        self.waits = true;
        self.frames = self.frames.saturating_add(1);
    }

    fn fits(&mut self, data: &[u8], is_default: bool) -> Result<bool, Refusal> {
        let mut fields = Reader::new(data);
        let is_next = self.is_next(fields.u32_be()?);
        let (width, height) = (fields.u32_be()?, fields.u32_be()?);
        let (x, y) = (fields.u32_be()?, fields.u32_be()?);
        fields.take(4)?;
        let (dispose, blend) = (fields.u8()?, fields.u8()?);
        let inside = |length: u32, at: u32, most: u32| {
            length > 0 && length.checked_add(at).is_some_and(|end| end <= most)
        };
        let is_inside = inside(width, x, self.canvas.0) && inside(height, y, self.canvas.1);
        let is_whole = !is_default || (width, height) == self.canvas;
        Ok(is_next
            && is_inside
            && is_whole
            && dispose <= 2
            && blend <= 1
            && fields.rest().is_empty())
    }

    /// An `fdAT` chunk: pixels of the frame that has begun.
    pub fn pixels(&mut self, data: &[u8]) {
        let is_next = Reader::new(data)
            .u32_be()
            .is_ok_and(|number| self.is_next(number));
        self.is_broken |= !is_next || self.frames == 0;
        self.waits = false;
    }

    /// An `IDAT` chunk: pixels of the still picture.
    pub const fn default_pixels(&mut self) {
        self.waits = false;
    }

    /// A second header, or one that comes late.
    pub const fn contradict(&mut self) {
        self.is_broken = true;
    }

    fn is_next(&mut self, number: u32) -> bool {
        let is_next = number == self.next;
        self.next = self.next.wrapping_add(1);
        is_next
    }

    /// Whether it is complete and in order.
    pub const fn is_whole(&self) -> bool {
        !self.is_broken && !self.waits && self.frames == self.promised
    }
}

impl<'a> Walk<'a> {
    /// What says that there is an animation, or that the still picture is its first frame.
    pub fn control(&mut self, chunk: &Chunk<'_>) -> Result<(), Refusal> {
        intact(chunk)?;
        let start = self.head.len();
        self.head.extend_from_slice(chunk.whole);
        self.moving.push(start..self.head.len());
        match (&mut self.animation, &chunk.kind) {
            (None, _) => self.animation = Some(Animation::new(chunk.data, self.header.size)),
            (Some(animation), b"fcTL") => animation.control(chunk.data, true),
            (Some(animation), _) => animation.contradict(),
        }
        Ok(())
    }

    /// The chunk that begins a frame after the still picture.
    pub fn frame(&mut self, chunk: &Chunk<'a>, limits: &FormatLimits) -> Result<(), Refusal> {
        intact(chunk)?;
        if let Some(animation) = &mut self.animation {
            animation.control(chunk.data, false);
        }
        let mut fields = Reader::new(chunk.data.get(NUMBER..).unwrap_or_default());
        let size = fields
            .u32_be()
            .and_then(|width| Ok((width, fields.u32_be()?)))
            .unwrap_or_default();
        // More are refused in the end.
        if self.frames.len() <= limits.max_frames as usize {
            self.frames.push(Frame {
                control: *chunk,
                size,
                pixels: Pixels::new(self.file, NUMBER),
            });
        }
        Ok(())
    }

    pub fn frame_pixels(&mut self, chunk: &Chunk<'_>, at: usize) -> Result<(), Refusal> {
        intact(chunk)?;
        let frame = self.frames.last_mut();
        if let Some(animation) = &mut self.animation {
            animation.pixels(chunk.data);
            if frame.is_none() {
                animation.contradict();
            }
        }
        if let Some(frame) = frame {
            frame.pixels.push(at..at + chunk.whole.len());
        }
        Ok(())
    }

    /// Cuts an animation that is broken, as viewers show the still picture then.
    pub fn hold_still(&mut self) {
        let mut still = Vec::with_capacity(self.head.len());
        let mut from = 0;
        for place in self.moving.drain(..) {
            still.extend_from_slice(self.head.get(from..place.start).unwrap_or_default());
            from = place.end;
        }
        still.extend_from_slice(self.head.get(from..).unwrap_or_default());
        self.head = still;
        self.frames.clear();
        self.removed.insert(RemovedCode::Application);
    }

    /// The frames unchanged, or all rewritten if one of them changes: their chunks are numbered.
    pub fn write_frames(&mut self, out: &mut Vec<u8>) -> Result<(), Refusal> {
        // Where the still picture is the first frame, its control has the first number.
        let mut next = u32::try_from(self.moving.len().saturating_sub(1)).unwrap_or_default();
        let mut number = || {
            next += 1;
            (next - 1).to_be_bytes().to_vec()
        };
        let plan = |frame: &Frame<'_>, removed: &mut _| {
            frame.pixels.plan(self.header.unpacked(frame.size), removed)
        };
        let plans = self
            .frames
            .iter()
            .map(|frame| plan(frame, &mut self.removed))
            .collect::<Result<Vec<_>, _>>()?;
        let are_kept = self
            .frames
            .iter()
            .zip(&plans)
            .all(|(frame, plan)| frame.pixels.is_kept(plan));
        for (frame, plan) in self.frames.iter().zip(&plans) {
            if are_kept {
                out.extend_from_slice(frame.control.whole);
                frame.pixels.copy(out);
            } else {
                write_chunk(
                    out,
                    *b"fcTL",
                    &[
                        &number(),
                        frame.control.data.get(NUMBER..).unwrap_or_default(),
                    ],
                );
                frame.pixels.write(plan, *b"fdAT", &mut number, out);
            }
        }
        Ok(())
    }
}

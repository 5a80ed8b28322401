//! APNG: whether an animation is whole. One that is not is shown as the still picture that every PNG is.

use crate::Refusal;
use crate::bytes::Reader;

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
        let numbers = fields.u32_be().and_then(|frames| Ok((frames, fields.u32_be()?)));
        let (promised, plays) = numbers.unwrap_or_default();
        let is_broken = data.len() != 8 || !(1..=MOST).contains(&promised) || plays > MOST;
        Self { canvas, promised, frames: 0, next: 0, waits: false, is_broken }
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
        let inside = |length: u32, at: u32, most: u32| length > 0 && length.checked_add(at).is_some_and(|end| end <= most);
        let is_inside = inside(width, x, self.canvas.0) && inside(height, y, self.canvas.1);
        let is_whole = !is_default || (width, height) == self.canvas;
        Ok(is_next && is_inside && is_whole && dispose <= 2 && blend <= 1 && fields.rest().is_empty())
    }

    /// An `fdAT` chunk: pixels of the frame that has begun.
    pub fn pixels(&mut self, data: &[u8]) {
        let is_next = Reader::new(data).u32_be().is_ok_and(|number| self.is_next(number));
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

    /// Whether it has what it promised, in order.
    pub const fn is_whole(&self) -> bool {
        !self.is_broken && !self.waits && self.frames == self.promised
    }
}

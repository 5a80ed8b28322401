//! The frame of a JPEG: its size, its components, and the progress of its scans.

use super::progress::Progress;
use crate::bytes::Reader;
use crate::memory::Memory;
use crate::{Colour, Refusal};

const TWELVE_BITS: &str = "This JPEG has 12 bits a colour, which browsers don't show. Open it in an editor and save it with 8.";

/// One plane of the picture.
pub struct Component {
    id: u8,
    /// How many blocks of it a unit of an interleaved scan has, across and down.
    pub sampling: (u8, u8),
    /// The number of the table that its coefficients are multiplied by.
    pub quantization: u8,
}

/// What `SOF` says.
pub struct Frame {
    pub width: u32,
    pub height: u32,
    pub components: Vec<Component>,
    /// Scans make it better one by one.
    pub is_progressive: bool,
    pub progress: Progress,
}

impl Frame {
    /// From a segment with this code. Processes that browsers don't read are refused by their names.
    pub fn new(code: u8, data: &[u8]) -> Result<Self, Refusal> {
        const BROKEN: Refusal = Refusal::Damaged("its header is broken");
        if let Some(refusal) = unsupported(code) {
            return Err(refusal);
        }
        let mut reader = Reader::new(data);
        if reader.u8()? != 8 {
            return Err(Refusal::Unsupported(TWELVE_BITS));
        }
        let (height, width, count) = (
            reader.u16_be()?.into(),
            reader.u16_be()?.into(),
            reader.u8()?,
        );
        let mut components = Vec::with_capacity(4);
        for _ in 0..count {
            let [id, sampling, quantization] = reader.array()?;
            let sampling = (sampling >> 4, sampling & 15);
            if !(1..=4).contains(&sampling.0) || !(1..=4).contains(&sampling.1) {
                return Err(BROKEN);
            }
            components.push(Component {
                id,
                sampling,
                quantization,
            });
        }
        if !(1..=4).contains(&count) || !reader.rest().is_empty() {
            return Err(BROKEN);
        }
        let progress = Progress::new(components.len());
        Ok(Self {
            width,
            height,
            components,
            is_progressive: code == 0xc2,
            progress,
        })
    }

    /// Where the component with this id stands.
    pub fn find(&self, id: u8) -> Option<usize> {
        self.components
            .iter()
            .position(|component| component.id == id)
    }

    /// The most blocks that any component has in a unit, across and down.
    pub fn most(&self) -> (u32, u32) {
        let most =
            |of: fn(&Component) -> u8| self.components.iter().map(of).max().unwrap_or(1).into();
        (
            most(|component| component.sampling.0),
            most(|component| component.sampling.1),
        )
    }

    /// Units of an interleaved scan, across and down.
    pub fn units(&self) -> (u32, u32) {
        let (across, down) = self.most();
        (
            self.width.div_ceil(8 * across),
            self.height.div_ceil(8 * down),
        )
    }

    /// Blocks of one component, across and down, as a scan of it alone has them.
    pub fn blocks(&self, component: &Component) -> (u32, u32) {
        let (across, down) = self.most();
        let samples = |length: u32, own: u8, most: u32| (length * u32::from(own)).div_ceil(most);
        let (width, height) = (
            samples(self.width, component.sampling.0, across),
            samples(self.height, component.sampling.1, down),
        );
        (width.div_ceil(8), height.div_ceil(8))
    }

    pub fn colour(&self) -> Colour {
        match self.components.len() {
            1 => Colour::Grey,
            4 => Colour::Cmyk,
            _ => Colour::Rgb,
        }
    }

    /// Coefficients have two bytes, for every sample of every component; sizes are whole blocks. `is_held_whole`: decoders hold all of them.
    pub fn memory(&self, is_held_whole: bool) -> Memory {
        let (across, down) = self.most();
        let padded = u64::from(self.width).next_multiple_of(8 * u64::from(across))
            * u64::from(self.height).next_multiple_of(8 * u64::from(down));
        let samples = |Component {
                           sampling: (x, y), ..
                       }: &Component| {
            padded * u64::from(*x) * u64::from(*y) / u64::from(across * down)
        };
        let (all, largest) = (
            self.components.iter().map(samples).sum::<u64>(),
            self.components.iter().map(samples).max().unwrap_or(0),
        );
        let pixel = if self.components.len() == 1 { 1 } else { 3 };
        let pixels = u64::from(self.width) * u64::from(self.height) * pixel;
        // Of the decoder that works at a reduced scale: coefficients, a copy of one component's, samples and pixels at half the size.
        let scaled = 2 * largest + (all + pixels) / 4;
        let held = if is_held_whole { 2 * all } else { 0 };
        Memory {
            decoding: held + scaled.max(pixels),
            pixel,
        }
    }
}

/// Processes that browsers don't decode.
const fn unsupported(code: u8) -> Option<Refusal> {
    Some(Refusal::Unsupported(match code {
        0xc0..=0xc2 => return None,
        0xc9 | 0xca => {
            "This JPEG uses arithmetic coding, which browsers don't show. Open it in an editor and save it as an ordinary JPEG."
        }
        _ => {
            "This JPEG is lossless or hierarchical, which browsers don't show. Open it in an editor and save it as an ordinary JPEG."
        }
    }))
}

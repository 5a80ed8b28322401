//! The header of a PNG, and how many bytes its pixels are.

use crate::bytes::Reader;
use crate::{Colour, Refusal};

/// How a picture's colours are stored, by the number in the header.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub enum Kind {
    #[default]
    Grey,
    Rgb,
    Indexed,
    GreyAlpha,
    Rgba,
}

#[derive(Clone, Copy, Default)]
pub struct Header {
    pub size: (u32, u32),
    pub kind: Kind,
    /// Bits of a channel.
    depth: u8,
    is_interlaced: bool,
}

const BROKEN: Refusal = Refusal::Damaged("its header is broken");

/// The seven passes of an interlaced picture: the position of the first pixel, and the distance to the next one.
const PASSES: [([u32; 2], [u32; 2]); 7] = [
    ([0, 0], [8, 8]),
    ([4, 0], [8, 8]),
    ([0, 4], [4, 8]),
    ([2, 0], [4, 4]),
    ([0, 2], [2, 4]),
    ([1, 0], [2, 2]),
    ([0, 1], [1, 2]),
];

impl Header {
    pub fn read(data: &[u8]) -> Result<Self, Refusal> {
        let mut fields = Reader::new(data);
        let size = (fields.u32_be()?, fields.u32_be()?);
        let [depth, kind, compression, filter, interlace] = fields.array()?;
        let kind = match (kind, depth) {
            (0, 1 | 2 | 4 | 8 | 16) => Kind::Grey,
            (2, 8 | 16) => Kind::Rgb,
            (3, 1 | 2 | 4 | 8) => Kind::Indexed,
            (4, 8 | 16) => Kind::GreyAlpha,
            (6, 8 | 16) => Kind::Rgba,
            _ => return Err(BROKEN),
        };
        let is_known =
            compression == 0 && filter == 0 && interlace <= 1 && fields.rest().is_empty();
        if is_known {
            Ok(Self {
                size,
                kind,
                depth,
                is_interlaced: interlace == 1,
            })
        } else {
            Err(BROKEN)
        }
    }

    pub const fn colour(&self) -> Colour {
        match self.kind {
            Kind::Grey | Kind::GreyAlpha => Colour::Grey,
            Kind::Rgb | Kind::Rgba => Colour::Rgb,
            Kind::Indexed => Colour::Indexed,
        }
    }

    pub const fn has_alpha_channel(&self) -> bool {
        matches!(self.kind, Kind::GreyAlpha | Kind::Rgba)
    }

    const fn channels(&self) -> u64 {
        match self.kind {
            Kind::Grey | Kind::Indexed => 1,
            Kind::GreyAlpha => 2,
            Kind::Rgb => 3,
            Kind::Rgba => 4,
        }
    }

    /// How many colours a palette can have.
    pub const fn most_colours(&self) -> usize {
        1 << if self.depth < 8 { self.depth } else { 8 }
    }

    /// How many rows, and how many bytes, the pixels are of a frame of this size: each row begins with the number of its filter.
    pub fn unpacked(&self, (width, height): (u32, u32)) -> (u64, u64) {
        let bits = self.channels() * u64::from(self.depth);
        let of = |width: u32, height: u32| {
            let rows = if width == 0 { 0 } else { u64::from(height) };
            (rows, rows * (1 + (u64::from(width) * bits).div_ceil(8)))
        };
        if !self.is_interlaced {
            return of(width, height);
        }
        let along = |length: u32, from: u32, step: u32| length.saturating_sub(from).div_ceil(step);
        let passes = PASSES.map(|([x, y], [dx, dy])| of(along(width, x, dx), along(height, y, dy)));
        passes.into_iter().fold((0, 0), |(rows, bytes), pass| {
            (rows + pass.0, bytes + pass.1)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interlaced_picture_has_the_rows_of_its_passes() {
        let grey = |is_interlaced| Header {
            kind: Kind::Grey,
            depth: 8,
            is_interlaced,
            ..Header::default()
        };
        assert_eq!(grey(false).unpacked((8, 8)), (8, 72));
        // 1 + 1 + 2 x 1 + 2 x 2 + 4 x 2 + 4 x 4 + 8 x 4, and a filter for each of 15 rows.
        assert_eq!(grey(true).unpacked((8, 8)), (15, 79));
        // Passes without pixels have no rows.
        assert_eq!(grey(true).unpacked((1, 1)), (1, 2));
        assert_eq!(
            grey(true).unpacked((5, 1)),
            (4, 1 + 1 + 2 + 1 + 2 + 1 + 3 - 1 - 1)
        );
    }
}

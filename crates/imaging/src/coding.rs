//! The layout of a JPEG's samples, which decides the decoder and its memory.

use crate::bytes::Reader;
use crate::memory::Memory;

/// From this many pixels of the longer side, a JPEG is decoded at a reduced scale even for a preview.
pub const SCALED_FROM: u32 = 2 * (crate::PREVIEW_SIDE + crate::PREVIEW_SIDE / 4);

/// What is known before the first scan.
#[derive(Default)]
pub struct Coding {
    components: Vec<Component>,
    is_progressive: bool,
    is_interleaved: bool,
    is_jfif: bool,
    /// What an Adobe segment says of the colours.
    adobe: Option<u8>,
}

#[derive(Clone, Copy)]
struct Component {
    #[cfg(feature = "render")]
    name: u8,
    across: u8,
    down: u8,
}

/// What the components stand for, as libjpeg decides it.
#[cfg(feature = "render")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Components {
    Grey,
    Rgb,
    Ycc,
    Inks,
    InksAsYcc,
}

impl Coding {
    /// Of a cleaned file. `None`: it is no JPEG, or none that can be read.
    pub fn read(jpeg: &[u8]) -> Option<Self> {
        let mut reader = Reader::new(jpeg.strip_prefix(b"\xff\xd8")?);
        let mut coding = Self::default();
        loop {
            let marker = reader.take(2).ok()?;
            let length = usize::from(reader.u16_be().ok()?);
            let data = reader.take(length.checked_sub(2)?).ok()?;
            match marker {
                [0xff, code @ (0xc0..=0xc3)] => coding.frame(*code, data)?,
                [0xff, 0xe0] => coding.is_jfif |= data.starts_with(b"JFIF\0"),
                [0xff, 0xee] if data.starts_with(b"Adobe") => coding.adobe = data.get(11).copied(),
                [0xff, 0xda] => {
                    coding.is_interleaved = usize::from(*data.first()?) == coding.components.len();
                    return Some(coding).filter(|coding| !coding.components.is_empty());
                }
                [0xff, _] => {}
                _ => return None,
            }
        }
    }

    fn frame(&mut self, code: u8, data: &[u8]) -> Option<()> {
        self.is_progressive = code == 0xc2;
        let component = |of: &[u8; 3]| Component {
            #[cfg(feature = "render")]
            name: of[0],
            across: of[1] >> 4,
            down: of[1] & 15,
        };
        self.components = data
            .get(6..)?
            .as_chunks::<3>()
            .0
            .iter()
            .map(component)
            .collect();
        Some(())
    }

    /// Whether the decoder of `image`, which is the faster one, reads it as it is meant: scans of one component each, samplings that
    /// cameras don't use, segments that contradict each other, and inks are for the other one.
    pub fn is_usual(&self) -> bool {
        match self.components[..] {
            // A single component is not sampled at all, but that decoder looks.
            [grey] => matches!((grey.across, grey.down), (1 | 2 | 4, 1 | 2 | 4)),
            [light, blue, red] => {
                let is_whole = |component: Component| (component.across, component.down) == (1, 1);
                let are_halves = matches!((light.across, light.down), (1 | 2, 1 | 2))
                    && is_whole(blue)
                    && is_whole(red);
                are_halves
                    && (self.is_progressive || self.is_interleaved)
                    && !(self.is_jfif && self.adobe == Some(0))
            }
            _ => false,
        }
    }

    /// The memory of unusual decoding: samples of all components are kept next to the pixels.
    pub fn memory(&self, of_usual: Memory, width: u32, height: u32) -> Memory {
        if self.is_usual() || width.max(height) >= SCALED_FROM {
            return of_usual;
        }
        let most = |of: fn(&Component) -> u8| {
            u64::from(self.components.iter().map(of).max().unwrap_or(1).max(1))
        };
        let (across, down) = (
            most(|component| component.across),
            most(|component| component.down),
        );
        let padded = u64::from(width).next_multiple_of(8 * across)
            * u64::from(height).next_multiple_of(8 * down);
        let samples = |component: &Component| {
            padded * u64::from(component.across) * u64::from(component.down) / (across * down)
        };
        let pixels = u64::from(width) * u64::from(height) * self.components.len() as u64;
        Memory {
            decoding: of_usual.decoding + pixels + self.components.iter().map(samples).sum::<u64>(),
            ..of_usual
        }
    }

    /// What they stand for.
    #[cfg(feature = "render")]
    pub fn meaning(&self) -> Option<Components> {
        match (&self.components[..], self.adobe) {
            ([_], _) => Some(Components::Grey),
            ([_, _, _], _) if self.is_jfif => Some(Components::Ycc),
            ([_, _, _], Some(0)) => Some(Components::Rgb),
            ([red, green, blue], None) if [red.name, green.name, blue.name] == *b"RGB" => {
                Some(Components::Rgb)
            }
            ([_, _, _], _) => Some(Components::Ycc),
            ([_, _, _, _], None | Some(0)) => Some(Components::Inks),
            ([_, _, _, _], Some(_)) => Some(Components::InksAsYcc),
            _ => None,
        }
    }
}

//! Walks the codes of a GIF frame without its pixels: whether they are complete, and where the last needed one ends.

use crate::Refusal;

const BROKEN: Refusal = Refusal::Damaged("the codes of a frame are broken");
const IDLE: Refusal = Refusal::Damaged("a frame is made of codes that draw nothing");
/// Of a code, bits.
const LONGEST: u32 = 12;
const ENTRIES: usize = 1 << LONGEST;
/// This many clear codes are normal, however few pixels there are.
const CLEARS: u64 = 64;

/// How many pixels each code stands for: room for one frame after the other.
pub struct Lengths(Box<[u16; ENTRIES]>);

impl Lengths {
    pub fn new() -> Self {
        Self(Box::new([1; ENTRIES]))
    }
}

/// What is known of a frame so far.
pub struct Codes<'a> {
    lengths: &'a mut [u16; ENTRIES],
    /// The first code that is no pixel; the next one ends the frame.
    clear: u16,
    /// Of a code, bits.
    width: u32,
    /// The code that gets a meaning next.
    next: u16,
    /// Pixels of the previous code; none after a clear code.
    before: u16,
    /// Pixels still needed.
    left: u64,
    drawn: u64,
    cleared: u64,
    /// Bits that were read but belong to no code yet, and how many they are.
    waiting: u32,
    count: u32,
    /// All bits read.
    taken: u64,
    /// Bits up to the end of the last needed code, and the width of the next one.
    needed: (u64, u32),
    /// Whether a clear code follows the last pixel.
    cleared_at_end: bool,
    end: Option<End>,
}

/// How a frame ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum End {
    /// With an end code, which ends at this bit.
    Marked(u64),
    /// Without an end code: the pixels end at this bit, and this code, of this width, would have ended them.
    Unmarked(u64, u16, u32),
}

impl End {
    /// How many bytes the needed codes take.
    pub fn bytes(self) -> usize {
        let (Self::Marked(bits) | Self::Unmarked(bits, ..)) = self;
        usize::try_from(bits.div_ceil(8)).unwrap_or(usize::MAX)
    }
}

impl<'a> Codes<'a> {
    /// Walks a frame of this many pixels, each of this many bits.
    pub fn new(lengths: &'a mut Lengths, bits: u8, pixels: u64) -> Result<Self, Refusal> {
        // The format allows eight at most. Browsers accept all that leave room for the two special codes.
        if !(2..=11).contains(&bits) {
            return Err(BROKEN);
        }
        let clear = 1 << bits;
        Ok(Self {
            lengths: &mut lengths.0,
            clear,
            width: u32::from(bits) + 1,
            next: clear + 2,
            before: 0,
            left: pixels,
            drawn: 0,
            cleared: 0,
            waiting: 0,
            count: 0,
            taken: 0,
            needed: (0, u32::from(bits) + 1),
            cleared_at_end: false,
            end: None,
        })
    }

    /// Reads on, up to the end of the frame.
    pub fn read(&mut self, bytes: &[u8]) -> Result<(), Refusal> {
        for byte in bytes {
            if self.end.is_some() {
                break;
            }
            self.waiting |= u32::from(*byte) << self.count;
            self.count += 8;
            self.taken += 8;
            while self.count >= self.width {
                let code = u16::try_from(self.waiting & ((1 << self.width) - 1)).unwrap_or(0);
                self.waiting >>= self.width;
                self.count -= self.width;
                if self.left > 0 && code != self.clear && code != self.clear + 1 {
                    if !self.pixels(code) {
                        return Err(BROKEN);
                    }
                } else if let Some(end) = self.special(code)? {
                    self.end = Some(end);
                    break;
                }
            }
        }
        Ok(())
    }

    /// A code that draws nothing, or one behind the last pixel.
    #[cold]
    fn special(&mut self, code: u16) -> Result<Option<End>, Refusal> {
        if code == self.clear + 1 {
            return Ok(Some(End::Marked(self.position())));
        }
        if self.left == 0 {
            // Some programs write one clear code before the end.
            if code != self.clear || self.cleared_at_end {
                return Ok(Some(End::Unmarked(
                    self.needed.0,
                    self.clear + 1,
                    self.needed.1,
                )));
            }
            self.cleared_at_end = true;
        }
        self.clear().map(|()| None)
    }

    fn clear(&mut self) -> Result<(), Refusal> {
        self.cleared += 1;
        // Some encoders clear twice for each code.
        if self.cleared > 2 * self.drawn + CLEARS {
            return Err(IDLE);
        }
        self.next = self.clear + 2;
        self.width = self.clear.ilog2() + 1;
        self.before = 0;
        Ok(())
    }

    /// Whether the code means any.
    #[inline]
    fn pixels(&mut self, code: u16) -> bool {
        let length = if code < self.clear {
            1
        } else if code < self.next {
            self.lengths[usize::from(code) % ENTRIES]
        } else if code == self.next && self.before > 0 {
            self.before + 1
        } else {
            return false;
        };
        if self.before > 0 && usize::from(self.next) < ENTRIES {
            self.lengths[usize::from(self.next) % ENTRIES] = self.before + 1;
            self.next += 1;
            if self.next >> self.width == 1 && self.width < LONGEST {
                self.width += 1;
            }
        }
        self.before = length;
        self.drawn += 1;
        self.left = self.left.saturating_sub(length.into());
        if self.left == 0 {
            self.needed = (self.position(), self.width);
        }
        true
    }

    fn position(&self) -> u64 {
        self.taken - u64::from(self.count)
    }

    /// How the frame ends, and how many pixels are missing.
    pub fn end(&self) -> (End, u64) {
        let (bits, width) = if self.left == 0 {
            self.needed
        } else {
            (self.position(), self.width)
        };
        (
            self.end
                .unwrap_or(End::Unmarked(bits, self.clear + 1, width)),
            self.left,
        )
    }
}

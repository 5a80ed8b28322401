//! Bits of entropy-coded data, the first one the highest.

use crate::Refusal;
use crate::bytes::ENDS_EARLY;

/// A position in unstuffed bytes. After their end there are endless zeros.
///
/// It is small, and copied where it has to be fast: then it stays in registers.
#[derive(Clone, Copy)]
pub struct Bits<'a> {
    bytes: &'a [u8],
    /// The byte that is read next.
    at: usize,
    /// What was read and not used, from the highest bit on.
    buffer: u64,
    /// How many bits of the buffer are valid.
    count: u32,
}

impl<'a> Bits<'a> {
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            at: 0,
            buffer: 0,
            count: 0,
        }
    }

    /// The next 16 bits.
    pub const fn peek(&self) -> u16 {
        (self.buffer >> 48) as u16
    }

    /// Has 32 bits ready at least.
    #[inline]
    pub fn fill(&mut self) {
        if self.count >= 32 {
            return;
        }
        if let Some(piece) = self.bytes.get(self.at..).and_then(<[u8]>::first_chunk) {
            self.buffer |= u64::from_be_bytes(*piece) >> self.count;
            self.at += (63 - self.count as usize) / 8;
            self.count |= 0x38;
        } else {
            *self = self.filled();
        }
    }

    /// Takes bytes one by one, or zeros.
    #[cold]
    #[inline(never)]
    fn filled(mut self) -> Self {
        while self.count <= 56 {
            let byte = self.bytes.get(self.at).copied().unwrap_or(0);
            self.buffer |= u64::from(byte) << (56 - self.count);
            self.at += 1;
            self.count += 8;
        }
        self
    }

    /// Skips this many of the loaded bits, 31 at most.
    #[inline]
    pub const fn pass(&mut self, count: u32) {
        self.buffer <<= count;
        self.count -= count;
    }

    /// Skips this many bits.
    #[inline]
    pub fn skip(&mut self, mut count: u32) {
        while count > 0 {
            self.fill();
            let now = count.min(31);
            self.pass(now);
            count -= now;
        }
    }

    /// The number that the next bits are, 16 at most.
    pub fn number(&mut self, count: u32) -> u32 {
        self.fill();
        let number = u32::from(self.peek()) >> (16 - count);
        self.pass(count);
        number
    }

    /// That no more bits were used than there are.
    #[inline]
    pub fn check(&self) -> Result<(), Refusal> {
        if self.at * 8 <= self.bytes.len() * 8 + self.count as usize {
            Ok(())
        } else {
            Err(ENDS_EARLY)
        }
    }

    /// How many bytes were used, the last one in part perhaps. `None`: more than there are.
    pub fn used(&self) -> Option<usize> {
        let used = (self.at * 8 - self.count as usize).div_ceil(8);
        (used <= self.bytes.len()).then_some(used)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_come_in_order_over_the_end_of_every_word() {
        let bytes: Vec<u8> = (0..40_u8).map(|n| n.wrapping_mul(151)).collect();
        for (width, step) in (1..=16).zip(1_usize..) {
            let mut bits = Bits::new(&bytes);
            for start in (0..=bytes.len() * 8 - 16).step_by(step) {
                let bit = |at: usize| u32::from(bytes[at / 8] >> (7 - at % 8) & 1);
                let expected = (start..start + step).fold(0, |number, at| number << 1 | bit(at));
                assert_eq!(bits.number(width), expected, "{width} bits at {start}");
                assert_eq!(bits.used(), Some((start + step).div_ceil(8)));
            }
        }
    }

    #[test]
    fn using_more_than_there_is_is_told() {
        let mut bits = Bits::new(&[0xff; 11]);
        bits.skip(88);
        assert_eq!(bits.used(), Some(11));
        bits.skip(1);
        assert_eq!(bits.used(), None);
    }
}

//! Bits of a lossless picture, the lowest of each byte first.

use crate::Refusal;
use crate::bytes::{ENDS_EARLY, size};

pub struct Bits<'a> {
    bytes: &'a [u8],
    /// Of `bytes`, how many were taken.
    taken: usize,
    /// Bits that were taken, the next one lowest; above `count` of them, nothing that counts.
    waiting: u64,
    count: u32,
}

impl<'a> Bits<'a> {
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            taken: 0,
            waiting: 0,
            count: 0,
        }
    }

    /// Makes 56 of them wait, or what is left.
    #[inline]
    fn fill(&mut self) {
        if let Some(word) = self.bytes.get(self.taken..).and_then(<[u8]>::first_chunk) {
            self.waiting |= u64::from_le_bytes(*word) << self.count;
            let more = (63 - self.count) / 8;
            self.taken += more as usize;
            self.count += more * 8;
        } else {
            while self.count < 56
                && let Some(byte) = self.bytes.get(self.taken)
            {
                self.waiting |= u64::from(*byte) << self.count;
                self.taken += 1;
                self.count += 8;
            }
        }
    }

    /// The next 15 and more, zeros behind the end.
    #[inline]
    pub fn peek(&mut self) -> u16 {
        if self.count < 15 {
            self.fill();
        }
        let [low, high, ..] = self.waiting.to_le_bytes();
        u16::from_le_bytes([low, high])
    }

    #[inline]
    pub fn skip(&mut self, count: u32) -> Result<(), Refusal> {
        self.count = self.count.checked_sub(count).ok_or(ENDS_EARLY)?;
        self.waiting >>= count;
        Ok(())
    }

    /// The next ones, 32 at most, as a number.
    pub fn read(&mut self, count: u32) -> Result<u32, Refusal> {
        self.fill();
        let read = self.waiting & ((1 << count) - 1);
        self.skip(count)?;
        u32::try_from(read).map_err(|_| ENDS_EARLY)
    }

    /// The same, to count with.
    pub fn size(&mut self, count: u32) -> Result<usize, Refusal> {
        size(self.read(count)?)
    }

    pub fn flag(&mut self) -> Result<bool, Refusal> {
        Ok(self.read(1)? == 1)
    }

    /// How many bytes were begun.
    pub const fn begun(&self) -> usize {
        self.taken - (self.count / 8) as usize
    }
}

use crate::Refusal;
use crate::decode::UNREADABLE;

/// Bits of a stream, the lowest of each byte first.
pub struct Bits<'a> {
    bytes: &'a [u8],
    /// Those that were taken from `bytes`, the next one lowest.
    waiting: u64,
    count: u32,
}

impl<'a> Bits<'a> {
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, waiting: 0, count: 0 }
    }

    /// The next ones, 32 at most, as a number.
    pub fn read(&mut self, count: u32) -> Result<u32, Refusal> {
        while self.count < count {
            let (first, rest) = self.bytes.split_first().ok_or(UNREADABLE)?;
            self.waiting |= u64::from(*first) << self.count;
            self.count += 8;
            self.bytes = rest;
        }
        let read = self.waiting & ((1 << count) - 1);
        self.waiting >>= count;
        self.count -= count;
        u32::try_from(read).map_err(|_| UNREADABLE)
    }

    /// The same, to count with.
    pub fn size(&mut self, count: u32) -> Result<usize, Refusal> {
        crate::bytes::size(self.read(count)?)
    }
}

//! Reading numbers and pieces out of a slice, never beyond its end.

use crate::Refusal;

pub const ENDS_EARLY: Refusal = Refusal::Damaged("the file ends early");

/// One table in the page, which has to be small; sixteen where speed counts.
#[cfg(target_family = "wasm")]
type Tables = crc::Table<1>;
#[cfg(not(target_family = "wasm"))]
type Tables = crc::Table<16>;

/// CRC-32, as PNG has it.
pub static CHECKSUM: crc::Crc<u32, Tables> = crc::Crc::<u32, Tables>::new(&crc::CRC_32_ISO_HDLC);

/// A place in a slice.
#[derive(Clone, Copy)]
pub struct Reader<'a> {
    all: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    pub const fn new(all: &'a [u8]) -> Self {
        Self { all, at: 0 }
    }

    pub const fn position(&self) -> usize {
        self.at
    }

    pub fn rest(&self) -> &'a [u8] {
        self.all.get(self.at..).unwrap_or_default()
    }

    /// What was read since `start`.
    pub fn since(&self, start: usize) -> &'a [u8] {
        self.all.get(start..self.at).unwrap_or_default()
    }

    pub fn take(&mut self, count: usize) -> Result<&'a [u8], Refusal> {
        let end = self.at.checked_add(count).ok_or(ENDS_EARLY)?;
        let piece = self.all.get(self.at..end).ok_or(ENDS_EARLY)?;
        self.at = end;
        Ok(piece)
    }

    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], Refusal> {
        self.take(N)?.try_into().map_err(|_| ENDS_EARLY)
    }

    pub fn u8(&mut self) -> Result<u8, Refusal> {
        self.array::<1>().map(|[byte]| byte)
    }

    pub fn u16_be(&mut self) -> Result<u16, Refusal> {
        self.array().map(u16::from_be_bytes)
    }

    pub fn u16_le(&mut self) -> Result<u16, Refusal> {
        self.array().map(u16::from_le_bytes)
    }

    pub fn u32_be(&mut self) -> Result<u32, Refusal> {
        self.array().map(u32::from_be_bytes)
    }

    pub fn u32_le(&mut self) -> Result<u32, Refusal> {
        self.array().map(u32::from_le_bytes)
    }

    /// A number of 24 bits, as WebP has them.
    pub fn u24_le(&mut self) -> Result<u32, Refusal> {
        self.array()
            .map(|[a, b, c]| u32::from_le_bytes([a, b, c, 0]))
    }
}

/// Whether `needle` is anywhere in `bytes`.
pub fn contains(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle)
}

/// A length as the size of a piece in memory.
pub fn size(length: u32) -> Result<usize, Refusal> {
    usize::try_from(length).map_err(|_| ENDS_EARLY)
}

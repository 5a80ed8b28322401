//! Packing of the few kilobytes that are written anew. The page has to be small, so they are stored as they are.

use super::unpack::adler;

/// The most that a block stores.
const MOST: usize = 65_535;

/// A zlib stream that stands for these bytes.
pub fn pack(bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![0x78, 0x01];
    let blocks = bytes.len().div_ceil(MOST);
    for (block, number) in bytes.chunks(MOST).zip(1..) {
        let length = u16::try_from(block.len()).unwrap_or(u16::MAX);
        out.push(u8::from(number == blocks));
        out.extend_from_slice(&length.to_le_bytes());
        out.extend_from_slice(&(!length).to_le_bytes());
        out.extend_from_slice(block);
    }
    out.extend_from_slice(&adler(bytes).to_be_bytes());
    out
}

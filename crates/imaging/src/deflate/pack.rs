//! Packing of the few kilobytes that are written anew. The page has to be small: one block of fixed codes, and one place to look for what
//! was there before.

use super::unpack::adler;

/// How many bytes a repetition has to have: three are found in the table.
const LEAST: usize = 3;
const MOST: usize = 258;
const WINDOW: usize = 32_768;
const TABLE: usize = 1 << 12;

struct Writer {
    bytes: Vec<u8>,
    buffer: u64,
    count: u32,
}

impl Writer {
    /// The lowest bit first.
    fn put(&mut self, bits: u32, count: u32) {
        self.buffer |= u64::from(bits) << self.count;
        self.count += count;
        while self.count >= 8 {
            self.bytes.extend(self.buffer.to_le_bytes().first());
            self.buffer >>= 8;
            self.count -= 8;
        }
    }

    /// A code begins with its highest bit.
    fn put_code(&mut self, code: u32, count: u32) {
        self.put(code.reverse_bits() >> (32 - count), count);
    }

    fn symbol(&mut self, symbol: u32) {
        match symbol {
            0..144 => self.put_code(0x30 + symbol, 8),
            144..256 => self.put_code(0x190 + symbol - 144, 9),
            256..280 => self.put_code(symbol - 256, 7),
            _ => self.put_code(0xc0 + symbol - 280, 8),
        }
    }

    /// A length from 3 to 258, a distance from 1 to 32,768.
    fn repetition(&mut self, length: usize, distance: usize) {
        let (length, distance) = (u32::try_from(length - LEAST).unwrap_or_default(), u32::try_from(distance - 1).unwrap_or_default());
        if length == 255 {
            self.symbol(285);
        } else {
            let (symbol, extra) = bucket(length, 4);
            self.symbol(257 + symbol);
            self.put(length & ((1 << extra) - 1), extra);
        }
        let (symbol, extra) = bucket(distance, 2);
        self.put_code(symbol, 5);
        self.put(distance & ((1 << extra) - 1), extra);
    }
}

/// Which of the symbols stands for a value, and how many bits say which of its values: so many symbols share each number of them.
const fn bucket(value: u32, symbols: u32) -> (u32, u32) {
    if value < 2 * symbols {
        return (value, 0);
    }
    let extra = value.ilog2() - symbols.ilog2();
    (extra * symbols + (value >> extra), extra)
}

/// A zlib stream of the bytes: the same everywhere.
pub fn pack(bytes: &[u8]) -> Vec<u8> {
    let mut out = Writer { bytes: vec![0x78, 0x01], buffer: 0, count: 0 };
    // The last block, of fixed codes.
    out.put(0b011, 3);
    let mut places = vec![usize::MAX; TABLE];
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let length = find(bytes, at, &mut places).map_or(1, |(length, distance)| {
            out.repetition(length, distance);
            length
        });
        if length == 1 {
            out.symbol(u32::from(*byte));
        }
        at += length;
    }
    out.symbol(256);
    out.put(0, 7);
    out.bytes.extend(adler(bytes).to_be_bytes());
    out.bytes
}

/// Where the next bytes were before, and how many of them.
fn find(bytes: &[u8], at: usize, places: &mut [usize]) -> Option<(usize, usize)> {
    let next: &[u8; LEAST] = bytes.get(at..)?.first_chunk()?;
    let hash = next.iter().fold(0_usize, |hash, byte| (hash * 151 + usize::from(*byte)) % TABLE);
    let before = std::mem::replace(places.get_mut(hash)?, at);
    let distance = at.checked_sub(before).filter(|distance| *distance <= WINDOW)?;
    let (old, new) = (bytes.get(before..)?, bytes.get(at..)?);
    let length = old.iter().zip(new).take(MOST).take_while(|(old, new)| old == new).count();
    (length >= LEAST).then_some((length, distance))
}

use super::bits::Bits;
use crate::Refusal;
use crate::decode::UNREADABLE;

/// Where the lengths of the code that codes lengths stand.
const ORDER: [usize; 19] = [17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];
const LONGEST: usize = 15;
/// The decoder looks symbols of so many bits up in a table, and walks a tree for longer ones.
const TABLE: usize = 10;

/// A prefix code.
pub struct Code {
    /// How many symbols have a code of this length.
    counts: [u16; LONGEST + 1],
    /// Shorter codes first. One alone takes no bits.
    symbols: Vec<u16>,
}

impl Code {
    pub fn read(bits: &mut Bits<'_>, alphabet: usize) -> Result<Self, Refusal> {
        if bits.read(1)? == 1 { Self::simple(bits, alphabet) } else { Self::of_lengths(&lengths(bits, alphabet)?) }
    }

    /// One or two symbols, by name.
    fn simple(bits: &mut Bits<'_>, alphabet: usize) -> Result<Self, Refusal> {
        let are_two = bits.read(1)? == 1;
        let has_eight_bits = bits.read(1)?;
        let first = bits.read(1 + 7 * has_eight_bits)?;
        let second = if are_two { Some(bits.read(8)?) } else { None };
        let symbols: Vec<_> = [first].into_iter().chain(second).filter_map(|symbol| u16::try_from(symbol).ok()).collect();
        if symbols.iter().any(|symbol| usize::from(*symbol) >= alphabet) {
            return Err(UNREADABLE);
        }
        let mut counts = [0; LONGEST + 1];
        counts[1] = if are_two { 2 } else { 1 };
        Ok(Self { counts, symbols })
    }

    fn of_lengths(lengths: &[u8]) -> Result<Self, Refusal> {
        let mut counts = [0; LONGEST + 1];
        let mut sorted: Vec<_> = (0_u16..).zip(lengths).filter(|(_, length)| **length > 0).collect();
        for (_, length) in &sorted {
            counts[usize::from(**length)] += 1;
        }
        sorted.sort_by_key(|(_, length)| **length);
        let taken: u32 = (1..).zip(&counts[1..]).map(|(length, count)| u32::from(*count) << (LONGEST - length)).sum();
        if sorted.is_empty() || (sorted.len() > 1 && taken != 1 << LONGEST) {
            return Err(UNREADABLE);
        }
        Ok(Self { counts, symbols: sorted.into_iter().map(|(symbol, _)| symbol).collect() })
    }

    pub fn symbol(&self, bits: &mut Bits<'_>) -> Result<u16, Refusal> {
        if let [only] = self.symbols[..] {
            return Ok(only);
        }
        let (mut code, mut first, mut before) = (0, 0, 0);
        for count in self.counts[1..].iter().map(|count| usize::from(*count)) {
            code = code << 1 | bits.size(1)?;
            first <<= 1;
            if code - first < count {
                return self.symbols.get(before + code - first).copied().ok_or(UNREADABLE);
            }
            first += count;
            before += count;
        }
        Err(UNREADABLE)
    }

    /// What the decoder allocates for it, bytes: four for each place in its table, two nodes of 16 for each symbol beyond that.
    pub fn memory(&self) -> u64 {
        let longest = self.counts.iter().rposition(|count| *count > 0).unwrap_or(0);
        let beyond: u64 = self.counts[TABLE + 1..].iter().map(|count| u64::from(*count)).sum();
        if self.symbols.len() > 1 { (4 << longest.min(TABLE)) + beyond * 32 } else { 0 }
    }
}

fn lengths(bits: &mut Bits<'_>, alphabet: usize) -> Result<Vec<u8>, Refusal> {
    let mut coding = [0; ORDER.len()];
    for place in &ORDER[..4 + bits.size(4)?] {
        coding[*place] = u8::try_from(bits.read(3)?).map_err(|_| UNREADABLE)?;
    }
    let coding = Code::of_lengths(&coding)?;
    let mut left = alphabet;
    if bits.read(1)? == 1 {
        let count = 2 + 2 * bits.read(3)?;
        left = 2 + bits.size(count)?;
        if left > alphabet {
            return Err(UNREADABLE);
        }
    }
    let (mut lengths, mut last) = (Vec::with_capacity(alphabet), 8);
    while lengths.len() < alphabet && left > 0 {
        left -= 1;
        let (length, times) = match coding.symbol(bits)? {
            16 => (last, 3 + bits.size(2)?),
            17 => (0, 3 + bits.size(3)?),
            18 => (0, 11 + bits.size(7)?),
            length => (u8::try_from(length).map_err(|_| UNREADABLE)?, 1),
        };
        if length > 0 {
            last = length;
        }
        lengths.extend(std::iter::repeat_n(length, times));
        if lengths.len() > alphabet {
            return Err(UNREADABLE);
        }
    }
    Ok(lengths)
}

//! Prefix codes of a lossless picture.

use super::BROKEN;
use super::bits::Bits;
use crate::Refusal;

/// Where the lengths of the code that codes lengths stand.
const ORDER: [usize; 19] = [
    17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
];
const LONGEST: usize = 15;
/// Symbols of up to this many bits are looked up in a table; longer ones are rare.
const TABLE: usize = 10;

/// How many codes there are of each length.
type Counts = [u16; LONGEST + 1];

/// A prefix code.
pub struct Code {
    /// By the next bits: a symbol, and above 12 bits the length of its code. Empty where there is one symbol only, which takes no bits.
    table: Vec<u16>,
    only: u16,
    long: Option<Box<Long>>,
}

/// What finds a symbol of more bits than the table has: the counts, and the symbols, shorter codes first.
struct Long {
    counts: Counts,
    symbols: Vec<u16>,
}

impl Code {
    pub fn read(bits: &mut Bits<'_>, alphabet: usize) -> Result<Self, Refusal> {
        if bits.flag()? {
            Self::simple(bits, alphabet)
        } else {
            Self::of_lengths(&lengths(bits, alphabet)?)
        }
    }

    /// One or two symbols, by name.
    fn simple(bits: &mut Bits<'_>, alphabet: usize) -> Result<Self, Refusal> {
        let are_two = bits.flag()?;
        let has_eight_bits = bits.read(1)?;
        let first = bits.size(1 + 7 * has_eight_bits)?;
        let second = if are_two { bits.size(8)? } else { 0 };
        if first.max(second) >= alphabet {
            return Err(BROKEN);
        }
        let [first, second] = [first, second].map(|symbol| u16::try_from(symbol).unwrap_or(0));
        Ok(if are_two {
            Self {
                table: vec![1 << 12 | first, 1 << 12 | second],
                only: 0,
                long: None,
            }
        } else {
            Self {
                table: Vec::new(),
                only: first,
                long: None,
            }
        })
    }

    fn of_lengths(lengths: &[u8]) -> Result<Self, Refusal> {
        let mut counts: Counts = [0; LONGEST + 1];
        for length in lengths {
            counts[usize::from(*length) % 16] += 1;
        }
        counts[0] = 0;
        let taken: u32 = (1..)
            .zip(&counts[1..])
            .map(|(length, count)| u32::from(*count) << (LONGEST - length))
            .sum();
        let longest = counts.iter().rposition(|count| *count > 0).ok_or(BROKEN)?;
        if counts.iter().sum::<u16>() == 1 {
            let only = lengths
                .iter()
                .position(|length| *length > 0)
                .and_then(|only| u16::try_from(only).ok())
                .unwrap_or(0);
            return Ok(Self {
                table: Vec::new(),
                only,
                long: None,
            });
        }
        if taken != 1 << LONGEST {
            return Err(BROKEN);
        }
        let mut table = vec![0; 1 << longest.min(TABLE)];
        // The first code of each length, in the order of its bits.
        let mut next = [0_u16; LONGEST + 2];
        for length in 1..=LONGEST {
            next[length + 1] = (next[length] + counts[length]) << 1;
        }
        for (symbol, length) in (0_u16..).zip(lengths).filter(|(_, length)| **length > 0) {
            let code = &mut next[usize::from(*length) % 16];
            let reversed = code.reverse_bits() >> (16 - u32::from(*length));
            *code += 1;
            if usize::from(*length) <= TABLE {
                let entry = u16::from(*length) << 12 | symbol;
                table
                    .iter_mut()
                    .skip(reversed.into())
                    .step_by(1 << length)
                    .for_each(|place| *place = entry);
            }
        }
        Ok(Self {
            table,
            only: 0,
            long: (longest > TABLE).then(|| Box::new(Long::new(counts, lengths))),
        })
    }

    /// The only symbol, which takes no bits.
    pub fn only(&self) -> Option<u16> {
        self.table.is_empty().then_some(self.only)
    }

    #[inline]
    pub fn symbol(&self, bits: &mut Bits<'_>) -> Result<u16, Refusal> {
        let next = bits.peek();
        let Some(last) = self.table.len().checked_sub(1) else {
            return Ok(self.only);
        };
        let entry = self.table[usize::from(next) & last];
        if entry == 0 {
            return self.long.as_ref().ok_or(BROKEN)?.symbol(bits);
        }
        bits.skip(u32::from(entry >> 12))?;
        Ok(entry & 0xfff)
    }

    /// What the decoder allocates for it, bytes: four for each place in its table, two nodes of 16 for each symbol beyond that.
    pub fn memory(&self) -> u64 {
        let beyond = self.long.as_ref().map_or(0, |long| {
            long.counts[TABLE + 1..]
                .iter()
                .map(|count| u64::from(*count))
                .sum()
        });
        self.table.len() as u64 * 4 + beyond * 32
    }
}

impl Long {
    fn new(counts: Counts, lengths: &[u8]) -> Self {
        let of = |wanted: u8| {
            (0_u16..)
                .zip(lengths)
                .filter(move |(_, length)| **length == wanted)
                .map(|(symbol, _)| symbol)
        };
        Self {
            counts,
            symbols: (1..=15).flat_map(of).collect(),
        }
    }

    #[cold]
    fn symbol(&self, bits: &mut Bits<'_>) -> Result<u16, Refusal> {
        let mut next = bits.peek();
        let (mut code, mut first, mut before) = (0, 0, 0);
        for (length, count) in (1..).zip(self.counts[1..].iter().map(|count| usize::from(*count))) {
            code = code << 1 | usize::from(next & 1 == 1);
            next >>= 1;
            first <<= 1;
            if code - first < count {
                bits.skip(length)?;
                return self
                    .symbols
                    .get(before + code - first)
                    .copied()
                    .ok_or(BROKEN);
            }
            first += count;
            before += count;
        }
        Err(BROKEN)
    }
}

fn lengths(bits: &mut Bits<'_>, alphabet: usize) -> Result<Vec<u8>, Refusal> {
    let mut coding = [0; ORDER.len()];
    for place in &ORDER[..4 + bits.size(4)?] {
        coding[*place] = u8::try_from(bits.read(3)?).map_err(|_| BROKEN)?;
    }
    let coding = Code::of_lengths(&coding)?;
    let mut left = alphabet;
    if bits.flag()? {
        let count = 2 + 2 * bits.read(3)?;
        left = 2 + bits.size(count)?;
        if left > alphabet {
            return Err(BROKEN);
        }
    }
    let (mut lengths, mut last) = (Vec::with_capacity(alphabet), 8);
    while lengths.len() < alphabet && left > 0 {
        left -= 1;
        let (length, times) = match coding.symbol(bits)? {
            16 => (last, 3 + bits.size(2)?),
            17 => (0, 3 + bits.size(3)?),
            18 => (0, 11 + bits.size(7)?),
            length => (u8::try_from(length).map_err(|_| BROKEN)?, 1),
        };
        if length > 0 {
            last = length;
        }
        lengths.extend(std::iter::repeat_n(length, times));
        if lengths.len() > alphabet {
            return Err(BROKEN);
        }
    }
    Ok(lengths)
}

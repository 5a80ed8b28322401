//! Huffman codes as tables: what the next bits mean, in one look or two.

/// The longest code.
pub const LONGEST: usize = 15;
const LENGTH_CODES: usize = 19;

/// What a code means, in one number, so that a table is small: bits of the code (4), extra bits behind it (4), kind (2), value (16).
#[derive(Clone, Copy)]
pub struct Entry(u32);

/// No code: it has no bits.
pub const INVALID: Entry = Entry(0);
/// A symbol that no stream may have.
const UNUSED: Entry = Entry(u32::MAX);

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A number of bytes, followed by a distance if it is above one; or a distance.
    Value,
    End,
    /// Longer codes begin like this: where their table is.
    Longer,
}

impl Entry {
    /// Larger than any length, distance or place.
    const LITERAL: u16 = 1 << 15;

    const fn new(extra: u32, kind: Kind, value: u16) -> Self {
        Self((extra << 4) | ((kind as u32) << 8) | ((value as u32) << 16))
    }

    /// A value that is the symbol's number.
    pub fn number(symbol: usize) -> Self {
        Self::new(0, Kind::Value, u16::try_from(symbol).unwrap_or_default())
    }

    #[inline]
    pub const fn bits(self) -> u32 {
        self.0 & 15
    }

    #[inline]
    pub const fn extra(self) -> u32 {
        self.0 >> 4 & 15
    }

    /// One byte that stands for itself.
    #[inline]
    pub const fn is_literal(self) -> bool {
        self.0 >> 31 == 1
    }

    /// Which byte that is.
    #[inline]
    pub const fn byte(self) -> u8 {
        self.0.to_le_bytes()[2]
    }

    #[inline]
    pub const fn kind(self) -> Kind {
        match self.0 >> 8 & 3 {
            0 => Kind::Value,
            1 => Kind::End,
            _ => Kind::Longer,
        }
    }

    #[inline]
    pub const fn value(self) -> u32 {
        self.0 >> 16
    }
}

/// What each symbol of the first code means: bytes, the end, lengths. The last two mean nothing.
const fn lengths() -> [Entry; 288] {
    let mut all = [UNUSED; 288];
    let mut symbol = 0_u16;
    while symbol < 256 {
        all[symbol as usize] = Entry::new(0, Kind::Value, Entry::LITERAL | symbol);
        symbol += 1;
    }
    all[256] = Entry::new(0, Kind::End, 0);
    let (mut base, mut at) = (3, 0_u32);
    while at < 28 {
        let extra = if at < 8 { 0 } else { at / 4 - 1 };
        all[257 + at as usize] = Entry::new(extra, Kind::Value, base);
        base += 1 << extra;
        at += 1;
    }
    all[285] = Entry::new(0, Kind::Value, 258);
    all
}

/// What each symbol of the second code means. The last two mean nothing.
const fn distances() -> [Entry; 32] {
    let mut all = [UNUSED; 32];
    let (mut base, mut at) = (1, 0_u32);
    while at < 30 {
        let extra = if at < 4 { 0 } else { at / 2 - 1 };
        all[at as usize] = Entry::new(extra, Kind::Value, base);
        base += 1 << extra;
        at += 1;
    }
    all
}

pub static LENGTHS: [Entry; 288] = lengths();
pub static DISTANCES: [Entry; 32] = distances();
/// In which order the lengths of the codes for lengths come.
pub const ORDER: [usize; LENGTH_CODES] = [
    16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15,
];

/// With how many bits a table is looked into at first.
const BITS: usize = 10;
const SIZE: usize = 1 << BITS;

/// A table for one of the codes. Of one size, as the page has to be small.
pub struct Table {
    first: Box<[Entry; SIZE]>,
    /// For codes that are longer, one part for each way they begin.
    second: Vec<Entry>,
    /// How many entries a part has.
    longer: usize,
}

impl Table {
    const MASK: u64 = (1 << BITS) - 1;

    pub fn new() -> Self {
        Self {
            first: Box::new([INVALID; SIZE]),
            second: Vec::new(),
            longer: 1,
        }
    }

    /// What the next bits mean: [`INVALID`] has no bits.
    #[inline]
    pub fn look(&self, bits: u64) -> Entry {
        let entry = self.first[usize::try_from(bits & Self::MASK).unwrap_or_default() & (SIZE - 1)];
        if entry.kind() == Kind::Longer {
            self.look_again(entry, bits)
        } else {
            entry
        }
    }

    fn look_again(&self, entry: Entry, bits: u64) -> Entry {
        let at = usize::try_from(bits >> BITS & 0xff).unwrap_or_default() & (self.longer - 1);
        self.second
            .get(entry.value() as usize + at)
            .copied()
            .unwrap_or(INVALID)
    }

    /// From the number of bits of each symbol's code, as zlib takes them: `None` when there are too many codes, or too few, unless it is one
    /// of one bit, or none. Says what the code of symbol 256 is, its first bit the lowest, and how many bits it has.
    pub fn fill(&mut self, bits: &[u8], meanings: &[Entry]) -> Option<(u16, u8)> {
        let mut counts = [0_u32; LONGEST + 1];
        for bits in bits {
            counts[usize::from(*bits) & LONGEST] += 1;
        }
        counts[0] = 0;
        let (mut left, mut code, mut longest) = (1_u32, 0, 0);
        let mut next = [0_u32; LONGEST + 1];
        for (length, next) in next.iter_mut().enumerate().skip(1) {
            let count = counts[length];
            left = (2 * left).checked_sub(count)?;
            *next = code;
            code = (code + count) << 1;
            longest = if count > 0 { length } else { longest };
        }
        self.first.fill(INVALID);
        self.second.clear();
        self.longer = 1 << longest.saturating_sub(BITS);
        let mut end = (0, 0);
        for (symbol, length) in bits.iter().enumerate().filter(|(_, length)| **length > 0) {
            let length = usize::from(*length) & LONGEST;
            let code = next[length].reverse_bits() >> (32 - length);
            next[length] += 1;
            if symbol == 256 {
                end = (u16::try_from(code).unwrap_or_default(), bits[symbol]);
            }
            let meaning = meanings.get(symbol).copied().unwrap_or(UNUSED);
            self.put(
                code as usize,
                length,
                if meaning.0 == UNUSED.0 {
                    INVALID
                } else {
                    Entry(meaning.0 | u32::from(bits[symbol]))
                },
            );
        }
        (left == 0 || longest <= 1).then_some(end)
    }

    fn put(&mut self, code: usize, length: usize, entry: Entry) {
        if length <= BITS {
            self.first
                .iter_mut()
                .skip(code)
                .step_by(1 << length)
                .for_each(|place| *place = entry);
            return;
        }
        let begins = &mut self.first[code & (SIZE - 1)];
        if begins.kind() != Kind::Longer {
            *begins = Entry::new(
                0,
                Kind::Longer,
                u16::try_from(self.second.len()).unwrap_or(u16::MAX),
            );
            self.second.resize(self.second.len() + self.longer, INVALID);
        }
        let start = begins.value() as usize;
        let part = self
            .second
            .get_mut(start..start + self.longer)
            .unwrap_or_default();
        part.iter_mut()
            .skip(code >> BITS)
            .step_by(1 << (length - BITS))
            .for_each(|place| *place = entry);
    }
}

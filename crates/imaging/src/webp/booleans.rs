//! The arithmetic decoder of lossy pictures (RFC 6386, section 7): answers of yes and no, each with its probability.

use std::hint::{cold_path, select_unpredictable};

use super::numbers::Tokens;

/// For each range: the range minus one, once it has eight bits. A lookup is faster than a shift.
static LAST: [u8; 256] = lasts();

const fn lasts() -> [u8; 256] {
    let mut lasts = [0; 256];
    let mut range = 1_u8;
    while range > 0 {
        lasts[range as usize] = (range << range.leading_zeros()) - 1;
        range = range.wrapping_add(1);
    }
    lasts
}

/// A place in a partition. It is small, and handed over by value where it has to be fast: then it stays in registers.
#[derive(Clone, Copy)]
pub struct Booleans<'a> {
    bytes: &'a [u8],
    /// How many of `bytes` were read, including zeros after the end.
    taken: usize,
    /// The next bits, the first one highest: the eight in use, and `more` others. Below zero, more have to be read.
    value: u64,
    more: i32,
    /// The range without one.
    last: u32,
}

impl<'a> Booleans<'a> {
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            taken: 0,
            value: 0,
            more: -8,
            last: 254,
        }
    }

    /// Reads a bit that is "no" with a probability of this many in 256.
    #[inline]
    pub fn ask(&mut self, probability: u8) -> bool {
        if self.more < 0 {
            *self = self.loaded();
        }
        // Everything waits for the range, so there is as little work as possible between two ranges.
        let (split, bound) = self.split(probability);
        if self.value < bound {
            self.narrow(split + 1);
            false
        } else {
            // This path is not rare, but the hint makes the compiler emit a branch, which can be predicted, where it would wait for the
            // value.
            cold_path();
            self.value -= bound;
            self.narrow(self.last - split);
            true
        }
    }

    /// The same if nothing depends on the bit: no branch, as it might be mispredicted.
    #[inline]
    pub fn pass(&mut self, probability: u8) {
        if self.more < 0 {
            *self = self.loaded();
        }
        let (split, bound) = self.split(probability);
        let is_yes = self.value >= bound;
        self.value -= select_unpredictable(is_yes, bound, 0);
        self.narrow(select_unpredictable(is_yes, self.last - split, split + 1));
    }

    /// The range of "no" without one, and the first value of "yes".
    #[inline]
    fn split(&self, probability: u8) -> (u32, u64) {
        let split = (self.last * u32::from(probability)) >> 8;
        (split, u64::from(split + 1) << 56)
    }

    /// Continues with this range, shifted until it has eight bits.
    #[inline]
    fn narrow(&mut self, range: u32) {
        let shift = 7 ^ (range | 1).ilog2();
        self.last = u32::from(LAST[usize::from(range.to_le_bytes()[0])]);
        self.value <<= shift;
        self.more = self.more.wrapping_sub_unsigned(shift);
    }

    /// Takes 7 bytes, or one near the end, or zeros.
    #[cold]
    #[inline(never)]
    fn loaded(mut self) -> Self {
        if let Some([a, b, c, d, e, f, g]) =
            self.bytes.get(self.taken..).and_then(<[u8]>::first_chunk)
        {
            self.value |= u64::from_be_bytes([0, *a, *b, *c, *d, *e, *f, *g]) << -self.more;
            self.taken += 7;
            self.more += 56;
        } else {
            let byte = self.bytes.get(self.taken).copied().unwrap_or(0);
            self.value |= u64::from(byte) << (48 - self.more);
            self.taken += 1;
            self.more += 8;
        }
        self
    }

    pub fn flag(&mut self) -> bool {
        self.ask(128)
    }

    /// Reads this many bits, the highest first.
    pub fn number(&mut self, bits: u32) -> u32 {
        (0..bits).fold(0, |number, _| number << 1 | u32::from(self.flag()))
    }

    /// Reads a number of this many bits and its sign, if there is one.
    pub fn skip_optional(&mut self, bits: u32) {
        if self.flag() {
            self.number(bits + 1);
        }
    }

    /// Takes new probabilities of tokens, where there are some.
    pub fn update(&mut self, tokens: &mut Tokens, updates: &Tokens) {
        let updates = updates.as_flattened().as_flattened().as_flattened();
        for (token, update) in tokens
            .as_flattened_mut()
            .as_flattened_mut()
            .as_flattened_mut()
            .iter_mut()
            .zip(updates)
        {
            if self.ask(*update) {
                *token = self.number(8).to_le_bytes()[0];
            }
        }
    }

    pub const fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// Whether there were too few bytes.
    pub const fn is_short(&self) -> bool {
        self.taken > self.bytes.len()
    }

    /// How many bytes hold a bit that was looked at, or would be for the next answer: none of a partition that has no row.
    pub fn seen(&self) -> usize {
        self.seen_bits().div_ceil(8)
    }

    /// Those bytes, with zeros behind the last bit: decoders read zeros where bytes are missing.
    pub fn kept(&self) -> Vec<u8> {
        let mut kept = self.bytes.to_vec();
        kept.resize(self.seen(), 0);
        if let Some(last) = kept.last_mut() {
            *last &= 0xff << (7 - (self.seen_bits() + 7) % 8);
        }
        kept
    }

    /// All that was taken, without those that wait to be looked at.
    fn seen_bits(&self) -> usize {
        if self.taken == 0 {
            0
        } else {
            (self.taken * 8).saturating_add_signed(-isize::try_from(self.more).unwrap_or(0))
        }
    }
}

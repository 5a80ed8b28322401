//! The arithmetic decoder of lossy pictures (RFC 6386, section 7): answers of yes and no, each with its probability.

use std::hint::{cold_path, select_unpredictable};

use super::numbers::Tokens;

/// Of each range: what it is without one, once it has eight bits. To look that up is faster than to shift.
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
    /// Of `bytes`, how many were taken; of the zeros behind the end too.
    taken: usize,
    /// The next bits, the first one highest: eight that are looked at, and so many more as `more` says. Below zero, some have to be taken.
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

    /// The answer to a question that is answered "no" in so many of 256 cases.
    #[inline]
    pub fn ask(&mut self, probability: u8) -> bool {
        if self.more < 0 {
            *self = self.loaded();
        }
        // All of it waits for the range, so as little as can be stands between one range and the next.
        let (split, bound) = self.split(probability);
        if self.value < bound {
            self.narrow(split + 1);
            false
        } else {
            // It is not rare: but told so, the compiler has a branch, which can be foretold, where it would wait for the value.
            cold_path();
            self.value -= bound;
            self.narrow(self.last - split);
            true
        }
    }

    /// The same where nothing depends on the answer: no branch, as it might be foretold wrongly.
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

    /// Goes on with this range, of as many bits as it takes to have eight.
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

    /// So many bits, the highest first.
    pub fn number(&mut self, bits: u32) -> u32 {
        (0..bits).fold(0, |number, _| number << 1 | u32::from(self.flag()))
    }

    /// A number of so many bits and its sign, where there is one.
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

//! Coefficients of a progressive picture, as far as they decide where its bits end: which of them are zero (ITU T.81, annex G).

use super::bits::Bits;
use super::huffman::{Pass, Run, Runs, Table};
use crate::Refusal;

/// A new coefficient that passes fewer old ones is placed without a branch for each of them.
const FEW: u32 = 6;

/// Some coefficients of the blocks of one component.
pub struct Band<'a> {
    table: &'a Table,
    runs: &'a Runs,
    first: u32,
    /// The place after the last one.
    end: u32,
    /// Whether several blocks can end at once.
    is_progressive: bool,
}

impl<'a> Band<'a> {
    pub fn new(table: &'a Table, (first, last): (u8, u8), pass: Pass) -> Self {
        let is_progressive = pass != Pass::Whole;
        Self {
            table,
            runs: table.runs(),
            first: first.into(),
            end: u32::from(last) + 1,
            is_progressive,
        }
    }

    /// The first bits of coefficients.
    pub fn fill(&self, blocks: &mut [u64], bits: &mut Bits<'_>) -> Result<(), Refusal> {
        let mut at = 0;
        while let Some(block) = blocks.get_mut(at) {
            at += 1 + self.fill_one(block, bits)?;
            bits.check()?;
        }
        Ok(())
    }

    /// The same for one block: how many blocks after it are empty in this band.
    #[inline]
    pub fn fill_one(&self, block: &mut u64, bits: &mut Bits<'_>) -> Result<usize, Refusal> {
        let mut place = self.first;
        while place < self.end {
            let run = Run::next(self.runs, bits);
            if place + u32::from(run.needs) <= self.end {
                bits.pass(run.bits.into());
                *block |= u64::from(run.filled) << place;
                place += u32::from(run.places);
                if run.ends() {
                    break;
                }
                continue;
            }
            // One by one, up to the last place.
            let symbol = self.table.symbol(bits)?;
            let (zeros, size) = (symbol >> 4, symbol & 15);
            if size == 0 && zeros < 15 {
                let length = if self.is_progressive { zeros.into() } else { 0 };
                return Ok((1 << length) - 1 + bits.number(length) as usize);
            }
            place += u32::from(zeros);
            if size > 0 {
                bits.pass(size.into());
                // Decoders write what is behind the last place to nowhere.
                *block |= 1_u64.checked_shl(place).unwrap_or(0);
            }
            place += 1;
        }
        Ok(0)
    }

    /// Reads one more bit of every nonzero coefficient, and the ones that become nonzero.
    pub fn refine(&self, blocks: &mut [u64], bits: &mut Bits<'_>) -> Result<(), Refusal> {
        // This many blocks from here on have no new ones.
        let (mut here, mut run) = (*bits, 0);
        for block in blocks {
            let mut old = *block & self.behind(self.first);
            if run == 0 {
                (old, run) = self.add(block, &mut here)?;
            }
            if run > 0 {
                run -= 1;
                if old > 0 {
                    here.skip(old.count_ones());
                }
            }
            here.check()?;
        }
        *bits = here;
        Ok(())
    }

    /// New coefficients of one block, and a bit of each of the old ones that are passed: which old ones are left, and how many blocks from
    /// this one on have no more.
    #[inline]
    fn add(&self, block: &mut u64, bits: &mut Bits<'_>) -> Result<(u64, u32), Refusal> {
        let mut place = self.first;
        while place < self.end {
            let run = Run::next(self.runs, bits);
            let old = *block >> place;
            if u32::from(run.places) <= old.trailing_zeros()
                && place + u32::from(run.needs) <= self.end
            {
                bits.pass(run.bits.into());
                *block |= u64::from(run.filled) << place;
                place += u32::from(run.places);
                if run.ends() {
                    return Ok((*block & self.behind(place), 1));
                }
                continue;
            }
            let (zeros, length) = run.first();
            let passed = passed(old, zeros);
            let new = place + zeros + passed;
            if length > 0 && passed < FEW && new < self.end {
                bits.pass(length + passed);
                *block |= u64::from(run.filled >> zeros & 1) << new;
                place = new + 1;
                continue;
            }
            let symbol = self.table.symbol(bits)?;
            let (zeros, size) = (symbol >> 4, symbol & 15);
            if size == 0 && zeros < 15 {
                return Ok((
                    *block & self.behind(place),
                    (1 << zeros) + bits.number(zeros.into()),
                ));
            }
            let (until, passed) = self.add_one(block, place, zeros, size > 0);
            bits.skip(passed);
            place = until;
        }
        Ok((0, 0))
    }

    /// One new coefficient after this many zeros, or only zeros: up to which place, and how many bits that takes.
    #[cold]
    fn add_one(&self, block: &mut u64, place: u32, zeros: u8, is_new: bool) -> (u32, u32) {
        let zero = (0..zeros).fold(!*block & self.behind(place), |zero, _| {
            zero & zero.wrapping_sub(1)
        });
        let here = zero & zero.wrapping_neg();
        let passed = *block & self.behind(place) & here.wrapping_sub(1);
        *block |= if is_new { here } else { 0 };
        let until = if here == 0 {
            self.end
        } else {
            here.trailing_zeros() + 1
        };
        // The new one has its sign.
        (until, passed.count_ones() + u32::from(is_new))
    }

    /// A one for each place from this one to the last.
    const fn behind(&self, place: u32) -> u64 {
        if place < self.end {
            u64::MAX >> (64 - self.end) >> place << place
        } else {
            0
        }
    }
}

/// How many old coefficients precede the zero with this many zeros before it, if they are few.
#[inline]
fn passed(mut old: u64, zeros: u32) -> u32 {
    let mut passed = 0;
    for before in 0..FEW {
        passed += u32::from(old.trailing_zeros() <= zeros + before);
        old &= old.wrapping_sub(1);
    }
    passed
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use crate::jpeg::huffman::{Class, Tables};

    /// Short codes and long ones: of new coefficients near and far, of zeros alone, and of ends of one block and of many.
    const TABLE: &[u8] = &[
        0x10, 0, 2, 2, 2, 2, 2, 2, 2, 0, 0, 0, 2, 0, 0, 0, 0, //
        0x01, 0x11, 0x00, 0x21, 0x31, 0x02, 0x51, 0x10, 0xf0, 0x81, 0x41, 0x20, 0xe1, 0x3a, 0x61,
        0x40,
    ];

    struct Random(u64);

    impl Random {
        fn next(&mut self) -> u64 {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            self.0
        }
    }

    /// As ITU T.81 draws it in figure G.7: one coefficient after another.
    fn refined_one_by_one(
        band: &Band<'_>,
        blocks: &mut [u64],
        bits: &mut Bits<'_>,
    ) -> Result<(), Refusal> {
        let mut ended = 0;
        for block in blocks {
            let mut place = band.first;
            while place < band.end && ended == 0 {
                let symbol = band.table.symbol(bits)?;
                let (mut zeros, size) = (symbol >> 4, symbol & 15);
                if size == 0 && zeros < 15 {
                    ended = (1 << zeros) + bits.number(zeros.into());
                    break;
                }
                // The sign stands before the bits of those that are passed.
                bits.skip(u32::from(size > 0));
                while place < band.end && (*block >> place & 1 == 1 || zeros > 0) {
                    if *block >> place & 1 == 1 {
                        bits.skip(1);
                    } else {
                        zeros -= 1;
                    }
                    place += 1;
                }
                if size > 0 && place < band.end {
                    *block |= 1 << place;
                }
                place += 1;
            }
            if ended > 0 {
                ended -= 1;
                (place..band.end).for_each(|place| bits.skip((*block >> place & 1) as u32));
            }
            bits.check()?;
        }
        Ok(())
    }

    #[test]
    fn refining_several_coefficients_at_once_is_refining_one_by_one() {
        let mut tables = Tables::default();
        tables.define(TABLE).unwrap();
        tables.prepare(Class::Ac, 0, Pass::Refining).unwrap();
        let (mut random, mut accepted) = (Random(0x2545_f491_4f6c_dd1d), 0);
        for round in 0..20_000 {
            let (first, last) = [(1, 63), (1, 5), (6, 63), (63, 63)][round % 4];
            let band = Band::new(
                tables.get(Class::Ac, 0).unwrap(),
                (first, last),
                Pass::Refining,
            );
            // From blocks that have nothing to those that have nearly all.
            let mask = [
                0,
                random.next() & random.next() & random.next(),
                random.next() & random.next(),
                u64::MAX,
            ][round / 4 % 4];
            let blocks: [u64; 6] = [(); 6].map(|()| mask & (random.next() | random.next()));
            let bytes: Vec<u8> = (0..40)
                .flat_map(|_| (random.next() & random.next()).to_be_bytes())
                .collect();
            let (mut expected, mut found) = (blocks, blocks);
            let (mut one, mut several) = (Bits::new(&bytes), Bits::new(&bytes));
            let verdict = refined_one_by_one(&band, &mut expected, &mut one);
            assert_eq!(band.refine(&mut found, &mut several), verdict, "{round}");
            if verdict.is_ok() {
                accepted += 1;
                assert_eq!((found, several.used()), (expected, one.used()), "{round}");
            }
        }
        assert!(accepted > 10_000, "{accepted}");
    }
}

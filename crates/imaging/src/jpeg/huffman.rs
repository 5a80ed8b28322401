//! Huffman tables, as ITU T.81 defines them in annex C, ready to be looked up.

use super::bits::Bits;
use super::standard;
use crate::Refusal;
use crate::bytes::Reader;

const BROKEN: Refusal = Refusal::Damaged("a Huffman table is broken");
const NO_CODE: Refusal = Refusal::Damaged("its pixels can't be read");
/// Codes that are not longer are found in one step.
const SHORT: usize = 10;

/// How many bits are looked up at once.
const WINDOW: usize = 11;

type Short = [(u8, u8); 1 << SHORT];

/// What a scan does with the coefficients of a block.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Pass {
    /// Has them complete.
    Whole,
    /// Has their first bits.
    First,
    /// Has one more bit of them.
    Refining,
}

/// What a table is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Means of blocks.
    Dc,
    /// The other coefficients of blocks.
    Ac,
}

/// A table: the symbol that each code stands for.
pub struct Table {
    /// By the next bits: the symbol, and how long its code is. Zero bits: the code is longer, or there is none.
    short: Box<Short>,
    /// Of each length, 1 to 16: the first code, and where its symbol is.
    first: [(u32, usize); 17],
    /// How many codes of each length there are.
    counts: [u32; 17],
    symbols: Vec<u8>,
    /// By the next bits: their coefficients in a scan of the last kind. For tables of coefficients.
    runs: Box<Runs>,
    pass: Option<Pass>,
}

/// Some coefficients of one block, or the first of its end.
#[derive(Clone, Copy)]
pub struct Run {
    /// How many bits they take.
    pub bits: u8,
    /// How many places they fill, or pass.
    pub places: u8,
    /// How many places have to be left: one more if the block ends after them, or more than a block has if that is unknown.
    pub needs: u8,
    /// The first symbol: how many zeros it passes, and in the low half how many bits it takes. For refining scans.
    first: u8,
    /// Which of the places are not zero, the first one lowest.
    pub filled: u32,
}

/// By the next bits.
pub type Runs = [Run; 1 << WINDOW];

impl Default for Run {
    fn default() -> Self {
        Self {
            bits: 0,
            places: 0,
            needs: 64,
            first: 0,
            filled: 0,
        }
    }
}

impl Run {
    /// What the first bits of 16 hold together, as far as they are known.
    fn of(short: &Short, window: u16, pass: Pass) -> Self {
        let mut run = Self::default();
        while usize::from(run.bits) < WINDOW && run.places <= 16 {
            let (symbol, length) = short[usize::from(window << run.bits >> (16 - SHORT))];
            let (zeros, size) = (symbol >> 4, symbol & 15);
            // New ones among those that are refined have a sign and nothing else.
            let until = run.bits
                + length
                + if pass == Pass::Refining {
                    size.min(1)
                } else {
                    size
                };
            // Of the first, what is behind its code may be unknown.
            let known = if run.bits == 0 { length } else { until };
            let is_end = size == 0 && zeros < 15;
            if length == 0
                || usize::from(known) > WINDOW
                || (is_end && zeros > 0 && pass != Pass::Whole)
            {
                break;
            }
            run.bits = until;
            if is_end {
                run.needs = run.places + 1;
                return run;
            }
            if run.places == 0 {
                run.first = zeros << 4 | until & 15;
            }
            run.places += zeros + 1;
            run.needs = run.places;
            run.filled |= u32::from(size > 0) << (run.places - 1);
        }
        run
    }

    /// What the next bits hold together.
    #[inline]
    pub fn next(runs: &Runs, bits: &mut Bits<'_>) -> Self {
        bits.fill();
        runs[usize::from(bits.peek() >> (16 - WINDOW))]
    }

    /// How many zeros the first symbol passes, and how many bits it takes. 0: there is none.
    #[inline]
    pub fn first(self) -> (u32, u32) {
        (u32::from(self.first >> 4), u32::from(self.first & 15))
    }

    /// Whether the block ends behind it.
    pub const fn ends(self) -> bool {
        self.needs > self.places
    }
}

impl Table {
    /// From the lengths of codes (how many of 1 to 16 bits there are), and the symbols in the order of their codes.
    fn new(lengths: &[u8; 16], symbols: &[u8]) -> Result<Self, Refusal> {
        let short = Box::new([(0, 0); 1 << SHORT]);
        let runs = Box::new([Run::default(); 1 << WINDOW]);
        let mut table = Self {
            short,
            first: [(0, 0); 17],
            counts: [0; 17],
            symbols: symbols.to_vec(),
            runs,
            pass: None,
        };
        let (mut code, mut at) = (0_u32, 0_usize);
        for (length, count) in (1..).zip(lengths) {
            let bits: u8 = length;
            let length = usize::from(length);
            code <<= 1;
            table.first[length] = (code, at);
            table.counts[length] = u32::from(*count);
            for _ in 0..*count {
                let symbol = *symbols.get(at).ok_or(BROKEN)?;
                if code >> length != 0 {
                    return Err(BROKEN);
                }
                if length <= SHORT {
                    let from = (code as usize) << (SHORT - length);
                    table.short[from..from + (1 << (SHORT - length))].fill((symbol, bits));
                }
                (code, at) = (code + 1, at + 1);
            }
        }
        if at == symbols.len() {
            Ok(table)
        } else {
            Err(BROKEN)
        }
    }

    /// Finds what the next bits hold together.
    fn find_runs(&mut self, pass: Pass) {
        if self.pass != Some(pass) {
            for (window, run) in (0..).zip(&mut *self.runs) {
                *run = Run::of(&self.short, window << (16 - WINDOW), pass);
            }
            self.pass = Some(pass);
        }
    }

    /// What the next bits hold together: of a table for coefficients.
    pub const fn runs(&self) -> &Runs {
        &self.runs
    }

    /// The next symbol. Behind it at least 16 bits are ready.
    #[inline]
    pub fn symbol(&self, bits: &mut Bits<'_>) -> Result<u8, Refusal> {
        bits.fill();
        let next = bits.peek();
        let (symbol, length) = self.short[usize::from(next >> (16 - SHORT))];
        if length > 0 {
            bits.pass(length.into());
            return Ok(symbol);
        }
        let (symbol, length) = self.long(next)?;
        bits.pass(length.into());
        Ok(symbol)
    }

    #[cold]
    fn long(&self, next: u16) -> Result<(u8, u8), Refusal> {
        for (length, ((first, at), count)) in (0..)
            .zip(self.first.iter().zip(self.counts))
            .skip(SHORT + 1)
        {
            let code = u32::from(next >> (16 - length));
            if let Some(place) = code.checked_sub(*first).filter(|place| *place < count) {
                let symbol = self.symbols.get(at + place as usize).ok_or(NO_CODE)?;
                return Ok((*symbol, length));
            }
        }
        Err(NO_CODE)
    }
}

/// A table as bytes of the file, built when it is first used.
struct Slot {
    lengths: [u8; 16],
    symbols: Vec<u8>,
    table: Option<Table>,
}

/// The tables that a scan can name.
#[derive(Default)]
pub struct Tables {
    dc: [Option<Slot>; 4],
    ac: [Option<Slot>; 4],
}

impl Tables {
    /// From a `DHT` segment.
    pub fn define(&mut self, segment: &[u8]) -> Result<(), Refusal> {
        let mut reader = Reader::new(segment);
        while !reader.rest().is_empty() {
            let kind = reader.u8()?;
            let lengths: [u8; 16] = reader.array()?;
            let symbols = reader.take(lengths.iter().map(|count| usize::from(*count)).sum())?;
            let class = if kind >> 4 == 0 { Class::Dc } else { Class::Ac };
            let slot = self
                .of(class)
                .get_mut(usize::from(kind & 15))
                .filter(|_| kind >> 4 < 2 && symbols.len() <= 256)
                .ok_or(BROKEN)?;
            *slot = Some(Slot {
                lengths,
                symbols: symbols.to_vec(),
                table: None,
            });
        }
        Ok(())
    }

    /// Makes a table ready that a scan names. Where it was never defined, the standard's example is: frames of Motion JPEG leave it out.
    /// That is the segment, then, which defines it for others.
    pub fn prepare(
        &mut self,
        class: Class,
        place: u8,
        pass: Pass,
    ) -> Result<Option<Vec<u8>>, Refusal> {
        let mut added = None;
        if self
            .of(class)
            .get(usize::from(place))
            .is_some_and(Option::is_none)
        {
            let segment = standard::segment(class, place).ok_or(BROKEN)?;
            self.define(&segment)?;
            added = Some(segment);
        }
        let slot = self
            .of(class)
            .get_mut(usize::from(place))
            .and_then(Option::as_mut)
            .ok_or(BROKEN)?;
        if slot.table.is_none() {
            slot.table = Some(Table::new(&slot.lengths, &slot.symbols)?);
        }
        if let Some(table) = slot.table.as_mut().filter(|_| class == Class::Ac) {
            table.find_runs(pass);
        }
        Ok(added)
    }

    /// A table that is ready.
    pub fn get(&self, class: Class, place: u8) -> Result<&Table, Refusal> {
        let slots = if class == Class::Dc {
            &self.dc
        } else {
            &self.ac
        };
        slots
            .get(usize::from(place))
            .and_then(Option::as_ref)
            .and_then(|slot| slot.table.as_ref())
            .ok_or(BROKEN)
    }

    const fn of(&mut self, class: Class) -> &mut [Option<Slot>; 4] {
        match class {
            Class::Dc => &mut self.dc,
            Class::Ac => &mut self.ac,
        }
    }
}

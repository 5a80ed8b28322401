//! Huffman tables, as ITU T.81 defines them in annex C, ready to be looked up.

use super::bits::Bits;
use super::standard;
use crate::Refusal;
use crate::bytes::Reader;

const BROKEN: Refusal = Refusal::Damaged("a Huffman table is broken");
const NO_CODE: Refusal = Refusal::Damaged("its pixels can't be read");
/// Codes that are not longer are found in one step.
const SHORT: usize = 10;

/// So many bits are looked up for what they hold together.
const WINDOW: usize = 12;

/// What a table is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Means of blocks.
    Dc,
    /// What blocks hold beside their mean.
    Ac,
}

/// A table: the symbol that each code stands for.
pub struct Table {
    /// By the next bits: the symbol, and how long its code is. Zero bits: the code is longer, or there is none.
    short: Box<[(u8, u8); 1 << SHORT]>,
    /// Of each length, 1 to 16: the first code, and where its symbol is.
    first: [(u32, usize); 17],
    /// How many codes of each length there are.
    counts: [u32; 17],
    symbols: Vec<u8>,
    /// By the next bits: what they hold together. Of tables for coefficients.
    runs: Vec<Run>,
}

/// Some coefficients of one block, or the first of its end.
#[derive(Clone, Copy, Default)]
pub struct Run {
    /// How many bits they take. 0: nothing is known.
    pub bits: u8,
    /// How many places they fill, or pass.
    pub places: u8,
    /// Whether the block ends behind them.
    pub ends: bool,
}

impl Table {
    /// From the lengths of codes (how many of 1 to 16 bits there are), and the symbols in the order of their codes.
    fn new(lengths: &[u8; 16], symbols: &[u8]) -> Result<Self, Refusal> {
        let short = Box::new([(0, 0); 1 << SHORT]);
        let mut table = Self { short, first: [(0, 0); 17], counts: [0; 17], symbols: symbols.to_vec(), runs: Vec::new() };
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
        if at == symbols.len() { Ok(table) } else { Err(BROKEN) }
    }

    /// The same, with what the next bits hold together.
    fn with_runs(mut self) -> Self {
        self.runs = (0..1 << WINDOW).map(|window: u16| self.run(window << (16 - WINDOW))).collect();
        self
    }

    /// What the first bits of 16 hold together, as far as they are known.
    fn run(&self, window: u16) -> Run {
        let mut run = Run::default();
        while usize::from(run.bits) < WINDOW && run.places < 63 {
            let (symbol, length) = self.short[usize::from(window << run.bits >> (16 - SHORT))];
            let (zeros, size) = (symbol >> 4, symbol & 15);
            let until = run.bits + length + size;
            // Of the first, what is behind its code may be unknown.
            let known = if run.bits == 0 { length } else { until };
            if length == 0 || usize::from(known) > WINDOW {
                break;
            }
            run.bits = until;
            if size == 0 && zeros < 15 {
                run.ends = true;
                break;
            }
            run.places += zeros + 1;
        }
        run
    }

    /// What the next bits hold together: of a table for coefficients.
    #[inline]
    pub fn next_run(&self, bits: &mut Bits<'_>) -> Run {
        bits.fill();
        self.runs.get(usize::from(bits.peek() >> (16 - WINDOW))).copied().unwrap_or_default()
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
        self.long(next, bits)
    }

    #[cold]
    fn long(&self, next: u16, bits: &mut Bits<'_>) -> Result<u8, Refusal> {
        for (length, ((first, at), count)) in (0..).zip(self.first.iter().zip(self.counts)).skip(SHORT + 1) {
            let code = u32::from(next >> (16 - length));
            if let Some(place) = code.checked_sub(*first).filter(|place| *place < count) {
                bits.pass(length);
                return self.symbols.get(at + place as usize).copied().ok_or(NO_CODE);
            }
        }
        Err(NO_CODE)
    }
}

/// A table as it stands in the file, and what it is once that is asked for.
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
            let slot = self.of(class).get_mut(usize::from(kind & 15)).filter(|_| kind >> 4 < 2 && symbols.len() <= 256).ok_or(BROKEN)?;
            *slot = Some(Slot { lengths, symbols: symbols.to_vec(), table: None });
        }
        Ok(())
    }

    /// Makes a table ready that a scan names. Where it was never defined, the standard's example is: frames of Motion JPEG leave it out.
    /// That is the segment, then, which defines it for others.
    pub fn prepare(&mut self, class: Class, place: u8) -> Result<Option<Vec<u8>>, Refusal> {
        let mut added = None;
        if self.of(class).get(usize::from(place)).is_some_and(Option::is_none) {
            let segment = standard::segment(class, place).ok_or(BROKEN)?;
            self.define(&segment)?;
            added = Some(segment);
        }
        let slot = self.of(class).get_mut(usize::from(place)).and_then(Option::as_mut).ok_or(BROKEN)?;
        if slot.table.is_none() {
            let table = Table::new(&slot.lengths, &slot.symbols)?;
            slot.table = Some(if class == Class::Ac { table.with_runs() } else { table });
        }
        Ok(added)
    }

    /// A table that is ready.
    pub fn get(&self, class: Class, place: u8) -> Result<&Table, Refusal> {
        let slots = if class == Class::Dc { &self.dc } else { &self.ac };
        slots.get(usize::from(place)).and_then(Option::as_ref).and_then(|slot| slot.table.as_ref()).ok_or(BROKEN)
    }

    const fn of(&mut self, class: Class) -> &mut [Option<Slot>; 4] {
        match class {
            Class::Dc => &mut self.dc,
            Class::Ac => &mut self.ac,
        }
    }
}

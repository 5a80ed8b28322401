//! Finds the end of a scan: follows its Huffman codes block by block and drops their values. It uses no decoder, so that the page and the
//! server cut the same bytes; ITU T.81 has the rules in annexes F and G.

use super::band::Band;
use super::bits::Bits;
use super::frame::Frame;
use super::huffman::{Class, Pass, Table, Tables};
use super::kept_tables::{KeptTables, Kind};
use crate::Refusal;
use crate::bytes::{ENDS_EARLY, Reader};

const BROKEN: Refusal = Refusal::Damaged("the header of a scan is broken");
const UNREADABLE: Refusal = Refusal::Damaged("its pixels can't be read");
const TWICE: Refusal = Refusal::Damaged("a scan gives again what another gave");
const NO_RESTART: Refusal = Refusal::Damaged("a restart marker is missing");
/// The most blocks that a unit may have.
const MOST_BLOCKS: u32 = 10;

/// A scan's part of one component.
struct Part {
    component: usize,
    dc: u8,
    ac: u8,
    /// Blocks in a unit.
    blocks: u32,
}

/// What `SOS` says.
pub struct Scan {
    parts: Vec<Part>,
    /// The first and the last coefficient.
    band: (u8, u8),
    /// Whether it adds a bit to coefficients of earlier scans.
    refines: bool,
    /// How many bits later scans add.
    missing: u8,
    is_progressive: bool,
    units: u32,
}

impl Scan {
    pub fn new(data: &[u8], frame: &Frame) -> Result<Self, Refusal> {
        let mut reader = Reader::new(data);
        let mut parts = Vec::with_capacity(4);
        for _ in 0..reader.u8()? {
            let [id, tables] = reader.array()?;
            let component = frame
                .find(id)
                .filter(|found| parts.iter().all(|part: &Part| part.component != *found))
                .ok_or(BROKEN)?;
            parts.push(Part {
                component,
                dc: tables >> 4,
                ac: tables & 15,
                blocks: 1,
            });
        }
        let [first, last, approximation] = reader.array()?;
        let (before, missing) = (approximation >> 4, approximation & 15);
        let mut scan = Self {
            parts,
            band: (0, 63),
            refines: false,
            missing: 0,
            is_progressive: frame.is_progressive,
            units: 0,
        };
        if frame.is_progressive {
            let is_band = if first == 0 {
                last == 0
            } else {
                first <= last && last < 64 && scan.parts.len() == 1
            };
            if !is_band || missing > 13 || (before > 0 && before != missing + 1) {
                return Err(BROKEN);
            }
            (scan.band, scan.refines, scan.missing) = ((first, last), before > 0, missing);
        }
        scan.count(frame)?;
        if reader.rest().is_empty() {
            Ok(scan)
        } else {
            Err(BROKEN)
        }
    }

    /// A scan of one component has its blocks one by one, another one a unit of all at a time.
    fn count(&mut self, frame: &Frame) -> Result<(), Refusal> {
        let (across, down) = match &mut self.parts[..] {
            [] => return Err(BROKEN),
            [part] => frame.blocks(&frame.components[part.component]),
            many => {
                for part in &mut *many {
                    let (x, y) = frame.components[part.component].sampling;
                    part.blocks = u32::from(x) * u32::from(y);
                }
                if many.iter().map(|part| part.blocks).sum::<u32>() > MOST_BLOCKS {
                    return Err(BROKEN);
                }
                frame.units()
            }
        };
        self.units = across.checked_mul(down).ok_or(BROKEN)?;
        Ok(())
    }

    const fn pass(&self) -> Pass {
        match (self.is_progressive, self.refines) {
            (false, _) => Pass::Whole,
            (true, false) => Pass::First,
            (true, true) => Pass::Refining,
        }
    }

    /// Prepares the tables that it names: segments that define those which the file lacks.
    pub fn prepare(&self, tables: &mut Tables) -> Result<Vec<Vec<u8>>, Refusal> {
        let mut added = Vec::new();
        let pass = self.pass();
        for part in &self.parts {
            if self.band.0 == 0 && !self.refines {
                added.extend(tables.prepare(Class::Dc, part.dc, pass)?);
            }
            if self.band.1 > 0 {
                added.extend(tables.prepare(Class::Ac, part.ac, pass)?);
            }
        }
        Ok(added)
    }

    /// Marks the tables that a decoder looks at for it. By what a component is multiplied is settled with its first scan.
    pub fn mark(&self, frame: &Frame, tables: &mut KeptTables) {
        for part in &self.parts {
            if self.band.0 == 0 && !self.refines {
                tables.mark(Kind::Dc, part.dc);
            }
            if self.band.1 > 0 {
                tables.mark(Kind::Ac, part.ac);
            }
            if frame.progress.is_untouched(part.component) {
                tables.mark(
                    Kind::Quantization,
                    frame.components[part.component].quantization,
                );
            }
        }
    }

    /// Whether it is of all components, and all of them.
    pub fn is_whole(&self, frame: &Frame) -> bool {
        !self.is_progressive && self.parts.len() == frame.components.len()
    }

    /// Takes the scan's data, up to its last block: appends it to `kept`. `true`: something stood between its parts, and is left out.
    pub fn follow(
        &self,
        frame: &mut Frame,
        tables: &Tables,
        interval: u16,
        reader: &mut Reader<'_>,
        kept: &mut Vec<u8>,
    ) -> Result<bool, Refusal> {
        let mut unstuffed = Vec::new();
        let (mut done, mut restarts, mut has_cut) = (0, 0_u8, false);
        let interval = if interval == 0 {
            self.units
        } else {
            interval.into()
        };
        loop {
            let raw = entropy_coded(reader.rest());
            unstuff(raw, &mut unstuffed);
            let mut bits = Bits::new(&unstuffed);
            let until = self.units.min(done + interval);
            self.units(done..until, &mut bits, frame, tables)?;
            done = until;
            let used = bits.used().ok_or(ENDS_EARLY)?;
            let used = used + memchr::memchr_iter(0xff, &unstuffed[..used]).count();
            kept.extend_from_slice(reader.take(used)?);
            if done == self.units {
                break;
            }
            has_cut |= !reader.take(raw.len() - used)?.is_empty();
            restart(reader, restarts)?;
            kept.extend_from_slice(&[0xff, 0xd0 | restarts]);
            restarts = (restarts + 1) % 8;
        }
        for part in &self.parts {
            let band = self.band.0..=self.band.1;
            if !frame
                .progress
                .gave(part.component, band, self.refines, self.missing)
            {
                return Err(TWICE);
            }
        }
        Ok(has_cut)
    }

    /// Follows units between two restarts.
    fn units(
        &self,
        units: std::ops::Range<u32>,
        bits: &mut Bits<'_>,
        frame: &mut Frame,
        tables: &Tables,
    ) -> Result<(), Refusal> {
        if !self.is_progressive {
            return self.sequential(units.len(), bits, tables);
        }
        if self.band.0 == 0 {
            return self.means(units.len(), bits, tables);
        }
        let [part] = &self.parts[..] else {
            return Err(BROKEN);
        };
        let filled = frame.progress.filled(part.component, self.units as usize)?;
        let filled = filled
            .get_mut(units.start as usize..units.end as usize)
            .ok_or(BROKEN)?;
        let band = Band::new(tables.get(Class::Ac, part.ac)?, self.band, self.pass());
        if self.refines {
            band.refine(filled, bits)
        } else {
            band.fill(filled, bits)
        }
    }

    fn sequential(
        &self,
        units: usize,
        bits: &mut Bits<'_>,
        tables: &Tables,
    ) -> Result<(), Refusal> {
        let mut parts = Vec::with_capacity(4);
        for part in &self.parts {
            let band = Band::new(tables.get(Class::Ac, part.ac)?, (1, 63), Pass::Whole);
            parts.push((tables.get(Class::Dc, part.dc)?, band, part.blocks));
        }
        for _ in 0..units {
            for (dc, band, blocks) in &parts {
                for _ in 0..*blocks {
                    mean(dc, bits)?;
                    band.fill_one(&mut 0, bits)?;
                }
            }
            bits.check()?;
        }
        Ok(())
    }

    /// The means of blocks alone.
    fn means(&self, units: usize, bits: &mut Bits<'_>, tables: &Tables) -> Result<(), Refusal> {
        if self.refines {
            // A bit for each block.
            let blocks = self
                .parts
                .iter()
                .map(|part| part.blocks as usize)
                .sum::<usize>();
            bits.skip(u32::try_from(units * blocks).map_err(|_| BROKEN)?);
            return Ok(());
        }
        for _ in 0..units {
            for part in &self.parts {
                let dc = tables.get(Class::Dc, part.dc)?;
                for _ in 0..part.blocks {
                    mean(dc, bits)?;
                }
            }
            bits.check()?;
        }
        Ok(())
    }
}

/// The mean of one block.
#[inline]
fn mean(table: &Table, bits: &mut Bits<'_>) -> Result<(), Refusal> {
    let size = table.symbol(bits)?;
    if size > 15 {
        return Err(UNREADABLE);
    }
    bits.pass(size.into());
    Ok(())
}

/// What stands before the next marker.
fn entropy_coded(bytes: &[u8]) -> &[u8] {
    let is_marker = |at: &usize| bytes.get(at + 1) != Some(&0);
    let end = memchr::memchr_iter(0xff, bytes)
        .find(is_marker)
        .unwrap_or(bytes.len());
    &bytes[..end]
}

/// The same without the zero behind each 0xFF.
fn unstuff(raw: &[u8], out: &mut Vec<u8>) {
    out.clear();
    out.reserve(raw.len());
    let mut from = 0;
    for at in memchr::memchr_iter(0xff, raw) {
        out.extend_from_slice(raw.get(from..=at).unwrap_or_default());
        from = at + 2;
    }
    out.extend_from_slice(raw.get(from..).unwrap_or_default());
}

/// Takes the restart marker with this number.
fn restart(reader: &mut Reader<'_>, number: u8) -> Result<(), Refusal> {
    reader.u8()?;
    loop {
        match reader.u8()? {
            0xff => {}
            code if code == 0xd0 | number => return Ok(()),
            0xd0..=0xd7 => return Err(NO_RESTART),
            _ => return Err(ENDS_EARLY),
        }
    }
}

//! The codes of a block: the fixed ones, or those at its start.

use super::codes::{DISTANCES, Entry, LENGTHS, ORDER, Table};
use super::{Fault, Walk};

impl<'a, I: Iterator<Item = &'a [u8]> + Clone> Walk<'a, I> {
    pub fn fixed_tables(&mut self) -> Result<(), Fault> {
        let bits: Vec<u8> = [(8, 144), (9, 112), (7, 24), (8, 8)]
            .into_iter()
            .flat_map(|(bits, count)| [bits; 144].into_iter().take(count))
            .collect();
        self.tables(&bits, &[5; 32])?;
        self.is_fixed = true;
        Ok(())
    }

    pub fn dynamic_tables(&mut self) -> Result<(), Fault> {
        let [lengths, distances, count] = [(257, 5), (1, 5), (4, 4)]
            .map(|(least, bits)| self.bits.take(bits).map(|more| least + more as usize));
        let (lengths, distances, count) = (lengths?, distances?, count?);
        if lengths > 286 || distances > 30 {
            return Err(Fault::Broken);
        }
        let mut bits = [0; ORDER.len()];
        for place in ORDER.into_iter().take(count) {
            bits[place] = u8::try_from(self.bits.take(3)?).unwrap_or_default();
        }
        let mut codes = Table::new();
        let is_complete = codes.fill(&bits, &std::array::from_fn::<_, 19, _>(Entry::number));
        let mut bits = [0; 286 + 30];
        self.read_lengths(
            &codes,
            bits.get_mut(..lengths + distances).unwrap_or_default(),
        )?;
        self.is_fixed = false;
        let (lengths, rest) = bits.split_at(lengths);
        let (distances, _) = rest.split_at(distances);
        if is_complete.is_some() && lengths.get(256).is_some_and(|bits| *bits > 0) {
            self.tables(lengths, distances)
        } else {
            Err(Fault::Broken)
        }
    }

    /// Reads how long codes are, where a number may stand for a repetition.
    fn read_lengths(&mut self, codes: &Table, all: &mut [u8]) -> Result<(), Fault> {
        let (mut at, mut last) = (0, 0);
        while at < all.len() {
            self.bits.load();
            let entry = codes.look(self.bits.peek());
            if entry.bits() == 0 {
                return Err(Fault::Broken);
            }
            self.bits.skip(entry.bits())?;
            let symbol = u8::try_from(entry.value()).unwrap_or_default();
            let (value, times) = match symbol {
                16 if at == 0 => return Err(Fault::Broken),
                16 => (last, 3 + self.bits.take(2)?),
                17 => (0, 3 + self.bits.take(3)?),
                18 => (0, 11 + self.bits.take(7)?),
                length => (length, 1),
            };
            let end = at + times as usize;
            all.get_mut(at..end).ok_or(Fault::Broken)?.fill(value);
            (at, last) = (end, value);
        }
        Ok(())
    }

    fn tables(&mut self, lengths: &[u8], distances: &[u8]) -> Result<(), Fault> {
        let Some(end_code) = self.lengths.fill(lengths, &LENGTHS) else {
            return Err(Fault::Broken);
        };
        self.end_code = end_code;
        self.distances
            .fill(distances, &DISTANCES)
            .map(|_| ())
            .ok_or(Fault::Broken)
    }
}

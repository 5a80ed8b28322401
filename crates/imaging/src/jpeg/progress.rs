//! How much of a picture its scans have given so far.

use crate::Refusal;

/// No scan has given this coefficient.
const NOTHING: u8 = u8::MAX;

/// Of one component.
struct Plane {
    /// How many bits of each coefficient, of 64 in the order they are stored, are still to come.
    missing: [u8; 64],
    /// Of each block, which coefficients are not zero so far: scans that refine have a bit for each of these.
    filled: Vec<u64>,
}

/// Of all components.
pub struct Progress(Vec<Plane>);

impl Progress {
    pub fn new(components: usize) -> Self {
        Self(
            (0..components)
                .map(|_| Plane {
                    missing: [NOTHING; 64],
                    filled: Vec::new(),
                })
                .collect(),
        )
    }

    /// A scan has given these coefficients but for so many bits.
    pub fn gave(&mut self, component: usize, band: std::ops::RangeInclusive<u8>, missing: u8) {
        let Some(plane) = self.0.get_mut(component) else {
            return;
        };
        (0..)
            .zip(&mut plane.missing)
            .filter(|(place, _)| band.contains(place))
            .for_each(|(_, bits)| *bits = missing);
    }

    /// Whether nothing is to come.
    pub fn is_complete(&self) -> bool {
        self.0.iter().all(|plane| plane.missing == [0; 64])
    }

    /// Which coefficients of so many blocks are not zero. Eight bytes a block, where decoders hold 128.
    pub fn filled(&mut self, component: usize, blocks: usize) -> Result<&mut [u64], Refusal> {
        let plane = self
            .0
            .get_mut(component)
            .ok_or(Refusal::Damaged("a scan is of nothing"))?;
        plane.filled.resize(blocks, 0);
        Ok(&mut plane.filled)
    }
}

//! Which parts of a picture its scans have given so far.

use std::ops::RangeInclusive;

use crate::Refusal;

/// No scan has given this coefficient.
const NOTHING: u8 = u8::MAX;

/// Of one component.
struct Plane {
    /// How many bits of each coefficient, of 64 in storage order, are still missing.
    missing: [u8; 64],
    /// The coefficients of each block that are not zero so far: refining scans have a bit for each of them.
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

    /// Notes that a scan gave all but this many bits of these coefficients. `false`: one was given before and is not refined, so an
    /// invisible picture could hide under another.
    pub fn gave(
        &mut self,
        component: usize,
        band: RangeInclusive<u8>,
        refines: bool,
        missing: u8,
    ) -> bool {
        let Some(plane) = self.0.get_mut(component) else {
            return false;
        };
        let mut is_new = true;
        for bits in &mut plane.missing[usize::from(*band.start())..=usize::from(*band.end())] {
            is_new &= refines || *bits == NOTHING;
            *bits = missing;
        }
        is_new
    }

    /// Whether no scan has given any of it.
    pub fn is_untouched(&self, component: usize) -> bool {
        self.0
            .get(component)
            .is_some_and(|plane| plane.missing == [NOTHING; 64])
    }

    /// Whether it is complete.
    pub fn is_complete(&self) -> bool {
        self.0.iter().all(|plane| plane.missing == [0; 64])
    }

    /// The nonzero coefficients of this many blocks. Eight bytes a block, where decoders hold 128.
    pub fn filled(&mut self, component: usize, blocks: usize) -> Result<&mut [u64], Refusal> {
        let plane = self
            .0
            .get_mut(component)
            .ok_or(Refusal::Damaged("a scan is of nothing"))?;
        plane.filled.resize(blocks, 0);
        Ok(&mut plane.filled)
    }
}

//! The tokens of a lossy picture's coefficients: which of them are zero decides how the next ones are coded.

use super::booleans::Booleans;
use super::numbers::{BANDS, EXTRA, Tokens};

/// What a block of 16 x 16 pixels tells the one below or to the right: modes of prediction, and which small blocks have coefficients.
#[derive(Clone, Copy, Default)]
pub struct Edge {
    pub modes: [u8; 4],
    brightness: [u8; 4],
    colours: [[u8; 2]; 2],
    means: u8,
}

impl Edge {
    /// There are no coefficients. What is split has no means, and leaves those of before.
    pub fn empty(&mut self, is_split: bool) {
        let means = if is_split { self.means } else { 0 };
        *self = Self {
            modes: self.modes,
            means,
            ..Self::default()
        };
    }
}

/// Of a block of 16 x 16 pixels: the means of brightness, unless it is split, then brightness, then colours.
pub fn block(
    bits: &mut Booleans<'_>,
    tokens: &Tokens,
    top: &mut Edge,
    left: &mut Edge,
    is_split: bool,
) {
    let (plane, start) = if is_split { (3, 0) } else { (0, 1) };
    if !is_split {
        let has = small(bits, &tokens[1], top.means + left.means, 0);
        (top.means, left.means) = (has, has);
    }
    for left in &mut left.brightness {
        for top in &mut top.brightness {
            let has = small(bits, &tokens[plane], *top + *left, start);
            (*top, *left) = (has, has);
        }
    }
    for (top, left) in top.colours.iter_mut().zip(&mut left.colours) {
        for left in left {
            for top in &mut *top {
                let has = small(bits, &tokens[2], *top + *left, 0);
                (*top, *left) = (has, has);
            }
        }
    }
}

/// Of 4 x 4 coefficients, from the given one on: 1 if there are any.
fn small(bits: &mut Booleans<'_>, tokens: &[[[u8; 11]; 3]; 8], before: u8, start: usize) -> u8 {
    let mut here = *bits;
    let has = coefficients(&mut here, tokens, before, start);
    *bits = here;
    has
}

#[inline]
fn coefficients(
    bits: &mut Booleans<'_>,
    tokens: &[[[u8; 11]; 3]; 8],
    before: u8,
    start: usize,
) -> u8 {
    let mut at = start;
    let mut token = &tokens[usize::from(BANDS[at])][usize::from(before) % 3];
    if !bits.ask(token[0]) {
        return 0;
    }
    loop {
        while !bits.ask(token[1]) {
            at += 1;
            let Some(band) = BANDS.get(at) else { return 1 };
            token = &tokens[usize::from(*band)][0];
        }
        let is_large = bits.ask(token[2]);
        if is_large {
            large(bits, token);
        }
        // The sign.
        bits.pass(128);
        at += 1;
        let Some(band) = BANDS.get(at) else { return 1 };
        token = &tokens[usize::from(*band)][1 + usize::from(is_large)];
        if !bits.ask(token[0]) {
            return 1;
        }
    }
}

/// Of a value above one.
#[inline]
fn large(bits: &mut Booleans<'_>, token: &[u8; 11]) {
    if !bits.ask(token[3]) {
        if bits.ask(token[4]) {
            bits.pass(token[5]);
        }
    } else if !bits.ask(token[6]) {
        if bits.ask(token[7]) {
            bits.pass(165);
            bits.pass(145);
        } else {
            bits.pass(159);
        }
    } else {
        let category = if bits.ask(token[8]) {
            2 + usize::from(bits.ask(token[10]))
        } else {
            usize::from(bits.ask(token[9]))
        };
        for probability in EXTRA[category] {
            bits.pass(*probability);
        }
    }
}

//! The pieces of 255 bytes and fewer that a GIF keeps its data in.

use super::lzw::End;
use crate::Refusal;
use crate::bytes::Reader;

/// Pieces from a length up to the piece of no length.
#[derive(Clone)]
pub struct Blocks<'a>(Reader<'a>);

impl<'a> Blocks<'a> {
    /// Reads all of them.
    pub fn take(reader: &mut Reader<'a>) -> Result<Self, Refusal> {
        let blocks = Self(*reader);
        loop {
            match reader.u8()? {
                0 => return Ok(blocks),
                length => drop(reader.take(length.into())?),
            }
        }
    }

    /// Bytes of all pieces.
    pub fn length(&self) -> usize {
        self.clone().map(<[u8]>::len).sum()
    }

    pub fn joined(&self) -> Vec<u8> {
        self.clone().flatten().copied().collect()
    }
}

impl<'a> Iterator for Blocks<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        match self.0.u8() {
            Ok(length @ 1..) => self.0.take(length.into()).ok(),
            _ => None,
        }
    }
}

/// Writes data in pieces.
pub fn write(out: &mut Vec<u8>, data: &[u8]) {
    for piece in data.chunks(255) {
        out.extend(u8::try_from(piece.len()));
        out.extend_from_slice(piece);
    }
    out.push(0);
}

/// The codes of a frame up to its end. A missing end code is added: otherwise the next bytes would be read as pixels. `None`: they are
/// unchanged.
pub fn cut(blocks: &Blocks<'_>, end: End) -> Option<Vec<u8>> {
    let (bits, code) = match end {
        End::Marked(bits) => (bits, None),
        End::Unmarked(bits, code, width) => (bits, Some((code, width))),
    };
    let mut data: Vec<u8> = blocks
        .clone()
        .flatten()
        .copied()
        .take(end.bytes())
        .collect();
    let spare = u32::try_from(bits.next_multiple_of(8) - bits).unwrap_or(0);
    if let Some(last) = data.last_mut() {
        *last &= 0xff >> spare;
    }
    if let Some((code, width)) = code {
        append(&mut data, spare, code, width);
    }
    (!blocks.clone().flatten().eq(&data)).then_some(data)
}

/// Adds a code after the last one: this many bits of the last byte are free.
fn append(data: &mut Vec<u8>, spare: u32, code: u16, width: u32) {
    let taken = (8 - spare) % 8;
    let length = usize::try_from((taken + width).div_ceil(8)).unwrap_or(0);
    let code = (u32::from(code) << taken).to_le_bytes();
    let mut bytes = code.into_iter().take(length);
    if taken > 0
        && let Some(last) = data.last_mut()
    {
        *last |= bytes.next().unwrap_or_default();
    }
    data.extend(bytes);
}

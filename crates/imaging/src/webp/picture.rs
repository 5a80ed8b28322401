//! The chunks that a picture in a WebP file is made of: its pixels, and how transparent they are where those can't say it.

use std::collections::BTreeSet;

use super::write_chunk;
use crate::bytes::Reader;
use crate::{Refusal, RemovedCode};

/// A still picture, or a frame.
#[derive(Default)]
pub struct Picture<'a> {
    /// How transparent it is, which waits for the pixels.
    alpha: Option<&'a [u8]>,
    is_lossy: bool,
}

impl<'a> Picture<'a> {
    pub const fn is_lossy(&self) -> bool {
        self.is_lossy
    }

    /// The first chunk of the kind counts.
    pub fn alpha(&mut self, data: &'a [u8], removed: &mut BTreeSet<RemovedCode>) {
        if self.alpha.is_some() {
            removed.insert(RemovedCode::Application);
        } else {
            self.alpha = Some(data);
        }
    }

    /// Writes all of the picture and says whether it has transparent places.
    pub fn pixels(&mut self, kind: [u8; 4], data: &[u8], out: &mut Vec<u8>, removed: &mut BTreeSet<RemovedCode>) -> Result<bool, Refusal> {
        self.is_lossy = kind == *b"VP8 ";
        let alpha = self.alpha.take();
        if !self.is_lossy {
            // Lossless pixels say themselves how transparent they are.
            if alpha.is_some() {
                removed.insert(RemovedCode::Application);
            }
            write_chunk(out, kind, data);
            return Ok(data.get(4).is_some_and(|bits| bits & 0x10 != 0));
        }
        if let Some(alpha) = alpha {
            write_chunk(out, *b"ALPH", alpha);
        }
        write_chunk(out, kind, data);
        Ok(alpha.is_some())
    }
}

pub fn stored_size(kind: [u8; 4], data: &[u8]) -> Result<(u32, u32), Refusal> {
    if kind == *b"VP8 " { lossy_size(data) } else { lossless_size(data) }
}

fn lossy_size(data: &[u8]) -> Result<(u32, u32), Refusal> {
    let mut reader = Reader::new(data);
    reader.take(3)?;
    if reader.take(3)? != b"\x9d\x01\x2a" {
        return Err(Refusal::Damaged("its header is broken"));
    }
    Ok((u32::from(reader.u16_le()? & 0x3fff), u32::from(reader.u16_le()? & 0x3fff)))
}

fn lossless_size(data: &[u8]) -> Result<(u32, u32), Refusal> {
    let mut reader = Reader::new(data);
    if reader.u8()? != 0x2f {
        return Err(Refusal::Damaged("its header is broken"));
    }
    let bits = reader.u32_le()?;
    Ok(((bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1))
}

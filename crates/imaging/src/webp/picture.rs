//! The chunks that a picture in a WebP file is made of: its pixels, and how transparent they are where those can't say it.

use std::collections::BTreeSet;

use super::{BROKEN, lossless, lossy, write_chunk};
use crate::bytes::{ENDS_EARLY, Reader};
use crate::{Refusal, RemovedCode};

/// Of lossless pixels, the signature, the size, and whether there is alpha, bytes.
const HEADER: usize = 5;

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

    /// Writes all of the picture, up to where its bits end, and says whether it has transparent places.
    pub fn pixels(
        &mut self,
        kind: [u8; 4],
        data: &[u8],
        size: (u32, u32),
        out: &mut Vec<u8>,
        removed: &mut BTreeSet<RemovedCode>,
    ) -> Result<bool, Refusal> {
        self.is_lossy = kind == *b"VP8 ";
        let alpha = self.alpha.take();
        if self.is_lossy {
            if let Some(alpha) = alpha {
                write_start(out, *b"ALPH", alpha, alpha_end(alpha, size)?, removed);
            }
            match lossy::cut(data, size)? {
                Some(cut) => {
                    write_chunk(out, kind, &cut.kept);
                    if cut.has_surplus {
                        removed.insert(RemovedCode::TrailingData);
                    }
                }
                None => write_chunk(out, kind, data),
            }
            return Ok(alpha.is_some());
        }
        // Three bits of the version are zero.
        let [.., bits] = *data
            .first_chunk::<HEADER>()
            .filter(|header| header[4] >> 5 == 0)
            .ok_or(BROKEN)?;
        write_start(
            out,
            kind,
            data,
            HEADER + lossless::end(&data[HEADER..], size)?,
            removed,
        );
        // Lossless pixels say themselves how transparent they are.
        if alpha.is_some() {
            removed.insert(RemovedCode::Application);
        }
        Ok(bits & 0x10 != 0)
    }
}

fn write_start(
    out: &mut Vec<u8>,
    kind: [u8; 4],
    data: &[u8],
    end: usize,
    removed: &mut BTreeSet<RemovedCode>,
) {
    if end < data.len() {
        removed.insert(RemovedCode::TrailingData);
    }
    write_chunk(out, kind, data.get(..end).unwrap_or(data));
}

/// Behind a byte that says how, a byte for each pixel, or a lossless picture without a header.
fn alpha_end(data: &[u8], size: (u32, u32)) -> Result<usize, Refusal> {
    let (flags, values) = data.split_first().ok_or(ENDS_EARLY)?;
    if flags & 0x20 != 0 {
        return Err(BROKEN);
    }
    let end = match flags & 3 {
        0 => crate::bytes::size(size.0 * size.1)?,
        1 => lossless::end(values, size)?,
        _ => return Err(BROKEN),
    };
    if end > values.len() {
        Err(ENDS_EARLY)
    } else {
        Ok(1 + end)
    }
}

pub fn stored_size(kind: [u8; 4], data: &[u8]) -> Result<(u32, u32), Refusal> {
    if kind == *b"VP8 " {
        lossy_size(data)
    } else {
        lossless_size(data)
    }
}

fn lossy_size(data: &[u8]) -> Result<(u32, u32), Refusal> {
    let mut reader = Reader::new(data);
    reader.take(3)?;
    if reader.take(3)? != b"\x9d\x01\x2a" {
        return Err(Refusal::Damaged("its header is broken"));
    }
    Ok((
        u32::from(reader.u16_le()? & 0x3fff),
        u32::from(reader.u16_le()? & 0x3fff),
    ))
}

fn lossless_size(data: &[u8]) -> Result<(u32, u32), Refusal> {
    let mut reader = Reader::new(data);
    if reader.u8()? != 0x2f {
        return Err(Refusal::Damaged("its header is broken"));
    }
    let bits = reader.u32_le()?;
    Ok(((bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1))
}

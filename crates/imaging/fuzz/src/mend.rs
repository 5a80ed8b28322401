//! Checksums and lengths made right again, so that a change gets past them.

use tintype_imaging::{ContentType, sniff};

/// Three of four files.
pub fn most(bytes: &mut [u8], seed: u32) {
    if !seed.is_multiple_of(4) {
        match sniff(bytes) {
            Ok(ContentType::Png) => checksums(bytes),
            Ok(ContentType::Webp) => length(bytes),
            _ => {}
        }
    }
}

/// Of every chunk, up to one that is longer than the file.
pub fn checksums(png: &mut [u8]) {
    let mut at = 8;
    while let Some(length) = png.get(at..).and_then(<[u8]>::first_chunk) {
        let end = at
            .saturating_add(8)
            .saturating_add(usize::try_from(u32::from_be_bytes(*length)).unwrap_or(usize::MAX));
        let Some(data) = png.get(at + 4..end) else {
            return;
        };
        let checksum = crc32fast::hash(data).to_be_bytes();
        let Some(place) = png.get_mut(end..).and_then(<[u8]>::first_chunk_mut) else {
            return;
        };
        *place = checksum;
        at = end + 4;
    }
}

fn length(webp: &mut [u8]) {
    let length = u32::try_from(webp.len() - 8).unwrap_or(u32::MAX);
    webp[4..8].copy_from_slice(&length.to_le_bytes());
}

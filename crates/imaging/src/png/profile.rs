//! The colour profile of a PNG, which is packed and has a name.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::chunks::Chunk;
use super::header::Header;
use super::pixels::Pieces;
use crate::deflate::{self, End};
use crate::{FormatLimits, Refusal, RemovedCode, icc};

/// Replaces a name that may tell whose screen it was.
const NAME: &[u8] = b"icc";

/// What to do with the chunk.
pub enum Kept<'a> {
    /// Keep it, with these data.
    Data(Cow<'a, [u8]>),
    /// Its profile is for another kind of picture: browsers then use sRGB, whatever other chunks say.
    OfOthers,
    /// Cut it: browsers use the other colour chunks.
    Nothing,
}

/// Cuts the chunk's data. Decoders ignore a profile that can't be unpacked, so it is dropped. Unpacking stops at the limit, and the picture
/// is refused.
pub fn cut<'a>(
    chunk: &Chunk<'a>,
    header: &Header,
    limits: &FormatLimits,
    removed: &mut BTreeSet<RemovedCode>,
) -> Result<Kept<'a>, Refusal> {
    let data = chunk.data;
    let name = data
        .iter()
        .take(80)
        .position(|byte| *byte == 0)
        .filter(|length| *length > 0);
    let Some((name, [0, packed @ ..])) =
        name.and_then(|length| Some((data.get(..length)?, data.get(length + 1..)?)))
    else {
        removed.insert(RemovedCode::ColourProfile);
        return Ok(Kept::Nothing);
    };
    let most = usize::try_from(limits.max_metadata_bytes).unwrap_or(usize::MAX);
    let profile = match deflate::unpack(packed, most) {
        Ok(profile) => profile,
        Err(deflate::Refused::TooMuch) => {
            return Err(Refusal::Damaged("its colour profile is too large"));
        }
        Err(deflate::Refused::Broken) => {
            removed.insert(RemovedCode::ColourProfile);
            return Ok(Kept::Nothing);
        }
    };
    let cut = icc::cut(&profile, header.colour());
    removed.extend(cut.removed);
    let Some(kept) = cut.profile else {
        return Ok(if profile.get(36..40) == Some(b"acsp") {
            Kept::OfOthers
        } else {
            Kept::Nothing
        });
    };
    let is_known = icc::is_known_name(name);
    let size = length(chunk, data.len() - packed.len(), profile.len());
    if is_known && size == Some(packed.len()) && matches!(kept, Cow::Borrowed(_)) {
        return Ok(Kept::Data(Cow::Borrowed(data)));
    }
    if !is_known || size != Some(packed.len()) {
        removed.insert(RemovedCode::ColourProfile);
    }
    let packed = match (&kept, size.and_then(|size| packed.get(..size))) {
        (Cow::Borrowed(_), Some(packed)) => Cow::Borrowed(packed),
        (kept, _) => Cow::Owned(deflate::pack(kept)),
    };
    Ok(Kept::Data(Cow::Owned(
        [if is_known { name } else { NAME }, b"\0\0", &packed].concat(),
    )))
}

/// The length of the stream that begins at `start`, if it holds only the profile.
fn length(chunk: &Chunk<'_>, start: usize, unpacked: usize) -> Option<usize> {
    let unpacked = u64::try_from(unpacked).ok()?;
    // As pixels are measured: the page has one walk.
    let place = 0..chunk.whole.len();
    let pieces = Pieces::new(chunk.whole, std::slice::from_ref(&place), start);
    match deflate::measure(pieces, unpacked, 64 + unpacked / 1_024)
        .ok()?
        .end
    {
        End::Whole(size) => Some(size),
        End::Surplus(_) => None,
    }
}

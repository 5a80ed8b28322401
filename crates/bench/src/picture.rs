//! The file that is sent.

use bytes::Bytes;

const PHOTOGRAPH: &[u8] = include_bytes!("../../imaging/fixtures/landscape.jpg");
const SIZE: usize = 102_400;
/// A comment segment of a JPEG, which the server cuts: its marker and, counted in the length, the two bytes of that.
const COMMENT: [u8; 2] = [0xff, 0xfe];

/// A photograph of 600 x 400 pixels in exactly 100 KB: what it lacks stands in a comment.
pub fn photograph() -> Bytes {
    let (start, rest) = PHOTOGRAPH.split_at(2);
    let length = SIZE.saturating_sub(PHOTOGRAPH.len() + COMMENT.len());
    let counted = u16::try_from(length).unwrap_or(u16::MAX);
    let mut bytes = Vec::with_capacity(SIZE);
    bytes.extend_from_slice(start);
    bytes.extend_from_slice(&COMMENT);
    bytes.extend_from_slice(&counted.to_be_bytes());
    bytes.resize(start.len() + COMMENT.len() + usize::from(counted), b'x');
    bytes.extend_from_slice(rest);
    bytes.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_photograph_has_its_size() {
        assert_eq!(photograph().len(), SIZE);
    }
}

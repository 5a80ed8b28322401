//! Pictures to upload.

use std::fs;
use std::path::Path;

/// One of the photographs that the imaging crate is tested with.
pub fn fixture(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../imaging/fixtures");
    fs::read(folder.join(name)).unwrap()
}

/// A small animation, another for each number: it stands in the palette.
pub fn picture(number: u8) -> Vec<u8> {
    let mut bytes = fixture("animated.gif");
    bytes[13..16].copy_from_slice(&[number, 1, 2]);
    bytes
}

//! Pictures of four inks. Chromium mixes black into the other three first, as if there were no profile, and then lets a profile speak of
//! three inks and no black: what is uploaded should look the same before and after, so it is done here too.

use image::{DynamicImage, RgbaImage};

/// Four inks of each pixel, 255 for as much as there is, become red, green and blue, in the same memory.
pub fn mixed(mut inks: Vec<u8>) -> Vec<u8> {
    let count = inks.len() / 4;
    for at in 0..count {
        let Some([cyan, magenta, yellow, black]) = inks
            .get(4 * at..)
            .and_then(|rest| rest.first_chunk())
            .copied()
        else {
            break;
        };
        if let Some(pixel) = inks.get_mut(3 * at..3 * at + 3) {
            pixel.copy_from_slice(
                &[cyan, magenta, yellow].map(|ink| product(255 - ink, 255 - black)),
            );
        }
    }
    inks.truncate(3 * count);
    inks.shrink_to_fit();
    inks
}

/// Of two parts of 255.
fn product(a: u8, b: u8) -> u8 {
    let product = u16::from(a) * u16::from(b) + 128;
    // A division by 255.
    ((product + (product >> 8)) >> 8).to_le_bytes()[0]
}

/// Cyan, magenta and yellow again, and no black.
pub fn unmixed(picture: &DynamicImage) -> DynamicImage {
    let inks = picture
        .to_rgb8()
        .pixels()
        .flat_map(|pixel| [255 - pixel.0[0], 255 - pixel.0[1], 255 - pixel.0[2], 0])
        .collect();
    RgbaImage::from_raw(picture.width(), picture.height(), inks)
        .unwrap_or_default()
        .into()
}

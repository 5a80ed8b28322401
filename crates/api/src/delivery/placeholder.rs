//! What a picture looks like until it is there: some colours of its `ThumbHash` (<https://evanw.github.io/thumbhash/>), from corner to corner.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// A CSS gradient. `None`: there is no hash that can be read, or one would see through the picture to its placeholder.
pub fn gradient(hash: &str) -> Option<String> {
    let hash = STANDARD.decode(hash).ok()?;
    let (width, height, pixels) = thumbhash::thumb_hash_to_rgba(&hash).ok()?;
    if pixels.chunks_exact(4).any(|pixel| pixel[3] < u8::MAX) {
        return None;
    }
    let colour = |sixths: usize| {
        let (x, y) = (width * sixths / 6, height * sixths / 6);
        let pixel = pixels.get((y * width + x) * 4..)?;
        let [red, green, blue, ..] = pixel else {
            return None;
        };
        Some(format!("#{red:02x}{green:02x}{blue:02x}"))
    };
    let [first, middle, last] = [colour(1)?, colour(3)?, colour(5)?];
    Some(format!(
        "linear-gradient(to bottom right,{first},{middle},{last})"
    ))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn hash(pixel: impl Fn(usize) -> [u8; 4]) -> String {
        let pixels: Vec<_> = (0..100).flat_map(pixel).collect();
        STANDARD.encode(thumbhash::rgba_to_thumb_hash(10, 10, &pixels))
    }

    #[test]
    fn a_placeholder_goes_from_the_colours_above_to_those_below() {
        let sunset = hash(|n| {
            if n < 50 {
                [20, 30, 200, 255]
            } else {
                [220, 120, 10, 255]
            }
        });
        let css = gradient(&sunset).unwrap();
        let colours = css
            .strip_prefix("linear-gradient(to bottom right,")
            .unwrap();
        let colours: Vec<_> = colours.trim_end_matches(')').split(',').collect();
        let part = |colour: &str, at: usize| u8::from_str_radix(&colour[at..at + 2], 16).unwrap();
        assert!(
            part(colours[0], 5) > part(colours[0], 1),
            "blue above: {css}"
        );
        assert!(
            part(colours[2], 5) < part(colours[2], 1),
            "orange below: {css}"
        );
    }

    #[test]
    fn what_one_sees_through_and_what_is_no_hash_has_none() {
        assert_eq!(
            gradient(&hash(|n| [200, 0, 0, if n < 50 { 0 } else { 255 }])),
            None
        );
        for odd in ["", "x", "AAAA", "!!!!", "////"] {
            assert_eq!(gradient(odd), None, "{odd}");
        }
    }
}

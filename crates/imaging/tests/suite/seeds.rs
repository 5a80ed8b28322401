//! What `just fuzz` begins with.

use std::path::PathBuf;

use crate::large::{lossless_webp_of, webp_of_codes};
use crate::pictures::*;

#[test]
#[ignore = "run by `just fuzz`"]
fn made_pictures_are_written_where_the_fuzzer_begins() {
    let folder = PathBuf::from(std::env::var("TINTYPE_FUZZ_SEEDS").expect("run by `just fuzz`"));
    for (name, bytes) in [
        ("made.jpg", jpeg()),
        ("made.png", png()),
        ("made-moving.png", apng()),
        ("made.gif", gif()),
        ("made.webp", webp()),
        ("made-moving.webp", animated_webp()),
        ("made-of-codes.webp", webp_of_codes(20)),
        ("made-lossless.webp", lossless_webp_of(40, 30, 0)),
        (
            "made-with-a-profile.webp",
            webp_with(&webp(), &[riff_chunk(b"ICCP", b"icc")], &[]),
        ),
    ] {
        std::fs::write(folder.join(name), bytes).unwrap();
    }
}

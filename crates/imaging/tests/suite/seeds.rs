//! What `just fuzz` begins with.

use std::path::PathBuf;

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
        ("made-with-a-profile.webp", webp_with(&webp(), &[riff_chunk(b"ICCP", b"icc")], &[])),
    ] {
        std::fs::write(folder.join(name), bytes).unwrap();
    }
}

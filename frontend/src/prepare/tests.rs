//! The same bytes are judged the same in a browser and natively, where `crates/imaging` has this test too.

use wasm_bindgen_test::wasm_bindgen_test;

include!("../../../crates/imaging/fixtures/verdicts.rs");

#[wasm_bindgen_test]
fn the_page_says_what_the_native_build_says() {
    for (name, fixture, expected) in FIXTURES {
        assert_eq!(verdict(fixture), expected, "{name}");
    }
}

/// A walk over segments, not a decode.
#[wasm_bindgen_test]
fn a_5_mb_jpeg_is_looked_at_and_cleaned_in_a_moment() {
    let fixture = FIXTURES[4].1;
    // The scan is where the pixels are: it is lengthened before the end marker.
    let (head, end) = fixture.split_at(fixture.len() - 2);
    let picture = [head, &vec![0x55; 5_000_000 - fixture.len()], end].concat();
    let now = || js_sys::Date::now();
    let limits = tintype_imaging::Limits::default();
    let start = now();
    for _ in 0..20 {
        assert!(tintype_imaging::inspect(&picture, &limits).is_ok());
        assert!(
            tintype_imaging::clean(&picture, &limits)
                .is_ok_and(|cleaned| !cleaned.removed.is_empty())
        );
    }
    let speed = 20.0 * 5.0 / ((now() - start) / 1000.0);
    web_sys::console::log_1(&format!("inspect and clean: {speed:.0} MB/s").into());
    assert!(speed > 150.0, "{speed:.0} MB/s");
}

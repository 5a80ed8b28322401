//! The same bytes are judged the same natively and in a browser, where `frontend` has this test too.

include!("../../fixtures/verdicts.rs");

#[test]
fn the_native_build_says_what_the_page_says() {
    for (name, fixture, expected) in FIXTURES {
        assert_eq!(verdict(fixture), expected, "{name}: change the number when the crate is meant to say something else");
    }
}

//! The same bytes are judged the same natively and in a browser, where `frontend` has this test too.

include!("../../fixtures/verdicts.rs");

#[test]
fn the_native_build_says_what_the_page_says() {
    for (name, fixture, expected) in FIXTURES {
        let said = verdict(fixture);
        assert_eq!(said, expected, "{name}: change the number to {said:#010x} when the crate is meant to say something else");
    }
}

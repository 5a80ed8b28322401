//! The same bytes are judged the same natively and in a browser, where `frontend` has this test too.

include!("../../fixtures/verdicts.rs");

#[test]
fn the_native_build_says_what_the_page_says() {
    let said = FIXTURES.map(|(name, fixture, _)| (name, format!("{:#010x}", verdict(fixture))));
    let expected = FIXTURES.map(|(name, _, expected)| (name, format!("{expected:#010x}")));
    assert_eq!(
        said, expected,
        "change the numbers when the crate is meant to say something else"
    );
}

//! Tests of the page in a real browser against the real server: see `tests/page`.

//! All texts of the page, in the built-in language. Another language is a folder next to `en` with the same names: the compiler reports
//! missing ones.

mod en;

pub use en::*;

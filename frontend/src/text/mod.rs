//! Every word that the page says, in the language that is built in. Another language is a folder beside `en` with the same names in it: the
//! compiler says what it lacks.

mod en;

pub use en::*;

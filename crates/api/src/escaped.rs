//! Words of others in lines that are printed.

use std::fmt::{self, Write};

/// The same text as one line: control characters, which would end it or tell a terminal to do something, as Rust writes them, and all others
/// as they are.
pub fn escaped(text: impl fmt::Display) -> String {
    let mut line = String::new();
    // Nothing fails that is written into memory.
    let _ = write!(Escaped(&mut line), "{text}");
    line
}

/// Writes [`escaped`] text.
pub struct Escaped<W>(pub W);

impl<W: Write> Write for Escaped<W> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for character in text.chars() {
            if character.is_control() {
                write!(self.0, "{}", character.escape_debug())?;
            } else {
                self.0.write_char(character)?;
            }
        }
        Ok(())
    }
}

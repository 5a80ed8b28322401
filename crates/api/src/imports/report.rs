//! What has become of the files of an import.

use std::fmt::{self, Write};

use tintype_core::db::ImageId;
use tintype_dto::ProblemCode;

use super::ImportError;
use super::target::Came;
use crate::escaped::Escaped;
use crate::problems::ApiError;

/// How many refusals are kept with their words. The others are counted.
const KEPT: usize = 10_000;

/// What has become of everything.
#[derive(Debug, Default)]
pub struct Report {
    /// Pictures that came.
    pub new: u64,
    /// Pictures that the account had already.
    pub there: u64,
    /// Albums that came.
    pub albums: u64,
    /// Pictures of an archive that have ended since.
    pub ended: u64,
    /// Files that are no pictures.
    pub others: u64,
    /// How many were refused.
    pub refused: u64,
    /// The first of those.
    pub refusals: Vec<Refusal>,
}

/// A file or an album that was refused.
#[derive(Debug)]
pub struct Refusal {
    /// Where it is.
    pub name: String,
    /// The code of the problem, and what to do.
    pub why: ApiError,
}

/// One line. Names of files and the words of an archive are anybody's: what would end the line, or tell a terminal to do something, is
/// written as an escape.
impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(Escaped(f), "{}: {}", self.name, self.why)
    }
}

impl Report {
    /// Notes what has become of a picture; its image, if there is one.
    ///
    /// # Errors
    /// What would become of every other file, too.
    pub fn picture(
        &mut self,
        name: &str,
        ended: Result<Came, ApiError>,
    ) -> Result<Option<ImageId>, ImportError> {
        let (count, id) = match ended {
            Ok(Came::New(id)) => (&mut self.new, id),
            Ok(Came::There(id)) => (&mut self.there, id),
            Err(error) => return self.refuse(name, error).map(|()| None),
        };
        *count += 1;
        Ok(Some(id))
    }

    /// Notes that something was refused.
    ///
    /// # Errors
    /// What would become of every other file, too.
    pub fn refuse(&mut self, name: &str, why: ApiError) -> Result<(), ImportError> {
        if why.code().status() >= 500 || why.code() == ProblemCode::Unauthenticated {
            return Err(ImportError::Stopped(why));
        }
        self.refused += 1;
        if self.refusals.len() < KEPT {
            let name = name.to_owned();
            self.refusals.push(Refusal { name, why });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_one_line_without_control_characters() {
        let refusal = Refusal {
            name: "a\n\u{1b}[2J\u{9b}é \\.jpg".to_owned(),
            why: ApiError::field("title", "Not\r\tso."),
        };
        let line = refusal.to_string();
        let start = r"a\n\u{1b}[2J\u{9b}é \.jpg: validation_failed: ";
        assert!(line.starts_with(start), "{line}");
        assert!(!line.chars().any(char::is_control), "{line}");
    }
}

//! Why a picture is refused.

use tintype_dto::ProblemCode;

/// Why a file is not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Not a JPEG, PNG, GIF or WebP picture; the text names what it is, where known, and what to do.
    #[error("{0}")]
    Unsupported(&'static str),
    /// The file has too many bytes.
    #[error("The file has {bytes} bytes; at most {most} are accepted. Save it smaller.")]
    FileTooLarge {
        /// How many it has.
        bytes: u64,
        /// How many are accepted.
        most: u64,
    },
    /// Too many pixels or frames.
    #[error("{0}")]
    TooLarge(String),
    /// The bytes are not what the format promises.
    #[error("The picture is damaged: {0}. Open it in an editor and save it again.")]
    Damaged(&'static str),
}

impl Refusal {
    /// The code that carries it to clients.
    #[must_use]
    pub const fn code(&self) -> ProblemCode {
        match self {
            Self::Unsupported(_) => ProblemCode::UnsupportedMedia,
            Self::FileTooLarge { .. } => ProblemCode::FileTooLarge,
            Self::TooLarge(_) => ProblemCode::ImageTooLarge,
            Self::Damaged(_) => ProblemCode::ImageDamaged,
        }
    }

    /// A sentence for the person who has the file: what is wrong and what to do.
    #[must_use]
    pub fn detail(&self) -> String {
        self.to_string()
    }
}

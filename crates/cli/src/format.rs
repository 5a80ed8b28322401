//! What is printed of an image.

use clap::ValueEnum;
use tintype_dto::{Image, Snippet};

/// See the module.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// The address of the picture.
    #[default]
    Url,
    /// Markdown that shows it.
    Md,
    /// HTML that shows it.
    Html,
    /// `BBCode` that shows it.
    Bbcode,
    /// The image as the API describes it, an object a line.
    Json,
}

impl Format {
    /// One line.
    pub fn write(self, image: &Image) -> String {
        match self {
            Self::Url => Snippet::Link.write(image),
            Self::Md => Snippet::Markdown.write(image),
            Self::Html => Snippet::Html.write(image),
            Self::Bbcode => Snippet::BbCode.write(image),
            Self::Json => serde_json::to_string(image).unwrap_or_default(),
        }
    }
}

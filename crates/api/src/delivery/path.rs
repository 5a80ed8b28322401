//! Addresses of images, taken apart.

use tintype_dto::ContentType;

use crate::urls::Rendition;

/// What a media path names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MediaPath<'a> {
    /// `/i/{slug}.{ext}`
    Original { slug: &'a str, extension: &'a str },
    /// `/i/{slug}/preview.webp`, `/i/{slug}/thumb.webp`
    Rendition { slug: &'a str, rendition: Rendition },
}

impl<'a> MediaPath<'a> {
    /// From what stands behind `/i/`. `None`: it can't name anything.
    pub fn parse(path: &'a str) -> Option<Self> {
        let parsed = match path.split_once('/') {
            Some((slug, "preview.webp")) => Self::Rendition {
                slug,
                rendition: Rendition::Preview,
            },
            Some((slug, "thumb.webp")) => Self::Rendition {
                slug,
                rendition: Rendition::Thumb,
            },
            Some(_) => return None,
            None => path
                .split_once('.')
                .map(|(slug, extension)| Self::Original { slug, extension })?,
        };
        let slug = parsed.slug();
        (slug.len() <= 32 && !slug.is_empty() && slug.bytes().all(|b| b.is_ascii_alphanumeric()))
            .then_some(parsed)
    }

    pub fn slug(self) -> &'a str {
        match self {
            Self::Original { slug, .. } | Self::Rendition { slug, .. } => slug,
        }
    }

    /// Whether the extension is the one of this type.
    pub fn fits(self, content_type: ContentType) -> bool {
        match self {
            Self::Original { extension, .. } => extension == content_type.extension(),
            Self::Rendition { .. } => true,
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn paths_name_an_original_or_a_rendition_or_nothing() {
        assert_eq!(
            MediaPath::parse("aB3.jpg"),
            Some(MediaPath::Original {
                slug: "aB3",
                extension: "jpg"
            })
        );
        for rendition in [Rendition::Preview, Rendition::Thumb] {
            let path = format!("aB3/{}.webp", rendition.name());
            assert_eq!(
                MediaPath::parse(&path),
                Some(MediaPath::Rendition {
                    slug: "aB3",
                    rendition
                })
            );
        }
        for bad in [
            "",
            ".jpg",
            "aB3",
            "aB3/",
            "aB3/thumb.jpg",
            "aB3/preview",
            "a/b/thumb.webp",
            "../x.jpg",
            "a b.jpg",
            "é.jpg",
            "/thumb.webp",
        ] {
            assert_eq!(MediaPath::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn an_extension_fits_its_type_alone() {
        let path = MediaPath::parse("a.jpg").unwrap();
        assert!(path.fits(ContentType::Jpeg) && !path.fits(ContentType::Png));
        assert!(
            !MediaPath::parse("a.jpeg.html")
                .unwrap()
                .fits(ContentType::Jpeg)
        );
    }
}

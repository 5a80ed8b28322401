//! Addresses of images, taken apart.

use tintype_dto::ContentType;

use crate::urls::{Rendition, Urls};

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
            Some((slug, name)) => Self::Rendition {
                slug,
                rendition: rendition(name)?,
            },
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

    /// Whether the extension is one of this type, in whatever case.
    pub fn fits(self, content_type: ContentType) -> bool {
        match self {
            Self::Original { extension, .. } => {
                let mut known = extensions(content_type).iter();
                known.any(|known| known.eq_ignore_ascii_case(extension))
            }
            Self::Rendition { .. } => true,
        }
    }

    /// The address that stands in links, of a picture of this type.
    pub fn address(self, urls: &Urls, content_type: ContentType) -> String {
        match self {
            Self::Original { slug, .. } => urls.original(slug, content_type),
            Self::Rendition { slug, rendition } => urls.rendition(slug, rendition),
        }
    }
}

/// In whatever case.
fn rendition(name: &str) -> Option<Rendition> {
    let (stem, extension) = name.split_once('.')?;
    let mut all = [Rendition::Preview, Rendition::Thumb].into_iter();
    all.find(|one| one.name().eq_ignore_ascii_case(stem))
        .filter(|_| extension.eq_ignore_ascii_case("webp"))
}

/// How files of a type are called.
fn extensions(content_type: ContentType) -> &'static [&'static str] {
    match content_type {
        ContentType::Jpeg => &["jpg", "jpeg", "jpe", "jfif", "pjp", "pjpeg"],
        ContentType::Png => &["png", "apng"],
        ContentType::Gif => &["gif"],
        ContentType::Webp => &["webp"],
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
            let named = MediaPath::Rendition {
                slug: "aB3",
                rendition,
            };
            assert_eq!(MediaPath::parse(&path), Some(named));
            let other = format!("aB3/{}.WebP", rendition.name().to_uppercase());
            assert_eq!(MediaPath::parse(&other), Some(named));
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
    fn an_extension_fits_its_type_alone_however_it_is_spelled() {
        let path = MediaPath::parse("a.jpg").unwrap();
        assert!(path.fits(ContentType::Jpeg) && !path.fits(ContentType::Png));
        for (other, is_jpeg) in [
            ("JPG", true),
            ("jpeg", true),
            ("JfIf", true),
            ("apng", false),
            ("jpg2", false),
            ("", false),
        ] {
            let path = format!("a.{other}");
            assert_eq!(
                MediaPath::parse(&path).unwrap().fits(ContentType::Jpeg),
                is_jpeg,
                "{other}"
            );
        }
        assert!(
            !MediaPath::parse("a.jpeg.html")
                .unwrap()
                .fits(ContentType::Jpeg)
        );
    }
}

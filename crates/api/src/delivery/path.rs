use tintype_dto::ContentType;

/// What a media path names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MediaPath<'a> {
    /// `/i/{slug}.{ext}`
    Original { slug: &'a str, extension: &'a str },
    /// `/i/{slug}/thumb.webp`
    Thumb { slug: &'a str },
}

impl<'a> MediaPath<'a> {
    /// From what stands behind `/i/`. `None`: it can't name anything.
    pub fn parse(path: &'a str) -> Option<Self> {
        let parsed = match path.split_once('/') {
            Some((slug, "thumb.webp")) => Self::Thumb { slug },
            Some(_) => return None,
            None => path.split_once('.').map(|(slug, extension)| Self::Original { slug, extension })?,
        };
        let slug = parsed.slug();
        (slug.len() <= 32 && !slug.is_empty() && slug.bytes().all(|b| b.is_ascii_alphanumeric())).then_some(parsed)
    }

    pub fn slug(self) -> &'a str {
        match self {
            Self::Original { slug, .. } | Self::Thumb { slug } => slug,
        }
    }

    /// Whether the extension is the one of this type.
    pub fn fits(self, content_type: ContentType) -> bool {
        match self {
            Self::Original { extension, .. } => extension == content_type.extension(),
            Self::Thumb { .. } => true,
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn paths_name_an_original_or_a_thumbnail_or_nothing() {
        assert_eq!(MediaPath::parse("aB3.jpg"), Some(MediaPath::Original { slug: "aB3", extension: "jpg" }));
        assert_eq!(MediaPath::parse("aB3/thumb.webp"), Some(MediaPath::Thumb { slug: "aB3" }));
        for bad in ["", ".jpg", "aB3", "aB3/", "aB3/thumb.jpg", "a/b/thumb.webp", "../x.jpg", "a b.jpg", "é.jpg", "/thumb.webp"] {
            assert_eq!(MediaPath::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn an_extension_fits_its_type_alone() {
        let path = MediaPath::parse("a.jpg").unwrap();
        assert!(path.fits(ContentType::Jpeg) && !path.fits(ContentType::Png));
        assert!(!MediaPath::parse("a.jpeg.html").unwrap().fits(ContentType::Jpeg));
    }
}

//! Snippets to paste elsewhere: a link or markup that shows a picture.

use crate::Image;

/// The language of a snippet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Snippet {
    /// The address of the picture.
    Link,
    /// A picture in Markdown.
    Markdown,
    /// A picture that leads to its page, where it has one.
    Html,
    /// The same for forums.
    BbCode,
}

impl Snippet {
    /// Every language.
    pub const ALL: [Self; 4] = [Self::Link, Self::Markdown, Self::Html, Self::BbCode];

    /// Its name in the page.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Link => "Link",
            Self::Markdown => "Markdown",
            Self::Html => "HTML",
            Self::BbCode => "BBCode",
        }
    }

    /// The snippet for an image. Descriptions, or else titles, are escaped by the rules of each language.
    #[must_use]
    pub fn write(self, image: &Image) -> String {
        let (link, page) = (&image.links.original, &image.links.page);
        let description = image
            .alt
            .as_deref()
            .or(image.title.as_deref())
            .unwrap_or_default();
        match self {
            Self::Link => link.clone(),
            Self::Markdown => format!("![{}]({link})", markdown(description)),
            Self::Html => {
                let picture = format!(
                    r#"<img src="{}" alt="{}" width="{}" height="{}">"#,
                    html(link),
                    html(description),
                    image.width,
                    image.height
                );
                match page {
                    Some(page) => format!(r#"<a href="{}">{picture}</a>"#, html(page)),
                    None => picture,
                }
            }
            Self::BbCode => match page {
                Some(page) => format!("[url={page}][img]{link}[/img][/url]"),
                None => format!("[img]{link}[/img]"),
            },
        }
    }
}

/// Text inside the brackets of a Markdown picture.
fn markdown(text: &str) -> String {
    escape(text, |c| c.is_ascii_punctuation().then(|| format!("\\{c}")))
}

/// Text inside an attribute in double quotes.
fn html(text: &str) -> String {
    escape(text, |c| {
        let name = match c {
            '&' => "&amp;",
            '<' => "&lt;",
            '>' => "&gt;",
            '"' => "&quot;",
            '\'' => "&#39;",
            _ => return None,
        };
        Some(name.into())
    })
}

fn escape(text: &str, replace: impl Fn(char) -> Option<String>) -> String {
    text.chars()
        .map(|c| replace(c).unwrap_or_else(|| c.into()))
        .collect()
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use uuid::Uuid;

    use crate::{ContentType, Image, ImageLinks, Visibility};

    use super::Snippet;

    /// A picture with this title.
    fn image(title: Option<&str>) -> Image {
        Image {
            id: Uuid::from_u128(1),
            slug: "abc".into(),
            title: title.map(Into::into),
            alt: None,
            filename: "summer.jpg".into(),
            content_type: ContentType::Jpeg,
            animated: false,
            size_bytes: 204_800,
            width: 640,
            height: 427,
            sha256: "0".repeat(64),
            visibility: Visibility::Unlisted,
            removed: Vec::new(),
            placeholder: None,
            created_at: DateTime::from_timestamp_nanos(0),
            expires_at: None,
            purge_at: None,
            links: ImageLinks {
                page: Some("https://app.example/s/abc".into()),
                original: "https://media.example/i/abc.jpg".into(),
                preview: String::new(),
                thumb: String::new(),
                expires_at: None,
            },
        }
    }

    #[test]
    fn a_picture_without_a_page_leads_nowhere() {
        let mut image = image(Some("Lake"));
        image.links.page = None;
        let link = &image.links.original;
        assert_eq!(Snippet::BbCode.write(&image), format!("[img]{link}[/img]"));
        let html = Snippet::Html.write(&image);
        assert!(
            html.starts_with("<img src=") && !html.contains("<a"),
            "{html}"
        );
    }

    #[test]
    fn titles_cannot_break_out_of_the_snippets() {
        let image = image(Some(r#"a](x) "><script>alert('1')</script>&"#));
        let html = Snippet::Html.write(&image);
        assert!(
            html.contains(
                r#"alt="a](x) &quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;""#
            ),
            "{html}"
        );
        let markdown = Snippet::Markdown.write(&image);
        assert!(markdown.starts_with(r"![a\]\(x\) \"), "{markdown}");
        assert!(
            markdown.ends_with("](https://media.example/i/abc.jpg)"),
            "{markdown}"
        );
        assert!(!Snippet::BbCode.write(&image).contains("script"));
    }

    #[test]
    fn a_picture_without_a_title_has_an_empty_description() {
        let image = image(None);
        assert_eq!(
            Snippet::Markdown.write(&image),
            "![](https://media.example/i/abc.jpg)"
        );
        assert_eq!(
            Snippet::Link.write(&image),
            "https://media.example/i/abc.jpg"
        );
    }
}

//! What has changed in the API, from the same file that people read in the repository: paragraphs, headings and lists, and no more of Markdown.

use maud::{Markup, html};

use super::prose;

const CHANGELOG: &str = include_str!("changelog.md");

pub fn changelog() -> Markup {
    html! {
        section #changes {
            h2 { "Changes" }
            @for block in CHANGELOG.split("\n\n") {
                @match (block.strip_prefix("## "), block.strip_prefix("- ")) {
                    (Some(version), _) => h3 { (version.trim()) }
                    (None, Some(items)) => ul { @for item in items.trim().split("\n- ") { li { (prose(item)) } } }
                    (None, None) => p { (prose(block)) }
                }
            }
        }
    }
}

//! `tintype image`.

use clap::Subcommand;
use tintype_api::config::Config;
use tintype_api::removals::remove_image;

use crate::{Outcome, say};

#[derive(Subcommand)]
pub enum Image {
    /// Remove an image for good, at once
    Remove {
        /// The part of its address behind /s/ or /i/
        slug: String,
    },
}

pub async fn image(config: &Config, command: Image) -> Outcome {
    let Image::Remove { slug } = command;
    remove_image(config, &slug).await?;
    say(format_args!(
        "{slug} is removed; a CDN may hold it for another 60 seconds."
    ))?;
    Ok(())
}

//! `tintype image`.

use clap::Subcommand;
use tintype_api::config::Config;
use tintype_core::clock::Clock;
use tintype_core::operator;

use super::database;
use crate::Outcome;

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
    operator::remove_image(&database(config).await?, &slug, Clock::default().now()).await?;
    println!("{slug} is removed; a CDN may hold it for another 60 seconds.");
    Ok(())
}

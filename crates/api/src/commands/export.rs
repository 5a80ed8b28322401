//! `tintype export`.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use clap::Args;
use indicatif::DecimalBytes;
use tempfile::NamedTempFile;
use tintype_api::config::Config;
use tintype_api::exports;

use crate::Outcome;

#[derive(Args)]
pub struct Export {
    #[arg(help = "The archive that is written; - is standard output")]
    file: PathBuf,
    /// Whose account
    #[arg(long, value_name = "NAME")]
    user: String,
}

pub async fn export(config: &Config, command: Export) -> Outcome {
    let Export { file, user } = command;
    if file.as_os_str() == "-" {
        Box::pin(exports::export(config, &user, &mut io::stdout().lock())).await?;
        return Ok(());
    }
    let failed = |error: io::Error| format!("{} can't be written: {error}", file.display());
    let folder = match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    // Beside it, so that there is a whole archive under this name or none; its owner alone can read it.
    let mut written = NamedTempFile::new_in(folder).map_err(failed)?;
    let size = Box::pin(exports::export(config, &user, &mut written)).await?;
    written.as_file().sync_all().map_err(failed)?;
    let kept = written.persist(&file);
    kept.map_err(|error| failed(error.error))?;
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(failed)?;
    println!(
        "Exported all of {user} into {}: {}.",
        file.display(),
        DecimalBytes(size)
    );
    Ok(())
}

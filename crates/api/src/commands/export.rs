//! `tintype export`.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use clap::Args;
use indicatif::DecimalBytes;
use tempfile::TempPath;
use tintype_api::config::Config;
use tintype_api::exports;
use tintype_core::private;

use crate::{Outcome, say};

#[derive(Args)]
pub struct Export {
    #[arg(help = "The archive that is made; - is standard output")]
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
    if let Ok(there) = file.metadata() {
        if there.is_file() {
            return Err(format!("{} is there already: name another file", file.display()).into());
        }
        // A pipe or a device is written to.
        let mut there = File::options().write(true).open(&file).map_err(failed)?;
        Box::pin(exports::export(config, &user, &mut there)).await?;
        return Ok(());
    }
    let folder = match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    // Beside it, so that there is a whole archive under this name or none; its owner alone can read it. What a dead run has left is written over.
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let part = folder.join(format!(".{name}.part"));
    let mut written = private::file(&part).map_err(failed)?;
    if written.try_lock().is_err() {
        return Err(format!("{} is being written by another export", file.display()).into());
    }
    written.set_len(0).map_err(failed)?;
    let place = TempPath::try_from_path(part).map_err(failed)?;
    let size = Box::pin(exports::export(config, &user, &mut written)).await?;
    written.sync_all().map_err(failed)?;
    let kept = place.persist_noclobber(&file);
    kept.map_err(|error| failed(error.error))?;
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(failed)?;
    say(format_args!(
        "Exported all of {user} into {}: {}.",
        file.display(),
        DecimalBytes(size)
    ))?;
    Ok(())
}

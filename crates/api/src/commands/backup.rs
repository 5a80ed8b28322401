//! `tintype backup` and `tintype restore`.

use std::path::PathBuf;

use clap::Args;
use indicatif::DecimalBytes;
use tintype_api::backups::{back_up_installation, files, restore_installation, verify_backup};
use tintype_api::config::Config;
use tintype_api::escaped::escaped;
use tintype_core::backup::{Archive, Damaged, Files, Manifest, Restored, Shrunk};
use tintype_core::secret::Secret;

use super::passphrase;
use super::progress::Bar;
use crate::{Outcome, say};

#[derive(Args)]
pub struct Backup {
    #[arg(help = "A folder, or s3://bucket/prefix; what it has already is not copied again")]
    target: String,
    /// Take none: read the one that is there and compare every byte with what its manifest says
    #[arg(long)]
    verify: bool,
    /// Encrypt the first backup there, and those after it, with a passphrase that is asked for
    #[arg(long)]
    encrypt: bool,
    /// The same, with the passphrase in this file
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    /// Go on where less than half of the last backup's objects is left, which removes the others from it
    #[arg(long)]
    shrink: bool,
}

#[derive(Args)]
pub struct Restore {
    #[arg(help = "The folder of the backup, or s3://bucket/prefix")]
    source: String,
    /// A file with the passphrase, if the backup is encrypted; without it, it is asked for
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    /// Restore everything but the objects of the backup that are damaged, if there is no better copy of it
    #[arg(long)]
    leave_out_damaged: bool,
}

/// What is not in a backup, and why.
const SECRET: &str = "\
The secret that signs sessions (TINTYPE_AUTH__JWT_SECRET, or jwt-secret in the data folder) is not in it: with it, whoever finds a copy of the
backup could act as anybody on the server that still runs. Keep it apart, once: it never changes. Without it everybody logs in again after a
restore, and links for deleting that were given out end; accounts, passwords, API tokens and links to pictures go on.";

pub async fn backup(config: &Config, command: Backup) -> Outcome {
    let files = files(config, &command.target)?;
    let is_encrypted = Archive::is_encrypted(&files).await?;
    let passphrase = match &command.passphrase_file {
        Some(file) => Some(passphrase::of_file(file)?),
        None if is_encrypted => passphrase::asked()?,
        None if command.encrypt => Some(passphrase::new()?),
        None => None,
    };
    if command.verify {
        return verify(files, passphrase.as_ref()).await;
    }
    let bar = Bar::default();
    let shrunk = if command.shrink {
        Shrunk::Meant
    } else {
        Shrunk::Refused
    };
    let taken = back_up_installation(config, files, passphrase.as_ref(), shrunk, &bar).await?;
    drop(bar);
    let objects = &taken.manifest.objects;
    say(format_args!(
        "Backed up {} rows and {} objects ({}) as they were at {}; {} objects ({}) were new.",
        taken.rows(),
        objects.count,
        DecimalBytes(objects.bytes),
        taken.manifest.taken_at.format("%F %T UTC"),
        taken.new,
        DecimalBytes(taken.new_bytes),
    ))?;
    say(SECRET)?;
    for lost in &taken.lost {
        say(format_args!(
            "lost         {}: {}",
            escaped(&lost.key),
            escaped(&lost.why)
        ))?;
    }
    let lacks = lacks(&taken.manifest);
    if taken.lost_count > 0 {
        return Err(format!(
            "the bucket has lost {} objects, which this backup still has: keep it, find out why, and restore it into an empty place",
            taken.lost_count
        )
        .into());
    }
    lacks
}

async fn verify(files: Files, passphrase: Option<&Secret>) -> Outcome {
    let bar = Bar::default();
    let verified = verify_backup(files, passphrase, &bar).await?;
    drop(bar);
    let manifest = &verified.manifest;
    for fault in &verified.damaged {
        say(format_args!("damaged      {fault}"))?;
    }
    if verified.damaged_count > 0 {
        return Err(format!(
            "{} files of the backup are damaged: delete them and run `tintype backup` again, which writes them anew",
            verified.damaged_count
        )
        .into());
    }
    say(format_args!(
        "The backup of {} is whole: {} tables and {} objects ({}).",
        manifest.taken_at.format("%F %T UTC"),
        manifest.tables.len(),
        manifest.objects.count,
        DecimalBytes(manifest.objects.bytes)
    ))?;
    lacks(manifest)
}

/// What the bucket did not have when the backup was taken.
fn lacks(manifest: &Manifest) -> Outcome {
    for missing in &manifest.missing {
        say(format_args!(
            "missing      {}: {}",
            escaped(&missing.key),
            escaped(&missing.why)
        ))?;
    }
    match manifest.missing_count {
        0 => Ok(()),
        count => Err(format!(
            "the backup is whole but for {count} objects, which the bucket does not have as the database says: `tintype audit --hashes` names them"
        )
        .into()),
    }
}

pub async fn restore(config: &Config, command: Restore) -> Outcome {
    let files = files(config, &command.source)?;
    let passphrase = match &command.passphrase_file {
        Some(file) => Some(passphrase::of_file(file)?),
        None if Archive::is_encrypted(&files).await? => passphrase::asked()?,
        None => None,
    };
    let bar = Bar::default();
    let damaged = if command.leave_out_damaged {
        Damaged::LeftOut
    } else {
        Damaged::Refused
    };
    let Restored {
        manifest,
        damaged,
        left_out,
    } = restore_installation(config, files, passphrase.as_ref(), damaged, &bar).await?;
    drop(bar);
    for fault in damaged {
        say(format_args!("damaged      {fault}"))?;
    }
    say(format_args!(
        "Restored {} objects ({}) and every row, as they were at {}.",
        manifest.objects.count - left_out,
        DecimalBytes(manifest.objects.bytes),
        manifest.taken_at.format("%F %T UTC")
    ))?;
    say(format_args!(
        "Put the secret that signs sessions back before the first start (TINTYPE_AUTH__JWT_SECRET, or jwt-secret in the data folder). Otherwise\n\
         everybody logs in again. Then start `tintype serve`, and run `tintype audit --hashes`."
    ))?;
    match manifest.missing_count {
        _ if left_out > 0 => Err(format!(
            "{left_out} objects of the backup are damaged and were left out: `tintype audit` names the pictures that lack them"
        )
        .into()),
        0 => Ok(()),
        count => Err(format!(
            "{count} objects were missing when the backup was taken: `tintype audit` names them"
        )
        .into()),
    }
}

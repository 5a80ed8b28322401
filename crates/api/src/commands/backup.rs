//! `tintype backup` and `tintype restore`.

use clap::Args;
use tintype_api::backups::{archive, back_up_installation, restore_installation, verify_backup};
use tintype_api::config::Config;

use super::progress::{Bar, size};
use crate::Outcome;

#[derive(Args)]
pub struct Backup {
    /// The folder of the backup; what it has already is not copied again
    target: String,
    /// Take none: read the one that is there and compare every byte with what its manifest says
    #[arg(long)]
    verify: bool,
}

#[derive(Args)]
pub struct Restore {
    /// The folder of the backup
    source: String,
}

/// What is not in a backup, and why.
const SECRET: &str = "\
The secret that signs sessions (TINTYPE_AUTH__JWT_SECRET, or jwt-secret in the data folder) is not in it: with it, whoever finds a copy of the
backup could act as anybody on the server that still runs. Keep it apart, once: it never changes. Without it everybody logs in again after a
restore, and links for deleting that were given out end; accounts, passwords, API tokens and links to pictures go on.";

pub async fn backup(config: &Config, command: Backup) -> Outcome {
    let archive = archive(&command.target);
    if command.verify {
        return verify(&archive).await;
    }
    let bar = Bar::default();
    let taken = back_up_installation(config, &archive, &bar).await?;
    bar.end();
    let objects = &taken.manifest.objects;
    println!(
        "Backed up {} rows and {} objects ({}) as they were at {}; {} objects ({}) were new.",
        taken.rows(),
        objects.count,
        size(objects.bytes),
        taken.manifest.taken_at.format("%F %T UTC"),
        taken.new,
        size(taken.new_bytes),
    );
    for missing in &taken.manifest.missing {
        println!("missing      {}: {}", missing.key, missing.why);
    }
    println!("{SECRET}");
    match taken.manifest.missing_count {
        0 => Ok(()),
        count => Err(format!(
            "the backup is whole but for {count} objects, which the bucket does not have as the database says: `tintype audit --hashes` names them"
        )
        .into()),
    }
}

async fn verify(archive: &tintype_core::backup::Archive) -> Outcome {
    let bar = Bar::default();
    let verified = verify_backup(archive, &bar).await?;
    bar.end();
    let manifest = &verified.manifest;
    for fault in &verified.damaged {
        println!("damaged      {fault}");
    }
    if verified.damaged_count > 0 {
        return Err(format!(
            "{} files of the backup are damaged: take another backup, or bring them back from a copy",
            verified.damaged_count
        )
        .into());
    }
    println!(
        "The backup of {} is whole: {} tables and {} objects ({}).",
        manifest.taken_at.format("%F %T UTC"),
        manifest.tables.len(),
        manifest.objects.count,
        size(manifest.objects.bytes)
    );
    Ok(())
}

pub async fn restore(config: &Config, command: Restore) -> Outcome {
    let bar = Bar::default();
    let manifest = restore_installation(config, &archive(&command.source), &bar).await?;
    bar.end();
    println!(
        "Restored {} objects ({}) and every row, as they were at {}.",
        manifest.objects.count,
        size(manifest.objects.bytes),
        manifest.taken_at.format("%F %T UTC")
    );
    println!(
        "Put the secret that signs sessions back before the first start (TINTYPE_AUTH__JWT_SECRET, or jwt-secret in the data folder). Otherwise\n\
         everybody logs in again. Then start `tintype serve`, and run `tintype audit --hashes`."
    );
    match manifest.missing_count {
        0 => Ok(()),
        count => Err(format!(
            "{count} objects were missing when the backup was taken: `tintype audit` names them"
        )
        .into()),
    }
}

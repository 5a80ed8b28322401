//! `tintype rebuild`.

use clap::Args;
use indicatif::DecimalBytes;
use prometheus_client::metrics::histogram::Histogram;
use tintype_api::config::Config;
use tintype_api::rebuilding::rebuild_installation;
use tintype_core::passwords::Passwords;

use super::progress::Bar;
use crate::{Outcome, say};

#[derive(Args)]
pub struct Rebuild {
    /// Read every original too, and leave out those whose SHA-256 is another
    #[arg(long)]
    hashes: bool,
}

pub async fn rebuild(config: &Config, command: Rebuild) -> Outcome {
    let passwords = Passwords::new(config.auth.bcrypt_cost, Histogram::new([]));
    let bar = Bar::default();
    let report = rebuild_installation(config, &passwords, command.hashes, &bar).await?;
    drop(bar);
    say(format_args!(
        "Brought back {} images ({}) of {} accounts; {} are in the trash.",
        report.images,
        DecimalBytes(report.bytes),
        report.users,
        report.trashed
    ))?;
    if report.held > 0 {
        say(format_args!(
            "{} were about to be hidden or deleted, and are private: what became of that is not in the bucket.",
            report.held
        ))?;
    }
    if report.unreadable_marks > 0 {
        say(format_args!(
            "{} files that say what was about to be hidden, or may have said so, can't be read (see the log): all images came back as private.",
            report.unreadable_marks
        ))?;
    }
    for name in &report.usernames {
        say(format_args!("disabled     {name}"))?;
    }
    for fault in &report.faults {
        say(format_args!("does not fit {}: {}", fault.image, fault.what))?;
    }
    say(format_args!(
        "Nobody can sign in yet: `tintype user reopen USERNAME EMAIL` gives an account its address and a new password. Albums, API tokens and\n\
         sessions are not in the bucket. Start `tintype serve`, and run `tintype audit --hashes`."
    ))?;
    match report.fault_count {
        0 if report.images + report.before == 0 => Err(
            "no image of this bucket has a manifest: is it the right one (TINTYPE_DATA_DIR, TINTYPE_STORAGE__BUCKET)? What a sweep has moved away \
             comes back by `tintype sweep restore`; then run `tintype rebuild` again"
                .into(),
        ),
        0 => Ok(()),
        count => Err(format!("{count} images did not come back as they were").into()),
    }
}

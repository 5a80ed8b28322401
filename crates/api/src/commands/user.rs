//! `tintype user`.

use std::io::BufRead;

use clap::{Args, Subcommand};
use prometheus_client::metrics::histogram::Histogram;
use rand::RngExt;
use tintype_api::config::Config;
use tintype_api::removals::delete_user;
use tintype_core::accounts::NewAccount;
use tintype_core::clock::Clock;
use tintype_core::operator;
use tintype_core::passwords::Passwords;

use super::database;
use crate::{Outcome, say};

/// What an account is opened with.
#[derive(Args)]
pub struct Login {
    /// 3 to 32 of a-z 0-9 _ -
    username: String,
    /// The e-mail address
    email: String,
    /// Read the password from standard input
    #[arg(long)]
    password_stdin: bool,
}

impl Login {
    fn with<'a>(&'a self, password: &'a Password) -> NewAccount<'a> {
        NewAccount {
            username: &self.username,
            email: &self.email,
            password: &password.text,
        }
    }
}

#[derive(Subcommand)]
pub enum User {
    /// Open an account; prints the password unless one is given
    Add(Login),
    /// Open an account that `tintype rebuild` brought back, whose address the bucket does not have; prints its new password unless one is given
    Reopen(Login),
    /// Set a new password and end every session; prints the password unless one is given
    ResetPassword {
        /// Whose
        username: String,
        /// Read the password from standard input
        #[arg(long)]
        password_stdin: bool,
    },
    /// End every session and let nobody sign in; images stay
    Disable {
        /// Whose account
        username: String,
    },
    /// Let a disabled account be used again
    Enable {
        /// Whose account
        username: String,
    },
    /// Delete an account with everything in it, for good
    Delete {
        /// Whose account
        username: String,
        /// Without it nothing is deleted
        #[arg(long)]
        yes: bool,
    },
}

pub async fn user(config: &Config, command: User) -> Outcome {
    let db = database(config).await?;
    let passwords = Passwords::new(config.auth.bcrypt_cost, Histogram::new([]));
    let now = Clock::default().now();
    match command {
        User::Add(login) => {
            let password = Password::get(login.password_stdin)?;
            operator::add_user(&db, &passwords, login.with(&password), now).await?;
            say(format_args!("{} can sign in.", login.username))?;
            password.tell()?;
        }
        User::Reopen(login) => {
            let password = Password::get(login.password_stdin)?;
            operator::reopen_user(&db, &passwords, login.with(&password)).await?;
            say(format_args!("{} can sign in again.", login.username))?;
            password.tell()?;
        }
        User::ResetPassword {
            username,
            password_stdin,
        } => {
            let password = Password::get(password_stdin)?;
            operator::reset_password(&db, &passwords, &username, &password.text).await?;
            say(format_args!(
                "{username} has a new password; every session has ended."
            ))?;
            password.tell()?;
        }
        User::Disable { username } => {
            operator::disable_user(&db, &username, now).await?;
            say(format_args!(
                "{username} can't sign in any more; `tintype user enable {username}` undoes it."
            ))?;
        }
        User::Enable { username } => {
            operator::enable_user(&db, &username).await?;
            say(format_args!("{username} can sign in again."))?;
        }
        User::Delete { username, yes } => {
            db.close().await?;
            delete(config, &username, yes).await?;
        }
    }
    Ok(())
}

async fn delete(config: &Config, username: &str, is_meant: bool) -> Outcome {
    if !is_meant {
        return Err(format!(
            "this deletes {username} and every image for good: say --yes if that is meant"
        )
        .into());
    }
    delete_user(config, username).await?;
    say(format_args!(
        "{username} is deleted; the images go with the worker's next rounds."
    ))?;
    Ok(())
}

/// A password from standard input, or a new one that is printed once.
struct Password {
    text: String,
    is_ours: bool,
}

impl Password {
    fn get(from_stdin: bool) -> std::io::Result<Self> {
        if !from_stdin {
            let text = rand::rng()
                .sample_iter(rand::distr::Alphanumeric)
                .take(20)
                .map(char::from)
                .collect();
            return Ok(Self {
                text,
                is_ours: true,
            });
        }
        let mut text = String::new();
        std::io::stdin().lock().read_line(&mut text)?;
        Ok(Self {
            text: text.trim_end_matches(['\r', '\n']).into(),
            is_ours: false,
        })
    }

    fn tell(&self) -> Outcome {
        if self.is_ours {
            say(format_args!("Password: {}", self.text))?;
        }
        Ok(())
    }
}

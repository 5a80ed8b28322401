//! `tintype user`.

use std::io::BufRead;

use clap::Subcommand;
use prometheus_client::metrics::histogram::Histogram;
use rand::RngExt;
use tintype_api::config::Config;
use tintype_api::rebuilding::delete_user;
use tintype_core::accounts::NewAccount;
use tintype_core::clock::Clock;
use tintype_core::operator;
use tintype_core::passwords::Passwords;

use super::database;
use crate::Outcome;

#[derive(Subcommand)]
pub enum User {
    /// Open an account; prints the password unless one is given
    Add {
        /// 3 to 32 of a-z 0-9 _ -
        username: String,
        /// The e-mail address
        email: String,
        /// Read the password from standard input
        #[arg(long)]
        password_stdin: bool,
    },
    /// Open an account that `tintype rebuild` brought back, with a new password; prints it unless one is given
    Reopen {
        /// Whose
        username: String,
        /// The e-mail address, which the bucket does not have
        email: String,
        /// Read the password from standard input
        #[arg(long)]
        password_stdin: bool,
    },
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
        User::Add {
            username,
            email,
            password_stdin,
        } => {
            let password = Password::get(password_stdin)?;
            let account = NewAccount {
                username: &username,
                email: &email,
                password: &password.text,
            };
            operator::add_user(&db, &passwords, account, now).await?;
            println!("{username} can sign in.");
            password.tell();
        }
        User::Reopen {
            username,
            email,
            password_stdin,
        } => {
            let password = Password::get(password_stdin)?;
            let account = NewAccount {
                username: &username,
                email: &email,
                password: &password.text,
            };
            operator::reopen_user(&db, &passwords, account).await?;
            println!("{username} can sign in again.");
            password.tell();
        }
        User::ResetPassword {
            username,
            password_stdin,
        } => {
            let password = Password::get(password_stdin)?;
            operator::reset_password(&db, &passwords, &username, &password.text).await?;
            println!("{username} has a new password; every session has ended.");
            password.tell();
        }
        User::Disable { username } => {
            operator::disable_user(&db, &username, now).await?;
            println!(
                "{username} can't sign in any more; `tintype user enable {username}` undoes it."
            );
        }
        User::Enable { username } => {
            operator::enable_user(&db, &username).await?;
            println!("{username} can sign in again.");
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
    println!("{username} is deleted; the images go with the worker's next rounds.");
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

    fn tell(&self) {
        if self.is_ours {
            println!("Password: {}", self.text);
        }
    }
}

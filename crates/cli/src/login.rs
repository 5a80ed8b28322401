//! `tt login` and `tt logout`.

use std::fs;

use tintype_dto::{CreateApiToken, LogIn, ProblemCode, Scope};

use crate::address::Server;
use crate::api::Api;
use crate::args::Login;
use crate::credentials::{self, Kept};
use crate::error::Error;
use crate::terminal::{ask, ask_secretly, tell};

/// Makes a token of this machine's own. The password is forgotten, and the session that made the token ends.
pub fn log_in(login: &Login) -> Result<(), Error> {
    let api = Api::new(Server::parse(&login.server)?);
    // A password is typed for a Tintype alone.
    api.limits()?;
    credentials::check_place()?;
    let username = login.user.clone().map_or_else(|| ask("User name"), Ok)?;
    let who = LogIn {
        username,
        password: ask_secretly("Password")?,
    };
    let session = api.log_in(&who)?;
    let person = api.with_token(&session.token);
    let token = CreateApiToken {
        name: login.name.clone().unwrap_or_else(token_name),
        scopes: Scope::ALL.into(),
        expires_in_days: None,
    };
    let made = person.create_token(&token);
    // It ends by itself otherwise.
    let ended = person.log_out();
    let made = made?;
    let before = credentials::kept().ok();
    let kept = credentials::keep(
        &api.server,
        &session.user.username,
        &made.secret,
        !login.no_keyring,
    );
    let place = match kept {
        Ok(place) => place,
        Err(error) => {
            // Nobody has it, and it would work for ever.
            api.with_token(&made.secret).log_out().ok();
            return Err(error);
        }
    };
    if let Some(before) = before {
        revoke(&before).ok();
    }
    tell(&format!(
        "Logged in to {} as {}. The token is {place}.",
        api.server.url(""),
        session.user.username
    ));
    ended
}

/// Revokes the token and forgets it. A token that does not work any more is forgotten too; one that could not be revoked is kept.
pub fn log_out() -> Result<(), Error> {
    let kept = credentials::kept()?;
    match revoke(&kept) {
        Ok(()) => {}
        Err(error) if error.code() == Some(ProblemCode::Unauthenticated) => {}
        Err(error) => return Err(error),
    }
    credentials::forget()?;
    tell(&format!(
        "Logged out of {}: the token is revoked.",
        kept.server.url("")
    ));
    Ok(())
}

fn revoke(kept: &Kept) -> Result<(), Error> {
    Api::new(kept.server.clone())
        .with_token(&kept.token)
        .log_out()
}

/// What a token is called unless its owner says so.
fn token_name() -> String {
    let host = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    match host.trim() {
        "" => "tt".into(),
        host => format!("tt on {host}"),
    }
}

//! `tt` as a person uses it: the program itself against the real server on SQLite, with the embedded storage. `TINTYPE_BIN` names another server.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod albums;
mod folders;
mod https;
mod keyring;
mod logins;
mod machine;
mod pictures;
mod resuming;
mod server;
mod statuses;
mod strangers;
mod uploads;

//! The API over HTTP: a real server on port 0, the real embedded S3 endpoint, SQLite and PostgreSQL.
//! `just test-server` starts the PostgreSQL cluster.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod accounts;
mod client;
mod control;
mod corpus;
mod doctor;
mod flow;
mod hostile;
mod media;
mod openapi;
mod ops;
mod pictures;
mod plans;
mod process;
mod protocol;
mod replicas;
mod server;
mod stores;

//! The API over HTTP: a real server on port 0, the real embedded S3 endpoint, SQLite and PostgreSQL.
//! `just test-server` starts the PostgreSQL cluster.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod accounts;
mod api_tokens;
mod audit;
mod bounds;
mod bulk;
mod canaries;
mod client;
mod clients;
mod compatible;
mod control;
mod conventions;
mod corpus;
mod crowd;
mod docs;
mod doctor;
mod enums;
mod faults;
mod faults_of_fields;
mod fire;
mod flow;
mod hostile;
mod kill;
mod library;
mod log_in;
mod measure;
mod media;
mod names;
mod openapi;
mod ops;
mod own_account;
mod pictures;
mod plans;
mod private;
mod process;
mod program;
mod protocol;
mod quota;
mod released;
mod renewed;
mod repeated;
mod replicas;
mod schema;
mod server;
mod sessions;
mod simulation;
mod statements;
mod stores;
mod sweep;
mod traces;
mod trash;
mod turns;
mod whole;
mod wire;

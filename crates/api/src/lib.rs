//! The REST API of Tintype: everything behind the binary `tintype`.
//!
//! One folder per capability (accounts, uploads, images, delivery), each with its routes, its rules and its queries.

#![expect(missing_docs, reason = "the library is this binary's own, and its tests'")]

pub mod accounts;
pub mod app;
pub mod audit;
pub mod clock;
pub mod config;
mod connections;
pub mod db;
mod delivery;
pub mod doctor;
mod extract;
pub mod images;
mod layers;
pub mod log;
pub mod metrics;
mod objects;
mod openapi;
pub mod operator;
mod ops;
mod private;
pub mod problems;
mod rates;
pub mod router;
pub mod secret;
pub mod serve;
mod startup;
pub mod sweep;
mod traces;
pub mod uploads;
pub mod urls;
pub mod worker;

//! The server of both units, and the command line of operator, analyst and data protection
//! officer.
//!
//! One binary, two units, never one process (only the demo runs both): `serve --config FILE`
//! starts the unit that the file describes. Here stand the surfaces: HTTP, pages and commands.
//! What a unit holds and may do is in its own crate; this one translates and adds no rule.
//! Neither linkage keys nor identifiers have a way in: the encoder is not linked.

mod agree;
mod api;
mod bi;
pub mod cli;
mod client;
mod config;
mod courier;
mod init;
pub mod keys;
mod operation;
mod own_files;
mod pages;
mod papers;
mod policies;
mod rates;
mod serve;
mod transfer;
mod witness;

pub use agree::{agree, approve, propose};
pub use bi::BiConfig;
pub use client::{Client, ClientError};
pub use config::{ProjectEntry, UnitConfig, UnitName};
pub use courier::{Courier, CourierConfig, CourierProject, Errand, Post};
pub use pages::exhibit::{self, Exhibit};
pub use rates::{rate_rule, with_rates};
pub use serve::{Served, read_population, serve, serve_together};

//! What a unit keeps: the only server crate that speaks SQL, over SQLite or PostgreSQL.
//!
//! Parties and what each must not learn or do through this crate:
//!
//! - the **linkage unit** keeps batches of encodings, epochs, snapshots and its log; its database
//!   has no table for measures or budget;
//! - the **statistics unit** keeps batches of measures, accepted link maps, the ledger and its log;
//!   its database has no table for epochs, keys or encodings, and it cannot give budget back;
//! - the **operator** who reads the database sees what the unit holds; names and linkage keys are
//!   in neither.
//!
//! The crate does not understand what it stores: bodies, link maps and answers are bytes. It knows
//! no clock and draws no random number but for the keys under which bulk is sealed ([`seal`]). Every change of state and its log entry share one
//! transaction, and writing transactions run one after the other.
//!
//! Missing on purpose: no refund, no deletion of a charge, no change of a price, no free SQL.

pub mod backup;
mod batch;
pub mod batches;
pub mod chain;
mod connect;
mod db;
pub mod epochs;
pub mod erasure;
mod error;
pub mod ledger;
mod migrations;
pub mod pairs;
pub mod proposals;
pub mod seal;
pub mod snapshots;
mod sql;
pub mod views;
pub mod witness;

pub use audit::{Checkpoint, Head, Installation, UnitKind};
pub use db::{Db, Location, Tx};
pub use error::{Error, Subject};

//! Sealing at rest: bulk lies in the database as pieces that open only with a key from elsewhere.
//!
//! Every piece (a chunk of a delivery, a manifest, a link map, a key-check value, a run of
//! candidate pairs) is sealed with AES-256-GCM under a data key of its own, bound to the place
//! where it lies. The data keys are in the *key store*, a file that is neither in the database nor
//! in its backup, each wrapped under the *unit data key*, which the unit reads from a third place.
//! So a piece is destroyed, in every backup too, by destroying its key.
//!
//! The order of writes makes every crash harmless:
//!
//! 1. a fresh key is on the disk before the transaction begins that stores what it seals;
//! 2. a key is destroyed after the transaction has ended that drops what it sealed.
//!
//! What a crash leaves between the two are keys that nothing refers to. Opening the database
//! destroys those (`settle.rs`), and with them every destroyed key that somebody brought back by
//! copying an old key store over the present one.
//!
//! Why it is so: `docs/decisions/0026-sealing-and-key-store.md`.

mod drill;
mod key_file;
mod key_store;
mod piece;
mod settle;
mod unit_key;

pub use drill::{Find, drill};
pub(crate) use key_store::KeyStore;
pub use key_store::{Group, KeyId};
pub(crate) use piece::{Place, Sealed};
pub(crate) use settle::settle;
pub use unit_key::{Sealing, UnitKey};

//! The only home of identifiers and linkage keys: a person becomes an encoding here.
//!
//! Parties. The *department* runs this crate; it holds its own people's [`Identifiers`] and the
//! [`LinkageKey`] of the project and epoch, and what leaves it is an
//! [`Encoding`](submission::Encoding) per view. The *linkage unit* gets the encodings and must
//! never see a key, an identifier or this crate: key and encodings together give the names back
//! in minutes. The *key custodian* makes the key out of its [`MasterKey`] and compares key-check
//! values, and holds no record. Neither identifiers nor keys can be serialised, cloned or printed,
//! and both are overwritten on drop.
//!
//! The way of a record: raw text → [`normalise`] (named version `de-1`) → tokens → keyed
//! positions in a filter → diffusion → encoding. `docs/formats/linkable.md` describes each step
//! precisely enough for a second implementation.
//!
//! No I/O, no clock; randomness is a parameter.

mod classes;
pub mod clkhash;
mod crowd;
mod date_tokens;
mod diffusion;
mod encoder;
mod error;
mod field;
mod fill;
mod hasher;
mod identifiers;
mod key;
mod key_check;
mod known;
mod master_key;
mod memo;
pub mod normalise;
mod plan;
mod reading;
mod salt;
mod scratch;
mod secret;
mod tokens;
mod transpose;
mod wipe;
mod worker;

pub use encoder::Encoder;
pub use error::EncodeError;
pub use fill::Fill;
pub use identifiers::Identifiers;
pub use key::LinkageKey;
pub use master_key::MasterKey;
pub use worker::{Weights, Worker};

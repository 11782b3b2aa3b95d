//! What whoever runs a unit watches and keeps: is it alive, is it ready, figures, a backup, a look
//! over the whole installation.

mod backup;
mod doctor;
mod gauges;
mod memory;

pub(crate) use backup::{back_up, put_back};
pub(crate) use doctor::{Grade, examine};
pub(crate) use gauges::{Counted, Watched, figures};
pub(crate) use memory::keep_to_itself;

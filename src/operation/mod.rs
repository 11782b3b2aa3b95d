//! What whoever runs a unit watches and keeps: is it alive, is it ready, figures, a backup, a look
//! over the whole installation.

mod backup;
mod doctor;
mod figures;
mod gauges;
mod memory;
mod ready;

pub(crate) use backup::{back_up, put_back};
pub(crate) use doctor::{Grade, examine};
pub(crate) use figures::{Counted, count, routes as figures};
pub(crate) use memory::keep_to_itself;
pub(crate) use ready::routes as health;

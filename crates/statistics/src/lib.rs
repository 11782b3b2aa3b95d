//! From coded facts to noised numbers: bound, aggregate, account, noise, release.
//!
//! Parties and what each must not learn from this crate:
//!
//! - the **analyst** and the **citizen** receive a [`Release`]: every number in it was noised, and
//!   neither the number of persons nor any exact value stands in it, in an error or in a price;
//! - the **statistics unit** holds a [`PersonTable`] and moves an [`Exact`] value from
//!   [`aggregate`](aggregate()) into [`release`](release()); no interface lets it read, copy,
//!   print or store one on the way;
//! - the **data protection officer** reads in each release what was charged and what a person, a
//!   person split in two and a changed record lose;
//! - a **department** must not be able to choose which of its rows decides: ties between rows are
//!   broken by keyed ranks.
//!
//! The order is a chain of types. [`Price`] follows from a plan and a budget before any data is
//! touched; [`Charge`] carries it to the ledger; [`charge`] gives a [`Grant`] only for a charge
//! that is durable and marked as being drawn; [`release`](release()) eats aggregates and grant. A charge
//! has one table, or all tables of a release plan's run: paid together, released together or not
//! at all.
//!
//! The crate does no I/O and knows no clock. It is the only one on opendp, whose discrete Gaussian
//! takes its randomness from OpenSSL. Missing on purpose: a mechanism without a grant, a seeded
//! sampler, a budget in floating point.
#![cfg_attr(
    not(test),
    deny(
        clippy::arithmetic_side_effects,
        clippy::cast_possible_truncation,
        clippy::cast_possible_wrap,
        clippy::cast_sign_loss,
        clippy::float_arithmetic,
        clippy::indexing_slicing
    )
)]

mod account;
mod accuracy;
mod aggregate;
mod answer;
mod attribute;
mod bounds;
mod charge;
mod consistency;
mod error;
mod exact;
mod facts;
mod group_loss;
mod guarantee;
mod household;
mod interval;
mod laplace;
mod law;
mod links;
mod mechanism;
mod members;
mod months;
mod price;
mod quantile;
mod rank;
mod release;
#[cfg(test)]
mod samples;
mod scale;
mod share;
mod sparse;
mod subject_loss;
mod table;
mod threshold;
mod tree;
mod value;
mod withhold;

pub use account::{Durable, Grant, Receipt, charge};
pub use aggregate::{Aggregate, aggregate};
pub use bounds::Sensitivity;
pub use charge::{Charge, Lineage, Part, Request, Run, query_digest, question_digest};
pub use error::Error;
pub use exact::Exact;
pub use facts::{DatasetFacts, DatasetFactsBuilder, Fact};
pub use group_loss::{GroupLoss, group_losses};
pub use links::Links;
pub use price::{HalfWidth, Noise, OtherMechanism, Price, Quantity};
pub use rank::RankKey;
pub use release::{Context, FAILED_ANSWER, Release, Table, release};
pub use table::PersonTable;

//! What can be wrong with a question or with the facts, and what to do about it.

use policy::{Accuracy, PolicyError};
use thiserror::Error;

/// A refusal. No message holds a value of a person, a number of persons or a number of rows.
#[derive(Debug, Error)]
pub enum Error {
    /// A fact that the dataset does not declare like this.
    #[error("fact of dataset `{dataset}`: {reason}")]
    Fact {
        /// The dataset.
        dataset: String,
        /// What is wrong with its form.
        reason: &'static str,
    },
    /// A person table above a limit, or with a dataset twice.
    #[error("person table: {0}")]
    Table(&'static str),
    /// A year outside the window for which the snapshot holds deliveries.
    #[error("year {year} is not in the snapshot; it covers {first} to {last}")]
    Year {
        /// The year asked for.
        year: u16,
        /// First year of the snapshot.
        first: u16,
        /// Last year of the snapshot.
        last: u16,
    },
    /// Earlier months that a question reads and that were not all delivered.
    #[error(
        "dataset `{dataset}` was not delivered for all months of {first} to {last} that the \
         question reads; ask about a later year or have them delivered"
    )]
    Months {
        /// The dataset.
        dataset: String,
        /// Year of the first month.
        first: u16,
        /// Year of the last month.
        last: u16,
    },
    /// More deliveries of a year than a person was said to have subjects.
    #[error(
        "dataset `{dataset}` came in {deliveries} deliveries that cover {year}, and a person may \
         have a subject in each; the question states {stated}: raise `subjects` to {deliveries}"
    )]
    Deliveries {
        /// The dataset.
        dataset: String,
        /// The event year.
        year: u16,
        /// How many deliveries of the snapshot cover the year, which is public.
        deliveries: usize,
        /// How many subjects of a person the question states.
        stated: u8,
    },
    /// A dataset that no department delivered into the snapshot.
    #[error("dataset `{0}` is not part of the snapshot; ask for delivered datasets only")]
    Dataset(String),
    /// A plan without cells, or with other cells than its dimensions give.
    #[error("plan: {0}")]
    Plan(&'static str),
    /// An amount of budget for which there is no useful noise.
    #[error("rho of {asked} nano-rho is refused; ask for {least} to {most}")]
    Rho {
        /// The amount asked for, in nano-rho.
        asked: u64,
        /// The least amount.
        least: u64,
        /// The greatest amount.
        most: u64,
    },
    /// A width that no permitted budget gives.
    #[error(
        "a half-width of {wanted} needs more than the {most} nano-rho that may be asked for; {}",
        .best.map_or_else(
            || "at that budget the cell would be withheld; assume more persons".to_owned(),
            |best| format!("at that budget it is {best}")
        )
    )]
    Accuracy {
        /// The half-width asked for.
        wanted: Accuracy,
        /// The greatest budget that may be asked for, in nano-rho.
        most: u64,
        /// The half-width at that budget; `None` where the assumed cell is withheld.
        best: Option<f64>,
    },
    /// An answer of which the purpose would let nothing out.
    #[error(
        "every cell would be withheld: its half-width of {half_width} is above the {most} that the \
         purpose allows; ask for a coarser table or, where the purpose permits it, for more rho"
    )]
    Withheld {
        /// The narrowest half-width of the answer, in persons or households.
        half_width: u64,
        /// The greatest that is allowed.
        most: u64,
    },
    /// A public delta at which no epsilon can be shown.
    #[error("delta_conv must be above zero")]
    Delta,
    /// A charge that lacks what the ledger needs.
    #[error("charge: {0}")]
    Charge(&'static str),
    /// Things that do not belong together: aggregate, grant and plan of different questions.
    #[error("{0}; nothing was drawn")]
    Mismatch(&'static str),
    /// No scale on the grid keeps within the budget.
    #[error("no noise scale fits the budget; ask for another rho")]
    Scale,
    /// The noise could not be drawn.
    #[error("the source of randomness failed; the charge stays, its answer is a failure")]
    Random,
    /// Arithmetic left its limits.
    #[error("a number left its limits; ask for coarser bounds")]
    Overflow,
    /// A policy value without canonical form.
    #[error(transparent)]
    Policy(#[from] PolicyError),
}

//! What an operator may choose where a run is started by hand.

use policy::{LinkageSchema, Name, SimilarityThreshold};
use serde::{Deserialize, Serialize};

/// An order to link.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkOrder {
    /// The epoch whose complete batches are linked.
    pub epoch: Name,
    /// Least similarity of a link; the linkage schema's where none is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<SimilarityThreshold>,
    /// How pairs become persons; `groups` where none is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub solver: Option<Solver>,
}

/// How pairs become persons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Solver {
    /// Most similar first; two groups join when the schema's share of their pairs agrees.
    Groups,
    /// Most similar first; two groups join when all their pairs agree.
    Greedy,
    /// Only pairs that are each other's best.
    Mutual,
    /// One to one with the greatest sum of similarities.
    Optimal,
}

impl Solver {
    /// Every solver.
    pub const ALL: [Self; 4] = [Self::Groups, Self::Greedy, Self::Mutual, Self::Optimal];

    /// As an order names it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Groups => "groups",
            Self::Greedy => "greedy",
            Self::Mutual => "mutual",
            Self::Optimal => "optimal",
        }
    }
}

/// What a run solves by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Solving {
    pub(crate) threshold: SimilarityThreshold,
    pub(crate) solver: Solver,
}

impl Solving {
    /// As the parties agreed.
    pub(crate) fn agreed(schema: &LinkageSchema) -> Self {
        Self { threshold: schema.threshold, solver: Solver::Groups }
    }

    /// As agreed, but for what the order names.
    pub(crate) fn ordered(schema: &LinkageSchema, order: &LinkOrder) -> Self {
        let agreed = Self::agreed(schema);
        Self {
            threshold: order.threshold.unwrap_or(agreed.threshold),
            solver: order.solver.unwrap_or(agreed.solver),
        }
    }
}

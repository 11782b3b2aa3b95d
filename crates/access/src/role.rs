//! Roles and the actions each permits.

use serde::{Deserialize, Serialize};

/// What somebody is in a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Delivers batches and sees their state.
    Department,
    /// Opens epochs (registers schema and key-check value) and closes them.
    Custodian,
    /// Links, freezes snapshots and carries link maps.
    Operator,
    /// Prices and asks what a purpose allows.
    Analyst,
    /// Data protection officer: reads log, ledger and releases.
    Dpo,
}

/// What can be done with a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    /// Deliver a batch and read its state.
    Submit,
    /// Open an epoch.
    OpenEpoch,
    /// Close an epoch: destroy its keys, encodings and scored pairs.
    CloseEpoch,
    /// Link the complete batches and freeze a snapshot.
    Link,
    /// Ask for, hand out or accept a link map.
    TransferMap,
    /// Price a query.
    Price,
    /// Ask a query, which spends budget.
    Query,
    /// Read what was released.
    ReadReleases,
    /// Read what was spent.
    ReadLedger,
    /// Read the audit log.
    ReadLog,
    /// Lay down a countersignature of a log.
    Countersign,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 5] =
        [Self::Department, Self::Custodian, Self::Operator, Self::Analyst, Self::Dpo];

    /// Whether the role may do this; whatever is not named here is not permitted.
    #[must_use]
    pub fn permits(self, action: Action) -> bool {
        use Action as A;
        match self {
            Self::Department => matches!(action, A::Submit),
            Self::Custodian => matches!(action, A::OpenEpoch | A::CloseEpoch),
            Self::Operator => matches!(action, A::Link | A::TransferMap),
            Self::Analyst => {
                matches!(action, A::Price | A::Query | A::ReadReleases | A::ReadLedger)
            }
            Self::Dpo => matches!(
                action,
                A::Price | A::ReadReleases | A::ReadLedger | A::ReadLog | A::Countersign
            ),
        }
    }
}

impl Action {
    /// Every action.
    pub const ALL: [Self; 10] = [
        Self::Submit,
        Self::OpenEpoch,
        Self::CloseEpoch,
        Self::Link,
        Self::TransferMap,
        Self::Price,
        Self::Query,
        Self::ReadReleases,
        Self::ReadLedger,
        Self::ReadLog,
        Self::Countersign,
    ];
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The whole matrix, so that a widened role is a decision and not an accident.
    #[test]
    fn the_matrix_is_exactly_this() {
        let permitted: Vec<(Role, Action)> = Role::ALL
            .into_iter()
            .flat_map(|role| Action::ALL.into_iter().map(move |action| (role, action)))
            .filter(|(role, action)| role.permits(*action))
            .collect();
        assert_eq!(
            permitted,
            [
                (Role::Department, Action::Submit),
                (Role::Custodian, Action::OpenEpoch),
                (Role::Custodian, Action::CloseEpoch),
                (Role::Operator, Action::Link),
                (Role::Operator, Action::TransferMap),
                (Role::Analyst, Action::Price),
                (Role::Analyst, Action::Query),
                (Role::Analyst, Action::ReadReleases),
                (Role::Analyst, Action::ReadLedger),
                (Role::Dpo, Action::Price),
                (Role::Dpo, Action::ReadReleases),
                (Role::Dpo, Action::ReadLedger),
                (Role::Dpo, Action::ReadLog),
                (Role::Dpo, Action::Countersign),
            ]
        );
    }

    #[test]
    fn nobody_both_delivers_and_links_or_asks() {
        for role in Role::ALL {
            let duties = [Action::Submit, Action::Link, Action::Query, Action::OpenEpoch];
            let held = duties.into_iter().filter(|duty| role.permits(*duty)).count();
            assert!(held <= 1, "{role:?}");
        }
    }
}

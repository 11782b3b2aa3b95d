//! The folder of a unit beside what is in force in a project.

use approval::InForce;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use policy::{Name, PolicySet};
use submission::ProblemCode;
use tracing::error;

use crate::api::answer::Refusal;
use crate::api::unit::Unit;
use crate::policies::{Difference, Said, compare};

/// Both, and what differs.
pub(super) struct Compared {
    pub(super) folder: PolicySet,
    pub(super) force: InForce,
    /// None while nothing is in force that could be compared in words.
    pub(super) difference: Option<Difference>,
}

/// Compares them as they decide today.
pub(super) async fn compared<U: Unit>(unit: &U, project: &Name) -> Result<Compared, Refusal> {
    let folder = unit.policies().of_project(project);
    let force = unit.desk().in_force(project).await?;
    let difference = match (&force.set, &force.rules) {
        (Some(set), Some(rules)) => {
            let old = Said { set, rules };
            let new = Said { set: &folder, rules: unit.desk().folder_rules() };
            Some(compare(old, new, today(unit.now())).map_err(|e| fault(&e))?)
        }
        _ => None,
    };
    Ok(Compared { folder, force, difference })
}

/// The day of a moment, UTC.
pub(super) fn today(now: i64) -> Date {
    let now = jiff::Timestamp::from_second(now).unwrap_or_default();
    now.to_zoned(TimeZone::UTC).date()
}

/// What the operator finds in the log.
pub(super) fn fault(error: &anyhow::Error) -> Refusal {
    error!(%error, "the page could not be made");
    Refusal::new(ProblemCode::Internal, "try again; the operator finds the cause in the log")
}

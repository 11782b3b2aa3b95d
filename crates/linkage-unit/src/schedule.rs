//! The rule: which period of a schedule is due, from what arrived and the day. Pure.

use std::collections::BTreeSet;

use jiff::civil::Date;
use policy::{LastMonth, Name, Schedule, SchedulePeriod};
use serde::{Deserialize, Serialize};
use store::batches::{Delivered, LiveBatch};
use submission::BatchId;

use crate::UnitError;

/// An expected delivery and the batch that counts for it.
#[derive(Clone, Serialize, Deserialize)]
pub struct Delivery {
    /// The department.
    pub department: Name,
    /// The dataset.
    pub dataset: Name,
    /// The batch that counts; none while it is missing.
    pub arrived: Option<Arrived>,
}

/// A complete batch that no later one superseded.
#[derive(Clone, Serialize, Deserialize)]
pub struct Arrived {
    /// The batch.
    pub batch: BatchId,
    /// The last month it covers.
    pub last_month: LastMonth,
    /// When it was complete, in Unix seconds.
    pub received_at: i64,
}

/// A batch that counts, with its place.
pub(crate) struct Live {
    pub(crate) epoch: String,
    pub(crate) department: String,
    pub(crate) dataset: String,
    pub(crate) arrived: Arrived,
}

impl Live {
    pub(crate) fn of(own: Delivered) -> Result<Self, UnitError> {
        let Delivered { epoch, department, dataset, batch, period, received_at } = own;
        let arrived = arrived(&batch, &period, received_at)?;
        Ok(Self { epoch, department, dataset, arrived })
    }

    pub(crate) fn of_batch(epoch: &Name, batch: &LiveBatch) -> Result<Self, UnitError> {
        Ok(Self {
            epoch: epoch.to_string(),
            department: batch.key.department.clone(),
            dataset: batch.dataset.clone(),
            arrived: arrived(&batch.key.batch, &batch.period, batch.received_at)?,
        })
    }
}

fn arrived(batch: &str, period: &str, received_at: i64) -> Result<Arrived, UnitError> {
    let damaged = || UnitError::Store(store::Error::Damaged("batch.period"));
    let (_, last) = period.split_once('/').ok_or_else(damaged)?;
    let last_month = LastMonth::try_from(last.to_owned()).map_err(|_| damaged())?;
    Ok(Arrived { batch: batch.parse()?, last_month, received_at })
}

/// The deliveries that a period expects, each with the batch that reaches its last month: the one
/// that reaches furthest, of several the newest. An amendment counts with its own months.
pub(crate) fn deliveries(
    schedule: &Schedule,
    period: &SchedulePeriod,
    live: &[Live],
) -> Vec<Delivery> {
    let of = |expected: &policy::Expectation| {
        let own = live.iter().filter(|own| {
            own.epoch == period.epoch.as_str()
                && own.department == expected.department.as_str()
                && own.dataset == expected.dataset.as_str()
                && own.arrived.last_month >= period.last_month
        });
        let counts = own.max_by_key(|own| (own.arrived.last_month, own.arrived.received_at));
        Delivery {
            department: expected.department.clone(),
            dataset: expected.dataset.clone(),
            arrived: counts.map(|own| own.arrived.clone()),
        }
    };
    schedule.expected.iter().map(of).collect()
}

/// Whether all are in, or the day is reached and at least one is.
pub(crate) fn is_due(period: &SchedulePeriod, deliveries: &[Delivery], today: Date) -> bool {
    let arrived = deliveries.iter().filter(|own| own.arrived.is_some()).count();
    let dated = period.link_on.is_some_and(|day| day <= today);
    arrived > 0 && (arrived == deliveries.len() || dated)
}

/// The newest period that is due, unless it or a newer one has its snapshot.
pub(crate) fn due<'a>(
    schedule: &'a Schedule,
    frozen: &BTreeSet<Name>,
    live: &[Live],
    today: Date,
) -> Option<&'a SchedulePeriod> {
    let newer = schedule.periods.iter().rev().take_while(|period| !frozen.contains(&period.id));
    let mut newer = newer.filter(|period| {
        let deliveries = deliveries(schedule, period, live);
        is_due(period, &deliveries, today)
    });
    newer.next()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use policy::Catalogue;

    fn schedule() -> Schedule {
        let catalogue = include_str!("../../../policies/catalogue/county.toml");
        let text = r#"
            version = 1
            project = "p"
            approvals = ["dpo", "head"]
            expected = [
              { department = "a", dataset = "sgb2" }, { department = "b", dataset = "kita" },
            ]
            [[period]]
            id = "q3"
            epoch = "2026"
            last_month = "2025-09"
            link_on = "2025-11-15"
            [[period]]
            id = "q4"
            epoch = "2026"
            last_month = "2025-12"
            link_on = "2026-02-15"
            [[period]]
            id = "q1"
            epoch = "2027"
            last_month = "2026-03"
        "#;
        Schedule::from_toml(text, &Catalogue::from_toml(catalogue).unwrap()).unwrap()
    }

    fn live(department: &str, dataset: &str, epoch: &str, months: &str, at: i64) -> Live {
        let batch = format!("{at:032x}");
        let delivered = Delivered {
            epoch: epoch.into(),
            department: department.into(),
            dataset: dataset.into(),
            batch,
            period: format!("2023-01/{months}"),
            received_at: at,
        };
        Live::of(delivered).unwrap()
    }

    fn due_of(frozen: &[&str], live: &[Live], today: Date) -> Option<String> {
        let frozen = frozen.iter().map(|id| Name::new(*id).unwrap()).collect();
        due(&schedule(), &frozen, live, today).map(|period| period.id.to_string())
    }

    const EARLY: Date = date(2025, 10, 1);

    #[test]
    fn all_in_is_due_and_one_missing_is_not() {
        let both =
            [live("a", "sgb2", "2026", "2025-09", 1), live("b", "kita", "2026", "2025-10", 2)];
        assert_eq!(due_of(&[], &both, EARLY).as_deref(), Some("q3"));
        assert_eq!(due_of(&[], &both[..1], EARLY), None);
        assert_eq!(due_of(&[], &[], date(2030, 1, 1)), None, "a date alone links nothing");
    }

    #[test]
    fn another_dataset_sender_epoch_or_a_shorter_delivery_does_not_count() {
        for other in [
            live("b", "sgb2", "2026", "2025-12", 2),
            live("c", "kita", "2026", "2025-12", 2),
            live("b", "kita", "2027", "2025-12", 2),
            live("b", "kita", "2026", "2025-08", 2),
        ] {
            let both = [live("a", "sgb2", "2026", "2025-12", 1), other];
            assert_eq!(due_of(&[], &both, EARLY), None);
        }
    }

    #[test]
    fn from_the_day_on_one_is_enough_and_the_newest_period_wins() {
        let one = [live("b", "kita", "2026", "2025-12", 1)];
        assert_eq!(due_of(&[], &one, date(2025, 11, 14)), None);
        assert_eq!(due_of(&[], &one, date(2025, 11, 15)).as_deref(), Some("q3"));
        assert_eq!(due_of(&[], &one, date(2026, 2, 15)).as_deref(), Some("q4"));
        let short = [live("b", "kita", "2026", "2025-09", 1)];
        assert_eq!(due_of(&[], &short, date(2026, 2, 15)).as_deref(), Some("q3"));
    }

    #[test]
    fn neither_a_frozen_period_nor_one_before_it_is_due() {
        let both =
            [live("a", "sgb2", "2026", "2025-12", 1), live("b", "kita", "2026", "2025-12", 2)];
        assert_eq!(due_of(&["q3"], &both, EARLY).as_deref(), Some("q4"));
        assert_eq!(due_of(&["q4"], &both, EARLY), None);
        assert_eq!(due_of(&["q1"], &both, EARLY), None);
    }

    #[test]
    fn of_several_batches_the_one_that_reaches_furthest_counts() {
        let schedule = schedule();
        let own = [
            live("a", "sgb2", "2026", "2025-12", 1),
            live("a", "sgb2", "2026", "2025-09", 2),
            live("a", "sgb2", "2026", "2025-12", 3),
        ];
        let found = deliveries(&schedule, &schedule.periods[0], &own);
        assert_eq!(found[0].arrived.as_ref().map(|own| own.received_at), Some(3));
        assert!(found[1].arrived.is_none());
    }

    #[test]
    fn a_stored_period_of_another_form_is_named_as_damaged() {
        for period in ["2025-12", "2025-01/2025-13", ""] {
            assert!(arrived(&"0".repeat(32), period, 0).is_err(), "{period}");
        }
    }
}

//! What a plan computes.

use serde::Serialize;

use super::PlanFilter;
use crate::{Femto, Name};

/// What a plan computes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum PlanKind {
    /// Persons with a row in any of the datasets.
    Persons {
        /// The datasets.
        datasets: Vec<Name>,
    },
    /// Persons per non-empty combination; bit i of a combination is dataset i.
    Overlap {
        /// The datasets.
        datasets: Vec<Name>,
    },
    /// Persons per key that any of their rows has.
    Cases {
        /// The dataset.
        dataset: Name,
        /// The dimension of its rows.
        dimension: Name,
        /// Its codes, in publication order.
        codes: Vec<u16>,
        /// Most keys of a person.
        most: u8,
    },
    /// Mean of a bounded measure per person.
    Mean {
        /// The dataset.
        dataset: Name,
        /// Position of the measure in its rows.
        position: usize,
        /// Least value of a person.
        lower: i64,
        /// Greatest value of a person.
        upper: i64,
        /// Public guess of the persons per cell.
        assumed_count: u64,
    },
    /// Sum of a person's total in the year, from 0 to `cap`.
    Sum {
        /// The dataset.
        dataset: Name,
        /// Position of the measure in its rows.
        position: usize,
        /// Whether a row's amount counts for each of its months.
        per_month: bool,
        /// Most that a person adds.
        cap: i64,
    },
    /// Persons per class of a measure.
    Histogram {
        /// The dataset.
        dataset: Name,
        /// Position of the measure in its rows.
        position: usize,
        /// Ends of the classes, ascending.
        edges: Vec<i64>,
    },
    /// Quantiles over persons, read off a noised histogram.
    Quantiles {
        /// The dataset.
        dataset: Name,
        /// What a person's value is.
        of: PlanScale,
        /// Ends of the classes, ascending.
        edges: Vec<i64>,
        /// Which quantiles, in thousandths, ascending.
        per_mille: Vec<u16>,
    },
    /// Persons per state `years` before and state in the event year, without those in none of the
    /// states in both.
    Transition {
        /// The states; the first that a person fits is its own.
        states: Vec<PlanMembers>,
        /// Years between the two.
        years: u8,
    },
    /// Persons of `of` who are `with` too, and those who are not.
    Share {
        /// Who is looked at.
        of: PlanMembers,
        /// Who of them counts.
        with: PlanMembers,
        /// Public guess of the persons per cell.
        assumed_count: u64,
    },
    /// Persons per dataset and quarter of entry, and per dataset in the year.
    Entries {
        /// The datasets.
        datasets: Vec<Name>,
        /// Months without a row before an entry.
        gap_months: u8,
        /// Most datasets for which one person counts.
        most: u8,
    },
    /// Persons with a row in any of the datasets: those known by one record only, then those of each
    /// band of the weakest accepted link, from 0 on.
    LinkQuality {
        /// The datasets.
        datasets: Vec<Name>,
    },
    /// Persons who entered `dataset` and had been in any of `before`, and those who had not.
    PriorContact {
        /// The dataset entered.
        dataset: Name,
        /// Months without a row in it before an entry.
        gap_months: u8,
        /// The datasets of an earlier contact.
        before: Vec<Name>,
        /// Months before the month of entry in which a contact counts.
        months: u8,
        /// Public guess of the entries per cell.
        assumed_count: u64,
    },
    /// Persons per dataset and quarter with a row, and per dataset in the year.
    Series {
        /// The datasets.
        datasets: Vec<Name>,
        /// Most datasets for which one person counts.
        most: u8,
    },
    /// Persons per key of a private dimension; what passes a threshold is shown.
    Sparse {
        /// The datasets.
        datasets: Vec<Name>,
        /// The private dimension.
        dimension: Name,
        /// Number of its keys.
        keys: usize,
        /// Greatest chance that a key of a single person is shown.
        threshold_delta_femto: Femto,
    },
    /// Sum over rows, bounded per subject before linkage.
    SubjectSum {
        /// What each dataset adds.
        parts: Vec<PlanPart>,
    },
}

/// What one dataset adds to a sum over subjects.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlanPart {
    /// The dataset.
    pub dataset: Name,
    /// Position of the measure in its rows; `None` where rows are counted.
    pub position: Option<usize>,
    /// Whether a row's amount counts for each of its months.
    pub per_month: bool,
    /// Most rows of a subject.
    pub rows: u16,
    /// Most that a row adds.
    pub cap: i64,
    /// Most subjects of a person.
    pub subjects: u8,
}

/// Persons with a row in any of the datasets and with values among the codes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlanMembers {
    /// The datasets.
    pub datasets: Vec<Name>,
    /// Codes to which a person's value must belong, per dimension.
    pub filter: Vec<PlanFilter>,
}

/// What a person's value is, for quantiles.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PlanScale {
    /// The measure at that position in the rows.
    Measure {
        /// The position.
        position: usize,
    },
    /// The class of a dimension, whose codes are the classes in order.
    Classes {
        /// The dimension.
        dimension: Name,
    },
}

impl PlanKind {
    /// Cells of a dataset in entries and series: four quarters and their year.
    pub const PERIODS: usize = 5;

    /// Classes of persons in a link map: one record only, and the eight bands.
    pub const LINK_CLASSES: usize = 9;

    pub(super) fn datasets(&self) -> Vec<&Name> {
        match self {
            Self::Persons { datasets }
            | Self::Overlap { datasets }
            | Self::Series { datasets, .. }
            | Self::Sparse { datasets, .. }
            | Self::LinkQuality { datasets }
            | Self::Entries { datasets, .. } => datasets.iter().collect(),
            Self::Cases { dataset, .. }
            | Self::Mean { dataset, .. }
            | Self::Sum { dataset, .. }
            | Self::Histogram { dataset, .. }
            | Self::Quantiles { dataset, .. } => vec![dataset],
            Self::Transition { states, .. } => {
                states.iter().flat_map(|state| &state.datasets).collect()
            }
            Self::Share { of, with, .. } => of.datasets.iter().chain(&with.datasets).collect(),
            Self::PriorContact { dataset, before, .. } => {
                std::iter::once(dataset).chain(before).collect()
            }
            Self::SubjectSum { parts } => parts.iter().map(|part| &part.dataset).collect(),
        }
    }

    /// Every name that [`Self::name`] gives.
    pub(super) const NAMES: [&str; 15] = [
        "persons",
        "overlap",
        "cases",
        "mean",
        "sum",
        "histogram",
        "quantiles",
        "transition",
        "share",
        "entries",
        "prior_contact",
        "series",
        "sparse",
        "subject_sum",
        "link_quality",
    ];

    /// The dimensions that it reads by itself, beside groups and filter of the plan.
    pub(super) fn dimensions(&self) -> Vec<&Name> {
        match self {
            Self::Cases { dimension, .. }
            | Self::Sparse { dimension, .. }
            | Self::Quantiles { of: PlanScale::Classes { dimension }, .. } => vec![dimension],
            Self::Transition { states, .. } => states.iter().flat_map(filtered).collect(),
            Self::Share { of, with, .. } => filtered(of).chain(filtered(with)).collect(),
            Self::Persons { .. }
            | Self::Overlap { .. }
            | Self::Mean { .. }
            | Self::Sum { .. }
            | Self::Histogram { .. }
            | Self::Quantiles { .. }
            | Self::Entries { .. }
            | Self::Series { .. }
            | Self::SubjectSum { .. }
            | Self::LinkQuality { .. }
            | Self::PriorContact { .. } => Vec::new(),
        }
    }

    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Persons { .. } => "persons",
            Self::Overlap { .. } => "overlap",
            Self::Cases { .. } => "cases",
            Self::Mean { .. } => "mean",
            Self::Sum { .. } => "sum",
            Self::Histogram { .. } => "histogram",
            Self::Quantiles { .. } => "quantiles",
            Self::Transition { .. } => "transition",
            Self::Share { .. } => "share",
            Self::Entries { .. } => "entries",
            Self::LinkQuality { .. } => "link_quality",
            Self::PriorContact { .. } => "prior_contact",
            Self::Series { .. } => "series",
            Self::Sparse { .. } => "sparse",
            Self::SubjectSum { .. } => "subject_sum",
        }
    }

    /// Whether every cell is a count or sum with the one noise that was drawn for it.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        match self {
            Self::Persons { .. }
            | Self::Overlap { .. }
            | Self::Cases { .. }
            | Self::Sum { .. }
            | Self::Histogram { .. }
            | Self::Transition { .. }
            | Self::LinkQuality { .. }
            | Self::Series { .. }
            | Self::SubjectSum { .. } => true,
            Self::Mean { .. }
            | Self::Quantiles { .. }
            | Self::Share { .. }
            | Self::Entries { .. }
            | Self::PriorContact { .. }
            | Self::Sparse { .. } => false,
        }
    }

    /// The threshold delta that an answer may cost; zero where nothing is thresholded.
    #[must_use]
    pub fn threshold_delta(&self) -> Femto {
        match self {
            Self::Sparse { threshold_delta_femto, .. } => *threshold_delta_femto,
            _ => Femto::ZERO,
        }
    }

    /// Months before the event year that are read.
    #[must_use]
    pub fn months_before(&self) -> u8 {
        match self {
            Self::Entries { gap_months, .. } => *gap_months,
            Self::PriorContact { gap_months, months, .. } => *gap_months.max(months),
            _ => 0,
        }
    }

    /// Published cells of one group; `None` where there are none or it passes every limit.
    #[must_use]
    pub fn cells_per_group(&self) -> Option<usize> {
        let combinations = |datasets: &[Name]| {
            let all = 1_usize.checked_shl(u32::try_from(datasets.len()).ok()?)?;
            all.checked_sub(1).filter(|_| (1..=8).contains(&datasets.len()))
        };
        let cells = match self {
            Self::Persons { .. }
            | Self::Mean { .. }
            | Self::Sum { .. }
            | Self::Share { .. }
            | Self::SubjectSum { .. }
            | Self::PriorContact { .. } => Some(1),
            Self::Overlap { datasets } => combinations(datasets),
            Self::LinkQuality { .. } => Some(Self::LINK_CLASSES),
            Self::Cases { codes, .. } => Some(codes.len()),
            Self::Histogram { edges, .. } => edges.len().checked_sub(1),
            Self::Quantiles { per_mille, .. } => Some(per_mille.len()),
            Self::Transition { states, .. } => {
                let all = states.len().checked_add(1)?;
                all.checked_mul(all)?.checked_sub(1)
            }
            Self::Entries { datasets, .. } | Self::Series { datasets, .. } => {
                datasets.len().checked_mul(Self::PERIODS)
            }
            Self::Sparse { keys, .. } => Some(*keys),
        };
        cells.filter(|cells| *cells > 0)
    }

    /// Noised numbers of one group, per vector; other than [`Self::cells_per_group`] where what is
    /// published is computed from them.
    #[must_use]
    pub fn noised_per_group(&self) -> Option<usize> {
        match self {
            Self::Share { .. } | Self::PriorContact { .. } => Some(2),
            Self::Quantiles { edges, .. } => edges.len().checked_sub(1).filter(|size| *size > 0),
            other => other.cells_per_group(),
        }
    }
}

fn filtered(members: &PlanMembers) -> impl Iterator<Item = &Name> {
    members.filter.iter().map(|filter| &filter.dimension)
}

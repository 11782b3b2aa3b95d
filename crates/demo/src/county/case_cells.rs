//! Cells behind the identifying ones: case numbers and the facts of a benefit.

use super::calendar::Day;
use super::dataset::Dataset;
use super::line::Line;
use super::services::Detail;

/// Number of a case as the department writes it: each has its own series, so that numbers of
/// different departments have nothing in common.
pub(super) fn case_number(dataset: Dataset, number: u32) -> String {
    let series = u64::from(number) * 7919 + 104_729 * dataset as u64;
    let number = series % 10_000_000;
    match dataset {
        Dataset::Sgb2 => format!("43704BG{number:07}"),
        Dataset::Wohngeld => format!("WG-{number:07}"),
        Dataset::Sgb12 => format!("50.2/{number:07}"),
        Dataset::Egh => format!("EGH {number:07}"),
        Dataset::Hze => format!("51-{number:07}"),
        Dataset::Kita => format!("K{number:07}"),
        Dataset::But => format!("BuT{number:07}"),
        Dataset::Asyl => format!("A-{number:07}"),
    }
}

/// The amount that a totals row adds up.
pub(super) const fn amount(detail: &Detail) -> u32 {
    match detail {
        Detail::Sgb12 { cents, .. }
        | Detail::Egh { cents, .. }
        | Detail::Hze { cents, .. }
        | Detail::Asyl { cents, .. } => *cents,
        Detail::Kita { .. } => 0,
    }
}

/// What a case row says beside the detail.
pub(super) struct CaseFacts {
    pub(super) begin: Day,
    pub(super) end: Option<Day>,
    pub(super) town: &'static str,
    pub(super) situation: &'static str,
}

impl CaseFacts {
    pub(super) fn write(&self, detail: &Detail, line: &mut Line<'_>) {
        let (begin, end) = (Some(self.begin), self.end);
        match *detail {
            Detail::Sgb12 { benefit, cents, in_home, care_level } => {
                line.code(benefit);
                line.day(begin);
                line.day(end);
                line.cents(cents);
                line.yes(in_home);
                line.number(u32::from(care_level));
            }
            Detail::Egh { kind, tenth_hours, cents, impairment } => {
                line.code(kind);
                line.day(begin);
                line.day(end);
                line.tenths(tenth_hours);
                line.cents(cents);
                line.code(impairment);
            }
            Detail::Hze { kind, reason, origin, risk, cents, tenth_hours } => {
                line.code(kind);
                line.month(Some(self.begin.month()));
                line.month(end.map(Day::month));
                line.code(reason);
                line.code(self.situation);
                line.code(origin);
                line.yes(risk);
                line.cents(cents);
                line.tenths(tenth_hours);
            }
            Detail::Kita { childminder, hours, covered, other_language, integration } => {
                line.text(self.town);
                line.code(if childminder { "Tagespflege" } else { "Kita" });
                line.number(u32::from(hours));
                line.day(begin);
                line.day(end);
                line.yes(covered);
                line.yes(other_language);
                line.yes(integration);
            }
            Detail::Asyl { benefit, housing, region, cents, status } => {
                line.code(benefit);
                line.day(begin);
                line.day(end);
                line.code(housing);
                line.code(region);
                line.cents(cents);
                line.code(status);
            }
        }
    }
}

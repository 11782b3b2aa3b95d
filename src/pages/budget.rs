//! What a county's releases cost, as a picture and a table.

use super::figures;

/// Spending of one project.
pub(crate) struct Budget {
    /// One per event year.
    pub(crate) lineages: Vec<Lineage>,
}

/// What one event year has spent and may spend. All amounts in nano-rho.
pub(crate) struct Lineage {
    /// The event year.
    pub(crate) year: u16,
    /// Spent for ever.
    pub(crate) spent: u64,
    /// Set aside by a release plan that has not run yet.
    pub(crate) reserved: u64,
    /// The cap: the promise for this year.
    pub(crate) cap: u64,
    /// What was paid for.
    pub(crate) costs: Vec<Cost>,
}

/// What one table cost, all its releases together.
pub(crate) struct Cost {
    /// What a reader sees.
    pub(crate) label: String,
    /// How often it was released.
    pub(crate) releases: usize,
    /// In nano-rho.
    pub(crate) rho: u64,
}

/// A part of the bar, in thousandths of the cap.
pub(super) struct Segment {
    /// Tones take turns, so that neighbours can be told apart.
    pub(super) tone: usize,
    pub(super) left: u64,
    pub(super) width: u64,
}

/// A line of the table.
pub(super) struct CostLine {
    pub(super) tone: usize,
    pub(super) label: String,
    pub(super) releases: usize,
    pub(super) rho: String,
    pub(super) share: String,
}

const TONES: usize = 4;

impl Lineage {
    /// What was spent beyond the releases that are known: questions without an answer.
    pub(super) fn unanswered(&self) -> u64 {
        self.spent.saturating_sub(self.costs.iter().map(|cost| cost.rho).sum())
    }

    pub(super) fn lines(&self) -> Vec<CostLine> {
        let line = |(cost, tone): (&Cost, usize)| CostLine {
            tone: tone % TONES + 1,
            label: cost.label.clone(),
            releases: cost.releases,
            rho: figures::rho_rounded(cost.rho),
            share: figures::percent(figures::per_mille(cost.rho, self.cap)),
        };
        self.costs.iter().zip(0..).map(line).collect()
    }

    pub(super) fn segments(&self) -> Vec<Segment> {
        let mut paid: u64 = 0;
        let mut segments = Vec::with_capacity(self.costs.len() + 1);
        let rest = self.unanswered();
        let costs = self.costs.iter().map(|cost| cost.rho).zip((0..).map(|tone| tone % TONES + 1));
        for (rho, tone) in costs.chain([(rest, 0)]).filter(|(rho, _)| *rho > 0) {
            let left = place(paid, self.cap);
            paid = paid.saturating_add(rho);
            segments.push(Segment { tone, left, width: place(paid, self.cap) - left });
        }
        segments
    }

    /// Left end and width of what is reserved.
    pub(super) fn reserved_segment(&self) -> (u64, u64) {
        let left = place(self.spent, self.cap);
        (left, place(self.spent.saturating_add(self.reserved), self.cap) - left)
    }

    pub(super) fn free(&self) -> u64 {
        self.cap.saturating_sub(self.spent).saturating_sub(self.reserved)
    }

    pub(super) fn share(&self) -> String {
        figures::percent(figures::per_mille(self.spent, self.cap))
    }

    pub(super) fn reserved_share(&self) -> String {
        figures::percent(figures::per_mille(self.reserved, self.cap))
    }

    /// What is left, rounded down: what is spent must not look like less.
    pub(super) fn free_share(&self) -> String {
        let taken = self.spent.saturating_add(self.reserved);
        figures::percent(1_000 - figures::per_mille(taken, self.cap))
    }

    pub(super) fn reserved_text(&self) -> String {
        figures::rho_rounded(self.reserved)
    }

    pub(super) fn unanswered_text(&self) -> String {
        figures::rho_rounded(self.unanswered())
    }

    /// Rounded down, as [`Lineage::free_share`].
    pub(super) fn free_text(&self) -> String {
        figures::rho_rounded(self.free() / 1_000_000 * 1_000_000)
    }

    pub(super) fn cap_text(&self) -> String {
        figures::rho(self.cap)
    }

    pub(super) fn unanswered_share(&self) -> String {
        figures::percent(figures::per_mille(self.unanswered(), self.cap))
    }
}

/// Where an amount ends on the bar.
fn place(rho: u64, cap: u64) -> u64 {
    figures::per_mille(rho, cap)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lineage(spent: u64, reserved: u64, costs: &[u64]) -> Lineage {
        let cost = |rho: &u64| Cost { label: "Kinder".to_owned(), releases: 1, rho: *rho };
        Lineage {
            year: 2025,
            spent,
            reserved,
            cap: 500_000_000,
            costs: costs.iter().map(cost).collect(),
        }
    }

    #[test]
    fn parts_of_the_bar_follow_each_other_without_a_gap() {
        let year = lineage(200_000_000, 100_000_000, &[49_974_450, 99_948_900, 1]);
        let ends: Vec<_> = year.segments().iter().map(|s| (s.tone, s.left, s.width)).collect();
        assert_eq!(ends, [(1, 0, 100), (2, 100, 200), (3, 300, 0), (0, 300, 100)]);
        assert_eq!(year.reserved_segment(), (400, 200));
        assert_eq!((year.share(), year.free_share()), ("40\u{a0}%".into(), "40\u{a0}%".into()));
    }

    #[test]
    fn an_overspent_year_fills_the_bar_and_no_more() {
        let year = lineage(700_000_000, 100_000_000, &[600_000_000, 100_000_000]);
        assert_eq!(year.segments().iter().map(|s| s.left + s.width).max(), Some(1_000));
        assert_eq!((year.reserved_segment(), year.free()), ((1_000, 0), 0));
        assert_eq!(year.free_share(), "0\u{a0}%");
    }
}

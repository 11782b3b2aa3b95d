//! Budget under a cap: spent, kept, asked for now, left, as a bar and in words.

use statistics_unit::{BudgetReport, CapLeft, LineageReport, PurposeReport};

use crate::api::Language;
use crate::pages::figures;

/// A cap and what stands under it. All amounts in nano-rho.
pub(crate) struct Purse {
    /// What a reader sees, such as `Daten des Jahres 2025`.
    pub(crate) label: String,
    /// The event year of a lineage.
    pub(crate) year: Option<u16>,
    limit: u64,
    spent: u64,
    reserved: u64,
    /// What the question on the page would cost; nothing elsewhere.
    asked: u64,
    language: Language,
}

/// A part of the bar, in thousandths of the cap.
pub(crate) struct Part {
    pub(crate) class: &'static str,
    pub(crate) left: u64,
    pub(crate) width: u64,
}

impl Purse {
    /// A cap that a question costing `asked` would meet.
    pub(crate) fn of_cap(cap: &CapLeft, asked: u64, language: Language) -> Self {
        Self {
            label: label(cap.cap, cap.year, language),
            year: cap.year,
            limit: cap.limit,
            spent: cap.spent,
            reserved: cap.reserved,
            asked,
            language,
        }
    }

    fn of_year(own: &LineageReport, language: Language) -> Self {
        Self {
            label: label("lineage", Some(own.year), language),
            year: Some(own.year),
            limit: own.cap,
            spent: own.spent,
            reserved: own.reserved,
            asked: 0,
            language,
        }
    }

    /// Everything that a reader may still spend or not: years first, the latest at the top.
    pub(crate) fn all(report: &BudgetReport, reader: &str, language: Language) -> Vec<Self> {
        let years = report.lineages.iter().rev().map(|own| Self::of_year(own, language));
        let mine = report.analysts.iter().find(|own| own.analyst == reader);
        let mine = mine.map_or(0, |own| own.spent);
        let further = report.purposes.iter().flat_map(|own| others(own, mine, language));
        years.chain(further).collect()
    }

    /// What is left before the question.
    pub(crate) fn left(&self) -> u64 {
        self.limit.saturating_sub(self.spent).saturating_sub(self.reserved)
    }

    /// Whether the question fits.
    pub(crate) fn fits(&self) -> bool {
        self.asked <= self.left()
    }

    /// `4 %` of the cap, rounded up: what is spent must not look like less.
    pub(crate) fn asked_share(&self) -> String {
        self.share(self.asked)
    }

    pub(crate) fn spent_share(&self) -> String {
        self.share(self.spent)
    }

    pub(crate) fn reserved_share(&self) -> String {
        self.share(self.reserved)
    }

    /// What is left, rounded down.
    pub(crate) fn left_share(&self) -> String {
        self.rest(self.spent.saturating_add(self.reserved))
    }

    /// What would be left after the question, rounded down.
    pub(crate) fn after_share(&self) -> String {
        self.rest(self.spent.saturating_add(self.reserved).saturating_add(self.asked))
    }

    pub(crate) fn limit_text(&self) -> String {
        number(self.language, figures::rho(self.limit))
    }

    /// Spent, kept, asked for, in this order and without a gap.
    pub(crate) fn parts(&self) -> Vec<Part> {
        let mut end = 0_u64;
        let mut parts = Vec::with_capacity(3);
        let all = [("spent", self.spent), ("reserved", self.reserved), ("asked", self.asked)];
        for (class, amount) in all.into_iter().filter(|(_, amount)| *amount > 0) {
            let left = figures::per_mille(end, self.limit);
            end = end.saturating_add(amount);
            let width = figures::per_mille(end, self.limit).saturating_sub(left);
            parts.push(Part { class, left, width });
        }
        parts
    }

    fn share(&self, amount: u64) -> String {
        number(self.language, figures::percent(figures::per_mille(amount, self.limit)))
    }

    fn rest(&self, taken: u64) -> String {
        let taken = figures::per_mille(taken, self.limit);
        number(self.language, figures::percent(1_000_u64.saturating_sub(taken)))
    }
}

fn others(own: &PurposeReport, mine: u64, language: Language) -> Vec<Purse> {
    let purse = |cap, limit, spent, reserved| Purse {
        label: label(cap, None, language),
        year: None,
        limit,
        spent,
        reserved,
        asked: 0,
        language,
    };
    let mut all = vec![purse("purpose", own.cap, own.spent, own.reserved)];
    if let Some(quarter) = &own.quarter {
        all.push(purse("quarter", quarter.cap, quarter.spent, 0));
    }
    all.push(purse("analyst", own.analyst_cap, mine, 0));
    all
}

fn label(cap: &str, year: Option<u16>, language: Language) -> String {
    let text = match (cap, year) {
        ("lineage", Some(year)) => {
            return match language {
                Language::German => format!("Daten des Jahres {year}"),
                Language::English => format!("Data of the year {year}"),
            };
        }
        ("horizon", _) => language.say("mehrere Jahre zusammen", "several years together"),
        ("purpose", _) => language.say("dieser Zweck insgesamt", "this purpose in all"),
        ("quarter", _) => language.say("dieses Quartal", "this quarter"),
        ("analyst", _) => language.say("Ihr eigener Anteil", "your own part"),
        (other, _) => other,
    };
    text.to_owned()
}

/// A part of a cap in per cent, rounded up.
pub(crate) fn share_of(amount: u64, cap: u64, language: Language) -> String {
    number(language, figures::percent(figures::per_mille(amount, cap)))
}

/// An amount of budget, exactly.
pub(crate) fn rho(nano: u64, language: Language) -> String {
    number(language, figures::rho(nano))
}

/// A number as the reader's language writes it, from how German does.
pub(crate) fn number(language: Language, german: String) -> String {
    match language {
        Language::German => german,
        Language::English => german
            .chars()
            .map(|own| match own {
                ',' => '.',
                '.' => ',',
                other => other,
            })
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn purse(spent: u64, reserved: u64, asked: u64) -> Purse {
        let cap = CapLeft {
            cap: "lineage",
            year: Some(2025),
            limit: 500_000_000,
            spent,
            reserved,
            left: 0,
        };
        Purse::of_cap(&cap, asked, Language::German)
    }

    #[test]
    fn what_is_asked_stands_behind_what_is_gone() {
        let own = purse(200_000_000, 200_000_000, 19_999_999);
        assert_eq!((own.left_share(), own.asked_share()), ("20\u{a0}%".into(), "4\u{a0}%".into()));
        assert_eq!(own.after_share(), "16\u{a0}%");
        let parts: Vec<_> =
            own.parts().iter().map(|own| (own.class, own.left, own.width)).collect();
        assert_eq!(parts, [("spent", 0, 400), ("reserved", 400, 400), ("asked", 800, 40)]);
        assert!(own.fits());
        assert_eq!(own.label, "Daten des Jahres 2025");
    }

    #[test]
    fn too_much_is_seen_as_too_much() {
        let own = purse(490_000_000, 0, 10_000_001);
        assert!(!own.fits());
        assert_eq!(own.after_share(), "0\u{a0}%");
        assert!(own.parts().iter().all(|own| own.left + own.width <= 1_000));
    }

    #[test]
    fn numbers_follow_the_language() {
        assert_eq!(number(Language::English, "1.234,5".into()), "1,234.5");
    }
}

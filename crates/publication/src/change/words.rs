//! What is said of changes.

use super::{Change, Changes, Moment, Verdict};

/// What the two words mean, for below a table.
pub const MEANING: &str = "„Deutlich“: Der beigemischte Zufall erklärt den Unterschied nicht; unter \
    allen deutlichen Veränderungen sind im Mittel höchstens 5\u{a0}% falsch (Benjamini und Hochberg). \
    „Unklar“: Der Unterschied kann bloßer Zufall sein. Warum sich eine Zahl verändert hat, sagt der \
    Vergleich nicht; übliche Schwankungen von Jahr zu Jahr und Fehler beim Zusammenführen sind nicht \
    herausgerechnet.";

impl Verdict {
    /// `deutlich` or `unklar`.
    #[must_use]
    pub fn german(self) -> &'static str {
        match self {
            Self::Clear => "deutlich",
            Self::Unclear => "unklar",
        }
    }
}

impl Moment {
    /// `2025` or `3. Quartal 2025`.
    #[must_use]
    pub fn german(self) -> String {
        match self.quarter {
            Some(quarter) => format!("{quarter}. Quartal {}", self.year),
            None => self.year.to_string(),
        }
    }
}

impl Change {
    /// `gestiegen`, `gesunken` or `gleich`, by the released values.
    #[must_use]
    pub fn direction(&self) -> &'static str {
        match self.difference.value.position() {
            up if up > 0.0 => "gestiegen",
            down if down < 0.0 => "gesunken",
            _ => "gleich",
        }
    }

    /// The difference with its sign: `+12`, `−3`, `0`.
    #[must_use]
    pub fn signed(&self) -> String {
        let text = self.difference.value.german();
        if self.difference.value.position() > 0.0 { format!("+{text}") } else { text }
    }

    /// In a sentence: `Griesheim: von 301 (2024) auf 341 (2025), +40 (95-%-Intervall: 31 bis 49),
    /// deutlich gestiegen`.
    #[must_use]
    pub fn sentence(&self) -> String {
        let word = match self.verdict {
            Verdict::Clear => format!("deutlich {}", self.direction()),
            Verdict::Unclear => "unklar".to_owned(),
        };
        format!(
            "{}: von {} ({}) auf {} ({}), {} (95-%-Intervall: {} bis {}), {word}",
            self.row,
            self.before.value.german(),
            self.from.german(),
            self.after.value.german(),
            self.to.german(),
            self.signed(),
            self.difference.low.german(),
            self.difference.high.german()
        )
    }
}

impl Changes {
    /// How many are clear.
    #[must_use]
    pub fn clear(&self) -> usize {
        self.changes.iter().filter(|own| own.verdict == Verdict::Clear).count()
    }

    /// What was found and what was left out, in sentences.
    #[must_use]
    pub fn notes(&self) -> Vec<String> {
        let compared = self.changes.len();
        let mut notes = vec![match (self.clear(), compared) {
            (_, 0) => "Nichts ist sicher genug, um verglichen zu werden.".to_owned(),
            (0, _) => format!("Keine von {compared} verglichenen Veränderungen ist deutlich."),
            (1, _) => format!("Eine von {compared} verglichenen Veränderungen ist deutlich."),
            (clear, _) => {
                format!("{clear} von {compared} verglichenen Veränderungen sind deutlich.")
            }
        }];
        let mut left_out = |count: usize, why: &str| {
            if count > 0 {
                notes.push(format!("Nicht verglichen: {count}, {why}."));
            }
        };
        left_out(
            self.withheld,
            "weil eine der beiden Zahlen ausgeblendet ist oder keine Quote hat",
        );
        left_out(self.uncertain, "weil beide Zahlen zusammen zu unsicher sind");
        left_out(self.unmatched, "weil nicht jeder Zeitraum diese Zeile hat");
        if self.linked_differently {
            notes.push(
                "Die Zeiträume wurden nach verschiedenen Verfahren zusammengeführt; auch das kann \
                 Zahlen verändern."
                    .to_owned(),
            );
        }
        notes
    }
}

//! What a trend says in words.

use super::{Trend, TrendLine};
use crate::{Amount, Moment, Numbers, Shown};

impl Trend {
    pub(super) fn name(&self) -> String {
        format!("{}, {}", self.label, self.period())
    }

    /// `2023 bis 2025`.
    fn period(&self) -> String {
        match (self.moments.first(), self.moments.last()) {
            (Some(first), Some(last)) => format!("{} bis {}", first.german(), last.german()),
            _ => String::new(),
        }
    }

    /// What the marks mean.
    pub(super) fn note(&self) -> String {
        let mut note = format!("Fläche: {}-%-Intervall.", self.percent);
        let any = |wanted: fn(&Shown) -> bool| {
            self.lines.iter().any(|line| line.points.iter().any(wanted))
        };
        if any(|point| matches!(point, Shown::Unsure(_))) {
            note.push_str(&format!(" Hohle Punkte: {}.", self.tolerance.words()));
        }
        if any(|point| matches!(point, Shown::Missing | Shown::Absent)) {
            note.push_str(" Lücke: ausgeblendet oder ohne Zahl.");
        }
        if self.lines.len() > 1 {
            note.push_str(match self.shared {
                true => " Alle Felder haben denselben Maßstab.",
                false => " Jedes Feld hat seinen eigenen Maßstab ab 0.",
            });
        }
        if self.is_level {
            note.push_str(" Die Achse beginnt nicht bei 0.");
        }
        note
    }

    /// What pointing at a moment of a line shows.
    pub(super) fn tip(&self, line: &TrendLine, moment: Moment, point: Shown) -> String {
        let of = format!("{}, {}", line.row, moment.german());
        match point {
            Shown::Known(numbers) => format!("{of}: {}", self.told(numbers)),
            Shown::Unsure(numbers) => format!("{of}: {}, zu unsicher", self.told(numbers)),
            Shown::Missing => format!("{of}: ausgeblendet oder ohne Quote"),
            Shown::Absent => format!("{of}: keine Zahl"),
        }
    }

    fn told(&self, numbers: Numbers) -> String {
        let [value, low, high] = [numbers.value, numbers.low, numbers.high].map(Amount::german);
        format!("{value}{} ({}-%-Intervall: {low} bis {high})", self.unit, self.percent)
    }

    /// The number at the end of a line.
    pub(super) fn last_value(&self, line: &TrendLine) -> String {
        let last = line.points.last().and_then(|point| point.numbers());
        last.map_or_else(|| "–".to_owned(), |numbers| numbers.value.german())
    }

    /// A few round numbers of a panel's scale, with their texts.
    pub(super) fn ticks(&self, line: &TrendLine) -> Vec<(f64, String)> {
        const STEPS: [f64; 3] = [5.0, 2.0, 1.0];
        let (low, high) = self.scale(line);
        // The widest round step of which at least two fit, so that a scale can be read.
        let rough = (high - low) / 2.0;
        let power = 10_f64.powf(rough.log10().floor());
        let step = STEPS.iter().map(|own| own * power).find(|own| *own <= rough).unwrap_or(rough);
        // Half a person is none.
        let step = if self.whole { step.max(1.0) } else { step };
        let mut ticks = Vec::new();
        let mut at = (low / step).ceil();
        while at * step <= high && ticks.len() < 6 {
            let number = at * step;
            let text = if self.whole || (number - number.round()).abs() < 1e-9 {
                Amount::rounded(number).german()
            } else {
                Amount::shortest(number).german()
            };
            ticks.push((number, text));
            at += 1.0;
        }
        ticks
    }

    /// The picture for whoever does not see it.
    pub(super) fn description(&self) -> String {
        const TOLD: usize = 3;
        let mut text = format!(
            "Liniendiagramm mit {} Feldern, {} Zeitpunkte von {}.",
            self.lines.len(),
            self.moments.len(),
            self.period()
        );
        for line in self.lines.iter().take(TOLD) {
            let numbers = || line.points.iter().filter_map(|point| point.numbers());
            if let (Some(first), Some(last)) = (numbers().next(), numbers().next_back()) {
                text.push_str(&format!(
                    " {}: von {} auf {}.",
                    line.row,
                    self.told(first),
                    self.told(last)
                ));
            }
        }
        text.push_str(" Alle Werte stehen in der Tabelle.");
        text
    }
}

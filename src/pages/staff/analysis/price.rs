//! What an answer would cost and how sure it would be, in words.

use askama::Template;
use publication::Amount;
use statistics_unit::{HalfWidth, Priced};

use super::Purse;
use super::purse::number;
use crate::api::Language;
use crate::pages::figures;

/// The price of a question, as a part of a page or by itself.
#[derive(Template)]
#[template(path = "staff/analysis/price.html")]
pub(crate) struct PriceView {
    pub(crate) language: Language,
    /// How the answer will be headed.
    pub(crate) label: String,
    /// `±10 Personen in jeder Zeile`.
    pub(crate) width: String,
    /// What the answer costs, of the cap of its year.
    pub(crate) share: String,
    pub(crate) rho: String,
    pub(crate) eps: String,
    pub(crate) delta: String,
    pub(crate) cells: usize,
    /// Years beside the one asked about that pay too.
    pub(crate) further_years: Vec<u16>,
    /// Seconds until the answer is there.
    pub(crate) seconds: String,
    /// Every cap, with the question in it.
    pub(crate) purses: Vec<Purse>,
    pub(crate) step: Step,
}

/// What can be done next.
pub(crate) enum Step {
    /// It was released already: where it is read, and how sure it is.
    Free { address: String },
    /// It may be asked: what the form has to hold.
    Ask { csrf: String, key: String, request: String },
    /// Not under these caps.
    TooDear,
    /// The reader may look at prices and not ask.
    Look,
}

/// In which unit half-widths of a question are told.
#[derive(Clone, Copy)]
pub(crate) enum WidthUnit<'a> {
    Persons,
    Households,
    /// Per cent, from parts of one.
    Percent,
    /// Of a measure, such as `€`.
    Measure(&'a str),
}

impl PriceView {
    /// Prepares a price for its page.
    pub(crate) fn new(
        priced: &Priced,
        year: u16,
        unit: WidthUnit<'_>,
        step: Step,
        language: Language,
    ) -> Self {
        let price = &priced.price;
        let cost = price.rho().get();
        let asked = if priced.released.is_some() { 0 } else { cost };
        let per_mille = figures::per_mille(cost, priced.cap_nano_rho);
        let tenths = priced.slot_millis.div_ceil(100);
        Self {
            label: priced.label.clone(),
            width: width_words(price.half_width(), unit, language),
            share: number(language, figures::percent(per_mille)),
            rho: number(language, figures::rho(cost)),
            eps: number(language, Amount::Decimal((price.eps() * 100.0).ceil() / 100.0).german()),
            delta: figures::delta(price.delta_conv().get()),
            cells: priced.price.cells(),
            further_years: priced.years.iter().copied().filter(|own| *own != year).collect(),
            seconds: number(language, format!("{},{}", tenths / 10, tenths % 10)),
            purses: priced
                .caps
                .iter()
                .map(|own| {
                    // Of several years that together are too dear, each pays the price in full.
                    let years = u64::try_from(priced.years.len()).unwrap_or(1);
                    let times = if own.cap == "horizon" { years } else { 1 };
                    Purse::of_cap(own, asked.saturating_mul(times), language)
                })
                .collect(),
            step,
            language,
        }
    }

    fn say<'a>(&self, german: &'a str, english: &'a str) -> &'a str {
        self.language.say(german, english)
    }

    /// The caps under which the question does not fit.
    fn too_small(&self) -> impl Iterator<Item = &Purse> {
        self.purses.iter().filter(|own| !own.fits())
    }

    /// The years that pay, each with what is left of it afterwards.
    fn paying(&self) -> impl Iterator<Item = &Purse> {
        self.purses.iter().filter(|own| own.year.is_some())
    }
}

/// A half-width as a reader takes it in.
pub(crate) fn width_words(width: HalfWidth, unit: WidthUnit<'_>, language: Language) -> String {
    let whole = |count: u64| {
        let count = i64::try_from(count).map_or(count.to_string(), |n| Amount::Whole(n).german());
        number(language, count)
    };
    let several = match unit {
        WidthUnit::Households => language.say("Haushalte", "households"),
        WidthUnit::Measure(sign) => sign,
        WidthUnit::Persons | WidthUnit::Percent => language.say("Personen", "persons"),
    };
    match width {
        HalfWidth::Exact { half_width } => {
            let row = language.say("in jeder Zeile", "in every row");
            format!("±\u{a0}{} {several} {row}", whole(half_width))
        }
        HalfWidth::Ranks { half_width } => {
            let below = language
                .say("Personen, die unter dem Wert liegen", "persons that lie below the value");
            format!("±\u{a0}{} {below}", whole(half_width))
        }
        HalfWidth::Assumed { half_width: Some(half), assumed_count, .. } => {
            let (half, sign) = match unit {
                WidthUnit::Percent => {
                    (half * 100.0, language.say("Prozentpunkte", "percentage points"))
                }
                WidthUnit::Measure(sign) => (half, sign),
                WidthUnit::Persons | WidthUnit::Households => (half, ""),
            };
            let half = number(language, Amount::Decimal(half).german());
            let count = whole(assumed_count);
            match language {
                Language::German => {
                    format!("±\u{a0}{half} {sign}, wenn eine Zeile {count} Personen hat")
                }
                Language::English => {
                    format!("±\u{a0}{half} {sign}, where a row has {count} persons")
                }
            }
        }
        HalfWidth::Assumed { half_width: None, assumed_count, least_count } => {
            let (count, least) = (whole(assumed_count), whole(least_count));
            match language {
                Language::German => format!(
                    "zu unsicher: eine Zeile mit {count} Personen würde ausgeblendet, gezeigt wird ab \
                     etwa {least}"
                ),
                Language::English => format!(
                    "too unsure: a row of {count} persons would be withheld, shown from about {least}"
                ),
            }
        }
        HalfWidth::Threshold { lower_width, threshold } => {
            let (lower, threshold) = (whole(lower_width), whole(threshold));
            match language {
                Language::German => {
                    format!("höchstens {lower} Personen zu hoch; gezeigt wird ab {threshold}")
                }
                Language::English => {
                    format!("at most {lower} persons too high; shown from {threshold}")
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_say_what_they_are_widths_of() {
        let german = |width, unit| width_words(width, unit, Language::German);
        let exact = HalfWidth::Exact { half_width: 1_200 };
        assert_eq!(german(exact, WidthUnit::Persons), "±\u{a0}1.200 Personen in jeder Zeile");
        assert_eq!(german(exact, WidthUnit::Measure("€")), "±\u{a0}1.200 € in jeder Zeile");
        let share =
            HalfWidth::Assumed { half_width: Some(0.051), assumed_count: 300, least_count: 90 };
        assert_eq!(
            german(share, WidthUnit::Percent),
            "±\u{a0}5,10 Prozentpunkte, wenn eine Zeile 300 Personen hat"
        );
        let english = width_words(share, WidthUnit::Percent, Language::English);
        assert_eq!(english, "±\u{a0}5.10 percentage points, where a row has 300 persons");
    }
}

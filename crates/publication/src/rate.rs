//! Rates: released counts divided by public numbers of residents.
//!
//! Post-processing of what was released, so it costs nothing. The denominator is exact, so the
//! interval of a rate is that of its count, divided; it covers what that covers and no error of the
//! register.

use std::collections::{BTreeMap, BTreeSet};

use crate::population::{Ages, Asked, Gap, Population, Sexes, Source};
use crate::{Amount, Cell, Counted, Document, Kind, Numbers, Pooled};

/// The key of a cell that stands for all keys of its dimension together: for everybody whom the
/// filter lets in, unless it has a meaning of its own.
const ALL_KEYS: &str = "*";
/// A rate has between one and this many decimals.
const MOST_DECIMALS: u8 = 4;

/// How the counts of an indicator become rates.
#[derive(Debug, Clone)]
pub struct RateRule {
    /// How many residents a rate is shown for: 1, 10, 100, ...
    pub per: u32,
    /// The municipalities of the territory: what is not divided by place is of all of them.
    pub territory: BTreeSet<String>,
    /// Per dimension that a register of residents knows, what each key means there. Others divide
    /// the counts and not the residents.
    pub meanings: BTreeMap<String, BTreeMap<String, Meaning>>,
}

/// What a key means in a register of residents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meaning {
    /// Residents of these municipalities.
    Places(BTreeSet<String>),
    /// Residents of these ages on 31 December.
    Ages(Ages),
    /// Residents of these sexes.
    Sexes(Sexes),
}

/// By what the counts of a document were divided.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Rate {
    /// How many residents a rate is shown for.
    pub per: u32,
    /// Year of the 31 December on which the residents were counted.
    pub year: u16,
    /// Ages of all cells together, such as `unter 15`; empty for all.
    pub ages: String,
    /// Whose numbers they are.
    pub source: Source,
}

/// The rate of a cell.
#[derive(Debug, Clone, PartialEq)]
pub enum CellRate {
    /// It could be computed.
    Known {
        /// Value and interval, per [`Rate::per`] residents.
        numbers: Numbers,
        /// By how many residents was divided.
        residents: u64,
    },
    /// It could not, and why.
    Unknown(Gap),
}

impl Document {
    /// Divides the counts of persons by the residents of the release's event year.
    ///
    /// A document of anything else stays as it is. A cell whose residents are not known exactly
    /// gets the reason instead of a rate.
    #[must_use]
    pub fn with_rates(mut self, rule: &RateRule, population: &Population) -> Self {
        if self.kind != Kind::Persons || self.counted != Counted::Persons {
            return self;
        }
        let whole = self
            .filter
            .as_ref()
            .map_or(Err(Gap::Unsaid), |filter| rule.filtered(self.year, filter));
        let residents = |cell: &Cell| {
            let cell = (self.dimensions.as_slice(), cell.keys.as_slice());
            let asked = rule.of_cell(whole.clone()?, cell, &self.pooled)?;
            population.persons(&asked)
        };
        let residents: Vec<_> = self.cells.iter().map(residents).collect();
        let decimals = decimals(&self.cells, &residents, rule.per);
        for (cell, residents) in self.cells.iter_mut().zip(residents) {
            cell.rate = cell.numbers.map(|numbers| match residents {
                Ok(residents) => {
                    let numbers = divided(numbers, residents, rule.per, decimals);
                    CellRate::Known { numbers, residents }
                }
                Err(gap) => CellRate::Unknown(gap),
            });
        }
        let ages = whole.map(|asked| asked.ages.german()).unwrap_or_default();
        let source = population.source().clone();
        self.rate = Some(Rate { per: rule.per, year: self.year, ages, source });
        self
    }

    /// The rate where the document's rates are shown in the first place, else the released numbers.
    #[must_use]
    pub fn lead(&self, cell: &Cell) -> Option<Numbers> {
        if self.leads_with_rate() { cell.known_rate() } else { cell.numbers }
    }

    /// Whether maps, bars and order are those of rates: where there is at least one.
    #[must_use]
    pub fn leads_with_rate(&self) -> bool {
        self.cells.iter().any(|cell| cell.known_rate().is_some())
    }

    /// The one reason for which no cell has a rate, and the number of cells without one else.
    #[must_use]
    pub fn gaps(&self) -> Vec<(&Gap, usize)> {
        let mut gaps: Vec<(&Gap, usize)> = Vec::new();
        for cell in &self.cells {
            let Some(CellRate::Unknown(gap)) = &cell.rate else { continue };
            match gaps.iter_mut().find(|(own, _)| *own == gap) {
                Some((_, count)) => *count += 1,
                None => gaps.push((gap, 1)),
            }
        }
        gaps
    }

    /// Whether the numbers shown in the first place are whole.
    pub(crate) fn is_whole(&self) -> bool {
        self.kind.is_whole() && !self.leads_with_rate()
    }
}

impl Cell {
    /// The rate and its interval.
    #[must_use]
    pub fn known_rate(&self) -> Option<Numbers> {
        match &self.rate {
            Some(CellRate::Known { numbers, .. }) => Some(*numbers),
            _ => None,
        }
    }
}

impl Rate {
    /// `je 100 Einwohner unter 15`.
    #[must_use]
    pub fn words(&self) -> String {
        let ages = if self.ages.is_empty() { String::new() } else { format!(" {}", self.ages) };
        format!("{}{ages}", self.short_words())
    }

    /// `je 100 Einwohner`.
    #[must_use]
    pub fn short_words(&self) -> String {
        format!("je {} Einwohner", Amount::Whole(i64::from(self.per)).german())
    }

    /// The source in a sentence, as licences ask.
    #[must_use]
    pub fn source_words(&self) -> String {
        format!(
            "Bevölkerung am 31.12.{}: {}. Quoten: eigene Berechnung.",
            self.year,
            self.source.german()
        )
    }
}

impl RateRule {
    /// By whom a cell is divided: its keys per dimension, in a table of a year with a filter; by
    /// everybody of its group where a dimension is pooled.
    ///
    /// # Errors
    /// [`Gap::Key`] where a key means nothing to a register.
    pub fn asked(
        &self,
        year: u16,
        filter: &BTreeMap<String, Vec<String>>,
        (dimensions, keys): (&[String], &[String]),
        pooled: &BTreeMap<String, Pooled>,
    ) -> Result<Asked, Gap> {
        self.of_cell(self.filtered(year, filter)?, (dimensions, keys), pooled)
    }

    /// Everybody of the territory who passes the filter.
    fn filtered(&self, year: u16, filter: &BTreeMap<String, Vec<String>>) -> Result<Asked, Gap> {
        let mut asked =
            Asked { year, places: self.territory.clone(), ages: Ages::ALL, sexes: Sexes::ALL };
        for (dimension, keys) in filter {
            let Some(meanings) = self.meanings.get(dimension) else { continue };
            narrow(&mut asked, keys.iter().map(|key| meaning(meanings, key)))?;
        }
        Ok(asked)
    }

    fn of_cell(
        &self,
        mut asked: Asked,
        (dimensions, keys): (&[String], &[String]),
        pooled: &BTreeMap<String, Pooled>,
    ) -> Result<Asked, Gap> {
        for (dimension, key) in dimensions.iter().zip(keys) {
            if let Some(own) = pooled.get(dimension) {
                let Some(meanings) = self.meanings.get(&own.of) else { continue };
                if key == ALL_KEYS {
                    let all = own.groups.values().flatten();
                    narrow(&mut asked, all.map(|key| meaning(meanings, key)))?;
                    continue;
                }
                let group = own.groups.get(key).ok_or_else(|| Gap::Key { key: key.clone() })?;
                narrow(&mut asked, group.iter().map(|key| meaning(meanings, key)))?;
                continue;
            }
            let Some(meanings) = self.meanings.get(dimension) else { continue };
            if key != ALL_KEYS || meanings.contains_key(ALL_KEYS) {
                narrow(&mut asked, std::iter::once(meaning(meanings, key)))?;
            }
        }
        Ok(asked)
    }
}

fn meaning<'a>(meanings: &'a BTreeMap<String, Meaning>, key: &str) -> Result<&'a Meaning, Gap> {
    meanings.get(key).ok_or_else(|| Gap::Key { key: key.to_owned() })
}

/// Leaves those who belong to any of the meanings, all of one dimension.
fn narrow<'a>(
    asked: &mut Asked,
    meanings: impl Iterator<Item = Result<&'a Meaning, Gap>>,
) -> Result<(), Gap> {
    let (mut places, mut ages, mut sexes) = (None::<BTreeSet<String>>, None::<Ages>, None::<Sexes>);
    for meaning in meanings {
        match meaning? {
            Meaning::Places(own) => places.get_or_insert_default().extend(own.iter().cloned()),
            Meaning::Ages(own) => ages = Some(ages.unwrap_or(Ages::NONE).union(*own)),
            Meaning::Sexes(own) => sexes = Some(sexes.unwrap_or(Sexes::NONE).union(*own)),
        }
    }
    if let Some(places) = places {
        asked.places.retain(|place| places.contains(place));
    }
    if let Some(ages) = ages {
        asked.ages = asked.ages.intersection(ages);
    }
    if let Some(sexes) = sexes {
        asked.sexes = asked.sexes.intersection(sexes);
    }
    Ok(())
}

fn divided(numbers: Numbers, residents: u64, per: u32, decimals: u8) -> Numbers {
    let rate = |amount: Amount| Amount::Rate(quotient(amount, residents, per), decimals);
    Numbers { value: rate(numbers.value), low: rate(numbers.low), high: rate(numbers.high) }
}

#[expect(clippy::cast_precision_loss, reason = "residents and counts lie far below 2^53")]
fn quotient(count: Amount, residents: u64, per: u32) -> f64 {
    count.position() * f64::from(per) / residents as f64
}

/// As many decimals as the middle interval of a document leaves a meaning: the last one is a step of
/// at most its half-width. The same for all cells, so that columns can be compared.
fn decimals(cells: &[Cell], residents: &[Result<u64, Gap>], per: u32) -> u8 {
    let half_width = |(cell, residents): (&Cell, &Result<u64, Gap>)| {
        let (numbers, residents) = (cell.numbers?, *residents.as_ref().ok()?);
        let width = |amount| quotient(amount, residents, per);
        Some((width(numbers.high) - width(numbers.low)) / 2.0)
    };
    let mut widths: Vec<f64> = cells.iter().zip(residents).filter_map(half_width).collect();
    widths.sort_by(f64::total_cmp);
    let middle = widths.get(widths.len() / 2).copied().unwrap_or(1.0);
    let mut step = 0.1;
    let mut decimals = 1;
    while step > middle && decimals < MOST_DECIMALS {
        step /= 10.0;
        decimals += 1;
    }
    decimals
}

//! What a released rate would mean for the residents of coming years: a model, and marked as one.
//!
//! Post-processing of a release and of public numbers; it costs no budget. Persons come out whole,
//! computed in integers. The interval is that of the release, carried along: it covers the noise and
//! no error of the model, and [`Demand::assumptions`] says what that leaves out.

mod words;

use crate::population::{Asked, Gap, Population, Source};
use crate::{Amount, Cell, Counted, Document, Error, Kind, Names, Numbers, RateRule, Tolerance};

/// What stands at every number of it.
pub const MODEL_MARK: &str = "Modell";

/// How a release is projected.
pub struct DemandRule<'a> {
    /// What the keys of the cells mean in a register, as for rates.
    pub rate: &'a RateRule,
    /// The register by which released counts are divided.
    pub residents: &'a Population,
    /// Where coming residents are taken from.
    pub outlook: Outlook<'a>,
    /// How many years after the release's year, 1 to [`Population::MAX_STEPS`].
    pub years: u16,
    /// What is too uncertain to be shown as known.
    pub tolerance: Tolerance,
}

/// Where coming residents are taken from.
#[derive(Clone, Copy)]
pub enum Outlook<'a> {
    /// The register's own cohorts, moved up year by year.
    Cohorts,
    /// A projection that somebody published, in the same form as a register.
    Published(&'a Population),
}

/// A release carried into coming years.
#[derive(Debug)]
#[non_exhaustive]
pub struct Demand {
    /// What a reader sees for the question.
    pub label: String,
    /// The release's event year.
    pub year: u16,
    /// The last year whose residents the register has.
    pub register: u16,
    /// The coming years, ascending.
    pub years: Vec<u16>,
    /// The cells, in the order of [`Document::rows`].
    pub rows: Vec<DemandRow>,
    /// All that the model takes for granted, in sentences.
    pub assumptions: Vec<String>,
    /// Whose numbers of residents were used.
    pub sources: Vec<Source>,
}

/// A cell in coming years.
#[derive(Debug)]
#[non_exhaustive]
pub struct DemandRow {
    /// Key per dimension.
    pub keys: Vec<String>,
    /// What stands at the cell's row.
    pub row: String,
    /// Whether it is a total.
    pub is_total: bool,
    /// What was released.
    pub released: Option<Numbers>,
    /// Whether the released number is certain enough to stand for itself.
    pub known: bool,
    /// Per year of [`Demand::years`], or why there is nothing.
    pub coming: Result<Vec<DemandYear>, DemandGap>,
}

/// A cell in one coming year.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct DemandYear {
    /// The year.
    pub year: u16,
    /// Its residents.
    pub residents: u64,
    /// Whether the register has them already, or the model made them.
    pub registered: bool,
    /// Persons, as whole numbers, with the interval of the release carried along.
    pub numbers: Numbers,
}

/// Why a cell has no coming years.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DemandGap {
    /// Its number is withheld.
    Withheld,
    /// Its residents are not known.
    Residents(Gap),
}

/// Multiplies the released share of residents with the residents of coming years.
///
/// For cell c of year y and a coming year t: persons(t) = persons(y) · residents(t) / residents(y),
/// rounded to the nearest whole person, the ends of the interval outwards.
///
/// # Errors
/// [`Error::Demand`] for anything but counts of persons, for no or too many years, and for years
/// that a published projection does not have.
pub fn demand(document: &Document, rule: &DemandRule<'_>, names: &Names) -> Result<Demand, Error> {
    if document.kind != Kind::Persons
        || document.counted != Counted::Persons
        || document.is_thresholded()
    {
        return refuse("only counts of persons have a share of residents");
    }
    if !(1..=Population::MAX_STEPS).contains(&rule.years) {
        let most = Population::MAX_STEPS;
        return refuse(format!("it reaches 1 to {most} years ahead; name fewer"));
    }
    let years: Vec<u16> =
        (1..=rule.years).filter_map(|own| document.year.checked_add(own)).collect();
    let register = rule.residents.years().last().unwrap_or_default();
    if let Outlook::Published(published) = rule.outlook {
        let lacks = |year: &&u16| **year > register && !published.years().any(|own| own == **year);
        if let Some(year) = years.iter().find(lacks) {
            let ends = published.years().last().unwrap_or_default();
            return refuse(format!("the published projection ends in {ends} and lacks {year}"));
        }
    }
    let row = |(_, cell): (Option<usize>, &Cell)| DemandRow {
        keys: cell.keys.clone(),
        row: names.row(cell),
        is_total: cell.is_total,
        released: cell.numbers,
        known: rule.tolerance.admits(cell.numbers),
        coming: coming(document, cell, &years, rule),
    };
    let mut sources = vec![rule.residents.source().clone()];
    if let Outlook::Published(published) = rule.outlook {
        sources.push(published.source().clone());
    }
    Ok(Demand {
        label: document.label.clone(),
        year: document.year,
        register,
        rows: document.rows().into_iter().map(row).collect(),
        assumptions: words::assumptions(rule, document.year, register),
        years,
        sources,
    })
}

fn refuse<T>(why: impl Into<String>) -> Result<T, Error> {
    Err(Error::Demand(why.into()))
}

fn coming(
    document: &Document,
    cell: &Cell,
    years: &[u16],
    rule: &DemandRule<'_>,
) -> Result<Vec<DemandYear>, DemandGap> {
    let numbers = cell.numbers.ok_or(DemandGap::Withheld)?;
    let filter = document.filter.as_ref().ok_or(DemandGap::Residents(Gap::Unsaid))?;
    let keys = (document.dimensions.as_slice(), cell.keys.as_slice());
    let asked = rule.rate.asked(document.year, filter, keys, &document.pooled)?;
    let now = rule.residents.persons(&asked)?;
    let year = |year: &u16| {
        let asked = Asked { year: *year, ..asked.clone() };
        let (residents, registered) = residents(&asked, rule)?;
        Ok(DemandYear {
            year: *year,
            residents,
            registered,
            numbers: carried(numbers, now, residents),
        })
    };
    years.iter().map(year).collect()
}

impl From<Gap> for DemandGap {
    fn from(gap: Gap) -> Self {
        Self::Residents(gap)
    }
}

/// Residents of a coming year, and whether the register has them already.
fn residents(asked: &Asked, rule: &DemandRule<'_>) -> Result<(u64, bool), DemandGap> {
    let last = rule.residents.years().last().unwrap_or_default();
    // Nobody left is a number too, other than in a denominator.
    let counted = |found: Result<u64, Gap>| match found {
        Err(Gap::Nobody) => Ok(0),
        other => other,
    };
    if asked.year <= last {
        return Ok((counted(rule.residents.persons(asked))?, true));
    }
    let found = match rule.outlook {
        Outlook::Cohorts => rule.residents.shifted(asked, asked.year - last),
        Outlook::Published(published) => published.persons(asked),
    };
    Ok((counted(found)?, false))
}

/// Value rounded to the nearest, ends outwards. Counts are whole, so integers do.
fn carried(numbers: Numbers, now: u64, then: u64) -> Numbers {
    let now = i128::from(now.max(1));
    let scaled = |amount: Amount| match amount {
        Amount::Whole(count) => i128::from(count) * i128::from(then),
        Amount::Decimal(_) | Amount::Rate(..) => 0,
    };
    let whole = |number: i128| Amount::Whole(i64::try_from(number).unwrap_or(i64::MAX));
    Numbers {
        value: whole((2 * scaled(numbers.value) + now).div_euclid(2 * now)),
        low: whole(scaled(numbers.low).div_euclid(now)),
        high: whole(-(-scaled(numbers.high)).div_euclid(now)),
    }
}

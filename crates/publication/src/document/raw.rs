//! The wire form, and the checks between it and a [`Document`].

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{
    AtLeast, Cell, Counted, Document, Effect, Guarantee, HalfWidth, Kind, LogPosition, Losing,
    Loss, MarginTable, Margins, Noise, Numbers, Withholding,
};
use crate::{Amount, Error};

/// Longest label, in characters.
const MAX_LABEL: usize = 200;
/// Longest sentence, in characters.
const MAX_TEXT: usize = 4_000;
/// Longest short name, in characters.
const MAX_NAME: usize = 40;
/// Most dimensions, and most datasets of a combination.
const MAX_PARTS: usize = 8;
/// Most members of a group whose loss is stated.
const MAX_GROUP: u64 = 1_000;
/// Greatest amount: beyond it a floating-point axis would round.
const MAX_AMOUNT: i64 = 1 << 53;

/// What decides how the rest is read.
#[derive(Deserialize)]
pub(super) struct Head {
    pub(super) format: String,
}

#[derive(Deserialize)]
pub(super) struct Raw {
    project: String,
    purpose: String,
    indicator: String,
    label: String,
    snapshot: String,
    #[serde(default)]
    linkage_schema: Option<String>,
    year: u16,
    kind: Form,
    #[serde(default)]
    unit: RawUnit,
    /// Releases from before rates do not have it.
    filter: Option<BTreeMap<String, Vec<String>>>,
    dimensions: Vec<String>,
    cells: Vec<RawCell>,
    confidence: f64,
    half_width: RawHalfWidth,
    #[serde(default)]
    margins: Option<RawMargins>,
    #[serde(default)]
    noise: Vec<RawNoise>,
    #[serde(default)]
    withholding: Option<RawWithholding>,
    mechanism: String,
    rho_nano: u64,
    #[serde(default)]
    delta_femto: u64,
    eps: f64,
    delta_conv_femto: u64,
    guarantee: RawGuarantee,
    policy_digest: String,
    ledger: RawLedger,
    separation: String,
}

/// What a document's cells are, by its own name for it.
#[derive(Deserialize, Clone, Copy, PartialEq, Eq, Debug)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Form {
    Persons,
    Households,
    Overlap,
    Cases,
    Mean,
    Sum,
    Histogram,
    Quantiles,
    Transition,
    Share,
    Entries,
    PriorContact,
    Series,
    Sparse,
    SubjectSum,
    LinkQuality,
}

/// Releases from before households were counted do not say it.
#[derive(Deserialize, Clone, Copy, Default)]
#[serde(rename_all = "snake_case")]
enum RawUnit {
    #[default]
    Person,
    Household,
    Row,
}

#[derive(Deserialize)]
struct RawCell {
    keys: Vec<String>,
    labels: Vec<String>,
    #[serde(default)]
    datasets: Vec<String>,
    value: Option<RawAmount>,
    low: Option<RawAmount>,
    high: Option<RawAmount>,
    #[serde(default)]
    non_negative: Option<i64>,
    withheld: bool,
}

#[derive(Deserialize)]
struct RawMargins {
    dimensions: Vec<String>,
    tables: Vec<RawTable>,
    effects: Vec<RawEffect>,
}

#[derive(Deserialize)]
struct RawTable {
    totals: Vec<String>,
    half_width: u64,
}

#[derive(Deserialize)]
struct RawEffect {
    of: Vec<String>,
    variance: f64,
}

#[derive(Deserialize)]
struct RawNoise {
    quantity: Option<String>,
    sigma: Option<f64>,
    sensitivity: Option<RawSensitivity>,
}

#[derive(Deserialize)]
struct RawSensitivity {
    l0: u64,
}

#[derive(Deserialize)]
struct RawWithholding {
    half_width: Option<u64>,
    percent: Option<u32>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum RawAmount {
    Whole(i64),
    Decimal(f64),
}

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum RawHalfWidth {
    Exact { half_width: u64 },
    Ranks { half_width: u64 },
    Assumed { half_width: Option<f64>, assumed_count: u64, least_count: u64 },
    Threshold { lower_width: u64, threshold: u64 },
}

#[derive(Deserialize)]
struct RawGuarantee {
    kind: String,
    text: String,
    #[serde(default)]
    losses_rho_nano: Option<RawLosses>,
    /// Releases from before groups were stated do not have it.
    #[serde(default)]
    groups: Vec<RawGroup>,
}

#[derive(Deserialize)]
struct RawLosses {
    #[serde(default)]
    person: Option<u64>,
    #[serde(default)]
    record: Option<u64>,
}

#[derive(Deserialize)]
struct RawGroup {
    size: u64,
    rho_nano: u64,
    eps: f64,
}

#[derive(Deserialize)]
struct RawLedger {
    sequence: u64,
    head: String,
}

impl Raw {
    pub(super) fn check(self) -> Result<Document, Error> {
        let kind = match self.kind {
            Form::Persons
            | Form::Households
            | Form::Cases
            | Form::Histogram
            | Form::Transition
            | Form::Series
            | Form::Sparse
            | Form::Entries => Kind::Persons,
            Form::SubjectSum
                if self.noise.iter().all(|own| own.quantity.as_deref() == Some("rows")) =>
            {
                Kind::Persons
            }
            Form::SubjectSum => Kind::Sum,
            Form::Overlap => Kind::Overlap,
            Form::LinkQuality => Kind::LinkQuality,
            Form::Mean => Kind::Mean,
            Form::Sum => Kind::Sum,
            Form::Quantiles => Kind::Quantiles,
            Form::Share | Form::PriorContact => Kind::Share,
        };
        let counted = match self.unit {
            RawUnit::Person => Counted::Persons,
            RawUnit::Household => Counted::Households,
            RawUnit::Row => Counted::Rows,
        };
        let thresholded = matches!(self.kind, Form::Sparse);
        if thresholded != matches!(self.half_width, RawHalfWidth::Threshold { .. }) {
            return Err(Error::Broken(
                "cells of a private dimension, and only they, have a threshold",
            ));
        }
        self.check_texts()?;
        if !(self.confidence > 0.5 && self.confidence < 1.0) {
            return Err(Error::Broken("confidence lies between one half and one"));
        }
        if !(self.eps.is_finite() && self.eps >= 0.0) {
            return Err(Error::Broken("eps is not negative"));
        }
        // How many keys pass a threshold is not public: it may be none.
        let least = usize::from(!thresholded);
        if !(least..=Document::MAX_CELLS).contains(&self.cells.len()) {
            return Err(Error::Broken("a table has 1 to 100000 cells"));
        }
        let guarantee = self.guarantee.check(self.eps)?;
        let margins = self.margins.map(|own| own.check(&self.dimensions)).transpose()?;
        let totals = totals(&self.dimensions, margins.as_ref());
        let cells = self.cells.into_iter().map(|cell| cell.check(kind, &totals, thresholded));
        let noise = self.noise.into_iter().map(RawNoise::check).collect::<Result<_, _>>()?;
        Ok(Document {
            cells: cells.collect::<Result<_, _>>()?,
            label: self.label,
            indicator: self.indicator,
            purpose: self.purpose,
            project: self.project,
            snapshot: self.snapshot,
            linkage_schema: self.linkage_schema,
            year: self.year,
            kind,
            form: self.kind,
            counted,
            filter: self.filter,
            dimensions: self.dimensions,
            confidence: self.confidence,
            half_width: self.half_width.read(kind),
            margins,
            noise,
            withholding: self
                .withholding
                .map(|own| Withholding { half_width: own.half_width, percent: own.percent }),
            mechanism: self.mechanism,
            rho_nano: self.rho_nano,
            eps: self.eps,
            delta_conv_femto: self.delta_conv_femto,
            delta_femto: self.delta_femto,
            guarantee,
            policy_digest: self.policy_digest,
            ledger: LogPosition { sequence: self.ledger.sequence, head: self.ledger.head },
            separation: self.separation,
            rate: None,
        })
    }

    fn check_texts(&self) -> Result<(), Error> {
        for member in [&self.project, &self.purpose, &self.indicator, &self.snapshot] {
            name(member)?;
        }
        name(&self.guarantee.kind)?;
        name(&self.mechanism)?;
        names(&self.dimensions)?;
        for (dimension, keys) in self.filter.iter().flatten() {
            name(dimension)?;
            keys.iter().try_for_each(|key| text(key, MAX_LABEL))?;
        }
        text(&self.label, MAX_LABEL)?;
        text(&self.separation, MAX_TEXT)?;
        text(&self.guarantee.text, MAX_TEXT)?;
        digest(&self.policy_digest)?;
        self.linkage_schema.as_deref().map_or(Ok(()), digest)?;
        digest(&self.ledger.head)
    }
}

impl RawGuarantee {
    fn check(self, eps: f64) -> Result<Guarantee, Error> {
        let mut losses = Vec::new();
        if let Some(RawLosses { person, record }) = self.losses_rho_nano {
            let person = person.map(|rho_nano| (Losing::Person, rho_nano, Some(eps)));
            let record = record.map(|rho_nano| (Losing::Record, rho_nano, None));
            losses.extend(person.into_iter().chain(record));
        }
        if self.groups.len() > MAX_PARTS {
            return Err(Error::Broken("losses are stated for at most 8 groups"));
        }
        for own in self.groups {
            let sized = (2..=MAX_GROUP).contains(&own.size);
            if !(sized && own.eps.is_finite() && own.eps >= 0.0) {
                return Err(Error::Broken("a group has 2 to 1000 members and an eps"));
            }
            losses.push((Losing::Group(own.size), own.rho_nano, Some(own.eps)));
        }
        let loss = |(of, rho_nano, eps)| Loss { of, rho_nano, eps };
        let losses = losses.into_iter().map(loss).collect();
        Ok(Guarantee { kind: self.kind, text: self.text, losses })
    }
}

/// Per dimension whether it may have the key of a total.
fn totals(dimensions: &[String], margins: Option<&Margins>) -> Vec<bool> {
    let has = |name: &String| margins.is_some_and(|own| own.dimensions.contains(name));
    dimensions.iter().map(has).collect()
}

impl RawMargins {
    /// Every subset of the dimensions is there once, as a table and as an effect.
    fn check(self, dimensions: &[String]) -> Result<Margins, Error> {
        const BROKEN: Error = Error::Broken("margins name each set of their dimensions once");
        let known = |set: &[String]| {
            let mut rest = self.dimensions.iter();
            set.iter().all(|name| rest.any(|own| own == name))
        };
        let mut rest = dimensions.iter();
        let ordered = self.dimensions.iter().all(|name| rest.any(|own| own == name));
        let all = 1_usize << self.dimensions.len().min(4);
        let complete = |sets: Vec<&Vec<String>>| {
            let distinct: std::collections::BTreeSet<_> = sets.iter().collect();
            sets.len() == all && distinct.len() == all && sets.iter().all(|set| known(set))
        };
        let named = complete(self.tables.iter().map(|own| &own.totals).collect())
            && complete(self.effects.iter().map(|own| &own.of).collect());
        if !ordered || !named || !(1..=3).contains(&self.dimensions.len()) {
            return Err(BROKEN);
        }
        if self.effects.iter().any(|own| !(own.variance.is_finite() && own.variance >= 0.0)) {
            return Err(Error::Broken("a variance is not negative"));
        }
        let table = |own: RawTable| MarginTable { totals: own.totals, half_width: own.half_width };
        let effect = |own: RawEffect| Effect { of: own.of, variance: own.variance };
        Ok(Margins {
            tables: self.tables.into_iter().map(table).collect(),
            effects: self.effects.into_iter().map(effect).collect(),
            dimensions: self.dimensions,
        })
    }
}

impl RawNoise {
    fn check(self) -> Result<Noise, Error> {
        if self.sigma.is_some_and(|own| !(own.is_finite() && own > 0.0)) {
            return Err(Error::Broken("a sigma is above zero"));
        }
        Ok(Noise { sigma: self.sigma, l0: self.sensitivity.map(|own| own.l0) })
    }
}

impl RawCell {
    /// `totals` says per dimension whether its key may be that of a total.
    fn check(self, kind: Kind, totals: &[bool], thresholded: bool) -> Result<Cell, Error> {
        let dimensions = totals.len();
        if self.keys.len() != dimensions || self.labels.len() != dimensions {
            return Err(Error::Broken("a cell has one key and one label per dimension"));
        }
        for member in self.keys.iter().chain(&self.labels) {
            text(member, MAX_LABEL)?;
        }
        names(&self.datasets)?;
        if self.datasets.is_empty() == (kind == Kind::Overlap) {
            return Err(Error::Broken("cells of an overlap, and only they, name datasets"));
        }
        if thresholded {
            return self.check_thresholded(kind);
        }
        let numbers = match (self.value, self.low, self.high, self.withheld) {
            (None, None, None, true) => None,
            (Some(value), Some(low), Some(high), false) => Some(Numbers {
                value: value.check(kind)?,
                low: low.check(kind)?,
                high: high.check(kind)?,
            }),
            _ => return Err(Error::Broken("a cell has all three numbers or is withheld")),
        };
        if let Some(Numbers { value, low, high }) = &numbers
            && !(low.position() <= value.position() && value.position() <= high.position())
        {
            return Err(Error::Broken("a value lies within its interval"));
        }
        if self.non_negative.is_some_and(|own| !(0..=MAX_AMOUNT).contains(&own)) {
            return Err(Error::Broken("a number of the non-negative table is 0 to 2^53"));
        }
        let is_total =
            self.keys.iter().zip(totals).any(|(key, may)| *may && key == Document::TOTAL);
        Ok(Cell {
            keys: self.keys,
            labels: self.labels,
            datasets: self.datasets,
            numbers,
            at_least: None,
            rate: None,
            non_negative: self.non_negative,
            is_total,
        })
    }

    fn check_thresholded(self, kind: Kind) -> Result<Cell, Error> {
        let (Some(value), Some(low), None, false) =
            (self.value, self.low, self.high, self.withheld)
        else {
            return Err(Error::Broken("a key above a threshold has a value and a lower end only"));
        };
        let (value, low) = (value.check(kind)?, low.check(kind)?);
        if low.position() > value.position() {
            return Err(Error::Broken("a value lies not below its lower end"));
        }
        let (keys, labels, datasets) = (self.keys, self.labels, self.datasets);
        Ok(Cell {
            keys,
            labels,
            datasets,
            numbers: None,
            at_least: Some(AtLeast { value, low }),
            rate: None,
            non_negative: None,
            is_total: false,
        })
    }
}

impl RawAmount {
    #[expect(clippy::cast_precision_loss, reason = "within 2^53, as checked")]
    fn check(&self, kind: Kind) -> Result<Amount, Error> {
        let limit = MAX_AMOUNT as f64;
        let decimal = match self {
            Self::Whole(count) if !(-MAX_AMOUNT..=MAX_AMOUNT).contains(count) => {
                return Err(Error::Broken("an amount is at most 2^53"));
            }
            Self::Whole(count) if kind.is_whole() => return Ok(Amount::Whole(*count)),
            // Canonical JSON writes 27.0 as 27.
            Self::Whole(decimal) => *decimal as f64,
            Self::Decimal(_) if kind.is_whole() => {
                return Err(Error::Broken("counts and sums are whole numbers"));
            }
            Self::Decimal(decimal) => *decimal,
        };
        if !(-limit..=limit).contains(&decimal) {
            return Err(Error::Broken("an amount is at most 2^53"));
        }
        Ok(Amount::Decimal(decimal * scale(kind)))
    }
}

impl RawHalfWidth {
    fn read(self, kind: Kind) -> HalfWidth {
        match self {
            Self::Exact { half_width } => HalfWidth::Exact(half_width),
            Self::Ranks { half_width } => HalfWidth::Ranks(half_width),
            Self::Assumed { half_width, assumed_count, least_count } => {
                let half_width = half_width.map(|width| width * scale(kind));
                HalfWidth::Assumed { half_width, assumed_count, least_count }
            }
            Self::Threshold { lower_width, threshold } => {
                HalfWidth::Threshold { lower_width, threshold }
            }
        }
    }
}

/// Readers see shares in per cent.
fn scale(kind: Kind) -> f64 {
    if kind == Kind::Share { 100.0 } else { 1.0 }
}

/// Control and direction characters neither fit into XML nor let a reader see what stands there.
fn text(value: &str, most: usize) -> Result<(), Error> {
    let hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{fffe}' | '\u{ffff}')
    };
    if value.is_empty() || value.chars().count() > most || value.contains(hidden) {
        return Err(Error::Broken("a text is printable, not empty and not overlong"));
    }
    Ok(())
}

fn name(value: &str) -> Result<(), Error> {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_';
    if (1..=MAX_NAME).contains(&value.len()) && value.bytes().all(plain) {
        return Ok(());
    }
    Err(Error::Broken("a name is 1 to 40 characters out of a-z, 0-9, - and _"))
}

fn names(values: &[String]) -> Result<(), Error> {
    if values.len() > MAX_PARTS {
        return Err(Error::Broken("dimensions and datasets are at most 8 each"));
    }
    values.iter().try_for_each(|value| name(value))
}

fn digest(value: &str) -> Result<(), Error> {
    let hexadecimal = |b: u8| b.is_ascii_digit() || matches!(b, b'a'..=b'f');
    if value.len() == 64 && value.bytes().all(hexadecimal) {
        return Ok(());
    }
    Err(Error::Broken("a digest has 64 lower-case hexadecimal digits"))
}

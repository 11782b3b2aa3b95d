//! A mapping resolved against one file's header and the catalogue: positions instead of names.

use std::collections::HashMap;

use policy::{
    AgeClasses, Catalogue, Dataset, Dimension, Identifier, Name, NamedColumns, UNKNOWN_CODE,
};

use super::{Column, Decimal, Derived, Mapping, TimeFormat, TimePart, Towns, Unreadable};
use crate::error::Error;
use crate::source::Record;

/// What is read from each record, and how.
pub(crate) struct Layout<'a> {
    pub(crate) width: usize,
    /// Per column whether anything of it is read.
    read: Vec<bool>,
    pub(crate) identifiers: Vec<IdentifierRule<'a>>,
    /// Per dimension of the dataset the ways to find its code, tried in order.
    pub(crate) dimensions: Vec<Vec<DimensionRule<'a>>>,
    pub(crate) measures: Vec<Option<MeasureRule>>,
    pub(crate) time: TimeRule,
    pub(crate) unit: Option<usize>,
    pub(crate) person: Option<usize>,
    pub(crate) case: Option<usize>,
    pub(crate) excludes: Vec<ExcludeRule<'a>>,
    pub(crate) dataset: &'a Dataset,
}

pub(crate) struct IdentifierRule<'a> {
    pub(crate) position: usize,
    pub(crate) identifier: Identifier,
    pub(crate) changes: bool,
    pub(crate) required: bool,
    pub(crate) unreadable: Unreadable,
    pub(crate) codes: HashMap<String, &'a str>,
}

pub(crate) enum DimensionRule<'a> {
    Codes { position: usize, codes: CodeList },
    Age { position: usize, classes: AgeClasses },
    Place(PlaceRule<'a>),
    Duration(DurationRule),
}

pub(crate) struct PlaceRule<'a> {
    pub(crate) postcode: usize,
    pub(crate) town: usize,
    pub(crate) towns: &'a Towns,
    pub(crate) codes: HashMap<&'a str, u16>,
}

pub(crate) struct DurationRule {
    pub(crate) since: (usize, TimeFormat),
    pub(crate) until: Option<(usize, TimeFormat)>,
    pub(crate) classes: AgeClasses,
}

pub(crate) struct MeasureRule {
    pub(crate) position: usize,
    pub(crate) decimal: Decimal,
    pub(crate) step: i64,
    pub(crate) per_unit: bool,
    pub(crate) least: Option<i64>,
    pub(crate) most: Option<i64>,
}

pub(crate) enum TimeRule {
    Whole,
    At(usize, TimeFormat),
    Span { from: (usize, TimeFormat), to: Option<(usize, TimeFormat)> },
}

pub(crate) struct ExcludeRule<'a> {
    pub(crate) position: usize,
    pub(crate) drop: &'a [String],
    pub(crate) keep: &'a [String],
}

/// Value in the file → code of the catalogue.
pub(crate) struct CodeList {
    known: HashMap<String, u16>,
    /// Length of all keys, where each consists of so many digits.
    digits: Option<usize>,
    otherwise: Option<u16>,
}

impl CodeList {
    /// The code of a value; `None` where neither list nor `otherwise` knows one.
    pub(crate) fn code(&self, value: &str) -> Option<u16> {
        if value.is_empty() {
            return Some(UNKNOWN_CODE);
        }
        if let Some(code) = self.known.get(value) {
            return Some(*code);
        }
        let known = self.known.get(&value.to_lowercase()).copied();
        known.or_else(|| self.with_zeros(value)).or(self.otherwise)
    }

    /// A spreadsheet takes a key of digits for a number and eats its leading zeros; where all keys
    /// have the same length, they can be put back.
    fn with_zeros(&self, value: &str) -> Option<u16> {
        let digits = self.digits.filter(|digits| value.len() < *digits)?;
        let number = value.bytes().all(|byte| byte.is_ascii_digit());
        self.known.get(&format!("{value:0>digits$}")).copied().filter(|_| number)
    }
}

impl Layout<'_> {
    /// Leaves empty what no purpose names: nobody may ask about it, so it stays in the department.
    pub(crate) fn leave_out(&mut self, named: &NamedColumns) {
        for (rules, name) in self.dimensions.iter_mut().zip(&self.dataset.dimensions) {
            if !named.dimension(name) {
                rules.clear();
            }
        }
        for (rule, measure) in self.measures.iter_mut().zip(&self.dataset.measures) {
            if !named.measure(&measure.name) {
                *rule = None;
            }
        }
    }
}

impl<'a> Layout<'a> {
    pub(crate) fn resolve(
        mapping: &'a Mapping,
        header: &[String],
        path: &str,
        catalogue: &'a Catalogue,
    ) -> Result<Self, Error> {
        check_columns(mapping, header, path)?;
        let resolver = Resolver { mapping, header, catalogue };
        let dataset = catalogue.dataset(&mapping.dataset)?;
        let mut layout = Self {
            width: header.len(),
            read: header.iter().map(|name| mapping.reads(name)).collect(),
            identifiers: Vec::new(),
            dimensions: dataset.dimensions.iter().map(|_| Vec::new()).collect(),
            measures: dataset.measures.iter().map(|_| None).collect(),
            time: resolver.time(),
            unit: resolver.role("unit"),
            person: resolver.role("person"),
            case: mapping.case.as_ref().and_then(|case| resolver.position(case)),
            excludes: Vec::new(),
            dataset,
        };
        if dataset.unit && layout.unit.is_none() {
            return Err(resolver.fail("the dataset has units: name a column with the role unit"));
        }
        for (position, name) in header.iter().enumerate() {
            if let Some(column) = mapping.columns.get(name) {
                layout.add(&resolver, position, name, column)?;
            }
        }
        for (name, derived) in &mapping.derive {
            let rule = resolver.derived(name, derived)?;
            resolver.slot(&mut layout.dimensions, dataset, name)?.push(rule);
        }
        resolver.check_complete(&layout)?;
        Ok(layout)
    }

    /// The first column that is read and holds a spreadsheet's error instead of a value.
    pub(crate) fn error_cell(&self, record: &Record<'_>) -> Option<usize> {
        let mut read = self.read.iter().enumerate().filter(|(_, read)| **read);
        read.find_map(|(position, _)| record.is_error(position).then_some(position))
    }

    fn add(
        &mut self,
        resolver: &Resolver<'a, '_>,
        position: usize,
        name: &str,
        column: &'a Column,
    ) -> Result<(), Error> {
        match column {
            Column::Identifier { identifier, changes, required, unreadable, codes } => {
                self.identifiers.push(IdentifierRule {
                    position,
                    identifier: *identifier,
                    changes: changes.unwrap_or(may_change(*identifier)),
                    required: required.unwrap_or(*identifier == Identifier::Surname),
                    unreadable: *unreadable,
                    codes: codes.iter().map(|(k, v)| (k.to_lowercase(), v.as_str())).collect(),
                });
            }
            Column::Dimension { dimension, codes, otherwise } => {
                let codes = resolver.codes(dimension, codes, otherwise.as_deref())?;
                resolver
                    .slot(&mut self.dimensions, self.dataset, dimension)?
                    .push(DimensionRule::Codes { position, codes });
            }
            Column::Measure { measure, decimal, per_unit, least, most } => {
                let known = self.dataset.measure(measure);
                let step = known.map_or(1, |(_, measure)| measure.step);
                let Some(slot) = known.and_then(|(slot, _)| self.measures.get_mut(slot)) else {
                    return Err(resolver
                        .fail(&format!("column {name}: the dataset has no measure `{measure}`")));
                };
                if slot.is_some() {
                    return Err(resolver.fail(&format!("measure `{measure}` has two columns")));
                }
                if *per_unit && self.unit.is_none() {
                    return Err(resolver.fail(&format!("column {name}: per_unit needs a unit")));
                }
                *slot = Some(MeasureRule {
                    position,
                    decimal: *decimal,
                    step,
                    per_unit: *per_unit,
                    least: *least,
                    most: *most,
                });
            }
            Column::Exclude { drop, keep } => {
                self.excludes.push(ExcludeRule { position, drop, keep });
            }
            Column::Time { .. }
            | Column::Unit {}
            | Column::Person {}
            | Column::Secret {}
            | Column::Ignore {} => {}
        }
        Ok(())
    }
}

fn may_change(identifier: Identifier) -> bool {
    use Identifier as I;
    matches!(identifier, I::Street | I::HouseNumber | I::Postcode | I::Town | I::Phone)
}

fn check_columns(mapping: &Mapping, header: &[String], path: &str) -> Result<(), Error> {
    let path = path.to_owned();
    // Where no name fits, the first line may be a person: it is not shown.
    if !header.iter().any(|name| mapping.columns.contains_key(name)) {
        return Err(Error::NoHeader { path });
    }
    let missing: Vec<&str> =
        mapping.columns.keys().filter(|name| !header.contains(name)).map(String::as_str).collect();
    if !missing.is_empty() {
        return Err(Error::MissingColumns { path, columns: missing.join(", ") });
    }
    let unknown: Vec<String> = header
        .iter()
        .filter(|name| !mapping.columns.contains_key(*name))
        .map(|name| name.chars().take(40).collect())
        .collect();
    if !unknown.is_empty() {
        return Err(Error::UnknownColumns { path, columns: unknown.join(", ") });
    }
    Ok(())
}

struct Resolver<'a, 'h> {
    mapping: &'a Mapping,
    header: &'h [String],
    catalogue: &'a Catalogue,
}

impl<'a> Resolver<'a, '_> {
    fn fail(&self, reason: &str) -> Error {
        Error::Mapping { path: self.mapping.path.clone(), reason: reason.to_owned() }
    }

    fn position(&self, name: &str) -> Option<usize> {
        self.header.iter().position(|own| own == name)
    }

    fn role(&self, role: &str) -> Option<usize> {
        let mut named = self.mapping.columns.iter().filter(|(_, column)| column.role() == role);
        self.position(named.next()?.0)
    }

    fn part(&self, wanted: TimePart) -> Option<(usize, TimeFormat)> {
        self.mapping.columns.iter().find_map(|(name, column)| match column {
            Column::Time { part, format } if *part == wanted => {
                Some((self.position(name)?, *format))
            }
            _ => None,
        })
    }

    fn time(&self) -> TimeRule {
        match (self.part(TimePart::At), self.part(TimePart::From)) {
            (Some((position, format)), _) => TimeRule::At(position, format),
            (None, Some(from)) => TimeRule::Span { from, to: self.part(TimePart::To) },
            (None, None) => TimeRule::Whole,
        }
    }

    fn time_column(&self, name: &str) -> Result<(usize, TimeFormat), Error> {
        match (self.mapping.columns.get(name), self.position(name)) {
            (Some(Column::Time { format, .. }), Some(position)) => Ok((position, *format)),
            _ => Err(self.fail(&format!("{name} must have the role time"))),
        }
    }

    fn slot<'l, 'r>(
        &self,
        dimensions: &'l mut [Vec<DimensionRule<'r>>],
        dataset: &Dataset,
        name: &Name,
    ) -> Result<&'l mut Vec<DimensionRule<'r>>, Error> {
        dataset
            .dimension_position(name)
            .and_then(|position| dimensions.get_mut(position))
            .ok_or_else(|| self.fail(&format!("the dataset has no dimension `{name}`")))
    }

    fn codes(
        &self,
        name: &Name,
        codes: &std::collections::BTreeMap<String, String>,
        otherwise: Option<&str>,
    ) -> Result<CodeList, Error> {
        let dimension = self.catalogue.dimension(name)?;
        let code = |key: &str| {
            dimension.code(key).ok_or_else(|| {
                self.fail(&format!("dimension `{name}` has no key `{key}` in the catalogue"))
            })
        };
        let mut known = HashMap::new();
        if codes.is_empty() {
            for key in &dimension.keys {
                known.insert(key.key.to_lowercase(), code(&key.key)?);
            }
        }
        for (value, key) in codes {
            known.insert(value.to_lowercase(), code(key)?);
        }
        let otherwise = match otherwise {
            None => None,
            Some("") => Some(UNKNOWN_CODE),
            Some(key) => Some(code(key)?),
        };
        let length = known.keys().next().map_or(0, String::len);
        let plain = |key: &String| key.len() == length && key.bytes().all(|b| b.is_ascii_digit());
        let digits = known.keys().all(plain).then_some(length);
        Ok(CodeList { known, digits, otherwise })
    }

    fn derived(&self, name: &Name, derived: &'a Derived) -> Result<DimensionRule<'a>, Error> {
        let dimension: &'a Dimension = self.catalogue.dimension(name)?;
        let at = |column: &str| {
            self.position(column)
                .ok_or_else(|| self.fail(&format!("derive.{name}: there is no column {column}")))
        };
        match derived {
            Derived::Age { date } => {
                if !dimension.age {
                    return Err(self.fail(&format!("dimension `{name}` is not one of age")));
                }
                let classes = dimension.age_classes()?;
                Ok(DimensionRule::Age { position: at(date)?, classes })
            }
            Derived::Place { postcode, town, .. } => {
                let towns = self.mapping.towns.as_ref();
                let towns = towns.ok_or_else(|| self.fail("the alias table was not read"))?;
                let codes = (0_u16..).zip(&dimension.keys);
                Ok(DimensionRule::Place(PlaceRule {
                    postcode: at(postcode)?,
                    town: at(town)?,
                    towns,
                    codes: codes.map(|(code, key)| (key.key.as_str(), code)).collect(),
                }))
            }
            Derived::Duration { since, until } => Ok(DimensionRule::Duration(DurationRule {
                since: self.time_column(since)?,
                until: until.as_ref().map(|until| self.time_column(until)).transpose()?,
                classes: dimension.age_classes()?,
            })),
            Derived::Codes { column, codes, otherwise } => {
                let codes = self.codes(name, codes, otherwise.as_deref())?;
                Ok(DimensionRule::Codes { position: at(column)?, codes })
            }
        }
    }

    /// Whatever the catalogue asks for has a column or is named as absent.
    fn check_complete(&self, layout: &Layout<'_>) -> Result<(), Error> {
        let dataset = layout.dataset;
        let dimensions = dataset.dimensions.iter().zip(layout.dimensions.iter().map(Vec::is_empty));
        let measures = dataset.measures.iter().map(|measure| &measure.name);
        let measures = measures.zip(layout.measures.iter().map(Option::is_none));
        for (name, missing) in dimensions.chain(measures) {
            let absent = self.mapping.absent.contains(name);
            if missing && !absent {
                return Err(self.fail(&format!(
                    "`{name}` of the dataset has no column; map one, or list it under absent"
                )));
            }
            if absent && !missing {
                return Err(self.fail(&format!("`{name}` is listed as absent but has a column")));
            }
        }
        for name in &self.mapping.absent {
            let known =
                dataset.dimension_position(name).is_some() || dataset.measure(name).is_some();
            if !known {
                return Err(self.fail(&format!("absent: the dataset has no `{name}`")));
            }
        }
        Ok(())
    }
}

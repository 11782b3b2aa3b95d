//! From the fields of the query builder to a request, and back to an address.

use std::collections::BTreeMap;

use policy::{
    Accuracy, AdHoc, CountedUnit, Indicator, Mechanism, Members, Name, NanoRho, Purpose, Query,
    QueryKind,
};
use statistics_unit::QueryRequest;

use super::fields::{Fields, query_string};

/// The field where something is wrong, and what in German and English.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct FieldError {
    pub(crate) field: &'static str,
    pub(crate) german: String,
    pub(crate) english: String,
}

impl FieldError {
    pub(crate) fn new(
        field: &'static str,
        german: impl Into<String>,
        english: impl Into<String>,
    ) -> Self {
        Self { field, german: german.into(), english: english.into() }
    }
}

/// What is asked about: an indicator of the purpose, or a question of one's own.
#[derive(Clone, Copy)]
pub(crate) enum Subject<'a> {
    Indicator(&'a Indicator),
    Own(&'a AdHoc),
}

impl Subject<'_> {
    /// The value of the field `kennzahl` for a question of one's own; no name has such a letter.
    pub(crate) const OWN: &'static str = "*";

    /// Most that one answer may cost.
    pub(crate) fn most(&self) -> NanoRho {
        match self {
            Self::Indicator(own) => own.most(),
            Self::Own(own) => own.most_rho_nano,
        }
    }
}

/// The request that the fields describe.
///
/// # Errors
/// The first field that cannot be read, with what to do.
pub(crate) fn request(
    fields: &Fields,
    purpose: &Purpose,
    subject: Subject<'_>,
    year: u16,
) -> Result<QueryRequest, FieldError> {
    let (indicator, query, group_by) = match subject {
        Subject::Indicator(own) => (Some(own.id.clone()), None, grouping(fields, own)?),
        Subject::Own(own) => (None, Some(own_query(fields, own)?), None),
    };
    let part_of_one = match (&subject, &query) {
        (Subject::Indicator(own), _) => is_share(&own.query.compute),
        (Subject::Own(_), Some(query)) => is_share(&query.compute),
        (Subject::Own(_), None) => false,
    };
    let (mut rho_nano, mut half_width) = (None, None);
    match fields.one("wie").unwrap_or("ueblich") {
        "breite" => half_width = Some(width(fields, part_of_one)?),
        "anteil" => rho_nano = Some(share_of_cap(fields, purpose, subject.most())?),
        _ => {}
    }
    Ok(QueryRequest {
        purpose: purpose.id.clone(),
        indicator,
        query,
        year,
        snapshot: None,
        group_by,
        rho_nano,
        half_width,
        fresh: fields.has("neu", "ja"),
    })
}

/// Whether the numbers of an answer are parts of one, which readers see in per cent.
pub(crate) fn is_share(kind: &QueryKind) -> bool {
    matches!(kind, QueryKind::Share { .. } | QueryKind::PriorContact { .. })
}

/// How a grouping stands in an address.
pub(crate) fn grouping_value(names: &[Name]) -> String {
    let names: Vec<&str> = names.iter().map(Name::as_str).collect();
    if names.is_empty() { "*".to_owned() } else { names.join(",") }
}

fn grouping(fields: &Fields, own: &Indicator) -> Result<Option<Vec<Name>>, FieldError> {
    let Some(wanted) = fields.one("gruppe") else { return Ok(None) };
    let usual = own.query.group_by.as_slice();
    let mut known = std::iter::once(usual).chain(own.groupings.iter().map(Vec::as_slice));
    let found = known.find(|names| grouping_value(names) == wanted).ok_or_else(|| {
        FieldError::new(
            "gruppe",
            "Diese Gliederung erlaubt der Zweck nicht. Wählen Sie eine aus der Liste.",
            "The purpose does not permit this grouping. Choose one of the list.",
        )
    })?;
    Ok((found != usual).then(|| found.to_vec()))
}

/// A positive decimal with a comma or a point, in millionths.
fn decimal(text: &str) -> Option<u64> {
    let text = text.strip_prefix('±').unwrap_or(text).trim();
    let plain = text.replace(',', ".");
    let (whole, part) = plain.split_once('.').unwrap_or((plain.as_str(), ""));
    // `1.000` is a thousand to some and one to others.
    if text.contains('.') && part.len() == 3 && whole != "0" {
        return None;
    }
    plain.parse::<Accuracy>().ok().map(Accuracy::millionths)
}

fn width(fields: &Fields, part_of_one: bool) -> Result<Accuracy, FieldError> {
    let wrong = || {
        FieldError::new(
            "breite",
            "Schreiben Sie eine Zahl über null, etwa 10 oder 2,5, ohne Punkt für die Tausender.",
            "Write a number above zero, such as 10 or 2.5, without a separator of thousands.",
        )
    };
    let millionths = fields.one("breite").and_then(decimal).ok_or_else(wrong)?;
    let millionths = if part_of_one { millionths / 100 } else { millionths };
    let text = format!("{}.{:06}", millionths / Accuracy::MILLION, millionths % Accuracy::MILLION);
    text.parse().map_err(|_| wrong())
}

fn share_of_cap(fields: &Fields, purpose: &Purpose, most: NanoRho) -> Result<NanoRho, FieldError> {
    let wrong = || {
        FieldError::new(
            "anteil",
            "Schreiben Sie einen Anteil in Prozent, etwa 4 oder 0,5.",
            "Write a share in per cent, such as 4 or 0.5.",
        )
    };
    let millionths = fields.one("anteil").and_then(decimal).ok_or_else(wrong)?;
    let cap = u128::from(purpose.budget.lineage_cap_nano_rho.get());
    let nano = u128::from(millionths) * cap / (100 * u128::from(Accuracy::MILLION));
    let nano = u64::try_from(nano).map_err(|_| wrong())?;
    if nano > most.get() {
        let hundredths = u128::from(most.get()) * 10_000 / cap.max(1);
        let (whole, part) = (hundredths / 100, hundredths % 100);
        return Err(FieldError::new(
            "anteil",
            format!("Eine Antwort darf hier höchstens {whole},{part:02} % der Obergrenze kosten."),
            format!("One answer may cost at most {whole}.{part:02} % of the cap here."),
        ));
    }
    if nano < 1_000 {
        return Err(FieldError::new(
            "anteil",
            "So wenig Budget ergibt keine brauchbare Zahl. Nennen Sie mehr.",
            "So little budget gives no useful number. Name more.",
        ));
    }
    NanoRho::new(nano).map_err(|_| wrong())
}

fn names(fields: &Fields, field: &'static str, known: &[Name]) -> Vec<Name> {
    known.iter().filter(|own| fields.has(field, own.as_str())).cloned().collect()
}

fn own_query(fields: &Fields, own: &AdHoc) -> Result<Query, FieldError> {
    let datasets = names(fields, "dienst", &own.datasets);
    if datasets.is_empty() {
        return Err(FieldError::new(
            "dienst",
            "Wählen Sie wenigstens einen Dienst.",
            "Choose at least one service.",
        ));
    }
    let kind = fields.one("art").unwrap_or("persons");
    let compute = match kind {
        "overlap" if datasets.len() < 2 => {
            return Err(FieldError::new(
                "dienst",
                "Für eine Überschneidung braucht es wenigstens zwei Dienste.",
                "An overlap needs two services at least.",
            ));
        }
        "overlap" => QueryKind::Overlap { datasets },
        "cases" => cases(fields, own, &datasets)?,
        "share" => share(fields, own, datasets)?,
        _ => QueryKind::Persons { datasets },
    };
    let mut filter = BTreeMap::new();
    for dimension in &own.dimensions {
        let field = format!("nur.{dimension}");
        let keys: Vec<String> = fields.all(&field).map(str::to_owned).collect();
        if !keys.is_empty() {
            filter.insert(dimension.clone(), keys);
        }
    }
    Ok(Query {
        compute,
        unit: CountedUnit::Person,
        mechanism: Mechanism::Gaussian,
        months: None,
        filter,
        group_by: fields.all("nach").filter_map(|own| Name::new(own).ok()).collect(),
        margins: Vec::new(),
    })
}

fn cases(fields: &Fields, own: &AdHoc, datasets: &[Name]) -> Result<QueryKind, FieldError> {
    let [dataset] = datasets else {
        return Err(FieldError::new(
            "dienst",
            "Wählen Sie genau einen Dienst, wenn Sie nach einem Merkmal zählen.",
            "Choose exactly one service to count by a property.",
        ));
    };
    let wanted = fields.one("merkmal");
    let found = own.dimensions.iter().find(|own| Some(own.as_str()) == wanted);
    let dimension = found.ok_or_else(|| {
        FieldError::new("merkmal", "Wählen Sie ein Merkmal.", "Choose a property.")
    })?;
    let most = fields.one("hoechstens").unwrap_or("1").parse::<u8>().ok();
    let most = most.filter(|most| (1..=8).contains(most)).ok_or_else(|| {
        FieldError::new("hoechstens", "Nennen Sie eine Zahl von 1 bis 8.", "Name 1 to 8.")
    })?;
    let (dataset, dimension) = (dataset.clone(), dimension.clone());
    Ok(QueryKind::Cases { dataset, dimension, keys: Vec::new(), most })
}

fn share(fields: &Fields, own: &AdHoc, datasets: Vec<Name>) -> Result<QueryKind, FieldError> {
    let with = names(fields, "mit", &own.datasets);
    if with.is_empty() {
        return Err(FieldError::new(
            "mit",
            "Wählen Sie, wer von ihnen zählen soll.",
            "Choose who of them shall count.",
        ));
    }
    let assumed = fields.one("annahme").unwrap_or("300").parse::<u64>().ok();
    let assumed_count = assumed.filter(|own| (1..=10_000_000).contains(own)).ok_or_else(|| {
        FieldError::new(
            "annahme",
            "Nennen Sie eine ganze Zahl von Personen.",
            "Name a whole number of persons.",
        )
    })?;
    let members = |datasets| Members { datasets, filter: BTreeMap::new() };
    Ok(QueryKind::Share { of: members(datasets), with: members(with), assumed_count })
}

/// The address of the builder, filled in with a request.
pub(crate) fn address(request: &QueryRequest) -> String {
    let mut pairs: Vec<(String, String)> = vec![("zweck".into(), request.purpose.to_string())];
    let mut add = |name: &str, value: String| pairs.push((name.to_owned(), value));
    match (&request.indicator, &request.query) {
        (Some(indicator), _) => add("kennzahl", indicator.to_string()),
        (None, query) => {
            add("kennzahl", Subject::OWN.to_owned());
            if let Some(query) = query {
                own_fields(query, &mut add);
            }
        }
    }
    add("jahr", request.year.to_string());
    if let Some(names) = &request.group_by {
        add("gruppe", grouping_value(names));
    }
    format!(
        "/auswertung/frage?{}",
        query_string(pairs.iter().map(|(a, b)| (a.as_str(), b.as_str())))
    )
}

fn own_fields(query: &Query, add: &mut impl FnMut(&str, String)) {
    let datasets = |field: &str, names: &[Name], add: &mut dyn FnMut(&str, String)| {
        for own in names {
            add(field, own.to_string());
        }
    };
    match &query.compute {
        QueryKind::Overlap { datasets: own } => {
            add("art", "overlap".into());
            datasets("dienst", own, add);
        }
        QueryKind::Cases { dataset, dimension, most, .. } => {
            add("art", "cases".into());
            datasets("dienst", std::slice::from_ref(dataset), add);
            add("merkmal", dimension.to_string());
            add("hoechstens", most.to_string());
        }
        QueryKind::Share { of, with, assumed_count } => {
            add("art", "share".into());
            datasets("dienst", &of.datasets, add);
            datasets("mit", &with.datasets, add);
            add("annahme", assumed_count.to_string());
        }
        QueryKind::Persons { datasets: own } => {
            add("art", "persons".into());
            datasets("dienst", own, add);
        }
        _ => {}
    }
    datasets("nach", &query.group_by, add);
    for (dimension, keys) in &query.filter {
        for key in keys {
            add(&format!("nur.{dimension}"), key.clone());
        }
    }
}

#[cfg(test)]
mod tests;

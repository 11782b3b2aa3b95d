//! What a reader asks of an entity set, and the page that answers it.

use std::cmp::Ordering;

use publication::Value;
use serde_json::{Map, Value as Json, json};

use super::bad::Bad;
use super::filter::{Filter, ordering};
use super::set::EntitySet;

/// Most rows of a page; the rest is behind `@odata.nextLink`.
pub(super) const PAGE: usize = 5_000;
/// Most columns to order by.
const MAX_ORDERS: usize = 8;

/// The options of a question, read.
pub(super) struct Options {
    filter: Option<Filter>,
    /// Places and names, in the order of the set's columns.
    select: Option<Vec<String>>,
    order: Vec<(usize, bool)>,
    top: Option<usize>,
    skip: usize,
    count: bool,
    /// As they came, for the next page.
    pairs: Vec<(String, String)>,
}

impl Options {
    pub(super) fn read(pairs: Vec<(String, String)>, set: &EntitySet<'_>) -> Result<Self, Bad> {
        let mut own = Self {
            filter: None,
            select: None,
            order: Vec::new(),
            top: None,
            skip: 0,
            count: false,
            pairs: Vec::new(),
        };
        for (name, value) in &pairs {
            // From 4.01 on the sign may be left out; 4.0 has it.
            match name.as_str() {
                "$filter" => own.filter = Some(Filter::read(value, set)?),
                "$select" if value.trim() == "*" => own.select = None,
                "$select" => own.select = Some(selected(value, set)?),
                "$orderby" => own.order = ordered(value, set)?,
                "$top" => own.top = Some(number(value, "$top")?),
                "$skip" => own.skip = number(value, "$skip")?,
                "$count" => own.count = truth(value)?,
                "$format" if is_json(value) => {}
                "$format" => return Err(Bad::unknown("this feed answers in JSON")),
                other if other.starts_with('$') => {
                    return Err(Bad::unknown(
                        "this feed knows $filter, $select, $orderby, $top, $skip and $count",
                    ));
                }
                // Options without the sign are for the server's own use, and it has none.
                _ => {}
            }
        }
        let names: std::collections::BTreeSet<&str> =
            pairs.iter().map(|(name, _)| name.as_str()).collect();
        if names.len() < pairs.len() {
            return Err(Bad::asked("an option stands twice"));
        }
        own.pairs = pairs;
        Ok(own)
    }

    /// How many rows fulfil the filter.
    pub(super) fn count(&self, set: &EntitySet<'_>) -> usize {
        set.table.rows().iter().filter(|row| self.wants(row)).count()
    }

    fn wants(&self, row: &[Value]) -> bool {
        self.filter.as_ref().is_none_or(|own| own.holds(row))
    }

    /// One page, at most `most` rows of it.
    pub(super) fn page(&self, set: &EntitySet<'_>, address: &str, most: usize) -> Json {
        let mut rows: Vec<&Vec<Value>> =
            set.table.rows().iter().filter(|row| self.wants(row)).collect();
        let all = rows.len();
        if !self.order.is_empty() {
            rows.sort_by(|a, b| self.compared(a, b));
        }
        let wanted = self.top.unwrap_or(usize::MAX);
        let length = wanted.min(most);
        let columns: Vec<(usize, &str)> = set
            .columns()
            .filter(|own| self.select.as_ref().is_none_or(|names| names.iter().any(|n| n == own.2)))
            .map(|(at, _, name)| (at, name))
            .collect();
        let shown = rows.iter().skip(self.skip).take(length);
        let values: Vec<Json> = shown.map(|row| entity(row, &columns)).collect();
        let left = all.saturating_sub(self.skip).min(wanted);
        let mut answer = Map::new();
        answer.insert("@odata.context".to_owned(), json!(self.context(set, address)));
        if self.count {
            answer.insert("@odata.count".to_owned(), json!(all));
        }
        if left > values.len() {
            let next = self.next(set, address, values.len());
            answer.insert("@odata.nextLink".to_owned(), json!(next));
        }
        answer.insert("value".to_owned(), Json::Array(values));
        Json::Object(answer)
    }

    /// One row by its key, with the selected columns.
    pub(super) fn entity(&self, set: &EntitySet<'_>, address: &str, key: &str) -> Option<Json> {
        let at = set.table.place("id")?;
        let is_it =
            |row: &&Vec<Value>| matches!(row.get(at), Some(Value::Text(own)) if &**own == key);
        let row = set.table.rows().iter().find(is_it)?;
        let columns: Vec<(usize, &str)> = set
            .columns()
            .filter(|own| self.select.as_ref().is_none_or(|names| names.iter().any(|n| n == own.2)))
            .map(|(at, _, name)| (at, name))
            .collect();
        let mut entity = entity(row, &columns);
        let context = format!("{}/$entity", self.context(set, address));
        entity.as_object_mut()?.insert("@odata.context".to_owned(), json!(context));
        Some(entity)
    }

    fn compared(&self, a: &[Value], b: &[Value]) -> Ordering {
        let nothing = &Value::Nothing;
        let mut orders = self.order.iter().map(|(at, descending)| {
            let order = ordering(a.get(*at).unwrap_or(nothing), b.get(*at).unwrap_or(nothing));
            if *descending { order.reverse() } else { order }
        });
        orders.find(|own| *own != Ordering::Equal).unwrap_or(Ordering::Equal)
    }

    fn context(&self, set: &EntitySet<'_>, address: &str) -> String {
        let selected =
            self.select.as_ref().map_or_else(String::new, |own| format!("({})", own.join(",")));
        format!("{address}/odata/$metadata#{}{selected}", set.name)
    }

    fn next(&self, set: &EntitySet<'_>, address: &str, shown: usize) -> String {
        let mut pairs: Vec<String> = self
            .pairs
            .iter()
            .filter(|(name, _)| !matches!(name.as_str(), "$skip" | "$top"))
            .map(|(name, value)| format!("{name}={}", escaped(value)))
            .collect();
        pairs.push(format!("$skip={}", self.skip.saturating_add(shown)));
        if let Some(top) = self.top {
            pairs.push(format!("$top={}", top.saturating_sub(shown)));
        }
        format!("{address}/odata/{}?{}", set.name, pairs.join("&"))
    }
}

fn entity(row: &[Value], columns: &[(usize, &str)]) -> Json {
    let value = |at: &usize| match row.get(*at) {
        None | Some(Value::Nothing) => Json::Null,
        Some(Value::Text(own)) => json!(&**own),
        Some(Value::Whole(own)) => json!(own),
        Some(Value::Number(own)) => json!(own),
        Some(Value::Truth(own)) => json!(own),
        Some(Value::Date(own)) => json!(own.to_string()),
    };
    Json::Object(columns.iter().map(|(at, name)| ((*name).to_owned(), value(at))).collect())
}

fn selected(value: &str, set: &EntitySet<'_>) -> Result<Vec<String>, Bad> {
    let names = value.split(',').map(|own| {
        let own = own.trim();
        set.column(own).map(|_| own.to_owned())
    });
    names.collect()
}

fn ordered(value: &str, set: &EntitySet<'_>) -> Result<Vec<(usize, bool)>, Bad> {
    let parts: Vec<&str> = value.split(',').collect();
    if parts.len() > MAX_ORDERS {
        return Err(Bad::asked("$orderby takes at most 8 columns"));
    }
    let order = parts.into_iter().map(|part| {
        let mut words = part.split_whitespace();
        let name = words.next().unwrap_or_default();
        let descending = match (words.next(), words.next()) {
            (None | Some("asc"), None) => false,
            (Some("desc"), None) => true,
            _ => return Err(Bad::asked("$orderby takes names of columns, each with asc or desc")),
        };
        set.column(name).map(|(at, _)| (at, descending))
    });
    order.collect()
}

fn number(value: &str, name: &str) -> Result<usize, Bad> {
    let plain = !value.is_empty() && value.bytes().all(|own| own.is_ascii_digit());
    let number = plain.then(|| value.parse().ok()).flatten();
    number.ok_or_else(|| Bad::asked(format!("{name} is a whole number of 0 or more")))
}

fn truth(value: &str) -> Result<bool, Bad> {
    match value {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(Bad::asked("$count is true or false")),
    }
}

fn is_json(value: &str) -> bool {
    let kind = value.split(';').next().unwrap_or_default().trim();
    kind == "json" || kind == "application/json"
}

/// A value as it may stand behind a `=` in an address.
fn escaped(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~' | b',' | b'\'')
        {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text
}

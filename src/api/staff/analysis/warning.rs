//! Early warning: free, from releases only.

use std::collections::BTreeMap;

use access::Action;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use publication::{Change, ChangeRule, Changes, Document, Names, Step, Verdict, changes};

use super::fields::Fields;
use super::{Desk, look};
use crate::api::staff::{Turned, show};
use crate::pages::staff::analysis::{ChangeLine, ComparedTable, WarningPage};

/// Unclear changes that are shown where nobody asks for all.
const UNCLEAR: usize = 30;

pub(super) async fn warning(
    State(desk): State<Desk>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Turned> {
    let member = desk.door.member(&desk.unit, &headers, Action::ReadReleases)?;
    let language = member.language;
    let pairs = query.and_then(|own| serde_html_form::from_str(&own).ok()).unwrap_or_default();
    let all = Fields::new(pairs).has("alle", "ja");
    let shelf = look::shelf(&desk, &member).await?;
    let names = look::labels(&desk.unit);
    let mut found = Found::default();
    for documents in questions(shelf.all()).into_values() {
        found.compare(&documents, desk.site.tolerance, &names);
    }
    found.changes.sort_by(|(a, ..), (b, ..)| {
        let rank = |own: &Change| (own.verdict != Verdict::Clear, -own.strength);
        let (first, second) = (rank(a), rank(b));
        first.0.cmp(&second.0).then(first.1.total_cmp(&second.1))
    });
    let clear = found.changes.iter().filter(|own| own.0.verdict == Verdict::Clear).count();
    let compared = found.changes.len();
    let shown = if all { compared } else { compared.min(clear + UNCLEAR) };
    show(&WarningPage {
        clear,
        compared,
        hidden: compared - shown,
        lines: found.changes.iter().take(shown).map(line).collect(),
        tables: found.tables,
        single: found.single,
        frame: member.frame(
            &desk.unit,
            &desk.door,
            language.say("Frühwarnung", "Early warning"),
            "/auswertung/fruehwarnung",
        ),
    })
}

/// What makes two documents answers to one question, as far as it can be put in an order; the rest
/// is checked where they are compared.
type Question<'a> = (&'a str, &'a str, &'a [String], Option<&'a BTreeMap<String, Vec<String>>>);

fn questions(documents: &[Document]) -> BTreeMap<Question<'_>, Vec<&Document>> {
    let mut found: BTreeMap<Question<'_>, Vec<&Document>> = BTreeMap::new();
    for own in documents {
        let question = (
            own.purpose.as_str(),
            own.indicator.as_str(),
            own.dimensions.as_slice(),
            own.filter.as_ref(),
        );
        found.entry(question).or_default().push(own);
    }
    found
}

/// Everything that was compared.
#[derive(Default)]
struct Found {
    /// With the label of its table and the address of the later one.
    changes: Vec<(Change, String, String)>,
    tables: Vec<ComparedTable>,
    single: usize,
}

impl Found {
    fn compare(
        &mut self,
        documents: &[&Document],
        tolerance: publication::Tolerance,
        names: &Names,
    ) {
        // The newest of each year; a later one comes later in the log.
        let newest: BTreeMap<u16, &Document> =
            documents.iter().map(|own| (own.year, *own)).collect();
        let (Some(first), more) = (newest.values().next(), newest.len() > 1) else { return };
        let quarters = first.dimensions.iter().any(|own| own == "period");
        if !more && !quarters {
            self.single += 1;
            return;
        }
        let years = more.then_some(Step::Year);
        for step in years.into_iter().chain(quarters.then_some(Step::Quarter)) {
            match changes(documents, &ChangeRule { step, tolerance }, names) {
                Ok(own) => self.keep(own, &newest, step),
                Err(error) => {
                    // Quantiles, for instance, say nothing of their noise: not a fault.
                    tracing::debug!(%error, "a question was not compared");
                }
            }
        }
    }

    fn keep(&mut self, own: Changes, newest: &BTreeMap<u16, &Document>, step: Step) {
        let label = match step {
            Step::Year => own.label.clone(),
            Step::Quarter => format!("{}, von Quartal zu Quartal", own.label),
        };
        let table = |(year, own): (&u16, &&Document)| (year.to_string(), look::table_address(own));
        self.tables.push(ComparedTable {
            label: label.clone(),
            quantity: own.quantity.clone(),
            notes: own.notes(),
            tables: newest.iter().map(table).collect(),
        });
        for change in own.changes {
            let later = newest.get(&change.to.year).map(|own| look::table_address(own));
            self.changes.push((change, label.clone(), later.unwrap_or_default()));
        }
    }
}

fn line((own, label, address): &(Change, String, String)) -> ChangeLine {
    let at = |numbers: publication::Numbers, moment: publication::Moment| {
        format!("{} ({})", numbers.value.german(), moment.german())
    };
    let is_clear = own.verdict == Verdict::Clear;
    ChangeLine {
        label: label.clone(),
        row: own.row.clone(),
        before: at(own.before, own.from),
        after: at(own.after, own.to),
        difference: own.signed(),
        interval: format!("{} bis {}", own.difference.low.german(), own.difference.high.german()),
        is_clear,
        verdict: match own.verdict {
            Verdict::Clear => format!("{} {}", own.verdict.german(), own.direction()),
            Verdict::Unclear => own.verdict.german().to_owned(),
        },
        address: address.clone(),
    }
}

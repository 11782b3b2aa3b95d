//! `station.html` on the share: what was laid lately and what became of it.

use askama::Template;

use super::Station;
use super::filing;
use super::folders::report_name;
use super::journal::{Job, Outcome, Step};
use super::local_time::shown;
use super::report::{STYLE, visible};

/// Jobs that the page shows.
const ROWS: usize = 50;
/// Seconds after which the page is written anew though nothing changed but the time.
const AFRESH: i64 = 60;

/// What the page was like when it was last written.
#[derive(Default)]
pub(super) struct Last {
    rows: Option<(Vec<Row>, usize)>,
    at: i64,
}

#[derive(Template)]
#[template(path = "station.html")]
struct Overview<'a> {
    style: &'static str,
    looked: String,
    unsettled: usize,
    rows: &'a [Row],
}

#[derive(PartialEq, Eq)]
struct Row {
    number: u64,
    name: String,
    laid: String,
    class: &'static str,
    outcome: String,
    /// The report, relative to the share.
    report: Option<String>,
}

impl Station {
    /// Writes the page where something changed or the time on it is old.
    pub(super) fn write_overview(&mut self, unsettled: usize) {
        let now = self.now();
        if self.share_away || !self.may_try("overview") {
            return;
        }
        let rows: Vec<Row> = self.journal.jobs().rev().take(ROWS).map(row).collect();
        let state = (rows, unsettled);
        let old = now < self.overview.at || now >= self.overview.at + AFRESH;
        if !old && self.overview.rows.as_ref() == Some(&state) {
            return;
        }
        let page =
            Overview { style: STYLE, looked: shown(now), unsettled, rows: state.0.as_slice() };
        let path = self.share.root.join("station.html");
        let written = page
            .render()
            .map_err(std::io::Error::other)
            .and_then(|text| filing::write_page(&path, &text));
        match written {
            Ok(()) => {
                self.overview = Last { rows: Some(state), at: now };
                self.pauses.remove("overview");
            }
            Err(e) => {
                self.pause_for("overview");
                self.tell(None, "cannot-report", e.kind().to_string());
            }
        }
    }
}

fn row(job: &Job) -> Row {
    let (class, outcome) = match (job.outcome(), &job.waiting) {
        (Some(Outcome::Delivered { .. }), _) => ("done", "geliefert".to_owned()),
        (Some(Outcome::Duplicate { .. }), _) => ("done", "schon geliefert".to_owned()),
        (Some(Outcome::Rejected { .. }), _) => ("refused", "abgelehnt".to_owned()),
        (None, Some(waiting)) if waiting.for_unit => {
            ("waiting", format!("wartet auf eine Stelle, nächster Versuch {}", shown(waiting.next)))
        }
        (None, Some(_)) => ("waiting", "wartet".to_owned()),
        (None, None) => ("waiting", "in Arbeit".to_owned()),
    };
    let report = match (&job.step, job.outcome()) {
        (Step::Filed { target, .. }, Some(outcome)) => {
            let folder = match outcome {
                Outcome::Rejected { .. } => "Abgelehnt",
                Outcome::Delivered { .. } | Outcome::Duplicate { .. } => "Erledigt",
            };
            Some(format!("{folder}/{}", address(&report_name(target))))
        }
        _ => None,
    };
    Row {
        number: job.number,
        name: visible(&job.name),
        laid: shown(job.taken_at),
        class,
        outcome,
        report,
    }
}

/// A file name as part of an address (RFC 3986, section 2.3: only these need no escape).
fn address(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    for byte in name.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                text.push(char::from(byte));
            }
            byte => text.push_str(&format!("%{byte:02X}")),
        }
    }
    text
}

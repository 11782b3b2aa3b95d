//! What runs, what it waits for and what became of it: for operators.

use askama::Template;
use linkage_unit::{Delivery, Diagnostics, LinkReport, PeriodStage, PeriodState, RunState};
use statistics_unit::RunState as PlanState;

use super::Frame;
use super::deliveries::short;
use super::when::{date, lasts, moment, number};
use crate::api::Language;

/// The page at the linkage unit.
#[derive(Template)]
#[template(path = "staff/operation.html")]
pub(crate) struct LinkagePage {
    pub(crate) frame: Frame,
    pub(crate) run: Option<Run>,
    /// Whether a schedule links by itself.
    pub(crate) scheduled: bool,
    pub(crate) unregistered: Vec<String>,
    pub(crate) periods: Vec<Period>,
    /// Frozen snapshots, newest first.
    pub(crate) snapshots: Vec<Snapshot>,
    /// Whether the reader may see exact figures.
    pub(crate) diagnostics: bool,
    /// Epochs for which somebody approved a run by hand, with the word of the form.
    pub(crate) ready: Vec<String>,
    pub(crate) problem: Option<String>,
}

/// A run that goes on.
pub(crate) struct Run {
    pub(crate) snapshot: String,
    pub(crate) about: String,
    /// None until the encodings are loaded.
    pub(crate) percent: Option<u64>,
    pub(crate) says: String,
}

/// A period of the schedule.
pub(crate) struct Period {
    pub(crate) period: String,
    pub(crate) state: String,
    pub(crate) tone: &'static str,
    /// Who has not delivered, or what went wrong.
    pub(crate) says: String,
}

/// A frozen snapshot.
pub(crate) struct Snapshot {
    pub(crate) short: String,
    pub(crate) epoch: String,
    pub(crate) period: String,
    pub(crate) frozen: String,
    pub(crate) transfers: String,
}

/// Exact figures of the newest run.
#[derive(Template)]
#[template(path = "staff/diagnostics.html")]
pub(crate) struct DiagnosticsPage {
    pub(crate) frame: Frame,
    pub(crate) title: String,
    pub(crate) facts: Vec<(&'static str, String)>,
    pub(crate) sources: Vec<(String, String)>,
    pub(crate) sizes: Vec<Bar>,
    pub(crate) similarities: Vec<Bar>,
    /// Why there is no histogram, where there is none.
    pub(crate) without: Option<&'static str>,
}

/// A number with a bar.
pub(crate) struct Bar {
    pub(crate) label: String,
    pub(crate) count: u64,
    pub(crate) shown: String,
    pub(crate) most: u64,
}

/// The page at the statistics unit.
#[derive(Template)]
#[template(path = "staff/plans.html")]
pub(crate) struct StatisticsPage {
    pub(crate) frame: Frame,
    /// Snapshots whose link map was accepted, newest first.
    pub(crate) accepted: Vec<String>,
    pub(crate) runs: Vec<PlanRun>,
    /// Whether something is being drawn now.
    pub(crate) busy: bool,
}

/// A run of a release plan.
pub(crate) struct PlanRun {
    pub(crate) plan: String,
    pub(crate) period: String,
    pub(crate) year: u16,
    pub(crate) state: &'static str,
    pub(crate) tone: &'static str,
    pub(crate) because: String,
}

impl Run {
    pub(crate) fn of(own: &RunState, language: Language) -> Self {
        let about = match &own.period {
            Some(period) => format!(
                "{} {period}",
                language.say("nach Lieferplan, Zeitraum", "by schedule, period")
            ),
            None => language.say("von Hand gestartet", "started by hand").to_owned(),
        };
        let percent = own.compared.saturating_mul(100).checked_div(own.total);
        let says = match (percent, own.eta_seconds) {
            (None, _) => language
                .say("Lieferungen werden geladen.", "Deliveries are being loaded.")
                .to_owned(),
            (Some(percent), eta) => {
                let count = |own| number(own, language);
                let (done, all) = (count(own.compared), count(own.total));
                let of = language.say("von", "of");
                let pairs = language.say("Vergleichen", "comparisons");
                let mut says = format!("{percent} %: {done} {of} {all} {pairs}");
                if let Some(eta) = eta.filter(|_| percent < 100) {
                    let rest = language.say("noch etwa", "about");
                    let left = language.say("", " left");
                    says.push_str(&format!(", {rest} {}{left}", lasts(eta, language)));
                }
                if percent >= 100 {
                    says.push_str(
                        language.say("; Personen werden gebildet", "; persons are being formed"),
                    );
                }
                says
            }
        };
        Self { snapshot: short(&own.snapshot.to_string()), about, percent, says }
    }
}

impl Period {
    pub(crate) fn of(own: &PeriodState, language: Language) -> Self {
        let (state, tone) = match own.state {
            PeriodStage::Waiting => {
                (language.say("wartet auf Lieferungen", "waits for deliveries"), "waits")
            }
            PeriodStage::Ready => (language.say("fällig", "due"), "waits"),
            PeriodStage::Linking => (language.say("wird verknüpft", "is being linked"), "waits"),
            PeriodStage::Frozen => (language.say("eingefroren", "frozen"), "good"),
            PeriodStage::Overtaken => {
                (language.say("überholt von einem neueren", "overtaken by a newer one"), "over")
            }
        };
        Self {
            period: own.period.to_string(),
            state: state.to_owned(),
            tone,
            says: said(own, language),
        }
    }
}

fn said(own: &PeriodState, language: Language) -> String {
    let missing: Vec<String> = own
        .deliveries
        .iter()
        .filter(|own| own.arrived.is_none())
        .map(|own: &Delivery| format!("{} ({})", own.department, own.dataset))
        .collect();
    let mut parts = Vec::new();
    if let Some(problem) = &own.problem {
        let again = own.try_again_at.map(|at| moment(at, language)).unwrap_or_default();
        let word = language.say("Letzter Lauf misslungen", "Last run failed");
        let next = language.say("neuer Versuch ab", "again from");
        parts.push(format!("{word} ({}), {next} {again}", problem.detail));
    }
    match own.state {
        PeriodStage::Overtaken => {}
        _ if missing.is_empty() => {
            parts.push(language.say("alle Lieferungen da", "every delivery is here").to_owned())
        }
        PeriodStage::Frozen => {
            parts.push(format!("{} {}", language.say("ohne", "without"), missing.join(", ")))
        }
        _ => parts.push(format!("{} {}", language.say("es fehlen", "missing"), missing.join(", "))),
    }
    if let Some(at) = own.frozen_at {
        parts.push(moment(at, language));
    } else if let Some(day) = own.link_on.filter(|_| own.state == PeriodStage::Waiting) {
        let word =
            language.say("verknüpft mit dem, was da ist, ab", "linked with what is here from");
        parts.push(format!("{word} {}", date(day, language)));
    }
    if !own.later.is_empty() {
        let word =
            language.say("danach eingetroffen, für den nächsten", "arrived later, for the next");
        parts.push(format!("{word}: {}", own.later.len()));
    }
    parts.join("; ")
}

/// The figures of a run, and where its time went.
pub(crate) fn facts(own: &Diagnostics, language: Language) -> Vec<(&'static str, String)> {
    let count = |own| number(own, language);
    let mut facts = vec![
        (language.say("Stand", "Snapshot"), own.snapshot.to_string()),
        (language.say("Epoche", "Epoch"), own.epoch.to_string()),
        (language.say("Eingefroren", "Frozen"), moment(own.frozen_at, language)),
    ];
    let Some(report) = &own.report else { return facts };
    facts.extend([
        (
            language.say("Vergleiche in diesem Lauf", "Comparisons of this run"),
            count(report.compared),
        ),
        (
            language.say("Paare ab der Schwelle", "Pairs from the threshold up"),
            count(report.candidate_pairs),
        ),
        (language.say("Gruppen (Personen)", "Clusters (persons)"), count(report.clusters)),
    ]);
    if let Some(pairs) = &report.pairs {
        facts.push((language.say("Schwelle", "Threshold"), String::from(pairs.threshold)));
        facts.push((language.say("Verfahren", "Solver"), pairs.solver.as_str().to_owned()));
    }
    facts
}

/// Clusters by number of records, those that do not occur left out.
pub(crate) fn sizes(report: &LinkReport, language: Language) -> Vec<Bar> {
    let most = report.cluster_sizes.iter().copied().max().unwrap_or(1);
    let sizes = report.cluster_sizes.iter().zip(1_u64..).filter(|(count, _)| **count > 0);
    let bar = |(count, size): (&u64, u64)| {
        let word = if size == 1 {
            language.say("Datensatz", "record")
        } else {
            language.say("Datensätze", "records")
        };
        Bar {
            label: format!("{size} {word}"),
            count: *count,
            shown: number(*count, language),
            most,
        }
    };
    sizes.map(bar).collect()
}

/// Pairs by hundredth of similarity.
pub(crate) fn similarities(own: &Diagnostics, language: Language) -> Vec<Bar> {
    let Some(found) = &own.similarities else { return Vec::new() };
    let most = found.classes.iter().map(|own| own.pairs).max().unwrap_or(1).max(1);
    let percent = |own: u32| match language {
        Language::German => format!("{},{:02}", own / 100, own % 100),
        Language::English => format!("{}.{:02}", own / 100, own % 100),
    };
    let bar = |own: &linkage_unit::SimilarityClass| Bar {
        label: format!("{} – {}", percent(own.from_percent), percent(own.from_percent + 1)),
        count: own.pairs,
        shown: number(own.pairs, language),
        most,
    };
    found.classes.iter().map(bar).collect()
}

/// Where a run of a plan stands.
pub(crate) fn plan_state(own: PlanState, language: Language) -> (&'static str, &'static str) {
    match own {
        PlanState::WaitingForPeriod => (
            language
                .say("wartet auf den Stand seines Zeitraums", "waits for its period's snapshot"),
            "waits",
        ),
        PlanState::WaitingForDate => {
            (language.say("wartet auf seinen Tag", "waits for its day"), "waits")
        }
        PlanState::Due => (language.say("ist als Nächstes dran", "runs next"), "waits"),
        PlanState::Refused => (
            language
                .say("läuft so nicht; nichts ausgegeben", "does not run as it is; nothing spent"),
            "bad",
        ),
        PlanState::Paid => {
            (language.say("bezahlt, noch nicht gezogen", "paid, not drawn yet"), "waits")
        }
        PlanState::Drawing => (language.say("wird gezogen", "is being drawn"), "waits"),
        PlanState::Released => (language.say("veröffentlicht", "released"), "good"),
        PlanState::Failed => {
            (language.say("ohne Ergebnis; Budget ist ausgegeben", "no result; spent"), "bad")
        }
        PlanState::Void => (
            language.say("durch Absturz verloren; Budget ist ausgegeben", "lost in a crash; spent"),
            "bad",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(compared: u64, total: u64, eta_seconds: Option<u64>) -> Run {
        let snapshot = "00112233445566778899aabbccddeeff".parse().unwrap();
        Run::of(
            &RunState { snapshot, period: None, compared, total, eta_seconds },
            Language::German,
        )
    }

    #[test]
    fn a_run_says_how_far_it_is() {
        assert_eq!(
            (run(0, 0, None).percent, run(0, 0, None).says.as_str()),
            (None, "Lieferungen werden geladen.")
        );
        let half = run(500_000, 1_000_000, Some(90));
        assert_eq!(half.percent, Some(50));
        assert_eq!(half.says, "50 %: 500.000 von 1.000.000 Vergleichen, noch etwa 2 Minuten");
        assert!(run(10, 10, Some(0)).says.ends_with("Personen werden gebildet"));
    }
}

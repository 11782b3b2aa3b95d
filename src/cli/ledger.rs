//! What was spent, for analysts and the data protection officer.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use clap::{Args, ValueEnum};
use serde_json::Value;

use super::UnitArgs;

/// Show spending.
#[derive(Args)]
#[command(after_help = "Example:\n  milchglas ledger --url http://127.0.0.1:8702 \
                  --token-file officer.token --by dataset\n\nAmounts are rho (zCDP). What is spent \
                  stays spent: nothing grows back.")]
pub(crate) struct LedgerCommand {
    #[command(flatten)]
    unit: UnitArgs,
    /// By what the spending is broken down; caps and years alone where this is missing
    #[arg(long)]
    by: Option<By>,
    /// Print JSON, all of it
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum By {
    /// Per purpose
    Purpose,
    /// Per analyst; an analyst sees only the own name
    Analyst,
    /// Per dataset that was read; a charge that read two counts for both
    Dataset,
    /// Per month of charging, UTC
    Month,
    /// Per year of charging, UTC
    Year,
}

impl LedgerCommand {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let report: Value = self.unit.client()?.get("/v1/budget")?;
        if self.json {
            println!("{}", serde_json::to_string_pretty(&report)?);
        } else {
            print!("{}", shown(&report, self.by));
        }
        Ok(())
    }
}

fn shown(report: &Value, by: Option<By>) -> String {
    let mut text = String::new();
    // Writing to a text does not fail.
    let _ = writeln!(text, "project {}: {} charges", word(&report["project"]), report["charges"]);
    let _ = write!(text, "{}", years(report));
    let _ = write!(text, "{}", purposes(report));
    if let Some(by) = by {
        let _ = write!(text, "{}", broken_down(report, by));
    }
    let _ = write!(text, "{}", unanswered(report));
    text
}

fn word(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn amount(value: &Value) -> u64 {
    value.as_u64().unwrap_or_default()
}

fn list<'a>(report: &'a Value, member: &str) -> impl Iterator<Item = &'a Value> {
    report[member].as_array().into_iter().flatten()
}

/// rho with three decimals, rounded up: nothing that was spent looks like nothing.
fn rho(nano: u64) -> String {
    decimal(nano.div_ceil(1_000_000))
}

/// rho with three decimals, rounded down: what is left is there.
fn rest(nano: u64) -> String {
    decimal(nano / 1_000_000)
}

fn decimal(thousandths: u64) -> String {
    format!("{}.{:03}", thousandths / 1_000, thousandths % 1_000)
}

const WIDTH: u64 = 30;

/// What is spent and kept of a cap. Begun parts are shown as whole ones.
fn bar(spent: u64, kept: u64, cap: u64) -> String {
    let parts = |amount: u64| {
        let parts = (u128::from(amount) * u128::from(WIDTH)).div_ceil(u128::from(cap.max(1)));
        usize::try_from(parts).unwrap_or(usize::MAX).min(WIDTH as usize)
    };
    let full = parts(spent);
    let held = parts(spent.saturating_add(kept)).saturating_sub(full);
    let free = (WIDTH as usize).saturating_sub(full + held);
    format!("[{}{}{}]", "#".repeat(full), "+".repeat(held), ".".repeat(free))
}

/// A cap with what is spent, kept and left of it.
fn line(text: &mut String, name: &str, cap: u64, spent: u64, kept: u64, left: u64) {
    let held = if kept == 0 { String::new() } else { format!(", {} kept", rho(kept)) };
    let _ = writeln!(
        text,
        "  {name:<34} {} {:>7} of {:>7}{held}, {} left",
        bar(spent, kept, cap),
        rho(spent),
        rho(cap),
        rest(left)
    );
}

fn years(report: &Value) -> String {
    let mut text = String::from("event years (# spent, + kept for release plans)\n");
    for year in list(report, "lineages") {
        let [cap, spent, kept, left] =
            ["cap", "spent", "reserved", "left"].map(|member| amount(&year[member]));
        line(&mut text, &year["year"].to_string(), cap, spent, kept, left);
    }
    text
}

fn purposes(report: &Value) -> String {
    let mut text = String::from("caps of purposes\n");
    let four = |of: &Value| ["cap", "spent", "reserved", "left"].map(|member| amount(&of[member]));
    for purpose in list(report, "purposes") {
        let [cap, spent, kept, left] = four(purpose);
        line(&mut text, word(&purpose["purpose"]), cap, spent, kept, left);
        let quarter = &purpose["quarter"];
        if quarter.is_object() {
            let [cap, spent, _, left] = four(quarter);
            let name = format!("  questions in {}", word(&quarter["quarter"]));
            line(&mut text, &name, cap, spent, 0, left);
        }
        let horizon = &purpose["horizon"];
        if horizon.is_object() {
            let [cap, spent, kept, left] = four(horizon);
            let name = format!("  event years {} to {}", horizon["from"], horizon["to"]);
            line(&mut text, &name, cap, spent, kept, left);
        }
        let _ = writeln!(
            text,
            "    each analyst {}, until {}",
            rho(amount(&purpose["analyst_cap"])),
            word(&purpose["expires"])
        );
    }
    text
}

/// What a group of charges is counted under; several datasets are several lines.
fn heads(group: &Value, by: By) -> Vec<String> {
    match by {
        By::Purpose => vec![word(&group["purpose"]).to_owned()],
        By::Analyst => vec![group["analyst"].as_str().unwrap_or("(others)").to_owned()],
        By::Month => vec![word(&group["month"]).to_owned()],
        By::Year => vec![word(&group["month"]).chars().take(4).collect()],
        By::Dataset => match group["datasets"].as_array() {
            Some(names) => names.iter().map(|name| word(name).to_owned()).collect(),
            None => vec!["(not noted)".to_owned()],
        },
    }
}

fn broken_down(report: &Value, by: By) -> String {
    let mut sums: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    for group in list(report, "spending") {
        for head in heads(group, by) {
            let (spent, charges) = sums.entry(head).or_default();
            *spent = spent.saturating_add(amount(&group["spent"]));
            *charges = charges.saturating_add(amount(&group["charges"]));
        }
    }
    let most = sums.values().map(|(spent, _)| *spent).max().unwrap_or(0);
    let mut text = String::from(match by {
        By::Purpose => "spent by purpose\n",
        By::Analyst => "spent by analyst\n",
        By::Dataset => "spent on questions that read a dataset\n",
        By::Month => "spent by month\n",
        By::Year => "spent by year\n",
    });
    for (head, (spent, charges)) in sums {
        let bar = bar(spent, 0, most);
        let _ = writeln!(text, "  {head:<34} {bar} {:>7}, {charges} charges", rho(spent));
    }
    text
}

/// Charges without an answer: paid all the same.
fn unanswered(report: &Value) -> String {
    let mut text = String::new();
    for (state, told) in [
        ("failed", "failed"),
        ("void", "void: a crash interrupted the draw"),
        ("committed", "paid and not drawn yet"),
        ("drawing", "being drawn"),
    ] {
        let own = || list(report, "spending").filter(|group| group["state"] == state);
        let charges: u64 = own().map(|group| amount(&group["charges"])).sum();
        let spent = own().fold(0_u64, |sum, group| sum.saturating_add(amount(&group["spent"])));
        if charges > 0 {
            let _ = writeln!(text, "  {charges} charges of {} in all {told}", rho(spent));
        }
    }
    if text.is_empty() { text } else { format!("without an answer\n{text}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn report() -> Value {
        let group = |month: &str, analyst: Value, datasets: Value, state: &str, spent: u64| {
            json!({"month": month, "purpose": "early-help", "analyst": analyst,
                "datasets": datasets, "state": state, "charges": 2, "spent": spent})
        };
        json!({
            "project": "county", "charges": 6,
            "lineages": [{"year": 2025, "cap": 500_000_000, "spent": 100_000_001,
                "reserved": 300_000_000, "left": 99_999_999}],
            "purposes": [{"purpose": "early-help", "expires": "2027-12-31", "cap": 2_000_000_000_u64,
                "spent": 100_000_001, "reserved": 0, "left": 1_899_999_999,
                "analyst_cap": 200_000_000,
                "quarter": {"quarter": "2026-q1", "cap": 150_000_000, "spent": 150_000_000, "left": 0},
                "horizon": {"years": 10, "from": 2016, "to": 2025, "cap": 5_000_000_000_u64,
                    "stated": false, "spent": 100_000_001, "reserved": 0, "left": 4_899_999_999_u64}}],
            "spending": [
                group("2025-12", json!("anna"), Value::Null, "released", 1),
                group("2026-01", json!("anna"), json!(["kita", "sgb2"]), "released", 60_000_000),
                group("2026-02", Value::Null, json!(["kita"]), "void", 40_000_000),
            ],
        })
    }

    #[test]
    fn caps_are_shown_with_what_is_left() {
        let text = shown(&report(), None);
        assert_eq!(
            text.lines().collect::<Vec<_>>(),
            [
                "project county: 6 charges",
                "event years (# spent, + kept for release plans)",
                "  2025                               [#######++++++++++++++++++.....]   0.101 of   \
                 0.500, 0.300 kept, 0.099 left",
                "caps of purposes",
                "  early-help                         [##............................]   0.101 of   \
                 2.000, 1.899 left",
                "    questions in 2026-q1             [##############################]   0.150 of   \
                 0.150, 0.000 left",
                "    event years 2016 to 2025         [#.............................]   0.101 of   \
                 5.000, 4.899 left",
                "    each analyst 0.200, until 2027-12-31",
                "without an answer",
                "  2 charges of 0.040 in all void: a crash interrupted the draw",
            ]
        );
    }

    #[test]
    fn spending_is_broken_down_by_what_one_asks() {
        let lines = |by| -> Vec<String> {
            let text = broken_down(&report(), by);
            let line = |line: &str| {
                let words: Vec<&str> = line.split_whitespace().collect();
                format!("{} {}", words[0], words[words.len() - 3])
            };
            text.lines().skip(1).map(line).collect()
        };
        assert_eq!(lines(By::Purpose), ["early-help 0.101,"]);
        assert_eq!(lines(By::Analyst)[0], "(others) 0.040,");
        assert_eq!(lines(By::Dataset), ["(not 0.001,", "kita 0.100,", "sgb2 0.060,"]);
        assert_eq!(lines(By::Month), ["2025-12 0.001,", "2026-01 0.060,", "2026-02 0.040,"]);
        assert_eq!(lines(By::Year), ["2025 0.001,", "2026 0.100,"]);
    }

    #[test]
    fn bars_never_hide_what_was_spent() {
        assert!(bar(1, 0, u64::MAX).contains('#') && bar(u64::MAX, u64::MAX, 1).len() == 32);
        assert_eq!(bar(0, 0, 0), format!("[{}]", ".".repeat(30)));
        assert_eq!((rho(1).as_str(), rho(1_000_000_000).as_str()), ("0.001", "1.000"));
    }
}

//! Schedule and release plans: each table keeps the price that it has in the shipped plans, and
//! what cannot be counted leaves with its price, so that all plans together stay below the cap.

use std::collections::BTreeSet;

use policy::PolicySet;
use serde::Deserialize;

use super::County;
use super::agreement::scaled;
use super::dataset::shipped;
use super::shape::{digits, file, paragraphs};

/// A shipped plan with how often it charges one event year, as years go by.
struct Model {
    text: &'static str,
    /// What is put behind `plan-2026-06437`.
    ending: &'static str,
    word: &'static str,
    /// How many event years a run reads.
    years: u64,
}

const MODELS: [Model; 4] = [
    Model {
        text: shipped!("purposes/plan-2026-06432.toml"),
        ending: "",
        word: "Jahresabschluss",
        years: 1,
    },
    Model {
        text: shipped!("purposes/plan-2026-06432-zwischenstand.toml"),
        ending: "-zwischenstand",
        word: "Zwischenstand",
        years: 1,
    },
    Model {
        text: shipped!("purposes/plan-2026-06432-rueckblick-1.toml"),
        ending: "-rueckblick-1",
        word: "Rückblick auf ein Jahr, es zahlen zwei Jahre",
        years: 2,
    },
    Model {
        text: shipped!("purposes/plan-2026-06432-rueckblick-2.toml"),
        ending: "-rueckblick-2",
        word: "Rückblick auf zwei Jahre, es zahlen drei Jahre",
        years: 3,
    },
];

#[derive(Deserialize)]
struct Shipped {
    run: Vec<Run>,
    release: Vec<Table>,
}

#[derive(Deserialize)]
struct Run {
    rho_nano: u64,
}

#[derive(Deserialize)]
struct Table {
    indicator: String,
    share_per_mille: u64,
}

/// A plan of the county.
struct Cut<'a> {
    model: &'a Model,
    rho_nano: u64,
    /// Indicator and its share in thousandths.
    shares: Vec<(String, u64)>,
}

/// The quarters that the first schedule waits for, with their last months: the end of the year
/// before the epoch's, and the first three quarters after it.
fn periods(epoch: u16) -> [(String, String); 4] {
    let before = epoch.saturating_sub(1);
    [(before, 4), (epoch, 1), (epoch, 2), (epoch, 3)]
        .map(|(year, quarter)| (format!("{year}-q{quarter}"), format!("{year}-{:02}", quarter * 3)))
}

/// The schedule.
pub(super) fn schedule(county: &County) -> String {
    let mut text = format!(
        "# Lieferplan: {}.\n# Sind alle Lieferungen eines Zeitraums da, verknüpft die \
         Verknüpfungsstelle von selbst; mit `link_on`\n# ab diesem Tag mit dem, was da ist. Wer diesen \
         Plan freigibt, gibt die Stände frei, die daraus\n# entstehen. Der jüngste vollständige \
         Zeitraum zählt: Die erste Lieferung endet mit dem ersten Zeitraum.\nversion = 1\nproject = \
         \"{}\"\napprovals = [{}]\n\nexpected = [\n",
        county.label(),
        county.project(),
        county.approvals()
    );
    for (department, dataset) in county.deliveries() {
        text += &format!("  {{ department = \"{department}\", dataset = \"{dataset}\" }},\n");
    }
    text += "]\n";
    for (id, last_month) in periods(county.answers.epoch) {
        text += &format!(
            "\n[[period]]\nid = \"{id}\"\nepoch = \"{}\"\nlast_month = \"{last_month}\"\n",
            county.answers.epoch
        );
    }
    text
}

/// The release plans by file name, for the indicators that the county's purpose has.
///
/// # Errors
/// Where a shipped plan has another form than this program knows.
pub(super) fn plans(
    county: &County,
    indicators: &BTreeSet<String>,
) -> anyhow::Result<Vec<(String, String)>> {
    let mut cut = Vec::new();
    for model in &MODELS {
        cut.extend(cut_to(model, county, indicators)?);
    }
    Ok(cut.iter().map(|own| (name(own.model, county) + ".toml", text(own, &cut, county))).collect())
}

fn cut_to<'a>(
    model: &'a Model,
    county: &County,
    indicators: &BTreeSet<String>,
) -> anyhow::Result<Option<Cut<'a>>> {
    let shipped: Shipped = toml::from_str(model.text)?;
    let whole = shipped.run.iter().map(|own| own.rho_nano).max().unwrap_or(0);
    let own = shipped.release.into_iter().filter(|own| indicators.contains(&own.indicator));
    let prices: Vec<(String, u64)> = own
        .map(|own| {
            let price = whole / 1_000 * own.share_per_mille;
            (own.indicator, scaled(price, county.answers.cap_nano_rho))
        })
        .collect();
    let rho_nano: u64 = prices.iter().map(|(_, price)| price).sum();
    if rho_nano == 0 {
        return Ok(None);
    }
    let mut shares: Vec<(String, u64)> =
        prices.into_iter().map(|(id, price)| (id, price * 1_000 / rho_nano)).collect();
    // What rounding left goes to the first table, so that nothing paid for is left unused.
    let left = 1_000_u64.saturating_sub(shares.iter().map(|(_, share)| share).sum());
    if let Some((_, share)) = shares.first_mut() {
        *share += left;
    }
    Ok(Some(Cut { model, rho_nano, shares }))
}

fn name(model: &Model, county: &County) -> String {
    format!("plan-{}-{}{}", county.answers.epoch, county.answers.ags, model.ending)
}

fn text(own: &Cut<'_>, all: &[Cut<'_>], county: &County) -> String {
    let epoch = county.answers.epoch;
    let before = epoch.saturating_sub(1);
    // Tables in between are about the running year, all others about the one that ended.
    let (period, year) = match own.model.ending {
        "-zwischenstand" => (format!("{epoch}-q3"), epoch),
        _ => (format!("{before}-q4"), before),
    };
    let mut parts = vec![format!(
        "{}\nid = \"{}\"\nversion = 1\npurpose = \"{}\"\napprovals = [{}]",
        comment(own, all, county),
        name(own.model, county),
        county.purpose(),
        county.approvals()
    )];
    parts.push(format!(
        "# Was ein Lauf kosten darf, in 1e-9 rho.\n[[run]]\nperiod = \"{period}\"\nevent_year = \
         {year}\nrho_nano = {}",
        digits(own.rho_nano)
    ));
    for (at, (indicator, share)) in own.shares.iter().enumerate() {
        let head = if at == 0 { "# Anteile in Tausendsteln.\n" } else { "" };
        parts.push(format!(
            "{head}[[release]]\nindicator = \"{indicator}\"\nshare_per_mille = {share}"
        ));
    }
    file(&parts)
}

/// The words of the shipped plan; the first plan also says what all of them cost together.
fn comment(own: &Cut<'_>, all: &[Cut<'_>], county: &County) -> String {
    let first = paragraphs(own.model.text).next().unwrap_or_default();
    let lines = first.lines().take_while(|line| line.starts_with('#') && *line != "#");
    let mut text = lines.collect::<Vec<_>>().join("\n");
    text = text
        .replace("2026", &county.answers.epoch.to_string())
        .replace(
            "Landkreis Darmstadt-Dieburg (Demonstration mit synthetischen Daten)",
            &county.label(),
        )
        .replace("Zwei Tabellen nach", "Wenige Tabellen nach");
    if !own.model.ending.is_empty() {
        return text;
    }
    let yearly: u64 = all.iter().map(|own| own.rho_nano * own.model.years).sum();
    text += &format!(
        "\n#\n# Alle Pläne zusammen kosten ein Ereignisjahr {} von {} (1e-9 rho);\n# der Rest bleibt \
         für Fragen, die keiner vorhersah:",
        digits(yearly),
        digits(county.answers.cap_nano_rho)
    );
    for own in all {
        text +=
            &format!("\n#   {} × {}  {}", own.model.years, digits(own.rho_nano), own.model.word);
    }
    text
}

/// What the plans cost one event year as years go by, because each comes back every year and looks
/// as far back each time; in 1e-9 rho.
///
/// # Errors
/// Where a plan's question has no form, which a folder that was read does not have.
pub(super) fn yearly(set: &PolicySet) -> anyhow::Result<u64> {
    let mut sum = 0_u64;
    for plan in set.release_plans.values() {
        let Some(purpose) = set.purposes.get(&plan.purpose) else { continue };
        for run in &plan.runs {
            let mut years = BTreeSet::new();
            for release in &plan.releases {
                let indicator = purpose.indicator(&release.indicator)?;
                let query = indicator.grouped(release.group_by.as_deref())?;
                let table = purpose.plan(&query, &set.catalogue)?;
                years.extend(table.event_years(run.event_year));
            }
            let years = u64::try_from(years.len())?;
            sum = sum.saturating_add(run.rho_nano.get().saturating_mul(years));
        }
    }
    Ok(sum)
}

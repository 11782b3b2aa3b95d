//! What encodings give away and what they are good for, side by side.
//!
//! Attacks are the crate `attack`'s; here are the made-up people whom they are run on, the judge
//! who knows the truth, and what is written about it.

mod front;
mod page;
mod people;
mod profiles;
mod records;
mod report;
mod worth;

use std::path::PathBuf;

use policy::{LinkageSchema, Name, PolicySet, SchemaMeasure};

pub use front::Point;
use profiles::{Choice, Profile, Salt, Weights};
use report::Stage;
pub use report::{Extent, Kind, Line};
pub use worth::Worth;

use crate::county::{Settings, World};
use crate::installation::SCHEMA;
use crate::policies_folder;

/// The stricter schema's name.
const STRICT: &str = "county-2026-strict";

/// Encodings that are attacked where none is named.
pub const ENCODINGS: [&str; 12] = [
    "plain", "folded", "salted", "t2", "t4", "t5", "t6", "t8", "t10", "low-k", "default", "strict",
];

/// What is attacked and where it is written.
pub struct AttackSettings {
    /// Names of [`ENCODINGS`], or choices such as `k=8,t=6,salt=apart`.
    pub encodings: Vec<String>,
    /// How much.
    pub extent: Extent,
    /// Whether JSON is printed.
    pub json: bool,
    /// The page for the impact assessment.
    pub page: Option<PathBuf>,
    /// The command, for the page.
    pub command: String,
}

/// Attacks encodings of made-up people, prints a table and writes a page.
///
/// # Errors
/// For an unknown encoding, too large an extent, or a file that cannot be written.
pub fn attack(settings: &AttackSettings) -> anyhow::Result<Vec<Line>> {
    anyhow::ensure!(
        (20..=100_000).contains(&settings.extent.records),
        "--records: attack 20 to 100000"
    );
    anyhow::ensure!(
        settings.extent.pairs.iter().all(|pairs| (1..=20_000).contains(pairs)),
        "--pairs: 1 to 20000 each"
    );
    let policies = policies()?;
    let profiles: anyhow::Result<Vec<(Profile, String)>> =
        settings.encodings.iter().map(|name| named(name, &policies)).collect();
    let mut profiles = profiles?;
    let stage = Stage::new(&settings.extent)?;
    let mut lines = Vec::new();
    for (profile, what) in &mut profiles {
        let fill = stage.fill(profile, &settings.extent)?;
        *what += &format!("; fill before diffusion {:.2}", fill as f64 / 1000.0);
        if !settings.json {
            println!("{}: {what}", profile.name);
        }
        let told = |line: &Line| {
            if !settings.json {
                print(line);
            }
        };
        lines.extend(stage.attack(profile, &settings.extent, told)?);
    }
    if settings.json {
        println!("{}", serde_json::to_string_pretty(&lines)?);
    }
    if let Some(path) = &settings.page {
        let encodings: Vec<(String, String)> =
            profiles.into_iter().map(|(profile, what)| (profile.name, what)).collect();
        let page = page::Page {
            command: &settings.command,
            extent: &settings.extent,
            lines: &lines,
            encodings: &encodings,
        };
        front::write(path, &page::write(&page))?;
    }
    Ok(lines)
}

fn print(line: &Line) {
    println!(
        "{:<24} {:<12} pairs {:>5}  {:>6} of {:>6} = {:.4} ({:.4} to {:.4})  {:.1} s",
        line.encoding,
        format!("{:?}", line.kind).to_lowercase(),
        line.pairs,
        line.hits,
        line.of,
        line.share,
        line.low,
        line.high,
        line.seconds
    );
}

fn policies() -> anyhow::Result<PolicySet> {
    Ok(PolicySet::load(&policies_folder())?)
}

/// The weights with which plain and diffused filters are compared: names 8, dates 14.
fn usual(t: u8) -> Choice {
    Choice { weights: Weights::of(8, 14), t, salt: Salt::None, bits: 1024, folds: 0 }
}

fn named(name: &str, policies: &PolicySet) -> anyhow::Result<(Profile, String)> {
    let base = &policies.schemas[SCHEMA];
    let shipped = |schema: &str| -> anyhow::Result<(Profile, String)> {
        let schema = policies
            .schemas
            .get(&Name::new(schema)?)
            .ok_or_else(|| anyhow::anyhow!("there is no policies/linkage/{schema}.json"))?;
        let profile = Profile { name: name.to_owned(), schema: schema.clone(), folds: 0 };
        Ok((profile, format!("`policies/linkage/{}.json`", schema.name)))
    };
    let (choice, what) = match name {
        "default" => return shipped(SCHEMA),
        "strict" => return shipped(STRICT),
        "plain" => (usual(1), "undiffused, Dice; k = 8, dates 14, two views".to_owned()),
        "folded" => {
            (Choice { folds: 1, ..usual(1) }, "plain, halves folded by XOR to 512 bits".to_owned())
        }
        "salted" => (
            Choice { salt: Salt::Apart, ..usual(1) },
            "plain, salted by birth year in one view, sex and first letter in the other".to_owned(),
        ),
        "low-k" => (
            Choice { weights: Weights::of(5, 9), ..usual(8) },
            "k = 5, dates 9, t = 8, unsalted".to_owned(),
        ),
        _ => match name.strip_prefix('t').and_then(|t| t.parse().ok()) {
            Some(t @ 2..=32) => (usual(t), format!("plain's filter, diffused with t = {t}")),
            _ => (profiles::parse(name)?, "by its name".to_owned()),
        },
    };
    Ok((choice.profile(base, name)?, what))
}

/// How good the shipped default's links are beside an undiffused filter of the same fields.
pub struct Usefulness {
    /// The default at its own threshold.
    pub own: Worth,
    /// The undiffused, unsalted filter with the same weights, at its best threshold.
    pub undiffused: Worth,
}

/// Links both counties of a world under `schema` and judges it.
///
/// # Errors
/// For settings out of range or an unknown schema.
pub fn links_beside_undiffused(schema: &str, world: &Settings) -> anyhow::Result<Usefulness> {
    let policies = policies()?;
    let own = policies
        .schemas
        .get(&Name::new(schema)?)
        .ok_or_else(|| anyhow::anyhow!("there is no policies/linkage/{schema}.json"))?;
    let mut plain = serde_json::to_value(own)?;
    plain["measure"] = "dice".into();
    for view in plain["views"].as_array_mut().into_iter().flatten() {
        view["diffusion"] = 1.into();
        view["salt"] = serde_json::json!([]);
    }
    let plain = LinkageSchema::from_json(&plain.to_string())?;
    let counties = counties(world)?;
    let fixed = [own.threshold.millionths()];
    let own = mean(&judge(&counties, own, &fixed)?);
    let all = judge(&counties, &plain, &worth::thresholds(SchemaMeasure::Dice))?;
    Ok(Usefulness { own, undiffused: best(&all) })
}

/// Every record of each county.
fn counties(settings: &Settings) -> anyhow::Result<Vec<Vec<records::Known>>> {
    World::generate(settings)?.counties().iter().map(records::records).collect()
}

/// By county and threshold.
fn judge(
    counties: &[Vec<records::Known>],
    schema: &LinkageSchema,
    thresholds: &[u32],
) -> anyhow::Result<Vec<Vec<Worth>>> {
    counties.iter().map(|records| worth::worth(records, schema, thresholds)).collect()
}

/// The first threshold's, over counties.
fn mean(all: &[Vec<Worth>]) -> Worth {
    at(all, 0)
}

fn at(all: &[Vec<Worth>], place: usize) -> Worth {
    let own: Vec<Worth> = all.iter().filter_map(|own| own.get(place).copied()).collect();
    let over = own.len().max(1) as f64;
    let mut sum = own.first().copied().unwrap_or_default();
    sum.f1 = own.iter().map(|own| own.f1).sum::<f64>() / over;
    sum.precision = own.iter().map(|own| own.precision).sum::<f64>() / over;
    sum.recall = own.iter().map(|own| own.recall).sum::<f64>() / over;
    sum.married = own.iter().map(|own| own.married).sum();
    sum.married_found = own.iter().map(|own| own.married_found).sum();
    sum
}

/// At the threshold whose mean F1 over counties is best.
fn best(all: &[Vec<Worth>]) -> Worth {
    let places = 0..all.first().map_or(0, Vec::len);
    let every = places.map(|place| at(all, place));
    every.max_by(|a, b| a.f1.total_cmp(&b.f1)).unwrap_or_default()
}

/// What is drawn.
pub struct FrontSettings {
    /// Choices; a usual grid where none is named.
    pub choices: Vec<String>,
    /// How much is attacked.
    pub extent: Extent,
    /// Residents of both counties together, for F1.
    pub persons: u32,
    /// Seeds of the worlds for F1.
    pub seeds: Vec<u64>,
    /// Whether the graph attack is run too.
    pub graph: bool,
    /// The picture.
    pub image: Option<PathBuf>,
    /// Figures as JSON.
    pub json: Option<PathBuf>,
}

/// Measures leakage and F1 of a grid of choices, prints a table and draws it.
///
/// # Errors
/// For an unknown choice, too large an extent, or a file that cannot be written.
pub fn front(settings: &FrontSettings) -> anyhow::Result<Vec<Point>> {
    let policies = policies()?;
    let base = &policies.schemas[SCHEMA];
    anyhow::ensure!(!settings.extent.pairs.is_empty(), "--pairs: name a number");
    let choices: Vec<String> = match settings.choices.as_slice() {
        [] => grid(),
        some => some.to_vec(),
    };
    let mut worlds = Vec::new();
    for seed in &settings.seeds {
        worlds.extend(counties(&Settings {
            persons: settings.persons,
            seed: *seed,
            dirty_per_mille: 350,
            quarters: 1,
        })?);
    }
    let plain = usual(1).profile(base, "plain")?;
    let undiffused =
        best(&judge(&worlds, &plain.schema, &worth::thresholds(plain.schema.measure))?);
    println!("undiffused: F1 {:.4} at {}", undiffused.f1, undiffused.threshold);
    let stage = Stage::new(&settings.extent)?;
    let mut points = Vec::new();
    for text in &choices {
        let (profile, salted) = match text.as_str() {
            "default" | "strict" => (named(text, &policies)?.0, true),
            _ => {
                let choice = profiles::parse(text)?;
                (choice.profile(base, text)?, Point::salted(choice.salt))
            }
        };
        let all = judge(&worlds, &profile.schema, &worth::thresholds(profile.schema.measure))?;
        let own = best(&all);
        let places = 0..all.first().map_or(0, Vec::len);
        let curve: Vec<String> = places
            .map(|place| at(&all, place))
            .filter(|near| near.f1 > own.f1 - 0.005)
            .map(|near| format!("{:.3}: {:.4}", f64::from(near.threshold) / 1e6, near.f1))
            .collect();
        println!("{text}: F1 by threshold {}", curve.join(", "));
        let graph =
            if settings.graph { stage.graph(&profile, &settings.extent)?.share } else { 0.0 };
        let pairs = stage.pairs(&profile, &settings.extent)?;
        println!(
            "{text}: F1 {:.4} (p {:.4} r {:.4}) at {}, married {}/{}, graph {graph:.4}, pairs {:?}",
            own.f1, own.precision, own.recall, own.threshold, own.married_found, own.married, pairs
        );
        points.push(Point {
            label: profiles::label(text),
            salted,
            chosen: matches!(text.as_str(), "default" | "strict"),
            f1: own.f1,
            threshold: own.threshold,
            graph,
            pairs,
        });
    }
    if let Some(path) = &settings.json {
        front::write(path, &serde_json::to_string_pretty(&points)?)?;
    }
    if let Some(path) = &settings.image {
        front::write(path, &front::draw(&points, undiffused.f1, &settings.extent.pairs)?)?;
    }
    Ok(points)
}

fn grid() -> Vec<String> {
    let mut all = Vec::new();
    for (k, t) in [(5, 8), (8, 6), (8, 8), (8, 10)] {
        all.push(format!("k={k},t={t}"));
    }
    for (k, t) in [(5, 8), (5, 10), (8, 6), (8, 8), (8, 10), (12, 6), (16, 6)] {
        all.push(format!("k={k},t={t},salt=apart"));
    }
    // The weights of the shipped schemas, and heavier ones.
    for t in [4, 7] {
        all.push(format!("k=20,date=28,sex=4,street=6,postcode=24,t={t},salt=apart"));
    }
    for weights in [
        "k=26,date=36,sex=6,street=8,postcode=26,t=4",
        "k=44,date=56,sex=8,street=14,postcode=44,t=3",
    ] {
        all.push(format!("{weights},salt=apart"));
    }
    all.extend(["default".into(), "strict".into()]);
    all
}

//! What encodings give away and what they are good for, side by side.

mod people;
mod profiles;
mod records;
mod report;
mod worth;

use attack::{Guesses, PairModel, Rate, graph, known_pairs};
use policy::PolicySet;

use crate::county::{Settings, World};
use people::{Attacked, Crowd, parameters};

/// For trying.
pub fn try_out(args: &[String]) -> anyhow::Result<()> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies");
    let policies = PolicySet::load(&folder)?;
    let base = &policies.schemas[crate::installation::SCHEMA];
    let get = |name: &str, usual: usize| -> usize {
        args.iter()
            .find_map(|own| own.strip_prefix(&format!("{name}:")))
            .and_then(|own| own.parse().ok())
            .unwrap_or(usual)
    };
    let n = get("n", 600);
    let strangers = get("strangers", 0);
    let pairs: Vec<usize> = args
        .iter()
        .find_map(|own| own.strip_prefix("pairs:"))
        .map(|own| own.split(',').filter_map(|own| own.parse().ok()).collect())
        .unwrap_or_default();
    let most = pairs.iter().copied().max().unwrap_or(0);
    let specs: Vec<&String> = args.iter().filter(|own| own.contains('=')).collect();
    let started = std::time::Instant::now();
    let worth_at = get("worth", 0);
    let graphs = get("graph", 0);
    let linear = get("linear", 0);
    let world_records = if worth_at > 0 {
        let world = World::generate(&Settings {
            persons: worth_at as u32,
            seed: get("seed", 2) as u64,
            dirty_per_mille: get("dirty", 350) as u16,
            quarters: 1,
        })?;
        let mut all = Vec::new();
        for county in world.counties() {
            all.push(records::records(county)?);
        }
        all
    } else {
        Vec::new()
    };
    let mut shuffled = None;
    if !pairs.is_empty() {
        let mut crowd = Crowd::generate(n + strangers + most, 5)?;
        crowd.shuffle(1);
        shuffled = Some(crowd);
    }
    let ordered = if graphs > 0 { Some(Crowd::generate(n + strangers, 6)?) } else { None };
    println!("made after {:.1} s", started.elapsed().as_secs_f64());
    for spec in specs {
        let profile = profiles::parse(spec)?.profile(base, spec)?;
        println!("== {spec}");
        for records in &world_records {
            let started = std::time::Instant::now();
            let all = worth::worth(records, &profile.schema, &worth::thresholds(profile.schema.measure))?;
            let best = all.iter().max_by(|a, b| a.f1.total_cmp(&b.f1)).copied().unwrap_or_default();
            println!(
                "  F1 {:.4} p {:.4} r {:.4} at {} married {}/{} ({} records, {:.1} s)",
                best.f1, best.precision, best.recall, best.threshold, best.married_found,
                best.married, records.len(), started.elapsed().as_secs_f64()
            );
        }
        if let Some(crowd) = &shuffled {
            let encoded = crowd.encode(&profile)?;
            for pairs in &pairs {
                let own = encoded.attacked(n, strangers, *pairs, 3);
                let mut models = vec![PairModel::Kriging];
                if linear > 0 {
                    models.push(PairModel::Linear);
                }
                for model in models {
                    let started = std::time::Instant::now();
                    let guesses =
                        known_pairs(&parameters(&profile), &own.register, &own.known, &own.target(), model)?;
                    show(&format!("pairs {pairs} {model:?}"), &own, &guesses, started);
                }
                if get("parity", 0) > 0 {
                    let started = std::time::Instant::now();
                    let guesses = attack::parity(&parameters(&profile), &own.register, &own.known, &own.target())?;
                    show(&format!("pairs {pairs} GF(2)"), &own, &guesses, started);
                }
            }
        }
        if let Some(crowd) = &ordered {
            let encoded = crowd.encode(&profile)?;
            let own = encoded.attacked(n, strangers, 0, 4);
            let started = std::time::Instant::now();
            let guesses = graph(&parameters(&profile), &own.register, &own.target(), 7)?;
            show("graph", &own, &guesses, started);
        }
    }
    Ok(())
}

fn show(name: &str, own: &Attacked<'_>, guesses: &Guesses, started: std::time::Instant) {
    let hits = guesses.entries.iter().zip(&own.truth).filter(|(a, b)| a == b).count() as u64;
    let years = guesses.years.iter().zip(&own.truth).filter(|(year, at)| {
        **year == own.register[**at as usize].birth_year()
    });
    let rate = Rate { hits, of: own.truth.len() as u64 };
    println!(
        "  {name}: {:.4} {:?}; years {:.3}; {:.1} s",
        rate.share(),
        rate.interval(),
        years.count() as f64 / own.truth.len() as f64,
        started.elapsed().as_secs_f64()
    );
}

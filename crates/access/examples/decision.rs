//! How long one decision and one reading of the shipped rules take:
//! `cargo run --release -p access --example decision`.
#![expect(clippy::expect_used, reason = "a measurement that cannot run should say so and stop")]

use std::collections::BTreeMap;
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use access::{Action, Asker, Role, Rules};
use policy::Name;

fn main() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies/access");
    let files: BTreeMap<String, String> = std::fs::read_dir(folder)
        .expect("the shipped rules")
        .map(|entry| {
            let path = entry.expect("a file").path();
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            (name, std::fs::read_to_string(path).expect("a text"))
        })
        .collect();
    let read = Instant::now();
    let rules = Rules::read(&files).expect("rules");
    println!("read, validated, checked: {:.1} ms", read.elapsed().as_secs_f64() * 1e3);

    let (who, project) = (Name::new("anna").expect("a name"), Name::new("p").expect("a name"));
    let day = jiff::civil::date(2026, 11, 28);
    let mut times = Vec::new();
    for _ in 0..200 {
        let begun = Instant::now();
        for action in Action::ALL {
            let asker = Asker { name: &who, role: Role::Analyst, project: &project };
            let kind = action.has_kind().then_some(access::ProposalKind::Policy);
            black_box(rules.permits(&asker, action, &project, kind, day));
        }
        times.push(begun.elapsed() / u32::try_from(Action::ALL.len()).expect("few actions"));
    }
    times.sort();
    let at = |per_cent: usize| times.get(times.len() * per_cent / 100).copied().unwrap_or_default();
    let micros = |time: Duration| time.as_secs_f64() * 1e6;
    println!("one decision: median {:.1} µs, 99 %: {:.1} µs", micros(at(50)), micros(at(99)));
}

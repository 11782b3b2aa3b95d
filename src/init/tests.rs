//! Whole folders, for every set of datasets that a county can have.

use std::fs;

use tempfile::TempDir;

use super::answers::tests::{TODAY, answers};
use super::dataset::{DATASETS, dataset};
use super::*;

const LIST: &str = "ags;name;plz\n06437006;Erbach;64711\n06437011;Michelstadt;64720\n";
const AREAS: &str = "ags;name;plz;sozialraum\n06437006;Erbach;64711;Mitte \"West\"\n\
                     06437011;Michelstadt;64720;Mitte \"West\"\n06437016;Oberzent;64760;Süd\n";

struct Made(TempDir);

impl Made {
    fn new(datasets: &[&str], list: &str, exercise: bool) -> (Self, Done) {
        Self::with(datasets, list, exercise, |_| ())
    }

    fn with(
        datasets: &[&str],
        list: &str,
        exercise: bool,
        change: impl Fn(&mut Answers),
    ) -> (Self, Done) {
        let place = tempfile::tempdir().unwrap();
        let mut own = answers(datasets);
        own.municipalities = place.path().join("g.csv");
        fs::write(&own.municipalities, list).unwrap();
        change(&mut own);
        let done = init(&place.path().join("kreis"), own, exercise, TODAY).unwrap();
        (Self(place), done)
    }

    fn read(&self, file: &str) -> String {
        let path = self.0.path().join("kreis").join(file);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }
}

fn all() -> Vec<&'static str> {
    DATASETS.iter().map(|own| own.code).collect()
}

/// Some of all datasets, by the bits of a number.
fn some(set: u32) -> Vec<&'static str> {
    all().into_iter().enumerate().filter(|(at, _)| set >> at & 1 == 1).map(|(_, own)| own).collect()
}

/// 255 sets: the texts are cut so that they fit together.
#[test]
fn every_set_of_datasets_gives_a_purpose_without_the_missing_ones() {
    for set in 1_u32..256 {
        let datasets = some(set);
        let county = County {
            answers: answers(&datasets).check(TODAY).unwrap(),
            places: super::places::tests::odenwald(),
            exercise: false,
            today: TODAY,
        };
        let (catalogue, text) = (agreement::catalogue(&county), agreement::purpose(&county));
        let found = indicators(&catalogue, &text).unwrap_or_else(|e| panic!("{datasets:?} {e}"));
        assert!(!found.is_empty(), "{datasets:?}");
        for missing in DATASETS.iter().filter(|own| !datasets.contains(&own.code)) {
            let named = |line: &&str| line.contains(&format!("\"{}\"", missing.code));
            assert_eq!(text.lines().find(named), None, "{datasets:?}");
        }
        for (_, plan) in plans::plans(&county, &found).unwrap() {
            for line in plan.lines().filter_map(|own| own.strip_prefix("indicator = ")) {
                assert!(found.contains(line.trim_matches('"')), "{datasets:?} {line}");
            }
        }
    }
}

/// One dataset, all but one, all: each folder is read, checked and run through its own cases.
#[test]
fn folders_of_few_and_of_many_datasets_pass_their_own_cases() {
    let few = (0..8).map(|at| 1_u32 << at);
    for set in few.clone().chain(few.map(|own| 255 - own)).chain([255]) {
        let list = if set % 2 == 0 { LIST } else { AREAS };
        let (made, done) = Made::new(&some(set), list, false);
        assert!(done.cases >= 17, "{done:?}");
        let purpose = made.read("policies/purposes/sozialmonitoring-06437.toml");
        assert_eq!(purpose.contains("social_area"), set % 2 == 1, "{set}");
    }
}

#[test]
fn labels_name_what_is_counted() {
    let (made, _) = Made::new(&["wohngeld", "asyl", "hze", "kita"], LIST, false);
    let purpose = made.read("policies/purposes/sozialmonitoring-06437.toml");
    for words in [
        "zum Lebensunterhalt (Wohngeld oder AsylbLG)\"",
        "\"Überschneidung von Wohngeld, Hilfen zur Erziehung, Kindertagesbetreuung und AsylbLG\"",
        "\"Anteil der Kinder unter 3 mit Wohngeld oder AsylbLG, die betreut wurden\"",
        "soweit der Kreis die Daten hat",
        "label = \"Odenwaldkreis\"",
    ] {
        assert!(purpose.contains(words), "{words}\n{purpose}");
    }
    for gone in ["SGB II,", "but-take-up", "06432", "Darmstadt", "Demonstration"] {
        assert!(!purpose.contains(gone), "{gone}\n{purpose}");
    }
}

/// With everything, a new county gets what the shipped one has, to the last question.
#[test]
fn a_county_with_everything_has_the_shipped_questions_and_prices() {
    let (made, done) = Made::new(&all(), AREAS, false);
    let shipped =
        policy::PolicySet::load(&PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("policies"));
    let shipped = shipped.unwrap();
    let own = policy::PolicySet::load(&made.0.path().join("kreis/policies")).unwrap();
    let of = |set: &policy::PolicySet, id: &str| set.purposes[id].clone();
    let model = of(&shipped, "sozialmonitoring-06432");
    let made_of_it = of(&own, "sozialmonitoring-06437");
    assert_eq!(made_of_it.indicators, model.indicators);
    assert_eq!((&made_of_it.budget, &made_of_it.ad_hoc), (&model.budget, &model.ad_hoc));
    // 0.4 of 0.5 rho, but for what the thousandths of the plans leave.
    assert!((399_000_000..=400_000_000).contains(&done.plans_nano_rho), "{done:?}");
    let towns = made.read("policies/mappings/towns.csv");
    assert_eq!(towns.lines().count(), 4, "{towns}");
}

#[test]
fn a_smaller_cap_makes_everything_cheaper_in_proportion() {
    let (made, done) = Made::with(&all(), LIST, false, |own| own.cap_nano_rho = 50_000_000);
    assert!((39_900_000..=40_000_000).contains(&done.plans_nano_rho), "{done:?}");
    let purpose = made.read("policies/purposes/sozialmonitoring-06437.toml");
    assert!(purpose.contains("lineage_cap_nano_rho = 50_000_000"), "{purpose}");
    assert!(purpose.contains("Hier sind es 50_000_000 (eps 1,"), "{purpose}");
}

#[test]
fn nothing_is_overwritten_and_nothing_half_is_left() {
    let (made, _) = Made::new(&["kita"], LIST, false);
    let again = |place: &str, list: &str| {
        let mut own = answers(&["kita"]);
        own.municipalities = made.0.path().join(list);
        init(&made.0.path().join(place), own, false, TODAY).map(drop)
    };
    assert!(again("kreis", "g.csv").unwrap_err().to_string().contains("not empty"));
    assert!(again("neu", "fehlt.csv").is_err());
    let names: Vec<_> =
        fs::read_dir(made.0.path()).unwrap().map(|own| own.unwrap().file_name()).collect();
    assert_eq!(names.len(), 2, "the list and the folder: {names:?}");
    fs::create_dir(made.0.path().join("leer")).unwrap();
    again("leer", "g.csv").unwrap();
}

#[test]
fn no_secret_is_written_but_in_an_exercise() {
    let secrets = |made: &Made| -> Vec<String> {
        let mut found = Vec::new();
        let mut folders = vec![made.0.path().join("kreis")];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|own| own == "key")
                    || path.ends_with("token")
                {
                    let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o777;
                    found.push(format!("{mode:o}"));
                }
            }
        }
        found
    };
    let (real, _) = Made::new(&["kita"], LIST, false);
    assert_eq!(secrets(&real), [] as [&str; 0]);
    assert!(
        crate::UnitConfig::read(&real.0.path().join("kreis/statistikstelle/unit.toml")).is_err()
    );
    let entered = enter(&real.0.path().join("kreis")).unwrap();
    assert_eq!((entered.filled, entered.missing.len()), (0, 2 + 5 + 2), "{entered:?}");

    let (exercise, done) = Made::new(&["kita"], LIST, true);
    assert_eq!(done.project, "uebung-06437");
    // Two units with two and three keys, five people, a department with key and token.
    assert_eq!(secrets(&exercise), vec!["600"; 2 + 3 + 5 + 2]);
    for unit in ["verknuepfungsstelle", "statistikstelle"] {
        let path = exercise.0.path().join("kreis").join(unit).join("unit.toml");
        assert!(crate::UnitConfig::read(&path).unwrap().synthetic);
    }
    let mapping = exercise.read("policies/mappings/kita.toml");
    assert!(mapping.contains("\nuebung = { role = \"exclude\""), "{mapping}");
    assert!(!real.read("policies/mappings/kita.toml").contains("uebung"));
    assert_eq!(dataset("kita").map(|own| own.office), Some("kindertagesbetreuung"));
}

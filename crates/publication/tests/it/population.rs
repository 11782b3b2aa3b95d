//! Public numbers of residents: read, asked, and never guessed.

use std::collections::BTreeSet;

use proptest::prelude::*;
use publication::{Ages, Asked, Error, Gap, Population, Row, Sex, Sexes, Source};

/// What stands above the columns; invented.
pub(crate) const HEAD: &str = "# format: milchglas/population/v1\n\
    # source: Erfundene Bevölkerung\n# publisher: Amt für Erfundenes\n# licence: dl-de/by-2-0\n\
    # attribution: © Amt für Erfundenes 2026\n# table: 1-2\n# retrieved: 2026-11-12\n";

pub(crate) fn read(rows: &str) -> Result<Population, Error> {
    Population::read(format!("{HEAD}year;municipality;age;sex;persons\n{rows}").as_bytes())
}

pub(crate) fn asked(year: u16, places: &[&str], ages: &str, sexes: &str) -> Asked {
    let sex = |key: &str| Sexes::NONE.with(Sex::read(key).unwrap());
    Asked {
        year,
        places: places.iter().map(|place| (*place).to_owned()).collect(),
        ages: ages.split(',').fold(Ages::NONE, |all, own| all.union(Ages::read(own).unwrap())),
        sexes: match sexes {
            "*" => Sexes::ALL,
            keys => keys.split(',').fold(Sexes::NONE, |all, own| all.union(sex(own))),
        },
    }
}

/// The classes of table 12411-02-03-5 up to 24, invented numbers.
const OFFICIAL: &str = "2024;06432001;0-2;m;10\n2024;06432001;3-5;m;20\n2024;06432001;6-9;m;30\n\
    2024;06432001;10-14;m;40\n2024;06432001;15-17;m;50\n2024;06432001;18-19;m;60\n\
    2024;06432001;20-24;m;70\n2024;06432001;25+;m;700\n2024;06432001;0-2;w;1\n\
    2024;06432001;3-5;w;2\n2024;06432001;6-9;w;3\n2024;06432001;10-14;w;4\n2024;06432001;15-17;w;5\n\
    2024;06432001;18-19;w;6\n2024;06432001;20-24;w;7\n2024;06432001;25+;w;0\n";

#[test]
fn residents_are_exact_sums_or_a_reason() {
    let population = read(OFFICIAL).unwrap();
    let tell = |ages: &str, sexes: &str| {
        population.persons(&asked(2024, &["06432001"], ages, sexes)).map_err(|gap| gap.german())
    };
    assert_eq!(tell("0-2", "*"), Ok(11));
    assert_eq!(tell("0-2,3-5,6-14", "*"), Ok(110));
    assert_eq!(
        tell("15-17,18-20,21-24", "*"),
        Ok(198),
        "18 to 24 is a union that the classes form"
    );
    assert_eq!(tell("*", "w"), Ok(28));
    assert_eq!(tell("*", "m,w"), Ok(1_008));
    assert_eq!(tell("*", "*"), Ok(1_008), "the source spreads the other sex over these two");
    assert_eq!(tell("25+", "w"), Err("dort lebte niemand dieser Gruppe".into()));
    let classes = "die Altersklassen der Bevölkerungszahlen ergeben „18 bis 20“ nicht genau, nur \
                   „18 bis 24“";
    assert_eq!(tell("18-20", "*"), Err(classes.into()));
    assert_eq!(
        tell("*", "x"),
        Err("die Bevölkerungszahlen weisen „divers oder ohne Angabe“ nicht aus".into())
    );
    let elsewhere = population.persons(&asked(2024, &["06432001", "06432002"], "*", "*"));
    assert_eq!(elsewhere, Err(Gap::Place { place: "06432002".into(), year: 2024 }));
    let later = population.persons(&asked(2025, &["06432001"], "*", "*")).err().unwrap();
    assert_eq!(later.german(), "für 2025 liegt keine Bevölkerungszahl vor, nur für 2024");
    let nowhere = population.persons(&asked(2024, &[], "*", "*"));
    assert_eq!(nowhere, Err(Gap::Nobody));
}

#[test]
fn totals_alone_tell_nothing_about_ages_or_sexes() {
    let population = read("2024;06432001;*;*;500\n2024;06432002;*;m;200\n2024;06432002;*;w;300\n");
    let population = population.unwrap();
    let tell = |place: &str, ages: &str, sexes: &str| {
        population.persons(&asked(2024, &[place], ages, sexes))
    };
    assert_eq!(tell("06432001", "*", "*"), Ok(500));
    assert_eq!(tell("06432001", "0-2", "*"), Err(Gap::NoAges { year: 2024 }));
    assert_eq!(tell("06432001", "*", "m"), Err(Gap::NoSexes { year: 2024 }));
    assert_eq!(tell("06432002", "*", "m"), Ok(200));
    assert_eq!(tell("06432002", "65+", "m"), Err(Gap::NoAges { year: 2024 }));
    assert_eq!(population.persons(&asked(2024, &["06432001", "06432002"], "*", "*")), Ok(1_000));
}

#[test]
fn a_sum_with_a_missing_part_is_missing() {
    let population = read(&OFFICIAL.replace("2024;06432001;3-5;w;2\n", "")).unwrap();
    let missing = population.persons(&asked(2024, &["06432001"], "0-17", "*"));
    let ages = Ages::read("3-5").unwrap();
    assert_eq!(missing, Err(Gap::Missing { place: "06432001".into(), ages }));
    assert_eq!(population.persons(&asked(2024, &["06432001"], "0-17", "m")), Ok(150));
    let no_girls =
        read("2024;06432001;*;m;10\n2024;06432002;*;m;1\n2024;06432002;*;w;2\n").unwrap();
    assert!(no_girls.persons(&asked(2024, &["06432001"], "*", "*")).is_err());
    // Where one place tells the third sex apart, a total without it is not a total.
    let third = read(
        "2024;06432001;*;m;10\n2024;06432001;*;w;10\n2024;06432001;*;x;1\n\
         2024;06432002;*;m;1\n2024;06432002;*;w;2\n",
    )
    .unwrap();
    assert_eq!(third.persons(&asked(2024, &["06432001"], "*", "*")), Ok(21));
    assert!(third.persons(&asked(2024, &["06432002"], "*", "*")).is_err());
}

#[test]
fn files_that_could_mislead_are_refused_with_the_line_and_what_to_do() {
    for (rows, line, word) in [
        ("", 0, "no row"),
        ("2024;06432001;0-2;m", 9, "five cells"),
        ("2024;06432001;0-2;m;1;2", 9, "five cells"),
        ("24;06432001;0-2;m;1", 9, "1990 and 2100"),
        ("x;06432001;0-2;m;1", 9, "four digits"),
        ("2024;6432001;0-2;m;1", 9, "eight digits"),
        ("2024;06432001;2-0;m;1", 9, "age class"),
        ("2024;06432001;0-2;d;1", 9, "m, w, x or *"),
        ("2024;06432001;0-2;m;1.000", 9, "without points"),
        ("2024;06432001;0-2;m;-1", 9, "whole number"),
        ("2024;06432001;0-2;m;", 9, "leave out rows"),
        ("2024;06432001;0-2;m;100000001", 9, "more residents"),
        ("2024;06432001;0-2;m;1\n2024;06432001;2-5;m;1", 10, "line 9"),
        ("2024;06432001;*;m;1\n2024;06432001;0-2;m;1", 10, "totals are computed"),
        ("2024;06432001;*;m;1\n2024;06432001;*;*;1", 10, "totals are computed"),
        ("2024;06432001;0-2;m;1\n2024;06432001;0-2;m;1", 10, "line 9"),
    ] {
        let refused = read(rows).err().unwrap_or_else(|| panic!("{rows}"));
        let Error::Population { line: own, why } = &refused else { panic!("{refused}") };
        assert!(*own == line && why.contains(word), "{rows}: {refused}");
    }
    let row = "year;municipality;age;sex;persons\n2024;06432001;*;*;1\n";
    for (head, word) in [
        (HEAD.replace("/v1", "/v2"), "milchglas/population/v1"),
        (HEAD.replace("# licence: dl-de/by-2-0\n", ""), "`licence` is empty"),
        (HEAD.replace("2026-11-12", "12.11.2026"), "2026-01-31"),
        (HEAD.replace("# retrieved: 2026-11-12\n", ""), "`retrieved` is missing"),
        (HEAD.replace("# table", "# tabelle"), "not known"),
        (HEAD.replace("# table: 1-2", "# table 1-2"), "# name: value"),
        (format!("{HEAD}# table: 2\n"), "twice"),
        (HEAD.replace("Erfundene Bevölkerung", &"x".repeat(301)), "at most 300"),
        (format!("{HEAD}jahr;gemeinde\n"), "the columns are"),
    ] {
        let refused = Population::read(format!("{head}{row}").as_bytes()).err();
        let text = refused.map(|error| error.to_string()).unwrap_or_default();
        assert!(text.contains(word), "{word}: {text}");
    }
    assert!(Population::read(b"\xff").is_err() && Population::read(b"").is_err());
    let long = vec![b'#'; Population::MAX_BYTES + 1];
    assert!(Population::read(&long).is_err_and(|error| error.to_string().contains("cut out")));
}

#[test]
fn the_example_of_the_page_is_read() {
    let page = include_str!("../../../../docs/formats/population.md");
    let example = page.split("```\n").nth(1).unwrap();
    let population = Population::read(example.as_bytes()).unwrap();
    assert_eq!(population.to_csv(), example);
    assert_eq!(population.persons(&asked(2024, &["06432001"], "0-2", "*")), Ok(251));
}

#[test]
fn a_spreadsheet_may_have_saved_it() {
    let saved =
        format!("\u{feff}{HEAD}year;municipality;age;sex;persons\n2024;06432001;*;*;7\n;;;;\n");
    let saved = saved.replace("dl-de/by-2-0\n", "dl-de/by-2-0;;;;\n").replace('\n', "\r\n");
    let population = Population::read(saved.as_bytes()).unwrap();
    assert_eq!(population.source().licence, "dl-de/by-2-0");
    assert_eq!(
        population.source().german(),
        "© Amt für Erfundenes 2026: Erfundene Bevölkerung (Tabelle 1-2); Lizenz dl-de/by-2-0; \
         abgerufen am 12.11.2026"
    );
}

/// Residents by place, single year of age and sex.
fn rows() -> impl Strategy<Value = Vec<Row>> {
    let persons = proptest::collection::vec(0_u64..1_000, 3 * 90 * 2);
    (2000_u16..2030, persons).prop_map(|(year, persons)| {
        let mut persons = persons.into_iter();
        let mut rows = Vec::new();
        for place in ["06432001", "06432002", "06432003"] {
            for age in 0..90 {
                for sex in [Sex::Male, Sex::Female] {
                    let ages = if age == 89 { Ages::starting(89) } else { Ages::between(age, age) };
                    rows.push(Row {
                        year,
                        place: place.to_owned(),
                        ages: ages.unwrap(),
                        sex: Some(sex),
                        persons: persons.next().unwrap(),
                        line: 0,
                    });
                }
            }
        }
        rows
    })
}

fn source() -> Source {
    read("2024;06432001;*;*;1\n").unwrap().source().clone()
}

/// As the sum over rows; nobody is a gap.
fn told(population: &Population, asked: &Asked) -> u64 {
    match population.persons(asked) {
        Ok(persons) => persons,
        Err(gap) => {
            assert_eq!(gap, Gap::Nobody);
            0
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_whole_is_the_sum_of_its_parts(rows in rows(), cut in 1_u8..88) {
        let year = rows[0].year;
        let population = Population::new(source(), rows.clone()).unwrap();
        let naive: u64 = rows.iter().map(|row| row.persons).sum();
        let places: BTreeSet<String> = rows.iter().map(|row| row.place.clone()).collect();
        let whole = Asked { year, places, ages: Ages::ALL, sexes: Sexes::ALL };
        prop_assert_eq!(told(&population, &whole), naive);
        let young = Ages::between(0, cut).unwrap();
        let by_age = [young, Ages::ALL.without(young)].map(|ages| Asked { ages, ..whole.clone() });
        prop_assert_eq!(by_age.iter().map(|own| told(&population, own)).sum::<u64>(), naive);
        let by_sex = [Sex::Male, Sex::Female]
            .map(|sex| Asked { sexes: Sexes::NONE.with(sex), ..whole.clone() });
        prop_assert_eq!(by_sex.iter().map(|own| told(&population, own)).sum::<u64>(), naive);
        let by_place = whole.places.iter().map(|place| {
            told(&population, &Asked { places: [place.clone()].into(), ..whole.clone() })
        });
        prop_assert_eq!(by_place.sum::<u64>(), naive);
        let again = Population::read(population.to_csv().as_bytes()).unwrap();
        prop_assert_eq!(again.to_csv(), population.to_csv());
        prop_assert_eq!(again.persons(&whole).ok(), Some(naive).filter(|sum| *sum > 0));
    }

    #[test]
    fn a_year_that_is_missing_never_gives_a_number(rows in rows(), other in 1990_u16..2100) {
        let year = rows[0].year;
        prop_assume!(year != other);
        let population = Population::new(source(), rows).unwrap();
        let missing = asked(other, &["06432001"], "*", "*");
        prop_assert_eq!(
            population.persons(&missing),
            Err(Gap::Year { year: other, known: (year, year) })
        );
    }
}

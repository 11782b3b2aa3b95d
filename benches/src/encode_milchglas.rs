//! The family `milchglas`: the shipped schema of a county, and the same with salted views.
//!
//! 1. The encoder alone, from identifiers in memory, on one core and on two.
//! 2. From a CSV file to a file of encodings, row by row.
//! 3. From an extract to both halves of a batch, as a department's program does it.
//!
//! Each line tells the rate on the clock, the time on the processor and the greatest memory.
#![expect(clippy::expect_used, reason = "what cannot run should say so and stop")]

use std::fs::{self, File};
use std::hint::black_box;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use department::{
    Change, Keys, Language, Mapping, PrepareSettings, RowSettings, Sender, encode_rows, prepare,
};
use encoder::{Encoder, Identifiers, LinkageKey};
use policy::{Identifier, LinkageSchema, Name, PolicySet, SaltAttribute};
use rayon::ThreadPoolBuilder;
use ring::rand::SystemRandom;
use submission::{Month, Period, SigningKey};
use tempfile::TempDir;

use crate::register;
use crate::spent::Spent;

/// People in memory for the encoder alone.
const IN_MEMORY: u64 = 300_000;

/// Measures with so many records; the files lie in a new folder in `folder`.
///
/// # Panics
/// Where it cannot run.
pub fn run(records: u64, folder: &Path) {
    let folder = TempDir::new_in(folder).expect("a folder");
    let policies = Path::new(env!("CARGO_MANIFEST_DIR")).join("../policies");
    let set = PolicySet::load(&policies).expect("the shipped policies");
    let plain = set.schemas.values().next().expect("the county's schema");
    let mut salted = plain.clone();
    salted.views[0].salt = vec![SaltAttribute::BirthYear];
    salted.views[1].salt = vec![SaltAttribute::Sex, SaltAttribute::GivenInitial];

    let table = folder.path().join("table.csv");
    write(&table, register::PLAIN_HEADER, records, register::push_plain);
    for (name, schema) in [("unsalted", plain), ("salted", &salted)] {
        rows(&format!("CSV to file, two cores, {name}"), schema, &table, records);
    }
    fs::remove_file(&table).expect("the table");

    let people: Vec<Identifiers> = (0..records.min(IN_MEMORY)).map(person).collect();
    for (name, schema) in [("unsalted", plain), ("salted", &salted)] {
        for threads in [1, 2] {
            encoder_alone(&format!("encoder, cores: {threads}, {name}"), schema, &people, threads);
        }
    }
    drop(people);

    let extract = folder.path().join("wohngeld.csv");
    write(&extract, register::EXTRACT_HEADER, records, register::push_extract);
    batch("extract to both halves, all cores, unsalted", &set, plain, &extract, folder.path());
}

fn write(path: &Path, header: &str, records: u64, push: fn(u64, &mut String)) {
    let mut file = BufWriter::new(File::create(path).expect("a file"));
    let mut line = String::from(header);
    for number in 0..records {
        line.push('\n');
        file.write_all(line.as_bytes()).expect("room on the disk");
        line.clear();
        push(number, &mut line);
    }
    line.push('\n');
    file.write_all(line.as_bytes()).expect("room on the disk");
    file.flush().expect("room on the disk");
}

fn key() -> LinkageKey {
    let text = LinkageKey::generate(&SystemRandom::new()).expect("randomness");
    LinkageKey::from_file_text(&text).expect("a key")
}

fn person(number: u64) -> Identifiers {
    use Identifier::{BirthName, DateOfBirth, GivenNames, Postcode, Sex, Street, Surname, Town};
    let columns = [
        Surname,
        BirthName,
        GivenNames,
        DateOfBirth,
        Sex,
        Street,
        Identifier::HouseNumber,
        Postcode,
        Town,
    ];
    let mut line = String::new();
    register::push_plain(number, &mut line);
    let mut person = Identifiers::new();
    for (column, cell) in columns.into_iter().zip(line.split(';')) {
        person.set(column, cell).expect("short cells");
    }
    person
}

fn encoder_alone(what: &str, schema: &LinkageSchema, people: &[Identifiers], threads: usize) {
    let pool = ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
    let encoder = Encoder::new(schema, &key()).expect("the schema fits");
    // What is hashed for the first time is hashed once in a run, however long.
    pool.install(|| encoder.encode_all(people));
    let (_, spent) = Spent::on(|| pool.install(|| black_box(encoder.encode_all(people))));
    println!("{}", spent.line(what, people.len() as u64));
}

fn rows(what: &str, schema: &LinkageSchema, table: &Path, records: u64) {
    let output = table.with_extension("arrow");
    let pool = ThreadPoolBuilder::new().num_threads(2).build().expect("threads");
    let key = key();
    let (counts, spent) = Spent::on(|| {
        pool.install(|| {
            encode_rows(&RowSettings {
                schema,
                key: &key,
                input: table,
                output: &output,
                progress: &|_| {},
            })
        })
        .expect("the table can be encoded")
    });
    assert_eq!(counts.rows, records, "every row was read");
    println!("{}", spent.line(what, records));
    let refused = counts.too_little + counts.outside_window;
    for fill in &counts.fill {
        let (mean, spread) = (fill.per_mille(), fill.spread_per_mille());
        println!("    view {}: fill {mean} ± {spread} ‰, {refused} rows refused", fill.view);
    }
    fs::remove_file(&output).expect("the file of encodings");
}

fn name(text: &str) -> Name {
    text.parse().expect("a name")
}

fn batch(what: &str, set: &PolicySet, schema: &LinkageSchema, extract: &Path, folder: &Path) {
    let policies = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../policies");
    let mapping = Mapping::load(&policies.join("mappings/wohngeld.toml")).expect("the mapping");
    let random = SystemRandom::new();
    let path = |file: &str| folder.join(file);
    let kinds = [department::keys::KeyKind::Signing, department::keys::KeyKind::Register];
    for (kind, file) in kinds.into_iter().zip(["signing.key", "register.key"]) {
        department::keys::generate(kind, &path(file), &random).expect("a key");
    }
    let signing: SigningKey = department::keys::read_signing(&path("signing.key")).expect("a key");
    let register = department::keys::read_register(&path("register.key")).expect("a key");
    let keys = Keys { linkage: key(), signing, register };
    let sender = Sender {
        project: name("measured"),
        epoch: name("2024"),
        department: name("wohngeldstelle"),
    };
    let month = |month| Month { year: 2024, month };
    let settings = PrepareSettings {
        sender: &sender,
        catalogue: &set.catalogue,
        named: None,
        schema,
        mapping: &mapping,
        keys: &keys,
        extract: Some(extract),
        period: Period { from: month(1), to: month(12) },
        objections: None,
        change: Change::Full,
        outbox: &path("outbox"),
        language: Language::English,
        now: 1_772_323_200,
        random: &random,
        progress: &|_| {},
    };
    let (done, spent) = Spent::on(|| prepare(&settings).expect("the extract can be encoded"));
    let counts = &done.report.counts;
    println!("{}", spent.line(what, counts.rows));
    println!("    {} subjects, {} in quarantine", counts.subjects, counts.rows_in_quarantine);
}

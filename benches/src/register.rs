//! Made-up residents with German names, from a seed.

use std::fmt::Write;

use crate::generator::Generator;

const SURNAMES: [&str; 48] = [
    "Müller",
    "Schmidt",
    "Schneider",
    "Fischer",
    "Weber",
    "Meyer",
    "Wagner",
    "Becker",
    "Schulz",
    "Hoffmann",
    "Schäfer",
    "Koch",
    "Bauer",
    "Richter",
    "Klein",
    "Wolf",
    "Schröder",
    "Neumann",
    "Schwarz",
    "Zimmermann",
    "Braun",
    "Krüger",
    "Hofmann",
    "Hartmann",
    "Lange",
    "Schmitt",
    "Werner",
    "Krause",
    "Meier",
    "Lehmann",
    "Köhler",
    "Herrmann",
    "König",
    "Walter",
    "Mayer",
    "Huber",
    "Kaiser",
    "Fuchs",
    "Peters",
    "Lang",
    "Scholz",
    "Möller",
    "Weiß",
    "Jung",
    "Hahn",
    "Yılmaz",
    "Nowak",
    "Nguyen",
];
const SYLLABLES: [&str; 40] = [
    "ber", "den", "fels", "gar", "hol", "kamp", "lin", "mar", "nei", "ost", "per", "ram", "sel",
    "tor", "uhl", "vos", "wid", "zan", "brü", "cho", "dra", "els", "fri", "gün", "hess", "jan",
    "kow", "loh", "mey", "nes", "opp", "pfei", "quen", "rös", "ski", "thal", "ull", "vet", "wer",
    "zig",
];
const GIVEN: [&str; 40] = [
    "Maria",
    "Peter",
    "Michael",
    "Sabine",
    "Thomas",
    "Anna",
    "Andreas",
    "Petra",
    "Wolfgang",
    "Monika",
    "Klaus",
    "Susanne",
    "Jürgen",
    "Karin",
    "Stefan",
    "Ursula",
    "Christian",
    "Renate",
    "Uwe",
    "Julia",
    "Lukas",
    "Emma",
    "Leon",
    "Mia",
    "Ben",
    "Sofia",
    "Paul",
    "Hannah",
    "Elias",
    "Emilia",
    "Ali",
    "Fatma",
    "Mehmet",
    "Ayşe",
    "Jörg",
    "Käthe",
    "Zoë",
    "Ute",
    "Ingrid",
    "Frank",
];
const STREETS: [&str; 24] = [
    "Hauptstraße",
    "Bahnhofstr.",
    "Gartenweg",
    "Schulstraße",
    "Dorfstraße",
    "Ringstr.",
    "Am Alten Friedhof",
    "Lindenallee",
    "Goethestraße",
    "Kirchgasse",
    "Bergstraße",
    "Waldweg",
    "Rheinstr.",
    "Mozartstraße",
    "Friedrich-Ebert-Straße",
    "Im Wiesengrund",
    "Feldstraße",
    "Mühlweg",
    "Darmstädter Straße",
    "Schillerplatz",
    "Amselweg",
    "Industriestraße",
    "Neue Gasse",
    "Hintergasse",
];

/// Column names as a linkage schema names its identifiers.
pub const PLAIN_HEADER: &str =
    "surname;birth_name;given_names;date_of_birth;sex;street;house_number;postcode;town";

/// Columns of an extract of Wohngeld as `policies/mappings/wohngeld.toml` reads it.
pub const EXTRACT_HEADER: &str = "nachname;geburtsname;vornamen;geburtsdatum;geschlecht;strasse;\
     hausnummer;plz;ort;ags;sozialraum;aktenzeichen;bewilligung_von;bewilligung_bis;wohngeld_eur;\
     miete_eur;wohngeldart;hh_groesse;kinder_u18;erwerbsstatus;mietenstufe";

/// What a made-up person is drawn from.
struct Draw(Generator);

impl Draw {
    fn below(&mut self, n: usize) -> usize {
        self.0.below(n as u64) as usize
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        // The lesser of two: common names are common.
        let place = self.below(of.len()).min(self.below(of.len()));
        of[place]
    }
}

fn push_surname(draw: &mut Draw, line: &mut String) {
    if draw.below(5) < 2 {
        line.push_str(draw.one(&SURNAMES));
        return;
    }
    for part in 0..2 + draw.below(2) {
        let syllable = SYLLABLES[draw.below(SYLLABLES.len())];
        let mut letters = syllable.chars();
        match letters.next() {
            Some(first) if part == 0 => line.extend(first.to_uppercase().chain(letters)),
            _ => line.push_str(syllable),
        }
    }
}

/// Appends resident `number` as a line under [`PLAIN_HEADER`], without its end.
pub fn push_plain(number: u64, line: &mut String) {
    let mut draw = Draw(Generator(number.wrapping_mul(0xd134_2543_de82_ef95)));
    push_surname(&mut draw, line);
    line.push(';');
    if draw.below(5) == 0 {
        push_surname(&mut draw, line);
    }
    line.push(';');
    line.push_str(draw.one(&GIVEN));
    if draw.below(3) == 0 {
        line.push(' ');
        line.push_str(draw.one(&GIVEN));
    }
    let (day, month, year) = (1 + draw.below(28), 1 + draw.below(12), 1930 + draw.below(95));
    let sex = ["m", "w"][draw.below(2)];
    let _ = write!(line, ";{day:02}.{month:02}.{year};{sex};");
    if draw.below(2) == 0 {
        line.push_str(draw.one(&STREETS));
    } else {
        push_surname(&mut draw, line);
        line.push_str("straße");
    }
    let (house, place) = (1 + draw.below(120), draw.below(24));
    let _ = write!(line, ";{house};{};Musterstadt", 64_800 + place * 3);
}

/// Appends resident `number` as a line under [`EXTRACT_HEADER`], without its end.
pub fn push_extract(number: u64, line: &mut String) {
    push_plain(number, line);
    let mut draw = Draw(Generator(number));
    let (first, rent) = (1 + draw.below(6), 300 + draw.below(900));
    let grant = 50 + draw.below(500);
    let _ = write!(
        line,
        ";06432001;;WG-{number};0{first}.2024;12.2024;{grant},00;{rent},50;Mietzuschuss;1;0;\
         erwerbstätig;3"
    );
}

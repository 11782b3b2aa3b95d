//! The page `docs/de/uebernehmen.md`, run as it stands: a third county from nothing to its first
//! numbers, and an exercise that takes nothing real.

use std::fmt::Write as _;
use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;
use tempfile::TempDir;

/// Whose columns every extract begins with.
const PERSON: &str = "nachname;geburtsname;vornamen;geburtsdatum;geschlecht;strasse;hausnummer;plz;\
                      ort;ags;sozialraum;aktenzeichen";
const OWN: [(&str, &str); 3] = [
    (
        "hze",
        "hilfeart;beginn;ende;grund;lebenssituation;anregende_stelle;gefaehrdung_8a;\
         kosten_eur_monat;intensitaet_h_woche",
    ),
    (
        "kita",
        "betreuungsart;umfang_h_woche;beginn;ende;einrichtung_ags;beitragsuebernahme;\
         familiensprache_nicht_deutsch;integrationsplatz",
    ),
    (
        "wohngeld",
        "bewilligung_von;bewilligung_bis;wohngeldart;wohngeld_eur;hh_groesse;kinder_u18;\
         erwerbsstatus;mietenstufe;miete_eur",
    ),
];

struct Desk {
    place: TempDir,
    ports: [u16; 2],
}

impl Desk {
    fn new() -> Self {
        let free = || TcpListener::bind("127.0.0.1:0").unwrap();
        let (one, other) = (free(), free());
        let ports = [one, other].map(|own| own.local_addr().unwrap().port());
        Self { place: tempfile::tempdir().unwrap(), ports }
    }

    fn path(&self, file: &str) -> PathBuf {
        self.place.path().join(file)
    }

    /// Runs commands in one shell, with the page's ports replaced by free ones; whatever they
    /// started ends with it.
    fn run(&self, commands: &str) -> Output {
        let server = PathBuf::from(env!("CARGO_BIN_EXE_milchglas"));
        let programs = server.parent().unwrap();
        assert!(
            programs.join("milchglas-department").is_file(),
            "build the workspace's binaries first"
        );
        let script = format!(
            "set -eu\ntrap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n{}",
            commands
                .replace("127.0.0.1:8701", &format!("127.0.0.1:{}", self.ports[0]))
                .replace("127.0.0.1:8702", &format!("127.0.0.1:{}", self.ports[1]))
        );
        Command::new("bash")
            .args(["-c", &script])
            .current_dir(self.place.path())
            .env("PATH", format!("{}:/usr/local/bin:/usr/bin:/bin", programs.display()))
            .env("AUSZUEGE", self.path("auszuege"))
            .output()
            .unwrap()
    }
}

fn page() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(root.join("docs/de/uebernehmen.md")).unwrap();
    let blocks = page.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    blocks.map(str::to_owned).collect()
}

/// Last year, which the first tables of a county are about.
fn year() -> i16 {
    TimeZone::UTC.to_datetime(Timestamp::now()).year() - 1
}

/// Extracts of thirty invented children, the same in each dataset.
fn extracts(folder: &Path) {
    fs::create_dir_all(folder).unwrap();
    let year = year();
    let towns = [("64711", "Erbach", "06437006"), ("64720", "Michelstadt", "06437011")];
    for (dataset, columns) in OWN {
        let mut text = format!("{PERSON};{columns}\n");
        for number in 0..30 {
            let (postcode, town, ags) = towns[number % 2];
            let own = match dataset {
                "hze" => format!("§31;01.{year};12.{year};;;;N;800,00;5,0"),
                "kita" => format!("Kita;35;01.01.{year};31.12.{year};;;;"),
                _ => format!("01.{year};12.{year};Miet;300,00;3;1;Arbeitnehmer;3;700,00"),
            };
            let letters = ["Amsel", "Drossel", "Fink", "Star", "Meise"];
            let born = year - 3 - i16::try_from(number % 2).unwrap();
            writeln!(
                text,
                "{}{};;Kind{};{:02}.0{}.{born};{};Am Rain;{number};{postcode};{town};{ags};;F-{number};{own}",
                letters[number % 5],
                letters[number / 5 % 5].to_lowercase(),
                ["a", "o", "i"][number % 3],
                number % 28 + 1,
                number % 9 + 1,
                ["m", "w"][number / 2 % 2],
            )
            .unwrap();
        }
        fs::write(folder.join(format!("{dataset}.csv")), text).unwrap();
    }
}

fn good(done: &Output) -> String {
    let shown = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (out, error) = (shown(&done.stdout), shown(&done.stderr));
    assert!(done.status.success(), "{out}\n{error}");
    out
}

#[test]
fn a_third_county_from_nothing_by_the_page() {
    let desk = Desk::new();
    extracts(&desk.path("auszuege"));
    let blocks = page();
    assert!(blocks.len() >= 8, "the page lost its commands");
    let shown = good(&desk.run(&blocks.join("\n")));

    assert!(shown.contains("beide Stellen können starten"), "{shown}");
    let releases = fs::read_to_string(desk.path("kreis/zahlen.jsonl")).unwrap();
    let tables: Vec<Value> =
        releases.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let named = |id: &str| tables.iter().find(|own| own["indicator"] == id);
    let children = named("children-in-benefits").unwrap();
    assert_eq!(children["purpose"], "sozialmonitoring-06437", "{children}");
    assert!(children.to_string().contains("06437006"), "{children}");
    assert!(named("sgb2-children").is_none(), "the county has no such data");
    let explained = fs::read_to_string(desk.path("kreis/erklaerung.txt")).unwrap();
    assert!(explained.contains("Odenwaldkreis"), "{explained}");
    assert!(!fs::read_to_string(desk.path("kreis/preise.txt")).unwrap().is_empty());
    nothing_real_in_an_exercise(&desk);
}

/// After the page: `kreis` is real, `uebung` an exercise, both with keys.
fn nothing_real_in_an_exercise(desk: &Desk) {
    let refused = |commands: &str, words: &[&str]| {
        let done = desk.run(commands);
        let text = String::from_utf8_lossy(&[done.stdout, done.stderr].concat()).into_owned();
        assert!(!done.status.success(), "{commands}\n{text}");
        assert!(words.iter().all(|own| text.contains(own)), "{commands}\n{text}");
    };
    let year = year();
    let encode = |settings: &str, place: &str, file: &str| {
        format!(
            "milchglas-department encode {file} --settings {settings} --mapping \
             {place}/policies/mappings/kita.toml --period {year}-01..{year}-12"
        )
    };
    let (real, exercise) = (
        "kreis/aemter/jugendamt-06437/department.toml",
        "uebung/aemter/jugendamt-06437/department.toml",
    );
    // A real extract lacks the column, a made-up one has a column that nobody named.
    refused(&encode(exercise, "uebung", "auszuege/kita.csv"), &["uebung"]);
    let marked: String = fs::read_to_string(desk.path("auszuege/kita.csv"))
        .unwrap()
        .lines()
        .enumerate()
        .map(|(at, line)| format!("{line};{}\n", if at == 0 { "uebung" } else { "ja" }))
        .collect();
    fs::write(desk.path("erfunden.csv"), marked).unwrap();
    refused(&encode(real, "kreis", "erfunden.csv"), &["uebung"]);
    good(&desk.run(&encode(exercise, "uebung", "erfunden.csv")));

    // The worst mistake: a real department that has the exercise's addresses, token and keys.
    let text = fs::read_to_string(desk.path(exercise)).unwrap();
    let text = text.replace("project = \"uebung-06437\"", "project = \"county-06437\"");
    let wrong = "uebung/aemter/jugendamt-06437/falsch.toml";
    fs::write(desk.path(wrong), text.replace("\"ausgang\"", "\"falsch\"")).unwrap();
    let of_page = |word: &str| page().into_iter().find(|own| own.contains(word)).unwrap();
    let (serve, approve) = (of_page("milchglas serve"), of_page("milchglas proposals"));
    refused(
        &format!(
            "{}\ncd uebung\n{serve}\n{approve}\ncd ..\nmilchglas-department submit \
             uebung/aemter/jugendamt-06437/falsch/*/ --settings {wrong}",
            encode(wrong, "kreis", "auszuege/kita.csv")
        ),
        &["another project"],
    );
}

/// A unit that was told to serve an exercise beside a county does not start.
#[test]
fn an_exercise_is_not_served_as_a_county() {
    let desk = Desk::new();
    fs::write(desk.path("g.csv"), "ags;name\n06437006;Erbach\n").unwrap();
    let year = year();
    fs::write(
        desk.path("a.toml"),
        format!(
            "ags = \"06437\"\nname = \"Odenwaldkreis\"\nmunicipalities = \"g.csv\"\nepoch = {year}\n\
             [[department]]\nname = \"jugendamt\"\ndatasets = [\"kita\"]\n"
        ),
    )
    .unwrap();
    let done = good(&desk.run("milchglas init u --uebung --answers a.toml --json"));
    let done: Value = serde_json::from_str(&done).unwrap();
    assert_eq!((&done["project"], &done["municipalities"]), (&"uebung-06437".into(), &1.into()));
    let again = desk.run("milchglas init u --uebung --answers a.toml");
    assert!(String::from_utf8_lossy(&again.stderr).contains("not empty"));
    let served = desk.run(
        "sed -i '/^synthetic/d' u/statistikstelle/unit.toml\n\
         timeout 20 milchglas serve --config u/statistikstelle/unit.toml",
    );
    let error = String::from_utf8_lossy(&served.stderr).into_owned();
    assert!(!served.status.success() && error.contains("exercise"), "{error}");
    let asked = desk.run("milchglas init v < /dev/null");
    assert!(String::from_utf8_lossy(&asked.stderr).contains("--answers"));
}

//! An exercise that `milchglas init --uebung` laid out, filled with made-up people.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const DEPARTMENTS: [&str; 8] = ["sgb2", "wohngeld", "sgb12", "egh", "hze", "kita", "but", "asyl"];

fn run(place: &Path, program: &str, arguments: &[&str]) -> Output {
    let programs = PathBuf::from(env!("CARGO_BIN_EXE_milchglas-demo"));
    let path = programs.parent().unwrap().join(program);
    assert!(path.is_file(), "build the workspace's binaries first");
    Command::new(path).args(arguments).current_dir(place).output().unwrap()
}

fn good(done: &Output) -> String {
    let text = String::from_utf8_lossy(&[&done.stdout[..], &done.stderr[..]].concat()).into_owned();
    assert!(done.status.success(), "{text}");
    text
}

#[test]
fn every_department_of_an_exercise_has_an_extract_that_its_mapping_reads() {
    let place = tempfile::tempdir().unwrap();
    let place = place.path();
    fs::write(
        place.join("g.csv"),
        "ags;name;plz\n06437006;Erbach;64711\n06437011;Michelstadt;64720\n",
    )
    .unwrap();
    // The year after the demo's people end: their extracts move along with a later one.
    let mut answers = "ags = \"06437\"\nname = \"Odenwaldkreis\"\nmunicipalities = \"g.csv\"\n\
                       epoch = EPOCH\n"
        .to_owned();
    for name in DEPARTMENTS {
        answers += &format!("[[department]]\nname = \"amt-{name}\"\ndatasets = [\"{name}\"]\n");
    }
    let epoch = good(&Command::new("date").arg("+%Y").output().unwrap());
    let epoch: i32 = epoch.trim().parse().unwrap();
    fs::write(place.join("a.toml"), answers.replace("EPOCH", &epoch.to_string())).unwrap();
    good(&run(place, "milchglas", &["init", "u", "--uebung", "--answers", "a.toml"]));
    let fill = ["uebung", "u", "--persons", "600"];
    good(&run(place, "milchglas-demo", &fill));
    let period = format!("{}-01..{}-12", epoch - 3, epoch - 1);
    for name in DEPARTMENTS {
        let folder = format!("u/aemter/amt-{name}-06437");
        let extract = format!("{folder}/austausch/Eingang/{name}.csv");
        let text = fs::read_to_string(place.join(&extract)).unwrap();
        assert!(text.lines().next().unwrap().ends_with(";uebung"), "{text}");
        let settings = format!("{folder}/department.toml");
        let mapping = format!("u/policies/mappings/{name}.toml");
        let profile = [
            "profile",
            &extract,
            "--settings",
            &settings,
            "--mapping",
            &mapping,
            "--period",
            &period,
        ];
        good(&run(place, "milchglas-department", &profile));
        assert!(place.join(folder).join("register.key").is_file());
    }

    let config = fs::read_to_string(place.join("u/statistikstelle/unit.toml")).unwrap();
    assert!(config.contains("\npopulation = \"population.csv\"\n\n[[project]]"), "{config}");
    assert!(place.join("u/statistikstelle/population.csv").is_file());

    good(&run(place, "milchglas", &["init", "real", "--answers", "a.toml"]));
    let refused = run(place, "milchglas-demo", &["uebung", "real"]);
    assert!(!refused.status.success());
    let text = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(text.contains("no exercise"), "{text}");
}

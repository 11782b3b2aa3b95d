//! Configurations of both units, of each department's station and of the courier. They hold no
//! secret: what is not known yet is a public key or a digest, and stands there as a mark to fill.

use super::County;
use super::enter::mark;
use super::shape::quoted;

/// Name of the linkage schema that is shipped with the folder.
pub(super) const SCHEMA: &str = "county-2026";

/// One of the two units, as folders and files name it.
struct Unit<'a> {
    word: &'a str,
    folder: &'a str,
    peer: &'a str,
    own_url: &'a str,
    peer_url: &'a str,
    usual_port: u16,
}

/// All configurations by their place in the folder.
pub(super) fn configurations(county: &County) -> Vec<(String, String)> {
    let (linkage, statistics) = (&county.answers.linkage_url, &county.answers.statistics_url);
    let units = [
        Unit {
            word: "linkage",
            folder: "verknuepfungsstelle",
            peer: "statistikstelle",
            own_url: linkage,
            peer_url: statistics,
            usual_port: 8701,
        },
        Unit {
            word: "statistics",
            folder: "statistikstelle",
            peer: "verknuepfungsstelle",
            own_url: statistics,
            peer_url: linkage,
            usual_port: 8702,
        },
    ];
    let mut files: Vec<(String, String)> =
        units.iter().map(|own| (format!("{}/unit.toml", own.folder), unit(own, county))).collect();
    for name in county.departments() {
        files.push((format!("aemter/{name}/department.toml"), department(&name, county)));
    }
    files.push(("kurier/courier.toml".into(), courier(county)));
    files
}

fn unit(own: &Unit<'_>, county: &County) -> String {
    let Unit { word, folder, peer, own_url, peer_url, usual_port } = own;
    let title = if *word == "linkage" { "Verknüpfungsstelle" } else { "Statistikstelle" };
    let listen = match own_url.strip_prefix("http://") {
        Some(address) => address.trim_end_matches('/').to_owned(),
        None => format!("127.0.0.1:{usual_port}"),
    };
    let mut text = format!(
        "# {title}: {}. Enthält kein Geheimnis; die Schlüssel liegen daneben (0600).\n\
         unit = \"{word}\"\ninstallation = \"{}\"\nlisten = \"{listen}\"\n",
        county.label(),
        county.project()
    );
    if own_url.starts_with("https://") {
        text += "# Vor dieser Stelle steht ein Proxy, der TLS beendet, auf demselben Rechner.\n\
                 behind_tls_proxy = true\n";
    }
    text += &format!(
        "database = \"{word}.sqlite\"\nkey_store = \"{word}.keys\"\ndata_key = \"data.key\"\n\
         policies = \"../policies\"\nsigning_key = \"signing.key\"\n\
         # Öffentlicher Schlüssel der anderen Stelle, und wo sie zu erreichen ist: Jede bezeugt das\n\
         # Protokoll der anderen.\npeer_public_key = {}\nwitness = {{ url = {} }}\n",
        mark(&format!("{peer}.pub")),
        quoted(peer_url)
    );
    if county.exercise {
        text += "# Übung: jede Seite sagt, dass die Menschen erfunden sind.\nsynthetic = true\n";
    }
    if *folder == "statistikstelle" {
        text += &format!(
            "rank_key = \"rank.key\"\n# Steht in jeder Veröffentlichung: Es muss wahr sein.\n\
             separation = {}\n",
            quoted(separation(county))
        );
    }
    text += &format!("\n[[project]]\nname = \"{}\"\nschema = \"{SCHEMA}\"\n", county.project());
    text + &identities(county)
}

fn separation(county: &County) -> &'static str {
    let one_host = county.answers.linkage_url.starts_with("http://");
    match (county.exercise, one_host) {
        (true, _) => "Übung mit erfundenen Menschen, ohne Trennung der Aufgaben.",
        (false, true) => {
            "Probe: Beide Stellen laufen auf einem Rechner, ohne Trennung der Aufgaben."
        }
        (false, false) => "Zwei Stellen auf zwei Rechnern unter getrennter Administration.",
    }
}

fn identities(county: &County) -> String {
    let mut text = String::new();
    let mut one = |name: &str, role: &str, rest: &str| {
        text += &format!(
            "\n[[identity]]\nname = \"{name}\"\nrole = \"{role}\"\nproject = \"{}\"\n\
             token_sha256 = {}\n{rest}",
            county.project(),
            mark(&format!("{name}.sha256"))
        );
    };
    for person in &super::PEOPLE {
        one(&county.person(person), person.role, "");
    }
    for name in county.departments() {
        let datasets: Vec<String> = county
            .deliveries()
            .filter(|(own, _)| *own == name)
            .map(|(_, dataset)| format!("\"{dataset}\""))
            .collect();
        let rest = format!(
            "public_key = {}\ndatasets = [{}]\n",
            mark(&format!("{name}.pub")),
            datasets.join(", ")
        );
        one(&name, "department", &rest);
    }
    text
}

fn department(name: &str, county: &County) -> String {
    let epoch = county.answers.epoch;
    let (first, last) = (epoch.saturating_sub(3), epoch.saturating_sub(1));
    // An exercise has one key for all; in earnest it is wrapped to each department.
    let linkage =
        if county.exercise { "../../schluesselstelle/linkage.key" } else { "linkage.key" };
    let mut text = format!(
        "# Amt {name}: {}. Liegt mit den Schlüsseln auf einem Rechner des Amtes, nie auf der \
         Freigabe.\nproject = \"{}\"\nepoch = \"{epoch}\"\ndepartment = \"{name}\"\npolicies = \
         \"../../policies\"\nschema = \"{SCHEMA}\"\noutbox = \"ausgang\"\n\n[keys]\nlinkage = \
         \"{linkage}\"\nsigning = \"signing.key\"\nregister = \"register.key\"\n",
        county.label(),
        county.project(),
    );
    for (unit, url, peer) in [
        ("linkage", &county.answers.linkage_url, "verknuepfungsstelle"),
        ("statistics", &county.answers.statistics_url, "statistikstelle"),
    ] {
        text += &format!(
            "\n[units.{unit}]\nurl = {}\npublic_key = {}\ntoken = \"token\"\n",
            quoted(url),
            mark(&format!("{peer}.pub"))
        );
    }
    text + &format!(
        "\n[station]\n# Die Freigabe, in deren Ordner `Eingang` die Sachbearbeitung Auszüge legt.\n\
         share = \"austausch\"\nwork = \"station\"\nmappings = \"../../policies/mappings\"\n\
         # Bis zum Jahresabschluss {last}; danach diese Zeile löschen: dann zählen die Monate, die der\n\
         # Katalog aufbewahrt.\nperiod = \"{first}-01..{last}-12\"\n"
    )
}

fn courier(county: &County) -> String {
    let operator = super::PEOPLE.iter().find(|own| own.role == "operator");
    let operator = operator.map(|own| county.person(own)).unwrap_or_default();
    let post = |url: &str| {
        format!("{{ url = {}, token_file = \"../personen/{operator}/token\" }}", quoted(url))
    };
    format!(
        "# Der Kurier trägt die versiegelte Zuordnung von der einen Stelle zur anderen.\n\
         [[project]]\nname = \"{}\"\nlinkage = {}\nstatistics = {}\n",
        county.project(),
        post(&county.answers.linkage_url),
        post(&county.answers.statistics_url)
    )
}

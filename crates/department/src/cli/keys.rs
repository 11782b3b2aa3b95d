//! The key ceremony: what the custodian and each department do with linkage keys.

use std::fs;
use std::path::{Path, PathBuf};

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use department::keys::{self, Wrapped};
use department::{Error, Language};
use policy::{Digest, LinkageSchema, Name, PolicySet};
use ring::rand::SystemRandom;
use serde_json::json;

use super::grammar::{example, file};

/// `keys` in the grammar.
pub(super) fn command(l: Language) -> Command {
    Command::new("keys")
        .about(l.pick(
            "Verknüpfungsschlüssel ableiten, verpacken, auspacken, prüfen, wechseln",
            "derive, wrap, unwrap, check and rotate linkage keys",
        ))
        .after_help(l.pick(
            "Schlüsselstelle: derive, check, wrap, je Epoche. Amt: unwrap, dann `check`.\n\
             Ablauf Schritt für Schritt: docs/de/schluessel.md",
            "Custodian: derive, check, wrap, per epoch. Department: unwrap, then `check`.\n\
             Step by step: docs/formats/keys.md",
        ))
        .subcommand_required(true)
        .arg_required_else_help(true)
        .disable_help_subcommand(true)
        .subcommand_value_name(l.pick("BEFEHL", "COMMAND"))
        .subcommand_help_heading(l.pick("Befehle", "Commands"))
        .subcommands([derive(l), wrap(l), unwrap(l), check(l), rotate(l)])
}

fn derive(l: Language) -> Command {
    Command::new("derive")
        .about(l.pick(
            "Schlüssel eines Vorhabens und einer Epoche aus dem Hauptschlüssel (Schlüsselstelle)",
            "the key of a project and epoch from the master key (custodian)",
        ))
        .after_help(example(
            l,
            "keys derive --master master.key --project county-06432 --epoch 2026 --output \
             linkage-2026.key",
        ))
        .args([master(l), name(l, "project"), name(l, "epoch"), output(l)])
}

fn wrap(l: Language) -> Command {
    Command::new("wrap")
        .about(l.pick(
            "Schlüssel für jedes Amt einzeln verschlüsseln (Schlüsselstelle)",
            "encrypt a key to each department separately (custodian)",
        ))
        .after_help(example(
            l,
            "keys wrap --key linkage-2026.key --to jugendamt.pub jobcenter.pub --output versand",
        ))
        .arg(key(l))
        .arg(file(l, "to").required(true).num_args(1..).action(ArgAction::Append).help(l.pick(
            "öffentliche Schlüssel der Ämter (.pub-Dateien von `keygen department`)",
            "the departments' public keys (.pub files of `keygen department`)",
        )))
        .arg(file(l, "output").required(true).value_name(l.pick("ORDNER", "FOLDER")).help(l.pick(
            "Ordner für die verpackten Schlüssel, je Amt NAME.age",
            "folder for the wrapped keys, per department NAME.age",
        )))
}

fn unwrap(l: Language) -> Command {
    Command::new("unwrap")
        .about(l.pick(
            "verpackten Schlüssel mit dem Amtsschlüssel öffnen (Amt)",
            "open a wrapped key with the department's identity (department)",
        ))
        .after_help(example(
            l,
            "keys unwrap --identity keys/amt.key --input jugendamt.age --output \
             keys/linkage-2026.key",
        ))
        .arg(file(l, "identity").required(true).help(l.pick(
            "Amtsschlüssel von `keygen department` (0600)",
            "identity of `keygen department` (0600)",
        )))
        .arg(file(l, "input").required(true).help(l.pick("Datei NAME.age", "file NAME.age")))
        .arg(output(l))
}

fn check(l: Language) -> Command {
    Command::new("check")
        .about(l.pick(
            "Prüfwert von Schlüssel und Schema, auch ohne Einstellungen (Schlüsselstelle)",
            "check value of key and schema, without settings (custodian)",
        ))
        .after_help(example(
            l,
            "keys check --key linkage-2026.key --schema policies/linkage/county-2026.json",
        ))
        .args([key(l), schema(l)])
}

fn rotate(l: Language) -> Command {
    Command::new("rotate")
        .about(l.pick(
            "Schlüssel der nächsten Epoche ableiten, mit den nächsten Schritten (Schlüsselstelle)",
            "derive the next epoch's key, with what to do next (custodian)",
        ))
        .after_help(example(
            l,
            "keys rotate --master master.key --project county-06432 --epoch 2027 --previous \
             linkage-2026.key --schema policies/linkage/county-2026.json --output linkage-2027.key",
        ))
        .args([master(l), name(l, "project"), name(l, "epoch")])
        .arg(file(l, "previous").required(true).help(l.pick(
            "Schlüssel der laufenden Epoche: der neue muss ein anderer sein",
            "key of the present epoch: the new one must be another",
        )))
        .args([schema(l), output(l)])
}

fn master(l: Language) -> Arg {
    file(l, "master").required(true).help(
        l.pick("Hauptschlüssel von `keygen master` (0600)", "master key of `keygen master` (0600)"),
    )
}

fn key(l: Language) -> Arg {
    file(l, "key").required(true).help(l.pick("Verknüpfungsschlüssel (0600)", "linkage key (0600)"))
}

fn schema(l: Language) -> Arg {
    file(l, "schema")
        .required(true)
        .help(l.pick("Verknüpfungsschema (JSON)", "linkage schema (JSON)"))
}

fn output(l: Language) -> Arg {
    file(l, "output").required(true).help(l.pick("neue Datei (0600)", "new file (0600)"))
}

fn name(l: Language, which: &'static str) -> Arg {
    let help = match which {
        "project" => l.pick("Vorhaben, wie in department.toml", "project, as in department.toml"),
        _ => l.pick("Epoche, wie in department.toml", "epoch, as in department.toml"),
    };
    Arg::new(which)
        .long(which)
        .value_name("NAME")
        .value_parser(value_parser!(Name))
        .required(true)
        .help(help)
}

/// Runs `keys`.
pub(super) fn run(own: &ArgMatches, l: Language) -> Result<(), Error> {
    let Some((name, own)) = own.subcommand() else { return Ok(()) };
    let call = Call { own, l, json: own.get_flag("json") };
    match name {
        "derive" => call.derive(),
        "wrap" => call.wrap(),
        "unwrap" => call.unwrap(),
        "check" => call.check(),
        _ => call.rotate(),
    }
}

struct Call<'a> {
    own: &'a ArgMatches,
    l: Language,
    json: bool,
}

impl Call<'_> {
    fn path(&self, name: &str) -> PathBuf {
        self.own.get_one::<PathBuf>(name).cloned().unwrap_or_default()
    }

    fn name(&self, name: &str) -> Result<&Name, Error> {
        self.own.get_one::<Name>(name).ok_or_else(|| Error::Settings {
            path: format!("--{name}"),
            reason: "a-z, 0-9, - , _".into(),
        })
    }

    fn schema(&self) -> Result<LinkageSchema, Error> {
        read_schema(&self.path("schema"))
    }

    fn derive(&self) -> Result<(), Error> {
        let (project, epoch, output) =
            (self.name("project")?, self.name("epoch")?, self.path("output"));
        keys::derive(&self.path("master"), project, epoch, &output)?;
        let file = output.display().to_string();
        if self.json {
            println!("{:#}", json!({ "project": project, "epoch": epoch, "file": file }));
            return Ok(());
        }
        self.line(("Vorhaben", "project"), project);
        self.line(("Epoche", "epoch"), epoch);
        self.line(("Schlüsseldatei", "key file"), &file);
        self.line(
            ("weiter mit", "next"),
            &format!("milchglas-department keys check --key {file} --schema SCHEMA.json"),
        );
        Ok(())
    }

    fn wrap(&self) -> Result<(), Error> {
        let to: Vec<PathBuf> = self.own.get_many("to").into_iter().flatten().cloned().collect();
        let wrapped =
            keys::wrap(&self.path("key"), &to, &self.path("output"), &SystemRandom::new())?;
        let shown = |one: &Wrapped| (one.file.display().to_string(), one.recipient.to_string());
        let wrapped: Vec<(String, String)> = wrapped.iter().map(shown).collect();
        if self.json {
            let files = wrapped.iter().map(|(file, to)| json!({ "file": file, "recipient": to }));
            println!("{:#}", json!({ "files": files.collect::<Vec<_>>() }));
            return Ok(());
        }
        for (file, recipient) in &wrapped {
            self.line(("verpackt", "wrapped"), file);
            self.line(("für", "to"), recipient);
        }
        println!(
            "\n{}",
            self.l.pick(
                "Vor dem Versand jeden öffentlichen Schlüssel mit dem Amt am Telefon vergleichen.",
                "Compare each public key with its department by telephone before you send.",
            )
        );
        Ok(())
    }

    fn unwrap(&self) -> Result<(), Error> {
        let output = self.path("output");
        keys::unwrap(&self.path("identity"), &self.path("input"), &output)?;
        let file = output.display().to_string();
        if self.json {
            println!("{:#}", json!({ "file": file }));
            return Ok(());
        }
        self.line(("Schlüsseldatei", "key file"), &file);
        self.line(("weiter mit", "next"), &"milchglas-department check");
        Ok(())
    }

    fn check(&self) -> Result<(), Error> {
        let schema = self.schema()?;
        let value = String::from(keys::check_value(&self.path("key"), &schema)?);
        self.values(&value, schema.digest()?, None);
        Ok(())
    }

    fn rotate(&self) -> Result<(), Error> {
        let schema = self.schema()?;
        let (project, epoch) = (self.name("project")?, self.name("epoch")?);
        let output = self.path("output");
        keys::rotate(&self.path("master"), project, epoch, &self.path("previous"), &output)?;
        let value = String::from(keys::check_value(&output, &schema)?);
        self.values(&value, schema.digest()?, Some(&output));
        if !self.json {
            print!("\n{}", next_steps(self.l, epoch, &output, schema.digest()?, &value));
        }
        Ok(())
    }

    fn values(&self, value: &str, digest: Digest, file: Option<&Path>) {
        let file = file.map(|file| file.display().to_string());
        if self.json {
            let json = json!({ "key_check_value": value, "schema": digest, "file": file });
            println!("{json:#}");
            return;
        }
        if let Some(file) = &file {
            self.line(("Schlüsseldatei", "key file"), file);
        }
        self.line(("Prüfwert (nur Verknüpfungsstelle)", "check value (linkage unit only)"), &value);
        self.line(("Verknüpfungsschema", "linkage schema"), &digest);
    }

    fn line(&self, (german, english): (&str, &str), value: &dyn std::fmt::Display) {
        println!("{:32} {value}", self.l.pick(german, english));
    }
}

fn read_schema(path: &Path) -> Result<LinkageSchema, Error> {
    let fail =
        |reason: String| policy::PolicyError::Form { path: path.display().to_string(), reason };
    let size = fs::metadata(path).map_err(|e| fail(e.kind().to_string()))?.len();
    if size > PolicySet::MAX_FILE {
        return Err(fail(format!("larger than {} bytes", PolicySet::MAX_FILE)).into());
    }
    let text = fs::read_to_string(path).map_err(|e| fail(e.kind().to_string()))?;
    LinkageSchema::from_json(&text).map_err(|e| match e {
        policy::PolicyError::Form { reason, .. } => fail(reason).into(),
        other => other.into(),
    })
}

/// What follows a rotation, in the order in which it has to be done.
fn next_steps(l: Language, epoch: &Name, file: &Path, schema: Digest, value: &str) -> String {
    let file = file.display();
    l.pick(
        format!(
            "Nächste Schritte:\n\
             \x201. Epoche bei der Verknüpfungsstelle eröffnen:\n\
             \x20     milchglas epoch --epoch {epoch} --schema {schema} --key-check-value {value} …\n\
             \x202. Schlüssel für jedes Amt verpacken und einzeln senden:\n\
             \x20     milchglas-department keys wrap --key {file} --to AMT.pub … --output ORDNER\n\
             \x203. Jedes Amt: `keys unwrap`, in department.toml epoch = \"{epoch}\" und den neuen\n\
             \x20   Schlüssel eintragen; `check` muss den Prüfwert oben zeigen.\n\
             \x204. Jedes Amt kodiert und liefert neu: Lieferungen der alten Epoche zählen in der\n\
             \x20   neuen nicht, und ein alter Schlüssel wird vor dem Vergleichen abgelehnt.\n\
             \x205. Sind alle Lieferungen da: den alten Schlüssel in jedem Amt und hier löschen.\n"
        ),
        format!(
            "Next steps:\n\
             \x201. Open the epoch at the linkage unit:\n\
             \x20     milchglas epoch --epoch {epoch} --schema {schema} --key-check-value {value} …\n\
             \x202. Wrap the key to each department and send each its own file:\n\
             \x20     milchglas-department keys wrap --key {file} --to DEPARTMENT.pub … --output FOLDER\n\
             \x203. Each department: `keys unwrap`, then epoch = \"{epoch}\" and the new key in\n\
             \x20   department.toml; `check` must show the value above.\n\
             \x204. Each department encodes and submits again: batches of the old epoch do not count\n\
             \x20   in the new one, and an old key is refused before anything is compared.\n\
             \x205. Once all batches are there: delete the old key in each department and here.\n"
        ),
    )
}

//! What each command does: settings in, library call, result out.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::ArgMatches;
use department::keys::{self, KeyKind};
use department::{
    Change, Error, Language, Mapping, Objections, Patience, PrepareSettings, PreparedBatch,
    ProfileSettings, Settings, prepare, profile, show, submit,
};
use encoder::Encoder;
use policy::PolicySet;
use ring::rand::SystemRandom;
use serde_json::{Value, json};
use submission::{Clock, KeyCheckValue, Period};

use super::clks;
use super::grammar::Months;
use super::sources;
use super::station;
use super::terminal::Bar;

/// Runs the command that was given.
pub(super) fn run(matches: &ArgMatches, language: Language) -> Result<ExitCode, Error> {
    let Some((name, own)) = matches.subcommand() else { return Ok(ExitCode::SUCCESS) };
    let call = Call { own, language, json: own.get_flag("json") };
    let done = match name {
        "station" => return station::run(own, language),
        "keys" => super::keys::run(own, language),
        "keygen" => call.keygen(),
        "check" => call.check(),
        "profile" => call.profile(),
        "encode" if own.contains_id("schema") => clks::run_encode(own, language, call.json),
        "encode" => call.encode(),
        "convert" => clks::run_convert(own, language, call.json),
        "schema" => clks::run_schema(own, language),
        "withdraw" => call.withdraw(),
        "submit" => call.submit(),
        "mapping" => sources::run_mapping(own, language),
        "export" => sources::run_export(own, language, call.json),
        _ => call.show(),
    };
    done.map(|()| ExitCode::SUCCESS)
}

struct Call<'a> {
    own: &'a ArgMatches,
    language: Language,
    json: bool,
}

impl Call<'_> {
    fn path(&self, name: &str) -> PathBuf {
        self.optional(name).unwrap_or_default()
    }

    fn optional(&self, name: &str) -> Option<PathBuf> {
        self.own.get_one::<PathBuf>(name).cloned()
    }

    fn settings(&self) -> Result<Settings, Error> {
        Settings::load(&self.path("settings"))
    }

    fn period(&self) -> Result<Period, Error> {
        let months = self.own.get_one::<Months>("period").copied();
        let (from, to) = months.ok_or_else(|| Error::Settings {
            path: "--period".into(),
            reason: "yyyy-mm..yyyy-mm".into(),
        })?;
        Ok(Period { from, to })
    }

    fn policies(&self) -> Result<PolicySet, Error> {
        match self.optional("policies") {
            Some(folder) => Ok(PolicySet::load(&folder)?),
            None => self.settings()?.read_policies(),
        }
    }

    fn objections(&self, settings: Option<&Settings>) -> Result<Option<Objections>, Error> {
        let named = self.optional("objections");
        let list = named.or_else(|| settings.and_then(|settings| settings.objections.clone()));
        list.map(|path| Objections::load(&path)).transpose()
    }

    /// One JSON value, or lines of label and value.
    fn print(&self, json: &Value, lines: &[(&str, String)]) {
        if self.json {
            println!("{json:#}");
            return;
        }
        for (label, value) in lines {
            println!("{label:32} {value}");
        }
    }

    fn keygen(&self) -> Result<(), Error> {
        let kind = match self.own.get_one::<String>("kind").map(String::as_str) {
            Some("master") => KeyKind::Master,
            Some("linkage") => KeyKind::Linkage,
            Some("department") => KeyKind::Department,
            Some("signing") => KeyKind::Signing,
            _ => KeyKind::Register,
        };
        let new = keys::generate(kind, &self.path("output"), &SystemRandom::new())?;
        let secret = new.secret.display().to_string();
        let public = new.public.as_ref();
        let json = json!({
            "file": secret,
            "public_key": public.map(|(key, _)| key),
            "public_file": public.map(|(_, path)| path.display().to_string()),
        });
        let l = self.language;
        let mut lines = vec![(l.pick("Schlüsseldatei", "key file"), secret)];
        if let Some((key, path)) = public {
            lines.push((l.pick("öffentlicher Schlüssel", "public key"), key.clone()));
            lines.push((l.pick("auch in", "also in"), path.display().to_string()));
        }
        self.print(&json, &lines);
        Ok(())
    }

    fn check(&self) -> Result<(), Error> {
        let settings = self.settings()?;
        let policies = settings.read_policies()?;
        let schema = settings.pick_schema(&policies)?;
        let keys = settings.read_keys()?;
        let encoder =
            Encoder::new(schema, &keys.linkage).map_err(|e| Error::Encoder(e.to_string()))?;
        let value = hex(encoder.key_check_value());
        let (digest, catalogue) = (schema.digest()?, policies.catalogue.digest()?);
        let public = keys.signing.public();
        let sender = &settings.sender;
        let json = json!({
            "project": sender.project, "epoch": sender.epoch, "department": sender.department,
            "key_check_value": value, "schema": digest, "catalogue": catalogue,
            "public_key": public,
        });
        let l = self.language;
        self.print(
            &json,
            &[
                (l.pick("Vorhaben", "project"), sender.project.to_string()),
                (l.pick("Epoche", "epoch"), sender.epoch.to_string()),
                (
                    l.pick("Prüfwert (nur Verknüpfungsstelle)", "check value (linkage unit only)"),
                    value,
                ),
                (l.pick("Verknüpfungsschema", "linkage schema"), digest.to_string()),
                (l.pick("Katalog", "catalogue"), catalogue.to_string()),
                (l.pick("öffentlicher Schlüssel", "public key"), public.to_string()),
            ],
        );
        Ok(())
    }

    fn profile(&self) -> Result<(), Error> {
        let settings = match self.optional("policies") {
            Some(_) => None,
            None => Some(self.settings()?),
        };
        let policies = self.policies()?;
        let mapping = Mapping::load(&self.path("mapping"))?;
        let objections = self.objections(settings.as_ref())?;
        let bar = Bar::new(self.language);
        let found = profile(&ProfileSettings {
            extract: &self.path("extract"),
            mapping: &mapping,
            catalogue: &policies.catalogue,
            period: self.period()?,
            objections: objections.as_ref(),
            random: &SystemRandom::new(),
            progress: &|records| bar.spin(records),
        })?;
        drop(bar);
        if self.json {
            println!("{:#}", json!(found));
        } else {
            print!("{}", found.to_text(self.language));
        }
        Ok(())
    }

    fn encode(&self) -> Result<(), Error> {
        let settings = self.settings()?;
        let earlier = settings.submitted_batches()?;
        let withdraw = self.optional("withdraw");
        let change = if self.own.get_flag("amend") {
            Change::Amend { earlier: &earlier, withdraw: withdraw.as_deref() }
        } else {
            Change::Full
        };
        let objections = self.objections(Some(&settings))?;
        let extract = self.path("extract");
        self.prepare(&settings, Some(&extract), objections.as_ref(), change)
    }

    fn withdraw(&self) -> Result<(), Error> {
        let settings = self.settings()?;
        let earlier = settings.submitted_batches()?;
        let cases = self.path("cases");
        let change = Change::Amend { earlier: &earlier, withdraw: Some(&cases) };
        self.prepare(&settings, None, None, change)
    }

    fn prepare(
        &self,
        settings: &Settings,
        extract: Option<&Path>,
        objections: Option<&Objections>,
        change: Change<'_>,
    ) -> Result<(), Error> {
        let policies = settings.read_policies()?;
        let mapping = Mapping::load(&self.path("mapping"))?;
        let keys = settings.read_keys()?;
        let bar = Bar::new(self.language);
        let named = policies.named_columns(&settings.sender.project, &mapping.dataset);
        let done = prepare(&PrepareSettings {
            sender: &settings.sender,
            catalogue: &policies.catalogue,
            named: named.as_ref(),
            schema: settings.pick_schema(&policies)?,
            mapping: &mapping,
            keys: &keys,
            extract,
            period: self.period()?,
            objections,
            change,
            outbox: &settings.outbox,
            language: self.language,
            now: Clock::System.now(),
            random: &SystemRandom::new(),
            progress: &|progress| bar.prepare(progress),
        })?;
        drop(bar);
        self.print_batch(&done);
        Ok(())
    }

    fn print_batch(&self, done: &PreparedBatch) {
        let l = self.language;
        let counts = &done.report.counts;
        let folder = done.folder.display().to_string();
        let json = json!({ "folder": folder, "batch": done.batch, "report": done.report });
        let fill = done.report.fill.iter();
        let fill = fill.map(|own| format!("{} {} ± {} ‰", own.view, own.mean, own.spread));
        let fill = fill.collect::<Vec<_>>().join(", ");
        for warning in done.report.fill.iter().filter_map(|view| view.warning(l)) {
            eprintln!("{}: {warning}", l.pick("Warnung", "warning"));
        }
        self.print(
            &json,
            &[
                (l.pick("Datensätze", "records"), counts.rows.to_string()),
                (l.pick("in Quarantäne", "in quarantine"), counts.rows_in_quarantine.to_string()),
                (
                    l.pick("Gemeinde nicht bestimmbar", "municipality not known"),
                    counts.unresolved_places.to_string(),
                ),
                (
                    l.pick("ausgelassen (Sperre, Widerspruch)", "left out (block, objection)"),
                    counts.people_blocked.to_string(),
                ),
                (
                    l.pick("Personen in der Lieferung", "people in the batch"),
                    counts.subjects.to_string(),
                ),
                (
                    l.pick("Angaben in der Lieferung", "facts in the batch"),
                    counts.facts.to_string(),
                ),
                (l.pick("Füllung der Kodierungen", "fill of the encodings"), fill),
                (
                    l.pick("frühere Einträge zurückgezogen", "earlier subjects withdrawn"),
                    done.report.withdrawn.to_string(),
                ),
                (l.pick("Ordner", "folder"), folder.clone()),
                (l.pick("weiter mit", "next"), format!("milchglas-department submit {folder}")),
            ],
        );
    }

    fn submit(&self) -> Result<(), Error> {
        let units = self.settings()?.read_units()?;
        let bar = Bar::new(self.language);
        let progress = |half, done, all| bar.upload(half, done, all);
        let done = submit(&self.path("batch"), &units, Patience::USUAL, &progress)?;
        drop(bar);
        let json = json!({
            "sent": done.sent, "linkage": done.linkage, "statistics": done.statistics,
        });
        let l = self.language;
        self.print(
            &json,
            &[
                (l.pick("Teile gesendet", "chunks sent"), done.sent.to_string()),
                (
                    l.pick("Quittung Verknüpfungsstelle", "receipt of the linkage unit"),
                    done.linkage.receipt.manifest.to_string(),
                ),
                (
                    l.pick("Quittung Statistikstelle", "receipt of the statistics unit"),
                    done.statistics.receipt.manifest.to_string(),
                ),
            ],
        );
        Ok(())
    }

    fn show(&self) -> Result<(), Error> {
        let rows = self.own.get_one::<u16>("rows").copied().unwrap_or(2);
        let rows = show(&self.path("chunk"), &self.policies()?, usize::from(rows))?;
        if self.json {
            println!("{:#}", json!(rows));
            return Ok(());
        }
        for row in rows {
            for (name, value) in row.as_object().into_iter().flatten() {
                println!("{name:28} {value}");
            }
            println!();
        }
        Ok(())
    }
}

fn hex(value: KeyCheckValue) -> String {
    String::from(value)
}

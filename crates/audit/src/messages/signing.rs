//! The commands that make something: keys, countersignatures, anchors, approvals.

use audit::RestoreRequest;
use clap::{Arg, ArgAction, Command};
use std::fmt::Write as _;
use std::path::Path;

use super::{Lang, Messages};

impl Messages {
    /// The commands beside `verify`.
    pub(super) fn signing(&self) -> [Command; 4] {
        [self.keygen(), self.countersign(), self.anchor(), self.approve()]
    }

    fn new_command(&self, name: &'static str, about: &'static str, example: &str) -> Command {
        let template = self.pick(super::TEMPLATE_DE, super::TEMPLATE_EN);
        let heading = self.pick("Beispiel", "Example");
        Command::new(name)
            .about(about)
            .help_template(template)
            .disable_help_flag(true)
            .after_help(format!("{heading}:\n  {example}"))
    }

    fn option(&self, name: &'static str, de: &'static str, en: &'static str) -> Arg {
        let heading = self.pick("Optionen", "Options");
        Arg::new(name).long(name).help_heading(heading).help(self.pick(de, en))
    }

    fn file(&self, de: &'static str, en: &'static str) -> Arg {
        Arg::new("FILE")
            .required(true)
            .value_name(self.pick("DATEI", "FILE"))
            .help_heading(self.pick("Argumente", "Arguments"))
            .help(self.pick(de, en))
    }

    fn output(&self) -> Arg {
        self.option("output", "Die neue Datei", "The new file").required(true)
    }

    fn signer(&self, command: Command) -> Command {
        let name = self.option("name", "Ihr Name in oversight.toml", "Your name in oversight.toml");
        let key = self.option("key", "Ihre Schlüsseldatei", "Your key file");
        command.arg(name.required(true)).arg(key.required(true)).arg(self.output())
    }

    fn verified(&self, command: Command) -> Command {
        let key = self.option(
            "public-key",
            "Öffentlicher Schlüssel der Stelle: Datei oder 64 Hexadezimalziffern",
            "The unit's public key: a file or 64 hexadecimal digits",
        );
        let anchor = self.option(
            "anchor",
            "Ein früherer Anker, den das Protokoll enthalten muss; mehrfach möglich",
            "An earlier anchor that the log must hold; may be repeated",
        );
        command
            .arg(self.file("Das exportierte Protokoll", "The exported log"))
            .arg(key)
            .arg(anchor.action(ArgAction::Append))
    }

    fn keygen(&self) -> Command {
        let about = self.pick("Erzeugt Ihren Schlüssel", "Makes your key");
        let example = "milchglas-audit keygen --output datenschutz.key";
        self.new_command("keygen", about, example).arg(self.output())
    }

    fn countersign(&self) -> Command {
        let about = self.pick(
            "Prüft ein Protokoll und zeichnet seinen Kopf gegen",
            "Verifies a log and countersigns its head",
        );
        let example = "milchglas-audit countersign statistics-log.jsonl --public-key statistics.pub \
                       --name datenschutz-06432 --key datenschutz.key --output gegenzeichnung.json";
        let command = self.new_command("countersign", about, example);
        self.signer(self.verified(command))
    }

    fn anchor(&self) -> Command {
        let about = self.pick(
            "Prüft ein Protokoll und verwahrt seinen Kopf als Anker",
            "Verifies a log and keeps its head as an anchor",
        );
        let example = "milchglas-audit anchor statistics-log.jsonl --public-key statistics.pub \
                       --epoch 2026 --output anker-2026-03.json";
        let epoch = self.option("epoch", "Die laufende Epoche", "The present epoch");
        let command = self.new_command("anchor", about, example);
        self.verified(command).arg(epoch.required(true)).arg(self.output())
    }

    fn approve(&self) -> Command {
        let about = self.pick(
            "Stimmt einer Wiederherstellung zu",
            "Approves that a database which was put back goes on",
        );
        let example = "milchglas-audit approve request.json --name datenschutz-06432 \
                       --key datenschutz.key --output zustimmung.json";
        let command = self.new_command("approve", about, example);
        self.signer(command.arg(self.file("Der Antrag", "The request")))
    }

    pub(crate) fn cannot_create(&self, path: &Path) -> String {
        let why = self.pick(
            "lässt sich nicht anlegen; nie wird eine Datei überschrieben",
            "cannot be created; no file is ever overwritten",
        );
        format!("{}: {why}", path.display())
    }

    pub(crate) fn key_is_open(&self, path: &Path) -> String {
        let shown = path.display();
        let why = self.pick("ist für andere lesbar", "can be read by others");
        format!("{shown} {why}: chmod 600 {shown}")
    }

    pub(crate) fn no_key_file(&self, path: &Path) -> String {
        let why = self.pick("ist keine Schlüsseldatei", "is not a key file");
        format!("{}: {why} (milchglas-audit keygen)", path.display())
    }

    pub(crate) fn key_made(&self, public: &str) -> String {
        let line =
            self.pick("Öffentlicher Schlüssel für oversight.toml", "Public key for oversight.toml");
        format!("{line}:\n{public}")
    }

    pub(crate) fn countersigned(&self, head: &str, short: &str, output: &str) -> String {
        match self.lang {
            Lang::De => format!(
                "Gegengezeichnet: {head}\nVom Papier: {short}\n{output} bei beiden Stellen \
                 niederlegen: milchglas audit countersign {output} --url …"
            ),
            Lang::En => format!(
                "Countersigned: {head}\nOn paper: {short}\nLay {output} down at both units: \
                 milchglas audit countersign {output} --url …"
            ),
        }
    }

    pub(crate) fn anchored(&self, head: &str, short: &str, output: &str) -> String {
        let kept = self.pick("Anker (außerhalb verwahren)", "Anchor (keep it outside)");
        format!("{kept}: {head}\n{}: {short}\n{output}", self.pick("Vom Papier", "On paper"))
    }

    /// What was approved, so that nobody signs unseen.
    pub(crate) fn approved(&self, request: &RestoreRequest) -> String {
        let mut text = format!(
            "{} {} {}\n",
            self.pick("Zugestimmt: Stelle", "Approved: unit"),
            request.unit,
            self.pick("geht weiter nach Eintrag", "goes on after entry")
        );
        let _ = writeln!(text, "  {}", request.restored);
        if let Some(own) = request.witnessed {
            let known = self.pick("bestätigt war", "witnessed was");
            let _ = writeln!(text, "  {known} {}", own.head);
        }
        for own in &request.burn {
            let word = self.pick("verbrannt", "burnt");
            let _ = writeln!(
                text,
                "  {word}: {} {}: rho {} · 10^-9, delta {} · 10^-15",
                own.project, own.year, own.rho, own.delta
            );
        }
        let tranche = match request.with_tranche {
            true => self.pick(
                "  mit dem, was ohne Bestätigung ausgegeben worden sein kann",
                "  with what may have been spent unwitnessed",
            ),
            false => self.pick(
                "  Die andere Stelle war seit der Sicherung nie abwesend (so der Antrag)",
                "  the other unit was never away since the backup (says the request)",
            ),
        };
        text + tranche
    }
}

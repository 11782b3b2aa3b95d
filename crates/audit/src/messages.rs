//! What the program says, in German and in English.

use audit::{Broken, Reason, Report};
use clap::{Arg, ArgAction, Command};

/// The language of messages and help.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lang {
    De,
    En,
}

impl Lang {
    /// Read before the arguments are parsed, because help and errors need it already.
    pub(crate) fn wanted(arguments: &[String]) -> Self {
        let spaced = arguments.windows(2).any(|pair| pair == ["--lang", "en"]);
        if spaced || arguments.iter().any(|a| a == "--lang=en") { Self::En } else { Self::De }
    }
}

const TEMPLATE_DE: &str = "{about}\n\nAufruf: {usage}\n\n{all-args}{after-help}";
const TEMPLATE_EN: &str = "{about}\n\nUsage: {usage}\n\n{all-args}{after-help}";
const EXAMPLE: &str = "milchglas-audit verify statistics-log.jsonl --public-key statistics-log.pub";

mod signing;

pub(crate) struct Messages {
    lang: Lang,
}

impl Messages {
    pub(crate) fn new(lang: Lang) -> Self {
        Self { lang }
    }

    fn pick(&self, de: &'static str, en: &'static str) -> &'static str {
        if self.lang == Lang::De { de } else { en }
    }

    /// The command line.
    pub(crate) fn command(&self) -> Command {
        let (about, options) = (
            self.pick(
                "Prüft das exportierte Protokoll einer Stelle, ohne Netz und ohne der Stelle zu trauen.",
                "Verifies the exported log of a unit, offline and without trusting the unit.",
            ),
            self.pick("Optionen", "Options"),
        );
        let template = self.pick(TEMPLATE_DE, TEMPLATE_EN);
        let help = Arg::new("help")
            .long("help")
            .short('h')
            .action(ArgAction::Help)
            .help_heading(options)
            .help(self.pick("Zeigt diese Hilfe", "Prints this help"));
        let lang = Arg::new("lang")
            .long("lang")
            .value_parser(["de", "en"])
            .default_value("de")
            .hide_default_value(true)
            .hide_possible_values(true)
            .global(true)
            .help_heading(options)
            .help(self.pick("Sprache: de (Vorgabe) oder en", "Language: de (default) or en"));
        Command::new("milchglas-audit")
            .version(env!("CARGO_PKG_VERSION"))
            .about(about)
            .help_template(template)
            .disable_help_flag(true)
            .disable_help_subcommand(true)
            .disable_version_flag(true)
            .subcommand_required(true)
            .arg_required_else_help(true)
            .subcommand_help_heading(self.pick("Befehle", "Commands"))
            .after_help(self.after_help())
            .arg(help.clone())
            .arg(lang)
            .subcommand(self.verify(template, options).arg(help.clone()))
            .subcommands(self.signing().map(|own| own.arg(help.clone())))
    }

    fn after_help(&self) -> String {
        let codes = self.pick(
            "Rückgabewert: 0 unversehrt oder getan, 1 Kette gebrochen, 2 Aufruf falsch oder Datei nicht lesbar.",
            "Exit code: 0 intact or done, 1 chain broken, 2 wrong usage or unreadable file.",
        );
        format!("{}:\n  {EXAMPLE}\n\n{codes}", self.pick("Beispiel", "Example"))
    }

    fn verify(&self, template: &'static str, options: &'static str) -> Command {
        let option = |name: &'static str, de: &'static str, en: &'static str| {
            Arg::new(name).long(name).help_heading(options).help(self.pick(de, en))
        };
        let about = self.pick(
            "Prüft eine Datei und nennt den ersten schlechten Eintrag",
            "Verifies a file and names the first bad entry",
        );
        Command::new("verify")
            .about(about)
            .help_template(template)
            .disable_help_flag(true)
            .after_help(self.after_help())
            .arg(
                Arg::new("FILE")
                    .required(true)
                    .value_name(self.pick("DATEI", "FILE"))
                    .help_heading(self.pick("Argumente", "Arguments"))
                    .help(self.pick("Das exportierte Protokoll", "The exported log")),
            )
            .arg(
                option(
                    "public-key",
                    "Öffentlicher Schlüssel der Prüfpunkte: Datei oder 64 Hexadezimalziffern",
                    "Public key of the checkpoints: a file or 64 hexadecimal digits",
                )
                .value_name(self.pick("DATEI|HEX", "FILE|HEX")),
            )
            .arg(
                option(
                    "anchor",
                    "Selbst verwahrter Anker: Datei, NUMMER:HASH oder vom Papier \"NUMMER BUCHSTABEN\"; \
                     mehrfach möglich",
                    "An anchor you kept: a file, NUMBER:HASH, or from paper \"NUMBER LETTERS\"; may \
                     be repeated",
                )
                .action(ArgAction::Append)
                .value_name(self.pick("ANKER", "ANCHOR")),
            )
            .arg(
                option("json", "Ergebnis als JSON ausgeben", "Print the result as JSON")
                    .action(ArgAction::SetTrue),
            )
    }

    pub(crate) fn error(&self) -> &'static str {
        self.pick("Fehler", "error")
    }

    pub(crate) fn not_a_log(&self) -> &'static str {
        self.pick(
            "die Datei ist kein Export eines Milchglas-Protokolls",
            "the file is not the export of a milchglas log",
        )
    }

    pub(crate) fn cannot_read(&self, file: &str) -> String {
        format!("{}: {file}", self.pick("nicht lesbar", "cannot be read"))
    }

    pub(crate) fn bad_key(&self) -> &'static str {
        self.pick(
            "der öffentliche Schlüssel muss aus 64 Hexadezimalziffern bestehen",
            "the public key must consist of 64 hexadecimal digits",
        )
    }

    pub(crate) fn bad_anchor(&self) -> &'static str {
        self.pick(
            "ein Anker ist eine Datei von `anchor`, NUMMER:HASH mit 64 Hexadezimalziffern oder vom \
             Papier \"NUMMER BUCHSTABEN\"",
            "an anchor is a file made by `anchor`, NUMBER:HASH with 64 hexadecimal digits, or from \
             paper \"NUMBER LETTERS\"",
        )
    }

    pub(crate) fn intact(&self, report: &Report, with_key: bool) -> String {
        let unsigned = report.head.sequence - report.confirmed;
        let Report { unit, installation, head, checkpoints, confirmed, .. } = report;
        let note = match (self.lang, with_key) {
            (Lang::De, true) => String::new(),
            (Lang::De, false) => "\nOhne Schlüssel wurden keine Unterschriften geprüft.".to_owned(),
            (Lang::En, true) => String::new(),
            (Lang::En, false) => "\nWithout a key no signature was checked.".to_owned(),
        };
        let count = head.sequence;
        match self.lang {
            Lang::De => format!(
                "Unversehrt: Stelle {unit}, Installation {installation}, {count} Einträge, \
                 {checkpoints} Prüfpunkte.\nBestätigt bis Eintrag {confirmed}, danach {unsigned} \
                 unbestätigt.\nKopf (als Anker verwahren): {head}{note}"
            ),
            Lang::En => format!(
                "Intact: unit {unit}, installation {installation}, {count} entries, {checkpoints} \
                 checkpoints.\nConfirmed up to entry {confirmed}, {unsigned} unconfirmed after \
                 it.\nHead (keep it as an anchor): {head}{note}"
            ),
        }
    }

    pub(crate) fn broken(&self, broken: &Broken) -> String {
        let Broken { sequence, line, reason } = broken;
        match self.lang {
            Lang::De => {
                format!("Gebrochen bei Eintrag {sequence} (Zeile {line}): {}.", german(*reason))
            }
            Lang::En => format!("Broken at entry {sequence} (line {line}): {reason}."),
        }
    }
}

fn german(reason: Reason) -> String {
    match reason {
        Reason::NotALog => "die Datei ist kein Export eines Milchglas-Protokolls".to_owned(),
        Reason::SecondHeader => "der Kopf der Datei steht ein zweites Mal da".to_owned(),
        Reason::TooLong => "die Zeile ist länger als 64 KiB".to_owned(),
        Reason::Spelling => {
            "die Zeile ist kein Eintrag oder Prüfpunkt in der einzigen erlaubten Schreibweise"
                .to_owned()
        }
        Reason::Number { expected, found } => {
            format!("Eintrag {expected} wäre an der Reihe, es steht Eintrag {found} da")
        }
        Reason::Hash => "der Inhalt ergibt nicht den Hash, der daneben steht".to_owned(),
        Reason::Previous => {
            "der nächste Eintrag wurde an einen anderen als diesen angehängt".to_owned()
        }
        Reason::Genesis => {
            "der erste Eintrag beginnt nicht das Protokoll dieser Stelle und Installation"
                .to_owned()
        }
        Reason::CheckpointUnit => "hier steht ein Prüfpunkt der anderen Stelle".to_owned(),
        Reason::CheckpointPlace { expected, found } => {
            format!("nach Eintrag {expected} steht ein Prüfpunkt für Eintrag {found}")
        }
        Reason::CheckpointHead { at } => {
            format!("der Prüfpunkt bei Eintrag {at} bestätigt einen anderen Hash")
        }
        Reason::Signature => {
            "die Unterschrift des Prüfpunkts stammt nicht von dem angegebenen Schlüssel".to_owned()
        }
        Reason::AnchorHead { at } => {
            format!("der Anker bei Eintrag {at} nennt einen anderen Hash")
        }
        Reason::Ends { at } => {
            format!("das Protokoll endet vor Eintrag {at}, den der Anker nennt")
        }
    }
}

//! The command line.

mod clks;
mod commands;
mod grammar;
mod keys;
mod rows;
mod sources;
mod station;
mod terminal;

use std::ffi::OsString;
use std::process::ExitCode;

use department::Language;

/// Runs the program and gives its exit code.
pub(crate) fn run(arguments: Vec<OsString>) -> ExitCode {
    let language = language(&arguments);
    let matches = match grammar::program(language).try_get_matches_from(arguments) {
        Ok(matches) => matches,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    match commands::run(&matches, language) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("{}: {}", language.pick("Fehler", "error"), error.text(language));
            ExitCode::from(error.exit_code() as u8)
        }
    }
}

/// The language must be known before the grammar, which speaks it.
fn language(arguments: &[OsString]) -> Language {
    let texts: Vec<&str> = arguments.iter().filter_map(|argument| argument.to_str()).collect();
    let english = texts.contains(&"--lang=en") || texts.windows(2).any(|w| w == ["--lang", "en"]);
    if english { Language::English } else { Language::German }
}

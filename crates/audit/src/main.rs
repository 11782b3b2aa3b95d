//! Verifies an exported log on the data protection officer's machine, without a network.

mod messages;

use anyhow::{Context, Result, bail};
use audit::{Broken, Head, LINE_LIMIT, PublicKey, Reason, Report, Verifier};
use messages::{Lang, Messages};
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::ExitCode;

const BROKEN: u8 = 1;
const UNREADABLE: u8 = 2;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    let say = Messages::new(Lang::wanted(&arguments));
    let matches = match say.command().try_get_matches_from(&arguments) {
        Ok(matches) => matches,
        Err(error) => {
            let code = u8::try_from(error.exit_code()).unwrap_or(UNREADABLE);
            return if error.print().is_ok() { code.into() } else { UNREADABLE.into() };
        }
    };
    let Some(("verify", verify)) = matches.subcommand() else { return UNREADABLE.into() };
    let (file, json) = (verify.get_one::<String>("FILE"), verify.get_flag("json"));
    let key = verify.get_one::<String>("public-key");
    let anchors =
        verify.get_many::<String>("anchor").unwrap_or_default().cloned().collect::<Vec<_>>();
    let outcome = file.context("no file").and_then(|file| check(file, key, &anchors, &say));
    match outcome {
        Ok(Err(Broken { reason: Reason::NotALog, .. })) => unreadable(&say, say.not_a_log()),
        Ok(outcome) => report(&outcome, key.is_some(), json, &say),
        Err(error) => unreadable(&say, &format!("{error:#}")),
    }
}

fn unreadable(say: &Messages, reason: &str) -> ExitCode {
    let _ = writeln!(std::io::stderr(), "{}: {reason}", say.error());
    UNREADABLE.into()
}

fn check(
    file: &str,
    key: Option<&String>,
    anchors: &[String],
    say: &Messages,
) -> Result<Result<Report, Broken>> {
    let key = key.map(|key| read_key(key, say)).transpose()?;
    let anchors = anchors.iter().map(|anchor| anchor.parse::<Head>().context(say.bad_anchor()));
    let mut verifier = Verifier::new(key, anchors.collect::<Result<_>>()?);
    let mut reader = BufReader::new(File::open(file).with_context(|| say.cannot_read(file))?);
    let mut line = Vec::new();
    loop {
        line.clear();
        // One byte more than allowed, so that a longer line is seen and never held.
        let mut limited = reader.by_ref().take(LINE_LIMIT as u64 + 1);
        limited.read_until(b'\n', &mut line).with_context(|| say.cannot_read(file))?;
        if line.is_empty() {
            return Ok(verifier.finish());
        }
        if line.last() == Some(&b'\n') {
            line.pop();
        }
        if let Err(broken) = verifier.line(&line) {
            return Ok(Err(broken));
        }
    }
}

fn read_key(argument: &str, say: &Messages) -> Result<PublicKey> {
    if let Ok(key) = argument.parse() {
        return Ok(key);
    }
    let mut text = String::new();
    let file = File::open(Path::new(argument)).with_context(|| say.cannot_read(argument))?;
    file.take(1024).read_to_string(&mut text).with_context(|| say.cannot_read(argument))?;
    match text.parse() {
        Ok(key) => Ok(key),
        Err(_) => bail!(say.bad_key()),
    }
}

fn report(
    outcome: &Result<Report, Broken>,
    with_key: bool,
    json: bool,
    say: &Messages,
) -> ExitCode {
    let text = match (outcome, json) {
        (Ok(report), true) => serde_json::json!({
            "ok": true,
            "unit": report.unit.as_str(),
            "installation": report.installation.as_str(),
            "entries": report.head.sequence,
            "head": report.head.to_string(),
            "checkpoints": report.checkpoints,
            "confirmed": report.confirmed,
            "signatures_checked": with_key,
        })
        .to_string(),
        (Err(broken), true) => serde_json::json!({
            "ok": false,
            "entry": broken.sequence,
            "line": broken.line,
            "reason": broken.reason.to_string(),
        })
        .to_string(),
        (Ok(report), false) => say.intact(report, with_key),
        (Err(broken), false) => say.broken(broken),
    };
    match writeln!(std::io::stdout(), "{text}") {
        Err(_) => UNREADABLE.into(),
        Ok(()) if outcome.is_err() => BROKEN.into(),
        Ok(()) => ExitCode::SUCCESS,
    }
}

//! The data protection officer's program, without a network: verifies an exported log, signs what
//! was verified, keeps anchors.

mod key_file;
mod messages;
mod sign;

use anyhow::{Context, Result, bail};
use audit::{Anchor, Broken, Head, LINE_LIMIT, PublicKey, Reason, Report, ShortHead, Verifier};
use clap::ArgMatches;
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
    let Some((command, own)) = matches.subcommand() else { return UNREADABLE.into() };
    match command {
        "keygen" => done(sign::keygen(own, &say), &say),
        "approve" => done(sign::approve(own, &say), &say),
        "countersign" | "anchor" => match verified(own, &say) {
            Ok(Ok(report)) if command == "anchor" => done(sign::anchor(report, own, &say), &say),
            Ok(Ok(report)) => done(sign::countersign(report, own, &say), &say),
            Ok(broken) => report(&broken, false, false, &say),
            Err(error) => unreadable(&say, &format!("{error:#}")),
        },
        _ => match verified(own, &say) {
            Ok(Err(Broken { reason: Reason::NotALog, .. })) => unreadable(&say, say.not_a_log()),
            Ok(outcome) => {
                report(&outcome, own.contains_id("public-key"), own.get_flag("json"), &say)
            }
            Err(error) => unreadable(&say, &format!("{error:#}")),
        },
    }
}

/// Verifies the file that a command names; what is signed was verified.
fn verified(own: &ArgMatches, say: &Messages) -> Result<Result<Report, Broken>> {
    let file = own.get_one::<String>("FILE").context("no file")?;
    let anchors: Vec<String> =
        own.get_many::<String>("anchor").unwrap_or_default().cloned().collect();
    check(file, own.get_one::<String>("public-key"), &anchors, say)
}

fn done(outcome: Result<String>, say: &Messages) -> ExitCode {
    match outcome {
        Ok(text) if writeln!(std::io::stdout(), "{text}").is_ok() => ExitCode::SUCCESS,
        Ok(_) => UNREADABLE.into(),
        Err(error) => unreadable(say, &format!("{error:#}")),
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
    let (mut heads, mut noted) = (Vec::new(), Vec::new());
    for anchor in anchors {
        match read_anchor(anchor, say)? {
            Kept::Head(head) => heads.push(head),
            Kept::Noted(short) => noted.push(short),
        }
    }
    let mut verifier = Verifier::new(key, heads).also(noted);
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

/// What an officer kept of a log.
enum Kept {
    Head(Head),
    Noted(ShortHead),
}

/// A head in whole, one from paper, or the file that `anchor` wrote.
fn read_anchor(argument: &str, say: &Messages) -> Result<Kept> {
    if let Ok(head) = argument.parse() {
        return Ok(Kept::Head(head));
    }
    if let Ok(short) = argument.parse() {
        return Ok(Kept::Noted(short));
    }
    let Ok(file) = File::open(argument) else { bail!(say.bad_anchor()) };
    let mut text = String::new();
    file.take(4096).read_to_string(&mut text).with_context(|| say.cannot_read(argument))?;
    let anchor = Anchor::from_json(text.trim()).context(say.bad_anchor())?;
    Ok(Kept::Head(anchor.head))
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

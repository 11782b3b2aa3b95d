//! What an officer signs on a machine of their own: heads of logs that were verified there, and
//! requests to go on after a restore. The anchor is not signed, it is kept.

use anyhow::{Context, Result, bail};
use audit::{Anchor, CountersignedHead, DOCUMENT_LIMIT, Report, RestoreRequest, ShortHead};
use clap::ArgMatches;
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::path::Path;

use crate::key_file;
use crate::messages::Messages;

/// Makes a signing key.
pub(crate) fn keygen(matches: &ArgMatches, say: &Messages) -> Result<String> {
    Ok(say.key_made(&key_file::generate(Path::new(text(matches, "output")?), say)?))
}

/// Signs the head of a log that verified.
pub(crate) fn countersign(report: Report, matches: &ArgMatches, say: &Messages) -> Result<String> {
    let key = key_file::read(Path::new(text(matches, "key")?), say)?;
    let short = ShortHead::of(report.unit, &report.installation, report.head);
    let name = text(matches, "name")?.to_owned();
    let Report { unit, installation, generation, head, .. } = report;
    let own = CountersignedHead::new(unit, installation, generation, head, name, now());
    let output = text(matches, "output")?;
    write_new(output, &own.sign(&key)?.to_json()?, say)?;
    Ok(say.countersigned(&head.to_string(), &short.to_string(), output))
}

/// Keeps the head of a log that verified.
pub(crate) fn anchor(report: Report, matches: &ArgMatches, say: &Messages) -> Result<String> {
    let epoch = text(matches, "epoch")?.to_owned();
    let Report { unit, installation, generation, head, .. } = report;
    let anchor = Anchor::new(unit, installation, epoch, generation, head, now());
    let output = text(matches, "output")?;
    write_new(output, &anchor.to_json()?, say)?;
    Ok(say.anchored(&head.to_string(), &anchor.short().to_string(), output))
}

/// Approves that a database which was put back goes on.
pub(crate) fn approve(matches: &ArgMatches, say: &Messages) -> Result<String> {
    let request = RestoreRequest::from_json(read(text(matches, "FILE")?, say)?.trim())?;
    let key = key_file::read(Path::new(text(matches, "key")?), say)?;
    let approval = request.approve(text(matches, "name")?.to_owned(), now(), &key)?;
    write_new(text(matches, "output")?, &approval.to_json()?, say)?;
    Ok(say.approved(&request))
}

fn text<'a>(matches: &'a ArgMatches, name: &str) -> Result<&'a str> {
    matches.get_one::<String>(name).map(String::as_str).with_context(|| format!("--{name}"))
}

fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}

fn read(path: &str, say: &Messages) -> Result<String> {
    let file = File::open(path).with_context(|| say.cannot_read(path))?;
    let mut text = String::new();
    let most = DOCUMENT_LIMIT as u64 + 1;
    file.take(most).read_to_string(&mut text).with_context(|| say.cannot_read(path))?;
    if text.len() > DOCUMENT_LIMIT {
        bail!(say.cannot_read(path));
    }
    Ok(text)
}

fn write_new(path: &str, text: &str, say: &Messages) -> Result<()> {
    let file = OpenOptions::new().write(true).create_new(true).open(path);
    let mut file = file.with_context(|| say.cannot_create(Path::new(path)))?;
    writeln!(file, "{text}")?;
    Ok(file.sync_all()?)
}

//! A power cut: SIGKILL leaves every write in the system's cache, so a missing flush is not seen.
//!
//! A small library in the child notes what each write covered (`shim.c`); afterwards the writes that
//! were not flushed are undone, all of them or from a random one on.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, ensure};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

const SHIM: &str = include_str!("shim.c");

/// The library, and where it writes its notes.
pub(super) struct PowerCut {
    library: PathBuf,
    notes: PathBuf,
    /// Whether flushes count for nothing: then the trial has to fail.
    pub(super) forget_flushes: bool,
}

/// What one write covered.
struct Written {
    path: PathBuf,
    offset: u64,
    size: u64,
    old: Vec<u8>,
}

impl PowerCut {
    /// Builds the library with the C compiler of the machine.
    pub(super) fn new(folder: &Path, forget_flushes: bool) -> anyhow::Result<Self> {
        let (source, library) = (folder.join("shim.c"), folder.join("shim.so"));
        fs::write(&source, SHIM)?;
        let built = Command::new("cc")
            .args(["-shared", "-fPIC", "-O1", "-o"])
            .arg(&library)
            .arg(&source)
            .arg("-ldl")
            .status()
            .context("a power cut needs the C compiler `cc`")?;
        ensure!(built.success(), "the C compiler refused the library for power cuts");
        Ok(Self { library, notes: folder.join("notes"), forget_flushes })
    }

    /// Lets a child note its writes.
    pub(super) fn watch(&self, child: &mut Command) -> anyhow::Result<()> {
        if self.notes.exists() {
            fs::remove_file(&self.notes)?;
        }
        child.env("LD_PRELOAD", &self.library).env("MILCHGLAS_UNDO", &self.notes);
        Ok(())
    }

    /// Takes what was not flushed; how many writes.
    pub(super) fn strike(&self, random: &mut ChaCha8Rng) -> anyhow::Result<u64> {
        // A child that dies before its first write leaves no notes.
        let notes = if self.notes.exists() { fs::read(&self.notes)? } else { Vec::new() };
        let mut open = self.unflushed(&notes);
        let lost_from =
            if random.random_ratio(1, 2) { 0 } else { random.random_range(0..=open.len()) };
        let lost = open.split_off(lost_from);
        for written in lost.iter().rev() {
            let file = OpenOptions::new().write(true).open(&written.path)?;
            file.write_all_at(&written.old, written.offset)?;
            file.set_len(written.size)?;
        }
        Ok(lost.len() as u64)
    }

    /// The writes since the last flush of their files, in their order.
    fn unflushed(&self, mut notes: &[u8]) -> Vec<Written> {
        let mut open: BTreeMap<u64, Written> = BTreeMap::new();
        let mut number = 0;
        while let Some((kind, written, rest)) = next(notes) {
            if kind == b'W' {
                open.insert(number, written);
            } else if !self.forget_flushes {
                open.retain(|_, own| own.path != written.path);
            }
            number += 1;
            notes = rest;
        }
        open.into_values().collect()
    }
}

/// One note and what follows it; `None` at the end, also where the death cut a note off.
fn next(notes: &[u8]) -> Option<(u8, Written, &[u8])> {
    let (kind, rest) = notes.split_first()?;
    let (length, rest) = rest.split_first_chunk::<4>()?;
    let (offset, rest) = rest.split_first_chunk::<8>()?;
    let (size, rest) = rest.split_first_chunk::<8>()?;
    let (old, rest) = rest.split_first_chunk::<8>()?;
    let (path, rest) = rest.split_at_checked(u32::from_ne_bytes(*length) as usize)?;
    let (old, rest) = rest.split_at_checked(u64::from_ne_bytes(*old) as usize)?;
    let written = Written {
        path: PathBuf::from(String::from_utf8_lossy(path).into_owned()),
        offset: u64::from_ne_bytes(*offset),
        size: u64::from_ne_bytes(*size),
        old: old.to_vec(),
    };
    Some((*kind, written, rest))
}

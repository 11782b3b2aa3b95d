//! A look at the container before anything in it is believed.
//!
//! The reader of workbooks has no bounds: it unpacks a part to its end and reserves as much memory
//! for shared strings as the file claims. So every part is unpacked once before, counted and
//! thrown away.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use zeroize::Zeroizing;
use zip::ZipArchive;
use zip::result::ZipError;

use super::super::Limits;
use super::COMPOUND;
use super::fault::{TooMuch, WorkbookFault};
use crate::error::{Error, shown};

/// Parts of a workbook; a large one has a few hundred.
const MOST_PARTS: u64 = 10_000;
/// Length of the record at the end of a zip file, its comment included.
const END_RECORD: u64 = 22 + 0xFFFF;

/// Refuses what is no workbook, is encrypted or damaged, or unpacks to more than the limits.
pub(super) fn check(path: &Path, limits: &Limits) -> Result<(), Error> {
    let mut file = File::open(path).map_err(|e| Error::read(path, &e))?;
    let size = file.metadata().map_err(|e| Error::read(path, &e))?.len();
    let fail = |reason| Error::Workbook { path: shown(path), reason };
    let limit = limits.workbook.min(limits.file);
    if size > limit {
        return Err(fail(WorkbookFault::TooLarge { what: TooMuch::Bytes, limit }));
    }
    inside(&mut file, size, limits).map_err(fail)
}

fn inside(file: &mut File, size: u64, limits: &Limits) -> Result<(), WorkbookFault> {
    let damaged = |_| WorkbookFault::Damaged;
    let mut start = [0; 4];
    file.read_exact(&mut start).map_err(damaged)?;
    if start == COMPOUND {
        return Err(compound(file));
    }
    let parts = parts(file, size).map_err(damaged)?.ok_or(WorkbookFault::Damaged)?;
    if parts > MOST_PARTS {
        return Err(WorkbookFault::TooLarge { what: TooMuch::Parts, limit: MOST_PARTS });
    }
    file.rewind().map_err(damaged)?;
    let mut archive = ZipArchive::new(BufReader::new(file)).map_err(|e| zip_fault(&e))?;
    kind(&archive)?;
    let declared = archive.decompressed_size();
    let mut left = limits.unpacked;
    if declared.is_some_and(|bytes| bytes > u128::from(left)) {
        return Err(too_large(limits.unpacked));
    }
    for index in 0..archive.len() {
        let mut part = archive.by_index(index).map_err(|e| zip_fault(&e))?;
        let name = part.name().map_err(|e| zip_fault(&e))?.to_ascii_lowercase();
        let strings = name.ends_with("sharedstrings.xml");
        let allowed = if strings { left.min(limits.strings) } else { left };
        let read = unpack(&mut part, allowed, strings)?;
        if read > allowed {
            return Err(if strings && allowed < left {
                let limit = limits.strings;
                WorkbookFault::TooLarge { what: TooMuch::StringBytes, limit }
            } else {
                too_large(limits.unpacked)
            });
        }
        left -= read;
    }
    Ok(())
}

fn too_large(limit: u64) -> WorkbookFault {
    WorkbookFault::TooLarge { what: TooMuch::UnpackedBytes, limit }
}

fn zip_fault(error: &ZipError) -> WorkbookFault {
    match error {
        ZipError::UnsupportedArchive(reason) if *reason == ZipError::PASSWORD_REQUIRED => {
            WorkbookFault::Encrypted
        }
        _ => WorkbookFault::Damaged,
    }
}

/// How many bytes a part has, at most one more than is allowed.
fn unpack(part: &mut impl Read, allowed: u64, strings: bool) -> Result<u64, WorkbookFault> {
    let mut part = part.take(allowed.saturating_add(1));
    let mut block = Zeroizing::new(vec![0; 64 << 10]);
    let mut claims = Claims::default();
    let mut bytes = 0;
    loop {
        let read = part.read(&mut block).map_err(|_| WorkbookFault::Damaged)?;
        if read == 0 {
            break;
        }
        bytes += read as u64;
        if strings {
            claims.take(block.get(..read).unwrap_or_default());
        }
    }
    // A string takes at least `<si/>`.
    if claims.greatest > bytes / 5 { Err(WorkbookFault::Damaged) } else { Ok(bytes) }
}

/// The greatest number that stands behind a `uniqueCount`.
#[derive(Default)]
struct Claims {
    matched: usize,
    digits: Option<u64>,
    greatest: u64,
}

impl Claims {
    const NAME: &'static [u8] = b"uniqueCount";

    fn take(&mut self, bytes: &[u8]) {
        for byte in bytes {
            match (self.digits, byte) {
                (Some(number), b'0'..=b'9') => {
                    let number = number.saturating_mul(10).saturating_add(u64::from(byte - b'0'));
                    self.digits = Some(number);
                    self.greatest = self.greatest.max(number);
                }
                (Some(0), b'=' | b'"' | b'\'' | b' ' | b'\t' | b'\r' | b'\n' | b'+') => {}
                (Some(_), _) => self.digits = None,
                (None, _) if Self::NAME.get(self.matched) == Some(byte) => {
                    self.matched += 1;
                    if self.matched == Self::NAME.len() {
                        (self.matched, self.digits) = (0, Some(0));
                    }
                }
                (None, _) => self.matched = usize::from(*byte == b'u'),
            }
        }
    }
}

/// Number of parts by the record at the end of the file; `None` where there is none.
fn parts(file: &mut File, size: u64) -> std::io::Result<Option<u64>> {
    let from = size.saturating_sub(END_RECORD);
    file.seek(SeekFrom::Start(from))?;
    let mut tail = Vec::new();
    file.take(END_RECORD).read_to_end(&mut tail)?;
    let number = |at: usize, length: usize| {
        let bytes = tail.get(at..at + length)?;
        Some(bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    };
    let Some(at) = tail.windows(4).rposition(|window| window == b"PK\x05\x06") else {
        return Ok(None);
    };
    let locator = at.checked_sub(20).filter(|at| tail.get(*at..at + 4) == Some(b"PK\x06\x07"));
    let Some(offset) = locator.and_then(|at| number(at + 8, 8)) else {
        return Ok(number(at + 10, 2));
    };
    file.seek(SeekFrom::Start(offset.saturating_add(32)))?;
    let mut count = [0; 8];
    file.read_exact(&mut count)?;
    Ok(Some(u64::from_le_bytes(count)))
}

fn kind<R>(archive: &ZipArchive<R>) -> Result<(), WorkbookFault>
where
    R: Read + Seek,
{
    let has =
        |name: &str| archive.file_names_raw().any(|own| own.eq_ignore_ascii_case(name.as_bytes()));
    if has("xl/workbook.xml") {
        return Ok(());
    }
    Err(WorkbookFault::Kind(if has("xl/workbook.bin") {
        ".xlsb"
    } else if has("mimetype") && has("content.xml") {
        ".ods"
    } else {
        ".zip"
    }))
}

/// An encrypted workbook is a compound file, and so is the format before 2007.
fn compound(file: &mut File) -> WorkbookFault {
    let name: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut block = Zeroizing::new(vec![0; 64 << 10]);
    let mut kept = 0;
    loop {
        let room = block.get_mut(kept..).unwrap_or_default();
        let Ok(read) = file.read(room) else { return WorkbookFault::Damaged };
        if read == 0 {
            return WorkbookFault::Kind(".xls");
        }
        let filled = kept + read;
        let bytes = block.get(..filled).unwrap_or_default();
        if bytes.windows(name.len()).any(|window| window == name) {
            return WorkbookFault::Encrypted;
        }
        kept = filled.min(name.len() - 1);
        block.copy_within(filled - kept..filled, 0);
    }
}

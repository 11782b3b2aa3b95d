//! A first pass over the bytes of a file: is it text, and in which encoding?

use std::fs::File;
use std::io::Read;
use std::path::Path;

use serde::Deserialize;

use crate::error::{Error, shown};

/// How the characters of an extract are stored.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum TextEncoding {
    /// UTF-8, with or without byte order mark.
    #[serde(rename = "utf-8")]
    Utf8,
    /// Windows-1252, as older German specialist software writes it.
    #[serde(rename = "windows-1252")]
    Windows1252,
}

impl TextEncoding {
    /// The usual name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Windows1252 => "Windows-1252",
        }
    }
}

/// Bytes that Windows-1252 leaves undefined; in German text they mean a DOS code page (`ü` is
/// 0x81 in 437 and 850).
const UNDEFINED: [u8; 5] = [0x81, 0x8D, 0x8F, 0x90, 0x9D];

#[derive(Default)]
struct Tally {
    lines: u64,
    valid_sequences: u64,
    invalid: u64,
    first_invalid: Option<u64>,
    first_undefined: Option<u64>,
    first_surrogate: Option<u64>,
}

/// Finds the encoding of a file by reading it once in blocks.
///
/// # Errors
/// [`Error`] for an empty or over-large file, something that is not text, and text whose encoding
/// is neither or both.
pub(super) fn survey(
    path: &Path,
    wanted: Option<TextEncoding>,
    limit: u64,
) -> Result<TextEncoding, Error> {
    let mut file = File::open(path).map_err(|e| Error::read(path, &e))?;
    let size = file.metadata().map_err(|e| Error::read(path, &e))?.len();
    if size > limit {
        return Err(Error::FileTooLarge { path: shown(path), limit });
    }
    let mut block = vec![0; 64 << 10];
    let mut kept = 0;
    let mut tally = Tally::default();
    let mut first = true;
    while let Some(room) = block.get_mut(kept..) {
        let read = file.read(room).map_err(|e| Error::read(path, &e))?;
        let bytes = block.get(..kept + read).unwrap_or_default();
        if first {
            refuse_other_formats(path, bytes)?;
            first = false;
        }
        if bytes.contains(&0) {
            return Err(Error::NotText { path: shown(path) });
        }
        let rest = tally.take(bytes, read == 0);
        if read == 0 {
            break;
        }
        let from = bytes.len() - rest;
        block.copy_within(from..from + rest, 0);
        kept = rest;
    }
    tally.judge(path, wanted)
}

fn refuse_other_formats(path: &Path, start: &[u8]) -> Result<(), Error> {
    let path = shown(path);
    match start {
        [] => Err(Error::Empty { path }),
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => Err(Error::Utf16 { path }),
        _ => Ok(()),
    }
}

impl Tally {
    /// Takes a block and says how many bytes at its end belong to an unfinished character.
    fn take(&mut self, bytes: &[u8], last: bool) -> usize {
        let mut rest = bytes;
        loop {
            match std::str::from_utf8(rest) {
                Ok(_) => {
                    self.valid(rest);
                    return 0;
                }
                Err(error) => {
                    let (good, bad) = rest.split_at(error.valid_up_to());
                    self.valid(good);
                    match bad {
                        // Half of a character beyond the first plane, as only a broken export
                        // writes it; in Windows-1252 no word has these three bytes.
                        [0xED, 0xA0..=0xBF, 0x80..=0xBF, ..] => {
                            self.first_surrogate.get_or_insert(self.lines + 1);
                        }
                        [0xED, 0xA0..=0xBF] if !last => return bad.len(),
                        _ => {}
                    }
                    let Some(length) = error.error_len() else {
                        if last {
                            self.invalid(bad);
                            return 0;
                        }
                        return bad.len();
                    };
                    let (wrong, behind) = bad.split_at(length);
                    self.invalid(wrong);
                    rest = behind;
                }
            }
        }
    }

    fn valid(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.lines += u64::from(*byte == b'\n');
            self.valid_sequences += u64::from(*byte >= 0xC0);
        }
    }

    fn invalid(&mut self, bytes: &[u8]) {
        self.invalid += 1;
        self.first_invalid.get_or_insert(self.lines + 1);
        if bytes.iter().any(|byte| UNDEFINED.contains(byte)) {
            self.first_undefined.get_or_insert(self.lines + 1);
        }
    }

    fn judge(&self, path: &Path, wanted: Option<TextEncoding>) -> Result<TextEncoding, Error> {
        let path = shown(path);
        if let (None | Some(TextEncoding::Utf8), Some(line)) = (wanted, self.first_surrogate) {
            return Err(Error::HalfCharacter { path, line });
        }
        match (wanted, self.first_invalid) {
            (None | Some(TextEncoding::Utf8), None) => Ok(TextEncoding::Utf8),
            (Some(TextEncoding::Windows1252), _) => Ok(TextEncoding::Windows1252),
            (Some(TextEncoding::Utf8), Some(line)) => Err(Error::NotUtf8 { path, line }),
            // Windows-1252 text holds a valid UTF-8 sequence only by rare accident.
            (None, Some(line)) if self.valid_sequences.saturating_mul(20) > self.invalid => {
                Err(Error::MixedEncoding { path, line })
            }
            (None, Some(_)) => match self.first_undefined {
                Some(line) => Err(Error::ForeignEncoding { path, line }),
                None => Ok(TextEncoding::Windows1252),
            },
        }
    }
}

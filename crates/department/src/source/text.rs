//! The text of a file as a stream of UTF-8 blocks.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use encoding_rs::{Decoder, UTF_8, WINDOWS_1252};
use zeroize::Zeroize;

use super::TextEncoding;
use crate::error::{Error, shown};

const BLOCK: usize = 64 << 10;

/// Reads a file block by block and decodes it.
pub(super) struct Text {
    file: File,
    path: String,
    decoder: Decoder,
    raw: Vec<u8>,
    raw_from: usize,
    raw_to: usize,
    text: Vec<u8>,
    from: usize,
    to: usize,
    at_end: bool,
    finished: bool,
}

impl Text {
    pub(super) fn open(path: &Path, encoding: TextEncoding) -> Result<Self, Error> {
        let decoder = match encoding {
            TextEncoding::Utf8 => UTF_8.new_decoder_with_bom_removal(),
            TextEncoding::Windows1252 => WINDOWS_1252.new_decoder_without_bom_handling(),
        };
        Ok(Self {
            file: File::open(path).map_err(|e| Error::read(path, &e))?,
            path: shown(path),
            decoder,
            raw: vec![0; BLOCK],
            raw_from: 0,
            raw_to: 0,
            text: vec![0; 4 * BLOCK],
            from: 0,
            to: 0,
            at_end: false,
            finished: false,
        })
    }

    /// What is there to read now; empty only at the end of the file.
    pub(super) fn fill(&mut self) -> Result<&[u8], Error> {
        while self.from == self.to && !self.finished {
            if self.raw_from == self.raw_to && !self.at_end {
                self.raw_from = 0;
                self.raw_to = self
                    .file
                    .read(&mut self.raw)
                    .map_err(|e| Error::Read { path: self.path.clone(), reason: e.to_string() })?;
                self.at_end = self.raw_to == 0;
            }
            let raw = self.raw.get(self.raw_from..self.raw_to).unwrap_or_default();
            let (result, read, written, _) =
                self.decoder.decode_to_utf8(raw, &mut self.text, self.at_end);
            self.raw_from += read;
            self.from = 0;
            self.to = written;
            self.finished = self.at_end && result == encoding_rs::CoderResult::InputEmpty;
        }
        Ok(self.text.get(self.from..self.to).unwrap_or_default())
    }

    pub(super) fn consume(&mut self, bytes: usize) {
        self.from = (self.from + bytes).min(self.to);
    }
}

impl Drop for Text {
    fn drop(&mut self) {
        self.raw.zeroize();
        self.text.zeroize();
    }
}

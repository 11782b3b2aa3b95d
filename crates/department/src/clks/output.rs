//! Encodings in the forms that anonlink takes.

use std::io::Write;
use std::path::{Path, PathBuf};

use data_encoding::BASE64;

use crate::error::Error;
use crate::new_file::{NewFile, PRIVATE};

/// The form of a file of encodings.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ClkFormat {
    /// `{"clks": ["…", …]}`, base64.
    Json,
    /// `{"clknblocks": [["…", "1"], …]}`: each with the blocks it is in; one block for all.
    ClknBlocks,
    /// The bytes of one after the other; number and length travel beside them.
    Binary,
}

impl ClkFormat {
    /// By its name on the command line.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "json" => Some(Self::Json),
            "clknblocks" => Some(Self::ClknBlocks),
            "binary" => Some(Self::Binary),
            _ => None,
        }
    }

    fn start(self) -> &'static [u8] {
        match self {
            Self::Json => b"{\"clks\": [",
            Self::ClknBlocks => b"{\"clknblocks\": [",
            Self::Binary => b"",
        }
    }

    fn end(self) -> &'static [u8] {
        match self {
            Self::Json | Self::ClknBlocks => b"]}",
            Self::Binary => b"",
        }
    }

    fn between(self) -> &'static [u8] {
        match self {
            Self::Json | Self::ClknBlocks => b", ",
            Self::Binary => b"",
        }
    }

    /// Appends one encoding, in the block that anonlink takes where there is no blocking.
    pub(super) fn push(self, filter: &[u8], first: bool, out: &mut Vec<u8>) {
        self.push_with(filter, &["1"], first, out);
    }

    pub(super) fn push_with(self, filter: &[u8], blocks: &[&str], first: bool, out: &mut Vec<u8>) {
        if !first {
            out.extend_from_slice(self.between());
        }
        match self {
            Self::Json => push_base64(filter, out),
            Self::ClknBlocks => {
                out.push(b'[');
                push_base64(filter, out);
                for block in blocks {
                    out.extend_from_slice(b", ");
                    out.extend_from_slice(serde_json::json!(block).to_string().as_bytes());
                }
                out.push(b']');
            }
            Self::Binary => out.extend_from_slice(filter),
        }
    }
}

fn push_base64(filter: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    let start = out.len();
    out.resize(start + BASE64.encode_len(filter.len()), 0);
    if let Some(place) = out.get_mut(start..) {
        BASE64.encode_mut(filter, place);
    }
    out.push(b'"');
}

/// A new file of encodings.
pub(super) struct Output {
    file: NewFile,
    path: PathBuf,
    format: ClkFormat,
    started: bool,
}

impl Output {
    /// Creates the file, readable by its owner only; encodings are no public matter.
    pub(super) fn create(path: &Path, format: ClkFormat) -> Result<Self, Error> {
        let file = NewFile::create(path, PRIVATE)?;
        let mut output = Self { file, path: path.to_owned(), format, started: false };
        output.put(format.start())?;
        Ok(output)
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.file.write_all(bytes).map_err(|e| Error::write(&self.path, &e))
    }

    /// Writes so many encodings that were put one after the other.
    pub(super) fn write(&mut self, written: &[u8], rows: u64) -> Result<(), Error> {
        if rows == 0 {
            return Ok(());
        }
        if self.started {
            self.put(self.format.between())?;
        }
        self.started = true;
        self.put(written)
    }

    /// Puts the file in its place.
    pub(super) fn finish(mut self) -> Result<(), Error> {
        self.put(self.format.end())?;
        self.file.publish()
    }
}

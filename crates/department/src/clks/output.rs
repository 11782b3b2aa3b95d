//! Encodings in the forms that anonlink takes.

use std::fs::{self, File, OpenOptions};
use std::io::{BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use data_encoding::BASE64;
use rustix::fs::{CWD, RenameFlags, renameat_with};

use crate::error::{Error, shown};

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

/// A new file beside its final place; removed unless it is finished.
pub(super) struct Output {
    writer: Option<BufWriter<File>>,
    partial: PathBuf,
    output: PathBuf,
    format: ClkFormat,
    started: bool,
}

impl Output {
    /// Creates the file, readable by its owner only; encodings are no public matter.
    pub(super) fn create(
        output: &Path,
        format: ClkFormat,
        filter_bytes: usize,
    ) -> Result<Self, Error> {
        if output.exists() {
            return Err(Error::Exists { path: shown(output) });
        }
        let Some(name) = output.file_name().and_then(|name| name.to_str()) else {
            let reason = "it has no file name".into();
            return Err(Error::Write { path: shown(output), reason });
        };
        let partial = output.with_file_name(format!(".{name}.partial"));
        // One of a run that was killed.
        let _ = fs::remove_file(&partial);
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&partial);
        let file = file.map_err(|e| Error::write(&partial, &e))?;
        let capacity = (1 << 16_usize).max(filter_bytes);
        let mut output = Self {
            writer: Some(BufWriter::with_capacity(capacity, file)),
            partial,
            output: output.to_owned(),
            format,
            started: false,
        };
        output.put(format.start())?;
        Ok(output)
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let Some(writer) = &mut self.writer else { return Ok(()) };
        writer.write_all(bytes).map_err(|e| Error::write(&self.partial, &e))
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
        let failed = |e: &std::io::Error| Error::write(&self.partial, e);
        if let Some(writer) = self.writer.take() {
            let file = writer.into_inner().map_err(|e| failed(e.error()))?;
            file.sync_all().map_err(|e| failed(&e))?;
        }
        renameat_with(CWD, &self.partial, CWD, &self.output, RenameFlags::NOREPLACE)
            .map_err(|e| Error::write(&self.output, &e.into()))
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        // The writer would write its last bytes into the removed file.
        drop(self.writer.take());
        let _ = fs::remove_file(&self.partial);
    }
}

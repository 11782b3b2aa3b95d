//! Files of encodings from one form into another, one encoding at a time.

use std::fmt;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use data_encoding::BASE64;
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use super::output::{ClkFormat, Output};
use crate::error::{Error, shown};

/// What a file of encodings holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ClkFile {
    /// Number of encodings.
    pub records: u64,
    /// Bytes of each.
    pub filter_bytes: usize,
}

/// Longest encoding in bytes.
const LONGEST: usize = 1 << 13;

/// Reads a file of encodings (`json` and `clknblocks` are told from its content) and writes it in
/// another form. Blocks are kept between `clknblocks` and `clknblocks` and given up for the others.
///
/// # Errors
/// [`Error::ClkFile`] for another form, encodings of different length, none at all, or binary
/// input without `bits`; [`Error::Exists`] for an output that is there.
pub fn convert(
    input: &Path,
    bits: Option<u32>,
    output: &Path,
    format: ClkFormat,
) -> Result<ClkFile, Error> {
    let file = File::open(input).map_err(|e| Error::read(input, &e))?;
    let mut reader = BufReader::with_capacity(1 << 16, file);
    let start = reader.fill_buf().map_err(|e| Error::read(input, &e))?;
    let first = start.iter().find(|byte| !byte.is_ascii_whitespace()).copied();
    let mut out = Output::create(output, format)?;
    let mut sink = Sink { format, out: &mut out, file: ClkFile::default(), text: Vec::new() };
    let fault = |reason: String| Error::ClkFile { path: shown(input), reason };
    match (bits, first) {
        (_, None) => return Err(Error::Empty { path: shown(input) }),
        (None, Some(b'{')) => {
            let mut json = serde_json::Deserializer::from_reader(reader);
            let read = Document(&mut sink).deserialize(&mut json).and_then(|()| json.end());
            read.map_err(|e| fault(e.to_string()))?;
        }
        (None, Some(_)) => {
            return Err(fault("neither clks nor clknblocks; a binary file needs --bits".into()));
        }
        (Some(bits), Some(_)) => read_binary(reader, bits, &mut sink).map_err(fault)?,
    }
    let done = sink.file;
    if done.records == 0 {
        return Err(fault("holds no encoding".into()));
    }
    out.finish()?;
    Ok(done)
}

struct Sink<'a> {
    format: ClkFormat,
    out: &'a mut Output,
    file: ClkFile,
    text: Vec<u8>,
}

impl Sink<'_> {
    fn take(&mut self, filter: &[u8], blocks: &[String]) -> Result<(), String> {
        let number = self.file.records + 1;
        if filter.is_empty() || filter.len() > LONGEST {
            return Err(format!("encoding {number}: 1 to {LONGEST} bytes are read"));
        }
        if self.file.records == 0 {
            self.file.filter_bytes = filter.len();
        }
        if filter.len() != self.file.filter_bytes {
            return Err(format!("encoding {number} has another length than those before it"));
        }
        let mut names: Vec<&str> = blocks.iter().map(String::as_str).collect();
        if names.is_empty() {
            names.push("1");
        }
        self.text.clear();
        self.format.push_with(filter, &names, true, &mut self.text);
        self.out.write(&self.text, 1).map_err(|e| e.to_string())?;
        self.file.records += 1;
        Ok(())
    }

    fn take_text(&mut self, text: &str, blocks: &[String]) -> Result<(), String> {
        let filter = BASE64.decode(text.as_bytes());
        let number = self.file.records + 1;
        self.take(&filter.map_err(|_| format!("encoding {number} is not base64"))?, blocks)
    }
}

fn read_binary(mut reader: impl Read, bits: u32, sink: &mut Sink<'_>) -> Result<(), String> {
    let length = (bits as usize).div_ceil(8);
    if !(1..=LONGEST).contains(&length) {
        return Err(format!("--bits must be 1 to {}", LONGEST * 8));
    }
    let mut filter = vec![0; length];
    loop {
        let mut held = 0;
        while let Some(room) = filter.get_mut(held..).filter(|room| !room.is_empty()) {
            match reader.read(room).map_err(|e| e.kind().to_string())? {
                0 => break,
                read => held += read,
            }
        }
        match held {
            0 => return Ok(()),
            full if full == length => sink.take(&filter, &[])?,
            _ => return Err(format!("ends within an encoding of {length} bytes: check --bits")),
        }
    }
}

/// `{"clks": […]}` or `{"clknblocks": […]}`.
struct Document<'a, 'b>(&'a mut Sink<'b>);

impl<'de> DeserializeSeed<'de> for Document<'_, '_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Document<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with `clks` or `clknblocks`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let key: Option<String> = map.next_key()?;
        let blocks = match key.as_deref() {
            Some("clks") => false,
            Some("clknblocks") => true,
            _ => return Err(serde::de::Error::custom("neither `clks` nor `clknblocks`")),
        };
        map.next_value_seed(Items { sink: self.0, blocks })?;
        if map.next_key::<serde::de::IgnoredAny>()?.is_some() {
            return Err(serde::de::Error::custom("more than one key"));
        }
        Ok(())
    }
}

struct Items<'a, 'b> {
    sink: &'a mut Sink<'b>,
    blocks: bool,
}

impl<'de> DeserializeSeed<'de> for Items<'_, '_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Items<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of encodings")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        if !self.blocks {
            while let Some(text) = items.next_element::<String>()? {
                self.sink.take_text(&text, &[]).map_err(serde::de::Error::custom)?;
            }
            return Ok(());
        }
        while let Some(parts) = items.next_element::<Vec<Part>>()? {
            let mut parts = parts.into_iter().map(|part| part.0);
            let text = parts.next().unwrap_or_default();
            let blocks: Vec<String> = parts.collect();
            self.sink.take_text(&text, &blocks).map_err(serde::de::Error::custom)?;
        }
        Ok(())
    }
}

/// A block's name; anonlink takes whole numbers too.
struct Part(String);

impl<'de> serde::Deserialize<'de> for Part {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AsText;
        impl Visitor<'_> for AsText {
            type Value = Part;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text or a whole number")
            }
            fn visit_str<E>(self, text: &str) -> Result<Part, E> {
                Ok(Part(text.to_owned()))
            }
            fn visit_u64<E>(self, number: u64) -> Result<Part, E> {
                Ok(Part(number.to_string()))
            }
        }
        deserializer.deserialize_any(AsText)
    }
}

//! clkhash JSON: `{"clks": ["base64", …]}`, read filter by filter.

use std::fmt;
use std::io::Read;

use anyhow::{Context, ensure};
use data_encoding::BASE64;
use serde::Deserializer;
use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::read::Growing;

/// Longest text of a filter: 8,192 bits in base64.
const MOST_TEXT: usize = 1_368;

pub(super) fn read(from: impl Read, into: &mut Growing) -> anyhow::Result<()> {
    let mut deserializer = serde_json::Deserializer::from_reader(from);
    let found = deserializer.deserialize_map(Document(into)).context("is no clkhash JSON")?;
    deserializer.end().context("is no clkhash JSON")?;
    ensure!(
        found,
        "has no list `clks`: expected {{\"clks\": [\"…\", …]}} as `clkutil hash` and \
         `milchglas-department encode` write it"
    );
    Ok(())
}

struct Document<'a>(&'a mut Growing);

impl<'de> Visitor<'de> for Document<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with the list `clks`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<bool, A::Error> {
        let mut found = false;
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "clks" if found => return Err(A::Error::duplicate_field("clks")),
                "clks" => {
                    map.next_value_seed(List(self.0))?;
                    found = true;
                }
                "clknblocks" => {
                    return Err(A::Error::custom("`clknblocks` has blocks: give the list `clks`"));
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(found)
    }
}

struct List<'a>(&'a mut Growing);

impl<'de> DeserializeSeed<'de> for List<'_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for List<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of filters in base64")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let mut place = 0_u64;
        while let Some(text) = list.next_element::<Option<String>>()? {
            let filter = text.map(|text| decoded(&text)).transpose().map_err(|why| {
                A::Error::custom(format_args!("filter {place} (counted from 0) {why}"))
            })?;
            let views = filter.as_ref().map(|own| [own.as_slice()]);
            let pushed = self.0.push(views.as_ref().map(<[_; 1]>::as_slice));
            pushed.map_err(A::Error::custom)?;
            place += 1;
        }
        Ok(())
    }
}

fn decoded(text: &str) -> Result<Vec<u8>, &'static str> {
    if text.len() > MOST_TEXT {
        return Err("is longer than 8192 bits");
    }
    BASE64.decode(text.as_bytes()).map_err(|_| "is not base64")
}

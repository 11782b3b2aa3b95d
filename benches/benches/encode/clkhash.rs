//! The family clkhash: rows in memory to filters, with and without what was remembered.

use benches::table;
use encoder::clkhash::{ClkhashEncoder, ClkhashSecret, Trim};
use policy::ClkhashSchema;

use super::{Settings, report};

/// Rows of a round, where the command line says none.
pub(super) const RECORDS: usize = 100_000;

const SCHEMA: &str = include_str!("../../peers/encode-schema.json");

pub(super) fn measure(settings: &Settings) {
    let schema = ClkhashSchema::from_json(SCHEMA).expect("the schema");
    let secret = ClkhashSecret::from_bytes(b"a secret of more than sixteen bytes");
    let encoder = ClkhashEncoder::new(&schema, &secret.expect("a secret"), Trim::Keep);
    let encoder = encoder.expect("an encoder");
    let rows = table::rows(settings.records.unwrap_or(RECORDS), 1);
    let mut out = Vec::with_capacity(settings.records.unwrap_or(RECORDS) * encoder.filter_bytes());
    let mut all = |worker: &mut encoder::clkhash::ClkhashWorker<'_>| {
        out.clear();
        rows.iter()
            .map(|row| {
                let cells = row.iter().map(String::as_str);
                u64::from(worker.encode(cells, &mut out).expect("a row of the schema"))
            })
            .sum()
    };
    report("clkhash", "from nothing", settings, || all(&mut encoder.worker()));
    let mut worker = encoder.worker();
    report("clkhash", "with memory", settings, || all(&mut worker));
}

//! The control: what the parties may do with the same types, by the same paths. If this does not
//! compile, the programs beside it may fail for the wrong reason.

use department::keys::{Identity, Recipient};
use encoder::{Encoder, Identifiers, LinkageKey, MasterKey};
use linkage::{Clusters, Pair, Similarity};
use policy::{LinkageSchema, Name};
use statistics::{Durable, Exact, Grant, PersonTable, Release, Table};
use submission::{
    Encoding, Link, LinkMap, Linkable, LinkableChunk, Measures, MeasuresChunk, PendingMap,
    SealedLinkMap, Signature, SigningKey, SubjectId, VerifyingKey,
};

type Failure = Box<dyn std::error::Error>;

fn encode(
    schema: &LinkageSchema,
    key: &LinkageKey,
    person: &Identifiers,
) -> Result<Vec<Encoding>, Failure> {
    Ok(Encoder::new(schema, key)?.encode(person)?)
}

fn read_key(text: &str) -> Result<LinkageKey, Failure> {
    Ok(LinkageKey::from_file_text(text)?)
}

fn derive(key: &MasterKey, project: &Name, epoch: &Name) -> Result<LinkageKey, Failure> {
    Ok(LinkageKey::from_file_text(&key.derive(project, epoch)?)?)
}

fn send_recipient(key: &Identity) -> String {
    let recipient: Recipient = key.recipient();
    recipient.to_string()
}

fn sign(key: &SigningKey) -> Result<Signature, Failure> {
    Ok(key.sign("control", &1)?)
}

fn send_encoding(encoding: &Encoding) -> String {
    format!("{encoding:?} {:?}", serde_json::to_string(encoding))
}

fn draw_subject(random: &dyn ring::rand::SecureRandom) -> Result<SubjectId, Failure> {
    Ok(SubjectId::random(random)?)
}

fn send_subject(subject: SubjectId) -> String {
    format!("{subject} {:?}", serde_json::to_string(&subject))
}

fn first_views<'a>(row: &'a Linkable<'a>) -> Option<&'a [u8]> {
    row.views.first().copied()
}

fn first_code(row: &Measures<'_>) -> Option<u16> {
    row.codes.first().copied()
}

fn send_halves(linkable: &LinkableChunk, measures: &MeasuresChunk) -> Result<usize, Failure> {
    Ok(linkable.encode()?.len() + measures.encode()?.len())
}

fn open_map(
    pending: PendingMap,
    sealed: &SealedLinkMap,
    unit: &VerifyingKey,
) -> Result<LinkMap, Failure> {
    Ok(pending.open(sealed, unit)?)
}

fn bands(map: &LinkMap) -> Vec<u8> {
    map.links().iter().map(|link: &Link| link.band).collect()
}

fn millionths(pair: &Pair) -> u32 {
    let similarity: Similarity = pair.similarity;
    similarity.per_million()
}

fn sizes(clusters: &Clusters) -> Vec<usize> {
    clusters.iter().map(|cluster| cluster.records.len()).collect()
}

fn discard(exact: Exact<i64>, table: PersonTable) {
    drop((exact, table));
}

async fn pay<L: Durable>(ledger: &mut L, asked: statistics::Charge) -> Result<Grant, L::Error> {
    statistics::charge(ledger, asked).await
}

fn spend(grant: Grant, tables: Vec<Table<'_>>) -> Result<Vec<Release>, Failure> {
    Ok(statistics::release(grant, tables)?)
}

fn publish(release: &Release) -> Result<String, Failure> {
    Ok(serde_json::to_string(release)?)
}

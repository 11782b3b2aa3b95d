//! Our own family in words.

use policy::{Digest, Identifier, LinkageSchema, SchemaMeasure, Tokens, View};

use super::{Explanation, FieldExplanation, fill_per_mille, share};
use crate::language::Language;

/// Shares of set bits before diffusion, in thousandths, between which quality and leakage were
/// measured (policies/linkage/README.md).
const POOR: u32 = 100;
const FULL: u32 = 450;
/// Largest product of bits per token and diffusion that was measured.
const MOST_MIXED: u32 = 64 * 4;

pub(super) fn explain(schema: &LinkageSchema, digest: Digest, l: Language) -> Explanation {
    let measure = match schema.measure {
        SchemaMeasure::Dice => "Dice",
        SchemaMeasure::Hamming => "Hamming",
    };
    let threshold = String::from(schema.threshold);
    let mut facts = vec![
        l.pick(
            format!("Verfahren milchglas, Schema {}", schema.name),
            format!("family milchglas, schema {}", schema.name),
        ),
        l.pick(
            format!("Normalisierung {}, Filter mit {} Bit", schema.normaliser, schema.bits),
            format!("normaliser {}, filters of {} bits", schema.normaliser, schema.bits),
        ),
        l.pick(
            format!("Vergleich nach {measure}; dieselbe Person ab {threshold}"),
            format!("compared by {measure}; the same person from {threshold} on"),
        ),
    ];
    let (mut fields, mut fills, mut warnings) = (Vec::new(), Vec::new(), Vec::new());
    for view in &schema.views {
        let own = view_fields(schema, view, l);
        let insertions = own.iter().map(|field| field.expected_bits).sum();
        let fill = fill_per_mille(insertions, schema.bits.into());
        facts.push(view_fact(view, fill, l));
        warn(view, fill, l, &mut warnings);
        fields.extend(own);
        fills.push(fill);
    }
    Explanation {
        family: "milchglas",
        digest,
        facts,
        fields,
        expected_fill_per_mille: fills,
        warnings,
    }
}

fn view_fact(view: &View, fill: u32, l: Language) -> String {
    let most = view.fields.iter().map(|field| u32::from(field.k)).max().unwrap_or_default();
    let (name, t) = (&view.name, view.diffusion);
    l.pick(
        format!(
            "Sicht {name}: erwarteter Anteil gesetzter Bits {} vor der Mischung, t = {t}, größtes \
             k·t = {}",
            share(fill),
            most * u32::from(t)
        ),
        format!(
            "view {name}: expected share of set bits {} before diffusion, t = {t}, largest k·t = {}",
            share(fill),
            most * u32::from(t)
        ),
    )
}

fn warn(view: &View, fill: u32, l: Language, warnings: &mut Vec<String>) {
    let name = &view.name;
    if view.diffusion == 1 {
        warnings.push(l.pick(
            format!("Sicht {name} ist nicht gemischt (t = 1): Häufigkeiten bleiben sichtbar"),
            format!("view {name} is not diffused (t = 1): frequencies stay visible"),
        ));
    }
    if fill < POOR {
        warnings.push(l.pick(
            format!(
                "Sicht {name} ist dünn ({}): gemischt fast linear, leichter anzugreifen",
                share(fill)
            ),
            format!(
                "view {name} is sparse ({}): nearly linear once diffused, easier to attack",
                share(fill)
            ),
        ));
    }
    if fill > FULL {
        warnings.push(l.pick(
            format!("Sicht {name} ist voll ({}): Verschiedene werden sich ähnlich", share(fill)),
            format!("view {name} is full ({}): different people become alike", share(fill)),
        ));
    }
    let most = view.fields.iter().map(|field| u32::from(field.k)).max().unwrap_or_default();
    if most * u32::from(view.diffusion) > MOST_MIXED {
        warnings.push(l.pick(
            format!("Sicht {name}: k·t ist hoch, ein Tippfehler kostet viel Ähnlichkeit"),
            format!("view {name}: k·t is high, a typing error costs much likeness"),
        ));
    }
}

fn view_fields(schema: &LinkageSchema, view: &View, l: Language) -> Vec<FieldExplanation> {
    view.fields
        .iter()
        .map(|field| {
            let tokens = match field.tokens {
                Tokens::Bigrams => l.pick("je zwei Zeichen", "two characters each"),
                Tokens::PositionalBigrams => l.pick(
                    "je zwei Zeichen mit ihrer Stelle",
                    "two characters each with their place",
                ),
                Tokens::DateParts => {
                    l.pick("Tag, Monat, Jahr, Ziffern", "day, month, year, digits")
                }
                Tokens::Whole => l.pick("der ganze Wert", "the whole value"),
            };
            let own = identifier(field.identifier);
            let name = match (schema.views.len(), field.otherwise) {
                (1, None) => own,
                (1, Some(other)) => format!("{own}/{}", identifier(other)),
                (_, None) => format!("{}: {own}", view.name),
                (_, Some(other)) => format!("{}: {own}/{}", view.name, identifier(other)),
            };
            let k = field.k;
            FieldExplanation {
                name,
                text: l.pick(format!("{tokens}, k = {k}"), format!("{tokens}, k = {k}")),
                expected_bits: u32::from(k) * usual_tokens(field.identifier, field.tokens),
            }
        })
        .collect()
}

/// Tokens of a usual value; a German surname has about seven letters, a street twelve.
fn usual_tokens(identifier: Identifier, tokens: Tokens) -> u32 {
    let length = match identifier {
        Identifier::Surname | Identifier::BirthName | Identifier::GivenNames => 7,
        Identifier::Street => 12,
        Identifier::Town => 10,
        Identifier::Phone => 11,
        Identifier::Postcode => 5,
        Identifier::HouseNumber => 2,
        Identifier::DateOfBirth | Identifier::Sex => 1,
    };
    match tokens {
        Tokens::Bigrams | Tokens::PositionalBigrams => length + 1,
        Tokens::DateParts => 7,
        Tokens::Whole => 1,
    }
}

/// The name that the schema uses.
fn identifier(identifier: Identifier) -> String {
    let json = serde_json::to_value(identifier).unwrap_or_default();
    json.as_str().unwrap_or_default().to_owned()
}

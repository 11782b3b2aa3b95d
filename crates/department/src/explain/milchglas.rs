//! Our own family in words.

use policy::{
    Digest, LinkageSchema, SaltAttribute, SchemaMeasure, Tokens, View, ViewField,
    expected_tokens_in_tenths,
};

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
        facts.extend(salt_fact(view, l));
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

/// What salts a view, and what that costs.
fn salt_fact(view: &View, l: Language) -> Option<String> {
    let names = view.salt.iter().map(|own| match own {
        SaltAttribute::BirthYear => l.pick("Geburtsjahr", "birth year"),
        SaltAttribute::Sex => l.pick("Geschlecht", "sex"),
        SaltAttribute::GivenInitial => {
            l.pick("erster Buchstabe des Vornamens", "first letter of the given name")
        }
    });
    let names = names.collect::<Vec<_>>().join(", ");
    let name = &view.name;
    let fact = l.pick(
        format!("Sicht {name}: gesalzen mit {names}; wer darin abweicht, ist hier ein Fremder"),
        format!("view {name}: salted by {names}; whose differ are strangers here"),
    );
    (!view.salt.is_empty()).then_some(fact)
}

fn warn(view: &View, fill: u32, l: Language, warnings: &mut Vec<String>) {
    let name = &view.name;
    if view.diffusion == 1 {
        warnings.push(l.pick(
            format!("Sicht {name} ist nicht gemischt (t = 1): Häufigkeiten bleiben sichtbar"),
            format!("view {name} is not diffused (t = 1): frequencies stay visible"),
        ));
    }
    if view.salt.is_empty() {
        warnings.push(l.pick(
            format!(
                "Sicht {name} ist nicht gesalzen: bekannte Paare verraten mehr über die übrigen"
            ),
            format!("view {name} is not salted: known pairs tell more about the others"),
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
            let own = field.identifier.name();
            let name = match (schema.views.len(), field.otherwise) {
                (1, None) => own.to_owned(),
                (1, Some(other)) => format!("{own}/{}", other.name()),
                (_, None) => format!("{}: {own}", view.name),
                (_, Some(other)) => format!("{}: {own}/{}", view.name, other.name()),
            };
            let k = field.k;
            FieldExplanation {
                name,
                text: l.pick(format!("{tokens}, k = {k}"), format!("{tokens}, k = {k}")),
                expected_bits: expected_bits(field),
            }
        })
        .collect()
}

/// Bits that an average record sets in this field, rounded to the nearest.
fn expected_bits(field: &ViewField) -> u32 {
    let tenths = expected_tokens_in_tenths(field.identifier, field.tokens);
    (u32::from(field.k) * tenths + 5) / 10
}

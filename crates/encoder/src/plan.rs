//! A linkage schema and a key, worked out: what is tokenised once, and what each view does with it.

use policy::{Identifier, LinkageSchema, SaltAttribute, Tokens, View, ViewField};

use crate::{EncodeError, LinkageKey, diffusion::Diffusion, field::tokens_name, hasher::Hasher};

/// A text and how it becomes tokens; several views may read the same one.
#[derive(PartialEq, Eq)]
pub(crate) struct Feature {
    pub(crate) identifier: Identifier,
    pub(crate) tokens: Tokens,
}

/// One field of one view.
pub(crate) struct PlannedField {
    /// Index of the feature that is read.
    pub(crate) feature: usize,
    /// Index of what is read where the first is empty.
    pub(crate) otherwise: Option<usize>,
    /// Of the field; in a salted view the root of the classes' hashers.
    pub(crate) hasher: Hasher,
}

/// One view: its salt, its fields, and its diffusion unless the schema asks for none.
pub(crate) struct PlannedView {
    pub(crate) salt: Vec<SaltAttribute>,
    pub(crate) fields: Vec<PlannedField>,
    pub(crate) diffusion: Option<Diffusion>,
}

/// All views of a schema.
pub(crate) struct Plan {
    pub(crate) features: Vec<Feature>,
    pub(crate) views: Vec<PlannedView>,
}

impl Plan {
    pub(crate) fn new(schema: &LinkageSchema, key: &LinkageKey) -> Result<Self, EncodeError> {
        let mut plan = Self { features: Vec::new(), views: Vec::with_capacity(schema.views.len()) };
        for view in &schema.views {
            let mut fields = Vec::with_capacity(view.fields.len());
            for field in &view.fields {
                fields.push(PlannedField {
                    feature: plan.feature(field.identifier, field.tokens),
                    otherwise: field.otherwise.map(|other| plan.feature(other, field.tokens)),
                    hasher: Hasher::new(
                        key.derive(&field_purpose(schema, view, field))?,
                        field.k,
                        schema.bits,
                    ),
                });
            }
            let diffusion = if view.diffusion > 1 {
                let purpose = ["diffusion", schema.name.as_str(), view.name.as_str()];
                Some(Diffusion::new(key.derive(&purpose)?, schema.bits, view.diffusion))
            } else {
                None
            };
            plan.views.push(PlannedView { salt: view.salt.clone(), fields, diffusion });
        }
        Ok(plan)
    }

    fn feature(&mut self, identifier: Identifier, tokens: Tokens) -> usize {
        let wanted = Feature { identifier, tokens };
        self.features.iter().position(|feature| *feature == wanted).unwrap_or_else(|| {
            self.features.push(wanted);
            self.features.len() - 1
        })
    }
}

/// What a field's key is derived for: the schema's and the view's name, the identifier and the
/// kind of tokens, so that no two fields of a project share a key.
fn field_purpose<'a>(
    schema: &'a LinkageSchema,
    view: &'a View,
    field: &'a ViewField,
) -> [&'a str; 5] {
    [
        "field",
        schema.name.as_str(),
        view.name.as_str(),
        field.identifier.name(),
        tokens_name(field.tokens),
    ]
}

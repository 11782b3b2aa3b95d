//! The entity sets of the feed, and their description.

use std::fmt::Write as _;

use publication::{Column, ColumnKind, Language, LongTable};
use serde_json::{Value as Json, json};

use super::bad::Bad;

/// One language's view of the table.
pub(super) struct EntitySet<'a> {
    /// Its name in addresses.
    pub(super) name: &'static str,
    kind: &'static str,
    pub(super) table: &'a LongTable,
    language: Language,
}

/// The sets, by name.
const SETS: [(&str, &str, Language); 2] =
    [("Freigaben", "Freigabe", Language::German), ("Releases", "Release", Language::English)];

impl<'a> EntitySet<'a> {
    pub(super) fn of(name: &str, table: &'a LongTable) -> Result<Self, Bad> {
        let found = SETS.into_iter().find(|own| own.0 == name);
        let (name, kind, language) = found.ok_or_else(Bad::missing)?;
        Ok(Self { name, kind, table, language })
    }

    /// Place, column and name of each of its properties.
    pub(super) fn columns(&self) -> impl Iterator<Item = (usize, &'a Column, &'a str)> {
        self.table.columns_in(self.language)
    }

    /// Where the column of that name stands.
    pub(super) fn column(&self, name: &str) -> Result<(usize, ColumnKind), Bad> {
        let found = self.columns().find(|own| own.2 == name);
        let (at, own, _) =
            found.ok_or_else(|| Bad::asked(format!("{} has no column of that name", self.name)))?;
        Ok((at, own.kind))
    }
}

/// The service document.
pub(super) fn service(address: &str) -> Json {
    let set = |(name, ..): (&'static str, &str, Language)| json!({"name": name, "kind": "EntitySet", "url": name});
    json!({
        "@odata.context": format!("{address}/odata/$metadata"),
        "value": SETS.into_iter().map(set).collect::<Vec<_>>(),
    })
}

/// The description of the sets as CSDL XML 4.0.
pub(super) fn metadata(table: &LongTable) -> Result<String, Bad> {
    let mut text = String::from(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n\
         <edmx:Edmx Version=\"4.0\" xmlns:edmx=\"http://docs.oasis-open.org/odata/ns/edmx\">\n\
         <edmx:DataServices>\n\
         <Schema Namespace=\"Milchglas\" xmlns=\"http://docs.oasis-open.org/odata/ns/edm\">\n",
    );
    let mut sets = String::new();
    for (name, ..) in SETS {
        let set = EntitySet::of(name, table)?;
        let kind = set.kind;
        let _ = writeln!(text, "<EntityType Name=\"{kind}\"><Key><PropertyRef Name=\"id\"/></Key>");
        for (_, own, name) in set.columns() {
            let edm = match own.kind {
                ColumnKind::Text => "Edm.String",
                ColumnKind::Whole => "Edm.Int64",
                ColumnKind::Number => "Edm.Double",
                ColumnKind::Truth => "Edm.Boolean",
                ColumnKind::Date => "Edm.Date",
            };
            // Names of columns are of a-z, 0-9 and _: nothing to escape.
            let _ = writeln!(
                text,
                "<Property Name=\"{name}\" Type=\"{edm}\" Nullable=\"{}\"/>",
                own.optional
            );
        }
        text.push_str("</EntityType>\n");
        let _ = writeln!(sets, "<EntitySet Name=\"{name}\" EntityType=\"Milchglas.{kind}\"/>");
    }
    let _ = write!(
        text,
        "<EntityContainer Name=\"Container\">\n{sets}</EntityContainer>\n</Schema>\n\
         </edmx:DataServices>\n</edmx:Edmx>\n"
    );
    Ok(text)
}

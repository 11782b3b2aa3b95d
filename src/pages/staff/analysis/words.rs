//! What a question counts, in a sentence for people who plan and not for people who program.

use policy::{Catalogue, Members, Name, Purpose, Query, QueryKind, Scale};

use crate::api::Language;

/// Labels of catalogue and purpose for the sentences of one page.
#[derive(Clone, Copy)]
pub(crate) struct Words<'a> {
    pub(crate) catalogue: &'a Catalogue,
    pub(crate) purpose: &'a Purpose,
    pub(crate) language: Language,
}

impl<'a> Words<'a> {
    /// What is counted, and who; a sentence.
    pub(crate) fn counts(&self, query: &Query) -> String {
        let mut text = self.computed(query);
        let filters: Vec<String> =
            query.filter.iter().map(|(name, keys)| self.keys(name, keys)).collect();
        if !filters.is_empty() {
            text.push_str(self.say(" Nur ", " Only "));
            text.push_str(&filters.join("; "));
            text.push('.');
        }
        if let Some(months) = query.months {
            let (from, to) = (months.from, months.to);
            text.push_str(&match self.language {
                Language::German => format!(" Nur die Monate {from} bis {to}."),
                Language::English => format!(" Only months {from} to {to}."),
            });
        }
        text
    }

    /// A grouping as one chooses it.
    pub(crate) fn grouping(&self, names: &[Name]) -> String {
        if names.is_empty() {
            return self.say("der ganze Landkreis", "the whole county").to_owned();
        }
        let names: Vec<String> = names.iter().map(|name| self.grouped(name)).collect();
        format!("{} {}", self.say("nach", "by"), names.join(self.say(" und ", " and ")))
    }

    /// A dimension to group by; of a pooling also how many groups it has, since it is called like
    /// what it pools.
    pub(crate) fn grouped(&self, name: &Name) -> String {
        match self.purpose.poolings.get(name) {
            Some(own) => {
                format!("{} ({} {})", own.label, own.groups.len(), self.say("Gruppen", "groups"))
            }
            None => self.dimension(name).to_owned(),
        }
    }

    /// A dimension's or pooling's label.
    pub(crate) fn dimension<'b>(&self, name: &'b Name) -> &'b str
    where
        'a: 'b,
    {
        let pooled = self.purpose.poolings.get(name).map(|own| own.label.as_str());
        let known = || self.catalogue.dimensions.get(name).map(|own| own.label.as_str());
        pooled.or_else(known).unwrap_or(name.as_str())
    }

    /// A dataset's label, for whoever keeps it.
    pub(crate) fn dataset_label(&self, name: &Name) -> String {
        self.any_of(std::slice::from_ref(name))
    }

    fn say(&self, german: &'a str, english: &'a str) -> &'a str {
        self.language.say(german, english)
    }

    fn datasets(&self, names: &[Name], last: &str) -> String {
        let labels: Vec<&str> = names
            .iter()
            .map(|name| {
                self.catalogue.datasets.get(name).map_or(name.as_str(), |own| own.label.as_str())
            })
            .collect();
        match labels.as_slice() {
            [several @ .., end] if !several.is_empty() => {
                format!("{} {last} {end}", several.join(", "))
            }
            _ => labels.concat(),
        }
    }

    fn any_of(&self, names: &[Name]) -> String {
        self.datasets(names, self.say("oder", "or"))
    }

    fn keys(&self, name: &Name, keys: &[String]) -> String {
        let known = self.catalogue.dimensions.get(name);
        let label = |key: &String| {
            let own = known.and_then(|own| own.keys.iter().find(|own| own.key == *key));
            own.map_or_else(|| key.clone(), |own| own.label.clone())
        };
        let labels: Vec<String> = keys.iter().map(label).collect();
        let name = known.map_or(name.as_str(), |own| own.label.as_str());
        format!("{name}: {}", labels.join(", "))
    }

    fn measure(&self, dataset: &Name, measure: &Name) -> String {
        let found = self.catalogue.dataset(dataset).ok().and_then(|own| own.measure(measure));
        found.map_or_else(
            || measure.to_string(),
            |(_, own)| format!("{} ({})", own.label, self.any_of(std::slice::from_ref(dataset))),
        )
    }

    fn members(&self, own: &Members) -> String {
        let mut text = self.any_of(&own.datasets);
        let filters: Vec<String> =
            own.filter.iter().map(|(name, keys)| self.keys(name, keys)).collect();
        if !filters.is_empty() {
            text.push_str(&format!(" [{}]", filters.join("; ")));
        }
        text
    }

    fn computed(&self, query: &Query) -> String {
        match self.language {
            Language::German => self.german(query),
            Language::English => self.english(query),
        }
    }

    fn german(&self, query: &Query) -> String {
        let who = if query.unit.is_person() { "Personen" } else { "Haushalte" };
        let one = if query.unit.is_person() { "Person" } else { "Haushalt" };
        match &query.compute {
            QueryKind::Persons { datasets } => {
                format!("{who}, die im Jahr wenigstens einmal in {} waren.", self.any_of(datasets))
            }
            QueryKind::Overlap { datasets } => format!(
                "{who} danach, welche dieser Leistungen sie im Jahr zusammen hatten: {}. Jede zählt \
                 in genau einer Zeile.",
                self.datasets(datasets, "und")
            ),
            QueryKind::Cases { dataset, dimension, most, .. } => format!(
                "Personen in {} je {}. Wer mehreres hatte, zählt mehrfach, höchstens {most}-mal.",
                self.any_of(std::slice::from_ref(dataset)),
                self.dimension_of(dimension)
            ),
            QueryKind::Mean { dataset, measure, .. } => {
                format!("Mittelwert je {one}: {}.", self.measure(dataset, measure))
            }
            QueryKind::Sum { dataset, measure, cap, .. } => format!(
                "Summe über alle {who}: {}; von einer {one} zählen höchstens {cap}.",
                self.measure(dataset, measure)
            ),
            QueryKind::Histogram { dataset, measure, .. } => {
                format!("{who} je Klasse von {}.", self.measure(dataset, measure))
            }
            QueryKind::Quantiles { dataset, of, .. } => format!(
                "Werte, die ein Teil der {who} nicht erreicht (Median und andere): {}.",
                self.scale(dataset, of)
            ),
            QueryKind::Transition { states, years } => format!(
                "Personen danach, wo sie vor {years} Jahren waren und wo sie jetzt sind: {}.",
                states.iter().map(|own| own.label.as_str()).collect::<Vec<_>>().join(", ")
            ),
            QueryKind::Share { of, with, .. } => format!(
                "Von den {who} in {} der Anteil, der auch in {} ist.",
                self.members(of),
                self.members(with)
            ),
            QueryKind::Entries { datasets, gap_months, .. } => format!(
                "Personen, die neu kommen (nach {gap_months} Monaten ohne), je Quartal und Dienst: {}.",
                self.datasets(datasets, "und")
            ),
            QueryKind::LinkQuality { .. } => {
                "Wie sicher die Angaben einer Person zusammengeführt sind.".to_owned()
            }
            QueryKind::PriorContact { dataset, before, months, .. } => format!(
                "Von den neuen Personen in {} der Anteil, der in den {months} Monaten davor schon in \
                 {} war.",
                self.any_of(std::slice::from_ref(dataset)),
                self.any_of(before)
            ),
            QueryKind::Series { datasets, .. } => format!(
                "Personen, die in einem Quartal da waren, je Dienst: {}.",
                self.datasets(datasets, "und")
            ),
            QueryKind::Sparse { datasets, dimension, .. } => format!(
                "Personen in {} je {}, soweit es genug sind.",
                self.any_of(datasets),
                self.dimension_of(dimension)
            ),
            QueryKind::SubjectSum { parts } => format!(
                "Summe über Fälle in {}.",
                self.datasets(
                    &parts.iter().map(|own| own.dataset.clone()).collect::<Vec<_>>(),
                    "und"
                )
            ),
        }
    }

    fn english(&self, query: &Query) -> String {
        let who = if query.unit.is_person() { "Persons" } else { "Households" };
        let one = if query.unit.is_person() { "person" } else { "household" };
        match &query.compute {
            QueryKind::Persons { datasets } => {
                format!("{who} that were in {} at least once in the year.", self.any_of(datasets))
            }
            QueryKind::Overlap { datasets } => format!(
                "{who} by which of these they had in the year: {}. Each counts in exactly one row.",
                self.datasets(datasets, "and")
            ),
            QueryKind::Cases { dataset, dimension, most, .. } => format!(
                "Persons in {} by {}; one with several counts several times, {most} at most.",
                self.any_of(std::slice::from_ref(dataset)),
                self.dimension_of(dimension)
            ),
            QueryKind::Mean { dataset, measure, .. } => {
                format!("Mean per {one}: {}.", self.measure(dataset, measure))
            }
            QueryKind::Sum { dataset, measure, cap, .. } => format!(
                "Sum of {}; of one {one} at most {cap} count.",
                self.measure(dataset, measure)
            ),
            QueryKind::Histogram { dataset, measure, .. } => {
                format!("{who} per class of {}.", self.measure(dataset, measure))
            }
            QueryKind::Quantiles { dataset, of, .. } => {
                format!("Median and other quantiles of {}.", self.scale(dataset, of))
            }
            QueryKind::Transition { states, years } => format!(
                "Persons by where they were {years} years before and where they are now: {}.",
                states.iter().map(|own| own.label.as_str()).collect::<Vec<_>>().join(", ")
            ),
            QueryKind::Share { of, with, .. } => format!(
                "Of those in {} the share that is also in {}.",
                self.members(of),
                self.members(with)
            ),
            QueryKind::Entries { datasets, gap_months, .. } => format!(
                "Persons who are new (after {gap_months} months without), by quarter and service: {}.",
                self.datasets(datasets, "and")
            ),
            QueryKind::LinkQuality { .. } => {
                "How sure it is that the records of a person belong together.".to_owned()
            }
            QueryKind::PriorContact { dataset, before, months, .. } => format!(
                "Of those new in {} the share that was in {} in the {months} months before.",
                self.any_of(std::slice::from_ref(dataset)),
                self.any_of(before)
            ),
            QueryKind::Series { datasets, .. } => {
                format!(
                    "Persons present in a quarter, by service: {}.",
                    self.datasets(datasets, "and")
                )
            }
            QueryKind::Sparse { datasets, dimension, .. } => format!(
                "Persons in {} by {}, where there are enough.",
                self.any_of(datasets),
                self.dimension_of(dimension)
            ),
            QueryKind::SubjectSum { parts } => format!(
                "Sum over cases in {}.",
                self.datasets(
                    &parts.iter().map(|own| own.dataset.clone()).collect::<Vec<_>>(),
                    "and"
                )
            ),
        }
    }

    fn dimension_of(&self, name: &Name) -> String {
        let known = self.catalogue.dimensions.get(name);
        known.map_or_else(|| name.to_string(), |own| own.label.clone())
    }

    fn scale(&self, dataset: &Name, of: &Scale) -> String {
        match of {
            Scale::Measure { name, .. } => self.measure(dataset, name),
            Scale::Classes { dimension, .. } => format!(
                "{} ({})",
                self.dimension_of(dimension),
                self.any_of(std::slice::from_ref(dataset))
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CATALOGUE: &str = include_str!("../../../../policies/catalogue/county.toml");
    const PURPOSE: &str = include_str!("../../../../policies/purposes/sozialmonitoring-06432.toml");

    #[test]
    fn every_shipped_indicator_is_said_without_a_short_name() {
        let catalogue = Catalogue::from_toml(CATALOGUE).unwrap();
        let purpose = Purpose::from_toml(PURPOSE, &catalogue).unwrap();
        for language in [Language::German, Language::English] {
            let words = Words { catalogue: &catalogue, purpose: &purpose, language };
            for own in &purpose.indicators {
                let text = words.counts(&own.query);
                assert!(text.ends_with('.') && !text.contains('_'), "{}: {text}", own.id);
                for short in ["hze", "sgb2", "kita", "egh "] {
                    assert!(!text.contains(short), "{}: {text}", own.id);
                }
            }
        }
        let words = Words { catalogue: &catalogue, purpose: &purpose, language: Language::German };
        let children = purpose.indicator(&Name::new("sgb2-children").unwrap()).unwrap();
        let counts = words.counts(&children.query);
        assert_eq!(
            counts,
            "Personen, die im Jahr wenigstens einmal in Grundsicherung für Arbeitsuchende waren. Nur \
             Altersgruppe am 31. Dezember: unter 3, 3 bis 5, 6 bis 14."
        );
        assert_eq!(words.grouping(&children.query.group_by), "nach Gemeinde");
        let pooled = [Name::new("age_band").unwrap()];
        assert_eq!(words.grouping(&pooled), "nach Altersgruppe am 31. Dezember (4 Gruppen)");
    }
}

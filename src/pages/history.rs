//! How a table's numbers went over the years, and what of that is more than noise.

use publication::{
    Change, ChangeRule, Changes, Document, Error, GridStyle, MEANING, Step, Trend, Verdict,
    changes, trend,
};

use super::table::{Charts, TableStyle, release_address};

/// Most lines of a trend beside other tables; more stand on the table's own page.
const FEW: usize = 6;

/// A table and its earlier and later years.
pub(super) struct History {
    /// Other years of the same question, latest first, with the address of their page.
    pub(super) years: Vec<(u16, String)>,
    /// What is clear, in a sentence; `None` with one year.
    pub(super) sentence: Option<String>,
    /// The line over the years, where it is shown.
    pub(super) trend: Option<Charts>,
    /// Whether a trend stands on the table's own page only.
    pub(super) elsewhere: bool,
    /// Every comparison, on the table's own page.
    pub(super) changes: Vec<ChangeLine>,
    /// What was left out.
    pub(super) notes: Vec<String>,
    /// What the words mean.
    pub(super) meaning: &'static str,
}

/// A line of the table of changes.
pub(super) struct ChangeLine {
    pub(super) row: String,
    pub(super) from: String,
    pub(super) to: String,
    /// Before, after, difference, its ends.
    pub(super) numbers: [String; 5],
    pub(super) verdict: &'static str,
    pub(super) clear: bool,
}

impl History {
    /// Looks at all documents of the question of `document`; `whole` for the table's own page.
    ///
    /// Documents that cannot be compared have no history rather than no page.
    pub(super) fn of(
        document: &Document,
        all: &[&Document],
        style: &TableStyle<'_>,
        whole: bool,
    ) -> Result<Self, Error> {
        let mut years: Vec<(u16, String)> = all
            .iter()
            .filter(|own| own.year != document.year)
            .map(|own| (own.year, release_address(own)))
            .collect();
        years.sort_by_key(|own| std::cmp::Reverse(own.0));
        let line = none_if_apart(trend(all, Step::Year, style.names, style.tolerance))?.flatten();
        let fits = |own: &Trend| whole || own.lines.len() <= FEW;
        let rule = ChangeRule { step: Step::Year, tolerance: style.tolerance };
        let found = match years.is_empty() {
            true => None,
            false => none_if_apart(changes(all, &rule, style.names))?,
        };
        Ok(Self {
            elsewhere: line.as_ref().is_some_and(|own| !fits(own)),
            trend: line.as_ref().filter(|own| fits(own)).map(drawn).transpose()?,
            sentence: found.as_ref().map(sentence),
            changes: match (&found, whole) {
                (Some(found), true) => found.changes.iter().map(ChangeLine::of).collect(),
                _ => Vec::new(),
            },
            notes: found.map_or_else(Vec::new, |own| own.notes().split_off(1)),
            meaning: MEANING,
            years,
        })
    }
}

/// `None` where documents have nothing to compare or too much to draw.
fn none_if_apart<T>(found: Result<T, Error>) -> Result<Option<T>, Error> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(Error::Changes(_) | Error::TooManyRows { .. }) => Ok(None),
        Err(other) => Err(other),
    }
}

fn drawn(trend: &Trend) -> Result<Charts, Error> {
    Charts::of("lines", |width| trend.svg(&GridStyle { width, titled: false }))
}

/// How many are clear, and the strongest of them.
fn sentence(found: &Changes) -> String {
    const NAMED: usize = 3;
    let mut text = found.notes().into_iter().next().unwrap_or_default();
    let clear = found.changes.iter().filter(|own| own.verdict == Verdict::Clear);
    let named: Vec<String> = clear
        .take(NAMED)
        .map(|own| {
            let (from, to) = (own.from.german(), own.to.german());
            format!("{} {} ({from} bis {to})", own.row, own.signed())
        })
        .collect();
    if !named.is_empty() {
        text.push_str(&format!(" Am stärksten: {}.", named.join(", ")));
    }
    text
}

impl ChangeLine {
    fn of(own: &Change) -> Self {
        let difference = own.difference;
        Self {
            row: own.row.clone(),
            from: own.from.german(),
            to: own.to.german(),
            numbers: [
                own.before.value.german(),
                own.after.value.german(),
                own.signed(),
                difference.low.german(),
                difference.high.german(),
            ],
            verdict: own.verdict.german(),
            clear: own.verdict == Verdict::Clear,
        }
    }
}

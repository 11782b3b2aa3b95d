//! Neighbouring inputs: what differs between them, and what a release says that this may cost.

use anyhow::{Context, ensure};

use super::Fault;
use super::bed::Bed;
use super::place::Row;
use super::policies::{AMOUNT, Question, rho_of};
use super::reading::Document;

/// The sigma of a count in these releases.
const SIGMA: f64 = 1.5;
/// Persons of a small county whose mean is asked for: safely more than are needed for a mean to be
/// shown at [`SIGMA`].
const BASE: usize = 42;

/// Two inputs that differ in one person or one record.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Pair {
    /// A person more, in a table of persons.
    Person,
    /// A person more, in a table of persons with discrete Laplace noise.
    Laplace,
    /// A person more, in a mean; its value is the greatest possible.
    Mean,
    /// A person more in a household, who then stands for it in another cell.
    Household,
    /// A record of a person in another cell.
    Changed,
    /// A record more of a person, in another department's dataset.
    Overlap,
}

impl Pair {
    /// All of them.
    pub(crate) const ALL: [Self; 6] =
        [Self::Person, Self::Laplace, Self::Mean, Self::Household, Self::Changed, Self::Overlap];

    /// Those that a planted fault shows in; all of them without one.
    pub(crate) fn touched_by(fault: Option<Fault>) -> Vec<Self> {
        if fault == Some(Fault::TwoCells) { vec![Self::Person] } else { Self::ALL.to_vec() }
    }

    /// Its name in reports.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Person => "person, table of persons",
            Self::Laplace => "person, Laplace noise",
            Self::Mean => "person, mean",
            Self::Household => "person, households",
            Self::Changed => "changed record, persons",
            Self::Overlap => "added record, overlap",
        }
    }

    /// Tracts at most; a mean needs many persons in each small county.
    pub(crate) fn most_side(self) -> usize {
        if self == Self::Mean { 80 } else { 100 }
    }

    /// What is asked about both inputs.
    pub(crate) fn question(self) -> Question {
        let both = "[\"wohngeld\", \"kita\"]";
        let (compute, rho_nano) = match self {
            Self::Person | Self::Laplace | Self::Changed => {
                (format!("{{ kind = \"persons\", datasets = {both} }}"), rho_of(SIGMA))
            }
            Self::Overlap => {
                (format!("{{ kind = \"overlap\", datasets = {both} }}"), rho_of(SIGMA))
            }
            Self::Household => {
                ("{ kind = \"persons\", datasets = [\"wohngeld\"] }".into(), 2 * rho_of(SIGMA))
            }
            Self::Mean => (
                "{ kind = \"mean\", dataset = \"wohngeld\", measure = \"amount\", \
                 assumed_count = 100 }"
                    .into(),
                2 * rho_of(SIGMA),
            ),
        };
        let group_by = match self {
            Self::Mean | Self::Overlap => vec!["tract", "block"],
            _ => vec!["tract", "block", "cell"],
        };
        Question {
            id: "pair".into(),
            compute,
            group_by,
            households: self == Self::Household,
            laplace: self == Self::Laplace,
            rho_nano,
        }
    }

    /// What the release says that the difference may cost, in 1e-9 rho.
    pub(crate) fn stated(self, document: &Document) -> u64 {
        match self {
            Self::Person | Self::Laplace | Self::Mean | Self::Household => document.losses().person,
            Self::Changed | Self::Overlap => document.losses().record,
        }
    }

    /// By how much the second input's exact numbers are meant to differ from the first's, with the
    /// vector to which each belongs.
    pub(crate) fn changes(self) -> Vec<(f64, usize)> {
        match self {
            Self::Person | Self::Laplace => vec![(1.0, 0), (0.0, 0)],
            Self::Mean => vec![((AMOUNT.1 - middle()) as f64, 0), (1.0, 1)],
            Self::Household => vec![(1.0, 0), (-1.0, 0)],
            Self::Changed => vec![(-1.0, 0), (1.0, 0)],
            Self::Overlap => vec![(-1.0, 0), (0.0, 0), (1.0, 0)],
        }
    }

    /// The rows of a small county; `second` says of which of the two inputs.
    pub(crate) fn rows(
        self,
        bed: Bed,
        county: usize,
        second: bool,
        fault: Option<Fault>,
    ) -> Vec<Row> {
        // Persons of small counties do not meet.
        let first = county * (BASE + 2);
        let row = |dataset, person, cell| bed.row(county, dataset, first + person, cell);
        match self {
            Self::Person | Self::Laplace => {
                let mut rows = vec![row(0, 0, 0), row(1, 1, 1)];
                if second {
                    rows.push(row(0, 2, 0));
                    if fault == Some(Fault::TwoCells) {
                        rows.push(row(1, 3, 1));
                    }
                }
                rows
            }
            Self::Mean => {
                let paid = |person, amount| Row { amount: Some(amount), ..row(0, person, 0) };
                let mut rows: Vec<Row> = (0..BASE).map(|person| paid(person, middle())).collect();
                rows.extend(second.then(|| paid(BASE, AMOUNT.1)));
                rows.push(row(1, BASE + 1, 0));
                rows
            }
            Self::Household => {
                let of = |person, cell, last| Row {
                    unit: Some(county),
                    months: (1, last),
                    ..row(0, person, cell)
                };
                let mut rows = vec![of(0, 1, 6), row(1, 2, 0)];
                rows.extend(second.then(|| of(1, 0, 12)));
                rows
            }
            Self::Changed => vec![row(0, 0, u16::from(second)), row(1, 1, 1)],
            Self::Overlap => {
                let mut rows = vec![row(0, 0, 0), row(1, 1, 0)];
                rows.extend(second.then(|| row(1, 0, 0)));
                rows
            }
        }
    }

    /// The noised numbers of every small county, as a reader of the document finds them.
    pub(crate) fn read(self, document: &Document, bed: Bed) -> anyhow::Result<Vec<Vec<f64>>> {
        let cells = document.cells.len() / bed.counties();
        ensure!(cells > 0, "the release has fewer cells than small counties");
        let mut found = Vec::with_capacity(bed.counties());
        for (county, own) in document.cells.chunks(cells).enumerate() {
            let [tract, block, ..] = bed.codes(county, 0);
            let keys = [format!("t{tract}"), format!("b{block}")];
            ensure!(own[0].keys.starts_with(&keys), "the cells stand in another order");
            let numbers = if self == Self::Mean {
                sum_and_count(document, county)?.to_vec()
            } else {
                own.iter()
                    .map(|cell| cell.value.context("a count is withheld"))
                    .collect::<Result<_, _>>()?
            };
            found.push(numbers);
        }
        Ok(found)
    }
}

fn middle() -> i64 {
    i64::midpoint(AMOUNT.0, AMOUNT.1)
}

/// Sum and count behind a mean: a release shows neither, but value and interval give both away.
///
/// With v = S/C the interval's half-width is √(hs²·L + (v·C·hc)²) / L with L = C² − hc², which falls
/// with C and is solved for it (`docs/formats/release.md`, Fieller).
fn sum_and_count(document: &Document, county: usize) -> anyhow::Result<[f64; 2]> {
    let (cell, noise) = (&document.cells[county], &document.noise);
    ensure!(noise.len() == 2, "a mean has two vectors");
    let shown = cell.value.zip(cell.low).zip(cell.high);
    let ((value, low), high) = shown.context("a mean is withheld")?;
    let centred = value - middle() as f64;
    let (hs, hc) = (noise[0].half_width as f64, noise[1].half_width as f64);
    let width = |count: f64| {
        let leading = (count - hc) * (count + hc);
        (hs.powi(2) / leading + (centred * count * hc / leading).powi(2)).sqrt()
    };
    let target = (high - low) / 2.0;
    let (mut least, mut most) = (hc + 0.5, 1e7);
    for _ in 0..100 {
        let count = f64::midpoint(least, most);
        if width(count) > target { least = count } else { most = count }
    }
    let count = least.round();
    ensure!((width(count) / target - 1.0).abs() < 1e-6, "a mean has another interval");
    Ok([(centred * count).round(), count])
}

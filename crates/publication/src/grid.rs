//! Tables of two dimensions as coloured cells: heat maps and transition matrices.
//!
//! Each cell has its number in it and is hatched where that is too uncertain, so that colour is
//! never the only sign. Colours are those of maps.

mod draw;
mod layout;
mod words;

use std::collections::BTreeMap;

use crate::document::Form;
use crate::picture::classes::Classes;
use crate::picture::{Words, finish};
use crate::{Amount, ChartStyle, Document, Error, Names, Numbers, Shown, Tolerance};
use layout::Layout;

/// Most cells of a heat map or transition matrix.
pub const MAX_GRID_CELLS: usize = 1_000;
/// Most columns of them; more are too narrow for a number.
pub const MAX_GRID_COLUMNS: usize = 20;

/// How a heat map or transition matrix is to look.
#[derive(Clone, Copy, Debug)]
pub struct GridStyle {
    /// Width in pixels, 280 to 1600.
    pub width: u32,
    /// Whether label and year of the document stand in the picture; not needed below a heading.
    pub titled: bool,
}

/// Released cells by two dimensions, ready to be drawn; also the table behind the picture.
#[derive(Debug)]
#[non_exhaustive]
pub struct Grid {
    /// What a reader sees for the question.
    pub label: String,
    /// The event year.
    pub year: u16,
    /// What the numbers are, such as `Personen`.
    pub quantity: String,
    /// Whether rows and columns are states before and now.
    pub is_transition: bool,
    /// What the rows are, such as `Gemeinde`.
    pub row_head: String,
    /// What the columns are, such as `Altersgruppe`.
    pub column_head: String,
    /// What a reader sees for each column.
    pub columns: Vec<String>,
    /// The rows, each with one cell per column.
    pub rows: Vec<GridRow>,
    percent: String,
    unit: String,
    whole: bool,
    tolerance: Tolerance,
    withholding: Option<String>,
}

/// One row.
#[derive(Debug)]
#[non_exhaustive]
pub struct GridRow {
    /// What a reader sees for it.
    pub label: String,
    /// Per column.
    pub cells: Vec<Shown>,
}

/// The cells of a document of exactly two dimensions, the one with more keys as rows; `None` for any
/// other document, and for transitions and for quarters beside their year, which are no cells to
/// compare by colour. Totals are left to the table.
///
/// # Errors
/// [`Error::TooManyCells`] beyond [`MAX_GRID_CELLS`] or [`MAX_GRID_COLUMNS`].
pub fn heat_map(
    document: &Document,
    names: &Names,
    tolerance: Tolerance,
) -> Result<Option<Grid>, Error> {
    let fits = !matches!(document.form, Form::Transition | Form::Entries | Form::Series)
        && !document.is_thresholded();
    if !fits || document.dimensions.len() != 2 {
        return Ok(None);
    }
    Grid::of(document, names, tolerance)
}

/// The cells of a document of states before and now, from rows to columns; `None` for any other
/// document, and where groups divide the transitions.
///
/// # Errors
/// As [`heat_map`].
pub fn transition_matrix(
    document: &Document,
    names: &Names,
    tolerance: Tolerance,
) -> Result<Option<Grid>, Error> {
    if document.form != Form::Transition || document.dimensions.len() != 2 {
        return Ok(None);
    }
    Grid::of(document, names, tolerance)
}

/// Keys along an axis in the order of the document, with their labels.
#[derive(Default)]
struct Axis {
    places: BTreeMap<String, usize>,
    labels: Vec<String>,
}

impl Axis {
    fn place(&mut self, key: &str, label: &str) -> usize {
        if let Some(place) = self.places.get(key) {
            return *place;
        }
        self.labels.push(label.to_owned());
        self.places.insert(key.to_owned(), self.labels.len() - 1);
        self.labels.len() - 1
    }
}

impl Grid {
    fn of(document: &Document, names: &Names, tolerance: Tolerance) -> Result<Option<Self>, Error> {
        let [first, second] = document.dimensions.as_slice() else { return Ok(None) };
        let is_transition = document.form == Form::Transition;
        let mut axes = (Axis::default(), Axis::default());
        if is_transition {
            // Both axes have the same states in one order, so that the diagonal is who stayed.
            for cell in &document.cells {
                for (key, label) in cell.keys.iter().zip(&cell.labels) {
                    axes.0.place(key, label);
                    axes.1.place(key, label);
                }
            }
        }
        let mut found = BTreeMap::new();
        for cell in document.cells.iter().filter(|cell| !cell.is_total) {
            let ([a, b], [label_a, label_b]) = (cell.keys.as_slice(), cell.labels.as_slice())
            else {
                return Err(Error::Broken("a cell has one key and one label per dimension"));
            };
            let place = (axes.0.place(a, label_a), axes.1.place(b, label_b));
            found.insert(place, tolerance.show(document.lead(cell)));
        }
        let turned = axes.1.labels.len() > axes.0.labels.len();
        let (rows, columns) = if turned { (axes.1, axes.0) } else { axes };
        let (row_head, column_head) = if turned { (second, first) } else { (first, second) };
        let most = columns.labels.len() > MAX_GRID_COLUMNS;
        if most || rows.labels.len().saturating_mul(columns.labels.len()) > MAX_GRID_CELLS {
            return Err(Error::TooManyCells { most: MAX_GRID_CELLS, columns: MAX_GRID_COLUMNS });
        }
        let cell = |row: usize, column: usize| {
            let place = if turned { (column, row) } else { (row, column) };
            found.get(&place).copied().unwrap_or(Shown::Absent)
        };
        let columns = columns.labels;
        let row = |(place, label): (usize, String)| GridRow {
            label,
            cells: (0..columns.len()).map(|column| cell(place, column)).collect(),
        };
        Ok(Some(Self {
            label: document.label.clone(),
            year: document.year,
            quantity: names.lead_quantity(document),
            is_transition,
            row_head: names.dimension(row_head).to_owned(),
            column_head: names.dimension(column_head).to_owned(),
            rows: rows.labels.into_iter().enumerate().map(row).collect(),
            columns,
            percent: document.percent(),
            unit: names.lead_unit(document),
            whole: document.is_whole(),
            tolerance,
            withholding: document.withholding.map(crate::Withholding::words),
        }))
    }

    /// Draws it as an SVG document; the same grid and style give the same bytes.
    ///
    /// Classes: those of [`map`](crate::map()).
    ///
    /// # Errors
    /// [`Error::Width`], [`Error::Drawing`].
    pub fn svg(&self, style: &GridStyle) -> Result<String, Error> {
        ChartStyle::check_width(style.width)?;
        let values: Vec<f64> = self
            .cells()
            .filter_map(|cell| match cell {
                Shown::Known(numbers) => Some(numbers.value.position()),
                _ => None,
            })
            .collect();
        let classes = Classes::of(&values, self.whole);
        let layout = Layout::of(self, style);
        let drawn = draw::draw(self, &layout, classes.as_ref())?;
        finish(
            &drawn,
            &Words {
                name: &self.name(),
                description: &self.description(),
                below: &draw::cells(self, &layout, classes.as_ref()),
                above: "",
            },
        )
    }

    /// The table behind the picture: heads, and per row its label and its values.
    #[must_use]
    pub fn table(&self) -> (Vec<String>, Vec<Vec<String>>) {
        let heads = std::iter::once(self.row_head.clone()).chain(self.columns.iter().cloned());
        let row = |own: &GridRow| {
            let values = own.cells.iter().map(|cell| words::value(*cell));
            std::iter::once(own.label.clone()).chain(values).collect()
        };
        (heads.collect(), self.rows.iter().map(row).collect())
    }

    /// All cells, row by row.
    fn cells(&self) -> impl Iterator<Item = Shown> {
        self.rows.iter().flat_map(|row| row.cells.iter().copied())
    }
}

/// The class of a cell's colour, from 0; `None` where it is hatched or empty.
fn class(cell: Shown, classes: Option<&Classes>) -> Option<usize> {
    match cell {
        Shown::Known(Numbers { value, .. }) => classes?.class(Amount::position(value)),
        _ => None,
    }
}

//! What a document says about its noise, its totals and its withheld cells.

/// The tables that were measured together, and what their adjustment left of the noise.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Margins {
    /// The dimensions with a total, in the order of the document's dimensions.
    pub dimensions: Vec<String>,
    /// The tables, the detail first.
    pub tables: Vec<MarginTable>,
    /// The effects from which the variance of every sum of cells follows.
    pub effects: Vec<Effect>,
}

/// One measured table.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct MarginTable {
    /// The dimensions of which its cells are totals.
    pub totals: Vec<String>,
    /// Half the width of the intervals of its cells.
    pub half_width: u64,
}

/// An interaction of dimensions, or the grand total for none.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Effect {
    /// The dimensions.
    pub of: Vec<String>,
    /// The variance of its estimate.
    pub variance: f64,
}

/// The noise of one vector.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Noise {
    /// The standard deviation of a Gaussian; `None` for another distribution.
    pub sigma: Option<f64>,
    /// In how many cells of the vector one person is at most; `None` where it is not said.
    pub l0: Option<u64>,
}

/// How wide an interval may be at most.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Withholding {
    /// Half the width, in persons or households; for counts.
    pub half_width: Option<u64>,
    /// Half the width in per cent of the value.
    pub percent: Option<u32>,
}

impl Withholding {
    /// The rule in a reader's words.
    #[must_use]
    pub fn words(self) -> String {
        let persons = self.half_width.map(|most| format!("± {most}"));
        let share = self.percent.map(|most| format!("± {most}\u{a0}% des verrauschten Werts"));
        let limits: Vec<String> = persons.into_iter().chain(share).collect();
        format!("das Intervall ist breiter als {}", limits.join(" oder als "))
    }
}

impl Margins {
    /// Half-widths in words, such as `± 7 in jeder Zeile; ± 11 in „insgesamt“ über municipality`.
    #[must_use]
    pub fn words(&self, names: &crate::Names) -> String {
        let table = |table: &MarginTable| {
            let of: Vec<&str> = table.totals.iter().map(|own| names.dimension(own)).collect();
            match of.as_slice() {
                [] => format!("±\u{a0}{} in jeder einzelnen Zeile", table.half_width),
                several => {
                    format!("±\u{a0}{} insgesamt über {}", table.half_width, several.join(" und "))
                }
            }
        };
        self.tables.iter().map(table).collect::<Vec<_>>().join("; ")
    }
}

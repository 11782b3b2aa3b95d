//! What the demo says at the end, for people and as JSON.

use serde::Serialize;

use crate::quality::LinkQuality;

/// The summary that `--json` writes.
#[derive(Serialize)]
pub(crate) struct Summary {
    /// Residents asked for.
    pub(crate) persons: u32,
    pub(crate) seed: u64,
    /// Share of person records with an error, as measured.
    pub(crate) dirty: f64,
    /// Subjects in the last snapshots.
    pub(crate) records: u64,
    /// Fact rows in the last deliveries.
    pub(crate) rows: u64,
    pub(crate) departments: usize,
    pub(crate) quarters: u8,
    /// Of the last snapshots, both counties together.
    pub(crate) link: LinkQuality,
    pub(crate) counties: Vec<CountySummary>,
    pub(crate) stages: Vec<Stage>,
    /// Per delivery: from the first file laid until the page showed the tables of both counties.
    pub(crate) file_to_page_seconds: Vec<f64>,
    pub(crate) releases: Vec<ReleaseSummary>,
    pub(crate) budget: BudgetSummary,
    pub(crate) peak_memory_bytes: u64,
}

#[derive(Serialize)]
pub(crate) struct CountySummary {
    pub(crate) county: String,
    pub(crate) project: String,
    pub(crate) records: u64,
    pub(crate) rejected: u64,
    pub(crate) link: LinkQuality,
}

/// Wall-clock time of one stage, all deliveries together.
#[derive(Serialize)]
pub(crate) struct Stage {
    pub(crate) name: &'static str,
    pub(crate) seconds: f64,
}

#[derive(Serialize)]
pub(crate) struct ReleaseSummary {
    pub(crate) table: String,
    pub(crate) label: String,
    pub(crate) county: String,
    pub(crate) quarter: u8,
    pub(crate) year: u16,
    pub(crate) rho: f64,
    /// Told before the query; of a mean under the assumed number of persons per cell.
    pub(crate) half_width: Option<f64>,
    pub(crate) cells: Vec<CellSummary>,
}

#[derive(Serialize)]
pub(crate) struct CellSummary {
    pub(crate) key: String,
    #[serde(skip)]
    pub(crate) label: String,
    /// What was released; none where withheld.
    pub(crate) value: Option<f64>,
    pub(crate) low: Option<f64>,
    pub(crate) high: Option<f64>,
    /// Noiseless, over the links as they were found.
    pub(crate) linked: Option<f64>,
    /// What only the generator knows.
    pub(crate) truth: Option<f64>,
}

/// The event year that every table of the demo reads, in each of the counties.
#[derive(Serialize)]
pub(crate) struct BudgetSummary {
    pub(crate) year: u16,
    /// Cap per lineage, as rho.
    pub(crate) cap: f64,
    /// What the most charged lineage has spent, as rho.
    pub(crate) spent: f64,
    pub(crate) lineages: Vec<LineageSummary>,
}

#[derive(Serialize)]
pub(crate) struct LineageSummary {
    pub(crate) project: String,
    pub(crate) year: u64,
    pub(crate) spent_nano_rho: u64,
    pub(crate) cap_nano_rho: u64,
}

impl Summary {
    /// Prints what a reader at a terminal wants to know.
    pub(crate) fn print(&self) {
        for release in self.releases.iter().filter(|release| release.quarter == self.quarters) {
            release.print();
        }
        println!("\nLinkage (last delivery, pairs of records of different departments)");
        for county in &self.counties {
            let LinkQuality { precision, recall, f1 } = county.link;
            println!(
                "  {:<20} {:>7} records, {:>3} rejected   precision {precision:.4}  recall \
                 {recall:.4}  F1 {f1:.4}",
                county.county, county.records, county.rejected
            );
        }
        println!("\nBudget (zCDP; never refilled)");
        for line in &self.budget.lineages {
            let rho = |nano: u64| nano as f64 / 1e9;
            println!(
                "  {} event year {}: rho {} of {} spent",
                line.project,
                line.year,
                rho(line.spent_nano_rho),
                rho(line.cap_nano_rho)
            );
        }
        println!("\nTime");
        for stage in &self.stages {
            println!("  {:<10} {:>7.2} s", stage.name, stage.seconds);
        }
        for (number, seconds) in (1..).zip(&self.file_to_page_seconds) {
            println!("  delivery {number}: from the first file to the page {seconds:.2} s");
        }
        let total: f64 = self.stages.iter().map(|stage| stage.seconds).sum();
        println!(
            "  {:<10} {total:>7.2} s, peak memory {} MB",
            "total",
            self.peak_memory_bytes >> 20
        );
    }
}

impl ReleaseSummary {
    fn print(&self) {
        let width = match self.half_width {
            Some(width) if self.cells.iter().all(|cell| whole(cell.value)) => format!("±{width}"),
            Some(width) => format!("±{width:.2} if a cell has the assumed number of persons"),
            None => "withheld at the assumed number of persons".into(),
        };
        println!(
            "\n{}, {} ({}): rho {}, {width} at 95 %",
            self.county, self.year, self.table, self.rho
        );
        println!("  {}", self.label);
        println!(
            "  {:<34} {:>9} {:>19} {:>9} {:>9}",
            "", "released", "95 % interval", "linked", "truth"
        );
        for cell in &self.cells {
            let interval = match (cell.low, cell.high) {
                (Some(low), Some(high)) => format!("{} to {}", shown(low), shown(high)),
                _ => "withheld".into(),
            };
            let number = |value: Option<f64>| value.map_or("-".into(), shown);
            println!(
                "  {:<34} {:>9} {interval:>19} {:>9} {:>9}",
                cell.label,
                number(cell.value),
                number(cell.linked),
                number(cell.truth)
            );
        }
    }
}

fn whole(value: Option<f64>) -> bool {
    value.is_none_or(|value| value.fract() == 0.0)
}

fn shown(value: f64) -> String {
    if value.fract() == 0.0 { format!("{value}") } else { format!("{value:.2}") }
}

/// Most memory that this process has held, in bytes; 0 where the system does not tell.
pub(crate) fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|rest| rest.split_whitespace().next()?.parse::<u64>().ok());
    kilobytes.unwrap_or(0) * 1024
}

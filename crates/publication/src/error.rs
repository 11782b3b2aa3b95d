//! What stops a document from being read or shown.

use thiserror::Error;

/// A document that cannot be read or shown.
///
/// Messages name the member and the rule; a value only where it is of a public file.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum Error {
    /// More bytes than any release has.
    #[error("a released document has at most {most} bytes; ask the statistics unit for it again")]
    TooLarge {
        /// Most bytes.
        most: usize,
    },
    /// Not JSON, or a member is missing or of another type.
    #[error(
        "line {line}, column {column}: not what milchglas/release/v1 holds there; ask the statistics unit for the document again"
    )]
    Json {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
    },
    /// Another format or another version of it.
    #[error(
        "the document is not in format milchglas/release/v1; read it with the version of milchglas that wrote it"
    )]
    Format,
    /// The stored answer of a charge that gave none.
    #[error("this charge gave no answer, so there is nothing to show; its budget stays spent")]
    Failure,
    /// Members that contradict each other or the format.
    #[error("the document breaks its format: {0}; ask the statistics unit for it again")]
    Broken(&'static str),
    /// A file of boundaries is no GeoJSON of polygons.
    #[error(
        "boundaries, line {line}, column {column}: not what a GeoJSON FeatureCollection of Polygon and MultiPolygon holds there; export the boundaries again"
    )]
    BoundariesJson {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
    },
    /// A file of boundaries that cannot be drawn.
    #[error("boundaries, feature {feature} (0 is the whole file): {why}")]
    Boundaries {
        /// Which feature, from 1; 0 for the whole file.
        feature: usize,
        /// What is wrong and what to do.
        why: &'static str,
    },
    /// A file of counts from synthetic counties cannot be used.
    #[error("calibration: {0}")]
    Calibration(String),
    /// A table of residents that cannot be used.
    #[error("population, line {line} (0 is the whole file): {why}")]
    Population {
        /// Which line, from 1; 0 for the whole file.
        line: usize,
        /// What is wrong and what to do.
        why: String,
    },
    /// Released cells that cannot be rolled up like this.
    #[error("no roll-up: {0}")]
    Rollup(String),
    /// Released cells that cannot be set against each other.
    #[error("no comparison: {0}")]
    Changes(String),
    /// A release that cannot be carried into coming years.
    #[error("no projection: {0}")]
    Demand(String),
    /// More rows than a picture can show.
    #[error("a chart shows at most {most} rows; use the table or a coarser release")]
    TooManyRows {
        /// Most rows.
        most: usize,
    },
    /// More cells than a heat map or transition matrix can show.
    #[error(
        "such a picture shows at most {most} cells in {columns} columns; use the table or a coarser release"
    )]
    TooManyCells {
        /// Most cells.
        most: usize,
        /// Most columns.
        columns: usize,
    },
    /// More released cells than one table holds.
    #[error("the table of all releases holds at most {most} rows; take single tables")]
    TooLong {
        /// Most rows.
        most: usize,
    },
    /// Numbers without an interval.
    #[error("keys above a threshold have no interval to draw; use the table")]
    OneSided,
    /// A width that no page has.
    #[error("a chart is {least} to {most} pixels wide")]
    Width {
        /// Least width in pixels.
        least: u32,
        /// Greatest width in pixels.
        most: u32,
    },
    /// The table could not be written.
    #[error("the table could not be written")]
    Csv,
    /// The Parquet file could not be written.
    #[error("the Parquet file could not be written")]
    Parquet,
    /// A long table cannot be read or written.
    #[error(
        "the table of all releases: {0}; fetch it with the version of milchglas that serves it"
    )]
    LongTable(&'static str),
    /// More tables than a workbook can hold.
    #[error("a workbook holds at most {most} tables; download them one by one")]
    TooManyTables {
        /// Most tables.
        most: usize,
    },
    /// The workbook could not be written.
    #[error("the workbook could not be written")]
    Workbook,
    /// The picture could not be drawn.
    #[error("the chart could not be drawn")]
    Drawing,
}

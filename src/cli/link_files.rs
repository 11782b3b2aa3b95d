//! `milchglas link --input …`: files in, files out.

use std::io::{IsTerminal, Write as _};
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context, bail, ensure};
use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};
use linkage::{Measure, Rule, Source, Threshold};

use crate::own_files::{
    Block, BlockName, EncodedSource, Kind, LinkFilesReport, NewFile, OddLimits, Settings, Solver,
    Stage, check_together, found_odd, known_links, link, read, warnings, write_groups, write_pairs,
};

/// A gigabyte on the disk.
const MOST_PAIRS: u64 = 50_000_000;
/// A hundred megabytes of memory.
const HELD_PAIRS: usize = 4_000_000;

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum MeasureName {
    Dice,
    Jaccard,
    Hamming,
}

/// Link files.
#[derive(Args)]
pub(crate) struct LinkFiles {
    /// A file of encodings (clkhash JSON or Arrow) or a batch folder; the first is source 0
    #[arg(long, value_name = "PATH", requires = "threshold", requires = "output",
          help_heading = FILES)]
    input: Vec<PathBuf>,
    /// Least similarity of a candidate pair, such as 0.80: above 0, at most 1
    #[arg(long, help_heading = FILES, requires = "input")]
    threshold: Option<Threshold>,
    /// How similarity is measured; without it dice for clkhash JSON, hamming for Arrow
    #[arg(long, help_heading = FILES, requires = "input")]
    measure: Option<MeasureName>,
    /// How candidate pairs become groups
    #[arg(long, default_value = "greedy", help_heading = FILES)]
    solver: Solver,
    /// For --solver groups: the share of pairs across two groups that joins them
    #[arg(long, default_value = "0.4", help_heading = FILES)]
    agreement: Threshold,
    /// For --solver one-to-many: the source whose records may have many
    #[arg(long, value_name = "SOURCE", default_value_t = 0, help_heading = FILES)]
    one: u32,
    /// Look for duplicates within this source too; may be repeated
    #[arg(long, value_name = "SOURCE", help_heading = FILES, requires = "input")]
    deduplicate: Vec<u32>,
    /// Compare only these two sources, such as 0-1; may be repeated
    #[arg(long, value_name = "A-B", value_parser = two, help_heading = FILES, requires = "input")]
    compare: Vec<(u32, u32)>,
    /// Links settled by hand that come first: a CSV file source_a,row_a,source_b,row_b
    #[arg(long, value_name = "FILE", help_heading = FILES, requires = "input")]
    known: Option<PathBuf>,
    /// Most records of a group
    #[arg(long, value_name = "RECORDS", default_value_t = 64, help_heading = FILES,
          value_parser = clap::value_parser!(u32).range(1..))]
    most_records: u32,
    /// Compare less than everything: lsh (bits of the encodings; lsh:0.99 names the share of
    /// pairs to be found) or keys:FILE (source,row,key)
    #[arg(long, value_name = "HOW", default_value = "exact", help_heading = FILES)]
    block: BlockName,
    /// Blocks of more records are dropped
    #[arg(long, value_name = "RECORDS", default_value_t = 1_000, help_heading = FILES,
          value_parser = clap::value_parser!(u32).range(2..))]
    most_in_block: u32,
    /// Warn where an encoding stands more often than this in a source
    #[arg(long, value_name = "RECORDS", default_value_t = 10, help_heading = FILES,
          value_parser = clap::value_parser!(u32).range(1..))]
    most_equal: u32,
    /// Warn of records with more candidate partners than this in one source
    #[arg(long, value_name = "PARTNERS", default_value_t = 50, help_heading = FILES,
          value_parser = clap::value_parser!(u32).range(1..))]
    most_matches: u32,
    /// Link nobody to records that --most-equal and --most-matches warn of
    #[arg(long, help_heading = FILES, requires = "input")]
    set_aside: bool,
    /// Warn where another share of a source's records is linked, such as 0.2-0.6
    #[arg(long, value_name = "LOW-HIGH", value_parser = share_range, help_heading = FILES,
          requires = "input")]
    expected_linked: Option<(u32, u32)>,
    /// Most candidate pairs
    #[arg(long, value_name = "PAIRS", default_value_t = MOST_PAIRS, help_heading = FILES)]
    most_pairs: u64,
    /// Most pairs of a record with any one source: its best ones, if they want it too
    #[arg(long, value_name = "PAIRS", help_heading = FILES, requires = "input")]
    per_record: Option<NonZeroU32>,
    /// Candidate pairs held in memory (24 bytes each); more go to a temporary file beside --output
    #[arg(long, value_name = "PAIRS", default_value_t = HELD_PAIRS, help_heading = FILES)]
    held_pairs: usize,
    /// Where to write the groups: group,source,row,subject
    #[arg(long, value_name = "FILE", help_heading = FILES, requires = "input")]
    output: Option<PathBuf>,
    /// Where to write the candidate pairs: source_a,row_a,source_b,row_b,similarity
    #[arg(long, value_name = "FILE", help_heading = FILES, requires = "input")]
    pairs: Option<PathBuf>,
    /// Replace output files that exist
    #[arg(long, help_heading = FILES, requires = "input")]
    overwrite: bool,
}

const FILES: &str = "Files";

fn two(text: &str) -> Result<(u32, u32), String> {
    let numbers = text.split_once('-').map(|(a, b)| (a.parse(), b.parse()));
    match numbers {
        Some((Ok(a), Ok(b))) => Ok((a, b)),
        _ => Err("two source numbers with - between, such as 0-1".into()),
    }
}

/// Two shares, in millionths.
fn share_range(text: &str) -> Result<(u32, u32), String> {
    let share = |text: &str| match text {
        "0" | "0.0" => Some(0),
        other => other.parse().ok().map(Threshold::per_million),
    };
    let range = text.split_once('-').and_then(|(low, high)| Some((share(low)?, share(high)?)));
    range
        .filter(|(low, high)| low <= high)
        .ok_or_else(|| "two shares from 0 to 1 with - between, the lesser first: 0.2-0.6".into())
}

/// Where the report goes.
pub(crate) enum ReportTo {
    /// Text on the standard output.
    Text,
    /// JSON on the standard output.
    Json,
    /// Text on the standard output, JSON into a file.
    File(PathBuf),
}

struct Outputs {
    groups: NewFile,
    pairs: Option<NewFile>,
    report: Option<NewFile>,
}

impl LinkFiles {
    pub(crate) fn is_asked(&self) -> bool {
        !self.input.is_empty()
    }

    pub(crate) fn run(self, report_to: &ReportTo) -> anyhow::Result<()> {
        let threshold = self.threshold.context("--threshold is missing, such as 0.80")?;
        let rule = self.rule()?;
        let mut outputs = self.outputs(report_to)?;

        let started = Instant::now();
        let bar = bar(self.input.len() as u64, "{msg} {bar:30} {pos} of {len}");
        let mut inputs = Vec::new();
        let mut sources: Vec<Source> = Vec::new();
        for path in &self.input {
            bar.set_message(format!("reading {}", path.display()));
            let (about, source) = read(path)?;
            inputs.push(about);
            sources.push(source);
            bar.inc(1);
        }
        bar.finish_and_clear();
        check_together(&inputs)?;
        let records = inputs.iter().map(|own| u64::from(own.records)).sum();
        let reading = Stage::new("read", started.elapsed(), records);

        let warnings = warnings(&inputs, &sources);
        for warning in &warnings {
            eprintln!("warning: {warning}");
        }
        let measure = measure(self.measure, &inputs)?;
        let known = self.known.as_ref().map(|path| known_links(path, &inputs)).transpose()?;
        let settings = Settings {
            threshold,
            measure,
            solver: self.solver,
            agreement: self.agreement,
            one: self.one,
            rule,
            most_pairs: self.most_pairs,
            per_record: self.per_record,
            held_pairs: self.held_pairs,
            output: self.output.clone().unwrap_or_default(),
            group_cap: self.most_records,
            known: known.unwrap_or_default(),
            block: Block::read(&self.block, self.most_in_block, &inputs)?,
            odd: OddLimits {
                most_equal: self.most_equal,
                most_matches: self.most_matches,
                set_aside: self.set_aside,
                expected: self.expected_linked,
            },
        };
        let bar = self::bar(0, "comparing {wide_bar} {percent} %, {eta} left");
        let found = link(&sources, &settings, &bar)?;
        bar.finish_and_clear();
        for warning in found_odd(&found) {
            eprintln!("warning: {warning}");
        }

        let started = Instant::now();
        write_groups(&mut outputs.groups, &found.clusters, &inputs)?;
        if let Some(out) = &mut outputs.pairs {
            write_pairs(out, &found.pairs, &inputs)?;
        }
        let writing = Stage::new("write", started.elapsed(), found.summary.pairs);
        let solver = self.solver.to_possible_value().map(|own| own.get_name().to_owned());
        let about = (threshold, measure, solver.unwrap_or_default());
        let mut report = LinkFilesReport::new(about, &inputs, &sources, found, (reading, warnings));
        report.add(writing);
        let json = serde_json::to_string_pretty(&report)?;
        if let Some(out) = &mut outputs.report {
            writeln!(out, "{json}")?;
        }
        outputs.publish()?;
        match report_to {
            ReportTo::Json => println!("{json}"),
            ReportTo::Text | ReportTo::File(_) => print!("{}", report.text()),
        }
        Ok(())
    }

    /// What is compared: all sources with each other, unless said otherwise.
    fn rule(&self) -> anyhow::Result<Rule> {
        let sources = u32::try_from(self.input.len())?;
        let named = self.compare.iter().flat_map(|(a, b)| [*a, *b]).chain(
            self.deduplicate
                .iter()
                .copied()
                .chain((self.solver == Solver::OneToMany).then_some(self.one)),
        );
        for source in named {
            ensure!(
                source < sources,
                "there is no source {source}: the first --input is number 0, the last {}",
                sources.saturating_sub(1)
            );
        }
        let start = match self.compare.as_slice() {
            [] => Rule::between_all(sources),
            only => Rule::only(only),
        };
        let rule = self.deduplicate.iter().fold(start, |rule, own| rule.and_within(*own));
        let within = (0..sources).any(|own| rule.allows(own, own));
        ensure!(
            sources > 1 || within,
            "one input is compared with nothing: give a second --input, or look for duplicates \
             within it by --deduplicate 0"
        );
        Ok(rule)
    }

    fn outputs(&self, report_to: &ReportTo) -> anyhow::Result<Outputs> {
        let output = self.output.as_ref().context("--output is missing, such as groups.csv")?;
        let report = match report_to {
            ReportTo::File(path) => Some(path),
            ReportTo::Text | ReportTo::Json => None,
        };
        let all: Vec<&PathBuf> =
            [Some(output), self.pairs.as_ref(), report].into_iter().flatten().collect();
        let twice =
            all.iter().enumerate().any(|(at, own)| all.iter().skip(at + 1).any(|o| o == own));
        ensure!(!twice, "--output, --pairs and --json name the same file");
        if let Some(own) = all.iter().find(|own| self.input.contains(own)) {
            bail!("{} is an input and would be written", own.display());
        }
        let create = |path: &PathBuf| NewFile::create(path, self.overwrite);
        Ok(Outputs {
            groups: create(output)?,
            pairs: self.pairs.as_ref().map(create).transpose()?,
            report: report.map(create).transpose()?,
        })
    }
}

impl Outputs {
    fn publish(self) -> anyhow::Result<()> {
        for file in [self.pairs, self.report].into_iter().flatten() {
            file.publish()?;
        }
        // Last, so that where groups are, everything is.
        self.groups.publish()
    }
}

pub(super) fn measure(
    asked: Option<MeasureName>,
    inputs: &[EncodedSource],
) -> anyhow::Result<Measure> {
    Ok(match asked {
        Some(MeasureName::Dice) => Measure::Dice,
        Some(MeasureName::Jaccard) => Measure::Jaccard,
        Some(MeasureName::Hamming) => Measure::Hamming,
        None if inputs.iter().all(|own| own.kind == Kind::Clks) => Measure::Dice,
        None if inputs.iter().all(|own| own.kind == Kind::Arrow) => Measure::Hamming,
        None => bail!(
            "clkhash JSON and Arrow files together: say --measure dice or --measure hamming, as \
             their schema says"
        ),
    })
}

/// A bar where somebody looks.
fn bar(length: u64, template: &str) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template(template);
    ProgressBar::new(length).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

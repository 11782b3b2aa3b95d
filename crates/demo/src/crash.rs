//! Ends a statistics unit with SIGKILL again and again, and looks at what it left.
//!
//! The child is this same program; it opens the database, recovers and asks. The parent kills it at
//! a random moment, reads the database as the death left it, and lets the next child recover.

mod check;
mod child;
mod cut;
mod place;

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use indicatif::{ProgressBar, ProgressStyle};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::Serialize;

use check::{Found, Seen};
use cut::PowerCut;

/// What the trial is asked for.
pub struct CrashSettings {
    /// How many deaths.
    pub iterations: u32,
    /// Seed of the moments.
    pub seed: u64,
    /// The program whose hidden subcommand `crash-child` is the child.
    pub program: PathBuf,
    /// Whether each death also takes the writes that were not flushed.
    pub power_cut: bool,
    /// Whether flushes count for nothing: a control, which has to fail.
    pub forget_flushes: bool,
    /// Whether to print the report as JSON.
    pub json: bool,
}

/// What the trial saw.
#[derive(Debug, Serialize)]
pub struct CrashReport {
    /// Deaths.
    pub deaths: u32,
    /// Of these, before the child said that it had recovered.
    pub while_starting: u32,
    /// What the deaths left, by word: `committed`, `drawing`, `stored` (and not yet printed) or
    /// `nothing`.
    pub left: BTreeMap<&'static str, u32>,
    /// Databases that were used up.
    pub databases: u32,
    /// Charges that were checked at the end of each database, in all.
    pub charges: u64,
    /// Answers that were printed, each compared with the stored one after every further death.
    pub answers: u64,
    /// Writes that power cuts took.
    pub writes_lost: u64,
    /// How long it took.
    pub seconds: u64,
}

/// The part that is killed; runs until then.
///
/// # Errors
/// Whatever a unit may meet; the parent takes it for a failure of the trial.
pub fn crash_child(folder: &Path, database: &Path, life: u64) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(child::ask(folder, database, life))
}

/// The trial.
///
/// # Errors
/// What does not hold, and after which death.
pub fn crash(settings: &CrashSettings) -> anyhow::Result<CrashReport> {
    ensure!((1..=1_000_000).contains(&settings.iterations), "1 to 1,000,000 iterations");
    let started = Instant::now();
    // In memory where possible: what a kill leaves lies in the system's cache on either.
    let memory = tempfile::Builder::new().prefix("milchglas-crash-").tempdir_in("/dev/shm");
    let folder = memory.or_else(|_| tempfile::tempdir())?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(place::make(folder.path(), &folder.path().join("first.sqlite")))?;
    let mut trial = Trial::new(settings, folder.path())?;
    let bar = ProgressBar::new(u64::from(settings.iterations)).with_style(
        ProgressStyle::with_template("{wide_bar} {pos}/{len} deaths, {eta} left")
            .unwrap_or_else(|_| ProgressStyle::default_bar()),
    );
    for death in 1..=settings.iterations {
        trial.one(&runtime, death).with_context(|| format!("after death {death}"))?;
        bar.inc(1);
    }
    bar.finish_and_clear();
    let mut report = trial.end(&runtime)?;
    report.seconds = started.elapsed().as_secs();
    report.print(settings.json)?;
    Ok(report)
}

struct Trial<'a> {
    settings: &'a CrashSettings,
    folder: &'a Path,
    random: ChaCha8Rng,
    seen: Seen,
    exhausted: bool,
    cut: Option<PowerCut>,
    report: CrashReport,
}

impl<'a> Trial<'a> {
    fn new(settings: &'a CrashSettings, folder: &'a Path) -> anyhow::Result<Self> {
        let report = CrashReport {
            deaths: 0,
            while_starting: 0,
            left: [Found::Committed, Found::Drawing, Found::Stored, Found::Nothing]
                .map(|found| (found.word(), 0))
                .into(),
            databases: 1,
            charges: 0,
            answers: 0,
            writes_lost: 0,
            seconds: 0,
        };
        let random = ChaCha8Rng::seed_from_u64(settings.seed);
        let cut = settings.power_cut.then(|| PowerCut::new(folder, settings.forget_flushes));
        let (seen, cut) = (Seen::default(), cut.transpose()?);
        let trial = Self { settings, folder, random, seen, exhausted: false, cut, report };
        fs::copy(trial.folder.join("first.sqlite"), trial.database())?;
        Ok(trial)
    }

    fn database(&self) -> PathBuf {
        self.folder.join(format!("unit-{}.sqlite", self.report.databases))
    }

    /// One life and what it left.
    fn one(&mut self, runtime: &tokio::runtime::Runtime, death: u32) -> anyhow::Result<()> {
        if self.exhausted {
            self.report.charges += runtime.block_on(charges(&self.database()))?;
            (self.seen, self.exhausted) = (Seen::default(), false);
            self.report.databases += 1;
            fs::copy(self.folder.join("first.sqlite"), self.database())?;
        }
        let output = self.life(death)?;
        if let Some(cut) = &self.cut {
            self.report.writes_lost += cut.strike(&mut self.random)?;
        }
        self.report.deaths += 1;
        self.report.while_starting += u32::from(!output.contains("ready"));
        self.report.answers += output.matches("\nanswer ").count() as u64;
        self.exhausted = self.seen.listen(&output)?;
        let found = runtime.block_on(async {
            let db = place::open(&self.database()).await?;
            let found = self.seen.check(&db).await;
            db.close().await;
            found
        })?;
        *self.report.left.entry(found.word()).or_default() += 1;
        Ok(())
    }

    /// Starts a child and kills it; what it printed.
    fn life(&mut self, death: u32) -> anyhow::Result<String> {
        let mut command = Command::new(&self.settings.program);
        if let Some(cut) = &self.cut {
            cut.watch(&mut command)?;
        }
        let mut child = command
            .arg("crash-child")
            .arg(self.folder)
            .arg(self.database())
            .arg(death.to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {}", self.settings.program.display()))?;
        let mut out = child.stdout.take().context("the output of the child")?;
        let (said, ready) = std::sync::mpsc::channel();
        let listener = thread::spawn(move || {
            let (mut all, mut piece) = (Vec::new(), [0; 4_096]);
            while let Ok(length @ 1..) = out.read(&mut piece) {
                // Nobody waits for the second piece.
                let _ = said.send(());
                all.extend_from_slice(&piece[..length]);
            }
            all
        });
        // Every eighth dies while it starts.
        if !self.random.random_ratio(1, 8) {
            let spoken = ready.recv_timeout(Duration::from_secs(60));
            spoken.context("the child did not recover within a minute")?;
        }
        thread::sleep(Duration::from_micros(self.random.random_range(0..700_000)));
        end(&mut child)?;
        let output = listener.join().ok().context("the output of the child")?;
        Ok(String::from_utf8(output)?)
    }

    fn end(mut self, runtime: &tokio::runtime::Runtime) -> anyhow::Result<CrashReport> {
        self.report.charges += runtime.block_on(charges(&self.database()))?;
        Ok(self.report)
    }
}

/// SIGKILL; an end of its own is a failure.
fn end(child: &mut Child) -> anyhow::Result<()> {
    if let Some(status) = child.try_wait()? {
        anyhow::bail!("the child ended by itself: {status}");
    }
    child.kill()?;
    child.wait()?;
    Ok(())
}

async fn charges(database: &Path) -> anyhow::Result<u64> {
    let db = place::open(database).await?;
    let charges = store::ledger::charges(&db, place::PROJECT, 0, 1_000).await?;
    db.close().await;
    Ok(charges.len() as u64)
}

impl CrashReport {
    fn print(&self, json: bool) -> anyhow::Result<()> {
        if json {
            println!("{}", serde_json::to_string_pretty(self)?);
            return Ok(());
        }
        println!(
            "{} deaths in {} s, {} while starting",
            self.deaths, self.seconds, self.while_starting
        );
        if self.writes_lost > 0 {
            println!("{} writes were lost with the power", self.writes_lost);
        }
        for (word, deaths) in &self.left {
            println!("  {word:<10} {deaths:>7}");
        }
        println!(
            "{} charges in {} databases, {} answers printed: what was released was paid, what was \
             printed is stored, nothing was drawn twice",
            self.charges, self.databases, self.answers
        );
        Ok(())
    }
}

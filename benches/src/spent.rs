//! What a piece of work took, by the system's own account (Linux).

use std::fs;
use std::time::{Duration, Instant};

/// Time and memory of one piece of work.
pub struct Spent {
    /// On the clock.
    pub wall: Duration,
    /// On the processor, all threads together, in steps of 10 ms; neighbours count less in it.
    pub processor: Duration,
    /// Greatest resident memory of the process meanwhile, in bytes.
    pub memory: u64,
}

impl Spent {
    /// Does the work and looks what it took.
    pub fn on<T>(work: impl FnOnce() -> T) -> (T, Self) {
        // Sets the mark of the greatest memory back to what is in use.
        let _ = fs::write("/proc/self/clear_refs", "5");
        let (before, began) = (processor(), Instant::now());
        let done = work();
        let (wall, processor) = (began.elapsed(), processor().saturating_sub(before));
        (done, Self { wall, processor, memory: memory() })
    }

    /// One line about so many records.
    #[must_use]
    pub fn line(&self, what: &str, records: u64) -> String {
        let (wall, processor) = (self.wall.as_secs_f64(), self.processor.as_secs_f64());
        let per_record = 1e6 * processor / records as f64;
        format!(
            "{what:44} {:9.0} records/s  {per_record:6.2} µs of processor each  {:5} MiB",
            records as f64 / wall,
            self.memory >> 20
        )
    }
}

/// User and system time of this process.
fn processor() -> Duration {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The fields after the program's name in brackets; the 12th and 13th of them are ticks.
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace().skip(11).take(2);
    let ticks: u64 = fields.filter_map(|field| field.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 10)
}

fn memory() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kib.unwrap_or(0) << 10
}

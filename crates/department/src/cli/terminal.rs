//! Progress bars, on a terminal only.

use std::io::IsTerminal;
use std::time::Duration;

use department::{Language, Progress};
use indicatif::{ProgressBar, ProgressStyle};
use submission::Half;

/// One bar that goes from stage to stage.
pub(super) struct Bar {
    bar: ProgressBar,
    language: Language,
}

impl Bar {
    pub(super) fn new(language: Language) -> Self {
        let bar = if std::io::stderr().is_terminal() {
            ProgressBar::new_spinner()
        } else {
            ProgressBar::hidden()
        };
        bar.enable_steady_tick(Duration::from_millis(200));
        Self { bar, language }
    }

    pub(super) fn prepare(&self, progress: Progress) {
        match progress {
            Progress::Read(records) => self.spin(records),
            Progress::Encoded(done, all) => {
                self.part(self.language.pick("kodieren", "encoding"), done, all);
            }
        }
    }

    pub(super) fn spin(&self, records: u64) {
        self.bar.set_message(format!("{} {records}", self.language.pick("lesen", "reading")));
    }

    pub(super) fn upload(&self, half: Half, done: u64, all: u64) {
        let stage = match half {
            Half::Linkable => self.language.pick("an Verknüpfungsstelle", "to the linkage unit"),
            Half::Measures => self.language.pick("an Statistikstelle", "to the statistics unit"),
        };
        self.part(stage, done, all);
    }

    fn part(&self, stage: &'static str, done: u64, all: u64) {
        if self.bar.length() != Some(all) {
            let style = ProgressStyle::with_template("{msg:24} {wide_bar} {pos}/{len}");
            if let Ok(style) = style {
                self.bar.set_style(style);
            }
            self.bar.set_length(all);
        }
        self.bar.set_message(stage);
        self.bar.set_position(done);
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

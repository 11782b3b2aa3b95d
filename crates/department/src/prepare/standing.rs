//! Which subjects of earlier batches still count, by case.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use submission::{Half, Mode, SubjectId};

use super::{PrepareSettings, Report};
use crate::batch::Batch;
use crate::error::{Error, ListFault, shown};
use crate::register::{Cases, Register};
use crate::subjects::lines;

/// The subjects of the last full delivery and the amendments after it.
pub(super) struct Standing {
    by_case: Cases,
    standing: BTreeSet<SubjectId>,
}

impl Standing {
    /// Reads the earlier batches of the same sender, epoch and dataset in the order in which they
    /// were encoded; folders of others are passed over.
    pub(super) fn read(earlier: &[PathBuf], settings: &PrepareSettings<'_>) -> Result<Self, Error> {
        let mut reports = Vec::new();
        for folder in earlier {
            let report = Report::read(folder)?;
            let own = report.project == settings.sender.project
                && report.epoch == settings.sender.epoch
                && report.department == settings.sender.department
                && report.dataset == settings.mapping.dataset;
            if own {
                reports.push((report.created_at, folder, report.mode));
            }
        }
        reports.sort_by_key(|(created_at, folder, _)| (*created_at, (*folder).clone()));
        let mut standing = Self { by_case: Cases::default(), standing: BTreeSet::new() };
        for (_, folder, mode) in reports {
            if mode == Mode::Full {
                standing.by_case.clear();
                standing.standing.clear();
            }
            standing.add(folder, settings)?;
        }
        Ok(standing)
    }

    fn add(&mut self, folder: &Path, settings: &PrepareSettings<'_>) -> Result<(), Error> {
        let register = Register::open(&folder.join("register.sealed"), &settings.keys.register)?;
        let batch = Batch::open(folder)?;
        for subject in &batch.signed(Half::Linkable).manifest.withdrawn {
            self.standing.remove(subject);
        }
        self.standing.extend(register.subjects().map(|(subject, _)| subject));
        for (case, subjects) in register.cases() {
            self.by_case.add(case, subjects);
        }
        Ok(())
    }

    /// The subjects of a case that still count.
    pub(super) fn of_case(&self, case: &str) -> impl Iterator<Item = SubjectId> {
        let all = self.by_case.of(case).iter();
        all.filter(|subject| self.standing.contains(subject)).copied()
    }

    /// The subjects of the cases that a list names, one case per line.
    pub(super) fn of_list(&self, path: &Path) -> Result<BTreeSet<SubjectId>, Error> {
        let mut found = BTreeSet::new();
        let lines = lines(path)?;
        if lines.is_empty() {
            return Err(Error::EmptyList { path: shown(path) });
        }
        for (line, case) in lines {
            let before = found.len();
            found.extend(self.of_case(&case));
            if found.len() == before {
                let reason = ListFault::UnknownCase;
                return Err(Error::List { path: shown(path), line, reason });
            }
        }
        Ok(found)
    }
}

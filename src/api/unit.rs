//! What the two units have in common as seen from outside.

use access::Registry;
use intake::Intake;
use linkage_unit::LinkageUnit;
use statistics_unit::StatisticsUnit;
use store::Db;
use submission::SigningKey;

/// A unit that knows its callers, takes deliveries and keeps a log.
pub(crate) trait Unit: Clone + Send + Sync + 'static {
    fn registry(&self) -> &Registry;
    fn intake(&self) -> &Intake;
    fn db(&self) -> &Db;
    fn key(&self) -> &SigningKey;
    fn now(&self) -> i64;
    /// Called after each batch that is complete.
    fn delivered(&self);
}

impl Unit for LinkageUnit {
    fn registry(&self) -> &Registry {
        self.registry()
    }
    fn intake(&self) -> &Intake {
        self.intake()
    }
    fn db(&self) -> &Db {
        self.db()
    }
    fn key(&self) -> &SigningKey {
        self.key()
    }
    fn now(&self) -> i64 {
        self.now()
    }
    fn delivered(&self) {
        self.delivered();
    }
}

impl Unit for StatisticsUnit {
    fn registry(&self) -> &Registry {
        self.registry()
    }
    fn intake(&self) -> &Intake {
        self.intake()
    }
    fn db(&self) -> &Db {
        self.db()
    }
    fn key(&self) -> &SigningKey {
        self.key()
    }
    fn now(&self) -> i64 {
        self.now()
    }
    fn delivered(&self) {
        self.delivered();
    }
}

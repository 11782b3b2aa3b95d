//! What the two units have in common as seen from outside.

use std::sync::Arc;

use access::{ProposalKind, Registry};
use approval::{Bound, Desk};
use intake::Intake;
use linkage_unit::LinkageUnit;
use policy::{Name, PolicySet};
use serde_json::Value;
use statistics_unit::StatisticsUnit;
use store::Db;
use submission::SigningKey;

use super::answer::Refusal;

/// A unit that knows its callers, takes deliveries and keeps a log.
pub(crate) trait Unit: Clone + Send + Sync + 'static {
    fn registry(&self) -> &Registry;
    fn intake(&self) -> &Intake;
    fn db(&self) -> &Db;
    fn key(&self) -> &SigningKey;
    fn now(&self) -> i64;
    fn desk(&self) -> &Desk;
    /// The folder that it reads.
    fn policies(&self) -> Arc<PolicySet>;
    /// Completes what somebody proposes to what exactly would happen here.
    fn bound(
        &self,
        project: &Name,
        kind: ProposalKind,
        about: Value,
    ) -> impl Future<Output = Result<Bound, Refusal>> + Send;
    /// Called when pieces of policy came into force.
    fn agreed(&self);
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
    fn policies(&self) -> Arc<PolicySet> {
        self.policies()
    }
    fn desk(&self) -> &Desk {
        self.desk()
    }
    async fn bound(
        &self,
        project: &Name,
        kind: ProposalKind,
        about: Value,
    ) -> Result<Bound, Refusal> {
        Ok(self.bound(project, kind, about).await?)
    }
    fn agreed(&self) {
        // A schedule may be in force now.
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
    fn desk(&self) -> &Desk {
        self.desk()
    }
    async fn bound(
        &self,
        project: &Name,
        kind: ProposalKind,
        about: Value,
    ) -> Result<Bound, Refusal> {
        Ok(self.bound(project, kind, about)?)
    }
    fn agreed(&self) {
        self.agreed();
    }
    fn policies(&self) -> Arc<PolicySet> {
        self.policies()
    }
    fn now(&self) -> i64 {
        self.now()
    }
    fn delivered(&self) {
        self.delivered();
    }
}

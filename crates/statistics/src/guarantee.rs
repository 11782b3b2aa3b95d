//! Against what a release protects, in numbers and in a sentence.

use serde::Serialize;

use crate::{
    Error, GroupLoss, Noise,
    group_loss::group_losses,
    price::{ClusterLosses, Losses, Price},
};

/// Against what a release protects, and what remains.
#[derive(Serialize)]
pub(crate) struct Guarantee {
    kind: GuaranteeKind,
    text: String,
    losses_rho_nano: Losses,
    groups: Vec<GroupLoss>,
}

/// The groups whose losses a release states: up to a household of four.
const GROUPS: std::ops::RangeInclusive<u64> = 2..=4;

#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum GuaranteeKind {
    /// One person of the snapshot, as linked.
    Cluster,
    /// One person with its subjects, whatever linkage did.
    Subject,
}

impl Guarantee {
    pub(crate) fn of(price: &Price) -> Result<Self, Error> {
        let (kind, mut text) = match price.losses() {
            Losses::Cluster(losses) => (GuaranteeKind::Cluster, cluster(price, losses)),
            Losses::Subject(_) => (GuaranteeKind::Subject, subject(price)),
        };
        if let Some(eps) = price.noise().iter().find_map(Noise::pure_epsilon) {
            text.push_str(&format!(
                " By itself, one such change shifts the probability of this release by at most a \
                 factor of e^{eps} (pure differential privacy); together with other releases only \
                 rho counts, and nothing beyond this release is called pure."
            ));
        }
        if !price.delta().is_zero() {
            text.push_str(&format!(
                " Beyond that, a key that only one person has is shown with a chance of at most \
                 {}e-15 (delta); which keys occur is protected in no other way. A key of s persons \
                 passes where the noise exceeds the threshold less s.",
                price.delta().get()
            ));
        }
        // What a group loses by a threshold is no multiple of what a person does.
        let groups = if price.delta().is_zero() {
            group_losses(price.rho(), price.delta_conv(), GROUPS)?
        } else {
            Vec::new()
        };
        Ok(Self { kind, text, losses_rho_nano: price.losses(), groups })
    }
}

fn cluster(price: &Price, losses: ClusterLosses) -> String {
    format!(
        "One person of the snapshot, as linked, added or removed, changes the distribution \
         of these numbers by at most rho = {} (zero-concentrated differential privacy). The \
         links are taken as given: one record can move the links of others, without bound. \
         One changed record of a person loses up to {} times as much. A person whose records \
         were linked as s persons, and a household of s persons, lose up to s^2 times as much: \
         up to 4 times for two, up to 9 times for three.",
        price.rho(),
        losses.record_factor()
    )
}

fn subject(price: &Price) -> String {
    format!(
        "One person added or removed with all its subjects, of which each dataset has at most the \
         number stated in the question, changes the distribution of these numbers by at most rho = \
         {} (zero-concentrated differential privacy), whatever linkage did: no amount depends on who \
         was linked with whom. A subject is one department's case in one delivery. A person with k \
         times as many subjects loses up to k^2 times as much, a household of s persons up to s^2 \
         times.",
        price.rho()
    )
}

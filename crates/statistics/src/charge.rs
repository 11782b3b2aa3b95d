//! An amount of budget on its way into the ledger: one table, or all tables of a plan's run.

use std::collections::BTreeSet;

use policy::{Digest, Femto, Name, NanoRho, Plan};
use serde::Serialize;

use crate::{Error, price::Price};

/// Who asks, for what, about which year of which snapshot.
pub struct Request {
    /// The project whose lineages are charged.
    pub project: Name,
    /// The frozen snapshot.
    pub snapshot: Name,
    /// The purpose that allows the question.
    pub purpose: Name,
    /// The person who asks, or who stands in for a plan.
    pub analyst: Name,
    /// The caller's key: the same key with the same question is the same charge.
    pub idempotency_key: String,
    /// The event year that is read.
    pub year: u16,
}

/// The run of a release plan that a charge pays for.
#[derive(Clone)]
pub struct Run {
    /// The plan's id.
    pub plan: Name,
    /// SHA-256 of the plan as it was approved.
    pub digest: Digest,
    /// The period after whose snapshot it runs.
    pub period: Name,
    /// What all tables together may cost.
    pub most: NanoRho,
}

/// An amount of budget on its way into the ledger, for one or several tables.
///
/// All tables have project, snapshot, purpose and event year in common. They are paid together and
/// released together or not at all.
pub struct Charge {
    request: Request,
    run: Option<Run>,
    parts: Vec<Part>,
    query: Digest,
    rho: NanoRho,
    delta: Femto,
    lineages: Vec<Lineage>,
    datasets: BTreeSet<Name>,
}

/// One table of a charge.
pub struct Part {
    years: Vec<u16>,
    datasets: Vec<Name>,
    price: Price,
    query: Digest,
    question: Digest,
}

/// What is charged: one event year of one project.
///
/// A new snapshot, a correction or a new epoch opens no lineage, so a person's loss for a year
/// stays below one cap for ever.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Lineage {
    /// The project.
    pub project: Name,
    /// The event year.
    pub year: u16,
}

/// The digest under which an answer is stored and found again: plan, event year and the budget
/// asked for, whoever asks.
///
/// # Errors
/// [`Error::Policy`], which a resolved plan does not give.
pub fn query_digest(plan: &Plan, year: u16, asked: NanoRho) -> Result<Digest, Error> {
    #[derive(Serialize)]
    struct Query<'a> {
        format: &'static str,
        plan: &'a Plan,
        rho_nano: NanoRho,
        year: u16,
    }
    let query = Query { format: "milchglas/query/v1", plan, rho_nano: asked, year };
    Ok(Digest::of_json(&query)?)
}

/// The digest of what is asked, whatever it may cost: plan and event year.
///
/// Two releases with the same one differ in their noise alone.
///
/// # Errors
/// [`Error::Policy`], which a resolved plan does not give.
pub fn question_digest(plan: &Plan, year: u16) -> Result<Digest, Error> {
    #[derive(Serialize)]
    struct Question<'a> {
        format: &'static str,
        plan: &'a Plan,
        year: u16,
    }
    Ok(Digest::of_json(&Question { format: "milchglas/question/v1", plan, year })?)
}

impl Charge {
    /// Longest idempotency key, in bytes.
    pub const MAX_KEY: usize = 128;
    /// Most tables of one charge.
    pub const MAX_PARTS: usize = 64;

    /// Prepares the charge of `price` for answering `plan`.
    ///
    /// # Errors
    /// [`Error::Mismatch`] where the price is another plan's, [`Error::Charge`] where the
    /// idempotency key is empty, too long or not plain visible ASCII.
    pub fn new(request: Request, plan: &Plan, price: Price) -> Result<Self, Error> {
        let part = Part::new(plan, price, request.year)?;
        let query = part.query;
        Self::build(request, None, vec![part], query)
    }

    /// Prepares one charge for all tables of a run of a release plan; its price is their sum.
    ///
    /// # Errors
    /// As [`Charge::new`], and [`Error::Charge`] without a table, with more than
    /// [`Charge::MAX_PARTS`] tables or [`Plan::MAX_CELLS`] cells, with a table twice, or where the
    /// sum is above what the run may cost.
    pub fn of_run(request: Request, run: Run, tables: Vec<(&Plan, Price)>) -> Result<Self, Error> {
        if tables.is_empty() || tables.len() > Self::MAX_PARTS {
            return Err(Error::Charge("a run releases 1 to 64 tables"));
        }
        let cells = tables.iter().try_fold(0_usize, |sum, own| sum.checked_add(own.0.cells.len()));
        if cells.is_none_or(|cells| cells > Plan::MAX_CELLS) {
            return Err(Error::Charge("its tables have too many cells; split it into two plans"));
        }
        let parts: Vec<Part> = tables
            .into_iter()
            .map(|(plan, price)| Part::new(plan, price, request.year))
            .collect::<Result<_, _>>()?;
        if parts.iter().map(|part| part.question).collect::<BTreeSet<_>>().len() < parts.len() {
            return Err(Error::Charge("a run names the same table twice"));
        }
        let query = run_digest(&run, request.year, &parts)?;
        let most = run.most;
        let charge = Self::build(request, Some(run), parts, query)?;
        if charge.rho > most {
            return Err(Error::Charge("its tables cost more than the run may"));
        }
        Ok(charge)
    }

    fn build(
        request: Request,
        run: Option<Run>,
        parts: Vec<Part>,
        query: Digest,
    ) -> Result<Self, Error> {
        let key = request.idempotency_key.as_bytes();
        let plain = key.iter().all(u8::is_ascii_graphic);
        if key.is_empty() || key.len() > Self::MAX_KEY || !plain {
            return Err(Error::Charge("use 1 to 128 visible ASCII characters as idempotency key"));
        }
        let rho = parts
            .iter()
            .try_fold(NanoRho::ZERO, |sum, part| sum.checked_add(part.rho()))
            .ok_or(Error::Overflow)?;
        let delta = parts
            .iter()
            .try_fold(0_u64, |sum, part| sum.checked_add(part.delta().get()))
            .ok_or(Error::Overflow)?;
        let delta = Femto::new(delta)?;
        let years: BTreeSet<u16> = parts.iter().flat_map(|part| &part.years).copied().collect();
        let of_year = |year| Lineage { project: request.project.clone(), year };
        let lineages = years.into_iter().map(of_year).collect();
        let datasets = parts.iter().flat_map(|part| &part.datasets).cloned().collect();
        Ok(Self { request, run, parts, query, rho, delta, lineages, datasets })
    }

    /// The project.
    #[must_use]
    pub fn project(&self) -> &Name {
        &self.request.project
    }

    /// The snapshot.
    #[must_use]
    pub fn snapshot(&self) -> &Name {
        &self.request.snapshot
    }

    /// The purpose.
    #[must_use]
    pub fn purpose(&self) -> &Name {
        &self.request.purpose
    }

    /// The analyst.
    #[must_use]
    pub fn analyst(&self) -> &Name {
        &self.request.analyst
    }

    /// The idempotency key.
    #[must_use]
    pub fn idempotency_key(&self) -> &str {
        &self.request.idempotency_key
    }

    /// The event year.
    #[must_use]
    pub fn year(&self) -> u16 {
        self.request.year
    }

    /// The run that it pays for; `None` for a single question.
    #[must_use]
    pub fn run(&self) -> Option<&Run> {
        self.run.as_ref()
    }

    /// The tables, in the order in which they are released.
    #[must_use]
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// The digest of the question: the one table's, or one over run, year and all tables.
    #[must_use]
    pub fn query_digest(&self) -> Digest {
        self.query
    }

    /// What each lineage is charged: the sum over the tables.
    #[must_use]
    pub fn rho(&self) -> NanoRho {
        self.rho
    }

    /// The threshold delta that each lineage is charged: the sum over the tables.
    #[must_use]
    pub fn delta(&self) -> Femto {
        self.delta
    }

    /// Every lineage that an answer reads, ascending; each is charged the whole sum, also where only
    /// one of several tables reads it.
    #[must_use]
    pub fn lineages(&self) -> &[Lineage] {
        &self.lineages
    }

    /// Every dataset that an answer reads.
    #[must_use]
    pub fn datasets(&self) -> &BTreeSet<Name> {
        &self.datasets
    }
}

impl Part {
    fn new(plan: &Plan, price: Price, year: u16) -> Result<Self, Error> {
        if Digest::of_json(plan)? != price.plan() {
            return Err(Error::Mismatch("the price is of another plan"));
        }
        let query = query_digest(plan, year, price.asked())?;
        Ok(Self {
            years: plan.event_years(year),
            datasets: plan.datasets().into_iter().cloned().collect(),
            price,
            query,
            question: question_digest(plan, year)?,
        })
    }

    /// The digest of this table's question, its budget included ([`query_digest`]).
    #[must_use]
    pub fn query_digest(&self) -> Digest {
        self.query
    }

    /// The digest of this table's question without its budget ([`question_digest`]).
    #[must_use]
    pub fn question_digest(&self) -> Digest {
        self.question
    }

    /// This table's part of the charge.
    #[must_use]
    pub fn rho(&self) -> NanoRho {
        self.price.rho()
    }

    /// This table's part of the threshold delta.
    #[must_use]
    pub fn delta(&self) -> Femto {
        self.price.delta()
    }

    pub(crate) fn price(&self) -> &Price {
        &self.price
    }
}

/// The digest over all tables of a run; its format word keeps it apart from every single question.
fn run_digest(run: &Run, year: u16, parts: &[Part]) -> Result<Digest, Error> {
    #[derive(Serialize)]
    struct Query<'a> {
        format: &'static str,
        period: &'a Name,
        plan: &'a Name,
        plan_digest: Digest,
        queries: Vec<Digest>,
        year: u16,
    }
    let query = Query {
        format: "milchglas/run/v1",
        period: &run.period,
        plan: &run.plan,
        plan_digest: run.digest,
        queries: parts.iter().map(|part| part.query).collect(),
        year,
    };
    Ok(Digest::of_json(&query)?)
}

#[cfg(test)]
mod tests;

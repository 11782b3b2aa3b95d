//! What an analyst asks, and what a purpose says to it.

use policy::{
    Accuracy, AdHoc, Digest, Indicator, Name, NanoRho, Plan, Purpose, Query, Withholding,
    canonical_json,
};
use serde::{Deserialize, Serialize};
use statistics::{Charge, Price, Request};
use submission::{ProblemCode, SnapshotId};

use crate::UnitError;
use crate::query::StoredRequest;
use crate::releases::Sought;
use crate::unit::StatisticsUnit;

/// What an analyst asks for one event year: an indicator that a purpose allows, or a question of
/// their own made of what it permits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QueryRequest {
    /// The purpose.
    pub purpose: Name,
    /// The indicator; none for a question of one's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub indicator: Option<Name>,
    /// A question of one's own, as an indicator's `query`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query: Option<Query>,
    /// The event year.
    pub year: u16,
    /// The snapshot; the newest accepted one where none is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snapshot: Option<SnapshotId>,
    /// A grouping that the purpose permits for the indicator; its usual one where none is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group_by: Option<Vec<Name>>,
    /// What the answer may cost; the usual price where neither this nor a half-width is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rho_nano: Option<NanoRho>,
    /// How wide half an interval may be; the cheapest answer that keeps to it is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub half_width: Option<Accuracy>,
    /// Whether to pay for an own answer although a released table is as exact at least.
    #[serde(default, skip_serializing_if = "is_false")]
    pub fresh: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn is_false(flag: &bool) -> bool {
    !flag
}

impl QueryRequest {
    /// Longest question of one's own in canonical form, in bytes.
    const LONGEST: usize = 16 << 10;

    /// The usual question of an indicator, at its usual price, about the newest snapshot.
    #[must_use]
    pub fn of(purpose: Name, indicator: Name, year: u16) -> Self {
        Self {
            purpose,
            indicator: Some(indicator),
            query: None,
            year,
            snapshot: None,
            group_by: None,
            rho_nano: None,
            half_width: None,
            fresh: false,
        }
    }
}

/// A request that a policy allows, with everything public that follows from it.
pub(crate) struct Allowed<'a> {
    pub(crate) purpose: &'a Purpose,
    /// The indicator's name, or that of the question.
    pub(crate) name: Name,
    pub(crate) label: String,
    pub(crate) plan: Plan,
    pub(crate) price: Price,
    /// How uncertain a shown cell may be at most.
    pub(crate) withholding: Option<Withholding>,
    pub(crate) request: QueryRequest,
    pub(crate) snapshot: SnapshotId,
}

/// What is asked, before it has a price.
struct Meant {
    name: Name,
    label: String,
    query: Query,
    usual: NanoRho,
    most: NanoRho,
    withholding: Option<Withholding>,
}

impl StatisticsUnit {
    /// Resolves and prices what a purpose in force allows; reads no record.
    pub(crate) async fn allow(
        &self,
        project: &Name,
        request: QueryRequest,
    ) -> Result<Allowed<'_>, UnitError> {
        let policies = self.policies_ref();
        let unknown = || {
            let detail = format!("no purpose `{}` in project `{project}`", request.purpose);
            UnitError::refuse(ProblemCode::PurposeUnknown, detail)
        };
        let purpose = policies
            .purposes
            .get(&request.purpose)
            .filter(|purpose| purpose.project == *project)
            .ok_or_else(unknown)?;
        self.in_force(purpose)?;
        if !self.desk().purpose_holds(purpose) {
            let detail = format!(
                "purpose `{}` or the catalogue was changed and waits for the approval of two people; \
                 see `milchglas proposals --help`",
                purpose.id
            );
            return Err(UnitError::refuse(ProblemCode::ApprovalNeeded, detail));
        }
        let meant = self.meant(purpose, &request)?;
        let plan = purpose.plan(&meant.query, &policies.catalogue)?;
        let price = price(&plan, &meant, purpose, &request)?;
        price.check_withholding(meant.withholding)?;
        let snapshot = self.snapshot(project, request.snapshot).await?;
        let Meant { name, label, withholding, .. } = meant;
        Ok(Allowed { purpose, name, label, plan, price, withholding, request, snapshot })
    }

    fn meant(&self, purpose: &Purpose, request: &QueryRequest) -> Result<Meant, UnitError> {
        match (&request.indicator, &request.query) {
            (Some(id), None) => named(purpose, purpose.indicator(id)?, request.group_by.as_deref()),
            (None, Some(query)) => self.own(purpose, query, request),
            _ => refuse("name either an indicator or a query of your own"),
        }
    }

    /// A question of one's own, as far as the purpose permits it.
    fn own(
        &self,
        purpose: &Purpose,
        query: &Query,
        request: &QueryRequest,
    ) -> Result<Meant, UnitError> {
        let Some(ad_hoc) = &purpose.ad_hoc else {
            return refuse(format!(
                "`{}` answers its indicators only; an [ad_hoc] section in it, approved by two \
                 people, would permit questions of one's own",
                purpose.id
            ));
        };
        if request.group_by.is_some() {
            return refuse("write group_by inside the query");
        }
        if canonical_json(query)?.len() > QueryRequest::LONGEST {
            return refuse(format!("the query is longer than {} bytes", QueryRequest::LONGEST));
        }
        let catalogue = &self.policies_ref().catalogue;
        let plan = purpose.plan(query, catalogue)?;
        ad_hoc.allow(&plan)?;
        Ok(Meant {
            name: AdHoc::name(&plan)?,
            label: AdHoc::label(&plan, catalogue)?,
            query: query.clone(),
            usual: ad_hoc.most_rho_nano,
            most: ad_hoc.most_rho_nano,
            withholding: purpose.withhold_above,
        })
    }

    /// Refuses a purpose whose last day is over.
    pub(crate) fn in_force(&self, purpose: &Purpose) -> Result<(), UnitError> {
        if self.today() <= purpose.expires {
            return Ok(());
        }
        let detail = format!("`{}` ended on {}; have it renewed", purpose.id, purpose.expires);
        Err(UnitError::refuse(ProblemCode::PurposeExpired, detail))
    }
}

fn refuse<T>(detail: impl Into<String>) -> Result<T, UnitError> {
    Err(UnitError::refuse(ProblemCode::QueryRefused, detail.into()))
}

fn named(
    purpose: &Purpose,
    indicator: &Indicator,
    group_by: Option<&[Name]>,
) -> Result<Meant, UnitError> {
    Ok(Meant {
        name: indicator.id.clone(),
        label: indicator.label.clone(),
        query: indicator.grouped(group_by)?,
        usual: indicator.rho_nano,
        most: indicator.most(),
        withholding: purpose.withholding(indicator),
    })
}

/// The price at the budget or for the width that the request names.
fn price(
    plan: &Plan,
    meant: &Meant,
    purpose: &Purpose,
    request: &QueryRequest,
) -> Result<Price, UnitError> {
    let delta_conv = purpose.budget.delta_conv_femto;
    match (request.rho_nano, request.half_width) {
        (Some(_), Some(_)) => {
            refuse("name either rho_nano or half_width; one follows from the other")
        }
        (Some(asked), None) if asked > meant.most => refuse(format!(
            "the purpose permits at most {} nano-rho for one answer to `{}`, not {}",
            meant.most.get(),
            meant.name,
            asked.get()
        )),
        (None, Some(wanted)) => Ok(Price::for_accuracy(plan, wanted, meant.most, delta_conv)?),
        (asked, None) => Ok(Price::of(plan, asked.unwrap_or(meant.usual), delta_conv)?),
    }
}

impl Allowed<'_> {
    pub(crate) fn charge(
        &self,
        project: &Name,
        analyst: &Name,
        idempotency_key: &str,
    ) -> Result<Charge, UnitError> {
        let request = Request {
            project: project.clone(),
            snapshot: Name::new(self.snapshot.to_string())?,
            purpose: self.purpose.id.clone(),
            analyst: analyst.clone(),
            idempotency_key: idempotency_key.to_owned(),
            year: self.request.year,
        };
        Ok(Charge::new(request, &self.plan, self.price.clone())?)
    }

    /// How the answer is looked for among what was released; a fresh one may only be its own.
    pub(crate) fn sought(&self) -> Result<Sought<'_>, UnitError> {
        let (plan, year) = (&self.plan, self.request.year);
        let fresh = self.request.fresh;
        Ok(Sought {
            snapshot: self.snapshot,
            purpose: &self.purpose.id,
            query: statistics::query_digest(plan, year, self.price.asked())?,
            question: statistics::question_digest(plan, year)?,
            least_rho: if fresh { None } else { Some(self.price.rho().get()) },
        })
    }

    /// The digest of question, year and budget.
    pub(crate) fn digest(&self) -> Result<Digest, UnitError> {
        Ok(statistics::query_digest(&self.plan, self.request.year, self.price.asked())?)
    }

    /// What a restart needs to run a paid but undrawn charge, and what the officer reads.
    pub(crate) fn stored_request(
        &self,
        idempotency_key: &str,
        analyst: &Name,
    ) -> Result<String, UnitError> {
        let stored = StoredRequest {
            analyst: analyst.clone(),
            idempotency_key: idempotency_key.to_owned(),
            request: QueryRequest { snapshot: Some(self.snapshot), ..self.request.clone() },
        };
        String::from_utf8(canonical_json(&stored)?)
            .map_err(|_| UnitError::Store(store::Error::Damaged("charge.request")))
    }
}

//! Caps by name, so that two budgets can be told apart one by one.

use policy::{Budget, NanoRho};

use super::words::rho;

/// A cap: what it bounds, and how much; none where there is no such cap.
pub(super) struct Cap {
    pub(super) what: &'static str,
    pub(super) most: Option<NanoRho>,
}

/// Every cap of a budget, in one order.
pub(super) fn caps(budget: &Budget) -> [Cap; 5] {
    let cap = |what, most| Cap { what, most };
    [
        cap("je Ereignisjahr, über alle Fragen und für immer", Some(budget.lineage_cap_nano_rho)),
        cap("über den ganzen Zeitraum von Jahren zusammen", budget.horizon_cap_nano_rho),
        cap("alle Fragen eines Quartals zusammen", budget.quarter_cap_nano_rho),
        cap("dieser Zweck insgesamt", Some(budget.purpose_cap_nano_rho)),
        cap("eine fragende Person insgesamt", Some(budget.analyst_cap_nano_rho)),
    ]
}

/// A cap in words.
pub(super) fn said(cap: &Cap) -> String {
    match cap.most {
        Some(most) => format!("{}: höchstens {}", cap.what, rho(most)),
        None => format!("{}: keine eigene Grenze", cap.what),
    }
}

//! What needs two people: what is proposed, what exactly it binds, and who may say yes.

use access::ProposalKind;
use approval::{ShownProposal, Standing};
use askama::Template;
use policy::PartKind;
use serde_json::Value;

use super::deliveries::short;
use super::frame::Frame;
use super::when::{day, moment};
use crate::api::Language;
use crate::policies::{Difference, kind_in_words};

/// The list.
#[derive(Template)]
#[template(path = "staff/proposals.html")]
pub(crate) struct ProposalsPage {
    pub(crate) frame: Frame,
    /// Pieces of policy that are not in force.
    pub(crate) waiting: Vec<String>,
    /// What this person may propose here.
    pub(crate) forms: Vec<ProposeForm>,
    /// Those that wait for somebody or may be carried out.
    pub(crate) live: Vec<ProposalLine>,
    /// Those that are over.
    pub(crate) past: Vec<ProposalLine>,
    /// Why the last attempt came to nothing.
    pub(crate) problem: Option<String>,
}

/// Something that may be proposed with a form.
pub(crate) struct ProposeForm {
    pub(crate) kind: &'static str,
    pub(crate) title: &'static str,
    pub(crate) says: &'static str,
    /// Whether an epoch is to be named.
    pub(crate) epoch: bool,
}

/// A proposal in the list.
pub(crate) struct ProposalLine {
    pub(crate) id: String,
    pub(crate) short: String,
    pub(crate) kind: &'static str,
    pub(crate) state: String,
    pub(crate) tone: &'static str,
    pub(crate) by: String,
    pub(crate) proposed: String,
    pub(crate) until: String,
    /// Whether the reader may approve it now.
    pub(crate) for_you: bool,
}

/// One proposal.
#[derive(Template)]
#[template(path = "staff/proposal.html")]
pub(crate) struct ProposalPage {
    pub(crate) frame: Frame,
    pub(crate) line: ProposalLine,
    pub(crate) digest: String,
    /// Who approved so far.
    pub(crate) approvals: Vec<String>,
    /// What exactly is bound: a heading with its values.
    pub(crate) bound: Vec<(String, String)>,
    /// What a folder changes against what is in force; none where that cannot be said.
    pub(crate) difference: Option<Difference>,
    /// Why a difference is missing, where one was to be expected.
    pub(crate) no_difference: Option<&'static str>,
    /// What happens with the last approval.
    pub(crate) consequence: &'static str,
    pub(crate) answer: Answer,
    /// Why the last attempt came to nothing.
    pub(crate) problem: Option<String>,
}

/// What the reader can do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Approve it.
    Approve,
    /// Nothing: they proposed it.
    Own,
    /// Nothing more: they approved it.
    Given,
    /// Nothing: it was approved, used or has ended.
    Closed,
    /// Nothing: no rule permits them to approve it.
    Reader,
}

impl Answer {
    /// What a person may do about a proposal; `permitted` is what the rules of access say.
    pub(crate) fn of(own: &ShownProposal, name: &str, permitted: bool) -> Self {
        if own.standing != Standing::Open {
            Self::Closed
        } else if own.proposer.as_deref() == Some(name) {
            Self::Own
        } else if own.approvals.iter().any(|given| given.approver == name) {
            Self::Given
        } else if permitted {
            Self::Approve
        } else {
            Self::Reader
        }
    }
}

impl ProposalPage {
    fn approves(&self) -> bool {
        self.answer == Answer::Approve
    }

    /// Why there is no button.
    fn why_not(&self) -> &'static str {
        let frame = &self.frame;
        match self.answer {
            Answer::Approve => "",
            Answer::Own => frame.say(
                "Sie haben das selbst vorgeschlagen. Freigeben muss es eine andere Person; das ist so eingebaut, keine Regel kann es ändern.",
                "You proposed this yourself. Somebody else has to approve it; that is built in and no rule can change it.",
            ),
            Answer::Given => frame.say(
                "Sie haben das schon freigegeben. Es fehlt noch eine zweite Person.",
                "You approved this. A second person is still missing.",
            ),
            Answer::Closed => frame.say(
                "Hier ist nichts mehr zu entscheiden.",
                "There is nothing left to decide here.",
            ),
            Answer::Reader => frame.say(
                "Sie dürfen das lesen, aber nach den geltenden Zugriffsregeln nicht freigeben.",
                "You may read this; the rules of access do not let you approve it.",
            ),
        }
    }
}

/// A kind in either language.
pub(crate) fn kind_word(kind: ProposalKind, language: Language) -> &'static str {
    let english = match kind {
        ProposalKind::Policy => "Policies",
        ProposalKind::KeyRelease => "Release of a key",
        ProposalKind::Snapshot => "Snapshot by hand",
        ProposalKind::Deletion => "Deletion",
        ProposalKind::EpochClosing => "End of an epoch",
        ProposalKind::Restore => "Restore",
        ProposalKind::CrossCounty => "Linkage across counties",
    };
    match language {
        Language::German => kind_in_words(kind),
        Language::English => english,
    }
}

/// What the last approval leads to.
pub(crate) fn consequence(kind: ProposalKind, language: Language) -> &'static str {
    match kind {
        ProposalKind::Policy => language.say(
            "Mit der letzten Freigabe gelten diese Fassungen sofort, und zwar nur an dieser Stelle; die andere hat ihre eigene Liste.",
            "With the last approval these versions are in force at once, at this unit only; the other one has a list of its own.",
        ),
        ProposalKind::KeyRelease => language.say(
            "Danach kann die Schlüsselstelle die Epoche einmal eröffnen; erst dann nimmt die Stelle Lieferungen unter diesem Schlüssel an.",
            "Then the custodian may open the epoch once; only then deliveries under this key are taken.",
        ),
        ProposalKind::Snapshot => language.say(
            "Danach kann der Betrieb genau diese Lieferungen einmal verknüpfen. Kommt vorher eine weitere Lieferung, gilt die Freigabe nicht mehr.",
            "Then the operator may link exactly these deliveries once. If another one arrives before, the approval holds no more.",
        ),
        ProposalKind::Deletion => language.say(
            "Danach darf genau diese Löschung einmal geschehen.",
            "Then exactly this deletion may happen once.",
        ),
        ProposalKind::EpochClosing => language.say(
            "Danach kann die Schlüsselstelle die Epoche schließen: Schlüssel, Kodierungen und verglichene Paare werden vernichtet, auch in Sicherungen. Das ist nicht rückgängig zu machen.",
            "Then the custodian may close the epoch: its keys, encodings and compared pairs are destroyed, in backups too. That cannot be undone.",
        ),
        ProposalKind::Restore => language.say(
            "Danach darf von der eingespielten Sicherung aus weitergearbeitet werden, einmal.",
            "Then one may go on from the restored database, once.",
        ),
        ProposalKind::CrossCounty => language.say(
            "Freigeben müssen die Datenschutzbeauftragten aller genannten Kreise. Danach dürfen deren Menschen gemeinsam verknüpft werden.",
            "The officers of all named counties have to approve. Then their people may be linked together.",
        ),
    }
}

impl ProposalLine {
    pub(crate) fn of(own: &ShownProposal, answer: Answer, language: Language) -> Self {
        let say = |german: &'static str, english: &'static str| language.say(german, english);
        let (state, tone) = match own.standing {
            Standing::Open => (say("wartet auf Freigabe", "waits for approval"), "waits"),
            Standing::Approved => {
                (say("freigegeben, darf einmal geschehen", "approved, may happen once"), "good")
            }
            Standing::Used if own.kind == ProposalKind::Policy => {
                (say("in Kraft gesetzt", "brought into force"), "good")
            }
            Standing::Used => (say("geschehen", "done"), "over"),
            Standing::Expired => (say("abgelaufen", "expired"), "over"),
        };
        Self {
            id: own.proposal.clone(),
            short: short(&own.proposal),
            kind: kind_word(own.kind, language),
            state: state.to_owned(),
            tone,
            by: own.proposer.clone().unwrap_or_else(|| {
                say("die Stelle selbst (zwei geben frei)", "the unit itself (two approve)")
                    .to_owned()
            }),
            proposed: moment(own.proposed_at, language),
            until: day(own.expires_at, language),
            for_you: answer == Answer::Approve,
        }
    }
}

/// A piece of policy as people call it.
pub(crate) fn part_word(kind: PartKind, language: Language) -> &'static str {
    match kind {
        PartKind::Access => language.say("Zugriffsregeln", "rules of access"),
        PartKind::Catalogue => language.say("Katalog", "catalogue"),
        PartKind::Schema => language.say("Verknüpfungsschema", "linkage schema"),
        PartKind::Purpose => language.say("Zweck", "purpose"),
        PartKind::Schedule => language.say("Lieferplan", "schedule"),
        PartKind::Plan => language.say("Freigabeplan", "release plan"),
    }
}

/// What is bound, as headings with values; every value stands in the digest.
pub(crate) fn bound(own: &ShownProposal, language: Language) -> Vec<(String, String)> {
    let mut lines = Vec::new();
    let Some(members) = own.about.as_object() else { return lines };
    for (key, value) in members {
        match value {
            Value::Array(items) => {
                let said = items.iter().map(|item| item_words(item, language));
                let heading = format!("{} ({})", heading(key, language), items.len());
                lines.push((heading, said.collect::<Vec<_>>().join("; ")));
            }
            other => lines.push((heading(key, language).to_owned(), scalar(other))),
        }
    }
    if lines.is_empty() {
        let nothing = language.say("nichts weiter", "nothing further");
        lines.push((language.say("Angaben", "Particulars").to_owned(), nothing.to_owned()));
    }
    lines
}

fn heading(key: &str, language: Language) -> &str {
    match key {
        "epoch" => language.say("Epoche", "Epoch"),
        "schema" => {
            language.say("Prüfsumme des Verknüpfungsschemas", "Digest of the linkage schema")
        }
        "key_check_value_sha256" => {
            language.say("Prüfsumme des Schlüssel-Prüfwerts", "Digest of the key-check value")
        }
        "threshold" => language.say("Kleinste Ähnlichkeit", "Least similarity"),
        "solver" => language.say("Verfahren", "Solver"),
        "batches" => language.say("Lieferungen", "Deliveries"),
        "parts" => language.say("Bestandteile", "Pieces"),
        "projects" => language.say("Vorhaben", "Projects"),
        "controllers" => language.say("Kreise", "Counties"),
        other => other,
    }
}

fn scalar(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn item_words(item: &Value, language: Language) -> String {
    let text = |key: &str| item.get(key).and_then(Value::as_str).unwrap_or_default();
    if item.get("batch").is_some() {
        let (batch, manifest) = (short(text("batch")), short(text("manifest")));
        let sheet = language.say("Lieferschein", "manifest");
        return format!("{} {} {batch} ({sheet} {manifest}…)", text("department"), text("dataset"));
    }
    if item.get("digest").is_some() {
        let kind = serde_json::from_value::<PartKind>(item["kind"].clone());
        let kind = kind.map_or("", |own| part_word(own, language));
        return format!("{kind} {} ({}…)", text("name"), short(text("digest")));
    }
    scalar(item)
}

#[cfg(test)]
mod tests {
    use approval::ShownApproval;
    use policy::Digest;
    use serde_json::json;

    use super::*;

    fn proposal(proposer: Option<&str>, standing: Standing) -> ShownProposal {
        ShownProposal {
            proposal: "00112233445566778899aabbccddeeff".into(),
            kind: ProposalKind::Snapshot,
            project: "p".into(),
            about: json!({
                "epoch": "2026", "threshold": "0.58",
                "batches": [{"department": "a", "dataset": "kita", "batch": "aabbccddeeff0011", "manifest": "0123456789"}],
            }),
            digest: Digest::of(b"x"),
            proposer: proposer.map(str::to_owned),
            approvals: vec![ShownApproval { approver: "anna".into(), project: "p".into(), at: 1 }],
            standing,
            proposed_at: 1,
            expires_at: 2,
        }
    }

    #[test]
    fn who_proposed_or_approved_has_no_button() {
        let open = proposal(Some("otto"), Standing::Open);
        assert_eq!(Answer::of(&open, "otto", true), Answer::Own);
        assert_eq!(Answer::of(&open, "anna", true), Answer::Given);
        assert_eq!(Answer::of(&open, "dora", true), Answer::Approve);
        assert_eq!(Answer::of(&open, "dora", false), Answer::Reader);
        for over in [Standing::Used, Standing::Expired, Standing::Approved] {
            assert_eq!(Answer::of(&proposal(None, over), "dora", true), Answer::Closed);
        }
    }

    #[test]
    fn everything_that_is_bound_is_said() {
        let lines = bound(&proposal(None, Standing::Open), Language::German);
        assert!(lines.contains(&("Epoche".into(), "2026".into())));
        let batches = lines.iter().find(|own| own.0 == "Lieferungen (1)").unwrap();
        assert_eq!(batches.1, "a kita aabbccdd (Lieferschein 01234567…)");
        assert_eq!(lines.len(), 3);
    }
}

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use access::{Action, Identity, ProposalKind};
use policy::{Name, PartKind, PolicySet};
use serde_json::{Value, json};
use store::seal::{Sealing, UnitKey};
use store::{Db, Location, UnitKind, chain};
use submission::{Clock, ProblemCode};
use tempfile::TempDir;

use crate::{ApprovalError, Bound, Desk, Setup, Standing};

/// 28 November 2026.
const START: i64 = 1_795_824_000;
const PROJECT: &str = "county-06432";
const OTHER: &str = "county-06440";

fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

fn person(own: &str, role: &str, project: &str) -> Identity {
    let digest = access::TokenDigest::of(own);
    let value = json!({"name": own, "role": role, "project": project,
                       "token_sha256": String::from(digest)});
    serde_json::from_value(value).unwrap()
}

struct Place {
    folder: TempDir,
    seconds: Arc<AtomicI64>,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
        let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies");
        copy(&shipped, &folder.path().join("policies"));
        Self { folder, seconds: Arc::new(AtomicI64::new(START)) }
    }

    fn path(&self, file: &str) -> PathBuf {
        self.folder.path().join("policies").join(file)
    }

    fn replace(&self, file: &str, from: &str, to: &str) {
        let text = std::fs::read_to_string(self.path(file)).unwrap();
        assert!(text.contains(from), "{file} has no {from}");
        std::fs::write(self.path(file), text.replace(from, to)).unwrap();
    }

    async fn db(&self) -> Db {
        let location = Location::Sqlite(self.folder.path().join("unit.sqlite"));
        let unit_key = UnitKey::take(&mut [6; 32]);
        let sealing = Sealing { key_store: self.folder.path().join("unit.keys"), unit_key };
        let installation = "test".parse().unwrap();
        Db::open(&location, UnitKind::Statistics, &installation, &sealing).await.unwrap()
    }

    /// A start of the unit.
    async fn desk(&self) -> Desk {
        let policies = Arc::new(PolicySet::load(&self.path("")).unwrap());
        let projects = BTreeSet::from([name(PROJECT), name(OTHER), name("joint")]);
        let clock = Clock::Set(Arc::clone(&self.seconds));
        Desk::open(Setup { db: self.db().await, policies, projects, clock }).await.unwrap()
    }

    async fn kinds(&self) -> Vec<String> {
        let mut kinds = Vec::new();
        let keep = |line: &str| {
            let line: Value = serde_json::from_str(line).unwrap();
            kinds.extend(line["entry"]["kind"].as_str().map(str::to_owned));
            Ok(())
        };
        chain::export(&self.db().await, keep).await.unwrap();
        kinds
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            std::fs::copy(&path, &target).unwrap();
        }
    }
}

fn code(refused: Result<impl Sized, ApprovalError>) -> ProblemCode {
    match refused.err() {
        Some(ApprovalError::Refused(problem)) => problem.code,
        other => panic!("not a refusal: {other:?}"),
    }
}

fn deletion() -> Bound {
    Bound::new(ProposalKind::Deletion, &name(PROJECT), json!({"batch": "b-1"}))
}

async fn carry_out(place: &Place, desk: &Desk, bound: &Bound) -> Result<(), ApprovalError> {
    let approved = desk.require(bound).await?;
    let mut tx = place.db().await.write().await?;
    store::proposals::consume(&mut tx, approved, START).await?;
    tx.commit().await?;
    Ok(())
}

#[tokio::test]
async fn a_first_start_proposes_and_two_people_bring_it_into_force() {
    let place = Place::new();
    let desk = place.desk().await;
    let (dpo, approver) = (person("d", "dpo", PROJECT), person("a", "approver", PROJECT));
    let operator = person("o", "operator", PROJECT);
    assert!(desk.may(&dpo, Action::Approve, Some(ProposalKind::Policy)));
    for (who, action) in [(&dpo, Action::ReadLog), (&operator, Action::Link)] {
        assert!(!desk.may(who, action, None), "nothing but proposing and approving yet");
    }
    let purpose = name("sozialmonitoring-06432");
    assert!(!desk.holds(&name(PROJECT), PartKind::Purpose, &purpose));
    let waiting = desk.list(&name(PROJECT)).await.unwrap();
    assert_eq!((waiting.len(), &waiting[0].proposer), (1, &None));
    let id = &waiting[0].proposal;
    assert_eq!(desk.approve(&dpo, id).await.unwrap().standing, Standing::Open);
    assert_eq!(code(desk.approve(&dpo, id).await), ProblemCode::ApprovalRefused, "one person once");
    assert!(!desk.holds(&name(PROJECT), PartKind::Purpose, &purpose));
    assert_eq!(desk.approve(&approver, id).await.unwrap().standing, Standing::Used);
    assert!(desk.holds(&name(PROJECT), PartKind::Purpose, &purpose));
    assert!(desk.may(&operator, Action::Link, None));
    // The other county decides for itself.
    assert!(!desk.waiting(&name(OTHER)).is_empty());
    assert!(!desk.may(&person("x", "operator", OTHER), Action::Link, None));
    let again = place.desk().await;
    assert!(again.waiting(&name(PROJECT)).is_empty(), "a restart forgets nothing");
    let kinds = place.kinds().await;
    assert_eq!(kinds[kinds.len() - 2..], ["proposal.approved", "proposal.approved"]);
}

#[tokio::test]
async fn a_raised_cap_waits_and_everything_else_goes_on() {
    let place = Place::new();
    place.desk().await.agree([&name("d"), &name("a")]).await.unwrap();
    let file = "purposes/sozialmonitoring-06432.toml";
    place.replace(file, "lineage_cap_nano_rho = 500_000_000", "lineage_cap_nano_rho = 900_000_000");
    let desk = place.desk().await;
    let project = name(PROJECT);
    assert_eq!(desk.waiting(&project), [(PartKind::Purpose, name("sozialmonitoring-06432"))]);
    assert!(desk.holds(&project, PartKind::Schedule, &project));
    assert!(desk.waiting(&name(OTHER)).is_empty(), "another county's cap is its own affair");
    let proposed = desk.list(&project).await.unwrap().remove(0);
    // Whoever changes the folder after the proposal has changed what would be approved.
    place.replace(file, "lineage_cap_nano_rho = 900_000_000", "lineage_cap_nano_rho = 950_000_000");
    let later = place.desk().await;
    let dpo = person("d", "dpo", PROJECT);
    assert_eq!(code(later.approve(&dpo, &proposed.proposal).await), ProblemCode::ApprovalRefused);
}

#[tokio::test]
async fn new_rules_of_access_hold_only_once_approved_and_the_earlier_ones_until_then() {
    let place = Place::new();
    place.desk().await.agree([&name("d"), &name("a")]).await.unwrap();
    let operator = person("o", "operator", PROJECT);
    place.replace(
        "access/rollen.cedar",
        "Action::\"TransferMap\"]",
        "Action::\"TransferMap\", Action::\"Query\"]",
    );
    let desk = place.desk().await;
    assert!(!desk.may(&operator, Action::Query, None), "nobody widens a role alone");
    assert!(desk.may(&operator, Action::Link, None), "and nothing stands still");
    desk.agree([&name("d"), &name("a")]).await.unwrap();
    assert!(desk.may(&operator, Action::Query, None));
}

#[tokio::test]
async fn the_proposer_never_approves_and_an_approval_is_used_once() {
    let place = Place::new();
    let desk = place.desk().await;
    desk.agree([&name("d"), &name("a")]).await.unwrap();
    let (dpo, approver) = (person("d", "dpo", PROJECT), person("a", "approver", PROJECT));
    let bound = deletion();
    assert_eq!(code(carry_out(&place, &desk, &bound).await), ProblemCode::ApprovalNeeded);
    let made = desk.propose(&dpo, &bound).await.unwrap();
    assert_eq!(desk.propose(&dpo, &bound).await.unwrap().proposal, made.proposal, "once is enough");
    assert_eq!(code(desk.approve(&dpo, &made.proposal).await), ProblemCode::ApprovalRefused);
    assert_eq!(code(carry_out(&place, &desk, &bound).await), ProblemCode::ApprovalNeeded);
    let done = desk.approve(&approver, &made.proposal).await.unwrap();
    assert_eq!(done.standing, Standing::Approved);
    let other = Bound { about: json!({"batch": "b-2"}), ..bound.clone() };
    assert_eq!(code(carry_out(&place, &desk, &other).await), ProblemCode::ApprovalNeeded);
    carry_out(&place, &desk, &bound).await.unwrap();
    assert_eq!(code(carry_out(&place, &desk, &bound).await), ProblemCode::ApprovalNeeded);
    assert_eq!(code(desk.approve(&approver, &made.proposal).await), ProblemCode::ApprovalRefused);
    let kinds = place.kinds().await;
    assert_eq!(kinds[kinds.len() - 3..], ["proposal.made", "proposal.approved", "proposal.used"]);
}

#[tokio::test]
async fn two_acts_at_once_share_no_approval() {
    let place = Place::new();
    let desk = place.desk().await;
    let bound = deletion();
    let made = desk.propose(&person("o", "operator", PROJECT), &bound).await.unwrap();
    desk.approve(&person("d", "dpo", PROJECT), &made.proposal).await.unwrap();
    let both = [desk.require(&bound).await.unwrap(), desk.require(&bound).await.unwrap()];
    let mut done = 0;
    for approved in both {
        let mut tx = place.db().await.write().await.unwrap();
        if store::proposals::consume(&mut tx, approved, START).await.is_ok() {
            tx.commit().await.unwrap();
            done += 1;
        }
    }
    assert_eq!(done, 1);
}

#[tokio::test]
async fn a_proposal_ends_after_fourteen_days_approved_or_not() {
    let place = Place::new();
    let desk = place.desk().await;
    let (operator, dpo) = (person("o", "operator", PROJECT), person("d", "dpo", PROJECT));
    let made = desk.propose(&operator, &deletion()).await.unwrap();
    place.seconds.store(START + Desk::LIFE, Ordering::SeqCst);
    assert_eq!(code(desk.approve(&dpo, &made.proposal).await), ProblemCode::ApprovalRefused);
    assert_eq!(desk.list(&name(PROJECT)).await.unwrap()[0].standing, Standing::Expired);
    let anew = desk.propose(&operator, &deletion()).await.unwrap();
    assert_ne!(anew.proposal, made.proposal);
    desk.approve(&dpo, &anew.proposal).await.unwrap();
    drop(desk.require(&deletion()).await.unwrap());
    place.seconds.store(START + 2 * Desk::LIFE, Ordering::SeqCst);
    assert_eq!(code(desk.require(&deletion()).await), ProblemCode::ApprovalNeeded);
}

#[tokio::test]
async fn another_project_neither_sees_nor_approves() {
    let place = Place::new();
    let desk = place.desk().await;
    let made = desk.propose(&person("o", "operator", PROJECT), &deletion()).await.unwrap();
    let stranger = person("y", "dpo", OTHER);
    assert_eq!(code(desk.approve(&stranger, &made.proposal).await), ProblemCode::NotFound);
    assert_eq!(code(desk.propose(&stranger, &deletion()).await), ProblemCode::NotFound);
    let seen = desk.list(&name(OTHER)).await.unwrap();
    assert!(seen.iter().all(|own| own.proposal != made.proposal));
}

/// A project whose purposes are of two counties.
fn joint_project(place: &Place) {
    for county in ["06432", "06440"] {
        let own = format!("purposes/sozialmonitoring-{county}.toml");
        let text = std::fs::read_to_string(place.path(&own)).unwrap();
        let text = text
            .replace(
                &format!("id = \"sozialmonitoring-{county}\""),
                &format!("id = \"joint-{county}\""),
            )
            .replace(&format!("project = \"county-{county}\""), "project = \"joint\"");
        std::fs::write(place.path(&format!("purposes/joint-{county}.toml")), text).unwrap();
    }
    let text = std::fs::read_to_string(place.path("schedules/county-06432.toml")).unwrap();
    let text = text.replace("project = \"county-06432\"", "project = \"joint\"");
    std::fs::write(place.path("schedules/joint.toml"), text).unwrap();
}

#[tokio::test]
async fn linkage_across_counties_needs_the_officers_of_both() {
    let place = Place::new();
    joint_project(&place);
    let desk = place.desk().await;
    desk.agree([&name("d"), &name("a")]).await.unwrap();
    let joint = name("joint");
    assert!(desk.holds(&joint, PartKind::Schedule, &joint), "the folder is approved");
    let policies = PolicySet::load(&place.path("")).unwrap();
    let holds = |desk: &Desk| {
        let purpose = desk.purpose_holds(&policies.purposes["joint-06432"]);
        (purpose, desk.schedule_holds(&joint), desk.joint_holds(&joint))
    };
    assert_eq!(holds(&desk), (false, false, false), "but nothing of it over the border");
    assert!(desk.schedule_holds(&name(PROJECT)), "a county's own goes on");

    let bound = desk.joint(&joint).unwrap();
    let made = desk.propose(&person("a", "approver", "joint"), &bound).await.unwrap();
    for own in ["d", "deputy"] {
        let done = desk.approve(&person(own, "dpo", PROJECT), &made.proposal).await.unwrap();
        assert_eq!(done.standing, Standing::Open, "two officers of one county are not both");
    }
    assert_eq!(holds(&desk), (false, false, false));
    let done = desk.approve(&person("y", "dpo", OTHER), &made.proposal).await.unwrap();
    assert_eq!(done.standing, Standing::Used);
    assert_eq!(holds(&desk), (true, true, true));
    assert_eq!(holds(&place.desk().await), (true, true, true), "a restart forgets nothing");

    // What is asked about their people changes: both are asked again.
    place.replace("purposes/joint-06440.toml", "\"Jugendhilfeplanung\"]", "\"Presse\"]");
    let desk = place.desk().await;
    desk.agree([&name("d"), &name("a")]).await.unwrap();
    assert!(!desk.joint_holds(&joint));
    assert_eq!(code(desk.joint(&name(PROJECT))), ProblemCode::MalformedRequest);
}

#[tokio::test]
async fn what_is_no_object_or_too_long_is_refused() {
    let place = Place::new();
    let desk = place.desk().await;
    let operator = person("o", "operator", PROJECT);
    for about in [json!(null), json!([1]), json!({"a": "x".repeat(300_000)})] {
        let bound = Bound::new(ProposalKind::Deletion, &name(PROJECT), about);
        assert_eq!(code(desk.propose(&operator, &bound).await), ProblemCode::MalformedRequest);
    }
}

#[tokio::test]
async fn what_is_in_force_keeps_the_words_in_which_it_was_approved() {
    let place = Place::new();
    let desk = place.desk().await;
    let project = name(PROJECT);
    let nothing = desk.in_force(&project).await.unwrap();
    assert!(nothing.parts.is_empty() && nothing.set.is_none() && nothing.rules.is_none());
    desk.agree([&name("anna"), &name("berta")]).await.unwrap();
    let force = desk.in_force(&project).await.unwrap();
    assert!(force.parts.iter().all(|own| own.has_words), "every piece");
    assert!(std::ptr::eq(&*force.rules.unwrap(), desk.folder_rules()), "the very same rules");
    let purposes = force.set.unwrap().purposes;
    assert!(purposes.values().all(|own| own.project == project) && purposes.len() == 1);
    drop(desk);

    // The folder changes; what was approved still says what it said.
    place.replace("purposes/sozialmonitoring-06432.toml", "2027-12-31", "2028-12-31");
    place.replace(
        "access/rollen.cedar",
        "@valid_until(\"2027-12-31\")",
        "@valid_until(\"2026-12-31\")",
    );
    let desk = place.desk().await;
    let force = desk.in_force(&project).await.unwrap();
    let purpose = force.set.unwrap().purposes.into_values().next().unwrap();
    assert_eq!(purpose.expires.to_string(), "2027-12-31");
    let rules = force.rules.unwrap();
    let until = |rules: &access::Rules| rules.notes().map(|own| own.valid_until).min().unwrap();
    assert_eq!(until(&rules).to_string(), "2027-12-31");
    assert_eq!(until(desk.folder_rules()).to_string(), "2026-12-31");
}

use std::path::Path;

use policy::Name;

use super::*;
use crate::{Action, ProposalKind, Role};

fn shipped() -> BTreeMap<String, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies/access");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        (name, std::fs::read_to_string(path).unwrap())
    });
    files.collect()
}

fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

const DAY: Date = jiff::civil::date(2026, 11, 28);

fn may(rules: &Rules, role: Role, action: Action, place: &str, kind: Option<ProposalKind>) -> bool {
    let (who, home) = (name("somebody"), name("p"));
    let asker = Asker { name: &who, role, project: &home };
    rules.permits(&asker, action, &name(place), kind, DAY)
}

/// The whole matrix, so that a widened role is a decision and not an accident.
#[test]
fn the_matrix_is_exactly_this() {
    let rules = Rules::read(&shipped()).unwrap();
    let permitted: Vec<(Role, Action)> = Role::ALL
        .into_iter()
        .flat_map(|role| Action::ALL.into_iter().map(move |action| (role, action)))
        .filter(|(role, action)| may(&rules, *role, *action, "p", None))
        .collect();
    assert_eq!(
        permitted,
        [
            (Role::Department, Action::Submit),
            (Role::Custodian, Action::OpenEpoch),
            (Role::Custodian, Action::CloseEpoch),
            (Role::Custodian, Action::Propose),
            (Role::Custodian, Action::ReadProposals),
            (Role::Operator, Action::Link),
            (Role::Operator, Action::TransferMap),
            (Role::Operator, Action::Propose),
            (Role::Operator, Action::ReadProposals),
            (Role::Operator, Action::ReadDiagnostics),
            (Role::Analyst, Action::Price),
            (Role::Analyst, Action::Query),
            (Role::Analyst, Action::ReadReleases),
            (Role::Analyst, Action::ReadLedger),
            (Role::Dpo, Action::Price),
            (Role::Dpo, Action::ReadReleases),
            (Role::Dpo, Action::ReadLedger),
            (Role::Dpo, Action::ReadLog),
            (Role::Dpo, Action::Countersign),
            (Role::Dpo, Action::Propose),
            (Role::Dpo, Action::Approve),
            (Role::Dpo, Action::ReadProposals),
            (Role::Approver, Action::Propose),
            (Role::Approver, Action::Approve),
            (Role::Approver, Action::ReadProposals),
        ]
    );
}

#[test]
fn who_proposes_and_approves_what_is_exactly_this() {
    use ProposalKind as K;
    let rules = Rules::read(&shipped()).unwrap();
    let kinds = |role, action| -> Vec<ProposalKind> {
        let own = |kind: &ProposalKind| may(&rules, role, action, "p", Some(*kind));
        ProposalKind::ALL.into_iter().filter(own).collect()
    };
    assert_eq!(kinds(Role::Custodian, Action::Propose), [K::KeyRelease, K::EpochClosing]);
    assert_eq!(
        kinds(Role::Operator, Action::Propose),
        [K::Policy, K::Snapshot, K::Deletion, K::EpochClosing, K::Restore]
    );
    for role in [Role::Dpo, Role::Approver] {
        let proposed = [K::Policy, K::Deletion, K::EpochClosing, K::CrossCounty];
        assert_eq!(kinds(role, Action::Propose), proposed);
    }
    assert_eq!(kinds(Role::Dpo, Action::Approve), K::ALL);
    let own: Vec<K> = K::ALL.into_iter().filter(|kind| *kind != K::CrossCounty).collect();
    assert_eq!(kinds(Role::Approver, Action::Approve), own);
    for role in [Role::Department, Role::Custodian, Role::Operator, Role::Analyst] {
        assert!(kinds(role, Action::Approve).is_empty(), "{role:?}");
    }
}

#[test]
fn nobody_does_anything_in_another_project() {
    let rules = Rules::read(&shipped()).unwrap();
    for role in Role::ALL {
        for action in Action::ALL {
            assert!(!may(&rules, role, action, "q", None), "{role:?} {action:?}");
        }
    }
}

#[test]
fn nobody_both_delivers_and_links_or_asks() {
    let rules = Rules::read(&shipped()).unwrap();
    for role in Role::ALL {
        let duties =
            [Action::Submit, Action::Link, Action::Query, Action::OpenEpoch, Action::Approve];
        let held = duties.into_iter().filter(|duty| may(&rules, role, *duty, "p", None)).count();
        assert!(held <= 1, "{role:?}");
    }
}

#[test]
fn no_file_permits_nothing() {
    let rules = Rules::nothing().unwrap();
    for role in Role::ALL {
        assert!(!Action::ALL.into_iter().any(|action| may(&rules, role, action, "p", None)));
    }
}

/// The faults of the shipped folder with one text replaced.
fn faults(file: &str, from: &str, to: &str) -> Vec<String> {
    let mut files = shipped();
    let text = files.get_mut(file).unwrap();
    assert!(text.contains(from), "{file} has no {from}");
    *text = text.replacen(from, to, 1);
    let found = Rules::read(&files).err().unwrap_or_default();
    found.iter().map(ToString::to_string).collect()
}

#[test]
fn what_is_wrong_is_named_with_file_and_line() {
    let roles = "rollen.cedar";
    for (file, from, to, place, word) in [
        (roles, "@owner(\"datenschutz\")\n", "", "rollen.cedar:4:", "@owner"),
        (roles, "@purpose(\"Fach", "@zweck(\"Fach", "rollen.cedar:4:", "@zweck"),
        (roles, "@owner(\"datenschutz\")", "@owner(\" \")", "rollen.cedar:4:", "@owner"),
        (roles, "2027-12-31", "2027-13-31", "rollen.cedar:4:", "yyyy-mm-dd"),
        (roles, "@id(\"lieferung\")\n", "", "rollen.cedar:4:", "@id"),
        (roles, "@id(\"schluessel\")", "@id(\"lieferung\")", "rollen.cedar:12:", "twice"),
        (roles, "Action::\"Submit\"", "Action::\"Submitt\"", "rollen.cedar:9:", "Submit"),
        (roles, "== principal.project", "== principal.county", "rollen.cedar:10:", "county"),
        (roles, "permit (principal in Role", "permit principal in Role", "rollen.cedar:9:", ""),
        ("milchglas.cedarschema", "entity Role;", "entity Rolle;", "milchglas.cedarschema:", ""),
        ("milchglas.cedarschema", "action Submit", "action Deliver", "", "Submit"),
    ] {
        let found = faults(file, from, to);
        let hit = found.iter().any(|own| own.starts_with(place) && own.contains(word));
        assert!(hit, "{to}: {found:?}");
    }
    let mut files = shipped();
    files.remove("milchglas.cedarschema");
    assert!(Rules::read(&files).is_ok(), "the shipped schema is the usual one");
    let mut files = shipped();
    files.insert("notes.txt".into(), String::new());
    assert!(Rules::read(&files).err().unwrap()[0].to_string().contains("notes.txt"));
}

#[test]
fn rules_that_give_records_away_are_refused_as_a_whole() {
    let mut files = shipped();
    files.remove("niemals.cedar");
    let rule = "@id(\"neu\")\n@purpose(\"x\")\n@legal_basis(\"x\")\n@owner(\"x\")\n\
                @valid_until(\"2020-01-01\")\npermit (principal, action, resource);\n";
    files.insert("neu.cedar".into(), rule.into());
    let found = Rules::read(&files).err().unwrap();
    assert!(found[0].to_string().starts_with("neu.cedar:1:"), "{found:?}");
    assert!(found[0].reason.contains("single records"));
}

#[test]
fn a_rule_that_has_run_out_permits_nothing_and_goes_on_forbidding() {
    let mut files = shipped();
    for text in files.values_mut() {
        *text = text.replace("2027-12-31", "2026-11-27");
    }
    let rules = Rules::read(&files).unwrap();
    for role in Role::ALL {
        assert!(!Action::ALL.into_iter().any(|action| may(&rules, role, action, "p", None)));
    }
    assert_eq!(rules.expired(DAY).len(), rules.notes().count());
    assert!(rules.expired(jiff::civil::date(2026, 11, 27)).is_empty(), "its last day counts");
    let lasting = shipped().remove("rollen.cedar").unwrap().replace("when", "unless");
    files.insert("rollen.cedar".into(), lasting);
    let rules = Rules::read(&files).unwrap();
    assert!(!may(&rules, Role::Department, Action::Submit, "q", None), "still forbidden");
}

#[test]
fn texts_and_comments_hide_no_rule_from_the_line_numbers() {
    let text = "// permit (a);\n@id(\"x; permit\") // forbid\n@b(\"\\\"; permit\")\npermit (a,\n b);\n\nforbid\n(c);";
    assert_eq!(place::rule_lines(text), [2, 7]);
}

#[test]
fn rules_of_an_earlier_version_hold_although_their_schema_lacks_an_action() {
    let mut files = shipped();
    let schema = files.get_mut("milchglas.cedarschema").unwrap();
    *schema = schema
        .lines()
        .filter(|line| !line.contains("ReadDiagnostics"))
        .collect::<Vec<_>>()
        .join("\n");
    let rule = files.get_mut("rollen.cedar").unwrap();
    *rule = rule.replace("Action::\"ReadDiagnostics\"", "Action::\"Link\"");
    assert!(Rules::read(&files).is_err(), "a folder of today names every action");
    let rules = Rules::read_earlier(&files).unwrap();
    assert!(may(&rules, Role::Operator, Action::Link, "p", None));
    assert!(!may(&rules, Role::Operator, Action::ReadDiagnostics, "p", None));
}

//! A proof by cvc5, where it is installed (`apt-get install cvc5`, or `CVC5` naming it): for every
//! identity, role, project and record the rules deny to read it. The check at the start of a unit
//! tries examples; this looks at all of them.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::str::FromStr;

use cedar_policy::{PolicySet, RequestEnv, Schema};
use cedar_policy_symcc::solver::LocalSolver;
use cedar_policy_symcc::{CedarSymCompiler, SymEnv, WellTypedPolicies};

fn solver() -> Option<LocalSolver> {
    let path = std::env::var("CVC5").unwrap_or_else(|_| "cvc5".into());
    let found = Command::new(path).arg("--version").stdout(Stdio::null()).status();
    found.is_ok_and(|status| status.success()).then(|| LocalSolver::cvc5().unwrap())
}

/// Whether the rules deny every request for this action, whoever asks for whatever.
async fn always_denies(schema: &Schema, rules: &str, action: &str) -> bool {
    let rules = PolicySet::from_str(rules).unwrap();
    let of = |env: &RequestEnv| env.action().id().unescaped() == action;
    let mut denied = true;
    let mut seen = false;
    for env in schema.request_envs().filter(of) {
        seen = true;
        let mut compiler = CedarSymCompiler::new(solver().unwrap()).unwrap();
        let symbols = SymEnv::new(schema, &env).unwrap();
        let typed = WellTypedPolicies::from_policies(&rules, &env, schema).unwrap();
        denied &= compiler.check_always_denies(&typed, &symbols).await.unwrap();
    }
    assert!(seen, "the schema has no {action}");
    denied
}

fn shipped(except: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies/access");
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let rules = paths.filter(|path| path.extension().is_some_and(|own| own == "cedar"));
    let rules = rules.filter(|path| !path.ends_with(except));
    rules.map(|path| fs::read_to_string(path).unwrap()).collect()
}

#[tokio::test]
async fn no_request_for_a_record_is_ever_permitted() {
    if solver().is_none() {
        println!("skipped: cvc5 is not here");
        return;
    }
    let schema = include_str!("../../../../policies/access/milchglas.cedarschema");
    let (schema, _) = Schema::from_cedarschema_str(schema).unwrap();
    let all = shipped("");
    assert!(always_denies(&schema, &all, "ReadRecord").await);
    // The same question is answered otherwise where something is permitted.
    assert!(!always_denies(&schema, &all, "Submit").await);
    // Without the prohibition, a rule that permits everything gives records away; one with it does not.
    let everything = "permit (principal, action, resource);";
    let open = format!("{}{everything}", shipped("niemals.cedar"));
    assert!(!always_denies(&schema, &open, "ReadRecord").await);
    assert!(always_denies(&schema, &format!("{all}{everything}"), "ReadRecord").await);
}

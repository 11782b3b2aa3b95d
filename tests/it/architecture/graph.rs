//! Who depends on whom, as cargo resolves it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::process::Command;

use serde_json::Value;

/// Normal dependencies by package name: a test may link both sides, a product may not.
pub(super) struct Graph {
    members: BTreeMap<String, String>,
    edges: BTreeMap<String, BTreeSet<String>>,
}

impl Graph {
    pub(super) fn load() -> Self {
        let platform = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
        let output = Command::new(env!("CARGO"))
            .args(["metadata", "--format-version=1", "--locked", "--filter-platform", &platform])
            .arg("--manifest-path")
            .arg(super::sources::root().join("Cargo.toml"))
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();

        let packages: BTreeMap<&str, &Value> = list(&metadata["packages"])
            .iter()
            .map(|package| (text(&package["id"]), package))
            .collect();
        let name = |id: &Value| text(&packages[text(id)]["name"]).to_owned();
        let mut edges: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for node in list(&metadata["resolve"]["nodes"]) {
            let normal = list(&node["deps"])
                .iter()
                .filter(|dep| list(&dep["dep_kinds"]).iter().any(|kind| kind["kind"].is_null()))
                .map(|dep| name(&dep["pkg"]));
            // Two versions of one package are one node here: more is reached, never less.
            edges.entry(name(&node["id"])).or_default().extend(normal);
        }
        let members = list(&metadata["workspace_members"])
            .iter()
            .map(|id| (name(id), text(&packages[text(id)]["manifest_path"]).to_owned()))
            .collect();
        Self { members, edges }
    }

    pub(super) fn members(&self) -> impl Iterator<Item = &str> {
        self.members.keys().map(String::as_str)
    }

    pub(super) fn manifests(&self) -> impl Iterator<Item = &str> {
        self.members.values().map(String::as_str)
    }

    pub(super) fn ours_named_by(&self, from: &str) -> BTreeSet<&str> {
        let ours = |name: &&String| self.members.contains_key(*name);
        self.edges[from].iter().filter(ours).map(String::as_str).collect()
    }

    pub(super) fn names(&self, from: &str, dependency: &str) -> bool {
        self.edges[from].contains(dependency)
    }

    /// The shortest way from one package to another, both included.
    pub(super) fn path(&self, from: &str, to: &str) -> Option<Vec<&str>> {
        let (from, edges) = self.edges.get_key_value(from).unwrap();
        let mut came_from: BTreeMap<&str, &str> = BTreeMap::new();
        let mut open = VecDeque::from([(from.as_str(), edges)]);
        while let Some((at, next)) = open.pop_front() {
            for dependency in next {
                let dependency = dependency.as_str();
                if dependency == from || came_from.contains_key(dependency) {
                    continue;
                }
                came_from.insert(dependency, at);
                if dependency == to {
                    let back = std::iter::successors(Some(dependency), |name| {
                        came_from.get(name).copied()
                    });
                    let mut path: Vec<&str> = back.collect();
                    path.reverse();
                    return Some(path);
                }
                open.push_back((dependency, &self.edges[dependency]));
            }
        }
        None
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

//! The Rust sources as text, without comments.

use std::path::{Path, PathBuf};

/// The root of the project.
pub(super) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// One file of code that belongs to a library or program.
pub(super) struct Source {
    /// Relative to the root, with `/`.
    pub(super) path: String,
    text: String,
}

impl Source {
    /// Every source of every crate, tests in `tests/` left out.
    pub(super) fn all() -> Vec<Self> {
        let mut folders = vec![root().join("src"), root().join("benches")];
        for entry in std::fs::read_dir(root().join("crates")).unwrap() {
            folders.push(entry.unwrap().path().join("src"));
        }
        let mut sources: Vec<Self> =
            folders.iter().flat_map(|folder| Self::under(folder)).collect();
        sources.sort_by(|a, b| a.path.cmp(&b.path));
        assert!(sources.len() > 100, "only {} sources found", sources.len());
        sources
    }

    /// The sources of one crate.
    pub(super) fn of_crate(name: &str) -> Vec<Self> {
        let sources = Self::under(&root().join("crates").join(name).join("src"));
        assert!(!sources.is_empty(), "no sources in crates/{name}");
        sources
    }

    fn under(folder: &Path) -> Vec<Self> {
        let mut found = Vec::new();
        let mut open: Vec<PathBuf> = vec![folder.to_owned()];
        while let Some(folder) = open.pop() {
            for entry in std::fs::read_dir(&folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    open.push(path);
                } else if path.extension().is_some_and(|extension| extension == "rs") {
                    found.push(Self::read(&path));
                }
            }
        }
        found
    }

    fn read(path: &Path) -> Self {
        let text = std::fs::read_to_string(path).unwrap();
        let code = |line: &str| line.split("//").next().unwrap_or_default().trim().to_owned();
        let relative = path.strip_prefix(root()).unwrap();
        Self {
            path: relative.to_str().unwrap().to_owned(),
            text: text.lines().map(code).collect::<Vec<_>>().join("\n"),
        }
    }

    pub(super) fn file_name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }

    /// Whether the whole file is compiled for tests only.
    pub(super) fn is_test(&self) -> bool {
        self.path.contains("/tests/") || matches!(self.file_name(), "tests.rs" | "test_policy.rs")
    }

    /// `path:line: name` for every line before the file's test module that holds one of `names`.
    pub(super) fn find(&self, names: &[&str]) -> Vec<String> {
        let lines = self.text.lines().enumerate().take_while(|(_, line)| *line != "mod tests {");
        let mut found = Vec::new();
        for (number, line) in lines {
            for name in names.iter().filter(|name| line.contains(**name)) {
                found.push(format!("{}:{}: {name}", self.path, number + 1));
            }
        }
        found
    }

    pub(super) fn lines_with(&self, wanted: impl Fn(&str) -> bool) -> usize {
        self.text.lines().filter(|line| wanted(line)).count()
    }
}

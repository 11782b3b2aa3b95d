//! A department's own database as a source.

mod mysql;
mod postgres;
mod server;
mod sqlite;

use std::cell::RefCell;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use department::{Error, Language, SqlSource, export};
use tempfile::TempDir;

/// A folder with a source and what it exports.
struct Office {
    folder: TempDir,
}

impl Office {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str, mode: u32) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        path
    }

    /// A source of these lines under `[database]`.
    fn source(&self, database: &str, query: &str) -> Result<SqlSource, Error> {
        self.source_with(database, query, "")
    }

    fn source_with(&self, database: &str, query: &str, more: &str) -> Result<SqlSource, Error> {
        let text = format!("query = '''{query}'''\n{more}\n[database]\n{database}\n");
        SqlSource::load(&self.write("source.toml", &text, 0o644))
    }

    /// The lines that an export writes; nothing else stays in the folder either way.
    fn export(&self, source: &SqlSource) -> Result<Vec<String>, Error> {
        let output = self.path("out.csv");
        let told = RefCell::new(0);
        let before = self.files();
        let result = export(source, &output, &|rows| *told.borrow_mut() = rows);
        let text = fs::read_to_string(&output);
        if text.is_ok() {
            assert_eq!(fs::metadata(&output).unwrap().permissions().mode() & 0o777, 0o600);
            fs::remove_file(&output).unwrap();
        }
        assert_eq!(self.files(), before, "nothing half-written stays");
        let rows = result?;
        assert_eq!(*told.borrow(), rows);
        let lines: Vec<String> = text.unwrap().lines().map(str::to_owned).collect();
        Ok(lines)
    }

    fn files(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.folder.path()).unwrap();
        let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
        files.sort();
        files
    }
}

/// The message in both languages must say these words and hold none of those.
fn says(error: &Error, words: &str, never: &[&str]) {
    let german = error.text(Language::German);
    let english = error.to_string();
    assert!(english.contains(words), "{words}: {english}");
    assert!(german.starts_with("Quelle "), "{german}");
    for word in never {
        assert!(!english.contains(word) && !german.contains(word), "{word}: {english} {german}");
        assert!(!format!("{error:?}").contains(word), "{word}: {error:?}");
    }
}

fn skip(what: &str, path: &str) {
    eprintln!("skipped: {what} needs {path}, which is not installed");
    assert!(!Path::new(path).exists());
}

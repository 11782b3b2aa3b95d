//! A throw-away PostgreSQL server on a socket in a temporary directory.

use crate::place::Place;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;
use tempfile::TempDir;

pub(crate) struct Server {
    directory: TempDir,
    programs: PathBuf,
    process: Child,
}

impl Server {
    /// `None` where the Debian programs are absent.
    pub(crate) fn start() -> Option<Self> {
        let programs = fs::read_dir("/usr/lib/postgresql").ok()?;
        let programs = programs.filter_map(|version| Some(version.ok()?.path().join("bin")));
        let programs = programs.filter(|bin| bin.join("initdb").exists()).max()?;
        let directory = tempfile::tempdir().unwrap();
        if is_root() {
            // The server refuses to run as root.
            succeed(Command::new("chown").arg("postgres").arg(directory.path()));
        }
        let data = directory.path().join("data");
        succeed(
            as_postgres(&programs.join("initdb"))
                .args(["--no-sync", "--auth=trust", "--username=postgres", "--encoding=UTF8"])
                .arg("--pgdata")
                .arg(&data),
        );
        let process = as_postgres(&programs.join("postgres"))
            .arg("-D")
            .arg(&data)
            .arg("-k")
            .arg(directory.path())
            .args(["-c", "listen_addresses=", "-c", "shared_buffers=16MB"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let server = Self { directory, programs, process };
        server.wait();
        Some(server)
    }

    fn wait(&self) {
        for _ in 0..200 {
            let mut ready = self.client("pg_isready");
            if ready.stdout(Stdio::null()).status().unwrap().success() {
                return;
            }
            sleep(Duration::from_millis(50));
        }
        panic!("the server did not start within ten seconds");
    }

    fn client(&self, program: &str) -> Command {
        let mut command = Command::new(self.programs.join(program));
        command.arg("-h").arg(self.directory.path()).args(["-U", "postgres"]);
        command
    }

    /// A fresh schema: much cheaper than a database, and nothing here looks beyond it.
    pub(crate) fn place(&self, name: &str) -> Place {
        self.run(&format!("CREATE SCHEMA {name}"));
        let url = format!("{}&options[search_path]={name}", self.url("postgres"));
        Place::postgres(url, self.directory.path().join(format!("{name}.keys")))
    }

    /// A fresh database, whose settings a scenario may change.
    pub(crate) fn database(&self, name: &str) -> Place {
        self.run(&format!("CREATE DATABASE {name}"));
        Place::postgres(self.url(name), self.directory.path().join(format!("{name}.keys")))
    }

    pub(crate) fn url(&self, name: &str) -> String {
        format!("postgres://postgres@localhost/{name}?host={}", self.directory.path().display())
    }

    pub(crate) fn run(&self, sql: &str) {
        succeed(self.client("psql").args(["-q", "-c", sql]));
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = Command::new("kill").arg("-INT").arg(self.process.id().to_string()).status();
        let _ = self.process.wait();
    }
}

fn is_root() -> bool {
    fs::metadata("/proc/self").unwrap().uid() == 0
}

/// The server ends with the thread that started it, even when that is killed.
fn as_postgres(program: &Path) -> Command {
    let mut command = Command::new("setpriv");
    command.arg("--pdeathsig=INT");
    if is_root() {
        command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]);
    }
    command.arg(program).current_dir("/");
    command
}

fn succeed(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

//! Both units on PostgreSQL: a throw-away server, a database and a user for each.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use milchglas::UnitName::{Linkage, Statistics};
use tempfile::TempDir;

use crate::place::Place;

struct Server {
    directory: TempDir,
    programs: PathBuf,
    process: Child,
}

impl Server {
    /// `None` where the Debian programs are absent.
    fn start() -> Option<Self> {
        let versions = fs::read_dir("/usr/lib/postgresql").ok()?;
        let programs = versions.filter_map(|own| Some(own.ok()?.path().join("bin")));
        let programs = programs.filter(|own| own.join("initdb").exists()).max()?;
        let directory = tempfile::tempdir().unwrap();
        if is_root() {
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
        for _ in 0..400 {
            let mut ready = self.client("pg_isready");
            if ready.stdout(Stdio::null()).status().unwrap().success() {
                return;
            }
            sleep(Duration::from_millis(50));
        }
        panic!("the server did not start within twenty seconds");
    }

    fn client(&self, program: &str) -> Command {
        let mut command = Command::new(self.programs.join(program));
        command.arg("-h").arg(self.directory.path()).args(["-U", "postgres"]);
        command
    }

    /// A database that its own user alone can enter.
    fn unit(&self, unit: &str) -> String {
        for sql in [
            format!("CREATE ROLE {unit} LOGIN"),
            format!("CREATE DATABASE {unit} OWNER {unit}"),
            format!("REVOKE CONNECT ON DATABASE {unit} FROM PUBLIC"),
        ] {
            succeed(self.client("psql").args(["-q", "-c", &sql]));
        }
        self.url(unit, unit)
    }

    fn url(&self, user: &str, database: &str) -> String {
        format!("postgres://{user}@localhost/{database}?host={}", self.directory.path().display())
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

#[test]
fn postgres_carries_both_units_from_a_delivery_to_a_number() {
    let Some(server) = Server::start() else {
        println!("skipped: PostgreSQL is not installed");
        return;
    };
    let (linkage, statistics) = (server.unit("linkage"), server.unit("statistics"));
    let mut place = Place::start_on(500_000_000, &linkage, &statistics);
    place.ready();
    let first = place.ask("day-care-hours", 2025);
    assert_eq!(first.status, 200, "{}", first.json());
    let spent = place.spent();

    place.stop(Linkage);
    place.stop(Statistics);
    // The two users see nothing of each other.
    for (user, other) in [("linkage", "statistics"), ("statistics", "linkage")] {
        let refused = Command::new(server.programs.join("psql"))
            .args(["-q", "-c", "SELECT 1", &server.url(user, other)])
            .output()
            .unwrap();
        assert!(!refused.status.success(), "{user} enters the database of {other}");
    }
    place.start_again(Linkage);
    place.start_again(Statistics);
    let again = place.ask("day-care-hours", 2025);
    assert_eq!((again.stored.as_deref(), &again.body), (Some("true"), &first.body));
    assert_eq!(place.spent(), spent);
    assert_eq!(place.get(Statistics, "stranger", "/ready").status, 200);
}

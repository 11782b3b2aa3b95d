//! Throw-away database servers, each in a temporary directory.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use tempfile::TempDir;

/// A running server, ended with the test.
pub(super) struct Server {
    pub(super) folder: TempDir,
    pub(super) port: u16,
    client: Vec<String>,
    process: Child,
}

impl Server {
    /// PostgreSQL; over the network it asks for a password. `None` where it is not installed.
    pub(super) fn postgres(more: &[&str]) -> Option<Self> {
        let programs = fs::read_dir("/usr/lib/postgresql").ok()?;
        let programs = programs.filter_map(|version| Some(version.ok()?.path().join("bin")));
        let programs = programs.filter(|bin| bin.join("initdb").exists()).max()?;
        let folder = tempfile::tempdir().unwrap();
        let (data, port) = (folder.path().join("data"), free_port());
        give_to_postgres(folder.path());
        let mut init = as_postgres(&programs.join("initdb"));
        init.args(["--no-sync", "--auth-local=trust", "--auth-host=scram-sha-256"]);
        init.args(["--username=postgres", "--encoding=UTF8", "--locale=C.UTF-8", "--pgdata"]);
        succeed(init.arg(&data));
        let rules = fs::read_to_string(data.join("pg_hba.conf")).unwrap();
        fs::write(data.join("pg_hba.conf"), rules + "\nhost all all all scram-sha-256\n").unwrap();
        certificate(folder.path());
        let process = as_postgres(&programs.join("postgres"))
            .arg("-D")
            .arg(&data)
            .arg("-k")
            .arg(folder.path())
            .args(["-p", &port.to_string(), "-c", "listen_addresses=*"])
            .args(["-c", "shared_buffers=16MB", "-c", "fsync=off"])
            .args(more.iter().map(|part| part.replace("FOLDER", folder.path().to_str().unwrap())))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let at = folder.path().to_str().unwrap().to_owned();
        let psql = programs.join("psql").to_str().unwrap().to_owned();
        let client = [&psql, "-h", &at, "-p", &port.to_string(), "-U", "postgres", "-qAt", "-c"];
        let client = client.map(str::to_owned).to_vec();
        Some(Self { folder, port, client, process }.ready())
    }

    /// MariaDB, on a socket only. `None` where it is not installed.
    pub(super) fn mariadb() -> Option<Self> {
        let program = Path::new("/usr/sbin/mariadbd");
        if !program.exists() {
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        // What the installer does, without the programs of other packages that it calls.
        let mut tables = String::from("CREATE DATABASE mysql;\nUSE mysql;\n");
        for name in ["mysql_system_tables.sql", "mysql_system_tables_data.sql"] {
            tables += &fs::read_to_string(Path::new("/usr/share/mysql").join(name)).ok()?;
        }
        fs::write(at("tables.sql"), tables).unwrap();
        fs::create_dir(at("data")).unwrap();
        let mut install = Command::new(program);
        install.args(["--no-defaults", "--user=root", "--bootstrap"]);
        install.arg(format!("--datadir={}", at("data")));
        succeed(install.stdin(fs::File::open(at("tables.sql")).unwrap()));
        let setup = "CREATE DATABASE amt; CREATE USER leser@localhost IDENTIFIED BY 'geheim'; \
             GRANT SELECT, INSERT ON amt.* TO leser@localhost; CREATE OR REPLACE USER root@localhost; \
             GRANT ALL ON *.* TO root@localhost;";
        fs::write(at("setup.sql"), setup.replace("; ", ";\n")).unwrap();
        let process = dying_with_its_parent(program)
            .args(["--no-defaults", "--user=root", "--skip-networking"])
            .arg(format!("--datadir={}", at("data")))
            .arg(format!("--socket={}", at("socket")))
            .arg(format!("--pid-file={}", at("pid")))
            .arg(format!("--init-file={}", at("setup.sql")))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        for _ in 0..300 {
            if Path::new(&at("pid")).exists() && Path::new(&at("socket")).exists() {
                break;
            }
            sleep(Duration::from_millis(50));
        }
        Some(Self { folder, port: 0, client: Vec::new(), process })
    }

    fn ready(self) -> Self {
        for _ in 0..200 {
            if self.call("SELECT 1").output().unwrap().status.success() {
                return self;
            }
            sleep(Duration::from_millis(50));
        }
        assert!(self.run("SELECT 1").is_empty(), "the server did not start within ten seconds");
        self
    }

    fn call(&self, sql: &str) -> Command {
        let mut command = Command::new(&self.client[0]);
        command.args(&self.client[1..]).arg(sql);
        command
    }

    /// Runs a statement as the owner and gives what it prints.
    pub(super) fn run(&self, sql: &str) -> String {
        let output = self.call(sql).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = Command::new("kill").arg("-INT").arg(self.process.id().to_string()).status();
        sleep(Duration::from_millis(100));
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn is_root() -> bool {
    fs::metadata("/proc/self").unwrap().uid() == 0
}

fn give_to_postgres(path: &Path) {
    if is_root() {
        succeed(Command::new("chown").arg("postgres").arg(path));
    }
}

/// The server ends with the thread that started it, even when that is killed.
fn dying_with_its_parent(program: &Path) -> Command {
    let mut command = Command::new("setpriv");
    command.arg("--pdeathsig=KILL").arg(program).current_dir("/");
    command
}

/// PostgreSQL refuses to run as root.
fn as_postgres(program: &Path) -> Command {
    if !is_root() {
        return dying_with_its_parent(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig=INT", "--reuid=postgres", "--regid=postgres", "--clear-groups"]);
    command.arg(program).current_dir("/");
    command
}

/// `server.crt` and `server.key` for localhost, signed by `ca.crt`; `other.crt` signed nothing.
fn certificate(folder: &Path) {
    let at = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let new = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
    for (name, subject) in [("ca", "/CN=ca"), ("other", "/CN=other")] {
        let mut command = Command::new("openssl");
        command.args(new).args(["-days", "2", "-subj", subject]);
        command.args(["-keyout", &at(&format!("{name}.key"))]);
        if command.args(["-out", &at(&format!("{name}.crt"))]).output().is_err() {
            return;
        }
    }
    let mut command = Command::new("openssl");
    command.args(new).args(["-days", "2", "-subj", "/CN=localhost"]);
    command.args([
        "-addext",
        "subjectAltName=DNS:localhost",
        "-addext",
        "basicConstraints=CA:FALSE",
    ]);
    command.args(["-CA", &at("ca.crt"), "-CAkey", &at("ca.key")]);
    command.args(["-keyout", &at("server.key"), "-out", &at("server.crt")]);
    succeed(&mut command);
    if is_root() {
        succeed(Command::new("chown").args(["postgres", &at("server.key"), &at("server.crt")]));
    }
    succeed(Command::new("chmod").args(["600", &at("server.key")]));
}

fn succeed(command: &mut Command) {
    let output = command.output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&said));
}

//! Where a database is, and whether the way there must be sealed.

use std::net::IpAddr;
use std::path::{Path, PathBuf};

/// A database.
pub(super) enum Place {
    Postgres(Server),
    MySql(Server),
    Sqlite(PathBuf),
}

/// A database server and a database on it.
pub(super) struct Server {
    pub(super) way: Way,
    pub(super) database: String,
}

/// The way to a server.
pub(super) enum Way {
    /// Folder (PostgreSQL) or file (MySQL) of a socket on this machine.
    Socket(PathBuf),
    Network {
        host: String,
        port: u16,
    },
}

impl Server {
    /// Whether what is read would cross a network: then only sealed, to a proven host.
    pub(super) fn is_remote(&self) -> bool {
        let Way::Network { host, .. } = &self.way else { return false };
        let address: Option<IpAddr> = host.parse().ok();
        !address.map_or(host.eq_ignore_ascii_case("localhost"), |address| address.is_loopback())
    }
}

impl Place {
    /// Reads `postgresql://HOST[:PORT]/DATABASE`, the same with `mysql` or `mariadb`, either
    /// with an empty host and `?socket=PATH`, or `sqlite:FILE` relative to a folder.
    ///
    /// The text is never repeated in the error: somebody may have written a password into it.
    pub(super) fn parse(url: &str, folder: &Path) -> Result<Self, &'static str> {
        const FORM: &str = "write postgresql://host/database, mysql://host/database (on this \
            machine also ///database?socket=/path) or sqlite:file";
        if let Some(file) = url.strip_prefix("sqlite:") {
            let file = file.strip_prefix("//").unwrap_or(file);
            let plain = !file.is_empty() && !file.contains(['?', '\0']);
            return if plain { Ok(Self::Sqlite(folder.join(file))) } else { Err(FORM) };
        }
        let (scheme, rest) = url.split_once("://").ok_or(FORM)?;
        let (kind, port): (fn(Server) -> Self, u16) = match scheme {
            "postgresql" | "postgres" => (Self::Postgres, 5432),
            "mysql" | "mariadb" => (Self::MySql, 3306),
            _ => return Err(FORM),
        };
        let (host, rest) = rest.split_once('/').ok_or(FORM)?;
        if host.contains('@') || rest.contains('@') {
            return Err("leave user and password out of it: they stand in user and password_file");
        }
        let (database, socket) = match rest.split_once("?socket=") {
            Some((database, socket)) => (database, Some(socket)),
            None => (rest, None),
        };
        let name = |text: &str| !text.is_empty() && !text.contains(['/', '?', '&', '%', '\0']);
        if !name(database) {
            return Err(FORM);
        }
        let way = match (socket, host) {
            (Some(socket), "") if Path::new(socket).is_absolute() => Way::Socket(socket.into()),
            (None, host) if !host.is_empty() => network(host, port).ok_or(FORM)?,
            _ => return Err(FORM),
        };
        Ok(kind(Server { way, database: database.to_owned() }))
    }
}

fn network(text: &str, port: u16) -> Option<Way> {
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => {
            let (host, rest) = rest.split_once(']')?;
            let given = rest.strip_prefix(':');
            if given.is_none() && !rest.is_empty() {
                return None;
            }
            (host, given.map_or(Some(port), |port| port.parse().ok())?)
        }
        None => match text.split_once(':') {
            Some((host, port)) => (host, port.parse().ok()?),
            None => (text, port),
        },
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':');
    let fits = !host.is_empty() && host.chars().all(plain);
    fits.then(|| Way::Network { host: host.to_owned(), port })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(url: &str) -> Server {
        match Place::parse(url, Path::new("/f")) {
            Ok(Place::Postgres(server) | Place::MySql(server)) => server,
            _ => panic!("{url}"),
        }
    }

    #[test]
    fn only_this_machine_needs_no_seal() {
        for (url, remote) in [
            ("postgresql://db.kreis.example/amt", true),
            ("postgres://10.1.2.3:5433/amt", true),
            ("mysql://localhost/amt", false),
            ("mariadb://127.0.0.7:3307/amt", false),
            ("postgresql://[::1]:5432/amt", false),
            ("postgresql://[fd00::1]/amt", true),
            ("postgresql://localhost.kreis.example/amt", true),
            ("postgresql:///amt?socket=/run/postgresql", false),
        ] {
            assert_eq!(server(url).is_remote(), remote, "{url}");
        }
        let Way::Network { host, port } = server("postgresql://[::1]:99/a").way else { panic!() };
        assert_eq!((host.as_str(), port), ("::1", 99));
    }

    #[test]
    fn other_forms_are_refused_without_being_repeated() {
        for url in [
            "postgresql://eva:geheim@db/amt",
            "postgresql://db",
            "postgresql://db/",
            "postgresql://db/a/b",
            "postgresql://db:port/a",
            "postgresql://db/a?sslmode=disable",
            "postgresql://db/a?socket=/run",
            "postgresql:///a?socket=run",
            "oracle://db/a",
            "sqlite:",
            "sqlite:x?mode=rwc",
            "db",
        ] {
            let reason = Place::parse(url, Path::new("/f")).err().unwrap();
            assert!(!reason.contains("geheim"), "{reason}");
        }
        let Ok(Place::Sqlite(path)) = Place::parse("sqlite:kita.db", Path::new("/f")) else {
            panic!()
        };
        assert_eq!(path, Path::new("/f/kita.db"));
    }
}

//! Releases for BI tools, written by hand.

use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use policy::Name;
use publication::LongTable;

use crate::{Client, bi};

/// Releases for BI tools
#[derive(Subcommand)]
pub(crate) enum BiCommand {
    /// Write a project's releases into a SQLite file or a PostgreSQL database
    Write(Write),
}

impl BiCommand {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        match self {
            Self::Write(own) => own.run(),
        }
    }
}

/// Write a project's releases into a SQLite file or a PostgreSQL database
///
/// The releases are public, so no token is needed. The file is replaced as a whole; the database gets
/// the schema milchglas_release with the role milchglas_bi, which may read its views and nothing
/// else. A statistics unit does this by itself after each release where its configuration has [bi].
#[derive(Args)]
#[command(after_help = "Example:\n  milchglas bi write --url http://127.0.0.1:8702 \
                  --project early-help-06432 \\\n    --sqlite releases.sqlite\n  milchglas bi write \
                  --url http://127.0.0.1:8702 --project early-help-06432 \\\n    \
                  --postgres-url-file bi.url")]
pub(crate) struct Write {
    /// Address of the statistics unit, such as http://127.0.0.1:8702
    #[arg(long)]
    url: String,
    /// The project, as it stands in the address of its page
    #[arg(long)]
    project: Name,
    /// SQLite file, which is replaced
    #[arg(long, value_name = "FILE")]
    sqlite: Option<PathBuf>,
    /// File (0600) that holds the address of the PostgreSQL database, such as
    /// postgres://writer:password@localhost/releases; an address is never an argument
    #[arg(long, value_name = "FILE")]
    postgres_url_file: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Write {
    fn run(self) -> anyhow::Result<()> {
        if self.sqlite.is_none() && self.postgres_url_file.is_none() {
            bail!("name --sqlite or --postgres-url-file, or both");
        }
        let client = Client::of_a_reader(&self.url)?;
        let bytes = client.get_bytes(&format!("/projects/{}/long-table.json", self.project))?;
        let table = LongTable::read(&bytes)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let mut written = Vec::new();
        if let Some(path) = &self.sqlite {
            let own = runtime.block_on(bi::write_sqlite(path, &table));
            written.push(own.context("nothing was written into SQLite")?);
        }
        if let Some(path) = &self.postgres_url_file {
            let own = runtime.block_on(bi::write_postgres(path, &table));
            written.push(own.context("nothing was written into PostgreSQL")?);
        }
        if self.json {
            println!("{}", serde_json::to_string_pretty(&written)?);
            return Ok(());
        }
        for own in &written {
            println!("{} rows in {} views: {}", own.rows, own.views.len(), own.place);
            for view in &own.views {
                println!("  {view}");
            }
        }
        Ok(())
    }
}

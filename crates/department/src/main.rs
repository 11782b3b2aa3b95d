//! `milchglas-department`: what a department runs, from its extract to two receipts.
//!
//! Everything it does is in the library; here are only the command line and the terminal.

mod cli;

fn main() -> std::process::ExitCode {
    cli::run(std::env::args_os().collect())
}

//! The binary `milchglas`: see `milchglas --help`.

use std::process::ExitCode;

fn main() -> ExitCode {
    milchglas::cli::run()
}

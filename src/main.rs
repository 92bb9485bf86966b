//! `oauthspec`: says whether an OAuth 2.0 authorization server keeps its promises.

use std::process::ExitCode;

fn main() -> ExitCode {
    oauthspec::cli::main().into()
}

//! `oauthspec`: says whether an OAuth 2.0 authorization server keeps its promises.

use std::process::ExitCode;

/// A run takes a tenth less than with glibc's, and musl's is slower still.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    oauthspec::cli::main().into()
}

//! Every row of TaskNation's profile as a test, against the embedded reference server: what other projects do
//! for their own server with five lines.

fn main() -> std::process::ExitCode {
    oauthspec::cli::Conformance::of_reference().seed(1).main()
}

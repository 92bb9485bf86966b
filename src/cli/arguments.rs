use std::io::IsTerminal as _;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::model::Level;

use super::Exit;

/// Tells whether an OAuth 2.0 authorization server keeps its promises.
#[derive(Debug, Parser)]
#[command(name = "oauthspec", version, max_term_width = 100, arg_required_else_help = true)]
#[command(after_help = "\
Exit codes: 0 conforms · 1 a requirement is broken or a baseline no longer true · 2 usage, target or suite file wrong ·
3 something could not be judged or reached · 4 nothing selected · 130 interrupted")]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Command,
    /// When to use colour
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, env = "OAUTHSPEC_COLOR")]
    color: Color,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Color {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Run the suites against a server and report; without a target, against the embedded reference server
    Run(Box<Run>),
    /// Print what a run would do, without touching the server
    List(List),
    /// Explain a case, a requirement, a profile or a defect
    Explain(Explain),
    /// Check suite, requirement, profile and target files
    Check(Check),
    /// Lay two servers, or two journals, side by side: where they behave differently, even where both conform
    Compare(Compare),
    /// Tell a journal again in any format, join the parts of a run, verify a signature
    Report(Report),
    /// Print which requirements are judged, by what, and which are not yet
    Coverage(Coverage),
    /// Serve the reference server, sound or with defects
    Serve(Serve),
    /// Print what is made from the program itself: JSON Schemas of its files
    #[command(subcommand)]
    Generate(Generate),
}

#[derive(Debug, Subcommand)]
pub(super) enum Generate {
    /// The JSON Schema of suite, target, profile or requirement files, for editors
    Schema {
        /// Of which kind of file; without it, all of them
        #[arg(value_enum)]
        kind: Option<SchemaKind>,
        /// Write them into this directory, a file each
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum SchemaKind {
    Suite,
    Target,
    Profile,
    Requirement,
    Threat,
    Baseline,
}

/// Which server, which profile, which cases: the same for `run` and `list`.
#[derive(Args, Debug)]
pub(super) struct Choice {
    /// Target file; without one, the embedded reference server
    pub(super) target: Option<PathBuf>,
    /// Profile, instead of the target file's
    #[arg(long, env = "OAUTHSPEC_PROFILE")]
    pub(super) profile: Option<String>,
    /// Only these cases: `suite`, `suite/case`, `suite/case[instance]`, globs; may be repeated
    #[arg(long, value_name = "CASE")]
    pub(super) only: Vec<String>,
    /// Only cases with this tag; may be repeated
    #[arg(long, value_name = "TAG")]
    pub(super) tag: Vec<String>,
    /// No cases with this tag; may be repeated
    #[arg(long, value_name = "TAG")]
    pub(super) skip_tag: Vec<String>,
    /// Only cases that judge this requirement (or glob); may be repeated
    #[arg(long, value_name = "ID")]
    pub(super) requirement: Vec<String>,
    /// Only cases that judge a requirement of this document (or glob), such as `rfc6749`; may be repeated
    #[arg(long, value_name = "DOCUMENT")]
    pub(super) document: Vec<String>,
    /// Only cases that judge a requirement of this level: `MUST`, `SHOULD NOT`, …; may be repeated
    #[arg(long, value_name = "LEVEL", value_parser = level)]
    pub(super) level: Vec<Level>,
    /// Leave out what waits long (tag `slow`)
    #[arg(long)]
    pub(super) fast: bool,
    /// Also play what may harm a live server: lockouts, floods, requests far too large (tag `disruptive`)
    #[arg(long)]
    pub(super) disruptive: bool,
    /// Further suites, requirements and profiles from this directory; may be repeated
    #[arg(long, value_name = "DIR")]
    pub(super) suites: Vec<PathBuf>,
}

#[derive(Args, Debug)]
pub(super) struct Run {
    #[command(flatten)]
    pub(super) choice: Choice,
    /// Further target files: all are judged at once, and one that is wrong or down harms no other
    pub(super) more: Vec<PathBuf>,
    /// Reproduce a run's random choices
    #[arg(long, env = "OAUTHSPEC_SEED")]
    pub(super) seed: Option<u64>,
    /// Remember failed inputs of properties in this file and try them first; without it in
    /// `.oauthspec/failures.json` beside the target file
    #[arg(long, value_name = "FILE", env = "OAUTHSPEC_FAILURES")]
    pub(super) failures: Option<PathBuf>,
    /// Requests in flight at once, instead of the target file's limit
    #[arg(long, env = "OAUTHSPEC_JOBS", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(super) jobs: Option<u16>,
    /// A broken SHOULD counts as a failure
    #[arg(long, env = "OAUTHSPEC_STRICT")]
    pub(super) strict: bool,
    #[command(flatten)]
    pub(super) reporting: Reporting,
    /// Only this part of the run: `slice:2/5`, `hash:2/5`, or `auto` to ask the CI service or Kubernetes
    #[arg(long, value_name = "PART", env = "OAUTHSPEC_PARTITION")]
    pub(super) partition: Option<String>,
    /// Play a case again that the network failed, so often; it is reported as flaky
    #[arg(long, value_name = "TIMES", default_value_t = 0, env = "OAUTHSPEC_RETRIES", value_parser = clap::value_parser!(u32).range(0..=10))]
    pub(super) retries: u32,
    /// Whether a case that only got its verdict that way counts, or leaves the run without one
    #[arg(long, value_enum, default_value_t = Flaky::Pass, env = "OAUTHSPEC_FLAKY")]
    pub(super) flaky: Flaky,
    /// Serve the HTML report on this host while the run goes on, on that port or any; on a terminal it stays until
    /// Ctrl-C, elsewhere open pages get the whole of it and the server ends with the run
    #[arg(long, value_name = "PORT", num_args = 0..=1, require_equals = true, default_missing_value = "0")]
    pub(super) watch_page: Option<u16>,
    /// Sign the journal with this private key (PEM: Ed25519, EC P-256 or RSA), into PATH.jws beside it
    #[arg(long, value_name = "KEY")]
    pub(super) sign: Option<PathBuf>,
    /// Of several targets: write all verdicts, targets by suites, as JSON
    #[arg(long, value_name = "PATH")]
    pub(super) combined: Option<PathBuf>,
    /// Wait in real time even where the target's clock can be moved
    #[arg(long)]
    pub(super) real_clock: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Flaky {
    Pass,
    Fail,
}

/// Who is told, and what is borne: the same for `run` and `report`.
#[derive(Args, Clone, Debug)]
pub(super) struct Reporting {
    /// Write a report: gitlab, har, html, journal, json, junit, markdown, sarif or tap; may be repeated
    #[arg(long, value_name = "FORMAT=PATH")]
    pub(super) report: Vec<String>,
    /// Which lines to print while the run goes on
    #[arg(long, value_enum, default_value_t = StatusLevel::Pass)]
    pub(super) status_level: StatusLevel,
    /// Let reports replace files that are no reports of earlier runs
    #[arg(long)]
    pub(super) force: bool,
    /// The journal of an earlier run, for the HTML report to compare with
    #[arg(long, value_name = "JOURNAL")]
    pub(super) earlier: Option<PathBuf>,
    /// When to print in full what went wrong
    #[arg(long, value_enum, default_value_t = FailureOutput::Final)]
    pub(super) failure_output: FailureOutput,
    /// Failures that are known and borne; an entry that is no longer true is red
    #[arg(long, value_name = "FILE", env = "OAUTHSPEC_BASELINE")]
    pub(super) baseline: Option<PathBuf>,
    /// Write everything that is broken into a new baseline
    #[arg(long, value_name = "FILE")]
    pub(super) write_baseline: Option<PathBuf>,
    /// Of several targets at once only the table at the end is printed.
    #[arg(skip)]
    pub(super) no_console: bool,
}

#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct Report {
    #[command(subcommand)]
    pub(super) command: Option<ReportCommand>,
    /// Journals: one is told again as it is, several are joined as the parts of one run
    #[arg(required = true, value_name = "JOURNAL")]
    pub(super) journals: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) reporting: Reporting,
}

#[derive(Debug, Subcommand)]
pub(super) enum ReportCommand {
    /// Join the journals of all parts of a run (`run --partition`)
    Merge(Merge),
    /// Say whether a journal is the one that was signed (`run --sign`)
    Verify(Verify),
}

#[derive(Args, Debug)]
pub(super) struct Merge {
    /// The journals of the parts, in any order
    #[arg(required = true, value_name = "JOURNAL")]
    pub(super) journals: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) reporting: Reporting,
}

#[derive(Args, Debug)]
pub(super) struct Verify {
    /// The journal
    pub(super) journal: PathBuf,
    /// The public key (PEM)
    #[arg(long, value_name = "KEY")]
    pub(super) key: PathBuf,
    /// The signature [default: JOURNAL.jws]
    #[arg(long, value_name = "PATH")]
    pub(super) signature: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub(super) struct Compare {
    /// A journal, or a target file to run now
    pub(super) first: PathBuf,
    /// A journal, or a target file to run now
    pub(super) second: PathBuf,
    /// Which differences make the exit code 1
    #[arg(long, value_enum, default_value_t = FailOn::Any)]
    pub(super) fail_on: FailOn,
    /// How to print them
    #[arg(long, value_enum, default_value_t = ListFormat::Text)]
    pub(super) format: ListFormat,
    /// Also write the comparison to a file: html or json; may be repeated
    #[arg(long, value_name = "FORMAT=PATH")]
    pub(super) report: Vec<String>,
    /// Let a report replace a file that is no report of an earlier run
    #[arg(long)]
    pub(super) force: bool,
    /// Profile for target files, instead of their own
    #[arg(long, env = "OAUTHSPEC_PROFILE")]
    pub(super) profile: Option<String>,
    /// Of target files, only these cases; as in `run`
    #[arg(long, value_name = "CASE")]
    pub(super) only: Vec<String>,
    /// Of target files, leave out what waits long (tag `slow`)
    #[arg(long)]
    pub(super) fast: bool,
    /// Further suites, requirements and profiles from this directory; may be repeated
    #[arg(long, value_name = "DIR")]
    pub(super) suites: Vec<PathBuf>,
    /// Reproduce random choices; both target files get the same
    #[arg(long, env = "OAUTHSPEC_SEED")]
    pub(super) seed: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum FailOn {
    /// None
    None,
    /// Only those where the verdicts differ
    Verdict,
    /// Every difference
    Any,
}

/// When rows that went wrong are printed in full.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum FailureOutput {
    Immediate,
    Final,
    ImmediateFinal,
    Never,
}

/// Which lines are printed while a run goes on; each level adds to those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum StatusLevel {
    None,
    Fail,
    Warn,
    Pass,
    All,
}

#[derive(Args, Debug)]
pub(super) struct List {
    #[command(flatten)]
    pub(super) choice: Choice,
    /// How to print it
    #[arg(long, value_enum, default_value_t = ListFormat::Text)]
    pub(super) format: ListFormat,
    /// Also name every case that the profile or a filter leaves out, and why
    #[arg(long)]
    pub(super) all: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ListFormat {
    Text,
    Json,
}

#[derive(Args, Debug)]
pub(super) struct Explain {
    /// Id of a case (`suite/case`), a requirement, a profile or a defect
    #[arg(required_unless_present = "matrix", conflicts_with = "matrix")]
    pub(super) id: Option<String>,
    /// Print every defect of the reference server with the cases that it breaks
    #[arg(long)]
    pub(super) matrix: bool,
    /// Further suites, requirements and profiles from this directory; may be repeated
    #[arg(long, value_name = "DIR")]
    pub(super) suites: Vec<PathBuf>,
}

#[derive(Args, Debug)]
pub(super) struct Check {
    /// Files or directories; without any, the built-in suites
    pub(super) files: Vec<PathBuf>,
    /// For people, or for editors: a JSON object a line for each error
    #[arg(long, value_enum, default_value_t = MessageFormat::Human)]
    pub(super) message_format: MessageFormat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum MessageFormat {
    Human,
    Json,
}

#[derive(Args, Debug)]
pub(super) struct Coverage {
    /// How to print it
    #[arg(long, value_enum, default_value_t = CoverageFormat::Text)]
    pub(super) format: CoverageFormat,
    /// Add how the requirements stood in a run, from its journal
    #[arg(long, value_name = "FILE")]
    pub(super) journal: Option<PathBuf>,
    /// Only this document's requirements, for example `RFC 6749`; may be repeated
    #[arg(long, value_name = "NAME")]
    pub(super) document: Vec<String>,
    /// Only what nothing judges yet
    #[arg(long)]
    pub(super) open: bool,
    /// Further suites, requirements and profiles from this directory; may be repeated
    #[arg(long, value_name = "DIR")]
    pub(super) suites: Vec<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum CoverageFormat {
    Text,
    Markdown,
    Json,
}

#[derive(Args, Debug)]
pub(super) struct Serve {
    /// The profile whose policy is served
    #[arg(long, default_value = "tasknation", env = "OAUTHSPEC_PROFILE")]
    pub(super) profile: String,
    /// Further suites, requirements and profiles from this directory; may be repeated
    #[arg(long, value_name = "DIR")]
    pub(super) suites: Vec<PathBuf>,
    /// Port on 127.0.0.1; 0 for any
    #[arg(long, default_value_t = 8080)]
    pub(super) port: u16,
    /// Speak TLS, with a certificate made for this run
    #[arg(long)]
    pub(super) tls: bool,
    /// Write the certificate to be trusted there and keep it [default: a temporary file]
    #[arg(long, value_name = "PATH", requires = "tls")]
    pub(super) ca_file: Option<PathBuf>,
    /// Beside TLS also answer plain HTTP, on this port of 127.0.0.1; 0 for any
    #[arg(long, value_name = "PORT", requires = "tls")]
    pub(super) plain_http: Option<u16>,
    /// Also write the target file there, for `oauthspec run PATH`
    #[arg(long, value_name = "PATH")]
    pub(super) target_file: Option<PathBuf>,
    /// Make the server misbehave in this way; several names may follow
    #[arg(long, value_name = "NAME", num_args = 1..)]
    pub(super) defect: Vec<String>,
    /// List the defects and end; with a word, those only that have it in name, sentence or requirement
    #[arg(long, value_name = "WORD", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    pub(super) list_defects: Option<String>,
    /// Also serve a hook that moves the clock, on a port of its own
    #[arg(long)]
    pub(super) clock: bool,
    /// How to log requests; `json` also tells of start and end, a line each
    #[arg(long, value_enum, default_value_t = Log::Text)]
    pub(super) log: Log,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Log {
    Text,
    Json,
    None,
}

/// A level as documents write it, or as it is typed in a hurry: `must-not`.
fn level(typed: &str) -> Result<Level, String> {
    let folded = typed.to_uppercase().replace(['-', '_'], " ");
    Level::ALL.into_iter().find(|level| level.as_str() == folded).ok_or_else(|| {
        let known: Vec<&str> = Level::ALL.iter().map(|level| level.as_str()).collect();
        format!("expected one of {}", known.join(", "))
    })
}

impl Arguments {
    /// Reads the process's own. Asked-for help exits with 0, anything wrong with 2.
    pub(super) fn read() -> Result<Self, Exit> {
        Self::try_parse().map_err(|error| {
            // Nothing is left to be done when the terminal is gone.
            let _ = error.print();
            if error.use_stderr() { Exit::Usage } else { Exit::Conforms }
        })
    }

    /// Whether to use colour (https://no-color.org, `TERM=dumb`, and not into files).
    pub(super) fn color(&self) -> bool {
        let is_set = |name: &str| std::env::var_os(name).is_some_and(|v| !v.is_empty());
        match self.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => {
                std::io::stdout().is_terminal()
                    && !is_set("NO_COLOR")
                    && std::env::var_os("TERM").is_none_or(|t| t != "dumb")
            }
        }
    }
}

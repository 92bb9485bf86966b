use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::model::Event;
use crate::report::{
    self, Console, ConsoleOptions, Earlier, Existing, Format, Github, Opening, ReportError, Reporter,
    is_report,
};

use super::Exit;
use super::arguments::{FailureOutput, Reporting, StatusLevel};
use super::failure::Failure;

/// What GitLab's job takes as its Code Quality report (`artifacts: reports: codequality:`).
const GITLAB_PATH: &str = "gl-code-quality-report.json";

/// All reports of a run: the console, the files asked for, and what the environment switches on.
pub(super) struct Reports {
    all: Vec<Open>,
    color: bool,
}

struct Open {
    reporter: Box<dyn Reporter>,
    /// For display only, so that its failure changes no exit code.
    is_extra: bool,
    error: Option<ReportError>,
}

/// How the reports came out.
pub(super) struct Told {
    failed: bool,
}

impl Told {
    /// A run whose report could not be written must not look conforming; a broken one stays broken.
    pub(super) fn exit(&self, of_run: Exit) -> Exit {
        if self.failed && of_run == Exit::Conforms { Exit::Usage } else { of_run }
    }
}

impl Reports {
    /// Opens all, so that what cannot be written is told before the run begins.
    pub(super) fn open(arguments: &Reporting, color: bool) -> Result<Self, Failure> {
        let mut reports = Self { all: Vec::new(), color };
        if !arguments.no_console {
            reports.add_console(arguments);
        }
        let existing = if arguments.force { Existing::Anything } else { Existing::Report };
        let earlier = arguments.earlier.as_deref().map(earlier).transpose()?;
        let opening = Opening { existing, earlier };
        let mut paths: BTreeMap<PathBuf, &str> = BTreeMap::new();
        let mut wants_gitlab = !arguments.no_console && std::env::var_os("GITLAB_CI").is_some();
        for wanted in &arguments.report {
            let (format, path) = parsed(wanted)?;
            wants_gitlab &= format != Format::Gitlab;
            if let Some(other) = paths.insert(resolved(Path::new(path)), wanted) {
                return Err(one_file(other, wanted));
            }
            let is_replaced = is_report(Path::new(path)) == Some(true);
            reports.add(report::open(format, Path::new(path), &opening).map_err(of_opening)?, false);
            if is_replaced {
                reports.note(&format!("{path} is replaced; it is the report of an earlier run"));
            }
        }
        if wants_gitlab {
            // Nobody asked for it by name, so it must not be the reason why a run does not begin.
            match report::open(Format::Gitlab, Path::new(GITLAB_PATH), &opening) {
                Ok(reporter) => reports.add(reporter, true),
                Err(error) => reports.note(&format!("no report for GitLab: {error}")),
            }
        }
        let is_github = std::env::var_os("GITHUB_ACTIONS").is_some_and(|value| value == "true");
        if is_github && !arguments.no_console {
            let summary = std::env::var_os("GITHUB_STEP_SUMMARY").map(PathBuf::from);
            reports.add(Box::new(Github::new(Box::new(std::io::stdout()), summary)), true);
        }
        Ok(reports)
    }

    /// One reporter, and nothing else.
    pub(super) fn of(reporter: Box<dyn Reporter>) -> Self {
        Self { all: vec![Open { reporter, is_extra: false, error: None }], color: false }
    }

    /// Hands an event to every reporter. One that fails is dropped, the others go on; what failed is told at the
    /// end.
    pub(super) fn handle(&mut self, event: &Event) {
        self.each(|reporter| reporter.handle(event));
    }

    /// Tells every reporter that so much time has gone by.
    pub(super) fn tick(&mut self, elapsed: Duration) {
        self.each(|reporter| reporter.tick(elapsed));
    }

    /// Tells the user what failed.
    pub(super) fn close(&mut self) -> Told {
        let mut failed = false;
        for open in &mut self.all {
            if let Some(error) = open.error.take() {
                failed |= !open.is_extra;
                let failure = Failure::usage(error);
                let failure = if open.is_extra { failure.note() } else { failure };
                failure.tell(self.color);
            }
        }
        Told { failed }
    }

    fn add_console(&mut self, arguments: &Reporting) {
        let options = console(arguments, self.color);
        self.add(Box::new(Console::new(Box::new(std::io::stdout()), options)), false);
    }

    /// One more, for display only.
    pub(super) fn add_extra(&mut self, reporter: Box<dyn Reporter>) {
        self.add(reporter, true);
    }

    fn add(&mut self, reporter: Box<dyn Reporter>, is_extra: bool) {
        self.all.push(Open { reporter, is_extra, error: None });
    }

    fn each(&mut self, mut told: impl FnMut(&mut dyn Reporter) -> Result<(), ReportError>) {
        for open in self.all.iter_mut().filter(|open| open.error.is_none()) {
            open.error = told(&mut *open.reporter).err();
        }
    }

    fn note(&self, text: &str) {
        Failure::usage(text).note().tell(self.color);
    }
}

/// `FORMAT=PATH`.
pub(super) fn parsed(wanted: &str) -> Result<(Format, &str), Failure> {
    let (format, path) = format_and_path(wanted)?;
    Ok((format.parse().map_err(Failure::usage)?, path))
}

/// Two reports that would overwrite each other.
pub(super) fn one_file(other: &str, wanted: &str) -> Failure {
    Failure::usage(format!("`--report {other}` and `--report {wanted}` go to one file"))
        .help("give each a path of its own")
}

pub(super) fn format_and_path(wanted: &str) -> Result<(&str, &str), Failure> {
    let Some((format, path)) = wanted.split_once('=').filter(|(_, path)| !path.is_empty()) else {
        let format = wanted.split('=').next().unwrap_or_default();
        return Err(Failure::usage(format!("`--report {wanted}` names no file"))
            .help(format!("write `--report {format}=PATH`")));
    };
    Ok((format, path))
}

pub(super) fn of_opening(error: ReportError) -> Failure {
    let failure = Failure::usage(&error);
    match error {
        ReportError::Foreign { .. } => failure.help("take another path, or say `--force` to replace it"),
        ReportError::Busy { .. } => failure.help("wait for it to end, or take another path"),
        _ => failure,
    }
}

pub(super) fn earlier(path: &Path) -> Result<Arc<Earlier>, Failure> {
    let of_path = |error: String| Failure::usage(format!("{}: {error}", path.display()));
    let file = File::open(path).map_err(|error| of_path(error.to_string()))?;
    let events: Result<Vec<Event>, _> = report::replay(BufReader::new(file)).collect();
    let events = events.map_err(|error| {
        of_path(error.to_string()).help("`--earlier` takes what `--report journal=PATH` wrote")
    })?;
    Ok(Arc::new(events.into_iter().collect()))
}

/// Two ways to write a path are one path; it need not exist yet.
pub(super) fn resolved(path: &Path) -> PathBuf {
    if let Ok(path) = std::fs::canonicalize(path) {
        return path;
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    match (std::fs::canonicalize(folder), path.file_name()) {
        (Ok(folder), Some(name)) => folder.join(name),
        _ => std::path::absolute(path).unwrap_or_else(|_| path.to_owned()),
    }
}

fn console(arguments: &Reporting, color: bool) -> ConsoleOptions {
    let is_terminal = std::io::stdout().is_terminal();
    let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let is_dumb = std::env::var_os("TERM").is_none_or(|term| term == "dumb");
    ConsoleOptions {
        color,
        width: width(is_terminal),
        status_level: match arguments.status_level {
            StatusLevel::None => report::StatusLevel::None,
            StatusLevel::Fail => report::StatusLevel::Fail,
            StatusLevel::Warn => report::StatusLevel::Warn,
            StatusLevel::Pass => report::StatusLevel::Pass,
            StatusLevel::All => report::StatusLevel::All,
        },
        failure_output: match arguments.failure_output {
            FailureOutput::Immediate => report::FailureOutput::Immediate,
            FailureOutput::Final => report::FailureOutput::Final,
            FailureOutput::ImmediateFinal => report::FailureOutput::ImmediateFinal,
            FailureOutput::Never => report::FailureOutput::Never,
        },
        live: is_terminal && !is_dumb && !is_set("CI"),
        ..ConsoleOptions::default()
    }
}

/// The terminal's, `COLUMNS` where there is none, else 100.
fn width(is_terminal: bool) -> usize {
    let columns = std::env::var("COLUMNS").ok().and_then(|c| c.parse().ok());
    if is_terminal && let Some(width) = terminal_width() {
        return columns.unwrap_or(width);
    }
    columns.unwrap_or(100)
}

/// As `stty` knows it.
fn terminal_width() -> Option<usize> {
    let asked =
        std::process::Command::new("stty").args(["size"]).stdin(std::process::Stdio::inherit()).output();
    let text = String::from_utf8(asked.ok()?.stdout).ok()?;
    text.split_whitespace().nth(1)?.parse().ok().filter(|w| *w > 0)
}

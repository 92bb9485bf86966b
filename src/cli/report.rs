use std::io::{BufRead as _, Cursor};
use std::path::Path;

use crate::model::Event;
use crate::report::{ReplayError, replay};
use crate::results::{JoinError, Part, join};

use super::Exit;
use super::arguments::{self, ReportCommand};
use super::audience::Audience;
use super::failure::Failure;

/// Tells journals again: one as it is, several as the parts of one run.
pub(super) fn report(arguments: &arguments::Report, color: bool) -> Result<Exit, Failure> {
    let (journals, reporting) = match &arguments.command {
        Some(ReportCommand::Merge(merge)) => (&merge.journals, &merge.reporting),
        Some(ReportCommand::Verify(verify)) => return super::signing::verify(verify),
        None => (&arguments.journals, &arguments.reporting),
    };
    let mut parts = Vec::new();
    for path in journals {
        parts.push(Part { name: path.display().to_string(), events: journal(path)? });
    }
    let is_merge = arguments.command.is_some();
    let events = match parts.as_mut_slice() {
        [one] if !is_merge => std::mem::take(&mut one.events),
        _ => join(parts).map_err(of_join)?.events,
    };
    for path in journals {
        let clash = reporting.report.iter().filter_map(|wanted| wanted.split_once('='));
        if let Some((_, to)) = clash.into_iter().find(|(_, to)| same_file(Path::new(to), path)) {
            return Err(Failure::usage(format!("{to} is read, so no report can go there")));
        }
    }
    let is_whole = !events.iter().any(|event| matches!(event, Event::RunStarted(run) if run.filtered));
    let mut audience = Audience::new(reporting, is_whole, color)?;
    events.into_iter().for_each(|event| audience.tell(event));
    audience.exit()
}

pub(super) fn same_file(one: &Path, other: &Path) -> bool {
    match (std::fs::canonicalize(one), std::fs::canonicalize(other)) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    }
}

/// Reads a journal, the whole of it.
pub(super) fn journal(path: &Path) -> Result<Vec<Event>, Failure> {
    let name = path.display();
    let bytes = std::fs::read(path).map_err(|error| {
        let failure = Failure::usage(format!("failed to read the journal {name}: {error}"));
        match path.with_file_name(format!("{}.partial", file_name(path))) {
            partial if partial.exists() => {
                failure.help(format!("the run was killed; what it had written is in {}", partial.display()))
            }
            _ => failure.help("`oauthspec run --report journal=PATH` writes one"),
        }
    })?;
    let mut reader = Cursor::new(bytes);
    let events: Result<Vec<Event>, ReplayError> = replay(&mut reader).collect();
    let events = events.map_err(|error| {
        let is_first = matches!(&error, ReplayError::Malformed { line: 1, .. });
        let failure = Failure::usage(format!("{name} is no journal that can be told again: {error}"));
        match &error {
            ReplayError::Version { .. } => failure.help("tell it again with the version that wrote it"),
            _ if is_first => failure.help("a journal is what `oauthspec run --report journal=PATH` writes"),
            _ => failure.help("the file has been changed or damaged since it was written"),
        }
    })?;
    if !matches!(events.first(), Some(Event::RunStarted(_))) {
        return Err(Failure::usage(format!(
            "{name} is no whole journal: it does not begin with the start of a run"
        ))
        .help("its first lines are missing"));
    }
    if events.iter().filter(|event| matches!(event, Event::RunStarted(_))).count() > 1 {
        return Err(Failure::usage(format!("{name} holds more than one run")));
    }
    let rest = reader.fill_buf().unwrap_or_default();
    if rest.iter().any(|byte| !byte.is_ascii_whitespace()) {
        return Err(Failure::usage(format!("{name} goes on after the end of its run"))
            .help("has another journal been appended to it? Give each as a file of its own"));
    }
    Ok(events)
}

fn file_name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

fn of_join(error: JoinError) -> Failure {
    let failure = Failure::usage(&error);
    match error {
        JoinError::Different { .. } => {
            failure.help("parts of one run have the same target, profile, suites, filters and `--seed`")
        }
        JoinError::Whole(_) => failure.help("parts come from `oauthspec run --partition slice:1/5`"),
        JoinError::Nothing => failure.help("name the journals of all parts"),
        JoinError::NoBeginning(_) | JoinError::Twice { .. } | JoinError::Overlap { .. } => failure,
    }
}

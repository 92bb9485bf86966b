use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use futures_util::future::join_all;
use serde_json::json;

use crate::model::{Event, Verdict};
use crate::report::clean_text;

use super::Exit;
use super::arguments::{self, Reporting};
use super::audience::Audience;
use super::failure::Failure;
use super::run::{Session, runtime};

/// One target of several.
struct Row {
    /// The file's name without its ending, which tells it from the others.
    name: String,
    exit: Exit,
    /// Why there is no run.
    failure: Option<String>,
    /// How many rows of each suite have which verdict.
    suites: BTreeMap<String, BTreeMap<Verdict, usize>>,
    duration_ms: f64,
}

/// Judges several targets at once. What is wrong with one is told in its row and harms no other.
pub(super) fn run(session: &Session, arguments: &arguments::Run, color: bool) -> Result<Exit, Failure> {
    let paths: Vec<&PathBuf> = arguments.choice.target.iter().chain(&arguments.more).collect();
    let names = names(&paths)?;
    if arguments.sign.is_some() || arguments.reporting.write_baseline.is_some() {
        return Err(Failure::usage("`--sign` and `--write-baseline` are for one target at a time"));
    }
    if arguments.watch_page.is_some() {
        return Err(Failure::usage("`--watch-page` is for one target at a time"));
    }
    for report in &arguments.reporting.report {
        if !report.contains("{target}") {
            return Err(Failure::usage(format!(
                "`--report {report}` is one file for {} targets",
                paths.len()
            ))
            .help("write `{target}` where the target's name goes: `--report junit=reports/{target}.xml`"));
        }
    }
    let mut audiences = Vec::new();
    for name in &names {
        let report = arguments.reporting.report.iter().map(|r| r.replace("{target}", name)).collect();
        let reporting = Reporting { report, no_console: true, ..arguments.reporting.clone() };
        audiences.push(Audience::new(&reporting, session.is_whole(), color)?.keeping());
    }
    let runtime = runtime()?;
    let rows = runtime.block_on(join_all(
        paths
            .iter()
            .zip(names)
            .zip(audiences)
            .map(|((path, name), audience)| one(session, path, name, audience)),
    ));
    let exit = rows.iter().fold(Exit::Conforms, |worst, row| worst.worst(row.exit));
    // A closed pipe changes no verdict.
    let _ = std::io::stdout().write_all(text(&rows).as_bytes());
    if let Some(path) = &arguments.combined {
        std::fs::write(path, combined(&rows))
            .map_err(|error| Failure::usage(format!("failed to write {}: {error}", path.display())))?;
    }
    Ok(exit)
}

async fn one(session: &Session, path: &Path, name: String, mut audience: Audience) -> Row {
    let judged = session.judge(Some(path), &mut audience).await;
    let (exit, failure) = match judged.and_then(|()| audience.exit()) {
        Ok(exit) => (exit, None),
        Err(failure) => (failure.exit(), Some(failure.to_string())),
    };
    let mut row = Row { name, exit, failure, suites: BTreeMap::new(), duration_ms: 0.0 };
    for event in audience.into_events() {
        match event {
            Event::CaseFinished(result) => {
                let suite = result.case.rsplit_once('/').map_or("", |(suite, _)| suite);
                *row.suites.entry(suite.to_owned()).or_default().entry(result.verdict).or_default() += 1;
            }
            Event::RunFinished(finished) => row.duration_ms = finished.duration_ms,
            _ => {}
        }
    }
    row
}

/// A name for each file, from its own.
fn names(paths: &[&PathBuf]) -> Result<Vec<String>, Failure> {
    let mut seen: BTreeMap<String, &PathBuf> = BTreeMap::new();
    let mut names = Vec::new();
    for path in paths {
        let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        if let Some(other) = seen.insert(name.clone(), path) {
            return Err(Failure::usage(format!(
                "{} and {} have the same name, so that their results could not be told apart",
                other.display(),
                path.display()
            ))
            .help("name each target once, and rename one file"));
        }
        names.push(name);
    }
    Ok(names)
}

/// Targets down, suites across would be too wide: suites down, targets across, with a key below.
fn text(rows: &[Row]) -> String {
    let suites: BTreeSet<&String> = rows.iter().flat_map(|row| row.suites.keys()).collect();
    let widest = suites.iter().map(|suite| suite.chars().count()).max().unwrap_or(0).max(8);
    let width = |row: &Row| clean_text(&row.name).chars().count().max(12);
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = write!(text, "{:widest$}", "");
    for row in rows {
        let _ = write!(text, "  {:<1$}", clean_text(&row.name), width(row));
    }
    text.push('\n');
    for suite in suites {
        let _ = write!(text, "{:widest$}", clean_text(suite));
        for row in rows {
            let _ = write!(text, "  {:<1$}", cell(row.suites.get(suite)), width(row));
        }
        text.truncate(text.trim_end().len());
        text.push('\n');
    }
    text.push('\n');
    for row in rows {
        let word = word(row.exit);
        let _ = writeln!(text, "{word:>10} [{:>8.3}s] {}", row.duration_ms / 1000.0, clean_text(&row.name));
        for line in row.failure.iter().flat_map(|failure| failure.lines()) {
            let _ = writeln!(text, "{:>10} {}", "", clean_text(line));
        }
    }
    text
}

fn word(exit: Exit) -> &'static str {
    match exit {
        Exit::Conforms => "CONFORMS",
        Exit::Broken => "BROKEN",
        Exit::Usage => "NOT RUN",
        Exit::Blocked => "UNDECIDED",
        Exit::Nothing => "NOTHING",
        Exit::Interrupted => "STOPPED",
    }
}

/// `12 ok`, `3 fail`, `-` for a suite that has nothing to say of the target.
fn cell(verdicts: Option<&BTreeMap<Verdict, usize>>) -> String {
    let Some(verdicts) = verdicts else { return "-".to_owned() };
    let bad: Vec<String> = [Verdict::Fail, Verdict::Error, Verdict::Blocked, Verdict::Warn]
        .into_iter()
        .filter_map(|verdict| Some(format!("{} {verdict}", verdicts.get(&verdict)?)))
        .collect();
    match (bad.is_empty(), verdicts.get(&Verdict::Pass)) {
        (false, _) => bad.join(", "),
        (true, Some(passed)) => format!("{passed} ok"),
        (true, None) => "-".to_owned(),
    }
}

fn combined(rows: &[Row]) -> String {
    let targets: Vec<_> = rows
        .iter()
        .map(|row| {
            json!({
                "name": row.name,
                "exit_code": row.exit.code(),
                "failure": row.failure,
                "duration_ms": row.duration_ms,
                "suites": row.suites,
            })
        })
        .collect();
    format!("{:#}\n", json!({ "format": 1, "targets": targets }))
}

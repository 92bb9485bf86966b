use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::model::{Comparison, Event};
use crate::plan::Selection;
use crate::report::{ComparisonFile, ComparisonFormat, Existing, comparison_text};
use crate::results::compare as lay_side_by_side;

use super::Exit;
use super::arguments::{self, FailOn, FailureOutput, ListFormat, Reporting, StatusLevel};
use super::audience::Audience;
use super::failure::Failure;
use super::report::{journal, same_file};
use super::reports::{format_and_path, of_opening, one_file, resolved};
use super::run::{Session, runtime};

/// Lays two journals side by side, or the runs of two target files made now, or one of each.
pub(super) fn compare(arguments: &arguments::Compare, color: bool) -> Result<Exit, Failure> {
    let selection = Selection {
        only: arguments.only.clone(),
        without_tags: if arguments.fast { vec!["slow".to_owned()] } else { Vec::new() },
        ..Selection::default()
    };
    let files = files(arguments)?;
    let session = Session::of(&arguments.suites, selection, arguments.profile.clone(), color)?;
    let session = session.seeded(arguments.seed);
    let runtime = runtime()?;
    // What goes wrong on one side makes the run of the other vain.
    let either = async |path| side(&session, path).await.inspect_err(|_| session.give_up());
    let (first, second) =
        runtime.block_on(async { tokio::join!(either(&arguments.first), either(&arguments.second)) });
    let (first, second) = (first?, second?);
    let comparison = lay_side_by_side(&first, &second);
    if comparison.rows == 0 {
        return Err(Failure::nothing("the two have no row in common, so there is nothing to compare")
            .help("compare runs of the same profile"));
    }
    let mut is_lost = false;
    for file in files {
        if let Err(error) = file.write(&comparison) {
            Failure::usage(error).tell(color);
            is_lost = true;
        }
    }
    let text = match arguments.format {
        ListFormat::Text => comparison_text(&comparison),
        ListFormat::Json => json(&comparison)?,
    };
    // A closed pipe changes no difference.
    let _ = std::io::stdout().write_all(text.as_bytes());
    let differs = match arguments.fail_on {
        FailOn::None => false,
        FailOn::Verdict => comparison.differences.iter().any(|difference| difference.verdicts),
        FailOn::Any => !comparison.differences.is_empty(),
    };
    Ok(match (differs, is_lost) {
        (true, _) => Exit::Broken,
        (false, true) => Exit::Usage,
        (false, false) => Exit::Conforms,
    })
}

/// Opens all, so that what cannot be written is told before anything is run.
fn files(arguments: &arguments::Compare) -> Result<Vec<ComparisonFile>, Failure> {
    let existing = if arguments.force { Existing::Anything } else { Existing::Report };
    let mut seen: BTreeMap<PathBuf, &str> = BTreeMap::new();
    let mut files = Vec::new();
    for wanted in &arguments.report {
        let (format, path) = format_and_path(wanted)?;
        let format: ComparisonFormat = format.parse().map_err(Failure::usage)?;
        let path = Path::new(path);
        if let Some(other) = seen.insert(resolved(path), wanted) {
            return Err(one_file(other, wanted));
        }
        if [&arguments.first, &arguments.second].iter().any(|read| same_file(path, read)) {
            return Err(Failure::usage(format!("{} is read, so no report can go there", path.display())));
        }
        files.push(ComparisonFile::open(format, path, existing).map_err(of_opening)?);
    }
    Ok(files)
}

fn json(comparison: &Comparison) -> Result<String, Failure> {
    serde_json::to_string_pretty(comparison).map(|text| text + "\n").map_err(Failure::usage)
}

async fn side(session: &Session, path: &Path) -> Result<Vec<Event>, Failure> {
    let is_target = path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml");
    if !is_target {
        return journal(path);
    }
    let silent = Reporting {
        report: Vec::new(),
        force: false,
        earlier: None,
        failure_output: FailureOutput::Never,
        status_level: StatusLevel::None,
        baseline: None,
        write_baseline: None,
        no_console: true,
    };
    let mut audience = Audience::new(&silent, false, false)?.keeping();
    session.judge(Some(path), &mut audience).await?;
    Ok(audience.into_events())
}

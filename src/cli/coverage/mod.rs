//! Which requirement is judged by which cases and invariants, which defects break it, and how it stood in a run.

mod draw;
mod table;

pub use table::{Coverage, DocumentCoverage, How, RequirementCoverage, Totals};

use std::fs::File;
use std::io::{BufReader, Write as _};
use std::path::Path;

use crate::model::Event;
use crate::plan;
use crate::report::{replay, standings};

use super::Exit;
use super::arguments::{self, CoverageFormat};
use super::failure::Failure;
use super::library::library;

/// Prints the table of requirements, cases, invariants and defects.
pub(super) fn coverage(arguments: &arguments::Coverage, color: bool) -> Result<Exit, Failure> {
    let library = library(&arguments.suites, color)?;
    let mut coverage = Coverage::of(&library);
    if let Some(path) = &arguments.journal {
        coverage.judge(&standings(events(path)?));
    }
    let known: Vec<String> = coverage.documents.iter().map(|d| d.document.clone()).collect();
    for wanted in &arguments.document {
        if !known.iter().any(|document| plan::folded(document) == plan::folded(wanted)) {
            let failure = Failure::usage(format!("no requirements are of a document `{wanted}`"));
            return Err(match plan::nearest(wanted, known.iter()) {
                Some(near) => failure.help(format!("did you mean `{near}`?")),
                None => failure.help(format!("there are {}", known.join(", "))),
            });
        }
    }
    if !arguments.document.is_empty() {
        coverage
            .keep(|document| arguments.document.iter().any(|d| plan::folded(d) == plan::folded(document)));
    }
    if arguments.open {
        coverage.keep_unchecked();
    }
    let text = match arguments.format {
        CoverageFormat::Text => coverage.text(),
        CoverageFormat::Markdown => coverage.markdown(),
        CoverageFormat::Json => serde_json::to_string_pretty(&coverage).map_err(Failure::usage)? + "\n",
    };
    // A closed pipe is no failure.
    let _ = std::io::stdout().write_all(text.as_bytes());
    Ok(Exit::Conforms)
}

fn events(path: &Path) -> Result<Vec<Event>, Failure> {
    let journal = |reason: &dyn std::fmt::Display| {
        Failure::usage(format!("failed to read the journal {}: {reason}", path.display()))
            .help("write one with `oauthspec run --report journal=PATH`")
    };
    let file = File::open(path).map_err(|error| journal(&error))?;
    replay(BufReader::new(file)).collect::<Result<_, _>>().map_err(|error| journal(&error))
}

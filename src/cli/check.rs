use std::io::Write as _;

use crate::load::{self, Diagnostics, FileKind, Source};

use super::arguments::{self, MessageFormat};
use super::library::{self, built_in, read_source, yaml_files};
use super::{Exit, embedded, failure::Failure};

/// Checks files together with the built-in suites, so that they may refer to these.
pub(super) fn check(arguments: &arguments::Check, color: bool) -> Result<Exit, Failure> {
    let mut files = Vec::new();
    for path in &arguments.files {
        match path.is_dir() {
            true => files.extend(yaml_files(path)?),
            false => files.push(path.clone()),
        }
    }
    if !arguments.files.is_empty() && files.is_empty() {
        return Err(Failure::nothing("there is no .yaml file among the arguments"));
    }
    let mut sources = Vec::new();
    let mut wrong = Vec::new();
    for file in &files {
        match read_source(file)? {
            Ok(source) => sources.push(source),
            Err(diagnostics) => wrong.push(diagnostics),
        }
    }
    wrong.extend(match files.len() {
        0 => load::library(&built_in()).err().into_iter().collect(),
        _ => mistakes(sources),
    });
    if !wrong.is_empty() {
        return Err(match arguments.message_format {
            MessageFormat::Human => {
                Failure::drawn(wrong.iter().map(|diagnostics| diagnostics.render(color)).collect())
            }
            MessageFormat::Json => {
                let lines: String = wrong.iter().map(Diagnostics::json_lines).collect();
                // There is nobody left to tell when standard output is gone.
                let _ = std::io::stdout().write_all(lines.as_bytes());
                return Ok(Exit::Usage);
            }
        });
    }
    if arguments.message_format == MessageFormat::Json {
        return Ok(Exit::Conforms);
    }
    let said = match files.len() {
        0 => {
            let library = library::library(&[], color)?;
            format!(
                "the built-in suites are sound: {} suites, {} requirements, {} profiles",
                library.suites.len(),
                library.requirements.len(),
                library.profiles.len()
            )
        }
        1 => "1 file is sound".to_owned(),
        n => format!("{n} files are sound"),
    };
    writeln!(std::io::stdout(), "{said}").map_err(Failure::usage)?;
    Ok(Exit::Conforms)
}

/// What is wrong with the files, which may name what is built in and one another.
fn mistakes(files: Vec<Source>) -> Vec<Diagnostics> {
    let (mut targets, mut baselines, mut suites) = (Vec::new(), Vec::new(), Vec::new());
    for file in files {
        match load::kind_of(&file) {
            Ok(FileKind::Target) => targets.push(file),
            Ok(FileKind::Baseline) => baselines.push(file),
            // What cannot be told apart is told with the rest of its errors.
            _ => suites.push(file),
        }
    }
    let library = match load::overlaid(embedded::SUITES, &suites) {
        Ok(library) => library,
        Err(diagnostics) => {
            // What targets say can be checked only against a sound library.
            let targets = targets.iter().filter_map(load::unreadable);
            let baselines = baselines.iter().filter_map(|source| load::baseline(source).err());
            return std::iter::once(diagnostics).chain(targets).chain(baselines).collect();
        }
    };
    let environment = |name: &str| std::env::var(name).ok();
    let target = |target: &Source| load::target(target, &environment, Some(0), &library).err();
    let baselines = baselines.iter().filter_map(|source| load::baseline(source).err());
    targets.iter().filter_map(target).chain(baselines).collect()
}

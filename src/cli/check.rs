use std::io::Write as _;

use crate::load::{self, FileKind};

use super::arguments;
use super::library::{self, built_in, read, yaml_files};
use super::{Exit, failure::Failure};

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
    let mut sources = built_in();
    let mut targets = Vec::new();
    for file in &files {
        let source = read(file)?;
        match load::kind_of(&source) {
            Ok(FileKind::Target) => targets.push(source),
            // What cannot be told apart is told with the rest of its errors.
            Ok(_) | Err(_) => sources.push(source),
        }
    }
    let mut drawn = String::new();
    match load::library(&sources) {
        Err(diagnostics) => drawn.push_str(&diagnostics.render(color)),
        Ok(library) => {
            let environment = |name: &str| std::env::var(name).ok();
            for target in &targets {
                if let Err(diagnostics) = load::target(target, &environment, Some(0), &library) {
                    drawn.push_str(&diagnostics.render(color));
                }
            }
        }
    }
    if !drawn.is_empty() {
        return Err(Failure::drawn(drawn));
    }
    let library = library::library(&[], color)?;
    let said = match files.len() {
        0 => format!(
            "the built-in suites are sound: {} suites, {} requirements, {} profiles",
            library.suites.len(),
            library.requirements.len(),
            library.profiles.len()
        ),
        1 => "1 file is sound".to_owned(),
        n => format!("{n} files are sound"),
    };
    writeln!(std::io::stdout(), "{said}").map_err(Failure::usage)?;
    Ok(Exit::Conforms)
}

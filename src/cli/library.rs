use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::load::{self, BuiltIn, Diagnostics, Source};
use crate::model::Library;

use super::embedded;
use super::failure::Failure;

/// Loads the built-in suites and, over them, those of the given directories.
pub(super) fn library(directories: &[PathBuf], color: bool) -> Result<Library, Failure> {
    load::overlaid(embedded::SUITES, &own(directories, color)?)
        .map_err(|diagnostics| Failure::drawn(diagnostics.render(color)))
}

/// SHA-256 over the names and texts of all that [`library`] loads, in hexadecimal.
pub(super) fn digest(directories: &[PathBuf]) -> Result<String, Failure> {
    let sources = sources(directories, false)?;
    let mut whole = String::new();
    for Source { name, text } in &sources {
        // Writing to a string cannot fail.
        let _ = write!(whole, "{name}\0{}\0{text}\0", text.len());
    }
    Ok(crate::results::sha256(whole.as_bytes()))
}

/// The built-in suites and those of the given directories.
pub(super) fn sources(directories: &[PathBuf], color: bool) -> Result<Vec<Source>, Failure> {
    let mut sources = built_in();
    sources.extend(own(directories, color)?);
    Ok(sources)
}

/// The suites of the given directories.
fn own(directories: &[PathBuf], color: bool) -> Result<Vec<Source>, Failure> {
    let mut sources = Vec::new();
    for directory in directories {
        if directory.is_file() {
            return Err(Failure::usage(format!("{} is a file", directory.display()))
                .help("`--suites` takes the directory that it is in"));
        }
        let files = yaml_files(directory)?;
        if files.is_empty() {
            return Err(Failure::usage(format!("no .yaml file in {}", directory.display()))
                .help("`--suites` takes a directory with suite, requirement or profile files"));
        }
        for file in files {
            sources.push(read(&file, color)?);
        }
    }
    Ok(sources)
}

/// The suites, requirements and profiles that the binary brings along.
///
/// # Errors
///
/// Their diagnostics, which only a change of theirs can bring about.
pub fn built_in_library() -> Result<Library, String> {
    load::overlaid(embedded::SUITES, &[]).map_err(|diagnostics| diagnostics.render(false))
}

/// The suites in the binary.
pub(super) fn built_in() -> Vec<Source> {
    let source = |file: &BuiltIn| Source { name: file.name.to_owned(), text: file.text.to_owned() };
    embedded::SUITES.iter().map(source).collect()
}

/// Reads one file, or says what is wrong with it as a file.
pub(super) fn read_source(path: &Path) -> Result<Result<Source, Diagnostics>, Failure> {
    let name = path.display().to_string();
    let read = std::fs::File::open(path).and_then(|file| Source::read(&name, file));
    read.map_err(|error| Failure::usage(format!("failed to read {name}: {error}")))
}

/// Reads one file.
pub(super) fn read(path: &Path, color: bool) -> Result<Source, Failure> {
    read_source(path)?.map_err(|diagnostics| Failure::drawn(diagnostics.render(color)))
}

/// All .yaml and .yml files below a directory, in a stable order.
pub(super) fn yaml_files(directory: &Path) -> Result<Vec<PathBuf>, Failure> {
    let unreadable = |error: std::io::Error| {
        Failure::usage(format!("failed to read the directory {}: {error}", directory.display()))
    };
    let mut found = Vec::new();
    let mut folders = vec![directory.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "yaml" || e == "yml") {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

use std::io::{self, Write as _};
use std::path::Path;
use std::str::FromStr;

use super::super::existing::is_report;
use super::super::pending_file::PendingFile;
use super::super::text::escape_json;
use super::super::{Existing, ReportError};
use super::page;
use crate::model::Comparison;

/// How a comparison is written to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ComparisonFormat {
    /// One self-contained page for people.
    Html,
    /// One JSON document: the members of [`Comparison`].
    Json,
}

impl FromStr for ComparisonFormat {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name {
            "html" => Ok(Self::Html),
            "json" => Ok(Self::Json),
            _ => Err(format!("a comparison is written as html or json, not as {name:?}")),
        }
    }
}

/// A file that a comparison goes to. It is opened before the servers are asked, and moved into place when it is
/// complete.
#[derive(Debug)]
pub struct ComparisonFile {
    format: ComparisonFormat,
    file: PendingFile,
}

impl ComparisonFile {
    /// Tries the path now.
    ///
    /// # Errors
    /// The file cannot be created, or what stands there is no report and may not be replaced.
    pub fn open(format: ComparisonFormat, path: &Path, existing: Existing) -> Result<Self, ReportError> {
        if existing == Existing::Report && is_report(path) == Some(false) {
            return Err(ReportError::Foreign { path: path.to_owned() });
        }
        Ok(Self { format, file: PendingFile::create(path)? })
    }

    /// Writes it.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write(mut self, comparison: &Comparison) -> Result<(), ReportError> {
        let text = match self.format {
            ComparisonFormat::Html => Ok(page::page(comparison)),
            ComparisonFormat::Json => json(comparison),
        };
        let written = text.and_then(|text| self.file.write_all(text.as_bytes()));
        written.map_err(|reason| self.file.write_error(reason))?;
        self.file.complete()
    }
}

fn json(comparison: &Comparison) -> io::Result<String> {
    let mut document = serde_json::Map::new();
    document.insert("oauthspec".to_owned(), env!("CARGO_PKG_VERSION").into());
    if let serde_json::Value::Object(members) = serde_json::to_value(comparison)? {
        document.extend(members);
    }
    Ok(escape_json(&serde_json::to_string_pretty(&document)?).into_owned() + "\n")
}

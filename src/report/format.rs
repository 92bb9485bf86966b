use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;

use super::document::{Document, Writer};
use super::earlier::Earlier;
use super::existing::{Existing, is_report};
use super::{Journal, ReportError, Reporter, gitlab, har, html, json, junit, markdown, sarif, tap};

/// A report that goes to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// GitLab's Code Quality report.
    Gitlab,
    /// An HTTP Archive of all exchanges.
    Har,
    /// One self-contained page for people.
    Html,
    /// Every event, one JSON object a line: what [`replay`](super::replay) reads.
    Journal,
    /// One JSON document.
    Json,
    /// XML as continuous integration services read it.
    Junit,
    /// Text as GitHub shows it below a build.
    Markdown,
    /// What code scanning reads.
    Sarif,
    /// The Test Anything Protocol.
    Tap,
}

impl Format {
    /// All formats.
    pub const ALL: [Self; 9] = [
        Self::Gitlab,
        Self::Har,
        Self::Html,
        Self::Journal,
        Self::Json,
        Self::Junit,
        Self::Markdown,
        Self::Sarif,
        Self::Tap,
    ];

    /// The name on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Gitlab => "gitlab",
            Self::Har => "har",
            Self::Html => "html",
            Self::Journal => "journal",
            Self::Json => "json",
            Self::Junit => "junit",
            Self::Markdown => "markdown",
            Self::Sarif => "sarif",
            Self::Tap => "tap",
        }
    }
}

impl std::fmt::Display for Format {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(name: &str) -> Result<Self, UnknownFormat> {
        if let Some(format) = Self::ALL.into_iter().find(|format| format.as_str() == name) {
            return Ok(format);
        }
        let nearest = Self::ALL
            .map(|format| (strsim::damerau_levenshtein(format.as_str(), &name.to_lowercase()), format))
            .into_iter()
            .filter(|(distance, _)| *distance <= 2)
            .min_by_key(|(distance, _)| *distance)
            .map(|(_, format)| format);
        Err(UnknownFormat { name: name.to_owned(), nearest })
    }
}

/// No report format has that name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownFormat {
    /// The name asked for.
    pub name: String,
    /// The format that was probably meant.
    pub nearest: Option<Format>,
}

impl std::fmt::Display for UnknownFormat {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "there is no report format {:?}", self.name)?;
        match self.nearest {
            Some(nearest) => write!(f, "; did you mean {nearest}?"),
            None => write!(f, "; there are {}", Format::ALL.map(Format::as_str).join(", ")),
        }
    }
}

impl std::error::Error for UnknownFormat {}

/// How a report's file is opened.
#[derive(Clone, Debug, Default)]
pub struct Opening {
    /// What may be replaced.
    pub existing: Existing,
    /// A run to compare with, for formats that show such a thing.
    pub earlier: Option<Arc<Earlier>>,
}

/// A reporter that writes that format to that path. The path is tried now, not at the end of the run; the
/// report is written beside it and moved into place at `RunFinished`.
pub fn open(format: Format, path: &Path, opening: &Opening) -> Result<Box<dyn Reporter>, ReportError> {
    if opening.existing == Existing::Report && is_report(path) == Some(false) {
        return Err(ReportError::Foreign { path: path.to_owned() });
    }
    let writer: Writer = match format {
        Format::Journal => return Ok(Box::new(Journal::create(path)?)),
        Format::Gitlab => gitlab::write,
        Format::Har => har::write,
        Format::Html => html::write,
        Format::Json => json::write,
        Format::Junit => junit::write,
        Format::Markdown => markdown::write,
        Format::Sarif => sarif::write,
        Format::Tap => tap::write,
    };
    Ok(Box::new(Document::create(path, writer, opening.earlier.clone())?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back() {
        for format in Format::ALL {
            assert_eq!(format.as_str().parse(), Ok(format));
        }
    }

    #[test]
    fn a_slip_is_understood() {
        let message = |name: &str| name.parse::<Format>().unwrap_err().to_string();
        assert_eq!(message("JUnt"), "there is no report format \"JUnt\"; did you mean junit?");
        assert_eq!(message("jsno"), "there is no report format \"jsno\"; did you mean json?");
        assert_eq!(
            message("pdf"),
            "there is no report format \"pdf\"; there are gitlab, har, html, journal, json, junit, markdown, sarif, tap"
        );
    }
}

use std::path::Path;
use std::str::FromStr;

use super::{Journal, Json, Junit, ReportError, Reporter};

/// A report that goes to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// Every event, one JSON object a line: what [`replay`](super::replay) reads.
    Journal,
    /// One JSON document.
    Json,
    /// XML as continuous integration services read it.
    Junit,
}

impl Format {
    /// All formats.
    pub const ALL: [Self; 3] = [Self::Journal, Self::Json, Self::Junit];

    /// The name on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Journal => "journal",
            Self::Json => "json",
            Self::Junit => "junit",
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

/// A reporter that writes that format to that path. The path is tried now, not at the end of the run; the
/// report is written beside it and moved into place at `RunFinished`.
pub fn open(format: Format, path: &Path) -> Result<Box<dyn Reporter>, ReportError> {
    Ok(match format {
        Format::Journal => Box::new(Journal::create(path)?),
        Format::Json => Box::new(Json::create(path)?),
        Format::Junit => Box::new(Junit::create(path)?),
    })
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
        assert_eq!(message("pdf"), "there is no report format \"pdf\"; there are journal, json, junit");
    }
}

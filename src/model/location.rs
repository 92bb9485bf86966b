use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// A place in a file, with the line that stands there, so that a report can show it without the file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Location {
    /// Path as the user knows it; built-in suites begin with `suites/`.
    pub file: Arc<str>,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// Characters from `column` that the caret underlines, at least 1.
    pub length: usize,
    /// The source line, without its line end.
    pub text: Arc<str>,
}

impl std::fmt::Display for Location {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// Something from a file, and where it stood.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Located<T> {
    /// The thing.
    pub value: T,
    /// Where it stood.
    pub location: Location,
}

impl Location {
    /// The characters that the caret underlines.
    pub fn excerpt(&self) -> String {
        self.text.chars().skip(self.column.saturating_sub(1)).take(self.length).collect()
    }
}

use serde::{Deserialize, Serialize};

use super::Level;

/// What is said of a case; ordered, the worst wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Judged, and nothing broken.
    Pass,
    /// The server does not claim the capability that the case needs.
    Inapplicable,
    /// A SHOULD is broken.
    Warn,
    /// The case could not be set up, so it judged nothing.
    Blocked,
    /// A MUST is broken.
    Fail,
    /// No answer that could be judged: the network, a server error, or ourselves.
    Error,
}

impl Verdict {
    /// All verdicts, best first.
    pub const ALL: [Self; 6] =
        [Self::Pass, Self::Inapplicable, Self::Warn, Self::Blocked, Self::Fail, Self::Error];

    /// How a broken requirement of that level counts.
    pub fn of_broken(level: Level) -> Self {
        match level {
            Level::Must | Level::MustNot => Self::Fail,
            Level::Required | Level::Should | Level::ShouldNot => Self::Warn,
            Level::May => Self::Pass,
        }
    }

    /// The word in reports and tables.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Inapplicable => "inapplicable",
            Self::Warn => "warn",
            Self::Blocked => "blocked",
            Self::Fail => "fail",
            Self::Error => "error",
        }
    }
}

impl std::fmt::Display for Verdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

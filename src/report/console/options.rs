use std::str::FromStr;

use crate::model::Verdict;

/// How a [`Console`](super::Console) writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsoleOptions {
    /// Whether words are coloured too. The caller decides from the terminal and the environment.
    pub color: bool,
    /// Columns of the terminal; prose is wrapped there. Less than 40 counts as 40.
    pub width: usize,
    /// Which rows have a line while the run goes on.
    pub status_level: StatusLevel,
    /// Which rows are shown again, in full, at its end.
    pub final_level: StatusLevel,
    /// When what went wrong is shown in full.
    pub failure_output: FailureOutput,
    /// Whether a line of progress is kept at the bottom; only for terminals.
    pub live: bool,
}

impl Default for ConsoleOptions {
    fn default() -> Self {
        Self {
            color: false,
            width: 80,
            status_level: StatusLevel::Pass,
            final_level: StatusLevel::Warn,
            failure_output: FailureOutput::Final,
            live: false,
        }
    }
}

/// When rows that went wrong are shown in full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureOutput {
    /// As soon as they have their verdict.
    Immediate,
    /// All together when the run is over.
    Final,
    /// Both.
    ImmediateFinal,
    /// Not at all; their lines are still printed.
    Never,
}

impl FailureOutput {
    /// Whether they are shown at once.
    pub fn is_immediate(self) -> bool {
        matches!(self, Self::Immediate | Self::ImmediateFinal)
    }

    /// Whether they are shown at the end.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Final | Self::ImmediateFinal)
    }
}

/// Which rows are shown: each level includes those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum StatusLevel {
    /// None.
    None,
    /// Fail, error and blocked.
    Fail,
    /// Warn too.
    Warn,
    /// Pass too.
    Pass,
    /// Inapplicable too, and moves of the clock.
    All,
}

impl StatusLevel {
    /// All levels, quietest first.
    pub const ALL: [Self; 5] = [Self::None, Self::Fail, Self::Warn, Self::Pass, Self::All];

    /// The name on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Fail => "fail",
            Self::Warn => "warn",
            Self::Pass => "pass",
            Self::All => "all",
        }
    }

    /// Whether rows of that verdict are shown.
    pub fn shows(self, verdict: Verdict) -> bool {
        let needed = match verdict {
            Verdict::Fail | Verdict::Error | Verdict::Blocked => Self::Fail,
            Verdict::Warn => Self::Warn,
            Verdict::Pass => Self::Pass,
            Verdict::Inapplicable => Self::All,
        };
        self >= needed
    }
}

impl std::fmt::Display for StatusLevel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for StatusLevel {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|level| level.as_str() == name).ok_or_else(|| {
            format!("there is no level {name:?}; there are {}", Self::ALL.map(Self::as_str).join(", "))
        })
    }
}

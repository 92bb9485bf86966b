use std::io;
use std::path::PathBuf;
use std::time::Duration;

use crate::model::Event;

/// Something that is told what happens in a run and makes a report of it.
pub trait Reporter: Send {
    /// Takes the next event, in order. `RunFinished` completes the report; what comes after it is ignored.
    fn handle(&mut self, event: &Event) -> Result<(), ReportError>;

    /// Is told, about once a second, how long the run has been going on. Nothing that is in a report may depend on
    /// it; a console shows what takes long.
    fn tick(&mut self, _elapsed: Duration) -> Result<(), ReportError> {
        Ok(())
    }
}

/// Why a report could not be made.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The file cannot be created, so the run need not begin.
    #[error("{} cannot be written: {reason}", path.display())]
    Open {
        /// The file asked for.
        path: PathBuf,
        /// The system's words.
        reason: io::Error,
    },
    /// Something stands there that no report is, and it would be lost.
    #[error("{} exists and is no report of oauthspec", path.display())]
    Foreign {
        /// The file asked for.
        path: PathBuf,
    },
    /// Another run writes there at this moment.
    #[error("{} is being written by another run", path.display())]
    Busy {
        /// The file asked for.
        path: PathBuf,
    },
    /// Writing failed on the way.
    #[error("writing {to} failed: {reason}")]
    Write {
        /// A path, or `the console`.
        to: String,
        /// The system's words.
        reason: io::Error,
    },
    /// The JSON could not be written.
    #[error("writing {to} failed: {reason}")]
    Json {
        /// A path.
        to: String,
        /// The encoder's words.
        reason: serde_json::Error,
    },
}

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufRead, Write as _};
use std::path::Path;

use super::pending_file::PendingFile;
use super::text::escape_json;
use super::{ReportError, Reporter};
use crate::model::{Event, RunFinished};

/// The version of the journal's format that is written and read.
const VERSION: u32 = 1;

/// Writes every event as one line of JSON and flushes it. A run that is killed leaves its journal beside
/// the path, with `.partial` at its end; [`replay`] reads that too.
#[derive(Debug)]
pub struct Journal {
    file: Option<PendingFile>,
}

impl Journal {
    /// Begins a journal.
    pub fn create(path: &Path) -> Result<Self, ReportError> {
        Ok(Self { file: Some(PendingFile::create(path)?.keep_incomplete()) })
    }
}

impl Reporter for Journal {
    fn handle(&mut self, event: &Event) -> Result<(), ReportError> {
        let Some(file) = &mut self.file else { return Ok(()) };
        let line =
            serde_json::to_string(event).map_err(|reason| ReportError::Json { to: file.name(), reason })?;
        let line = escape_json(&line) + "\n";
        file.write_all(line.as_bytes())
            .and_then(|()| file.flush())
            .map_err(|reason| file.write_error(reason))?;
        match (event, self.file.take()) {
            (Event::RunFinished(_), Some(file)) => file.complete(),
            (_, file) => {
                self.file = file;
                Ok(())
            }
        }
    }
}

/// Reads a journal, to be told to any reporter. A journal cut short (the run was killed, the disk was full)
/// ends with a `RunFinished` that says so, made from what there is; half a last line is left out. After an
/// error nothing more comes.
pub fn replay(reader: impl BufRead) -> impl Iterator<Item = Result<Event, ReplayError>> {
    Replay { reader, line: 0, progress: Progress::default(), done: false }
}

/// Why a journal cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// The file cannot be read.
    #[error("line {line} cannot be read: {reason}")]
    Read {
        /// From 1.
        line: usize,
        /// The system's words.
        reason: io::Error,
    },
    /// A line is no event.
    #[error("line {line} is not an event: {reason}")]
    Malformed {
        /// From 1.
        line: usize,
        /// The decoder's words.
        reason: serde_json::Error,
    },
    /// Another version of the format.
    #[error("the journal has version {found}, this program reads version {VERSION}")]
    Version {
        /// The journal's version.
        found: u32,
    },
    /// There is no event at all.
    #[error("the journal is empty")]
    Empty,
}

struct Replay<R> {
    reader: R,
    line: usize,
    progress: Progress,
    done: bool,
}

impl<R: BufRead> Iterator for Replay<R> {
    type Item = Result<Event, ReplayError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        let event = self.read();
        self.done = matches!(event, Err(_) | Ok(Event::RunFinished(_)));
        Some(event)
    }
}

impl<R: BufRead> Replay<R> {
    fn read(&mut self) -> Result<Event, ReplayError> {
        loop {
            self.line += 1;
            let line = self.line;
            let mut bytes = Vec::new();
            let read = self
                .reader
                .read_until(b'\n', &mut bytes)
                .map_err(|reason| ReplayError::Read { line, reason })?;
            if read == 0 {
                return self.cut_short();
            }
            if bytes.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            let event: Event = match serde_json::from_slice(&bytes) {
                Ok(event) => event,
                Err(_) if !bytes.ends_with(b"\n") => return self.cut_short(),
                Err(reason) => return Err(ReplayError::Malformed { line, reason }),
            };
            if let Event::RunStarted(run) = &event
                && run.journal != VERSION
            {
                return Err(ReplayError::Version { found: run.journal });
            }
            self.progress.note(&event);
            return Ok(event);
        }
    }

    fn cut_short(&mut self) -> Result<Event, ReplayError> {
        if !self.progress.begun {
            return Err(ReplayError::Empty);
        }
        Ok(Event::RunFinished(std::mem::take(&mut self.progress).finished()))
    }
}

/// What a `RunFinished` would say if the run ended now.
#[derive(Default)]
struct Progress {
    begun: bool,
    running: BTreeSet<String>,
    verdicts: BTreeMap<crate::model::Verdict, usize>,
    requests: BTreeSet<u64>,
    duration_ms: f64,
    known: BTreeMap<crate::model::Verdict, usize>,
    flaky: usize,
    is_strict: bool,
}

impl Progress {
    fn note(&mut self, event: &Event) {
        self.begun = true;
        match event {
            Event::CaseStarted { id } => {
                self.running.insert(id.clone());
            }
            Event::CaseFinished(result) => {
                self.running.remove(&result.id());
                *self.verdicts.entry(result.verdict).or_default() += 1;
                if result.is_known(self.is_strict) {
                    *self.known.entry(result.verdict).or_default() += 1;
                }
                self.flaky += usize::from(result.is_flaky());
                self.requests.extend(result.exchanges.iter().map(|exchange| exchange.id));
                self.duration_ms = self.duration_ms.max(result.started_ms + result.duration_ms);
            }
            Event::RunStarted(run) => self.is_strict = run.strict,
            Event::ClockAdvanced { .. } | Event::Note { .. } | Event::RunFinished(_) => {}
        }
    }

    fn finished(self) -> RunFinished {
        RunFinished {
            interrupted: true,
            verdicts: self.verdicts,
            duration_ms: self.duration_ms,
            requests: u64::try_from(self.requests.len()).unwrap_or(u64::MAX),
            unfinished: self.running.into_iter().collect(),
            known: self.known,
            stale: Vec::new(),
            flaky: self.flaky,
        }
    }
}

use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use super::earlier::Earlier;
use super::pending_file::PendingFile;
use super::record::Record;
use super::{ReportError, Reporter};
use crate::model::{Event, RunFinished};

/// Writes a report from all that a run told, its results in the order of the suites.
pub(super) type Writer = fn(&Record, &RunFinished, &mut dyn Write) -> io::Result<()>;

/// A report that is written in one go when the run is over.
#[derive(Debug)]
pub(super) struct Document {
    file: Option<PendingFile>,
    record: Record,
    writer: Writer,
}

impl Document {
    /// Begins the file.
    pub(super) fn create(
        path: &Path,
        writer: Writer,
        earlier: Option<Arc<Earlier>>,
    ) -> Result<Self, ReportError> {
        let record = Record { earlier, ..Record::default() };
        Ok(Self { file: Some(PendingFile::create(path)?), record, writer })
    }
}

impl Reporter for Document {
    fn handle(&mut self, event: &Event) -> Result<(), ReportError> {
        if self.file.is_none() {
            return Ok(());
        }
        self.record.take(event);
        let Event::RunFinished(finished) = event else { return Ok(()) };
        let Some(mut file) = self.file.take() else { return Ok(()) };
        self.record.finish();
        let written = (self.writer)(&self.record, finished, &mut file);
        self.record = Record::default();
        written.map_err(|reason| file.write_error(reason))?;
        file.complete()
    }
}

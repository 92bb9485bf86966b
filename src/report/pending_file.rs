use std::fs::{self, File, TryLockError};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::ReportError;

/// A file that is written beside its place and moved there when complete, so that its path never holds
/// half a report. What exists and is no regular file (a terminal, a pipe) is written directly.
#[derive(Debug)]
pub(super) struct PendingFile {
    path: PathBuf,
    temporary: Option<PathBuf>,
    keep_incomplete: bool,
    writer: BufWriter<File>,
}

impl PendingFile {
    /// Creates the file, and folders on the way to it.
    pub(super) fn create(path: &Path) -> Result<Self, ReportError> {
        Self::try_create(path).map_err(|reason| match reason.kind() {
            io::ErrorKind::ResourceBusy => ReportError::Busy { path: path.to_owned() },
            _ => ReportError::Open { path: path.to_owned(), reason },
        })
    }

    /// Leaves the temporary behind if it is never completed, since it is of use as it is.
    pub(super) fn keep_incomplete(mut self) -> Self {
        self.keep_incomplete = true;
        self
    }

    /// The path asked for, for messages.
    pub(super) fn name(&self) -> String {
        self.path.display().to_string()
    }

    /// Moves the file to its place.
    pub(super) fn complete(mut self) -> Result<(), ReportError> {
        self.writer.flush().map_err(|reason| self.write_error(reason))?;
        if let Some(temporary) = self.temporary.take() {
            fs::rename(&temporary, &self.path).map_err(|reason| self.write_error(reason))?;
        }
        Ok(())
    }

    /// The error for this file.
    pub(super) fn write_error(&self, reason: io::Error) -> ReportError {
        ReportError::Write { to: self.name(), reason }
    }

    fn try_create(path: &Path) -> io::Result<Self> {
        // A link stays a link: the file that it points to is replaced.
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let Some(name) = path.file_name() else {
            return Err(io::Error::from(io::ErrorKind::InvalidFilename));
        };
        if path.is_dir() {
            return Err(io::Error::from(io::ErrorKind::IsADirectory));
        }
        let mut partial = name.to_owned();
        partial.push(".partial");
        let temporary = match fs::metadata(&path) {
            Ok(metadata) if !metadata.is_file() => None,
            _ => Some(path.with_file_name(partial)),
        };
        let file = match &temporary {
            None => File::options().write(true).open(&path)?,
            Some(temporary) => {
                if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
                    fs::create_dir_all(folder)?;
                }
                let file = File::options().create(true).truncate(false).write(true).open(temporary)?;
                match file.try_lock() {
                    Ok(()) => file.set_len(0)?,
                    Err(TryLockError::WouldBlock) => {
                        return Err(io::Error::from(io::ErrorKind::ResourceBusy));
                    }
                    // A file system without locks.
                    Err(TryLockError::Error(_)) => file.set_len(0)?,
                }
                file
            }
        };
        Ok(Self { path, temporary, keep_incomplete: false, writer: BufWriter::new(file) })
    }
}

impl Write for PendingFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writer.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

impl Drop for PendingFile {
    fn drop(&mut self) {
        if let Some(temporary) = self.temporary.take().filter(|_| !self.keep_incomplete) {
            // Nobody is left to be told.
            let _ = fs::remove_file(temporary);
        }
    }
}

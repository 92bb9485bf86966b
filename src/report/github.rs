use std::io::Write;
use std::path::PathBuf;

use super::markdown;
use super::record::{Broken, Record, sentence_of};
use super::text::{clean_text, count};
use super::{ReportError, Reporter};
use crate::model::{Event, Location, RunFinished, Verdict};

/// Annotations of one kind; the service shows no more of them for a step.
const SHOWN: usize = 10;

/// Tells GitHub Actions of a run: an annotation for each broken requirement, as a workflow command on the job's
/// log, and the Markdown report appended to the step's summary. For display only: it decides nothing.
pub struct Github {
    log: Box<dyn Write + Send>,
    summary: Option<PathBuf>,
    record: Record,
    is_over: bool,
}

impl std::fmt::Debug for Github {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Github").field("summary", &self.summary).finish_non_exhaustive()
    }
}

impl Github {
    /// Commands go to `log`, which is the job's standard output; `summary` is the file that
    /// `GITHUB_STEP_SUMMARY` names.
    pub fn new(log: Box<dyn Write + Send>, summary: Option<PathBuf>) -> Self {
        Self { log, summary, record: Record::default(), is_over: false }
    }

    fn annotations(&self, finished: &RunFinished) -> String {
        let mut text = String::new();
        let broken = self.record.broken();
        for verdict in [Verdict::Fail, Verdict::Warn] {
            for broken in broken.iter().filter(|broken| broken.finding.verdict == verdict).take(SHOWN) {
                let Broken { requirement, finding, rows, is_known } = broken;
                let command = match *is_known {
                    true => "notice",
                    false if self.record.is_failure(verdict) => "error",
                    false => "warning",
                };
                let sentence = requirement.map_or("", |requirement| requirement.summary.as_str());
                let names = rows.first().map(|row| row.id()).unwrap_or_default();
                let known = finding.known.as_ref().filter(|_| *is_known);
                let known = known.map(|known| format!("{}. ", sentence_of(known))).unwrap_or_default();
                let cases = count(rows.len(), "case");
                let message = format!("{known}{sentence} Seen: {} ({cases}: {names})", finding.seen);
                text.push_str(&annotation(command, &finding.location, &finding.requirement, &message));
            }
        }
        let undecided: Vec<_> = self
            .record
            .results
            .iter()
            .filter(|result| matches!(result.verdict, Verdict::Blocked | Verdict::Error))
            .collect();
        for entry in finished.stale.iter().take(SHOWN) {
            let message = format!("{} ({} {})", entry.why, entry.case, entry.requirement);
            text.push_str(&annotation("error", &entry.location, "The baseline is no longer true", &message));
        }
        if let Some(first) = undecided.first() {
            let (_, sentence) = self.record.headline(first);
            let title = format!("{} could not be judged", count(undecided.len(), "case"));
            text.push_str(&annotation("error", &first.location, &title, &sentence));
        }
        text
    }
}

impl Reporter for Github {
    fn handle(&mut self, event: &Event) -> Result<(), ReportError> {
        if self.is_over {
            return Ok(());
        }
        self.record.take(event);
        let Event::RunFinished(finished) = event else { return Ok(()) };
        self.is_over = true;
        self.record.finish();
        self.log
            .write_all(self.annotations(finished).as_bytes())
            .and_then(|()| self.log.flush())
            .map_err(|reason| ReportError::Write { to: "the job's log".to_owned(), reason })?;
        let Some(path) = &self.summary else { return Ok(()) };
        // Other steps' summaries stand in the same file.
        std::fs::File::options()
            .append(true)
            .create(true)
            .open(path)
            .and_then(|mut file| file.write_all(markdown::summary(&self.record, finished).as_bytes()))
            .map_err(|reason| ReportError::Write { to: path.display().to_string(), reason })
    }
}

/// A workflow command; what has a meaning in one is percent-encoded as the runner expects it.
fn annotation(command: &str, at: &Location, title: &str, message: &str) -> String {
    let mut place = String::new();
    if at.line > 0 {
        let start = at.column.max(1);
        place = format!(
            "file={},line={},col={start},endColumn={},",
            property(&at.file),
            at.line,
            start + at.length.max(1)
        );
    }
    format!("::{command} {place}title={}::{}\n", property(title), data(message))
}

fn data(text: &str) -> String {
    clean_text(text).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_stays_one() {
        let at = Location { file: "a,b:c.yaml".into(), line: 3, column: 5, length: 4, text: "".into() };
        assert_eq!(
            annotation("error", &at, "x::y", "50%\n::stop-commands::t"),
            "::error file=a%2Cb%3Ac.yaml,line=3,col=5,endColumn=9,title=x%3A%3Ay::50%25\\u{a}::stop-commands::t\n"
        );
    }
}

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use super::super::record::Record;
use super::super::text::{clean_text, cut_columns};
use super::super::{ReportError, Reporter};
use super::folding::{Folding, Row};
use super::options::{ConsoleOptions, StatusLevel};
use super::page::{Page, Style, bracketed_seconds, status};
use super::{block, danger, overview};
use crate::model::{CaseResult, Event, RunFinished, RunStarted, Verdict};

/// Tells a run to people: a header, a line per row while it goes on, then what went wrong in full, how the
/// requirements stand, what was observed, and a summary.
pub struct Console {
    writer: Box<dyn Write + Send>,
    options: ConsoleOptions,
    page: Page,
    record: Record,
    folding: Folding,
    live: Live,
}

impl std::fmt::Debug for Console {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Console").field("options", &self.options).finish_non_exhaustive()
    }
}

impl Console {
    /// A console on that writer. With `live`, the writer must be a terminal.
    pub fn new(writer: Box<dyn Write + Send>, options: ConsoleOptions) -> Self {
        if options.color {
            // The decision is made already; colored would look at standard output once more. Where there is
            // to be no colour it is not asked at all.
            colored::control::set_override(true);
        }
        Self {
            writer,
            page: Page::new(options.width, options.color),
            record: Record::default(),
            folding: Folding::default(),
            live: Live::default(),
            options,
        }
    }

    fn header(&mut self, run: &RunStarted) {
        let page = &mut self.page;
        page.line(&[(Style::Strong, "oauthspec"), (Style::Plain, &format!(" {}", run.oauthspec))]);
        page.field("target", &format!("{} at {}", run.target, run.issuer));
        page.field("profile", &format!("{}: {}", run.profile.0, run.profile.1));
        page.field("seed", &run.seed.to_string());
        page.field(
            "clock",
            if run.virtual_clock { "the target's, moved instead of waiting" } else { "real" },
        );
        if run.strict {
            page.field("strict", "a broken SHOULD counts as a failure");
        }
        page.gap();
    }

    fn rows(&mut self, rows: Vec<Row>) {
        for row in rows {
            if !self.options.status_level.shows(row.verdict) {
                continue;
            }
            let (style, word) = status(row.verdict);
            let remark = row.remark.map(|remark| format!(" ({remark})")).unwrap_or_default();
            self.page.line(&[
                (style, &format!("{word:>8}")),
                (Style::Faint, &format!(" {} ", bracketed_seconds(row.duration_ms))),
                (Style::Plain, &row.id),
                (Style::Faint, &remark),
            ]);
        }
    }

    fn finish(&mut self, finished: &RunFinished) {
        let rest = self.folding.rest();
        self.rows(rest);
        self.record.finish();
        if self.options.failure_output.is_final() {
            block::all(&mut self.page, &self.record, self.options.final_level);
        }
        overview::requirements(&mut self.page, &self.record);
        danger::tell(&mut self.page, &self.record);
        let is_full = self.options.status_level == StatusLevel::All;
        overview::details(&mut self.page, &self.record, is_full);
        overview::summary(&mut self.page, &self.record, finished);
    }

    fn write(&mut self) -> Result<(), ReportError> {
        let mut out = self.live.erase();
        out.push_str(&self.page.take());
        if self.options.live {
            out.push_str(&self.live.draw(self.page.width()));
        }
        if out.is_empty() {
            return Ok(());
        }
        self.writer
            .write_all(out.as_bytes())
            .and_then(|()| self.writer.flush())
            .map_err(|reason| ReportError::Write { to: "the console".to_owned(), reason })
    }
}

impl Reporter for Console {
    fn handle(&mut self, event: &Event) -> Result<(), ReportError> {
        if self.live.over {
            return Ok(());
        }
        self.live.note(event);
        match event {
            Event::RunStarted(run) => {
                self.header(run);
                self.record.take(event);
            }
            Event::CaseStarted { id } => {
                let rows = self.folding.started(id);
                self.rows(rows);
            }
            Event::CaseFinished(result) => {
                let rows = self.folding.finished(result);
                self.rows(rows);
                let is_shown = self.options.final_level.shows(result.verdict)
                    && !matches!(result.verdict, Verdict::Pass | Verdict::Inapplicable);
                if is_shown && self.options.failure_output.is_immediate() {
                    block::at_once(&mut self.page, &self.record, result);
                }
                self.record.results.push(without_what_is_not_shown(result));
            }
            Event::ClockAdvanced { seconds } => {
                if self.options.status_level == StatusLevel::All {
                    self.page.line(&[(Style::Faint, &format!("{:>8} + {seconds}s", "CLOCK"))]);
                }
            }
            Event::Note { text } => {
                for (index, line) in text.lines().enumerate() {
                    let first = if index == 0 { "note: " } else { "      " };
                    self.page.prose(4, &[(Style::Strong, first)], Style::Plain, line);
                }
            }
            Event::RunFinished(finished) => self.finish(finished),
        }
        self.write()
    }

    fn tick(&mut self, elapsed: Duration) -> Result<(), ReportError> {
        if self.live.over {
            return Ok(());
        }
        for (id, running) in self.live.slow(elapsed) {
            if self.options.status_level != StatusLevel::None {
                self.page.line(&[
                    (Style::Caution, &format!("{:>8}", "SLOW")),
                    (Style::Faint, &format!(" [>{:>7.3}s] ", running.as_secs_f64())),
                    (Style::Plain, &id),
                ]);
            }
        }
        self.write()
    }
}

/// Transcripts of passed rows are never shown, and they are most of the memory.
fn without_what_is_not_shown(result: &Arc<CaseResult>) -> Arc<CaseResult> {
    if result.verdict != Verdict::Pass {
        return Arc::clone(result);
    }
    let findings = result.findings.clone();
    Arc::new(CaseResult { findings, exchanges: Vec::new(), steps: Vec::new(), ..CaseResult::clone(result) })
}

/// A case that runs longer has a line of its own, and another each time that it has taken twice as long.
const SLOW: Duration = Duration::from_secs(10);

#[derive(Clone, Copy, Debug)]
struct Running {
    began: Duration,
    told_at: Duration,
}

/// The line of progress at the bottom of a terminal.
#[derive(Debug, Default)]
struct Live {
    planned: usize,
    done: usize,
    running: BTreeMap<String, Running>,
    /// Of the run, as of the last tick.
    elapsed: Duration,
    drawn: bool,
    over: bool,
}

impl Live {
    fn note(&mut self, event: &Event) {
        match event {
            Event::RunStarted(run) => self.planned = run.planned,
            Event::CaseStarted { id } => {
                let running = Running { began: self.elapsed, told_at: SLOW };
                self.running.insert(id.clone(), running);
            }
            Event::CaseFinished(result) => {
                self.running.remove(&result.id());
                self.done += 1;
            }
            Event::RunFinished(_) => self.over = true,
            Event::ClockAdvanced { .. } | Event::Note { .. } => {}
        }
    }

    /// Cases that have been running for long, and have not been told of since they ran half as long.
    fn slow(&mut self, elapsed: Duration) -> Vec<(String, Duration)> {
        self.elapsed = elapsed;
        let mut slow = Vec::new();
        for (id, running) in &mut self.running {
            let so_far = elapsed.saturating_sub(running.began);
            if so_far >= running.told_at {
                slow.push((id.clone(), running.told_at));
                running.told_at *= 2;
            }
        }
        slow
    }

    fn erase(&mut self) -> String {
        if std::mem::take(&mut self.drawn) { "\r\u{1b}[2K".to_owned() } else { String::new() }
    }

    fn draw(&mut self, width: usize) -> String {
        if self.over {
            return String::new();
        }
        self.drawn = true;
        let names: Vec<&str> = self.running.keys().map(String::as_str).collect();
        let line = format!(
            " RUNNING {} of {}, {} under way: {}",
            self.done,
            self.planned,
            names.len(),
            names.join(", ")
        );
        cut_columns(&clean_text(&line), width.saturating_sub(1)).into_owned()
    }
}

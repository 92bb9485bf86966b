use std::collections::BTreeSet;
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};

use tokio::sync::mpsc::UnboundedReceiver;

use crate::load;
use crate::model::{Baseline, Event, RunFinished, RunStarted};
use crate::report::{self, Console, ConsoleOptions, Format, Reporter};
use crate::results::{Watch, drawn_up};

use super::Exit;
use super::arguments::{Reporting, StatusLevel};
use super::failure::Failure;
use super::library::read;

/// Days after which an entry of a baseline that was drawn up expires.
const GRACE: time::Duration = time::Duration::days(90);

/// All that is told what happens in a run: the console, reports in files, and the baseline before them.
pub(super) struct Audience {
    reporters: Vec<Box<dyn Reporter>>,
    failed: BTreeSet<usize>,
    failure: Option<Failure>,
    watch: Option<Watch>,
    /// Kept only where somebody asked for it.
    events: Option<Vec<Event>>,
    started: Option<RunStarted>,
    finished: Option<RunFinished>,
    write_baseline: Option<PathBuf>,
}

impl Audience {
    /// Opens every report. `is_whole` is false where the run is filtered.
    pub(super) fn new(wanted: &Reporting, is_whole: bool, color: bool) -> Result<Self, Failure> {
        let baseline = wanted.baseline.as_deref().map(|path| baseline(path, color)).transpose()?;
        if let Some(path) = &wanted.write_baseline {
            check_write(path, is_whole)?;
        }
        let mut reporters: Vec<Box<dyn Reporter>> = Vec::new();
        if !wanted.no_console {
            reporters.push(console(wanted, color));
        }
        let mut paths: BTreeSet<&str> = BTreeSet::new();
        for wanted in &wanted.report {
            let (format, path) = named(wanted)?;
            if !paths.insert(path) {
                return Err(Failure::usage(format!("two reports are to go to {path}"))
                    .help("give each a path of its own"));
            }
            reporters.push(report::open(format, Path::new(path)).map_err(Failure::usage)?);
        }
        Ok(Self {
            reporters,
            failed: BTreeSet::new(),
            failure: None,
            watch: baseline.map(|baseline| Watch::new(&baseline, &today(), is_whole)),
            events: wanted.write_baseline.is_some().then(Vec::new),
            started: None,
            finished: None,
            write_baseline: wanted.write_baseline.clone(),
        })
    }

    /// One that listens, and nothing else.
    pub(super) fn of(reporter: Box<dyn Reporter>) -> Self {
        Self {
            reporters: vec![reporter],
            failed: BTreeSet::new(),
            failure: None,
            watch: None,
            events: None,
            started: None,
            finished: None,
            write_baseline: None,
        }
    }

    /// Keeps every event, for [`Self::into_events`].
    #[must_use]
    pub(super) fn keeping(mut self) -> Self {
        self.events.get_or_insert_default();
        self
    }

    /// Hands an event to every reporter. One that fails is dropped, the others go on.
    pub(super) fn tell(&mut self, event: Event) {
        let event = match &mut self.watch {
            Some(watch) => watch.take(event),
            None => event,
        };
        for (index, reporter) in self.reporters.iter_mut().enumerate() {
            if self.failed.contains(&index) {
                continue;
            }
            if let Err(error) = reporter.handle(&event) {
                self.failed.insert(index);
                self.failure.get_or_insert(Failure::usage(error).help("the other reports are complete"));
            }
        }
        match &event {
            Event::RunStarted(run) => self.started = Some(run.clone()),
            Event::RunFinished(finished) => self.finished = Some(finished.clone()),
            _ => {}
        }
        if let Some(events) = &mut self.events {
            events.push(event);
        }
    }

    /// Hands on every event until the run is over.
    pub(super) async fn listen(&mut self, mut events: UnboundedReceiver<Event>) {
        while let Some(event) = events.recv().await {
            self.tell(event);
        }
    }

    /// What the run comes to, or which report could not be written.
    pub(super) fn exit(&mut self) -> Result<Exit, Failure> {
        if let Some(failure) = self.failure.take() {
            return Err(failure);
        }
        if let Some(path) = self.write_baseline.take() {
            self.draw_up(&path)?;
        }
        match (&self.started, &self.finished) {
            (Some(run), Some(finished)) => Ok(Exit::of_run(run, finished)),
            _ => Ok(Exit::Nothing),
        }
    }

    /// All events, where they were kept.
    pub(super) fn into_events(self) -> Vec<Event> {
        self.events.unwrap_or_default()
    }

    fn draw_up(&self, path: &Path) -> Result<(), Failure> {
        let (Some(run), Some(finished)) = (&self.started, &self.finished) else { return Ok(()) };
        if finished.interrupted || !finished.unfinished.is_empty() || run.shard.is_some() {
            return Err(Failure::usage("the baseline is not written: the run is not whole"));
        }
        let expires = (time::OffsetDateTime::now_utc() + GRACE).date();
        let events = self.events.as_deref().unwrap_or_default();
        let reason = format!("not looked into yet; drawn up from a run on {}", today());
        let baseline = drawn_up(events, &reason, &expires.to_string());
        let text = load::draw_baseline(&run.target, &baseline);
        std::fs::write(path, text)
            .map_err(|error| Failure::usage(format!("failed to write {}: {error}", path.display())))
    }
}

/// Today in UTC, as a baseline has days.
fn today() -> String {
    time::OffsetDateTime::now_utc().date().to_string()
}

fn baseline(path: &Path, color: bool) -> Result<Baseline, Failure> {
    load::baseline(&read(path)?).map_err(|diagnostics| Failure::drawn(diagnostics.render(color)))
}

/// A baseline of a part would call everything else new.
fn check_write(path: &Path, is_whole: bool) -> Result<(), Failure> {
    if !is_whole {
        return Err(Failure::usage("a baseline is drawn up from a whole run only, and this one is filtered")
            .help("leave out `--only`, `--tag`, `--skip-tag`, `--requirement`, `--fast` and `--partition`"));
    }
    if path.exists() {
        return Err(Failure::usage(format!("{} is there already", path.display()))
            .help("its reasons would be lost: write to another path, and take over what is new"));
    }
    Ok(())
}

/// `FORMAT=PATH`.
pub(super) fn named(wanted: &str) -> Result<(Format, &str), Failure> {
    let Some((format, path)) = wanted.split_once('=') else {
        return Err(Failure::usage(format!("`--report {wanted}` names no file"))
            .help(format!("write `--report {wanted}=PATH`")));
    };
    Ok((format.parse().map_err(Failure::usage)?, path))
}

fn console(wanted: &Reporting, color: bool) -> Box<dyn Reporter> {
    let is_terminal = std::io::stdout().is_terminal();
    let options = ConsoleOptions {
        color,
        width: width(is_terminal),
        status_level: match wanted.status_level {
            StatusLevel::None => report::StatusLevel::None,
            StatusLevel::Fail => report::StatusLevel::Fail,
            StatusLevel::Warn => report::StatusLevel::Warn,
            StatusLevel::Pass => report::StatusLevel::Pass,
            StatusLevel::All => report::StatusLevel::All,
        },
        live: is_terminal && color,
        ..ConsoleOptions::default()
    };
    Box::new(Console::new(Box::new(std::io::stdout()), options))
}

/// The terminal's, `COLUMNS` where there is none, else 100.
fn width(is_terminal: bool) -> usize {
    let columns = std::env::var("COLUMNS").ok().and_then(|c| c.parse().ok());
    if is_terminal && let Some(width) = terminal_width() {
        return columns.unwrap_or(width);
    }
    columns.unwrap_or(100)
}

/// As `stty` knows it.
fn terminal_width() -> Option<usize> {
    let asked =
        std::process::Command::new("stty").args(["size"]).stdin(std::process::Stdio::inherit()).output();
    let text = String::from_utf8(asked.ok()?.stdout).ok()?;
    text.split_whitespace().nth(1)?.parse().ok().filter(|w| *w > 0)
}

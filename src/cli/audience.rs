use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::{Instant, MissedTickBehavior, interval};

use crate::load;
use crate::model::{Baseline, Event, RunFinished, RunStarted};
use crate::report::Reporter;
use crate::results::{Watch, drawn_up};

use super::Exit;
use super::arguments::Reporting;
use super::failure::Failure;
use super::library::read;
use super::reports::Reports;

/// Days after which an entry of a baseline that was drawn up expires.
const GRACE: time::Duration = time::Duration::days(90);

/// All that is told what happens in a run: the reports, and the baseline before them.
pub(super) struct Audience {
    reports: Reports,
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
        Ok(Self {
            watch: baseline.map(|baseline| Watch::new(&baseline, &today(), is_whole)),
            events: wanted.write_baseline.is_some().then(Vec::new),
            write_baseline: wanted.write_baseline.clone(),
            ..Self::with(Reports::open(wanted, color)?)
        })
    }

    /// One that listens, and nothing else.
    pub(super) fn of(reporter: Box<dyn Reporter>) -> Self {
        Self::with(Reports::of(reporter))
    }

    fn with(reports: Reports) -> Self {
        Self { reports, watch: None, events: None, started: None, finished: None, write_baseline: None }
    }

    /// Keeps every event, for [`Self::into_events`].
    #[must_use]
    pub(super) fn keeping(mut self) -> Self {
        self.events.get_or_insert_default();
        self
    }

    /// One more that listens, for display only.
    pub(super) fn add(&mut self, reporter: Box<dyn Reporter>) {
        self.reports.add_extra(reporter);
    }

    /// Hands an event on, with what the baseline says about it.
    pub(super) fn tell(&mut self, event: Event) {
        let event = match &mut self.watch {
            Some(watch) => watch.take(event),
            None => event,
        };
        self.reports.handle(&event);
        match &event {
            Event::RunStarted(run) => self.started = Some(run.clone()),
            Event::RunFinished(finished) => self.finished = Some(finished.clone()),
            _ => {}
        }
        if let Some(events) = &mut self.events {
            events.push(event);
        }
    }

    /// Hands on every event until the run is over. `also` is told of every event too.
    pub(super) async fn listen(
        &mut self,
        mut events: UnboundedReceiver<Event>,
        mut also: impl FnMut(&Event),
    ) {
        let start = Instant::now();
        let mut ticks = interval(Duration::from_secs(1));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
        loop {
            tokio::select! {
                biased;
                event = events.recv() => match event {
                    Some(event) => {
                        also(&event);
                        self.tell(event);
                    }
                    None => break,
                },
                _ = ticks.tick() => self.reports.tick(start.elapsed()),
            }
        }
    }

    /// What the run comes to; which report could not be written is told.
    pub(super) fn exit(&mut self) -> Result<Exit, Failure> {
        let told = self.reports.close();
        if let Some(path) = self.write_baseline.take() {
            self.draw_up(&path)?;
        }
        Ok(told.exit(match (&self.started, &self.finished) {
            (Some(run), Some(finished)) => Exit::of_run(run, finished),
            _ => Exit::Nothing,
        }))
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
    load::baseline(&read(path, color)?).map_err(|diagnostics| Failure::drawn(diagnostics.render(color)))
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

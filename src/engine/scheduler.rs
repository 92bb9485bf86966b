use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc::UnboundedSender};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::http::{Endpoint, Exchange, Headers, Request};
use crate::model::{
    Action, CaseKind, CaseResult, Event, Library, PropertyRecord, RunFinished, Step, Verdict,
};
use crate::plan::{Capabilities, Entry, Fate, Plan};

use super::case::{Played, Player, Stop};
use super::clock::{Activity, Clock};
use super::desk::{Desk, Finished};
use super::discovery::Discovered;
use super::property::try_property;
use super::world::{World, usual_authentication};

/// What a run is told besides its plan.
#[derive(Clone, Debug, Default)]
pub struct RunOptions {
    /// Reproduces all random choices.
    pub seed: u64,
    /// Whether a broken SHOULD counts as a failure; told to reports, changes no verdict.
    pub strict: bool,
    /// How to call the program again for this target.
    pub again: Vec<String>,
}

/// Runs the plan; every event goes to `events` in order, the last is [`Event::RunFinished`].
///
/// Stops early, with a complete account of what was done, when `cancel` is cancelled.
pub async fn run(
    plan: Plan,
    discovered: Discovered,
    library: &Library,
    options: &RunOptions,
    cancel: CancellationToken,
    events: UnboundedSender<Event>,
) -> RunFinished {
    let world = Arc::new(world(&plan, discovered, library, options.seed, cancel.clone()));
    let mut desk = Desk::new(world.clone(), events.clone(), &plan, library, options);
    let (ready, serial) = sort(plan.entries, &world, &mut desk);
    let floor = Floor {
        world: world.clone(),
        slots: Arc::new(Semaphore::new(world.target.limits.concurrency.max(1))),
        events: events.clone(),
    };
    let everything = async {
        floor.play_all(ready, &mut desk).await;
        for entry in serial {
            floor.play_all(vec![entry], &mut desk).await;
        }
    };
    let driven = world.clock.drive(|step| advance(world.clone(), events.clone(), step));
    let interrupted = tokio::select! {
        () = everything => false,
        () = driven => false,
        () = cancel.cancelled() => true,
    };
    desk.finish(interrupted)
}

fn world(
    plan: &Plan,
    discovered: Discovered,
    library: &Library,
    seed: u64,
    cancel: CancellationToken,
) -> World {
    let is_virtual = discovered.target.clock.is_some();
    World {
        capabilities: Capabilities::of(&discovered.target, &plan.policy, discovered.metadata.as_ref()),
        authentication: usual_authentication(&plan.policy, discovered.metadata.as_ref()),
        surroundings: plan.surroundings.clone(),
        levels: library.requirements.iter().map(|(id, r)| (id.clone(), r.counts_as())).collect(),
        metadata_url: discovered.metadata_url,
        keys: discovered.keys,
        transport: discovered.transport,
        redactor: discovered.redactor,
        origins: discovered.origins,
        target: discovered.target,
        clock: if is_virtual { Clock::of_target() } else { Clock::real() },
        seed,
        started: Instant::now(),
        cancel,
    }
}

/// Reports what does not run, and tells the rest apart: those that run together, and those that run alone.
fn sort(entries: Vec<Entry>, world: &World, desk: &mut Desk) -> (Vec<Entry>, Vec<Entry>) {
    let mut ready = Vec::new();
    for entry in entries {
        let stop = match &entry.fate {
            Fate::Run => {
                ready.push(entry);
                continue;
            }
            Fate::Inapplicable(reason) => Stop { verdict: Verdict::Inapplicable, reason: reason.clone() },
            Fate::Blocked(reason) => Stop::blocked(reason.clone()),
        };
        desk.take(Finished::new(&entry, Played { stop: Some(stop), ..Played::default() }, world));
    }
    // What waits begins first, so that the waits overlap with everything else.
    ready.sort_by_key(|entry| !waits(&entry.case.steps));
    ready.into_iter().partition(|entry| !entry.case.serial)
}

fn waits(steps: &[Step]) -> bool {
    steps.iter().any(|step| match &step.action {
        Action::Wait(_) => true,
        Action::Parallel(inner) => waits(inner),
        _ => false,
    })
}

/// Asks the target to let so much time pass.
async fn advance(world: Arc<World>, events: UnboundedSender<Event>, step: Duration) -> Result<(), String> {
    let mut headers = Headers::default();
    headers.push("Content-Type", "application/json");
    let request = Request {
        method: "POST".to_owned(),
        url: world.target.clock.clone().unwrap_or_default(),
        headers,
        body: format!("{{\"advance_seconds\":{}}}", step.as_secs_f64()).into_bytes(),
    };
    let exchange = world.transport.send(Endpoint::Clock, request).await;
    // The run goes on without anybody who listens.
    let _ = events.send(Event::ClockAdvanced { seconds: step.as_secs_f64() });
    match exchange.result {
        Ok(response) if (200..300).contains(&response.status) => Ok(()),
        Ok(response) => Err(format!("its hook answered {}", response.status)),
        Err(fault) => Err(fault.to_string()),
    }
}

/// Where cases are played.
struct Floor {
    world: Arc<World>,
    /// A case takes one until it ends or waits for the first time, so that the steps of one follow closely.
    slots: Arc<Semaphore>,
    events: UnboundedSender<Event>,
}

impl Floor {
    async fn play_all(&self, entries: Vec<Entry>, desk: &mut Desk) {
        let mut tasks = JoinSet::new();
        let mut running = HashMap::new();
        for entry in entries {
            let activity = self.world.clock.begin();
            let (world, slots, events) = (self.world.clone(), self.slots.clone(), self.events.clone());
            let task = tasks.spawn(play(world, slots, events, entry.clone(), activity));
            running.insert(task.id(), entry);
        }
        while let Some(ended) = tasks.join_next_with_id().await {
            match ended {
                Ok((_, finished)) => desk.take(finished),
                Err(error) => {
                    let Some(entry) = running.get(&error.id()) else {
                        continue;
                    };
                    let stop = Stop::error(format!("oauthspec itself failed: {error}"));
                    let played = Played { stop: Some(stop), ..Played::default() };
                    desk.take(Finished::new(entry, played, &self.world));
                }
            }
        }
    }
}

async fn play(
    world: Arc<World>,
    slots: Arc<Semaphore>,
    events: UnboundedSender<Event>,
    entry: Entry,
    activity: Activity,
) -> Finished {
    let slot = slots.acquire_owned().await.ok();
    let seed = seed_of(&entry, world.seed);
    let mut finished = Finished::new(&entry, Played::default(), &world);
    // The run goes on without anybody who listens.
    let _ = events.send(Event::CaseStarted { id: finished.result.id() });
    let began = Instant::now();
    finished.result.started_ms = world.elapsed_ms();
    let (played, exchanges, waited) = match &entry.case.forall {
        None => {
            let mut player = Player::new(world.clone(), &entry.bindings, seed);
            player.slot = slot;
            let played = player.play_case(&entry.case).await;
            (played, player.channel.transcript(), player.waited)
        }
        Some(property) => {
            let tried = {
                let (world, entry, property) = (world.clone(), entry.clone(), property.clone());
                tokio::task::spawn_blocking(move || {
                    try_property(&world, &entry.case, &property, &entry.bindings, seed, slot)
                })
            };
            match tried.await {
                Ok(tried) => {
                    finished.result.property = Some(PropertyRecord {
                        counterexample: tried.record.counterexample.map(|values| masked(values, &world)),
                        ..tried.record
                    });
                    finished.others = tried.others;
                    (tried.played, tried.exchanges, tried.waited)
                }
                Err(error) => {
                    let stop = Stop::error(format!("oauthspec itself failed: {error}"));
                    (Played { stop: Some(stop), ..Played::default() }, Vec::new(), Duration::ZERO)
                }
            }
        }
    };
    finished.fill(played, exchanges, &world);
    finished.result.waited_s = waited.as_secs_f64();
    finished.result.duration_ms = began.elapsed().as_secs_f64() * 1000.0;
    drop(activity);
    finished
}

/// Differs from case to case and stays the same from run to run.
fn seed_of(entry: &Entry, seed: u64) -> u64 {
    let mut hasher = DefaultHasher::new();
    (seed, &entry.case.full_id, &entry.instance).hash(&mut hasher);
    hasher.finish()
}

fn masked(values: crate::model::Bindings, world: &World) -> crate::model::Bindings {
    values
        .into_iter()
        .map(|(name, value)| match value {
            crate::model::Value::Text(text) => (name, world.redactor.text(&text).into()),
            value => (name, value),
        })
        .collect()
}

/// Permits are only held.
pub(super) type Slot = Option<OwnedSemaphorePermit>;

impl Finished {
    pub(super) fn new(entry: &Entry, played: Played, world: &World) -> Self {
        let kind = if entry.case.is_property() { CaseKind::Property } else { CaseKind::Case };
        let result = CaseResult {
            case: entry.case.full_id.clone(),
            instance: entry.instance.clone(),
            title: entry.case.title.clone(),
            kind,
            tags: entry.case.tags.clone(),
            verdict: Verdict::Pass,
            reason: None,
            findings: Vec::new(),
            steps: Vec::new(),
            exchanges: Vec::new(),
            started_ms: world.elapsed_ms(),
            duration_ms: 0.0,
            waited_s: 0.0,
            location: entry.case.location.clone(),
            property: None,
            examined: None,
            control: entry.case.control.as_ref().map(|c| c.value.clone()),
        };
        let mut finished = Self { result, exchanges: Vec::new(), others: Vec::new() };
        finished.fill(played, Vec::new(), world);
        finished
    }

    fn fill(&mut self, played: Played, exchanges: Vec<Exchange>, world: &World) {
        exchanges.iter().for_each(|exchange| world.redactor.learn_from(exchange));
        let (verdict, reason) = played.verdict();
        self.result.verdict = verdict;
        self.result.reason = reason;
        self.result.findings = played.findings;
        self.result.steps = played.steps;
        self.result.exchanges = exchanges.iter().map(|e| world.redactor.exchange(e)).collect();
        self.exchanges = exchanges;
    }
}

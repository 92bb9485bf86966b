use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc::UnboundedSender};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::http::{Endpoint, Exchange, FaultKind, Headers, Redactor, Request};
use crate::model::{
    Action, Bindings, CaseKind, CaseResult, Event, FailedInput, Library, PropertyRecord, RunFinished, Shard,
    Step, Value, Verdict,
};
use crate::plan::{Capabilities, Entry, Fate, Plan};

use super::case::{Played, Player, Stop};
use super::clock::{Activity, Clock};
use super::desk::{Desk, Finished};
use super::discovery::{Discovered, redactor};
use super::property::{Attempt, try_property};
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
    /// Inputs of properties that failed in earlier runs, by `suite/case[instance]`: they are tried first.
    pub remembered: BTreeMap<String, FailedInput>,
    /// How often a case is played again when the transport failed it.
    pub retries: u32,
    /// Whether a case that needed that leaves the run without a verdict; told to reports.
    pub flaky_fails: bool,
    /// SHA-256 of what was loaded, told to reports.
    pub suites: String,
    /// Whether filters left out cases of the profile; told to reports.
    pub filtered: bool,
    /// Which part of a run this is; the plan is already cut to it.
    pub shard: Option<Shard>,
    /// Only verdicts are wanted: results have no words, no transcripts and nothing that would have to be masked.
    pub terse: bool,
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
    let world = Arc::new(world(&plan, discovered, library, options, cancel.clone()));
    let mut desk = Desk::new(world.clone(), events.clone(), &plan, library, options);
    let (ready, serial) = sort(plan.entries, &world, &mut desk);
    let floor = Floor {
        world: world.clone(),
        slots: Arc::new(Semaphore::new(world.target.limits.concurrency.max(1))),
        events: events.clone(),
        remembered: options.remembered.clone(),
    };
    let interrupted = {
        let everything = async {
            floor.play_all(ready, &mut desk).await;
            for entry in serial {
                floor.play_all(vec![entry], &mut desk).await;
            }
        };
        tokio::pin!(everything);
        let driven = world.clock.drive(|step| advance(world.clone(), events.clone(), step));
        let is_given_up = tokio::select! {
            () = &mut everything => false,
            () = driven => false,
            () = cancel.cancelled() => true,
        };
        if is_given_up {
            // What cases have left behind at the server is put in order, as far as it takes part.
            let tidied = async {
                everything.await;
                world.tasks.close();
                world.tasks.wait().await;
            };
            let _ = tokio::time::timeout(TIDYING, tidied).await;
        }
        is_given_up
    };
    desk.finish(interrupted)
}

/// How long a run that is given up may take to put in order what its cases have left behind.
const TIDYING: Duration = Duration::from_secs(5);

fn world(
    plan: &Plan,
    discovered: Discovered,
    library: &Library,
    options: &RunOptions,
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
        seed: options.seed,
        retries: options.retries,
        terse: options.terse,
        is_part: options.shard.is_some() || plan.entries.iter().all(|entry| entry.silent),
        started: Instant::now(),
        cancel,
        tasks: TaskTracker::new(),
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
    ready.sort_by_key(|entry| !waits(&entry.case.script.steps));
    ready.into_iter().partition(|entry| !entry.case.serial)
}

/// Whether any of the steps lets time pass.
pub(super) fn waits(steps: &[Step]) -> bool {
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
    remembered: BTreeMap<String, FailedInput>,
}

impl Floor {
    async fn play_all(&self, entries: Vec<Entry>, desk: &mut Desk) {
        let mut tasks = JoinSet::new();
        let mut running = HashMap::new();
        for entry in entries {
            let activity = self.world.clock.begin();
            let (world, slots, events) = (self.world.clone(), self.slots.clone(), self.events.clone());
            let remembered = self.remembered.get(&entry.id()).copied();
            let task = tasks.spawn(play(world, slots, events, entry.clone(), remembered, activity));
            running.insert(task.id(), entry);
        }
        while let Some(ended) = tasks.join_next_with_id().await {
            match ended {
                Ok((_, Some(finished))) => desk.take(finished),
                // It was given up with the run.
                Ok((_, None)) => {}
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
    remembered: Option<FailedInput>,
    activity: Activity,
) -> Option<Finished> {
    let slot = tokio::select! {
        biased;
        () = world.cancel.cancelled() => return None,
        slot = slots.clone().acquire_owned() => slot.ok(),
    };
    let seed = seed_of(&entry, world.seed);
    let mut finished = Finished::new(&entry, Played::default(), &world);
    if !entry.silent {
        // The run goes on without anybody who listens.
        let _ = events.send(Event::CaseStarted { id: finished.result.id() });
    }
    let began = Instant::now();
    finished.result.started_ms = world.elapsed_ms();
    let mut slot = slot;
    loop {
        let (played, exchanges, waited) =
            attempt(&world, &slots, &entry, (seed, remembered), slot, &mut finished).await;
        if played.interrupted {
            return None;
        }
        finished.result.waited_s += waited.as_secs_f64();
        let fault = lost(&played, &exchanges).filter(|_| !world.cancel.is_cancelled());
        let (Some(fault), true) = (fault, finished.result.retried.len() < world.retries as usize) else {
            finished.fill(played, exchanges, &world);
            break;
        };
        let pause = PAUSE * 2_u32.pow(u32::try_from(finished.result.retried.len()).unwrap_or(0).min(6));
        finished.result.retried.push(world.redactor.text(&fault));
        // What was answered before the fault is evidence all the same.
        finished.others.extend(exchanges);
        tokio::time::sleep(pause).await;
        slot = slots.clone().acquire_owned().await.ok();
    }
    finished.result.duration_ms = began.elapsed().as_secs_f64() * 1000.0;
    drop(activity);
    Some(finished)
}

/// Before a case is played again; it doubles each time.
const PAUSE: Duration = Duration::from_millis(100);

/// Plays the case once.
async fn attempt(
    world: &Arc<World>,
    slots: &Arc<Semaphore>,
    entry: &Entry,
    (seed, remembered): (u64, Option<FailedInput>),
    slot: Slot,
    finished: &mut Finished,
) -> (Played, Vec<Arc<Exchange>>, Duration) {
    let Some(property) = &entry.case.forall else {
        let mut player = Player::new(world.clone(), &entry.bindings, seed);
        player.slot = slot;
        let played = player.play_case(&entry.case).await;
        return (played, player.channel.transcript(), player.waited);
    };
    let attempt = Attempt {
        world: world.clone(),
        case: entry.case.clone(),
        property: property.clone(),
        bindings: entry.bindings.clone(),
        seed,
        remembered: remembered.map(|failed| (seed_of(entry, failed.seed), failed)),
        slot,
        slots: slots.clone(),
    };
    match tokio::task::spawn_blocking(move || try_property(attempt)).await {
        Ok(tried) => {
            finished.result.property = Some(PropertyRecord {
                counterexample: tried
                    .record
                    .counterexample
                    .map(|values| masked(values, &redactor(&world.target))),
                ..tried.record
            });
            finished.others.extend(tried.others);
            (tried.played, tried.exchanges, tried.waited)
        }
        Err(error) => {
            let stop = Stop::error(format!("oauthspec itself failed: {error}"));
            (Played { stop: Some(stop), ..Played::default() }, Vec::new(), Duration::ZERO)
        }
    }
}

/// The fault of the transport that kept a case from a verdict, in words. A broken requirement is none, and
/// neither is an answer that cannot be judged, nor a request that cannot be sent.
fn lost(played: &Played, exchanges: &[Arc<Exchange>]) -> Option<String> {
    let is_broken =
        |finding: &crate::model::Finding| matches!(finding.verdict, Verdict::Fail | Verdict::Warn);
    if !matches!(played.verdict().0, Verdict::Error | Verdict::Blocked)
        || played.findings.iter().any(is_broken)
    {
        return None;
    }
    let fault = exchanges.iter().find_map(|exchange| exchange.result.as_ref().err());
    let fault = fault.or(played.faults.first())?;
    (fault.kind != FaultKind::Unsendable).then(|| fault.to_string())
}

/// Differs from case to case and stays the same from run to run.
fn seed_of(entry: &Entry, seed: u64) -> u64 {
    let mut hasher = DefaultHasher::new();
    (seed, &entry.case.full_id, &entry.instance).hash(&mut hasher);
    hasher.finish()
}

/// A generated input is made up and is no secret, even where it stood for one; only what the target file holds
/// may be in it.
fn masked(values: Bindings, redactor: &Redactor) -> Bindings {
    values.into_iter().map(|(name, value)| (name, masked_value(value, redactor))).collect()
}

fn masked_value(value: Value, redactor: &Redactor) -> Value {
    match value {
        Value::Text(text) => redactor.text(&text).into(),
        Value::List(items) => {
            Value::List(items.into_iter().map(|item| masked_value(item, redactor)).collect())
        }
        Value::Map(members) => Value::Map(masked(members, redactor)),
        value => value,
    }
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
            unseen: None,
            control: entry.case.control.as_ref().map(|c| c.value.clone()),
            retried: Vec::new(),
        };
        let silent = entry.silent;
        let mut finished = Self { result, exchanges: Vec::new(), others: Vec::new(), silent };
        finished.fill(played, Vec::new(), world);
        finished
    }

    fn fill(&mut self, played: Played, exchanges: Vec<Arc<Exchange>>, world: &World) {
        let (verdict, reason) = played.verdict();
        self.result.verdict = verdict;
        self.result.reason = reason;
        self.result.findings = played.findings;
        self.result.steps = played.steps;
        if !world.terse {
            self.result.exchanges = exchanges.iter().map(|e| world.redactor.exchange(e)).collect();
        }
        self.exchanges = exchanges;
    }
}

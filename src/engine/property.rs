//! Properties: inputs are tried together, and the failure with the lowest number is made smaller one run after
//! the other, so that a seed leads to the same counterexample whatever the timing.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::{FuturesOrdered, StreamExt as _};
use tokio::runtime::Handle;
use tokio::sync::Semaphore;

use crate::generate::{self, GenerateError, Trials};
use crate::http::Exchange;
use crate::model::{Bindings, Case, FailedInput, Finding, Property, PropertyRecord, Verdict};
use crate::plan::Names;

use super::case::{Played, Player, Stop};
use super::scheduler::{Slot, waits};
use super::world::World;

/// Inputs of one property that are on their way together, at most.
const TOGETHER: usize = 8;

/// A property to be tried.
#[derive(Debug)]
pub(super) struct Attempt {
    pub(super) world: Arc<World>,
    pub(super) case: Arc<Case>,
    pub(super) property: Property,
    /// Of the instance.
    pub(super) bindings: Bindings,
    /// Of the instance.
    pub(super) seed: u64,
    /// What failed in an earlier run, with the instance's seed in that run.
    pub(super) remembered: Option<(u64, FailedInput)>,
    /// The slot that the property has already; further ones are taken where they are free.
    pub(super) slot: Slot,
    pub(super) slots: Arc<Semaphore>,
}

/// What came of a property.
pub(super) struct Tried {
    pub(super) played: Played,
    pub(super) record: PropertyRecord,
    /// The transcript of the input that decided.
    pub(super) exchanges: Vec<Arc<Exchange>>,
    /// Of all other inputs.
    pub(super) others: Vec<Arc<Exchange>>,
    pub(super) waited: Duration,
}

/// One input played.
struct Trial {
    values: Bindings,
    played: Played,
    exchanges: Vec<Arc<Exchange>>,
    waited: Duration,
    slot: Slot,
}

/// Tries a property. Generators live on one thread, so the caller gives this one, outside of the runtime's own.
pub(super) fn try_property(mut attempt: Attempt) -> Tried {
    let slot = attempt.slot.take();
    let attempt = Arc::new(attempt);
    let mut oracle = Oracle {
        attempt: Arc::clone(&attempt),
        slot,
        record: PropertyRecord::default(),
        others: Vec::new(),
        runs: 0,
        dearest: 0,
    };
    let last = Handle::current().block_on(async {
        tokio::select! {
            biased;
            () = attempt.world.cancel.cancelled() => Trial::interrupted(),
            last = oracle.search() => last,
        }
    });
    let (record, others) = (oracle.record, oracle.others);
    Tried { played: last.played, record, exchanges: last.exchanges, others, waited: last.waited }
}

struct Oracle {
    attempt: Arc<Attempt>,
    slot: Slot,
    record: PropertyRecord,
    others: Vec<Arc<Exchange>>,
    /// Inputs played so far, those of shrinking and replay included.
    runs: u64,
    /// The most requests that an input has taken so far.
    dearest: u64,
}

impl Oracle {
    async fn search(&mut self) -> Trial {
        let attempt = Arc::clone(&self.attempt);
        if let Some((seed, failed)) = attempt.remembered
            && let Some(found) = self.again(seed, failed).await
        {
            return found;
        }
        let mut inputs = match self.inputs(attempt.seed) {
            Ok(inputs) => inputs.take(attempt.property.trials as usize),
            Err(error) => return Trial::stopped(Stop::error(format!("its generator cannot work: {error}"))),
        };
        let together = self.together();
        let mut drawn = VecDeque::new();
        let mut running = FuturesOrdered::new();
        let mut last: Option<Trial> = None;
        loop {
            while running.len() < together {
                if !self.affords(running.len()) {
                    break;
                }
                let Some(slot) = self.free_slot(running.is_empty()).await else { break };
                let Some(candidate) = inputs.next() else {
                    self.slot = self.slot.take().or(slot);
                    break;
                };
                self.runs += 1;
                running.push_back(play(&attempt, candidate.values(), attempt.seed, self.runs, slot));
                drawn.push_back(candidate);
            }
            let (Some(mut trial), Some(mut candidate)) = (running.next().await, drawn.pop_front()) else {
                break;
            };
            self.count(&mut trial);
            self.record.trials += 1;
            let verdict = trial.verdict();
            if !matches!(verdict, Verdict::Pass | Verdict::Inapplicable) {
                // What is on its way comes to its end, and is seen by the invariants.
                while let Some(mut other) = running.next().await {
                    self.count(&mut other);
                    self.others.append(&mut other.exchanges);
                }
                if !matches!(verdict, Verdict::Warn | Verdict::Fail) {
                    return trial;
                }
                let failed = FailedInput { seed: attempt.world.seed, trial: self.record.trials };
                return self.shrink(trial, &mut candidate, attempt.seed, failed).await;
            }
            match &mut last {
                // A generated input can fall outside of what the steps judge; another will not.
                Some(_) if verdict == Verdict::Inapplicable => self.others.append(&mut trial.exchanges),
                Some(current) => {
                    add_observations(&mut trial.played.findings, &mut current.played.findings);
                    self.others.append(&mut current.exchanges);
                    *current = trial;
                }
                None => last = Some(trial),
            }
        }
        self.record.budget_spent = self.record.trials < attempt.property.trials;
        last.unwrap_or_else(|| Trial::stopped(Stop::error("no input was tried")))
    }

    /// Tries what failed in an earlier run. Where the suite has changed since, it is an input like any other.
    async fn again(&mut self, seed: u64, failed: FailedInput) -> Option<Trial> {
        let mut candidate = self.inputs(seed).ok()?.nth(failed.trial.checked_sub(1)? as usize)?;
        self.record.trials += 1;
        let mut trial = self.play(candidate.values(), seed).await;
        if !matches!(trial.verdict(), Verdict::Warn | Verdict::Fail) {
            self.others.append(&mut trial.exchanges);
            self.record.trials -= 1;
            return None;
        }
        self.record.remembered = true;
        Some(self.shrink(trial, &mut candidate, seed, failed).await)
    }

    /// The smallest input with the same verdict that the budget allows to find, played once more: a server
    /// that then behaves is unstable, and nothing is certain of it.
    async fn shrink(
        &mut self,
        first: Trial,
        candidate: &mut generate::Trial,
        seed: u64,
        failed: FailedInput,
    ) -> Trial {
        let verdict = first.verdict();
        let mut smallest = first;
        let mut is_open = candidate.simplify();
        while is_open && self.record.shrinks < self.attempt.property.shrinks {
            if !self.affords(0) {
                self.record.budget_spent = true;
                break;
            }
            self.record.shrinks += 1;
            let mut trial = self.play(candidate.values(), seed).await;
            if trial.verdict() == verdict {
                std::mem::swap(&mut smallest, &mut trial);
                is_open = candidate.simplify();
            } else {
                is_open = candidate.complicate();
            }
            self.others.append(&mut trial.exchanges);
        }
        let replayed = self.play(smallest.values.clone(), seed).await;
        self.others.append(&mut smallest.exchanges);
        if replayed.verdict() != verdict {
            let reason = format!("unstable: the same input gave {verdict} and then {}", replayed.verdict());
            return Trial {
                played: Played { stop: Some(Stop::error(reason)), ..Played::default() },
                ..replayed
            };
        }
        self.record.counterexample = Some(replayed.values.clone());
        self.record.failed = Some(failed);
        replayed
    }

    fn inputs(&self, seed: u64) -> Result<Trials, GenerateError> {
        let names = Names::new(&self.attempt.world.surroundings, &self.attempt.bindings);
        Trials::new(&self.attempt.property.variables, &names, seed)
    }

    /// One after the other where the case disturbs others, and where waits move the clock of everybody and
    /// cost nothing.
    fn together(&self) -> usize {
        let case = &self.attempt.case;
        if case.serial || self.attempt.world.clock.is_virtual() && waits(&case.script.steps) {
            1
        } else {
            TOGETHER
        }
    }

    /// Whether the budget has enough left for one more input, and for the replay that a failure needs. As long
    /// as it is not known what an input costs, one goes alone.
    fn affords(&self, running: usize) -> bool {
        match (self.dearest, running) {
            (0, running) => running == 0,
            (dearest, running) => {
                let further = dearest.saturating_mul(running as u64 + 2);
                self.record.requests.saturating_add(further) <= u64::from(self.attempt.property.budget)
            }
        }
    }

    /// The property's own slot, or one that nobody else wants; the only input on its way waits for one.
    async fn free_slot(&mut self, alone: bool) -> Option<Slot> {
        if self.slot.is_some() {
            return Some(self.slot.take());
        }
        let slots = self.attempt.slots.clone();
        match slots.clone().try_acquire_owned() {
            Ok(slot) => Some(Some(slot)),
            Err(_) if alone => Some(slots.acquire_owned().await.ok()),
            Err(_) => None,
        }
    }

    async fn play(&mut self, values: Bindings, seed: u64) -> Trial {
        let slot = self.free_slot(true).await.flatten();
        self.runs += 1;
        let mut trial = play(&self.attempt, values, seed, self.runs, slot).await;
        self.count(&mut trial);
        trial
    }

    fn count(&mut self, trial: &mut Trial) {
        let requests = trial.exchanges.len() as u64;
        self.record.requests += requests;
        self.dearest = self.dearest.max(requests).max(1);
        self.slot = self.slot.take().or(trial.slot.take());
    }
}

/// Plays one input. What else is random in it differs from run to run: no state or verifier is sent twice.
///
/// It runs among the cases; only what comes of it is handed to the thread of the generators.
fn play(
    attempt: &Arc<Attempt>,
    values: Bindings,
    seed: u64,
    run: u64,
    slot: Slot,
) -> impl Future<Output = Trial> + use<> {
    let attempt = Arc::clone(attempt);
    // Given up with the run, it comes to its end by itself, having put in order what it left behind.
    let task = attempt.world.tasks.clone().spawn(async move {
        let bindings: Bindings = attempt.bindings.iter().chain(&values).cloned().collect();
        let mut player = Player::new(attempt.world.clone(), &bindings, seed.wrapping_add(run));
        player.slot = slot;
        let played = player.play_case(&attempt.case).await;
        let exchanges = player.channel.transcript();
        Trial { values, played, exchanges, waited: player.waited, slot: player.slot.take() }
    });
    async {
        match task.await {
            Ok(trial) => trial,
            Err(error) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_) => Trial::interrupted(),
            },
        }
    }
}

impl Trial {
    fn stopped(stop: Stop) -> Self {
        Self {
            values: Bindings::new(),
            played: Played { stop: Some(stop), ..Played::default() },
            exchanges: Vec::new(),
            waited: Duration::ZERO,
            slot: None,
        }
    }

    fn interrupted() -> Self {
        let mut trial = Self::stopped(Stop::error(""));
        trial.played.interrupt();
        trial
    }

    fn verdict(&self) -> Verdict {
        self.played.verdict().0
    }
}

/// Keeps what was observed under earlier inputs and not under this one.
fn add_observations(findings: &mut Vec<Finding>, earlier: &mut Vec<Finding>) {
    for finding in earlier.drain(..) {
        let is_new = finding.observed.is_some()
            && !findings
                .iter()
                .any(|f| f.requirement == finding.requirement && f.observed == finding.observed);
        if is_new {
            findings.push(finding);
        }
    }
}

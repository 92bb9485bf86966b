use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::OwnedSemaphorePermit;

use crate::generate::Trials;
use crate::http::Exchange;
use crate::model::{Bindings, Case, Finding, Property, PropertyRecord, Verdict};
use crate::plan::Names;

use super::case::{Played, Player, Stop};
use super::world::World;

/// What came of a property.
pub(super) struct Tried {
    pub(super) played: Played,
    pub(super) record: PropertyRecord,
    /// The transcript of the input that decided.
    pub(super) exchanges: Vec<Exchange>,
    /// Of all other inputs.
    pub(super) others: Vec<Exchange>,
    pub(super) waited: Duration,
}

/// One input played.
struct Trial {
    values: Bindings,
    played: Played,
    exchanges: Vec<Exchange>,
    waited: Duration,
}

/// Tries a property's inputs one after the other and shrinks the first that breaks it. Generators live on one
/// thread, so the caller gives this one, outside of the runtime's own.
pub(super) fn try_property(
    world: &Arc<World>,
    case: &Arc<Case>,
    property: &Property,
    bindings: &Bindings,
    seed: u64,
    slot: Option<OwnedSemaphorePermit>,
) -> Tried {
    let mut oracle = Oracle { world, case, bindings, seed, slot, others: Vec::new(), requests: 0 };
    let mut record = PropertyRecord::default();
    let last = oracle.search(property, &mut record);
    record.requests = oracle.requests;
    Tried {
        played: last.played,
        record,
        exchanges: last.exchanges,
        others: oracle.others,
        waited: last.waited,
    }
}

struct Oracle<'a> {
    world: &'a Arc<World>,
    case: &'a Arc<Case>,
    bindings: &'a Bindings,
    seed: u64,
    slot: Option<OwnedSemaphorePermit>,
    others: Vec<Exchange>,
    requests: u64,
}

impl Oracle<'_> {
    fn search(&mut self, property: &Property, record: &mut PropertyRecord) -> Trial {
        let names = Names::new(&self.world.surroundings, self.bindings);
        let mut trials = match Trials::new(&property.variables, &names, self.seed) {
            Ok(trials) => trials,
            Err(error) => return Trial::stopped(Stop::error(format!("its generator cannot work: {error}"))),
        };
        let mut last: Option<Trial> = None;
        for _ in 0..property.trials {
            if self.world.cancel.is_cancelled() {
                return Trial::stopped(Stop::error("the run was interrupted"));
            }
            let Some(mut candidate) = trials.next() else {
                break;
            };
            record.trials += 1;
            let mut trial = self.play(candidate.values());
            match trial.verdict() {
                Verdict::Pass => {}
                Verdict::Warn | Verdict::Fail => return self.shrink(trial, &mut candidate, property, record),
                // A generated input can fall outside of what the steps judge; another will not.
                Verdict::Inapplicable if last.is_some() => {
                    self.others.append(&mut trial.exchanges);
                    continue;
                }
                _ => return trial,
            }
            if let Some(mut previous) = last.replace(trial) {
                self.others.append(&mut previous.exchanges);
                if let Some(current) = &mut last {
                    add_observations(&mut current.played.findings, previous.played.findings);
                }
            }
        }
        last.unwrap_or_else(|| Trial::stopped(Stop::error("no input was tried")))
    }

    /// The smallest input with the same verdict that the budget allows to find, played once more: a server
    /// that then behaves is unstable, and nothing is certain of it.
    fn shrink(
        &mut self,
        first: Trial,
        candidate: &mut crate::generate::Trial,
        property: &Property,
        record: &mut PropertyRecord,
    ) -> Trial {
        let verdict = first.verdict();
        let mut smallest = first;
        let mut is_open = candidate.simplify();
        while is_open && record.shrinks < property.shrinks && !self.world.cancel.is_cancelled() {
            record.shrinks += 1;
            let mut trial = self.play(candidate.values());
            if trial.verdict() == verdict {
                std::mem::swap(&mut smallest, &mut trial);
                is_open = candidate.simplify();
            } else {
                is_open = candidate.complicate();
            }
            self.others.append(&mut trial.exchanges);
        }
        let replayed = self.play(smallest.values.clone());
        self.others.append(&mut smallest.exchanges);
        if replayed.verdict() != verdict {
            let reason = format!("unstable: the same input gave {verdict} and then {}", replayed.verdict());
            return Trial {
                played: Played { stop: Some(Stop::error(reason)), ..Played::default() },
                ..replayed
            };
        }
        record.counterexample = Some(replayed.values.clone());
        replayed
    }

    fn play(&mut self, values: Bindings) -> Trial {
        let bindings: Bindings = self.bindings.iter().chain(&values).cloned().collect();
        let mut player = Player::new(self.world.clone(), &bindings, self.seed);
        player.slot = self.slot.take();
        let played = Handle::current().block_on(player.play_case(self.case));
        self.slot = player.slot.take();
        let exchanges = player.channel.transcript();
        self.requests += exchanges.len() as u64;
        Trial { values, played, exchanges, waited: player.waited }
    }
}

impl Trial {
    fn stopped(stop: Stop) -> Self {
        Self {
            values: Bindings::new(),
            played: Played { stop: Some(stop), ..Played::default() },
            exchanges: Vec::new(),
            waited: Duration::ZERO,
        }
    }

    fn verdict(&self) -> Verdict {
        self.played.verdict().0
    }
}

/// Keeps what was observed under earlier inputs and not under this one.
fn add_observations(findings: &mut Vec<Finding>, earlier: Vec<Finding>) {
    for finding in earlier {
        let is_new = finding.observed.is_some()
            && !findings
                .iter()
                .any(|f| f.requirement == finding.requirement && f.observed == finding.observed);
        if is_new {
            findings.push(finding);
        }
    }
}

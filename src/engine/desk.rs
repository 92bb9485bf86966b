use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tokio::sync::mpsc::UnboundedSender;

use crate::http::Exchange;
use crate::model::{CaseResult, Event, Library, Requirement, RunFinished, RunStarted, Threat, Verdict};
use crate::plan::{Plan, requirements_of};

use super::invariants::Examiner;
use super::scheduler::RunOptions;
use super::world::World;

/// A case that has been played.
#[derive(Debug)]
pub(super) struct Finished {
    pub(super) result: CaseResult,
    /// Its transcript, not masked.
    pub(super) exchanges: Vec<Arc<Exchange>>,
    /// The transcripts of a property's inputs but the decisive one, and of attempts that came to nothing.
    pub(super) others: Vec<Arc<Exchange>>,
    /// It is only played because others need to know its verdict.
    pub(super) silent: bool,
}

/// Takes results in as they come and gives events out: a result waits until its control has one too.
pub(super) struct Desk {
    world: Arc<World>,
    events: UnboundedSender<Event>,
    examiner: Examiner,
    /// Instances still to come, by case.
    open: BTreeMap<String, Vec<String>>,
    /// The worst verdict of each case, with its reason.
    verdicts: HashMap<String, (Verdict, String)>,
    waiting: Vec<CaseResult>,
    counts: BTreeMap<Verdict, usize>,
    flaky: usize,
    /// There are none but silent ones: they are played for their exchanges.
    only_silent: bool,
    /// Cases that are only played because others need to know their verdict: rows of another part of the run.
    silent: BTreeSet<(String, String)>,
}

impl Desk {
    /// Opens the desk and tells how the run begins.
    pub(super) fn new(
        world: Arc<World>,
        events: UnboundedSender<Event>,
        plan: &Plan,
        library: &Library,
        options: &RunOptions,
    ) -> Self {
        let mut open: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for entry in &plan.entries {
            open.entry(entry.case.full_id.clone()).or_default().push(entry.instance.clone());
        }
        let desk = Self {
            examiner: Examiner::new(world.clone(), &plan.invariants),
            events,
            open,
            verdicts: HashMap::new(),
            waiting: Vec::new(),
            counts: BTreeMap::new(),
            flaky: 0,
            only_silent: plan.entries.iter().all(|entry| entry.silent),
            silent: plan
                .entries
                .iter()
                .filter(|entry| entry.silent)
                .map(|entry| (entry.case.full_id.clone(), entry.instance.clone()))
                .collect(),
            world,
        };
        desk.tell(Event::RunStarted(run_started(plan, &desk.world, library, options)));
        desk
    }

    /// Takes one result in.
    pub(super) fn take(&mut self, finished: Finished) {
        let Finished { result, exchanges, others, silent } = finished;
        if !silent || self.only_silent {
            self.examiner.examine(&exchanges);
            self.examiner.examine(&others);
        }
        if let Some(instances) = self.open.get_mut(&result.case) {
            instances.retain(|i| *i != result.instance);
            if instances.is_empty() {
                self.open.remove(&result.case);
            }
        }
        let said = (result.verdict, result.reason.clone().unwrap_or_default());
        let worst = self.verdicts.entry(result.case.clone()).or_insert_with(|| said.clone());
        // A row that does not apply takes nothing from what the others show.
        let weight = |verdict| (verdict != Verdict::Inapplicable, verdict);
        if weight(said.0) > weight(worst.0) {
            *worst = said;
        }
        if !silent {
            self.waiting.push(result);
        }
        self.give_out();
    }

    /// Gives the invariants' results and the end of the run.
    pub(super) fn finish(mut self, interrupted: bool) -> RunFinished {
        let mut unfinished: Vec<String> = Vec::new();
        for (case, instances) in &self.open {
            let id = |i: &String| if i.is_empty() { case.clone() } else { format!("{case}[{i}]") };
            let told = |i: &&String| !self.silent.contains(&(case.clone(), String::clone(i)));
            unfinished.extend(instances.iter().filter(told).map(id));
        }
        unfinished.extend(self.waiting.iter().map(CaseResult::id));
        let examiner = std::mem::replace(&mut self.examiner, Examiner::new(self.world.clone(), &[]));
        for result in examiner.finish() {
            self.give(result);
        }
        let finished = RunFinished {
            interrupted,
            verdicts: self.counts.clone(),
            duration_ms: self.world.elapsed_ms(),
            requests: self.world.transport.sent(),
            unfinished,
            known: BTreeMap::new(),
            stale: Vec::new(),
            flaky: self.flaky,
        };
        self.tell(Event::RunFinished(finished.clone()));
        finished
    }

    fn give_out(&mut self) {
        let waiting = std::mem::take(&mut self.waiting);
        for mut result in waiting {
            match &result.control {
                Some(control) if self.open.contains_key(control) => {
                    self.waiting.push(result);
                    continue;
                }
                Some(control) => {
                    let verdict = self.verdicts.get(control).cloned();
                    settle(&mut result, verdict);
                }
                None => {}
            }
            self.give(result);
        }
    }

    fn give(&mut self, mut result: CaseResult) {
        result.reason = match self.world.terse {
            true => None,
            false => result.reason.map(|reason| self.world.redactor.text(&reason)),
        };
        *self.counts.entry(result.verdict).or_default() += 1;
        self.flaky += usize::from(result.is_flaky());
        self.tell(Event::CaseFinished(Arc::new(result)));
    }

    fn tell(&self, event: Event) {
        // The run goes on without anybody who listens.
        let _ = self.events.send(event);
    }
}

/// Without its control a case is worth nothing either way: what was refused might always be refused.
fn settle(result: &mut CaseResult, control: Option<(Verdict, String)>) {
    if !matches!(result.verdict, Verdict::Pass | Verdict::Warn | Verdict::Fail) {
        return;
    }
    let name = result.control.clone().unwrap_or_default();
    let why = match control {
        Some((Verdict::Pass | Verdict::Warn, _)) => return,
        Some((verdict, reason)) if reason.is_empty() => format!("its verdict is {verdict}"),
        Some((verdict, reason)) => format!("its verdict is {verdict}: {reason}"),
        None => "it is not part of this run".to_owned(),
    };
    result.verdict = Verdict::Blocked;
    result.reason =
        Some(format!("its positive control {name} did not pass, so a refusal proves nothing; {why}"));
}

fn run_started(plan: &Plan, world: &World, library: &Library, options: &RunOptions) -> RunStarted {
    let mut ids: Vec<String> = Vec::new();
    for entry in plan.entries.iter().filter(|entry| !entry.silent) {
        ids.extend(requirements_of(&entry.case.script.steps));
    }
    for planned in &plan.invariants {
        ids.extend(planned.invariant.expect.iter().map(|e| e.requirement.value.clone()));
    }
    let named = |id: &String| library.requirements.get(id).map(|r| (id.clone(), r.clone()));
    let requirements: BTreeMap<String, Requirement> = ids.iter().filter_map(named).collect();
    let is_named =
        |threat: &&Threat| threat.opens.requirements().iter().any(|id| requirements.contains_key(*id));
    let threats = library.threats.iter().filter(is_named).cloned().collect();
    // What does not apply reports too, at once.
    let rows = plan.entries.iter().filter(|entry| !entry.silent).count();
    RunStarted {
        journal: 1,
        oauthspec: env!("CARGO_PKG_VERSION").to_owned(),
        target: world.target.name.clone(),
        issuer: world
            .target
            .issuer
            .clone()
            .or_else(|| world.target.endpoints.authorization.clone())
            .or_else(|| world.target.endpoints.token.clone())
            .unwrap_or_default(),
        profile: (plan.profile.id.clone(), plan.profile.title.clone()),
        seed: options.seed,
        started: OffsetDateTime::now_utc().format(&Rfc3339).unwrap_or_default(),
        virtual_clock: world.clock.is_virtual(),
        planned: rows + plan.invariants.len(),
        again: options.again.clone(),
        strict: options.strict,
        requirements,
        suites: options.suites.clone(),
        filtered: options.filtered,
        shard: options.shard.clone(),
        flaky_fails: options.flaky_fails,
        threats,
    }
}

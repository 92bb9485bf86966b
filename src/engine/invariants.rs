use std::sync::Arc;

use url::form_urlencoded;

use crate::check;
use crate::http::Exchange;
use crate::model::{
    Answers, CaseKind, CaseResult, ExchangeKind, Finding, Invariant, Level, StepRecord, Unseen, Value,
    Verdict,
};
use crate::plan::{Fate, PlannedInvariant};

use super::environment::{Environment, Judging};
use super::samples::{self, Samples};
use super::world::World;

/// Examines every exchange of a run for every invariant of the plan.
pub(super) struct Examiner {
    world: Arc<World>,
    rows: Vec<Row>,
    samples: Samples,
}

struct Row {
    planned: PlannedInvariant,
    examined: u64,
    /// How many responses of the endpoint there were, of whatever kind.
    answered: u64,
    /// Whether one of them was of the kind that the invariant is about.
    was_concerned: bool,
    /// By expectation: the worst finding, and the first exchange that brought it.
    worst: Vec<Option<(Finding, Exchange)>>,
    passed: Vec<Option<Finding>>,
    /// By expectation: the kind of samples that it is about, if it is about any.
    sampled: Vec<Option<&'static str>>,
    /// The exchange that stands for all when the samples are judged.
    witness: Option<Exchange>,
}

impl Examiner {
    pub(super) fn new(world: Arc<World>, planned: &[PlannedInvariant]) -> Self {
        let rows = planned
            .iter()
            .map(|planned| Row {
                examined: 0,
                answered: 0,
                was_concerned: false,
                worst: planned.invariant.expect.iter().map(|_| None).collect(),
                passed: planned.invariant.expect.iter().map(|_| None).collect(),
                sampled: planned.invariant.expect.iter().map(samples::kind_of).collect(),
                witness: None,
                planned: planned.clone(),
            })
            .collect();
        Self { world, rows, samples: Samples::default() }
    }

    /// Judges one case's exchanges.
    pub(super) fn examine(&mut self, exchanges: &[Exchange]) {
        let environment = Environment::new(&self.world.surroundings, &Vec::new(), 0);
        for exchange in exchanges {
            self.samples.take(exchange);
            let request = Value::Map(vec![
                ("method".to_owned(), exchange.request.method.as_str().into()),
                ("url".to_owned(), exchange.request.url.as_str().into()),
                ("credentials".to_owned(), Value::Bool(self.carries_password(exchange))),
            ]);
            let response = super::actions::bind_direct(exchange);
            let scope = Judging { environment: &environment, request: &request, response: &response };
            for row in &mut self.rows {
                if row.planned.fate != Fate::Run {
                    continue;
                }
                let on = row.planned.invariant.on;
                let endpoint = ExchangeKind { endpoint: on.endpoint, answers: Answers::Any };
                row.answered += u64::from(check::concerns(endpoint, exchange));
                if check::concerns(on, exchange) {
                    row.was_concerned = true;
                    row.examine(&self.world, &scope, exchange);
                }
            }
        }
    }

    /// Whether a form with the password of one of the target's users was sent.
    fn carries_password(&self, exchange: &Exchange) -> bool {
        let users = &self.world.target.users;
        exchange.request.method == "POST"
            && form_urlencoded::parse(&exchange.request.body)
                .any(|(_, value)| users.iter().any(|(_, user)| user.password == value))
    }

    /// The results, in the order of the plan.
    pub(super) fn finish(mut self) -> Vec<CaseResult> {
        let world = self.world;
        let mut environment = Environment::new(&world.surroundings, &Vec::new(), 0);
        let (samples, words) = self.samples.describe();
        environment.bind(samples::NAME, samples);
        for row in &mut self.rows {
            row.conclude(&world, &environment, &words);
        }
        self.rows.into_iter().map(|row| row.finish(&world)).collect()
    }
}

impl Row {
    /// Judges what is said of all samples together.
    fn conclude(&mut self, world: &World, environment: &Environment, words: &[(&'static str, String)]) {
        let Some(exchange) = self.witness.take() else { return };
        let (request, response) = (Value::Null, super::actions::bind_direct(&exchange));
        let scope = Judging { environment, request: &request, response: &response };
        for (index, expectation) in self.planned.invariant.expect.iter().enumerate() {
            let Some(kind) = self.sampled[index] else { continue };
            let level = world.levels.get(&expectation.requirement.value).copied().unwrap_or(Level::Must);
            let mut finding =
                check::judge_exchange(expectation, level, &exchange, &scope, world.keys.as_ref());
            finding.seen =
                words.iter().find(|(k, _)| *k == kind).map(|(_, said)| said.clone()).unwrap_or_default();
            if finding.verdict == Verdict::Pass {
                self.passed[index] = Some(finding);
            } else {
                self.worst[index] = Some((finding, exchange.clone()));
            }
        }
    }

    fn examine(&mut self, world: &World, scope: &Judging<'_>, exchange: &Exchange) {
        let mut was_judged = false;
        for (index, expectation) in self.planned.invariant.expect.iter().enumerate() {
            if self.sampled[index].is_some() {
                was_judged = true;
                self.witness.get_or_insert_with(|| exchange.clone());
                continue;
            }
            if let Some(condition) = &expectation.when
                && condition.value.holds(scope) == Ok(false)
            {
                continue;
            }
            let level = world.levels.get(&expectation.requirement.value).copied().unwrap_or(Level::Must);
            let mut finding = check::judge_exchange(expectation, level, exchange, scope, world.keys.as_ref());
            // An exchange that cannot be judged says nothing about all the others.
            if finding.verdict == Verdict::Error {
                continue;
            }
            was_judged = true;
            finding.exchange = Some(exchange.id);
            let masked = |finding: Finding| Finding { seen: world.redactor.text(&finding.seen), ..finding };
            if finding.verdict == Verdict::Pass {
                self.passed[index].get_or_insert_with(|| masked(finding));
            } else if self.worst[index].as_ref().is_none_or(|(w, _)| w.verdict < finding.verdict) {
                self.worst[index] = Some((masked(finding), exchange.clone()));
            }
        }
        self.examined += u64::from(was_judged);
    }

    fn finish(self, world: &World) -> CaseResult {
        let invariant: &Invariant = &self.planned.invariant;
        let mut findings = Vec::new();
        let mut exchanges: Vec<Exchange> = Vec::new();
        for (worst, passed) in self.worst.into_iter().zip(self.passed) {
            match (worst, passed) {
                (Some((finding, exchange)), _) => {
                    findings.push(finding);
                    if !exchanges.iter().any(|e| e.id == exchange.id) {
                        exchanges.push(world.redactor.exchange(&exchange));
                    }
                }
                (None, Some(finding)) => findings.push(Finding { exchange: None, ..finding }),
                (None, None) => {}
            }
        }
        let unseen = Unseen {
            answered: self.answered,
            concerned: self.was_concerned,
            dispensable: !matches!(invariant.on.answers, Answers::Any | Answers::Success),
        };
        let (verdict, reason) = match (&self.planned.fate, findings.iter().map(|f| f.verdict).max()) {
            (Fate::Inapplicable(reason), _) => (Verdict::Inapplicable, Some(reason.clone())),
            (Fate::Blocked(reason), _) => (Verdict::Blocked, Some(reason.clone())),
            (Fate::Run, Some(worst)) => (worst, None),
            // A sound server may never answer in this way. That nothing succeeds is another matter.
            (Fate::Run, None) if world.is_part && !self.was_concerned => (
                Verdict::Inapplicable,
                Some("this part of the run had no exchange of this kind; the whole decides".to_owned()),
            ),
            (Fate::Run, None) => {
                let (verdict, reason) = unseen.verdict();
                (verdict, Some(reason))
            }
        };
        let has_seen = !findings.is_empty() || self.planned.fate != Fate::Run;
        let steps = exchanges.iter().map(|exchange| StepRecord {
            keyword: "exchange".to_owned(),
            outcome: format!("{} {}", exchange.request.method, exchange.endpoint.as_str()),
            location: invariant.location.clone(),
            exchanges: vec![exchange.id],
        });
        CaseResult {
            case: invariant.full_id.clone(),
            instance: String::new(),
            title: invariant.title.clone(),
            kind: CaseKind::Invariant,
            tags: invariant.tags.clone(),
            verdict,
            reason,
            findings,
            steps: steps.collect(),
            exchanges,
            started_ms: 0.0,
            duration_ms: 0.0,
            waited_s: 0.0,
            location: invariant.location.clone(),
            property: None,
            examined: Some(self.examined),
            unseen: (!has_seen).then_some(unseen),
            control: None,
            retried: Vec::new(),
        }
    }
}

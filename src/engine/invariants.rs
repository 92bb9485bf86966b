use std::borrow::Cow;
use std::cell::OnceCell;
use std::sync::Arc;

use url::form_urlencoded;

use crate::check::{self, Exhibit};
use crate::http::Exchange;
use crate::model::{
    Answers, CaseKind, CaseResult, ExchangeKind, Finding, Invariant, Level, Scope, StepRecord, Unseen, Value,
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
    /// What rows are about, each once: several are about the same.
    kinds: Vec<ExchangeKind>,
    samples: Samples,
}

struct Row {
    planned: PlannedInvariant,
    /// Of each expectation.
    levels: Vec<Level>,
    /// Places in [`Examiner::kinds`]: any response of its endpoint, and those that it is about.
    kinds: (usize, usize),
    examined: u64,
    /// How many responses of the endpoint there were, of whatever kind.
    answered: u64,
    /// Whether one of them was of the kind that the invariant is about.
    was_concerned: bool,
    /// By expectation: the worst finding, and the first exchange that brought it.
    worst: Vec<Option<(Finding, Arc<Exchange>)>>,
    passed: Vec<Option<Finding>>,
    /// By expectation: the kind of samples that it is about, if it is about any.
    sampled: Vec<Option<&'static str>>,
    /// The exchange that stands for all when the samples are judged.
    witness: Option<Arc<Exchange>>,
}

impl Examiner {
    pub(super) fn new(world: Arc<World>, planned: &[PlannedInvariant]) -> Self {
        let mut kinds = Vec::new();
        let mut place = |kind: ExchangeKind| {
            kinds.iter().position(|k| *k == kind).unwrap_or_else(|| {
                kinds.push(kind);
                kinds.len() - 1
            })
        };
        let level = |requirement: &str| world.levels.get(requirement).copied().unwrap_or(Level::Must);
        let rows = planned
            .iter()
            .map(|planned| {
                let Invariant { on, expect, .. } = &*planned.invariant;
                Row {
                    examined: 0,
                    answered: 0,
                    was_concerned: false,
                    levels: expect.iter().map(|e| level(&e.requirement.value)).collect(),
                    kinds: (place(ExchangeKind { answers: Answers::Any, ..*on }), place(*on)),
                    worst: expect.iter().map(|_| None).collect(),
                    passed: expect.iter().map(|_| None).collect(),
                    sampled: expect.iter().map(samples::kind_of).collect(),
                    witness: None,
                    planned: planned.clone(),
                }
            })
            .collect();
        Self { world, rows, kinds, samples: Samples::default() }
    }

    /// Judges one case's exchanges.
    pub(super) fn examine(&mut self, exchanges: &[Arc<Exchange>]) {
        let environment = Environment::new(&self.world.surroundings, &Vec::new(), 0);
        for exchange in exchanges {
            self.samples.take(exchange);
            let concerned: Vec<bool> =
                self.kinds.iter().map(|kind| check::concerns(*kind, exchange)).collect();
            let scope = Examined {
                world: &self.world,
                environment: &environment,
                exchange,
                request: OnceCell::new(),
                response: OnceCell::new(),
            };
            let exhibit = Exhibit::new(exchange);
            for row in self.rows.iter_mut().filter(|row| row.planned.fate == Fate::Run) {
                let (endpoint, on) = row.kinds;
                row.answered += u64::from(concerned[endpoint]);
                if concerned[on] {
                    row.was_concerned = true;
                    row.examine(&scope, &exhibit);
                }
            }
        }
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

/// What an invariant may refer to beside the usual: the exchange that it is judged on. Most ask for neither side.
struct Examined<'a> {
    world: &'a World,
    environment: &'a Environment,
    exchange: &'a Arc<Exchange>,
    request: OnceCell<Value>,
    response: OnceCell<Value>,
}

impl Examined<'_> {
    fn request(&self) -> Value {
        let request = &self.exchange.request;
        Value::Map(vec![
            ("method".to_owned(), request.method.as_str().into()),
            ("url".to_owned(), request.url.as_str().into()),
            ("credentials".to_owned(), Value::Bool(self.carries_password())),
        ])
    }

    /// Whether a form with the password of one of the target's users was sent.
    fn carries_password(&self) -> bool {
        let (request, users) = (&self.exchange.request, &self.world.target.users);
        request.method == "POST"
            && form_urlencoded::parse(&request.body)
                .any(|(_, value)| users.iter().any(|(_, user)| user.password == value))
    }
}

impl Scope for Examined<'_> {
    fn value_of(&self, name: &str) -> Option<Cow<'_, Value>> {
        match name {
            "request" => Some(Cow::Borrowed(self.request.get_or_init(|| self.request()))),
            "response" => {
                let response = || super::actions::bind_direct(self.exchange);
                Some(Cow::Borrowed(self.response.get_or_init(response)))
            }
            name => self.environment.value_of(name),
        }
    }

    fn is_open(&self, name: &str) -> bool {
        matches!(name, "request" | "response") || self.environment.is_open(name)
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
            let exhibit = Exhibit::new(&exchange);
            let mut finding = exhibit.judge(expectation, self.levels[index], &scope, world.keys.as_ref());
            finding.seen =
                words.iter().find(|(k, _)| *k == kind).map(|(_, said)| said.clone()).unwrap_or_default();
            if finding.verdict == Verdict::Pass {
                self.passed[index] = Some(finding);
            } else {
                self.worst[index] = Some((finding, exchange.clone()));
            }
        }
    }

    fn examine(&mut self, scope: &Examined<'_>, exhibit: &Exhibit<'_>) {
        let Examined { world, exchange, .. } = scope;
        let keys = world.keys.as_ref();
        let mut was_judged = false;
        for (index, expectation) in self.planned.invariant.expect.iter().enumerate() {
            if self.sampled[index].is_some() {
                was_judged = true;
                self.witness.get_or_insert_with(|| Arc::clone(exchange));
                continue;
            }
            if let Some(condition) = &expectation.when
                && condition.value.holds(scope) == Ok(false)
            {
                continue;
            }
            let verdict = exhibit.verdict(expectation, self.levels[index], scope, keys);
            // An exchange that cannot be judged says nothing about all the others.
            if verdict == Verdict::Error {
                continue;
            }
            was_judged = true;
            // Of thousands of exchanges, all that pass or are no worse than one before need no words.
            let is_news = match verdict {
                Verdict::Pass => self.passed[index].is_none(),
                verdict => self.worst[index].as_ref().is_none_or(|(worst, _)| worst.verdict < verdict),
            };
            if !is_news {
                continue;
            }
            let finding = exhibit.judge(expectation, self.levels[index], scope, keys);
            let finding = Finding { seen: world.redactor.text(&finding.seen), ..finding };
            match verdict {
                Verdict::Pass => self.passed[index] = Some(finding),
                _ => self.worst[index] = Some((finding, Arc::clone(exchange))),
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
                    if !world.terse && !exchanges.iter().any(|e| e.id == exchange.id) {
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
            offer: None,
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

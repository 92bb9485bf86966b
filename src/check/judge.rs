//! Expectations and assumptions over outcomes and exchanges, to findings.

use super::clause::{Judged, Memo, Miss, MissKind, Scene, pattern};
use super::sight::Sight;
use super::{describe, expected, scope};
use crate::http::Exchange;
use crate::model::{
    EvaluationError, Expectation, Finding, Level, Location, Outcome, Pattern, Scope, Verdict,
};

/// What there is to judge by.
#[derive(Clone, Copy)]
pub struct Evidence<'a> {
    /// What came of the step.
    pub outcome: &'a Outcome,
    /// Resolves what patterns refer to: `request`, `response`, earlier steps, `policy` and so on.
    pub scope: &'a dyn Scope,
    /// The server's JWKS document (RFC 7517 section 5), if it is known.
    pub keys: Option<&'a serde_json::Value>,
    /// Whether only verdicts are asked for: findings have no words then, which are most of the work.
    pub terse: bool,
}

impl std::fmt::Debug for Evidence<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Evidence")
            .field("outcome", self.outcome)
            .field("keys", &self.keys)
            .finish_non_exhaustive()
    }
}

/// Why an assumption does not hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected}, seen {seen}")]
pub struct Shortfall {
    /// What is asked for, in words.
    pub expected: String,
    /// What is there instead.
    pub seen: String,
    /// Where the clause that decided stands.
    pub location: Location,
    /// Whether it is known to be otherwise; `false` where nothing can be told.
    pub certain: bool,
}

/// Judges what came of a step.
///
/// What is broken counts as the requirement's level has it; what cannot be told is an error, whatever the
/// level. The finding's step is left open, and its exchange unless a direct answer brought it.
pub fn judge(expectation: &Expectation, level: Level, evidence: &Evidence<'_>) -> Finding {
    let sight = Sight::of(evidence.outcome);
    let memo = Memo::default();
    finding(expectation, level, scene_of_step(&sight, &memo, evidence))
}

/// One exchange, read once for all that invariants say of it. It is held to that even where it says nothing
/// about its request, a 503 for example.
#[derive(Debug)]
pub struct Exhibit<'a> {
    exchange: &'a Exchange,
    sight: Sight<'a>,
    memo: Memo,
}

impl<'a> Exhibit<'a> {
    /// An exchange that nothing has been read of yet.
    pub fn new(exchange: &'a Exchange) -> Self {
        Self { exchange, sight: Sight::of_exchange(exchange), memo: Memo::default() }
    }

    /// Judges the exchange. `keys` are the server's JWKS document, if it is known.
    pub fn judge(
        &self,
        expectation: &Expectation,
        level: Level,
        scope: &dyn Scope,
        keys: Option<&serde_json::Value>,
    ) -> Finding {
        let found = finding(expectation, level, self.scene(scope, keys, false));
        Finding { exchange: Some(self.exchange.id), ..found }
    }

    /// The verdict of [`Exhibit::judge`] without its words, which are most of the work.
    pub fn verdict(
        &self,
        expectation: &Expectation,
        level: Level,
        scope: &dyn Scope,
        keys: Option<&serde_json::Value>,
    ) -> Verdict {
        verdict(&pattern(&expectation.pattern, self.scene(scope, keys, true)), level)
    }

    fn scene<'b>(
        &'b self,
        scope: &'b dyn Scope,
        keys: Option<&'b serde_json::Value>,
        terse: bool,
    ) -> Scene<'b> {
        Scene { sight: &self.sight, memo: &self.memo, scope, keys, invariant: true, terse }
    }
}

/// Whether the case can go on.
///
/// # Errors
///
/// Says what is missing.
pub fn assume(assumption: &Pattern, evidence: &Evidence<'_>) -> Result<(), Shortfall> {
    let (sight, memo) = (Sight::of(evidence.outcome), Memo::default());
    let scene = scene_of_step(&sight, &memo, evidence);
    pattern(assumption, scene).map(drop).map_err(|miss| {
        let seen = seen_in(&miss);
        Shortfall { expected: miss.expected, seen, location: miss.location, certain: miss.kind.is_certain() }
    })
}

/// Whether the expectation is to be judged at all: its `when`, where what an answer lacks is `null`.
///
/// # Errors
///
/// What the condition raises.
pub fn applies(expectation: &Expectation, scope: &dyn Scope) -> Result<bool, EvaluationError> {
    expectation.when.as_ref().map_or(Ok(true), |when| scope::holds(&when.value, scope))
}

fn scene_of_step<'a>(sight: &'a Sight<'a>, memo: &'a Memo, evidence: &Evidence<'a>) -> Scene<'a> {
    Scene { sight, memo, scope: evidence.scope, keys: evidence.keys, invariant: false, terse: evidence.terse }
}

fn verdict(judged: &Judged, level: Level) -> Verdict {
    match judged {
        Ok(_) => Verdict::Pass,
        Err(miss) if miss.kind.is_certain() => Verdict::of_broken(level),
        Err(_) => Verdict::Error,
    }
}

fn finding(expectation: &Expectation, level: Level, scene: Scene<'_>) -> Finding {
    let judged = pattern(&expectation.pattern, scene);
    let verdict = verdict(&judged, level);
    let exchange = match scene.sight {
        Sight::Answered(exchange, _) => Some(exchange.id),
        _ => None,
    };
    let (expected, seen, location, observed) = match judged {
        Ok(observed) if scene.terse => (String::new(), String::new(), Location::default(), observed),
        Ok(observed) => {
            let expected = expected::pattern(&expectation.pattern, scene.scope);
            let seen = describe::sight(scene.sight);
            let observed = observed.or_else(|| (level == Level::May).then(|| expected.clone()));
            (expected, seen, expectation.pattern.location.clone(), observed)
        }
        Err(miss) => {
            let seen = seen_in(&miss);
            let observed = (verdict == Verdict::Pass).then(|| seen.clone());
            (miss.expected, seen, miss.location, observed)
        }
    };
    Finding {
        requirement: expectation.requirement.value.clone(),
        verdict,
        expected,
        seen,
        location,
        step: None,
        exchange,
        observed,
        known: None,
    }
}

fn seen_in(miss: &Miss) -> String {
    match miss.kind {
        MissKind::Broken | MissKind::Unreadable => miss.seen.clone(),
        MissKind::Unclear => format!("{}, which cannot be judged", miss.seen),
        MissKind::Faulty => format!("{} (the suite asks for it, the server is not to blame)", miss.seen),
    }
}

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Finding, Location, Partition, Requirement, Threat, Value, Verdict};
use crate::http::Exchange;

/// What happens in a run, in order: the journal's lines, and all that a report is made of. Nothing in it
/// is secret any more.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// First.
    RunStarted(RunStarted),
    /// A case has begun.
    CaseStarted {
        /// `suite/case[instance]`
        id: String,
    },
    /// A case, property or invariant has its verdict. Shared, because every report keeps it until the end.
    CaseFinished(Arc<CaseResult>),
    /// The target's clock was moved.
    ClockAdvanced {
        /// By so many seconds.
        seconds: f64,
    },
    /// Something that the user should know and that is no verdict.
    Note {
        /// One or more sentences.
        text: String,
    },
    /// Last, whatever happened.
    RunFinished(RunFinished),
}

/// The circumstances of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunStarted {
    /// Version of the journal's format, now 1.
    pub journal: u32,
    /// Version of the program.
    pub oauthspec: String,
    /// The target's name.
    pub target: String,
    /// Where it is.
    pub issuer: String,
    /// Id and title of the profile.
    pub profile: (String, String),
    /// Reproduces all random choices.
    pub seed: u64,
    /// When, as RFC 3339 in UTC.
    pub started: String,
    /// Whether waits move the target's clock instead of taking time.
    pub virtual_clock: bool,
    /// How many cases, properties and invariants will report.
    pub planned: usize,
    /// How to call the program again for this target: the words after `oauthspec run`.
    pub again: Vec<String>,
    /// Whether a broken SHOULD counts as a failure.
    pub strict: bool,
    /// Every requirement that a finding may name, by id.
    pub requirements: BTreeMap<String, Requirement>,
    /// The threats that name any of these.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub threats: Vec<Threat>,
    /// SHA-256 over all suites, requirements and profiles that were loaded, in hexadecimal.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub suites: String,
    /// Whether filters left out cases of the profile.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub filtered: bool,
    /// Which part of the whole run this is, if it is not the whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<Shard>,
    /// Whether a case that only passed after a transport fault leaves the run without a verdict.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub flaky_fails: bool,
}

/// A part of a run, and what the whole is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Shard {
    /// Which of how many, and how they were told apart.
    pub partition: Partition,
    /// SHA-256 over the ids of the whole, in hexadecimal: the same in all parts.
    pub whole: String,
}

/// A case, property or invariant with its verdict.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CaseResult {
    /// `suite/case`, without instance.
    pub case: String,
    /// `length=4`, or the name of a table's row; empty for the only one.
    pub instance: String,
    /// What holds when it passes.
    pub title: String,
    /// What kind of row it is.
    pub kind: CaseKind,
    /// Tags.
    pub tags: Vec<String>,
    /// The worst of its findings, or why there are none.
    pub verdict: Verdict,
    /// Why it is blocked, inapplicable or in error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Every expectation judged, in order.
    pub findings: Vec<Finding>,
    /// What was done, in order.
    pub steps: Vec<StepRecord>,
    /// The transcript, masked.
    pub exchanges: Vec<Exchange>,
    /// When it began, in milliseconds of real time from the start of the run.
    pub started_ms: f64,
    /// Milliseconds of real time, waits included.
    pub duration_ms: f64,
    /// Seconds spent in waits, on whichever clock.
    pub waited_s: f64,
    /// Of the case in its suite.
    pub location: Location,
    /// For a property: how it was tried, and the smallest input that broke it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub property: Option<PropertyRecord>,
    /// For an invariant: how many exchanges it saw.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub examined: Option<u64>,
    /// For an invariant that judged nothing: what there was instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unseen: Option<Unseen>,
    /// The case's control, `suite/case`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub control: Option<String>,
    /// Attempts before the last, each ended by a transport fault, in its words. With a verdict after all, the row
    /// is flaky.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub retried: Vec<String>,
}

/// What an invariant met that found nothing to judge. Parts of a run add theirs up before that means anything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unseen {
    /// Responses of its endpoint, of whatever kind.
    pub answered: u64,
    /// Whether one of them was of the kind that it is about, though none that could be judged.
    pub concerned: bool,
    /// Whether a sound server may never give an answer of that kind.
    pub dispensable: bool,
}

impl Unseen {
    /// What both have met.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            answered: self.answered + other.answered,
            concerned: self.concerned || other.concerned,
            dispensable: self.dispensable || other.dispensable,
        }
    }

    /// What a whole run that met this says of the invariant.
    pub fn verdict(self) -> (Verdict, String) {
        if self.answered > 0 && !self.concerned && self.dispensable {
            let reason = format!("none of {} responses of that endpoint was of this kind", self.answered);
            return (Verdict::Inapplicable, reason);
        }
        (Verdict::Blocked, "the run had no exchange of this kind that could be judged".to_owned())
    }
}

/// What kind of row a result is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseKind {
    /// A scenario.
    Case,
    /// A scenario with generated inputs.
    Property,
    /// Something that holds of every exchange.
    Invariant,
}

/// One step as it was run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StepRecord {
    /// `authorize`, `refresh`, `wait`, ...
    pub keyword: String,
    /// In words: what came of it, or why it was left out.
    pub outcome: String,
    /// Where it stands.
    pub location: Location,
    /// Ids of its exchanges.
    pub exchanges: Vec<u64>,
    /// What a handshake offered, which is no exchange.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offer: Option<OfferRecord>,
}

/// What a TLS client offered, enough to do it again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfferRecord {
    /// `host:port`.
    pub to: String,
    /// The versions' names in suites, such as `TLSv1.2`.
    pub versions: Vec<String>,
    /// The name of the cipher suites in suites, such as `usual`.
    pub cipher_suites: String,
}

impl OfferRecord {
    /// Of what a handshake bound for its suite as the request; `None` where there was none to reach.
    pub fn of(request: &Value) -> Option<Self> {
        let text = |name: &str| request.member(name).and_then(Value::as_text).map(str::to_owned);
        let Some(Value::List(versions)) = request.member("versions") else { return None };
        let versions = versions.iter().filter_map(|version| version.as_text().map(str::to_owned)).collect();
        Some(Self { to: text("to")?, versions, cipher_suites: text("cipher_suites")? })
    }
}

/// How a property was tried.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PropertyRecord {
    /// Inputs tried before the first failure, that one included.
    pub trials: u32,
    /// Further runs for shrinking.
    pub shrinks: u32,
    /// Requests sent for it in all.
    pub requests: u64,
    /// The smallest failing input, by name.
    pub counterexample: Option<Vec<(String, Value)>>,
    /// Where the input came from that failed first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed: Option<FailedInput>,
    /// Whether that input was remembered from an earlier run.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub remembered: bool,
    /// Whether its budget of requests ended it before all inputs were tried, or the failure was as small as
    /// could be.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub budget_spent: bool,
}

/// Where an input came from on which a property failed. It names the input without holding anything of it, so
/// that it can be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailedInput {
    /// Of the run.
    pub seed: u64,
    /// Its number in that run, from 1.
    pub trial: u32,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunFinished {
    /// Whether it was stopped before its end.
    pub interrupted: bool,
    /// Results by verdict.
    pub verdicts: BTreeMap<Verdict, usize>,
    /// Milliseconds of real time.
    pub duration_ms: f64,
    /// Requests sent.
    pub requests: u64,
    /// Cases that did not get to report.
    pub unfinished: Vec<String>,
    /// Of the results, by verdict, those of which everything broken is in the baseline.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub known: BTreeMap<Verdict, usize>,
    /// Entries of the baseline that are no longer true.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stale: Vec<StaleEntry>,
    /// Results with a verdict after a transport fault.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub flaky: usize,
}

/// An entry of a baseline that is no longer true: as red as a broken requirement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StaleEntry {
    /// The case that it names.
    pub case: String,
    /// The requirement that it names.
    pub requirement: String,
    /// Why it is stale, as a sentence.
    pub why: String,
    /// Where it stands.
    pub location: Location,
}

impl CaseResult {
    /// `suite/case[instance]`
    pub fn id(&self) -> String {
        if self.instance.is_empty() { self.case.clone() } else { format!("{}[{}]", self.case, self.instance) }
    }

    /// Whether it has its verdict only after a transport fault.
    pub fn is_flaky(&self) -> bool {
        !self.retried.is_empty() && self.verdict != Verdict::Error
    }

    /// Whether it is a failure of which everything broken is in the baseline; in a strict run a warning is one.
    pub fn is_known(&self, is_strict: bool) -> bool {
        let counts = |verdict| verdict == Verdict::Fail || is_strict && verdict == Verdict::Warn;
        let mut broken = self.findings.iter().filter(|finding| counts(finding.verdict)).peekable();
        counts(self.verdict) && broken.peek().is_some() && broken.all(|finding| finding.known.is_some())
    }

    /// The first finding with the result's own verdict.
    pub fn decisive(&self) -> Option<&Finding> {
        self.findings.iter().find(|f| f.verdict == self.verdict)
    }
}

fn is_zero(number: &usize) -> bool {
    *number == 0
}

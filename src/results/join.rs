use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::model::{CaseKind, CaseResult, Event, Finding, RunFinished, RunStarted};

/// The journal of one part of a run.
#[derive(Clone, Debug)]
pub struct Part {
    /// What messages call it: its path.
    pub name: String,
    /// All its events.
    pub events: Vec<Event>,
}

/// Parts of a run, put together.
#[derive(Clone, Debug)]
pub struct Joined {
    /// The events of one run, its rows in the order of the suites.
    pub events: Vec<Event>,
    /// Parts that were not given, from 1.
    pub missing: Vec<u32>,
}

/// Why journals are no parts of one run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JoinError {
    /// No journal at all.
    #[error("there is no journal")]
    Nothing,
    /// A journal does not begin with the start of a run.
    #[error("{0} does not begin with the start of a run")]
    NoBeginning(String),
    /// A journal is a whole run.
    #[error("{0} is a whole run, no part of one")]
    Whole(String),
    /// The same part twice.
    #[error("{first} and {second} are the same part, {part}")]
    Twice {
        /// One.
        first: String,
        /// The other.
        second: String,
        /// `slice:2/5`
        part: String,
    },
    /// Parts of different runs.
    #[error("{first} and {second} are no parts of one run: {what} differs, {one} and {other}")]
    Different {
        /// One.
        first: String,
        /// The other.
        second: String,
        /// The target, the seed, ...
        what: &'static str,
        /// In the first.
        one: String,
        /// In the other.
        other: String,
    },
    /// A row is in two parts.
    #[error("the row {row} is both in {first} and in {second}")]
    Overlap {
        /// `suite/case[instance]`
        row: String,
        /// One.
        first: String,
        /// The other.
        second: String,
    },
}

/// Joins the parts of a run that several machines have shared. The outcome is that of an undivided run: the same
/// rows, each judged as it was, invariants over the exchanges of all parts, a duration as long as the longest.
/// What is missing is unfinished, so that no incomplete run is green.
///
/// # Errors
///
/// What is no part, or a part of another run.
pub fn join(parts: Vec<Part>) -> Result<Joined, JoinError> {
    let mut shards = Vec::new();
    for part in parts {
        let Some(Event::RunStarted(run)) = part.events.first() else {
            return Err(JoinError::NoBeginning(part.name));
        };
        let Some(shard) = run.shard.clone() else {
            return Err(JoinError::Whole(part.name));
        };
        shards.push((shard, run.clone(), part));
    }
    shards.sort_by_key(|(shard, ..)| shard.partition.index);
    let Some((first_shard, first_run, first)) = shards.first() else {
        return Err(JoinError::Nothing);
    };
    for pair in shards.windows(2) {
        if let [(one, _, first), (other, _, second)] = pair
            && one.partition == other.partition
        {
            return Err(JoinError::Twice {
                first: first.name.clone(),
                second: second.name.clone(),
                part: one.partition.to_string(),
            });
        }
    }
    for (shard, run, part) in shards.iter().skip(1) {
        let told = |run: &RunStarted| facts(run);
        let cut = |shard: &crate::model::Shard| {
            format!("{} of {}", shard.partition.scheme.as_str(), shard.partition.of)
        };
        let mut both: Vec<(&'static str, String, String)> = told(first_run)
            .into_iter()
            .zip(told(run))
            .map(|((what, one), (_, other))| (what, one, other))
            .collect();
        both.push(("the way it is cut", cut(first_shard), cut(shard)));
        both.push(("the selection of cases", short(&first_shard.whole), short(&shard.whole)));
        if let Some((what, one, other)) = both.into_iter().find(|(_, one, other)| one != other) {
            return Err(JoinError::Different {
                first: first.name.clone(),
                second: part.name.clone(),
                what,
                one,
                other,
            });
        }
    }
    let given: BTreeSet<u32> = shards.iter().map(|(shard, ..)| shard.partition.index).collect();
    let missing: Vec<u32> = (1..=first_shard.partition.of).filter(|index| !given.contains(index)).collect();
    let mut whole = Whole::new(first_run.clone(), &missing);
    for (_, run, part) in shards {
        whole.add(&run, part)?;
    }
    Ok(Joined { events: whole.events(), missing })
}

/// What all parts have in common.
fn facts(run: &RunStarted) -> [(&'static str, String); 8] {
    [
        ("the target", run.target.clone()),
        ("the issuer", without_port(&run.issuer)),
        ("the profile", run.profile.0.clone()),
        ("the version of oauthspec", run.oauthspec.clone()),
        ("the text of the suites", short(&run.suites)),
        ("the seed", run.seed.to_string()),
        ("the clock", if run.virtual_clock { "the target's" } else { "real" }.to_owned()),
        ("strictness", if run.strict { "strict" } else { "not strict" }.to_owned()),
    ]
}

fn short(digest: &str) -> String {
    digest.get(..12).unwrap_or(digest).to_owned()
}

/// A server that each machine starts for itself has another port on each.
fn without_port(issuer: &str) -> String {
    match url::Url::parse(issuer) {
        Ok(mut url) if matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]")) => {
            // Only URLs without a host refuse this.
            let _ = url.set_port(None);
            url.to_string()
        }
        _ => issuer.to_owned(),
    }
}

struct Whole {
    run: RunStarted,
    notes: Vec<String>,
    rows: Vec<(CaseResult, String)>,
    invariants: BTreeMap<String, Vec<CaseResult>>,
    finished: RunFinished,
    /// Cases that the parts announced, and their invariants, which all of them announce.
    planned: usize,
    /// Ids of exchanges begin here in the next part.
    exchanges: u64,
}

impl Whole {
    fn new(run: RunStarted, missing: &[u32]) -> Self {
        let of = run.shard.as_ref().map_or(0, |shard| shard.partition.of);
        let unfinished: Vec<String> = missing.iter().map(|index| format!("part {index} of {of}")).collect();
        let notes = match missing {
            [] => Vec::new(),
            [one] => vec![format!("Part {one} of {of} is missing, so nothing is said of its rows.")],
            several => {
                let names: Vec<String> = several.iter().map(u32::to_string).collect();
                vec![format!(
                    "{} of {of} parts are missing ({}), so nothing is said of their rows.",
                    several.len(),
                    names.join(", ")
                )]
            }
        };
        let finished = RunFinished {
            interrupted: false,
            verdicts: BTreeMap::new(),
            duration_ms: 0.0,
            requests: 0,
            unfinished,
            known: BTreeMap::new(),
            stale: Vec::new(),
            flaky: 0,
        };
        let run = RunStarted { shard: None, planned: 0, ..run };
        Self { run, notes, rows: Vec::new(), invariants: BTreeMap::new(), finished, planned: 0, exchanges: 0 }
    }

    fn add(&mut self, run: &RunStarted, part: Part) -> Result<(), JoinError> {
        self.run.requirements.extend(run.requirements.clone());
        self.run.started = std::cmp::min(&self.run.started, &run.started).clone();
        let first = self.exchanges;
        let mut invariants = 0;
        for event in part.events {
            match event {
                Event::CaseFinished(result) => {
                    let mut result = Arc::unwrap_or_clone(result);
                    self.renumber(&mut result, first);
                    if result.kind == CaseKind::Invariant {
                        invariants += 1;
                        self.invariants.entry(result.case.clone()).or_default().push(result);
                    } else {
                        self.rows.push((result, part.name.clone()));
                    }
                }
                Event::Note { text } if !self.notes.contains(&text) => self.notes.push(text),
                Event::RunFinished(finished) => {
                    self.finished.interrupted |= finished.interrupted;
                    self.finished.duration_ms = self.finished.duration_ms.max(finished.duration_ms);
                    self.finished.requests += finished.requests;
                    self.finished.unfinished.extend(finished.unfinished);
                    for entry in finished.stale {
                        if !self.finished.stale.contains(&entry) {
                            self.finished.stale.push(entry);
                        }
                    }
                }
                Event::RunStarted(_)
                | Event::CaseStarted { .. }
                | Event::ClockAdvanced { .. }
                | Event::Note { .. } => {}
            }
        }
        self.planned += run.planned.saturating_sub(invariants);
        self.rows.sort_by_cached_key(|(row, _)| order(row));
        for pair in self.rows.windows(2) {
            if let [(one, first), (other, second)] = pair
                && one.id() == other.id()
            {
                let (first, second) = (first.clone(), second.clone());
                return Err(JoinError::Overlap { row: one.id(), first, second });
            }
        }
        Ok(())
    }

    /// Every part counts its exchanges from the same number; together no two are the same.
    fn renumber(&mut self, result: &mut CaseResult, first: u64) {
        for exchange in &mut result.exchanges {
            exchange.id = exchange.id.saturating_add(first);
            self.exchanges = self.exchanges.max(exchange.id.saturating_add(1));
        }
        let ids = result.steps.iter_mut().flat_map(|step| &mut step.exchanges);
        let decisive = result.findings.iter_mut().filter_map(|finding| finding.exchange.as_mut());
        for id in ids.chain(decisive) {
            *id = id.saturating_add(first);
            self.exchanges = self.exchanges.max(id.saturating_add(1));
        }
    }

    fn events(mut self) -> Vec<Event> {
        let joined: Vec<CaseResult> = self.invariants.into_values().filter_map(invariant).collect();
        self.run.planned = self.planned + joined.len();
        let is_strict = self.run.strict;
        let mut events = vec![Event::RunStarted(self.run)];
        events.extend(self.notes.into_iter().map(|text| Event::Note { text }));
        for result in self.rows.into_iter().map(|(result, _)| result).chain(joined) {
            *self.finished.verdicts.entry(result.verdict).or_default() += 1;
            self.finished.flaky += usize::from(result.is_flaky());
            if result.is_known(is_strict) {
                *self.finished.known.entry(result.verdict).or_default() += 1;
            }
            if result.kind != CaseKind::Invariant {
                events.push(Event::CaseStarted { id: result.id() });
            }
            events.push(Event::CaseFinished(Arc::new(result)));
        }
        events.push(Event::RunFinished(self.finished));
        events
    }
}

/// An invariant over the exchanges of all parts: of each expectation the worst finding.
fn invariant(mut parts: Vec<CaseResult>) -> Option<CaseResult> {
    let mut worst: BTreeMap<(String, usize), (Finding, usize)> = BTreeMap::new();
    let mut order: Vec<(String, usize)> = Vec::new();
    for (part, result) in parts.iter().enumerate() {
        let mut times: BTreeMap<&str, usize> = BTreeMap::new();
        for finding in &result.findings {
            let nth = times.entry(&finding.requirement).or_default();
            let key = (finding.requirement.clone(), *nth);
            *nth += 1;
            match worst.get(&key) {
                None => order.push(key.clone()),
                Some((known, _)) if known.verdict >= finding.verdict => continue,
                Some(_) => {}
            }
            worst.insert(key, (finding.clone(), part));
        }
    }
    let examined = parts.iter().filter_map(|part| part.examined).reduce(|a, b| a + b);
    let unseen = parts.iter().filter_map(|part| part.unseen).reduce(crate::model::Unseen::and);
    let mut findings = Vec::new();
    let (mut exchanges, mut steps) = (Vec::new(), Vec::new());
    for (finding, part) in order.into_iter().filter_map(|key| worst.remove(&key)) {
        let source = parts.get(part)?;
        for exchange in source.exchanges.iter().filter(|exchange| Some(exchange.id) == finding.exchange) {
            if !exchanges.contains(exchange) {
                exchanges.push(exchange.clone());
                steps.extend(source.steps.iter().filter(|s| s.exchanges.contains(&exchange.id)).cloned());
            }
        }
        findings.push(finding);
    }
    let first = if parts.is_empty() { None } else { Some(parts.swap_remove(0)) }?;
    let (verdict, reason, unseen) = match (findings.iter().map(|f| f.verdict).max(), unseen) {
        (Some(worst), _) => (worst, None, None),
        (None, Some(unseen)) => {
            let (verdict, reason) = unseen.verdict();
            (verdict, Some(reason), Some(unseen))
        }
        // The plan leaves it out, in every part for the same reason.
        (None, None) => (first.verdict, first.reason.clone(), None),
    };
    Some(CaseResult { verdict, reason, findings, steps, exchanges, examined, unseen, ..first })
}

/// As reports have it: by suite, then as the suite's file has it.
fn order(result: &CaseResult) -> (String, usize, String, String) {
    let (suite, case) = result.case.rsplit_once('/').unwrap_or(("", &result.case));
    (suite.to_owned(), result.location.line, case.to_owned(), result.instance.clone())
}

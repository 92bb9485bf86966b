use std::collections::BTreeMap;
use std::sync::Arc;

use globset::{GlobBuilder, GlobMatcher};

use crate::model::{
    Baseline, BaselineEntry, CaseResult, Event, Finding, Known, RunFinished, StaleEntry, Verdict,
};

/// Holds the results of a run against a baseline: marks what is known, and finds out which entries are no longer
/// true.
#[derive(Debug)]
pub struct Watch {
    entries: Vec<Watched>,
    /// Whether every row that there is will come by.
    is_whole: bool,
    is_strict: bool,
    known: BTreeMap<Verdict, usize>,
}

#[derive(Debug)]
struct Watched {
    entry: BaselineEntry,
    pattern: Option<GlobMatcher>,
    is_expired: bool,
    /// Rows of that name.
    rows: u64,
    /// Of these, rows that judged something, whatever it was.
    judging: u64,
    /// Of these, rows that judged the requirement and found it kept.
    kept: u64,
    /// Rows where it is broken in the way that the entry says.
    broken: u64,
    /// What was seen where it is broken in another way.
    otherwise: Option<String>,
    /// A row without a verdict, which may hide the failure.
    undecided: bool,
    /// Whether a row bears exactly the entry's name.
    is_exact: bool,
}

impl Watch {
    /// `today` is a date like `2027-01-31`. Where `is_whole` is false, because the run is filtered or a part,
    /// that an entry matches nothing proves nothing.
    pub fn new(baseline: &Baseline, today: &str, is_whole: bool) -> Self {
        let watched = |entry: &BaselineEntry| Watched {
            pattern: pattern(&entry.case),
            is_expired: today > entry.expires.as_str(),
            entry: entry.clone(),
            rows: 0,
            judging: 0,
            kept: 0,
            broken: 0,
            otherwise: None,
            undecided: false,
            is_exact: false,
        };
        let entries = baseline.entries.iter().map(watched).collect();
        Self { entries, is_whole, is_strict: false, known: BTreeMap::new() }
    }

    /// The event, with what the baseline says about it.
    pub fn take(&mut self, mut event: Event) -> Event {
        match &mut event {
            Event::RunStarted(run) => {
                self.is_strict = run.strict;
                self.is_whole &= run.shard.is_none();
            }
            Event::CaseFinished(result) => self.result(Arc::make_mut(result)),
            Event::RunFinished(finished) => self.finish(finished),
            Event::CaseStarted { .. } | Event::ClockAdvanced { .. } | Event::Note { .. } => {}
        }
        event
    }

    fn result(&mut self, result: &mut CaseResult) {
        result.findings.iter_mut().for_each(|finding| finding.known = None);
        let id = result.id();
        for watched in &mut self.entries {
            if watched.names(&id, &result.case) {
                watched.see(&id, result, self.is_strict);
            }
        }
        if result.is_known(self.is_strict) {
            *self.known.entry(result.verdict).or_default() += 1;
        }
    }

    fn finish(&mut self, finished: &mut RunFinished) {
        let is_complete = !finished.interrupted && finished.unfinished.is_empty();
        let is_whole = self.is_whole && is_complete;
        finished.known = std::mem::take(&mut self.known);
        finished.stale = self
            .entries
            .iter()
            .filter_map(|watched| {
                Some(StaleEntry {
                    case: watched.entry.case.clone(),
                    requirement: watched.entry.requirement.clone(),
                    why: watched.stale(is_whole)?,
                    location: watched.entry.location.clone(),
                })
            })
            .collect();
    }
}

impl Watched {
    fn names(&self, id: &str, case: &str) -> bool {
        match &self.pattern {
            Some(pattern) => pattern.is_match(id) || pattern.is_match(case),
            None => self.entry.case == id || self.entry.case == case,
        }
    }

    fn see(&mut self, id: &str, result: &mut CaseResult, is_strict: bool) {
        self.rows += 1;
        self.is_exact |= self.entry.case == id;
        match result.verdict {
            Verdict::Blocked | Verdict::Error => self.undecided = true,
            Verdict::Inapplicable => {}
            Verdict::Pass | Verdict::Warn | Verdict::Fail => self.judging += 1,
        }
        let (mut was_kept, mut was_broken) = (false, false);
        for finding in result.findings.iter_mut().filter(|f| f.requirement == self.entry.requirement) {
            match finding.verdict {
                Verdict::Fail | Verdict::Warn if finding.seen.starts_with(&self.entry.seen) => {
                    was_broken = true;
                    self.mark(finding);
                }
                Verdict::Fail => self.otherwise = Some(finding.seen.clone()),
                Verdict::Warn if is_strict => self.otherwise = Some(finding.seen.clone()),
                Verdict::Pass => was_kept = true,
                _ => {}
            }
        }
        self.broken += u64::from(was_broken);
        self.kept += u64::from(was_kept && !was_broken);
    }

    fn mark(&self, finding: &mut Finding) {
        if !self.is_expired {
            let Known { reason, expires } =
                Known { reason: self.entry.reason.clone(), expires: self.entry.expires.clone() };
            finding.known.get_or_insert(Known { reason, expires });
        }
    }

    fn stale(&self, is_whole: bool) -> Option<String> {
        if self.is_expired {
            return Some(format!("It expired on {}.", self.entry.expires));
        }
        if let Some(most) = self.entry.at_most.filter(|most| self.broken > *most) {
            return Some(format!(
                "It covers {} rows, which is more than its `at_most: {most}`.",
                self.broken
            ));
        }
        if self.broken > 0 || self.undecided || !(is_whole || self.is_exact) {
            return None;
        }
        Some(match &self.otherwise {
            Some(seen) => format!("It is broken in another way now: {seen}."),
            None if self.rows == 0 => "No row of the run has this name.".to_owned(),
            None if self.kept > 0 => "The requirement is kept there now: the entry can go.".to_owned(),
            None if self.judging == 0 => "The case does not apply here.".to_owned(),
            None => "The case does not judge this requirement.".to_owned(),
        })
    }
}

/// `*` stands for anything; all else, brackets included, for itself.
fn pattern(case: &str) -> Option<GlobMatcher> {
    if !case.contains('*') {
        return None;
    }
    let literal: Vec<String> = case.split('*').map(globset::escape).collect();
    GlobBuilder::new(&literal.join("*"))
        .literal_separator(false)
        .build()
        .ok()
        .map(|glob| glob.compile_matcher())
}

/// A baseline of everything that is broken in a run, an entry for each requirement and row; one for the whole
/// case where all its rows break it.
pub fn drawn_up(events: &[Event], reason: &str, expires: &str) -> Baseline {
    let is_strict = events.iter().any(|event| matches!(event, Event::RunStarted(run) if run.strict));
    let mut rows: BTreeMap<&str, usize> = BTreeMap::new();
    let mut broken: BTreeMap<(&str, &str), Vec<&CaseResult>> = BTreeMap::new();
    for event in events {
        let Event::CaseFinished(result) = event else { continue };
        *rows.entry(&result.case).or_default() += 1;
        for finding in &result.findings {
            if finding.verdict == Verdict::Fail || is_strict && finding.verdict == Verdict::Warn {
                let rows = broken.entry((&result.case, &finding.requirement)).or_default();
                if rows.last().is_none_or(|last| last.instance != result.instance) {
                    rows.push(result);
                }
            }
        }
    }
    let mut entries = Vec::new();
    for ((case, requirement), results) in broken {
        let all = rows.get(case) == Some(&results.len());
        let mut names: Vec<String> = match all {
            true => vec![case.to_owned()],
            false => results.iter().map(|result| result.id()).collect(),
        };
        names.sort();
        entries.extend(names.into_iter().map(|case| BaselineEntry {
            case,
            requirement: requirement.to_owned(),
            seen: String::new(),
            reason: reason.to_owned(),
            expires: expires.to_owned(),
            at_most: None,
            location: crate::model::Location::default(),
        }));
    }
    Baseline { entries }
}

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::record::Record;
use super::text::cut;
use crate::model::{CaseKind, CaseResult, Event, Verdict};

/// Changes of one kind that are listed; more are only counted.
const LISTED: usize = 200;
/// Findings that are laid side by side for one row.
const SIDE_BY_SIDE: usize = 4;
/// Characters of what was seen.
const WORDS: usize = 300;

/// What is known of an earlier run, for a report that compares.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Earlier {
    /// When it began, as its journal has it.
    pub(super) started: String,
    issuer: String,
    is_strict: bool,
    /// By `suite/case[instance]`.
    rows: BTreeMap<String, Row>,
}

#[derive(Clone, Debug, PartialEq)]
struct Row {
    verdict: Verdict,
    seen: BTreeMap<Key, Seen>,
}

/// Which expectation of a case: its requirement, its step, and which of those of the step.
type Key = (String, Option<usize>, usize);

/// What one expectation found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Seen {
    verdict: Verdict,
    seen: String,
}

impl FromIterator<Event> for Earlier {
    fn from_iter<I: IntoIterator<Item = Event>>(events: I) -> Self {
        let mut earlier = Self::default();
        for event in events {
            match event {
                Event::RunStarted(run) => {
                    (earlier.started, earlier.issuer, earlier.is_strict) =
                        (run.started, run.issuer, run.strict);
                }
                Event::CaseFinished(result) => {
                    earlier.rows.insert(result.id(), Row { verdict: result.verdict, seen: seen(&result) });
                }
                _ => {}
            }
        }
        earlier
    }
}

/// What became of rows, by kind; worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    /// It was in order and is not.
    Red,
    /// It was not in order and is.
    Green,
    /// Another verdict, neither better nor worse for the exit code.
    Otherwise,
    /// The same verdict on another answer.
    Seen,
    /// The earlier run did not have it.
    New,
    /// This run does not have it.
    Gone,
}

/// The changes of one kind.
#[derive(Debug, PartialEq, Serialize)]
pub(super) struct Changes {
    pub(super) kind: Kind,
    pub(super) count: usize,
    /// The first of them.
    pub(super) rows: Vec<Change>,
}

/// A row that is not what it was.
#[derive(Debug, PartialEq, Serialize)]
pub(super) struct Change {
    id: String,
    /// Its place in the record's results.
    #[serde(skip_serializing_if = "Option::is_none")]
    row: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<Verdict>,
    findings: Vec<Pair>,
}

/// What one expectation found in either run.
#[derive(Debug, PartialEq, Serialize)]
struct Pair {
    requirement: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<Seen>,
    #[serde(skip_serializing_if = "Option::is_none")]
    now: Option<Seen>,
}

impl Earlier {
    /// What is not as it was, by kind.
    pub(super) fn compared_with(&self, record: &Record) -> Vec<Changes> {
        let run = record.run.as_ref();
        let issuer = run.map_or("", |run| run.issuer.as_str());
        let is_strict = run.is_some_and(|run| run.strict);
        let mut here = BTreeSet::new();
        let mut found: BTreeMap<Kind, Changes> = BTreeMap::new();
        let mut note = |kind, change| {
            let changes = found.entry(kind).or_insert_with(|| Changes { kind, count: 0, rows: Vec::new() });
            changes.count += 1;
            if changes.rows.len() < LISTED {
                changes.rows.push(change);
            }
        };
        for (at, result) in record.results.iter().enumerate() {
            let id = result.id();
            let before = self.rows.get(&id);
            if before.is_some() {
                here.insert(id.clone());
            }
            let (is_red, was_red) =
                (is_red(result.verdict, is_strict), before.map(|row| is_red_row(row, self.is_strict)));
            let pairs = before.map(|row| self.pairs(row, result, issuer)).unwrap_or_default();
            let kind = match (before, was_red) {
                (Some(row), Some(was_red)) if row.verdict == result.verdict => match was_red == is_red {
                    true if pairs.is_empty() => continue,
                    true => Kind::Seen,
                    // A warning where only one of the runs is strict.
                    false => Kind::Otherwise,
                },
                (Some(_), Some(false)) if is_red => Kind::Red,
                (Some(_), Some(true)) if !is_red => Kind::Green,
                (Some(_), _) => Kind::Otherwise,
                (None, _) => Kind::New,
            };
            let before = before.map(|row| row.verdict);
            note(kind, Change { id, row: Some(at), before, findings: pairs });
        }
        for (id, row) in self.rows.iter().filter(|(id, _)| !here.contains(*id)) {
            let change =
                Change { id: id.clone(), row: None, before: Some(row.verdict), findings: Vec::new() };
            note(Kind::Gone, change);
        }
        found.into_values().collect()
    }

    /// The expectations that found something else; those that fell first.
    fn pairs(&self, before: &Row, now: &CaseResult, issuer: &str) -> Vec<Pair> {
        // The inputs of a property, and the exchanges of an invariant, are others in each run.
        let is_case = now.kind == CaseKind::Case;
        let now = seen(now);
        let keys: BTreeSet<&Key> = before.seen.keys().chain(now.keys()).collect();
        let mut pairs: Vec<Pair> = Vec::new();
        for key in keys {
            let (before, now) = (before.seen.get(key), now.get(key));
            let is_alike = match (before, now) {
                (Some(before), Some(now)) => {
                    before.verdict == now.verdict
                        && (!is_case || normal(&before.seen, &self.issuer) == normal(&now.seen, issuer))
                }
                // What a case that broke off did not come to judge is a consequence.
                (before, now) => before.or(now).is_none_or(|seen| seen.verdict == Verdict::Pass),
            };
            if !is_alike {
                let (before, now) = (before.cloned(), now.cloned());
                pairs.push(Pair { requirement: key.0.clone(), before, now });
            }
        }
        pairs.sort_by_key(|pair| {
            let verdict = |seen: &Option<Seen>| seen.as_ref().map(|seen| seen.verdict);
            std::cmp::Reverse(verdict(&pair.now).max(verdict(&pair.before)))
        });
        pairs.truncate(SIDE_BY_SIDE);
        pairs
    }
}

fn seen(result: &CaseResult) -> BTreeMap<Key, Seen> {
    let mut seen: BTreeMap<Key, Seen> = BTreeMap::new();
    for finding in &result.findings {
        let nth = (0..)
            .find(|nth| !seen.contains_key(&(finding.requirement.clone(), finding.step, *nth)))
            .unwrap_or_default();
        let what = match &finding.observed {
            Some(observed) => format!("{observed}: {}", finding.seen),
            None => finding.seen.clone(),
        };
        let what = Seen { verdict: finding.verdict, seen: cut(&what, WORDS).into_owned() };
        seen.insert((finding.requirement.clone(), finding.step, nth), what);
    }
    seen
}

fn is_red_row(row: &Row, is_strict: bool) -> bool {
    is_red(row.verdict, is_strict)
}

fn is_red(verdict: Verdict, is_strict: bool) -> bool {
    match verdict {
        Verdict::Fail | Verdict::Error | Verdict::Blocked => true,
        Verdict::Warn => is_strict,
        Verdict::Pass | Verdict::Inapplicable => false,
    }
}

/// What was seen without what differs from run to run of one server: its address, the fingerprints of what is masked,
/// numbers of more than three digits, and quoted texts, in which there are random values.
fn normal(seen: &str, issuer: &str) -> String {
    let issuer = issuer.trim_end_matches('/');
    let seen = if issuer.is_empty() { seen.to_owned() } else { seen.replace(issuer, "{issuer}") };
    let mut normal = String::with_capacity(seen.len());
    let mut digits = String::new();
    let (mut is_quoted, mut is_mask) = (false, false);
    for c in seen.chars().chain(['\n']) {
        match c {
            '"' => is_quoted = !is_quoted,
            '‹' => is_mask = true,
            '›' => is_mask = false,
            _ => {}
        }
        if c.is_ascii_digit() && !is_mask && !is_quoted {
            digits.push(c);
            continue;
        }
        let number = std::mem::take(&mut digits);
        if !is_quoted && !is_mask {
            normal.push_str(if number.len() > 3 { "{number}" } else { &number });
            normal.push(c);
        }
    }
    normal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_random_is_no_difference() {
        let alike = |one: &str, other: &str| normal(one, "http://a:1/") == normal(other, "http://b:22");
        assert!(alike(
            "redirected to http://a:1/x with ‹code:3f9a›",
            "redirected to http://b:22/x with ‹code:11›"
        ));
        assert!(alike("state is \"a 1\", exp 1790000000", "state is \"b\", exp 1790000001"));
        assert!(!alike("400 invalid_grant", "401 invalid_grant"));
        assert!(!alike("400 invalid_grant", "400 invalid_client"));
    }
}

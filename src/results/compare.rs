use std::collections::BTreeMap;

use super::behaviour::{Fact, Normal, facts, is_alike};
use crate::model::{CaseKind, CaseResult, Comparison, Difference, Event, Side, Verdict};

/// Differences by whether they are the case's own, place, what differs and what either side showed; with whether they
/// bring another verdict, and the rows.
type Gathered = BTreeMap<(bool, String, String, [String; 2]), (bool, Vec<String>)>;

/// Lays two runs side by side: where they behave differently, whether or not either breaks a requirement. What
/// differs from run to run of one server (tokens, dates, ids, durations) is no difference, and neither is where
/// the servers are.
pub fn compare(first: &[Event], second: &[Event]) -> Comparison {
    let (first, second) = (Run::new(first), Run::new(second));
    let mut found = Gathered::new();
    let (mut rows, mut alike) = (0, 0);
    for (id, one) in &first.rows {
        let Some(other) = second.rows.get(id) else { continue };
        rows += 1;
        let differences = differences(&first.normal, one, &second.normal, other);
        if differences.is_empty() {
            alike += 1;
        }
        for (is_own, place, what, seen, verdicts) in differences {
            let entry = found.entry((is_own, place, what, seen)).or_default();
            entry.0 |= verdicts;
            if !entry.1.contains(id) {
                entry.1.push(id.clone());
            }
        }
    }
    let differences = found
        .into_iter()
        .map(|((_, place, what, seen), (verdicts, rows))| Difference { place, what, seen, verdicts, rows })
        .collect();
    let missing = |from: &Run<'_>, in_: &Run<'_>| -> Vec<String> {
        from.rows.keys().filter(|id| !in_.rows.contains_key(*id)).cloned().collect()
    };
    let only = [missing(&first, &second), missing(&second, &first)];
    Comparison { sides: [first.side, second.side], rows, alike, differences, only }
}

struct Run<'a> {
    side: Side,
    normal: Normal,
    rows: BTreeMap<String, &'a CaseResult>,
}

impl<'a> Run<'a> {
    fn new(events: &'a [Event]) -> Self {
        let mut side = Side { target: String::new(), issuer: String::new(), seed: 0 };
        let mut rows = BTreeMap::new();
        for event in events {
            match event {
                Event::RunStarted(run) => {
                    side = Side { target: run.target.clone(), issuer: run.issuer.clone(), seed: run.seed };
                }
                Event::CaseFinished(result) => {
                    rows.insert(result.id(), &**result);
                }
                _ => {}
            }
        }
        Self { normal: Normal::new(&side.issuer), side, rows }
    }
}

type Found = (bool, String, String, [String; 2], bool);

fn differences(first: &Normal, one: &CaseResult, second: &Normal, other: &CaseResult) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    let verdicts = one.verdict != other.verdict;
    // An invariant's exchanges are kept only where it is broken; a property's inputs are others in each run.
    if one.kind == CaseKind::Case {
        let (ones, others) = (facts(first, one), facts(second, other));
        for (one, other) in ones.iter().zip(&others) {
            if let Some(outcome) = unlike(&one.outcome, &other.outcome) {
                // All that follows is a consequence.
                found.push((true, one.place.clone(), outcome.0, outcome.1, verdicts));
                break;
            }
            for (place, answer) in &one.answers {
                let Some((_, theirs)) = others_answer(&other.answers, place) else { continue };
                for (what, seen) in answer_differences(answer, theirs) {
                    found.push((false, place.clone(), what, seen, false));
                }
            }
        }
        if let (true, Some((place, seen))) = (found.iter().all(|f| !f.0), lengths(&ones, &others)) {
            found.push((true, place, "the steps that were taken".to_owned(), seen, verdicts));
        }
    }
    if verdicts && !found.iter().any(|f| f.0) {
        let seen = [said(one), said(other)];
        found.push((true, one.case.clone(), "verdict".to_owned(), seen, true));
    }
    found
}

/// How far the scenario went, if one side went further than the other.
fn lengths(ones: &[Fact], others: &[Fact]) -> Option<(String, [String; 2])> {
    let longer = if ones.len() > others.len() { ones } else { others };
    let next = longer.get(ones.len().min(others.len()))?;
    Some((next.place.clone(), [format!("{} steps", ones.len()), format!("{} steps", others.len())]))
}

fn others_answer<'a>(
    answers: &'a [(String, BTreeMap<String, String>)],
    place: &str,
) -> Option<&'a (String, BTreeMap<String, String>)> {
    answers.iter().find(|(other, _)| other == place)
}

fn unlike(one: &[(String, String)], other: &[(String, String)]) -> Option<(String, [String; 2])> {
    let of = |facts: &[(String, String)], what: &str| {
        facts.iter().find(|(known, _)| known == what).map(|(_, seen)| seen.clone())
    };
    let names = one.iter().chain(other).map(|(what, _)| what);
    for what in names {
        let seen = [of(one, what), of(other, what)];
        if seen[0] != seen[1] {
            return Some((what.clone(), seen.map(absent)));
        }
    }
    None
}

fn answer_differences(
    one: &BTreeMap<String, String>,
    other: &BTreeMap<String, String>,
) -> Vec<(String, [String; 2])> {
    let mut names: Vec<&String> = one.keys().chain(other.keys()).collect();
    names.sort();
    names.dedup();
    names
        .into_iter()
        .filter(|what| !is_alike(what, one.get(*what), other.get(*what)))
        .map(|what| (what.clone(), [one.get(what).cloned(), other.get(what).cloned()].map(absent)))
        .collect()
}

fn absent(seen: Option<String>) -> String {
    seen.unwrap_or_else(|| "absent".to_owned())
}

/// The verdict, and the requirement or the reason behind it.
fn said(result: &CaseResult) -> String {
    let why = match result.verdict {
        Verdict::Pass => None,
        Verdict::Fail | Verdict::Warn => result.decisive().map(|finding| finding.requirement.clone()),
        _ => result.reason.clone(),
    };
    match why {
        Some(why) => format!("{} ({why})", result.verdict),
        None => result.verdict.to_string(),
    }
}

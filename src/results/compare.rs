use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;

use super::behaviour::{Fact, Normal, facts, is_alike};
use crate::model::{CaseKind, CaseResult, Event, Verdict};

/// Rows that are named before the rest is only counted.
const NAMES: usize = 4;

/// Two runs laid side by side.
#[derive(Clone, Debug, Serialize)]
pub struct Comparison {
    /// What the two are called.
    pub sides: [Side; 2],
    /// How many rows both have.
    pub rows: usize,
    /// How many of these behave alike.
    pub alike: usize,
    /// In the order of their suites; what concerns many rows first.
    pub differences: Vec<Difference>,
    /// Rows that only one side has.
    pub only: [Vec<String>; 2],
}

/// One of two runs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Side {
    /// The target's name.
    pub target: String,
    /// Where it is.
    pub issuer: String,
    /// Reproduces its random choices.
    pub seed: u64,
}

/// A behaviour that is not the same.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// Where: a kind of answer (`token success`), or a case and its step.
    pub place: String,
    /// What: `status`, `header cache-control`, `member expires_in`, ...
    pub what: String,
    /// On either side.
    pub seen: [String; 2],
    /// Whether it brings another verdict.
    pub verdicts: bool,
    /// Where it shows.
    pub rows: Vec<String>,
}

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

impl Comparison {
    /// For people. Whatever came over the wire is escaped.
    pub fn text(&self) -> String {
        let name = |side: usize| -> String {
            let [one, other] = &self.sides;
            let own = if side == 0 { one } else { other };
            if one.target == other.target && one.issuer != other.issuer {
                format!("{} at {}", clean(&own.target), clean(&own.issuer))
            } else if one.target == other.target {
                format!("{} ({})", clean(&own.target), if side == 0 { "first" } else { "second" })
            } else {
                clean(&own.target)
            }
        };
        let names = [name(0), name(1)];
        let width = names.iter().map(|name| name.chars().count()).max().unwrap_or(0);
        let mut text = String::new();
        // Writing to a string cannot fail.
        for (index, difference) in self.differences.iter().enumerate() {
            let verdicts = if difference.verdicts { "  [the verdicts differ]" } else { "" };
            let _ = writeln!(
                text,
                "{:>3}. {}: {}{verdicts}",
                index + 1,
                clean(&difference.place),
                clean(&difference.what)
            );
            for (name, seen) in names.iter().zip(&difference.seen) {
                let _ = writeln!(text, "       {name:width$}  {}", clean(seen));
            }
            let shown: Vec<String> = difference.rows.iter().take(NAMES).map(|row| clean(row)).collect();
            let more = difference.rows.len() - shown.len();
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            let _ = writeln!(text, "       {:width$}  {}{more}\n", "in", shown.join(", "));
        }
        for (name, only) in names.iter().zip(&self.only).filter(|(_, only)| !only.is_empty()) {
            let shown: Vec<String> = only.iter().take(NAMES).map(|row| clean(row)).collect();
            let _ =
                writeln!(text, "Only {name} was asked {}: {}", count(only.len(), "row"), shown.join(", "));
        }
        let differ = match self.differences.len() {
            0 => format!("{} and {} behave alike", names[0], names[1]),
            n => format!("{} differs from {} in {}", names[1], names[0], count(n, "thing")),
        };
        let _ =
            writeln!(text, "{differ}; {} of {} without a difference", self.alike, count(self.rows, "row"));
        text
    }
}

fn count(number: usize, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}

/// Nothing that a terminal would obey.
fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() || is_unseen(c) { '\u{fffd}' } else { c }).collect()
}

fn is_unseen(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{61c}')
}

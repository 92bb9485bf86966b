use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::super::earlier::Changes;
use super::super::record::{Conclusion, Record, Standing, retries, suite_and_case};
use super::super::text::cut;
use super::still::moment;
use super::threats::Threats;
use super::told::Told;
use crate::model::{CaseResult, Finding, Known, Requirement, RunFinished, StaleEntry, Verdict};

/// Characters of what is searched and shown of a finding in the lists.
const WORDS: usize = 400;

/// What the page's lists are made of.
#[derive(Debug, Serialize)]
pub(super) struct Index<'a> {
    run: Option<Run<'a>>,
    summary: Summary<'a>,
    cases: Vec<Row<'a>>,
    requirements: Vec<RequirementRow<'a>>,
    threats: Threats<'a>,
    stale: &'a [StaleEntry],
    notes: &'a [String],
    /// How many cases are told in full, where not all are.
    #[serde(skip_serializing_if = "Option::is_none")]
    in_full: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    comparison: Option<Comparison>,
}

#[derive(Debug, Serialize)]
struct Run<'a> {
    target: &'a str,
    strict: bool,
}

#[derive(Debug, Serialize)]
struct Summary<'a> {
    conclusion: Conclusion,
    verdicts: BTreeMap<Verdict, usize>,
    unfinished: &'a [String],
}

#[derive(Debug, Serialize)]
struct Row<'a> {
    /// Which data block has the rest.
    data: usize,
    id: String,
    suite: &'a str,
    title: &'a str,
    verdict: Verdict,
    duration_ms: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// What the baseline says of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    known: Option<&'a Known>,
    /// How often it was tried, where the network failed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    retried: Option<String>,
    /// What was expected and seen where something is not in order.
    words: String,
    tags: &'a [String],
    /// Indexes of those that it judged.
    requirements: BTreeSet<usize>,
}

#[derive(Debug, Serialize)]
struct RequirementRow<'a> {
    id: &'a str,
    document: &'a str,
    section: &'a str,
    level: &'static str,
    summary: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unobservable: Option<&'a str>,
    standing: Standing,
    /// Indexes of cases.
    rows: Vec<usize>,
    broken_in: Vec<usize>,
    /// Of the first finding against it.
    #[serde(skip_serializing_if = "Option::is_none")]
    seen: Option<Seen<'a>>,
}

#[derive(Debug, Serialize)]
struct Seen<'a> {
    expected: std::borrow::Cow<'a, str>,
    seen: std::borrow::Cow<'a, str>,
}

#[derive(Debug, Serialize)]
struct Comparison {
    started: String,
    changes: Vec<Changes>,
}

impl<'a> Index<'a> {
    /// The lists of a finished run.
    pub(super) fn new(record: &'a Record, finished: &'a RunFinished, told: &Told) -> Self {
        let standings = record.standings();
        let at: BTreeMap<&str, usize> =
            standings.iter().enumerate().map(|(i, judged)| (judged.requirement.id.as_str(), i)).collect();
        let cases: Vec<Row<'_>> =
            record.results.iter().enumerate().map(|(data, result)| row(record, data, result, &at)).collect();
        let first: BTreeMap<&str, &Finding> = record
            .broken()
            .into_iter()
            .rev()
            .map(|broken| (broken.finding.requirement.as_str(), broken.finding))
            .collect();
        let requirements = standings
            .iter()
            .map(|judged| {
                let requirement: &Requirement = judged.requirement;
                RequirementRow {
                    id: &requirement.id,
                    document: &requirement.document,
                    section: &requirement.section,
                    level: requirement.level.as_str(),
                    summary: &requirement.summary,
                    link: requirement.link.as_deref(),
                    unobservable: requirement.unobservable.as_deref(),
                    standing: judged.standing,
                    rows: judged.rows.clone(),
                    broken_in: judged.broken_in.clone(),
                    seen: first.get(requirement.id.as_str()).map(|finding| Seen {
                        expected: cut(&finding.expected, WORDS),
                        seen: cut(&finding.seen, WORDS),
                    }),
                }
            })
            .collect();
        let threats = Threats::new(record, &standings);
        Self {
            run: record.run.as_ref().map(|run| Run { target: &run.target, strict: run.strict }),
            summary: Summary {
                conclusion: record.conclusion(finished).0,
                verdicts: finished.verdicts.clone(),
                unfinished: &finished.unfinished,
            },
            cases,
            requirements,
            threats,
            stale: &finished.stale,
            notes: &record.notes,
            in_full: told.limit(),
            comparison: record.earlier.as_ref().map(|earlier| Comparison {
                started: moment(&earlier.started),
                changes: earlier.compared_with(record),
            }),
        }
    }
}

fn row<'a>(record: &Record, data: usize, result: &'a CaseResult, at: &BTreeMap<&str, usize>) -> Row<'a> {
    let words: Vec<String> = result
        .findings
        .iter()
        .filter(|finding| finding.verdict != Verdict::Pass)
        .map(|finding| format!("{} {}", cut(&finding.expected, WORDS), cut(&finding.seen, WORDS)))
        .collect();
    Row {
        data,
        id: result.id(),
        suite: suite_and_case(&result.case).0,
        title: &result.title,
        verdict: result.verdict,
        duration_ms: result.duration_ms,
        reason: match result.verdict {
            Verdict::Blocked | Verdict::Error => Some(record.headline(result).1),
            _ => result.reason.clone(),
        },
        known: record.known(result),
        retried: retries(result),
        words: words.join(" "),
        tags: &result.tags,
        requirements: result
            .findings
            .iter()
            .filter_map(|finding| at.get(finding.requirement.as_str()).copied())
            .collect(),
    }
}

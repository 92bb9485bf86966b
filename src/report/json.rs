use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use serde::Serialize;

use super::record::{Conclusion, Judged, Record, Standing};
use super::text::{Lazily, write_json};
use super::threats::{Repair, open_threats, opened_by, repairs};
use crate::model::{CaseResult, Requirement, RunFinished, StaleEntry, Threat, Verdict};

/// The version of the document.
const FORMAT: u32 = 1;

/// Writes one JSON document, for programs. Members may be added within a `format`; none changes its meaning
/// or goes.
///
/// | member | |
/// |---|---|
/// | `format` | 1 |
/// | `run` | `oauthspec`, `target`, `issuer`, `profile` {`id`, `title`}, `seed`, `started`, `virtual_clock`, `strict`, `planned`, `again` |
/// | `results[]` | `id` (`suite/case[instance]`), then the members of [`CaseResult`], in the order of the suites |
/// | `requirements[]` | the members of [`Requirement`], `standing` (`kept`, `broken`, `warned`, `undecided`, `unjudged`, `unobservable`), `rows` and `broken_in` (ids of results), by id |
/// | `threats[]` | what an attacker can do now: `id`, `title`, `attack`, `sources`, `opened_by` (ids of requirements) |
/// | `repairs[]` | what to repair first, at most three: `requirements` (all of these ids together), `closes` (ids of threats) |
/// | `notes[]` | texts |
/// | `summary` | `conclusion` (`conforms`, `broken`, `undecided`), `sentence`, `rows`, `verdicts` (all six, by name), `interrupted`, `unfinished`, `requests`, `duration_ms`, and where there are any `known` (failures borne by the baseline, by verdict), `stale` (its entries that are no longer true) and `flaky` |
pub(super) fn write(record: &Record, finished: &RunFinished, out: &mut dyn Write) -> io::Result<()> {
    let results =
        Lazily(|| record.results.iter().map(|result| ResultRow { id: result.id(), result: result.as_ref() }));
    let judged = record.standings();
    let requirements = Lazily(|| judged.iter().map(|judged| RequirementRow::new(record, judged)));
    write_json(&Document::new(record, finished, results, requirements), out)
}

#[derive(Serialize)]
struct Document<'a, R, Q> {
    format: u32,
    run: Option<Run<'a>>,
    results: R,
    requirements: Q,
    threats: Vec<ThreatRow<'a>>,
    repairs: Vec<Repair>,
    notes: &'a [String],
    summary: Summary<'a>,
}

#[derive(Serialize)]
struct Run<'a> {
    oauthspec: &'a str,
    target: &'a str,
    issuer: &'a str,
    profile: ProfileName<'a>,
    seed: u64,
    started: &'a str,
    virtual_clock: bool,
    strict: bool,
    planned: usize,
    again: &'a [String],
}

#[derive(Serialize)]
struct ProfileName<'a> {
    id: &'a str,
    title: &'a str,
}

#[derive(Serialize)]
struct ResultRow<'a> {
    id: String,
    #[serde(flatten)]
    result: &'a CaseResult,
}

#[derive(Serialize)]
struct RequirementRow<'a> {
    #[serde(flatten)]
    requirement: &'a Requirement,
    standing: Standing,
    rows: BTreeSet<String>,
    broken_in: BTreeSet<String>,
}

#[derive(Serialize)]
struct ThreatRow<'a> {
    id: &'a str,
    title: &'a str,
    attack: &'a str,
    sources: &'a [String],
    opened_by: Vec<&'a str>,
}

#[derive(Serialize)]
struct Summary<'a> {
    conclusion: Conclusion,
    sentence: String,
    rows: usize,
    verdicts: BTreeMap<Verdict, usize>,
    interrupted: bool,
    unfinished: &'a [String],
    requests: u64,
    duration_ms: f64,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    known: &'a BTreeMap<Verdict, usize>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    stale: &'a [StaleEntry],
    #[serde(skip_serializing_if = "Option::is_none")]
    flaky: Option<usize>,
}

impl<'a, R, Q> Document<'a, R, Q> {
    fn new(record: &'a Record, finished: &'a RunFinished, results: R, requirements: Q) -> Self {
        let (conclusion, sentence) = record.conclusion(finished);
        let verdicts: BTreeMap<Verdict, usize> = Verdict::ALL
            .map(|verdict| (verdict, finished.verdicts.get(&verdict).copied().unwrap_or(0)))
            .into();
        let broken = record.not_kept();
        let threats = record.run.as_ref().map_or(&[][..], |run| &run.threats);
        let open = open_threats(threats, &broken);
        Self {
            format: FORMAT,
            run: record.run.as_ref().map(|run| Run {
                oauthspec: &run.oauthspec,
                target: &run.target,
                issuer: &run.issuer,
                profile: ProfileName { id: &run.profile.0, title: &run.profile.1 },
                seed: run.seed,
                started: &run.started,
                virtual_clock: run.virtual_clock,
                strict: run.strict,
                planned: run.planned,
                again: &run.again,
            }),
            results,
            requirements,
            repairs: repairs(&open, &broken),
            threats: open.iter().map(|threat| ThreatRow::new(threat, &broken)).collect(),
            notes: &record.notes,
            summary: Summary {
                conclusion,
                sentence,
                rows: verdicts.values().sum(),
                verdicts,
                interrupted: finished.interrupted,
                unfinished: &finished.unfinished,
                requests: finished.requests,
                duration_ms: finished.duration_ms,
                known: &finished.known,
                stale: &finished.stale,
                flaky: (finished.flaky > 0).then_some(finished.flaky),
            },
        }
    }
}

impl<'a> ThreatRow<'a> {
    fn new(threat: &'a Threat, broken: &BTreeSet<&str>) -> Self {
        let Threat { id, title, attack, sources, .. } = threat;
        Self { id, title, attack, sources, opened_by: opened_by(threat, broken) }
    }
}

impl<'a> RequirementRow<'a> {
    fn new(record: &Record, judged: &Judged<'a>) -> Self {
        let Judged { requirement, standing, rows, broken_in } = judged;
        Self { requirement, standing: *standing, rows: record.ids(rows), broken_in: record.ids(broken_in) }
    }
}

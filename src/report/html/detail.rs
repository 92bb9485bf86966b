use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::super::curl::curl;
use super::super::openssl::s_client;
use super::super::record::Record;
use super::deciding::{Part, request_parts, response_parts};
use super::dialogue::{Message, dialogue, ends, outcome};
use crate::http::Exchange;
use crate::model::{CaseKind, CaseResult, Finding, Location, StepRecord, Verdict};

/// What is shown of one case when it is opened.
#[derive(Debug, Serialize)]
pub(super) struct Detail<'a> {
    kind: CaseKind,
    location: &'a Location,
    findings: &'a [Finding],
    steps: &'a [StepRecord],
    /// By step, the command that offers the same again.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    handshakes: BTreeMap<usize, String>,
    exchanges: Vec<ExchangeRow>,
    messages: Vec<Message>,
    again: String,
    waited_s: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    property: Option<Property>,
    #[serde(skip_serializing_if = "Option::is_none")]
    examined: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    control: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct Property {
    trials: u32,
    shrinks: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    counterexample: Option<Vec<(String, String)>>,
}

#[derive(Debug, Serialize)]
struct ExchangeRow {
    id: u64,
    from: &'static str,
    to: &'static str,
    /// Method and address without the query.
    line: String,
    outcome: String,
    duration_ms: f64,
    /// Whether a finding that is not in order speaks of its answer.
    decisive: bool,
    /// Whether such a finding speaks of its request.
    asked: bool,
    request: Vec<Part>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response: Option<Vec<Part>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fault: Option<String>,
    curl: String,
}

impl<'a> Detail<'a> {
    /// All of that case.
    pub(super) fn new(record: &Record, result: &'a CaseResult) -> Self {
        let decisive: BTreeSet<u64> =
            unwell(result).filter_map(|finding| answered(result, finding)).collect();
        Self {
            kind: result.kind,
            location: &result.location,
            findings: &result.findings,
            steps: &result.steps,
            handshakes: result
                .steps
                .iter()
                .enumerate()
                .filter_map(|(at, step)| Some((at, s_client(step.offer.as_ref()?))))
                .collect(),
            exchanges: result.exchanges.iter().map(|exchange| row(result, exchange, &decisive)).collect(),
            messages: dialogue(result, &decisive),
            again: record.again(result),
            waited_s: result.waited_s,
            property: result.property.as_ref().map(|property| Property {
                trials: property.trials,
                shrinks: property.shrinks,
                counterexample: property.counterexample.as_ref().map(|values| {
                    values.iter().map(|(name, value)| (name.clone(), value.to_string())).collect()
                }),
            }),
            examined: result.examined,
            control: result.control.as_deref(),
        }
    }
}

fn unwell(result: &CaseResult) -> impl Iterator<Item = &Finding> {
    result.findings.iter().filter(|finding| !matches!(finding.verdict, Verdict::Pass | Verdict::Inapplicable))
}

/// The exchange whose answer a finding speaks of: where it tells of a redirect, the one that redirected there, which
/// comes after login and consent; otherwise the one that decided.
fn answered(result: &CaseResult, finding: &Finding) -> Option<u64> {
    let decided = finding.exchange?;
    let redirected = finding.seen.strip_prefix("redirected to ").and_then(|rest| {
        let place = rest.trim_start_matches('"').split(['"', ' ', ',']).next()?;
        let of_step = &result.steps.get(finding.step?)?.exchanges;
        let leads_there = |exchange: &&Exchange| {
            exchange
                .response()
                .and_then(|response| response.headers.first("location"))
                .is_some_and(|location| location.split(['?', '#']).next() == Some(place))
        };
        result.exchanges.iter().filter(|e| of_step.contains(&e.id)).find(leads_there)
    });
    Some(redirected.map_or(decided, |exchange| exchange.id))
}

fn row(result: &CaseResult, exchange: &Exchange, decisive: &BTreeSet<u64>) -> ExchangeRow {
    let words: String = unwell(result)
        .filter(|finding| answered(result, finding) == Some(exchange.id))
        .map(|finding| format!("{} {} ", finding.expected, finding.seen))
        .collect();
    let (from, to) = ends(exchange.endpoint);
    let is_decisive = decisive.contains(&exchange.id);
    let asked: String = unwell(result)
        .filter(|finding| finding.exchange == Some(exchange.id))
        .map(|finding| format!("{} {} {} ", finding.expected, finding.seen, result.title))
        .collect();
    let address = exchange.request.url.split('?').next().unwrap_or_default();
    ExchangeRow {
        id: exchange.id,
        from,
        to,
        line: format!("{} {address}", exchange.request.method),
        outcome: outcome(exchange),
        duration_ms: exchange.duration_ms,
        decisive: is_decisive,
        asked: !asked.is_empty(),
        request: request_parts(&exchange.request, &asked),
        response: exchange.response().map(|response| response_parts(response, &words)),
        fault: exchange.result.as_ref().err().map(ToString::to_string),
        curl: curl(exchange, &BTreeMap::new()),
    }
}

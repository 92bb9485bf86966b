use std::collections::BTreeMap;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use unicode_width::UnicodeWidthStr;

use super::super::curl::curl;
use super::super::openssl::s_client;
use super::super::record::Record;
use super::super::text::{clean_text, count, cut, cut_columns};
use super::options::StatusLevel;
use super::page::{LABEL, Page, Style, bracketed_seconds, status};
use super::wire;
use crate::http::{Endpoint, Exchange, FaultKind};
use crate::model::{CaseResult, Finding, Location, Value, Verdict};

/// Characters of an `expected` or `seen`.
const WORDS: usize = 600;
/// Names of further rows before the rest is only counted.
const NAMES: usize = 12;
/// Exchanges of one block.
const EXCHANGES: usize = 3;
/// Columns of a block in a file.
const FILE_WIDTH: usize = 100;

/// Every row that the level shows, worst last, where the eye is when the run ends. Rows that say the same
/// share a block.
pub(super) fn all(page: &mut Page, record: &Record, level: StatusLevel) {
    let mut groups: Vec<(Key<'_>, Vec<&CaseResult>)> = Vec::new();
    let mut known: BTreeMap<Key<'_>, usize> = BTreeMap::new();
    for result in record.results.iter().filter(|result| level.shows(result.verdict)) {
        let key = Key::of(result);
        let at = *known.entry(key.clone()).or_insert_with(|| {
            groups.push((key, Vec::new()));
            groups.len() - 1
        });
        if let Some((_, rows)) = groups.get_mut(at) {
            rows.push(result);
        }
    }
    groups.sort_by_key(|(key, _)| rank(key.verdict));
    let mut verdict = None;
    for (key, rows) in &groups {
        if verdict != Some(key.verdict) {
            page.heading(heading(key.verdict, record.is_failure(Verdict::Warn)));
            verdict = Some(key.verdict);
        }
        let [first, others @ ..] = rows.as_slice() else { continue };
        match key.verdict {
            Verdict::Pass | Verdict::Inapplicable => rows.iter().for_each(|row| title(page, row)),
            _ => {
                page.gap();
                block(page, record, first, others);
            }
        }
    }
}

/// The block of one row, while the run goes on.
pub(super) fn at_once(page: &mut Page, record: &Record, result: &CaseResult) {
    page.gap();
    block(page, record, result, &[]);
    page.gap();
}

/// The block of one row as plain text, for files.
pub(in super::super) fn plain_block(record: &Record, result: &CaseResult) -> String {
    let mut page = Page::new(FILE_WIDTH, false);
    block(&mut page, record, result, &[]);
    page.take()
}

/// What makes rows alike: a broken case its requirements, a row without a verdict its reason.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key<'a> {
    verdict: Verdict,
    case: &'a str,
    requirements: Vec<&'a str>,
    reason: Option<&'a str>,
}

impl<'a> Key<'a> {
    fn of(result: &'a CaseResult) -> Self {
        let requirements = not_kept(result).map(|finding| finding.requirement.as_str()).collect();
        let shares_reason = matches!(result.verdict, Verdict::Blocked | Verdict::Error)
            && result.reason.is_some()
            && result.findings.iter().all(|finding| finding.verdict == Verdict::Pass);
        let case = if shares_reason { "" } else { result.case.as_str() };
        Self { verdict: result.verdict, case, requirements, reason: result.reason.as_deref() }
    }
}

fn rank(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Inapplicable => 0,
        Verdict::Pass => 1,
        Verdict::Warn => 2,
        Verdict::Blocked => 3,
        Verdict::Error => 4,
        Verdict::Fail => 5,
    }
}

fn heading(verdict: Verdict, strict: bool) -> &'static str {
    match verdict {
        Verdict::Inapplicable => "Not applicable",
        Verdict::Pass => "Passed",
        Verdict::Warn if strict => "Warnings, which count as failures in a strict run",
        Verdict::Warn => "Warnings",
        Verdict::Blocked => "Blocked: could not be set up, so nothing was judged",
        Verdict::Error => "Errors: no answer that could be judged",
        Verdict::Fail => "Failures",
    }
}

fn title(page: &mut Page, result: &CaseResult) {
    let (style, word) = status(result.verdict);
    page.line(&[
        (style, &format!("{word:>8}")),
        (Style::Faint, &format!(" {} ", bracketed_seconds(result.duration_ms))),
        (Style::Name, &result.id()),
    ]);
}

fn block(page: &mut Page, record: &Record, result: &CaseResult, others: &[&CaseResult]) {
    title(page, result);
    page.prose(LABEL, &[], Style::Strong, &result.title);
    also(page, result, others);

    let in_full = record.is_failure(result.verdict) || result.verdict != Verdict::Warn;
    if let Some(reason) = &result.reason {
        page.paragraphs("reason", &cut(reason, WORDS));
    }
    for fault in &result.retried {
        page.field("tried", fault);
    }
    counterexample(page, result);
    let mut shown: Vec<&Exchange> = Vec::new();
    for finding in not_kept(result) {
        broken(page, record, finding, in_full);
        let decisive = finding.exchange.and_then(|id| result.exchanges.iter().find(|e| e.id == id));
        if let Some(exchange) = decisive.filter(|e| !shown.iter().any(|known| known.id == e.id))
            && shown.len() < EXCHANGES
        {
            show_exchange(page, exchange, &format!("{} {}", finding.expected, finding.seen), in_full);
            shown.push(exchange);
        }
    }
    handshake(page, result);
    if shown.is_empty()
        && matches!(result.verdict, Verdict::Blocked | Verdict::Error)
        && let Some(last) = result.exchanges.iter().rev().find(|exchange| !is_tidying(exchange))
    {
        show_exchange(page, last, "", true);
        shown.push(last);
    }
    if in_full {
        steps(page, result);
    }
    match advice(result, shown.last().copied()) {
        Some(advice) => page.field("to do", advice),
        None if in_full => page.gap(),
        None => {}
    }
    page.field_line("again", &record.again(result));
}

/// Whether it only removed a client of the case's own, which says nothing about the case.
fn is_tidying(exchange: &Exchange) -> bool {
    exchange.endpoint == Endpoint::Registration && exchange.request.method == "DELETE"
}

fn also(page: &mut Page, result: &CaseResult, others: &[&CaseResult]) {
    if others.is_empty() {
        return;
    }
    let names: Vec<String> = others
        .iter()
        .take(NAMES)
        .map(|other| if other.case == result.case { format!("[{}]", other.instance) } else { other.id() })
        .collect();
    let more = others.len() - names.len();
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    page.field("also", &format!("{}: {}{more}", count(others.len(), "row"), names.join(", ")));
}

/// The findings that are not in order.
fn not_kept(result: &CaseResult) -> impl Iterator<Item = &Finding> {
    result.findings.iter().filter(|finding| !matches!(finding.verdict, Verdict::Pass | Verdict::Inapplicable))
}

fn broken(page: &mut Page, record: &Record, finding: &Finding, in_full: bool) {
    if in_full {
        page.gap();
    }
    let label = match finding.verdict {
        Verdict::Fail => "breaks",
        Verdict::Warn => "neglects",
        _ => "undecided",
    };
    match record.requirement(&finding.requirement) {
        Some(requirement) => {
            page.field(
                label,
                &format!("{} · {} · {}", requirement.document, requirement.section, requirement.level),
            );
            page.field("", &requirement.summary);
            page.field("", requirement.link.as_deref().unwrap_or(&requirement.id));
        }
        None => page.field(label, &finding.requirement),
    }
    page.field("expected", &cut(&finding.expected, WORDS));
    page.field("seen", &cut(&finding.seen, WORDS));
    if let Some(known) = &finding.known {
        page.field("known", &format!("{} (borne until {})", known.reason, known.expires));
    }
    if in_full {
        source(page, &finding.location, &finding.expected);
    } else {
        page.field_line("at", &finding.location.to_string());
    }
}

fn counterexample(page: &mut Page, result: &CaseResult) {
    let Some(property) = &result.property else { return };
    let Some(values) = &property.counterexample else { return };
    for (index, (name, value)) in values.iter().enumerate() {
        let label = if index == 0 { "smallest" } else { "" };
        page.field(label, &format!("{name} = {}", in_short(value)));
    }
    let found = match property.remembered {
        true => "failed in an earlier run and was tried first".to_owned(),
        false => format!("found at input {}", property.trials),
    };
    let ended = if property.budget_spent { ", as far as its budget of requests went" } else { "" };
    page.field(
        "",
        &format!(
            "{found}, made smaller in {} more{ended}; {} in all",
            property.shrinks,
            count(usize::try_from(property.requests).unwrap_or(usize::MAX), "request")
        ),
    );
}

/// A value, of a long text the two ends and the length.
fn in_short(value: &Value) -> String {
    const HEAD: usize = 36;
    const TAIL: usize = 12;
    let Value::Text(text) = value else { return cut(&value.to_string(), WORDS).into_owned() };
    let length = text.chars().count();
    if length <= HEAD + TAIL + 16 {
        let counted = if length > 16 { format!(" ({length} characters)") } else { String::new() };
        return format!("{value}{counted}");
    }
    let head: String = text.chars().take(HEAD).collect();
    let tail: String = text.chars().skip(length - TAIL).collect();
    format!("{head:?}…{tail:?} ({length} characters)")
}

/// The source line with a caret under the clause that decided.
fn source(page: &mut Page, location: &Location, expected: &str) {
    if location.line == 0 || location.text.is_empty() {
        return;
    }
    let mut text = String::new();
    let mut span = 0..0;
    for (index, c) in location.text.chars().enumerate() {
        if index + 1 == location.column {
            span.start = text.len();
        }
        text.push_str(&clean_text(c.encode_utf8(&mut [0; 4])));
        if index + 2 <= location.column + location.length.max(1) {
            span.end = text.len();
        }
    }
    span.start = span.start.min(text.len());
    span.end = span.end.max(span.start);

    let used = text.get(..span.end).map_or(0, UnicodeWidthStr::width);
    let room = page.width().saturating_sub(LABEL + 4 + used);
    let label = clean_text(&format!("expected {expected}"));
    let label = if label.width() > room { "expected here" } else { &label };
    let annotation = AnnotationKind::Primary.span(span).label(label);
    let path = clean_text(&location.file);
    let snippet = Snippet::source(text.as_str()).line_start(location.line).path(&path).annotation(annotation);
    let renderer = if page.color() { Renderer::styled() } else { Renderer::plain() };
    let rendered = renderer
        .term_width(page.width().saturating_sub(LABEL))
        .render(&[Group::with_level(Level::ERROR).element(snippet)]);
    page.clean_lines(LABEL - 5, &rendered);
}

fn show_exchange(page: &mut Page, exchange: &Exchange, words: &str, in_full: bool) {
    if !in_full {
        page.field("exchange", &wire::exchange_line(exchange));
        return;
    }
    page.gap();
    wire::exchange(page, exchange, words);
    let command = curl(exchange, &BTreeMap::new());
    for (index, line) in command.lines().enumerate() {
        page.field_line(if index == 0 { "reproduce" } else { "" }, line);
    }
}

/// The handshake that decided, to be made again: that of the first finding which is not in order, otherwise the last.
fn handshake(page: &mut Page, result: &CaseResult) {
    let decided = not_kept(result).find_map(|finding| result.steps.get(finding.step?)?.offer.as_ref());
    let is_undecided = matches!(result.verdict, Verdict::Blocked | Verdict::Error);
    let last = || result.steps.iter().rev().find_map(|step| step.offer.as_ref()).filter(|_| is_undecided);
    if let Some(offer) = decided.or_else(last) {
        page.gap();
        page.field_line("reproduce", &s_client(offer));
    }
}

fn steps(page: &mut Page, result: &CaseResult) {
    if result.steps.len() < 2 {
        return;
    }
    page.gap();
    let widest = result.steps.iter().map(|step| step.keyword.width()).max().unwrap_or(0);
    for (index, step) in result.steps.iter().enumerate() {
        let label = if index == 0 { "steps" } else { "" };
        let line = format!("{} {:widest$}  {}", index + 1, step.keyword, step.outcome);
        let room = page.width().saturating_sub(LABEL);
        page.field_line(label, &cut_columns(&clean_text(&line), room));
    }
}

/// What the user can do about a row without a verdict.
fn advice(result: &CaseResult, exchange: Option<&Exchange>) -> Option<&'static str> {
    if !matches!(result.verdict, Verdict::Blocked | Verdict::Error) {
        return None;
    }
    let status = exchange.and_then(Exchange::response).map_or(0, |response| response.status);
    let fault = exchange.and_then(|exchange| exchange.result.as_ref().err()).map(|fault| fault.kind);
    Some(match (fault, status) {
        (Some(FaultKind::Dns | FaultKind::Refused | FaultKind::Tls), _) => {
            "See that the server runs and that its address and certificate are right: `oauthspec doctor`."
        }
        (Some(FaultKind::Timeout), _) => {
            "See in the server's log why it did not answer; a slow one needs a longer `limits.timeout`."
        }
        (Some(FaultKind::Unsendable), _) => "See that the URL in the target file is one that HTTP can carry.",
        (Some(FaultKind::Broken | FaultKind::Malformed), _) => {
            "See in the server's log, and in proxies before it, why the answer broke off."
        }
        (None, 429) => "Lower `limits.requests_per_second` or `limits.concurrency` in the target file.",
        (None, 500..) => "The server failed by itself: look into its log for this request, then run again.",
        _ if exchange.is_some_and(|exchange| exchange.endpoint == Endpoint::Authorization) => {
            "`oauthspec doctor` walks the login once and shows every page and field that it meets."
        }
        _ if result.verdict == Verdict::Blocked => {
            "Compare clients, users and policy in the target file with the server; `oauthspec doctor` tries them."
        }
        _ => "Read the answer above. If it is a proper one, the suite or this program is at fault.",
    })
}

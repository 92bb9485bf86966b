use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use serde::Serialize;
use serde_json::{Value, json};

use super::digest::fingerprint;
use super::record::{Record, retries, sentence_of};
use super::text::{Lazily, clean_text, write_json};
use super::threats::{Repair, open_threats, opened_by, repairs};
use super::uri::{encoded, is_web};
use crate::model::{CaseResult, Finding, Level, Location, Requirement, RunFinished, Threat, Verdict};

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// The name of the taxonomy.
const THREATS: &str = "oauthspec-threats";

/// Writes SARIF 2.1.0 for code scanning: a rule for each requirement of the run, a result for each finding that
/// breaks one or does not follow one, at the line of the suite that says so. What could not be judged is a
/// notification of the invocation, since it is no finding about the server. What the baseline bears is suppressed, with
/// its reason. The threats that are open are a taxonomy, and each result names those that it opens.
pub(super) fn write(record: &Record, finished: &RunFinished, out: &mut dyn Write) -> io::Result<()> {
    let run = record.run.as_ref();
    let requirements: Vec<&Requirement> = run.iter().flat_map(|run| run.requirements.values()).collect();
    let broken = record.not_kept();
    let open = open_threats(run.map_or(&[][..], |run| &run.threats), &broken);
    let references = References::new(&requirements, &open);
    let results = || record.results.iter().flat_map(|result| of_row(record, result, &references));
    let notifications = || {
        let rows = record.results.iter().filter_map(|result| of_undecided(record, result));
        let sentence = "the run ended before this case did";
        let at = Location::default();
        let unfinished =
            finished.unfinished.iter().map(move |id| notification(id, Verdict::Error, sentence, &at));
        let stale = finished.stale.iter().map(|entry| {
            let id = format!("{} {}", entry.case, entry.requirement);
            notification(&id, Verdict::Fail, &entry.why, &entry.location)
        });
        rows.chain(unfinished).chain(stale)
    };
    let mut driver = json!({
        "name": "oauthspec",
        "rules": requirements.iter().map(|requirement| rule(requirement)).collect::<Vec<_>>(),
    });
    let name = |text: Option<&String>| clean_text(text.map_or("", String::as_str)).replace('/', "-");
    let target = format!("oauthspec/{}/{}/", name(run.map(|r| &r.profile.0)), name(run.map(|r| &r.target)));
    if let (Some(run), Some(driver)) = (run, driver.as_object_mut()) {
        driver.insert("version".into(), clean_text(&run.oauthspec).into());
    }
    if let (false, Some(driver)) = (open.is_empty(), driver.as_object_mut()) {
        driver.insert("supportedTaxonomies".into(), json!([{ "name": THREATS, "index": 0 }]));
    }
    let log = Log {
        schema: SCHEMA,
        version: "2.1.0",
        runs: [Run {
            tool: json!({ "driver": driver }),
            automation_details: json!({ "id": target }),
            invocations: [Invocation {
                execution_successful: !finished.interrupted && notifications().next().is_none(),
                start_time_utc: run.map(|run| run.started.as_str()).filter(|started| is_utc(started)),
                tool_execution_notifications: Lazily(notifications),
            }],
            column_kind: "unicodeCodePoints",
            results: Lazily(results),
            taxonomies: (!open.is_empty()).then(|| [taxonomy(&open, &broken, &repairs(&open, &broken))]),
        }],
    };
    write_json(&log, out)
}

#[derive(Serialize)]
struct Log<R> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [R; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<I, R> {
    tool: Value,
    automation_details: Value,
    invocations: [I; 1],
    column_kind: &'static str,
    results: R,
    #[serde(skip_serializing_if = "Option::is_none")]
    taxonomies: Option<[Value; 1]>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Invocation<'a, N> {
    execution_successful: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_time_utc: Option<&'a str>,
    tool_execution_notifications: N,
}

/// What a result refers to, by the requirement's id.
struct References<'a> {
    rules: BTreeMap<&'a str, usize>,
    /// The threats that a breach opens.
    taxa: BTreeMap<&'a str, Vec<Value>>,
}

impl<'a> References<'a> {
    fn new(requirements: &[&'a Requirement], open: &[&'a Threat]) -> Self {
        let rules = requirements.iter().enumerate().map(|(at, rule)| (rule.id.as_str(), at)).collect();
        let mut taxa: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
        for (at, threat) in open.iter().enumerate() {
            for requirement in threat.opens.requirements().into_iter().collect::<BTreeSet<_>>() {
                taxa.entry(requirement).or_default().push(
                    json!({ "id": clean_text(&threat.id), "index": at, "toolComponent": { "name": THREATS, "index": 0 } }),
                );
            }
        }
        Self { rules, taxa }
    }
}

fn of_row<'a>(
    record: &'a Record,
    result: &'a CaseResult,
    references: &'a References<'_>,
) -> impl Iterator<Item = Value> + 'a {
    let is_meant = |finding: &&Finding| matches!(finding.verdict, Verdict::Fail | Verdict::Warn);
    result.findings.iter().filter(is_meant).map(|finding| of_finding(record, result, finding, references))
}

fn of_undecided(record: &Record, result: &CaseResult) -> Option<Value> {
    matches!(result.verdict, Verdict::Blocked | Verdict::Error).then(|| {
        let (_, sentence) = record.headline(result);
        notification(&result.id(), result.verdict, &sentence, &result.location)
    })
}

fn rule(requirement: &Requirement) -> Value {
    let mut rule = json!({
        "id": clean_text(&requirement.id),
        "shortDescription": message(&format!("{} {}", requirement.document, requirement.section)),
        "fullDescription": message(&requirement.summary),
        "defaultConfiguration": { "level": level(Verdict::of_broken(requirement.level)) },
        "properties": {
            "document": clean_text(&requirement.document),
            "section": clean_text(&requirement.section),
            "level": requirement.level.as_str(),
            "precision": "very-high",
            "problem.severity": if matches!(requirement.level, Level::Must | Level::MustNot) { "error" } else { "warning" },
            "tags": ["oauth", clean_text(&requirement.document)],
        },
    });
    let members = rule.as_object_mut();
    if let (Some(members), Some(link)) = (members, requirement.link.as_deref().filter(|link| is_web(link))) {
        members.insert("helpUri".into(), encoded(link).into());
    }
    rule
}

/// The open threats (section 3.19.3), and as a property what to repair first.
fn taxonomy(open: &[&Threat], broken: &BTreeSet<&str>, repairs: &[Repair]) -> Value {
    let taxa: Vec<Value> = open
        .iter()
        .map(|threat| {
            json!({
                "id": clean_text(&threat.id),
                "shortDescription": message(&threat.title),
                "fullDescription": message(&threat.attack),
                "properties": {
                    "sources": threat.sources.iter().map(|source| clean_text(source)).collect::<Vec<_>>(),
                    "openedBy": opened_by(threat, broken).into_iter().map(clean_text).collect::<Vec<_>>(),
                },
            })
        })
        .collect();
    json!({
        "name": THREATS,
        "shortDescription": message("What an attacker can do"),
        "isComprehensive": false,
        "taxa": taxa,
        "properties": { "repairs": repairs },
    })
}

fn of_finding(record: &Record, result: &CaseResult, finding: &Finding, references: &References<'_>) -> Value {
    let id = result.id();
    let sentence = record
        .requirement(&finding.requirement)
        .map(|requirement| format!("{} ", requirement.summary))
        .unwrap_or_default();
    let text =
        format!("{sentence}Expected: {}. Seen: {}. Case: {}.", finding.expected, finding.seen, result.title);
    let mut value = json!({
        "ruleId": clean_text(&finding.requirement),
        "kind": "fail",
        "level": if record.is_failure(finding.verdict) { "error" } else { level(finding.verdict) },
        "message": message(&text),
        "locations": [location(&finding.location, &id)],
        "partialFingerprints": {
            "oauthspec/v1": fingerprint(&[&id, &finding.requirement, &finding.location.excerpt()]),
        },
        "properties": {
            "case": clean_text(&id),
            "again": clean_text(&record.again(result)),
        },
    });
    let Some(members) = value.as_object_mut() else { return value };
    if let Some(at) = references.rules.get(finding.requirement.as_str()) {
        members.insert("ruleIndex".into(), (*at).into());
    }
    if let Some(taxa) = references.taxa.get(finding.requirement.as_str()) {
        members.insert("taxa".into(), taxa.clone().into());
    }
    if let Some(known) = &finding.known {
        let why = clean_text(&sentence_of(known));
        members.insert("suppressions".into(), json!([{ "kind": "external", "justification": why }]));
    }
    if let (Some(retries), Some(properties)) = (retries(result), value["properties"].as_object_mut()) {
        properties.insert("retried".into(), retries.into());
    }
    value
}

fn notification(id: &str, verdict: Verdict, sentence: &str, at: &Location) -> Value {
    json!({
        "descriptor": { "id": verdict.as_str() },
        "level": "error",
        "message": message(&format!("{id}: {sentence}")),
        "locations": [location(at, id)],
    })
}

fn location(at: &Location, id: &str) -> Value {
    let mut place =
        json!({ "logicalLocations": [{ "fullyQualifiedName": clean_text(id), "kind": "member" }] });
    if at.line == 0 || at.file.is_empty() {
        return place;
    }
    let start = at.column.max(1);
    if let Some(members) = place.as_object_mut() {
        let physical = json!({
            "artifactLocation": { "uri": encoded(&at.file), "uriBaseId": "%SRCROOT%" },
            "region": {
                "startLine": at.line,
                "startColumn": start,
                "endColumn": start + at.length.max(1),
                "snippet": { "text": clean_text(&at.text) },
            },
        });
        members.insert("physicalLocation".into(), physical);
    }
    place
}

fn level(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Fail | Verdict::Error | Verdict::Blocked => "error",
        Verdict::Warn => "warning",
        Verdict::Pass | Verdict::Inapplicable => "note",
    }
}

/// A plain text message (section 3.11): braces are doubled, since single ones are placeholders, and nothing in it
/// is an embedded link.
fn message(text: &str) -> Value {
    let text = clean_text(text).replace('{', "{{").replace('}', "}}").replace("](", "] (");
    json!({ "text": text })
}

/// What the schema's `date-time` takes.
fn is_utc(time: &str) -> bool {
    use time::format_description::well_known::Rfc3339;
    time::OffsetDateTime::parse(time, &Rfc3339).is_ok() && time.ends_with('Z')
}

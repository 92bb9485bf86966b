use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use serde_json::{Map, Value, json};

use super::digest::fingerprint;
use super::record::{Record, retries, sentence_of};
use super::text::{clean_text, write_json};
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
    write_json(&log(record, finished), out)
}

fn log(record: &Record, finished: &RunFinished) -> Value {
    let run = record.run.as_ref();
    let requirements: Vec<&Requirement> = run.iter().flat_map(|run| run.requirements.values()).collect();
    let index: BTreeMap<&str, usize> = requirements
        .iter()
        .enumerate()
        .map(|(index, requirement)| (requirement.id.as_str(), index))
        .collect();
    let broken = record.not_kept();
    let open = open_threats(run.map_or(&[][..], |run| &run.threats), &broken);
    let mut results = Vec::new();
    let mut notifications = Vec::new();
    for result in &record.results {
        for finding in &result.findings {
            if matches!(finding.verdict, Verdict::Fail | Verdict::Warn) {
                results.push(of_finding(record, result, finding, &index, &open));
            }
        }
        if matches!(result.verdict, Verdict::Blocked | Verdict::Error) {
            let (_, sentence) = record.headline(result);
            notifications.push(notification(&result.id(), result.verdict, &sentence, &result.location));
        }
    }
    for id in &finished.unfinished {
        let sentence = "the run ended before this case did";
        notifications.push(notification(id, Verdict::Error, sentence, &Location::default()));
    }
    for entry in &finished.stale {
        let id = format!("{} {}", entry.case, entry.requirement);
        notifications.push(notification(&id, Verdict::Fail, &entry.why, &entry.location));
    }
    let mut invocation = Map::new();
    invocation
        .insert("executionSuccessful".into(), (!finished.interrupted && notifications.is_empty()).into());
    if let Some(started) = run.map(|run| run.started.as_str()).filter(|started| is_utc(started)) {
        invocation.insert("startTimeUtc".into(), started.into());
    }
    invocation.insert("toolExecutionNotifications".into(), notifications.into());
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
    let mut told = json!({
        "tool": { "driver": driver },
        "automationDetails": { "id": target },
        "invocations": [invocation],
        "columnKind": "unicodeCodePoints",
        "results": results,
    });
    if let (false, Some(told)) = (open.is_empty(), told.as_object_mut()) {
        let fewest = repairs(&open, &broken);
        told.insert("taxonomies".into(), json!([taxonomy(&open, &broken, &fewest)]));
    }
    json!({ "$schema": SCHEMA, "version": "2.1.0", "runs": [told] })
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

fn of_finding(
    record: &Record,
    result: &CaseResult,
    finding: &Finding,
    index: &BTreeMap<&str, usize>,
    open: &[&Threat],
) -> Value {
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
    if let Some(at) = index.get(finding.requirement.as_str()) {
        members.insert("ruleIndex".into(), (*at).into());
    }
    let taxa: Vec<Value> = open
        .iter()
        .enumerate()
        .filter(|(_, threat)| threat.opens.requirements().contains(&finding.requirement.as_str()))
        .map(|(at, threat)| json!({ "id": clean_text(&threat.id), "index": at, "toolComponent": { "name": THREATS, "index": 0 } }))
        .collect();
    if !taxa.is_empty() {
        members.insert("taxa".into(), taxa.into());
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

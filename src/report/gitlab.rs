use std::io::{self, Write};

use serde_json::{Value, json};

use super::digest::fingerprint;
use super::record::{Record, sentence_of};
use super::text::{Lazily, clean_text, write_json};
use crate::model::{CaseResult, Location, RunFinished, StaleEntry, Verdict};

/// Writes GitLab's Code Quality report (a subset of the Code Climate format): an entry for each broken requirement
/// of each row, and for each row that could not be judged. The widget of a merge request shows it.
pub(super) fn write(record: &Record, finished: &RunFinished, out: &mut dyn Write) -> io::Result<()> {
    let rows = || record.results.iter().flat_map(|result| of_row(record, result));
    let entries = Lazily(|| rows().chain(finished.stale.iter().map(of_stale)));
    write_json(&entries, out)
}

fn of_row(record: &Record, result: &CaseResult) -> Vec<Value> {
    let mut entries = Vec::new();
    for finding in &result.findings {
        if !matches!(finding.verdict, Verdict::Fail | Verdict::Warn) {
            continue;
        }
        let sentence = record
            .requirement(&finding.requirement)
            .map_or(finding.expected.as_str(), |requirement| requirement.summary.as_str());
        let severity = if finding.known.is_some() {
            "info"
        } else if record.is_failure(finding.verdict) {
            "critical"
        } else {
            "minor"
        };
        let known = finding.known.as_ref().map(|known| format!(" {}.", sentence_of(known)));
        let known = known.unwrap_or_default();
        let text = format!("{sentence} Seen: {} ({}){known}", finding.seen, result.id());
        entries.push(entry(&result.id(), &finding.requirement, severity, &text, &finding.location));
    }
    if matches!(result.verdict, Verdict::Blocked | Verdict::Error) {
        let (_, sentence) = record.headline(result);
        let text = format!("Not judged: {sentence} ({})", result.id());
        entries.push(entry(&result.id(), result.verdict.as_str(), "major", &text, &result.location));
    }
    entries
}

fn of_stale(stale: &StaleEntry) -> Value {
    let id = format!("{} {}", stale.case, stale.requirement);
    let text = format!("{} ({id})", stale.why);
    entry(&id, "baseline", "critical", &text, &stale.location)
}

fn entry(id: &str, name: &str, severity: &str, text: &str, at: &Location) -> Value {
    json!({
        "type": "issue",
        "check_name": format!("oauthspec:{}", clean_text(name)),
        "description": clean_text(text),
        "severity": severity,
        "fingerprint": fingerprint(&[id, name, &at.excerpt()]),
        "location": { "path": clean_text(&at.file), "lines": { "begin": at.line.max(1) } },
    })
}

use std::io::{self, Write as _};

use serde_json::{Value, json};

use super::digest::fingerprint;
use super::pending_file::PendingFile;
use super::record::Record;
use super::text::{clean_text, escape_json};
use crate::model::{CaseResult, Location, RunFinished, Verdict};

/// Writes GitLab's Code Quality report (a subset of the Code Climate format): an entry for each broken requirement
/// of each row, and for each row that could not be judged. The widget of a merge request shows it.
pub(super) fn write(record: &Record, _finished: &RunFinished, out: &mut PendingFile) -> io::Result<()> {
    let mut entries = Vec::new();
    for result in &record.results {
        for finding in &result.findings {
            if !matches!(finding.verdict, Verdict::Fail | Verdict::Warn) {
                continue;
            }
            let sentence = record
                .requirement(&finding.requirement)
                .map_or(finding.expected.as_str(), |requirement| requirement.summary.as_str());
            let severity = if record.is_failure(finding.verdict) { "critical" } else { "minor" };
            let text = format!("{sentence} Seen: {} ({})", finding.seen, result.id());
            entries.push(entry(result, &finding.requirement, severity, &text, &finding.location));
        }
        if matches!(result.verdict, Verdict::Blocked | Verdict::Error) {
            let (_, sentence) = record.headline(result);
            let text = format!("Not judged: {sentence} ({})", result.id());
            entries.push(entry(result, result.verdict.as_str(), "major", &text, &result.location));
        }
    }
    writeln!(out, "{}", escape_json(&serde_json::to_string_pretty(&entries)?))
}

fn entry(result: &CaseResult, name: &str, severity: &str, text: &str, at: &Location) -> Value {
    json!({
        "type": "issue",
        "check_name": format!("oauthspec:{}", clean_text(name)),
        "description": clean_text(text),
        "severity": severity,
        "fingerprint": fingerprint(&[&result.id(), name, &at.excerpt()]),
        "location": { "path": clean_text(&at.file), "lines": { "begin": at.line.max(1) } },
    })
}

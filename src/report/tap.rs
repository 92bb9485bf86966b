use std::io::{self, Write as _};

use serde_json::json;

use super::pending_file::PendingFile;
use super::record::Record;
use super::text::{clean_text, escape_json};
use crate::model::{CaseResult, RunFinished, Verdict};

/// Writes TAP 14: a test point per row. Inapplicable is `# SKIP` with its reason; blocked and error are `not ok`,
/// as is a case that did not get to report; a warning of a run that is not strict is `ok` with a diagnostic.
pub(super) fn write(record: &Record, finished: &RunFinished, out: &mut PendingFile) -> io::Result<()> {
    writeln!(out, "TAP version 14")?;
    if let Some(run) = &record.run {
        let text =
            format!("oauthspec {}, {} at {}, seed {}", run.oauthspec, run.target, run.issuer, run.seed);
        writeln!(out, "# {}", clean_text(&text))?;
    }
    let points = record.results.len() + finished.unfinished.len();
    if points == 0 {
        writeln!(out, "1..0 # SKIP nothing was judged")?;
    } else {
        writeln!(out, "1..{points}")?;
    }
    for (index, result) in record.results.iter().enumerate() {
        point(record, result, index + 1, out)?;
    }
    for (index, id) in finished.unfinished.iter().enumerate() {
        let number = record.results.len() + index + 1;
        writeln!(out, "not ok {number} - {}", escaped(id))?;
        diagnostic(out, &[("message", "the run ended before this case did")])?;
    }
    if finished.interrupted {
        writeln!(out, "Bail out! the run was interrupted")?;
    }
    Ok(())
}

fn point(record: &Record, result: &CaseResult, number: usize, out: &mut PendingFile) -> io::Result<()> {
    let is_red =
        record.is_failure(result.verdict) || matches!(result.verdict, Verdict::Blocked | Verdict::Error);
    let ok = if is_red { "not ok" } else { "ok" };
    let description = escaped(&format!("{} {}", result.id(), result.title));
    if result.verdict == Verdict::Inapplicable {
        let reason = result.reason.as_deref().unwrap_or_default();
        return writeln!(out, "{ok} {number} - {description} # SKIP {}", escaped(reason));
    }
    writeln!(out, "{ok} {number} - {description}")?;
    if result.verdict == Verdict::Pass {
        return Ok(());
    }
    let (kind, message) = record.headline(result);
    let at = result.decisive().map_or(&result.location, |finding| &finding.location).to_string();
    let mut members =
        vec![("message", message.as_str()), ("severity", result.verdict.as_str()), ("at", at.as_str())];
    let requirement = result.decisive().and_then(|finding| record.requirement(&finding.requirement));
    if let Some(requirement) = requirement {
        members.push(("requirement", kind.as_str()));
        members.push(("level", requirement.level.as_str()));
        members.extend(requirement.link.as_deref().map(|link| ("link", link)));
    }
    let again = record.again(result);
    members.push(("again", &again));
    diagnostic(out, &members)
}

/// A YAML block; each value is a JSON string, which YAML reads as the same string.
fn diagnostic(out: &mut PendingFile, members: &[(&str, &str)]) -> io::Result<()> {
    writeln!(out, "  ---")?;
    for (name, value) in members {
        writeln!(out, "  {name}: {}", escape_json(&json!(clean_text(value)).to_string()))?;
    }
    writeln!(out, "  ...")
}

/// A description: `#` would begin a directive, and `\` escapes it.
fn escaped(text: &str) -> String {
    clean_text(text).replace('\\', "\\\\").replace('#', "\\#")
}

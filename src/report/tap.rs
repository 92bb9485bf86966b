use std::io::{self, Write};

use serde_json::json;

use super::record::{Record, retries, sentence_of};
use super::text::{clean_text, escape_json};
use crate::model::{CaseResult, RunFinished, Verdict};

/// Writes TAP 14: a test point per row. Inapplicable is `# SKIP` with its reason; blocked and error are `not ok`,
/// as are a case that did not get to report and an entry of the baseline that is no longer true; a warning of a run that is not strict is `ok` with a diagnostic. A failure
/// that the baseline bears is `not ok` with `# TODO`, which no reader counts as one.
pub(super) fn write(record: &Record, finished: &RunFinished, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "TAP version 14")?;
    if let Some(run) = &record.run {
        let text =
            format!("oauthspec {}, {} at {}, seed {}", run.oauthspec, run.target, run.issuer, run.seed);
        writeln!(out, "# {}", clean_text(&text))?;
    }
    let points = record.results.len() + finished.unfinished.len() + finished.stale.len();
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
    for (index, entry) in finished.stale.iter().enumerate() {
        let number = record.results.len() + finished.unfinished.len() + index + 1;
        let description = format!("baseline {} {}", entry.case, entry.requirement);
        writeln!(out, "not ok {number} - {}", escaped(&description))?;
        diagnostic(out, &[("message", &entry.why), ("at", &entry.location.to_string())])?;
    }
    if finished.interrupted {
        writeln!(out, "Bail out! the run was interrupted")?;
    }
    Ok(())
}

fn point(record: &Record, result: &CaseResult, number: usize, out: &mut dyn Write) -> io::Result<()> {
    let is_red =
        record.is_failure(result.verdict) || matches!(result.verdict, Verdict::Blocked | Verdict::Error);
    let ok = if is_red { "not ok" } else { "ok" };
    let description = escaped(&format!("{} {}", result.id(), result.title));
    if result.verdict == Verdict::Inapplicable {
        let reason = result.reason.as_deref().unwrap_or_default();
        return writeln!(out, "{ok} {number} - {description} # SKIP {}", escaped(reason));
    }
    let known = record.known(result).filter(|_| is_red);
    match known {
        Some(known) => {
            writeln!(out, "{ok} {number} - {description} # TODO {}", escaped(&sentence_of(known)))?;
        }
        None => writeln!(out, "{ok} {number} - {description}")?,
    }
    let retries = retries(result);
    if result.verdict == Verdict::Pass {
        return match &retries {
            Some(retries) => diagnostic(out, &[("retried", retries)]),
            None => Ok(()),
        };
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
    members.extend(retries.as_deref().map(|retries| ("retried", retries)));
    let again = record.again(result);
    members.push(("again", &again));
    diagnostic(out, &members)
}

/// A YAML block; each value is a JSON string, which YAML reads as the same string.
fn diagnostic(out: &mut dyn Write, members: &[(&str, &str)]) -> io::Result<()> {
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

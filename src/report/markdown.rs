use std::io::{self, Write};

use super::record::{Broken, Conclusion, Record, Standing};
use super::text::{clean_text, count, cut, thousands};
use super::threats::{open_threats, opened_by, repairs};
use super::uri::{encoded, is_web};
use crate::model::{CaseResult, RunFinished, Verdict};

/// Requirements in full before the rest is only counted: a step summary may have 1 MiB.
const IN_FULL: usize = 60;
/// Rows named for one requirement.
const NAMES: usize = 10;
/// Characters of an `expected` or `seen`.
const WORDS: usize = 400;

/// Writes Markdown (GitHub's dialect), as short as a person wants it below a build. Whatever came over the wire
/// stands in code spans, where nothing is markup, a link or a mention.
pub(super) fn write(record: &Record, finished: &RunFinished, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(summary(record, finished).as_bytes())
}

/// The whole text.
pub(super) fn summary(record: &Record, finished: &RunFinished) -> String {
    let mut text = String::new();
    let version = record.run.as_ref().map_or("", |run| run.oauthspec.as_str());
    text.push_str(&format!("<!-- oauthspec {} -->\n", plain(version).replace("--", "")));
    head(&mut text, record, finished);
    broken(&mut text, record);
    stale(&mut text, finished);
    threats(&mut text, record);
    undecided(&mut text, record, finished);
    documents(&mut text, record);
    if !record.notes.is_empty() {
        text.push_str("\n### Notes\n\n");
        for note in &record.notes {
            text.push_str(&format!("* {}\n", plain(note)));
        }
    }
    text
}

fn head(text: &mut String, record: &Record, finished: &RunFinished) {
    let (conclusion, sentence) = record.conclusion(finished);
    let word = match conclusion {
        Conclusion::Conforms => "Conforms",
        Conclusion::Broken => "Broken",
        Conclusion::Undecided => "Undecided",
    };
    text.push_str(&format!("## {word}: {}\n\n", plain(&sentence)));
    if let Some(run) = &record.run {
        text.push_str(&format!(
            "{} · profile {} · seed {} · {} · {:.1} s\n\n",
            code(&run.issuer),
            code(&run.profile.0),
            run.seed,
            count(usize::try_from(finished.requests).unwrap_or(usize::MAX), "request"),
            finished.duration_ms.max(0.0) / 1000.0,
        ));
    }
    text.push_str(
        "| Passed | Failed | Warned | Blocked | Errors | Not applicable |\n|--:|--:|--:|--:|--:|--:|\n|",
    );
    use Verdict::{Blocked, Error, Fail, Inapplicable, Pass, Warn};
    for verdict in [Pass, Fail, Warn, Blocked, Error, Inapplicable] {
        let number = finished.verdicts.get(&verdict).copied().unwrap_or(0);
        text.push_str(&format!(" {} |", thousands(number)));
    }
    text.push('\n');
}

fn broken(text: &mut String, record: &Record) {
    let all = record.broken();
    let is_strict = record.is_failure(Verdict::Warn);
    let (failed, warned): (Vec<_>, Vec<_>) =
        all.iter().partition(|broken| broken.finding.verdict == Verdict::Fail);
    let (known, failed): (Vec<_>, Vec<_>) = failed.into_iter().partition(|broken| broken.is_known);
    for (list, title) in [
        (failed, "Broken"),
        (known, "Broken, known and borne by the baseline"),
        (warned, if is_strict { "Not followed, which fails a strict run" } else { "Not followed" }),
    ] {
        if list.is_empty() {
            continue;
        }
        text.push_str(&format!("\n### {title}: {}\n\n", count(list.len(), "requirement")));
        for broken in list.iter().take(IN_FULL) {
            requirement(text, record, broken);
        }
        if list.len() > IN_FULL {
            text.push_str(&format!("* and {} more\n", thousands(list.len() - IN_FULL)));
        }
    }
}

fn requirement(text: &mut String, record: &Record, broken: &Broken<'_>) {
    let Broken { requirement, finding, rows, is_known } = broken;
    let known = finding.known.as_ref().filter(|_| *is_known);
    match requirement {
        Some(requirement) => {
            let place = format!("{} · {}", plain(&requirement.document), plain(&requirement.section));
            let place = match requirement.link.as_deref().filter(|link| is_web(link)) {
                Some(link) => format!("[{place}](<{}>)", encoded(link)),
                None => place,
            };
            text.push_str(&format!(
                "* **{}** {place} · {}\n  {}\n",
                requirement.level,
                code(&requirement.id),
                plain(&requirement.summary)
            ));
        }
        None => text.push_str(&format!("* {}\n", code(&finding.requirement))),
    }
    if let Some(known) = known {
        text.push_str(&format!(
            "  * known, borne until {}: {}\n",
            plain(&known.expires),
            code(&known.reason)
        ));
    }
    text.push_str(&format!("  * expected: {}\n", code(&cut(&finding.expected, WORDS))));
    text.push_str(&format!("  * seen: {}\n", code(&cut(&finding.seen, WORDS))));
    let names: Vec<String> = rows.iter().take(NAMES).map(|row| code(&row.id())).collect();
    let more = rows.len().saturating_sub(NAMES);
    let more = if more > 0 { format!(" and {} more", thousands(more)) } else { String::new() };
    text.push_str(&format!("  * in {}: {}{more}\n", count(rows.len(), "case"), names.join(", ")));
    if let Some(first) = rows.first() {
        text.push_str(&format!("  * again: {}\n", code(&record.again(first))));
    }
}

/// Entries of the baseline that are no longer true, which are as red as a broken requirement.
fn stale(text: &mut String, finished: &RunFinished) {
    if finished.stale.is_empty() {
        return;
    }
    text.push_str("\n### No longer true in the baseline\n\n");
    for entry in finished.stale.iter().take(IN_FULL) {
        let (case, requirement) = (code(&entry.case), code(&entry.requirement));
        let place = code(&entry.location.to_string());
        text.push_str(&format!("* {case} {requirement}: {} ({place})\n", plain(&entry.why)));
    }
    if finished.stale.len() > IN_FULL {
        text.push_str(&format!("* and {} more\n", thousands(finished.stale.len() - IN_FULL)));
    }
}

/// What an attacker can do now, and what to repair first; nothing where nothing is open.
fn threats(text: &mut String, record: &Record) {
    let broken = record.not_kept();
    let open = open_threats(record.run.as_ref().map_or(&[][..], |run| &run.threats), &broken);
    if open.is_empty() {
        return;
    }
    text.push_str(&format!("\n### What an attacker can do now: {}\n\n", count(open.len(), "threat")));
    for threat in open.iter().take(IN_FULL) {
        let opened: Vec<String> = opened_by(threat, &broken).into_iter().map(code).collect();
        text.push_str(&format!(
            "* **{}** {} ({})\n  opened by {}\n",
            plain(&threat.title),
            plain(&threat.attack),
            plain(&threat.sources.join("; ")),
            opened.join(", ")
        ));
    }
    if open.len() > IN_FULL {
        text.push_str(&format!("* and {} more\n", thousands(open.len() - IN_FULL)));
    }
    text.push_str("\nTo repair first:\n\n");
    for (number, repair) in repairs(&open, &broken).iter().enumerate() {
        let requirements: Vec<String> = repair.requirements.iter().map(|id| code(id)).collect();
        let (closes, all) = (repair.closes.len(), open.len());
        text.push_str(&format!("{}. {}: closes {closes} of {all}\n", number + 1, requirements.join(", ")));
    }
}

fn undecided(text: &mut String, record: &Record, finished: &RunFinished) {
    let rows: Vec<&CaseResult> = record
        .results
        .iter()
        .map(|result| &**result)
        .filter(|result| matches!(result.verdict, Verdict::Blocked | Verdict::Error))
        .collect();
    let all = rows.len() + finished.unfinished.len();
    if all == 0 {
        return;
    }
    text.push_str(&format!("\n### Not judged: {}\n\n", count(all, "case")));
    for row in rows.iter().take(IN_FULL) {
        let (_, sentence) = record.headline(row);
        text.push_str(&format!("* {} {}: {}\n", row.verdict, code(&row.id()), code(&cut(&sentence, WORDS))));
    }
    for id in finished.unfinished.iter().take(IN_FULL) {
        text.push_str(&format!("* unfinished {}\n", code(id)));
    }
    if all > 2 * IN_FULL {
        text.push_str("* and more\n");
    }
}

fn documents(text: &mut String, record: &Record) {
    let standings = record.standings();
    if standings.is_empty() {
        return;
    }
    text.push_str("\n### Documents\n\n| Document | Kept | Broken | Not followed | Undecided | Not judged | Not observable |\n|---|--:|--:|--:|--:|--:|--:|\n");
    let mut documents: Vec<&str> =
        standings.iter().map(|judged| judged.requirement.document.as_str()).collect();
    documents.sort_unstable();
    documents.dedup();
    use Standing::{Broken, Kept, Undecided, Unjudged, Unobservable, Warned};
    for document in documents {
        text.push_str(&format!("| {} |", plain(document)));
        for standing in [Kept, Broken, Warned, Undecided, Unjudged, Unobservable] {
            let number = standings
                .iter()
                .filter(|judged| judged.requirement.document == document && judged.standing == standing)
                .count();
            text.push_str(&format!(" {} |", thousands(number)));
        }
        text.push('\n');
    }
}

/// Text in which no character is markup.
fn plain(text: &str) -> String {
    let mut plain = String::new();
    for c in clean_text(text).chars() {
        match c {
            '&' => plain.push_str("&amp;"),
            '<' => plain.push_str("&lt;"),
            '>' => plain.push_str("&gt;"),
            // An entity is never part of a mention, an issue's number or an automatic link.
            '@' => plain.push_str("&#64;"),
            '#' => plain.push_str("&#35;"),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '|' | '~' | '!' | '$' => plain.extend(['\\', c]),
            _ => plain.push(c),
        }
    }
    plain.replace("://", "&#58;//").replace("www.", "www&#46;")
}

/// A code span; its fence is longer than any in the text (CommonMark section 6.1).
fn code(text: &str) -> String {
    let text = clean_text(text);
    if text.trim().is_empty() {
        return "(empty)".to_owned();
    }
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let blank = if text.starts_with('`') || text.ends_with('`') || text.starts_with(' ') { " " } else { "" };
    format!("{fence}{blank}{text}{blank}{fence}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_markup() {
        assert_eq!(plain("a *b* <img> @you #1"), "a \\*b\\* &lt;img&gt; &#64;you &#35;1");
        assert_eq!(plain("https://evil.example"), "https&#58;//evil.example");
        assert_eq!(code("a"), "`a`");
        assert_eq!(code("``x`"), "``` ``x` ```");
        assert_eq!(code(" \u{1b}"), "`  \\u{1b} `");
        assert_eq!(code(""), "(empty)");
    }
}

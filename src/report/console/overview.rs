use std::collections::BTreeMap;

use super::super::record::{Conclusion, Judged, Record, Standing};
use super::super::text::{count, thousands};
use super::page::{Page, Style, bracketed_seconds};
use crate::model::{RunFinished, Verdict};

/// A document of the profile with more requirements than this is counted, not listed.
const LISTED: usize = 60;
/// Names of rows before the rest is only counted.
const NAMES: usize = 6;

/// How the documents stand: every promise of the profile's own documents by name, of the others the counts
/// and what is not kept.
pub(super) fn requirements(page: &mut Page, record: &Record) {
    let standings = record.standings();
    if standings.is_empty() {
        return;
    }
    let own = record.run.as_ref().map(|run| format!("{}-", run.profile.0)).unwrap_or_default();
    let mut documents: BTreeMap<(bool, &str), Vec<&Judged<'_>>> = BTreeMap::new();
    for judged in &standings {
        let document = judged.requirement.document.as_str();
        documents.entry((!judged.requirement.id.starts_with(&own), document)).or_default().push(judged);
    }
    page.heading("Requirements");
    for ((foreign, document), mut judged) in documents {
        judged.sort_by_key(|j| (j.requirement.location.line, &j.requirement.id));
        page.gap();
        page.prose(2, &[(Style::Strong, document), (Style::Plain, ": ")], Style::Plain, &counts(&judged));
        let in_full = !foreign && judged.len() <= LISTED;
        for judged in judged {
            if in_full || judged.standing >= Standing::Undecided {
                requirement(page, record, judged);
            }
        }
    }
}

/// Which of several permitted behaviours were seen, and what was not applicable: in full, or how much there is of
/// either.
pub(super) fn details(page: &mut Page, record: &Record, is_full: bool) {
    if is_full {
        observations(page, record);
        inapplicable(page, record);
        return;
    }
    let observed = record.results.iter().flat_map(|r| &r.findings).filter(|f| f.observed.is_some()).count();
    let inapplicable = record.results.iter().filter(|r| r.verdict == Verdict::Inapplicable).count();
    let mut parts = Vec::new();
    if observed > 0 {
        let times = if observed == 1 { "once".to_owned() } else { format!("{} times", thousands(observed)) };
        parts.push(format!("{times} the documents left a choice, and it was observed"));
    }
    if inapplicable > 0 {
        parts.push(match inapplicable {
            1 => "1 row does not apply here".to_owned(),
            rows => format!("{} rows do not apply here", thousands(rows)),
        });
    }
    if !parts.is_empty() {
        page.gap();
        let text = format!("{}; `--status-level all` prints which and why.", parts.join("; "));
        page.prose(2, &[], Style::Faint, &text);
    }
}

fn observations(page: &mut Page, record: &Record) {
    let mut seen: Vec<(&str, &str, &str, usize)> = Vec::new();
    for result in &record.results {
        for label in result.findings.iter().filter_map(|finding| finding.observed.as_deref()) {
            match seen.iter_mut().find(|(case, _, known, _)| *case == result.case && *known == label) {
                Some((.., rows)) => *rows += 1,
                None => seen.push((&result.case, &result.title, label, 1)),
            }
        }
    }
    if seen.is_empty() {
        return;
    }
    page.heading("Observed where the documents leave a choice");
    page.gap();
    for (case, title, label, times) in seen {
        let times = if times > 1 { format!(", {times} times") } else { String::new() };
        page.prose(
            2,
            &[(Style::Plain, "observed: ")],
            Style::Plain,
            &format!("{title}: {label} ({case}{times})"),
        );
    }
}

/// What was not applicable, by reason.
fn inapplicable(page: &mut Page, record: &Record) {
    let mut reasons: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for result in record.results.iter().filter(|result| result.verdict == Verdict::Inapplicable) {
        reasons.entry(result.reason.as_deref().unwrap_or("no reason given")).or_default().push(result.id());
    }
    if reasons.is_empty() {
        return;
    }
    page.heading("Not applicable");
    page.gap();
    for (reason, rows) in reasons {
        page.prose(2, &[(Style::Plain, &format!("{:>4}  ", thousands(rows.len())))], Style::Plain, reason);
        page.prose(8, &[], Style::Faint, &names(rows.iter().map(String::as_str)));
    }
}

/// Counts, and one sentence with the conclusion.
pub(super) fn summary(page: &mut Page, record: &Record, finished: &RunFinished) {
    let of = |verdict| finished.verdicts.get(&verdict).copied().unwrap_or(0);
    let rows: usize = finished.verdicts.values().sum();
    let parts: Vec<String> = [
        (Verdict::Pass, "passed"),
        (Verdict::Warn, "warned"),
        (Verdict::Fail, "failed"),
        (Verdict::Error, "in error"),
        (Verdict::Blocked, "blocked"),
        (Verdict::Inapplicable, "not applicable"),
    ]
    .into_iter()
    .filter(|(verdict, _)| of(*verdict) > 0)
    .map(|(verdict, word)| format!("{} {word}", thousands(of(verdict))))
    .collect();
    let mut parts = parts;
    let known: usize = finished.known.values().sum();
    if known > 0 {
        parts.push(format!("{} of the failures known", thousands(known)));
    }
    if finished.flaky > 0 {
        parts.push(format!("{} flaky", thousands(finished.flaky)));
    }
    let parts = if parts.is_empty() { String::new() } else { format!(": {}", parts.join(", ")) };
    let seed = record.run.as_ref().map(|run| format!("; seed {}", run.seed)).unwrap_or_default();
    let requests = count(usize::try_from(finished.requests).unwrap_or(usize::MAX), "request");

    page.heading("Result");
    page.gap();
    for entry in &finished.stale {
        let text = format!("{} · {}: {}", entry.case, entry.requirement, entry.why);
        page.prose(0, &[(Style::Bad, "      stale ")], Style::Plain, &text);
        page.prose(12, &[], Style::Faint, &entry.location.to_string());
    }
    if !finished.unfinished.is_empty() {
        let names = names(finished.unfinished.iter().map(String::as_str));
        page.prose(0, &[(Style::Caution, " unfinished ")], Style::Plain, &names);
    }
    page.prose(
        0,
        &[
            (Style::Strong, "    Summary "),
            (Style::Faint, &format!("{} ", bracketed_seconds(finished.duration_ms))),
        ],
        Style::Plain,
        &format!("{}{parts}; {requests}{seed}", count(rows, "row")),
    );
    let (conclusion, sentence) = record.conclusion(finished);
    let (style, word) = match conclusion {
        Conclusion::Conforms => (Style::Good, "   CONFORMS "),
        Conclusion::Broken => (Style::Bad, "     BROKEN "),
        Conclusion::Undecided => (Style::Caution, "  UNDECIDED "),
    };
    page.prose(0, &[(style, word)], Style::Strong, &sentence);
}

fn counts(judged: &[&Judged<'_>]) -> String {
    let of = |standing| judged.iter().filter(|judged| judged.standing == standing).count();
    let looked_at = judged.iter().filter(|judged| judged.standing >= Standing::Kept).count();
    let mut text = format!("{} of {} requirements judged", thousands(looked_at), thousands(judged.len()));
    for (standing, word) in [
        (Standing::Kept, "kept"),
        (Standing::Broken, "broken"),
        (Standing::Warned, "not followed"),
        (Standing::Undecided, "undecided"),
        (Standing::Unobservable, "not observable from outside"),
    ] {
        if of(standing) > 0 {
            text.push_str(&format!(", {} {word}", thousands(of(standing))));
        }
    }
    text
}

fn requirement(page: &mut Page, record: &Record, judged: &Judged<'_>) {
    let requirement = judged.requirement;
    let (style, word) = match judged.standing {
        Standing::Kept => (Style::Good, "kept"),
        Standing::Broken => (Style::Bad, "BROKEN"),
        Standing::Warned => (Style::Caution, "WARN"),
        Standing::Undecided => (Style::Caution, "undecided"),
        Standing::Unjudged => (Style::Faint, "unjudged"),
        Standing::Unobservable => (Style::Faint, "unobservable"),
    };
    let evidence = match judged.standing {
        Standing::Unobservable => requirement.unobservable.clone().unwrap_or_default(),
        Standing::Unjudged => "no row of this run judged it".to_owned(),
        Standing::Kept | Standing::Undecided => count(judged.rows.len(), "row"),
        Standing::Warned | Standing::Broken => {
            let broken_in = record.ids(&judged.broken_in);
            let names = names(broken_in.iter().map(String::as_str));
            format!("{} of {}: {names}", thousands(judged.broken_in.len()), count(judged.rows.len(), "row"))
        }
    };
    page.prose(
        4,
        &[(style, &format!("{word:<14}"))],
        Style::Plain,
        &format!(
            "{} · {} · {} · {} ({evidence})",
            requirement.document, requirement.section, requirement.level, requirement.summary
        ),
    );
}

fn names<'a>(rows: impl Iterator<Item = &'a str>) -> String {
    let rows: Vec<&str> = rows.collect();
    let shown = rows.iter().take(NAMES).copied().collect::<Vec<_>>().join(", ");
    match rows.len().saturating_sub(NAMES) {
        0 => shown,
        more => format!("{shown} and {} more", thousands(more)),
    }
}

use super::super::record::{Broken, Conclusion, Record};
use super::super::text::{clean_text, count, cut, thousands};
use super::super::threats::{open_threats, opened_by};
use super::super::uri::is_web;
use crate::model::{RunFinished, Verdict};

/// Requirements and rows of one list.
const LISTED: usize = 200;
/// Characters of an `expected` or `seen`.
const WORDS: usize = 600;

/// The shape of a clock.
const RUNNING: &str = "M8 2a6 6 0 100 12A6 6 0 008 2zM8 5v3.2l2.3 1.5";

/// What the run comes to, and a sentence that says so.
pub(super) type Outcome = (Conclusion, String);

/// Conclusion, circumstances and counts.
pub(super) fn head(record: &Record, finished: &RunFinished, outcome: &Outcome, is_live: bool) -> String {
    let (conclusion, sentence) = outcome;
    let (class, path) = match conclusion {
        Conclusion::Conforms => ("pass", "M3 8.5l3.5 3.5L13 4.5"),
        Conclusion::Broken => ("fail", "M4 4l8 8M12 4l-8 8"),
        Conclusion::Undecided if is_live => ("inapplicable", RUNNING),
        Conclusion::Undecided => ("blocked", "M3.5 12.5l9-9M8 2a6 6 0 100 12A6 6 0 008 2z"),
    };
    let mut html = format!(
        "<p class=\"name\">oauthspec report</p>\n<div class=\"conclusion\"><svg class=\"icon {class}\" \
         viewBox=\"0 0 16 16\" aria-hidden=\"true\"><path d=\"{path}\" fill=\"none\" stroke=\"currentColor\" \
         stroke-width=\"2.2\" stroke-linecap=\"round\" stroke-linejoin=\"round\"/></svg><h1 id=\"sentence\">{}</h1></div>\n",
        escaped(sentence)
    );
    html.push_str("<dl class=\"facts\">");
    let mut fact = |name: &str, value: &str| {
        html.push_str(&format!("<div><dt>{name}</dt><dd>{}</dd></div>", escaped(value)));
    };
    if let Some(run) = &record.run {
        fact("Target", &format!("{} at {}", run.target, run.issuer));
        fact("Profile", &run.profile.0);
        fact("Started", &moment(&run.started));
        fact("Seed", &run.seed.to_string());
        fact("Clock", if run.virtual_clock { "the target's, moved instead of waiting" } else { "real" });
        if run.strict {
            fact("Strict", "a broken SHOULD counts as a failure");
        }
    }
    // They grow, and how far the run is stands below.
    if !is_live {
        fact("Took", &format!("{:.2} s", finished.duration_ms.max(0.0) / 1000.0));
        fact("Requests", &thousands(finished.requests));
    }
    html.push_str("</dl>\n<ul class=\"tally\" id=\"tally\" aria-label=\"Cases by verdict\">");
    for (verdict, word) in [
        (Verdict::Fail, "failed"),
        (Verdict::Error, "in error"),
        (Verdict::Blocked, "blocked"),
        (Verdict::Warn, "warned"),
        (Verdict::Pass, "passed"),
        (Verdict::Inapplicable, "not applicable"),
    ] {
        let number = finished.verdicts.get(&verdict).copied().unwrap_or(0);
        if number > 0 {
            html.push_str(&format!(
                "<li class=\"verdict badge {verdict}\">{} {word}</li>",
                thousands(number)
            ));
        }
    }
    for (number, words) in [
        (finished.known.values().sum(), "of the failures known"),
        (finished.flaky, "flaky"),
        (finished.stale.len(), "no longer true in the baseline"),
    ] {
        if number > 0 {
            html.push_str(&format!(
                "<li class=\"verdict badge inapplicable\">{} {words}</li>",
                thousands(number)
            ));
        }
    }
    html.push_str("</ul>");
    html
}

/// `2026-11-21T09:30:00.123Z` as people write it; anything else as it is.
pub(super) fn moment(started: &str) -> String {
    match (started.get(..10), started.get(10..11), started.get(11..19), started.ends_with('Z')) {
        (Some(day), Some("T"), Some(time), true) => format!("{day} {time} UTC"),
        _ => started.to_owned(),
    }
}

/// What is broken and what could not be judged, for readers without scripts and for paper.
pub(super) fn failures(record: &Record, finished: &RunFinished) -> String {
    let mut html = String::new();
    let all = record.broken();
    for (verdict, is_known, title) in [
        (Verdict::Fail, false, "Broken"),
        (Verdict::Fail, true, "Broken, known and borne by the baseline"),
        (Verdict::Warn, false, "Not followed"),
        (Verdict::Warn, true, "Not followed, known and borne by the baseline"),
    ] {
        let is_meant = |b: &&Broken<'_>| b.finding.verdict == verdict && b.is_known == is_known;
        let list: Vec<&Broken<'_>> = all.iter().filter(is_meant).collect();
        if list.is_empty() {
            continue;
        }
        html.push_str(&format!(
            "<section><h2>{title}: {}</h2><ul class=\"cards\">",
            count(list.len(), "requirement")
        ));
        list.iter().take(LISTED).for_each(|broken| html.push_str(&requirement(record, broken)));
        html.push_str("</ul></section>\n");
    }
    stale(&mut html, finished);
    threats(&mut html, record);
    undecided(&mut html, record, finished);
    html
}

fn requirement(record: &Record, broken: &Broken<'_>) -> String {
    let finding = broken.finding;
    let (place, summary) = match broken.requirement {
        Some(requirement) => {
            let place = escaped(&format!("{} · {}", requirement.document, requirement.section));
            let place = match requirement.link.as_deref().filter(|link| is_web(link)) {
                Some(link) => {
                    format!("<a href=\"{}\" rel=\"noreferrer noopener\">{place}</a>", escaped(link))
                }
                None => place,
            };
            (
                format!("<span class=\"level\">{}</span> {place}", requirement.level),
                requirement.summary.as_str(),
            )
        }
        None => (String::new(), ""),
    };
    let class = match finding.verdict {
        _ if broken.is_known => "broken known",
        Verdict::Warn => "broken warn",
        _ => "broken",
    };
    let known = finding.known.as_ref().filter(|_| broken.is_known);
    let known = known.map(|known| {
        format!("<dt>Known</dt><dd>{} (borne until {})</dd>", escaped(&known.reason), escaped(&known.expires))
    });
    let mut html = format!(
        "<li class=\"card {class}\"><p class=\"of\">{place} <span class=\"id\">{}</span></p><p class=\"what\">{}</p>\
         <dl class=\"pair\"><dt>Expected</dt><dd>{}</dd><dt>Seen</dt><dd>{}</dd><dt>At</dt><dd><code>{}</code></dd>{}",
        escaped(&finding.requirement),
        escaped(summary),
        escaped(&cut(&finding.expected, WORDS)),
        escaped(&cut(&finding.seen, WORDS)),
        escaped(&finding.location.to_string()),
        known.unwrap_or_default(),
    );
    if let Some(first) = broken.rows.first() {
        html.push_str(&format!("<dt>Again</dt><dd><code>{}</code></dd>", escaped(&record.again(first))));
    }
    html.push_str("</dl><ul class=\"rows\">");
    for row in broken.rows.iter().take(LISTED) {
        html.push_str(&format!("<li class=\"id\">{}</li>", escaped(&row.id())));
    }
    html.push_str("</ul></li>");
    html
}

/// Entries of the baseline that are no longer true, which are as red as a broken requirement.
fn stale(html: &mut String, finished: &RunFinished) {
    if finished.stale.is_empty() {
        return;
    }
    html.push_str("<section><h2>No longer true in the baseline</h2><ul class=\"cards\">");
    for entry in finished.stale.iter().take(LISTED) {
        html.push_str(&format!(
            "<li class=\"card broken\"><p class=\"of id\">{} · {}</p><p class=\"what\">{}</p><p><code>{}</code></p></li>",
            escaped(&entry.case),
            escaped(&entry.requirement),
            escaped(&entry.why),
            escaped(&entry.location.to_string()),
        ));
    }
    html.push_str("</ul></section>\n");
}

fn threats(html: &mut String, record: &Record) {
    let broken = record.not_kept();
    let open = open_threats(record.run.as_ref().map_or(&[][..], |run| &run.threats), &broken);
    if open.is_empty() {
        return;
    }
    html.push_str(&format!(
        "<section><h2>What an attacker can do now: {}</h2><ul class=\"cards\">",
        count(open.len(), "threat")
    ));
    for threat in open.iter().take(LISTED) {
        html.push_str(&format!(
            "<li class=\"card broken\"><p class=\"what\">{}</p><p>{}</p><p class=\"of\">{} · opened by <span class=\"id\">{}</span></p></li>",
            escaped(&threat.title),
            escaped(&threat.attack),
            escaped(&threat.sources.join("; ")),
            escaped(&opened_by(threat, &broken).join(", ")),
        ));
    }
    html.push_str("</ul></section>\n");
}

fn undecided(html: &mut String, record: &Record, finished: &RunFinished) {
    let rows: Vec<_> = record
        .results
        .iter()
        .filter(|result| matches!(result.verdict, Verdict::Blocked | Verdict::Error))
        .collect();
    let all = rows.len() + finished.unfinished.len();
    if all == 0 {
        return;
    }
    html.push_str(&format!("<section><h2>Not judged: {}</h2><ul class=\"cards\">", count(all, "case")));
    for row in rows.iter().take(LISTED) {
        let (_, sentence) = record.headline(row);
        html.push_str(&format!(
            "<li class=\"card broken undecided\"><p class=\"of\"><span class=\"verdict {verdict}\">{verdict}</span> \
             <span class=\"id\">{}</span></p><p class=\"what\">{}</p></li>",
            escaped(&row.id()),
            escaped(&cut(&sentence, WORDS)),
            verdict = row.verdict,
        ));
    }
    for id in finished.unfinished.iter().take(LISTED) {
        html.push_str(&format!(
            "<li class=\"card broken undecided\"><p class=\"of\">unfinished <span class=\"id\">{}</span></p></li>",
            escaped(id)
        ));
    }
    html.push_str("</ul></section>\n");
}

/// Text that is nothing but text, in an element or in a quoted attribute.
pub(in super::super) fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for c in clean_text(text).chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            _ => html.push(c),
        }
    }
    html
}

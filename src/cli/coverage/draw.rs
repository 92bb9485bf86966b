use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::table::{Coverage, DocumentCoverage, How, RequirementCoverage, Totals};
use crate::model::Bound;
use crate::report::clean_text;

impl Coverage {
    /// For people at a terminal.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for document in self.documents.iter().filter(|document| !document.requirements.is_empty()) {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{}: {}", document.document, sentence(&document.totals));
            let mut section = "";
            for row in &document.requirements {
                if row.requirement.section != section {
                    section = &row.requirement.section;
                    let _ = writeln!(text, "  {}", clean_text(section));
                }
                lines(row, &mut text);
            }
            text.push('\n');
        }
        let _ = writeln!(text, "in all: {}", sentence(&self.totals));
        for (want, count) in &self.totals.wanting {
            let _ = writeln!(text, "{count:>5} still want {}", want.describe());
        }
        text
    }

    /// For people at a page: counts, then a table for each document.
    pub fn markdown(&self) -> String {
        let mut text = String::from(
            "# What is judged\n\n\
             Made by `oauthspec coverage --format markdown`; a test compares it. A requirement is *judged* by the cases\n\
             and invariants that name it, or *restated*: it says what others say together, and all of these are judged.\n\
             *Unobservable* ones say why nobody can see from outside whether they are kept, and *unchecked* ones what is\n\
             wanting before a case can judge them. Counted are requirements that can be tested wholly or partly.\n\n\
             | document | requirements | testable | judged | restated | unobservable | unchecked |\n\
             |---|--:|--:|--:|--:|--:|--:|\n",
        );
        for document in &self.documents {
            counts(&document.document, &document.totals, &mut text);
        }
        counts("**in all**", &self.totals, &mut text);
        self.reasons(&mut text);
        for document in &self.documents {
            table(document, &mut text);
        }
        text
    }

    /// Why what is unobservable is, and what the unchecked ones want.
    fn reasons(&self, text: &mut String) {
        // Writing to a string cannot fail.
        text.push_str("\n| unchecked for want of | |\n|---|--:|\n");
        for (want, count) in &self.totals.wanting {
            let _ = writeln!(text, "| {} | {count} |", want.describe());
        }
        let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
        for row in self.rows().filter(|row| row.how == How::Unobservable) {
            if let Some(reason) = &row.requirement.unobservable {
                *reasons.entry(reason).or_default() += 1;
            }
        }
        text.push_str("\n| unobservable because (what cannot be tested at all among them) | |\n|---|--:|\n");
        for (reason, count) in reasons {
            let _ = writeln!(text, "| {} | {count} |", cell(reason));
        }
    }
}

fn sentence(totals: &Totals) -> String {
    format!(
        "{} requirements, {} of them testable: {} judged, {} restated, {} unobservable, {} unchecked",
        totals.requirements,
        totals.testable,
        totals.judged,
        totals.restated,
        totals.unobservable,
        totals.unchecked
    )
}

fn lines(row: &RequirementCoverage, text: &mut String) {
    let requirement = &row.requirement;
    let word = match row.standing {
        Some(standing) => standing.as_str(),
        None => word(row.how),
    };
    // Writing to a string cannot fail.
    let _ = writeln!(text, "    {word:<12}  {} · {}{}", requirement.id, requirement.level, binds(row));
    let mut list = |label: &str, names: &[String]| {
        if !names.is_empty() {
            let _ = writeln!(text, "                  {label}: {}", names.join(", "));
        }
    };
    list("restates", &requirement.restates);
    list("cases", &row.cases);
    list("invariants", &row.invariants);
    list("defects", &row.defects);
    if let (How::Unobservable, Some(reason)) = (row.how, &requirement.unobservable) {
        let _ = writeln!(text, "                  because: {}", clean_text(reason));
    }
    if let Some(want) = row.wants() {
        let _ = writeln!(text, "                  wants {}", want.describe());
    }
}

fn binds(row: &RequirementCoverage) -> String {
    match row.requirement.binds {
        Bound::Server => String::new(),
        other => format!(" · binds the {}", other.as_str()),
    }
}

fn word(how: How) -> &'static str {
    match how {
        How::Judged => "judged",
        How::Restated => "restated",
        How::Unobservable => "unobservable",
        How::Unchecked => "unchecked",
    }
}

fn counts(name: &str, totals: &Totals, text: &mut String) {
    // Writing to a string cannot fail.
    let _ = writeln!(
        text,
        "| {} | {} | {} | {} | {} | {} | {} |",
        cell(name),
        totals.requirements,
        totals.testable,
        totals.judged,
        totals.restated,
        totals.unobservable,
        totals.unchecked
    );
}

fn table(document: &DocumentCoverage, text: &mut String) {
    let has_run = document.requirements.iter().any(|row| row.standing.is_some());
    let (head, rule) = if has_run { (" in the run |", "---|") } else { ("", "") };
    // Writing to a string cannot fail.
    let _ = writeln!(
        text,
        "\n## {}\n\n| section | requirement | level | judged by | broken by |{head}\n|---|---|---|---|---|{rule}",
        cell(&document.document)
    );
    for row in &document.requirements {
        let requirement = &row.requirement;
        let summary = match &requirement.link {
            Some(link) => format!("[{}](<{}>)", requirement.id, cell(link)),
            None => requirement.id.clone(),
        };
        let standing = row.standing.map(|s| format!(" {} |", s.as_str())).unwrap_or_default();
        let _ = writeln!(
            text,
            "| {} | {summary}<br>{} | {}{} | {} | {} |{standing}",
            cell(&requirement.section),
            cell(&requirement.summary),
            requirement.level,
            binds(row),
            judged_by(row),
            names(&row.defects)
        );
    }
}

fn judged_by(row: &RequirementCoverage) -> String {
    let all: Vec<String> = row.cases.iter().chain(&row.invariants).cloned().collect();
    match (row.how, row.wants()) {
        (How::Unobservable, _) => {
            format!("*unobservable*: {}", cell(row.requirement.unobservable.as_deref().unwrap_or_default()))
        }
        (_, Some(want)) if row.requirement.restates.is_empty() => {
            format!("*unchecked* for want of {}", want.describe())
        }
        (How::Unchecked, _) => format!("*unchecked*, as are some of {}", names(&row.requirement.restates)),
        (How::Restated, _) => format!("restates {}: {}", names(&row.requirement.restates), names(&all)),
        (How::Judged, _) => names(&all),
    }
}

fn names(names: &[String]) -> String {
    names.iter().map(|name| format!("`{}`", cell(name))).collect::<Vec<_>>().join(", ")
}

/// A text that ends no cell of a table and begins no markup.
fn cell(text: &str) -> String {
    clean_text(text).replace('\\', "\\\\").replace('|', "\\|").replace('<', "&lt;").replace('`', "'")
}

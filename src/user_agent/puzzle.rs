use url::Url;

use super::document::{Control, Document};
use crate::model::{Outcome, Page};

/// The longest piece of a page's text in a reason.
const LONGEST_QUOTE: usize = 300;

/// The most fields that a reason names.
const MOST_FIELDS: usize = 12;

/// The outcome of not knowing how to go on: where, why, what the page shows, and which hint would help.
pub(super) fn puzzle(what: &str, hint: Option<&str>, page: &Page, document: &Document) -> Outcome {
    let mut reason = format!("at {}: {what}", without_query(&page.url));
    let mut says = document.text.chars();
    let quote: String = says.by_ref().take(LONGEST_QUOTE).collect();
    let more = if says.next().is_some() { "…" } else { "" };
    if !document.title.is_empty() {
        reason.push_str(&format!("; its title is {:?}", document.title));
    }
    if !quote.is_empty() {
        reason.push_str(&format!("; it says {quote:?}{more}"));
    }
    let controls = || document.forms.iter().flat_map(|form| &form.controls).filter(|c| c.is_visible());
    for (name, is_button) in [("fields", false), ("buttons", true)] {
        let names: Vec<String> =
            controls().filter(|c| c.is_button() == is_button).take(MOST_FIELDS).map(called).collect();
        if !names.is_empty() {
            reason.push_str(&format!("; {name}: {}", names.join(", ")));
        }
    }
    if let Some(hint) = hint {
        reason.push_str(&format!("; user_agent.forms.{hint} in the target can help"));
    }
    Outcome::Stuck { reason, page: Some(page.clone()) }
}

/// An address without what may be secret in it.
pub(super) fn without_query(url: &str) -> String {
    let bare = url.split(['?', '#']).next().unwrap_or_default();
    Url::parse(bare).map_or_else(|_| bare.to_owned(), |url| url.to_string())
}

fn called(control: &Control) -> String {
    let name = [&control.name, &control.id, &control.label].into_iter().find(|text| !text.is_empty());
    let name = name.map_or("without a name", String::as_str);
    let label = Some(&control.label).filter(|label| !label.is_empty() && label.as_str() != name);
    match label {
        Some(label) => format!("{name:?} ({}, {label:?})", control.kind),
        None => format!("{name:?} ({})", control.kind),
    }
}

use url::Url;

use super::document::{Document, Form};
use super::landing::{Boundary, Way};
use super::submission::{Filled, Submission};
use super::words::Meaning;

/// The longest delay of a refresh that is a redirect; longer ones are for sessions that end.
const LONGEST_DELAY: f64 = 10.0;

/// A form that a page sends by itself, without a user.
#[derive(Debug, PartialEq)]
pub(super) struct Relay {
    pub(super) submission: Submission,
    /// Whether there is nothing else that the page could be about: only a form, which leaves for the client.
    pub(super) is_certain: bool,
}

/// The form that a page sends by script, or that is all there is to it.
pub(super) fn relay(document: &Document, boundary: &Boundary<'_>, page: &Url) -> Option<Relay> {
    let by_script = document.script.contains(".submit()");
    let alone = document.forms.len() == 1;
    document.forms.iter().find_map(|form| {
        if !is_filled(form) || !(alone || by_script) {
            return None;
        }
        // No button is pressed, as scripts do it.
        let submission = Submission::of(form, &Filled::default()).ok()?;
        let address = submission.address(page, document).ok()?;
        let leaves = boundary.way(address.as_str(), page) == Way::Out;
        let is_relay = leaves || (by_script && !is_for_a_user(form));
        is_relay.then_some(Relay { submission, is_certain: leaves && alone })
    })
}

/// Where a page sends the browser by `meta http-equiv=refresh` or a `Refresh` header.
pub(super) fn refresh(document: &Document) -> Option<String> {
    let content = document.refresh.as_ref()?;
    let (delay, rest) = content.split_once([';', ','])?;
    delay.trim().parse::<f64>().ok().filter(|delay| *delay <= LONGEST_DELAY)?;
    let rest = rest.trim();
    let named = rest.get(..3).filter(|name| name.eq_ignore_ascii_case("url"));
    let address = match named.and_then(|_| rest.get(3..)?.trim_start().strip_prefix('=')) {
        Some(address) => address.trim(),
        None => rest,
    };
    let quote = address.chars().next().filter(|c| matches!(c, '"' | '\''));
    let address = match quote {
        Some(quote) => address.trim_start_matches(quote).split(quote).next().unwrap_or_default(),
        None => address,
    };
    (!address.is_empty()).then(|| address.to_owned())
}

/// Whether a form has something to send and nothing to fill in.
fn is_filled(form: &Form) -> bool {
    let hidden = |kind: &str| kind == "hidden";
    form.controls.iter().any(|c| hidden(&c.kind) && !c.disabled)
        && form.controls.iter().all(|c| hidden(&c.kind) || c.is_button())
}

/// Whether a form has buttons between which a user chooses.
fn is_for_a_user(form: &Form) -> bool {
    let mut buttons = form.controls.iter().filter(|c| c.is_button());
    buttons.clone().count() > 1
        || buttons.any(|c| matches!(c.intent(), Some(Meaning::Approve | Meaning::Deny)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refreshes() {
        for (content, expected) in [
            ("0;url=/next", Some("/next")),
            ("0; URL='https://c.example/cb?code=1&state=2'", Some("https://c.example/cb?code=1&state=2")),
            ("1 , url = \"/x\"", Some("/x")),
            ("0;/plain", Some("/plain")),
            ("0;url=", None),
            ("5", None),
            ("1800;url=/login", None),
            ("x;url=/y", None),
            ("NaN;url=/y", None),
            ("0;ü", Some("ü")),
        ] {
            let document = Document { refresh: Some(content.into()), ..Document::default() };
            assert_eq!(refresh(&document).as_deref(), expected, "{content}");
        }
    }
}

//! Outcomes in one line.

use super::answer::error_of_body;
use super::challenge::bearer_error;
use super::json::Document;
use super::sight::Sight;
use super::words::{bare, quoted_within};
use crate::http::Response;
use crate::model::{Outcome, Page, Redirected};

/// Characters of each quoted part.
const PART: usize = 120;

/// The outcome in one line, what the server sent escaped and cut, credentials left out: `400 invalid_grant`,
/// `redirected to https://client.example/cb with error=invalid_request, state`, `page 400 "..."`.
pub fn describe_outcome(outcome: &Outcome) -> String {
    sight(&Sight::of(outcome))
}

/// As [`describe_outcome`].
pub(super) fn sight(sight: &Sight<'_>) -> String {
    match sight {
        Sight::Redirected(to) => redirected(to),
        Sight::Page(on) => page(on),
        Sight::Answered(_, response) => answered(response),
        Sight::Handshake(handshake) => bare(&handshake.to_string(), PART),
        Sight::Nothing(Outcome::Race { succeeded, outcomes }) => {
            format!("{succeeded} of {} succeeded", outcomes.len())
        }
        Sight::Nothing(_) => "time passed".to_owned(),
        Sight::Unreachable(_) | Sight::Stuck(_) => sight.silence().unwrap_or_default(),
    }
}

/// Where the browser was sent, and with which parameters.
pub(super) fn redirected(redirected: &Redirected) -> String {
    let mut said: Vec<String> = Vec::new();
    for (name, value) in &redirected.parameters {
        said.push(match name.as_str() {
            "error" | "iss" | "token_type" | "expires_in" => {
                format!("{name}={}", bare(value, PART))
            }
            _ => bare(name, PART),
        });
    }
    let to = bare(&redirected.to, PART);
    let carrier = match redirected.carrier.as_str() {
        "fragment" => " in the fragment",
        "form_post" => " by form_post",
        _ => "",
    };
    if said.is_empty() {
        return format!("redirected to {to} without parameters");
    }
    format!("redirected to {to} with {}{carrier}", said.join(", "))
}

/// The page's status and text.
pub(super) fn page(page: &Page) -> String {
    let text = [&page.text, &page.title].into_iter().map(|t| t.trim()).find(|t| !t.is_empty());
    match text {
        Some(text) => format!("page {} {}", page.status, quoted_within(text, PART)),
        None if page.body.trim().is_empty() => format!("page {} with nothing on it", page.status),
        None => format!("page {} {}", page.status, quoted_within(page.body.trim(), PART)),
    }
}

fn answered(response: &Response) -> String {
    let status = response.status;
    if (300..400).contains(&status)
        && let Some(location) = response.headers.first("location")
    {
        // What follows the path may hold a code or a token.
        let end = location.find(['?', '#']).unwrap_or(location.len());
        return format!("{status} to {}", bare(&location[..end], PART));
    }
    if let Ok(document) = Document::read(&response.body) {
        return match (error_of_body(&document), &document.value) {
            (Ok(Some(code)), _) if status >= 400 => format!("{status} {}", bare(&code, PART)),
            (Ok(Some(code)), _) => format!("{status} with error={}", bare(&code, PART)),
            (Err(odd), _) => format!("{status} with {odd}"),
            (_, serde_json::Value::Object(members)) => format!("{status} JSON{}", names(members)),
            (_, serde_json::Value::Array(_)) => format!("{status} with a JSON array"),
            _ => format!("{status} with JSON that is no object"),
        };
    }
    if let Some(code) = bearer_error(&response.headers) {
        return format!("{status} {} in WWW-Authenticate", bare(&code, PART));
    }
    if response.body.is_empty() {
        return format!("{status} without a body");
    }
    let kind = match response.media_type().as_deref() {
        Some("text/html" | "application/xhtml+xml") => "HTML".to_owned(),
        Some(other) if !other.is_empty() => bare(other, 40),
        _ => "body".to_owned(),
    };
    if status < 300 && kind != "HTML" {
        // It may hold a token, of which a part would escape the masking.
        return format!("{status} {kind} of {} bytes", response.body.len());
    }
    format!("{status} {kind} {}", quoted_within(response.text().trim(), PART))
}

fn names(members: &serde_json::Map<String, serde_json::Value>) -> String {
    const SHOWN: usize = 8;
    if members.is_empty() {
        return " without members".to_owned();
    }
    let mut names: Vec<String> = members.keys().take(SHOWN).map(|n| bare(n, 40)).collect();
    if members.len() > SHOWN {
        names.push(format!("{} more", members.len() - SHOWN));
    }
    format!(" with {}", names.join(", "))
}

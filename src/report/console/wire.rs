use std::sync::LazyLock;

use regex::Regex;
use url::form_urlencoded;

use super::super::text::{cut, is_hidden};
use super::page::Page;
use crate::http::{Exchange, Request, Response};

/// Characters of one parameter.
const PARAMETER: usize = 72;
/// Characters of a header field or of what is shown of a body.
const TEXT: usize = 320;

/// An exchange in short: where to, with which parameters, and the parts of the answer that decide.
/// `words` are the finding's; a header field named there is shown.
pub(super) fn exchange(page: &mut Page, exchange: &Exchange, words: &str) {
    request(page, &exchange.request);
    match &exchange.result {
        Ok(answer) => response(page, answer, exchange.duration_ms, words),
        Err(fault) => page.field("response", &format!("none: {fault}")),
    }
}

/// An exchange in one line.
pub(super) fn exchange_line(exchange: &Exchange) -> String {
    let (address, _) = split_url(&exchange.request.url);
    let outcome = match &exchange.result {
        Ok(answer) => status_line(answer, exchange.duration_ms),
        Err(fault) => fault.kind.to_string(),
    };
    format!("{} {address} gave {outcome}", exchange.request.method)
}

fn request(page: &mut Page, request: &Request) {
    let (address, query) = split_url(&request.url);
    page.field("request", &format!("{} {}", request.method, cut(address, TEXT)));
    let is_form = request
        .headers
        .first("content-type")
        .is_some_and(|value| value.to_ascii_lowercase().starts_with("application/x-www-form-urlencoded"));
    for (name, value) in &request.headers.0 {
        let is_type = name.eq_ignore_ascii_case("content-type") && !is_form;
        if is_type || name.eq_ignore_ascii_case("authorization") {
            page.field("", &format!("{name}: {}", cut(value, TEXT)));
        }
    }
    let body = String::from_utf8_lossy(&request.body);
    if let Some(query) = query {
        page.field("", &parameters(query.as_bytes()));
    }
    if is_form {
        page.field("", &parameters(&request.body));
    } else if !body.is_empty() {
        page.field("", &cut(&body, TEXT));
    }
}

fn response(page: &mut Page, response: &Response, duration_ms: f64, words: &str) {
    page.field("response", &status_line(response, duration_ms));
    let words = words.to_ascii_lowercase();
    for (name, value) in &response.headers.0 {
        let lower = name.to_ascii_lowercase();
        let decides = matches!(lower.as_str(), "location" | "www-authenticate" | "retry-after")
            || lower.contains('-') && words.contains(&lower);
        if decides {
            page.field("", &format!("{name}: {}", cut(value, TEXT)));
        }
    }
    let body = visible(response);
    if !body.is_empty() {
        page.field("", &cut(&body, TEXT));
    }
}

fn status_line(response: &Response, duration_ms: f64) -> String {
    let media = response.media_type().map(|media| format!(" {media}")).unwrap_or_default();
    let truncated = if response.truncated { ", cut" } else { "" };
    format!("{}{media}, {:.3}s{truncated}", response.status, duration_ms / 1000.0)
}

fn split_url(url: &str) -> (&str, Option<&str>) {
    match url.split_once('?') {
        Some((address, query)) => (address, Some(query)),
        None => (url, None),
    }
}

/// `name=value` for each parameter, decoded; values with blanks or hidden characters in quotes.
fn parameters(encoded: &[u8]) -> String {
    let shown: Vec<String> = form_urlencoded::parse(encoded)
        .map(|(name, value)| {
            if value.is_empty() || value.contains(|c: char| c.is_whitespace() || is_hidden(c)) {
                let value: String = value.chars().take(PARAMETER + 1).collect();
                format!("{name}={:?}", cut(&value, PARAMETER))
            } else {
                format!("{name}={}", cut(&value, PARAMETER))
            }
        })
        .collect();
    shown.join("  ")
}

/// The body as a person sees it: without markup where it is a page, blanks collapsed.
fn visible(response: &Response) -> String {
    let text = response.text();
    let text = if response.media_type().is_some_and(|media| media.ends_with("html")) {
        MARKUP.replace_all(&text, " ")
    } else {
        text
    };
    text.split_ascii_whitespace().collect::<Vec<_>>().join(" ")
}

static MARKUP: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?is)<script\b.*?</script\s*>|<style\b.*?</style\s*>|<!--.*?-->|<[a-z/!][^>]*>")
        .expect("the pattern is constant and right")
});

use std::collections::BTreeSet;
use std::ops::Range;

use serde::Serialize;

use crate::http::{Headers, Request, Response};

/// Characters of a body that are shown.
const BODY: usize = 20_000;

/// A piece of a message, and whether it is marked.
#[derive(Debug, PartialEq, Serialize)]
pub(super) struct Part(String, bool);

/// The request as it went, its parameters marked that the words speak of.
pub(super) fn request_parts(request: &Request, words: &str) -> Vec<Part> {
    let text =
        laid_out(&format!("{} {}", request.method, request.url), &request.headers, &request.body, false);
    let names = names(words);
    let mut marks = Vec::new();
    for name in &names {
        marks.extend(parameter(&text, name));
        marks.extend(member(&text, name));
    }
    parts(&text, marks)
}

/// The response as it came, with what the words speak of marked: the status, header fields, members, quoted texts.
pub(super) fn response_parts(response: &Response, words: &str) -> Vec<Part> {
    let status = response.status.to_string();
    let text = laid_out(&status, &response.headers, &response.body, response.truncated);
    let names = names(words);
    let lower: BTreeSet<String> = names.iter().map(|name| name.to_ascii_lowercase()).collect();
    let mut marks: Vec<Range<usize>> = Vec::new();
    if names.contains(status.as_str()) {
        marks.push(0..status.len());
    }
    let mut at = status.len() + 1;
    for (name, value) in &response.headers.0 {
        let end = at + name.len() + 2 + value.len();
        let known = name.to_ascii_lowercase();
        let is_meant = match known.as_str() {
            "location" => lower.contains("redirected") || lower.contains("redirect"),
            _ => lower.contains(&known) && (known.contains('-') || lower.contains("header")),
        };
        if is_meant {
            marks.push(at..end);
        }
        at = end + 1;
    }
    for name in &names {
        marks.extend(member(&text, name));
    }
    for quoted in words.split('"').skip(1).step_by(2).filter(|quoted| quoted.chars().count() > 3) {
        marks.extend(text.find(quoted).map(|at| at..at + quoted.len()));
    }
    parts(&text, marks)
}

fn laid_out(first: &str, headers: &Headers, body: &[u8], is_cut: bool) -> String {
    let mut text = format!("{first}\n");
    for (name, value) in &headers.0 {
        text.push_str(&format!("{name}: {value}\n"));
    }
    if body.is_empty() {
        return text;
    }
    text.push('\n');
    let whole = String::from_utf8_lossy(body);
    let end = whole.char_indices().nth(BODY).map_or(whole.len(), |(end, _)| end);
    text.push_str(&whole[..end]);
    match (end < whole.len(), is_cut) {
        (_, true) => text.push_str("\n… (more was received than is kept)"),
        (true, false) => text.push_str(&format!("\n… ({} bytes were received)", body.len())),
        (false, false) => {}
    }
    text
}

/// Words that may be names of parameters, members or fields.
fn names(words: &str) -> BTreeSet<&str> {
    words
        .split(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '-')
        .filter(|word| word.len() > 1)
        .collect()
}

/// `name=value` in a query or form.
fn parameter(text: &str, name: &str) -> Vec<Range<usize>> {
    let wanted = format!("{name}=");
    text.match_indices(&wanted)
        .filter(|(at, _)| text[..*at].ends_with(['?', '&', '\n', '#']))
        .map(|(at, _)| {
            let rest = &text[at..];
            at..at + rest.find(['&', '\n', '#', ' ']).unwrap_or(rest.len())
        })
        .collect()
}

/// `"name": value` in JSON, the value only where it is no object.
fn member(text: &str, name: &str) -> Vec<Range<usize>> {
    let wanted = format!("\"{name}\"");
    let mut found = Vec::new();
    for (at, _) in text.match_indices(&wanted) {
        let after = &text[at + wanted.len()..];
        let blank = after.len() - after.trim_start().len();
        let Some(value) = after[blank..].strip_prefix(':') else { continue };
        let begin = at + wanted.len() + blank + 1;
        let lead = value.len() - value.trim_start().len();
        let value = value.trim_start();
        let length = match value.strip_prefix('"') {
            Some(inner) => closing_quote(inner) + 1,
            None => value.find([',', '}', ']', '\n']).unwrap_or(value.len()),
        };
        found.push(at..begin + lead + length);
    }
    found
}

/// Bytes up to and with the quote that ends a JSON text.
fn closing_quote(text: &str) -> usize {
    let mut is_escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

fn parts(text: &str, mut marks: Vec<Range<usize>>) -> Vec<Part> {
    marks.sort_by_key(|mark| mark.start);
    let mut parts: Vec<Part> = Vec::new();
    let mut at = 0;
    for mark in marks {
        let start = mark.start.max(at);
        if start >= mark.end {
            continue;
        }
        let (Some(before), Some(marked)) = (text.get(at..start), text.get(start..mark.end)) else { continue };
        if !before.is_empty() {
            parts.push(Part(before.to_owned(), false));
        }
        parts.push(Part(marked.to_owned(), true));
        at = mark.end;
    }
    if let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        parts.push(Part(rest.to_owned(), false));
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(parts: &[Part]) -> Vec<&str> {
        parts.iter().filter(|part| part.1).map(|part| part.0.as_str()).collect()
    }

    fn response(headers: &[(&str, &str)], body: &str) -> Response {
        let headers = headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        Response { status: 200, headers: Headers(headers), body: body.into(), truncated: false }
    }

    #[test]
    fn what_the_finding_speaks_of_is_marked() {
        let body = r#"{"access_token": "a\"b", "expires_in": 60, "scope":"x"}"#;
        let answer = response(&[("Cache-Control", "no-store"), ("Location", "https://c")], body);
        let words = "header cache-control contains no-store; expires_in is 3600 60, status 200";
        assert_eq!(
            marked(&response_parts(&answer, words)),
            ["200", "Cache-Control: no-store", "\"expires_in\": 60"]
        );
        assert_eq!(
            marked(&response_parts(&answer, "redirected to access_token")),
            ["Location: https://c", r#""access_token": "a\"b""#]
        );
        assert_eq!(marked(&response_parts(&answer, "")), [""; 0]);
    }

    #[test]
    fn parameters_are_marked_whole() {
        let request = Request {
            method: "POST".to_owned(),
            url: "https://a/auth?state=abc&xstate=1#f".to_owned(),
            headers: Headers::default(),
            body: b"code=1&redirect_uri=2".to_vec(),
        };
        assert_eq!(marked(&request_parts(&request, "the state and the code")), ["state=abc", "code=1"]);
    }

    #[test]
    fn pieces_make_up_the_whole() {
        for body in ["ünï\u{0}\"state", "\"state\":\"", "\"state\":", "state=&state=é"] {
            let answer = response(&[("état", "état")], body);
            let joined: String = response_parts(&answer, "state état \"ünï\u{0}\" 200")
                .iter()
                .map(|part| part.0.as_str())
                .collect();
            assert_eq!(joined, format!("200\nétat: état\n\n{body}"));
        }
    }
}

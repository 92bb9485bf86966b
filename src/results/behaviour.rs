use std::collections::BTreeMap;

use serde_json::Value;
use url::Url;

use crate::http::{Endpoint, Exchange, Response};
use crate::model::{CaseResult, StepRecord};

/// Lifetimes that differ by less are the same: a second passes between issuing and answering.
const SECONDS: f64 = 5.0;

/// Header fields that clients act upon.
const HEADERS: [&str; 3] = ["cache-control", "pragma", "content-type"];

/// What a server is called by and differs in without behaving differently.
#[derive(Debug)]
pub(super) struct Normal {
    issuer: String,
}

/// What a step came to.
#[derive(Debug)]
pub(super) struct Fact {
    /// Case and step.
    pub(super) place: String,
    /// What was decided, in order of weight.
    pub(super) outcome: Vec<(String, String)>,
    /// By kind of answer: what such answers look like whatever the case.
    pub(super) answers: Vec<(String, BTreeMap<String, String>)>,
}

impl Normal {
    pub(super) fn new(issuer: &str) -> Self {
        Self { issuer: issuer.trim_end_matches('/').to_owned() }
    }

    /// The text with the server's own address, and the fingerprints of what is masked, left out.
    fn text(&self, text: &str) -> String {
        let text =
            if self.issuer.is_empty() { text.to_owned() } else { text.replace(&self.issuer, "{issuer}") };
        let mut normal = String::new();
        let mut rest = text.as_str();
        while let Some(start) = rest.find('‹') {
            let Some(end) = rest[start..].find('›') else { break };
            let mask = &rest[start..start + end];
            normal.push_str(&rest[..start]);
            normal.push_str(mask.rsplit_once(':').map_or(mask, |(class, _)| class));
            normal.push('›');
            rest = &rest[start + end + '›'.len_utf8()..];
        }
        normal + rest
    }
}

/// What the steps of a row came to, in order.
pub(super) fn facts(normal: &Normal, result: &CaseResult) -> Vec<Fact> {
    let steps = result.steps.iter().enumerate();
    steps.map(|(index, step)| fact(normal, result, index, step)).collect()
}

fn fact(normal: &Normal, result: &CaseResult, index: usize, step: &StepRecord) -> Fact {
    let place = format!("{}, step {} ({})", result.case, index + 1, step.keyword);
    let exchanges: Vec<&Exchange> =
        step.exchanges.iter().filter_map(|id| result.exchanges.iter().find(|e| e.id == *id)).collect();
    let (outcome, answered) = match (step.keyword.as_str(), exchanges.as_slice()) {
        ("authorize", [first, ..]) => (redirect(normal, step, first), &[][..]),
        ("race" | "parallel", _) => (vec![("outcome".to_owned(), step.outcome.clone())], &[][..]),
        (_, [.., last]) => (direct(last), exchanges.as_slice()),
        _ => (vec![("outcome".to_owned(), words(normal, &step.outcome))], &[][..]),
    };
    let answers = answered.iter().filter_map(|exchange| answer(normal, exchange)).collect();
    Fact { place, outcome, answers }
}

/// Of a step without exchanges: whether it was left out, not for which reason.
fn words(normal: &Normal, outcome: &str) -> String {
    match outcome.split_once(':') {
        Some((first @ "left out", _)) => first.to_owned(),
        _ => normal.text(outcome),
    }
}

/// What the browser came to. Pages differ from server to server in words and number; only their status counts.
fn redirect(normal: &Normal, step: &StepRecord, first: &Exchange) -> Vec<(String, String)> {
    let outcome = normal.text(&step.outcome);
    let mut words = outcome.splitn(3, ' ');
    match (words.next(), words.next(), words.next()) {
        (Some("page"), Some(status), _) => vec![("outcome".to_owned(), format!("page {status}"))],
        (Some("redirected"), _, Some(rest)) => {
            let (to, with) = rest.split_once(" with").unwrap_or((rest, ""));
            let with = with.strip_prefix("out parameters").unwrap_or(with);
            let asked = Url::parse(&first.request.url).ok().and_then(|url| {
                url.query_pairs().find(|(name, _)| name == "redirect_uri").map(|(_, uri)| uri.into_owned())
            });
            let to = match asked {
                Some(asked) if asked == to => "the redirect URI".to_owned(),
                _ => without_query(to),
            };
            let mut facts = vec![("outcome".to_owned(), format!("redirected to {to}"))];
            let (with, carrier) = match with.rsplit_once(" in the fragment") {
                Some((with, _)) => (with, "in the fragment"),
                None => match with.rsplit_once(" by form_post") {
                    Some((with, _)) => (with, "by form_post"),
                    None => (with, "in the query"),
                },
            };
            let mut parameters: Vec<&str> = with.trim().split(", ").filter(|p| !p.is_empty()).collect();
            parameters.sort_unstable();
            facts.push(("parameters".to_owned(), format!("{} {carrier}", parameters.join(", "))));
            facts
        }
        _ => vec![("outcome".to_owned(), outcome.split(':').next().unwrap_or_default().to_owned())],
    }
}

fn without_query(uri: &str) -> String {
    uri.split(['?', '#']).next().unwrap_or_default().to_owned()
}

/// Status and error code of a direct answer, or why there is none.
fn direct(exchange: &Exchange) -> Vec<(String, String)> {
    let response = match &exchange.result {
        Ok(response) => response,
        Err(fault) => return vec![("outcome".to_owned(), format!("no answer: {}", fault.kind))],
    };
    let mut seen = response.status.to_string();
    if let Some(code) = error_of(response) {
        seen.push(' ');
        seen.push_str(&code);
    }
    vec![("status".to_owned(), seen)]
}

fn error_of(response: &Response) -> Option<String> {
    let body = json(response).and_then(|body| Some(body.get("error")?.as_str()?.to_owned()));
    body.or_else(|| {
        let challenge = response.headers.first("www-authenticate")?;
        let (_, rest) = challenge.split_once("error=\"")?;
        Some(rest.split('"').next().unwrap_or_default().to_owned())
    })
}

fn json(response: &Response) -> Option<Value> {
    serde_json::from_slice(&response.body).ok()
}

/// What an answer looks like: its kind, and by name what there is to see of it.
fn answer(normal: &Normal, exchange: &Exchange) -> Option<(String, BTreeMap<String, String>)> {
    let response = exchange.response()?;
    let kind = match response.status {
        200..300 => "success".to_owned(),
        300..400 => "redirect".to_owned(),
        status => format!("answer {status}"),
    };
    let mut seen = BTreeMap::new();
    for name in HEADERS {
        let values: Vec<&str> = response.headers.all(name).collect();
        if !values.is_empty() {
            seen.insert(format!("header {name}"), listed(name, &values.join(", ")));
        }
    }
    let schemes: Vec<&str> = response
        .headers
        .all("www-authenticate")
        .filter_map(|challenge| challenge.split_whitespace().next())
        .collect();
    if !schemes.is_empty() {
        seen.insert("header www-authenticate".to_owned(), schemes.join(", "));
    }
    let about_server = matches!(
        exchange.endpoint,
        Endpoint::Token | Endpoint::Introspection | Endpoint::Revocation | Endpoint::Metadata
    );
    if let (true, Some(Value::Object(members))) = (about_server, json(response)) {
        for (name, value) in &members {
            let told = match exchange.endpoint {
                Endpoint::Metadata => normal.text(&sorted(value)),
                _ => member(normal, exchange, name, value),
            };
            seen.insert(format!("member {name}"), told);
        }
    }
    Some((format!("{} {kind}", exchange.endpoint.as_str()), seen))
}

/// Directives and media types in one spelling and order.
fn listed(name: &str, value: &str) -> String {
    let value = value.to_ascii_lowercase();
    if name == "content-type" {
        return value.split(';').next().unwrap_or_default().trim().to_owned();
    }
    let mut parts: Vec<&str> = value.split(',').map(str::trim).filter(|part| !part.is_empty()).collect();
    parts.sort_unstable();
    parts.dedup();
    parts.join(", ")
}

fn sorted(value: &Value) -> String {
    match value {
        Value::Array(items) => {
            let mut items: Vec<String> = items.iter().map(plain).collect();
            items.sort_unstable();
            items.join(", ")
        }
        other => plain(other),
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A member of an answer: its value where that is the server's decision, otherwise its type or form.
fn member(normal: &Normal, exchange: &Exchange, name: &str, value: &Value) -> String {
    match (name, value) {
        ("active" | "expires_in" | "refresh_expires_in", Value::String(text)) => format!("{text} as text"),
        ("token_type" | "active" | "expires_in" | "refresh_expires_in", value) => plain(value),
        ("scope", Value::String(scope)) => scope_of(exchange, scope),
        ("iss", Value::String(issuer)) => normal.text(issuer),
        ("access_token" | "refresh_token" | "id_token", Value::String(token)) => form_of(token),
        (_, Value::String(_)) => "text".to_owned(),
        (_, Value::Number(_)) => "number".to_owned(),
        (_, Value::Bool(value)) => value.to_string(),
        (_, Value::Null) => "null".to_owned(),
        (_, Value::Array(_)) => "list".to_owned(),
        (_, Value::Object(_)) => "object".to_owned(),
    }
}

/// Which scope was granted, in words that are the same for other clients.
fn scope_of(exchange: &Exchange, granted: &str) -> String {
    let body = String::from_utf8_lossy(&exchange.request.body);
    let asked = url::form_urlencoded::parse(body.as_bytes()).find(|(name, _)| name == "scope");
    let words = |text: &str| {
        let mut words: Vec<String> = text.split(' ').map(str::to_owned).collect();
        words.sort_unstable();
        words
    };
    match asked {
        Some((_, asked)) if words(&asked) == words(granted) => "as asked".to_owned(),
        Some(_) => "not as asked".to_owned(),
        None => "a text".to_owned(),
    }
}

/// Of a JWT the header is not secret; of an opaque token nothing is to be seen.
fn form_of(token: &str) -> String {
    use base64::Engine as _;
    let header = token.split('.').next().unwrap_or_default();
    let decoded = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(header).ok();
    let header: Option<Value> = decoded.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    match header.as_ref().and_then(|header| header.get("alg")).and_then(Value::as_str) {
        Some(algorithm) => format!("JWT with {algorithm}"),
        None if token.is_empty() => "empty".to_owned(),
        None => "opaque".to_owned(),
    }
}

/// Whether two things seen are the same, lifetimes within [`SECONDS`].
pub(super) fn is_alike(what: &str, one: Option<&String>, other: Option<&String>) -> bool {
    if one == other {
        return true;
    }
    let number = |seen: Option<&String>| seen.and_then(|seen| seen.parse::<f64>().ok());
    match (what.ends_with("expires_in"), number(one), number(other)) {
        (true, Some(one), Some(other)) => (one - other).abs() <= SECONDS,
        _ => false,
    }
}

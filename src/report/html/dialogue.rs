use std::collections::BTreeSet;

use serde::Serialize;
use url::{Url, form_urlencoded};

use super::super::text::clean_text;
use crate::http::{Endpoint, Exchange};
use crate::model::CaseResult;

/// One arrow of a sequence diagram, or the line that divides two steps.
#[derive(Debug, PartialEq, Serialize)]
pub(super) struct Message {
    kind: Kind,
    #[serde(skip_serializing_if = "str::is_empty")]
    from: &'static str,
    #[serde(skip_serializing_if = "str::is_empty")]
    to: &'static str,
    label: String,
    /// The exchange that it is a part of.
    #[serde(skip_serializing_if = "Option::is_none")]
    exchange: Option<u64>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    decisive: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Step,
    Call,
    Answer,
}

const USER: &str = "user";
const BROWSER: &str = "browser";
const CLIENT: &str = "client";
const SERVER: &str = "authorization server";
const RESOURCE: &str = "resource";
/// Arrows of one diagram; a property may have hundreds of exchanges.
const LONGEST: usize = 240;

/// Who asks whom at that endpoint.
pub(super) fn ends(endpoint: Endpoint) -> (&'static str, &'static str) {
    match endpoint {
        Endpoint::Authorization => (BROWSER, SERVER),
        Endpoint::Resource | Endpoint::Userinfo => (CLIENT, RESOURCE),
        _ => (CLIENT, SERVER),
    }
}

/// What came of an exchange, in a few words.
pub(super) fn outcome(exchange: &Exchange) -> String {
    let response = match &exchange.result {
        Ok(response) => response,
        Err(fault) => return fault.kind.to_string(),
    };
    let status = response.status;
    if let Some(place) = response.headers.first("location") {
        let short = place.split(['?', '#']).next().unwrap_or(place);
        return format!("{status} to {short}");
    }
    let json: Option<serde_json::Value> = serde_json::from_slice(&response.body).ok();
    let member = |name: &str| json.as_ref().and_then(|json| json.get(name));
    match (member("error").and_then(|error| error.as_str()), member("access_token"), member("active")) {
        (Some(error), _, _) => format!("{status} {error}"),
        (None, Some(_), _) => format!("{status} tokens"),
        (None, None, Some(active)) => format!("{status} active: {active}"),
        _ => match response.media_type() {
            Some(media) if media.ends_with("html") => format!("{status} a page"),
            _ => status.to_string(),
        },
    }
}

/// The exchanges of a case as messages between those who take part. What the user does is drawn from what the
/// browser sends: a password, or an answer to a page.
pub(super) fn dialogue(result: &CaseResult, decisive: &BTreeSet<u64>) -> Vec<Message> {
    let mut messages = Vec::new();
    let mut told: BTreeSet<u64> = BTreeSet::new();
    let by_id = |id: &u64| result.exchanges.iter().find(|exchange| exchange.id == *id);
    for (index, step) in result.steps.iter().enumerate() {
        let exchanges: Vec<&Exchange> = step.exchanges.iter().filter_map(by_id).collect();
        if exchanges.is_empty() && step.keyword != "wait" {
            continue;
        }
        divider(&mut messages, format!("{} {}: {}", index + 1, step.keyword, step.outcome));
        for (index, exchange) in exchanges.into_iter().enumerate() {
            told.insert(exchange.id);
            tell(&mut messages, exchange, index == 0, decisive);
        }
    }
    for exchange in result.exchanges.iter().filter(|exchange| !told.contains(&exchange.id)) {
        tell(&mut messages, exchange, false, decisive);
    }
    if !messages.iter().any(|message| message.kind == Kind::Call) {
        return Vec::new();
    }
    if messages.len() > LONGEST {
        let more = messages.len() - LONGEST;
        messages.truncate(LONGEST);
        divider(&mut messages, format!("{more} more messages are in the list below"));
    }
    for message in &mut messages {
        message.label = clean_text(&message.label);
    }
    messages
}

fn divider(messages: &mut Vec<Message>, label: String) {
    messages.push(Message { kind: Kind::Step, from: "", to: "", label, exchange: None, decisive: false });
}

fn tell(messages: &mut Vec<Message>, exchange: &Exchange, is_first: bool, decisive: &BTreeSet<u64>) {
    let (from, to) = ends(exchange.endpoint);
    let is_decisive = decisive.contains(&exchange.id);
    let mut say = |kind, from, to, label: String, decisive| {
        messages.push(Message { kind, from, to, label, exchange: Some(exchange.id), decisive });
    };
    if exchange.endpoint == Endpoint::Authorization {
        let body = String::from_utf8_lossy(&exchange.request.body);
        match exchange.request.method.as_str() {
            "POST" if body.contains("password") => say(Kind::Call, USER, BROWSER, "logs in".into(), false),
            "POST" => say(Kind::Call, USER, BROWSER, "answers the page".into(), false),
            _ if is_first => say(Kind::Call, CLIENT, BROWSER, "sends the user".into(), false),
            _ => {}
        }
    }
    say(Kind::Call, from, to, call(exchange), false);
    say(Kind::Answer, to, from, outcome(exchange), is_decisive);
    if let Some(brought) = brought_back(exchange) {
        say(Kind::Call, BROWSER, CLIENT, brought, is_decisive);
    }
}

/// Method, path, and the parameter that tells what is asked for.
fn call(exchange: &Exchange) -> String {
    let url = &exchange.request.url;
    let path = Url::parse(url).map_or_else(|_| url.clone(), |url| url.path().to_owned());
    let query = url.split_once('?').map_or("", |(_, query)| query);
    let telling = form_urlencoded::parse(query.as_bytes())
        .chain(form_urlencoded::parse(&exchange.request.body))
        .find(|(name, _)| matches!(&**name, "grant_type" | "response_type"))
        .map(|(_, value)| format!(" {value}"))
        .unwrap_or_default();
    format!("{} {path}{telling}", exchange.request.method)
}

/// The names of what a redirect to another origin, the client's, brings there.
fn brought_back(exchange: &Exchange) -> Option<String> {
    if exchange.endpoint != Endpoint::Authorization {
        return None;
    }
    let here = Url::parse(&exchange.request.url).ok()?;
    let place = here.join(exchange.response()?.headers.first("location")?).ok()?;
    if place.origin() == here.origin() && place.origin().is_tuple() {
        return None;
    }
    let given = [place.query(), place.fragment()].into_iter().flatten().collect::<Vec<_>>().join("&");
    let names: Vec<String> = form_urlencoded::parse(given.as_bytes())
        .map(|(name, value)| if name == "error" { format!("{name}={value}") } else { name.into_owned() })
        .collect();
    Some(if names.is_empty() { "nothing".to_owned() } else { names.join(", ") })
}

//! Every code and token of a run, for what can only be said of many: how they are made.

use std::collections::BTreeSet;

use url::{Url, form_urlencoded};

use crate::check::Structure;
use crate::http::{Endpoint, Exchange, Response};
use crate::model::{ClauseKind, Expectation, Pattern, Value};
use crate::oauth::CompactJws;

/// The name under which suites see them.
pub(super) const NAME: &str = "samples";

/// What was issued in a run, in the order of the requests that asked for it.
#[derive(Debug, Default)]
pub(super) struct Samples {
    issued: Vec<(Kind, u64, String)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Code,
    AccessToken,
    RefreshToken,
    /// `jti` of access tokens that are JWTs (RFC 7519 section 4.1.7).
    TokenIdentifier,
}

impl Kind {
    const ALL: [(&'static str, Self); 4] = [
        ("code", Self::Code),
        ("access_token", Self::AccessToken),
        ("refresh_token", Self::RefreshToken),
        ("jti", Self::TokenIdentifier),
    ];
}

impl Samples {
    /// Takes up what the exchange brought.
    pub(super) fn take(&mut self, exchange: &Exchange) {
        let Some(response) = exchange.response() else { return };
        match exchange.endpoint {
            Endpoint::Authorization => {
                if let Some(code) = code_in(&exchange.request.url, response) {
                    self.issued.push((Kind::Code, exchange.id, code));
                }
            }
            Endpoint::Token => self.take_tokens(exchange.id, response),
            _ => {}
        }
    }

    fn take_tokens(&mut self, id: u64, response: &Response) {
        let Ok(serde_json::Value::Object(members)) = serde_json::from_slice(&response.body) else { return };
        let text =
            |name: &str| members.get(name).and_then(serde_json::Value::as_str).filter(|t| !t.is_empty());
        if let Some(token) = text("access_token") {
            let jws = CompactJws::parse(token).ok();
            if let Some(jti) = jws.as_ref().and_then(|jws| jws.claims.get("jti")?.as_str()) {
                self.issued.push((Kind::TokenIdentifier, id, jti.to_owned()));
            }
            self.issued.push((Kind::AccessToken, id, token.to_owned()));
        }
        if let Some(token) = text("refresh_token") {
            self.issued.push((Kind::RefreshToken, id, token.to_owned()));
        }
    }

    /// What can be said of each kind, and the same in words. A token may be answered more than once, as long as it
    /// lasts: only of codes and token identifiers does repetition count.
    pub(super) fn describe(mut self) -> (Value, Vec<(&'static str, String)>) {
        self.issued.sort_by_key(|(_, id, _)| *id);
        let (mut members, mut words) = (Vec::new(), Vec::new());
        for (name, kind) in Kind::ALL {
            let values = self.issued.iter().filter(|(k, _, _)| *k == kind).map(|(_, _, value)| value.clone());
            let mut tokens = BTreeSet::new();
            let values: Vec<String> = values
                .filter(|value| {
                    matches!(kind, Kind::Code | Kind::TokenIdentifier) || tokens.insert(value.clone())
                })
                .collect();
            let structure = Structure::of(&values);
            words.push((name, structure.to_string()));
            let number = |n: usize| Value::integer(n as i64);
            let entry = [
                ("count", number(structure.count)),
                ("repeated", number(structure.repeated)),
                ("varying", number(structure.varying)),
                ("ordered", number(structure.ordered)),
                ("room", Value::integer(structure.room.into())),
                ("at_least", Value::integer(structure.at_least.into())),
                ("uuid", Value::Bool(structure.uuid)),
                ("signed", Value::Bool(structure.signed)),
            ];
            let entry = entry.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
            members.push((name.to_owned(), Value::Map(entry)));
        }
        (Value::Map(members), words)
    }
}

/// The code that a redirect carries to the client (RFC 6749 section 4.1.2). On the way to another page of the server
/// it would be met twice, and beside an error or another code it may be one that the request brought along.
fn code_in(from: &str, response: &Response) -> Option<String> {
    let location = response.headers.first("location")?;
    let (_, parameters) = location.split_once(['?', '#'])?;
    let parameters = parameters.split('#').next().unwrap_or_default();
    let pairs: Vec<_> = form_urlencoded::parse(parameters.as_bytes()).collect();
    let mut codes = pairs.iter().filter(|(name, _)| name == "code").map(|(_, value)| value);
    let is_error = pairs.iter().any(|(name, _)| name == "error");
    let (Some(code), None) = (codes.next(), codes.next()) else { return None };
    let origin = |url: &str| Url::parse(url).ok().map(|url| url.origin());
    let leaves = origin(location).is_some_and(|to| origin(from) != Some(to));
    (leaves && !is_error && !code.is_empty()).then(|| code.to_string())
}

/// The kind of samples that an expectation is about, if it is about any: it is judged when all are there.
pub(super) fn kind_of(expectation: &Expectation) -> Option<&'static str> {
    fn mentions(pattern: &Pattern, name: &str) -> bool {
        pattern.clauses.iter().any(|clause| match &clause.kind {
            ClauseKind::Holds(_, source) => source.contains(name),
            ClauseKind::OneOf(patterns) => patterns.iter().any(|pattern| mentions(pattern, name)),
            ClauseKind::Not(inner) => mentions(inner, name),
            _ => false,
        })
    }
    let named = |(name, _): &(&'static str, Kind)| mentions(&expectation.pattern, &format!("{NAME}.{name}."));
    Kind::ALL.iter().find(|kind| named(kind)).map(|(name, _)| *name)
}

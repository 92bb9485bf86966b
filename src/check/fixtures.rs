//! What the tests of this room share.

use crate::http::{Endpoint, Exchange, Fault, FaultKind, Headers, Request, Response};
use crate::model::{Clause, ClauseKind, Expression, Location, Pattern, Scope, Value};

/// Names with values.
#[derive(Debug, Default)]
pub(super) struct Names(Vec<(String, Value)>);

impl Names {
    pub(super) fn new<const N: usize>(names: [(&str, Value); N]) -> Self {
        Self(names.into_iter().map(|(n, v)| (n.to_owned(), v)).collect())
    }
}

impl Scope for Names {
    fn value_of(&self, name: &str) -> Option<Value> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, v)| v.clone())
    }
}

pub(super) fn reference(path: &str) -> Expression {
    Expression::Reference(path.split('.').map(str::to_owned).collect())
}

pub(super) fn location(line: usize) -> Location {
    Location { line, column: 1, length: 1, ..Location::default() }
}

/// A pattern whose clauses stand on lines 1, 2, ...
pub(super) fn pattern<const N: usize>(clauses: [ClauseKind; N]) -> Pattern {
    let clauses = clauses.into_iter().zip(1..).map(|(kind, line)| Clause { kind, location: location(line) });
    Pattern { label: None, clauses: clauses.collect(), location: location(1) }
}

pub(super) fn exchange(endpoint: Endpoint, status: u16, headers: &[(&str, &str)], body: &str) -> Exchange {
    let mut fields = Headers::default();
    for (name, value) in headers {
        fields.push(*name, *value);
    }
    Exchange {
        id: 7,
        endpoint,
        started_ms: 0.0,
        duration_ms: 1.0,
        request: Request {
            method: "POST".to_owned(),
            url: "https://as.example/x".to_owned(),
            ..Request::default()
        },
        result: Ok(Response { status, headers: fields, body: body.as_bytes().to_vec(), truncated: false }),
    }
}

pub(super) fn json(endpoint: Endpoint, status: u16, body: &str) -> Exchange {
    exchange(endpoint, status, &[("Content-Type", "application/json")], body)
}

pub(super) fn html(endpoint: Endpoint, status: u16) -> Exchange {
    exchange(endpoint, status, &[("Content-Type", "text/html; charset=utf-8")], "<h1>Sorry</h1>")
}

pub(super) fn unreachable(endpoint: Endpoint) -> Exchange {
    let fault = Fault { kind: FaultKind::Timeout, detail: "after 10 s".to_owned() };
    Exchange { result: Err(fault), ..exchange(endpoint, 200, &[], "") }
}

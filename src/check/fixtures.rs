//! What the tests of this room share.

use super::{Evidence, judge};
use crate::http::{Endpoint, Exchange, Fault, FaultKind, Headers, Request, Response};
use crate::model::{
    Clause, ClauseKind, Expectation, Expression, Finding, Level, Located, Location, Matcher, Operator,
    Outcome, Page, PagePattern, Pattern, RedirectPattern, Redirected, Scope, StatusPattern, Template, Value,
    Verdict,
};

/// Names with values.
#[derive(Debug, Default)]
pub(super) struct Names(Vec<(String, Value)>);

impl Names {
    pub(super) fn new<const N: usize>(names: [(&str, Value); N]) -> Self {
        Self(names.into_iter().map(|(n, v)| (n.to_owned(), v)).collect())
    }
}

impl Scope for Names {
    fn value_of(&self, name: &str) -> Option<std::borrow::Cow<'_, Value>> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, v)| std::borrow::Cow::Borrowed(v))
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

pub(super) fn answered(exchange: Exchange) -> Outcome {
    Outcome::Answered(Box::new(exchange))
}

pub(super) fn token(status: u16, body: &str) -> Outcome {
    answered(json(Endpoint::Token, status, body))
}

pub(super) fn redirected(parameters: &[(&str, &str)]) -> Outcome {
    Outcome::Redirected(Redirected {
        location: "https://client.example/cb?…".to_owned(),
        to: "https://client.example/cb".to_owned(),
        parameters: parameters.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect(),
        carrier: "query".to_owned(),
        status: 302,
    })
}

pub(super) fn page(status: u16, text: &str) -> Outcome {
    Outcome::Page(Page {
        status,
        text: text.to_owned(),
        body: if text.is_empty() { String::new() } else { format!("<p>{text}</p>") },
        media_type: "text/html".to_owned(),
        ..Page::default()
    })
}

pub(super) fn stuck() -> Outcome {
    Outcome::Stuck { reason: "two password fields".to_owned(), page: None }
}

pub(super) fn no_answer() -> Outcome {
    Outcome::Unreachable(Fault { kind: FaultKind::Refused, detail: "os error 111".to_owned() })
}

pub(super) fn lit(value: impl Into<Value>) -> Template {
    Template::Literal(value.into())
}

pub(super) fn error(codes: &[&str]) -> ClauseKind {
    ClauseKind::Error(codes.iter().map(|c| lit(*c)).collect())
}

pub(super) fn status(code: u16) -> ClauseKind {
    ClauseKind::Status(vec![StatusPattern::Exactly(code)])
}

pub(super) fn class(digit: u16) -> ClauseKind {
    ClauseKind::Status(vec![StatusPattern::Class(digit)])
}

pub(super) fn member(name: &str, matcher: Matcher) -> ClauseKind {
    ClauseKind::Json(name.to_owned(), matcher)
}

pub(super) fn header(name: &str, matcher: Matcher) -> ClauseKind {
    ClauseKind::Header(name.to_owned(), matcher)
}

pub(super) fn not<const N: usize>(clauses: [ClauseKind; N]) -> ClauseKind {
    ClauseKind::Not(Box::new(pattern(clauses)))
}

pub(super) fn one_of(alternatives: Vec<(&str, Pattern)>) -> ClauseKind {
    ClauseKind::OneOf(
        alternatives
            .into_iter()
            .map(|(label, pattern)| Pattern {
                label: (!label.is_empty()).then(|| label.to_owned()),
                ..pattern
            })
            .collect(),
    )
}

pub(super) fn redirect(error: Option<&[&str]>, parameters: Vec<(&str, Matcher)>) -> ClauseKind {
    ClauseKind::Redirect(RedirectPattern {
        error: error.map(|codes| codes.iter().map(|c| lit(*c)).collect()),
        parameters: parameters.into_iter().map(|(n, m)| (n.to_owned(), m, location(9))).collect(),
        ..RedirectPattern::default()
    })
}

pub(super) fn shows_page() -> ClauseKind {
    ClauseKind::Page(PagePattern::default())
}

pub(super) fn is_null(path: &str) -> ClauseKind {
    let expression = Expression::Binary(
        Box::new(reference(path)),
        Operator::Equal,
        Box::new(Expression::Literal(Value::Null)),
    );
    ClauseKind::Holds(expression, format!("{path} == null"))
}

pub(super) fn expectation(pattern: Pattern) -> Expectation {
    Expectation {
        requirement: Located { value: "rfc6749-x".to_owned(), location: location(1) },
        when: None,
        pattern,
    }
}

pub(super) fn names() -> Names {
    Names::new([
        ("request", Value::Map(vec![("state".to_owned(), "x".repeat(300).into())])),
        ("response", Value::Map(vec![("status".to_owned(), Value::integer(500))])),
        ("policy", Value::Map(vec![])),
    ])
}

pub(super) fn finding<const N: usize>(outcome: &Outcome, clauses: [ClauseKind; N]) -> Finding {
    let scope = names();
    let evidence = Evidence { outcome, scope: &scope, keys: None, terse: false };
    judge(&expectation(pattern(clauses)), Level::Must, &evidence)
}

pub(super) fn verdict(outcome: &Outcome, clause: ClauseKind) -> Verdict {
    finding(outcome, [clause]).verdict
}

pub(super) const TOKEN: &str = r#"{"access_token":"t0ken","token_type":"Bearer","expires_in":3600}"#;
pub(super) const GRANT: &str = r#"{"error":"invalid_grant"}"#;

pub(super) fn bearer(status: u16, challenge: &str) -> Outcome {
    answered(exchange(Endpoint::Resource, status, &[("WWW-Authenticate", challenge)], ""))
}

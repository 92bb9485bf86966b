//! What patterns and clauses ask for, in words.

use std::borrow::Cow;

use super::matcher;
use super::redirect;
use super::words::{alternatives, bare, limit_of, quoted};
use crate::model::{
    ClauseKind, JwtPattern, PagePattern, Pattern, RedirectPattern, Scope, StatusPattern, Template, Value,
};

/// What a pattern asks for, in words, without a run: what refers to one is named as it is written.
pub fn describe_pattern(pattern: &Pattern) -> String {
    self::pattern(pattern, &Nothing)
}

/// A scope before anything has happened.
struct Nothing;

impl Scope for Nothing {
    fn value_of(&self, _name: &str) -> Option<Cow<'_, Value>> {
        None
    }
}

/// The whole pattern.
pub(super) fn pattern(pattern: &Pattern, scope: &dyn Scope) -> String {
    pattern.clauses.iter().map(|c| clause(&c.kind, scope)).collect::<Vec<_>>().join(" and ")
}

/// What an alternative is called: its label, else its words.
pub(super) fn label(alternative: &Pattern, scope: &dyn Scope) -> String {
    alternative.label.clone().unwrap_or_else(|| pattern(alternative, scope))
}

/// One clause.
pub(super) fn clause(kind: &ClauseKind, scope: &dyn Scope) -> String {
    match kind {
        ClauseKind::Success(true) => "success".to_owned(),
        ClauseKind::Success(false) => "a refusal".to_owned(),
        ClauseKind::Error(codes) => error(codes, scope),
        ClauseKind::Status(patterns) => status(patterns),
        ClauseKind::Header(name, matcher) => {
            format!("header {name} {}", matcher::describe(matcher, limit_of(name), scope))
        }
        ClauseKind::Json(name, matcher) => {
            format!("member {} {}", quoted(name), matcher::describe(matcher, limit_of(name), scope))
        }
        ClauseKind::Text(matcher) => format!("a text {}", matcher::describe(matcher, limit_of(""), scope)),
        ClauseKind::Redirect(pattern) => redirect(pattern, scope),
        ClauseKind::Page(pattern) => page(pattern, scope),
        ClauseKind::Jwt(pattern) => jwt(pattern, scope),
        ClauseKind::Closed => "nobody who listens there".to_owned(),
        ClauseKind::Holds(_, source) => format!("that {source}"),
        ClauseKind::OneOf(patterns) => {
            alternatives(&patterns.iter().map(|p| label(p, scope)).collect::<Vec<_>>())
        }
        ClauseKind::Not(inner) => format!("not {}", label(inner, scope)),
    }
}

/// `status 400 or 4xx`
pub(super) fn status(patterns: &[StatusPattern]) -> String {
    format!("status {}", alternatives(&patterns.iter().map(StatusPattern::to_string).collect::<Vec<_>>()))
}

/// `error invalid_grant or invalid_client`
pub(super) fn error(codes: &[Template], scope: &dyn Scope) -> String {
    match redirect::codes(codes, scope) {
        Ok(codes) => {
            let codes: Vec<String> = codes.iter().map(|c| bare(c, 60)).collect();
            format!("error {}", alternatives(&codes))
        }
        Err(_) => "an error that cannot be computed".to_owned(),
    }
}

fn redirect(pattern: &RedirectPattern, scope: &dyn Scope) -> String {
    let mut parts = Vec::new();
    if let Some(carrier) = &pattern.carrier {
        parts.push(redirect::by(carrier));
    }
    if let Some(codes) = &pattern.error {
        parts.push(error(codes, scope));
    }
    for (name, matcher, _) in &pattern.parameters {
        parts.push(format!("{} {}", bare(name, 60), matcher::describe(matcher, limit_of(name), scope)));
    }
    let to = match &pattern.to {
        Some(matcher) => format!("a redirect to a URI {}", matcher::describe(matcher, limit_of(""), scope)),
        None => "a redirect".to_owned(),
    };
    if parts.is_empty() { to } else { format!("{to} with {}", parts.join(" and ")) }
}

fn page(pattern: &PagePattern, scope: &dyn Scope) -> String {
    let mut words = "a page for the user".to_owned();
    if let Some(patterns) = &pattern.status {
        words.push_str(&format!(" with {}", status(patterns)));
    }
    if let Some(matcher) = &pattern.text {
        words.push_str(&format!(" with a text {}", matcher::describe(matcher, limit_of(""), scope)));
    }
    words
}

fn jwt(pattern: &JwtPattern, scope: &dyn Scope) -> String {
    let mut parts = Vec::new();
    for (kind, members) in [("header", &pattern.header), ("claim", &pattern.claims)] {
        for (name, matcher, _) in members {
            let words = matcher::describe(matcher, limit_of(""), scope);
            parts.push(format!("{kind} {} {words}", quoted(name)));
        }
    }
    if pattern.signature.is_some() {
        parts.push("a signature by a published key".to_owned());
    }
    let member = pattern.member.as_deref().unwrap_or("access_token");
    let words = format!("a JWT as {}", bare(member, 60));
    if parts.is_empty() { words } else { format!("{words} with {}", parts.join(" and ")) }
}

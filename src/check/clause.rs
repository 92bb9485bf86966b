//! Patterns and their clauses, against what there is to see.

use std::borrow::Cow;
use std::cell::OnceCell;

use super::answer::{Reading, read};
use super::json::{Document, Member};
use super::matcher::{self, Misfit, Subject};
use super::sight::{Sight, is_weak, names};
use super::words::{count, limit_of, quoted, shown};
use super::{answer, describe, expected, jwt, redirect, scope};
use crate::http::{Endpoint, Response};
use crate::model::{
    Clause, ClauseKind, Expression, Location, Matcher, PagePattern, Pattern, Scope, StatusPattern, Template,
};

/// Everything that a clause may look at.
#[derive(Clone, Copy)]
pub(super) struct Scene<'a> {
    /// What there is to see.
    pub(super) sight: &'a Sight<'a>,
    /// What has been read of it already.
    pub(super) memo: &'a Memo,
    /// What names stand for.
    pub(super) scope: &'a dyn Scope,
    /// The server's JWKS document.
    pub(super) keys: Option<&'a serde_json::Value>,
    /// Whether the pattern is about every exchange of a kind, so that an answer that says nothing about its
    /// request still counts for what it is.
    pub(super) invariant: bool,
    /// Whether only the verdict is asked for: no words are found for anything.
    pub(super) terse: bool,
}

impl Scene<'_> {
    /// What there is to see, in words.
    pub(super) fn seen(&self) -> String {
        if self.terse { String::new() } else { describe::sight(self.sight) }
    }
}

/// What several clauses read of the same answer, kept from the first to the last.
#[derive(Debug, Default)]
pub(super) struct Memo {
    document: OnceCell<Result<Document, String>>,
}

/// Whether a pattern or clause holds, and if it does, the label of the alternative that was seen.
pub(super) type Judged = Result<Option<String>, Miss>;

/// Why a pattern or clause does not hold.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Miss {
    /// What is asked for, in words.
    pub(super) expected: String,
    /// What is there instead.
    pub(super) seen: String,
    /// Of the clause.
    pub(super) location: Location,
    /// What that means.
    pub(super) kind: MissKind,
}

/// What it means that something does not hold, in the order in which one of several decides: what is known to
/// be false makes the whole false, whatever else is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum MissKind {
    /// It is otherwise.
    Broken,
    /// The suite asks for what cannot be computed.
    Faulty,
    /// It cannot be told.
    Unclear,
    /// The server answered, but in no form in which it could hold. That breaks what must hold, and proves
    /// nothing of what must not.
    Unreadable,
}

impl MissKind {
    /// Whether it is the server that broke something.
    pub(super) fn is_certain(self) -> bool {
        matches!(self, Self::Broken | Self::Unreadable)
    }
}

/// Judges a pattern: all its clauses hold, and the answer is one that can hold anything.
///
/// An answer that says nothing about its request (429, 5xx) never satisfies a pattern that does not name its
/// status, not even one that only asks for the absence of something.
pub(super) fn pattern(pattern: &Pattern, scene: Scene<'_>) -> Judged {
    let observed = clauses(pattern, scene)?.or_else(|| pattern.label.clone());
    match unnamed_weakness(pattern, scene) {
        Some(seen) if !scene.invariant => Err(Miss {
            expected: expected::pattern(pattern, scene.scope),
            seen,
            location: pattern.location.clone(),
            kind: MissKind::Unclear,
        }),
        _ => Ok(observed),
    }
}

fn clauses(pattern: &Pattern, scene: Scene<'_>) -> Judged {
    let status = pattern.clauses.iter().find_map(|c| match &c.kind {
        ClauseKind::Status(patterns) => Some(patterns.as_slice()),
        _ => None,
    });
    worst(
        pattern
            .clauses
            .iter()
            .map(|c| Judge { scene, clause: c, status: status.unwrap_or_default() }.judge()),
    )
}

/// All of several: the first label if all hold, else the miss that decides, the first of its kind.
pub(super) fn worst(judged: impl Iterator<Item = Judged>) -> Judged {
    let mut observed = None;
    let mut decisive: Option<Miss> = None;
    for one in judged {
        match one {
            Ok(label) => observed = observed.or(label),
            Err(miss) if decisive.as_ref().is_none_or(|d| miss.kind < d.kind) => decisive = Some(miss),
            Err(_) => {}
        }
    }
    decisive.map_or(Ok(observed), Err)
}

/// Why the answer can hold nothing, unless the pattern itself asks for its status.
fn unnamed_weakness(pattern: &Pattern, scene: Scene<'_>) -> Option<String> {
    if matches!(scene.sight, Sight::Nothing(_)) {
        return None; // conditions hold without an answer, every other clause has said that there is none
    }
    if scene.sight.is_closed() && pattern.clauses.iter().any(asks_for_closed) {
        return None;
    }
    if let Some(silence) = scene.sight.silence() {
        return Some(silence);
    }
    let status = scene.sight.status().filter(|s| is_weak(*s))?;
    (!pattern.clauses.iter().any(|c| asks_for(c, status))).then(|| scene.seen())
}

fn asks_for(clause: &Clause, status: u16) -> bool {
    match &clause.kind {
        ClauseKind::Status(patterns) | ClauseKind::Page(PagePattern { status: Some(patterns), .. }) => {
            names(patterns, status)
        }
        ClauseKind::OneOf(patterns) => patterns.iter().any(|p| p.clauses.iter().any(|c| asks_for(c, status))),
        _ => false,
    }
}

fn asks_for_closed(clause: &Clause) -> bool {
    match &clause.kind {
        ClauseKind::Closed => true,
        ClauseKind::OneOf(patterns) => patterns.iter().any(|p| p.clauses.iter().any(asks_for_closed)),
        _ => false,
    }
}

/// One clause, and the statuses that its pattern names.
struct Judge<'a> {
    scene: Scene<'a>,
    clause: &'a Clause,
    status: &'a [StatusPattern],
}

impl Judge<'_> {
    fn judge(&self) -> Judged {
        let needs_answer = match self.clause.kind {
            ClauseKind::OneOf(_) | ClauseKind::Not(_) | ClauseKind::Holds(..) => false,
            ClauseKind::Closed => !self.scene.sight.is_closed(),
            _ => true,
        };
        if needs_answer && let Some(silence) = self.scene.sight.silence() {
            return self.miss(silence, MissKind::Unclear);
        }
        match &self.clause.kind {
            ClauseKind::Closed if self.scene.sight.is_closed() => Ok(None),
            ClauseKind::Closed => self.broken(describe::sight(self.scene.sight)),
            ClauseKind::Success(wanted) => self.success(*wanted),
            ClauseKind::Error(codes) => self.error(codes),
            ClauseKind::Status(patterns) => self.status(patterns),
            ClauseKind::Header(name, matcher) => self.header(name, matcher),
            ClauseKind::Json(name, matcher) => self.json(name, matcher),
            ClauseKind::Text(matcher) => self.text(matcher),
            ClauseKind::Redirect(pattern) => {
                self.definite()?;
                redirect::judge(pattern, &self.clause.location, self.scene)
            }
            ClauseKind::Page(pattern) => self.page(pattern),
            ClauseKind::Jwt(pattern) => {
                self.definite()?;
                let member = pattern.member.as_deref().unwrap_or("access_token");
                let value = self.member(member)?;
                jwt::judge(pattern, member, value.as_ref(), &self.clause.location, self.scene)
            }
            ClauseKind::Holds(expression, source) => self.holds(expression, source),
            ClauseKind::OneOf(patterns) => self.one_of(patterns),
            ClauseKind::Not(inner) => self.not(inner),
        }
    }

    fn success(&self, wanted: bool) -> Judged {
        let named = self.is_named();
        match read(self.scene.sight) {
            Reading::Granted if wanted => Ok(None),
            Reading::Refused(_) if !wanted => Ok(None),
            Reading::Granted => self.broken(self.scene.seen()),
            Reading::Refused(refusal) => self.broken(refusal.words),
            Reading::Neither(seen) => self.broken(seen),
            Reading::Unreadable(seen) if wanted || named => self.miss(seen, MissKind::Unreadable),
            Reading::Unclear(seen) if named => self.miss(seen, MissKind::Unreadable),
            Reading::Unreadable(seen) | Reading::Unclear(seen) => self.miss(seen, MissKind::Unclear),
        }
    }

    /// The code, in the form that the RFC gives it; where the pattern names the status, with that status.
    fn error(&self, codes: &[Template]) -> Judged {
        let wanted = self.computed(redirect::codes(codes, self.scene.scope))?;
        let named = self.is_named();
        match read(self.scene.sight) {
            Reading::Refused(refusal) => match (refusal.code, refusal.flaw) {
                (Some(_), Some(flaw)) if !named => self.broken(flaw),
                (Some(code), _) if wanted.contains(&code) => Ok(None),
                (Some(_), _) => self.broken(refusal.words),
                (None, _) => self.broken(format!("{}: no error code", refusal.words)),
            },
            Reading::Granted => self.broken(self.scene.seen()),
            Reading::Neither(seen) => self.broken(seen),
            Reading::Unclear(_) if named => match self.document() {
                Some(Ok(document)) => match answer::error_of_body(document) {
                    Ok(Some(code)) if wanted.contains(&code) => Ok(None),
                    _ => self.broken(self.scene.seen()),
                },
                _ => self.miss(self.scene.seen(), MissKind::Unreadable),
            },
            Reading::Unreadable(seen) if named => self.miss(seen, MissKind::Unreadable),
            Reading::Unreadable(seen) | Reading::Unclear(seen) => self.miss(seen, MissKind::Unclear),
        }
    }

    fn status(&self, patterns: &[StatusPattern]) -> Judged {
        let Some(status) = self.scene.sight.status() else {
            return self.miss(self.scene.seen(), MissKind::Unclear);
        };
        if !is_weak(status) || self.scene.invariant {
            let fits = patterns.iter().any(|p| p.fits(status));
            return if fits { Ok(None) } else { self.broken(self.scene.seen()) };
        }
        if names(patterns, status) { Ok(None) } else { self.miss(self.scene.seen(), MissKind::Unclear) }
    }

    fn header(&self, name: &str, matcher: &Matcher) -> Judged {
        let Sight::Answered(_, response) = self.scene.sight else {
            let seen = format!("{}, of which no header fields are kept", self.scene.seen());
            return self.miss(seen, MissKind::Faulty);
        };
        let fields: Vec<&str> = response.headers.all(name).collect();
        // Cookies cannot be joined as other fields can (RFC 9110 section 5.3), so each has a line.
        let between = if name == "set-cookie" { "\n" } else { ", " };
        let joined = (!fields.is_empty()).then(|| fields.join(between));
        self.presence(matcher, &self.subject(|| format!("header {name}"), name, joined.as_deref()))
    }

    fn text(&self, matcher: &Matcher) -> Judged {
        let Some(body) = self.scene.sight.body() else {
            return self.broken(self.scene.seen());
        };
        let text = String::from_utf8_lossy(body);
        let subject = self.subject(|| "text".to_owned(), "text", Some(&text));
        match self.presence(matcher, &subject) {
            // A token that is cut could not be masked any more.
            Err(miss)
                if !self.scene.terse
                    && miss.kind == MissKind::Broken
                    && read(self.scene.sight) == Reading::Granted =>
            {
                self.broken(format!("a body of {}", count(text.chars().count(), "character")))
            }
            judged => judged,
        }
    }

    /// A header field or text: on an answer that says nothing about its request only something that is there
    /// and should not be there counts.
    fn presence(&self, matcher: &Matcher, subject: &Subject) -> Judged {
        match matcher::check(matcher, subject, self.scene.scope) {
            Ok(()) => Ok(None),
            Err(Misfit::Incomputable(why)) => self.miss(why, MissKind::Faulty),
            Err(Misfit::Other(_))
                if self.is_weak_and_unnamed() && !self.scene.invariant && !matcher::is_negative(matcher) =>
            {
                self.miss(self.scene.seen(), MissKind::Unclear)
            }
            Err(Misfit::Other(seen)) => self.broken(seen),
        }
    }

    fn json(&self, name: &str, matcher: &Matcher) -> Judged {
        self.definite()?;
        let value = self.member(name)?;
        let subject = Subject::json(format!("member {}", quoted(name)), name, value.as_ref());
        let subject = Subject { terse: self.scene.terse, ..subject };
        self.fitted(matcher::check(matcher, &subject, self.scene.scope))
    }

    /// The member of the body, which must be a JSON object with that name at most once.
    fn member(&self, name: &str) -> Result<Option<serde_json::Value>, Miss> {
        let seen = || self.scene.seen();
        let document = match self.document() {
            Some(Ok(document)) if document.value.is_object() => document,
            Some(Ok(_)) => return Err(self.missed(seen(), MissKind::Unreadable)),
            Some(Err(why)) => {
                let truncated = matches!(self.scene.sight, Sight::Answered(_, r) if r.truncated);
                let positive = matches!(self.scene.sight.status(), Some(200..=299));
                let kind = if (positive || self.is_named()) && !truncated {
                    MissKind::Unreadable
                } else {
                    MissKind::Unclear
                };
                let seen = if truncated {
                    format!("{}: longer than what is read of an answer", seen())
                } else if self.is_labelled_json() {
                    format!("{}: malformed JSON, {}", seen(), quoted(why))
                } else {
                    seen()
                };
                return Err(self.missed(seen, kind));
            }
            None => return Err(self.missed(seen(), MissKind::Broken)),
        };
        match document.member(name) {
            Member::Twice => Err(self.missed(format!("the member {} twice", quoted(name)), MissKind::Broken)),
            Member::Value(value) => Ok(Some(value.clone())),
            Member::Absent => Ok(None),
        }
    }

    fn document(&self) -> Option<Result<&Document, &String>> {
        let body = self.scene.sight.body()?;
        Some(self.scene.memo.document.get_or_init(|| Document::read(body)).as_ref())
    }

    fn subject(&self, title: impl FnOnce() -> String, name: &str, value: Option<&str>) -> Subject {
        let terse = self.scene.terse;
        let title = if terse { String::new() } else { title() };
        Subject { terse, ..Subject::text(title, name, value) }
    }

    fn is_labelled_json(&self) -> bool {
        let media_type = match self.scene.sight {
            Sight::Page(page) => Some(page.media_type.clone()),
            Sight::Answered(_, response) => Response::media_type(response),
            _ => None,
        };
        media_type.is_some_and(|m| m.ends_with("json"))
    }

    /// A page tells the user something; a direct answer is one where a browser would show it as such.
    fn page(&self, pattern: &PagePattern) -> Judged {
        let sight = self.scene.sight;
        let (status, text, body): (_, Cow<'_, str>, Cow<'_, str>) = match sight {
            Sight::Page(page) => (page.status, page.text.as_str().into(), page.body.as_str().into()),
            Sight::Answered(exchange, response)
                if matches!(exchange.endpoint, Endpoint::Authorization | Endpoint::Other)
                    && response.media_type().is_some_and(|m| m.contains("html"))
                    && !(300..400).contains(&response.status) =>
            {
                (response.status, response.text(), response.text())
            }
            _ if sight.is_weak() => return self.miss(self.scene.seen(), MissKind::Unclear),
            _ => return self.broken(self.scene.seen()),
        };
        let seen = || self.scene.seen();
        if is_weak(status) && !pattern.status.as_ref().is_some_and(|p| names(p, status)) && !self.is_named() {
            return self.miss(seen(), MissKind::Unclear);
        }
        if pattern.status.as_ref().is_some_and(|patterns| !patterns.iter().any(|p| p.fits(status))) {
            return self.broken(seen());
        }
        if body.trim().is_empty() {
            return self.broken(seen());
        }
        let Some(matcher) = &pattern.text else { return Ok(None) };
        let subject = self.subject(|| "text".to_owned(), "text", Some(&text));
        self.fitted(matcher::check(matcher, &subject, self.scene.scope))
    }

    fn holds(&self, expression: &Expression, source: &str) -> Judged {
        match scope::holds(expression, self.scene.scope) {
            Ok(true) => Ok(None),
            Ok(false) if matches!(self.scene.sight, Sight::Unreachable(_) | Sight::Stuck(_)) => {
                self.miss(self.scene.seen(), MissKind::Unclear)
            }
            Ok(false) if self.is_weak_and_unnamed() && !self.scene.invariant => {
                self.miss(self.scene.seen(), MissKind::Unclear)
            }
            Ok(false) if matches!(self.scene.sight, Sight::Handshake(_)) => self.broken(self.scene.seen()),
            Ok(false) if self.scene.terse => self.broken(String::new()),
            Ok(false) => {
                let values = scope::references(expression, self.scene.scope);
                let said = values.iter().map(|(n, v)| format!("{n} is {}", shown(v, limit_of(n))));
                let said = said.collect::<Vec<_>>().join(", ");
                self.broken(if said.is_empty() { "it is not".to_owned() } else { said })
            }
            Err(why) => self.miss(format!("{source} cannot be computed: {why}"), MissKind::Faulty),
        }
    }

    fn one_of(&self, patterns: &[Pattern]) -> Judged {
        let mut unclear = None;
        let mut unreadable = false;
        for alternative in patterns {
            match pattern(alternative, self.scene) {
                Ok(observed) => {
                    let words = || expected::label(alternative, self.scene.scope);
                    return Ok(Some(alternative.label.clone().or(observed).unwrap_or_else(words)));
                }
                Err(miss) if miss.kind.is_certain() => unreadable |= miss.kind == MissKind::Unreadable,
                Err(miss) => unclear = unclear.or(Some(miss)),
            }
        }
        match unclear {
            Some(Miss { seen, kind, .. }) => self.miss(seen, kind),
            None => {
                let kind = if unreadable { MissKind::Unreadable } else { MissKind::Broken };
                self.miss(self.scene.seen(), kind)
            }
        }
    }

    fn not(&self, inner: &Pattern) -> Judged {
        match clauses(inner, self.scene) {
            Ok(_) => self.broken(self.scene.seen()),
            Err(miss) if miss.kind == MissKind::Broken => Ok(None),
            Err(miss) if miss.kind == MissKind::Unreadable => self.miss(miss.seen, MissKind::Unclear),
            Err(miss) => self.miss(miss.seen, miss.kind),
        }
    }

    /// Fails where the answer says nothing about its request and its status is not asked for.
    fn definite(&self) -> Result<(), Miss> {
        if self.is_weak_and_unnamed() {
            return Err(self.missed(self.scene.seen(), MissKind::Unclear));
        }
        Ok(())
    }

    fn is_weak_and_unnamed(&self) -> bool {
        self.scene.sight.is_weak() && !self.is_named()
    }

    /// Whether the pattern names exactly the status that came.
    fn is_named(&self) -> bool {
        self.scene.sight.status().is_some_and(|s| self.status.contains(&StatusPattern::Exactly(s)))
    }

    fn fitted(&self, result: Result<(), Misfit>) -> Judged {
        match result {
            Ok(()) => Ok(None),
            Err(Misfit::Other(seen)) => self.broken(seen),
            Err(Misfit::Incomputable(why)) => self.miss(why, MissKind::Faulty),
        }
    }

    fn computed<T>(&self, result: Result<T, String>) -> Result<T, Miss> {
        result.map_err(|why| self.missed(why, MissKind::Faulty))
    }

    fn broken(&self, seen: String) -> Judged {
        self.miss(seen, MissKind::Broken)
    }

    fn miss(&self, seen: String, kind: MissKind) -> Judged {
        Err(self.missed(seen, kind))
    }

    fn missed(&self, seen: String, kind: MissKind) -> Miss {
        if self.scene.terse {
            return Miss { expected: String::new(), seen, location: Location::default(), kind };
        }
        Miss {
            expected: expected::clause(&self.clause.kind, self.scene.scope),
            seen,
            location: self.clause.location.clone(),
            kind,
        }
    }
}

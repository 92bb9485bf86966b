//! What is said of one value, against that value.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use regex::{Regex, RegexBuilder};
use serde_json::Number;

use super::json::Document;
use super::lasts;
use super::scope;
use super::words::{alternatives, count, difference, limit_of, shown};
use crate::model::{EvaluationError, JsonType, Matcher, Scope, Template, Value};

/// A value in an answer, with what it is called there.
#[derive(Clone, Debug)]
pub(super) struct Subject {
    /// What it is called: `member "expires_in"`, `header cache-control`.
    pub(super) title: String,
    /// The value; `None` where there is none.
    pub(super) value: Option<Value>,
    /// Whether the value has a type. Parameters and header fields are text that may spell a number;
    /// a text in JSON never is one.
    pub(super) typed: bool,
    /// Characters of it that may be shown.
    pub(super) limit: usize,
    /// Whether nobody asks which value it is.
    pub(super) terse: bool,
}

/// Why a value does not fit.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Misfit {
    /// It is another; says which.
    Other(String),
    /// The suite asks for something that cannot be computed; says why.
    Incomputable(String),
}

impl Subject {
    /// A member of a JSON text, by its (dotted) name.
    pub(super) fn json(title: String, name: &str, value: Option<&serde_json::Value>) -> Self {
        Self {
            title,
            value: value.cloned().map(Value::from),
            typed: true,
            limit: limit_of(name),
            terse: false,
        }
    }

    /// A parameter, header field or whole text.
    pub(super) fn text(title: String, name: &str, value: Option<&str>) -> Self {
        Self { title, value: value.map(Value::from), typed: false, limit: limit_of(name), terse: false }
    }

    fn other(&self, remark: Option<String>) -> Misfit {
        if self.terse {
            return Misfit::Other(String::new());
        }
        let Some(value) = &self.value else {
            return Misfit::Other(format!("no {}", self.title));
        };
        let shown = shown(value, self.limit);
        Misfit::Other(remark.map_or_else(|| shown.clone(), |remark| format!("{shown}, {remark}")))
    }
}

/// Whether the value fits the matcher.
pub(super) fn check(matcher: &Matcher, subject: &Subject, scope: &dyn Scope) -> Result<(), Misfit> {
    match matcher {
        Matcher::Equals(template) => equals(&wanted(template, scope)?, subject),
        Matcher::OneOf(templates) => {
            let mut misfit = None;
            for template in templates {
                match wanted(template, scope) {
                    Ok(wanted) if equals(&wanted, subject).is_ok() => return Ok(()),
                    Ok(_) => {}
                    Err(incomputable) => misfit = Some(incomputable),
                }
            }
            Err(misfit.unwrap_or_else(|| subject.other(None)))
        }
        Matcher::Absent => match &subject.value {
            None => Ok(()),
            Some(_) => Err(subject.other(None)),
        },
        Matcher::Present => match &subject.value {
            Some(Value::Text(text)) if text.is_empty() => Err(Misfit::Other("an empty text".to_owned())),
            Some(Value::List(items)) if items.is_empty() => Err(Misfit::Other("an empty list".to_owned())),
            Some(Value::Null) | None => Err(subject.other(None)),
            Some(_) => Ok(()),
        },
        Matcher::Contains(template) => {
            let wanted = wanted(template, scope)?;
            match &subject.value {
                Some(Value::List(items)) => verdict(items.iter().any(|i| same(&wanted, i)), subject),
                _ => part(subject, &wanted, |text, part| text.contains(part)),
            }
        }
        Matcher::StartsWith(template) => {
            part(subject, &wanted(template, scope)?, |text, part| text.starts_with(part))
        }
        Matcher::EndsWith(template) => {
            part(subject, &wanted(template, scope)?, |text, part| text.ends_with(part))
        }
        Matcher::Matches(pattern) => {
            let regex = compiled(pattern)
                .ok_or_else(|| Misfit::Incomputable(format!("/{pattern}/ is no regular expression")))?;
            verdict(regex.is_match(text(subject)?), subject)
        }
        Matcher::Above(template) => ordered(template, subject, scope, Ordering::is_gt),
        Matcher::AtLeast(template) => ordered(template, subject, scope, Ordering::is_ge),
        Matcher::Below(template) => ordered(template, subject, scope, Ordering::is_lt),
        Matcher::AtMost(template) => ordered(template, subject, scope, Ordering::is_le),
        Matcher::Type(json_type) => has_type(*json_type, subject),
        Matcher::Length(inner) => length(inner, subject, scope),
        Matcher::EqualsIgnoringCase(template) => {
            part(subject, &wanted(template, scope)?, str::eq_ignore_ascii_case)
        }
        Matcher::Scopes(template) => {
            let (wanted, seen) = (words(&wanted(template, scope)?)?, text(subject)?);
            let mut seen: Vec<&str> = seen.split(' ').filter(|w| !w.is_empty()).collect();
            let mut wanted: Vec<&str> = wanted.iter().map(String::as_str).collect();
            for list in [&mut seen, &mut wanted] {
                list.sort_unstable();
                list.dedup();
            }
            verdict(seen == wanted, subject)
        }
        Matcher::WordsOf(template) => {
            let wanted = words(&wanted(template, scope)?)?;
            let stranger =
                text(subject)?.split(' ').find(|w| !w.is_empty() && !wanted.iter().any(|k| k == w));
            stranger.map_or(Ok(()), |w| Err(subject.other(Some(format!("with {w:?} in it")))))
        }
        Matcher::Lasts(span) => lasts::check(span, subject, scope),
        Matcher::Any(inner) => any(inner, subject, scope),
        Matcher::Not(inner) => match check(inner, subject, scope) {
            Ok(()) => Err(subject.other(None)),
            Err(Misfit::Other(_)) => Ok(()),
            Err(incomputable) => Err(incomputable),
        },
        Matcher::All(matchers) => matchers.iter().try_for_each(|m| check(m, subject, scope)),
    }
}

/// Whether only the lack of something can satisfy the matcher.
pub(super) fn is_negative(matcher: &Matcher) -> bool {
    match matcher {
        Matcher::Absent | Matcher::Not(_) => true,
        Matcher::All(matchers) => matchers.iter().all(is_negative),
        _ => false,
    }
}

/// The matcher in words that fit behind the name of what it is about.
pub(super) fn describe(matcher: &Matcher, limit: usize, scope: &dyn Scope) -> String {
    let say = |template: &Template| match scope::value(template, scope) {
        Ok(value) => shown(&value, limit),
        Err(_) => referred(template),
    };
    match matcher {
        Matcher::Equals(template) => format!("equal to {}", say(template)),
        Matcher::OneOf(templates) => {
            format!("equal to {}", alternatives(&templates.iter().map(say).collect::<Vec<_>>()))
        }
        Matcher::Absent => "absent".to_owned(),
        Matcher::Present => "present and not empty".to_owned(),
        Matcher::Contains(template) => format!("containing {}", say(template)),
        Matcher::StartsWith(template) => format!("starting with {}", say(template)),
        Matcher::EndsWith(template) => format!("ending with {}", say(template)),
        Matcher::Matches(pattern) => format!("matching /{pattern}/"),
        Matcher::Above(template) => format!("above {}", say(template)),
        Matcher::AtLeast(template) => format!("at least {}", say(template)),
        Matcher::Below(template) => format!("below {}", say(template)),
        Matcher::AtMost(template) => format!("at most {}", say(template)),
        Matcher::Type(json_type) => format!("of type {}", type_name(*json_type)),
        Matcher::Length(inner) => format!("of a length {}", describe(inner, limit, scope)),
        Matcher::EqualsIgnoringCase(template) => {
            format!("equal to {} in upper or lower case", say(template))
        }
        Matcher::Scopes(template) => format!("with exactly the words of {}", say(template)),
        Matcher::WordsOf(template) => format!("with no other words than {}", say(template)),
        Matcher::Lasts(span) => lasts::describe(span, &say),
        Matcher::Any(inner) => format!("with one {}", describe(inner, limit, scope)),
        Matcher::Not(inner) => format!("not {}", describe(inner, limit, scope)),
        Matcher::All(matchers) => {
            matchers.iter().map(|m| describe(m, limit, scope)).collect::<Vec<_>>().join(" and ")
        }
    }
}

/// A value that cannot be computed, by the names that it is made from.
fn referred(template: &Template) -> String {
    let mut names = Vec::new();
    template.references(&mut |path| names.push(format!("${}", path.join("."))));
    names.dedup();
    if names.is_empty() { "what cannot be computed".to_owned() } else { names.join(" and ") }
}

/// Whether two values are the same; numbers and durations by size, members in any order.
fn same(wanted: &Value, seen: &Value) -> bool {
    match (wanted, seen) {
        (Value::Number(_) | Value::Duration(_), Value::Number(_) | Value::Duration(_)) => {
            order(seen, wanted) == Some(Ordering::Equal)
        }
        (Value::List(a), Value::List(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Map(a), Value::Map(b)) => {
            a.len() == b.len()
                && a.iter().all(|(name, a)| b.iter().any(|(other, b)| name == other && same(a, b)))
        }
        _ => wanted == seen,
    }
}

fn equals(wanted: &Value, subject: &Subject) -> Result<(), Misfit> {
    let Some(seen) = &subject.value else { return Err(subject.other(None)) };
    if !subject.typed
        && let Value::Text(text) = seen
    {
        let spelt = wanted.to_plain().is_some_and(|w| w == *text);
        let counted = matches!(wanted, Value::Number(_) | Value::Duration(_))
            && spelt_number(text).is_some_and(|n| same(wanted, &n));
        return if spelt || counted { Ok(()) } else { Err(differing(wanted, subject)) };
    }
    if same(wanted, seen) { Ok(()) } else { Err(differing(wanted, subject)) }
}

/// Tells what differs: the type, or the place.
fn differing(wanted: &Value, subject: &Subject) -> Misfit {
    if subject.terse {
        return subject.other(None);
    }
    subject.other(match (wanted, &subject.value) {
        (Value::Text(wanted), Some(Value::Text(seen))) => difference(wanted, seen),
        (Value::Null | Value::List(_) | Value::Map(_), _) => None,
        (wanted, Some(seen)) if subject.typed && kind(wanted) != kind(seen) => {
            Some(format!("{} and not {}", kind(seen), kind(wanted)))
        }
        _ => None,
    })
}

/// The kind of a value as JSON has it, where a duration is a number of seconds.
fn kind(value: &Value) -> &'static str {
    if matches!(value, Value::Duration(_)) { "a number" } else { value.kind() }
}

pub(super) fn verdict(fits: bool, subject: &Subject) -> Result<(), Misfit> {
    if fits { Ok(()) } else { Err(subject.other(None)) }
}

fn part(subject: &Subject, wanted: &Value, fits: impl Fn(&str, &str) -> bool) -> Result<(), Misfit> {
    let wanted = wanted
        .to_plain()
        .ok_or_else(|| Misfit::Incomputable(format!("a text cannot be compared with {}", wanted.kind())))?;
    verdict(fits(text(subject)?, &wanted), subject)
}

/// The subject where only a text fits.
fn text(subject: &Subject) -> Result<&str, Misfit> {
    match &subject.value {
        Some(Value::Text(text)) => Ok(text),
        Some(other) => Err(subject.other(Some(format!("{} and not a text", other.kind())))),
        None => Err(subject.other(None)),
    }
}

fn words(value: &Value) -> Result<Vec<String>, Misfit> {
    match value {
        Value::Text(text) => Ok(text.split(' ').filter(|w| !w.is_empty()).map(str::to_owned).collect()),
        Value::List(items) => Ok(items.iter().filter_map(Value::to_plain).collect()),
        other => Err(Misfit::Incomputable(format!("words were due and there is {}", other.kind()))),
    }
}

fn ordered(
    template: &Template,
    subject: &Subject,
    scope: &dyn Scope,
    fits: fn(Ordering) -> bool,
) -> Result<(), Misfit> {
    let wanted = wanted(template, scope)?;
    if !matches!(wanted, Value::Number(_) | Value::Duration(_)) {
        return Err(Misfit::Incomputable(format!("nothing is above or below {}", wanted.kind())));
    }
    verdict(order(&number(subject)?, &wanted).is_some_and(fits), subject)
}

/// The subject where only a number fits.
pub(super) fn number(subject: &Subject) -> Result<Value, Misfit> {
    let Some(seen) = &subject.value else { return Err(subject.other(None)) };
    let number = match seen {
        Value::Text(text) if !subject.typed => spelt_number(text),
        Value::Number(_) | Value::Duration(_) => Some(seen.clone()),
        _ => None,
    };
    number.ok_or_else(|| subject.other(Some(format!("{} and not a number", seen.kind()))))
}

/// The order of two numbers or durations; a number beside a duration counts seconds.
pub(super) fn order(left: &Value, right: &Value) -> Option<Ordering> {
    let exact = |value: &Value| match value {
        Value::Number(n) => n.as_i64().map(i128::from).or_else(|| n.as_u64().map(i128::from)),
        Value::Duration(d) => (d.subsec_nanos() == 0).then(|| i128::from(d.as_secs())),
        _ => None,
    };
    let about = |value: &Value| match value {
        Value::Number(n) => n.as_f64(),
        Value::Duration(d) => Some(d.as_secs_f64()),
        _ => None,
    };
    match (exact(left), exact(right)) {
        (Some(left), Some(right)) => Some(left.cmp(&right)),
        _ => about(left)?.partial_cmp(&about(right)?),
    }
}

/// The number that a parameter or header field spells, as JSON would.
fn spelt_number(text: &str) -> Option<Value> {
    text.parse::<Number>().ok().map(Value::Number)
}

fn has_type(wanted: JsonType, subject: &Subject) -> Result<(), Misfit> {
    let Some(seen) = &subject.value else { return Err(subject.other(None)) };
    let spelt = match seen {
        Value::Text(text) if !subject.typed => match wanted {
            JsonType::Integer | JsonType::Number => spelt_number(text),
            JsonType::Boolean => text.parse().ok().map(Value::Bool),
            JsonType::Array | JsonType::Object => {
                Document::read(text.as_bytes()).ok().map(|d| d.value.into())
            }
            _ => None,
        },
        _ => None,
    };
    let seen = spelt.as_ref().unwrap_or(seen);
    let fits = match wanted {
        JsonType::Integer => matches!(seen, Value::Number(n) if n.is_i64() || n.is_u64()),
        JsonType::Number => matches!(seen, Value::Number(_)),
        JsonType::String => matches!(seen, Value::Text(_)),
        JsonType::Boolean => matches!(seen, Value::Bool(_)),
        JsonType::Array => matches!(seen, Value::List(_)),
        JsonType::Object => matches!(seen, Value::Map(_)),
        JsonType::Null => matches!(seen, Value::Null),
    };
    if fits {
        return Ok(());
    }
    Err(subject.other(match seen {
        Value::Number(_) if wanted == JsonType::Integer => {
            Some("a number with a fraction or exponent".to_owned())
        }
        Value::Null => None,
        other => Some(other.kind().to_owned()),
    }))
}

fn type_name(json_type: JsonType) -> &'static str {
    JsonType::ALL.iter().find(|(_, t)| *t == json_type).map_or("unknown", |(name, _)| name)
}

fn length(inner: &Matcher, subject: &Subject, scope: &dyn Scope) -> Result<(), Misfit> {
    let (length, noun) = match &subject.value {
        Some(Value::Text(text)) => (text.chars().count(), "character"),
        Some(Value::List(items)) => (items.len(), "item"),
        Some(other) => return Err(subject.other(Some(format!("{}, which has no length", other.kind())))),
        None => return Err(subject.other(None)),
    };
    let number = Subject {
        title: "length".to_owned(),
        value: Some(Value::Number(length.into())),
        typed: true,
        limit: subject.limit,
        terse: subject.terse,
    };
    check(inner, &number, scope).map_err(|misfit| match misfit {
        Misfit::Other(_) => subject.other(Some(format!("of {}", count(length, noun)))),
        incomputable => incomputable,
    })
}

fn any(inner: &Matcher, subject: &Subject, scope: &dyn Scope) -> Result<(), Misfit> {
    let items = match &subject.value {
        Some(Value::List(items)) => items.clone(),
        Some(Value::Text(text)) => text.lines().map(Value::from).collect(),
        Some(other) => return Err(subject.other(Some(format!("{} and not a list", other.kind())))),
        None => return Err(subject.other(None)),
    };
    for item in items {
        match check(inner, &Subject { value: Some(item), ..subject.clone() }, scope) {
            Err(Misfit::Other(_)) => {}
            decided => return decided,
        }
    }
    Err(subject.other(None))
}

fn compute(template: &Template, scope: &dyn Scope) -> Result<Value, Misfit> {
    scope::value(template, scope).map_err(|e: EvaluationError| Misfit::Incomputable(e.to_string()))
}

/// What is compared with. A `null` that is written is JSON's; one that a reference comes to means that there
/// is nothing to compare with, and equality with nothing must not pass.
pub(super) fn wanted(template: &Template, scope: &dyn Scope) -> Result<Value, Misfit> {
    match (compute(template, scope)?, template) {
        (Value::Null, Template::Literal(_)) => Ok(Value::Null),
        (Value::Null, _) => {
            let mut names = Vec::new();
            template.references(&mut |path| names.push(path.join(".")));
            Err(Misfit::Incomputable(format!("there is no {} to compare with", alternatives(&names))))
        }
        (value, _) => Ok(value),
    }
}

/// Compiles each pattern once: invariants ask for the same few thousands of times. Suites are the only source of
/// patterns, so there are never many. All share one, because a clone would begin with empty caches.
fn compiled(pattern: &str) -> Option<Arc<Regex>> {
    static COMPILED: LazyLock<RwLock<HashMap<String, Option<Arc<Regex>>>>> = LazyLock::new(RwLock::default);
    if let Some(regex) = COMPILED.read().unwrap_or_else(PoisonError::into_inner).get(pattern) {
        return regex.clone();
    }
    let regex = RegexBuilder::new(pattern).size_limit(1 << 20).build().ok().map(Arc::new);
    COMPILED.write().unwrap_or_else(PoisonError::into_inner).insert(pattern.to_owned(), regex.clone());
    regex
}

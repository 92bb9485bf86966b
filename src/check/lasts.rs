//! How long something lasts that is told as a number of seconds.

use std::cmp::Ordering;
use std::time::Duration;

use super::matcher::{Misfit, Subject, number, order, verdict, wanted};
use crate::model::{Lasts, Scope, Template, Value};

/// Whether a number of seconds lasts as long as is said.
pub(super) fn check(span: &Lasts, subject: &Subject, scope: &dyn Scope) -> Result<(), Misfit> {
    let duration = |template: &Option<Template>| {
        let Some(template) = template else { return Ok(None) };
        match wanted(template, scope)? {
            Value::Duration(duration) => Ok(Some(duration)),
            other => Err(Misfit::Incomputable(format!("a duration was due and there is {}", other.kind()))),
        }
    };
    let within = duration(&span.within)?.unwrap_or_default();
    let about = duration(&span.about)?;
    let least = [about.map(|about| about.saturating_sub(within)), duration(&span.at_least)?];
    let most = [about.map(|about| about.saturating_add(within)), duration(&span.at_most)?];
    let seconds = number(subject)?;
    let fits = |bound: &Duration, wrong: fn(Ordering) -> bool| {
        order(&seconds, &Value::Duration(*bound)).is_some_and(|order| !wrong(order))
    };
    let all = least.iter().flatten().all(|bound| fits(bound, Ordering::is_lt))
        && most.iter().flatten().all(|bound| fits(bound, Ordering::is_gt));
    verdict(all, subject).map_err(|misfit| match (misfit, seconds) {
        (Misfit::Other(seen), Value::Number(n)) => match n.as_f64().map(Duration::try_from_secs_f64) {
            Some(Ok(duration)) => Misfit::Other(format!("{seen}, which is {}", Value::Duration(duration))),
            _ => Misfit::Other(seen),
        },
        (misfit, _) => misfit,
    })
}

/// The same in words.
pub(super) fn describe(span: &Lasts, say: &dyn Fn(&Template) -> String) -> String {
    let about = span.about.as_ref().map(|about| match &span.within {
        Some(within) => format!("{}, {} more or less", say(about), say(within)),
        None => say(about),
    });
    let at_least = span.at_least.as_ref().map(|least| format!("at least {}", say(least)));
    let at_most = span.at_most.as_ref().map(|most| format!("at most {}", say(most)));
    let all: Vec<String> = [about, at_least, at_most].into_iter().flatten().collect();
    format!("a number of seconds: {}", all.join(" and "))
}

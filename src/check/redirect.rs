//! The `redirect` clause: where the browser was sent and with what (RFC 6749 sections 4.1.2 and 4.2.2).

use super::answer::is_code;
use super::clause::{Judged, Miss, MissKind, Scene, worst};
use super::matcher::{self, Misfit, Subject};
use super::words::{bare, limit_of, quoted};
use super::{describe, expected, scope};
use crate::model::{Location, Matcher, RedirectPattern, Redirected, Scope, Template, Value};

/// Judges the clause; `location` is the clause's own.
pub(super) fn judge(pattern: &RedirectPattern, location: &Location, scene: Scene<'_>) -> Judged {
    let Some(redirected) = scene.sight.redirected() else {
        return Err(Miss {
            expected: expected::clause(&crate::model::ClauseKind::Redirect(pattern.clone()), scene.scope),
            seen: scene.seen(),
            location: location.clone(),
            kind: MissKind::Broken,
        });
    };
    let to = pattern.to.iter().map(|matcher| {
        let subject = Subject::text("URI".to_owned(), "to", Some(&redirected.to));
        fitted("a redirect to a URI", matcher, &subject, location, scene)
    });
    let carrier = pattern.carrier.iter().map(|wanted| carrier(wanted, &redirected, location));
    let error = pattern.error.iter().map(|wanted| error(wanted, &redirected, location, scene));
    let parameters = pattern
        .parameters
        .iter()
        .map(|(name, matcher, location)| parameter(name, matcher, &redirected, location, scene));
    worst(error.chain(to).chain(carrier).chain(parameters))
}

/// The codes that a list of templates comes to; a template may come to a list itself.
///
/// # Errors
///
/// Says what cannot be computed.
pub(super) fn codes(templates: &[Template], scope: &dyn Scope) -> Result<Vec<String>, String> {
    let mut codes = Vec::new();
    for template in templates {
        let items = match scope::value(template, scope).map_err(|e| e.to_string())? {
            Value::List(items) => items,
            one => vec![one],
        };
        for item in items {
            codes.push(item.to_plain().ok_or_else(|| format!("{} is no error code", item.kind()))?);
        }
    }
    Ok(codes)
}

/// `parameters in the query`
pub(super) fn by(carrier: &str) -> String {
    match carrier {
        "form_post" => "parameters by form_post".to_owned(),
        other => format!("parameters in the {other}"),
    }
}

fn carrier(wanted: &str, redirected: &Redirected, location: &Location) -> Judged {
    if redirected.carrier == wanted {
        return Ok(None);
    }
    let seen = if redirected.parameters.is_empty() {
        describe::redirected(redirected)
    } else {
        by(&bare(&redirected.carrier, 60))
    };
    Err(Miss { expected: by(wanted), seen, location: location.clone(), kind: MissKind::Broken })
}

/// One `error` among the codes, and nothing beside it that grants anything.
fn error(wanted: &[Template], redirected: &Redirected, location: &Location, scene: Scene<'_>) -> Judged {
    let miss = |seen, kind| {
        let expected = format!("a redirect with {}", expected::error(wanted, scene.scope));
        Err(Miss { expected, seen, location: location.clone(), kind })
    };
    let wanted = match codes(wanted, scene.scope) {
        Ok(codes) => codes,
        Err(why) => return miss(why, MissKind::Faulty),
    };
    let seen = describe::redirected(redirected);
    if ["code", "access_token", "id_token"].iter().any(|n| redirected.parameter(n).is_some()) {
        return miss(seen, MissKind::Broken);
    }
    let errors: Vec<&str> =
        redirected.parameters.iter().filter(|(n, _)| n == "error").map(|(_, v)| v.as_str()).collect();
    match errors[..] {
        [code] if is_code(code) && wanted.iter().any(|w| w == code) => Ok(None),
        _ => miss(seen, MissKind::Broken),
    }
}

/// One parameter. None may stand twice (RFC 6749 section 3.1).
fn parameter(
    name: &str,
    matcher: &Matcher,
    redirected: &Redirected,
    location: &Location,
    scene: Scene<'_>,
) -> Judged {
    let title = format!("a redirect with {}", bare(name, 60));
    if redirected.parameters.iter().filter(|(n, _)| n == name).count() > 1 {
        return Err(Miss {
            expected: format!("{title} {}", matcher::describe(matcher, limit_of(name), scene.scope)),
            seen: format!("the parameter {} twice", quoted(name)),
            location: location.clone(),
            kind: MissKind::Broken,
        });
    }
    let subject = Subject::text(format!("parameter {}", quoted(name)), name, redirected.parameter(name));
    match fitted(&title, matcher, &subject, location, scene) {
        // Without the parameter, what else there was says more.
        Err(miss) if subject.value.is_none() && miss.kind == MissKind::Broken => {
            Err(Miss { seen: describe::redirected(redirected), ..miss })
        }
        judged => judged,
    }
}

fn fitted(
    title: &str,
    matcher: &Matcher,
    subject: &Subject,
    location: &Location,
    scene: Scene<'_>,
) -> Judged {
    let (seen, kind) = match matcher::check(matcher, subject, scene.scope) {
        Ok(()) => return Ok(None),
        Err(Misfit::Other(seen)) => (seen, MissKind::Broken),
        Err(Misfit::Incomputable(why)) => (why, MissKind::Faulty),
    };
    let words = matcher::describe(matcher, subject.limit, scene.scope);
    Err(Miss { expected: format!("{title} {words}"), seen, location: location.clone(), kind })
}

//! The `jwt` clause: what a JWT says, and whether a published key signed it.

use super::clause::{Judged, Miss, MissKind, Scene, worst};
use super::expected;
use super::json::member_of;
use super::matcher::{self, Misfit, Subject};
use super::signature::{Unverified, verify};
use super::words::{bare, limit_of, quoted};
use crate::model::{ClauseKind, JwtPattern, Location, Matcher};
use crate::oauth::CompactJws;

/// Judges the clause over the value of the member that should be a JWT.
pub(super) fn judge(
    pattern: &JwtPattern,
    member: &str,
    value: Option<&serde_json::Value>,
    location: &Location,
    scene: Scene<'_>,
) -> Judged {
    let whole = |seen: String| {
        let expected = expected::clause(&ClauseKind::Jwt(pattern.clone()), scene.scope);
        Err(Miss { expected, seen, location: location.clone(), kind: MissKind::Broken })
    };
    let text = match value {
        Some(serde_json::Value::String(text)) => text,
        Some(_) => return whole(format!("member {} that is not a text", quoted(member))),
        None => return whole(format!("no member {}", quoted(member))),
    };
    let jws = match CompactJws::parse(text) {
        Ok(jws) => jws,
        Err(why) => {
            return whole(format!("{} is not a JWT: it {}", bare(member, 60), said(&why.to_string())));
        }
    };
    let header = pattern.header.iter().map(|m| single("header", &jws.header, m, scene));
    let claims = pattern.claims.iter().map(|m| single("claim", &jws.claims, m, scene));
    let signature = pattern.signature.iter().map(|location| signature(&jws, member, location, scene));
    worst(header.chain(claims).chain(signature))
}

/// `CompactJws` speaks of the text ("has 1 segments") or of a part ("its header ...").
fn said(why: &str) -> String {
    match why.strip_prefix("its ") {
        Some(rest) => format!("has a {}", rest.replacen(" is", " that is", 1)),
        None => why.to_owned(),
    }
}

fn single(
    kind: &str,
    object: &serde_json::Value,
    (name, matcher, location): &(String, Matcher, Location),
    scene: Scene<'_>,
) -> Judged {
    let title = format!("{kind} {}", quoted(name));
    let subject = Subject::json(title.clone(), name, member_of(object, name, &mut Vec::new()));
    let (seen, miss) = match matcher::check(matcher, &subject, scene.scope) {
        Ok(()) => return Ok(None),
        Err(Misfit::Other(seen)) => (seen, MissKind::Broken),
        Err(Misfit::Incomputable(why)) => (why, MissKind::Faulty),
    };
    let expected = format!("a JWT with {title} {}", matcher::describe(matcher, limit_of(name), scene.scope));
    Err(Miss { expected, seen, location: location.clone(), kind: miss })
}

fn signature(jws: &CompactJws, member: &str, location: &Location, scene: Scene<'_>) -> Judged {
    let (seen, kind) = match scene.keys {
        None => ("the server's keys are not known".to_owned(), MissKind::Unclear),
        Some(keys) => match verify(jws, keys) {
            Ok(()) => return Ok(None),
            Err(Unverified::Invalid(why)) => (why, MissKind::Broken),
            Err(Unverified::Unsupported(why)) => (why, MissKind::Unclear),
        },
    };
    let expected = format!("a signature of {} by a published key", bare(member, 60));
    Err(Miss { expected, seen, location: location.clone(), kind })
}

use http::StatusCode;
use serde_json::json;

use crate::oauth::ErrorCode;
use crate::reference::context::Context;
use crate::reference::defect::Defect;
use crate::reference::reply::Reply;

/// Asks for a token; says no more, because the client sent none (RFC 6750 section 3.1).
pub(crate) fn challenge(ctx: &Context) -> Reply {
    let mut attributes = vec![("realm", "api".to_owned())];
    if ctx.has(Defect::NamesErrorWithoutCredentials) {
        attributes.push(("error", ErrorCode::InvalidToken.to_string()));
    }
    with_challenge(ctx, StatusCode::UNAUTHORIZED, &attributes)
}

/// Says what is wrong with the token or the request (RFC 6750 section 3.1).
pub(crate) fn reply(ctx: &Context, code: ErrorCode, description: &str) -> Reply {
    let status = match code {
        ErrorCode::InvalidRequest if ctx.has(Defect::AnswersTwoTokensWith401) => StatusCode::UNAUTHORIZED,
        ErrorCode::InvalidRequest => StatusCode::BAD_REQUEST,
        ErrorCode::InsufficientScope if !ctx.has(Defect::AnswersMissingScopeWith401) => StatusCode::FORBIDDEN,
        ErrorCode::InvalidToken if ctx.has(Defect::AnswersInvalidTokenWith403) => StatusCode::FORBIDDEN,
        ErrorCode::InvalidToken if ctx.has(Defect::AnswersInvalidTokenWith400) => StatusCode::BAD_REQUEST,
        _ => StatusCode::UNAUTHORIZED,
    };
    let mut attributes = vec![("realm", "api".to_owned())];
    if !ctx.has(Defect::OmitsErrorFromChallenge) {
        attributes.push(("error", code.to_string()));
        attributes.push(("error_description", description.to_owned()));
    }
    with_challenge(ctx, status, &attributes)
}

/// A token without the scope that the resource needs (RFC 6750 section 3.1).
pub(crate) fn insufficient_scope(ctx: &Context, needed: &str) -> Reply {
    let reply = reply(ctx, ErrorCode::InsufficientScope, "the token does not have the scope");
    // A value that cannot stand between quotes is no scope (RFC 6749 appendix A.4) and is not named.
    if super::scope::tokens(needed).is_none() {
        return reply;
    }
    reply.extending("www-authenticate", &format!(", scope=\"{needed}\""))
}

fn with_challenge(ctx: &Context, status: StatusCode, attributes: &[(&str, String)]) -> Reply {
    let members: serde_json::Map<_, _> = attributes
        .iter()
        .filter(|(name, _)| *name != "realm")
        .map(|(name, value)| ((*name).to_owned(), json!(value)))
        .collect();
    let reply = Reply::json(status, &json!(members));
    if ctx.has(Defect::OmitsBearerChallenge) {
        return reply;
    }
    let scheme = if ctx.has(Defect::ChallengesWithBasic) { "Basic" } else { "Bearer" };
    let mut attributes = attributes.to_vec();
    for (defect, name, value) in [
        (Defect::RepeatsRealmInChallenge, "realm", "api"),
        (Defect::RepeatsErrorInChallenge, "error", "invalid_token"),
        (Defect::NamesRelativeErrorUri, "error_uri", "/errors/token"),
    ] {
        if ctx.has(defect) {
            attributes.push((name, value.to_owned()));
        }
    }
    if ctx.has(Defect::RepeatsScopeInChallenge) {
        attributes.extend([("scope", "api".to_owned()), ("scope", "api".to_owned())]);
    }
    if ctx.has(Defect::PutsQuotesIntoChallenge) {
        attributes.push(("error_description", "the \\\"token\\\" is wrong".to_owned()));
    }
    let attributes: Vec<String> =
        attributes.iter().map(|(name, value)| format!("{name}=\"{value}\"")).collect();
    reply.with("www-authenticate", format!("{scheme} {}", attributes.join(", ")))
}

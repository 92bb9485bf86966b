use http::{Method, StatusCode};
use serde_json::Value;

use crate::oauth::ErrorCode;
use crate::reference::context::{Context, Flow};
use crate::reference::defect::Defect;
use crate::reference::reply::Reply;
use crate::reference::request::Parameters;
use crate::reference::steps::{repeated_parameters, token_error};

/// Reads the parameters from a form body, and only from there: "MUST NOT be included in the request
/// URI" (RFC 6749 sections 2.3.1 and 3.2).
pub(crate) fn run(ctx: &mut Context) -> Flow {
    ctx.parameters = if ctx.request.method == Method::GET { query(ctx)? } else { body(ctx)? };
    // Read before the next step, because a credential from the query counts like any other there.
    if ctx.has(Defect::AcceptsCredentialsInQuery) {
        let query = query(ctx)?;
        for name in ["client_id", "client_secret"] {
            if let (None, Some(value)) = (ctx.parameters.first(name), query.first(name)) {
                ctx.parameters.push(name, value);
            }
        }
    }
    if ctx.has(Defect::PrefersCodeInQuery)
        && let Some(code) = query(ctx)?.first("code")
        && ctx.parameters.first("code").is_some()
    {
        ctx.parameters.set("code", code);
    }
    let unknown = |name: &str| !repeated_parameters::TOKEN.contains(&name);
    if ctx.parameters.names().any(unknown) && ctx.has(Defect::FailsOnUnknownTokenParameter) {
        return Err(token_error::reply(ctx, ErrorCode::InvalidRequest, "a parameter is unknown"));
    }
    let first = ctx.parameters.names().next();
    if first.is_some_and(|name| name != "grant_type") && ctx.has(Defect::NeedsGrantTypeFirst) {
        return Err(token_error::reply(ctx, ErrorCode::InvalidRequest, "grant_type does not come first"));
    }
    if ctx.has(Defect::ParsesUnknownParametersAsJson) {
        let mut names = ctx.parameters.names().filter(|name| unknown(name));
        if names.any(|name| ctx.parameters.first(name).is_some_and(is_broken_json)) {
            return Err(token_error::reply(ctx, ErrorCode::InvalidRequest, "a parameter is no JSON"));
        }
    }
    if ctx.request.headers.iter().any(|(name, value)| is_odd_field(name.as_str(), value.as_bytes()))
        && ctx.has(Defect::ParsesUnknownHeaderFields)
    {
        return Err(token_error::reply(ctx, ErrorCode::InvalidRequest, "a header field is malformed"));
    }
    let empty = repeated_parameters::TOKEN.iter().any(|name| ctx.parameters.is_empty(name));
    if empty && ctx.has(Defect::FailsOnEmptyTokenParameter) {
        return Err(token_error::reply(ctx, ErrorCode::InvalidRequest, "a parameter is empty"));
    }
    Ok(())
}

fn query(ctx: &Context) -> Result<Parameters, Reply> {
    Parameters::decode(ctx.request.query.as_bytes()).map_err(|error| malformed(ctx, &error.to_string()))
}

fn body(ctx: &Context) -> Result<Parameters, Reply> {
    let Some(body) = &ctx.request.body else {
        let mut reply = malformed(ctx, "the body is too large");
        reply.status = StatusCode::PAYLOAD_TOO_LARGE;
        return Err(reply);
    };
    match ctx.request.media_type().as_deref() {
        Some("application/x-www-form-urlencoded") if ctx.has(Defect::RefusesFormBody) => {
            Err(malformed(ctx, "the body is not JSON"))
        }
        Some("application/x-www-form-urlencoded") => {
            Parameters::decode(body).map_err(|error| malformed(ctx, &error.to_string()))
        }
        Some("application/json") if ctx.has(Defect::AcceptsJsonBody) => Ok(json_members(body)),
        Some("text/plain") | None if ctx.has(Defect::IgnoresContentType) => {
            Parameters::decode(body).map_err(|error| malformed(ctx, &error.to_string()))
        }
        _ => Err(malformed(ctx, "the body is not a form")),
    }
}

fn json_members(body: &[u8]) -> Parameters {
    let mut parameters = Parameters::default();
    if let Ok(Value::Object(members)) = serde_json::from_slice(body) {
        for (name, value) in members {
            if let Value::String(value) = value {
                parameters.push(name, value);
            }
        }
    }
    parameters
}

/// Looks like JSON and is none.
fn is_broken_json(value: &str) -> bool {
    value.starts_with(['{', '[', '"']) && serde_json::from_str::<Value>(value).is_err()
}

/// A field that the server has no use for, with a quotation mark in it.
fn is_odd_field(name: &str, value: &[u8]) -> bool {
    name.starts_with("x-") && value.contains(&b'"')
}

fn malformed(ctx: &Context, explanation: &str) -> Reply {
    token_error::reply(ctx, ErrorCode::InvalidRequest, explanation)
}

use http::Method;
use http::header::AUTHORIZATION;

use crate::oauth::ErrorCode;
use crate::reference::context::{Context, Flow};
use crate::reference::defect::Defect;
use crate::reference::request::Parameters;
use crate::reference::steps::resource_error;

/// Takes the access token out of the `Authorization` header (RFC 6750 section 2.1) or out of a form that is
/// posted (section 2.2), and only from there: "SHOULD NOT be used" is said of the query (section 2.3). It is left for the next step
/// in `grant.access_token`.
pub(crate) fn run(ctx: &mut Context) -> Flow {
    // A query that is no form holds no token either, and needs no error of its own.
    ctx.parameters = Parameters::decode(ctx.request.query.as_bytes()).unwrap_or_default();
    let in_query = ctx.parameters.first("access_token").map(str::to_owned);
    let in_body = in_body(ctx);
    match ctx.request.headers.get_all(AUTHORIZATION).iter().count() {
        0 => {
            if let (Some(token), None) = (&in_body, &in_query) {
                ctx.grant.access_token.clone_from(token);
                return Ok(());
            }
            if let Some(token) = &in_query
                && ctx.has(Defect::LetsCachesKeepQueryToken)
            {
                ctx.grant.access_token.clone_from(token);
                ctx.grant.cacheable = true;
                return Ok(());
            }
            if let Some(token) = in_query
                && ctx.has(Defect::AcceptsTokenInQuery)
            {
                ctx.grant.access_token = token;
                return Ok(());
            }
            if ctx.has(Defect::ServesWithoutToken) {
                return Ok(());
            }
            return Err(resource_error::challenge(ctx));
        }
        1 if in_query.is_none() && in_body.is_none() => {}
        1 if in_query.is_some() && ctx.has(Defect::PrefersTokenInQuery) => {
            ctx.grant.access_token = in_query.unwrap_or_default();
            return Ok(());
        }
        _ => {
            let explanation = "more than one access token was sent";
            return Err(resource_error::reply(ctx, ErrorCode::InvalidRequest, explanation));
        }
    }
    let Some(header) = ctx.request.header(AUTHORIZATION).map(str::to_owned) else {
        return Err(resource_error::reply(
            ctx,
            ErrorCode::InvalidRequest,
            "the Authorization header is not text",
        ));
    };
    let (scheme, credentials) = header.split_once(' ').unwrap_or((&header, ""));
    let case = scheme == "Bearer" || !ctx.has(Defect::RefusesLowercaseBearerScheme);
    let bearer = scheme.eq_ignore_ascii_case("bearer") || ctx.has(Defect::AcceptsTokenBehindAnyScheme);
    if !bearer || !case {
        return Err(resource_error::challenge(ctx));
    }
    let token = credentials.trim_matches(' ');
    if !is_b64token(token) {
        return Err(resource_error::reply(
            ctx,
            ErrorCode::InvalidRequest,
            "the bearer credentials are malformed",
        ));
    }
    if ctx.has(Defect::RefusesTokenInHeader) {
        return Err(resource_error::challenge(ctx));
    }
    ctx.grant.access_token = token.to_owned();
    Ok(())
}

/// The token in a form, of a request whose body has a meaning (RFC 6750 section 2.2).
fn in_body(ctx: &Context) -> Option<String> {
    let body = ctx.request.body.as_deref().filter(|body| !body.is_empty())?;
    let is_get = ctx.request.method == Method::GET;
    match ctx.request.media_type().as_deref()? {
        "application/x-www-form-urlencoded" if !is_get || ctx.has(Defect::AcceptsTokenInBodyOfGet) => {
            Parameters::decode(body).ok()?.first("access_token").map(str::to_owned)
        }
        "application/json" if !is_get && ctx.has(Defect::AcceptsTokenInJsonBody) => {
            let members: serde_json::Value = serde_json::from_slice(body).ok()?;
            members["access_token"].as_str().map(str::to_owned)
        }
        _ => None,
    }
}

/// `b64token` (RFC 6750 section 2.1).
fn is_b64token(token: &str) -> bool {
    let body = token.trim_end_matches('=');
    !body.is_empty()
        && body
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~' | b'+' | b'/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bearer_token_follows_its_grammar() {
        assert!(is_b64token("mF_9.B5f-4.1JqM") && is_b64token("YQ=="));
        for malformed in ["", "==", "a b", "a=b", "\u{e9}", "a,b"] {
            assert!(!is_b64token(malformed), "{malformed:?}");
        }
    }
}

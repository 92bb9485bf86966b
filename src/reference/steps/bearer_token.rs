use http::header::AUTHORIZATION;

use crate::oauth::ErrorCode;
use crate::reference::context::{Context, Flow};
use crate::reference::defect::Defect;
use crate::reference::request::Parameters;
use crate::reference::steps::resource_error;

/// Takes the access token out of the `Authorization` header (RFC 6750 section 2.1), and only from
/// there: "SHOULD NOT be used" is said of the query (section 2.3). It is left for the next step
/// in `grant.access_token`.
pub(crate) fn run(ctx: &mut Context) -> Flow {
    // A query that is no form holds no token either, and needs no error of its own.
    ctx.parameters = Parameters::decode(ctx.request.query.as_bytes()).unwrap_or_default();
    let in_query = ctx.parameters.first("access_token").map(str::to_owned);
    match ctx.request.headers.get_all(AUTHORIZATION).iter().count() {
        0 => {
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
        1 if in_query.is_none() => {}
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

use crate::oauth::ErrorCode;
use crate::reference::context::{Context, Flow};
use crate::reference::defect::Defect;
use crate::reference::steps::token_error;
use crate::reference::store::Authorization;

/// The redirect URI of the authorization request once more: required if it was sent there, and
/// identical (RFC 6749 section 4.1.3).
pub(crate) fn run(ctx: &mut Context) -> Flow {
    let Some((_, code)) = ctx.grant.code.clone() else { return Ok(()) };
    let sent = ctx.parameters.first("redirect_uri").map(str::to_owned);
    let fits = match sent.as_deref() {
        None => !code.authorization.redirect_uri_sent || ctx.has(Defect::RedeemsWithoutRedirectUri),
        Some(uri) if uri == code.authorization.redirect_uri => true,
        Some(uri) => passes(ctx, &code.authorization, uri),
    };
    if fits {
        return Ok(());
    }
    let explanation = "redirect_uri is not that of the authorization request";
    Err(token_error::reply(ctx, ErrorCode::InvalidGrant, explanation))
}

/// The ways of accepting another one.
fn passes(ctx: &Context, authorization: &Authorization, uri: &str) -> bool {
    let used = &authorization.redirect_uri;
    let registered =
        authorization.client.as_ref().is_some_and(|client| client.redirect_uris.iter().any(|r| r == uri));
    let rest = uri.strip_prefix(used.as_str());
    ctx.has(Defect::RedeemsWithAnyRedirectUri)
        || (registered && ctx.has(Defect::RedeemsWithOtherRegisteredUri))
        || (rest.is_some_and(|rest| rest.starts_with(['?', '&'])) && ctx.has(Defect::RedeemsWithExtraQuery))
        || (rest.is_some() && ctx.has(Defect::RedeemsWithExtendedRedirectUri))
        || (used.starts_with(uri) && ctx.has(Defect::RedeemsWithBeginningOfRedirectUri))
        || (used.eq_ignore_ascii_case(uri) && ctx.has(Defect::RedeemsIgnoringRedirectUriCase))
        || (rest == Some("/") && ctx.has(Defect::RedeemsIgnoringTrailingSlash))
}

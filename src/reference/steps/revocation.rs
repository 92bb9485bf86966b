use http::StatusCode;

use crate::oauth::ErrorCode;
use crate::reference::context::{Context, Flow};
use crate::reference::defect::Defect;
use crate::reference::reply::Reply;
use crate::reference::steps::token_error;

/// Ends a token (RFC 7009 section 2). The hint is ignored, every type is searched; an unknown
/// token is as good as ended. With a refresh token its access tokens end too.
pub(crate) fn run(ctx: &mut Context) -> Flow {
    let client = ctx.known_client()?;
    let done = || Reply::empty(StatusCode::OK).with("cache-control", "no-store");
    if client.is_public() && ctx.has(Defect::RefusesRevocationByPublicClient) {
        return Err(token_error::invalid_client(ctx, "this endpoint is for confidential clients"));
    }
    let Some(presented) = ctx.parameters.first("token").map(str::to_owned) else {
        if ctx.has(Defect::AcceptsRevocationWithoutToken) {
            return Err(done());
        }
        return Err(token_error::reply(ctx, ErrorCode::InvalidRequest, "the parameter token is missing"));
    };
    if ctx.has(Defect::IgnoresRevocation) {
        return Err(done());
    }
    let hint = ctx.parameters.first("token_type_hint");
    let unknown = hint.is_some_and(|hint| !matches!(hint, "access_token" | "refresh_token"));
    if unknown && ctx.has(Defect::RefusesUnknownTokenTypeHint) {
        return Err(token_error::reply(ctx, ErrorCode::UnsupportedTokenType, "the hint is unknown"));
    }
    let trusts =
        |hinted: &str| hint.is_some_and(|hint| hint != hinted) && ctx.has(Defect::TrustsTokenTypeHint);
    let (skip_refresh, skip_access) = (trusts("refresh_token"), trusts("access_token"));
    let server = std::sync::Arc::clone(&ctx.server);
    let mut memory = server.store.lock();
    let refresh = memory.refresh_tokens.get(&presented).filter(|_| !skip_refresh).cloned();
    let access = memory.access_tokens.get(&presented).filter(|_| !skip_access).cloned();
    let owner =
        refresh.as_ref().map(|token| &token.client_id).or(access.as_ref().map(|token| &token.client_id));
    if owner.is_none() && ctx.has(Defect::FailsToRevokeUnknownToken) {
        return Err(token_error::reply(ctx, ErrorCode::InvalidRequest, "the token is unknown"));
    }
    if owner.is_some_and(|owner| *owner != client.id) && !ctx.has(Defect::RevokesTokenOfOtherClient) {
        return Err(token_error::reply(
            ctx,
            ErrorCode::InvalidGrant,
            "the token was issued to another client",
        ));
    }
    if let Some(token) = refresh {
        if ctx.has(Defect::KeepsAccessTokenAfterRevocation) {
            memory.revoke_refresh_tokens_of(token.family);
        } else {
            memory.end_family(token.family);
        }
    }
    if let Some(token) = memory.access_tokens.get_mut(&presented).filter(|_| !skip_access) {
        token.revoked = true;
    }
    Err(done())
}

use http::StatusCode;

use crate::oauth::ErrorCode;
use crate::reference::context::{Context, Flow};
use crate::reference::defect::Defect;
use crate::reference::reply::Reply;
use crate::reference::steps::token_error;
use crate::reference::store::{Memory, RefreshToken};

/// Finds the refresh token: known, this client's and not expired (RFC 6749 section 6).
pub(crate) fn run(ctx: &mut Context) -> Flow {
    let client = ctx.known_client()?;
    let Some(presented) = ctx.parameters.first("refresh_token").map(str::to_owned) else {
        return Err(token_error::reply(
            ctx,
            ErrorCode::InvalidRequest,
            "the parameter refresh_token is missing",
        ));
    };
    let server = std::sync::Arc::clone(&ctx.server);
    let found = find(ctx, &mut server.store.lock(), &presented);
    let Some((value, token)) = found else {
        if ctx.has(Defect::FailsWith500OnUnknownRefreshToken) {
            return Err(Reply::empty(StatusCode::INTERNAL_SERVER_ERROR));
        }
        return Err(dead(ctx, "the refresh token is unknown"));
    };
    if token.client_id != client.id && !ctx.has(Defect::AcceptsRefreshTokenOfOtherClient) {
        return Err(dead(ctx, "the refresh token was issued to another client"));
    }
    if token.expires_at <= server.clock.now() && !ctx.has(Defect::RefreshTokensLiveForever) {
        return Err(dead(ctx, "the refresh token has expired"));
    }
    ctx.grant.subject.clone_from(&token.subject);
    ctx.grant.family = Some(token.family);
    ctx.grant.refresh_scope.clone_from(&token.scope);
    ctx.grant.presented = Some((value, token));
    Ok(())
}

/// The answer to a refresh token that is none, or no more.
pub(crate) fn dead(ctx: &Context, description: &str) -> Reply {
    let code = match ctx.has(Defect::CallsDeadRefreshTokenInvalidRequest) {
        true => ErrorCode::InvalidRequest,
        false => ErrorCode::InvalidGrant,
    };
    token_error::reply(ctx, code, description)
}

fn find(ctx: &Context, memory: &mut Memory, presented: &str) -> Option<(String, RefreshToken)> {
    if let Some(token) = memory.refresh_tokens.get(presented) {
        return Some((presented.to_owned(), token.clone()));
    }
    let access = memory.access_tokens.get(presented).cloned()?;
    if !ctx.has(Defect::AcceptsAccessTokenAsRefreshToken) {
        return None;
    }
    let family = access.family.unwrap_or_else(|| memory.begin_family());
    let generation = memory.families.get(&family).and_then(|family| family.newest_used).unwrap_or_default();
    let token = RefreshToken {
        client_id: access.client_id,
        subject: access.subject,
        scope: access.scope,
        family,
        generation,
        issued_at: access.issued_at,
        expires_at: access.expires_at,
        first_use: None,
    };
    Some((presented.to_owned(), token))
}

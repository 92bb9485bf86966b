use http::StatusCode;
use serde_json::json;

use crate::oauth::{CompactJws, ErrorCode};
use crate::reference::context::{Context, Flow};
use crate::reference::defect::Defect;
use crate::reference::form::percent_decode;
use crate::reference::reply::Reply;
use crate::reference::steps::{client_assertion, resource_error};
use crate::reference::store::{AccessToken, Memory};

/// What a personal access token begins with where garbage that looks like one is taken for one.
const PERSONAL_PREFIX: &str = "pat_";

/// Validates the token: issued here, unexpired, not revoked (RFC 6750 section 3.1, RFC 6749
/// section 7), and answers with what it stands for.
pub(crate) fn me(ctx: &mut Context) -> Flow {
    let token = valid_token(ctx)?;
    let reply = answer(&token);
    if ctx.grant.cacheable {
        return Err(reply.without("cache-control").with("cache-control", "max-age=60"));
    }
    Err(reply)
}

/// The same, for tokens that have the scope named in the path.
pub(crate) fn scoped(ctx: &mut Context) -> Flow {
    let token = valid_token(ctx)?;
    let named = ctx.request.path.rsplit('/').next().unwrap_or_default();
    let needed = percent_decode(named.as_bytes()).unwrap_or_default();
    if !token.scope.contains(&needed) && !ctx.has(Defect::IgnoresScopeAtResource) {
        return Err(resource_error::insufficient_scope(ctx, &needed));
    }
    Err(answer(&token))
}

fn answer(token: &AccessToken) -> Reply {
    let body = json!({ "sub": token.subject, "client_id": token.client_id, "scope": token.scope.join(" ") });
    Reply::json(StatusCode::OK, &body)
}

/// The token that was presented, if it is good.
pub(crate) fn valid_token(ctx: &Context) -> Result<AccessToken, Reply> {
    let presented = &ctx.grant.access_token;
    let now = ctx.server.clock.now();
    let memory = ctx.server.store.lock();
    let token = memory.access_tokens.get(presented).cloned();
    let Some(token) = token.or_else(|| stand_in(ctx, &memory, presented)) else {
        return Err(invalid(ctx, "the token is unknown"));
    };
    let expires_at = match ctx.has(Defect::RefusesTokensTooEarly) {
        true => token.expires_at.saturating_sub(ctx.policy().access_token.lifetime / 2),
        false => token.expires_at,
    };
    if expires_at <= now && !ctx.has(Defect::AcceptsExpiredAccessToken) {
        return Err(invalid(ctx, "the token has expired"));
    }
    let revoked = token.revoked || token.family.is_some_and(|family| !memory.is_alive(family));
    if revoked && !ctx.has(Defect::AcceptsRevokedAccessToken) {
        return Err(invalid(ctx, "the token is revoked"));
    }
    Ok(token)
}

/// What else passes for an access token: a user's own one where the policy says so, and by defect.
fn stand_in(ctx: &Context, memory: &Memory, presented: &str) -> Option<AccessToken> {
    let user = ctx.server.store.user_by_personal_access_token(presented);
    if let Some(user) = user
        && ctx.policy().personal_access_tokens
        && !ctx.has(Defect::RefusesPersonalAccessToken)
    {
        return Some(unbound(ctx, &user.name));
    }
    if let Some(refresh) = memory.refresh_tokens.get(presented)
        && ctx.has(Defect::AcceptsRefreshTokenAsAccessToken)
    {
        return Some(unbound(ctx, &refresh.subject));
    }
    if let Some(code) = memory.codes.get(presented)
        && ctx.has(Defect::AcceptsCodeAsAccessToken)
    {
        return Some(unbound(ctx, &code.user));
    }
    if presented.starts_with(PERSONAL_PREFIX) && ctx.has(Defect::AcceptsAnyPersonalAccessToken) {
        return Some(unbound(ctx, "anybody"));
    }
    if ctx.has(Defect::IgnoresAccessTokenSignature)
        && memory.access_tokens.keys().any(|known| same_claims(known, presented))
    {
        return Some(unbound(ctx, "anybody"));
    }
    let jws = CompactJws::parse(presented).ok();
    let is_unsigned = jws.as_ref().is_some_and(|jws| jws.header["alg"] == "none");
    if is_unsigned && ctx.has(Defect::AcceptsUnsignedAccessToken) {
        return Some(unbound(ctx, "anybody"));
    }
    let brings_key = jws.as_ref().is_some_and(|jws| jws.header["jwk"].is_object());
    if brings_key && ctx.has(Defect::TrustsKeyInAccessToken) {
        return jws.filter(client_assertion::is_signed_by_own_key).map(|_| unbound(ctx, "anybody"));
    }
    let says_much = jws.is_some_and(|jws| !jws.signature.is_empty() && jws.claims.get("sub").is_some());
    if says_much && ctx.has(Defect::TrustsAccessTokenContent) {
        return Some(unbound(ctx, "anybody"));
    }
    // The step before lets only requests without credentials through with an empty token.
    if presented.is_empty() || ctx.has(Defect::AcceptsAnyAccessToken) {
        return Some(unbound(ctx, "anybody"));
    }
    None
}

/// Whether two JWTs differ in nothing but the signature.
fn same_claims(known: &str, presented: &str) -> bool {
    match (known.rsplit_once('.'), presented.rsplit_once('.')) {
        (Some((known, _)), Some((presented, _))) => known.contains('.') && known == presented,
        _ => false,
    }
}

/// A token that no grant stands behind, good for everything.
fn unbound(ctx: &Context, subject: &str) -> AccessToken {
    let now = ctx.server.clock.now();
    AccessToken {
        client_id: String::new(),
        subject: subject.to_owned(),
        scope: ctx.policy().scopes.known.clone(),
        family: None,
        issued_at: now,
        expires_at: now + ctx.policy().access_token.lifetime,
        revoked: false,
    }
}

fn invalid(ctx: &Context, description: &str) -> Reply {
    resource_error::reply(ctx, ErrorCode::InvalidToken, description)
}

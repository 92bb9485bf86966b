use std::time::Duration;

use crate::oauth::GrantType;
use crate::reference::context::{Context, Flow};
use crate::reference::defect::Defect;
use crate::reference::keys::random_token;
use crate::reference::store::RefreshToken;

/// Issues a refresh token where the policy wants one: with the scope it requires, never to a
/// client acting for itself (RFC 6749 section 4.4.3), and at a refresh only with rotation.
pub(crate) fn run(ctx: &mut Context) -> Flow {
    if !is_due(ctx) {
        return Ok(());
    }
    let accent = if ctx.has(Defect::PutsAccentIntoRefreshToken) { "\u{e9}" } else { "" };
    let mut value = format!("{}{accent}", random_token());
    if ctx.has(Defect::IssuesShortRefreshTokens) {
        value.truncate(11);
    }
    if let Some((presented, _)) = &ctx.grant.presented
        && ctx.has(Defect::DoesNotRotate)
    {
        ctx.grant.refresh_token = Some(presented.clone());
        if let Some(token) = ctx.server.store.lock().refresh_tokens.get_mut(presented) {
            token.first_use = None;
        }
        return Ok(());
    }
    ctx.grant.refresh_token = Some(value.clone());
    if ctx.has(Defect::IssuesDeadRefreshToken) {
        return Ok(());
    }
    let narrowed = ctx.has(Defect::NarrowsForGood);
    let generation = ctx.grant.presented.as_ref().map_or(0, |(_, token)| token.generation + 1);
    let issued_at = ctx.server.clock.now();
    let client_id = ctx.known_client()?.id.clone();
    let expires_at = expiry(ctx, issued_at);
    let mut memory = ctx.server.store.lock();
    let family = ctx.grant.family.unwrap_or_else(|| memory.begin_family());
    let token = RefreshToken {
        client_id,
        subject: ctx.grant.subject.clone(),
        scope: if narrowed { ctx.grant.scope.clone() } else { ctx.grant.refresh_scope.clone() },
        family,
        generation,
        issued_at,
        expires_at,
        first_use: None,
    };
    memory.refresh_tokens.insert(value, token);
    Ok(())
}

fn is_due(ctx: &Context) -> bool {
    let policy = ctx.policy();
    let grant = ctx.grant.grant_type.as_ref();
    if grant == Some(&GrantType::ClientCredentials) {
        return ctx.has(Defect::IssuesRefreshTokenToClientItself);
    }
    if grant == Some(&GrantType::RefreshToken) {
        return policy.refresh_token.rotation && !ctx.has(Defect::RetiresWithoutNewRefreshToken);
    }
    let offered = policy.grants.contains(&GrantType::RefreshToken);
    let allowed = ctx.client.as_ref().is_some_and(|client| client.may_use(&GrantType::RefreshToken));
    let granted = policy
        .refresh_token
        .required_scope
        .as_ref()
        .is_none_or(|scope| ctx.grant.refresh_scope.contains(scope));
    if !granted {
        return offered && allowed && ctx.has(Defect::IssuesRefreshTokenUnasked);
    }
    offered && allowed && !ctx.has(Defect::WithholdsRefreshToken)
}

fn expiry(ctx: &Context, issued_at: Duration) -> Duration {
    let mut lifetime = ctx.policy().refresh_token.lifetime;
    let day = Duration::from_secs(24 * 3600);
    if ctx.has(Defect::RefreshTokensDieTenDaysEarly) {
        lifetime = lifetime.saturating_sub(day * 10);
    }
    if ctx.has(Defect::RefreshTokensLiveOneDay) {
        lifetime = day;
    }
    if ctx.has(Defect::RefreshTokensLiveTenDaysLonger) {
        lifetime += day * 10;
    }
    // The lifetime of the family's first token counts for all its successors.
    if let Some((_, presented)) = &ctx.grant.presented
        && ctx.has(Defect::CountsRefreshLifetimeFromFirst)
    {
        return presented.expires_at;
    }
    issued_at + lifetime
}

use std::time::{Duration, Instant};

use crate::reference::context::{Context, Flow};
use crate::reference::defect::Defect;
use crate::reference::steps::refresh_token;
use crate::reference::store::{Memory, RefreshToken, RefreshUse};

/// How long a server that stumbles over parallel refreshes takes to answer one.
const STUMBLE: Duration = Duration::from_millis(120);

/// Uses the refresh token, in one locked step. With rotation a used token is retired: within the
/// grace period the direct predecessor still works, an older one never, and use after that ends
/// the family where the policy says so (RFC 9700 section 4.14.2).
pub(crate) fn run(ctx: &mut Context) -> Flow {
    let Some((value, token)) = ctx.grant.presented.clone() else { return Ok(()) };
    let server = std::sync::Arc::clone(&ctx.server);
    let now = server.clock.now();
    let mut memory = server.store.lock();
    if !memory.is_alive(token.family) && !ctx.has(Defect::AcceptsRevokedRefreshToken) {
        return Err(refresh_token::dead(ctx, "the refresh token is revoked"));
    }
    // What another request did since this one looked is what counts.
    let first_use = memory.refresh_tokens.get(&value).and_then(|token| token.first_use);
    if ctx.has(Defect::RefusesParallelRefresh) {
        if first_use.is_some_and(|first| Instant::now() < first.noticed) {
            return Err(refresh_token::dead(ctx, "the refresh token is in use"));
        }
        ctx.grant.held = STUMBLE;
    }
    let racing = ctx.has(Defect::RefreshesInParallel);
    if racing {
        ctx.grant.held = STUMBLE;
    }
    let unnoticed = racing && first_use.is_some_and(|first| Instant::now() < first.noticed);
    if ctx.policy().refresh_token.rotation && !unnoticed && !is_usable(ctx, &memory, &token, first_use, now) {
        if ctx.policy().refresh_token.reuse_ends_family && !ctx.has(Defect::KeepsFamilyAfterRefreshTokenReuse)
        {
            memory.end_family(token.family);
        }
        return Err(refresh_token::dead(ctx, "the refresh token was used before"));
    }
    ctx.grant.within_grace = first_use.is_some();
    if let Some(token) = memory.refresh_tokens.get_mut(&value) {
        let first = RefreshUse { at: now, noticed: Instant::now() + ctx.grant.held, uses: 0 };
        token.first_use.get_or_insert(first).uses += 1;
    }
    if let Some(family) = memory.families.get_mut(&token.family) {
        family.newest_used = family.newest_used.max(Some(token.generation));
    }
    Ok(())
}

fn is_usable(
    ctx: &Context,
    memory: &Memory,
    token: &RefreshToken,
    first_use: Option<RefreshUse>,
    now: Duration,
) -> bool {
    let newest_used = memory.families.get(&token.family).and_then(|family| family.newest_used);
    let overtaken = newest_used.is_some_and(|newest| token.generation < newest);
    let Some(first_use) = first_use else { return true };
    if ctx.has(Defect::AcceptsUsedRefreshTokenForever) {
        return true;
    }
    if overtaken && !ctx.has(Defect::AcceptsPredecessorsPredecessor) {
        return false;
    }
    if first_use.uses >= 2 && ctx.has(Defect::GrantsGraceOnce) {
        return false;
    }
    let from = if ctx.has(Defect::CountsGraceFromIssue) { token.issued_at } else { first_use.at };
    now < from + grace(ctx)
}

fn grace(ctx: &Context) -> Duration {
    let grace = ctx.policy().refresh_token.grace;
    if ctx.has(Defect::HasNoGrace) {
        return Duration::ZERO;
    }
    if ctx.has(Defect::HasHalfTheGrace) {
        return grace / 2;
    }
    if ctx.has(Defect::HasFiveTimesTheGrace) {
        return grace.max(Duration::from_secs(1)) * 5;
    }
    grace
}

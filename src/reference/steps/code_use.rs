use std::time::{Duration, Instant};

use crate::oauth::ErrorCode;
use crate::reference::context::{Context, Flow};
use crate::reference::defect::Defect;
use crate::reference::steps::token_error;
use crate::reference::store::{Memory, Spent};

/// How long a server with a race needs to notice that a code was used.
const RACE: Duration = Duration::from_millis(40);

/// Uses the code up, in one locked step, so that of many requests one wins. A second use ends
/// everything the first gave (RFC 6749 section 4.1.2).
pub(crate) fn run(ctx: &mut Context) -> Flow {
    let Some((value, code)) = ctx.grant.code.clone() else { return Ok(()) };
    let server = std::sync::Arc::clone(&ctx.server);
    let mut memory = server.store.lock();
    let spent = memory.codes.get(&value).and_then(|code| code.spent);
    if let Some(spent) = spent
        && !may_be_used_again(ctx, spent)
    {
        end_what_it_gave(ctx, &mut memory, spent);
        return Err(token_error::reply(ctx, ErrorCode::InvalidGrant, "the code was used before"));
    }
    let family = memory.begin_family();
    if let Some(code) = memory.codes.get_mut(&value) {
        code.spent.get_or_insert(Spent { noticed: Instant::now() + RACE, family: Some(family) });
    }
    ctx.grant.family = Some(family);
    ctx.grant.subject = code.user;
    ctx.grant.asked_scope = code.authorization.asked_scope;
    ctx.grant.scope.clone_from(&code.authorization.scope);
    ctx.grant.refresh_scope = code.authorization.scope;
    Ok(())
}

fn may_be_used_again(ctx: &Context, spent: Spent) -> bool {
    let gave = spent.family.is_some();
    (gave && ctx.has(Defect::AcceptsReusedCode))
        || (gave && Instant::now() < spent.noticed && ctx.has(Defect::RedeemsCodeInParallel))
}

fn end_what_it_gave(ctx: &Context, memory: &mut Memory, spent: Spent) {
    let Some(family) = spent.family else { return };
    match (ctx.has(Defect::KeepsAccessTokenAfterCodeReuse), ctx.has(Defect::KeepsRefreshTokenAfterCodeReuse))
    {
        (false, false) => memory.end_family(family),
        (true, false) => memory.revoke_refresh_tokens_of(family),
        (false, true) => memory.revoke_access_tokens_of(family),
        (true, true) => {}
    }
}

/// How long the answer to a successful exchange is held back, so that the race can be lost.
pub(crate) fn hold(ctx: &Context) -> Duration {
    // Second read: the race needs an answer that comes late as well as a mark that comes late.
    let racing = ctx.grant.code.is_some() && ctx.has(Defect::RedeemsCodeInParallel);
    if racing { RACE } else { Duration::ZERO }
}

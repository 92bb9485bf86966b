use std::time::{Duration, Instant};

use crate::oauth::ErrorCode;
use crate::reference::context::{Context, Flow};
use crate::reference::defect::Defect;
use crate::reference::steps::{scope, token_error};
use crate::reference::store::{Memory, Spent};

/// How long a server with a race needs to notice that a code was used, and to answer.
const RACE: Duration = Duration::from_millis(120);

/// Uses the code up, in one locked step, so that of many requests one wins. A second use ends
/// everything the first gave (RFC 6749 section 4.1.2).
pub(crate) fn run(ctx: &mut Context) -> Flow {
    let Some((value, code)) = ctx.grant.code.clone() else { return Ok(()) };
    let server = std::sync::Arc::clone(&ctx.server);
    let mut memory = server.store.lock();
    let racing = ctx.has(Defect::RedeemsCodeInParallel);
    if racing {
        ctx.grant.held = RACE;
    }
    let spent = memory.codes.get(&value).and_then(|code| code.spent);
    if let Some(spent) = spent
        && !(racing && Instant::now() < spent.noticed)
        && !(spent.family.is_some() && ctx.has(Defect::AcceptsReusedCode))
    {
        end_what_it_gave(ctx, &mut memory, spent);
        return Err(token_error::reply(ctx, ErrorCode::InvalidGrant, "the code was used before"));
    }
    let family = memory.begin_family();
    if let Some(code) = memory.codes.get_mut(&value) {
        code.spent.get_or_insert(Spent { noticed: Instant::now() + ctx.grant.held, family: Some(family) });
    }
    ctx.grant.family = Some(family);
    ctx.grant.subject = code.user;
    ctx.grant.asked_scope = code.authorization.asked_scope;
    ctx.grant.scope.clone_from(&code.authorization.scope);
    ctx.grant.refresh_scope = code.authorization.scope;
    drop(memory);
    if let Some(asked) = ctx.parameters.first("scope").and_then(scope::tokens)
        && ctx.has(Defect::WidensScopeAtExchange)
    {
        ctx.grant.scope = asked;
    }
    Ok(())
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

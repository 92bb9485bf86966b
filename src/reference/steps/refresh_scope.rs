use crate::oauth::ErrorCode;
use crate::reference::context::{Context, Flow};
use crate::reference::defect::Defect;
use crate::reference::steps::{scope, token_error};

/// The scope of a refreshed access token: what was granted, or less, never more (RFC 6749 section 6).
pub(crate) fn run(ctx: &mut Context) -> Flow {
    if ctx.parameters.is_empty("scope") && ctx.has(Defect::RefusesEmptyScopeAtRefresh) {
        return Err(token_error::reply(ctx, ErrorCode::InvalidScope, "the scope is empty"));
    }
    let granted = ctx.grant.refresh_scope.clone();
    let Some(asked) = ctx.parameters.first("scope").map(str::to_owned) else {
        ctx.grant.scope = granted;
        if ctx.grant.scope.len() > 1 && ctx.has(Defect::NarrowsScopeAtRefresh) {
            ctx.grant.scope.truncate(1);
        }
        return Ok(());
    };
    let Some(listed) = scope::tokens(&asked) else {
        return Err(token_error::reply(ctx, ErrorCode::InvalidScope, "the scope is malformed"));
    };
    let mut tokens: Vec<String> = Vec::new();
    for token in listed {
        if !tokens.contains(&token) {
            tokens.push(token);
        }
    }
    let client = ctx.known_client()?;
    for token in tokens.iter().filter(|token| !granted.contains(token)) {
        let known = ctx.policy().scopes.known.contains(token);
        let foreign = known && !scope::is_for_partner(ctx, &client, token);
        let passes = match (known, foreign) {
            (false, _) => false,
            (true, false) => ctx.has(Defect::WidensScopeAtRefresh),
            (true, true) => ctx.has(Defect::GrantsOtherPartnersScopeAtRefresh),
        };
        if !passes {
            return Err(token_error::reply(
                ctx,
                ErrorCode::InvalidScope,
                "the scope exceeds what was granted",
            ));
        }
    }
    ctx.grant.asked_scope = Some(asked);
    ctx.grant.scope = tokens;
    Ok(())
}

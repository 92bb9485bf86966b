use std::time::Duration;

use crate::reference::context::{Context, Flow};
use crate::reference::defect::Defect;
use crate::reference::keys::random_token;
use crate::reference::steps::authorization_response;
use crate::reference::store::Code;

/// Issues the authorization code, bound to client, redirect URI and code challenge (RFC 6749
/// section 4.1.2, RFC 7636 section 4.4).
pub(crate) fn run(ctx: &mut Context) -> Flow {
    let mut code = random_token();
    if let Some(challenge) = &ctx.authorization.challenge
        && ctx.has(Defect::PutsChallengeIntoCode)
    {
        code = format!("{code}.{}", challenge.value);
    }
    if ctx.has(Defect::CountsCodes) {
        code = format!("code-{:08}", ctx.server.store.lock().count());
    }
    if ctx.has(Defect::IssuesShortCodes) {
        code.truncate(11);
    }
    let mut lifetime = ctx.policy().code_lifetime;
    if ctx.has(Defect::IssuesLongLivedCode) {
        lifetime = Duration::from_secs(3600);
    }
    if ctx.has(Defect::IssuesExpiredCode) {
        lifetime = Duration::ZERO;
    }
    let issued = Code {
        authorization: ctx.authorization.clone(),
        user: ctx.user.clone().unwrap_or_default(),
        expires_at: ctx.server.clock.now() + lifetime,
        spent: None,
    };
    ctx.server.store.lock().codes.insert(code.clone(), issued);
    if ctx.has(Defect::OmitsCode) {
        return Err(authorization_response::success(ctx, Vec::new()));
    }
    Err(authorization_response::success(ctx, vec![("code", code)]))
}

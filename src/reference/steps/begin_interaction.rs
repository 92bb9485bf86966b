use std::time::Duration;

use crate::oauth::ResponseType;
use crate::reference::context::{Context, Flow};
use crate::reference::defect::Defect;
use crate::reference::reply::Reply;
use crate::reference::steps::interaction::{SESSION_COOKIE, SESSION_LIFETIME, session_cookie};
use crate::reference::steps::issue_code;
use crate::reference::store::Trimmings;

/// How long the user may take, in seconds.
const INTERACTION_LIFETIME: Duration = Duration::from_secs(600);

/// The request is sound: keeps it, bound to this browser, and sends the user to login, or to
/// consent if they are logged in (RFC 6749 section 3.1).
pub(crate) fn run(ctx: &mut Context) -> Flow {
    let server = std::sync::Arc::clone(&ctx.server);
    let now = server.clock.now();
    let asked = |name: &str| ctx.parameters.first(name).map(str::to_owned);
    ctx.authorization.trimmings =
        Trimmings { login_hint: asked("login_hint"), ui_locales: asked("ui_locales"), nonce: asked("nonce") };
    ctx.authorization.unguarded = ctx.has(Defect::TakesFormsFromAnywhere);
    let mut memory = server.store.lock();
    memory.sweep(now);
    let cookie = ctx.request.cookie(SESSION_COOKIE).unwrap_or_default().to_owned();
    let known = memory.sessions.get(&cookie).filter(|session| session.expires_at > now);
    let logged_in = known.is_some_and(|session| session.user.is_some());
    if !logged_in
        && ctx.authorization.response_type == Some(ResponseType::Code)
        && ctx.has(Defect::IssuesCodeWithoutLogin)
    {
        drop(memory);
        return issue_code::run(ctx);
    }
    let session = match known {
        Some(_) => cookie,
        None => memory.begin_session(None, now + SESSION_LIFETIME),
    };
    let abandoned =
        || memory.interactions.iter().find(|(_, i)| i.session == session).map(|(id, _)| id.clone());
    let interaction = match abandoned() {
        Some(abandoned) if ctx.has(Defect::ResumesAbandonedRequest) => abandoned,
        _ => memory.begin_interaction(session.clone(), ctx.authorization.clone(), now + INTERACTION_LIFETIME),
    };
    let page = if logged_in { "consent" } else { "login" };
    let location = format!("{}/{page}?flow={interaction}", server.issuer);
    let mut reply = Reply::see_other(&location).with("set-cookie", session_cookie(ctx, &session));
    let asked = |name: &str| ctx.request.headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(origin) = asked("origin")
        && ctx.has(Defect::MirrorsOrigin)
    {
        reply = reply.with("access-control-allow-origin", origin);
    }
    if let Some(host) = asked("x-forwarded-host")
        && ctx.has(Defect::TrustsForwardedHost)
    {
        reply =
            reply.without("location").with("location", format!("https://{host}/{page}?flow={interaction}"));
    }
    if let Some(next) = ctx.parameters.first("next")
        && ctx.has(Defect::FollowsReturnAddress)
    {
        reply = reply.without("location").with("location", next);
    }
    if ctx.has(Defect::AllowsCrossOriginAuthorization) {
        reply = reply.with("access-control-allow-origin", "*");
    }
    Err(reply)
}

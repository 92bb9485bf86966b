use std::time::Duration;

use crate::reference::context::{Context, Flow};
use crate::reference::defect::Defect;
use crate::reference::store::Interaction;

/// Carries the session's id.
pub(crate) const SESSION_COOKIE: &str = "oauth_session";

/// How long a login lasts.
pub(crate) const SESSION_LIFETIME: Duration = Duration::from_secs(8 * 3600);

/// The session cookie: out of reach for scripts and for other sites' posts, and never in the clear
/// where there is TLS (RFC 6265 section 4.1.2.5).
pub(crate) fn session_cookie(ctx: &Context, id: &str) -> String {
    let is_secure = ctx.server.is_secure() && !ctx.has(Defect::OmitsSecureFromCookie);
    let secure = if is_secure { "; Secure" } else { "" };
    let same_site = if ctx.authorization.unguarded { "" } else { "; SameSite=Lax" };
    format!("{SESSION_COOKIE}={id}; Path=/; HttpOnly{same_site}{secure}")
}

/// Finds the authorization request that a login or consent page is about, and only for the
/// browser that began it.
pub(crate) fn run(ctx: &mut Context) -> Flow {
    let server = std::sync::Arc::clone(&ctx.server);
    let now = server.clock.now();
    let id = ctx.parameters.first("flow").unwrap_or_default().to_owned();
    let cookie = ctx.request.cookie(SESSION_COOKIE).unwrap_or_default().to_owned();
    let memory = server.store.lock();
    let is_theirs = |flow: &Interaction| flow.session == cookie || flow.authorization.unguarded;
    let interaction = memory.interactions.get(&id).filter(|flow| flow.expires_at > now && is_theirs(flow));
    let session = memory.sessions.get(&cookie).filter(|session| session.expires_at > now);
    let (Some(interaction), Some(session)) = (interaction, session) else {
        return Err(ctx.error_page(
            "This page has expired",
            "The request is unknown, finished or belongs to another browser. Go back to the application.",
        ));
    };
    ctx.authorization = interaction.authorization.clone();
    ctx.interaction = Some(id);
    ctx.user.clone_from(&session.user);
    ctx.session = Some((cookie, session.csrf_token.clone()));
    Ok(())
}

use http::StatusCode;
use subtle::ConstantTimeEq as _;

use crate::reference::context::{Context, Flow};
use crate::reference::defect::Defect;
use crate::reference::form::encode_component;
use crate::reference::pages;
use crate::reference::reply::Reply;
use crate::reference::steps::guesses;
use crate::reference::steps::interaction::{SESSION_LIFETIME, session_cookie};

/// Shows the login form.
pub(crate) fn page(ctx: &mut Context) -> Flow {
    Err(form(ctx, StatusCode::OK, None)?)
}

/// Authenticates the resource owner (RFC 6749 section 3.1) and goes on to consent, in a new
/// session so that a planted session id is worth nothing.
pub(crate) fn submit(ctx: &mut Context) -> Flow {
    let name = ctx.parameters.first("username").unwrap_or_default().to_owned();
    let password = ctx.parameters.first("password").unwrap_or_default().to_owned();
    let whose = format!("user {name}");
    if guesses::are_too_many(ctx, &whose) {
        return Err(form(
            ctx,
            StatusCode::TOO_MANY_REQUESTS,
            Some("Too many wrong passwords. Try again later."),
        )?);
    }
    let is_right = is_right_password(ctx, &name, &password);
    if ctx.server.store.user(&name).is_some() {
        guesses::note(ctx, &whose, is_right);
    }
    if !is_right {
        return Err(form(ctx, StatusCode::FORBIDDEN, Some("Wrong username or password."))?);
    }
    let server = std::sync::Arc::clone(&ctx.server);
    let mut memory = server.store.lock();
    let session = memory.begin_session(Some(name), server.clock.now() + SESSION_LIFETIME);
    if let Some((old, _)) = &ctx.session {
        memory.sessions.remove(old);
    }
    let id = ctx.interaction.clone().unwrap_or_default();
    if let Some(interaction) = memory.interactions.get_mut(&id) {
        interaction.session.clone_from(&session);
    }
    let mut reply = Reply::see_other(&format!("{}/consent?flow={id}", server.issuer));
    if ctx.has(Defect::ForwardsPassword) {
        let location =
            format!("{}/consent?flow={id}&password={}", server.issuer, encode_component(&password));
        reply = reply.without("location").with("location", location);
    }
    if ctx.has(Defect::RedirectsLoginWith307) {
        reply.status = StatusCode::TEMPORARY_REDIRECT;
    }
    if ctx.has(Defect::RedirectsLoginWith302) {
        reply.status = StatusCode::FOUND;
    }
    Err(reply.with("set-cookie", session_cookie(ctx, &session)))
}

/// Whether `password` is the user's. Also asked by the password grant.
pub(crate) fn is_right_password(ctx: &Context, name: &str, password: &str) -> bool {
    let user = ctx.server.store.user(name);
    user.is_some_and(|user| bool::from(user.password.as_bytes().ct_eq(password.as_bytes())))
}

fn form(ctx: &Context, status: StatusCode, problem: Option<&str>) -> Result<Reply, Reply> {
    let (flow, csrf_token) = pages::form_fields(ctx)?;
    let client = ctx.known_client()?;
    let trimmings = &ctx.authorization.trimmings;
    let hint = trimmings.login_hint.clone().unwrap_or_default();
    let hint = if ctx.has(Defect::LeavesLoginHintUnescaped) { hint } else { pages::escape(&hint) };
    let mut page = pages::login(&client.id, &flow, &csrf_token, &hint, problem);
    if let Some(locales) = &trimmings.ui_locales
        && ctx.has(Defect::LeavesUiLocalesUnescaped)
    {
        page = page.replace("<html lang=\"en\">", &format!("<html lang=\"{locales}\">"));
    }
    if let Some(nonce) = &trimmings.nonce
        && ctx.has(Defect::LeavesNonceUnescaped)
    {
        let field = format!("<input type=\"hidden\" name=\"nonce\" value='{nonce}'></form>");
        page = page.replace("</form>", &field);
    }
    if ctx.has(Defect::LoadsForeignScript) {
        page = page.replace("</form>", "</form><script src=\"https://cdn.example/widget.js\"></script>");
    }
    let reply = Reply::html(status, page, None);
    if ctx.has(Defect::OmitsFrameOptions) {
        return Ok(reply.without("x-frame-options"));
    }
    if ctx.has(Defect::LetsLoginPageBeFramed) {
        return Ok(reply.without("content-security-policy").without("x-frame-options"));
    }
    Ok(reply)
}

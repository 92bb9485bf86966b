use http::{Method, StatusCode};

use crate::oauth::{ErrorCode, ResponseType};
use crate::reference::context::{Context, Flow};
use crate::reference::defect::Defect;
use crate::reference::pages;
use crate::reference::reply::Reply;
use crate::reference::steps::authorization_response;

/// Shows who asks for what (RFC 6749 section 10.2), once the user is logged in and until they decide.
pub(crate) fn page(ctx: &mut Context) -> Flow {
    if ctx.request.method == Method::POST && ctx.parameters.first("decision").is_some() {
        return Ok(());
    }
    let (flow, csrf_token) = pages::form_fields(ctx)?;
    let Some(user) = ctx.user.clone() else {
        return Err(Reply::see_other(&format!("{}/login?flow={flow}", ctx.server.issuer)));
    };
    if ctx.has(Defect::ConsentsWithoutAsking) {
        ctx.consented = true;
        return Ok(());
    }
    let client = ctx.known_client()?;
    let page = pages::consent(&client.id, &user, &ctx.authorization.scope, &flow, &csrf_token);
    let reply = Reply::html(StatusCode::OK, page, None);
    if ctx.has(Defect::LetsConsentPageBeFramed) {
        return Err(reply.without("content-security-policy").without("x-frame-options"));
    }
    Err(reply)
}

/// The user's decision. It is taken once: the interaction ends with it.
pub(crate) fn decision(ctx: &mut Context) -> Flow {
    let id = ctx.interaction.clone().unwrap_or_default();
    if ctx.user.is_none() || ctx.server.store.lock().interactions.remove(&id).is_none() {
        return Err(
            ctx.error_page("This page has expired", "The request is finished. Go back to the application.")
        );
    }
    let agreed = ctx.consented || ctx.parameters.first("decision") == Some("approve");
    if !agreed && !ctx.has(Defect::IgnoresDenial) {
        let code = match ctx.has(Defect::CallsDenialInvalidRequest) {
            true => ErrorCode::InvalidRequest,
            false => ErrorCode::AccessDenied,
        };
        let denial = authorization_response::error(ctx, code, "the user has denied the request");
        return Err(if ctx.has(Defect::OmitsLocationOnDenial) { denial.without("location") } else { denial });
    }
    ctx.consented = true;
    if ctx.authorization.response_type == Some(ResponseType::Token) {
        ctx.grant.subject = ctx.user.clone().unwrap_or_default();
        ctx.grant.scope.clone_from(&ctx.authorization.scope);
        ctx.grant.refresh_scope.clone_from(&ctx.authorization.scope);
        ctx.grant.asked_scope.clone_from(&ctx.authorization.asked_scope);
        ctx.grant.family = Some(ctx.server.store.lock().begin_family());
    }
    Ok(())
}

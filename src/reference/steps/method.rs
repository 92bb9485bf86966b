use http::{Method, StatusCode};
use serde_json::json;

use crate::reference::context::{Context, Flow};
use crate::reference::defect::Defect;
use crate::reference::pages;
use crate::reference::reply::Reply;

/// Only the endpoint's own methods (RFC 6749 sections 3.1 and 3.2, RFC 9110 section 15.5.6).
pub(crate) fn run(ctx: &mut Context) -> Flow {
    if ctx.endpoint.methods.contains(&ctx.request.method.as_str()) {
        return Ok(());
    }
    let asks_for_token = ctx.endpoint.path == "/oauth2/token" && ctx.request.method == Method::GET;
    if asks_for_token && ctx.has(Defect::AcceptsGetAtTokenEndpoint) {
        return Ok(());
    }
    if asks_for_token && ctx.request.is_head && ctx.has(Defect::AcceptsHeadAtTokenEndpoint) {
        return Ok(());
    }
    let asks_by_put = ctx.endpoint.path == "/oauth2/token" && ctx.request.method == Method::PUT;
    if asks_by_put && ctx.has(Defect::AcceptsPutAtTokenEndpoint) {
        return Ok(());
    }
    let revokes_by_get = ctx.endpoint.path == "/oauth2/revoke" && ctx.request.method == Method::GET;
    if revokes_by_get && ctx.has(Defect::RevokesByGet) {
        return Ok(());
    }
    let explanation = "this endpoint does not know that method";
    let status = StatusCode::METHOD_NOT_ALLOWED;
    let reply = if ctx.answers_json() {
        Reply::json(status, &json!({ "error": "invalid_request", "error_description": explanation }))
    } else {
        Reply::html(status, pages::error("Method not allowed", explanation), None)
    };
    if ctx.has(Defect::OmitsAllow) {
        return Err(reply);
    }
    Err(reply.with("allow", ctx.endpoint.methods.join(", ")))
}

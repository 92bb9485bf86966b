use http::{Method, StatusCode};
use serde_json::json;

use crate::reference::context::{Context, Flow};
use crate::reference::defect::Defect;
use crate::reference::reply::Reply;
use crate::reference::steps::protected_resource::valid_token;
use crate::reference::steps::resource_error;

/// The scope without which nobody learns who the user is.
const SCOPE: &str = "openid";

/// Without the scope `openid` there is no such endpoint.
pub(crate) fn offered(ctx: &mut Context) -> Flow {
    if ctx.policy().scopes.offers_userinfo() {
        return Ok(());
    }
    Err(Reply::json(StatusCode::NOT_FOUND, &json!({ "error": "not_found" })))
}

/// Says who the user is (OpenID Connect Core section 5.3.2).
pub(crate) fn run(ctx: &mut Context) -> Flow {
    let token = valid_token(ctx)?;
    if !token.scope.iter().any(|scope| scope == SCOPE) && !ctx.has(Defect::TellsUserinfoWithoutOpenid) {
        return Err(resource_error::insufficient_scope(ctx, SCOPE));
    }
    if ctx.request.method == Method::POST && ctx.has(Defect::RefusesPostAtUserinfo) {
        return Err(Reply::empty(StatusCode::METHOD_NOT_ALLOWED));
    }
    let claims = match ctx.has(Defect::OmitsSubjectFromUserinfo) {
        true => json!({ "name": token.subject }),
        false => json!({ "sub": token.subject }),
    };
    let reply = Reply::json(StatusCode::OK, &claims);
    if ctx.has(Defect::LabelsUserinfoAsText) {
        return Err(reply.without("content-type").with("content-type", "text/plain"));
    }
    Err(reply)
}

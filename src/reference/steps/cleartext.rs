use http::StatusCode;
use http::header::AUTHORIZATION;

use crate::reference::context::{Context, Flow};
use crate::reference::defect::Defect;
use crate::reference::pages;
use crate::reference::reply::Reply;
use crate::reference::request::Parameters;

/// A request without TLS to a server that speaks it: sent on to the same place by TLS (RFC 6749 section 2.3.1), but
/// for a revocation without a password, so that tokens which went astray die (RFC 7009 section 2).
pub(crate) fn run(ctx: &mut Context) -> Flow {
    if !ctx.request.in_the_clear || ctx.has(Defect::AnswersInTheClear) {
        return Ok(());
    }
    if ctx.endpoint.path == "/oauth2/auth" && ctx.has(Defect::AsksForPasswordInTheClear) {
        return Err(Reply::html(StatusCode::OK, pages::login("the client", "", "", "", None), None));
    }
    let revokes = ctx.endpoint.path == "/oauth2/revoke" && !carries_password(ctx);
    if revokes && !ctx.has(Defect::RevokesNothingInTheClear) {
        return Ok(());
    }
    let query = if ctx.request.query.is_empty() { "" } else { "?" };
    let place = format!("{}{}{query}{}", ctx.server.issuer, ctx.request.path, ctx.request.query);
    Err(Reply::moved(&place))
}

fn carries_password(ctx: &Context) -> bool {
    let body = ctx.request.body.as_deref().unwrap_or_default();
    let in_body = Parameters::decode(body).is_ok_and(|sent| sent.first("client_secret").is_some());
    in_body || ctx.request.headers.contains_key(AUTHORIZATION)
}

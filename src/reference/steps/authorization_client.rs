use std::sync::Arc;

use crate::oauth::ErrorCode;
use crate::reference::context::{Context, Flow};
use crate::reference::defect::Defect;
use crate::reference::steps::authorization_response;
use crate::reference::store::Client;

/// Finds the client. A missing, repeated or unknown `client_id` is told to the user and never
/// redirected (RFC 6749 section 4.1.2.1).
pub(crate) fn run(ctx: &mut Context) -> Flow {
    if ctx.parameters.is_repeated("client_id") && !ctx.has(Defect::AcceptsRepeatedClientId) {
        return Err(ctx.error_page("Malformed request", "The parameter client_id is repeated."));
    }
    let Some(id) = ctx.parameters.first("client_id").map(str::to_owned) else {
        return Err(ctx.error_page("Malformed request", "The parameter client_id is missing."));
    };
    if let Some(client) = ctx.server.store.client(&id) {
        ctx.authorization.client = Some(client);
        return Ok(());
    }
    let target = ctx.parameters.first("redirect_uri").map(str::to_owned);
    if let Some(target) = &target
        && ctx.has(Defect::ServesUnknownClient)
    {
        let client = Client { id, redirect_uris: vec![target.clone()], ..Client::default() };
        ctx.authorization.client = Some(Arc::new(client));
        return Ok(());
    }
    if let Some(target) = target
        && ctx.has(Defect::RedirectsForUnknownClient)
    {
        ctx.authorization.redirect_uri = target;
        return Err(authorization_response::error(
            ctx,
            ErrorCode::UnauthorizedClient,
            "the client is unknown",
        ));
    }
    Err(ctx.error_page("Unknown application", &format!("No application is registered as {id}.")))
}

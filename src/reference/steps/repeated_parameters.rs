use crate::oauth::ErrorCode;
use crate::reference::context::{Context, Flow};
use crate::reference::defect::Defect;
use crate::reference::request::Parameters;
use crate::reference::steps::{authorization_response, token_error};

/// Parameters of an authorization request.
pub(crate) const AUTHORIZATION: &[&str] = &[
    "response_type",
    "client_id",
    "redirect_uri",
    "scope",
    "state",
    "response_mode",
    "code_challenge",
    "code_challenge_method",
];

/// Parameters of requests to the token, revocation and introspection endpoints.
pub(crate) const TOKEN: &[&str] = &[
    "grant_type",
    "code",
    "redirect_uri",
    "client_id",
    "client_secret",
    "client_assertion_type",
    "client_assertion",
    "code_verifier",
    "refresh_token",
    "scope",
    "username",
    "password",
    "token",
    "token_type_hint",
];

/// "Request and response parameters MUST NOT be included more than once" (RFC 6749 section 3.1).
/// Only those this server understands count: unknown ones are ignored, twice if need be.
pub(crate) fn at_authorization(ctx: &mut Context) -> Flow {
    // The client and the redirect URI have had their own steps.
    let others: Vec<&str> =
        AUTHORIZATION.iter().copied().filter(|name| !matches!(*name, "client_id" | "redirect_uri")).collect();
    let Some(name) = repeated(&ctx.parameters, &others) else { return Ok(()) };
    if ctx.has(Defect::AcceptsRepeatedAuthorizationParameters) {
        // The state that was left open counts again, as such a server would take it.
        ctx.authorization.state = ctx.parameters.first("state").map(str::to_owned);
        return Ok(());
    }
    let explanation = format!("the parameter {name} is repeated");
    Err(authorization_response::error(ctx, ErrorCode::InvalidRequest, &explanation))
}

/// The same at the token endpoint and its neighbours (RFC 6749 sections 3.2 and 5.2).
pub(crate) fn at_token(ctx: &mut Context) -> Flow {
    let Some(name) = repeated(&ctx.parameters, TOKEN) else { return Ok(()) };
    if ctx.has(Defect::AcceptsRepeatedTokenParameters) {
        return Ok(());
    }
    Err(token_error::reply(ctx, ErrorCode::InvalidRequest, &format!("the parameter {name} is repeated")))
}

fn repeated<'a>(parameters: &Parameters, known: &[&'a str]) -> Option<&'a str> {
    known.iter().find(|name| parameters.is_repeated(name)).copied()
}

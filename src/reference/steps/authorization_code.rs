use crate::oauth::{CodeChallengeMethod, ErrorCode};
use crate::reference::context::{Context, Flow};
use crate::reference::defect::Defect;
use crate::reference::steps::token_error;
use crate::reference::store::{Authorization, Challenge, Code, Memory, RefreshToken};

/// How many characters a truncated code must still have to be recognised by a server that does.
const RECOGNISABLE: usize = 16;

/// Finds the code: known, this client's and not expired (RFC 6749 section 4.1.3). Whether it was
/// used before is decided at last, when all else is right.
pub(crate) fn run(ctx: &mut Context) -> Flow {
    let client = ctx.known_client()?;
    let Some(presented) = ctx.parameters.first("code").map(str::to_owned) else {
        return Err(token_error::reply(ctx, ErrorCode::InvalidRequest, "the parameter code is missing"));
    };
    let server = std::sync::Arc::clone(&ctx.server);
    let found = find(ctx, &server.store.lock(), &presented);
    let Some((value, code)) = found else {
        let code = match ctx.has(Defect::CallsUnknownCodeInvalidRequest) {
            true => ErrorCode::InvalidRequest,
            false => ErrorCode::InvalidGrant,
        };
        return Err(token_error::reply(ctx, code, "the code is unknown"));
    };
    let owner = code.authorization.client.as_ref().map(|client| client.id.as_str());
    if owner != Some(client.id.as_str()) && !ctx.has(Defect::AcceptsCodeOfOtherClient) {
        return Err(token_error::reply(
            ctx,
            ErrorCode::InvalidGrant,
            "the code was issued to another client",
        ));
    }
    if code.expires_at <= server.clock.now() && !ctx.has(Defect::AcceptsExpiredCode) {
        return Err(token_error::reply(ctx, ErrorCode::InvalidGrant, "the code has expired"));
    }
    ctx.grant.code = Some((value, code));
    Ok(())
}

fn find(ctx: &Context, memory: &Memory, presented: &str) -> Option<(String, Code)> {
    if let Some(code) = memory.codes.get(presented) {
        return Some((presented.to_owned(), code.clone()));
    }
    let by = |same: &dyn Fn(&str) -> bool| {
        memory.codes.iter().find(|(value, _)| same(value)).map(|(value, code)| (value.clone(), code.clone()))
    };
    if let Some(token) = memory.refresh_tokens.get(presented)
        && ctx.has(Defect::RedeemsRefreshToken)
    {
        return Some((presented.to_owned(), of_refresh_token(ctx, token)));
    }
    if presented.len() >= RECOGNISABLE && ctx.has(Defect::AcceptsTruncatedCode) {
        return by(&|value| value.starts_with(presented));
    }
    if ctx.has(Defect::IgnoresCodeCase) {
        return by(&|value| value.eq_ignore_ascii_case(presented));
    }
    if ctx.has(Defect::AcceptsExtendedCode) {
        return by(&|value| presented.starts_with(value));
    }
    None
}

/// The code that a server takes a refresh token for that keeps both in one place.
fn of_refresh_token(ctx: &Context, token: &RefreshToken) -> Code {
    Code {
        authorization: Authorization {
            client: ctx.client.clone(),
            redirect_uri: ctx.parameters.first("redirect_uri").unwrap_or_default().to_owned(),
            redirect_uri_sent: true,
            scope: token.scope.clone(),
            // Nothing is known of a challenge.
            challenge: Some(Challenge { method: CodeChallengeMethod::S256, value: String::new() }),
            ..Authorization::default()
        },
        user: token.subject.clone(),
        expires_at: token.expires_at,
        spent: None,
    }
}

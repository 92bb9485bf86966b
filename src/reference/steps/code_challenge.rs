use crate::oauth::{CodeChallengeMethod, ErrorCode, ResponseType};
use crate::reference::context::{Context, Flow};
use crate::reference::defect::Defect;
use crate::reference::reply::Reply;
use crate::reference::steps::authorization_response;
use crate::reference::store::Challenge;

/// Takes the code challenge (RFC 7636 sections 4.3 and 4.4).
pub(crate) fn run(ctx: &mut Context) -> Flow {
    if ctx.authorization.response_type != Some(ResponseType::Code) || ctx.has(Defect::ForgetsCodeChallenge) {
        return Ok(());
    }
    if ctx.parameters.is_empty("code_challenge") && ctx.has(Defect::AcceptsEmptyCodeChallenge) {
        let challenge = Challenge { method: CodeChallengeMethod::S256, value: String::new() };
        ctx.authorization.challenge = Some(challenge);
        return Ok(());
    }
    let method = ctx.parameters.first("code_challenge_method").map(str::to_owned);
    let Some(value) = ctx.parameters.first("code_challenge").map(str::to_owned) else {
        // A public client has nothing else to show that the code is its own (RFC 8252 section 8.1).
        let required = ctx.policy().pkce_required || ctx.known_client()?.is_public();
        if required && !ctx.has(Defect::AcceptsMissingCodeChallenge) {
            return Err(refusal(ctx, "code challenge required"));
        }
        if method.is_some() {
            return Err(refusal(ctx, "a code challenge method came without a code challenge"));
        }
        return Ok(());
    };
    // "Defaults to plain if not present in the request" (section 4.3).
    let method = match method.as_deref() {
        Some("plain") if ctx.has(Defect::TakesPlainForS256) => CodeChallengeMethod::S256,
        Some("s256") if ctx.has(Defect::IgnoresCodeChallengeMethodCase) => CodeChallengeMethod::S256,
        Some(text) => CodeChallengeMethod::from(text),
        None => CodeChallengeMethod::Plain,
    };
    let supported = match &method {
        CodeChallengeMethod::S256 => !ctx.has(Defect::RefusesS256),
        CodeChallengeMethod::Plain => ctx.policy().pkce_plain || ctx.has(Defect::AcceptsPlainCodeChallenge),
        CodeChallengeMethod::Unknown(_) => ctx.has(Defect::AcceptsUnknownCodeChallengeMethod),
    };
    if !supported {
        return Err(refusal(ctx, "transform algorithm not supported"));
    }
    if !is_well_formed(&value) && ctx.has(Defect::AcceptsMalformedCodeChallenge) {
        ctx.authorization.challenge = Some(Challenge { method, value: String::new() });
        return Ok(());
    }
    if !is_well_formed(&value) {
        return Err(refusal(ctx, "the code challenge is malformed"));
    }
    ctx.authorization.challenge = Some(Challenge { method, value });
    Ok(())
}

/// `43*128unreserved` (RFC 7636 section 4.2), the grammar of challenge and verifier alike.
pub(crate) fn is_well_formed(text: &str) -> bool {
    let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
    (43..=128).contains(&text.len()) && text.bytes().all(unreserved)
}

fn refusal(ctx: &Context, explanation: &str) -> Reply {
    authorization_response::error(ctx, ErrorCode::InvalidRequest, explanation)
}

use crate::oauth::{ErrorCode, ResponseMode, ResponseType};
use crate::reference::context::{Context, Flow};
use crate::reference::steps::authorization_response;

/// Decides how the response travels (OAuth 2.0 Multiple Response Type Encoding Practices section
/// 2.1). From here on whatever is wrong is told to the client by redirect, with its state.
pub(crate) fn run(ctx: &mut Context) -> Flow {
    // Of two states neither is the client's, so neither is echoed.
    if !ctx.parameters.is_repeated("state") {
        ctx.authorization.state = ctx.parameters.first("state").map(str::to_owned);
    }
    let implicit = ctx.parameters.first("response_type") == Some("token");
    ctx.authorization.response_mode =
        Some(if implicit { ResponseMode::Fragment } else { ResponseMode::Query });
    let Some(asked) = ctx.parameters.first("response_mode").map(ResponseMode::from) else { return Ok(()) };
    if ctx.parameters.is_repeated("response_mode") {
        return Ok(());
    }
    if !ctx.policy().response_modes.contains(&asked) {
        let explanation = "the response mode is not supported";
        return Err(authorization_response::error(ctx, ErrorCode::InvalidRequest, explanation));
    }
    if implicit && asked == ResponseMode::Query {
        let explanation = "a token is not returned in the query";
        return Err(authorization_response::error(ctx, ErrorCode::InvalidRequest, explanation));
    }
    ctx.authorization.response_mode = Some(asked);
    Ok(())
}

/// Where the response travels when no step has decided yet.
pub(crate) fn fallback(response_type: Option<&ResponseType>) -> ResponseMode {
    if response_type == Some(&ResponseType::Token) { ResponseMode::Fragment } else { ResponseMode::Query }
}

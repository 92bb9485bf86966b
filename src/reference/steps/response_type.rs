use crate::oauth::{ErrorCode, GrantType, ResponseType};
use crate::reference::context::{Context, Flow};
use crate::reference::defect::Defect;
use crate::reference::steps::authorization_response;

/// Only the response types offered, and to this client (RFC 6749 sections 3.1.1 and 4.1.2.1).
pub(crate) fn run(ctx: &mut Context) -> Flow {
    let Some(asked) = ctx.parameters.first("response_type").map(str::to_owned) else {
        if ctx.has(Defect::TakesMissingResponseTypeForCode) {
            ctx.authorization.response_type = Some(ResponseType::Code);
            return Ok(());
        }
        let explanation = "the parameter response_type is missing";
        return Err(authorization_response::error(ctx, ErrorCode::InvalidRequest, explanation));
    };
    let asked = if asked != "code"
        && asked.eq_ignore_ascii_case("code")
        && ctx.has(Defect::IgnoresResponseTypeCase)
    {
        ResponseType::Code
    } else {
        ResponseType::from(asked.as_str())
    };
    let (grant, offered) = match asked {
        ResponseType::Code => (
            GrantType::AuthorizationCode,
            offers(ctx, &GrantType::AuthorizationCode) && !ctx.has(Defect::RefusesCodeFlow),
        ),
        ResponseType::Token if offers(ctx, &GrantType::Implicit) => {
            (GrantType::Implicit, !ctx.has(Defect::RefusesImplicit))
        }
        ResponseType::Token => (GrantType::Implicit, ctx.has(Defect::AcceptsUnofferedImplicit)),
        _ if ctx.has(Defect::TakesUnknownResponseTypeForCode) => (GrantType::AuthorizationCode, true),
        _ => (GrantType::AuthorizationCode, false),
    };
    if !offered {
        let explanation = "the response type is not supported";
        return Err(authorization_response::error(ctx, ErrorCode::UnsupportedResponseType, explanation));
    }
    if !ctx.known_client()?.may_use(&grant) && !ctx.has(Defect::AnswersUnauthorizedClient) {
        let explanation = "this client may not use this response type";
        return Err(authorization_response::error(ctx, ErrorCode::UnauthorizedClient, explanation));
    }
    let implicit = grant == GrantType::Implicit;
    ctx.authorization.response_type = Some(if implicit { ResponseType::Token } else { ResponseType::Code });
    Ok(())
}

fn offers(ctx: &Context, grant: &GrantType) -> bool {
    ctx.policy().grants.contains(grant)
}

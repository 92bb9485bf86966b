use crate::oauth::{ErrorCode, GrantType};
use crate::reference::context::{Context, Flow};
use crate::reference::defect::Defect;
use crate::reference::reply::Reply;
use crate::reference::steps::token_error;

/// The grants with a list of steps at the token endpoint.
const GRANTS: [GrantType; 4] = [
    GrantType::AuthorizationCode,
    GrantType::RefreshToken,
    GrantType::ClientCredentials,
    GrantType::Password,
];

/// Only the grants offered, and to this client (RFC 6749 section 5.2).
pub(crate) fn run(ctx: &mut Context) -> Flow {
    let grant = asked(ctx)?;
    if !is_offered(ctx, &grant) {
        let code = match ctx.has(Defect::CallsUnknownGrantTypeInvalidRequest) {
            true => ErrorCode::InvalidRequest,
            false => ErrorCode::UnsupportedGrantType,
        };
        return Err(token_error::reply(ctx, code, "the grant type is not supported"));
    }
    if !ctx.known_client()?.may_use(&grant) && !ctx.has(Defect::AcceptsUnauthorizedGrant) {
        return Err(token_error::reply(
            ctx,
            ErrorCode::UnauthorizedClient,
            "this client may not use this grant type",
        ));
    }
    ctx.grant.grant_type = Some(grant);
    Ok(())
}

fn asked(ctx: &Context) -> Result<GrantType, Reply> {
    let Some(text) = ctx.parameters.first("grant_type") else {
        if ctx.parameters.first("code").is_some() && ctx.has(Defect::TakesMissingGrantTypeForCode) {
            return Ok(GrantType::AuthorizationCode);
        }
        let explanation = "the parameter grant_type is missing";
        return Err(token_error::reply(ctx, ErrorCode::InvalidRequest, explanation));
    };
    let known = GRANTS.iter().find(|grant| grant.as_str().eq_ignore_ascii_case(text));
    match known {
        Some(grant) if grant.as_str() != text && ctx.has(Defect::IgnoresGrantTypeCase) => Ok(grant.clone()),
        _ => Ok(GrantType::from(text)),
    }
}

fn is_offered(ctx: &Context, grant: &GrantType) -> bool {
    if !GRANTS.contains(grant) {
        return false;
    }
    let offered = ctx.policy().grants.contains(grant);
    match grant {
        GrantType::AuthorizationCode if ctx.has(Defect::RefusesCodeGrant) => false,
        GrantType::ClientCredentials if ctx.has(Defect::RefusesClientCredentials) => false,
        GrantType::Password if !offered => ctx.has(Defect::AcceptsUnofferedPasswordGrant),
        GrantType::Password => !ctx.has(Defect::RefusesPasswordGrant),
        GrantType::RefreshToken if ctx.has(Defect::RefusesRefreshGrant) => false,
        _ => offered,
    }
}

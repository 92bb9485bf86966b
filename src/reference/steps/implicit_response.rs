use crate::reference::context::{Context, Flow};
use crate::reference::defect::Defect;
use crate::reference::keys::random_token;
use crate::reference::steps::authorization_response;

/// The access token of the implicit grant, "MUST NOT issue a refresh token" (RFC 6749 section 4.2.2).
pub(crate) fn run(ctx: &mut Context) -> Flow {
    let mut parameters = vec![("access_token", ctx.grant.access_token.clone())];
    if !ctx.has(Defect::OmitsTokenTypeFromImplicit) {
        parameters.push(("token_type", "Bearer".to_owned()));
    }
    if !ctx.has(Defect::OmitsExpiresInFromImplicit) {
        parameters.push(("expires_in", ctx.policy().access_token.lifetime.as_secs().to_string()));
    }
    if !ctx.grant.scope.is_empty() {
        parameters.push(("scope", ctx.grant.scope.join(" ")));
    }
    if ctx.has(Defect::IssuesRefreshTokenToImplicit) {
        parameters.push(("refresh_token", random_token()));
    }
    if ctx.has(Defect::PutsCodeBesideImplicitToken) {
        parameters.push(("code", random_token()));
    }
    if ctx.has(Defect::OmitsAccessTokenFromImplicit) {
        parameters.retain(|(name, _)| *name != "access_token");
    }
    if ctx.has(Defect::DropsStateFromImplicit) {
        ctx.authorization.state = None;
    }
    Err(authorization_response::success(ctx, parameters))
}

use http::Method;

use crate::oauth::{CompactJws, ErrorCode};
use crate::reference::context::{Context, Flow};
use crate::reference::defect::Defect;
use crate::reference::reply::Reply;
use crate::reference::steps::{authorization_response, redirect_uri_comparison, scope};
use crate::reference::store::Client;

/// Decides where the response goes. Whatever is wrong with the redirect URI is told to the user
/// and never redirected (RFC 6749 sections 3.1.2.3, 3.1.2.4 and 4.1.2.1).
pub(crate) fn run(ctx: &mut Context) -> Flow {
    let client = ctx.known_client()?;
    if let Some(unchecked) = unchecked(ctx, &client) {
        ctx.authorization.redirect_uri = unchecked;
        ctx.authorization.redirect_uri_sent = true;
        return Ok(());
    }
    let Some(presented) = presented(ctx)? else {
        ctx.authorization.redirect_uri = unnamed(ctx, &client)?;
        return Ok(());
    };
    let posted = ctx.request.method == Method::POST;
    let trusted = inner(ctx);
    if trusted.is_none()
        && !is_acceptable(ctx, &client, &presented)
        && !(posted && ctx.has(Defect::SkipsRedirectUriCheckOnPost))
    {
        return Err(refusal(ctx, presented));
    }
    ctx.authorization.redirect_uri = trusted.unwrap_or(presented);
    ctx.authorization.redirect_uri_sent = true;
    Ok(())
}

/// The one in the body of a POST, where another one stands in the query, which comes first in the list.
fn unchecked(ctx: &Context, client: &Client) -> Option<String> {
    let named = |value: Option<&str>| value.map(str::to_owned);
    let (first, last) =
        (named(ctx.parameters.first("redirect_uri"))?, named(ctx.parameters.last("redirect_uri"))?);
    let differ = ctx.request.method == Method::POST && first != last && is_acceptable(ctx, client, &first);
    (differ && ctx.has(Defect::ChecksOneRedirectUriAndUsesAnother)).then_some(last)
}

/// The redirect URI of a request object (RFC 9101 section 4), which this server does not know.
fn inner(ctx: &Context) -> Option<String> {
    let request = CompactJws::parse(ctx.parameters.first("request")?).ok()?;
    let inner = request.claims.get("redirect_uri")?.as_str()?.to_owned();
    ctx.has(Defect::TrustsRequestObject).then_some(inner)
}

fn presented(ctx: &Context) -> Result<Option<String>, Reply> {
    let parameters = &ctx.parameters;
    if !parameters.is_repeated("redirect_uri") {
        return Ok(parameters.first("redirect_uri").map(str::to_owned));
    }
    if ctx.has(Defect::TakesFirstRedirectUri) {
        return Ok(parameters.first("redirect_uri").map(str::to_owned));
    }
    if ctx.has(Defect::TakesLastRedirectUri) {
        return Ok(parameters.last("redirect_uri").map(str::to_owned));
    }
    Err(ctx.error_page("Malformed request", "The parameter redirect_uri is repeated."))
}

/// A request without redirect URI is clear only where one is registered (RFC 6749 section 3.1.2.3).
fn unnamed(ctx: &Context, client: &Client) -> Result<String, Reply> {
    match client.redirect_uris.as_slice() {
        [only] if !ctx.has(Defect::RefusesMissingRedirectUri) => return Ok(only.clone()),
        [first, _, ..] => {
            let empty = ctx.parameters.is_empty("redirect_uri");
            if empty && ctx.has(Defect::AcceptsEmptyRedirectUri) {
                return Ok(first.clone());
            }
            if !empty && ctx.has(Defect::AcceptsMissingRedirectUri) {
                return Ok(first.clone());
            }
        }
        _ => {}
    }
    Err(ctx.error_page("Malformed request", "The parameter redirect_uri is missing."))
}

fn is_acceptable(ctx: &Context, client: &Client, presented: &str) -> bool {
    let registered =
        client.redirect_uris.iter().any(|uri| redirect_uri_comparison::is_same(ctx, uri, presented));
    registered
        || (ctx.server.store.knows_redirect_uri(presented)
            && ctx.has(Defect::AcceptsRedirectUriOfOtherClient))
}

fn refusal(ctx: &mut Context, presented: String) -> Reply {
    if ctx.has(Defect::RedirectsErrorToUnregisteredUri) {
        ctx.authorization.redirect_uri = presented;
        return authorization_response::error(
            ctx,
            ErrorCode::InvalidRequest,
            "the redirect URI is not registered",
        );
    }
    if ctx.has(Defect::ChecksScopeBeforeRedirectUri)
        && let Err(refusal) = scope::for_authorization(ctx)
    {
        ctx.authorization.redirect_uri = presented;
        return authorization_response::error(ctx, refusal.code, &refusal.description);
    }
    if ctx.has(Defect::ChecksResponseTypeBeforeRedirectUri)
        && ctx.parameters.first("response_type") != Some("code")
    {
        ctx.authorization.redirect_uri = presented;
        let explanation = "the response type is not supported";
        return authorization_response::error(ctx, ErrorCode::UnsupportedResponseType, explanation);
    }
    if ctx.has(Defect::RedirectsErrorToRegisteredUri)
        && let Some(first) = ctx.known_client().ok().and_then(|client| client.redirect_uris.first().cloned())
    {
        ctx.authorization.redirect_uri = first;
        return authorization_response::error(
            ctx,
            ErrorCode::InvalidRequest,
            "the redirect URI is not registered",
        );
    }
    ctx.error_page("Unknown redirect URI", &format!("The application has not registered {presented}."))
}

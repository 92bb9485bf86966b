use http::StatusCode;

use crate::oauth::{ErrorCode, ResponseMode, ResponseType};
use crate::reference::context::Context;
use crate::reference::defect::Defect;
use crate::reference::form::encode_component;
use crate::reference::keys::random_token;
use crate::reference::pages;
use crate::reference::reply::Reply;
use crate::reference::steps::{response_mode, state_echo};

/// A response parameter.
pub(crate) type Parameter = (&'static str, String);

/// The user agreed: sends the code or the token to the client (RFC 6749 sections 4.1.2 and 4.2.2).
pub(crate) fn success(ctx: &Context, parameters: Vec<Parameter>) -> Reply {
    deliver(ctx, parameters, None)
}

/// Tells the client by redirect what is wrong (RFC 6749 sections 4.1.2.1 and 4.2.2.1).
pub(crate) fn error(ctx: &Context, code: ErrorCode, description: &str) -> Reply {
    if ctx.has(Defect::ShowsPageInsteadOfErrorRedirect) {
        return ctx.error_page("Something is wrong", description);
    }
    let mut parameters = Vec::new();
    if !ctx.has(Defect::OmitsErrorFromRedirect) {
        parameters.push(("error", code.to_string()));
    }
    let description = match ctx.has(Defect::PutsQuotesIntoErrorDescription) {
        true => format!("\"{description}\" \u{2014} \\o/"),
        false => description.to_owned(),
    };
    if !ctx.has(Defect::OmitsErrorDescription) {
        parameters.push(("error_description", description));
    }
    deliver(ctx, parameters, Some(&code))
}

/// Adds `state` and `iss` (RFC 9207 section 2) and sends all by the response mode.
fn deliver(ctx: &Context, mut parameters: Vec<Parameter>, error: Option<&ErrorCode>) -> Reply {
    let state = state_echo::value(ctx, error);
    if let Some(iss) = iss(ctx, error) {
        parameters.push(("iss", iss));
    }
    let target = &ctx.authorization.redirect_uri;
    let mode = mode(ctx, error);
    if mode == ResponseMode::FormPost {
        let hidden = ctx.has(Defect::DropsStateInFormPost);
        parameters.extend(state.filter(|_| !hidden).map(|state| ("state", state)));
        let nonce = random_token();
        let page = if ctx.has(Defect::LeavesFormPostUnescaped) {
            pages::form_post_unescaped(target, &parameters, &nonce)
        } else {
            pages::form_post(target, &parameters, &nonce)
        };
        let page = Reply::html(StatusCode::OK, page, Some(&nonce));
        return if ctx.has(Defect::AllowsStoringFormPost) { page.without("cache-control") } else { page };
    }
    let mut encoded: Vec<String> =
        parameters.iter().map(|(name, value)| format!("{name}={}", encode_component(value))).collect();
    if let Some(state) = state {
        encoded.push(format!("state={}", encode_state(ctx, &state)));
        if ctx.has(Defect::SendsStateTwice) {
            encoded.push(format!("state={}", encode_component(&state)));
        }
    }
    let target = match target.split_once('?') {
        Some((bare, _)) if ctx.has(Defect::DropsQueryOfRedirectUri) => bare,
        _ => target,
    };
    let location = attach(target, &encoded.join("&"), &mode);
    let reply = Reply::see_other(&location);
    if error.is_some() && ctx.has(Defect::LeavesSpacesInLocation) {
        return reply.without("location").with("location", location.replace('+', " "));
    }
    reply
}

fn mode(ctx: &Context, error: Option<&ErrorCode>) -> ResponseMode {
    let authorization = &ctx.authorization;
    let response_type = authorization.response_type.as_ref();
    let mode = authorization.response_mode.clone().unwrap_or_else(|| response_mode::fallback(response_type));
    if mode == ResponseMode::Fragment && error.is_none() && ctx.has(Defect::ReturnsImplicitTokenInQuery) {
        return ResponseMode::Query;
    }
    if mode == ResponseMode::Fragment && error.is_some() && ctx.has(Defect::ReturnsImplicitErrorInQuery) {
        return ResponseMode::Query;
    }
    if mode == ResponseMode::Query
        && response_type == Some(&ResponseType::Code)
        && ctx.has(Defect::ReturnsCodeInFragment)
    {
        return ResponseMode::Fragment;
    }
    mode
}

fn iss(ctx: &Context, error: Option<&ErrorCode>) -> Option<String> {
    if !ctx.policy().iss || ctx.has(Defect::OmitsIss) {
        return None;
    }
    if error.is_some() && ctx.has(Defect::OmitsIssOnErrors) {
        return None;
    }
    if ctx.has(Defect::NamesOtherIss) {
        return Some("https://other.example".to_owned());
    }
    if ctx.authorization.response_mode != Some(ResponseMode::Query) && ctx.has(Defect::OmitsIssFromOtherModes)
    {
        return None;
    }
    if ctx.has(Defect::PutsQueryIntoIss) {
        return Some(format!("{}?tenant=1", ctx.server.issuer));
    }
    if ctx.has(Defect::EncodesIssTwice) {
        return Some(encode_component(&ctx.server.issuer));
    }
    let slash = if ctx.has(Defect::AddsSlashToIss) { "/" } else { "" };
    Some(format!("{}{slash}", ctx.server.issuer))
}

fn encode_state(ctx: &Context, state: &str) -> String {
    let encoded = encode_component(state);
    if ctx.has(Defect::LeavesAmpersandInStateBare) { encoded.replace("%26", "&") } else { encoded }
}

/// Keeps the query of the redirect URI (RFC 6749 section 3.1.2) and stays in front of a fragment.
fn attach(target: &str, parameters: &str, mode: &ResponseMode) -> String {
    if *mode == ResponseMode::Fragment {
        let joint = if target.contains('#') { '&' } else { '#' };
        return format!("{target}{joint}{parameters}");
    }
    let (before, fragment) = match target.find('#') {
        Some(at) => target.split_at(at),
        None => (target, ""),
    };
    let joint = if before.contains('?') { '&' } else { '?' };
    format!("{before}{joint}{parameters}{fragment}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_query_of_the_redirect_uri() {
        let attached = |target: &str, mode| attach(target, "code=1", &mode);
        assert_eq!(attached("https://c.example/cb", ResponseMode::Query), "https://c.example/cb?code=1");
        assert_eq!(
            attached("https://c.example/cb?a=1", ResponseMode::Query),
            "https://c.example/cb?a=1&code=1"
        );
        assert_eq!(
            attached("https://c.example/cb?a=1", ResponseMode::Fragment),
            "https://c.example/cb?a=1#code=1"
        );
        assert_eq!(attached("https://c.example/cb#f", ResponseMode::Query), "https://c.example/cb?code=1#f");
    }
}

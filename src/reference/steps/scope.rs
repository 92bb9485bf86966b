use http::StatusCode;

use crate::oauth::{ErrorCode, GrantType};
use crate::reference::context::{Context, Flow};
use crate::reference::defect::Defect;
use crate::reference::pages;
use crate::reference::policy::UnknownScope;
use crate::reference::reply::Reply;
use crate::reference::steps::{authorization_response, token_error};
use crate::reference::store::Client;

/// Why a scope is not granted.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    pub(crate) code: ErrorCode,
    pub(crate) description: String,
}

/// The scope of an authorization request (RFC 6749 section 3.3).
pub(crate) fn at_authorization(ctx: &mut Context) -> Flow {
    let is_long = ctx.parameters.first("scope").is_some_and(|scope| scope.len() > 4096);
    if is_long && ctx.has(Defect::FailsOnLongScope) {
        return Err(Reply::empty(StatusCode::INTERNAL_SERVER_ERROR));
    }
    let scope = for_authorization(ctx).map_err(|refusal| {
        let asked = ctx.parameters.first("scope").unwrap_or_default();
        match ctx.has(Defect::LeavesScopeUnescaped) {
            true => {
                let page = pages::error_unescaped("There is no such scope", asked);
                Reply::html(StatusCode::BAD_REQUEST, page, None)
            }
            false => authorization_response::error(ctx, refusal.code, &refusal.description),
        }
    })?;
    ctx.authorization.asked_scope = ctx.parameters.first("scope").map(str::to_owned);
    ctx.authorization.scope = scope;
    Ok(())
}

/// The scope of a token request with client credentials or a password.
pub(crate) fn at_token(ctx: &mut Context) -> Flow {
    let client = ctx.known_client()?;
    let asked = ctx.parameters.first("scope").map(str::to_owned);
    let for_itself = ctx.grant.grant_type == Some(GrantType::ClientCredentials);
    let scope = decide(ctx, &client, asked.as_deref(), for_itself)
        .map_err(|refusal| token_error::reply(ctx, refusal.code, &refusal.description))?;
    ctx.grant.asked_scope = asked;
    ctx.grant.scope.clone_from(&scope);
    ctx.grant.refresh_scope = scope;
    Ok(())
}

/// What the authorization request would be granted.
pub(crate) fn for_authorization(ctx: &Context) -> Result<Vec<String>, Refusal> {
    if ctx.parameters.is_empty("scope") && ctx.has(Defect::RefusesEmptyScope) {
        return Err(invalid_scope("the scope is empty"));
    }
    let client = ctx.authorization.client.clone().unwrap_or_default();
    decide(ctx, &client, ctx.parameters.first("scope"), false)
}

/// Splits a scope by its grammar, `scope-token *( SP scope-token )`; `None` if it does not follow
/// it (RFC 6749 appendix A.4).
pub(crate) fn tokens(scope: &str) -> Option<Vec<String>> {
    scope.split(' ').map(|token| is_scope_token(token).then(|| token.to_owned())).collect()
}

/// Whether `client` may have the known scope `value` at all.
pub(crate) fn is_for_client(ctx: &Context, client: &Client, value: &str) -> bool {
    let registered = client.scopes.as_ref().is_none_or(|scopes| scopes.iter().any(|scope| scope == value));
    registered && is_for_partner(ctx, client, value)
}

/// Whether the partner type of `client` may have `value`: unlisted values are for everybody.
pub(crate) fn is_for_partner(ctx: &Context, client: &Client, value: &str) -> bool {
    let mut listing = ctx
        .policy()
        .scopes
        .partners
        .iter()
        .filter(|(_, scopes)| scopes.iter().any(|scope| scope == value))
        .peekable();
    listing.peek().is_none() || listing.any(|(partner, _)| client.partner.as_ref() == Some(partner))
}

fn decide(
    ctx: &Context,
    client: &Client,
    asked: Option<&str>,
    for_itself: bool,
) -> Result<Vec<String>, Refusal> {
    let policy = &ctx.policy().scopes;
    if ctx.has(Defect::GrantsEveryScope) {
        return Ok(policy.known.iter().filter(|value| is_for_client(ctx, client, value)).cloned().collect());
    }
    let asked = asked.filter(|_| !ctx.has(Defect::IgnoresAskedScope));
    let granted = match (asked, policy.default.as_deref()) {
        (Some(asked), _) => {
            let mut granted: Vec<String> = Vec::new();
            for value in split(ctx, asked)? {
                let Some(value) = judge(ctx, client, &value, for_itself)? else { continue };
                if !granted.contains(&value) || ctx.has(Defect::RepeatsDuplicateScopes) {
                    granted.push(value);
                }
            }
            granted
        }
        (None, Some(default)) => {
            let fitting = |value: &&str| is_for_client(ctx, client, value);
            default.split_whitespace().filter(fitting).map(str::to_owned).collect()
        }
        (None, None) if policy.known.is_empty() => return Ok(Vec::new()),
        (None, None) => Vec::new(),
    };
    let granted = if for_itself { without_refresh_scope(ctx, granted) } else { granted };
    if granted.is_empty() {
        return Err(invalid_scope("no scope that could be granted was asked for"));
    }
    if !is_in_known_order(&granted, &policy.known) && ctx.has(Defect::RefusesScopesInOtherOrder) {
        return Err(invalid_scope("the scopes are not in order"));
    }
    Ok(granted)
}

fn split(ctx: &Context, asked: &str) -> Result<Vec<String>, Refusal> {
    let commas_replaced = asked.contains(',').then(|| asked.replace(',', " "));
    if let Some(replaced) = commas_replaced
        && ctx.has(Defect::SplitsScopeOnComma)
    {
        return Ok(replaced.split_whitespace().map(str::to_owned).collect());
    }
    if let Some(tokens) = tokens(asked) {
        return Ok(tokens);
    }
    if ctx.has(Defect::AcceptsMalformedScope) {
        let cleaned = asked.replace(|c: char| !c.is_ascii_graphic() || matches!(c, '"' | '\\'), " ");
        return Ok(cleaned.split_whitespace().map(str::to_owned).collect());
    }
    Err(invalid_scope("the scope is malformed"))
}

/// One value of the scope: granted as it is, granted as another, left out or refused.
fn judge(ctx: &Context, client: &Client, value: &str, for_itself: bool) -> Result<Option<String>, Refusal> {
    let policy = &ctx.policy().scopes;
    let known = |value: &str| policy.known.iter().any(|known| known == value);
    if let Some((cut, _)) = value.split_once("::")
        && known(value)
        && ctx.has(Defect::CutsScopeAtDoubleColon)
    {
        return Ok(Some(cut.to_owned()));
    }
    if policy.known.last().is_some_and(|last| last == value) && ctx.has(Defect::LacksOneScope) {
        return Err(invalid_scope("a scope is unknown"));
    }
    if !known(value) {
        let cased = policy.known.iter().find(|known| known.eq_ignore_ascii_case(value));
        if let Some(cased) = cased
            && ctx.has(Defect::IgnoresScopeCase)
        {
            return Ok(Some(cased.clone()));
        }
        return unknown(ctx, value);
    }
    if !is_for_partner(ctx, client, value) && !passes_for_partner(ctx, value, for_itself) {
        return Err(invalid_scope("a scope is not for this type of partner"));
    }
    let registered = client.scopes.as_ref().is_none_or(|scopes| scopes.iter().any(|scope| scope == value));
    if !registered && !ctx.has(Defect::IgnoresRegisteredScope) {
        return Err(invalid_scope("a scope is not for this client"));
    }
    let open = policy.client_credentials.as_ref();
    if for_itself && open.is_some_and(|open| !open.iter().any(|scope| scope == value)) {
        return Err(invalid_scope("a scope is not for clients on their own"));
    }
    Ok(Some(value.to_owned()))
}

fn unknown(ctx: &Context, value: &str) -> Result<Option<String>, Refusal> {
    if ctx.has(Defect::AcceptsUnknownScope) {
        return Ok(Some(value.to_owned()));
    }
    let ignored = ctx.policy().scopes.unknown == UnknownScope::Ignore;
    if ignored || ctx.has(Defect::DropsUnknownScope) {
        return Ok(None);
    }
    let code = match ctx.has(Defect::CallsUnknownScopeInvalidRequest) {
        true => ErrorCode::InvalidRequest,
        false => ErrorCode::InvalidScope,
    };
    Err(Refusal { code, description: "a scope is unknown".to_owned() })
}

fn passes_for_partner(ctx: &Context, value: &str, for_itself: bool) -> bool {
    if for_itself {
        return ctx.has(Defect::GrantsOtherPartnersScopeToClientItself);
    }
    let last_listed =
        ctx.policy().scopes.partners.values().any(|scopes| scopes.last().is_some_and(|last| last == value));
    ctx.has(Defect::GrantsOtherPartnersScope)
        || (last_listed && ctx.has(Defect::GrantsOneScopeOfOtherPartner))
}

/// There is no user whose absence a refresh token could bridge.
fn without_refresh_scope(ctx: &Context, mut granted: Vec<String>) -> Vec<String> {
    if let Some(required) = &ctx.policy().refresh_token.required_scope {
        granted.retain(|value| value != required);
    }
    granted
}

fn is_in_known_order(granted: &[String], known: &[String]) -> bool {
    let place = |value: &String| known.iter().position(|known| known == value);
    granted.iter().map(place).is_sorted()
}

fn is_scope_token(token: &str) -> bool {
    !token.is_empty() && token.bytes().all(|byte| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e))
}

fn invalid_scope(description: &str) -> Refusal {
    Refusal { code: ErrorCode::InvalidScope, description: description.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6749 appendix A.4.
    #[test]
    fn a_scope_follows_its_grammar() {
        assert_eq!(tokens("a supply::leads").unwrap(), ["a", "supply::leads"]);
        for malformed in ["", " a", "a ", "a  b", "a\tb", "a\"b", "a\\b", "\u{e9}"] {
            assert_eq!(tokens(malformed), None, "{malformed:?}");
        }
    }

    #[test]
    fn order_is_judged_by_the_list_of_known_scopes() {
        let list = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        assert!(is_in_known_order(&list("a c"), &list("a b c")));
        assert!(!is_in_known_order(&list("c a"), &list("a b c")));
    }
}

use crate::engine::case::{Player, Stop};
use crate::engine::parameters::{Draft, Parameters};
use crate::http::{Endpoint, Exchange};
use crate::model::{TokenRequest, Value};
use crate::oauth::GrantType;

use super::client_authentication::{Wanted, authenticate};
use super::{Memory, Message};

/// What later steps take up from a token response.
#[derive(Clone, Debug, Default)]
pub(in crate::engine) struct Tokens {
    /// Name of the target's client.
    pub(super) client: String,
    pub(super) access_token: Option<String>,
    pub(super) refresh_token: Option<String>,
}

/// Who asked the token endpoint, with which refresh token and which assertion.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    client: String,
    refresh_token: Option<String>,
    assertion: Option<String>,
}

pub(super) fn prepare(player: &Player, action: &TokenRequest) -> Result<Message, Stop> {
    let endpoint = player.world.target.endpoints.token.clone();
    let endpoint = endpoint.ok_or_else(|| Stop::blocked("the target has no token endpoint"))?;
    let grant_type = player.name(action.grant_type.as_ref(), GrantType::AuthorizationCode.as_str())?;
    let authorization = player.authorization(action.from.as_ref())?;
    let usual_client = match GrantType::from(grant_type.as_str()) {
        GrantType::AuthorizationCode => authorization.map(|a| a.client.as_str()),
        GrantType::RefreshToken => player.tokens().map(|t| t.client.as_str()),
        _ => None,
    };
    let client_name = player.name(action.client.as_ref(), usual_client.unwrap_or("default"))?;
    let client = player.client(&client_name)?;

    let mut parameters = Parameters::default();
    parameters.push("grant_type", grant_type.clone());
    let mut refresh_token = None;
    match GrantType::from(grant_type.as_str()) {
        GrantType::AuthorizationCode => {
            let code = authorization.and_then(|a| a.code.as_deref());
            player.push_credential(&mut parameters, "code", action.code.as_ref(), code)?;
            let redirect_uri = authorization.and_then(|a| a.redirect_uri.as_deref());
            player.push_usual(&mut parameters, "redirect_uri", action.redirect_uri.as_ref(), redirect_uri)?;
            let verifier = authorization.and_then(|a| a.code_verifier.as_deref());
            player.push_usual(&mut parameters, "code_verifier", action.code_verifier.as_ref(), verifier)?;
            player.push_usual(&mut parameters, "scope", action.scope.as_ref(), None)?;
        }
        GrantType::RefreshToken => {
            let last = player.tokens().and_then(|t| t.refresh_token.as_deref());
            player.push_credential(&mut parameters, "refresh_token", action.refresh_token.as_ref(), last)?;
            refresh_token = parameters.value("refresh_token").map(str::to_owned);
            player.push_usual(&mut parameters, "scope", action.scope.as_ref(), None)?;
        }
        GrantType::Password => {
            let user_name = player.name(action.user.as_ref(), "default")?;
            let user = player.world.target.user(&user_name);
            let user = user.ok_or_else(|| {
                Stop::blocked(format!("the target file has no user `{user_name}`: add it under `users`"))
            })?;
            parameters.push("username", user.username.clone());
            parameters.push("password", user.password.clone());
            let scope = player.usual_scope(&client_name, "scope");
            player.push_usual(&mut parameters, "scope", action.scope.as_ref(), scope.as_deref())?;
        }
        GrantType::ClientCredentials => {
            let scope = player.usual_scope(&client_name, "client_credentials_scope");
            player.push_usual(&mut parameters, "scope", action.scope.as_ref(), scope.as_deref())?;
        }
        _ => player.push_usual(&mut parameters, "scope", action.scope.as_ref(), None)?,
    }
    let mut headers = Draft::direct_headers();
    let wanted =
        Wanted { authentication: action.authentication.as_ref(), assertion: action.assertion.as_ref() };
    authenticate(player, client, wanted, &mut parameters, &mut headers)?;
    parameters.apply(&action.overrides, &player.environment).map_err(Stop::of_suite)?;

    let assertion = parameters.value("client_assertion").map(str::to_owned);
    let sent = parameters.to_value();
    let draft = Draft { method: "POST", url: endpoint, headers, parameters };
    let request = draft.finish(&action.overrides, &player.environment).map_err(Stop::of_suite)?;
    let asked = Some(Asked { client: client_name, refresh_token, assertion });
    Ok(Message { endpoint: Endpoint::Token, request, parameters: sent, asked, wanted: None })
}

/// Keeps the tokens of an answer that has some.
pub(super) fn remember(asked: Asked, exchange: &Exchange, bound: &mut Value) -> Memory {
    let sent = [("sent_refresh_token", asked.refresh_token), ("sent_client_assertion", asked.assertion)];
    if let Value::Map(members) = &mut *bound {
        members.extend(sent.into_iter().filter_map(|(name, sent)| Some((name.to_owned(), sent?.into()))));
    }
    let text = |name: &str| bound.member(name).and_then(Value::as_text).map(str::to_owned);
    match exchange.response().map(|r| r.status) {
        Some(200..=299) => Memory::Tokens(Tokens {
            client: asked.client,
            access_token: text("access_token"),
            refresh_token: text("refresh_token"),
        }),
        _ => Memory::Nothing,
    }
}

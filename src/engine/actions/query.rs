use crate::engine::case::{Player, Stop};
use crate::engine::parameters::{Draft, Parameters};
use crate::http::Endpoint;
use crate::model::TokenQuery;

use super::Message;
use super::client_authentication::{Wanted, authenticate};

/// RFC 7662 section 2.1.
pub(super) fn introspect(player: &Player, action: &TokenQuery) -> Result<Message, Stop> {
    let url = player.world.target.endpoints.introspection.clone();
    prepare(player, action, Endpoint::Introspection, url, "introspection")
}

/// RFC 7009 section 2.1.
pub(super) fn revoke(player: &Player, action: &TokenQuery) -> Result<Message, Stop> {
    let url = player.world.target.endpoints.revocation.clone();
    prepare(player, action, Endpoint::Revocation, url, "revocation")
}

fn prepare(
    player: &Player,
    action: &TokenQuery,
    endpoint: Endpoint,
    url: Option<String>,
    name: &str,
) -> Result<Message, Stop> {
    let url = url.ok_or_else(|| Stop::blocked(format!("the target has no {name} endpoint")))?;
    let usual_client = player.tokens().map_or("default", |t| t.client.as_str());
    let client_name = player.name(action.client.as_ref(), usual_client)?;
    let client = player.client(&client_name)?;
    let mut parameters = Parameters::default();
    let last = player.tokens().and_then(|t| t.access_token.as_deref());
    player.push_credential(&mut parameters, "token", action.token.as_ref(), last)?;
    player.push_usual(&mut parameters, "token_type_hint", action.token_type_hint.as_ref(), None)?;
    let mut headers = Draft::direct_headers();
    let wanted =
        Wanted { authentication: action.authentication.as_ref(), assertion: action.assertion.as_ref() };
    authenticate(player, client, wanted, &mut parameters, &mut headers)?;
    parameters.apply(&action.overrides, &player.environment).map_err(Stop::of_suite)?;
    let sent = parameters.to_value();
    let draft = Draft { method: "POST", url, headers, parameters };
    let request = draft.finish(&action.overrides, &player.environment).map_err(Stop::of_suite)?;
    Ok(Message { endpoint, request, parameters: sent, asked: None, wanted: None })
}

use crate::engine::case::{Player, Stop};
use crate::engine::parameters::{Draft, Parameters};
use crate::http::Endpoint;
use crate::model::{BearerMethod, ResourceRequest, Value};

use super::Message;

/// A request with a bearer token (RFC 6750 section 2).
pub(super) fn prepare(player: &Player, action: &ResourceRequest) -> Result<Message, Stop> {
    let resources = &player.world.target.resources;
    let url = match &action.scope {
        None => {
            resources.default.clone().ok_or_else(|| Stop::blocked("the target file names no resource"))?
        }
        Some(template) => {
            let scope = player.text(template)?;
            let url = resources.scopes.iter().find(|(s, _)| *s == scope).map(|(_, url)| url.clone());
            url.ok_or_else(|| {
                Stop::blocked(format!("the target file names no resource for scope `{scope}`"))
            })?
        }
    };
    bearing(player, action, Endpoint::Resource, url)
}

/// OpenID Connect Core section 5.3.1.
pub(super) fn userinfo(player: &Player, action: &ResourceRequest) -> Result<Message, Stop> {
    let url = player.world.target.endpoints.userinfo.clone();
    let url = url.ok_or_else(|| Stop::blocked("the target has no userinfo endpoint"))?;
    bearing(player, action, Endpoint::Userinfo, url)
}

fn bearing(
    player: &Player,
    action: &ResourceRequest,
    endpoint: Endpoint,
    url: String,
) -> Result<Message, Stop> {
    let mut parameters = Parameters::default();
    let mut headers = Draft::direct_headers();
    let mut sent = Vec::new();
    let via = player.choice(action.via.as_ref(), &BearerMethod::ALL)?.unwrap_or_default();
    if via != BearerMethod::None {
        let last = player.tokens().and_then(|t| t.access_token.as_deref());
        let token = player.credential("access_token", action.access_token.as_ref(), last)?;
        match via {
            BearerMethod::Header => headers.push("Authorization", format!("Bearer {token}")),
            _ => parameters.push("access_token", token.clone()),
        }
        sent.push(("access_token".to_owned(), Value::Text(token)));
    }
    parameters.apply(&action.overrides, &player.environment).map_err(Stop::of_suite)?;
    let method = if via == BearerMethod::Body { "POST" } else { "GET" };
    let draft = Draft { method, url, headers, parameters };
    let request = draft.finish(&action.overrides, &player.environment).map_err(Stop::of_suite)?;
    Ok(Message { endpoint, request, parameters: Value::Map(sent), asked: None, wanted: None })
}

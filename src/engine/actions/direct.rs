use url::Url;

use crate::engine::case::{Player, Stop};
use crate::engine::parameters::{Draft, Parameters};
use crate::http::{Endpoint, Exchange};
use crate::model::{Outcome, Overrides, RawRequest, Template, Value};

use super::{Memory, Message, Performed};

/// RFC 8414 section 3.1.
pub(super) fn metadata(player: &Player, overrides: &Overrides) -> Result<Message, Stop> {
    let url = player.world.metadata_url.clone();
    let url = url.ok_or_else(|| Stop::blocked("the target publishes no metadata"))?;
    read(player, Endpoint::Metadata, url, overrides)
}

/// RFC 7517 section 5.
pub(super) fn jwks(player: &Player, overrides: &Overrides) -> Result<Message, Stop> {
    let url = player.world.target.endpoints.jwks.clone();
    let url = url.ok_or_else(|| Stop::blocked("the target publishes no keys"))?;
    read(player, Endpoint::Jwks, url, overrides)
}

/// Anything, but only on the target's hosts: the transport refuses others.
pub(super) fn request(player: &Player, action: &RawRequest) -> Result<Message, Stop> {
    let url = player.text(&action.url)?;
    let url = match (Url::parse(&url), &player.world.target.issuer) {
        (Ok(_), _) => url,
        (Err(_), Some(issuer)) if url.starts_with('/') => {
            format!("{}{url}", issuer.trim_end_matches('/'))
        }
        (Err(error), _) => return Err(Stop::blocked(format!("cannot send a request to {url:?}: {error}"))),
    };
    read(player, Endpoint::Other, url, &action.overrides)
}

fn read(player: &Player, endpoint: Endpoint, url: String, overrides: &Overrides) -> Result<Message, Stop> {
    let mut parameters = Parameters::default();
    parameters.apply(overrides, &player.environment).map_err(Stop::of_suite)?;
    let sent = parameters.to_value();
    let draft = Draft { method: "GET", url, headers: Draft::direct_headers(), parameters };
    let request = draft.finish(overrides, &player.environment).map_err(Stop::of_suite)?;
    Ok(Message { endpoint, request, parameters: sent, asked: None, wanted: None })
}

pub(super) async fn wait(player: &mut Player, duration: &Template) -> Result<Performed, Stop> {
    let duration = match player.value(duration)? {
        Value::Duration(duration) => duration,
        other => return Err(Stop::error(format!("the suite waits for {other}, which is no duration"))),
    };
    player.slot = None;
    player
        .world
        .clock
        .wait(duration)
        .await
        .map_err(|e| Stop::error(format!("the target's clock could not be moved: {e}")))?;
    player.waited += duration;
    Ok(Performed {
        outcome: Outcome::Waited,
        request: Value::Null,
        bound: Value::Null,
        memory: Memory::Nothing,
    })
}

/// What suites see of a direct answer: status, headers, body, and the members of a JSON body.
pub(in crate::engine) fn bind(exchange: &Exchange) -> Value {
    let Some(response) = exchange.response() else {
        return Value::Null;
    };
    let mut members = vec![("status".to_owned(), Value::integer(response.status.into()))];
    if let Ok(serde_json::Value::Object(json)) = serde_json::from_slice(&response.body) {
        members.extend(json.into_iter().filter(|(n, _)| n != "status").map(|(n, v)| (n, v.into())));
    }
    let headers = response.headers.0.iter();
    let headers = headers.map(|(n, v)| (n.to_ascii_lowercase(), v.as_str().into())).collect();
    for (name, value) in [("header", Value::Map(headers)), ("body", response.text().into_owned().into())] {
        if !members.iter().any(|(n, _)| n == name) {
            members.push((name.to_owned(), value));
        }
    }
    Value::Map(members)
}

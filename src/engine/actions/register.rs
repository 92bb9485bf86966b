use crate::engine::case::{Player, Stop};
use crate::engine::parameters::{Draft, Evaluate as _, Parameters};
use crate::http::{Endpoint, Exchange, Headers, Request};
use crate::model::{Client, Location, Registration, StepRecord, Template, Value};
use crate::oauth::{ClientAuthenticationMethod as Method, GrantType};

use super::{Memory, Message};

/// A client of the case's own.
#[derive(Clone, Debug)]
pub(in crate::engine) struct Registered {
    pub(in crate::engine) client: Client,
    /// Where it was registered.
    pub(in crate::engine) location: Location,
    /// Where it can be removed and with which token (RFC 7592 section 3).
    configuration: Option<(String, String)>,
}

/// RFC 7591 section 3.1: what fits the client `default`, but for what the step says.
pub(super) fn prepare(player: &Player, action: &Registration) -> Result<Message, Stop> {
    let target = &player.world.target;
    if !target.registration {
        return Err(Stop::blocked(
            "the target file does not let clients be registered: add `registration: {}`",
        ));
    }
    let url = target.endpoints.registration.clone();
    let url = url.ok_or_else(|| Stop::blocked("the target has no registration endpoint"))?;
    let usual = player.client("default")?;
    let method = match (&usual.secret, &usual.authentication) {
        (None, _) if usual.key.is_none() => Method::None,
        (Some(_), Some(method)) => method.clone(),
        _ => player.world.authentication.clone(),
    };
    // A client that signs would have to publish its key with the registration.
    let method = if method == Method::PrivateKeyJwt { Method::ClientSecretBasic } else { method };

    let mut metadata = Parameters::members();
    let mut push = |name: &str, template: &Option<Template>, usual: Value| {
        let value = match template {
            Some(template) => player.environment.evaluate(template).map_err(Stop::of_suite)?.0,
            None => usual,
        };
        if value != Value::Null {
            metadata.push_member(name, value.clone());
        }
        Ok::<Value, Stop>(value)
    };
    push("client_name", &None, format!("oauthspec {}", player.environment.random_text(12)).into())?;
    let redirect_uris = usual.redirect_uris.iter().take(1).map(|uri| uri.as_str().into()).collect();
    push("redirect_uris", &action.redirect_uris, Value::List(redirect_uris))?;
    push("token_endpoint_auth_method", &action.token_endpoint_auth_method, method.as_str().into())?;
    let code = Value::List(vec![GrantType::AuthorizationCode.as_str().into()]);
    let grant_types = push("grant_types", &action.grant_types, code)?;
    push("response_types", &action.response_types, response_types(&grant_types))?;
    let scope = player.usual_scope("default", "scope").map_or(Value::Null, Value::Text);
    push("scope", &action.scope, scope)?;
    metadata.apply(&action.overrides, &player.environment).map_err(Stop::of_suite)?;

    let sent = metadata.to_value();
    let wanted = Client {
        authentication: text(&sent, "token_endpoint_auth_method").map(|m| m.as_str().into()),
        redirect_uris: texts(&sent, "redirect_uris").unwrap_or_default(),
        scope: text(&sent, "scope"),
        ..Client::default()
    };
    let mut headers = Draft::direct_headers();
    if let Some(token) = &target.initial_access_token {
        headers.push("Authorization", format!("Bearer {token}"));
    }
    let draft = Draft { method: "POST", url, headers, parameters: metadata };
    let request = draft.finish(&action.overrides, &player.environment).map_err(Stop::of_suite)?;
    let wanted = Some(Box::new(wanted));
    Ok(Message { endpoint: Endpoint::Registration, request, parameters: sent, asked: None, wanted })
}

/// What the grants need (RFC 7591 section 2.1).
fn response_types(grant_types: &Value) -> Value {
    let Value::List(grants) = grant_types else { return Value::Null };
    let needed = |grant: &Value| match GrantType::from(grant.as_text()?) {
        GrantType::AuthorizationCode => Some("code".into()),
        GrantType::Implicit => Some("token".into()),
        _ => None,
    };
    Value::List(grants.iter().filter_map(needed).collect())
}

/// Keeps the client of an answer that has one. The server may register it otherwise than it was asked to
/// (RFC 7591 section 3.2.1).
pub(super) fn remember(mut client: Client, sent: &Value, exchange: &Exchange, bound: &mut Value) -> Memory {
    let memory = match (exchange.response().map(|r| r.status), text(bound, "client_id")) {
        (Some(200..=299), Some(id)) => {
            client.id = id;
            client.secret = text(bound, "client_secret");
            if let Some(method) = text(bound, "token_endpoint_auth_method") {
                client.authentication = Some(method.as_str().into());
            }
            if let Some(redirect_uris) = texts(bound, "redirect_uris") {
                client.redirect_uris = redirect_uris;
            }
            client.scope = text(bound, "scope").or(client.scope);
            let configuration =
                text(bound, "registration_client_uri").zip(text(bound, "registration_access_token"));
            let location = Location::default();
            Memory::Registered(Box::new(Registered { client, location, configuration }))
        }
        _ => Memory::Nothing,
    };
    if let Value::Map(members) = bound {
        members.retain(|(name, _)| name != "sent");
        members.push(("sent".to_owned(), sent.clone()));
    }
    memory
}

/// Removes the client again (RFC 7592 section 2.3), if the server has said how. It is not judged how the
/// server takes it.
pub(in crate::engine) async fn remove(player: &Player, registered: &Registered) -> Option<StepRecord> {
    let (url, token) = registered.configuration.clone()?;
    let headers = Headers(vec![("Authorization".to_owned(), format!("Bearer {token}"))]);
    let request = Request { method: "DELETE".to_owned(), url, headers, body: Vec::new() };
    let exchange = player.channel.send(Endpoint::Registration, request).await;
    let outcome = match &exchange.result {
        Ok(response) if response.status < 300 => "the client is removed again".to_owned(),
        Ok(response) => format!("the client stays registered: {}", response.status),
        Err(fault) => format!("the client stays registered: {fault}"),
    };
    Some(StepRecord {
        keyword: "register".to_owned(),
        outcome,
        location: registered.location.clone(),
        exchanges: vec![exchange.id],
        offer: None,
    })
}

fn text(value: &Value, name: &str) -> Option<String> {
    value.member(name)?.as_text().map(str::to_owned)
}

fn texts(value: &Value, name: &str) -> Option<Vec<String>> {
    match value.member(name)? {
        Value::List(items) => items.iter().map(|item| item.as_text().map(str::to_owned)).collect(),
        _ => None,
    }
}

use http::StatusCode;
use serde_json::{Map, Value, json};

use crate::oauth::{ClientAuthenticationMethod as Method, ErrorCode, GrantType, ResponseType};
use crate::reference::context::{Context, Flow};
use crate::reference::keys::random_token;
use crate::reference::reply::Reply;
use crate::reference::steps::scope;
use crate::reference::store::Client;
use crate::reference::uri::Uri;

/// Registers a client (RFC 7591 section 3), open to anybody where the policy says so.
pub(crate) fn run(ctx: &mut Context) -> Flow {
    if !ctx.policy().registration {
        return Err(Reply::json(StatusCode::NOT_FOUND, &json!({ "error": "not_found" })));
    }
    let (client, mut metadata) = client(ctx).map_err(|refusal| refusal.reply())?;
    metadata.insert("client_id".to_owned(), json!(client.id));
    metadata.insert("client_id_issued_at".to_owned(), json!(ctx.server.clock.now().as_secs()));
    if let Some(secret) = &client.secret {
        metadata.insert("client_secret".to_owned(), json!(secret));
        metadata.insert("client_secret_expires_at".to_owned(), json!(0));
    }
    ctx.server.store.register(client);
    Err(Reply::json(StatusCode::CREATED, &Value::Object(metadata)))
}

/// Why a registration is refused (RFC 7591 section 3.2.2).
struct Refusal(ErrorCode, String);

impl Refusal {
    fn metadata(description: impl Into<String>) -> Self {
        Self(ErrorCode::InvalidClientMetadata, description.into())
    }

    fn reply(&self) -> Reply {
        let body = json!({ "error": self.0, "error_description": self.1 });
        Reply::json(StatusCode::BAD_REQUEST, &body)
    }
}

/// The client asked for, and its metadata as registered: unknown members are ignored, defaults are
/// filled in (RFC 7591 sections 2 and 3.2.1).
fn client(ctx: &Context) -> Result<(Client, Map<String, Value>), Refusal> {
    let body = ctx.request.body.as_deref().ok_or_else(|| Refusal::metadata("the body is too large"))?;
    if ctx.request.media_type().as_deref() != Some("application/json") {
        return Err(Refusal::metadata("the body is not JSON"));
    }
    let Ok(Value::Object(asked)) = serde_json::from_slice(body) else {
        return Err(Refusal::metadata("the body is not a JSON object"));
    };
    let method = text(&asked, "token_endpoint_auth_method")?
        .map_or(Method::ClientSecretBasic, |text| text.as_str().into());
    if !ctx.policy().client_authentication.contains(&method) {
        return Err(Refusal::metadata("the authentication method is not supported"));
    }
    let grants = list(&asked, "grant_types")?.unwrap_or_else(|| vec!["authorization_code".to_owned()]);
    let grants: Vec<GrantType> = grants.iter().map(|grant| grant.as_str().into()).collect();
    if grants.iter().any(|grant| !ctx.policy().grants.contains(grant)) {
        return Err(Refusal::metadata("a grant type is not supported"));
    }
    let response_types = response_types(&asked, &grants)?;
    let redirect_uris = list(&asked, "redirect_uris")?.unwrap_or_default();
    if redirect_uris.is_empty() && !response_types.is_empty() {
        return Err(Refusal(ErrorCode::InvalidRedirectUri, "a redirect URI is needed".to_owned()));
    }
    if let Some(bad) = redirect_uris.iter().find(|uri| !is_registrable(uri)) {
        return Err(Refusal(
            ErrorCode::InvalidRedirectUri,
            format!("{} cannot be registered", bad.escape_default()),
        ));
    }
    let scopes = match text(&asked, "scope")? {
        Some(scope) => {
            let scopes = scope::tokens(&scope).ok_or_else(|| Refusal::metadata("the scope is malformed"))?;
            Some(
                scopes
                    .into_iter()
                    .filter(|scope| ctx.policy().scopes.known.contains(scope))
                    .collect::<Vec<_>>(),
            )
        }
        None => None,
    };
    let jwks = asked.get("jwks").cloned();
    if method == Method::PrivateKeyJwt && jwks.is_none() {
        return Err(Refusal::metadata("private_key_jwt needs jwks"));
    }
    let mut registered = Map::new();
    registered.insert("redirect_uris".to_owned(), json!(redirect_uris));
    registered.insert("token_endpoint_auth_method".to_owned(), json!(method));
    registered.insert("grant_types".to_owned(), json!(grants));
    registered.insert("response_types".to_owned(), json!(response_types));
    for name in
        ["client_name", "client_uri", "logo_uri", "tos_uri", "policy_uri", "contacts", "software_id", "jwks"]
    {
        if let Some(value) = asked.get(name) {
            registered.insert(name.to_owned(), value.clone());
        }
    }
    if let Some(scopes) = &scopes {
        registered.insert("scope".to_owned(), json!(scopes.join(" ")));
    }
    let secret = matches!(method, Method::ClientSecretBasic | Method::ClientSecretPost).then(random_token);
    let client = Client {
        id: random_token(),
        secret,
        redirect_uris,
        partner: None,
        grants: Some(grants),
        scopes,
        authentication: Some(method),
        jwks,
    };
    Ok((client, registered))
}

/// `grant_types` and `response_types` must fit each other (RFC 7591 section 2.1).
fn response_types(asked: &Map<String, Value>, grants: &[GrantType]) -> Result<Vec<ResponseType>, Refusal> {
    let mut fitting = Vec::new();
    if grants.contains(&GrantType::AuthorizationCode) {
        fitting.push(ResponseType::Code);
    }
    if grants.contains(&GrantType::Implicit) {
        fitting.push(ResponseType::Token);
    }
    let Some(listed) = list(asked, "response_types")? else { return Ok(fitting) };
    let listed: Vec<ResponseType> = listed.iter().map(|text| text.as_str().into()).collect();
    if listed.iter().any(|response_type| !fitting.contains(response_type)) {
        return Err(Refusal::metadata("grant_types and response_types do not fit each other"));
    }
    Ok(listed)
}

/// Absolute and without fragment (RFC 6749 section 3.1.2); `https`, loopback `http`, or a private-use
/// scheme in reverse domain form (RFC 8252 section 7).
fn is_registrable(uri: &str) -> bool {
    let parts = Uri::split(uri);
    let clean = uri.bytes().all(|byte| (0x21..=0x7e).contains(&byte)) && parts.fragment.is_none();
    let loopback = matches!(parts.host, "127.0.0.1" | "[::1]" | "localhost");
    let open = match parts.scheme {
        "https" => !parts.host.is_empty() && parts.userinfo.is_none(),
        "http" => loopback && parts.userinfo.is_none(),
        scheme => scheme.contains('.') && url::Url::parse(uri).is_ok(),
    };
    clean && open
}

fn text(asked: &Map<String, Value>, name: &str) -> Result<Option<String>, Refusal> {
    match asked.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(Refusal::metadata(format!("{name} is not a string"))),
    }
}

fn list(asked: &Map<String, Value>, name: &str) -> Result<Option<Vec<String>>, Refusal> {
    let Some(value) = asked.get(name) else { return Ok(None) };
    serde_json::from_value(value.clone())
        .map(Some)
        .map_err(|_| Refusal::metadata(format!("{name} is not a list of strings")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registers_only_safe_redirect_uris() {
        for good in ["https://client.example/cb?a=1", "http://127.0.0.1/cb", "com.example.app:/cb"] {
            assert!(is_registrable(good), "{good}");
        }
        for bad in [
            "http://client.example/cb",
            "https://client.example/cb#f",
            "javascript:alert(1)",
            "/cb",
            "https:///cb",
            "https://client.example/ cb",
            "app:/cb",
        ] {
            assert!(!is_registrable(bad), "{bad}");
        }
    }
}

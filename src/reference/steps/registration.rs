use http::StatusCode;
use http::header::AUTHORIZATION;
use serde_json::{Map, Value, json};

use subtle::ConstantTimeEq as _;

use crate::oauth::{ClientAuthenticationMethod as Method, ErrorCode, GrantType, ResponseType};
use crate::reference::context::{Context, Flow};
use crate::reference::defect::Defect;
use crate::reference::form::{decode_component, encode_component};
use crate::reference::keys::random_token;
use crate::reference::reply::Reply;
use crate::reference::steps::{resource_error, scope};
use crate::reference::store::Client;
use crate::reference::uri::Uri;

/// Registers a client (RFC 7591 section 3), open to anybody where the policy says so.
pub(crate) fn run(ctx: &mut Context) -> Flow {
    if !ctx.policy().registration {
        return Err(Reply::json(StatusCode::NOT_FOUND, &json!({ "error": "not_found" })));
    }
    let (mut client, mut metadata) = client(ctx).map_err(|refusal| refusal.reply())?;
    metadata.insert("client_id".to_owned(), json!(client.id));
    metadata.insert("client_id_issued_at".to_owned(), json!(ctx.server.clock.now().as_secs()));
    let mut secret = client.secret.clone();
    if client.is_public() && ctx.has(Defect::IssuesSecretToPublicClient) {
        secret = Some(random_token());
    }
    if let Some(secret) = &secret {
        metadata.insert("client_secret".to_owned(), json!(secret));
        metadata.insert("client_secret_expires_at".to_owned(), json!(0));
    }
    let place = format!("{}/register/{}", ctx.server.issuer, encode_component(&client.id));
    metadata.insert("registration_client_uri".to_owned(), json!(place));
    metadata.insert("registration_access_token".to_owned(), json!(client.registration_access_token));
    if client.is_public() && ctx.has(Defect::RegistersPublicClientAsConfidential) {
        client.authentication = None;
        client.secret = Some(random_token());
    }
    ctx.server.store.register(client);
    Err(Reply::json(StatusCode::CREATED, &Value::Object(metadata)))
}

/// Removes a client that shows the token it was given for that (RFC 7592 section 2.3).
pub(crate) fn remove(ctx: &mut Context) -> Flow {
    let refused = || resource_error::reply(ctx, ErrorCode::InvalidToken, "the token is not this client's");
    let token = ctx.request.header(AUTHORIZATION).and_then(|value| value.strip_prefix("Bearer "));
    let name = ctx.request.path.rsplit('/').next().unwrap_or_default();
    let client = decode_component(name.as_bytes()).ok().and_then(|id| ctx.server.store.client(&id));
    let own = client.as_ref().and_then(|client| client.registration_access_token.as_deref());
    let is_own =
        token.zip(own).is_some_and(|(token, own)| bool::from(token.as_bytes().ct_eq(own.as_bytes())));
    match client {
        Some(client) if is_own => ctx.server.store.remove(&client.id),
        _ => return Err(refused()),
    }
    Err(Reply::empty(StatusCode::NO_CONTENT).with("cache-control", "no-store"))
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
    let is_lacking = redirect_uris.is_empty() && !response_types.is_empty();
    if is_lacking && !ctx.has(Defect::RegistersWithoutRedirectUri) {
        return Err(Refusal(ErrorCode::InvalidRedirectUri, "a redirect URI is needed".to_owned()));
    }
    if let Some(bad) = redirect_uris.iter().find(|uri| !is_registrable(uri) && !passes(ctx, uri)) {
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
        id: identifier(ctx, &asked),
        secret,
        redirect_uris,
        partner: None,
        grants: Some(grants),
        scopes,
        authentication: Some(method),
        jwks,
        registration_access_token: Some(random_token()),
    };
    Ok((client, registered))
}

/// Unique and of the server's choice (RFC 6749 section 2.2, RFC 9700 section 2.6).
fn identifier(ctx: &Context, asked: &Map<String, Value>) -> String {
    let member = |name: &str| asked.get(name).and_then(Value::as_str).map(str::to_owned);
    if let Some(chosen) = member("client_id")
        && ctx.has(Defect::LetsClientsChooseTheirId)
    {
        return chosen;
    }
    if let Some(name) = member("client_name")
        && ctx.has(Defect::DerivesClientIdFromName)
    {
        return name.to_ascii_lowercase().replace(' ', "-");
    }
    random_token()
}

/// The ways of registering what is no safe redirect URI.
fn passes(ctx: &Context, uri: &str) -> bool {
    let parts = Uri::split(uri);
    if parts.scheme == "http" && is_clean(uri) {
        return ctx.has(Defect::RegistersHttpRedirectUri);
    }
    if parts.scheme == "https" && parts.fragment.is_some() {
        return ctx.has(Defect::RegistersFragment);
    }
    if parts.scheme == "javascript" {
        return ctx.has(Defect::RegistersScript);
    }
    let scheme = parts.scheme;
    let is_clean = !matches!(scheme, "" | "http" | "https") && is_clean(uri);
    let is_known = url::Url::parse(uri).is_ok();
    match scheme.contains('.') {
        true => is_clean && is_known && ctx.has(Defect::RegistersSchemeThatIsNoDomain),
        false => is_clean && is_known && ctx.has(Defect::RegistersSchemeWithoutPeriod),
    }
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
    let loopback = matches!(parts.host, "127.0.0.1" | "[::1]" | "localhost");
    let open = match parts.scheme {
        "https" => !parts.host.is_empty() && parts.userinfo.is_none(),
        "http" => loopback && parts.userinfo.is_none(),
        scheme => is_domain(scheme) && url::Url::parse(uri).is_ok(),
    };
    is_clean(uri) && open
}

fn is_clean(uri: &str) -> bool {
    uri.bytes().all(|byte| (0x21..=0x7e).contains(&byte)) && Uri::split(uri).fragment.is_none()
}

/// Whether a scheme can be a domain name in reverse order (RFC 8252 section 7.1).
fn is_domain(scheme: &str) -> bool {
    scheme.contains('.') && scheme.split('.').all(|label| !label.is_empty())
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
            "com..example:/cb",
            "com.example.:/cb",
        ] {
            assert!(!is_registrable(bad), "{bad}");
        }
    }
}

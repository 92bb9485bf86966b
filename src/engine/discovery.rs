use std::sync::Arc;

use url::Url;

use crate::http::{
    Endpoint, FaultKind, Headers, Nearby, Redactor, Request, Secret, Transport, TransportError,
    TransportOptions,
};
use crate::model::Target;
use crate::oauth::ServerMetadata;

/// A target with everything that its server publishes about itself.
#[derive(Debug)]
pub struct Discovered {
    /// Endpoints completed from metadata.
    pub target: Target,
    /// As published.
    pub metadata: Option<ServerMetadata>,
    /// Where the metadata is.
    pub metadata_url: Option<String>,
    /// The JWKS document.
    pub keys: Option<serde_json::Value>,
    /// The door to the target's hosts, and to no others.
    pub transport: Transport,
    /// Knows the target file's secrets.
    pub redactor: Redactor,
    /// Origins whose pages belong to the server.
    pub origins: Vec<String>,
}

/// Why there is nothing to test.
#[derive(Debug, thiserror::Error)]
pub enum DiscoveryError {
    /// The file of certificate authorities cannot be read.
    #[error("failed to read the certificate authorities in {path}: {reason}")]
    CertificateAuthorities {
        /// As the target file has it.
        path: String,
        /// The system's words.
        reason: String,
    },
    /// No connections can be made at all.
    #[error("failed to set up HTTP: {0}")]
    Transport(String),
    /// The server does not answer.
    #[error("failed to reach {url}: {reason}")]
    Unreachable {
        /// What was asked.
        url: String,
        /// Why there was no answer.
        reason: String,
        /// What the user can do.
        help: &'static str,
    },
    /// No metadata, and the target file does not name the endpoints either.
    #[error("failed to find the server's endpoints: {}", tried.join("; "))]
    NoEndpoints {
        /// What was asked and what came back.
        tried: Vec<String>,
    },
}

/// Reads the server's metadata and keys.
///
/// # Errors
///
/// A server that does not answer, or that publishes no metadata while the target file names no endpoints.
pub async fn discover(target: Target) -> Result<Discovered, DiscoveryError> {
    let transport = Transport::new(options(&target)?);
    discover_over(transport, target).await
}

/// As [`discover`], of a server in this process.
///
/// # Errors
///
/// As [`discover`].
pub async fn discover_nearby(target: Target, server: Arc<dyn Nearby>) -> Result<Discovered, DiscoveryError> {
    let transport = Transport::nearby(options(&target)?, server);
    discover_over(transport, target).await
}

async fn discover_over(
    transport: Result<Transport, TransportError>,
    mut target: Target,
) -> Result<Discovered, DiscoveryError> {
    let transport = transport.map_err(|e| DiscoveryError::Transport(e.to_string()))?;
    let mut tried = Vec::new();
    let mut found: Option<(String, ServerMetadata)> = None;
    for url in candidates(&target) {
        match read(&transport, Endpoint::Metadata, &url).await {
            Read::Json(json) => match metadata_of(json) {
                Ok(metadata) => {
                    found = Some((url, metadata));
                    break;
                }
                Err(error) => tried.push(format!("{url} is not metadata: {error}")),
            },
            Read::Else(what) => tried.push(format!("{url} {what}")),
            Read::Unreachable { kind, reason } => {
                return Err(DiscoveryError::Unreachable { url, reason, help: help(kind) });
            }
        }
    }
    if let Some((_, metadata)) = &found {
        complete(&mut target, metadata);
    }
    if target.endpoints.authorization.is_none() && target.endpoints.token.is_none() {
        return Err(DiscoveryError::NoEndpoints { tried });
    }
    let origins = origins(&target);
    origins.iter().for_each(|origin| transport.allow(origin));
    let mut keys = None;
    if let Some(url) = &target.endpoints.jwks
        && let Read::Json(json) = read(&transport, Endpoint::Jwks, url).await
    {
        keys = Some(json);
    }
    let (metadata_url, metadata) = found.unzip();
    let redactor = redactor(&target);
    Ok(Discovered { target, metadata, metadata_url, keys, transport, redactor, origins })
}

/// What the metadata says, without the members whose type is wrong: those are for the cases to judge, and hide no
/// others.
fn metadata_of(json: serde_json::Value) -> Result<ServerMetadata, serde_json::Error> {
    let Err(error) = serde_json::from_value::<ServerMetadata>(json.clone()) else {
        return serde_json::from_value(json);
    };
    let serde_json::Value::Object(mut members) = json else { return Err(error) };
    members.retain(|name, value| {
        let alone = serde_json::Map::from_iter([(name.clone(), value.clone())]);
        serde_json::from_value::<ServerMetadata>(alone.into()).is_ok()
    });
    serde_json::from_value(members.into())
}

enum Read {
    Json(serde_json::Value),
    Else(String),
    Unreachable { kind: FaultKind, reason: String },
}

async fn read(transport: &Transport, endpoint: Endpoint, url: &str) -> Read {
    let mut headers = Headers::default();
    headers.push("Accept", "application/json");
    let request = Request { method: "GET".to_owned(), url: url.to_owned(), headers, body: Vec::new() };
    match transport.send(endpoint, request).await.result {
        Ok(response) if response.status == 200 => match serde_json::from_slice(&response.body) {
            Ok(json @ serde_json::Value::Object(_)) => Read::Json(json),
            _ => {
                let media_type = response.media_type().unwrap_or_else(|| "no media type".to_owned());
                Read::Else(format!("answered 200 with {media_type} that is no JSON object"))
            }
        },
        Ok(response) => Read::Else(format!("answered {}", response.status)),
        Err(fault) => Read::Unreachable { kind: fault.kind, reason: fault.to_string() },
    }
}

fn options(target: &Target) -> Result<TransportOptions, DiscoveryError> {
    let certificate_authorities = match &target.ca {
        None => Vec::new(),
        Some(path) => std::fs::read(path).map_err(|e| DiscoveryError::CertificateAuthorities {
            path: path.clone(),
            reason: e.to_string(),
        })?,
    };
    Ok(TransportOptions {
        concurrency: target.limits.concurrency,
        requests_per_second: target.limits.requests_per_second,
        timeout: target.limits.timeout,
        body_limit: target.limits.body,
        certificate_authorities,
        origins: origins(target),
    })
}

/// Where metadata may be: as the target file says, else under the issuer as RFC 8414 section 3.1 and OpenID
/// Connect Discovery section 4 have it.
fn candidates(target: &Target) -> Vec<String> {
    if let Some(url) = &target.endpoints.metadata {
        return vec![url.clone()];
    }
    let Some(issuer) = target.issuer.as_deref().and_then(|i| Url::parse(i).ok()) else {
        return Vec::new();
    };
    let origin = issuer.origin().ascii_serialization();
    let path = issuer.path().trim_end_matches('/');
    vec![
        format!("{origin}/.well-known/oauth-authorization-server{path}"),
        format!("{origin}{path}/.well-known/openid-configuration"),
    ]
}

fn complete(target: &mut Target, metadata: &ServerMetadata) {
    let endpoints = &mut target.endpoints;
    let fill = |have: &mut Option<String>, published: &Option<String>| {
        if have.is_none() {
            have.clone_from(published);
        }
    };
    fill(&mut endpoints.authorization, &metadata.authorization_endpoint);
    fill(&mut endpoints.token, &metadata.token_endpoint);
    fill(&mut endpoints.revocation, &metadata.revocation_endpoint);
    fill(&mut endpoints.introspection, &metadata.introspection_endpoint);
    fill(&mut endpoints.userinfo, &metadata.userinfo_endpoint);
    fill(&mut endpoints.registration, &metadata.registration_endpoint);
    fill(&mut endpoints.jwks, &metadata.jwks_uri);
    if target.issuer.is_none() {
        target.issuer = Some(metadata.issuer.clone());
    }
}

/// The origins of everything that the target file or the metadata names, redirect URIs excepted.
fn origins(target: &Target) -> Vec<String> {
    let e = &target.endpoints;
    let crate::model::UserAgentKind::Forms(hints) = &target.user_agent;
    let named = [&target.issuer, &e.authorization, &e.token, &e.revocation, &e.introspection, &e.jwks];
    let more = [&e.registration, &e.metadata, &target.resources.default, &target.clock, &target.plain_http];
    let named = named.into_iter().chain(more).flatten();
    let named = named.chain(target.resources.scopes.iter().map(|(_, url)| url)).chain(&hints.origins);
    let mut origins: Vec<String> =
        named.filter_map(|url| Url::parse(url).ok()).map(|url| url.origin().ascii_serialization()).collect();
    origins.sort();
    origins.dedup();
    origins
}

pub(super) fn redactor(target: &Target) -> Redactor {
    let redactor = Redactor::new();
    for (_, client) in &target.clients {
        if let Some(secret) = &client.secret {
            redactor.learn(Secret::ClientSecret, secret);
        }
        if let Some(key) = &client.key {
            redactor.learn(Secret::ClientSecret, key.secret());
        }
    }
    if let Some(token) = &target.initial_access_token {
        redactor.learn(Secret::AccessToken, token);
    }
    for (_, user) in &target.users {
        redactor.learn(Secret::Password, &user.password);
        if let Some(token) = &user.personal_access_token {
            redactor.learn(Secret::PersonalAccessToken, token);
        }
    }
    redactor
}

fn help(kind: FaultKind) -> &'static str {
    match kind {
        FaultKind::Dns => "check the host name in `issuer`",
        FaultKind::Refused => "check host and port in `issuer`, and that the server is running",
        FaultKind::Tls => {
            "check that `issuer` is https where the server speaks TLS; a private certificate authority goes under `ca`"
        }
        FaultKind::Timeout => "check the network, or give it longer with `limits: { timeout: 30s }`",
        FaultKind::Broken | FaultKind::Malformed => {
            "check that `issuer` has the right scheme and port: what answers there does not speak HTTP"
        }
        FaultKind::Unsendable => "check the URL in `issuer`",
    }
}

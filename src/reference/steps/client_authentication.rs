use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use http::header::AUTHORIZATION;
use serde_json::json;
use subtle::ConstantTimeEq as _;

use crate::oauth::{ClientAuthenticationMethod as Method, ErrorCode};
use crate::reference::context::{Context, Flow};
use crate::reference::defect::Defect;
use crate::reference::form::decode_component;
use crate::reference::reply::Reply;
use crate::reference::steps::{client_assertion, guesses, token_error};
use crate::reference::store::Client;

/// What the client sent to prove who it is.
#[derive(Clone, Debug)]
pub(crate) struct Credentials {
    pub(crate) client_id: Option<String>,
    pub(crate) method: Method,
    /// A secret or an assertion; empty for a client that only says its name.
    pub(crate) proof: String,
}

/// Authenticates the client, if confidential, and identifies it otherwise (RFC 6749 sections 2.3 and
/// 3.2.1).
pub(crate) fn run(ctx: &mut Context) -> Flow {
    authenticate(ctx).map_err(|refusal| {
        let is_unknown = refusal.status == StatusCode::UNAUTHORIZED;
        let is_stranger = ctx.endpoint.path == "/oauth2/introspect" && is_unknown;
        match is_stranger && ctx.has(Defect::CallsTokensInactiveToStrangers) {
            true => Reply::json(StatusCode::OK, &json!({ "active": false })),
            false => refusal,
        }
    })
}

fn authenticate(ctx: &mut Context) -> Flow {
    let credentials = credentials(ctx)?;
    let claimed = match (&credentials.client_id, &credentials.method) {
        (None, Method::PrivateKeyJwt) => client_assertion::subject(&credentials.proof),
        (Some(_), Method::PrivateKeyJwt) if ctx.has(Defect::IgnoresClientIdBesideAssertion) => {
            client_assertion::subject(&credentials.proof)
        }
        (claimed, _) => claimed.clone(),
    };
    let Some(client) = claimed.as_deref().and_then(|id| ctx.server.store.client(id)) else {
        return Err(token_error::invalid_client(ctx, "the client is unknown"));
    };
    if !is_method_open(ctx, &client, &credentials.method) {
        return Err(token_error::invalid_client(ctx, "the client may not authenticate this way"));
    }
    let whose = format!("client {}", client.id);
    let is_guess = matches!(credentials.method, Method::ClientSecretBasic | Method::ClientSecretPost);
    if is_guess && guesses::are_too_many(ctx, &whose) && !ctx.has(Defect::NeverTiresOfWrongSecrets) {
        return Err(guesses::refusal("invalid_client"));
    }
    let is_proven = is_proven(ctx, &client, &credentials)
        || (is_guess && guesses::in_a_row(ctx, &whose) >= 40 && ctx.has(Defect::TiresOfRefusingSecrets));
    // The secret itself is no guess, in whatever form a defect refuses it.
    let decoded = decode_component(credentials.proof.as_bytes()).unwrap_or_default();
    let is_known =
        client.secret.as_ref().is_some_and(|secret| [&credentials.proof, &decoded].contains(&secret));
    if is_guess && (is_proven || !is_known) {
        guesses::note(ctx, &whose, is_proven);
    }
    if !is_proven {
        if credentials.method == Method::PrivateKeyJwt && ctx.has(Defect::CallsBadAssertionInvalidGrant) {
            return Err(token_error::reply(ctx, ErrorCode::InvalidGrant, "the assertion is not valid"));
        }
        return Err(token_error::invalid_client(ctx, "client authentication failed"));
    }
    ctx.client = Some(client);
    Ok(())
}

/// A public client may not ask (RFC 7662 section 2.1 demands authorization of the caller).
pub(crate) fn confidential_only(ctx: &mut Context) -> Flow {
    if ctx.known_client()?.is_public() {
        return Err(token_error::invalid_client(ctx, "this endpoint is for confidential clients"));
    }
    Ok(())
}

fn credentials(ctx: &Context) -> Result<Credentials, Reply> {
    let body = from_body(ctx)?;
    let header = match ctx.request.headers.get_all(AUTHORIZATION).iter().count() {
        0 => return Ok(body),
        1 => from_header(ctx)?,
        _ => {
            let explanation = "the Authorization header is repeated";
            return Err(token_error::reply(ctx, ErrorCode::InvalidRequest, explanation));
        }
    };
    let two_methods = body.method != Method::None;
    if two_methods && ctx.has(Defect::AcceptsTwoAuthenticationMethods) {
        return Ok(header);
    }
    let two_names = body.client_id.is_some() && body.client_id != header.client_id;
    let two_names = two_names && !ctx.has(Defect::IgnoresOtherClientIdInBody);
    if two_methods || two_names {
        let explanation = "the client uses more than one way to authenticate";
        return Err(token_error::reply(ctx, ErrorCode::InvalidRequest, explanation));
    }
    Ok(header)
}

fn from_body(ctx: &Context) -> Result<Credentials, Reply> {
    let parameter = |name: &str| ctx.parameters.first(name).map(str::to_owned);
    let client_id = parameter("client_id");
    let assertion = parameter("client_assertion").filter(|_| {
        parameter("client_assertion_type").as_deref()
            == Some("urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
            || ctx.has(Defect::IgnoresClientAssertionType)
            || (parameter("client_assertion_type").is_none()
                && ctx.has(Defect::DoesWithoutClientAssertionType))
    });
    match (parameter("client_secret"), assertion) {
        (Some(_), Some(_)) => {
            let explanation = "the client uses more than one way to authenticate";
            Err(token_error::reply(ctx, ErrorCode::InvalidRequest, explanation))
        }
        (Some(proof), None) => Ok(Credentials { client_id, method: Method::ClientSecretPost, proof }),
        (None, Some(proof)) => Ok(Credentials { client_id, method: Method::PrivateKeyJwt, proof }),
        (None, None) => Ok(Credentials { client_id, method: Method::None, proof: String::new() }),
    }
}

/// HTTP Basic with both halves form-encoded first (RFC 6749 section 2.3.1, RFC 7617 section 2).
fn from_header(ctx: &Context) -> Result<Credentials, Reply> {
    let refused = || {
        if ctx.has(Defect::FailsOnMalformedBasic) {
            return Reply::empty(StatusCode::INTERNAL_SERVER_ERROR);
        }
        token_error::invalid_client(ctx, "the Authorization header is not HTTP Basic")
    };
    let (scheme, encoded) =
        ctx.request.header(AUTHORIZATION).and_then(|value| value.split_once(' ')).ok_or_else(refused)?;
    let known = scheme == "Basic" || !ctx.has(Defect::RefusesLowercaseBasicScheme);
    if !scheme.eq_ignore_ascii_case("basic") || !known {
        return Err(refused());
    }
    let pair = STANDARD.decode(encoded.trim_matches(' ')).map_err(|_| refused())?;
    let decoded_first = decode_component(&pair).unwrap_or_default();
    if let Some((client_id, proof)) = decoded_first.rsplit_once(':')
        && ctx.has(Defect::SplitsBasicCredentialsAtLastColon)
    {
        let (client_id, proof) = (Some(client_id.to_owned()), proof.to_owned());
        return Ok(Credentials { client_id, method: Method::ClientSecretBasic, proof });
    }
    let colon = pair.iter().position(|&byte| byte == b':').ok_or_else(refused)?;
    let decoded = |half: &[u8]| {
        if ctx.has(Defect::ReadsBasicCredentialsUndecoded) {
            return Ok(String::from_utf8_lossy(half).into_owned());
        }
        decode_component(half).map_err(|_| refused())
    };
    let (mut client_id, proof) = (decoded(&pair[..colon])?, decoded(&pair[colon + 1..])?);
    if ctx.has(Defect::ReadsBasicClientIdUndecoded) {
        client_id = String::from_utf8_lossy(&pair[..colon]).into_owned();
    }
    Ok(Credentials { client_id: Some(client_id), method: Method::ClientSecretBasic, proof })
}

/// The registered method decides; without one a client with a secret may use the header or the body.
fn is_method_open(ctx: &Context, client: &Client, method: &Method) -> bool {
    let refused = (*method == Method::ClientSecretPost && ctx.has(Defect::RefusesSecretInBody))
        || (*method == Method::ClientSecretBasic && ctx.has(Defect::RefusesBasic));
    if refused || !ctx.policy().client_authentication.contains(method) {
        return false;
    }
    match &client.authentication {
        // Whether it may come without any proof at all is decided with the proof.
        _ if *method == Method::None => true,
        Some(registered) => registered == method,
        None => true,
    }
}

fn is_proven(ctx: &Context, client: &Arc<Client>, credentials: &Credentials) -> bool {
    let grant = ctx.parameters.first("grant_type").unwrap_or_default();
    if grant == "refresh_token" && ctx.has(Defect::RefreshesWithoutClientAuthentication) {
        return true;
    }
    let excused = match ctx.endpoint.path {
        "/oauth2/revoke" => ctx.has(Defect::RevokesWithoutClientAuthentication),
        "/oauth2/introspect" => ctx.has(Defect::IntrospectsWithoutClientAuthentication),
        _ => false,
    };
    if excused {
        return true;
    }
    match credentials.method {
        Method::None => {
            let sent_empty = ctx.parameters.is_empty("client_secret");
            client.is_public()
                || (sent_empty && ctx.has(Defect::AcceptsEmptySecret))
                || (!sent_empty && ctx.has(Defect::AcceptsMissingSecret))
        }
        Method::PrivateKeyJwt => client_assertion::is_valid(ctx, client, &credentials.proof),
        _ => {
            let Some(secret) = &client.secret else { return false };
            bool::from(secret.as_bytes().ct_eq(credentials.proof.as_bytes()))
                || passes_for_secret(ctx, secret, credentials)
                || (grant == "refresh_token" && ctx.has(Defect::RefreshesWithWrongSecret))
        }
    }
}

/// The ways of accepting what is not the secret.
fn passes_for_secret(ctx: &Context, secret: &str, credentials: &Credentials) -> bool {
    let proof = &credentials.proof;
    if proof.is_empty() {
        return ctx.has(Defect::AcceptsEmptySecretByBasic);
    }
    ctx.has(Defect::AcceptsWrongSecret)
        || (secret.starts_with(proof.as_str()) && ctx.has(Defect::AcceptsBeginningOfSecret))
        || (proof.starts_with(secret) && ctx.has(Defect::AcceptsLongerSecret))
        || (secret.eq_ignore_ascii_case(proof) && ctx.has(Defect::IgnoresSecretCase))
        || (proof.bytes().all(|byte| byte == b'%') && ctx.has(Defect::ReadsSecretAsPattern))
        || (proof.trim() == secret && ctx.has(Defect::TrimsSecret))
}

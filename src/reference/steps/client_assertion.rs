use std::time::Duration;

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::jwk::{AlgorithmParameters, Jwk, JwkSet};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde_json::Value;

use crate::oauth::CompactJws;
use crate::reference::context::Context;
use crate::reference::defect::Defect;
use crate::reference::store::Client;

/// How far ahead an assertion may expire, so that its `jti` need not be remembered for ever.
const LONGEST_LIFE: Duration = Duration::from_secs(3600);

/// Signatures accepted from clients; also published as metadata.
pub(crate) const ALGORITHMS: [&str; 3] = ["RS256", "PS256", "ES256"];

/// The client an assertion speaks for, unverified.
pub(crate) fn subject(assertion: &str) -> Option<String> {
    CompactJws::parse(assertion).ok()?.claims.get("sub")?.as_str().map(str::to_owned)
}

/// Whether an assertion proves `client` (RFC 7523 section 3): its own key, `iss` and `sub` the
/// client, `aud` this server, unexpired and never seen before.
pub(crate) fn is_valid(ctx: &Context, client: &Client, assertion: &str) -> bool {
    let Ok(jws) = CompactJws::parse(assertion) else { return false };
    if !is_signed(ctx, client, &jws) {
        return false;
    }
    let names_client = |claim: &str| jws.claims[claim] == client.id.as_str();
    let speaks_for_client = (names_client("iss") || ctx.has(Defect::IgnoresAssertionIssuer))
        && (names_client("sub") || ctx.has(Defect::IgnoresAssertionSubject));
    let audience_fits = names_server(ctx, &jws.claims["aud"]);
    speaks_for_client && audience_fits && is_timely(ctx, &jws.claims) && is_fresh(ctx, client, &jws.claims)
}

fn is_signed(ctx: &Context, client: &Client, jws: &CompactJws) -> bool {
    is_signed_by(client, jws)
        || passes_for_signed(ctx, client, jws)
        || (jws.header["alg"] == "none" && ctx.has(Defect::AcceptsUnsignedAssertion))
        || (jws.header["alg"] != "none" && ctx.has(Defect::AcceptsForgedAssertion))
}

/// The ways of accepting what another key has signed, or what nobody may read as signed.
fn passes_for_signed(ctx: &Context, client: &Client, jws: &CompactJws) -> bool {
    if jws.header["jwk"].is_object() && ctx.has(Defect::TrustsKeyInAssertion) {
        return is_signed_by_own_key(jws);
    }
    if jws.header["alg"] == "HS256" && ctx.has(Defect::TakesPublicKeyForSecret) {
        let made_with = |secret: String| {
            let mac = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
            hmac::verify(&mac, jws.signing_input.as_bytes(), &jws.signature).is_ok()
        };
        return keys(client).iter().filter_map(public_pem).any(made_with);
    }
    jws.header.get("crit").is_some()
        && is_made_with(&keys(client), jws)
        && ctx.has(Defect::IgnoresCriticalExtensions)
}

/// Whether the key in the header made the signature, which proves nothing at all.
pub(crate) fn is_signed_by_own_key(jws: &CompactJws) -> bool {
    let key = serde_json::from_value::<Jwk>(jws.header["jwk"].clone());
    key.is_ok_and(|key| is_made_with(&[key], jws))
}

/// The text of a P-256 key (RFC 5480 section 2), as it lies in files.
fn public_pem(key: &Jwk) -> Option<String> {
    let AlgorithmParameters::EllipticCurve(point) = &key.algorithm else { return None };
    let half = |text: &str| URL_SAFE_NO_PAD.decode(text).ok().filter(|half| half.len() == 32);
    let prefix = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE";
    let base64 = format!("{prefix}{}", STANDARD.encode([half(&point.x)?, half(&point.y)?].concat()));
    let (first, second) = base64.split_at_checked(64)?;
    Some(format!("-----BEGIN PUBLIC KEY-----\n{first}\n{second}\n-----END PUBLIC KEY-----\n"))
}

/// Whether one of the client's keys made the signature (RFC 7515 section 5.2).
pub(crate) fn is_signed_by(client: &Client, jws: &CompactJws) -> bool {
    // A critical extension is one that must be understood, and none is (RFC 7515 section 4.1.11).
    jws.header.get("crit").is_none() && is_made_with(&keys(client), jws)
}

fn keys(client: &Client) -> Vec<Jwk> {
    let keys = client.jwks.clone().and_then(|jwks| serde_json::from_value::<JwkSet>(jwks).ok());
    keys.map(|set| set.keys).unwrap_or_default()
}

fn is_made_with(keys: &[Jwk], jws: &CompactJws) -> bool {
    let algorithm = match jws.header["alg"].as_str() {
        Some("RS256") => Algorithm::RS256,
        Some("PS256") => Algorithm::PS256,
        Some("ES256") => Algorithm::ES256,
        _ => return false,
    };
    let signature = URL_SAFE_NO_PAD.encode(&jws.signature);
    let kid = jws.header["kid"].as_str();
    keys.iter().filter(|key| kid.is_none() || key.common.key_id.as_deref() == kid).any(|key| {
        DecodingKey::from_jwk(key).is_ok_and(|key| {
            let message = jws.signing_input.as_bytes();
            jsonwebtoken::crypto::verify(&signature, message, &key, algorithm).unwrap_or(false)
        })
    })
}

fn names_server(ctx: &Context, audience: &Value) -> bool {
    let issuer = &ctx.server.issuer;
    let mut ours = vec![format!("{issuer}/oauth2/token")];
    if !ctx.has(Defect::RefusesIssuerAsAudience) {
        ours.push(issuer.clone());
    }
    let loosely = |text: &str| text.trim_end_matches('/').to_ascii_lowercase();
    let is_ours = |value: &Value| {
        let Some(text) = value.as_str() else { return false };
        ours.iter().any(|our| our == text)
            || (ours.iter().any(|our| loosely(our) == loosely(text))
                && ctx.has(Defect::ComparesAssertionAudienceLoosely))
    };
    if audience.is_null() && ctx.has(Defect::AcceptsAssertionWithoutAudience) {
        return true;
    }
    if !audience.is_null() && ctx.has(Defect::AcceptsAssertionForOthers) {
        return true;
    }
    match audience {
        Value::Array(values) => values.iter().any(is_ours),
        value => is_ours(value),
    }
}

fn is_timely(ctx: &Context, claims: &Value) -> bool {
    let now = ctx.server.clock.now().as_secs_f64();
    let Some(expires_at) = claims["exp"].as_f64() else {
        return ctx.has(Defect::AcceptsAssertionWithoutExpiry);
    };
    if expires_at <= now {
        return ctx.has(Defect::AcceptsExpiredAssertion);
    }
    // A minute for clocks that run ahead.
    let not_before = claims.get("nbf").is_none_or(|nbf| nbf.as_f64().is_some_and(|nbf| nbf <= now + 60.0));
    expires_at <= now + LONGEST_LIFE.as_secs_f64()
        && (not_before || ctx.has(Defect::IgnoresAssertionNotBefore))
}

fn is_fresh(ctx: &Context, client: &Client, claims: &Value) -> bool {
    let Some(jti) = claims["jti"].as_str() else {
        return ctx.has(Defect::AcceptsAssertionWithoutIdentifier);
    };
    let expires_at = ctx.server.clock.now() + LONGEST_LIFE;
    let seen = ctx.server.store.lock().assertions.insert(format!("{}\n{jti}", client.id), expires_at);
    seen.is_none() || ctx.has(Defect::AcceptsReplayedAssertion)
}

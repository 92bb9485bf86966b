use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value as Json, json};

use crate::engine::case::{Player, Stop};
use crate::model::{Assertion, AssertionSignature, Client, Template, Value};

/// `client_assertion_type` (RFC 7523 section 2.2).
pub(super) const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Seconds until an assertion expires.
const LIFE: i64 = 60;

/// A JWT by which the client authenticates (RFC 7523 section 3), as unusual as the suite wants it.
///
/// # Errors
///
/// A client without private key, and what the suite's templates raise.
pub(super) fn client_assertion(
    player: &Player,
    client: &Client,
    unusual: &Assertion,
) -> Result<String, Stop> {
    let key = client.key.as_ref().ok_or_else(|| {
        Stop::blocked(format!(
            "client {:?} of the target file has no private key to sign with: add `private_key` or `private_key_file`",
            client.id
        ))
    })?;
    let target = &player.world.target;
    let audience = client.audience.as_ref().or(target.issuer.as_ref()).or(target.endpoints.token.as_ref());
    let now = now(player.world.clock.advanced());
    let at = |template: &Option<Template>, usual: i64| match template {
        Some(template) => Ok(now + seconds(player, template)?),
        None => Ok(now + usual),
    };

    let signature = player.choice(unusual.signature.as_ref(), &AssertionSignature::ALL)?.unwrap_or_default();
    let mut header = Map::new();
    header.insert("alg".to_owned(), json!(key.algorithm()));
    header.insert("typ".to_owned(), json!("JWT"));
    if let Some(id) = &key.id {
        header.insert("kid".to_owned(), json!(id));
    }
    let broken = || Stop::error("the client's private key cannot sign");
    let mut another = None;
    match signature {
        AssertionSignature::None => drop(header.insert("alg".to_owned(), json!("none"))),
        AssertionSignature::PublicKey => drop(header.insert("alg".to_owned(), json!("HS256"))),
        AssertionSignature::Other | AssertionSignature::Brought => another = key.another(),
        AssertionSignature::Own | AssertionSignature::Altered => {}
    }
    if signature == AssertionSignature::Brought {
        // Under a name of its own, so that nobody finds the registered one by it.
        header.remove("kid");
        let public = another.as_ref().and_then(|key| key.public_jwk()).ok_or_else(broken)?;
        header.insert("jwk".to_owned(), public);
    }
    set(player, &mut header, &unusual.header)?;

    let mut claims = Map::new();
    claims.insert("iss".to_owned(), json!(client.id));
    claims.insert("sub".to_owned(), json!(client.id));
    claims.insert("aud".to_owned(), json!(audience));
    claims.insert("iat".to_owned(), json!(at(&unusual.issued, 0)?));
    claims.insert("exp".to_owned(), json!(at(&unusual.expires, LIFE)?));
    if unusual.not_before.is_some() {
        claims.insert("nbf".to_owned(), json!(at(&unusual.not_before, 0)?));
    }
    claims.insert("jti".to_owned(), json!(player.environment.random_text(32)));
    set(player, &mut claims, &unusual.claims)?;

    let input = |claims: &Map<String, Json>| format!("{}.{}", segment(&header), segment(claims));
    let signed = input(&claims);
    let made = match signature {
        AssertionSignature::None => String::new(),
        AssertionSignature::Own | AssertionSignature::Altered => {
            key.sign(signed.as_bytes()).ok_or_else(broken)?
        }
        AssertionSignature::Other | AssertionSignature::Brought => {
            another.and_then(|key| key.sign(signed.as_bytes())).ok_or_else(broken)?
        }
        AssertionSignature::PublicKey => key.mac_by_public_half(signed.as_bytes()).ok_or_else(broken)?,
    };
    if signature == AssertionSignature::Altered {
        claims.insert("altered".to_owned(), json!(true));
        return Ok(format!("{}.{made}", input(&claims)));
    }
    Ok(format!("{signed}.{made}"))
}

/// Seconds since 1970 by the target's clock, as far as it was moved.
fn now(advanced: Duration) -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(now.saturating_add(advanced).as_secs()).unwrap_or(i64::MAX / 4)
}

fn seconds(player: &Player, template: &Template) -> Result<i64, Stop> {
    // A million years each way are enough, and leave the sum what it is.
    let bounded = |seconds: f64| seconds.clamp(-3e13, 3e13) as i64;
    match player.value(template)? {
        Value::Number(number) => Ok(bounded(number.as_f64().unwrap_or_default())),
        Value::Duration(duration) => Ok(bounded(duration.as_secs_f64())),
        other => Err(Stop::error(format!("the suite gives {other} where seconds are due"))),
    }
}

fn set(player: &Player, members: &mut Map<String, Json>, wanted: &[(String, Template)]) -> Result<(), Stop> {
    for (name, template) in wanted {
        match player.value(template)? {
            Value::Null => drop(members.remove(name)),
            value => drop(members.insert(name.clone(), value.into())),
        }
    }
    Ok(())
}

fn segment(members: &Map<String, Json>) -> String {
    URL_SAFE_NO_PAD.encode(Json::Object(members.clone()).to_string())
}

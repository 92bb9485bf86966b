//! Clients that sign assertions, users who are told of, and requests that were left: other ways to see a defect.

use aws_lc_rs::encoding::{AsDer as _, PublicKeyX509Der};
use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use super::observable::note;
use super::*;

const ISSUER: &str = "http://127.0.0.1:9400";
const KIND: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Assertions that are sound but for one thing.
pub(super) fn assertions(bench: &Bench, log: &mut Vec<String>) {
    let jwks = json!({ "keys": [keys::published(ES256).public_jwk()] });
    bench.server.store.register(Client { id: "signer".to_owned(), jwks: Some(jwks), ..Client::default() });
    let now = bench.server.clock.now().as_secs();
    let grant =
        Params::of(&[("grant_type", "client_credentials"), ("scope", "profile"), ("client_id", "signer")]);
    let sound =
        |jti: &str| json!({ "iss": "signer", "sub": "signer", "aud": ISSUER, "exp": now + 60, "jti": jti });
    let mut send = |params: Params, claims: &Value, key: &keys::SigningKey| {
        let input = format!("{}.{}", encode("{\"alg\":\"ES256\"}"), encode(&claims.to_string()));
        let signature = URL_SAFE_NO_PAD.encode(key.sign(input.as_bytes()).unwrap());
        let params = params.and("client_assertion", &format!("{input}.{signature}"));
        log.push(note(&bench.token(&params)));
    };
    let typed = grant.clone().with("client_assertion_type", KIND);
    for (jti, key) in
        [("1", keys::published(ES256)), ("1", keys::published(ES256)), ("2", keys::unpublished(ES256))]
    {
        send(typed.clone(), &sound(jti), key);
    }
    for (jti, claim, value) in [
        ("3", "aud", json!("https://other.example")),
        ("4", "exp", json!(now - 60)),
        ("5", "iss", json!("other")),
        ("6", "sub", json!("other")),
        ("7", "aud", Value::Null),
        ("8", "aud", json!("HTTP://127.0.0.1:9400/")),
        ("9", "exp", Value::Null),
        ("10", "nbf", json!(now + 3600)),
        ("11", "jti", Value::Null),
    ] {
        let mut claims = sound(jti);
        let members = claims.as_object_mut().unwrap();
        match value {
            Value::Null => drop(members.remove(claim)),
            value => drop(members.insert(claim.to_owned(), value)),
        }
        send(typed.clone(), &claims, keys::published(ES256));
    }
    send(typed.clone().with("client_id", "supply-partner"), &sound("12"), keys::published(ES256));
    send(grant.with("client_assertion_type", "urn:example:other"), &sound("13"), keys::published(ES256));
    let unsigned = format!("{}.{}.", encode("{\"alg\":\"none\"}"), encode(&sound("14").to_string()));
    log.push(note(&bench.token(&typed.with("client_assertion", &unsigned))));
    odd_headers(bench, log);
}

/// A key that the assertion brings along, a MAC with the public key, an extension that nobody knows, and no type.
fn odd_headers(bench: &Bench, log: &mut Vec<String>) {
    let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
    let (x, y) = key.public_key().as_ref()[1..].split_at(32);
    let (x, y) = (URL_SAFE_NO_PAD.encode(x), URL_SAFE_NO_PAD.encode(y));
    let jwks = json!({ "keys": [{ "kty": "EC", "crv": "P-256", "x": x, "y": y }] });
    bench.server.store.register(Client { id: "odd".to_owned(), jwks: Some(jwks), ..Client::default() });
    let der: PublicKeyX509Der<'_> = key.public_key().as_der().unwrap();
    let base64 = STANDARD.encode(der.as_ref());
    let (first, second) = base64.split_at(64);
    let pem = format!("-----BEGIN PUBLIC KEY-----\n{first}\n{second}\n-----END PUBLIC KEY-----\n");
    let public = hmac::Key::new(hmac::HMAC_SHA256, pem.as_bytes());

    let now = bench.server.clock.now().as_secs();
    let grant =
        Params::of(&[("grant_type", "client_credentials"), ("scope", "profile"), ("client_id", "odd")]);
    let mut send = |params: &Params, header: Value, sign: &dyn Fn(&[u8]) -> Vec<u8>| {
        let claims =
            json!({ "iss": "odd", "sub": "odd", "aud": ISSUER, "exp": now + 60, "jti": header.to_string() });
        let input = format!("{}.{}", encode(&header.to_string()), encode(&claims.to_string()));
        let assertion = format!("{input}.{}", URL_SAFE_NO_PAD.encode(sign(input.as_bytes())));
        log.push(note(&bench.token(&params.clone().and("client_assertion", &assertion))));
    };
    let typed = grant.clone().with("client_assertion_type", KIND);
    let own = |input: &[u8]| key.sign(&SystemRandom::new(), input).unwrap().as_ref().to_vec();
    let foreign = |input: &[u8]| keys::unpublished(ES256).sign(input).unwrap();
    send(&typed, json!({ "alg": "ES256", "jwk": keys::unpublished(ES256).public_jwk() }), &foreign);
    send(&typed, json!({ "alg": "HS256" }), &|input| hmac::sign(&public, input).as_ref().to_vec());
    send(&typed, json!({ "alg": "ES256", "crit": ["unknown"], "unknown": true }), &own);
    send(&grant, json!({ "alg": "ES256" }), &own);
}

/// Wrong secrets and passwords, until the server has had enough.
pub(super) fn guesses(bench: &Bench, log: &mut Vec<String>) {
    let client = Params::client_credentials("profile").with("client_secret", "wrong");
    let user = Params::of(&[("grant_type", "password"), ("scope", "profile"), ("username", "bob")])
        .credentials()
        .with("password", "wrong");
    for params in [user, client] {
        for _ in 0..110 {
            log.push(note(&bench.token(&params)));
        }
    }
}

/// More than the server reads.
pub(super) fn large(bench: &Bench, log: &mut Vec<String>) {
    let much = "x".repeat(60_000);
    let body = Params::client_credentials("profile").encode();
    log.push(note(&bench.send("POST", "/oauth2/token", &[FORM, ("x-large", &much)], &body)));
    log.push(note(&bench.token(&Params::client_credentials("profile").with("x_large", &much))));
    log.push(note(&bench.send("GET", &format!("/oauth2/auth?x_large={much}"), &[], "")));
}

/// What is told of users, where the scope `openid` exists; and in whose name a client's own token is.
pub(super) fn users(bench: &Bench, log: &mut Vec<String>) {
    let token = |scope: &str| {
        let code = bench.code(&Params::authorization().with("scope", scope));
        let answer = bench.token(&Params::redemption(&code)).json();
        format!("Bearer {}", answer["access_token"].as_str().unwrap_or_default())
    };
    for (method, scope) in [("GET", "openid"), ("POST", "openid"), ("GET", "profile")] {
        let header = token(scope);
        log.push(note(&bench.send(method, "/oauth2/userinfo", &[("authorization", &header)], "")));
    }
    let own = bench.token(&Params::client_credentials("profile")).json();
    log.push(note(&bench.me(own["access_token"].as_str().unwrap_or_default())));

    let target = |state: &str| {
        let params = Params::authorization().with("scope", "profile").with("state", state);
        format!("/oauth2/auth?{}", params.encode())
    };
    let left = bench.send("GET", &target("the one that was left"), &[], "");
    let cookie =
        left.header("set-cookie").and_then(|set| set.split(';').next()).unwrap_or_default().to_owned();
    let next = bench.send("GET", &target("the one after it"), &[("cookie", &cookie)], "");
    log.push(format!("{:?}", bench.go_on(next, "approve").redirect().get("state")));
}

fn encode(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(text)
}

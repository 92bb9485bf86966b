//! What is around the requests of OAuth: other methods, header fields, places for tokens, and native apps.

use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use super::observable::note;
use super::*;
use crate::reference::steps::handshake::greet;
use crate::reference::tls::hello::ClientHello;

pub(super) fn surroundings(bench: &Bench, log: &mut Vec<String>) {
    let mut see = |answer: Answer| {
        log.push(note(&answer));
        answer
    };
    let metadata = "/.well-known/oauth-authorization-server";
    see(bench.send("HEAD", metadata, &[], ""));
    see(bench.send("GET", metadata, &[("x-forwarded-host", "evil.example")], ""));
    see(bench.send("GET", &format!("{metadata}/other"), &[], ""));

    let grant = Params::client_credentials("profile");
    see(bench.send("PUT", "/oauth2/token", &[FORM], &grant.encode()));
    let bare = Params::of(&[("grant_type", "client_credentials"), ("scope", "profile")]);
    let pair = format!("{}:{}", encode_component("supply-partner"), encode_component(SECRET));
    for header in [format!("basic {}", STANDARD.encode(&pair)), "Basic %%%".to_owned()] {
        see(bench.send("POST", "/oauth2/token", &[FORM, ("authorization", &header)], &bare.encode()));
    }

    let sound = Params::authorization;
    let target = format!("/oauth2/auth?{}", sound().encode());
    see(bench.send("GET", &target, &[("origin", "https://evil.example")], ""));
    see(bench.send("GET", &target, &[("x-forwarded-host", "evil.example")], ""));
    see(bench.get("/oauth2/auth", &sound().with("next", "https://evil.example/")));
    see(bench.post("/oauth2/auth", &sound().with("redirect_uri", "https://evil.example/cb")));
    let object = URL_SAFE_NO_PAD.encode("{\"redirect_uri\":\"https://evil.example/cb\"}");
    let object = sound().with("request", &format!("eyJhbGciOiJub25lIn0.{object}."));
    see(bench.get("/oauth2/auth", &object.with("response_type", "magic")));

    let public = sound().with("client_id", "public-app").with("scope", "profile offline_access");
    for uri in [
        "com.example.app:/cb",
        "com.example.app:/cb/more",
        "http://[::1]:61023/cb",
        "http://[::1]:61023/other",
        "http://127.0.0.1/cb",
        "https://public.example/cb",
    ] {
        see(bench.get("/oauth2/auth", &public.clone().with("redirect_uri", uri)));
    }
    native(bench, &public, log);
    tokens(bench, log);
}

fn native(bench: &Bench, public: &Params, log: &mut Vec<String>) {
    let public = public.clone().with("redirect_uri", "com.example.app:/cb");
    let redemption = |code: &str| {
        let params = Params::redemption(code).without("client_secret").with("client_id", "public-app");
        params.with("redirect_uri", "com.example.app:/cb")
    };
    let wrong = redemption(&bench.code(&public)).with("code_verifier", &"x".repeat(43));
    log.push(note(&bench.token(&wrong)));
    let granted = bench.token(&redemption(&bench.code(&public))).json();
    let refresh_token = granted["refresh_token"].as_str().unwrap_or_default();
    let revocation = Params::of(&[("token", refresh_token), ("client_id", "public-app")]);
    log.push(note(&bench.post("/oauth2/revoke", &revocation)));
    let malformed = bench.code(&Params::authorization().with("code_challenge", "short"));
    log.push(note(&bench.token(&Params::redemption(&malformed))));
}

/// Places for tokens, and questions about them.
fn tokens(bench: &Bench, log: &mut Vec<String>) {
    let code = bench.code(&Params::authorization());
    let granted = bench.token(&Params::redemption(&code)).json();
    let access = granted["access_token"].as_str().unwrap_or_default();
    let form = format!("access_token={access}");
    let json = format!("{{\"access_token\":\"{access}\"}}");
    let header = format!("Bearer {access}");
    for answer in [
        bench.send("GET", "/api/me", &[FORM], &form),
        bench.send("POST", "/api/me", &[FORM], &form),
        bench.send("POST", "/api/me", &[("content-type", "application/json")], &json),
        bench.send("GET", &format!("/api/me?{form}"), &[("authorization", &header)], ""),
        bench.me(access),
        bench.me("unknown"),
        bench.token(&Params::redemption(&code).with("code_verifier", &"x".repeat(43))),
        bench.me(access),
    ] {
        log.push(note(&answer));
    }
    let asked = |pairs: &[(&str, &str)]| Params::of(pairs).credentials();
    for params in [
        asked(&[]),
        asked(&[("token", access), ("token_type_hint", "refresh_token")]),
        asked(&[("token", access)]).with("client_id", "demand-partner"),
    ] {
        log.push(note(&bench.post("/oauth2/introspect", &params)));
    }
    let others = Params::of(&[("token", access), ("client_id", "demand-partner")]);
    let others = others.with("client_secret", "d3m4nd%2B+/=:&?#-partner");
    log.push(note(&bench.post("/oauth2/introspect", &others)));
    log.push(note(&bench.post("/oauth2/revoke", &asked(&[]))));
    let hinted = asked(&[("token", "unknown"), ("token_type_hint", "magic")]);
    log.push(note(&bench.post("/oauth2/revoke", &hinted)));
    let query = asked(&[("token", access)]).encode();
    log.push(note(&bench.send("GET", &format!("/oauth2/revoke?{query}"), &[], "")));
}

/// JWTs that nobody here has signed.
pub(super) fn forged(bench: &Bench, log: &mut Vec<String>) {
    let tokens = bench.tokens();
    let access = tokens["access_token"].as_str().unwrap_or_default();
    let parts: Vec<&str> = access.split('.').collect();
    let [_, claims, signature] = parts[..] else { return log.push("no JWT".to_owned()) };
    let header = URL_SAFE_NO_PAD.encode("{\"alg\":\"none\"}");
    let other = URL_SAFE_NO_PAD.encode("{\"sub\":\"eve\",\"client_id\":\"supply-partner\"}");
    let own = json!({ "alg": "ES256", "jwk": keys::unpublished(ES256).public_jwk() });
    let input = format!("{}.{claims}", URL_SAFE_NO_PAD.encode(own.to_string()));
    let anew = URL_SAFE_NO_PAD.encode(keys::unpublished(ES256).sign(input.as_bytes()).unwrap());
    for token in [
        format!("{header}.{claims}."),
        format!("{}.{other}.{signature}", parts[0]),
        format!("{input}.{anew}"),
    ] {
        log.push(note(&bench.me(&token)));
        let params = Params::of(&[("token", &token)]).credentials();
        log.push(note(&bench.post("/oauth2/introspect", &params)));
    }
}

/// A server that speaks TLS: what it does with those who offer it something, and with those who come without.
pub(super) fn secured(bench: &Bench, log: &mut Vec<String>) {
    let hello = |version: u16, suites: &[u16], knows_tls13: bool| {
        let hello = ClientHello {
            version,
            cipher_suites: suites.to_vec(),
            knows_tls13,
            knows_older: suites != [0x1301],
        };
        format!("{:?}", greet(&bench.server.defects, Some(&hello)))
    };
    for (version, suite) in
        [(0x300, 0x2F), (0x301, 0x2F), (0x303, 0xC02F), (0x303, 0x3B), (0x303, 3), (0x303, 5)]
    {
        log.push(hello(version, &[suite], false));
    }
    log.push(hello(0x303, &[0x00A6], false));
    log.push(hello(0x303, &[0x1301, 0xC02F], true));
    log.push(hello(0x303, &[0x1301], true));
    log.push(format!("{:?}", greet(&bench.server.defects, None)));

    let secure = Bench {
        server: Arc::new(Shared {
            issuer: "https://localhost:9400".to_owned(),
            policy: bench.server.policy.clone(),
            defects: bench.server.defects.clone(),
            clock: Clock::manual_from(Duration::from_secs(1_800_000_000)),
            store: Store::new(Server::sample_clients(), Server::sample_users()),
        }),
    };
    log.push(note(&secure.get("/oauth2/auth", &Params::authorization())));
    let revocation = Params::of(&[("token", "unknown"), ("client_id", "public-app")]);
    for params in [revocation.clone(), revocation.credentials()] {
        log.push(note(&secure.in_the_clear("POST", "/oauth2/revoke", &params.encode())));
    }
    log.push(note(&secure.in_the_clear("GET", "/oauth2/auth?a=b", "")));
    log.push(note(&secure.in_the_clear(
        "POST",
        "/oauth2/token",
        &Params::client_credentials("profile").encode(),
    )));
}

#[test]
fn a_sound_server_takes_nothing_but_revocations_in_the_clear() {
    let mut log = Vec::new();
    secured(&Bench::sound(), &mut log);
    assert_eq!(log[..9], ["GoOn(Sound)"; 9], "{log:?}");
    let told = |line: &str, words: &[&str]| assert!(words.iter().all(|word| line.contains(word)), "{line}");
    told(&log[10], &["strict-transport-security: max-age=63072000", "Secure"]);
    told(&log[11], &["200 "]);
    for (line, place) in [(12, "/oauth2/revoke"), (13, "/oauth2/auth?a=b"), (14, "/oauth2/token")] {
        told(&log[line], &["301 ", &format!("location: https://localhost:9400{place}")]);
        assert!(!log[line].contains("strict-transport-security"), "RFC 6797 section 7.2: {}", log[line]);
    }
}

//! Clients that register themselves (RFC 7591) and remove themselves again (RFC 7592).

use serde_json::json;

use super::observable::note;
use super::*;

const JSON: (&str, &str) = ("content-type", "application/json");

fn register(bench: &Bench, body: &Value) -> Answer {
    bench.send("POST", "/register", &[JSON], &body.to_string())
}

/// An answer's member as text.
fn text(answer: &Value, name: &str) -> String {
    answer[name].as_str().unwrap_or_default().to_owned()
}

/// What can be seen of registration, and of clients as they were registered.
pub(super) fn registering(bench: &Bench, log: &mut Vec<String>) {
    for body in [
        json!({ "redirect_uris": [CALLBACK], "client_name": "A name" }),
        json!({ "redirect_uris": [CALLBACK], "client_id": "alice" }),
        json!({}),
        json!({ "redirect_uris": ["app:/cb"] }),
        json!({ "redirect_uris": ["com..app:/cb"] }),
        json!({ "redirect_uris": [CALLBACK], "token_endpoint_auth_method": "none" }),
    ] {
        log.push(note(&register(bench, &body)));
    }
    for (registered, asked) in [
        ("https://new.example/*", "https://new.example/cb"),
        ("https://new.example", "https://new.example/cb"),
        ("com.example.new:", "com.example.new:/cb"),
    ] {
        let body = json!({ "redirect_uris": [registered], "token_endpoint_auth_method": "none" });
        let id = text(&register(bench, &body).json(), "client_id");
        let params = Params::authorization().with("client_id", &id).with("redirect_uri", asked);
        log.push(note(&bench.get("/oauth2/auth", &params.with("scope", "profile"))));
    }
    let public =
        json!({ "redirect_uris": [CALLBACK], "token_endpoint_auth_method": "none", "scope": "profile" });
    let id = text(&register(bench, &public).json(), "client_id");
    let params = Params::authorization().with("client_id", &id).with("scope", "profile");
    let code = bench.code(&params);
    log.push(note(&bench.token(&Params::redemption(&code).without("client_secret").with("client_id", &id))));
    log.push(note(&bench.get("/oauth2/auth", &params.with("scope", "offline_access"))));
    let machine = json!({ "grant_types": ["client_credentials"], "redirect_uris": [CALLBACK] });
    let id = text(&register(bench, &machine).json(), "client_id");
    let params = Params::authorization().with("client_id", &id).with("scope", "profile");
    log.push(note(&bench.get("/oauth2/auth", &params)));
    let grant = Params::of(&[("grant_type", "client_credentials"), ("scope", "profile")]);
    let escaped = Server::sample_clients().pop().unwrap();
    let secret = escaped.secret.unwrap_or_default();
    log.push(note(&bench.token_by_basic(&grant, &escaped.id, &secret)));
}

#[test]
fn a_client_removes_itself_with_its_own_token_alone() {
    let bench = Bench::sound();
    let one = register(&bench, &json!({ "redirect_uris": [CALLBACK] })).json();
    let other = register(&bench, &json!({ "redirect_uris": [CALLBACK] })).json();
    let place = text(&one, "registration_client_uri");
    let path = place.strip_prefix("http://127.0.0.1:9400").unwrap();
    let remove = |token: &str| {
        let authorization = format!("Bearer {token}");
        bench.send("DELETE", path, &[("authorization", authorization.as_str())], "")
    };
    let own = text(&one, "registration_access_token");
    assert_eq!(remove(&text(&other, "registration_access_token")).status, 401);
    assert_eq!(bench.send("DELETE", path, &[], "").status, 401);
    assert_eq!(bench.send("DELETE", "/register/supply-partner", &[], "").status, 401);
    assert!(bench.server.store.client(&text(&one, "client_id")).is_some());
    assert_eq!((remove(&own).status, remove(&own).status), (204, 401));
    assert!(bench.server.store.client(&text(&one, "client_id")).is_none());
    assert!(bench.server.store.client(&text(&other, "client_id")).is_some());
    assert_eq!(bench.send("GET", path, &[], "").status, 405);
}

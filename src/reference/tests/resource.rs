use serde_json::json;

use super::*;

fn post_as(bench: &Bench, path: &str, token: &str, client: &str, secret: &str) -> Answer {
    bench.post(path, &Params::of(&[("token", token), ("client_id", client), ("client_secret", secret)]))
}

#[test]
fn a_resource_asks_for_a_token_and_says_what_is_wrong_with_one() {
    let bench = Bench::sound();
    let token = bench.tokens()["access_token"].as_str().unwrap().to_owned();
    let none = bench.send("GET", "/api/me", &[], "");
    assert_eq!((none.status, none.header("www-authenticate")), (401, Some("Bearer realm=\"api\"")));
    let in_query = bench.send("GET", &format!("/api/me?access_token={token}"), &[], "");
    assert_eq!((in_query.status, in_query.error().as_str()), (401, ""));
    let basic = bench.send("GET", "/api/me", &[("authorization", "Basic YTpi")], "");
    assert_eq!((basic.status, basic.error().as_str()), (401, ""));
    let garbage = bench.me("garbage");
    assert_eq!((garbage.status, garbage.error().as_str()), (401, "invalid_token"));
    assert!(garbage.header("www-authenticate").unwrap().contains("error=\"invalid_token\""));
    for malformed in ["Bearer", "Bearer ", "Bearer a b"] {
        let answer = bench.send("GET", "/api/me", &[("authorization", malformed)], "");
        assert_eq!((answer.status, answer.error().as_str()), (400, "invalid_request"), "{malformed}");
    }
    let header = format!("bearer {token}");
    let twice =
        bench.send("GET", &format!("/api/me?access_token={token}"), &[("authorization", &header)], "");
    assert_eq!(twice.error(), "invalid_request");
    assert_eq!(bench.send("GET", "/api/me", &[("authorization", &header)], "").json()["sub"], "alice");
    bench.advance(3600);
    assert_eq!(bench.me(&token).error(), "invalid_token");
}

#[test]
fn a_scoped_resource_needs_its_scope() {
    let bench = Bench::sound();
    let header = format!("Bearer {}", bench.tokens()["access_token"].as_str().unwrap());
    let ask = |path: &str| bench.send("GET", path, &[("authorization", &header)], "");
    assert_eq!(ask("/api/scopes/supply::leads").status, 200);
    assert_eq!(ask("/api/scopes/supply%3A%3Aleads").status, 200);
    let other = ask("/api/scopes/supply::businesses");
    assert_eq!(other.status, 403);
    let challenge = other.header("www-authenticate").unwrap();
    assert!(
        challenge.contains("error=\"insufficient_scope\"")
            && challenge.ends_with("scope=\"supply::businesses\"")
    );
    assert!(!ask("/api/scopes/%22%0d").header("www-authenticate").unwrap().contains(" scope="));
}

#[test]
fn a_personal_access_token_works_where_the_policy_says_so() {
    let token = Server::sample_users().remove(0).personal_access_token.unwrap();
    assert_eq!(Bench::sound().me(&token).status, 401);
    let bench = Bench::new(open_policy(), &[]);
    assert_eq!(bench.me(&token).json()["sub"], "alice");
    assert_eq!(bench.me(&token.replace('7', "8")).status, 401);
}

#[test]
fn a_revoked_token_is_dead_at_once() {
    let bench = Bench::sound();
    let tokens = bench.tokens();
    let (access, refresh) =
        (tokens["access_token"].as_str().unwrap(), tokens["refresh_token"].as_str().unwrap());
    let other = bench.post("/oauth2/revoke", &Params::of(&[("token", access), ("client_id", "public-app")]));
    assert_eq!(other.error(), "invalid_grant");
    assert_eq!(bench.me(access).status, 200);
    let hinted = Params::of(&[("token", access), ("token_type_hint", "refresh_token")]).credentials();
    assert_eq!(bench.post("/oauth2/revoke", &hinted).status, 200);
    assert_eq!(bench.me(access).status, 401);
    assert_eq!(bench.token(&Params::refresh(refresh)).status, 200, "the refresh token lives on");
    assert_eq!(post_as(&bench, "/oauth2/revoke", "unknown", "supply-partner", SECRET).status, 200);
    assert_eq!(post_as(&bench, "/oauth2/revoke", "x", "supply-partner", "wrong").status, 401);
    assert_eq!(bench.post("/oauth2/revoke", &Params::of(&[]).credentials()).error(), "invalid_request");
    let tokens = bench.tokens();
    post_as(&bench, "/oauth2/revoke", tokens["refresh_token"].as_str().unwrap(), "supply-partner", SECRET);
    assert_eq!(bench.me(tokens["access_token"].as_str().unwrap()).status, 401);
}

#[test]
fn introspection_tells_a_client_about_its_own_tokens() {
    let bench = Bench::sound();
    let tokens = bench.tokens();
    let access = tokens["access_token"].as_str().unwrap();
    let ask = |token: &str| post_as(&bench, "/oauth2/introspect", token, "supply-partner", SECRET).json();
    let body = ask(access);
    assert_eq!((body["active"].as_bool(), body["sub"].as_str()), (Some(true), Some("alice")));
    assert_eq!(body["scope"], "supply::leads offline_access");
    assert_eq!(body["exp"].as_u64().unwrap() - body["iat"].as_u64().unwrap(), 3600);
    assert_eq!(ask(tokens["refresh_token"].as_str().unwrap())["active"], true);
    assert_eq!(ask("unknown"), json!({ "active": false }));
    let secret = "d3m4nd%2B+/=:&?#-partner";
    let other = post_as(&bench, "/oauth2/introspect", access, "demand-partner", secret);
    assert_eq!(other.json(), json!({ "active": false }));
    let public =
        bench.post("/oauth2/introspect", &Params::of(&[("token", access), ("client_id", "public-app")]));
    assert_eq!((public.status, public.error().as_str()), (401, "invalid_client"));
    bench.advance(3600);
    assert_eq!(ask(access), json!({ "active": false }));
}

#[test]
fn metadata_says_what_the_policy_says() {
    let bench = Bench::sound();
    let answer = bench.get("/.well-known/oauth-authorization-server", &Params::of(&[]));
    assert_eq!(answer.header("content-type"), Some("application/json"));
    let body = answer.json();
    assert_eq!(body["issuer"], "http://127.0.0.1:9400");
    assert_eq!(body["token_endpoint"], "http://127.0.0.1:9400/oauth2/token");
    assert_eq!(body["response_types_supported"], json!(["code"]));
    assert_eq!(body["code_challenge_methods_supported"], json!(["S256"]));
    assert_eq!(body["authorization_response_iss_parameter_supported"], true);
    assert_eq!(body["token_endpoint_auth_signing_alg_values_supported"], json!(["RS256", "PS256", "ES256"]));
    assert_eq!(body, bench.get("/.well-known/openid-configuration", &Params::of(&[])).json());
    let open = Bench::new(Policy { iss: false, registration: false, ..open_policy() }, &[]);
    let body = open.get("/.well-known/oauth-authorization-server", &Params::of(&[])).json();
    assert_eq!(body["response_types_supported"], json!(["code", "token"]));
    assert!(body.get("registration_endpoint").is_none());
    assert!(body.get("authorization_response_iss_parameter_supported").is_none());
}

#[test]
fn anybody_may_register_a_client_where_the_policy_says_so() {
    let bench = Bench::sound();
    let register = |bench: &Bench, body: Value| {
        bench.send("POST", "/register", &[("content-type", "application/json")], &body.to_string())
    };
    let answer = register(&bench, json!({ "redirect_uris": ["https://new.example/cb?a=1"], "zz": 1 }));
    assert_eq!((answer.status, answer.header("cache-control")), (201, Some("no-store")));
    let client = answer.json();
    assert_eq!(client["client_secret_expires_at"], 0);
    assert_eq!(client["grant_types"], json!(["authorization_code"]));
    assert!(client.get("zz").is_none());
    let params = Params::authorization()
        .with("client_id", client["client_id"].as_str().unwrap())
        .with("redirect_uri", "https://new.example/cb?a=1")
        .with("scope", "profile");
    let location = bench.authorize(&params, "approve").header("location").unwrap().to_owned();
    assert!(location.starts_with("https://new.example/cb?a=1&code="), "{location}");
    for (body, error) in [
        (json!({}), "invalid_redirect_uri"),
        (json!({ "redirect_uris": ["http://new.example/cb"] }), "invalid_redirect_uri"),
        (json!({ "redirect_uris": "https://new.example/cb" }), "invalid_client_metadata"),
        (json!({ "redirect_uris": [CALLBACK], "grant_types": ["password"] }), "invalid_client_metadata"),
        (json!({ "redirect_uris": [CALLBACK], "response_types": ["token"] }), "invalid_client_metadata"),
        (json!([]), "invalid_client_metadata"),
    ] {
        let answer = register(&bench, body);
        assert_eq!((answer.status, answer.error().as_str()), (400, error));
    }
    let closed = Bench::new(Policy { registration: false, ..partner_policy() }, &[]);
    assert_eq!(register(&closed, json!({ "redirect_uris": [CALLBACK] })).status, 404);
}

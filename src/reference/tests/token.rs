use super::*;
use crate::oauth::CompactJws;

#[test]
fn a_code_becomes_tokens() {
    let bench = Bench::sound();
    let answer = bench.token(&Params::redemption(&bench.code(&Params::authorization())));
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.header("pragma"), Some("no-cache"));
    let body = answer.json();
    assert_eq!(body["token_type"], "Bearer");
    assert_eq!(body["expires_in"], 3600);
    assert_eq!(body["scope"], "supply::leads offline_access");
    assert_eq!(body["refresh_token"].as_str().unwrap().len(), 43);
    assert_eq!(bench.me(body["access_token"].as_str().unwrap()).json()["client_id"], "supply-partner");
}

#[test]
fn an_access_token_is_a_signed_jwt() {
    let bench = Bench::new(Policy { access_token: AccessTokenPolicy::default(), ..partner_policy() }, &[]);
    let tokens = bench.tokens();
    let jws = CompactJws::parse(tokens["access_token"].as_str().unwrap()).unwrap();
    assert_eq!((jws.header["alg"].as_str(), jws.header["typ"].as_str()), (Some("ES256"), Some("at+jwt")));
    assert_eq!(jws.claims["exp"].as_u64().unwrap() - jws.claims["iat"].as_u64().unwrap(), 3600);
    assert_eq!(jws.claims["sub"], "alice");
    assert_eq!(jws.claims["scope"], "supply::leads offline_access");
    let keys = bench.get("/jwks", &Params::of(&[])).json();
    assert_eq!(keys["keys"][0]["kid"], jws.header["kid"]);
    assert!(keys["keys"][0].get("d").is_none());
}

#[test]
fn a_code_works_once_and_its_second_use_ends_what_the_first_gave() {
    let bench = Bench::sound();
    let redemption = Params::redemption(&bench.code(&Params::authorization()));
    let tokens = bench.token(&redemption).json();
    assert_eq!(bench.token(&redemption).error(), "invalid_grant");
    assert_eq!(bench.me(tokens["access_token"].as_str().unwrap()).status, 401);
    let refresh = Params::refresh(tokens["refresh_token"].as_str().unwrap());
    assert_eq!(bench.token(&refresh).error(), "invalid_grant");
}

#[test]
fn of_many_redemptions_at_once_one_succeeds() {
    let bench = Bench::sound();
    let redemption = Params::redemption(&bench.code(&Params::authorization()));
    let succeeded = std::thread::scope(|scope| {
        let threads: Vec<_> =
            (0..8).map(|_| scope.spawn(|| bench.token(&redemption).status == 200)).collect();
        threads.into_iter().filter_map(|thread| thread.join().ok()).filter(|ok| *ok).count()
    });
    assert_eq!(succeeded, 1);
}

#[test]
fn a_code_is_bound_to_client_redirect_uri_and_verifier() {
    let bench = Bench::sound();
    let fresh = || Params::redemption(&bench.code(&Params::authorization()));
    let wrong = VERIFIER.replace('d', "e");
    for (params, error) in [
        (fresh().without("code"), "invalid_request"),
        (fresh().with("code", "unknown"), "invalid_grant"),
        (fresh().without("redirect_uri"), "invalid_grant"),
        (fresh().with("redirect_uri", "https://client.example/other/cb"), "invalid_grant"),
        (fresh().without("code_verifier"), "invalid_grant"),
        (fresh().with("code_verifier", &wrong), "invalid_grant"),
        (fresh().with("code_verifier", CHALLENGE), "invalid_grant"),
        (fresh().with("client_id", "public-app").without("client_secret"), "invalid_grant"),
    ] {
        let answer = bench.token(&params);
        assert_eq!((answer.status, answer.error().as_str()), (400, error), "{}", params.encode());
    }
    let late = fresh();
    bench.advance(60);
    assert_eq!(bench.token(&late).error(), "invalid_grant");
}

#[test]
fn a_wrong_verifier_burns_the_code_and_another_client_does_not() {
    let bench = Bench::sound();
    let redemption = Params::redemption(&bench.code(&Params::authorization()));
    bench.token(&redemption.clone().with("client_id", "public-app").without("client_secret"));
    bench.token(&redemption.clone().with("code_verifier", &"x".repeat(43)));
    assert_eq!(bench.token(&redemption).error(), "invalid_grant");
    let redemption = Params::redemption(&bench.code(&Params::authorization()));
    bench.token(&redemption.clone().with("client_id", "public-app").without("client_secret"));
    assert_eq!(bench.token(&redemption).status, 200);
}

#[test]
fn a_verifier_needs_a_challenge() {
    let bench = Bench::new(open_policy(), &[]);
    let plain = Params::authorization().without("code_challenge").without("code_challenge_method");
    assert_eq!(bench.token(&Params::redemption(&bench.code(&plain))).error(), "invalid_grant");
    let without = Params::redemption(&bench.code(&plain)).without("code_verifier");
    assert_eq!(bench.token(&without).status, 200);
}

#[test]
fn a_client_proves_itself_by_header_or_body_but_not_both() {
    let bench = Bench::sound();
    let bare = Params::of(&[("grant_type", "client_credentials"), ("scope", "profile")]);
    assert_eq!(bench.token(&bare.clone().credentials()).status, 200);
    assert_eq!(bench.token_by_basic(&bare, "supply-partner", SECRET).status, 200);
    let named = bare.clone().with("client_id", "supply-partner");
    assert_eq!(bench.token_by_basic(&named, "supply-partner", SECRET).status, 200);
    let both = bare.clone().credentials();
    assert_eq!(bench.token_by_basic(&both, "supply-partner", SECRET).error(), "invalid_request");
    let other = bare.clone().with("client_id", "demand-partner");
    assert_eq!(bench.token_by_basic(&other, "supply-partner", SECRET).error(), "invalid_request");
    for answer in [
        bench.token_by_basic(&bare, "supply-partner", "wrong"),
        bench.token_by_basic(&bare, "supply-partner", ""),
        bench.token_by_basic(&bare, "nobody", SECRET),
        bench.token(&bare.clone().credentials().with("client_secret", "s3cr3t+/=:%")),
        bench.token(&named),
        bench.token(&bare),
        bench.send("POST", "/oauth2/token", &[FORM, ("authorization", "Basic %%%")], &bare.encode()),
        bench.send("POST", "/oauth2/token", &[FORM, ("authorization", "Bearer x")], &bare.encode()),
    ] {
        assert_eq!((answer.status, answer.error().as_str()), (401, "invalid_client"));
        assert!(answer.header("www-authenticate").unwrap().starts_with("Basic realm="));
    }
}

#[test]
fn a_public_client_cannot_act_for_itself() {
    let bench = Bench::sound();
    let params = Params::of(&[("grant_type", "client_credentials"), ("client_id", "public-app")]);
    assert_eq!(bench.token(&params).error(), "unauthorized_client");
}

#[test]
fn a_client_acting_for_itself_gets_no_refresh_token() {
    let bench = Bench::sound();
    let body = bench.token(&Params::client_credentials("supply::leads offline_access")).json();
    assert_eq!(body["scope"], "supply::leads");
    assert!(body.get("refresh_token").is_none());
    assert_eq!(bench.token(&Params::client_credentials("offline_access")).error(), "invalid_scope");
    assert_eq!(bench.token(&Params::client_credentials("demand::search")).error(), "invalid_scope");
}

#[test]
fn the_scope_granted_is_the_scope_asked_in_its_order_once() {
    let bench = Bench::sound();
    let body = bench.token(&Params::client_credentials("supply::leads profile supply::leads")).json();
    assert_eq!(body["scope"], "supply::leads profile");
    let body = bench.token(&Params::client_credentials("profile supply::leads")).json();
    assert_eq!(body["scope"], "profile supply::leads");
    let body = bench.token(&Params::client_credentials("").without("scope")).json();
    assert_eq!(body["scope"], "profile");
}

#[test]
fn an_unknown_scope_is_refused_or_left_out_by_policy() {
    let mut policy = partner_policy();
    let asked = Params::client_credentials("profile unknown");
    assert_eq!(Bench::new(policy.clone(), &[]).token(&asked).error(), "invalid_scope");
    policy.scopes.unknown = UnknownScope::Ignore;
    assert_eq!(Bench::new(policy, &[]).token(&asked).json()["scope"], "profile");
}

#[test]
fn malformed_token_requests_are_invalid_requests() {
    let bench = Bench::sound();
    let sound = Params::client_credentials("profile");
    let body = sound.encode();
    for (answer, error) in [
        (bench.token(&sound.clone().without("grant_type")), "invalid_request"),
        (bench.token(&sound.clone().with("grant_type", "")), "invalid_request"),
        (bench.token(&sound.clone().with("grant_type", "password")), "unsupported_grant_type"),
        (bench.token(&sound.clone().with("grant_type", "CLIENT_CREDENTIALS")), "unsupported_grant_type"),
        (bench.token(&sound.clone().with("grant_type", "implicit")), "unsupported_grant_type"),
        (bench.token(&sound.clone().and("scope", "profile")), "invalid_request"),
        (bench.token(&sound.clone().with("scope", "a\"b")), "invalid_scope"),
        (bench.send("POST", "/oauth2/token", &[], &body), "invalid_request"),
        (
            bench.send("POST", "/oauth2/token", &[("content-type", "application/json")], "{}"),
            "invalid_request",
        ),
        (bench.send("POST", "/oauth2/token", &[FORM], "a=%zz"), "invalid_request"),
        (bench.send("POST", "/oauth2/token", &[FORM], "a=%ff"), "invalid_request"),
    ] {
        assert_eq!((answer.status, answer.error().as_str()), (400, error));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
    }
    let get = bench.get("/oauth2/token", &sound);
    assert_eq!((get.status, get.header("allow")), (405, Some("POST")));
    let charset = [("content-type", "Application/X-WWW-Form-Urlencoded; charset=UTF-8")];
    assert_eq!(bench.send("POST", "/oauth2/token", &charset, &body).status, 200);
    let target = format!("/oauth2/token?{}", Params::of(&[("client_secret", SECRET)]).encode());
    let in_query = bench.send("POST", &target, &[FORM], &sound.clone().without("client_secret").encode());
    assert_eq!(in_query.error(), "invalid_client");
    assert_eq!(bench.token(&sound.with("unknown", "x").and("unknown", "y").and("code", "")).status, 200);
}

#[test]
fn a_password_is_a_grant_where_offered() {
    let bench = Bench::new(open_policy(), &[]);
    let params = Params::of(&[("grant_type", "password"), ("scope", "profile")]).credentials();
    let right = params.clone().with("username", "bob").with("password", "pass+word%&=");
    assert_eq!(bench.token(&right).json()["scope"], "profile");
    assert_eq!(bench.token(&right.clone().with("password", "wrong")).error(), "invalid_grant");
    assert_eq!(bench.token(&right.without("username")).error(), "invalid_request");
}

/// RFC 7523 section 3.
#[test]
fn a_client_may_prove_itself_by_a_signed_assertion() {
    let client = Client {
        id: "signer".to_owned(),
        jwks: Some(serde_json::json!({ "keys": [keys::published(ES256).public_jwk()] })),
        ..Client::default()
    };
    let bench = Bench::sound();
    bench.server.store.register(client);
    let now = bench.server.clock.now().as_secs();
    let claims = |aud: &str, exp: u64, jti: &str| serde_json::json!({ "iss": "signer", "sub": "signer", "aud": aud, "exp": exp, "jti": jti });
    let ask = |claims: &Value, key: &keys::SigningKey| {
        use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
        let input = format!("{}.{}", BASE64.encode("{\"alg\":\"ES256\"}"), BASE64.encode(claims.to_string()));
        let assertion = format!("{input}.{}", BASE64.encode(key.sign(input.as_bytes()).unwrap()));
        let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
        let params = Params::of(&[("grant_type", "client_credentials"), ("scope", "profile")]);
        bench.token(&params.with("client_assertion_type", kind).with("client_assertion", &assertion)).status
    };
    let issuer = "http://127.0.0.1:9400";
    let sound = claims(issuer, now + 60, "1");
    assert_eq!(ask(&sound, keys::published(ES256)), 200);
    assert_eq!(ask(&sound, keys::published(ES256)), 401, "replayed");
    assert_eq!(ask(&claims(issuer, now + 60, "2"), keys::unpublished(ES256)), 401, "another key");
    assert_eq!(
        ask(&claims("https://other.example", now + 60, "3"), keys::published(ES256)),
        401,
        "another audience"
    );
    assert_eq!(ask(&claims(issuer, now - 1, "4"), keys::published(ES256)), 401, "expired");
    assert_eq!(ask(&claims(issuer, now + 1_000_000, "5"), keys::published(ES256)), 401, "far ahead");
    let endpoint = format!("{issuer}/oauth2/token");
    assert_eq!(ask(&claims(&endpoint, now + 60, "6"), keys::published(ES256)), 200);
}

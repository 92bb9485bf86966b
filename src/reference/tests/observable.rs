//! Each defect can be seen from outside: some exchange comes out otherwise than on a sound server.

use crate::oauth::CompactJws;

use super::observable_assertions::{assertions, guesses, large, users};
use super::observable_further::further;
use super::observable_surroundings::{forged, secured, surroundings};
use super::registration::registering;
use super::*;

/// A list of exchanges; what came back is written to the log.
type Script = fn(&Bench, &mut Vec<String>);

/// The policy of the server that a script is for.
type Setting = fn() -> Policy;

const SCRIPTS: &[(Setting, Script)] = &[
    (partner_policy, metadata),
    (partner_policy, requests),
    (partner_policy, states),
    (partner_policy, redirect_uris),
    (partner_policy, scopes),
    (partner_policy, pages),
    (partner_policy, codes),
    (partner_policy, clients),
    (partner_policy, refreshing),
    (no_grace_policy, refreshing),
    (partner_policy, resources),
    (open_policy, open_grants),
    (jwt_policy, jwts),
    (partner_policy, surroundings),
    (jwt_policy, forged),
    (partner_policy, registering),
    (partner_policy, assertions),
    (Policy::default, users),
    (partner_policy, secured),
    (open_policy, guesses),
    (partner_policy, large),
    (no_grace_policy, further),
];

#[test]
fn every_defect_changes_some_exchange() {
    let sound: Vec<Vec<String>> = SCRIPTS.iter().map(|(policy, script)| run(*policy, *script, &[])).collect();
    for (index, (policy, script)) in SCRIPTS.iter().enumerate() {
        let again = run(*policy, *script, &[]);
        let changed = sound[index].iter().zip(&again).find(|(before, after)| before != after);
        assert_eq!(changed, None, "a sound server answers the same again");
    }
    // Neighbours in the list are mostly seen by the same script, so that one is tried first.
    let mut likely = 0;
    let mut unseen = Vec::new();
    for defect in Defect::ALL {
        let is_seen = |index: &usize| {
            let (policy, script) = SCRIPTS[*index];
            run(policy, script, &[*defect]) != sound[*index]
        };
        match std::iter::once(likely).chain(0..SCRIPTS.len()).find(is_seen) {
            Some(index) => likely = index,
            None => unseen.push(defect),
        }
    }
    assert!(unseen.is_empty(), "{unseen:?}");
}

fn run(policy: Setting, script: Script, defects: &[Defect]) -> Vec<String> {
    let mut log = Vec::new();
    script(&Bench::new(policy(), defects), &mut log);
    log
}

fn no_grace_policy() -> Policy {
    let mut policy = partner_policy();
    policy.refresh_token.grace = Duration::ZERO;
    policy
}

fn jwt_policy() -> Policy {
    Policy { access_token: AccessTokenPolicy::default(), ..partner_policy() }
}

/// An answer with everything random in it masked.
pub(super) fn note(answer: &Answer) -> String {
    let mut headers: Vec<String> =
        answer.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    headers.sort();
    mask(&format!("{} {} {}", answer.status, headers.join("; "), answer.body))
}

/// Masks what is as long as a random token, or longer, and made of the same characters.
fn mask(text: &str) -> String {
    let mut masked = String::new();
    let mut run = String::new();
    for c in text.chars().chain(['\n']) {
        if c.is_ascii_alphanumeric() || matches!(c, '-' | '_') {
            run.push(c);
            continue;
        }
        masked.push_str(if run.len() >= 43 { "*" } else { &run });
        masked.push(c);
        run.clear();
    }
    masked
}

fn metadata(bench: &Bench, log: &mut Vec<String>) {
    for path in ["/.well-known/oauth-authorization-server", "/jwks"] {
        log.push(note(&bench.get(path, &Params::of(&[]))));
    }
}

fn requests(bench: &Bench, log: &mut Vec<String>) {
    let sound = Params::authorization;
    let bare = || sound().without("code_challenge").without("code_challenge_method");
    for params in [
        sound(),
        sound().with("client_id", "nobody<i>"),
        sound().without("response_type"),
        sound().with("response_type", "CODE"),
        sound().with("response_type", "token"),
        sound().with("response_type", "magic"),
        sound().and("scope", "profile"),
        sound().with("unknown", "1"),
        sound().with("redirect_uri", "https://evil.example/"),
        sound().with("redirect_uri", "https://evil.example/").with("scope", "unknown"),
        sound().with("redirect_uri", "https://evil.example/").with("response_type", "magic"),
        sound().with("redirect_uri", "https://second.example/cb"),
        sound().and("redirect_uri", "https://evil.example/"),
        sound().with("redirect_uri", "https://evil.example/").and("redirect_uri", CALLBACK),
        sound().without("redirect_uri"),
        sound().with("redirect_uri", ""),
        sound().with("client_id", "demand-partner").with("scope", "profile").without("redirect_uri"),
        bare(),
        bare().with("code_challenge", CHALLENGE).with("code_challenge_method", "plain"),
        sound().with("code_challenge_method", "S512"),
        sound().with("code_challenge_method", "s256"),
        sound().with("code_challenge", "short"),
        sound().with("code_challenge", ""),
        sound().with("scope", ""),
        sound().and("client_id", "nobody"),
    ] {
        log.push(note(&bench.get("/oauth2/auth", &params)));
    }
    let illegal = sound().encode().replace("%2Fcb", "%2Fcb%FF");
    log.push(note(&bench.send("GET", &format!("/oauth2/auth?{illegal}"), &[], "")));
}

fn states(bench: &Bench, log: &mut Vec<String>) {
    for state in ["", "x", "1234", "1234567", "12345678", "\u{e9}\u{e9}\u{e9}\u{e9}", "&&&&"] {
        log.push(note(&bench.get("/oauth2/auth", &Params::authorization().with("state", state))));
    }
    let long = "a.b,".repeat(1000);
    for state in [
        long.as_str(),
        "a+b c%41+ %2B",
        "ABC<b>def</b>",
        "\u{e9}t\u{e9} 12345",
        "\"quoted\" 'x' \\ back",
        "  ends and  middle  ",
        "line\r\nbreak\ttab",
        "hash#tag;semi&amp",
        "padding==",
        "000123456",
    ] {
        let wrong = Params::authorization().with("state", state).with("scope", "unknown");
        log.push(note(&bench.get("/oauth2/auth", &wrong)));
    }
    for decision in ["approve", "deny"] {
        log.push(note(&bench.authorize(&Params::authorization(), decision)));
    }
    let form_post = Params::authorization().with("response_mode", "form_post").with("state", "\"><i>123456");
    log.push(note(&bench.authorize(&form_post, "approve")));
}

fn redirect_uris(bench: &Bench, log: &mut Vec<String>) {
    let long = format!("{CALLBACK}{}", "/x".repeat(1100));
    for uri in [
        CALLBACK,
        long.as_str(),
        "https://evil.example/cb",
        "https://client.example/cb/FAKEPATH",
        "https://client.example/cbFAKEPATH",
        "https://client.example/cb.evil",
        "https://client.example/c",
        "https://evil.example/?u=https://client.example/cb",
        "https://evil.example/?u=https://client.example/cb#x",
        "https://clientXexample/cb",
        "HTTPS://client.example/cb",
        "ftp://client.example/cb",
        "http://client.example/cb",
        "javascript:alert(1)//client.example/",
        "https://client.example:8443/logout?a=1",
        "https://CLIENT.example/cb",
        "https://evilclient.example/cb",
        "https://client.example.evil.example/cb",
        "https://a.client.example/cb",
        "https://example/cb",
        "https://client.example./cb",
        "https://client.example:8443/cb",
        "https://client.example:443/cb",
        "https://a:b@client.example/cb",
        "https://client.example:80@evil.example/cb",
        "https://client.example/elsewhere",
        "https://client.example/CB",
        "https://client.example/cb/",
        "https://client.example/cb/FAKEPATH/..",
        "https://client.example//cb",
        "https://client.example/cb;x=1",
        "https://client.example\\@evil.example/",
        "https://client.example/cb?a=1",
        "https://client.example/cb?code=attacker",
        "https://client.example/cb#x",
        "https://client.example/cb%2FFAKEPATH",
        "https://client.example/cb%252FFAKEPATH",
        "https://client.example/c\tb",
        "https://client.example/cb\n/x",
        "https://client.example/cb\0.evil.example",
        " https://client.example/cb ",
        "https://client.example\u{ff0f}x",
        "https://client.example:443/./cb",
    ] {
        log.push(note(&bench.get("/oauth2/auth", &Params::authorization().with("redirect_uri", uri))));
    }
    let public = Params::authorization().with("client_id", "public-app").with("scope", "profile");
    for uri in ["http://127.0.0.1:5/cb", "http://localhost/cb", "http://127.0.0.1/other"] {
        log.push(note(&bench.get("/oauth2/auth", &public.clone().with("redirect_uri", uri))));
    }
    let with_query = public.clone().with("redirect_uri", "https://public.example/cb?app=1");
    log.push(note(&bench.get("/oauth2/auth", &with_query.with("response_type", "magic"))));
}

fn scopes(bench: &Bench, log: &mut Vec<String>) {
    for scope in [
        "supply::leads",
        "profile supply::leads",
        "supply::leads unknown",
        "supply::leads\tprofile",
        "supply::leads,profile",
        "Supply::leads",
        "supply::leads supply::leads",
        "demand::requests",
        "demand::search",
        "profile",
    ] {
        log.push(note(&bench.token(&Params::client_credentials(scope))));
        let asked = bench.authorize(&Params::authorization().with("scope", scope), "approve");
        log.push(note(&bench.token(&Params::redemption(&asked.redirected("code")))));
        log.push(note(&asked));
    }
    let public = Params::authorization()
        .with("client_id", "public-app")
        .with("redirect_uri", "https://public.example/cb");
    log.push(note(&bench.get("/oauth2/auth", &public.with("scope", "supply::leads"))));
    log.push(note(&bench.token(&Params::client_credentials("profile offline_access"))));
}

fn pages(bench: &Bench, log: &mut Vec<String>) {
    let start = bench.get("/oauth2/auth", &Params::authorization());
    let cookie =
        start.header("set-cookie").and_then(|set| set.split(';').next()).unwrap_or_default().to_owned();
    let target =
        start.header("location").and_then(|to| to.strip_prefix("http://127.0.0.1:9400")).unwrap_or("/login");
    let page = bench.send("GET", target, &[("cookie", &cookie)], "");
    log.push(note(&page));
    let filled = Params(page.form().into_iter().collect()).with("username", "alice");
    let headers = [("cookie", cookie.as_str()), FORM];
    log.push(note(&bench.send("POST", "/login", &headers, &filled.clone().without("csrf_token").encode())));
    for password in ["wrong", "correct horse battery staple"] {
        let filled = filled.clone().with("password", password);
        log.push(note(&bench.send("POST", "/login", &headers, &filled.encode())));
    }
    // Without a decision the walk ends at the consent page.
    for decision in ["approve", "deny", ""] {
        let fragment = Params::authorization().with("response_mode", "fragment");
        log.push(note(&bench.authorize(&fragment, decision)));
    }
}

fn codes(bench: &Bench, log: &mut Vec<String>) {
    let fresh = || bench.code(&Params::authorization());
    let redemption = || Params::redemption(&fresh());
    let code = fresh();
    let tokens = bench.token(&Params::redemption(&code));
    log.push(note(&tokens));
    log.push(note(&bench.token(&Params::redemption(&code))));
    let text = |name: &str| tokens.json()[name].as_str().unwrap_or_default().to_owned();
    log.push(note(&bench.me(&text("access_token"))));
    log.push(note(&bench.token(&Params::refresh(&text("refresh_token")))));
    let code = fresh();
    for changed in ["unknown", code.get(..20).unwrap_or_default(), &format!("{code}x"), &swap_case(&code)] {
        log.push(note(&bench.token(&Params::redemption(changed))));
    }
    let wrong = "x".repeat(43);
    let eight = verifier_sharing_eight_characters();
    for params in [
        redemption().with("client_id", "public-app").without("client_secret"),
        redemption().without("redirect_uri"),
        redemption().with("redirect_uri", "https://evil.example/"),
        redemption().with("redirect_uri", "https://client.example/other/cb"),
        redemption().with("redirect_uri", "https://client.example/cb?a=1"),
        redemption().with("redirect_uri", "https://client.example/cbx"),
        redemption().with("redirect_uri", "https://client.example/"),
        redemption().with("redirect_uri", "https://client.example/CB"),
        redemption().with("redirect_uri", "https://client.example/cb/"),
        redemption().without("code_verifier"),
        redemption().with("code_verifier", &wrong),
        redemption().with("code_verifier", CHALLENGE),
        Params::redemption(&bench.code(&Params::authorization().with("code_challenge", &eight))),
    ] {
        log.push(note(&bench.token(&params)));
    }
    // "short" and 128 times "v", hashed.
    for (verifier, challenge) in [
        ("short", "-bAHi131ltLqGQEMABu9AJ5lHeLFfo-341XzHrnT9zk"),
        (&*"v".repeat(128), "2fg163orV16mNEJIV2ZOofT-GzVJN5qnoGaAjqRUEKM"),
    ] {
        let code = bench.code(&Params::authorization().with("code_challenge", challenge));
        log.push(note(&bench.token(&Params::redemption(&code).with("code_verifier", verifier))));
    }
    let late = fresh();
    bench.advance(61);
    log.push(note(&bench.token(&Params::redemption(&late))));
}

/// A challenge whose first eight characters are those of the verifier in use.
fn verifier_sharing_eight_characters() -> String {
    format!("{}{}", CHALLENGE.get(..8).unwrap_or_default(), "A".repeat(35))
}

fn swap_case(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_ascii_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() })
        .collect()
}

fn clients(bench: &Bench, log: &mut Vec<String>) {
    let bare = Params::of(&[("grant_type", "client_credentials"), ("scope", "profile")]);
    let named = || bare.clone().with("client_id", "supply-partner");
    let sound = || bare.clone().credentials();
    for params in [
        sound(),
        sound().with("client_secret", "wrong"),
        sound().with("client_secret", ""),
        sound().with("client_secret", &SECRET[..5]),
        sound().with("client_secret", &format!("{SECRET}x")),
        sound().with("client_secret", &SECRET.to_ascii_uppercase()),
        sound().with("client_secret", &format!(" {SECRET} ")),
        named(),
        sound().with("grant_type", "Client_Credentials"),
        sound().with("grant_type", "password").with("username", "bob").with("password", "pass+word%&="),
        sound().with("grant_type", "magic"),
        sound().and("scope", "profile"),
        sound().with("unknown", "1"),
        sound().with("unknown", "{\"a\""),
        sound().with("client_secret", "%%%"),
        sound().with("code", ""),
        bare.clone().with("client_id", "public-app"),
        Params::redemption(&bench.code(&Params::authorization())).without("grant_type"),
    ] {
        log.push(note(&bench.token(&params)));
    }
    for (params, id, secret) in [
        (bare.clone(), "supply-partner", SECRET),
        (bare.clone(), "supply-partner", ""),
        (sound(), "supply-partner", SECRET),
        (bare.clone().with("client_id", "demand-partner"), "supply-partner", SECRET),
    ] {
        log.push(note(&bench.token_by_basic(&params, id, secret)));
    }
    let body = sound().encode();
    let json = format!(
        "{{\"grant_type\":\"client_credentials\",\"scope\":\"profile\",\"client_id\":\"supply-partner\",\"client_secret\":\"{SECRET}\"}}"
    );
    log.push(note(&bench.send("POST", "/oauth2/token", &[("content-type", "application/json")], &json)));
    log.push(note(&bench.send("POST", "/oauth2/token", &[], &body)));
    log.push(note(&bench.send("POST", "/oauth2/token", &[FORM, ("x-unknown", "\"a")], &body)));
    log.push(note(&bench.get("/oauth2/token", &sound())));
    let target = format!("/oauth2/token?{}", Params::of(&[]).credentials().encode());
    log.push(note(&bench.send("POST", &target, &[FORM], &bare.encode())));
    registered_methods(bench, log);
}

/// A client that registered HTTP Basic.
fn registered_methods(bench: &Bench, log: &mut Vec<String>) {
    let basic = Client {
        id: "basic".to_owned(),
        secret: Some("secret".to_owned()),
        authentication: Some(crate::oauth::ClientAuthenticationMethod::ClientSecretBasic),
        ..Client::default()
    };
    bench.server.store.register(basic);
    let grant = Params::of(&[("grant_type", "client_credentials"), ("scope", "profile")]);
    let by_body = grant.with("client_id", "basic").with("client_secret", "secret");
    log.push(note(&bench.token(&by_body)));
}

fn refreshing(bench: &Bench, log: &mut Vec<String>) {
    let text = |answer: &Answer, name: &str| answer.json()[name].as_str().unwrap_or_default().to_owned();
    let start = || bench.token(&Params::redemption(&bench.code(&Params::authorization())));
    let mut refresh = |params: Params| {
        let answer = bench.token(&params);
        log.push(note(&answer));
        answer
    };
    let first = start();
    let token = text(&first, "refresh_token");
    refresh(Params::refresh(&token).with("client_secret", "wrong"));
    refresh(Params::refresh(&token).without("client_secret"));
    refresh(Params::refresh(&token).with("client_id", "public-app").without("client_secret"));
    refresh(Params::refresh(&token).with("scope", "supply::leads supply::businesses"));
    refresh(Params::refresh(&token).with("scope", "demand::search"));
    refresh(Params::refresh("unknown"));
    refresh(Params::refresh(&text(&start(), "access_token")));
    let second = refresh(Params::refresh(&token).with("scope", "supply::leads"));
    refresh(Params::refresh(&token));
    refresh(Params::refresh(&token));
    let third = refresh(Params::refresh(&text(&second, "refresh_token")));
    refresh(Params::refresh(&token));
    refresh(Params::refresh(&text(&third, "refresh_token")));
    for seconds in [29, 31, 59, 61, 299, 100_000] {
        let token = text(&start(), "refresh_token");
        bench.advance(100);
        let next = refresh(Params::refresh(&token));
        bench.advance(seconds);
        refresh(Params::refresh(&token));
        refresh(Params::refresh(&text(&next, "refresh_token")));
    }
    let token = text(&start(), "refresh_token");
    bench.post("/oauth2/revoke", &Params::of(&[("token", &token)]).credentials());
    refresh(Params::refresh(&token));
    for days in [2, 171, 181, 189, 200] {
        let token = text(&start(), "refresh_token");
        bench.advance(days * 86_400);
        refresh(Params::refresh(&token));
    }
    let token = text(&start(), "refresh_token");
    bench.advance(100 * 86_400);
    let next = refresh(Params::refresh(&token));
    bench.advance(100 * 86_400);
    refresh(Params::refresh(&text(&next, "refresh_token")));
    let unasked = bench.code(&Params::authorization().with("scope", "supply::leads"));
    log.push(note(&bench.token(&Params::redemption(&unasked))));
    let begun = start();
    let renewed = bench.token(&Params::refresh(&text(&begun, "refresh_token")));
    let repeated = text(&renewed, "access_token") == text(&begun, "access_token");
    log.push(format!("{repeated} {}", note(&bench.me(&text(&renewed, "access_token")))));
}

fn resources(bench: &Bench, log: &mut Vec<String>) {
    let code = bench.code(&Params::authorization());
    log.push(note(&bench.me(&code)));
    let tokens = bench.token(&Params::redemption(&code)).json();
    let text = |name: &str| tokens[name].as_str().unwrap_or_default().to_owned();
    let (access, refresh) = (text("access_token"), text("refresh_token"));
    let with = |header: &str| [("authorization", header.to_owned())];
    let ask = |path: &str, headers: &[(&str, String)]| {
        let headers: Vec<(&str, &str)> =
            headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        note(&bench.send("GET", path, &headers, ""))
    };
    log.push(ask("/api/me", &[]));
    log.push(ask(&format!("/api/me?access_token={access}"), &[]));
    for token in [access.as_str(), refresh.as_str(), "garbage", "pat_garbage"] {
        log.push(ask("/api/me", &with(&format!("Bearer {token}"))));
    }
    log.push(ask("/api/me", &with(&format!("bearer {access}"))));
    for scope in ["supply::leads", "supply::businesses", "offline_access"] {
        log.push(ask(&format!("/api/scopes/{scope}"), &with(&format!("Bearer {access}"))));
    }
    log.push(ask("/api/me", &with(&format!("Basic {access}"))));
    let introspect = |params: Params| note(&bench.post("/oauth2/introspect", &params));
    let token = |token: &str| Params::of(&[("token", token)]);
    let other = |params: Params| {
        params.with("client_id", "demand-partner").with("client_secret", "d3m4nd%2B+/=:&?#-partner")
    };
    log.push(introspect(token(&access).credentials()));
    log.push(introspect(token("unknown").credentials()));
    log.push(introspect(other(token(&access))));
    log.push(introspect(token(&access).with("client_id", "public-app")));
    log.push(introspect(token(&access).credentials().with("client_secret", "wrong")));
    let unproven = token("unknown").with("client_id", "supply-partner");
    log.push(note(&bench.post("/oauth2/revoke", &unproven)));
    for params in [
        other(token(&access)),
        token("unknown").credentials(),
        token(&access).with("token_type_hint", "refresh_token").credentials(),
    ] {
        log.push(note(&bench.post("/oauth2/revoke", &params)));
        log.push(note(&bench.me(&access)));
    }
    log.push(introspect(token(&access).credentials()));
    let again = bench.tokens();
    let text = |name: &str| again[name].as_str().unwrap_or_default().to_owned();
    bench.post("/oauth2/revoke", &token(&text("refresh_token")).credentials());
    log.push(note(&bench.me(&text("access_token"))));
    let last = bench.tokens();
    let access = last["access_token"].as_str().unwrap_or_default().to_owned();
    bench.advance(1900);
    log.push(note(&bench.me(&access)));
    bench.advance(1700);
    log.push(note(&bench.me(&access)));
    log.push(introspect(token(&access).credentials()));
}

fn open_grants(bench: &Bench, log: &mut Vec<String>) {
    let implicit = Params::authorization().with("response_type", "token");
    for decision in ["approve", "deny"] {
        log.push(note(&bench.authorize(&implicit, decision)));
    }
    for stateless in [implicit.clone().without("state"), implicit.clone().with("state", "")] {
        log.push(note(&bench.authorize(&stateless, "approve")));
    }
    let password =
        Params::of(&[("grant_type", "password"), ("scope", "profile"), ("username", "bob")]).credentials();
    log.push(note(&bench.token(&password.clone().with("password", "pass+word%&="))));
    log.push(note(&bench.token(&password.with("password", "wrong"))));
    log.push(note(&bench.me("pat_alice_7Vq2mXw9LrT4")));
    let plain = Params::authorization().without("code_challenge").without("code_challenge_method");
    log.push(note(&bench.token(&Params::redemption(&bench.code(&plain)))));
    bench.server.store.register(Client {
        id: "codes-only".to_owned(),
        secret: Some("secret".to_owned()),
        grants: Some(vec![GrantType::AuthorizationCode]),
        ..Client::default()
    });
    let grant = Params::of(&[("grant_type", "client_credentials"), ("scope", "profile")]);
    log.push(note(&bench.token(&grant.with("client_id", "codes-only").with("client_secret", "secret"))));
    let bench = Bench {
        server: Arc::new(Shared {
            issuer: bench.server.issuer.clone(),
            policy: Policy { grants: vec![GrantType::AuthorizationCode], ..open_policy() },
            defects: bench.server.defects.clone(),
            clock: bench.server.clock.clone(),
            store: Store::new(Server::sample_clients(), Vec::new()),
        }),
    };
    log.push(note(&bench.token(&Params::client_credentials("profile"))));
}

fn jwts(bench: &Bench, log: &mut Vec<String>) {
    let tokens = bench.tokens();
    let access = tokens["access_token"].as_str().unwrap_or_default();
    let Ok(jws) = CompactJws::parse(access) else {
        log.push(mask(access));
        return;
    };
    log.push(mask(&format!("{} {}", jws.header, jws.claims)));
    let (algorithm, input) = (bench.server.policy.access_token.algorithm, jws.signing_input.as_bytes());
    let jwk = keys::published(algorithm).public_jwk();
    log.push(format!("{}", keys::verifies(jwk, algorithm, input, &jws.signature)));
    let (claims, _) = access.rsplit_once('.').unwrap_or_default();
    log.push(note(&bench.me(&format!("{claims}.AAAA"))));
}

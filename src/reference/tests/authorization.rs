use super::*;

fn page(answer: &Answer) -> bool {
    answer.status == 400 && answer.header("location").is_none() && answer.body.starts_with("<!doctype html>")
}

#[test]
fn a_code_comes_back_with_state_and_iss() {
    let bench = Bench::sound();
    let answer = bench.authorize(&Params::authorization(), "approve");
    assert_eq!(answer.status, 303);
    assert!(answer.header("location").unwrap().starts_with("https://client.example/cb?"));
    assert_eq!(answer.redirected("state"), STATE);
    assert_eq!(answer.redirected("iss"), "http://127.0.0.1:9400");
    assert_eq!(answer.redirected("code").len(), 43);
}

#[test]
fn a_denial_is_told_to_the_client() {
    let answer = Bench::sound().authorize(&Params::authorization(), "deny");
    assert_eq!(answer.redirected("error"), "access_denied");
    assert_eq!(answer.redirected("state"), STATE);
    assert_eq!(answer.redirected("iss"), "http://127.0.0.1:9400");
}

#[test]
fn what_is_wrong_with_client_or_redirect_uri_is_told_to_the_user() {
    let bench = Bench::sound();
    let sound = Params::authorization;
    for params in [
        sound().without("client_id"),
        sound().with("client_id", "nobody"),
        sound().with("client_id", "<script>"),
        sound().and("client_id", "supply-partner"),
        sound().without("redirect_uri"),
        sound().with("redirect_uri", ""),
        sound().with("redirect_uri", "https://client.example/cb/"),
        sound().with("redirect_uri", "https://second.example/cb"),
        sound().and("redirect_uri", CALLBACK),
        sound().with("redirect_uri", "https://evil.example/").with("scope", "unknown"),
    ] {
        let answer = bench.get("/oauth2/auth", &params);
        assert!(page(&answer), "{}: {answer:?}", params.encode());
        assert!(!answer.body.contains("<script>"));
    }
    for query in ["client_id=%zz", "client_id=%FF", "state=%C0%AE"] {
        assert!(page(&bench.send("GET", &format!("/oauth2/auth?{query}"), &[], "")), "{query}");
    }
}

#[test]
fn everything_else_is_told_to_the_client() {
    let bench = Bench::sound();
    let sound = Params::authorization;
    for (params, error) in [
        (sound().without("response_type"), "invalid_request"),
        (sound().with("response_type", "CODE"), "unsupported_response_type"),
        (sound().with("response_type", "token"), "unsupported_response_type"),
        (sound().with("response_mode", "magic"), "invalid_request"),
        (sound().and("scope", "profile"), "invalid_request"),
        (sound().with("scope", "unknown"), "invalid_scope"),
        (sound().with("scope", "supply::leads  profile"), "invalid_scope"),
        (sound().with("scope", "demand::search"), "invalid_scope"),
        (sound().without("code_challenge").without("code_challenge_method"), "invalid_request"),
        (sound().without("code_challenge_method"), "invalid_request"),
        (sound().with("code_challenge_method", "s256"), "invalid_request"),
        (sound().with("code_challenge", "short"), "invalid_request"),
    ] {
        let answer = bench.get("/oauth2/auth", &params);
        assert_eq!(answer.redirected("error"), error, "{}", params.encode());
        assert_eq!(answer.redirected("state"), STATE, "{}", params.encode());
        let description = answer.redirected("error_description");
        let allowed = |c: char| matches!(c, ' '..='~') && !matches!(c, '"' | '\\');
        assert!(description.chars().all(allowed), "{description}");
    }
}

#[test]
fn a_short_or_missing_state_is_refused_with_what_was_sent() {
    let bench = Bench::sound();
    for state in ["", "1234567", "\u{e9}\u{e9}\u{e9}\u{e9}"] {
        let answer = bench.get("/oauth2/auth", &Params::authorization().with("state", state));
        assert_eq!(answer.redirected("error"), "invalid_request");
        assert_eq!(answer.redirected("state"), state);
        assert_eq!(answer.redirect().contains_key("state"), !state.is_empty());
    }
    let answer = bench.get("/oauth2/auth", &Params::authorization().with("state", "12345678"));
    assert!(answer.header("location").unwrap().contains("/login?flow="));
    let answer = bench.get("/oauth2/auth", &Params::authorization().and("state", STATE));
    assert_eq!(answer.redirected("error"), "invalid_request");
    assert!(!answer.redirect().contains_key("state"));
}

#[test]
fn any_state_comes_back_byte_for_byte() {
    let bench = Bench::sound();
    let long = "+/=&%20 \"'<>;#\\".repeat(200);
    for state in
        [long.as_str(), "  eight  ", "a\r\nb\tc\0defg", "\u{e9}\u{1f600}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}"]
    {
        let answer = bench.authorize(&Params::authorization().with("state", state), "approve");
        assert_eq!(answer.redirected("state"), state);
    }
}

#[test]
fn a_request_may_be_posted() {
    let bench = Bench::sound();
    let answer = bench.go_on(bench.post("/oauth2/auth", &Params::authorization()), "approve");
    assert_eq!(answer.redirected("code").len(), 43);
    let target = format!("/oauth2/auth?{}", Params::of(&[("state", STATE)]).encode());
    let split = bench.send("POST", &target, &[FORM], &Params::authorization().encode());
    assert_eq!(split.redirected("error"), "invalid_request");
}

#[test]
fn one_registered_redirect_uri_may_go_unsaid() {
    let bench = Bench::sound();
    let params = Params::authorization().with("client_id", "demand-partner").with("scope", "profile");
    let answer = bench.authorize(&params.without("redirect_uri"), "approve");
    assert!(answer.header("location").unwrap().starts_with("https://second.example/cb?code="));
}

#[test]
fn a_loopback_port_is_free_where_the_policy_says_so() {
    let bench = Bench::sound();
    let params = Params::authorization().with("client_id", "public-app").with("scope", "profile");
    let params = params.with("redirect_uri", "http://127.0.0.1:51004/cb");
    let answer = bench.authorize(&params, "approve");
    assert!(answer.header("location").unwrap().starts_with("http://127.0.0.1:51004/cb?code="));
    let mut policy = partner_policy();
    policy.redirect_uri.loopback_port_free = false;
    assert!(page(&Bench::new(policy, &[]).get("/oauth2/auth", &params)));
}

#[test]
fn the_form_post_page_holds_the_response() {
    let state = "\"><script>alert(1)</script>";
    let params = Params::authorization().with("response_mode", "form_post").with("state", state);
    let answer = Bench::sound().authorize(&params, "approve");
    assert_eq!(answer.status, 200);
    assert!(answer.body.contains("action=\"https://client.example/cb\""));
    assert!(answer.body.contains("value=\"&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;\""));
    assert_eq!(answer.form()["code"].len(), 43);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
}

#[test]
fn the_implicit_grant_answers_in_the_fragment() {
    let bench = Bench::new(open_policy(), &[]);
    let params = Params::authorization().with("response_type", "token");
    let answer = bench.authorize(&params, "approve");
    assert!(answer.header("location").unwrap().starts_with("https://client.example/cb#access_token="));
    let parameters = answer.redirect();
    assert_eq!(parameters["token_type"], "Bearer");
    assert_eq!(parameters["expires_in"], "3600");
    assert_eq!(parameters["scope"], "supply::leads offline_access");
    assert_eq!(parameters["state"], STATE);
    assert!(!parameters.contains_key("refresh_token"));
    assert_eq!(bench.me(&parameters["access_token"]).json()["sub"], "alice");
    let denied = bench.authorize(&params, "deny");
    assert!(denied.header("location").unwrap().starts_with("https://client.example/cb#error=access_denied"));
    let query = bench.get("/oauth2/auth", &params.with("response_mode", "query"));
    assert_eq!(query.redirected("error"), "invalid_request");
}

#[test]
fn pages_cannot_be_framed_or_stored_and_leak_no_referrer() {
    let bench = Bench::sound();
    let start = bench.get("/oauth2/auth", &Params::authorization());
    let cookie = start.header("set-cookie").unwrap();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
    let target = start.header("location").unwrap().strip_prefix("http://127.0.0.1:9400").unwrap();
    let cookie = cookie.split(';').next().unwrap();
    let login = bench.send("GET", target, &[("cookie", cookie)], "");
    for answer in [login, bench.get("/oauth2/auth", &Params::of(&[]))] {
        assert!(answer.header("content-security-policy").unwrap().contains("frame-ancestors 'none'"));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
    }
}

#[test]
fn another_browser_cannot_go_on() {
    let bench = Bench::sound();
    let start = bench.get("/oauth2/auth", &Params::authorization());
    let target = start.header("location").unwrap().strip_prefix("http://127.0.0.1:9400").unwrap();
    assert!(page(&bench.send("GET", target, &[], "")));
    let other = bench.get("/oauth2/auth", &Params::authorization());
    let cookie = other.header("set-cookie").unwrap().split(';').next().unwrap();
    assert!(page(&bench.send("GET", target, &[("cookie", cookie)], "")));
}

#[test]
fn a_form_needs_its_csrf_token_and_the_password() {
    let bench = Bench::sound();
    let start = bench.get("/oauth2/auth", &Params::authorization());
    let cookie = start.header("set-cookie").unwrap().split(';').next().unwrap();
    let target = start.header("location").unwrap().strip_prefix("http://127.0.0.1:9400").unwrap();
    let form = bench.send("GET", target, &[("cookie", cookie)], "").form();
    let filled = Params(form.into_iter().collect()).with("username", "alice").with("password", "wrong");
    let headers = [("cookie", cookie), FORM];
    let wrong = bench.send("POST", "/login", &headers, &filled.encode());
    assert_eq!(wrong.status, 403);
    assert!(wrong.body.contains("Wrong username or password."));
    let forged = filled.with("password", "correct horse battery staple").without("csrf_token");
    assert!(page(&bench.send("POST", "/login", &headers, &forged.encode())));
}

#[test]
fn a_posted_consent_without_a_decision_shows_the_page_again() {
    let answer = Bench::sound().authorize(&Params::authorization(), "");
    assert_eq!(answer.status, 200);
    assert!(answer.body.contains("supply-partner") && answer.body.contains("value=\"approve\""));
}

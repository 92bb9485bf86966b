//! What the other scripts leave out: the same thing in two places, things in the place of others, and pages that take
//! up what a request says.

use serde_json::json;

use super::observable::note;
use super::*;

pub(super) fn further(bench: &Bench, log: &mut Vec<String>) {
    exchanges(bench, log);
    refreshes(bench, log);
    authorizations(bench, log);
    let mut see = |answer: Answer| log.push(note(&answer));

    let access = text(&bench.tokens(), "access_token");
    let unknown = [("authorization", "Bearer unknown")];
    see(bench.send("GET", &format!("/api/me?access_token={access}"), &unknown, ""));
    for uri in ["http://new.example/cb", "https://new.example/cb#x", "javascript:new()"] {
        let body = json!({ "redirect_uris": [uri] }).to_string();
        see(bench.send("POST", "/register", &[("content-type", "application/json")], &body));
    }
}

fn exchanges(bench: &Bench, log: &mut Vec<String>) {
    let mut see = |answer: Answer| log.push(note(&answer));
    let fresh = || bench.code(&Params::authorization().with("scope", "supply::leads"));
    see(bench.token(&Params::redemption(&fresh()).with("scope", "supply::leads supply::businesses")));
    let target = format!("/oauth2/token?code={}", fresh());
    see(bench.send("POST", &target, &[FORM], &Params::redemption("unknown").encode()));
    let target = format!("/oauth2/token?{}", Params::client_credentials("profile").encode());
    see(bench.send("HEAD", &target, &[], ""));
}

fn refreshes(bench: &Bench, log: &mut Vec<String>) {
    let mut see = |answer: Answer| log.push(note(&answer));
    let refresh_token = || text(&bench.tokens(), "refresh_token");
    see(bench.token(&Params::redemption(&refresh_token())));
    see(bench.token(&Params::refresh(&refresh_token()).with("scope", "")));
    let twice = Params::refresh(&refresh_token());
    see(bench.token(&twice));
    see(bench.token(&twice));
}

fn authorizations(bench: &Bench, log: &mut Vec<String>) {
    let mut see = |answer: Answer| log.push(note(&answer));
    let sound = Params::authorization;
    see(bench.get("/oauth2/auth", &sound().with("scope", &"x".repeat(5000))));
    let target = format!("/oauth2/auth?{}", Params::of(&[("redirect_uri", CALLBACK)]).encode());
    let body = sound().with("redirect_uri", "https://evil.example/cb").with("response_type", "magic");
    see(bench.send("POST", &target, &[FORM], &body.encode()));
    for name in ["login_hint", "ui_locales", "nonce"] {
        let start = bench.get("/oauth2/auth", &sound().with(name, "\"'><i>"));
        let cookie =
            start.header("set-cookie").and_then(|set| set.split(';').next()).unwrap_or_default().to_owned();
        let to = start.header("location").and_then(|to| to.strip_prefix("http://127.0.0.1:9400"));
        see(bench.send("GET", to.unwrap_or("/login"), &[("cookie", &cookie)], ""));
    }
}

fn text(answer: &Value, name: &str) -> String {
    answer[name].as_str().unwrap_or_default().to_owned()
}

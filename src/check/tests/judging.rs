//! What makes a verdict, whatever the clause.

use crate::check::fixtures::*;
use crate::check::*;
use crate::http::{Endpoint, Exchange};
use crate::model::{ClauseKind, JwtPattern, Level, Matcher, Outcome, PagePattern, StatusPattern, Verdict};

/// Every answer that says nothing about its request, as a step of each kind can meet it.
fn silent_answers() -> Vec<Outcome> {
    let mut outcomes =
        vec![no_answer(), stuck(), page(500, "Oops"), page(503, "Later"), page(429, "Slow down")];
    for endpoint in [Endpoint::Token, Endpoint::Resource, Endpoint::Introspection, Endpoint::Revocation] {
        outcomes.push(answered(unreachable(endpoint)));
        for status in [429, 500, 502, 503] {
            outcomes.push(answered(html(endpoint, status)));
            outcomes.push(answered(exchange(endpoint, status, &[], "")));
            outcomes.push(answered(json(endpoint, status, GRANT)));
            outcomes.push(answered(exchange(
                endpoint,
                status,
                &[("WWW-Authenticate", "Bearer error=\"invalid_grant\"")],
                "{}",
            )));
        }
    }
    outcomes
}

/// Everything with which a suite can say that a request is refused or something is not there.
fn negative_clauses() -> Vec<ClauseKind> {
    let mut clauses = oauth_negatives();
    clauses.extend([
        shows_page(),
        class(4),
        status(400),
        not([class(2)]),
        not([status(200)]),
        header("access-control-allow-origin", Matcher::Absent),
        not([header("location", Matcher::Present)]),
        ClauseKind::Text(Matcher::Not(Box::new(Matcher::Contains(lit("access_token"))))),
        not([ClauseKind::Text(Matcher::Contains(lit("access_token")))]),
        is_null("response.access_token"),
        one_of(vec![("refused", pattern([class(4)])), ("told", pattern([shows_page()]))]),
        not([not([ClauseKind::Success(false)])]),
    ]);
    clauses
}

/// Those of them that speak of OAuth, which HTML cannot answer.
fn oauth_negatives() -> Vec<ClauseKind> {
    vec![
        ClauseKind::Success(false),
        error(&["invalid_grant", "invalid_client"]),
        not([ClauseKind::Success(true)]),
        not([member("access_token", Matcher::Present)]),
        member("access_token", Matcher::Absent),
        redirect(Some(&["access_denied"]), vec![]),
        redirect(None, vec![("code", Matcher::Absent)]),
        one_of(vec![
            ("a", pattern([error(&["invalid_grant"])])),
            ("b", pattern([ClauseKind::Success(false)])),
        ]),
    ]
}

#[test]
fn a_server_that_is_down_passes_no_negative_clause() {
    for outcome in silent_answers() {
        for clause in negative_clauses() {
            let found = finding(&outcome, [clause.clone()]);
            assert_eq!(found.verdict, Verdict::Error, "{clause:?}\n{outcome:?}\n{found:?}");
        }
    }
}

#[test]
fn a_server_that_answers_html_passes_no_oauth_clause() {
    for endpoint in [Endpoint::Token, Endpoint::Introspection, Endpoint::Registration] {
        for status in [200, 400, 401, 403, 404] {
            let outcome = answered(html(endpoint, status));
            for clause in oauth_negatives() {
                let found = finding(&outcome, [clause.clone()]);
                assert_ne!(found.verdict, Verdict::Pass, "{clause:?}\n{outcome:?}");
            }
            for clause in
                [ClauseKind::Success(false), error(&["invalid_grant"]), not([ClauseKind::Success(true)])]
            {
                assert_eq!(verdict(&outcome, clause), Verdict::Error);
            }
        }
        let outcome = answered(html(endpoint, 200));
        for clause in [
            ClauseKind::Success(true),
            member("active", Matcher::Present),
            ClauseKind::Jwt(JwtPattern::default()),
        ] {
            assert_eq!(verdict(&outcome, clause), Verdict::Fail);
        }
    }
}

#[test]
fn a_named_status_is_judged() {
    let down = answered(html(Endpoint::Token, 503));
    assert_eq!(verdict(&down, status(503)), Verdict::Pass);
    assert_eq!(verdict(&down, class(5)), Verdict::Pass);
    assert_eq!(verdict(&down, not([class(5)])), Verdict::Fail);
    assert_eq!(verdict(&token(400, GRANT), not([class(5)])), Verdict::Pass);
    assert_eq!(verdict(&answered(html(Endpoint::Token, 429)), status(429)), Verdict::Pass);
    let unavailable = token(503, r#"{"error":"temporarily_unavailable"}"#);
    let asked = finding(&unavailable, [status(503), error(&["temporarily_unavailable"])]);
    assert_eq!(asked.verdict, Verdict::Pass);
    let asked = finding(&unavailable, [status(503), error(&["server_error"])]);
    assert_eq!(asked.verdict, Verdict::Fail);
    let told = ClauseKind::Page(PagePattern { status: Some(vec![StatusPattern::Exactly(500)]), text: None });
    assert_eq!(verdict(&page(500, "Oops"), told), Verdict::Pass);
}

#[test]
fn what_a_failing_server_shows_can_still_break_something() {
    let leaky = answered(html(Endpoint::Token, 500));
    let leak = not([ClauseKind::Text(Matcher::Contains(lit("Sorry")))]);
    assert_eq!(verdict(&leaky, leak), Verdict::Fail);
    let present = answered(exchange(Endpoint::Token, 500, &[("X-Powered-By", "x")], ""));
    assert_eq!(verdict(&present, header("x-powered-by", Matcher::Absent)), Verdict::Fail);
    assert_eq!(verdict(&present, header("cache-control", Matcher::Present)), Verdict::Error);
}

#[test]
fn the_first_alternative_that_holds_is_observed() {
    let clause = || {
        one_of(vec![
            ("denied by redirect", pattern([redirect(Some(&["invalid_request"]), vec![])])),
            ("told on a page", pattern([shows_page()])),
            ("", pattern([class(4)])),
        ])
    };
    let found = finding(&page(400, "no"), [clause()]);
    assert_eq!((found.verdict, found.observed.as_deref()), (Verdict::Pass, Some("told on a page")));
    let found = finding(&redirected(&[("error", "invalid_request")]), [clause()]);
    assert_eq!(found.observed.as_deref(), Some("denied by redirect"));
    let found = finding(&token(400, "{}"), [clause()]);
    assert_eq!(found.observed.as_deref(), Some("status 4xx"));
    let found = finding(&redirected(&[("code", "c")]), [clause()]);
    assert_eq!(found.verdict, Verdict::Fail);
    assert_eq!(found.expected, "denied by redirect, told on a page or status 4xx");
    assert_eq!(found.seen, "redirected to https://client.example/cb with code");
    assert_eq!(found.observed, None);
}

#[test]
fn what_is_known_to_be_false_decides() {
    let answer = token(400, "<html>");
    assert_eq!(finding(&answer, [error(&["invalid_grant"]), status(401)]).verdict, Verdict::Fail);
    assert_eq!(finding(&answer, [error(&["invalid_grant"]), status(401)]).location.line, 2);
    assert_eq!(finding(&answer, [error(&["invalid_grant"]), class(4)]).verdict, Verdict::Error);
    assert_eq!(verdict(&token(400, GRANT), not([error(&["invalid_client"])])), Verdict::Pass);
    assert_eq!(verdict(&token(400, GRANT), not([error(&["invalid_grant"])])), Verdict::Fail);
}

#[test]
fn levels_decide_how_a_break_counts() {
    let outcome = token(400, GRANT);
    let scope = names();
    let evidence = Evidence { outcome: &outcome, scope: &scope, keys: None, terse: false };
    let judged = |level, clause| judge(&expectation(pattern([clause])), level, &evidence);
    assert_eq!(judged(Level::Should, ClauseKind::Success(true)).verdict, Verdict::Warn);
    assert_eq!(judged(Level::MustNot, ClauseKind::Success(true)).verdict, Verdict::Fail);
    let may = judged(Level::May, ClauseKind::Success(true));
    assert_eq!((may.verdict, may.observed.as_deref()), (Verdict::Pass, Some("400 invalid_grant")));
    let may = judged(Level::May, ClauseKind::Success(false));
    assert_eq!((may.verdict, may.observed.as_deref()), (Verdict::Pass, Some("a refusal")));
    assert_eq!(may.exchange, Some(7));
    assert_eq!(may.requirement, "rfc6749-x");
}

#[test]
fn assumptions_say_whether_they_are_certain() {
    let scope = names();
    let assumed = |outcome: &Outcome| {
        assume(
            &pattern([ClauseKind::Success(true)]),
            &Evidence { outcome, scope: &scope, keys: None, terse: false },
        )
    };
    assert_eq!(assumed(&token(200, TOKEN)), Ok(()));
    let refused = assumed(&token(400, GRANT)).unwrap_err();
    assert_eq!(refused.to_string(), "expected success, seen 400 invalid_grant");
    assert!(refused.certain);
    assert!(!assumed(&no_answer()).unwrap_err().certain);
}

#[test]
fn invariants_hold_exchanges_to_the_letter() {
    let scope = names();
    let judged = |exchange: &Exchange, clause| {
        let (exhibit, expectation) = (Exhibit::new(exchange), expectation(pattern([clause])));
        let finding = exhibit.judge(&expectation, Level::Must, &scope, None);
        assert_eq!(exhibit.verdict(&expectation, Level::Must, &scope, None), finding.verdict);
        finding
    };
    let down = html(Endpoint::Token, 500);
    assert_eq!(judged(&down, header("x-powered-by", Matcher::Absent)).verdict, Verdict::Pass);
    assert_eq!(judged(&down, header("cache-control", Matcher::Present)).verdict, Verdict::Fail);
    assert_eq!(judged(&down, not([class(5)])).verdict, Verdict::Fail);
    assert_eq!(judged(&down, ClauseKind::Success(false)).verdict, Verdict::Error);
    assert_eq!(
        judged(&down, not([ClauseKind::Text(Matcher::Contains(lit("Trace")))])).verdict,
        Verdict::Pass
    );
    assert_eq!(judged(&down, header("x-powered-by", Matcher::Absent)).exchange, Some(7));
    let mut answer = exchange(
        Endpoint::Authorization,
        302,
        &[("Location", "https://client.example/cb?code=c&state=s")],
        "",
    );
    answer.request.url = "https://as.example/authorize?client_id=x".to_owned();
    assert_eq!(judged(&answer, redirect(None, vec![("state", Matcher::Present)])).verdict, Verdict::Pass);
}

#[test]
fn hostile_text_is_escaped_and_cut() {
    let hostile = format!("\u{1b}]0;x\u{7}\u{202e}{}", "y".repeat(5000));
    for outcome in [
        page(400, &hostile),
        token(400, &serde_json::json!({ "error": hostile }).to_string()),
        redirected(&[(hostile.as_str(), "v"), ("error", hostile.as_str())]),
        Outcome::Stuck { reason: hostile.clone(), page: None },
    ] {
        let words = describe_outcome(&outcome);
        assert!(!words.chars().any(|c| c.is_control() || c == '\u{202e}'), "{words}");
        assert!(words.chars().count() < 600, "{words}");
    }
}

//! What each clause makes of each kind of answer.

use crate::check::fixtures::*;
use crate::check::*;
use crate::http::Endpoint;
use crate::model::{
    ClauseKind, Expression, JwtPattern, Level, Matcher, Operator, Outcome, PagePattern, RedirectPattern,
    StatusPattern, Template, Value, Verdict,
};

#[test]
fn success_of_each_endpoint() {
    let resource =
        |status, headers: &[(&str, &str)]| answered(exchange(Endpoint::Resource, status, headers, "hi"));
    let introspected = |body| answered(json(Endpoint::Introspection, 200, body));
    for (outcome, success) in [
        (token(200, TOKEN), Success::Yes),
        (token(400, GRANT), Success::Refused("400 invalid_grant".to_owned())),
        (token(401, r#"{"error":"invalid_client"}"#), Success::Refused("401 invalid_client".to_owned())),
        (token(403, r#"{"error":"access_denied"}"#), Success::Refused("403 access_denied".to_owned())),
        (
            token(200, GRANT),
            Success::No("200 with error=invalid_grant: an error with status 200 is no refusal".to_owned()),
        ),
        (token(200, "{}"), Success::No("200 JSON without members".to_owned())),
        (token(200, r#"{"access_token":""}"#), Success::No("200 JSON with access_token".to_owned())),
        (token(200, r#"{"access_token":5}"#), Success::No("200 JSON with access_token".to_owned())),
        (token(200, "[]"), Success::No("200 with a JSON array".to_owned())),
        (token(400, r#"{"message":"no"}"#), Success::No("400 JSON with message: no error code".to_owned())),
        (token(400, r#"{"error":5}"#), Success::No("400 with error \"5\"".to_owned())),
        (
            token(400, r#"{"error":"a","error":"b"}"#),
            Success::No("400 with the member \"error\" twice".to_owned()),
        ),
        (answered(html(Endpoint::Token, 405)), Success::Refused("405 HTML \"<h1>Sorry</h1>\"".to_owned())),
        (
            answered(html(Endpoint::Token, 404)),
            Success::Unclear("404 HTML \"<h1>Sorry</h1>\", where a JSON answer is due".to_owned()),
        ),
        (
            answered(exchange(Endpoint::Token, 302, &[("Location", "https://as.example/login?x=y")], "")),
            Success::No("302 to https://as.example/login".to_owned()),
        ),
        (introspected(r#"{"active":false}"#), Success::Yes),
        (introspected(r#"{"active":"false"}"#), Success::No("200 JSON with active".to_owned())),
        (answered(exchange(Endpoint::Revocation, 200, &[], "")), Success::Yes),
        (
            answered(exchange(Endpoint::Introspection, 403, &[], "")),
            Success::Refused("403 without a body".to_owned()),
        ),
        (
            answered(exchange(Endpoint::Revocation, 403, &[], "")),
            Success::Unclear("403 without a body, where a JSON answer is due".to_owned()),
        ),
        (
            answered(exchange(Endpoint::Introspection, 401, &[("WWW-Authenticate", "Basic")], "")),
            Success::Refused("401 without a body".to_owned()),
        ),
        (answered(json(Endpoint::Jwks, 200, r#"{"keys":[]}"#)), Success::Yes),
        (answered(json(Endpoint::Metadata, 200, r#"{"issuer":"x"}"#)), Success::Yes),
        (resource(204, &[]), Success::Yes),
        (resource(401, &[]), Success::Refused("401 body \"hi\"".to_owned())),
        (resource(403, &[]), Success::Refused("403 body \"hi\"".to_owned())),
        (
            resource(400, &[("WWW-Authenticate", "Bearer error=invalid_request")]),
            Success::Refused("400 invalid_request in WWW-Authenticate".to_owned()),
        ),
        (resource(400, &[]), Success::No("400 body \"hi\"".to_owned())),
        (resource(404, &[]), Success::No("404 body \"hi\"".to_owned())),
        (redirected(&[("code", "c"), ("state", "s")]), Success::Yes),
        (redirected(&[("access_token", "t"), ("token_type", "Bearer")]), Success::Yes),
        (
            redirected(&[("error", "access_denied"), ("state", "s")]),
            Success::Refused(
                "redirected to https://client.example/cb with error=access_denied, state".to_owned(),
            ),
        ),
        (page(400, "Unknown client"), Success::Refused("page 400 \"Unknown client\"".to_owned())),
        (page(200, "Unknown client"), Success::Refused("page 200 \"Unknown client\"".to_owned())),
        (page(400, ""), Success::Unclear("page 400 with nothing on it".to_owned())),
        (page(500, "Oops"), Success::Unclear("page 500 \"Oops\"".to_owned())),
        (stuck(), Success::Unclear("the user agent is stuck: two password fields".to_owned())),
        (no_answer(), Success::Unclear("no answer: connection refused: os error 111".to_owned())),
        (Outcome::Waited, Success::Unclear("nothing was asked of the server".to_owned())),
    ] {
        assert_eq!(succeeded(&outcome), success, "{outcome:?}");
    }
}

#[test]
fn redirects_with_both_or_neither_are_no_success_and_no_refusal() {
    for parameters in [
        &[][..],
        &[("state", "s")],
        &[("code", "c"), ("error", "access_denied")],
        &[("code", "c"), ("code", "d")],
        &[("code", "")],
        &[("error", "")],
        &[("error", "a"), ("error", "b")],
        &[("error", "a\"b")],
    ] {
        let outcome = redirected(parameters);
        assert!(matches!(succeeded(&outcome), Success::No(_)), "{parameters:?}");
        assert_eq!(verdict(&outcome, ClauseKind::Success(true)), Verdict::Fail, "{parameters:?}");
        assert_eq!(verdict(&outcome, ClauseKind::Success(false)), Verdict::Fail, "{parameters:?}");
    }
}

#[test]
fn success_clauses_both_ways() {
    for (outcome, yes, no) in [
        (token(200, TOKEN), Verdict::Pass, Verdict::Fail),
        (token(400, GRANT), Verdict::Fail, Verdict::Pass),
        (token(200, GRANT), Verdict::Fail, Verdict::Fail),
        (answered(html(Endpoint::Token, 415)), Verdict::Fail, Verdict::Pass),
        (answered(html(Endpoint::Token, 403)), Verdict::Fail, Verdict::Error),
        (bearer(401, "Bearer"), Verdict::Fail, Verdict::Pass),
        (page(404, "Not here"), Verdict::Fail, Verdict::Pass),
    ] {
        assert_eq!(verdict(&outcome, ClauseKind::Success(true)), yes, "{outcome:?}");
        assert_eq!(verdict(&outcome, ClauseKind::Success(false)), no, "{outcome:?}");
    }
}

#[test]
fn error_clauses_insist_on_code_and_form() {
    let wanted = || error(&["invalid_grant", "invalid_token"]);
    for (outcome, expected) in [
        (token(400, GRANT), Verdict::Pass),
        (token(401, GRANT), Verdict::Fail),
        (token(403, GRANT), Verdict::Fail),
        (token(200, GRANT), Verdict::Fail),
        (token(200, TOKEN), Verdict::Fail),
        (token(400, r#"{"error":"invalid_request"}"#), Verdict::Fail),
        (token(400, r#"{"error":"INVALID_GRANT"}"#), Verdict::Fail),
        (token(400, r#"{"error":"invalid_grant","error":"x"}"#), Verdict::Fail),
        (answered(html(Endpoint::Token, 405)), Verdict::Fail),
        (bearer(401, "Bearer error=\"invalid_token\""), Verdict::Pass),
        (bearer(403, "Bearer error=\"invalid_token\""), Verdict::Pass),
        (bearer(401, "Bearer"), Verdict::Fail),
        (answered(json(Endpoint::Resource, 401, GRANT)), Verdict::Fail),
        (redirected(&[("error", "invalid_grant")]), Verdict::Pass),
        (redirected(&[("error", "access_denied")]), Verdict::Fail),
        (redirected(&[("code", "c")]), Verdict::Fail),
        (page(400, "invalid_grant"), Verdict::Fail),
    ] {
        assert_eq!(verdict(&outcome, wanted()), expected, "{outcome:?}");
    }
    assert_eq!(
        verdict(&token(401, r#"{"error":"invalid_client"}"#), error(&["invalid_client"])),
        Verdict::Pass
    );
    let named = finding(&token(403, GRANT), [status(403), error(&["invalid_grant"])]);
    assert_eq!(named.verdict, Verdict::Pass);
    let found = finding(&token(401, GRANT), [wanted()]);
    assert_eq!(found.expected, "error invalid_grant or invalid_token");
    assert_eq!(found.seen, "401 with invalid_grant, where the status is 400");
}

#[test]
fn json_clauses() {
    let answer = token(200, r#"{"expires_in":"3600","a":{"b":[1]},"x":1,"x":2}"#);
    for (clause, expected) in [
        (member("expires_in", Matcher::Equals(lit("3600"))), Verdict::Pass),
        (member("expires_in", Matcher::Equals(lit(serde_json::json!(3600)))), Verdict::Fail),
        (member("a.b.0", Matcher::Equals(lit(serde_json::json!(1)))), Verdict::Pass),
        (member("missing", Matcher::Absent), Verdict::Pass),
        (member("missing", Matcher::Present), Verdict::Fail),
        (member("x", Matcher::Present), Verdict::Fail),
    ] {
        assert_eq!(verdict(&answer, clause.clone()), expected, "{clause:?}");
    }
    let found = finding(&answer, [member("x", Matcher::Present)]);
    assert_eq!(found.seen, "the member \"x\" twice");
    let found = finding(&answer, [member("expires_in", Matcher::Equals(lit(serde_json::json!(3600))))]);
    assert_eq!(found.expected, "member \"expires_in\" equal to 3600");
    assert_eq!(found.seen, "\"3600\", a text and not a number");

    assert_eq!(verdict(&token(200, "{\"a\":"), member("a", Matcher::Absent)), Verdict::Fail);
    assert_eq!(verdict(&token(400, "{\"a\":"), member("a", Matcher::Absent)), Verdict::Error);
    assert_eq!(verdict(&token(200, "[1]"), member("a", Matcher::Absent)), Verdict::Fail);
    assert_eq!(verdict(&token(200, "[1]"), not([member("a", Matcher::Present)])), Verdict::Error);
    let mut long = json(Endpoint::Token, 200, "{\"a\":1");
    if let Ok(response) = &mut long.result {
        response.truncated = true;
    }
    assert_eq!(verdict(&answered(long), member("a", Matcher::Present)), Verdict::Error);
}

#[test]
fn header_status_and_text_clauses() {
    let answer = answered(exchange(
        Endpoint::Token,
        200,
        &[("Cache-Control", "private"), ("cache-control", "no-store"), ("Content-Type", "application/json")],
        TOKEN,
    ));
    for (clause, expected) in [
        (header("cache-control", Matcher::Contains(lit("no-store"))), Verdict::Pass),
        (header("pragma", Matcher::Present), Verdict::Fail),
        (header("pragma", Matcher::Absent), Verdict::Pass),
        (status(200), Verdict::Pass),
        (class(4), Verdict::Fail),
        (ClauseKind::Status(vec![StatusPattern::Class(4), StatusPattern::Exactly(200)]), Verdict::Pass),
        (ClauseKind::Text(Matcher::Contains(lit("Bearer"))), Verdict::Pass),
        (ClauseKind::Text(Matcher::StartsWith(lit("<"))), Verdict::Fail),
    ] {
        assert_eq!(verdict(&answer, clause.clone()), expected, "{clause:?}");
    }
    let found = finding(&answer, [header("pragma", Matcher::Present)]);
    assert_eq!(found.seen, "no header pragma");
    let found = finding(&answer, [ClauseKind::Text(Matcher::StartsWith(lit("<")))]);
    assert_eq!(found.seen, "a body of 64 characters", "no part of a token is shown");
    assert_eq!(verdict(&redirected(&[("code", "c")]), status(302)), Verdict::Pass);
    assert_eq!(verdict(&redirected(&[("code", "c")]), status(303)), Verdict::Fail);
    assert_eq!(verdict(&page(400, "x"), header("x", Matcher::Absent)), Verdict::Error);
}

#[test]
fn redirect_clauses() {
    let answer = redirected(&[("error", "access_denied"), ("state", "s"), ("iss", "a"), ("iss", "b")]);
    for (clause, expected) in [
        (redirect(Some(&["access_denied"]), vec![]), Verdict::Pass),
        (redirect(Some(&["invalid_request"]), vec![]), Verdict::Fail),
        (redirect(None, vec![("state", Matcher::Equals(lit("s")))]), Verdict::Pass),
        (redirect(None, vec![("state", Matcher::Equals(lit("S")))]), Verdict::Fail),
        (redirect(None, vec![("code", Matcher::Absent)]), Verdict::Pass),
        (redirect(None, vec![("code", Matcher::Present)]), Verdict::Fail),
        (redirect(None, vec![("iss", Matcher::Present)]), Verdict::Fail),
        (ClauseKind::Redirect(RedirectPattern::default()), Verdict::Pass),
    ] {
        assert_eq!(verdict(&answer, clause.clone()), expected, "{clause:?}");
    }
    let to =
        |matcher| ClauseKind::Redirect(RedirectPattern { to: Some(matcher), ..RedirectPattern::default() });
    assert_eq!(verdict(&answer, to(Matcher::Equals(lit("https://client.example/cb")))), Verdict::Pass);
    assert_eq!(verdict(&answer, to(Matcher::StartsWith(lit("https://evil.example")))), Verdict::Fail);
    let by = |carrier: &str| {
        ClauseKind::Redirect(RedirectPattern {
            carrier: Some(carrier.to_owned()),
            ..RedirectPattern::default()
        })
    };
    assert_eq!(verdict(&answer, by("query")), Verdict::Pass);
    let found = finding(&answer, [by("fragment")]);
    assert_eq!(
        (found.expected.as_str(), found.seen.as_str()),
        ("parameters in the fragment", "parameters in the query")
    );
    let both = redirected(&[("error", "access_denied"), ("code", "c")]);
    assert_eq!(verdict(&both, redirect(Some(&["access_denied"]), vec![])), Verdict::Fail);
    assert_eq!(verdict(&page(400, "no"), redirect(Some(&["access_denied"]), vec![])), Verdict::Fail);
    let found = finding(&answer, [redirect(None, vec![("code", Matcher::Present)])]);
    assert_eq!(found.location.line, 9, "the parameter's own place");
    assert!(found.seen.starts_with("redirected to https://client.example/cb with error=access_denied"));
}

#[test]
fn a_cut_state_is_told_by_its_place() {
    let answer = redirected(&[("code", "c"), ("state", &"x".repeat(255))]);
    let sent = Matcher::Equals(Template::Expression(reference("request.state")));
    let found = finding(&answer, [redirect(None, vec![("state", sent)])]);
    assert_eq!(found.verdict, Verdict::Fail);
    assert!(found.expected.starts_with("a redirect with state equal to \"xxx"), "{}", found.expected);
    assert!(found.expected.ends_with("…\" (300 characters)"), "{}", found.expected);
    assert!(
        found.seen.ends_with("(255 characters), differs from character 256: the rest is missing"),
        "{}",
        found.seen
    );
}

#[test]
fn page_clauses() {
    let told = |status: Vec<StatusPattern>, text: Option<Matcher>| {
        ClauseKind::Page(PagePattern { status: (!status.is_empty()).then_some(status), text })
    };
    let unknown = page(400, "Unknown client");
    for (clause, expected) in [
        (shows_page(), Verdict::Pass),
        (told(vec![StatusPattern::Class(4)], None), Verdict::Pass),
        (told(vec![StatusPattern::Exactly(401)], None), Verdict::Fail),
        (told(vec![], Some(Matcher::Contains(lit("client")))), Verdict::Pass),
        (told(vec![], Some(Matcher::Contains(lit("redirect")))), Verdict::Fail),
    ] {
        assert_eq!(verdict(&unknown, clause.clone()), expected, "{clause:?}");
    }
    assert_eq!(verdict(&page(400, ""), shows_page()), Verdict::Fail);
    assert_eq!(verdict(&redirected(&[("error", "x")]), shows_page()), Verdict::Fail);
    assert_eq!(verdict(&answered(html(Endpoint::Other, 400)), shows_page()), Verdict::Pass);
    assert_eq!(verdict(&answered(html(Endpoint::Token, 400)), shows_page()), Verdict::Fail);
    assert_eq!(verdict(&page(429, "Slow"), told(vec![StatusPattern::Class(4)], None)), Verdict::Error);
}

#[test]
fn jwt_clauses() {
    // {"alg":"RS256","kid":"k"} . {"iss":"https://as.example","scope":"a b"}
    let jwt =
        "eyJhbGciOiJSUzI1NiIsImtpZCI6ImsifQ.eyJpc3MiOiJodHRwczovL2FzLmV4YW1wbGUiLCJzY29wZSI6ImEgYiJ9.AAAA";
    let answer = token(200, &format!(r#"{{"access_token":"{jwt}","opaque":"x"}}"#));
    let says = |header: &[(&str, Matcher)], claims: &[(&str, Matcher)]| {
        let list = |items: &[(&str, Matcher)]| {
            items.iter().map(|(n, m)| ((*n).to_owned(), m.clone(), location(4))).collect()
        };
        ClauseKind::Jwt(JwtPattern { header: list(header), claims: list(claims), ..JwtPattern::default() })
    };
    for (clause, expected) in [
        (says(&[("alg", Matcher::Equals(lit("RS256")))], &[]), Verdict::Pass),
        (says(&[("alg", Matcher::Equals(lit("none")))], &[]), Verdict::Fail),
        (says(&[], &[("scope", Matcher::Scopes(lit("b a")))]), Verdict::Pass),
        (says(&[], &[("exp", Matcher::Present)]), Verdict::Fail),
    ] {
        assert_eq!(verdict(&answer, clause.clone()), expected, "{clause:?}");
    }
    let found = finding(&answer, [says(&[("alg", Matcher::Equals(lit("none")))], &[])]);
    assert_eq!(found.expected, "a JWT with header \"alg\" equal to \"none\"");
    assert_eq!((found.seen.as_str(), found.location.line), ("\"RS256\"", 4));
    let opaque = ClauseKind::Jwt(JwtPattern { member: Some("opaque".to_owned()), ..JwtPattern::default() });
    assert_eq!(finding(&answer, [opaque]).seen, "opaque is not a JWT: it has 1 segments where a JWT has 3");
    let signed = || ClauseKind::Jwt(JwtPattern { signature: Some(location(5)), ..JwtPattern::default() });
    assert_eq!(verdict(&answer, signed()), Verdict::Error, "without keys nothing can be told");
    let keys = serde_json::json!({"keys": []});
    let scope = names();
    let evidence = Evidence { outcome: &answer, scope: &scope, keys: Some(&keys), terse: false };
    let found = judge(&expectation(pattern([signed()])), Level::Must, &evidence);
    assert_eq!((found.verdict, found.seen.as_str()), (Verdict::Fail, "no published key has the kid \"k\""));
}

#[test]
fn conditions() {
    let below = Expression::Binary(
        Box::new(reference("response.status")),
        Operator::Below,
        Box::new(Expression::Literal(Value::integer(500))),
    );
    let clause = ClauseKind::Holds(below, "response.status < 500".to_owned());
    let found = finding(&token(400, GRANT), [clause]);
    assert_eq!(found.verdict, Verdict::Fail);
    assert_eq!(found.expected, "that response.status < 500");
    assert_eq!(found.seen, "response.status is 500");
    assert_eq!(verdict(&token(400, GRANT), is_null("response.access_token")), Verdict::Pass);
    let found = finding(&token(400, GRANT), [is_null("policy.nonsense")]);
    assert_eq!(found.verdict, Verdict::Error);
    assert!(found.seen.contains("the server is not to blame"), "{}", found.seen);
    assert_eq!(verdict(&Outcome::Waited, is_null("response.access_token")), Verdict::Pass);
    assert_eq!(verdict(&no_answer(), is_null("response.status")), Verdict::Error);
}

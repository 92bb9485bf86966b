//! Handshakes, and addresses where nobody listens.

use crate::check::fixtures::*;
use crate::check::*;
use crate::http::{Endpoint, Fault, FaultKind, Handshake, Negotiated};
use crate::model::{ClauseKind, Matcher, Outcome, Verdict};

fn agreed() -> Outcome {
    Outcome::Handshake(Handshake::Negotiated(Negotiated {
        version: "TLSv1.0".to_owned(),
        cipher_suite: "TLS_RSA_WITH_RC4_128_SHA".to_owned(),
        certificate: Some("of another name".to_owned()),
        alpn: None,
    }))
}

fn refused() -> Outcome {
    Outcome::Handshake(Handshake::Refused("alert protocol_version".to_owned()))
}

#[test]
fn a_refusal_is_definite_and_silence_is_none() {
    assert_eq!(succeeded(&agreed()), Success::Yes);
    assert_eq!(verdict(&refused(), ClauseKind::Success(false)), Verdict::Pass);
    let broken = finding(&agreed(), [ClauseKind::Success(false)]);
    assert_eq!(broken.verdict, Verdict::Fail);
    assert_eq!(broken.seen, "TLSv1.0 with TLS_RSA_WITH_RC4_128_SHA, certificate of another name");
    assert_eq!(
        finding(&refused(), [ClauseKind::Success(true)]).seen,
        "handshake refused: alert protocol_version"
    );
    let late = Outcome::Unreachable(Fault { kind: FaultKind::Timeout, detail: "after 10 s".to_owned() });
    for success in [true, false] {
        assert_eq!(verdict(&late, ClauseKind::Success(success)), Verdict::Error);
    }
}

#[test]
fn a_condition_that_does_not_hold_shows_the_handshake() {
    let found = finding(&refused(), [not([ClauseKind::Success(false)]), is_null("request.state")]);
    assert_eq!(
        (found.verdict, found.seen.as_str()),
        (Verdict::Fail, "handshake refused: alert protocol_version")
    );
    let found = finding(&agreed(), [is_null("request.state")]);
    assert_eq!((found.verdict, found.seen), (Verdict::Fail, describe_outcome(&agreed())));
    assert_eq!(verdict(&agreed(), status(200)), Verdict::Error);
    assert_eq!(verdict(&agreed(), header("x", Matcher::Absent)), Verdict::Error);
}

#[test]
fn nobody_who_listens_is_an_answer_only_where_it_is_asked_for() {
    let either = || one_of(vec![("closed", pattern([ClauseKind::Closed])), ("told", pattern([class(4)]))]);
    let closed = finding(&no_answer(), [either()]);
    assert_eq!((closed.verdict, closed.observed.as_deref()), (Verdict::Pass, Some("closed")));
    assert_eq!(verdict(&no_answer(), ClauseKind::Closed), Verdict::Pass);
    assert_eq!(verdict(&no_answer(), not([ClauseKind::Closed])), Verdict::Fail);
    assert_eq!(verdict(&no_answer(), class(4)), Verdict::Error);
    assert_eq!(verdict(&answered(unreachable(Endpoint::Other)), either()), Verdict::Error);
    assert_eq!(verdict(&answered(html(Endpoint::Other, 404)), either()), Verdict::Pass);
    assert_eq!(verdict(&answered(html(Endpoint::Other, 200)), either()), Verdict::Fail);
    assert_eq!(verdict(&answered(html(Endpoint::Other, 503)), either()), Verdict::Error);
    assert_eq!(verdict(&answered(html(Endpoint::Other, 200)), ClauseKind::Closed), Verdict::Fail);
}

/// RFC 9110 section 5.3: each cookie is a line of its own.
#[test]
fn cookies_are_not_joined_with_commas() {
    let cookies =
        [("Set-Cookie", "a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT"), ("Set-Cookie", "b=2; Secure")];
    let answer = answered(exchange(Endpoint::Authorization, 200, &cookies, ""));
    let each = |text: &str| header("set-cookie", Matcher::Matches(text.to_owned()));
    assert_eq!(verdict(&answer, each("(?i)\\nb=2; secure$")), Verdict::Pass);
}

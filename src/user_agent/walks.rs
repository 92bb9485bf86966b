//! Walks over pages in the manner of real servers, played one after the other by a loopback server.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::{Browser, Visit};
use crate::http::loopback::{Answer, Loopback, page, redirect, response};
use crate::http::{Channel, Request, Transport, TransportOptions};
use crate::model::{Decision, FormHints, Outcome, Redirected, User};

macro_rules! fixture {
    ($name:literal) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/pages/", $name, ".html"))
    };
}

const CLIENT: &str = "http://client.example/cb";
const APPROVE: Decision = Decision::Approve;
const DENY: Decision = Decision::Deny;

/// What came of a visit, and what was sent after the authorization request: `POST /login a=b`.
struct Walked {
    outcome: Outcome,
    sent: Vec<String>,
}

impl Walked {
    fn redirected(&self) -> &Redirected {
        match &self.outcome {
            Outcome::Redirected(redirected) => redirected,
            other => panic!("{other:?} after {:?}", self.sent),
        }
    }

    fn stuck(&self) -> &str {
        match &self.outcome {
            Outcome::Stuck { reason, .. } => reason,
            other => panic!("{other:?} after {:?}", self.sent),
        }
    }

    fn page(&self) -> &crate::model::Page {
        match &self.outcome {
            Outcome::Page(page) => page,
            other => panic!("{other:?} after {:?}", self.sent),
        }
    }
}

/// A visit to a server that gives these answers in turn.
async fn play(answers: Vec<Answer>, decision: Decision) -> Walked {
    play_with(answers, decision, FormHints::default(), Some(CLIENT)).await
}

async fn play_with(
    answers: Vec<Answer>,
    decision: Decision,
    hints: FormHints,
    redirect_uri: Option<&str>,
) -> Walked {
    let turn = AtomicUsize::new(0);
    let answers: Vec<_> = answers.into_iter().map(|a| std::sync::Mutex::new(Some(a))).collect();
    let server = Loopback::serve(move |_| {
        let answer = answers.get(turn.fetch_add(1, Ordering::SeqCst));
        answer
            .and_then(|a| a.lock().unwrap().take())
            .unwrap_or_else(|| redirect("http://client.example/cb?code=c1"))
    })
    .await;
    let outcome = visit(&browser(&server, hints), &server, decision, redirect_uri).await;
    let sent =
        server.seen().iter().skip(1).map(|s| format!("{} {} {}", s.method, s.target, s.body)).collect();
    Walked { outcome, sent }
}

fn browser(server: &Loopback, hints: FormHints) -> Browser {
    let transport = Transport::new(TransportOptions {
        concurrency: 4,
        requests_per_second: None,
        timeout: Duration::from_secs(20),
        body_limit: 1 << 20,
        certificate_authorities: Vec::new(),
        origins: vec![server.origin.clone()],
    });
    Browser::new(Channel::new(transport.unwrap()), hints, vec![server.url("/auth")])
}

async fn visit(
    browser: &Browser,
    server: &Loopback,
    decision: Decision,
    redirect_uri: Option<&str>,
) -> Outcome {
    let user = User { username: "alice@example.com".into(), password: "p w+1".into(), ..User::default() };
    let request = Request {
        method: "GET".into(),
        url: server.url("/dir/auth?client_id=app&state=secret"),
        ..Request::default()
    };
    browser
        .visit(Visit {
            request,
            redirect_uri,
            registered: &[CLIENT.to_owned()],
            user: &user,
            decision,
            forged: None,
        })
        .await
}

#[tokio::test]
async fn logins_and_consents_of_real_servers() {
    let keycloak = "POST /realms/demo/login-actions/authenticate?session_code=Zk3d&execution=7b9c&client_id=app&tab_id=x2y username=alice%40example.com&password=p+w%2B1&credentialId=&login=";
    let consent = "POST /realms/demo/login-actions/consent?client_id=app&tab_id=x2y code=wN0-consent";
    let provider = "POST /interaction/kW7tJ prompt=login&login=alice%40example.com&password=p+w%2B1";
    let django = "POST /admin/login/?next=/o/authorize/%3Fclient_id%3Dapp csrfmiddlewaretoken=3mJqQ2yYw1&username=alice%40example.com&password=p+w%2B1&next=%2Fo%2Fauthorize%2F%3Fclient_id%3Dapp%26state%3Da%252Bb";
    let toolkit = "POST /admin/login/?next=/o/authorize/%3Fclient_id%3Dapp csrfmiddlewaretoken=8KxqUu&redirect_uri=http%3A%2F%2Fclient.example%2Fcb&scope=read+write&client_id=app&state=xyz&response_type=code";
    let spring = "POST /login username=alice%40example.com&password=p+w%2B1&_csrf=pV1-qL_8";
    let hydra =
        "POST /login _csrf=r4Bq&challenge=c7d1&email=alice%40example.com&password=p+w%2B1&submit=Log+in";
    let cases: Vec<(&str, &str, &str, String, String)> = vec![
        (fixture!("keycloak-login"), fixture!("keycloak-consent"), keycloak, format!("{consent}&accept=Yes"), format!("{consent}&cancel=No")),
        (fixture!("oidc-provider-login"), fixture!("oidc-provider-consent"), provider, "POST /interaction/kW7tJ prompt=consent".into(), "GET /interaction/kW7tJ/abort ".into()),
        (fixture!("django-login"), fixture!("django-oauth-toolkit-authorize"), django, format!("{toolkit}&allow=Authorize"), toolkit.into()),
        (fixture!("spring-login"), fixture!("spring-consent"), spring, "POST /oauth2/authorize client_id=app&state=kPq0%3D&scope=message.read&scope=message.write".into(), "POST /oauth2/authorize client_id=app&state=kPq0%3D".into()),
        (fixture!("hydra-login"), fixture!("hydra-consent"), hydra, "POST /consent challenge=c7d1&_csrf=r4Bq&grant_scope=openid&grant_scope=offline&submit=Allow+access".into(), "POST /consent challenge=c7d1&_csrf=r4Bq&submit=Deny+access".into()),
        (fixture!("table-login"), fixture!("radio-consent"), "POST /dir/verify.cgi?sess=12&lang=en target=%2Foauth2%2Fauth&txtMember=alice%40example.com&txtWord=p+w%2B1&go.x=0&go.y=0", "POST /share authenticity_token=rails1&choice=1&duration=1y&commit=Save".into(), "POST /share authenticity_token=rails1&choice=0&duration=1y&commit=Save".into()),
        (fixture!("noscript-login"), fixture!("buttons-outside"), "POST /plain/login j_username=alice%40example.com&j_password=p+w%2B1", "POST /decision/yes answer=y&ticket=t1".into(), "POST /decision/no answer=n&ticket=t1".into()),
        (fixture!("login-and-register"), fixture!("consent-german"), "POST /session nick=alice%40example.com&pw=p+w%2B1&terms=yes&do=in", "POST /zustimmung antwort=1".into(), "POST /zustimmung antwort=0".into()),
    ];
    for (login, consent, logs_in, approves, denies) in cases {
        for (decision, decides) in [(APPROVE, approves), (DENY, denies)] {
            let walked = play(vec![page(200, login), page(200, consent)], decision).await;
            assert_eq!(walked.sent, [logs_in.to_owned(), decides]);
            let landing = walked.redirected();
            assert_eq!((landing.to.as_str(), landing.parameter("code")), (CLIENT, Some("c1")));
            assert_eq!((landing.carrier.as_str(), landing.status), ("query", 302));
        }
    }
}

#[tokio::test]
async fn a_login_of_two_pages() {
    let pages = vec![page(200, fixture!("identifier")), page(200, fixture!("identifier-password"))];
    let walked = play(pages, APPROVE).await;
    assert_eq!(
        walked.sent,
        [
            "POST /u/login/identifier?state=hKFo2S state=hKFo2S&identifier=alice%40example.com&action=default",
            "POST /u/login/password?state=hKFo2S state=hKFo2S&username=alice%40example.com&password=p+w%2B1&action=default",
        ]
    );
    assert!(matches!(walked.outcome, Outcome::Redirected(_)));
    let again =
        play(vec![page(200, fixture!("identifier")), page(200, fixture!("identifier"))], APPROVE).await;
    assert!(matches!(again.outcome, Outcome::Stuck { .. }));
}

#[tokio::test]
async fn login_and_consent_on_one_page() {
    let login = "POST /dir/auth?client_id=app&state=secret user=alice%40example.com&pw=p+w%2B1";
    for (decision, decides) in [(APPROVE, "&scope=read&do=yes"), (DENY, "&do=no")] {
        let walked = play(vec![page(200, fixture!("login-with-consent"))], decision).await;
        assert_eq!(walked.sent, [format!("{login}{decides}")]);
    }
}

#[tokio::test]
async fn other_ways_in_and_other_questions_are_passed_by() {
    let social =
        "<p>Access your apps<form method=post action=/google><button>Continue via Google</button></form>";
    let name = "<form method=post action=/name><input name=email><button>Continue</button></form>";
    let walked = play(vec![page(200, &format!("{social}{name}"))], APPROVE).await;
    assert_eq!(walked.sent, ["POST /name email=alice%40example.com"]);

    let banner =
        "<form method=post action=/cookies><button>Accept all</button><button>Reject all</button></form>";
    let other = "<form method=post action=/terms><button name=t>Accept</button></form>";
    let walked =
        play(vec![page(200, &format!("{banner}{other}{}", fixture!("consent-german")))], APPROVE).await;
    assert_eq!(walked.sent, ["POST /dir/zustimmung antwort=1"]);
}

#[tokio::test]
async fn among_accounts_the_users_own_is_chosen() {
    let accounts = "<h1>Choose</h1><form method=post action=/as><button name=as value=1>Bob bob@example.com</button>
        <button name=as value=2>Alice <small>alice@example.com</small></button><button name=as>Use another account</button></form>";
    assert_eq!(play(vec![page(200, accounts)], APPROVE).await.sent, ["POST /as as=2"]);
}

#[tokio::test]
async fn a_login_page_may_be_a_401() {
    let walked = play(vec![page(401, fixture!("spring-login"))], APPROVE).await;
    assert_eq!(walked.sent.len(), 1);
    assert_eq!(walked.redirected().parameter("code"), Some("c1"));
}

#[tokio::test]
async fn a_wrong_password_is_told() {
    let pages = vec![page(200, fixture!("keycloak-login")), page(200, fixture!("keycloak-login-failed"))];
    let walked = play(pages, APPROVE).await;
    let reason = walked.stuck();
    assert!(reason.contains("the login page came back after the password was sent"), "{reason}");
    assert!(reason.contains("Invalid username or password."), "{reason}");
    assert!(!reason.contains("session_code") && !reason.contains("secret"), "{reason}");
}

#[tokio::test]
async fn form_post_is_a_redirect() {
    let walked = play(vec![page(200, fixture!("form-post-onload"))], APPROVE).await;
    let landing = walked.redirected();
    assert_eq!((landing.carrier.as_str(), landing.status), ("form_post", 200));
    assert_eq!(landing.to, "http://client.example/cb?keep=1");
    assert_eq!(landing.parameter("code"), Some("a+b/c&d=="));
    let walked = play(vec![page(400, fixture!("form-post-plain"))], APPROVE).await;
    assert_eq!(walked.redirected().parameter("error"), Some("access_denied"));
    assert!(walked.sent.is_empty());
}

#[tokio::test]
async fn a_form_that_sends_itself_to_the_server_is_followed() {
    let walked = play(vec![page(200, fixture!("saml-relay"))], APPROVE).await;
    assert_eq!(walked.sent, ["POST /saml/acs SAMLResponse=PHNhbWw%2B&RelayState=r1"]);
    assert!(matches!(walked.outcome, Outcome::Redirected(_)));
}

#[tokio::test]
async fn scripts_that_submit_do_not_answer_for_the_user() {
    let hidden =
        "<form method=post action=/sso><input type=hidden name=c value=1><button>SSO</button></form>";
    let script = "<script>sso.onclick = () => document.forms[0].submit()</script>";
    let login = format!("{hidden}{}{script}", fixture!("spring-login"));
    assert!(play(vec![page(200, &login)], APPROVE).await.sent[0].starts_with("POST /login "));
    let consent = format!("{}{script}", fixture!("oidc-provider-consent"));
    assert_eq!(play(vec![page(200, &consent)], DENY).await.sent, ["GET /interaction/kW7tJ/abort "]);
}

#[tokio::test]
async fn a_page_may_redirect_without_a_status() {
    let walked = play(vec![page(200, fixture!("redirecting"))], APPROVE).await;
    assert_eq!(walked.redirected().location, "http://client.example/cb?code=m1&state=s");
    assert_eq!(walked.redirected().status, 200);
    let by_header = response(200, "Content-Type: text/html\r\nRefresh: 0; url=/next\r\n", b"<p>Wait");
    let walked = play(vec![by_header], APPROVE).await;
    assert_eq!(walked.sent, ["GET /next "]);
}

#[tokio::test]
async fn error_pages_are_left_alone() {
    for status in [200, 400, 403, 500] {
        let walked = play(vec![page(status, fixture!("error-with-forms"))], APPROVE).await;
        assert!(walked.sent.is_empty(), "{:?}", walked.sent);
        let page = walked.page();
        assert_eq!((page.status, page.title.as_str()), (status, "Bad Request"));
        assert!(page.text.contains("invalid_request: the redirect_uri does not match"), "{}", page.text);
    }
    let consent_and_error = play(vec![page(400, fixture!("hydra-consent"))], APPROVE).await;
    assert_eq!(consent_and_error.page().status, 400);
}

#[tokio::test]
async fn answers_that_are_no_html_are_pages() {
    let json = response(400, "Content-Type: application/json\r\n", b"{\"error\":  \"invalid_request\"}");
    let walked = play(vec![json], APPROVE).await;
    assert_eq!(
        (walked.page().media_type.as_str(), walked.page().text.as_str()),
        ("application/json", "{\"error\": \"invalid_request\"}")
    );
    assert_eq!(play(vec![response(204, "", b"")], APPROVE).await.page().status, 204);
    assert_eq!(play(vec![response(302, "", b"")], APPROVE).await.page().status, 302);
    assert_eq!(play(vec![redirect("")], APPROVE).await.page().status, 302);
}

#[tokio::test]
async fn what_is_not_understood_is_no_verdict() {
    for (html, words) in [
        (fixture!("application"), "needs JavaScript"),
        (fixture!("scripted-redirect"), "needs JavaScript"),
        (fixture!("one-time-code"), "\"otp\" (text, \"Code\")"),
        (fixture!("consent-hungarian"), "user_agent.forms.approve"),
        (fixture!("multipart-login"), "multipart/form-data"),
        ("<input name=user><input type=password name=pw>", "outside of any form"),
        ("<form method=post action='javascript:go()'><input type=password></form>", "not the server's"),
        (
            "<form method=post action='http://evil.example/'><input type=password></form>",
            "http://evil.example/",
        ),
        ("<form method=post action='http://['><input type=password></form>", "no address for HTTP"),
        ("<form method=dialog><input type=password></form>", "dialog"),
    ] {
        let walked = play(vec![page(200, html)], APPROVE).await;
        assert!(walked.stuck().contains(words), "{}", walked.stuck());
        assert!(walked.sent.is_empty());
        assert!(matches!(&walked.outcome, Outcome::Stuck { page: Some(page), .. } if page.body == html));
    }
    let walked =
        play(vec![page(200, "<p>App wants access<form method=post><button>Continue</button></form>")], DENY)
            .await;
    assert!(walked.stuck().contains("user_agent.forms.deny"), "{}", walked.stuck());
}

#[tokio::test]
async fn hints_help() {
    let hints = FormHints {
        approve: Some("engedélyezem".into()),
        deny: Some("m".into()),
        username_field: Some("nick".into()),
        password_field: Some("secret_word".into()),
        ..FormHints::default()
    };
    let login =
        "<form method=post action=/in><input name=login><input name=nick><input name=secret_word></form>";
    for (decision, answer) in [(APPROVE, "v=e"), (DENY, "v=m")] {
        let pages = vec![page(200, login), page(200, fixture!("consent-hungarian"))];
        let walked = play_with(pages, decision, hints.clone(), Some(CLIENT)).await;
        let expected = [
            "POST /in login=&nick=alice%40example.com&secret_word=p+w%2B1".into(),
            format!("POST /hozzajarulas {answer}"),
        ];
        assert_eq!(walked.sent, expected);
    }
    let link = "<form method=post><button>Weiter</button></form><a href=/back>Zurück zur App</a>";
    let hints = FormHints { deny: Some("zurück".into()), ..FormHints::default() };
    assert_eq!(play_with(vec![page(200, link)], DENY, hints, Some(CLIENT)).await.sent, ["GET /back "]);
}

#[tokio::test]
async fn an_answer_may_lead_straight_to_the_client() {
    let link = "<form method=post><button>Allow</button></form><a href='http://client.example/cb?error=access_denied'>Deny</a>";
    let walked = play(vec![page(200, link)], DENY).await;
    assert_eq!(walked.redirected().parameter("error"), Some("access_denied"));
    let form = "<form action='http://client.example/cb'><input type=hidden name=error value=e1><button>Deny</button></form><form method=post><button>Allow</button></form>";
    let walked = play(vec![page(200, form)], DENY).await;
    assert_eq!(
        (walked.redirected().parameter("error"), walked.redirected().carrier.as_str()),
        (Some("e1"), "query")
    );
    assert!(walked.sent.is_empty());
}

#[tokio::test]
async fn nothing_outside_is_fetched() {
    for location in [
        "http://evil.example/?code=1",
        "//127.0.0.1:1/x",
        "javascript:alert(document.domain)",
        "http://[",
        "app.scheme:/cb?code=1",
        "data:text/html,<script>",
        "https://127.0.0.1/x",
    ] {
        let walked = play(vec![redirect(location)], APPROVE).await;
        assert_eq!(walked.redirected().location, location);
        assert!(walked.sent.is_empty());
    }
}

#[tokio::test]
async fn the_clients_address_is_not_fetched_even_on_the_servers_host() {
    let server = Loopback::serve(|seen| match seen.path() {
        "/dir/auth" => redirect("/demo/callback?code=c9&state=s"),
        _ => page(500, "never asked for"),
    })
    .await;
    let callback = server.url("/demo/callback");
    let outcome = visit(&browser(&server, FormHints::default()), &server, APPROVE, Some(&callback)).await;
    let Outcome::Redirected(landing) = outcome else { panic!("{outcome:?}") };
    assert_eq!((landing.to, landing.location.as_str()), (callback, "/demo/callback?code=c9&state=s"));
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn redirects_keep_method_and_body_only_where_they_must() {
    let pages = |status| {
        let again = response(status, "Location: /again\r\n", b"");
        vec![page(200, fixture!("spring-login")), again]
    };
    assert_eq!(play(pages(303), APPROVE).await.sent[1], "GET /again ");
    let walked = play(pages(307), APPROVE).await;
    assert!(walked.sent[1].starts_with("POST /again username="), "{:?}", walked.sent);
}

#[tokio::test]
async fn loops_end() {
    let server = Loopback::serve(|seen| redirect(&format!("/loop?{}", seen.target.len()))).await;
    let outcome = visit(&browser(&server, FormHints::default()), &server, APPROVE, None).await;
    assert!(
        matches!(&outcome, Outcome::Stuck { reason, .. } if reason.contains("redirected 20 times")),
        "{outcome:?}"
    );
    assert_eq!(server.seen().len(), 21);

    let server = Loopback::serve(|_| page(200, fixture!("consent-german"))).await;
    let outcome = visit(&browser(&server, FormHints::default()), &server, APPROVE, None).await;
    assert!(
        matches!(&outcome, Outcome::Stuck { reason, .. } if reason.contains("no end of pages")),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn cookies_live_as_long_as_the_browser() {
    let server = Loopback::serve(|seen| match (seen.path(), seen.header("cookie")) {
        (_, Some(cookie)) if cookie.contains("sid=1") => redirect("http://client.example/cb?code=again"),
        ("/login", _) => response(302, "Location: /dir/auth\r\nSet-Cookie: sid=1; Path=/; HttpOnly\r\n", b""),
        _ => page(200, fixture!("spring-login")),
    })
    .await;
    let first = browser(&server, FormHints::default());
    for _ in 0..2 {
        assert!(matches!(visit(&first, &server, APPROVE, Some(CLIENT)).await, Outcome::Redirected(_)));
    }
    let targets = || server.seen().iter().map(|s| s.target.clone()).collect::<Vec<_>>();
    assert_eq!(targets().iter().filter(|t| *t == "/login").count(), 1, "the session answers the second time");
    let fresh = browser(&server, FormHints::default());
    assert!(matches!(visit(&fresh, &server, APPROVE, Some(CLIENT)).await, Outcome::Redirected(_)));
    assert_eq!(targets().iter().filter(|t| *t == "/login").count(), 2, "a fresh browser logs in");
}

#[tokio::test]
async fn it_asks_as_browsers_do() {
    let server = Loopback::serve(|seen| match seen.method.as_str() {
        "POST" => redirect(CLIENT),
        _ => page(200, fixture!("spring-login")),
    })
    .await;
    visit(&browser(&server, FormHints::default()), &server, APPROVE, Some(CLIENT)).await;
    let seen = server.seen();
    assert!(seen[0].header("accept").unwrap().starts_with("text/html"));
    assert!(seen[0].header("user-agent").unwrap().starts_with("oauthspec/"));
    assert_eq!(seen[1].header("content-type"), Some("application/x-www-form-urlencoded"));
    assert_eq!(seen[1].header("origin"), Some(server.origin.as_str()));
    assert_eq!(seen[1].header("referer"), Some(server.url("/dir/auth?client_id=app&state=secret").as_str()));
}

#[tokio::test]
async fn hostile_pages_are_bounded() {
    let nested = "<div>".repeat(200_000);
    let tables = "<table><td>".repeat(20_000);
    let attributes = format!("<p {}>", (0..8000).map(|i| format!("a{i} ")).collect::<String>());
    for html in [nested, tables, attributes] {
        let walked = play(vec![page(200, &html)], APPROVE).await;
        assert!(matches!(walked.outcome, Outcome::Stuck { .. } | Outcome::Page(_)));
    }
    let head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>".to_vec();
    let walked = play(vec![Answer::Endless(head, vec![b' '; 1 << 16])], APPROVE).await;
    assert!(walked.stuck().contains("too long"), "{}", walked.stuck());
    let cookies: String = (0..90).map(|i| format!("Set-Cookie: n{i}={}\r\n", "x".repeat(2000))).collect();
    let bomb = response(302, &format!("Location: /next\r\n{cookies}"), b"");
    assert!(matches!(play(vec![bomb], APPROVE).await.outcome, Outcome::Redirected(_)));
    for html in [
        "",
        "\0",
        "<form><form>",
        "<form action='\u{0}'><input type=password>",
        "<meta http-equiv=refresh content=';;;'>",
    ] {
        play(vec![page(200, html)], APPROVE).await;
    }
}

#[tokio::test]
async fn an_answer_that_is_not_http_is_no_outcome() {
    let garbage = Answer::Bytes(b"\x16\x03\x01garbage\r\n\r\n".to_vec());
    for answer in [garbage, redirect("http://client.example/cb?code=\u{1b}[31m")] {
        let walked = play(vec![answer], APPROVE).await;
        assert!(matches!(walked.outcome, Outcome::Unreachable(_)), "{:?}", walked.outcome);
    }
}

//! Servers that break everything must not be praised: against a server that gives one and the same answer to
//! every request, no case that judges may pass.

use std::convert::Infallible;
use std::fs;
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use oauthspec::cli::built_in_library;
use oauthspec::engine::{self, RunOptions};
use oauthspec::load::{self, Source};
use oauthspec::model::{CaseKind, CaseResult, Event, Verdict};
use oauthspec::plan::{self, Selection};
use oauthspec::report::{Existing, Format, Opening, open};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// One answer to everything.
#[derive(Clone, Copy)]
struct Answer {
    status: u16,
    content_type: &'static str,
    body: &'static str,
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_passes_where_everything_is_500() {
    nothing_passes(Answer { status: 500, content_type: "text/plain", body: "Internal Server Error" }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_passes_where_everything_is_500_with_an_oauth_error() {
    let body = r#"{"error":"invalid_grant"}"#;
    nothing_passes(Answer { status: 500, content_type: "application/json", body }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_passes_where_everything_is_429() {
    nothing_passes(Answer {
        status: 429,
        content_type: "application/json",
        body: r#"{"error":"slow_down"}"#,
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_passes_where_everything_is_a_page() {
    let body = "<!doctype html><title>Welcome</title><p>Welcome to nginx!";
    nothing_passes(Answer { status: 200, content_type: "text/html", body }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_passes_where_everything_is_a_page_of_400() {
    let body = "<!doctype html><title>Bad request</title><p>Bad request";
    nothing_passes(Answer { status: 400, content_type: "text/html", body }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_passes_where_everything_is_refused() {
    let body = r#"{"error":"invalid_grant"}"#;
    nothing_passes(Answer { status: 400, content_type: "application/json", body }).await;
}

async fn nothing_passes(answer: Answer) {
    for profile in ["tasknation", "taskade", "rfc6749"] {
        let results = judge(answer, profile).await;
        let cases: Vec<&CaseResult> = results.iter().filter(|r| r.kind != CaseKind::Invariant).collect();
        assert!(cases.len() > 50, "{profile}: only {} cases", cases.len());
        let praised: Vec<String> =
            cases.iter().filter(|r| r.verdict == Verdict::Pass).map(|r| r.id()).collect();
        assert!(praised.is_empty(), "{profile}: these pass:\n{}", praised.join("\n"));
        if !matches!(answer.status, 429 | 500..) {
            continue;
        }
        let judged: Vec<String> = cases
            .iter()
            .filter(|r| r.verdict == Verdict::Fail)
            .map(|r| format!("{}: {:?}", r.id(), r.decisive()))
            .collect();
        assert!(
            judged.is_empty(),
            "{profile}: nothing can be said of this server, but:\n{}",
            judged.join("\n")
        );
    }
}

/// 50 MB or without an end makes no difference: what is read of an answer is bounded.
#[tokio::test(flavor = "multi_thread")]
async fn an_endless_answer_is_told_and_every_report_is_written() {
    for content_type in ["application/json", "text/html"] {
        let chunk = Bytes::from(vec![b'a'; 1 << 16]);
        let app = Router::new().fallback(move || {
            let endless = stream::repeat(chunk.clone()).map(Ok::<_, Infallible>);
            let body = Body::from_stream(endless);
            async move { Response::builder().header("content-type", content_type).body(body).unwrap() }
        });
        let only = ["client-credentials", "state", "tasknation/state"].map(str::to_owned);
        let selection = Selection { only: only.to_vec(), ..Selection::default() };
        let events = judge_by(app, "tasknation", &selection, "limits: { body: 131072 }\n").await;
        let mut words = String::new();
        let mut number = 0;
        for event in &events {
            let Event::CaseFinished(result) = event else { continue };
            number += 1;
            assert!(result.verdict != Verdict::Pass, "{} passes", result.id());
            words.extend(result.findings.iter().map(|finding| finding.seen.as_str()));
            words.extend(result.reason.as_deref());
            for response in result.exchanges.iter().filter_map(|exchange| exchange.response()) {
                assert!(response.truncated && response.body.len() <= 1 << 16);
            }
        }
        assert!(number > 10, "only {number} cases");
        assert!(words.contains("longer than what is read of an answer"), "{content_type}: {words}");
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("hostile-endless");
        let opening = Opening { existing: Existing::Anything, ..Opening::default() };
        for format in Format::ALL {
            let path = folder.join(format.as_str());
            let mut reporter = open(format, &path, &opening).unwrap();
            events.iter().for_each(|event| reporter.handle(event).unwrap());
            let size = fs::metadata(&path).unwrap().len();
            assert!(size < 20 << 20, "{format}: {size} bytes");
        }
        fs::remove_dir_all(folder).unwrap();
    }
}

async fn judge(answer: Answer, profile: &str) -> Vec<CaseResult> {
    let app = Router::new().fallback(move || async move {
        Response::builder()
            .status(answer.status)
            .header("content-type", answer.content_type)
            .body(Body::from(answer.body))
            .unwrap()
    });
    let events = judge_by(app, profile, &Selection::default(), "").await;
    let results = events.into_iter().filter_map(|event| match event {
        Event::CaseFinished(result) => Some(Arc::unwrap_or_clone(result)),
        _ => None,
    });
    results.collect()
}

async fn judge_by(app: Router, profile: &str, selection: &Selection, more: &str) -> Vec<Event> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let at = format!("http://{}", listener.local_addr().unwrap());
    let server = tokio::spawn(async move { axum::serve(listener, app).await });

    let library = built_in_library().unwrap();
    let text = format!(
        "target: hostile\nprofile: {profile}\nissuer: {at}\n\
         endpoints: {{ authorization: {at}/auth, token: {at}/token, revocation: {at}/revoke, introspection: {at}/introspect }}\n\
         clients:\n  default: {{ id: a, secret: secret-of-a, redirect_uris: [https://client.example/cb, https://client.example/b], scope: x }}\n\
         \x20 second: {{ id: b, secret: secret-of-b, redirect_uris: [https://second.example/cb], scope: x }}\n\
         users:\n  default: {{ username: u, password: pass-of-u, personal_access_token: token-of-u }}\n\
         resources: {{ default: {at}/me }}\nclock: {{ advance: {{ post: {at}/clock }} }}\n{more}"
    );
    let source = Source { name: "hostile.yaml".to_owned(), text };
    let target =
        load::target(&source, &|_| None, None, &library).unwrap_or_else(|d| panic!("{}", d.render(false)));
    let discovered = engine::discover(target).await.unwrap();
    let plan = plan::plan(&library, profile, &discovered.target, None, selection).unwrap();
    let (sender, mut receiver) = mpsc::unbounded_channel();
    let options = RunOptions::default();
    engine::run(plan, discovered, &library, &options, CancellationToken::new(), sender).await;
    server.abort();
    let mut events = Vec::new();
    while let Ok(event) = receiver.try_recv() {
        events.push(event);
    }
    events
}

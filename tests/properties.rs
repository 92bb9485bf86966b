//! Properties from end to end: which counterexample is found and told, that a seed leads to the same one
//! whatever the timing, that a server that fails once is not accused, and that failures are remembered.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};

use axum::Router;
use axum::body::Body;
use axum::extract::Query;
use axum::response::Response;
use oauthspec::cli::{Setting, built_in_library, judge_reference};
use oauthspec::engine::{self, RunOptions};
use oauthspec::load::{self, Source};
use oauthspec::model::{CaseResult, Event, FailedInput, Library, PropertyRecord, Value, Verdict};
use oauthspec::plan::{self, Selection};
use oauthspec::reference::Defect;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

#[tokio::test(flavor = "multi_thread")]
async fn a_state_cut_after_255_characters_is_told_with_256() {
    for seed in [1, 2, 3] {
        let result = judged("bcp", Defect::CutsStateAt255, "state/any-unreserved", seed).await;
        let state = counterexample(&result, "state");
        assert_eq!(state.as_text().unwrap().chars().count(), 256, "{state}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_uri_matched_by_prefix_is_told_with_one_character_more() {
    for seed in [1, 2, 3] {
        let result =
            judged("bcp", Defect::MatchesRedirectUriByPrefix, "redirect-uri/near-misses", seed).await;
        let near = counterexample(&result, "near");
        assert_eq!(near.member("uri").unwrap().as_text(), Some("https://client.example/cbx"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn hosts_compared_alone_are_told_with_the_component_that_was_not() {
    for seed in [1, 2, 3] {
        let result = judged("bcp", Defect::ComparesOnlyHost, "redirect-uri/near-misses", seed).await;
        let near = counterexample(&result, "near");
        let component = near.member("component").unwrap().as_text().unwrap();
        assert!(!["host", "whole"].contains(&component), "{near}");
        assert!(["scheme", "userinfo", "port", "path", "query", "fragment"].contains(&component), "{near}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verifier_cut_after_64_characters_is_told_with_65() {
    let result = judged("bcp", Defect::CutsVerifierAt64, "pkce/any-verifier", 1).await;
    let verifier = counterexample(&result, "verifier");
    assert_eq!(verifier.as_text().unwrap().len(), 65, "{verifier}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_seed_gives_the_same_counterexample() {
    for (defect, case) in [
        (Defect::CutsStateAtAmpersand, "state/any"),
        (Defect::ResolvesDotSegments, "redirect-uri/near-misses"),
        (Defect::ReadsSecretAsPattern, "client-authentication/any-wrong-secret"),
        (Defect::NeedsGrantTypeFirst, "token-request/any-order"),
    ] {
        let (one, other) = (judged("bcp", defect, case, 4711).await, judged("bcp", defect, case, 4711).await);
        let (one, other) = (one.property.unwrap(), other.property.unwrap());
        assert_eq!(one.counterexample, other.counterexample);
        assert_eq!((one.failed, one.trials), (other.failed, other.trials));
        assert!(one.counterexample.is_some() && one.requests > 0, "{one:?}");
    }
}

/// Five requests with the same code, against a server that looks whether it was used before it notes that it is.
#[tokio::test(flavor = "multi_thread")]
async fn a_race_against_check_then_act_is_caught() {
    let mut seen = Vec::new();
    for seed in 1..=20 {
        let result = judged("bcp", Defect::RedeemsCodeInParallel, "authorization-code/code-race", seed).await;
        seen.push(result.verdict);
    }
    // The requirement is a SHOULD.
    let caught = seen.iter().filter(|verdict| **verdict == Verdict::Fail).count();
    assert!(caught >= 19, "caught in {caught} of 20 runs: {seen:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_failure_with_the_lowest_number_is_told_whatever_the_timing() {
    // Of the inputs that are on their way together, later ones are answered before earlier ones.
    let slow_first = Kind { fails_above: 100, slow: true, ..Kind::default() };
    let quick = Kind { fails_above: 100, ..Kind::default() };
    for seed in [1, 7, 99] {
        let (one, _) = echo(quick, seed, 1, None, "").await;
        let (other, _) = echo(slow_first, seed, 16, None, "").await;
        let (one, other) = (one.property.unwrap(), other.property.unwrap());
        assert_eq!(one.counterexample.as_ref().unwrap()[0].1.as_text().unwrap().len(), 101);
        assert_eq!(one.counterexample, other.counterexample);
        assert_eq!((one.failed, one.trials, one.shrinks), (other.failed, other.trials, other.shrinks));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_fails_once_is_not_accused() {
    for nth in [1, 4, 9] {
        let (result, _) = echo(Kind { fails_at: nth, ..Kind::default() }, 1, 16, None, "").await;
        assert_eq!(result.verdict, Verdict::Error, "{:?}", result.findings);
        let reason = result.reason.as_deref().unwrap();
        assert!(reason.starts_with("unstable: the same input gave fail and then pass"), "{reason}");
        assert_eq!(result.property.unwrap().counterexample, None);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sound_server_is_tried_with_all_inputs() {
    let (result, requests) = echo(Kind::default(), 1, 16, None, "").await;
    assert_eq!(result.verdict, Verdict::Pass);
    let property = result.property.unwrap();
    assert_eq!((property.trials, property.shrinks, property.requests), (24, 0, 24));
    assert_eq!(requests, 24);
    assert!(!property.budget_spent);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_budget_of_requests_is_kept_and_told() {
    let (result, requests) = echo(Kind::default(), 1, 16, None, "budget: 10").await;
    assert_eq!(result.verdict, Verdict::Pass);
    let property = result.property.unwrap();
    assert!(property.budget_spent && property.trials < 24, "{property:?}");
    assert!(requests <= 10 && property.trials >= 8, "{requests} requests, {property:?}");
    // A failure is still replayed.
    let (result, requests) =
        echo(Kind { fails_above: 10, ..Kind::default() }, 1, 16, None, "budget: 10").await;
    let property = result.property.unwrap();
    assert_eq!(result.verdict, Verdict::Fail);
    assert!(property.budget_spent && property.counterexample.is_some(), "{property:?}");
    assert!(requests <= 10, "{requests} requests");
    // Even with a budget that is too small for anything.
    let (result, requests) = echo(Kind { fails_above: 1, ..Kind::default() }, 1, 16, None, "budget: 1").await;
    assert_eq!((result.verdict, requests), (Verdict::Fail, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_failed_before_is_tried_first() {
    let kind = Kind { fails_above: 250, ..Kind::default() };
    let (before, _) = echo(kind, 5, 16, None, "").await;
    let before = before.property.unwrap();
    let failed = before.failed.unwrap();
    assert_eq!(failed, FailedInput { seed: 5, trial: before.trials });
    assert!(!before.remembered);
    // Another seed, and the same input comes first.
    let (after, _) = echo(kind, 6, 16, Some(failed), "").await;
    let after = after.property.unwrap();
    assert!(after.remembered);
    assert_eq!((after.trials, after.failed), (1, Some(failed)));
    assert_eq!(after.counterexample, before.counterexample);
    // On a server that has been mended all inputs are tried as usual.
    let (mended, requests) = echo(Kind::default(), 6, 16, Some(failed), "").await;
    let record = PropertyRecord { trials: 24, requests: 25, ..PropertyRecord::default() };
    assert_eq!((mended.verdict, mended.property, requests), (Verdict::Pass, Some(record), 25));
}

/// The binary keeps failures beside the target file, without anything of the input.
#[tokio::test(flavor = "multi_thread")]
async fn failures_are_kept_beside_the_target_file() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("failures");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(folder.join("suites")).unwrap();
    for source in sources("") {
        fs::write(folder.join("suites").join(&source.name), &source.text).unwrap();
    }
    let kept = folder.join(".oauthspec/failures.json");
    let run = async |kind: Kind, further: &[&str]| {
        let (at, _, server) = serve(kind).await;
        let target = folder.join("target.yaml");
        fs::write(&target, target_text(&at, 16)).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_oauthspec"));
        command.arg("run").arg(&target).arg("--suites").arg(folder.join("suites")).args(further);
        let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
        server.abort();
        (
            output.status.code(),
            String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap(),
        )
    };
    let failing = Kind { fails_above: 250, ..Kind::default() };
    let (code, told) = run(failing, &["--seed", "5"]).await;
    assert_eq!(code, Some(1), "{told}");
    assert!(told.contains("251 characters"), "{told}");
    let text = fs::read_to_string(&kept).unwrap();
    assert!(
        text.contains("\"echo/echoed\"") && text.contains("\"seed\": 5") && !text.contains("aaaa"),
        "{text}"
    );

    let (code, told) = run(failing, &["--seed", "6"]).await;
    assert_eq!(code, Some(1), "{told}");
    assert!(told.contains("failed in an earlier run and was tried first"), "{told}");
    assert_eq!(fs::read_to_string(&kept).unwrap(), text, "the same failure is still remembered");

    let (code, told) = run(Kind::default(), &[]).await;
    assert_eq!(code, Some(0), "{told}");
    assert!(!fs::read_to_string(&kept).unwrap().contains("echo/echoed"), "what passes is forgotten");

    let named = folder.join("elsewhere.json");
    fs::write(&named, "{]").unwrap();
    let (code, told) = run(Kind::default(), &["--failures", named.to_str().unwrap()]).await;
    assert_eq!(code, Some(2), "{told}");
    assert!(told.contains("elsewhere.json") && told.contains("delete it"), "{told}");
}

/// The one case of that id, of the reference server with that defect.
async fn judged(profile: &str, defect: Defect, case: &str, seed: u64) -> CaseResult {
    static LIBRARY: LazyLock<Library> = LazyLock::new(|| built_in_library().unwrap());
    let selection = Selection { only: vec![case.to_owned()], ..Selection::default() };
    let events = judge_reference(&LIBRARY, profile, Setting::Web, &[defect], &selection, seed).await.unwrap();
    result_of(events, case)
}

fn result_of(events: Vec<Event>, case: &str) -> CaseResult {
    let results = events.into_iter().filter_map(|event| match event {
        Event::CaseFinished(result) if result.case == case => Some(CaseResult::clone(&result)),
        _ => None,
    });
    let results: Vec<CaseResult> = results.collect();
    let [result] = <[CaseResult; 1]>::try_from(results).expect("one result");
    result
}

fn counterexample(result: &CaseResult, name: &str) -> Value {
    let property = result.property.as_ref().unwrap_or_else(|| panic!("{:?}", result.reason));
    let values =
        property.counterexample.as_ref().unwrap_or_else(|| panic!("{} {:?}", result.verdict, result.reason));
    values.iter().find(|(n, _)| n == name).unwrap().1.clone()
}

/// How a server answers that redirects at once with the state of the request.
#[derive(Clone, Copy, Default)]
struct Kind {
    /// States longer than this are lost; 0 for none.
    fails_above: usize,
    /// The request whose state is lost, counted from 1; 0 for none.
    fails_at: usize,
    /// The first of every eight requests is answered when the others are.
    slow: bool,
}

async fn serve(kind: Kind) -> (String, Arc<AtomicUsize>, tokio::task::JoinHandle<()>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let at = format!("http://{}", listener.local_addr().unwrap());
    let count = Arc::new(AtomicUsize::new(0));
    let counted = count.clone();
    let answer = move |Query(sent): Query<HashMap<String, String>>| {
        let number = counted.fetch_add(1, Ordering::SeqCst) + 1;
        let counted = counted.clone();
        async move {
            // Until the others have come, or are not going to.
            let mut patience = 0;
            while kind.slow
                && number % 8 == 1
                && counted.load(Ordering::SeqCst) < number + 3
                && patience < 2_000
            {
                tokio::task::yield_now().await;
                patience += 1;
            }
            let state = sent["state"].as_str();
            let is_lost = kind.fails_above > 0 && state.len() > kind.fails_above || kind.fails_at == number;
            let state = if is_lost { "lost" } else { state };
            let location = format!("{}?code=c0de&state={state}", sent["redirect_uri"]);
            Response::builder().status(302).header("location", location).body(Body::empty()).unwrap()
        }
    };
    let app = Router::new().route("/auth", axum::routing::get(answer));
    let server = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    (at, count, server)
}

/// Judges such a server; also how many requests it got.
async fn echo(
    kind: Kind,
    seed: u64,
    concurrency: usize,
    remembered: Option<FailedInput>,
    further: &str,
) -> (CaseResult, usize) {
    let (at, count, server) = serve(kind).await;
    let library = load::library(&sources(further)).unwrap_or_else(|d| panic!("{}", d.render(false)));
    let source = Source { name: "target.yaml".to_owned(), text: target_text(&at, concurrency) };
    let target =
        load::target(&source, &|_| None, None, &library).unwrap_or_else(|d| panic!("{}", d.render(false)));
    let discovered = engine::discover(target).await.unwrap();
    let plan = plan::plan(&library, "echo", &discovered.target, None, &Selection::default()).unwrap();
    let (sender, mut receiver) = mpsc::unbounded_channel();
    let remembered: BTreeMap<_, _> = remembered.into_iter().map(|f| ("echo/echoed".to_owned(), f)).collect();
    let options = RunOptions { seed, remembered, ..RunOptions::default() };
    let sent_before = count.load(Ordering::SeqCst);
    engine::run(plan, discovered, &library, &options, CancellationToken::new(), sender).await;
    server.abort();
    let mut events = Vec::new();
    while let Ok(event) = receiver.try_recv() {
        events.push(event);
    }
    (result_of(events, "echo/echoed"), count.load(Ordering::SeqCst) - sent_before)
}

fn target_text(at: &str, concurrency: usize) -> String {
    format!(
        "target: echo\nprofile: echo\nendpoints: {{ authorization: {at}/auth, token: {at}/token }}\n\
         clients: {{ default: {{ id: a, secret: secret-of-a, redirect_uris: [https://client.example/cb] }} }}\n\
         users: {{ default: {{ username: u, password: pass-of-u }} }}\n\
         limits: {{ concurrency: {concurrency}, requests_per_second: 10000 }}\n"
    )
}

fn sources(further: &str) -> Vec<Source> {
    let suite = format!(
        "suite: echo\ntitle: Echo\ncases:\n  - id: echoed\n    title: The state comes back\n    {further}\n    \
         forall: {{ state: {{ chars: alphanumeric, length: [8, 300] }} }}\n    steps:\n      - authorize: {{ state: $state }}\n        \
         expect: [ {{ for: echo-1, redirect: {{ state: $state }} }} ]\n"
    );
    let requirements = "document: Echo\ntitle: Echo\nrequirements:\n  - { id: echo-1, section: \"1\", level: MUST, summary: The state comes back. }\n";
    let profile = "profile: echo\ntitle: Echo\ninclude: [\"echo/*\"]\n";
    [("echo.yaml", suite.as_str()), ("requirements.yaml", requirements), ("profile.yaml", profile)]
        .map(|(name, text)| Source { name: name.to_owned(), text: text.to_owned() })
        .to_vec()
}

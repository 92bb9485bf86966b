//! Runs that are given up leave nothing behind at the server.

use std::collections::BTreeSet;
use std::fs;
use std::net::Ipv4Addr;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{Path as At, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{delete, post};
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::{path, scratch};

/// A server that registers clients, and interrupts the harness when the first of them asks for it.
#[derive(Clone)]
struct Registrar {
    at: String,
    /// The harness's process, once there is one.
    harness: watch::Receiver<Option<u32>>,
    /// Whether it answers who wants to remove a client, or interrupts again.
    is_obliging: bool,
    ledger: Arc<Mutex<Ledger>>,
}

#[derive(Default)]
struct Ledger {
    registered: BTreeSet<String>,
    removed: BTreeSet<String>,
    again: Option<Instant>,
}

#[test]
fn clients_are_removed_when_the_run_is_given_up() {
    let (code, ledger) = given_up("obliging", true);
    assert_eq!(code, Some(130));
    let ledger = ledger.lock().unwrap();
    assert!(!ledger.registered.is_empty());
    assert_eq!(ledger.registered, ledger.removed);
}

#[test]
fn a_second_interruption_ends_at_once() {
    let (code, ledger) = given_up("stubborn", false);
    assert_eq!(code, Some(130));
    let again = ledger.lock().unwrap().again.expect("nobody was to be removed");
    assert!(again.elapsed() < Duration::from_secs(4), "{:?}", again.elapsed());
}

fn given_up(name: &str, is_obliging: bool) -> (Option<i32>, Arc<Mutex<Ledger>>) {
    let folder = scratch(&format!("given-up-{name}"));
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let listener = runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))).unwrap();
    let at = format!("http://{}", listener.local_addr().unwrap());
    let (known, harness) = watch::channel(None);
    let ledger = Arc::new(Mutex::new(Ledger::default()));
    let registrar = Registrar { at: at.clone(), harness, is_obliging, ledger: ledger.clone() };
    let app = Router::new()
        .route("/register", post(register))
        .route("/register/{id}", delete(remove))
        .with_state(registrar);
    let server = runtime.spawn(async move { axum::serve(listener, app).await });
    let target = folder.join("target.yaml");
    let text = format!(
        "target: registrar\nprofile: rfc6749\nissuer: {at}\n\
         endpoints: {{ authorization: {at}/auth, token: {at}/token, registration: {at}/register }}\n\
         registration: {{}}\n\
         clients: {{ default: {{ id: a, secret: secret-of-a, redirect_uris: [https://client.example/cb], scope: x }} }}\n\
         users: {{ default: {{ username: u, password: pass-of-u }} }}\n"
    );
    fs::write(&target, text).unwrap();
    let mut run = Command::new(env!("CARGO_BIN_EXE_oauthspec"));
    run.args(["run", path(&target), "--only", "registration"]).stdin(Stdio::null()).stdout(Stdio::null());
    let mut child = run.spawn().unwrap();
    known.send(Some(child.id())).unwrap();
    let code = child.wait().unwrap().code();
    server.abort();
    (code, ledger)
}

async fn register(State(registrar): State<Registrar>) -> Response {
    let number = {
        let mut ledger = registrar.ledger.lock().unwrap();
        let number = ledger.registered.len();
        ledger.registered.insert(format!("c{number}"));
        number
    };
    // It is given up while the first client is on its way.
    if number == 0 {
        interrupt(registrar.harness.clone()).await;
    }
    let client = serde_json::json!({
        "client_id": format!("c{number}"),
        "client_secret": format!("secret-of-c{number}"),
        "registration_client_uri": format!("{}/register/c{number}", registrar.at),
        "registration_access_token": format!("token-of-c{number}"),
    });
    (StatusCode::CREATED, [("content-type", "application/json")], client.to_string()).into_response()
}

async fn remove(State(registrar): State<Registrar>, At(id): At<String>) -> StatusCode {
    registrar.ledger.lock().unwrap().removed.insert(id);
    if !registrar.is_obliging {
        registrar.ledger.lock().unwrap().again.get_or_insert_with(Instant::now);
        interrupt(registrar.harness.clone()).await;
        std::future::pending::<()>().await;
    }
    StatusCode::NO_CONTENT
}

async fn interrupt(mut harness: watch::Receiver<Option<u32>>) {
    let id = harness.wait_for(Option::is_some).await.unwrap().unwrap();
    let sent = Command::new("kill").args(["-INT", &id.to_string()]).status().unwrap();
    assert!(sent.success());
}

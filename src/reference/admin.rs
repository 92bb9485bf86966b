use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use axum::routing::post;
use axum::{Router, http::HeaderMap};
use http::{StatusCode, header};
use serde_json::{Value, json};

use super::context::Shared;
use super::form;
use super::reply::Reply;

/// The address for tests: moves the clock and forgets what was issued. No defect reaches it.
pub(crate) fn router(server: Arc<Shared>) -> Router {
    Router::new().route("/clock", post(clock)).route("/reset", post(reset)).with_state(server)
}

/// `advance_seconds`, as form or JSON, moves the clock forward by a number that may have a fraction.
async fn clock(State(server): State<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> Response {
    advance(&server, &headers, &body).into()
}

/// What the address answers to a `POST`.
pub(crate) fn answer(server: &Shared, path: &str, headers: &HeaderMap, body: &[u8]) -> Reply {
    match path {
        "/clock" => advance(server, headers, body),
        "/reset" => forget(server),
        _ => Reply::empty(StatusCode::NOT_FOUND),
    }
}

fn advance(server: &Shared, headers: &HeaderMap, body: &[u8]) -> Reply {
    let json_body = headers
        .get(header::CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes().starts_with(b"application/json"));
    let seconds = if json_body { seconds_in_json(body) } else { seconds_in_form(body) };
    match seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()) {
        Some(by) => {
            server.clock.advance(by);
            Reply::json(StatusCode::OK, &json!({ "now": server.clock.now().as_secs_f64() }))
        }
        None => {
            let body = json!({ "error": "advance_seconds must be a number of seconds, zero or more" });
            Reply::json(StatusCode::BAD_REQUEST, &body)
        }
    }
}

/// Forgets sessions, codes and tokens and sets the clock right again.
async fn reset(State(server): State<Arc<Shared>>) -> Response {
    forget(&server).into()
}

fn forget(server: &Shared) -> Reply {
    server.store.forget();
    server.clock.reset();
    Reply::json(StatusCode::OK, &json!({ "now": server.clock.now().as_secs_f64() }))
}

fn seconds_in_json(body: &[u8]) -> Option<f64> {
    serde_json::from_slice::<Value>(body).ok()?.get("advance_seconds")?.as_f64()
}

fn seconds_in_form(body: &[u8]) -> Option<f64> {
    let pairs = form::decode(body).ok()?;
    let (_, seconds) = pairs.iter().find(|(name, _)| name == "advance_seconds")?;
    seconds.parse().ok()
}

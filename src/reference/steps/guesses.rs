use std::time::Duration;

use http::StatusCode;
use serde_json::json;

use crate::reference::context::Context;
use crate::reference::reply::Reply;
use crate::reference::store::Guesses;

/// After so many wrong ones in a row nobody is let in by that name for a while, whatever they know: protection from
/// guessing (RFC 6749 sections 2.3.1, 4.3.2 and 10.10).
const PATIENCE: u32 = 100;

/// So long after the last of them.
const REST: Duration = Duration::from_secs(60);

/// How many wrong ones there were in a row. `whose` tells clients and users apart.
pub(crate) fn in_a_row(ctx: &Context, whose: &str) -> u32 {
    let now = ctx.server.clock.now();
    let guesses = ctx.server.store.lock().guesses.get(whose).copied().unwrap_or_default();
    if now < guesses.last + REST { guesses.wrong } else { 0 }
}

/// Whether there were too many.
pub(crate) fn are_too_many(ctx: &Context, whose: &str) -> bool {
    in_a_row(ctx, whose) >= PATIENCE
}

/// Takes note of one more.
pub(crate) fn note(ctx: &Context, whose: &str, is_right: bool) {
    let wrong = if is_right { 0 } else { in_a_row(ctx, whose).saturating_add(1) };
    let last = ctx.server.clock.now();
    ctx.server.store.lock().guesses.insert(whose.to_owned(), Guesses { wrong, last });
}

/// What comes then (RFC 6585 section 4).
pub(crate) fn refusal(code: &str) -> Reply {
    let body = json!({ "error": code, "error_description": "too many wrong guesses" });
    Reply::json(StatusCode::TOO_MANY_REQUESTS, &body).with("retry-after", REST.as_secs().to_string())
}

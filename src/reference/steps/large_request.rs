use http::StatusCode;

use crate::oauth::ErrorCode;
use crate::reference::context::{Context, Flow};
use crate::reference::defect::Defect;
use crate::reference::reply::Reply;
use crate::reference::steps::token_error;

/// The longest field line that is read.
const LONGEST_FIELD: usize = 32 * 1024;

/// The longest query that is read.
const LONGEST_QUERY: usize = 48 * 1024;

/// The longest body in which nothing goes wrong, for servers in which something does.
const LARGE_BODY: usize = 32 * 1024;

/// What is larger than the server wishes to read is refused for that (RFC 9110 sections 5.4 and 15.5.15).
pub(crate) fn run(ctx: &mut Context) -> Flow {
    let fields = ctx.request.headers.iter();
    if fields.map(|(name, value)| name.as_str().len() + value.len()).any(|length| length > LONGEST_FIELD) {
        return Err(match ctx.has(Defect::FailsOnLargeField) {
            true => Reply::empty(StatusCode::INTERNAL_SERVER_ERROR),
            false => refusal(ctx, StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "a header field is too large"),
        });
    }
    if ctx.request.query.len() > LONGEST_QUERY {
        return Err(match ctx.has(Defect::FailsOnLongQuery) {
            true => Reply::empty(StatusCode::INTERNAL_SERVER_ERROR),
            false => refusal(ctx, StatusCode::URI_TOO_LONG, "the address is too long"),
        });
    }
    let is_large = ctx.request.body.as_ref().is_some_and(|body| body.len() > LARGE_BODY);
    if is_large && ctx.has(Defect::FailsOnLargeBody) {
        return Err(Reply::empty(StatusCode::INTERNAL_SERVER_ERROR));
    }
    Ok(())
}

fn refusal(ctx: &Context, status: StatusCode, detail: &str) -> Reply {
    let reply = match ctx.answers_json() {
        true => token_error::reply(ctx, ErrorCode::InvalidRequest, detail),
        false => ctx.error_page("Too large", detail),
    };
    reply.with_status(status)
}

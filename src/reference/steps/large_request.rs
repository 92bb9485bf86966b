use http::StatusCode;

use crate::reference::context::{Context, Flow};
use crate::reference::defect::Defect;
use crate::reference::reply::Reply;

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
            false => Reply::empty(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE),
        });
    }
    if ctx.request.query.len() > LONGEST_QUERY {
        return Err(match ctx.has(Defect::FailsOnLongQuery) {
            true => Reply::empty(StatusCode::INTERNAL_SERVER_ERROR),
            false => ctx
                .error_page("Malformed request", "The address is too long.")
                .with_status(StatusCode::URI_TOO_LONG),
        });
    }
    let is_large = ctx.request.body.as_ref().is_some_and(|body| body.len() > LARGE_BODY);
    if is_large && ctx.has(Defect::FailsOnLargeBody) {
        return Err(Reply::empty(StatusCode::INTERNAL_SERVER_ERROR));
    }
    Ok(())
}

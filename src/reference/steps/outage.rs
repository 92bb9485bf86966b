use http::StatusCode;

use crate::reference::context::{Context, Flow};
use crate::reference::defect::Defect;
use crate::reference::pages;
use crate::reference::reply::Reply;

/// The ways of being no authorization server at all. A sound one has nothing to do here.
pub(crate) fn run(ctx: &mut Context) -> Flow {
    if ctx.has(Defect::Answers500) {
        return Err(Reply::empty(StatusCode::INTERNAL_SERVER_ERROR));
    }
    if ctx.has(Defect::Answers503) {
        return Err(Reply::empty(StatusCode::SERVICE_UNAVAILABLE).with("retry-after", "1"));
    }
    if ctx.has(Defect::Answers429) {
        return Err(Reply::empty(StatusCode::TOO_MANY_REQUESTS).with("retry-after", "1"));
    }
    if ctx.has(Defect::AnswersHtml) {
        let page = pages::error("Welcome", "There is nothing to see here.");
        return Err(Reply::html(StatusCode::OK, page, None));
    }
    if ctx.has(Defect::Answers404) {
        return Err(Reply::empty(StatusCode::NOT_FOUND));
    }
    Ok(())
}

use http::StatusCode;

use crate::reference::context::Context;
use crate::reference::defect::Defect;
use crate::reference::pages;
use crate::reference::reply::Reply;

/// Tells the user, and only the user, what is wrong (RFC 6749 section 4.1.2.1).
pub(crate) fn reply(ctx: &Context, status: StatusCode, title: &str, detail: &str) -> Reply {
    if ctx.has(Defect::ShowsBlankErrorPage) {
        return Reply::html(status, String::new(), None);
    }
    let page = if ctx.has(Defect::ReflectsMarkupInErrorPage) {
        pages::error_unescaped(title, detail)
    } else {
        pages::error(title, detail)
    };
    Reply::html(status, page, None)
}

use http::StatusCode;
use serde_json::{Value, json};

use crate::oauth::ErrorCode;
use crate::reference::context::Context;
use crate::reference::defect::Defect;
use crate::reference::form::encode_component;
use crate::reference::pages;
use crate::reference::reply::Reply;

/// An error of the token endpoint or its neighbours, as JSON with status 400 (RFC 6749 section 5.2).
pub(crate) fn reply(ctx: &Context, code: ErrorCode, description: &str) -> Reply {
    with_status(ctx, StatusCode::BAD_REQUEST, code, description)
}

/// Failed client authentication: 401 with a challenge, which is a must where the client used the
/// `Authorization` header and allowed otherwise (RFC 6749 section 5.2).
pub(crate) fn invalid_client(ctx: &Context, description: &str) -> Reply {
    let code = match ctx.has(Defect::CallsInvalidClientInvalidRequest) {
        true => ErrorCode::InvalidRequest,
        false => ErrorCode::InvalidClient,
    };
    let status = match ctx.has(Defect::AnswersFailedBasicWith400) {
        true => StatusCode::BAD_REQUEST,
        false => StatusCode::UNAUTHORIZED,
    };
    let reply = with_status(ctx, status, code, description);
    if ctx.has(Defect::OmitsBasicChallenge) {
        return reply;
    }
    let challenge = format!("Basic realm=\"{}\", charset=\"UTF-8\"", ctx.server.issuer);
    let challenge = if ctx.has(Defect::OmitsRealmFromBasicChallenge) {
        "Basic charset=\"UTF-8\"".to_owned()
    } else if ctx.has(Defect::LeavesRealmUnquoted) {
        "Basic realm=oauth, charset=\"UTF-8\"".to_owned()
    } else if ctx.has(Defect::GarblesBasicChallenge) {
        format!("{challenge} please authenticate")
    } else {
        challenge
    };
    reply.with("www-authenticate", challenge)
}

fn with_status(ctx: &Context, status: StatusCode, code: ErrorCode, description: &str) -> Reply {
    if ctx.has(Defect::AnswersTokenErrorsAsHtml) {
        return Reply::html(status, pages::error("Error", description), None);
    }
    let status = if ctx.has(Defect::AnswersTokenErrorsWith200) { StatusCode::OK } else { status };
    let code = match ctx.has(Defect::UppercasesErrorCodes) {
        true => code.as_str().to_ascii_uppercase(),
        false => code.to_string(),
    };
    let mut body = json!({ "error": code, "error_description": description });
    if ctx.has(Defect::OmitsErrorCode)
        && let Value::Object(members) = &mut body
    {
        members.remove("error");
    }
    if ctx.has(Defect::NestsErrorCode) {
        body = json!({ "error": { "code": code, "message": description } });
    }
    let mut reply = Reply::json(status, &body);
    if ctx.has(Defect::AnswersTokenErrorsWithoutBody) {
        reply.body.clear();
    }
    if ctx.has(Defect::RepeatsErrorMember) {
        reply.body = body.to_string().replacen('{', "{\"error\":\"invalid_request\",", 1).into_bytes();
    }
    if ctx.has(Defect::AnswersTokenErrorsAsForm) {
        let mut form =
            reply.without("content-type").with("content-type", "application/x-www-form-urlencoded");
        form.body = format!("error={code}&error_description={}", encode_component(description)).into_bytes();
        return form;
    }
    reply
}

use std::time::Duration;

use http::StatusCode;
use serde_json::{Value, json};

use crate::oauth::{CompactJws, ErrorCode};
use crate::reference::context::{Context, Flow};
use crate::reference::defect::Defect;
use crate::reference::reply::Reply;
use crate::reference::steps::token_error;
use crate::reference::store::Memory;

/// Says whether a token is active and what it is (RFC 7662 section 2). A client learns about its own
/// tokens; of any other it learns only that it is not active.
pub(crate) fn run(ctx: &mut Context) -> Flow {
    let client = ctx.known_client()?;
    let Some(presented) = ctx.parameters.first("token").map(str::to_owned) else {
        if ctx.has(Defect::CallsMissingTokenInactive) {
            return Err(Reply::json(StatusCode::OK, &inactive(ctx)));
        }
        return Err(token_error::reply(ctx, ErrorCode::InvalidRequest, "the parameter token is missing"));
    };
    let now = ctx.server.clock.now();
    let memory = ctx.server.store.lock();
    let hinted = ctx.parameters.first("token_type_hint");
    let mistaken = hinted.is_some_and(|hint| hint != "access_token");
    let found = match mistaken && ctx.has(Defect::TrustsHintAtIntrospection) {
        true => None,
        false => access_token(ctx, &memory, &presented, now),
    };
    let found = found
        .or_else(|| refresh_token(ctx, &memory, &presented, now))
        .or_else(|| forged_token(ctx, &client.id, &presented));
    let Some((owner, active, mut details)) = found else {
        if ctx.has(Defect::AnswersInactiveTokenWithError) {
            return Err(token_error::reply(ctx, ErrorCode::InvalidRequest, "the token is unknown"));
        }
        return Err(Reply::json(StatusCode::OK, &inactive(ctx)));
    };
    let own = owner == client.id || ctx.has(Defect::IntrospectsForEveryClient);
    if !own && ctx.has(Defect::RefusesToIntrospectOthersToken) {
        return Err(token_error::reply(ctx, ErrorCode::InvalidRequest, "the token is another client's"));
    }
    if !(own && active) {
        let mut body = inactive(ctx);
        if ctx.has(Defect::DescribesInactiveToken) {
            details["active"] = body["active"].take();
            body = details;
        }
        return Err(Reply::json(StatusCode::OK, &body));
    }
    let mut reply = Reply::json(StatusCode::OK, &details);
    if ctx.has(Defect::LeavesTrailingComma) {
        reply.body.truncate(reply.body.len().saturating_sub(1));
        reply.body.extend(b",}");
    }
    if ctx.has(Defect::WritesIntrospectionInLatin1) {
        reply.body.truncate(reply.body.len().saturating_sub(1));
        reply.body.extend(b",\"name\":\"Andr\xe9\"}");
    }
    if ctx.has(Defect::LabelsIntrospectionAsHtml) {
        reply = reply.without("content-type").with("content-type", "text/html");
    }
    Err(reply)
}

/// What a server says of a JWT that it only decodes.
fn forged_token(ctx: &Context, client_id: &str, presented: &str) -> Option<Found> {
    let jws = CompactJws::parse(presented).ok().filter(|jws| jws.claims.get("client_id").is_some())?;
    let details = json!({ "active": true, "client_id": client_id, "scope": jws.claims["scope"] });
    ctx.has(Defect::IntrospectsForgedTokenAsActive).then(|| (client_id.to_owned(), true, details))
}

/// Owner, whether the token counts, and its description.
type Found = (String, bool, Value);

fn access_token(ctx: &Context, memory: &Memory, presented: &str, now: Duration) -> Option<Found> {
    let token = memory.access_tokens.get(presented)?;
    let expired = token.expires_at <= now && !ctx.has(Defect::IntrospectsExpiredTokenAsActive);
    let ended = token.revoked || token.family.is_some_and(|family| !memory.is_alive(family));
    let ended = ended && !ctx.has(Defect::IntrospectsRevokedTokenAsActive);
    let mut details = json!({
        "active": active(ctx),
        "scope": introspected_scope(ctx, &token.scope),
        "client_id": token.client_id,
        "username": token.subject,
        "token_type": "Bearer",
        "exp": timestamp(ctx, token.expires_at),
        "iat": token.issued_at.as_secs(),
        "sub": token.subject,
        "aud": format!("{}/api", ctx.server.issuer),
        "iss": ctx.server.issuer,
    });
    if ctx.has(Defect::IntrospectsAudienceAsNumber) {
        details["aud"] = json!(7);
    }
    if ctx.has(Defect::IntrospectsClientAsNumber) {
        details["client_id"] = json!(7);
    }
    if ctx.has(Defect::IntrospectsEveryScope) {
        details["scope"] = json!(format!("{} everything", ctx.policy().scopes.known.join(" ")));
    }
    if ctx.has(Defect::IntrospectsExpiryInThePast) {
        details["exp"] = json!(token.issued_at.as_secs().saturating_sub(60));
    }
    Some((token.client_id.clone(), !expired && !ended, details))
}

fn refresh_token(ctx: &Context, memory: &Memory, presented: &str, now: Duration) -> Option<Found> {
    let token = memory.refresh_tokens.get(presented)?;
    let retired = ctx.policy().refresh_token.rotation
        && token.first_use.is_some_and(|first| first.at + ctx.policy().refresh_token.grace <= now);
    let counts = token.expires_at > now && memory.is_alive(token.family) && !retired;
    let details = json!({
        "active": true,
        "scope": token.scope.join(" "),
        "client_id": token.client_id,
        "username": token.subject,
        "exp": token.expires_at.as_secs(),
        "iat": token.issued_at.as_secs(),
        "sub": token.subject,
        "iss": ctx.server.issuer,
    });
    Some((token.client_id.clone(), counts, details))
}

fn active(ctx: &Context) -> Value {
    if ctx.has(Defect::WritesActiveAsString) { json!("true") } else { json!(true) }
}

fn inactive(ctx: &Context) -> Value {
    if ctx.has(Defect::CallsEveryTokenActive) {
        json!({ "active": true })
    } else {
        json!({ "active": false })
    }
}

fn introspected_scope(ctx: &Context, scope: &[String]) -> Value {
    if ctx.has(Defect::IntrospectsScopeAsArray) { json!(scope) } else { json!(scope.join(" ")) }
}

fn timestamp(ctx: &Context, at: Duration) -> Value {
    if ctx.has(Defect::IntrospectsTimesAsText) {
        json!(at.as_secs().to_string())
    } else {
        json!(at.as_secs())
    }
}

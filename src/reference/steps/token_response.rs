use http::StatusCode;
use serde_json::{Map, Value, json};

use crate::oauth::GrantType;
use crate::reference::context::{Context, Flow};
use crate::reference::defect::Defect;
use crate::reference::form::encode_component;
use crate::reference::reply::Reply;

/// The token response (RFC 6749 section 5.1), with `scope` always there and always true.
pub(crate) fn run(ctx: &mut Context) -> Flow {
    let refreshed = ctx.grant.grant_type == Some(GrantType::RefreshToken);
    let members = members(ctx, refreshed);
    let status = if ctx.has(Defect::AnswersTokenWith201) { StatusCode::CREATED } else { StatusCode::OK };
    let mut reply = Reply::json(status, &json!(members));
    if ctx.has(Defect::NestsTokenResponse) {
        reply = Reply::json(status, &json!({ "data": members }));
    }
    if ctx.has(Defect::RepeatsMemberInTokenResponse) {
        let text = json!(members).to_string();
        reply.body = text.replacen('{', "{\"token_type\":\"Bearer\",", 1).into_bytes();
    }
    if ctx.has(Defect::PutsByteOrderMarkBeforeJson) {
        reply.body.splice(0..0, [0xef, 0xbb, 0xbf]);
    }
    if ctx.has(Defect::LabelsTokenResponseAsHtml) {
        reply = reply.without("content-type").with("content-type", "text/html");
    }
    if ctx.has(Defect::AnswersTokenAsForm) {
        let pair = |(name, value): (&String, &Value)| {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            format!("{name}={}", encode_component(&text))
        };
        reply.body = members.iter().map(pair).collect::<Vec<_>>().join("&").into_bytes();
        reply = reply.without("content-type").with("content-type", "application/x-www-form-urlencoded");
    }
    if ctx.has(Defect::AllowsStoringTokens) {
        reply = reply.without("cache-control").with("cache-control", "private, max-age=60");
    }
    if refreshed && ctx.has(Defect::AllowsStoringRefreshedTokens) {
        reply = reply.without("cache-control");
    }
    if ctx.has(Defect::OmitsPragma) {
        reply = reply.without("pragma");
    }
    if ctx.has(Defect::KeepsTokenInCookie) {
        reply = reply.with("set-cookie", format!("token={}; Path=/; HttpOnly", ctx.grant.access_token));
    }
    if ctx.has(Defect::AnswersTokensFromCache) {
        reply = reply.with("age", "7");
    }
    if ctx.has(Defect::OmitsContentType) {
        reply = reply.without("content-type");
    }
    reply.held = ctx.grant.held;
    Err(reply)
}

fn members(ctx: &Context, refreshed: bool) -> Map<String, Value> {
    let grant = &ctx.grant;
    let mut members = Map::new();
    members.insert("access_token".to_owned(), json!(grant.access_token));
    members.insert("token_type".to_owned(), token_type(ctx));
    members.insert("expires_in".to_owned(), expires_in(ctx, refreshed));
    if let Some(refresh_token) = &grant.refresh_token {
        members.insert("refresh_token".to_owned(), json!(refresh_token));
    }
    let scope = scope(ctx);
    if !scope.is_empty() {
        members.insert("scope".to_owned(), json!(scope));
        if ctx.has(Defect::WritesScopeAsArray) {
            members.insert("scope".to_owned(), json!(grant.scope));
        }
    }
    if grant.refresh_token.is_none() && ctx.has(Defect::WritesNullRefreshToken) {
        members.insert("refresh_token".to_owned(), Value::Null);
    }
    for (defect, name) in [
        (Defect::OmitsAccessToken, "access_token"),
        (Defect::OmitsTokenType, "token_type"),
        (Defect::OmitsExpiresIn, "expires_in"),
        (Defect::OmitsScope, "scope"),
    ] {
        if ctx.has(defect) {
            members.remove(name);
        }
    }
    if refreshed && ctx.has(Defect::OmitsExpiresInAtRefresh) {
        members.remove("expires_in");
    }
    if grant.within_grace && ctx.has(Defect::OmitsExpiresInWithinGrace) {
        members.remove("expires_in");
    }
    if refreshed && ctx.has(Defect::OmitsScopeAtRefresh) {
        members.remove("scope");
    }
    if ctx.has(Defect::EmptiesAccessToken) {
        members.insert("access_token".to_owned(), json!(""));
    }
    if ctx.has(Defect::PutsAccessTokenIntoObject) {
        members.insert("access_token".to_owned(), json!({ "value": grant.access_token }));
    }
    members
}

fn token_type(ctx: &Context) -> Value {
    if ctx.has(Defect::CallsTokenMac) {
        return json!("mac");
    }
    if ctx.has(Defect::MisspellsTokenType) {
        return json!("Baerer");
    }
    if ctx.has(Defect::CallsTokenJwt) {
        return json!("JWT");
    }
    json!("Bearer")
}

fn expires_in(ctx: &Context, refreshed: bool) -> Value {
    let seconds = ctx.policy().access_token.lifetime.as_secs();
    if ctx.has(Defect::WritesExpiresInAsString) {
        return json!(seconds.to_string());
    }
    if ctx.has(Defect::WritesExpiresInAsTimestamp) {
        return json!(ctx.server.clock.now().as_secs() + seconds);
    }
    if ctx.has(Defect::WritesExpiresInInMilliseconds) {
        return json!(seconds * 1000);
    }
    if ctx.has(Defect::WritesExpiresInAsFraction) {
        return json!(seconds as f64 - 0.5);
    }
    if ctx.has(Defect::WritesNegativeExpiresIn) {
        return json!(-1);
    }
    if ctx.has(Defect::WritesExpiresInOneShort) {
        return json!(seconds.saturating_sub(1));
    }
    if ctx.has(Defect::DoublesExpiresIn) || (refreshed && ctx.has(Defect::DoublesExpiresInAtRefresh)) {
        return json!(seconds * 2);
    }
    json!(seconds)
}

fn scope(ctx: &Context) -> String {
    let grant = &ctx.grant;
    if let Some(asked) = &grant.asked_scope
        && ctx.has(Defect::NamesAskedScope)
    {
        return asked.clone();
    }
    if ctx.has(Defect::NamesOriginalScopeAfterNarrowing) {
        return grant.refresh_scope.join(" ");
    }
    if ctx.has(Defect::NamesEveryScope) {
        return ctx.policy().scopes.known.join(" ");
    }
    let joint = if ctx.has(Defect::JoinsScopeWithCommas) { "," } else { " " };
    grant.scope.join(joint)
}

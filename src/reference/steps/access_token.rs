use std::time::Duration;

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

use crate::oauth::GrantType;
use crate::reference::context::{Context, Flow};
use crate::reference::defect::Defect;
use crate::reference::keys::{published, random_token, unpublished};
use crate::reference::policy::AccessTokenFormat;
use crate::reference::reply::Reply;
use crate::reference::store::AccessToken;

/// Makes the access token: a JWT as RFC 9068 section 2 describes it, or 256 random bits.
pub(crate) fn run(ctx: &mut Context) -> Flow {
    let refreshed = ctx.grant.grant_type == Some(GrantType::RefreshToken);
    if refreshed
        && ctx.has(Defect::RepeatsAccessTokenAtRefresh)
        && let Some(value) = first_of_family(ctx)
    {
        ctx.grant.access_token = value;
        return Ok(());
    }
    let scope = carried_scope(ctx)?;
    let issued_at = Duration::from_secs(ctx.server.clock.now().as_secs());
    let expires_at = issued_at + ctx.policy().access_token.lifetime;
    let client_id = ctx.known_client()?.id.clone();
    let opaque = ctx.policy().access_token.format == AccessTokenFormat::Opaque
        || ctx.has(Defect::IssuesOpaqueAccessToken);
    let value = if opaque {
        random_token()
    } else {
        jwt(ctx, &claims(ctx, &client_id, &scope, issued_at, expires_at))?
    };
    let value = match ctx.has(Defect::CountsAccessTokens) {
        true => format!("token-{:08}", ctx.server.store.lock().count()),
        false => value,
    };
    let revoked = refreshed && ctx.has(Defect::IssuesDeadAccessTokenAtRefresh);
    let (subject, family) = (ctx.grant.subject.clone(), ctx.grant.family);
    let token = AccessToken { client_id, subject, scope, family, issued_at, expires_at, revoked };
    let mut memory = ctx.server.store.lock();
    memory.sweep(issued_at);
    memory.access_tokens.insert(value.clone(), token);
    drop(memory);
    ctx.grant.access_token = value;
    Ok(())
}

/// The access token that the code was exchanged for, which is the only one where none is issued at a
/// refresh.
fn first_of_family(ctx: &Context) -> Option<String> {
    let family = ctx.grant.family?;
    let memory = ctx.server.store.lock();
    memory
        .access_tokens
        .iter()
        .find(|(_, token)| token.family == Some(family))
        .map(|(value, _)| value.clone())
}

/// What the token can do, which is what was granted.
fn carried_scope(ctx: &Context) -> Result<Vec<String>, Reply> {
    let mut scope = ctx.grant.scope.clone();
    if ctx.has(Defect::PutsMoreScopeIntoToken) {
        let client = ctx.known_client()?;
        let missing = ctx.policy().scopes.known.iter().filter(|value| !ctx.grant.scope.contains(value));
        scope.extend(missing.filter(|value| super::scope::is_for_client(ctx, &client, value)).cloned());
    }
    if scope.len() > 1 && ctx.has(Defect::PutsLessScopeIntoToken) {
        scope.truncate(1);
    }
    Ok(scope)
}

fn claims(
    ctx: &Context,
    client_id: &str,
    scope: &[String],
    issued_at: Duration,
    expires_at: Duration,
) -> Map<String, Value> {
    let mut exp = expires_at.as_secs();
    if ctx.has(Defect::PutsOtherExpiryIntoToken) {
        exp += 3600;
    }
    let mut iat = issued_at.as_secs();
    if ctx.has(Defect::IssuesTokenFromTheFuture) {
        iat += 3600;
    }
    let mut claims = Map::new();
    claims.insert("iss".to_owned(), json!(ctx.server.issuer));
    claims.insert("sub".to_owned(), json!(ctx.grant.subject));
    claims.insert("aud".to_owned(), json!(format!("{}/api", ctx.server.issuer)));
    claims.insert("client_id".to_owned(), json!(client_id));
    claims.insert("scope".to_owned(), json!(scope.join(" ")));
    claims.insert("iat".to_owned(), json!(iat));
    claims.insert("exp".to_owned(), json!(exp));
    claims.insert("jti".to_owned(), json!(random_token()));
    if ctx.has(Defect::RepeatsTokenIdentifier) {
        claims.insert("jti".to_owned(), json!("the-token-of-this-server"));
        // Still another token each time: not two of one second that are the same.
        claims.insert("sid".to_owned(), json!(random_token()));
    }
    if ctx.has(Defect::OmitsAudienceFromToken) {
        claims.remove("aud");
    }
    if ctx.has(Defect::OmitsExpiryFromToken) {
        claims.remove("exp");
    }
    if ctx.has(Defect::PutsMillisecondsIntoToken) {
        claims.insert("exp".to_owned(), json!(exp * 1000));
    }
    claims
}

fn jwt(ctx: &Context, claims: &Map<String, Value>) -> Result<String, Reply> {
    let signing = ctx.policy().access_token.algorithm;
    let mut algorithm = signing.name();
    if ctx.has(Defect::SignsTokenWithHs256) {
        algorithm = "HS256";
    }
    if ctx.has(Defect::LeavesTokenUnsigned) {
        algorithm = "none";
    }
    let kid = match ctx.has(Defect::NamesUnknownKey) {
        true => "unknown",
        false => published(signing).kid(),
    };
    let header = json!({ "typ": "at+jwt", "alg": algorithm, "kid": kid });
    let encode = |text: String| URL_SAFE_NO_PAD.encode(text);
    let input = format!("{}.{}", encode(header.to_string()), encode(json!(claims).to_string()));
    let signature = match algorithm {
        "none" => Some(Vec::new()),
        "HS256" => {
            let key = hmac::Key::new(hmac::HMAC_SHA256, ctx.server.issuer.as_bytes());
            Some(hmac::sign(&key, input.as_bytes()).as_ref().to_vec())
        }
        _ if ctx.has(Defect::SignsWithUnpublishedKey) => unpublished(signing).sign(input.as_bytes()),
        _ => published(signing).sign(input.as_bytes()),
    };
    let mut signature = signature.ok_or_else(|| Reply::server_error("signing failed"))?;
    if let Some(last) = signature.last_mut()
        && ctx.has(Defect::SpoilsSignature)
    {
        *last ^= 1;
    }
    Ok(format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature)))
}

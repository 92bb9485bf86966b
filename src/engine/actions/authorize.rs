use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::engine::case::{Player, Stop};
use crate::engine::parameters::{Draft, Parameters};
use crate::http::{Headers, Request};
use crate::model::{Authorize, Decision, Outcome, Pkce, Value};
use crate::user_agent::Visit;

use super::{Memory, Performed};

/// What a token request takes up from the authorize step before it.
#[derive(Clone, Debug, Default)]
pub(in crate::engine) struct Authorization {
    /// Name of the target's client.
    pub(super) client: String,
    /// As it was sent, if it was.
    pub(super) redirect_uri: Option<String>,
    pub(super) code: Option<String>,
    pub(super) code_verifier: Option<String>,
}

pub(super) async fn perform(player: &mut Player, action: &Authorize) -> Result<Performed, Stop> {
    let world = player.world.clone();
    let endpoint = world.target.endpoints.authorization.clone();
    let endpoint = endpoint.ok_or_else(|| Stop::blocked("the target has no authorization endpoint"))?;
    let client_name = player.name(action.client.as_ref(), "default")?;
    let client = player.client(&client_name)?.clone();
    let user_name = player.name(action.user.as_ref(), "default")?;
    let user = world.target.user(&user_name).cloned();
    let user = user.ok_or_else(|| {
        Stop::blocked(format!("the target file has no user `{user_name}`: add it under `users`"))
    })?;

    let mut parameters = Parameters::default();
    match &action.response_type {
        Some(template) => player.push(&mut parameters, "response_type", template)?,
        None => parameters.push("response_type", "code"),
    }
    parameters.push("client_id", client.id.clone());
    match (&action.redirect_uri, client.redirect_uris.first()) {
        (Some(template), _) => player.push(&mut parameters, "redirect_uri", template)?,
        (None, Some(uri)) => parameters.push("redirect_uri", uri.clone()),
        (None, None) => {
            return Err(Stop::blocked(format!("client `{client_name}` of the target has no redirect_uris")));
        }
    }
    match &action.scope {
        Some(template) => player.push(&mut parameters, "scope", template)?,
        None => {
            if let Some(scope) = player.usual_scope(&client_name, "scope") {
                parameters.push("scope", scope);
            }
        }
    }
    match &action.state {
        Some(template) => player.push(&mut parameters, "state", template)?,
        None => parameters.push("state", player.environment.random_text(32)),
    }
    let code_verifier = match player.choice(action.pkce.as_ref(), &Pkce::ALL)?.unwrap_or(Pkce::S256) {
        Pkce::None => None,
        method => {
            let verifier = player.environment.random_text(64);
            let challenge = match method {
                Pkce::S256 => s256(&verifier),
                _ => verifier.clone(),
            };
            parameters.push("code_challenge", challenge);
            parameters.push("code_challenge_method", if method == Pkce::S256 { "S256" } else { "plain" });
            Some(verifier)
        }
    };
    if let Some(template) = &action.response_mode {
        player.push(&mut parameters, "response_mode", template)?;
    }
    parameters.apply(&action.overrides, &player.environment).map_err(Stop::of_suite)?;

    let sent = parameters.to_value();
    let redirect_uri = parameters.value("redirect_uri").map(str::to_owned);
    let draft = Draft { method: "GET", url: endpoint, headers: Headers::default(), parameters };
    let request = draft.finish(&action.overrides, &player.environment).map_err(Stop::of_suite)?;
    let mut visit = Visit {
        request,
        redirect_uri: redirect_uri.as_deref(),
        registered: &client.redirect_uris,
        user: &user,
        decision: action.decision.unwrap_or(Decision::Approve),
        forged: None,
    };
    if visit.decision == Decision::Forge {
        visit.forged = Some(foreign_form(player, &user_name, &visit).await?);
    }
    let browser = player.browser(&user_name, action.fresh_session);
    let outcome = browser.visit(visit).await;

    let authorization = Authorization {
        client: client_name,
        redirect_uri,
        code: match &outcome {
            Outcome::Redirected(redirected) => redirected.parameter("code").map(str::to_owned),
            _ => None,
        },
        code_verifier,
    };
    let bound = bind(&outcome, &authorization, &sent);
    // Whoever left the page has nothing for those who come after.
    let memory = match outcome {
        Outcome::Closed => Memory::Nothing,
        _ => Memory::Authorization(authorization),
    };
    Ok(Performed { outcome, request: sent, bound, memory })
}

/// The consent form that another user is shown for the same request, in a session of their own.
async fn foreign_form(player: &mut Player, name: &str, visit: &Visit<'_>) -> Result<Request, Stop> {
    let world = player.world.clone();
    let other = world.target.users.iter().find(|(other, _)| other != name);
    let Some((other, user)) = other else {
        return Err(Stop::blocked("the target file has no second user: add one under `users`"));
    };
    let browser = player.browser(other, true);
    let theirs = Visit { user, decision: Decision::Approve, forged: None, ..visit.clone() };
    browser.consent_form(theirs).await.map_err(|outcome| match outcome {
        Outcome::Stuck { reason, .. } => Stop::blocked(format!("user `{other}`: {reason}")),
        _ => {
            Stop::blocked(format!("user `{other}` was not asked for consent, so there was no form to forge"))
        }
    })
}

/// RFC 7636 section 4.2.
fn s256(verifier: &str) -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, verifier.as_bytes());
    URL_SAFE_NO_PAD.encode(digest)
}

/// The response's parameters, and under them what was sent.
fn bind(outcome: &Outcome, authorization: &Authorization, sent: &Value) -> Value {
    let mut members: Vec<(String, Value)> = Vec::new();
    let mut add = |name: &str, value: Value| {
        if !members.iter().any(|(n, _)| n == name) {
            members.push((name.to_owned(), value));
        }
    };
    match outcome {
        Outcome::Redirected(redirected) => {
            for (name, value) in &redirected.parameters {
                add(name, value.as_str().into());
            }
            add("outcome", "redirect".into());
            add("location", redirected.location.as_str().into());
            add("to", redirected.to.as_str().into());
        }
        Outcome::Page(page) => {
            add("outcome", "page".into());
            add("status", Value::integer(page.status.into()));
        }
        Outcome::Closed => add("outcome", "closed".into()),
        _ => add("outcome", Value::Null),
    }
    if let Some(verifier) = &authorization.code_verifier {
        add("code_verifier", verifier.as_str().into());
    }
    for name in ["redirect_uri", "scope", "client_id"] {
        add(name, sent.member(name).cloned().unwrap_or_default());
    }
    Value::Map(members)
}

#[cfg(test)]
mod tests {
    /// RFC 7636 appendix B.
    #[test]
    fn s256_is_the_rfcs() {
        assert_eq!(
            super::s256("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
    }
}

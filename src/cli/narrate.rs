//! Cases in plain words.

use std::fmt::Write as _;

use crate::check;
use crate::model::{
    Action, Assertion, AssertionSignature, Authentication, Authorize, BearerMethod, Choice, Decision,
    Library, Overrides, Pkce, Race, Registration, Step, Succeed, Template, TokenRequest, Value,
};

/// The steps, numbered, with what is expected of each.
pub(super) fn steps(list: &[Step], depth: usize, library: &Library, text: &mut String) {
    let indent = "  ".repeat(depth);
    for (number, step) in list.iter().enumerate() {
        // Writing to a string cannot fail.
        let _ = write!(text, "{indent}{}. {}", number + 1, action(&step.action));
        if let Some(name) = &step.name {
            let _ = write!(text, " (called {name})");
        }
        if let Some(when) = &step.when {
            let _ = write!(text, ", if {}", when.location.excerpt());
        }
        if !step.needs.is_empty() {
            let needs: Vec<&str> = step.needs.iter().map(|n| n.value.as_str()).collect();
            let _ = write!(text, ", where there is {}", needs.join(", "));
        }
        text.push('\n');
        match &step.action {
            Action::Parallel(inner) => steps(inner, depth + 1, library, text),
            Action::Race(race) => {
                let id = &race.requirement.value;
                let _ = writeln!(text, "{indent}   {} {id}: {}", level(id, library), succeed(race));
            }
            _ => {}
        }
        for assumed in &step.assume {
            let _ = writeln!(text, "{indent}   assumes {}", check::describe_pattern(&assumed.value));
        }
        for expectation in &step.expect {
            let id = &expectation.requirement.value;
            let when = expectation.when.as_ref().map(|w| format!(", if {}", w.location.excerpt()));
            let _ = writeln!(
                text,
                "{indent}   {} {id}: {}{}",
                level(id, library),
                check::describe_pattern(&expectation.pattern),
                when.unwrap_or_default()
            );
        }
        if step.expect.is_empty() && step.assume.is_empty() && is_request(&step.action) {
            let _ = writeln!(text, "{indent}   assumes success");
        }
    }
}

fn level(id: &str, library: &Library) -> &'static str {
    library.requirements.get(id).map_or("judges", |requirement| requirement.level.as_str())
}

fn is_request(action: &Action) -> bool {
    !matches!(action, Action::Wait(_) | Action::Parallel(_) | Action::Race(_))
}

/// What a step does, as a sentence without its full stop.
fn action(action: &Action) -> String {
    match action {
        Action::Authorize(request) => authorize(request),
        Action::Token(request) => token(request),
        Action::Introspect(query) => {
            let unusual = query.assertion.as_ref().map(assertion);
            let more =
                [with("token", &query.token), query.authentication.as_ref().map(authentication), unusual];
            sentence("the client asks about a token", &query.client, &more, &query.overrides)
        }
        Action::Revoke(query) => {
            let unusual = query.assertion.as_ref().map(assertion);
            let more =
                [with("token", &query.token), query.authentication.as_ref().map(authentication), unusual];
            sentence("the client revokes a token", &query.client, &more, &query.overrides)
        }
        Action::Resource(request) | Action::Userinfo(request) => {
            let via = request.via.as_ref().and_then(|via| match via {
                Choice::Said(BearerMethod::Header) => None,
                Choice::Said(BearerMethod::Body) => Some("the token in the body".to_owned()),
                Choice::Said(BearerMethod::Query) => Some("the token in the query".to_owned()),
                Choice::Said(BearerMethod::None) => Some("no token".to_owned()),
                Choice::Computed(by) => Some(format!("the token by way of {}", value(&by.value))),
            });
            let more = [with("token", &request.access_token), with("scope", &request.scope), via];
            let begin = match action {
                Action::Userinfo(_) => "the client asks who the user is",
                _ => "a protected resource is requested",
            };
            sentence(begin, &None, &more, &request.overrides)
        }
        Action::Register(registration) => register(registration),
        Action::Metadata(overrides) => sentence("the server's metadata is fetched", &None, &[], overrides),
        Action::Jwks(overrides) => sentence("the server's keys are fetched", &None, &[], overrides),
        Action::Request(request) => {
            let begin = format!("{} is requested", value(&request.url));
            sentence(&begin, &None, &[], &request.overrides)
        }
        Action::Handshake(offer) => {
            let versions: Vec<String> = offer.versions.iter().map(value).collect();
            let suites =
                offer.cipher_suites.as_ref().map(|suites| format!(" with {} cipher suites", value(suites)));
            let finished = if offer.finish { " and finished" } else { "" };
            format!(
                "a TLS connection to {} is begun{finished}, offering {}{}",
                value(&offer.url),
                versions.join(", "),
                suites.unwrap_or_default()
            )
        }
        Action::Wait(duration) => format!("time passes: {}", duration.location.excerpt()),
        Action::Parallel(_) => "at the same time:".to_owned(),
        Action::Race(race) => {
            let inner = self::action(&race.step.action);
            format!("{} times at once: {inner}", race.times)
        }
    }
}

fn authorize(request: &Authorize) -> String {
    let user = request.user.as_ref().map(value).unwrap_or_else(|| "the user".to_owned());
    let decides = match request.decision {
        Some(Decision::Deny) => "denies",
        Some(Decision::Close) => "closes the consent page",
        Some(Decision::Forge) => "is made to send the consent form of another user's session",
        Some(Decision::Approve) | None => "consents",
    };
    let fresh = if request.fresh_session { "logs in anew" } else { "logs in" };
    let pkce = request.pkce.as_ref().map(|pkce| match pkce {
        Choice::Said(Pkce::None) => "no code challenge".to_owned(),
        Choice::Said(Pkce::Plain) => "a plain code challenge".to_owned(),
        Choice::Said(Pkce::S256) => "an S256 code challenge".to_owned(),
        Choice::Computed(method) => format!("a code challenge by {}", value(&method.value)),
    });
    let more = [
        with("response_type", &request.response_type),
        with("response_mode", &request.response_mode),
        with("scope", &request.scope),
        with("state", &request.state),
        with("redirect_uri", &request.redirect_uri),
        pkce,
    ];
    let begin = format!("{user} is sent to the authorization endpoint, {fresh} and {decides}");
    sentence(&begin, &request.client, &more, &request.overrides)
}

fn token(request: &TokenRequest) -> String {
    let grant = match &request.grant_type {
        Some(Template::Literal(Value::Text(grant))) => grant.as_str(),
        Some(_) => "",
        None => "authorization_code",
    };
    let begin = match grant {
        "authorization_code" => match &request.from {
            Some(from) => format!("the client redeems the code of {}", from.value),
            None => "the client redeems the code".to_owned(),
        },
        "refresh_token" => "the client refreshes its tokens".to_owned(),
        "client_credentials" => "the client asks for a token of its own".to_owned(),
        "password" => "the client asks for a token with the user's password".to_owned(),
        "" => "the client asks for a token with another grant".to_owned(),
        other => format!("the client asks for a token with the grant {other}"),
    };
    let more = [
        with("code", &request.code),
        with("redirect_uri", &request.redirect_uri),
        with("code_verifier", &request.code_verifier),
        with("refresh_token", &request.refresh_token),
        with("scope", &request.scope),
        request.authentication.as_ref().map(authentication),
        request.assertion.as_ref().map(assertion),
    ];
    sentence(&begin, &request.client, &more, &request.overrides)
}

fn register(registration: &Registration) -> String {
    let more = [
        with("redirect_uris", &registration.redirect_uris),
        with("token_endpoint_auth_method", &registration.token_endpoint_auth_method),
        with("grant_types", &registration.grant_types),
        with("response_types", &registration.response_types),
        with("scope", &registration.scope),
    ];
    sentence("a client is registered", &None, &more, &registration.overrides)
}

fn authentication(authentication: &Choice<Authentication>) -> String {
    let said = match authentication {
        Choice::Said(said) => said,
        Choice::Computed(method) => return format!("client authentication by {}", value(&method.value)),
    };
    match said {
        Authentication::None => "no client authentication".to_owned(),
        Authentication::ClientSecretPost => "its secret in the body".to_owned(),
        Authentication::ClientSecretBasic => "its secret in the header".to_owned(),
        Authentication::Both => "its secret both in body and header".to_owned(),
        Authentication::WrongSecret => "a wrong secret".to_owned(),
        Authentication::EmptySecret => "an empty secret".to_owned(),
        Authentication::PrivateKeyJwt => "a JWT signed with its key".to_owned(),
        Authentication::Missing => "neither `client_id` nor secret".to_owned(),
    }
}

fn assertion(assertion: &Assertion) -> String {
    let members = assertion.header.iter().chain(&assertion.claims);
    let mut unusual: Vec<String> = members
        .map(|(name, template)| match template {
            Template::Literal(Value::Null) => format!("without {name}"),
            template => format!("with {name} = {}", value(template)),
        })
        .collect();
    let times = [("exp", &assertion.expires), ("iat", &assertion.issued), ("nbf", &assertion.not_before)];
    for (name, seconds) in times {
        unusual.extend(seconds.iter().map(|s| format!("with {name} {} seconds from now", value(s))));
    }
    unusual.extend(assertion.signature.as_ref().and_then(|signature| match signature {
        Choice::Said(AssertionSignature::Own) => None,
        Choice::Said(AssertionSignature::Other) => Some("signed with another key".to_owned()),
        Choice::Said(AssertionSignature::Brought) => {
            Some("signed with another key that it brings along".to_owned())
        }
        Choice::Said(AssertionSignature::PublicKey) => {
            Some("with a MAC whose secret is the public key".to_owned())
        }
        Choice::Said(AssertionSignature::Altered) => Some("altered after it was signed".to_owned()),
        Choice::Said(AssertionSignature::None) => Some("not signed".to_owned()),
        Choice::Computed(by) => Some(format!("with the signature {}", value(&by.value))),
    }));
    format!("an assertion {}", unusual.join(" and "))
}

fn with(name: &str, template: &Option<Template>) -> Option<String> {
    template.as_ref().map(|template| format!("{name} = {}", value(template)))
}

/// The beginning, who the client is, and what is unusual.
fn sentence(
    begin: &str,
    client: &Option<Template>,
    more: &[Option<String>],
    overrides: &Overrides,
) -> String {
    let mut unusual: Vec<String> =
        client.as_ref().map(|c| format!("client {}", value(c))).into_iter().collect();
    unusual.extend(more.iter().flatten().cloned());
    unusual.extend(
        overrides.parameters.iter().map(|(n, template)| format!("{} = {}", name(n), value(template))),
    );
    unusual.extend(overrides.remove.iter().map(|n| format!("no {}", name(n))));
    unusual.extend(overrides.append.iter().map(|(n, t)| format!("{} once more = {}", name(n), value(t))));
    unusual.extend(overrides.query.iter().map(|(n, t)| format!("{} = {} in the query", name(n), value(t))));
    unusual.extend(with("method", &overrides.method));
    unusual.extend(with("media type", &overrides.content_type));
    unusual.extend(overrides.headers.iter().map(|(n, template)| match template {
        Some(template) => format!("header {} = {}", name(n), value(template)),
        None => format!("no header {}", name(n)),
    }));
    unusual.extend(with("body", &overrides.body));
    if unusual.is_empty() { begin.to_owned() } else { format!("{begin}, with {}", unusual.join(", ")) }
}

/// The name of a parameter or a header field.
fn name(template: &Template) -> String {
    template.as_literal_text().map(str::to_owned).unwrap_or_else(|| value(template))
}

/// A value in few words.
fn value(template: &Template) -> String {
    match template {
        Template::Literal(Value::Text(text)) if text.is_empty() => "nothing".to_owned(),
        Template::Literal(value) => value.to_string(),
        Template::Expression(expression) => {
            let mut names = Vec::new();
            expression.references(&mut |path| names.push(format!("${}", path.join("."))));
            if names.is_empty() { "something computed".to_owned() } else { names.join(" and ") }
        }
        Template::Text(_) => "a text made from others".to_owned(),
        Template::Random { length, .. } => format!("{} random characters", value(length)),
        Template::Repeat { text, times } => format!("{} times {}", value(times), value(text)),
        Template::Wire { text, .. } => value(text),
        Template::List(items) if items.len() <= 3 => {
            format!("[{}]", items.iter().map(value).collect::<Vec<_>>().join(", "))
        }
        Template::List(items) => format!("a list of {}", items.len()),
        Template::Map(members) => format!("a map of {}", members.len()),
    }
}

fn succeed(race: &Race) -> String {
    match race.succeed.value {
        Succeed::Exactly(count) => format!("exactly {count} of them may succeed"),
        Succeed::AtMost(count) => format!("at most {count} of them may succeed"),
        Succeed::All => "all of them succeed".to_owned(),
    }
}

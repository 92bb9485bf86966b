use super::decode::{Decoder, Map, all};
use super::diagnostic::{Diagnostic, nearest};
use super::language::{Record, steps};
use super::pattern::is_token;
use super::template::Allowed;
use super::tree::{Kind, Node};
use crate::model::{
    Action, Assertion, AssertionSignature, Authentication, Authorize, BearerMethod, Choice, CipherSuites,
    Decision, HandshakeOffer, Located, Overrides, Pkce, RawRequest, Registration, ResourceRequest, Template,
    TlsVersion, TokenQuery, TokenRequest, Value,
};

/// Methods of HTTP that are in use.
pub(super) const METHODS: [&str; 7] = ["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"];

impl Decoder<'_> {
    /// An action that sends a request, or waits. Those made of steps are the step's business.
    pub fn action(&self, keyword: &str, node: &Node) -> Option<Action> {
        if keyword == "wait" {
            let value = self.duration_template(node, "`wait`")?;
            return Some(Action::Wait(Located { value, location: self.at(node) }));
        }
        let empty = Node { kind: Kind::Map(Vec::new()), span: node.span };
        let node = if matches!(node.kind, Kind::Null) { &empty } else { node };
        let what = format!("`{keyword}`");
        let record: &'static Record = match keyword {
            "authorize" => &steps::AUTHORIZE,
            "token" => &steps::TOKEN,
            "refresh" => &steps::REFRESH,
            "introspect" | "revoke" => &steps::QUERY,
            "resource" => &steps::RESOURCE,
            "userinfo" => &steps::USERINFO,
            "register" => &steps::REGISTER,
            "metadata" | "jwks" => &steps::OVERRIDES,
            "handshake" => &steps::HANDSHAKE,
            _ => &steps::REQUEST,
        };
        let map = self.record_as(node, record, &what)?;
        let action = match keyword {
            "authorize" => self.authorize(&map).map(Box::new).map(Action::Authorize),
            "token" | "refresh" => self.token(&map, keyword).map(Box::new).map(Action::Token),
            "introspect" => self.token_query(&map).map(Box::new).map(Action::Introspect),
            "revoke" => self.token_query(&map).map(Box::new).map(Action::Revoke),
            "resource" => {
                let scope = map.read("scope", |n| self.scalar(n));
                self.resource(&map, scope).map(Box::new).map(Action::Resource)
            }
            "userinfo" => self.resource(&map, None).map(Box::new).map(Action::Userinfo),
            "register" => self.registration_request(&map).map(Box::new).map(Action::Register),
            "metadata" => self.overrides(&map).map(Box::new).map(Action::Metadata),
            "jwks" => self.overrides(&map).map(Box::new).map(Action::Jwks),
            "handshake" => self.handshake(&map).map(Action::Handshake),
            _ => {
                let url = map.need("url", |n| self.scalar(n));
                let overrides = self.overrides(&map);
                url.zip(overrides)
                    .map(|(url, overrides)| Action::Request(Box::new(RawRequest { url, overrides })))
            }
        };
        map.finish()?;
        action
    }

    fn authorize(&self, map: &Map<'_, '_>) -> Option<Authorize> {
        Some(Authorize {
            client: map.read("client", |n| self.client_name(n)),
            user: map.read("user", |n| self.party(n, "user", &USERS)),
            response_type: map.read("response_type", |n| self.scalar(n)),
            response_mode: map.read("response_mode", |n| self.scalar(n)),
            scope: map.read("scope", |n| self.scalar(n)),
            state: map.read("state", |n| self.scalar(n)),
            redirect_uri: map.read("redirect_uri", |n| self.scalar(n)),
            decision: map.read("decision", |n| self.choice(n, "`decision`", &DECISIONS)),
            fresh_session: map
                .read("session", |n| self.choice(n, "`session`", &SESSIONS))
                .unwrap_or_default(),
            pkce: map.read("pkce", |n| self.open_choice(n, "`pkce`", &Pkce::ALL)),
            overrides: self.overrides(map)?,
        })
    }

    fn token(&self, map: &Map<'_, '_>, keyword: &str) -> Option<TokenRequest> {
        if keyword == "refresh" {
            return Some(TokenRequest {
                grant_type: Some(Template::Literal("refresh_token".into())),
                refresh_token: map.read("refresh_token", |n| self.scalar(n)),
                scope: map.read("scope", |n| self.scalar(n)),
                client: map.read("client", |n| self.client_name(n)),
                authentication: map.read("authentication", |n| self.authentication(n)),
                assertion: map.read("assertion", |n| self.assertion(n)),
                overrides: self.overrides(map)?,
                ..TokenRequest::default()
            });
        }
        Some(TokenRequest {
            grant_type: map.read("grant_type", |n| self.scalar(n)),
            from: map.read("from", |n| self.earlier_authorize(n)),
            client: map.read("client", |n| self.client_name(n)),
            authentication: map.read("authentication", |n| self.authentication(n)),
            assertion: map.read("assertion", |n| self.assertion(n)),
            code: map.read("code", |n| self.scalar(n)),
            redirect_uri: map.read("redirect_uri", |n| self.scalar(n)),
            code_verifier: map.read("code_verifier", |n| self.scalar(n)),
            refresh_token: map.read("refresh_token", |n| self.scalar(n)),
            scope: map.read("scope", |n| self.scalar(n)),
            user: map.read("user", |n| self.party(n, "user", &USERS)),
            overrides: self.overrides(map)?,
        })
    }

    fn token_query(&self, map: &Map<'_, '_>) -> Option<TokenQuery> {
        Some(TokenQuery {
            token: map.read("token", |n| self.scalar(n)),
            token_type_hint: map.read("token_type_hint", |n| self.scalar(n)),
            client: map.read("client", |n| self.client_name(n)),
            authentication: map.read("authentication", |n| self.authentication(n)),
            assertion: map.read("assertion", |n| self.assertion(n)),
            overrides: self.overrides(map)?,
        })
    }

    fn resource(&self, map: &Map<'_, '_>, scope: Option<Template>) -> Option<ResourceRequest> {
        Some(ResourceRequest {
            access_token: map.read("access_token", |n| self.scalar(n)),
            scope,
            via: map.read("via", |n| self.open_choice(n, "`via`", &BearerMethod::ALL)),
            overrides: self.overrides(map)?,
        })
    }

    fn registration_request(&self, map: &Map<'_, '_>) -> Option<Registration> {
        let value = |key: &'static str| map.read(key, |n| self.template(n, Allowed::Anything));
        Some(Registration {
            redirect_uris: value("redirect_uris"),
            token_endpoint_auth_method: map.read("token_endpoint_auth_method", |n| self.scalar(n)),
            grant_types: value("grant_types"),
            response_types: value("response_types"),
            scope: map.read("scope", |n| self.scalar(n)),
            overrides: self.overrides(map)?,
        })
    }

    fn handshake(&self, map: &Map<'_, '_>) -> Option<HandshakeOffer> {
        let url = map.need("url", |n| self.scalar(n));
        let word = |n: &Node, what: &str, words: &[&str]| {
            let template = self.scalar(n)?;
            if let Template::Literal(value) = &template
                && !words.contains(&value.to_plain().unwrap_or_default().as_str())
            {
                let problem = Diagnostic::new(self.at(n), format!("{what} is none of the known words"), "");
                let written = value.to_plain().unwrap_or_default();
                let near = nearest(&written, words.iter().copied());
                self.note(problem.expected(words.iter().copied()).suggest(near));
                return None;
            }
            Some(template)
        };
        let offered = map.read("versions", |n| {
            let versions = self
                .each(n, "`versions`", |n| word(n, "this version", &TlsVersion::ALL.map(|(name, _)| name)))?;
            if versions.is_empty() {
                self.wrong(n, "nothing is offered", "expected at least one version");
                return None;
            }
            Some(versions)
        });
        let usual = || ["TLSv1.2", "TLSv1.3"].map(|name| Template::Literal(name.into())).to_vec();
        let suites = CipherSuites::ALL.map(|(name, _)| name);
        let cipher_suites = map.read("cipher_suites", |n| word(n, "`cipher_suites`", &suites));
        let finish = map.read("finish", |n| self.flag(n, "`finish`")).unwrap_or_default();
        Some(HandshakeOffer { url: url?, versions: offered.unwrap_or_else(usual), cipher_suites, finish })
    }

    fn assertion(&self, node: &Node) -> Option<Assertion> {
        let map = self.record(node, &steps::ASSERTION)?;
        let members = |key: &'static str| {
            let read = |n: &Node| {
                let map = self.map(n, if key == "header" { "`header`" } else { "`claims`" })?;
                all(map.entries(), |e| Some((e.key.to_string(), self.template(&e.value, Allowed::Anything)?)))
            };
            map.read(key, read).unwrap_or_default()
        };
        let assertion = Assertion {
            header: members("header"),
            claims: members("claims"),
            expires: map.read("expires", |n| self.scalar(n)),
            issued: map.read("issued", |n| self.scalar(n)),
            not_before: map.read("not_before", |n| self.scalar(n)),
            signature: map
                .read("signature", |n| self.open_choice(n, "`signature`", &AssertionSignature::ALL)),
        };
        map.finish()?;
        Some(assertion)
    }

    fn authentication(&self, node: &Node) -> Option<Choice<Authentication>> {
        self.open_choice(node, "`authentication`", &Authentication::ALL)
    }

    /// One of several words, or an expression that gives one.
    fn open_choice<T: Copy>(&self, node: &Node, what: &str, words: &[(&str, T)]) -> Option<Choice<T>> {
        match &node.kind {
            Kind::Text(text) if text.starts_with('$') => {
                let value = self.scalar(node)?;
                Some(Choice::Computed(Located { value, location: self.at(node) }))
            }
            _ => self.choice(node, what, words).map(Choice::Said),
        }
    }

    /// The name of a client of the target, or of the step that registers one.
    fn client_name(&self, node: &Node) -> Option<Template> {
        let template = self.scalar(node)?;
        let Template::Literal(Value::Text(name)) = &template else {
            return self.party(node, "client", &CLIENTS);
        };
        let names = self.names.borrow();
        let is_register = |kind: &str| kind == REGISTER;
        let named = names.steps.iter().find(|(step, _)| step.value == *name);
        match named {
            Some((_, kind)) if is_register(kind) => return Some(template),
            Some((step, kind)) => {
                let message = format!("`{name}` is no `{REGISTER}` step but one of `{kind}`");
                let problem = Diagnostic::new(self.at(node), message, "there is no such client");
                self.note(problem.second(step.location.clone(), "named here"));
                return None;
            }
            None if name == REGISTER && (names.unchecked || names.kinds.iter().any(|k| is_register(k))) => {
                return Some(template);
            }
            None if name == REGISTER => {
                let message = format!("no `{REGISTER}` step comes before this one");
                let label = format!("`{REGISTER}` means the client of the latest such step");
                self.note(Diagnostic::new(self.at(node), message, label).page(REGISTER));
                return None;
            }
            None => {}
        }
        let registered: Vec<&str> = names
            .steps
            .iter()
            .filter(|(_, kind)| is_register(kind))
            .map(|(step, _)| step.value.as_str())
            .collect();
        let usual: Vec<&str> = CLIENTS.into_iter().chain(registered).collect();
        self.party(node, "client", &usual)
    }

    /// The name of a client or a user of the target. Targets name theirs freely, so only what looks like a
    /// slip is a mistake here.
    fn party(&self, node: &Node, what: &str, usual: &[&str]) -> Option<Template> {
        let template = self.scalar(node)?;
        let Template::Literal(value) = &template else { return Some(template) };
        let name = match value {
            Value::Text(name) => name,
            _ => {
                self.wrong(node, format!("a {what} is named"), format!("expected the name of a {what}"));
                return None;
            }
        };
        let is_usual = usual.contains(&name.as_str());
        let near = if is_usual { None } else { nearest(name, usual.iter().copied()) };
        if near.is_none() {
            return Some(template);
        }
        let problem =
            Diagnostic::new(self.at(node), format!("no target is known to have such a {what}"), "misspelt?");
        self.note(problem.suggest(near));
        None
    }

    /// The name of an authorize step that came before.
    fn earlier_authorize(&self, node: &Node) -> Option<Located<String>> {
        let name = self.located(node, "`from`")?;
        let names = self.names.borrow();
        if names.unchecked {
            return Some(name);
        }
        let found = names.steps.iter().find(|(step, _)| step.value == name.value);
        let authorize = || names.steps.iter().filter(|(_, kind)| kind == "authorize");
        let problem = match found {
            Some((_, kind)) if kind == "authorize" => return Some(name),
            Some((step, kind)) => {
                let label = "its outcome holds no code";
                let message = format!("`{}` is no `authorize` step but a `{kind}` step", name.value);
                Diagnostic::new(name.location, message, label).second(step.location.clone(), "named here")
            }
            None => {
                let message = format!("no earlier step is called `{}`", name.value);
                let problem =
                    Diagnostic::new(name.location, message, "expected the name of an `authorize` step");
                let near = nearest(&name.value, authorize().map(|(step, _)| step.value.as_str()));
                match near {
                    None => problem.help("without `from` the code of the latest `authorize` step is taken"),
                    near => problem.suggest(near),
                }
            }
        };
        self.note(problem);
        None
    }

    /// What is unusual about a request.
    fn overrides(&self, map: &Map<'_, '_>) -> Option<Overrides> {
        let named =
            |key: &'static str, what: &str| map.read(key, |n| self.sent_values(n, what)).unwrap_or_default();
        let mut parameters = named("parameters", "`parameters`");
        let names = |key: &'static str| {
            map.read(key, |n| self.each(n, &format!("`{key}`"), |n| self.sent_name(n))).unwrap_or_default()
        };
        let empty = names("empty");
        parameters.extend(empty.into_iter().map(|name| (name, Template::Literal("".into()))));
        Some(Overrides {
            parameters,
            remove: names("remove"),
            append: map.read("append", |n| self.pairs(n)).unwrap_or_default(),
            order: map.read("order", |n| self.template(n, Allowed::Anything)),
            query: named("query", "`query`"),
            method: map.read("method", |n| self.method(n)),
            content_type: map.read("content_type", |n| self.scalar(n)),
            headers: map.read("headers", |n| self.headers(n)).unwrap_or_default(),
            body: map.read("body", |n| self.template(n, Allowed::Anything)),
        })
    }

    fn pairs(&self, node: &Node) -> Option<Vec<(Template, Template)>> {
        if let Kind::Map(_) = node.kind {
            let problem =
                Diagnostic::new(self.at(node), "`append` must be a list, not a map", "expected pairs");
            self.note(problem.help("the same name may come twice: `[[name, value], [name, value]]`"));
            return None;
        }
        self.each(node, "`append`", |n| self.pair(n))
    }

    fn pair(&self, node: &Node) -> Option<(Template, Template)> {
        match &node.kind {
            Kind::List(items) if let [name, value] = items.as_slice() => {
                let name = self.sent_name(name);
                name.zip(self.template(value, Allowed::Anything))
            }
            _ => {
                self.wrong(node, "each of `append` is a pair", "expected `[name, value]`");
                None
            }
        }
    }

    /// Values under the names of parameters.
    fn sent_values(&self, node: &Node, what: &str) -> Option<Vec<(Template, Template)>> {
        let map = self.map(node, what)?;
        all(map.entries(), |e| self.name_template(e).zip(self.template(&e.value, Allowed::Anything)))
    }

    /// The name of a parameter.
    fn sent_name(&self, node: &Node) -> Option<Template> {
        self.text(node, "a parameter's name")?;
        self.scalar(node).map(|name| match name {
            Template::Literal(value) => Template::Literal(value.to_plain().unwrap_or_default().into()),
            name => name,
        })
    }

    fn method(&self, node: &Node) -> Option<Template> {
        let template = self.scalar(node)?;
        if let Template::Literal(value) = &template {
            let text = value.as_text().unwrap_or_default();
            if !is_token(text) || METHODS.contains(&text.to_uppercase().as_str()) && !METHODS.contains(&text)
            {
                let label = "expected a method such as `GET` or `POST`";
                let problem = Diagnostic::new(self.at(node), "this is no HTTP method", label);
                let upper = text.to_uppercase();
                self.note(problem.suggest(METHODS.into_iter().find(|m| *m == upper)));
                return None;
            }
        }
        Some(template)
    }

    fn headers(&self, node: &Node) -> Option<Vec<(Template, Option<Template>)>> {
        let map = self.map(node, "`headers`")?;
        all(map.entries(), |entry| {
            let name = self.name_template(entry)?;
            if name.as_literal_text().is_some_and(|name| !is_token(name)) {
                self.note(Diagnostic::new(
                    self.at_key(entry),
                    "this is no name of a header field",
                    "not a token",
                ));
                return None;
            }
            match entry.value.kind {
                Kind::Null => Some((name, None)),
                _ => Some((name, Some(self.scalar(&entry.value)?))),
            }
        })
    }
}

/// What the user can do with the consent page.
pub(super) const DECISIONS: [(&str, Decision); 4] = [
    ("approve", Decision::Approve),
    ("deny", Decision::Deny),
    ("close", Decision::Close),
    ("forge", Decision::Forge),
];
/// Whether the user has to log in anew.
pub(super) const SESSIONS: [(&str, bool); 2] = [("fresh", true), ("same", false)];
/// Names of clients that suites and targets agree on.
pub(super) const CLIENTS: [&str; 5] = ["default", "second", "public", "keyed", "escaped"];
/// The action that registers a client, which is then called so too.
const REGISTER: &str = "register";
/// Names of users that suites and targets agree on.
pub(super) const USERS: [&str; 2] = ["default", "second"];

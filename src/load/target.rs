use url::Url;

use super::decode::{Decoder, Map, all};
use super::diagnostic::{Diagnostic, alternatives, nearest};
use super::language::targets;
use super::tree::{Kind, Node};
use crate::model::{
    Client, Endpoints, FormHints, KeyError, Library, Limits, Located, Resources, SigningKey, Start, Target,
    User, UserAgentKind,
};
use crate::oauth::ClientAuthenticationMethod;

/// Reads a target whose references to the environment are filled in.
pub(super) fn target(decoder: &Decoder<'_>, root: &Node, library: &Library) -> Option<Target> {
    let map = decoder.record(root, &targets::TARGET)?;
    let name = map.need("target", |n| decoder.sentence(n, "`target`"));
    let profile = map.read("profile", |n| {
        let profile = decoder.located(n, "`profile`")?;
        if library.profiles.contains_key(&profile.value) {
            return Some(profile);
        }
        let known = || library.profiles.keys().map(String::as_str);
        let message = format!("there is no profile `{}`", profile.value);
        let problem =
            Diagnostic::new(profile.location, message, format!("expected {}", alternatives(known())));
        decoder.note(problem.suggest(nearest(&profile.value, known())));
        None
    });
    let issuer = map.read("issuer", |n| decoder.url(n, "`issuer`"));
    let endpoints = map.read("endpoints", |n| decoder.endpoints(n)).unwrap_or_default();
    let clients = map.need("clients", |n| decoder.named(n, "`clients`", |n| decoder.client(n)));
    let users = map.read("users", |n| decoder.named(n, "`users`", |n| decoder.user(n))).unwrap_or_default();
    let registration = map.read("registration", |n| decoder.registration(n));
    let mut target = Target {
        name: name.unwrap_or_default(),
        profile,
        issuer,
        endpoints,
        clients: clients.unwrap_or_default(),
        users,
        resources: map.read("resources", |n| decoder.resources(n)).unwrap_or_default(),
        registration: registration.is_some(),
        initial_access_token: registration.flatten(),
        user_agent: map.read("user_agent", |n| decoder.user_agent(n)).unwrap_or_default(),
        policy: map.read("policy", |n| decoder.policy(n)).unwrap_or_default(),
        without: map
            .read("without", |n| decoder.each(n, "`without`", |n| decoder.capability(n)))
            .unwrap_or_default(),
        limits: map.read("limits", |n| decoder.limits(n)).unwrap_or_default(),
        plain_http: map.read("plain_http", |n| decoder.plain_http(n)),
        clock: map.read("clock", |n| decoder.clock(n)),
        start: map.read("start", |n| decoder.start(n)),
        ca: map.read("ca", |n| decoder.sentence(n, "`ca`")),
        environment: Vec::new(),
    };
    decoder.check_default_client(&map);
    decoder.check_reachable(&map);
    map.finish()?;
    target.complete_clients();
    Some(target)
}

impl Decoder<'_> {
    /// An absolute URL of a web page or an endpoint.
    pub fn url(&self, node: &Node, what: &str) -> Option<String> {
        let text = self.text(node, what)?;
        let (problem, help) = match Url::parse(&text) {
            Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => return Some(text),
            Ok(url) if !text.contains("://") && !url.scheme().is_empty() => {
                ("has no scheme", Some("http://"))
            }
            Ok(_) => ("has another scheme than `http` and `https`", None),
            Err(url::ParseError::RelativeUrlWithoutBase) => ("is relative", Some("https://")),
            Err(_) => ("cannot be read", None),
        };
        let filled = matches!(node.kind, Kind::Filled(_));
        let label = if filled { "as filled in: expected `https://…`" } else { "expected `https://…`" };
        let problem = Diagnostic::new(
            self.at(node),
            format!("{what} must be an absolute URL, and this one {problem}"),
            label,
        );
        self.note(match help.filter(|_| !filled && !text.starts_with('/') && !text.is_empty()) {
            Some(scheme) => problem.help(format!("write `{scheme}{text}`")),
            None => problem,
        });
        None
    }

    /// An absolute URI of any scheme, as redirect URIs are (RFC 6749 section 3.1.2).
    fn redirect_uri(&self, node: &Node) -> Option<String> {
        let text = self.text(node, "a redirect URI")?;
        let problem = match Url::parse(&text) {
            Ok(_) if !text.contains('#') => return Some(text),
            Ok(_) => "a redirect URI has no fragment (RFC 6749 section 3.1.2)",
            Err(_) => "a redirect URI is absolute",
        };
        self.wrong(node, problem, "expected a URI such as `https://client.example/callback`");
        None
    }

    fn endpoints(&self, node: &Node) -> Option<Endpoints> {
        let map = self.record(node, &targets::ENDPOINTS)?;
        let url = |key: &'static str| map.read(key, |n| self.url(n, &format!("`{key}`")));
        let endpoints = Endpoints {
            authorization: url("authorization"),
            token: url("token"),
            revocation: url("revocation"),
            introspection: url("introspection"),
            userinfo: url("userinfo"),
            registration: url("registration"),
            jwks: url("jwks"),
            metadata: url("metadata"),
        };
        map.finish()?;
        Some(endpoints)
    }

    /// Things under names of the author's choice.
    fn named<T>(
        &self,
        node: &Node,
        what: &str,
        read: impl Fn(&Node) -> Option<T>,
    ) -> Option<Vec<(String, T)>> {
        let map = self.map(node, what)?;
        all(map.entries(), |entry| Some((entry.key.to_string(), read(&entry.value)?)))
    }

    fn client(&self, node: &Node) -> Option<Client> {
        let map = self.record(node, &targets::CLIENT)?;
        let id = map.need("id", |n| self.sentence(n, "`id`"));
        let client = Client {
            id: id.unwrap_or_default(),
            secret: map.read("secret", |n| self.sentence(n, "`secret`")),
            authentication: map.read("authentication", |n| self.authentication_method(n)),
            redirect_uris: map
                .read("redirect_uris", |n| self.each(n, "`redirect_uris`", |n| self.redirect_uri(n)))
                .unwrap_or_default(),
            scope: map.read("scope", |n| self.text(n, "`scope`")),
            client_credentials_scope: map
                .read("client_credentials_scope", |n| self.text(n, "`client_credentials_scope`")),
            partner: map.read("partner", |n| self.sentence(n, "`partner`")),
            key: None,
            key_file: map.read("private_key_file", |n| {
                Some(Located { value: self.sentence(n, "`private_key_file`")?, location: self.at(n) })
            }),
            key_id: map.read("key_id", |n| self.sentence(n, "`key_id`")),
            signing_algorithm: map.read("signing_algorithm", |n| self.signing_algorithm(n)),
            audience: map.read("audience", |n| self.sentence(n, "`audience`")),
        };
        let key = map.read("private_key", |n| self.private_key(n, &client));
        let client = Client { key, ..client };
        self.check_key(&map, &client);
        let method = client.authentication.as_ref().map(|m| m.as_str());
        let needs_secret =
            method.filter(|m| m.starts_with("client_secret_") && map.optional("secret").is_none());
        if let (Some(method), Some(entry)) = (needs_secret, map.entry("authentication")) {
            let message = format!("`{method}` needs a secret");
            self.note(Diagnostic::new(self.at(&entry.value), message, "this client has no `secret`"));
        }
        map.finish()?;
        Some(client)
    }

    fn signing_algorithm(&self, node: &Node) -> Option<String> {
        let known = SigningKey::ALGORITHMS.map(|name| (name, name));
        self.choice(node, "`signing_algorithm`", &known).map(str::to_owned)
    }

    fn private_key(&self, node: &Node, client: &Client) -> Option<SigningKey> {
        let text = self.sentence(node, "`private_key`")?;
        match client.key_of(&text) {
            Ok(key) => Some(key),
            Err(error) => {
                let problem = Diagnostic::new(
                    self.at(node),
                    format!("this is no private key that can sign: {error}"),
                    "expected PEM or a JWK",
                );
                self.note(match error {
                    KeyError::Form => problem.help("a key in a file is named with `private_key_file`"),
                    _ => problem,
                });
                None
            }
        }
    }

    /// Notes a client whose key and way to authenticate do not fit together.
    fn check_key(&self, map: &Map<'_, '_>, client: &Client) {
        let (inline, file) = (map.entry("private_key"), map.entry("private_key_file"));
        if let (Some(first), Some(second)) = (inline, file) {
            let problem =
                Diagnostic::new(self.at_key(second), "the private key is named twice", "the second");
            self.note(problem.second(self.at_key(first), "the first"));
        }
        let method = client.authentication.as_ref();
        let signs = method == Some(&ClientAuthenticationMethod::PrivateKeyJwt);
        if let (true, None, None, Some(entry)) = (signs, inline, file, map.entry("authentication")) {
            let message = "`private_key_jwt` needs a private key";
            let problem = Diagnostic::new(self.at(&entry.value), message, "this client has none");
            self.note(problem.help("add `private_key: $env.CLIENT_KEY` or `private_key_file: key.pem`"));
        }
        for key in ["key_id", "signing_algorithm", "audience"] {
            if let (None, None, Some(entry)) = (inline, file, map.entry(key)) {
                let message = format!("`{key}` belongs to a private key");
                self.note(Diagnostic::new(self.at_key(entry), message, "this client has none"));
            }
        }
    }

    fn user(&self, node: &Node) -> Option<User> {
        let map = self.record(node, &targets::USER)?;
        let username = map.need("username", |n| self.sentence(n, "`username`"));
        let password = map.need("password", |n| self.sentence(n, "`password`"));
        let personal_access_token =
            map.read("personal_access_token", |n| self.sentence(n, "`personal_access_token`"));
        map.finish()?;
        Some(User { username: username?, password: password?, personal_access_token })
    }

    /// The initial access token, if there is one.
    fn registration(&self, node: &Node) -> Option<Option<String>> {
        if matches!(node.kind, Kind::Null) {
            return Some(None);
        }
        let map = self.record(node, &targets::REGISTRATION)?;
        let initial_access_token =
            map.read("initial_access_token", |n| self.sentence(n, "`initial_access_token`"));
        map.finish()?;
        Some(initial_access_token)
    }

    fn resources(&self, node: &Node) -> Option<Resources> {
        let map = self.record(node, &targets::RESOURCES)?;
        let default = map.read("default", |n| self.url(n, "`default`"));
        let scopes = map.read("scopes", |n| self.named(n, "`scopes`", |n| self.url(n, "a resource")));
        let user_only = map.read("user_only", |n| self.flag(n, "`user_only`")).unwrap_or_default();
        map.finish()?;
        Some(Resources { default, user_only, scopes: scopes.unwrap_or_default() })
    }

    fn user_agent(&self, node: &Node) -> Option<UserAgentKind> {
        let map = self.record(node, &targets::USER_AGENT)?;
        let hints = map.need("forms", |n| {
            if matches!(n.kind, Kind::Null) {
                return Some(FormHints::default());
            }
            let map = self.record(n, &targets::FORMS)?;
            let hint = |key: &'static str| map.read(key, |n| self.sentence(n, &format!("`{key}`")));
            let hints = FormHints {
                username_field: hint("username_field"),
                password_field: hint("password_field"),
                approve: hint("approve"),
                deny: hint("deny"),
                origins: map
                    .read("origins", |n| self.each(n, "`origins`", |n| self.origin(n)))
                    .unwrap_or_default(),
            };
            map.finish()?;
            Some(hints)
        });
        map.finish()?;
        hints.map(UserAgentKind::Forms)
    }

    /// Scheme, host and port (RFC 6454), and nothing after them.
    fn origin(&self, node: &Node) -> Option<String> {
        let text = self.url(node, "an origin")?;
        let url = Url::parse(&text).ok()?;
        if url.path() == "/" && url.query().is_none() && url.fragment().is_none() {
            return Some(url.origin().ascii_serialization());
        }
        self.note(
            Diagnostic::new(self.at(node), "an origin ends with its host or port", "more than an origin")
                .help(format!("write `{}`", url.origin().ascii_serialization())),
        );
        None
    }

    fn plain_http(&self, node: &Node) -> Option<String> {
        let origin = self.origin(node)?;
        if origin.starts_with("http://") {
            return Some(origin);
        }
        self.wrong(node, "`plain_http` is where the server is reached without TLS", "expected `http://…`");
        None
    }

    fn limits(&self, node: &Node) -> Option<Limits> {
        let usual = Limits::default();
        let map = self.record(node, &targets::LIMITS)?;
        let size = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
        let limits = Limits {
            concurrency: map
                .read("concurrency", |n| self.integer(n, "`concurrency`", 1, 1024))
                .map_or(usual.concurrency, size),
            requests_per_second: map.read("requests_per_second", |n| self.rate(n)),
            timeout: map
                .read("timeout", |n| {
                    let timeout = self.duration(n, "`timeout`")?;
                    self.bounded(n, timeout, "`timeout`")
                })
                .unwrap_or(usual.timeout),
            body: map.read("body", |n| self.integer(n, "`body`", 1024, 1 << 28)).map_or(usual.body, size),
        };
        map.finish()?;
        Some(limits)
    }

    fn rate(&self, node: &Node) -> Option<f64> {
        let rate = match &node.kind {
            Kind::Number(number) => number.as_f64(),
            Kind::Filled(text) => text.trim().parse().ok(),
            _ => None,
        };
        let rate = rate.filter(|r| (0.001..=100_000.0).contains(r));
        if rate.is_none() {
            let label = "expected a number above 0, at most 100000";
            self.wrong(node, "`requests_per_second` is a number above 0", label);
        }
        rate
    }

    /// A wait on the server that is neither nothing nor for ever.
    fn bounded(&self, node: &Node, duration: std::time::Duration, what: &str) -> Option<std::time::Duration> {
        if (100..=3_600_000).contains(&duration.as_millis()) {
            return Some(duration);
        }
        self.wrong(node, format!("{what} is out of bounds"), "expected from `100ms` to `1h`");
        None
    }

    fn clock(&self, node: &Node) -> Option<String> {
        let map = self.record(node, &targets::CLOCK)?;
        let url = map.need("advance", |n| {
            let map = self.record(n, &targets::ADVANCE)?;
            let url = map.need("post", |n| self.url(n, "`post`"));
            map.finish()?;
            url
        });
        map.finish()?;
        url
    }

    fn start(&self, node: &Node) -> Option<Start> {
        let map = self.record(node, &targets::START)?;
        let command = map.need("command", |n| self.sentence(n, "`command`"));
        let ready = map.need("ready", |n| self.url(n, "`ready`"));
        let directory = map.read("directory", |n| self.sentence(n, "`directory`"));
        let patience = map.read("patience", |n| {
            let patience = self.duration(n, "`patience`")?;
            self.bounded(n, patience, "`patience`")
        });
        map.finish()?;
        let patience = patience.unwrap_or(std::time::Duration::from_secs(30));
        Some(Start { command: command?, ready: ready?, directory, patience })
    }

    fn check_default_client(&self, map: &Map<'_, '_>) {
        let Some(entry) = map.entry("clients") else { return };
        let Kind::Map(clients) = &entry.value.kind else { return };
        if clients.iter().any(|c| c.key == "default") {
            return;
        }
        let problem = Diagnostic::new(
            self.at_key(entry),
            "there is no client `default`",
            "expected a client `default` in here",
        );
        let near = clients.iter().find(|c| nearest(&c.key, ["default"]).is_some());
        self.note(match (near, clients.first()) {
            (Some(near), _) => problem.help(format!("call `{}` `default`", near.key)),
            (None, Some(first)) => problem.help(format!(
                "the client that cases use unless they say otherwise is called `default`: is it `{}`?",
                first.key
            )),
            (None, None) => problem,
        });
    }

    /// There must be a way to find the endpoints.
    fn check_reachable(&self, map: &Map<'_, '_>) {
        if map.optional("issuer").is_some() {
            return;
        }
        let given: Vec<&str> = match map.optional("endpoints").map(|n| &n.kind) {
            Some(Kind::Map(entries)) => entries.iter().map(|e| e.key.as_ref()).collect(),
            _ => Vec::new(),
        };
        if given.contains(&"metadata") || given.contains(&"authorization") && given.contains(&"token") {
            return;
        }
        let place = map.entry("endpoints").or_else(|| map.entry("target"));
        if let Some(entry) = place {
            self.note(
                Diagnostic::new(
                    self.at_key(entry),
                    "there is no way to find the server",
                    "neither `issuer` nor both `authorization` and `token` here",
                )
                .help(
                    "add `issuer: https://…`, or `endpoints: { authorization: https://…, token: https://… }`",
                ),
            );
        }
    }
}

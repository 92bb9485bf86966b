use std::time::Duration;

use super::{Located, Policy, SigningKey, Value};
use crate::oauth::ClientAuthenticationMethod;

/// The server under test, and what we have been given to test it with.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Target {
    /// What reports call it.
    pub name: String,
    /// Id of its profile; a flag may name another.
    pub profile: Option<Located<String>>,
    /// Issuer identifier; its metadata fills in endpoints that are not given.
    pub issuer: Option<String>,
    /// Endpoints given by hand; they win over metadata.
    pub endpoints: Endpoints,
    /// By name; `default` is there.
    pub clients: Vec<(String, Client)>,
    /// By name.
    pub users: Vec<(String, User)>,
    /// Protected resources.
    pub resources: Resources,
    /// Whether clients may be registered there.
    pub registration: bool,
    /// The bearer token that it takes (RFC 7591 section 3); open registration takes none.
    pub initial_access_token: Option<String>,
    /// What plays the browser.
    pub user_agent: UserAgentKind,
    /// Overrides the profile's.
    pub policy: Policy,
    /// Capabilities that the server or the tester is known not to have: cases that need them do not apply.
    pub without: Vec<super::Capability>,
    /// Politeness.
    pub limits: Limits,
    /// Where the same server is reached without TLS, if it is: an origin. Cases send it what they are then free to
    /// send in the clear.
    pub plain_http: Option<String>,
    /// Hook that moves the server's clock: answers `POST` of JSON `{"advance_seconds": n}` with 2xx.
    pub clock: Option<String>,
    /// How to start the server.
    pub start: Option<Start>,
    /// PEM file of further certificate authorities to trust.
    pub ca: Option<String>,
    /// The names of the environment variables that values came from, by value: a report may name them.
    pub environment: Vec<(String, String)>,
}

/// Endpoints as absolute URLs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Endpoints {
    /// RFC 6749 section 3.1.
    pub authorization: Option<String>,
    /// RFC 6749 section 3.2.
    pub token: Option<String>,
    /// RFC 7009.
    pub revocation: Option<String>,
    /// RFC 7662.
    pub introspection: Option<String>,
    /// OpenID Connect Core section 5.3.
    pub userinfo: Option<String>,
    /// RFC 7591.
    pub registration: Option<String>,
    /// RFC 7517.
    pub jwks: Option<String>,
    /// RFC 8414 or OpenID Connect Discovery; found from the issuer if not given.
    pub metadata: Option<String>,
}

/// A client that is registered at the server.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Client {
    /// `client_id`
    pub id: String,
    /// `client_secret`; none for a public client.
    pub secret: Option<String>,
    /// How it authenticates; if unsaid, what metadata or policy prefer, else HTTP Basic.
    pub authentication: Option<ClientAuthenticationMethod>,
    /// As registered, the usual one first.
    pub redirect_uris: Vec<String>,
    /// Scope that it usually asks; the policy's default if unsaid.
    pub scope: Option<String>,
    /// Scope that it usually asks with client credentials; `scope` if unsaid.
    pub client_credentials_scope: Option<String>,
    /// Type of partner, where the policy reserves scopes.
    pub partner: Option<String>,
    /// Signs its assertions (RFC 7523).
    pub key: Option<SigningKey>,
    /// File with that key, from the target file on, if it is not here yet.
    pub key_file: Option<Located<String>>,
    /// `kid` in its assertions; the key's own if unsaid.
    pub key_id: Option<String>,
    /// `alg` in its assertions; what suits the key if unsaid.
    pub signing_algorithm: Option<String>,
    /// `aud` in its assertions; the issuer if unsaid, or the token endpoint where there is none.
    pub audience: Option<String>,
}

/// A user with an account at the server.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct User {
    /// What goes into the login form.
    pub username: String,
    /// What goes into the login form.
    pub password: String,
    /// A token that the user has made for themselves.
    pub personal_access_token: Option<String>,
}

/// Resources protected by the server's tokens, answering `GET` with 2xx to a good one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Resources {
    /// Open to any token.
    pub default: Option<String>,
    /// The default resource is about a user, so that a token which a client has for itself does not open it.
    pub user_only: bool,
    /// Open to tokens with that scope, and refused to others.
    pub scopes: Vec<(String, String)>,
}

/// What plays the browser and its user.
#[derive(Clone, Debug, PartialEq)]
pub enum UserAgentKind {
    /// HTTP and HTML forms, no JavaScript.
    Forms(FormHints),
}

impl Default for UserAgentKind {
    fn default() -> Self {
        Self::Forms(FormHints::default())
    }
}

/// Help for the forms user agent where its own eyes do not suffice.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FormHints {
    /// Name of the field for the user's name.
    pub username_field: Option<String>,
    /// Name of the field for the password.
    pub password_field: Option<String>,
    /// Text, name, value or id of the button that consents.
    pub approve: Option<String>,
    /// Text, name, value or id of the button or link that refuses.
    pub deny: Option<String>,
    /// Further origins whose pages belong to the server, `https://login.example`.
    pub origins: Vec<String>,
}

/// Politeness towards the server.
#[derive(Clone, Debug, PartialEq)]
pub struct Limits {
    /// Requests in flight at once.
    pub concurrency: usize,
    /// Requests begun in a second, on average; no limit if unsaid.
    pub requests_per_second: Option<f64>,
    /// How long a request may take.
    pub timeout: Duration,
    /// How many bytes of a response are read.
    pub body: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { concurrency: 16, requests_per_second: None, timeout: Duration::from_secs(10), body: 1 << 20 }
    }
}

/// How to start the server under test.
#[derive(Clone, Debug, PartialEq)]
pub struct Start {
    /// Shell command; `$port` in it is a free port.
    pub command: String,
    /// URL that answers 2xx to 4xx once the server is up.
    pub ready: String,
    /// Directory to start it in, relative to the target file.
    pub directory: Option<String>,
    /// How long it may take.
    pub patience: Duration,
}

impl Target {
    /// The client of that name.
    pub fn client(&self, name: &str) -> Option<&Client> {
        self.clients.iter().find(|(n, _)| n == name).map(|(_, c)| c)
    }

    /// Gives a client the key that was in its file.
    ///
    /// # Errors
    ///
    /// Why the text is no such key.
    pub fn give_key(&mut self, client: &str, text: &str) -> Result<(), super::KeyError> {
        for (_, client) in self.clients.iter_mut().filter(|(name, _)| name == client) {
            client.key = Some(client.key_of(text)?);
        }
        self.complete_clients();
        Ok(())
    }

    /// A default client that signs assertions is the client `keyed` too, if the file names no other.
    pub fn complete_clients(&mut self) {
        let signs = |client: &&Client| client.key.is_some();
        if self.client("keyed").is_none()
            && let Some(default) = self.client("default").filter(signs).cloned()
        {
            self.clients.push(("keyed".to_owned(), default));
        }
    }

    /// The user of that name.
    pub fn user(&self, name: &str) -> Option<&User> {
        self.users.iter().find(|(n, _)| n == name).map(|(_, u)| u)
    }

    /// The target as suites refer to it: `target.clients.second.id`. Secrets are part of it, for requests.
    pub fn to_value(&self) -> Value {
        let text = |text: &Option<String>| text.clone().map(Value::Text).unwrap_or_default();
        let client = |c: &Client| {
            Value::Map(vec![
                ("id".into(), c.id.clone().into()),
                ("secret".into(), text(&c.secret)),
                (
                    "authentication".into(),
                    c.authentication.as_ref().map(|a| a.as_str().into()).unwrap_or_default(),
                ),
                (
                    "redirect_uri".into(),
                    c.redirect_uris.first().cloned().map(Value::Text).unwrap_or_default(),
                ),
                (
                    "redirect_uris".into(),
                    Value::List(c.redirect_uris.iter().map(|u| u.as_str().into()).collect()),
                ),
                ("scope".into(), text(&c.scope)),
                (
                    "client_credentials_scope".into(),
                    text(&c.client_credentials_scope.clone().or_else(|| c.scope.clone())),
                ),
                ("partner".into(), text(&c.partner)),
            ])
        };
        let user = |u: &User| {
            Value::Map(vec![
                ("username".into(), u.username.clone().into()),
                ("password".into(), u.password.clone().into()),
                ("personal_access_token".into(), text(&u.personal_access_token)),
            ])
        };
        Value::Map(vec![
            ("name".into(), self.name.clone().into()),
            ("issuer".into(), text(&self.issuer)),
            ("plain_http".into(), text(&self.plain_http)),
            (
                "endpoints".into(),
                Value::Map(vec![
                    ("authorization".into(), text(&self.endpoints.authorization)),
                    ("token".into(), text(&self.endpoints.token)),
                    ("revocation".into(), text(&self.endpoints.revocation)),
                    ("introspection".into(), text(&self.endpoints.introspection)),
                    ("userinfo".into(), text(&self.endpoints.userinfo)),
                    ("registration".into(), text(&self.endpoints.registration)),
                    ("jwks".into(), text(&self.endpoints.jwks)),
                ]),
            ),
            (
                "clients".into(),
                Value::Map(self.clients.iter().map(|(n, c)| (n.clone(), client(c))).collect()),
            ),
            ("users".into(), Value::Map(self.users.iter().map(|(n, u)| (n.clone(), user(u))).collect())),
            (
                "resources".into(),
                Value::Map(vec![
                    ("default".into(), text(&self.resources.default)),
                    (
                        "scopes".into(),
                        Value::Map(
                            self.resources
                                .scopes
                                .iter()
                                .map(|(n, u)| (n.clone(), u.as_str().into()))
                                .collect(),
                        ),
                    ),
                ]),
            ),
        ])
    }
}

impl Client {
    /// The key in that text as this client uses it.
    ///
    /// # Errors
    ///
    /// Why the text is no such key.
    pub fn key_of(&self, text: &str) -> Result<SigningKey, super::KeyError> {
        let mut key = SigningKey::parse(text)?;
        if let Some(algorithm) = &self.signing_algorithm {
            key = key.with_algorithm(algorithm)?;
        }
        key.id = self.key_id.clone().or(key.id);
        Ok(key)
    }
}

//! Tests that go through whole flows: most of them straight through the steps, without a socket.

mod authorization;
mod hostile;
mod observable;
mod observable_assertions;
mod observable_further;
mod observable_surroundings;
mod refresh;
mod registration;
mod resource;
mod tls;
mod token;
mod vectors;
mod walk;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde_json::Value;

use super::clock::Clock;
use super::context::{Context, Shared};
use super::form::{self, encode_component};
use super::request::Request;
use super::store::Store;
use super::table::Endpoint;
use super::*;
use crate::oauth::GrantType;

/// RFC 7636 appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const CALLBACK: &str = "https://client.example/cb";
const ES256: SigningAlgorithm = SigningAlgorithm::Es256;
const SECRET: &str = "s3cr3t+/=:%&41 of the supply partner";
const STATE: &str = "a state, 17 long";

/// Request parameters, to be changed one at a time.
#[derive(Clone)]
struct Params(Vec<(String, String)>);

impl Params {
    fn of(pairs: &[(&str, &str)]) -> Self {
        Self(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    /// A sound authorization request of `supply-partner`.
    fn authorization() -> Self {
        Self::of(&[
            ("response_type", "code"),
            ("client_id", "supply-partner"),
            ("redirect_uri", CALLBACK),
            ("scope", "supply::leads offline_access"),
            ("state", STATE),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ])
    }

    /// A sound token request of `supply-partner`, its secret in the body.
    fn redemption(code: &str) -> Self {
        let grant = [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", CALLBACK)];
        Self::of(&grant).with("code_verifier", VERIFIER).credentials()
    }

    fn refresh(refresh_token: &str) -> Self {
        Self::of(&[("grant_type", "refresh_token"), ("refresh_token", refresh_token)]).credentials()
    }

    fn client_credentials(scope: &str) -> Self {
        Self::of(&[("grant_type", "client_credentials"), ("scope", scope)]).credentials()
    }

    fn credentials(self) -> Self {
        self.with("client_id", "supply-partner").with("client_secret", SECRET)
    }

    /// Sets a parameter.
    fn with(self, name: &str, value: &str) -> Self {
        self.without(name).and(name, value)
    }

    fn without(mut self, name: &str) -> Self {
        self.0.retain(|(found, _)| found != name);
        self
    }

    /// Adds a parameter, a second one if need be.
    fn and(mut self, name: &str, value: &str) -> Self {
        self.0.push((name.to_owned(), value.to_owned()));
        self
    }

    fn encode(&self) -> String {
        let pairs = self.0.iter().map(|(name, value)| format!("{name}={}", encode_component(value)));
        pairs.collect::<Vec<_>>().join("&")
    }
}

/// A server without sockets.
struct Bench {
    server: Arc<Shared>,
}

impl Bench {
    fn new(policy: Policy, defects: &[Defect]) -> Self {
        let mut clients = Server::sample_clients();
        for client in clients.iter_mut().filter(|client| client.id == "public-app") {
            client.redirect_uris.push("https://public.example/cb?app=1".to_owned());
        }
        let server = Arc::new(Shared {
            issuer: "http://127.0.0.1:9400".to_owned(),
            policy,
            defects: defects.iter().copied().collect(),
            clock: Clock::manual_from(Duration::from_secs(1_800_000_000)),
            store: Store::new(clients, Server::sample_users()),
        });
        Self { server }
    }

    fn sound() -> Self {
        Self::new(partner_policy(), &[])
    }

    fn advance(&self, seconds: u64) {
        self.server.clock.advance(Duration::from_secs(seconds));
    }

    fn send(&self, method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        self.send_by(false, method, target, headers, body)
    }

    /// Without TLS.
    fn in_the_clear(&self, method: &str, target: &str, body: &str) -> Answer {
        self.send_by(true, method, target, &[FORM], body)
    }

    fn send_by(
        &self,
        in_the_clear: bool,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(
                HeaderName::from_bytes(name.as_bytes()).unwrap(),
                HeaderValue::from_str(value).unwrap(),
            );
        }
        let is_head = method == "HEAD";
        let request = Request {
            method: Method::from_bytes(if is_head { b"GET" } else { method.as_bytes() }).unwrap(),
            is_head,
            path: path.to_owned(),
            query: query.to_owned(),
            headers: map,
            in_the_clear,
            body: Some(Bytes::copy_from_slice(body.as_bytes())),
        };
        let endpoint = Endpoint::at(path).unwrap();
        let reply = endpoint.answer(&mut Context::new(Arc::clone(&self.server), endpoint, request));
        let body = String::from_utf8_lossy(&reply.body).into_owned();
        let response = Response::from(reply);
        let header = |(name, value): (&HeaderName, &HeaderValue)| {
            (name.to_string(), value.to_str().unwrap().to_owned())
        };
        Answer {
            status: response.status().as_u16(),
            headers: response.headers().iter().map(header).collect(),
            body,
        }
    }

    fn get(&self, path: &str, params: &Params) -> Answer {
        self.send("GET", &format!("{path}?{}", params.encode()), &[], "")
    }

    fn post(&self, path: &str, params: &Params) -> Answer {
        self.send("POST", path, &[FORM], &params.encode())
    }

    fn token(&self, params: &Params) -> Answer {
        self.post("/oauth2/token", params)
    }

    fn token_by_basic(&self, params: &Params, id: &str, secret: &str) -> Answer {
        let pair = format!("{}:{}", encode_component(id), encode_component(secret));
        let header = format!("Basic {}", STANDARD.encode(pair));
        self.send("POST", "/oauth2/token", &[FORM, ("authorization", &header)], &params.encode())
    }

    fn me(&self, token: &str) -> Answer {
        self.send("GET", "/api/me", &[("authorization", &format!("Bearer {token}"))], "")
    }

    /// Goes through login and consent as alice; ends where the server stops sending her on.
    fn authorize(&self, params: &Params, decision: &str) -> Answer {
        let first = self.get("/oauth2/auth", params);
        self.go_on(first, decision)
    }

    fn go_on(&self, first: Answer, decision: &str) -> Answer {
        let mut answer = first;
        let mut cookie = String::new();
        for _ in 0..8 {
            if let Some(set) = answer.header("set-cookie") {
                cookie = set.split(';').next().unwrap().to_owned();
            }
            let cookies = [("cookie", cookie.as_str()), FORM];
            let form = answer.form();
            answer = match answer.header("location").and_then(|to| to.strip_prefix(&self.server.issuer)) {
                Some(target) => self.send("GET", target, &cookies[..1], ""),
                None if form.contains_key("csrf_token") && answer.body.contains("name=\"password\"") => {
                    let filled = Params(form.into_iter().collect());
                    let filled =
                        filled.with("username", "alice").with("password", "correct horse battery staple");
                    self.send("POST", "/login", &cookies, &filled.encode())
                }
                None if form.contains_key("csrf_token") => {
                    let filled = Params(form.into_iter().collect()).with("decision", decision);
                    self.send("POST", "/consent", &cookies, &filled.encode())
                }
                None => return answer,
            };
        }
        answer
    }

    /// A fresh code.
    fn code(&self, params: &Params) -> String {
        self.authorize(params, "approve").redirected("code")
    }

    /// The token response to a fresh code.
    fn tokens(&self) -> Value {
        self.token(&Params::redemption(&self.code(&Params::authorization()))).json()
    }
}

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

/// What came back.
#[derive(Clone, Debug)]
struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
}

impl Answer {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }

    fn error(&self) -> String {
        self.json()["error"].as_str().unwrap_or_default().to_owned()
    }

    /// Parameters of the redirect, from query and fragment.
    fn redirect(&self) -> BTreeMap<String, String> {
        let location = self.header("location").unwrap_or_default();
        let parameters = location.split_once(['?', '#']).map(|(_, after)| after).unwrap_or_default();
        form::decode(parameters.as_bytes()).unwrap_or_default().into_iter().collect()
    }

    fn redirected(&self, name: &str) -> String {
        self.redirect().remove(name).unwrap_or_default()
    }

    /// Hidden fields of the page's form.
    fn form(&self) -> BTreeMap<String, String> {
        let fields = self.body.split("<input type=\"hidden\" name=\"").skip(1);
        fields
            .filter_map(|rest| {
                let (name, rest) = rest.split_once("\" value=\"")?;
                Some((name.to_owned(), rest.split_once('"')?.0.to_owned()))
            })
            .collect()
    }
}

/// Partner types, a minimum for state, a grace period: much of what can go wrong.
fn partner_policy() -> Policy {
    let list = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
    let known = "supply::businesses supply::leads demand::requests demand::search offline_access profile";
    Policy {
        state: StatePolicy { minimum: 8, maximum: Some(4096) },
        scopes: ScopePolicy {
            known: list(known),
            default: Some("profile".to_owned()),
            partners: BTreeMap::from([
                ("supply".to_owned(), list("supply::businesses supply::leads")),
                ("demand".to_owned(), list("demand::requests demand::search")),
            ]),
            ..ScopePolicy::default()
        },
        access_token: AccessTokenPolicy { format: AccessTokenFormat::Opaque, ..AccessTokenPolicy::default() },
        refresh_token: RefreshTokenPolicy {
            grace: Duration::from_secs(60),
            lifetime: Duration::from_secs(180 * 86_400),
            ..RefreshTokenPolicy::default()
        },
        ..Policy::default()
    }
}

/// All grants, no PKCE demanded, personal access tokens.
fn open_policy() -> Policy {
    let mut policy = partner_policy();
    policy.grants.extend([GrantType::Implicit, GrantType::Password]);
    policy.pkce_required = false;
    policy.personal_access_tokens = true;
    policy.state.minimum = 0;
    policy
}

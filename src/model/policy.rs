use std::time::Duration;

use super::Value;
use crate::oauth::{ClientAuthenticationMethod, GrantType};

/// What a server has decided where the documents leave it free. `None` is silence: both behaviours pass
/// and the report says which one was observed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Policy {
    /// Grants offered, `refresh_token` and `implicit` among them; everything else is refused.
    pub grants: Option<Vec<GrantType>>,
    /// Client authentication offered.
    pub client_authentication: Option<Vec<ClientAuthenticationMethod>>,
    /// The `state` parameter.
    pub state: StatePolicy,
    /// Redirect URIs.
    pub redirect_uri: RedirectUriPolicy,
    /// Scopes.
    pub scope: ScopePolicy,
    /// Access tokens.
    pub access_token: AccessTokenPolicy,
    /// Refresh tokens.
    pub refresh_token: RefreshTokenPolicy,
    /// Authorization codes.
    pub code: CodePolicy,
    /// PKCE (RFC 7636).
    pub pkce: PkcePolicy,
    /// Whether authorization responses carry `iss` (RFC 9207).
    pub iss: Option<bool>,
    /// Whether personal access tokens work as bearer tokens.
    pub personal_access_tokens: Option<bool>,
}

/// The `state` parameter.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StatePolicy {
    /// Fewest characters accepted.
    pub minimum: Option<u64>,
    /// Most characters accepted.
    pub maximum: Option<u64>,
}

/// Redirect URIs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RedirectUriPolicy {
    /// `exact`: simple string comparison (RFC 3986 section 6.2.1).
    pub matching: Option<String>,
    /// Whether the port of a loopback URI is free (RFC 8252 section 7.3).
    pub loopback_port_free: Option<bool>,
}

/// Scopes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ScopePolicy {
    /// Every scope the server knows.
    pub values: Option<Vec<String>>,
    /// What is granted when none is asked.
    pub default: Option<String>,
    /// `refuse` or `ignore` a scope the server does not know.
    pub unknown: Option<String>,
    /// Scopes reserved for a type of partner; scopes of no type are for everybody.
    pub partners: Vec<(String, Vec<String>)>,
}

/// Access tokens.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AccessTokenPolicy {
    /// `jwt` or `opaque`.
    pub format: Option<String>,
    /// JWS algorithm of a JWT.
    pub algorithm: Option<String>,
    /// Lifetime.
    pub lifetime: Option<Duration>,
}

/// Refresh tokens.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RefreshTokenPolicy {
    /// The scope without which none is issued.
    pub scope: Option<String>,
    /// Whether each use gives a new one.
    pub rotation: Option<bool>,
    /// For how long after its first use a used one may be used again.
    pub grace: Option<Duration>,
    /// Lifetime of each.
    pub lifetime: Option<Duration>,
    /// Whether reuse past the grace ends all tokens of the grant.
    pub reuse_ends_family: Option<bool>,
}

/// Authorization codes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CodePolicy {
    /// Lifetime.
    pub lifetime: Option<Duration>,
}

/// PKCE (RFC 7636).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PkcePolicy {
    /// Whether the server knows it.
    pub supported: Option<bool>,
    /// Whether every client must use it.
    pub required: Option<bool>,
}

/// `over` where it says something, else `under`.
fn or<T: Clone>(over: &Option<T>, under: &Option<T>) -> Option<T> {
    over.clone().or_else(|| under.clone())
}

impl Policy {
    /// This policy, and `under` where it is silent.
    pub fn over(&self, under: &Self) -> Self {
        Self {
            grants: or(&self.grants, &under.grants),
            client_authentication: or(&self.client_authentication, &under.client_authentication),
            state: StatePolicy {
                minimum: or(&self.state.minimum, &under.state.minimum),
                maximum: or(&self.state.maximum, &under.state.maximum),
            },
            redirect_uri: RedirectUriPolicy {
                matching: or(&self.redirect_uri.matching, &under.redirect_uri.matching),
                loopback_port_free: or(
                    &self.redirect_uri.loopback_port_free,
                    &under.redirect_uri.loopback_port_free,
                ),
            },
            scope: ScopePolicy {
                values: or(&self.scope.values, &under.scope.values),
                default: or(&self.scope.default, &under.scope.default),
                unknown: or(&self.scope.unknown, &under.scope.unknown),
                partners: if self.scope.partners.is_empty() {
                    under.scope.partners.clone()
                } else {
                    self.scope.partners.clone()
                },
            },
            access_token: AccessTokenPolicy {
                format: or(&self.access_token.format, &under.access_token.format),
                algorithm: or(&self.access_token.algorithm, &under.access_token.algorithm),
                lifetime: or(&self.access_token.lifetime, &under.access_token.lifetime),
            },
            refresh_token: RefreshTokenPolicy {
                scope: or(&self.refresh_token.scope, &under.refresh_token.scope),
                rotation: or(&self.refresh_token.rotation, &under.refresh_token.rotation),
                grace: or(&self.refresh_token.grace, &under.refresh_token.grace),
                lifetime: or(&self.refresh_token.lifetime, &under.refresh_token.lifetime),
                reuse_ends_family: or(
                    &self.refresh_token.reuse_ends_family,
                    &under.refresh_token.reuse_ends_family,
                ),
            },
            code: CodePolicy { lifetime: or(&self.code.lifetime, &under.code.lifetime) },
            pkce: PkcePolicy {
                supported: or(&self.pkce.supported, &under.pkce.supported),
                required: or(&self.pkce.required, &under.pkce.required),
            },
            iss: or(&self.iss, &under.iss),
            personal_access_tokens: or(&self.personal_access_tokens, &under.personal_access_tokens),
        }
    }

    /// The policy as suites refer to it: `policy.refresh_token.grace`; what is silent is null.
    pub fn to_value(&self) -> Value {
        let words = |list: &Option<Vec<String>>| list.as_ref().map(|l| texts(l));
        map([
            ("grants", self.grants.as_ref().map(|g| texts(g))),
            ("client_authentication", self.client_authentication.as_ref().map(|m| texts(m))),
            (
                "state",
                Some(map([
                    ("minimum", self.state.minimum.map(number)),
                    ("maximum", self.state.maximum.map(number)),
                ])),
            ),
            (
                "redirect_uri",
                Some(map([
                    ("matching", self.redirect_uri.matching.clone().map(Value::Text)),
                    ("loopback_port_free", self.redirect_uri.loopback_port_free.map(Value::Bool)),
                ])),
            ),
            (
                "scope",
                Some(map([
                    ("values", words(&self.scope.values)),
                    ("default", self.scope.default.clone().map(Value::Text)),
                    ("unknown", self.scope.unknown.clone().map(Value::Text)),
                    (
                        "partners",
                        Some(Value::Map(
                            self.scope.partners.iter().map(|(n, s)| (n.clone(), texts(s))).collect(),
                        )),
                    ),
                ])),
            ),
            (
                "access_token",
                Some(map([
                    ("format", self.access_token.format.clone().map(Value::Text)),
                    ("algorithm", self.access_token.algorithm.clone().map(Value::Text)),
                    ("lifetime", self.access_token.lifetime.map(Value::Duration)),
                ])),
            ),
            (
                "refresh_token",
                Some(map([
                    ("scope", self.refresh_token.scope.clone().map(Value::Text)),
                    ("rotation", self.refresh_token.rotation.map(Value::Bool)),
                    ("grace", self.refresh_token.grace.map(Value::Duration)),
                    ("lifetime", self.refresh_token.lifetime.map(Value::Duration)),
                    ("reuse_ends_family", self.refresh_token.reuse_ends_family.map(Value::Bool)),
                ])),
            ),
            ("code", Some(map([("lifetime", self.code.lifetime.map(Value::Duration))]))),
            (
                "pkce",
                Some(map([
                    ("supported", self.pkce.supported.map(Value::Bool)),
                    ("required", self.pkce.required.map(Value::Bool)),
                ])),
            ),
            ("iss", self.iss.map(Value::Bool)),
            ("personal_access_tokens", self.personal_access_tokens.map(Value::Bool)),
        ])
    }
}

fn map<const N: usize>(members: [(&str, Option<Value>); N]) -> Value {
    Value::Map(members.into_iter().map(|(n, v)| (n.to_owned(), v.unwrap_or_default())).collect())
}

fn texts<T: ToString>(items: &[T]) -> Value {
    Value::List(items.iter().map(|i| Value::Text(i.to_string())).collect())
}

fn number(number: u64) -> Value {
    Value::Number(number.into())
}

use super::decode::{Decoder, Map};
use super::diagnostic::{Diagnostic, alternatives, nearest};
use super::language::{Record, policy as language};
use super::tree::Node;
use crate::model::{
    AccessTokenPolicy, CodePolicy, PkcePolicy, Policy, RedirectUriPolicy, RefreshTokenPolicy, ScopePolicy,
    StatePolicy,
};
use crate::oauth::{ClientAuthenticationMethod, GrantType};

/// Client authentication that IANA registers and this project does not speak.
pub(super) const OTHER_METHODS: [&str; 2] = ["tls_client_auth", "self_signed_tls_client_auth"];

impl Decoder<'_> {
    /// What a server has decided.
    pub fn policy(&self, node: &Node) -> Option<Policy> {
        let map = self.record(node, &language::POLICY)?;
        let policy = Policy {
            grants: map.read("grants", |n| self.each(n, "`grants`", |n| self.grant(n))),
            client_authentication: map.read("client_authentication", |n| {
                self.each(n, "`client_authentication`", |n| self.authentication_method(n))
            }),
            state: section(self, &map, "state", &language::STATE, |map| StatePolicy {
                minimum: map.read("minimum", |n| self.integer(n, "`minimum`", 0, 1 << 16)),
                maximum: map.read("maximum", |n| self.integer(n, "`maximum`", 0, 1 << 20)),
            }),
            redirect_uri: section(self, &map, "redirect_uri", &language::REDIRECT_URI, |map| {
                RedirectUriPolicy {
                    matching: map.read("matching", |n| self.word(n, "`matching`", &["exact"])),
                    loopback_port_free: map
                        .read("loopback_port_free", |n| self.flag(n, "`loopback_port_free`")),
                }
            }),
            scope: section(self, &map, "scope", &language::SCOPE, |map| ScopePolicy {
                values: map.read("values", |n| self.each(n, "`values`", |n| self.scope_word(n))),
                default: map.read("default", |n| self.text(n, "`default`")),
                unknown: map.read("unknown", |n| self.word(n, "`unknown`", &["refuse", "ignore"])),
                partners: map.read("partners", |n| self.partners(n)).unwrap_or_default(),
            }),
            access_token: section(self, &map, "access_token", &language::ACCESS_TOKEN, |map| {
                AccessTokenPolicy {
                    format: map.read("format", |n| self.word(n, "`format`", &["jwt", "opaque"])),
                    algorithm: map.read("algorithm", |n| self.sentence(n, "`algorithm`")),
                    lifetime: map.read("lifetime", |n| self.duration(n, "`lifetime`")),
                }
            }),
            refresh_token: section(self, &map, "refresh_token", &language::REFRESH_TOKEN, |map| {
                RefreshTokenPolicy {
                    scope: map.read("scope", |n| self.text(n, "`scope`")),
                    rotation: map.read("rotation", |n| self.flag(n, "`rotation`")),
                    grace: map.read("grace", |n| self.duration(n, "`grace`")),
                    lifetime: map.read("lifetime", |n| self.duration(n, "`lifetime`")),
                    reuse_ends_family: map.read("reuse_ends_family", |n| self.flag(n, "`reuse_ends_family`")),
                }
            }),
            code: section(self, &map, "code", &language::CODE, |map| CodePolicy {
                lifetime: map.read("lifetime", |n| self.duration(n, "`lifetime`")),
            }),
            pkce: section(self, &map, "pkce", &language::PKCE, |map| PkcePolicy {
                supported: map.read("supported", |n| self.flag(n, "`supported`")),
                required: map.read("required", |n| self.flag(n, "`required`")),
            }),
            iss: map.read("iss", |n| self.flag(n, "`iss`")),
            personal_access_tokens: map
                .read("personal_access_tokens", |n| self.flag(n, "`personal_access_tokens`")),
        };
        if let StatePolicy { minimum: Some(minimum), maximum: Some(maximum) } = policy.state
            && minimum > maximum
            && let Some(state) = map.optional("state")
        {
            self.wrong(state, "no state is long enough and short enough", "`minimum` is above `maximum`");
        }
        map.finish()?;
        Some(policy)
    }

    fn grant(&self, node: &Node) -> Option<GrantType> {
        let text = self.text(node, "a grant")?;
        let grant = GrantType::from(text.as_str());
        // Extension grants are absolute URIs (RFC 6749 section 4.5).
        if !matches!(grant, GrantType::Unknown(_)) || text.contains(':') {
            return Some(grant);
        }
        let problem = Diagnostic::new(
            self.at(node),
            "no such grant is registered",
            "expected a registered grant or an absolute URI",
        );
        self.note(problem.suggest(nearest(&text, GrantType::KNOWN.iter().copied())));
        None
    }

    /// A method of client authentication by its registered name.
    pub fn authentication_method(&self, node: &Node) -> Option<ClientAuthenticationMethod> {
        let text = self.text(node, "a method of client authentication")?;
        let method = ClientAuthenticationMethod::from(text.as_str());
        if !matches!(method, ClientAuthenticationMethod::Unknown(_)) || OTHER_METHODS.contains(&text.as_str())
        {
            return Some(method);
        }
        let known = || ClientAuthenticationMethod::KNOWN.iter().copied();
        let problem = Diagnostic::new(
            self.at(node),
            "no such method of client authentication is registered",
            format!("expected {}", alternatives(known())),
        );
        let near = match text.to_lowercase().as_str() {
            "basic" | "client_secret" => Some("client_secret_basic"),
            "post" | "form" | "body" => Some("client_secret_post"),
            _ => nearest(&text, known()),
        };
        self.note(problem.suggest(near));
        None
    }

    fn word(&self, node: &Node, what: &str, words: &[&'static str]) -> Option<String> {
        let choices: Vec<(&str, &str)> = words.iter().map(|w| (*w, *w)).collect();
        self.choice(node, what, &choices).map(str::to_owned)
    }

    /// One scope: no spaces (RFC 6749 section 3.3).
    fn scope_word(&self, node: &Node) -> Option<String> {
        let text = self.sentence(node, "a scope")?;
        if text.contains(' ') {
            self.note(
                Diagnostic::new(self.at(node), "a scope has no spaces", "expected one scope")
                    .help(format!("write `[{}]`", text.split(' ').collect::<Vec<_>>().join(", "))),
            );
            return None;
        }
        Some(text)
    }

    fn partners(&self, node: &Node) -> Option<Vec<(String, Vec<String>)>> {
        let map = self.map(node, "`partners`")?;
        super::decode::all(map.entries(), |e| {
            let what = format!("the scopes of `{}`", e.key);
            Some((e.key.to_string(), self.each(&e.value, &what, |n| self.scope_word(n))?))
        })
    }
}

/// A map inside the policy, all silent if it is not there.
fn section<T: Default>(
    decoder: &Decoder<'_>,
    policy: &Map<'_, '_>,
    key: &'static str,
    record: &'static Record,
    read: impl FnOnce(&Map<'_, '_>) -> T,
) -> T {
    let section = policy.read(key, |node| {
        let map = decoder.record(node, record)?;
        let section = read(&map);
        map.finish()?;
        Some(section)
    });
    section.unwrap_or_default()
}

use crate::model::{Capability, Policy, Target};
use crate::oauth::{GrantType, ResponseMode, ServerMetadata};

/// What the server claims and what the target file gives us.
#[derive(Clone, Debug)]
pub struct Capabilities {
    lacking: Vec<(Capability, Lack)>,
}

/// Why a capability is not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Lack {
    /// The server does not claim it: what needs it does not apply.
    NotClaimed(String),
    /// It could be tested if the target file gave us the means: what needs it is blocked.
    NotGiven(String),
}

impl Capabilities {
    /// The policy wins over metadata; where both are silent, the server does not claim it.
    pub fn of(target: &Target, policy: &Policy, metadata: Option<&ServerMetadata>) -> Self {
        let facts = Facts { target, policy, metadata };
        let lacking = Capability::ALL
            .into_iter()
            .filter_map(|capability| {
                if target.without.contains(&capability) {
                    let reason = format!("the target file says that there is no {capability}");
                    return Some((capability, Lack::NotClaimed(reason)));
                }
                Some((capability, facts.lack(capability)?))
            })
            .collect();
        Self { lacking }
    }

    pub(super) fn lack(&self, capability: Capability) -> Option<Lack> {
        self.lacking.iter().find(|(c, _)| *c == capability).map(|(_, l)| l.clone())
    }

    /// Whether it is there.
    pub fn has(&self, capability: Capability) -> bool {
        self.lack(capability).is_none()
    }
}

struct Facts<'a> {
    target: &'a Target,
    policy: &'a Policy,
    metadata: Option<&'a ServerMetadata>,
}

impl Facts<'_> {
    fn lack(&self, capability: Capability) -> Option<Lack> {
        use Capability as C;
        let default_client = self.target.client("default");
        let is_there = match capability {
            C::AuthorizationCode => return self.grant(&GrantType::AuthorizationCode),
            C::ClientCredentials => return self.grant(&GrantType::ClientCredentials),
            C::Implicit => return self.grant(&GrantType::Implicit),
            C::Password => return self.grant(&GrantType::Password),
            C::RefreshToken => return self.grant(&GrantType::RefreshToken),
            C::Introspection => self.target.endpoints.introspection.is_some(),
            C::Revocation => self.target.endpoints.revocation.is_some(),
            C::Userinfo => self.target.endpoints.userinfo.is_some(),
            C::Metadata => self.metadata.is_some(),
            C::Jwks => self.target.endpoints.jwks.is_some(),
            C::Pkce => self.policy.pkce.supported.unwrap_or_else(|| {
                let methods = self.metadata.and_then(|m| m.code_challenge_methods_supported.as_ref());
                methods.is_some_and(|m| !m.is_empty())
            }),
            C::Registration => {
                if self.target.registration && self.target.endpoints.registration.is_none() {
                    let reason =
                        "neither `endpoints.registration` nor metadata names a registration endpoint";
                    return Some(Lack::NotClaimed(reason.to_owned()));
                }
                self.target.registration
            }
            C::FormPost => {
                let modes = self.metadata.and_then(|m| m.response_modes_supported.as_ref());
                modes.is_some_and(|m| m.contains(&ResponseMode::FormPost))
            }
            C::PersonalAccessTokens => {
                self.policy.personal_access_tokens == Some(true)
                    && self.target.user("default").is_some_and(|u| u.personal_access_token.is_some())
            }
            C::Resource => self.target.resources.default.is_some(),
            C::ClientResource => self.target.resources.default.is_some() && !self.target.resources.user_only,
            C::ScopedResources => !self.target.resources.scopes.is_empty(),
            C::Clock => self.target.clock.is_some(),
            C::SecondClient => self.target.client("second").is_some(),
            C::PublicClient => self.target.client("public").is_some(),
            C::KeyedClient => self.target.client("keyed").is_some_and(|c| c.key.is_some()),
            C::EscapedClient => self.target.client("escaped").is_some(),
            C::SecondRedirectUri => default_client.is_some_and(|c| c.redirect_uris.len() > 1),
            C::ClientSecret => default_client.is_some_and(|c| c.secret.is_some()),
            C::SecondUser => self.target.user("second").is_some(),
            C::Tls => {
                let e = &self.target.endpoints;
                let is_https = |url: &String| url.get(..6).is_some_and(|s| s.eq_ignore_ascii_case("https:"));
                [&self.target.issuer, &e.authorization, &e.token].into_iter().flatten().any(is_https)
            }
            C::PlainHttp => self.target.plain_http.is_some(),
        };
        if is_there {
            return None;
        }
        Some(match (capability, capability.remedy()) {
            (C::SecondClient | C::SecondRedirectUri | C::SecondUser, Some(remedy)) => {
                Lack::NotGiven(format!("needs {capability}: {remedy}, or list it under `without`"))
            }
            (C::Tls, _) => {
                Lack::NotClaimed("needs tls: neither the issuer nor an endpoint of it is https".to_owned())
            }
            (_, Some(remedy)) => Lack::NotClaimed(format!("needs {capability}: {remedy}")),
            (_, None) => Lack::NotClaimed(format!("the server does not claim {capability}")),
        })
    }

    fn grant(&self, grant: &GrantType) -> Option<Lack> {
        let published = self.metadata.and_then(|m| m.grant_types_supported.as_ref());
        let (is_offered, who) = match (&self.policy.grants, published) {
            (Some(grants), _) => (grants.contains(grant), "the policy lists other grants"),
            (None, Some(grants)) => (grants.contains(grant), "its metadata lists other grants"),
            (None, None) => {
                (*grant == GrantType::AuthorizationCode, "neither `policy.grants` nor metadata names it")
            }
        };
        (!is_offered).then(|| Lack::NotClaimed(format!("the server does not offer the grant {grant}: {who}")))
    }
}

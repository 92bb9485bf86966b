use std::collections::BTreeMap;
use std::time::Duration;

use crate::oauth::{ClientAuthenticationMethod, GrantType, ResponseMode};

/// What this server has decided where the specifications leave it free.
///
/// The default follows RFC 9700: code grant with PKCE, exact redirect URIs, rotated refresh
/// tokens without grace, short-lived codes.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    /// Grants offered. `implicit` opens `response_type=token`; without `refresh_token` none are
    /// issued.
    pub grants: Vec<GrantType>,
    /// Client authentication methods understood at the token endpoint.
    pub client_authentication: Vec<ClientAuthenticationMethod>,
    /// Where authorization responses may travel.
    pub response_modes: Vec<ResponseMode>,
    /// Bounds on `state`.
    pub state: StatePolicy,
    /// Latitude in comparing redirect URIs.
    pub redirect_uri: RedirectUriPolicy,
    /// Known scopes and who may have them.
    pub scopes: ScopePolicy,
    /// Form and lifetime of access tokens.
    pub access_token: AccessTokenPolicy,
    /// Issue, rotation and lifetime of refresh tokens.
    pub refresh_token: RefreshTokenPolicy,
    /// How long an authorization code may wait for its exchange (RFC 6749 section 4.1.2).
    pub code_lifetime: Duration,
    /// Whether an authorization request for a code must carry a `code_challenge` (RFC 7636 section 4.4.1).
    pub pkce_required: bool,
    /// Whether `code_challenge_method=plain` is accepted (RFC 7636 section 7.2 advises against it).
    pub pkce_plain: bool,
    /// Whether authorization responses carry `iss` (RFC 9207).
    pub iss: bool,
    /// Whether a user's personal access token opens the protected resources.
    pub personal_access_tokens: bool,
    /// Whether anybody may register a client (RFC 7591).
    pub registration: bool,
}

impl Default for Policy {
    fn default() -> Self {
        use ClientAuthenticationMethod as Method;
        Self {
            grants: vec![GrantType::AuthorizationCode, GrantType::RefreshToken, GrantType::ClientCredentials],
            client_authentication: vec![
                Method::None,
                Method::ClientSecretBasic,
                Method::ClientSecretPost,
                Method::PrivateKeyJwt,
            ],
            response_modes: vec![ResponseMode::Query, ResponseMode::Fragment, ResponseMode::FormPost],
            state: StatePolicy::default(),
            redirect_uri: RedirectUriPolicy::default(),
            scopes: ScopePolicy::default(),
            access_token: AccessTokenPolicy::default(),
            refresh_token: RefreshTokenPolicy::default(),
            code_lifetime: Duration::from_secs(60),
            pkce_required: true,
            pkce_plain: false,
            iss: true,
            personal_access_tokens: false,
            registration: true,
        }
    }
}

/// Bounds on the length of `state`, in characters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StatePolicy {
    /// Shorter states, and from 1 on a missing one, are refused; 0 asks for nothing.
    pub minimum: usize,
    /// Longer states are refused.
    pub maximum: Option<usize>,
}

/// Latitude in comparing redirect URIs (RFC 9700 section 4.1.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedirectUriPolicy {
    /// Whether the port of a loopback IP literal is free (RFC 8252 section 7.3).
    pub loopback_port_free: bool,
}

impl Default for RedirectUriPolicy {
    fn default() -> Self {
        Self { loopback_port_free: true }
    }
}

/// Scopes and who may have them (RFC 6749 section 3.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScopePolicy {
    /// Every scope value that exists here. With none at all, requests carry no scope.
    pub known: Vec<String>,
    /// Granted when a request names no scope, space-delimited; without it such a request is
    /// refused with `invalid_scope`.
    pub default: Option<String>,
    /// What becomes of a value that is not in `known`.
    pub unknown: UnknownScope,
    /// Partner type to the scopes of that type. A scope listed here is refused to clients of
    /// another type; unlisted ones are for everybody.
    pub partners: BTreeMap<String, Vec<String>>,
    /// Scopes that a client may have for itself; `None` means all it could have with a user.
    /// [`RefreshTokenPolicy::required_scope`] is left out of any such grant.
    pub client_credentials: Option<Vec<String>>,
}

impl ScopePolicy {
    /// Whether the scope `openid` exists, and with it the userinfo endpoint (OpenID Connect Core section 5.3).
    pub fn offers_userinfo(&self) -> bool {
        self.known.iter().any(|scope| scope == "openid")
    }
}

impl Default for ScopePolicy {
    fn default() -> Self {
        Self {
            known: ["profile", "email", "openid", "offline_access"].map(str::to_owned).to_vec(),
            default: Some("profile".to_owned()),
            unknown: UnknownScope::Refuse,
            partners: BTreeMap::new(),
            client_credentials: None,
        }
    }
}

/// What becomes of an unknown scope value; RFC 6749 section 3.3 allows both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnknownScope {
    /// The request is refused with `invalid_scope`.
    Refuse,
    /// The value is left out of the grant, and the response says so.
    Ignore,
}

/// Form and lifetime of access tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessTokenPolicy {
    /// What the token looks like.
    pub format: AccessTokenFormat,
    /// How it is signed if it is a JWT.
    pub algorithm: SigningAlgorithm,
    /// Announced as `expires_in`.
    pub lifetime: Duration,
}

impl Default for AccessTokenPolicy {
    fn default() -> Self {
        Self {
            format: AccessTokenFormat::Jwt,
            algorithm: SigningAlgorithm::Es256,
            lifetime: Duration::from_secs(3600),
        }
    }
}

/// What an access token looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccessTokenFormat {
    /// A signed JWT (RFC 9068).
    Jwt,
    /// 256 random bits.
    Opaque,
}

/// How a JWT is signed (RFC 7518 section 3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SigningAlgorithm {
    /// ECDSA with P-256 and SHA-256.
    Es256,
    /// RSASSA-PKCS1-v1_5 with SHA-256, some ten times slower.
    Rs256,
}

impl SigningAlgorithm {
    /// Its name as `alg` has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::Rs256 => "RS256",
        }
    }
}

/// Issue, rotation and lifetime of refresh tokens (RFC 6749 section 6, RFC 9700 section 4.14.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefreshTokenPolicy {
    /// Issued only when this scope was granted; `None` issues always.
    pub required_scope: Option<String>,
    /// Whether each use answers with a new token and retires the old one.
    pub rotation: bool,
    /// How long after its first use a retired token, and only the direct predecessor, may be used again.
    pub grace: Duration,
    /// Of each token, from its own issue.
    pub lifetime: Duration,
    /// Whether use of a retired token ends the whole family, access tokens too.
    pub reuse_ends_family: bool,
}

impl Default for RefreshTokenPolicy {
    fn default() -> Self {
        Self {
            required_scope: Some("offline_access".to_owned()),
            rotation: true,
            grace: Duration::ZERO,
            lifetime: Duration::from_secs(30 * 24 * 3600),
            reuse_ends_family: true,
        }
    }
}

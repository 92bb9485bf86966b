use serde::{Deserialize, Serialize};

/// What a case can need of the server, or of what the target file gives us to test with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Capability {
    /// The server offers the authorization code grant.
    AuthorizationCode,
    /// The server offers the client credentials grant.
    ClientCredentials,
    /// The server offers the implicit grant.
    Implicit,
    /// The server offers the resource owner password grant.
    Password,
    /// The server issues refresh tokens.
    RefreshToken,
    /// The server has an introspection endpoint.
    Introspection,
    /// The server has a revocation endpoint.
    Revocation,
    /// The server has a userinfo endpoint (OpenID Connect Core section 5.3).
    Userinfo,
    /// The server publishes metadata.
    Metadata,
    /// The server publishes keys.
    Jwks,
    /// The server knows PKCE (it says so in its metadata, or the policy does).
    Pkce,
    /// The target file lets clients be registered, and the server has an endpoint for it.
    Registration,
    /// The server answers `response_mode=form_post`.
    FormPost,
    /// The server issues personal access tokens.
    PersonalAccessTokens,
    /// The target file names a protected resource.
    Resource,
    /// The target file names a protected resource that is open to a client's own token too.
    ClientResource,
    /// The target file names a protected resource for single scopes.
    ScopedResources,
    /// The target file names a hook that moves the server's clock.
    Clock,
    /// The target file has a client `second`.
    SecondClient,
    /// The target file has a client `public`, without secret.
    PublicClient,
    /// The target file has a client `keyed`, with a private key.
    KeyedClient,
    /// The target file has a client `escaped`, whose identifier and secret have reserved characters.
    EscapedClient,
    /// The target file's default client has a second redirect URI.
    SecondRedirectUri,
    /// The target file's default client has a secret.
    ClientSecret,
    /// The target file has a user `second`.
    SecondUser,
    /// The server is reached by TLS.
    Tls,
    /// The target file says where the server is reached without TLS.
    PlainHttp,
}

impl Capability {
    /// All capabilities.
    pub const ALL: [Self; 27] = [
        Self::AuthorizationCode,
        Self::ClientCredentials,
        Self::Implicit,
        Self::Password,
        Self::RefreshToken,
        Self::Introspection,
        Self::Revocation,
        Self::Userinfo,
        Self::Metadata,
        Self::Jwks,
        Self::Pkce,
        Self::Registration,
        Self::FormPost,
        Self::PersonalAccessTokens,
        Self::Resource,
        Self::ClientResource,
        Self::ScopedResources,
        Self::Clock,
        Self::SecondClient,
        Self::PublicClient,
        Self::KeyedClient,
        Self::EscapedClient,
        Self::SecondRedirectUri,
        Self::ClientSecret,
        Self::SecondUser,
        Self::Tls,
        Self::PlainHttp,
    ];

    /// The name in suites.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "authorization_code",
            Self::ClientCredentials => "client_credentials",
            Self::Implicit => "implicit",
            Self::Password => "password",
            Self::RefreshToken => "refresh_token",
            Self::Introspection => "introspection",
            Self::Revocation => "revocation",
            Self::Userinfo => "userinfo",
            Self::Metadata => "metadata",
            Self::Jwks => "jwks",
            Self::Pkce => "pkce",
            Self::Registration => "registration",
            Self::FormPost => "form_post",
            Self::PersonalAccessTokens => "personal_access_tokens",
            Self::Resource => "resource",
            Self::ClientResource => "client_resource",
            Self::ScopedResources => "scoped_resources",
            Self::Clock => "clock",
            Self::SecondClient => "second_client",
            Self::PublicClient => "public_client",
            Self::KeyedClient => "keyed_client",
            Self::EscapedClient => "escaped_client",
            Self::SecondRedirectUri => "second_redirect_uri",
            Self::ClientSecret => "client_secret",
            Self::SecondUser => "second_user",
            Self::Tls => "tls",
            Self::PlainHttp => "plain_http",
        }
    }

    /// What it says, as a lower-case fragment.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "the server offers the authorization code grant",
            Self::ClientCredentials => "the server offers the client credentials grant",
            Self::Implicit => "the server offers the implicit grant",
            Self::Password => "the server offers the resource owner password grant",
            Self::RefreshToken => "the server issues refresh tokens",
            Self::Introspection => "the server has an introspection endpoint",
            Self::Revocation => "the server has a revocation endpoint",
            Self::Userinfo => "the server has a userinfo endpoint",
            Self::Metadata => "the server publishes metadata",
            Self::Jwks => "the server publishes keys",
            Self::Pkce => "the server knows PKCE (it says so in its metadata, or the policy does)",
            Self::Registration => {
                "the target file lets clients be registered, and the server has an endpoint for it"
            }
            Self::FormPost => "the server answers `response_mode=form_post`",
            Self::PersonalAccessTokens => "the server issues personal access tokens",
            Self::Resource => "the target file names a protected resource",
            Self::ClientResource => {
                "the target file names a protected resource that is open to a client's own token too"
            }
            Self::ScopedResources => "the target file names a protected resource for single scopes",
            Self::Clock => "the target file names a hook that moves the server's clock",
            Self::SecondClient => "the target file has a client `second`",
            Self::PublicClient => "the target file has a client `public`, without secret",
            Self::KeyedClient => {
                "the target file has a client `keyed` with a private key (or the default client has one)"
            }
            Self::EscapedClient => {
                "the target file has a client `escaped`, whose identifier and secret have reserved characters"
            }
            Self::SecondRedirectUri => "the target file's default client has a second redirect URI",
            Self::ClientSecret => "the target file's default client has a secret",
            Self::SecondUser => "the target file has a user `second`",
            Self::Tls => "the server is reached by TLS: its issuer or an endpoint of it is https",
            Self::PlainHttp => "the target file says where the server is reached without TLS",
        }
    }

    /// What to write in the target file so that the case can run; `None` for what only the server can give.
    pub fn remedy(self) -> Option<&'static str> {
        Some(match self {
            Self::Resource => "add `resources: { default: URL }` to the target file",
            Self::ClientResource => {
                "name a default resource that is not `user_only` under `resources` in the target file"
            }
            Self::ScopedResources => "add `resources: { scopes: { SCOPE: URL } }` to the target file",
            Self::Clock => {
                "add `clock: { advance: { post: URL } }` to the target file, if the server has such a hook"
            }
            Self::SecondClient => "add a client `second` to the target file",
            Self::PublicClient => "add a client `public` without secret to the target file",
            Self::KeyedClient => "add a client `keyed` with a `private_key` to the target file",
            Self::Registration => {
                "add `registration: {}` to the target file, if clients may be registered at this server"
            }
            Self::EscapedClient => {
                "add a client `escaped` to the target file, with an identifier such as `https://client.example/?a=b`"
            }
            Self::SecondRedirectUri => {
                "register a second redirect URI and list it under `clients.default.redirect_uris`"
            }
            Self::ClientSecret => "give `clients.default` a secret",
            Self::SecondUser => "add a user `second` to the target file",
            Self::PlainHttp => {
                "add `plain_http: http://HOST` to the target file, if the server is reached without TLS there too"
            }
            Self::PersonalAccessTokens => "give `users.default` a `personal_access_token`",
            _ => return None,
        })
    }
}

impl std::fmt::Display for Capability {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

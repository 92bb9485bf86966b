use serde::{Deserialize, Serialize};

use super::{Located, Step, Template};

/// What a step does.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Sends the user to the authorization endpoint and walks to the end of it.
    Authorize(Box<Authorize>),
    /// Asks the token endpoint, with any grant.
    Token(Box<TokenRequest>),
    /// Asks the introspection endpoint (RFC 7662).
    Introspect(Box<TokenQuery>),
    /// Asks the revocation endpoint (RFC 7009).
    Revoke(Box<TokenQuery>),
    /// Uses a token at a protected resource (RFC 6750).
    Resource(Box<ResourceRequest>),
    /// Asks who the user of a token is (OpenID Connect Core section 5.3); there are no scopes to choose by.
    Userinfo(Box<ResourceRequest>),
    /// Registers a client (RFC 7591).
    Register(Box<Registration>),
    /// Reads the server's metadata.
    Metadata(Box<Overrides>),
    /// Reads the server's keys.
    Jwks(Box<Overrides>),
    /// Sends anything anywhere on the target's hosts.
    Request(Box<RawRequest>),
    /// Opens a TLS connection and closes it again.
    Handshake(HandshakeOffer),
    /// Lets time pass.
    Wait(Located<Template>),
    /// Runs steps at the same time; each is named and judged as usual.
    Parallel(Vec<Step>),
    /// Sends the same request several times, released together.
    Race(Race),
}

/// One of several words: as it is said, or as an expression gives it when the step runs.
#[derive(Clone, Debug, PartialEq)]
pub enum Choice<T> {
    /// The word that stands there.
    Said(T),
    /// What gives the word; null is as if nothing were said.
    Computed(Located<Template>),
}

/// An authorization request and its user (RFC 6749 section 4.1.1). What is `None` is what a correct client
/// of this target would send.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Authorize {
    /// Name of the target's client, `default` if unsaid.
    pub client: Option<Template>,
    /// Name of the target's user, `default` if unsaid.
    pub user: Option<Template>,
    /// `code` if unsaid.
    pub response_type: Option<Template>,
    /// Not sent if unsaid.
    pub response_mode: Option<Template>,
    /// The target's default scope for that client if unsaid.
    pub scope: Option<Template>,
    /// 32 random characters if unsaid.
    pub state: Option<Template>,
    /// The client's first redirect URI if unsaid.
    pub redirect_uri: Option<Template>,
    /// What the user answers when asked, approve if unsaid.
    pub decision: Option<Decision>,
    /// Whether the browser starts without cookies; if unsaid it keeps those of the case's earlier steps.
    pub fresh_session: bool,
    /// PKCE; S256 if unsaid.
    pub pkce: Option<Choice<Pkce>>,
    /// Everything unusual about the request itself.
    pub overrides: Overrides,
}

/// What the user does with the consent page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// Consents.
    Approve,
    /// Refuses.
    Deny,
    /// Closes it: nothing comes back.
    Close,
    /// Consents by the form that another user was shown, as a page of somebody else makes the browser send it
    /// (RFC 6749 section 10.12).
    Forge,
}

/// How a client proves possession of its code (RFC 7636).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Pkce {
    /// No challenge and no verifier.
    #[serde(rename = "none")]
    None,
    /// The verifier itself.
    #[serde(rename = "plain")]
    Plain,
    /// Its SHA-256.
    #[serde(rename = "S256")]
    S256,
}

impl Pkce {
    /// All with their names in suites.
    pub const ALL: [(&'static str, Self); 3] =
        [("none", Self::None), ("plain", Self::Plain), ("S256", Self::S256)];
}

/// A request to the token endpoint (RFC 6749 section 3.2).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TokenRequest {
    /// `authorization_code` if unsaid; `refresh` steps say `refresh_token`.
    pub grant_type: Option<Template>,
    /// Name of the authorize step whose code is redeemed; the last one if unsaid.
    pub from: Option<Located<String>>,
    /// Name of the target's client; that of the authorize step or of the token's step, else `default`.
    pub client: Option<Template>,
    /// How the client authenticates; as the target says if unsaid.
    pub authentication: Option<Choice<Authentication>>,
    /// What is unusual about the client's assertion.
    pub assertion: Option<Assertion>,
    /// The code, from the authorize step if unsaid.
    pub code: Option<Template>,
    /// The redirect URI, from the authorize step if unsaid.
    pub redirect_uri: Option<Template>,
    /// The PKCE verifier, from the authorize step if unsaid.
    pub code_verifier: Option<Template>,
    /// The refresh token; that of the last token step if unsaid.
    pub refresh_token: Option<Template>,
    /// The scope; for client credentials the client's, otherwise not sent if unsaid.
    pub scope: Option<Template>,
    /// Name of the target's user for the password grant, `default` if unsaid.
    pub user: Option<Template>,
    /// Everything unusual about the request itself.
    pub overrides: Overrides,
}

/// How a client authenticates, rightly or wrongly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Authentication {
    /// Only `client_id` in the body.
    None,
    /// `client_id` and `client_secret` in the body.
    ClientSecretPost,
    /// HTTP Basic.
    ClientSecretBasic,
    /// Both of these at once.
    Both,
    /// The target's method with another secret.
    WrongSecret,
    /// The target's method with a secret of no characters.
    EmptySecret,
    /// Nothing at all, not even `client_id`.
    Missing,
    /// A JWT signed with the client's private key (RFC 7523 section 2.2), and `client_id`.
    PrivateKeyJwt,
}

impl Authentication {
    /// All with their names in suites.
    pub const ALL: [(&'static str, Self); 8] = [
        ("none", Self::None),
        ("client_secret_post", Self::ClientSecretPost),
        ("client_secret_basic", Self::ClientSecretBasic),
        ("both", Self::Both),
        ("wrong_secret", Self::WrongSecret),
        ("empty_secret", Self::EmptySecret),
        ("missing", Self::Missing),
        ("private_key_jwt", Self::PrivateKeyJwt),
    ];
}

/// What is unusual about the JWT by which a client authenticates (RFC 7523 section 3).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Assertion {
    /// Members of its JOSE header that are set; null leaves one out.
    pub header: Vec<(String, Template)>,
    /// Claims that are set; null leaves one out.
    pub claims: Vec<(String, Template)>,
    /// When it expires, in seconds from now; 60 if unsaid.
    pub expires: Option<Template>,
    /// When it was issued, in seconds from now; 0 if unsaid.
    pub issued: Option<Template>,
    /// From when on it counts, in seconds from now; no such claim if unsaid.
    pub not_before: Option<Template>,
    /// Who signs it; the client itself if unsaid.
    pub signature: Option<Choice<AssertionSignature>>,
}

/// Who signs a client's assertion.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AssertionSignature {
    /// The client's key.
    #[default]
    Own,
    /// Another key of that kind.
    Other,
    /// Another key of that kind, whose public half the header brings along.
    Brought,
    /// A MAC with the public half of the client's key for a secret.
    PublicKey,
    /// The client's key, and then a claim more is put in.
    Altered,
    /// Nobody: `alg` is `none`.
    None,
}

impl AssertionSignature {
    /// All with their names in suites.
    pub const ALL: [(&'static str, Self); 6] = [
        ("own", Self::Own),
        ("other", Self::Other),
        ("brought", Self::Brought),
        ("public_key", Self::PublicKey),
        ("altered", Self::Altered),
        ("none", Self::None),
    ];
}

/// A question about a token (RFC 7009 section 2.1, RFC 7662 section 2.1).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TokenQuery {
    /// The token; the access token of the last token step if unsaid.
    pub token: Option<Template>,
    /// Not sent if unsaid.
    pub token_type_hint: Option<Template>,
    /// Name of the target's client, `default` if unsaid.
    pub client: Option<Template>,
    /// How the client authenticates; as the target says if unsaid.
    pub authentication: Option<Choice<Authentication>>,
    /// What is unusual about the client's assertion.
    pub assertion: Option<Assertion>,
    /// Everything unusual about the request itself.
    pub overrides: Overrides,
}

/// A request to a protected resource.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ResourceRequest {
    /// The access token; that of the last token step if unsaid.
    pub access_token: Option<Template>,
    /// The target's resource for this scope; its default resource if unsaid.
    pub scope: Option<Template>,
    /// How the token travels, in the header if unsaid.
    pub via: Option<Choice<BearerMethod>>,
    /// Everything unusual about the request itself.
    pub overrides: Overrides,
}

/// How an access token is sent (RFC 6750 section 2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BearerMethod {
    /// Section 2.1.
    #[default]
    Header,
    /// Section 2.2.
    Body,
    /// Section 2.3.
    Query,
    /// Not at all.
    None,
}

impl BearerMethod {
    /// All with their names in suites.
    pub const ALL: [(&'static str, Self); 4] =
        [("header", Self::Header), ("body", Self::Body), ("query", Self::Query), ("none", Self::None)];
}

/// A client's request to be registered (RFC 7591 section 3.1).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Registration {
    /// The first one of the target's client `default` if unsaid.
    pub redirect_uris: Option<Template>,
    /// As `default` authenticates if unsaid.
    pub token_endpoint_auth_method: Option<Template>,
    /// `authorization_code` alone if unsaid.
    pub grant_types: Option<Template>,
    /// Those that the grants need if unsaid.
    pub response_types: Option<Template>,
    /// What `default` usually asks if unsaid.
    pub scope: Option<Template>,
    /// Everything unusual about the request itself; its parameters are members of the metadata.
    pub overrides: Overrides,
}

/// A request to anywhere on the target's hosts.
#[derive(Clone, Debug, PartialEq)]
pub struct RawRequest {
    /// Absolute URL, or a path on the issuer.
    pub url: Template,
    /// Everything else.
    pub overrides: Overrides,
}

/// What a client offers at the beginning of a TLS connection.
#[derive(Clone, Debug, PartialEq)]
pub struct HandshakeOffer {
    /// An `https` URL on one of the target's hosts.
    pub url: Template,
    /// Names of the versions; TLS 1.2 and 1.3 if unsaid.
    pub versions: Vec<Template>,
    /// Name of the cipher suites; the usual ones if unsaid.
    pub cipher_suites: Option<Template>,
    /// Whether the handshake is finished, so that the certificate is seen.
    pub finish: bool,
}

/// The same request several times at once.
#[derive(Clone, Debug, PartialEq)]
pub struct Race {
    /// How many.
    pub times: u32,
    /// Which.
    pub step: Box<Step>,
    /// What requirements say of how many succeed.
    pub succeed: Located<Succeed>,
    /// The requirement that says so.
    pub requirement: Located<String>,
}

/// How many requests of a race may succeed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Succeed {
    /// Exactly so many.
    Exactly(u32),
    /// At most so many.
    AtMost(u32),
    /// All of them.
    All,
}

/// What is unusual about a request: applied after everything else, in this order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Overrides {
    /// Parameters set to another value, or added. Here and below names are templates too.
    pub parameters: Vec<(Template, Template)>,
    /// Parameters not sent.
    pub remove: Vec<Template>,
    /// Parameters sent once more, after all others.
    pub append: Vec<(Template, Template)>,
    /// Names of parameters in the order in which they are sent; others follow as they would anyway.
    pub order: Option<Template>,
    /// Parameters sent in the query although the request has a body.
    pub query: Vec<(Template, Template)>,
    /// Another method.
    pub method: Option<Template>,
    /// Another media type; the body is written to fit it where it is form or JSON.
    pub content_type: Option<Template>,
    /// Header fields set; `None` removes one.
    pub headers: Vec<(Template, Option<Template>)>,
    /// The body as it stands, instead of parameters.
    pub body: Option<Template>,
}

use serde::{Deserialize, Serialize};

/// One request and what came of it, exactly as they went.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Exchange {
    /// Unique within a run, in the order of sending.
    pub id: u64,
    /// Which endpoint of the server was addressed.
    pub endpoint: Endpoint,
    /// Milliseconds from the start of the run to the moment of sending.
    pub started_ms: f64,
    /// Milliseconds from sending until the last byte of the answer.
    pub duration_ms: f64,
    /// What was sent.
    pub request: Request,
    /// What came back, or why nothing did.
    pub result: Result<Response, Fault>,
}

impl Exchange {
    /// The response, if there was one.
    pub fn response(&self) -> Option<&Response> {
        self.result.as_ref().ok()
    }
}

/// An HTTP request as it is sent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// `GET`, `POST`, or anything else.
    pub method: String,
    /// Absolute URL, kept as it was written.
    pub url: String,
    /// Header fields in order; names as written.
    pub headers: Headers,
    /// The body, empty for none.
    #[serde(with = "body_text")]
    pub body: Vec<u8>,
}

/// An HTTP response as it was received.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Response {
    /// Status code.
    pub status: u16,
    /// Header fields in order of arrival.
    pub headers: Headers,
    /// The body, at most the transport's limit.
    #[serde(with = "body_text")]
    pub body: Vec<u8>,
    /// Whether the body went on past the transport's limit.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub truncated: bool,
}

impl Response {
    /// The body as text, with U+FFFD where it is not UTF-8.
    pub fn text(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(&self.body)
    }

    /// The media type of `Content-Type` without parameters, lower case.
    pub fn media_type(&self) -> Option<String> {
        let value = self.headers.first("content-type")?;
        Some(value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
    }
}

/// Header fields in order, duplicates kept.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Headers(pub Vec<(String, String)>);

impl Headers {
    /// The value of the first field of that name, compared without case (RFC 9110 section 5.1).
    pub fn first(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The values of all fields of that name, in order.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
    }

    /// Appends a field.
    pub fn push(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.0.push((name.into(), value.into()));
    }
}

/// The endpoints of an authorization server and what stands beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Endpoint {
    /// RFC 6749 section 3.1, the pages that follow from it included.
    Authorization,
    /// RFC 6749 section 3.2.
    Token,
    /// RFC 7009.
    Revocation,
    /// RFC 7662.
    Introspection,
    /// RFC 8414 or OpenID Connect Discovery.
    Metadata,
    /// RFC 7517.
    Jwks,
    /// RFC 7591.
    Registration,
    /// A resource protected by bearer tokens (RFC 6750).
    Resource,
    /// OpenID Connect Core section 5.3.
    Userinfo,
    /// The target's test hook that moves its clock.
    Clock,
    /// Anything a raw `request` addresses.
    Other,
}

impl Endpoint {
    /// All endpoints with their names in suites.
    pub const ALL: [(&'static str, Self); 11] = [
        ("authorization", Self::Authorization),
        ("token", Self::Token),
        ("revocation", Self::Revocation),
        ("introspection", Self::Introspection),
        ("metadata", Self::Metadata),
        ("jwks", Self::Jwks),
        ("registration", Self::Registration),
        ("resource", Self::Resource),
        ("userinfo", Self::Userinfo),
        ("clock", Self::Clock),
        ("other", Self::Other),
    ];

    /// The name in suites and reports.
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(_, e)| *e == self).map_or("other", |(name, _)| name)
    }
}

/// Why there is no response.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, thiserror::Error)]
#[error("{kind}: {detail}")]
pub struct Fault {
    /// What went wrong.
    pub kind: FaultKind,
    /// The transport's words, without URLs.
    pub detail: String,
}

/// The ways in which a request can come to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// The host name does not resolve.
    Dns,
    /// Nobody listens there.
    Refused,
    /// TLS could not be set up.
    Tls,
    /// No answer within the limit.
    Timeout,
    /// The connection ended before the answer did.
    Broken,
    /// The answer is not HTTP.
    Malformed,
    /// The request could not be written (a URL or header that HTTP cannot carry).
    Unsendable,
}

impl std::fmt::Display for FaultKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Dns => "the host name does not resolve",
            Self::Refused => "connection refused",
            Self::Tls => "TLS failed",
            Self::Timeout => "no answer in time",
            Self::Broken => "the connection broke",
            Self::Malformed => "the answer is not HTTP",
            Self::Unsendable => "the request cannot be sent",
        })
    }
}

/// Bodies travel through the journal as text where they are UTF-8, otherwise as base64.
mod body_text {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Body {
        Text(String),
        Base64(String),
    }

    pub(super) fn serialize<S: Serializer>(body: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        match std::str::from_utf8(body) {
            Ok(text) => Body::Text(text.to_owned()),
            Err(_) => Body::Base64(STANDARD.encode(body)),
        }
        .serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        match Body::deserialize(deserializer)? {
            Body::Text(text) => Ok(text.into_bytes()),
            Body::Base64(text) => STANDARD.decode(text).map_err(serde::de::Error::custom),
        }
    }
}

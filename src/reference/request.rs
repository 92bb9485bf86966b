use axum::body::Bytes;
use http::{HeaderMap, Method, header};

use super::form::{self, FormError};

/// A request as it came in, its body read whole.
#[derive(Debug)]
pub(crate) struct Request {
    /// `HEAD` is kept as `GET`: the answer is the same, only its body stays behind.
    pub(crate) method: Method,
    /// Whether it was `HEAD`.
    pub(crate) is_head: bool,
    /// Still percent-encoded.
    pub(crate) path: String,
    /// Still encoded, without the question mark.
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    /// Whether it came without TLS to a server that speaks it.
    pub(crate) in_the_clear: bool,
    /// `None` when it was larger than [`BODY_LIMIT`] or broke off.
    pub(crate) body: Option<Bytes>,
}

/// The largest body read, in bytes.
pub(crate) const BODY_LIMIT: usize = 64 * 1024;

impl Request {
    /// The one value of a header; `None` if it is absent, repeated or not text.
    pub(crate) fn header(&self, name: header::HeaderName) -> Option<&str> {
        let mut values = self.headers.get_all(name).iter();
        match (values.next(), values.next()) {
            (Some(value), None) => value.to_str().ok(),
            _ => None,
        }
    }

    /// The value of the cookie called `name` (RFC 6265 section 5.4).
    pub(crate) fn cookie(&self, name: &str) -> Option<&str> {
        let lines = self.headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
        let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
        pairs.find_map(|(found, value)| (found == name).then_some(value))
    }

    /// The media type of the body without its parameters, in lower case (RFC 9110 section 8.3.1).
    pub(crate) fn media_type(&self) -> Option<String> {
        let value = self.header(header::CONTENT_TYPE)?;
        Some(value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
    }
}

/// Request parameters in the order sent, empty and repeated ones included.
#[derive(Clone, Debug, Default)]
pub(crate) struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// Decodes a query or a form body.
    pub(crate) fn decode(text: &[u8]) -> Result<Self, FormError> {
        form::decode(text).map(Self)
    }

    /// Decodes a query and drops what is not UTF-8.
    pub(crate) fn decode_dropping_illegal(text: &[u8]) -> Result<Self, FormError> {
        form::decode_dropping_illegal(text).map(Self)
    }

    /// Adds those of another part of the same request.
    pub(crate) fn append(&mut self, mut other: Self) {
        self.0.append(&mut other.0);
    }

    /// Adds one parameter.
    pub(crate) fn push(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.0.push((name.into(), value.into()));
    }

    /// Gives a parameter one value, in place of all that it has.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.0.retain(|(found, _)| found != name);
        self.push(name, value);
    }

    /// The first value, where "parameters sent without a value MUST be treated as if they were
    /// omitted" (RFC 6749 section 3.1).
    pub(crate) fn first(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// The last value.
    pub(crate) fn last(&self, name: &str) -> Option<&str> {
        self.all(name).last()
    }

    /// Whether the parameter has more than one value.
    pub(crate) fn is_repeated(&self, name: &str) -> bool {
        self.all(name).nth(1).is_some()
    }

    /// Whether the parameter was sent without a value, and only so.
    pub(crate) fn is_empty(&self, name: &str) -> bool {
        self.first(name).is_none() && self.0.iter().any(|(found, _)| found == name)
    }

    /// Every name sent.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        let named = self.0.iter().filter(move |(found, value)| found == name && !value.is_empty());
        named.map(|(_, value)| value.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_parameter_counts_as_omitted() {
        let parameters = Parameters::decode(b"scope=&state=a&state=b&nonce=").unwrap();
        assert_eq!(parameters.first("scope"), None);
        assert!(parameters.is_empty("scope"));
        assert_eq!((parameters.first("state"), parameters.last("state")), (Some("a"), Some("b")));
        assert!(parameters.is_repeated("state"));
        assert!(!Parameters::decode(b"a=&a=1").unwrap().is_repeated("a"));
    }

    #[test]
    fn finds_one_cookie_among_many() {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, "a=1; session=xyz; b=2".parse().unwrap());
        let (method, path, query) = (Method::GET, String::new(), String::new());
        let request =
            Request { method, is_head: false, path, query, headers, in_the_clear: false, body: None };
        assert_eq!(request.cookie("session"), Some("xyz"));
        assert_eq!(request.cookie("sessio"), None);
    }
}

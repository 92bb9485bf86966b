use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::response::Response;
use http::{HeaderName, HeaderValue, StatusCode};
use serde_json::{Value, json};

use super::request::Parameters;

/// What a flow ends with: status, header fields, body.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
    /// How long the reply waits before it is sent; sound servers never wait.
    pub(crate) held: Duration,
}

impl Reply {
    /// No body.
    pub(crate) fn empty(status: StatusCode) -> Self {
        Self { status, headers: Vec::new(), body: Vec::new(), held: Duration::ZERO }
    }

    /// A JSON document that is not to be stored (RFC 6749 section 5.1).
    pub(crate) fn json(status: StatusCode, body: &Value) -> Self {
        let mut reply = Self::empty(status)
            .with("content-type", "application/json")
            .with("cache-control", "no-store")
            .with("pragma", "no-cache")
            .with("x-content-type-options", "nosniff");
        reply.body = body.to_string().into_bytes();
        reply
    }

    /// A page: never framed, never stored, nothing leaked by `Referer` (RFC 9700 sections 4.2.4
    /// and 4.16). `script_nonce` allows the one inline script of the form post page.
    pub(crate) fn html(status: StatusCode, page: String, script_nonce: Option<&str>) -> Self {
        let script = script_nonce.map(|nonce| format!("; script-src 'nonce-{nonce}'")).unwrap_or_default();
        let policy = format!(
            "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'{script}"
        );
        let mut reply = Self::empty(status)
            .with("content-type", "text/html; charset=utf-8")
            .with("cache-control", "no-store")
            .with("pragma", "no-cache")
            .with("content-security-policy", policy)
            .with("x-frame-options", "DENY")
            .with("x-content-type-options", "nosniff")
            .with("referrer-policy", "no-referrer");
        reply.body = page.into_bytes();
        reply
    }

    /// 303, so that a browser never repeats a POST at the next place (RFC 9700 section 4.12).
    pub(crate) fn see_other(location: &str) -> Self {
        Self::empty(StatusCode::SEE_OTHER)
            .with("location", header_safe(location))
            .with("cache-control", "no-store")
            .with("referrer-policy", "no-referrer")
    }

    /// 301: the place is another one for good.
    pub(crate) fn moved(location: &str) -> Self {
        Self::empty(StatusCode::MOVED_PERMANENTLY).with("location", header_safe(location))
    }

    /// Something the table of steps forbids has happened.
    pub(crate) fn server_error(what: &str) -> Self {
        Self::json(
            StatusCode::INTERNAL_SERVER_ERROR,
            &json!({ "error": "server_error", "error_description": what }),
        )
    }

    /// The OAuth error in it, from a JSON body or from a redirection, with its description.
    pub(crate) fn error(&self) -> Option<String> {
        let (code, description) = if self.status.is_redirection() {
            let (_, location) = self.headers.iter().find(|(name, _)| *name == "location")?;
            let (_, parameters) = location.split_once(['?', '#'])?;
            let parameters = Parameters::decode(parameters.as_bytes()).ok()?;
            let text = |name: &str| parameters.first(name).map(str::to_owned);
            (text("error")?, text("error_description"))
        } else {
            let body: Value = serde_json::from_slice(&self.body).ok()?;
            let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
            (text("error")?, text("error_description"))
        };
        Some(description.map_or(code.clone(), |description| format!("{code}: {description}")))
    }

    /// Adds a header field.
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// With another status.
    pub(crate) fn with_status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// Adds to the value of a header field, if it is there.
    pub(crate) fn extending(mut self, name: &str, more: &str) -> Self {
        if let Some((_, value)) = self.headers.iter_mut().find(|(found, _)| *found == name) {
            value.push_str(more);
        }
        self
    }

    /// As HTTP has it.
    pub(crate) fn into_response(self) -> http::Response<Bytes> {
        let mut response = http::Response::new(self.body.into());
        *response.status_mut() = self.status;
        for (name, value) in self.headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                response.headers_mut().append(HeaderName::from_static(name), value);
            }
        }
        response
    }

    /// How many header fields it has.
    #[cfg(test)]
    pub(crate) fn header_count(&self) -> usize {
        self.headers.len()
    }

    /// Removes a header field.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(found, _)| *found != name);
        self
    }
}

impl From<Reply> for Response {
    fn from(reply: Reply) -> Self {
        reply.into_response().map(Body::from)
    }
}

/// Percent-encodes what may not stand in a header field, above all line breaks.
fn header_safe(location: &str) -> String {
    let mut safe = String::with_capacity(location.len());
    for byte in location.bytes() {
        match byte {
            0x21..=0x7e => safe.push(byte as char),
            _ => safe.push_str(&format!("%{byte:02X}")),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_location_cannot_split_the_header() {
        let response = Response::from(Reply::see_other("https://client.example/cb\r\nset-cookie: a=1\u{e9}"));
        assert_eq!(response.headers()["location"], "https://client.example/cb%0D%0Aset-cookie:%20a=1%C3%A9");
        assert!(!response.headers().contains_key("set-cookie"));
    }

    #[test]
    fn the_error_is_read_from_body_and_redirection() {
        let body = json!({ "error": "invalid_grant", "error_description": "the code is unknown" });
        let refused = Reply::json(StatusCode::BAD_REQUEST, &body);
        assert_eq!(refused.error().as_deref(), Some("invalid_grant: the code is unknown"));
        let denied = Reply::see_other("https://client.example/cb?a=1&error=access_denied&state=x");
        assert_eq!(denied.error().as_deref(), Some("access_denied"));
        assert_eq!(Reply::see_other("https://client.example/cb?code=x").error(), None);
        assert_eq!(Reply::json(StatusCode::OK, &json!({ "access_token": "x" })).error(), None);
    }

    #[test]
    fn removes_a_header() {
        let response = Response::from(Reply::json(StatusCode::OK, &json!({})).without("pragma"));
        assert!(!response.headers().contains_key("pragma"));
        assert_eq!(response.headers()["cache-control"], "no-store");
    }
}

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Url};

use super::{Fault, Request};

/// Makes a request ready to go, and writes into its record what the client will add or encode.
///
/// What could only be sent as something else is refused: a report must show what really went.
pub(super) fn sendable(record: &mut Request) -> Result<reqwest::Request, Fault> {
    let url = address(&record.url)?;
    let method = Method::from_bytes(record.method.as_bytes())
        .map_err(|_| Fault::unsendable(format!("{:?} is not an HTTP method", record.method)))?;
    record.url = url.as_str().to_owned();
    for (name, value) in [("Accept", "*/*"), ("User-Agent", super::transport::USER_AGENT)] {
        if record.headers.first(name).is_none() {
            record.headers.push(name, value);
        }
    }
    // What a server does not expect to read, or sends although there is nothing to send, it or we would take for
    // the beginning of the next message on the connection.
    let unexpected = !record.body.is_empty() && !matches!(&*record.method, "POST" | "PUT" | "PATCH");
    if (unexpected || record.method == "HEAD") && record.headers.first("Connection").is_none() {
        record.headers.push("Connection", "close");
    }
    let mut headers = HeaderMap::new();
    for (name, value) in &record.headers.0 {
        let (name, value) = field(name, value)?;
        if name == "content-length" && value.as_bytes() != record.body.len().to_string().as_bytes() {
            return Err(Fault::unsendable(format!(
                "Content-Length says {value:?}, the body has {} bytes",
                record.body.len()
            )));
        }
        headers.append(name, value);
    }
    let mut request = reqwest::Request::new(method, url);
    *request.headers_mut() = headers;
    if !record.body.is_empty() {
        *request.body_mut() = Some(record.body.clone().into());
    }
    Ok(request)
}

/// The address as it will be asked for: encoded where HTTP needs it, and without fragment.
fn address(text: &str) -> Result<Url, Fault> {
    if text.contains(|c: char| c.is_ascii_control()) || text.trim() != text {
        return Err(Fault::unsendable("the URL has white space or control characters in it"));
    }
    let mut url = Url::parse(text).map_err(|e| Fault::unsendable(format!("the URL cannot be read: {e}")))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(Fault::unsendable(format!("{} is not spoken here, only http and https", url.scheme())));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Fault::unsendable("the URL has a user name in it, which HTTP does not send"));
    }
    if has_dot_segments(text) {
        return Err(Fault::unsendable(
            "the path has dot segments, which are resolved before anything is sent",
        ));
    }
    url.set_fragment(None);
    Ok(url)
}

/// Whether the path has segments that every URL library takes away (RFC 3986 section 5.2.4).
fn has_dot_segments(url: &str) -> bool {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let path = rest.split(['?', '#']).next().unwrap_or_default();
    path.split(['/', '\\'])
        .skip(1)
        .any(|s| matches!(s.to_ascii_lowercase().replace("%2e", ".").as_str(), "." | ".."))
}

fn field(name: &str, value: &str) -> Result<(HeaderName, HeaderValue), Fault> {
    let field = HeaderName::from_bytes(name.as_bytes())
        .map_err(|_| Fault::unsendable(format!("{name:?} is not a header field's name")))?;
    let content = HeaderValue::from_bytes(value.as_bytes())
        .map_err(|_| Fault::unsendable(format!("the value of header field {name} has control characters")))?;
    Ok((field, content))
}

#[cfg(test)]
mod tests {
    use super::super::{FaultKind, Headers};
    use super::*;

    fn get(url: &str) -> Request {
        Request { method: "GET".into(), url: url.into(), ..Request::default() }
    }

    #[test]
    fn a_connection_that_may_be_out_of_step_is_not_used_again() {
        let connection = |method: &str, body: &str| {
            let mut record =
                Request { method: method.into(), body: body.into(), ..get("http://as.example/") };
            sendable(&mut record).unwrap();
            record.headers.first("connection").map(str::to_owned)
        };
        assert_eq!(connection("GET", "token=x").as_deref(), Some("close"));
        assert_eq!(connection("HEAD", "").as_deref(), Some("close"));
        assert_eq!(connection("GET", ""), None);
        assert_eq!(connection("POST", "token=x"), None);
    }

    #[test]
    fn the_record_says_what_really_goes() {
        let mut record = get("http://AS.example?q=a b&r=\"#fragment");
        sendable(&mut record).unwrap();
        assert_eq!(record.url, "http://as.example/?q=a%20b&r=%22");
        assert_eq!(record.headers.first("accept"), Some("*/*"));
    }

    #[test]
    fn a_url_that_needs_nothing_stays_as_it_is() {
        for url in
            ["http://h.example/p;x=1/%7e%2F?a=%2b&a=b%3D=&&c", "https://h.example:8443/", "http://[::1]:1/"]
        {
            let mut record = get(url);
            sendable(&mut record).unwrap();
            assert_eq!(record.url, url);
        }
    }

    #[test]
    fn what_would_go_as_something_else_is_refused() {
        for url in [
            "http://h.example/a/../b",
            "http://h.example/%2E%2e/b",
            "http://h.example/a/.",
            "http://u:p@h.example/",
            "http://h.example/a\r\nx: y",
            "javascript:alert(1)",
            "/relative",
            "http://",
            " http://h.example/",
        ] {
            let fault = sendable(&mut get(url)).unwrap_err();
            assert_eq!(fault.kind, FaultKind::Unsendable, "{url}");
        }
    }

    #[test]
    fn headers_that_would_break_the_message_are_refused() {
        for (name, value) in [("x y", "1"), ("x", "a\r\nb: c"), ("x", "a\0"), ("Content-Length", "7")] {
            let mut record = get("http://h.example/");
            record.headers = Headers(vec![(name.into(), value.into())]);
            assert!(sendable(&mut record).is_err(), "{name}: {value:?}");
        }
    }

    #[test]
    fn methods_and_bodies_are_free() {
        let mut record = get("http://h.example/");
        record.method = "BREW".into();
        record.body = vec![0, 255];
        record.headers.push("content-length", "2");
        assert_eq!(sendable(&mut record).unwrap().method().as_str(), "BREW");
        record.method = "GE T".into();
        assert!(sendable(&mut record).is_err());
    }
}

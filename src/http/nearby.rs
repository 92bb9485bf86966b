use std::fmt;
use std::pin::Pin;

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, HOST};
use http::{HeaderValue, Method, Uri};

use super::{Fault, FaultKind, Headers, Response};

/// A server in this process, asked without a connection: nothing is written to a socket, and all that HTTP/1.1 adds on
/// the way is added here.
pub trait Nearby: fmt::Debug + Send + Sync {
    /// Answers a request, whose URI is absolute. The body of an answer to `HEAD` is left out by the caller.
    fn answer(&self, request: http::Request<Bytes>) -> Answering<'_>;
}

/// An answer to come.
pub type Answering<'a> = Pin<Box<dyn Future<Output = http::Response<Bytes>> + Send + 'a>>;

/// Asks `server` what would have gone over the network.
pub(super) async fn ask(
    server: &dyn Nearby,
    request: reqwest::Request,
    limit: usize,
) -> Result<Response, Fault> {
    let is_head = request.method() == Method::HEAD;
    let request = carried(request)?;
    // Others come and go while a request is on its way, and while its answer is.
    tokio::task::yield_now().await;
    let (head, body) = server.answer(request).await.into_parts();
    tokio::task::yield_now().await;
    let mut headers: Vec<(String, String)> = head
        .headers
        .iter()
        .map(|(name, value)| {
            (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        })
        .collect();
    if !head.headers.contains_key(CONTENT_LENGTH) {
        headers.push((CONTENT_LENGTH.as_str().to_owned(), body.len().to_string()));
    }
    let whole = if is_head { Bytes::new() } else { body };
    let body = whole.get(..limit).unwrap_or(&whole).to_vec();
    let truncated = body.len() < whole.len();
    Ok(Response { status: head.status.as_u16(), headers: Headers(headers), body, truncated })
}

/// The request as the server reads it from a connection: with a `Host`, and with the length of its body
/// (RFC 9110 sections 7.2 and 8.6).
fn carried(mut request: reqwest::Request) -> Result<http::Request<Bytes>, Fault> {
    let unsendable =
        |error: &dyn fmt::Display| Fault { kind: FaultKind::Unsendable, detail: error.to_string() };
    let uri: Uri = request.url().as_str().parse().map_err(|e| unsendable(&e))?;
    let body =
        request.body().and_then(reqwest::Body::as_bytes).map(Bytes::copy_from_slice).unwrap_or_default();
    let mut carried = http::Request::new(body);
    let headers = request.headers_mut();
    if let (None, Some(authority)) = (headers.get(HOST), uri.authority()) {
        let host = HeaderValue::from_str(authority.as_str()).map_err(|e| unsendable(&e))?;
        headers.insert(HOST, host);
    }
    if !headers.contains_key(CONTENT_LENGTH) && !carried.body().is_empty() {
        headers.insert(CONTENT_LENGTH, carried.body().len().into());
    }
    *carried.headers_mut() = std::mem::take(headers);
    *carried.method_mut() = request.method().clone();
    *carried.uri_mut() = uri;
    Ok(carried)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tells what it was asked.
    #[derive(Debug)]
    struct Echo;

    impl Nearby for Echo {
        fn answer(&self, request: http::Request<Bytes>) -> Answering<'_> {
            let host = request.headers().get(HOST).and_then(|h| h.to_str().ok()).unwrap_or_default();
            let text = format!("{} {} {host} {:?}", request.method(), request.uri().path(), request.body());
            Box::pin(async move { http::Response::new(text.into()) })
        }
    }

    async fn asked(method: Method, body: &str, limit: usize) -> Response {
        let mut request = reqwest::Request::new(method, "http://as.example:1/p?q".parse().unwrap());
        *request.body_mut() = Some(body.to_owned().into());
        ask(&Echo, request, limit).await.unwrap()
    }

    #[tokio::test]
    async fn a_request_arrives_whole() {
        let response = asked(Method::POST, "a=b", 1000).await;
        assert_eq!(response.text(), "POST /p as.example:1 b\"a=b\"");
        assert_eq!(response.headers.first("content-length"), Some("27"));
        assert!(!response.truncated);
    }

    #[tokio::test]
    async fn no_more_is_read_than_over_a_connection() {
        let response = asked(Method::GET, "", 3).await;
        assert_eq!((response.text().as_ref(), response.truncated), ("GET", true));
        let response = asked(Method::HEAD, "", 3).await;
        assert!(response.body.is_empty() && !response.truncated);
        assert_eq!(response.headers.first("content-length"), Some("24"));
    }
}

use std::error::Error;
use std::io::ErrorKind;

use super::{Fault, FaultKind};

/// The longest detail that is kept, in characters.
const LONGEST_DETAIL: usize = 300;

impl Fault {
    /// A request that cannot be sent.
    pub(super) fn unsendable(detail: impl Into<String>) -> Self {
        Self { kind: FaultKind::Unsendable, detail: detail.into() }
    }
}

/// What a failure of the HTTP client was at the bottom. The text has no URL in it: URLs carry secrets.
pub(super) fn fault(error: reqwest::Error, https: bool) -> Fault {
    let error = error.without_url();
    let mut texts: Vec<String> = Vec::new();
    let mut cause: Option<&dyn Error> = error.source();
    let mut kind = None;
    while let Some(current) = cause {
        let text = current.to_string();
        kind = at(current, &text, error.is_connect(), https).or(kind);
        // Wrappers repeat the text of what they wrap, and the outermost says nothing.
        let is_wrapper = text.starts_with("client error (") && current.source().is_some();
        if !is_wrapper && !texts.iter().any(|t| t.contains(&text)) {
            texts.push(text);
        }
        cause = current.source();
    }
    if texts.is_empty() {
        texts.push(error.to_string());
    }
    let kind = kind.unwrap_or_else(|| fallback(&error, https));
    Fault { kind, detail: texts.join(": ").chars().take(LONGEST_DETAIL).collect() }
}

/// What one link of the chain of causes tells; a deeper one knows better.
fn at(error: &(dyn Error + 'static), text: &str, connecting: bool, https: bool) -> Option<FaultKind> {
    if connecting && text.starts_with("dns error") {
        return Some(FaultKind::Dns);
    }
    if let Some(error) = error.downcast_ref::<hyper::Error>() {
        return match error {
            e if e.is_parse() || e.is_parse_too_large() => Some(FaultKind::Malformed),
            e if e.is_timeout() => Some(FaultKind::Timeout),
            e if e.is_user() => Some(FaultKind::Unsendable),
            _ => Some(FaultKind::Broken),
        };
    }
    let kind = error.downcast_ref::<std::io::Error>()?.kind();
    match kind {
        ErrorKind::TimedOut => Some(FaultKind::Timeout),
        ErrorKind::ConnectionRefused
        | ErrorKind::HostUnreachable
        | ErrorKind::NetworkUnreachable
        | ErrorKind::AddrNotAvailable => Some(FaultKind::Refused),
        // The handshake's failures come as input that is not valid, or that ends too soon.
        ErrorKind::InvalidData | ErrorKind::UnexpectedEof if connecting && https => Some(FaultKind::Tls),
        ErrorKind::ConnectionReset
        | ErrorKind::ConnectionAborted
        | ErrorKind::BrokenPipe
        | ErrorKind::NotConnected
        | ErrorKind::UnexpectedEof => Some(FaultKind::Broken),
        ErrorKind::InvalidData | ErrorKind::InvalidInput => Some(FaultKind::Malformed),
        _ => None,
    }
}

fn fallback(error: &reqwest::Error, https: bool) -> FaultKind {
    match error {
        e if e.is_timeout() => FaultKind::Timeout,
        e if e.is_builder() => FaultKind::Unsendable,
        e if e.is_connect() && https => FaultKind::Tls,
        e if e.is_connect() => FaultKind::Refused,
        _ => FaultKind::Broken,
    }
}

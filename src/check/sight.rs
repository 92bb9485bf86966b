//! What there is to judge: an outcome or one exchange, seen the same way.

use std::borrow::Cow;

use url::form_urlencoded;

use super::words::bare;
use crate::http::{Exchange, Fault, FaultKind, Handshake, Response};
use crate::model::{Outcome, Page, Redirected, StatusPattern};

/// What the judge looks at.
#[derive(Clone, Debug)]
pub(super) enum Sight<'a> {
    /// The browser was sent away from the server.
    Redirected(Cow<'a, Redirected>),
    /// The browser stands on a page.
    Page(&'a Page),
    /// A direct answer.
    Answered(&'a Exchange, &'a Response),
    /// What became of an offer of TLS.
    Handshake(&'a Handshake),
    /// There was no answer.
    Unreachable(&'a Fault),
    /// The user agent does not know how to go on.
    Stuck(&'a str),
    /// Nothing was asked, or several things at once.
    Nothing(&'a Outcome),
}

impl<'a> Sight<'a> {
    /// Of a step's outcome.
    pub(super) fn of(outcome: &'a Outcome) -> Self {
        match outcome {
            Outcome::Redirected(redirected) => Self::Redirected(Cow::Borrowed(redirected)),
            Outcome::Page(page) => Self::Page(page),
            Outcome::Stuck { reason, .. } => Self::Stuck(reason),
            Outcome::Answered(exchange) => Self::of_exchange(exchange),
            Outcome::Handshake(handshake) => Self::Handshake(handshake),
            Outcome::Unreachable(fault) => Self::Unreachable(fault),
            Outcome::Closed | Outcome::Waited | Outcome::Race { .. } => Self::Nothing(outcome),
        }
    }

    /// Of one exchange.
    pub(super) fn of_exchange(exchange: &'a Exchange) -> Self {
        match &exchange.result {
            Ok(response) => Self::Answered(exchange, response),
            Err(fault) => Self::Unreachable(fault),
        }
    }

    /// The status of the answer, if there was one.
    pub(super) fn status(&self) -> Option<u16> {
        match self {
            Self::Redirected(redirected) => Some(redirected.status),
            Self::Page(page) => Some(page.status),
            Self::Answered(_, response) => Some(response.status),
            Self::Handshake(_) | Self::Unreachable(_) | Self::Stuck(_) | Self::Nothing(_) => None,
        }
    }

    /// Whether nobody listens there, which is an answer too where one asks for it.
    pub(super) fn is_closed(&self) -> bool {
        matches!(self, Self::Unreachable(fault) if fault.kind == FaultKind::Refused)
    }

    /// Why nothing can be said at all.
    pub(super) fn silence(&self) -> Option<String> {
        match self {
            Self::Unreachable(fault) => Some(format!("no answer: {}", bare(&fault.to_string(), 120))),
            Self::Stuck(reason) => Some(format!("the user agent is stuck: {}", bare(reason, 120))),
            Self::Nothing(Outcome::Race { .. }) => Some("several answers, where one is judged".to_owned()),
            Self::Nothing(Outcome::Closed) => {
                Some("the user has closed the page, so nothing came back".to_owned())
            }
            Self::Nothing(_) => Some("nothing was asked of the server".to_owned()),
            Self::Redirected(_) | Self::Page(_) | Self::Answered(..) | Self::Handshake(_) => None,
        }
    }

    /// Whether the answer says nothing about the request: the server failed, or had no time.
    pub(super) fn is_weak(&self) -> bool {
        self.status().is_some_and(is_weak)
    }

    /// The body as it came, if any.
    pub(super) fn body(&self) -> Option<&[u8]> {
        match self {
            Self::Page(page) => Some(page.body.as_bytes()),
            Self::Answered(_, response) => Some(&response.body),
            _ => None,
        }
    }

    /// Where the browser is sent; of a direct answer as well, if it is a redirect.
    pub(super) fn redirected(&self) -> Option<Cow<'_, Redirected>> {
        match self {
            Self::Redirected(redirected) => Some(Cow::Borrowed(redirected.as_ref())),
            Self::Answered(exchange, response) => redirected_by(exchange, response).map(Cow::Owned),
            _ => None,
        }
    }
}

/// Whether a status says that the server failed (5xx) or throttles (429, RFC 6585 section 4).
pub(super) fn is_weak(status: u16) -> bool {
    status == 429 || status >= 500
}

/// Whether a suite names the status so that even a weak one is what it asks for: the code itself, or `5xx`.
/// `4xx` does not name 429.
pub(super) fn names(patterns: &[StatusPattern], status: u16) -> bool {
    patterns.iter().any(|p| match p {
        StatusPattern::Exactly(code) => *code == status,
        StatusPattern::Class(_) => p.fits(status) && status != 429,
    })
}

/// A redirect as the browser would follow it. The parameters that the requested redirect URI has itself are
/// not the response's.
fn redirected_by(exchange: &Exchange, response: &Response) -> Option<Redirected> {
    if !matches!(response.status, 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    let location = response.headers.first("location")?;
    let (before, fragment) = location.split_once('#').unwrap_or((location, ""));
    let (path, query) = before.split_once('?').unwrap_or((before, ""));
    let requested = requested_uri(exchange).filter(|uri| before.starts_with(uri.as_str()));
    let own = requested.as_deref().and_then(|uri| uri.split_once('?')).map_or("", |(_, query)| query);
    let (carrier, added) = if fragment.contains('=') {
        ("fragment", fragment)
    } else {
        ("query", query.strip_prefix(own).unwrap_or(query).trim_start_matches('&'))
    };
    Some(Redirected {
        location: location.to_owned(),
        to: requested.unwrap_or_else(|| path.to_owned()),
        parameters: form_urlencoded::parse(added.as_bytes()).into_owned().collect(),
        carrier: carrier.to_owned(),
        status: response.status,
    })
}

fn requested_uri(exchange: &Exchange) -> Option<String> {
    let query = exchange.request.url.split_once('?')?.1;
    let query = query.split('#').next().unwrap_or_default();
    form_urlencoded::parse(query.as_bytes()).find(|(n, _)| n == "redirect_uri").map(|(_, v)| v.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::fixtures::exchange;
    use crate::http::Endpoint;

    #[test]
    fn reads_redirects_of_direct_answers() {
        let mut answer = exchange(
            Endpoint::Authorization,
            302,
            &[("Location", "https://c.example/cb?a=1&code=x%2By&state=s+t")],
            "",
        );
        answer.request.url =
            "https://as.example/auth?redirect_uri=https%3A%2F%2Fc.example%2Fcb%3Fa%3D1&x=y".to_owned();
        let sight = Sight::of_exchange(&answer);
        let redirected = sight.redirected().unwrap();
        assert_eq!(redirected.to, "https://c.example/cb?a=1");
        assert_eq!(redirected.carrier, "query");
        assert_eq!(
            redirected.parameters,
            [("code".to_owned(), "x+y".to_owned()), ("state".to_owned(), "s t".to_owned())]
        );
    }

    #[test]
    fn reads_fragments_and_ignores_other_answers() {
        let answer =
            exchange(Endpoint::Authorization, 303, &[("location", "https://c.example/cb#error=x")], "");
        let sight = Sight::of_exchange(&answer);
        let redirected = sight.redirected().unwrap();
        assert_eq!(
            (redirected.to.as_str(), redirected.carrier.as_str()),
            ("https://c.example/cb", "fragment")
        );
        assert_eq!(redirected.parameter("error"), Some("x"));
        let page = exchange(Endpoint::Authorization, 200, &[("location", "https://c.example/cb?code=x")], "");
        assert!(Sight::of_exchange(&page).redirected().is_none());
    }

    #[test]
    fn four_hundreds_do_not_name_throttling() {
        assert!(names(&[StatusPattern::Exactly(429)], 429));
        assert!(!names(&[StatusPattern::Class(4)], 429));
        assert!(names(&[StatusPattern::Class(4)], 404));
        assert!(names(&[StatusPattern::Class(5)], 503));
        assert!(!names(&[StatusPattern::Exactly(500)], 503));
    }
}

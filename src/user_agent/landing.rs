use url::{Url, form_urlencoded};

use crate::model::Redirected;

/// The end of the walk: which addresses are the server's own, and which are the client's.
#[derive(Debug)]
pub(super) struct Boundary<'a> {
    /// Origins whose pages are the server's.
    pub(super) origins: &'a [String],
    /// As it was requested.
    pub(super) redirect_uri: Option<&'a str>,
    pub(super) registered: &'a [String],
}

/// Where an address leads.
#[derive(Debug, PartialEq)]
pub(super) enum Way {
    /// To another page of the server.
    On(Url),
    /// Away from it; never followed.
    Out,
}

impl Boundary<'_> {
    /// Where an address leads that the page at `from` gives.
    pub(super) fn way(&self, location: &str, from: &Url) -> Way {
        let Ok(mut url) = from.join(location) else { return Way::Out };
        let is_own = self.is_own(&url);
        if !is_own || self.requested(location, from).is_some() {
            return Way::Out;
        }
        url.set_fragment(None);
        Way::On(url)
    }

    /// Whether an address is one of the server's.
    pub(super) fn is_own(&self, url: &Url) -> bool {
        matches!(url.scheme(), "http" | "https") && self.origins.contains(&url.origin().ascii_serialization())
    }

    /// The outcome of being sent to `location` in a query or fragment.
    pub(super) fn landing(&self, location: &str, from: &Url, status: u16) -> Redirected {
        let (before, fragment) = location.split_once('#').unwrap_or((location, ""));
        let (trunk, query) = before.split_once('?').map_or((before, None), |(t, q)| (t, Some(q)));
        let (kept, added) = self.divide(query, location, from);
        let in_query = decoded(&added);
        let in_fragment = decoded(&[fragment]);
        let by_fragment = rank(&in_fragment) > rank(&in_query);
        let (parameters, carrier) = if by_fragment { (in_fragment, "fragment") } else { (in_query, "query") };
        let query = if by_fragment { query.map(str::to_owned) } else { kept };
        let to = query.map_or(trunk.to_owned(), |query| format!("{trunk}?{query}"));
        Redirected {
            location: location.to_owned(),
            to: absolute(&to, from),
            parameters,
            carrier: carrier.into(),
            status,
        }
    }

    /// The outcome of a form that posts itself to the client (OAuth 2.0 Form Post Response Mode).
    pub(super) fn form_post(
        &self,
        action: &str,
        parameters: Vec<(String, String)>,
        from: &Url,
        status: u16,
    ) -> Redirected {
        let to = action.split('#').next().unwrap_or_default();
        Redirected {
            location: action.to_owned(),
            to: absolute(to, from),
            parameters,
            carrier: "form_post".into(),
            status,
        }
    }

    /// The redirect URI that an address is, apart from query and fragment.
    fn requested(&self, location: &str, from: &Url) -> Option<&str> {
        let resolved = from.join(location).ok();
        let resolved = resolved.as_ref().map_or("", |url| trunk(url.as_str()));
        let written = trunk(location);
        let known = self.redirect_uri.into_iter().chain(self.registered.iter().map(String::as_str));
        known.filter(|uri| !trunk(uri).is_empty()).find(|uri| {
            let own = trunk(uri);
            // Another scheme stays another, however a URL is normalised.
            let may_be =
                || scheme(own.trim_start_matches(|c| c <= ' ')).eq_ignore_ascii_case(scheme(resolved));
            own == written
                || own == resolved
                || may_be() && Url::parse(uri).is_ok_and(|uri| trunk(uri.as_str()) == resolved)
        })
    }

    /// Divides a query into what the requested redirect URI had, as text, and what the response added.
    fn divide<'q>(
        &self,
        query: Option<&'q str>,
        location: &str,
        from: &Url,
    ) -> (Option<String>, Vec<&'q str>) {
        let Some(query) = query else { return (None, Vec::new()) };
        let requested = self.requested(location, from).or(self.redirect_uri).unwrap_or_default();
        let requested = requested.split('#').next().unwrap_or_default().split_once('?').map(|(_, q)| q);
        // `R?` with parameters is also what becomes of a registered `R`.
        let is_plain = || self.registered.iter().any(|uri| uri.as_str() == trunk(location));
        let requested = requested.filter(|query| !(query.is_empty() && is_plain()));
        let Some(requested) = requested else { return (None, query.split('&').collect()) };
        let mut had: Vec<&str> = requested.split('&').filter(|pair| !pair.is_empty()).collect();
        let (mut kept, mut added) = (Vec::new(), Vec::new());
        for pair in query.split('&') {
            // The same parameter may come back in another encoding.
            match had.iter().position(|h| *h == pair || decoded(&[h]) == decoded(&[pair])) {
                Some(at) if !pair.is_empty() => {
                    had.remove(at);
                    kept.push(pair);
                }
                _ => added.push(pair),
            }
        }
        let kept = (!kept.is_empty() || requested.is_empty()).then(|| kept.join("&"));
        (kept, added)
    }
}

fn trunk(uri: &str) -> &str {
    let end = uri.bytes().position(|byte| matches!(byte, b'?' | b'#')).unwrap_or(uri.len());
    uri.get(..end).unwrap_or_default()
}

fn scheme(uri: &str) -> &str {
    uri.split_once(':').map_or("", |(scheme, _)| scheme)
}

fn decoded(pairs: &[&str]) -> Vec<(String, String)> {
    form_urlencoded::parse(pairs.join("&").as_bytes()).into_owned().collect()
}

/// How much parameters look like an authorization response.
fn rank(parameters: &[(String, String)]) -> u8 {
    let has = |names: &[&str]| parameters.iter().any(|(name, _)| names.contains(&name.as_str()));
    if has(&["code", "access_token", "id_token", "error", "response"]) {
        2
    } else {
        u8::from(has(&["state", "token_type", "expires_in", "iss", "error_description", "session_state"]))
    }
}

/// A relative address as the absolute one that it stands for; anything else as it was written.
fn absolute(to: &str, from: &Url) -> String {
    match Url::parse(to) {
        Err(url::ParseError::RelativeUrlWithoutBase) => {
            from.join(to).map_or_else(|_| to.to_owned(), |url| url.to_string())
        }
        _ => to.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from() -> Url {
        Url::parse("http://as.example/auth").unwrap()
    }

    fn boundary(redirect_uri: &str) -> Boundary<'_> {
        static ORIGINS: std::sync::LazyLock<Vec<String>> =
            std::sync::LazyLock::new(|| vec!["http://as.example".to_owned()]);
        Boundary { origins: &ORIGINS, redirect_uri: Some(redirect_uri), registered: &[] }
    }

    #[test]
    fn only_the_servers_own_pages_are_followed() {
        let boundary = boundary("http://as.example/client/cb?x=1");
        for on in ["/login", "login?a=b#c", "http://as.example/client/cbx", "HTTP://AS.example:80/y", ""] {
            assert!(matches!(boundary.way(on, &from()), Way::On(_)), "{on:?}");
        }
        for out in [
            "http://evil.example/",
            "//evil.example",
            "\\\\evil.example/x",
            "http://as.example@evil.example/",
            "http://as.example:81/",
            "https://as.example/",
            "javascript:alert(1)",
            "data:text/html,x",
            "com.app:/cb?code=1",
            "http://[",
            "http://",
            "/client/cb?code=1",
            "http://as.example/client/cb#code=1",
            "http://as.example/x/../client/cb?code=1",
            "urn:ietf:wg:oauth:2.0:oob",
            "file:///etc/passwd",
        ] {
            assert_eq!(boundary.way(out, &from()), Way::Out, "{out:?}");
        }
    }

    #[test]
    fn parameters_are_decoded_once_and_kept_in_order() {
        let location = "https://c.example/cb?state=a%252Bb+c&code=%2B%2F%3D&code=2&iss=";
        let landing = boundary("https://c.example/cb").landing(location, &from(), 302);
        let expected = [("state", "a%2Bb c"), ("code", "+/="), ("code", "2"), ("iss", "")];
        let seen: Vec<_> = landing.parameters.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        assert_eq!(seen, expected);
        assert_eq!((landing.to.as_str(), landing.carrier.as_str()), ("https://c.example/cb", "query"));
        assert_eq!(landing.location, location);
    }

    #[test]
    fn what_the_redirect_uri_had_is_no_response() {
        for (requested, location, to, parameters) in [
            ("https://c/cb?a=1", "https://c/cb?a=1&code=x", "https://c/cb?a=1", vec!["code"]),
            ("https://c/cb?a=1", "https://c/cb?code=x&a=1", "https://c/cb?a=1", vec!["code"]),
            ("https://c/cb?a=%20b", "https://c/cb?a=+b&code=x", "https://c/cb?a=+b", vec!["code"]),
            ("https://c/cb?a=1", "https://c/cb?code=x", "https://c/cb", vec!["code"]),
            ("https://c/cb?code=1", "https://c/cb?code=1&code=x", "https://c/cb?code=1", vec!["code"]),
            ("https://c/cb?", "https://c/cb?code=x", "https://c/cb?", vec!["code"]),
            ("https://c/cb", "https://c/cb?a=1&code=x", "https://c/cb", vec!["a", "code"]),
            ("https://c/cb?a=1", "https://other/cb?a=1&code=x", "https://other/cb?a=1", vec!["code"]),
            ("https://c/cb", "/cb?code=x", "http://as.example/cb", vec!["code"]),
            ("https://c/cb", "https://c/cb", "https://c/cb", vec![]),
        ] {
            let landing = boundary(requested).landing(location, &from(), 302);
            let names: Vec<&str> = landing.parameters.iter().map(|(n, _)| n.as_str()).collect();
            assert_eq!((landing.to.as_str(), names), (to, parameters), "{location}");
        }
    }

    #[test]
    fn an_empty_query_may_be_the_beginning_of_the_response() {
        let registered = ["https://c/cb".to_owned()];
        let boundary = Boundary { registered: &registered, ..boundary("https://c/cb?") };
        assert_eq!(boundary.landing("https://c/cb?error=x", &from(), 302).to, "https://c/cb");
    }

    #[test]
    fn the_carrier_is_where_the_response_is() {
        for (location, carrier, to, first) in [
            ("https://c/cb#access_token=t&state=s", "fragment", "https://c/cb", Some("access_token")),
            ("https://c/cb?x=1#error=e", "fragment", "https://c/cb?x=1", Some("error")),
            ("https://c/cb?code=c#_=_", "query", "https://c/cb", Some("code")),
            ("https://c/cb?code=c#code=d", "query", "https://c/cb", Some("code")),
            ("https://c/cb#", "query", "https://c/cb", None),
            ("https://c/cb?error=e#state=s", "query", "https://c/cb", Some("error")),
            ("app:cb?code=1", "query", "app:cb", Some("code")),
        ] {
            let landing = boundary("https://c/cb").landing(location, &from(), 302);
            assert_eq!((landing.carrier.as_str(), landing.to.as_str()), (carrier, to), "{location}");
            assert_eq!(landing.parameters.first().map(|(n, _)| n.as_str()), first, "{location}");
        }
    }

    #[test]
    fn hostile_locations_are_only_text() {
        for location in
            ["https://c/cb?code=\u{1b}[31m%0d%0ax", "https://c/\u{202e}?%", "?%ff=%fe", "#", "?", ":"]
        {
            assert_eq!(boundary("https://c/cb").landing(location, &from(), 302).location, location);
        }
    }
}

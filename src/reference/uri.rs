/// A URI taken apart by RFC 3986 appendix B, nothing decoded and nothing repaired.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Uri<'a> {
    pub(crate) scheme: &'a str,
    /// Everything behind the scheme's colon.
    pub(crate) after_scheme: &'a str,
    pub(crate) authority: &'a str,
    /// Before the last `@` of the authority.
    pub(crate) userinfo: Option<&'a str>,
    pub(crate) host: &'a str,
    /// After the host's colon, digits or not.
    pub(crate) port: Option<&'a str>,
    /// Everything behind the authority.
    pub(crate) tail: &'a str,
    pub(crate) path: &'a str,
    pub(crate) query: Option<&'a str>,
    pub(crate) fragment: Option<&'a str>,
}

impl<'a> Uri<'a> {
    /// Splits any text; what is not there is empty.
    pub(crate) fn split(text: &'a str) -> Self {
        let (scheme, after_scheme) = match text.find([':', '/', '?', '#']) {
            Some(at) if text[at..].starts_with(':') => (&text[..at], &text[at + 1..]),
            _ => ("", text),
        };
        let (authority, tail) = match after_scheme.strip_prefix("//") {
            Some(rest) => rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len())),
            None => ("", after_scheme),
        };
        let (userinfo, hostport) = match authority.rsplit_once('@') {
            Some((userinfo, hostport)) => (Some(userinfo), hostport),
            None => (None, authority),
        };
        let port_from = hostport.rfind(']').unwrap_or(0);
        let (host, port) = match hostport[port_from..].find(':') {
            Some(at) => (&hostport[..port_from + at], Some(&hostport[port_from + at + 1..])),
            None => (hostport, None),
        };
        let (rest, fragment) = match tail.split_once('#') {
            Some((rest, fragment)) => (rest, Some(fragment)),
            None => (tail, None),
        };
        let (path, query) = match rest.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (rest, None),
        };
        Self { scheme, after_scheme, authority, userinfo, host, port, tail, path, query, fragment }
    }
}

/// Removes `.` and `..` from an absolute path (RFC 3986 section 5.2.4).
pub(crate) fn without_dot_segments(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    let mut segments = path.split('/').skip(1).peekable();
    while let Some(segment) = segments.next() {
        let is_last = segments.peek().is_none();
        match segment {
            "." if is_last => kept.push(""),
            "." => {}
            ".." => {
                kept.pop();
                if is_last {
                    kept.push("");
                }
            }
            other => kept.push(other),
        }
    }
    format!("/{}", kept.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_a_uri_apart() {
        let uri = Uri::split("https://a:b@client.example:8443/cb/x?y=1?2#z#");
        assert_eq!((uri.scheme, uri.userinfo, uri.host), ("https", Some("a:b"), "client.example"));
        assert_eq!((uri.port, uri.path), (Some("8443"), "/cb/x"));
        assert_eq!((uri.query, uri.fragment), (Some("y=1?2"), Some("z#")));
        assert_eq!((uri.authority, uri.tail), ("a:b@client.example:8443", "/cb/x?y=1?2#z#"));
    }

    #[test]
    fn takes_anything_else_apart_too() {
        assert_eq!(Uri::split("http://[::1]:80/cb").host, "[::1]");
        assert_eq!(Uri::split("http://[::1]:80/cb").port, Some("80"));
        assert_eq!(Uri::split("app:/cb").path, "/cb");
        assert_eq!(Uri::split("//evil.example").host, "evil.example");
        assert_eq!(Uri::split("").host, "");
        assert_eq!(Uri::split("https://\u{e9}\u{ff0f}").host, "\u{e9}\u{ff0f}");
    }

    #[test]
    fn resolves_dot_segments_as_rfc_3986_does() {
        assert_eq!(without_dot_segments("/a/b/c/./../../g"), "/a/g");
        assert_eq!(without_dot_segments("/cb/FAKEPATH/.."), "/cb/");
        assert_eq!(without_dot_segments("/cb/./"), "/cb/");
        assert_eq!(without_dot_segments("/../../g"), "/g");
    }
}

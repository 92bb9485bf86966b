use std::fmt;

/// A URI in its parts (RFC 3986 section 3), every character kept: joined again it is the same text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Uri {
    pub(super) scheme: String,
    pub(super) authority: Option<Authority>,
    pub(super) path: String,
    pub(super) query: Option<String>,
    pub(super) fragment: Option<String>,
}

/// RFC 3986 section 3.2.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Authority {
    pub(super) userinfo: Option<String>,
    /// With its brackets, if it is an IPv6 address.
    pub(super) host: String,
    pub(super) port: Option<String>,
}

impl Uri {
    /// Splits an absolute URI; `None` without a scheme.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (scheme, rest) = text.split_once(':')?;
        let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
        if !is_scheme {
            return None;
        }
        let (rest, fragment) = split_off(rest, '#');
        let (rest, query) = split_off(rest, '?');
        let (authority, path) = match rest.strip_prefix("//") {
            Some(rest) => {
                let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
                (Some(Authority::parse(authority)), path)
            }
            None => (None, rest),
        };
        Some(Self { scheme: scheme.to_owned(), authority, path: path.to_owned(), query, fragment })
    }

    /// The host, if there is one that could be another.
    pub(super) fn host(&self) -> Option<&str> {
        self.authority.as_ref().map(|a| a.host.as_str()).filter(|h| !h.is_empty())
    }

    /// Whether the host is this machine, where the port may be any (RFC 8252 section 7.3; RFC 9700 section
    /// 4.1.3 says the same of localhost).
    pub(super) fn is_loopback(&self) -> bool {
        self.host()
            .is_some_and(|h| h == "[::1]" || h.eq_ignore_ascii_case("localhost") || h.starts_with("127."))
    }
}

impl Authority {
    fn parse(text: &str) -> Self {
        let (userinfo, rest) = match text.rsplit_once('@') {
            Some((userinfo, rest)) => (Some(userinfo.to_owned()), rest),
            None => (None, text),
        };
        let end_of_host = rest.rfind(']').map_or(0, |bracket| bracket + 1);
        let (host, port) = match rest[end_of_host..].find(':') {
            Some(colon) => {
                let (host, port) = rest.split_at(end_of_host + colon);
                (host, Some(port[1..].to_owned()))
            }
            None => (rest, None),
        };
        Self { userinfo, host: host.to_owned(), port }
    }
}

impl fmt::Display for Uri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.scheme)?;
        if let Some(authority) = &self.authority {
            write!(f, "//{authority}")?;
        }
        f.write_str(&self.path)?;
        if let Some(query) = &self.query {
            write!(f, "?{query}")?;
        }
        if let Some(fragment) = &self.fragment {
            write!(f, "#{fragment}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(userinfo) = &self.userinfo {
            write!(f, "{userinfo}@")?;
        }
        f.write_str(&self.host)?;
        if let Some(port) = &self.port {
            write!(f, ":{port}")?;
        }
        Ok(())
    }
}

fn split_off(text: &str, separator: char) -> (&str, Option<String>) {
    match text.split_once(separator) {
        Some((before, after)) => (before, Some(after.to_owned())),
        None => (text, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_join_to_the_same_text() {
        for text in [
            "https://client.example/cb",
            "https://u:p@client.example:8443/a/b?x=1&y=#f",
            "http://[::1]:61023/cb",
            "http://127.0.0.1",
            "com.example.app:/cb",
            "app://cb",
            "https://client.example?",
            "urn:ietf:wg:oauth:2.0:oob",
        ] {
            assert_eq!(Uri::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(Uri::parse("/cb"), None);
        assert_eq!(Uri::parse("client example:x"), None);
    }

    #[test]
    fn hosts_and_ports() {
        let uri = Uri::parse("http://[::1]:61023/cb").unwrap();
        assert_eq!(uri.host(), Some("[::1]"));
        assert_eq!(uri.authority.as_ref().unwrap().port.as_deref(), Some("61023"));
        assert!(uri.is_loopback());
        assert!(!Uri::parse("https://localhost.evil.example/").unwrap().is_loopback());
        assert_eq!(Uri::parse("com.example.app:/cb").unwrap().host(), None);
    }
}

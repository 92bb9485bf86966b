use super::text::is_hidden;

/// Whether a reader may be led there: `http` and `https` only, so that no report runs a script.
pub(super) fn is_web(link: &str) -> bool {
    let scheme = link.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
    matches!(scheme.as_deref(), Some("http" | "https")) && !link.contains(is_hidden)
}

/// The text with every character percent-encoded that cannot stand in a URI (RFC 3986 appendix A); what is a URI
/// stays as it is.
pub(super) fn encoded(text: &str) -> String {
    let mut uri = String::with_capacity(text.len());
    let bytes = text.as_bytes();
    for (index, byte) in bytes.iter().enumerate() {
        let is_escape = *byte == b'%'
            && bytes.get(index + 1..index + 3).is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit));
        if is_escape || byte.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=".contains(byte) {
            uri.push(char::from(*byte));
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_uri_cannot_carry_is_encoded() {
        let uri = "https://a.example/cb?x=%2F&y=1#f";
        assert_eq!(encoded(uri), uri);
        assert_eq!(encoded("a b<\u{1b}>%zz‹é"), "a%20b%3C%1B%3E%25zz%E2%80%B9%C3%A9");
    }

    #[test]
    fn a_link_leads_to_the_web() {
        assert!(is_web("https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2") && is_web("HTTP://a"));
        for link in ["javascript:alert(1)", "data:text/html,x", "//a", "java\nscript://a", "https://\u{202e}"]
        {
            assert!(!is_web(link), "{link}");
        }
    }
}

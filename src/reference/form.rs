/// Decodes `application/x-www-form-urlencoded` (RFC 6749 appendix B), strictly: what is not
/// percent-encoded UTF-8 is an error and never guessed at.
pub(crate) fn decode(text: &[u8]) -> Result<Vec<(String, String)>, FormError> {
    decode_by(text, decode_component)
}

/// The same, except that octets that are not UTF-8 are dropped, as careless servers do.
pub(crate) fn decode_dropping_illegal(text: &[u8]) -> Result<Vec<(String, String)>, FormError> {
    decode_by(text, |component| {
        let octets = octets(&spaced(component))?;
        Ok(octets.utf8_chunks().map(|chunk| chunk.valid()).collect())
    })
}

fn decode_by(
    text: &[u8],
    component: fn(&[u8]) -> Result<String, FormError>,
) -> Result<Vec<(String, String)>, FormError> {
    text.split(|&byte| byte == b'&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = match pair.iter().position(|&byte| byte == b'=') {
                Some(at) => (&pair[..at], &pair[at + 1..]),
                None => (pair, &[][..]),
            };
            Ok((component(name)?, component(value)?))
        })
        .collect()
}

/// Decodes one name or value: `+` is a space, `%` and two hexadecimal digits an octet.
pub(crate) fn decode_component(text: &[u8]) -> Result<String, FormError> {
    percent_decode(&spaced(text))
}

/// Decodes percent-encoding alone (RFC 3986 section 2.1), as in a path.
pub(crate) fn percent_decode(text: &[u8]) -> Result<String, FormError> {
    String::from_utf8(octets(text)?).map_err(|_| FormError::Utf8)
}

fn spaced(text: &[u8]) -> Vec<u8> {
    text.iter().map(|&byte| if byte == b'+' { b' ' } else { byte }).collect()
}

fn octets(text: &[u8]) -> Result<Vec<u8>, FormError> {
    let mut octets = Vec::with_capacity(text.len());
    let mut rest = text.iter();
    while let Some(&byte) = rest.next() {
        if byte != b'%' {
            octets.push(byte);
            continue;
        }
        let high = rest.next().and_then(|digit| (*digit as char).to_digit(16));
        let low = rest.next().and_then(|digit| (*digit as char).to_digit(16));
        let (Some(high), Some(low)) = (high, low) else { return Err(FormError::Percent) };
        octets.push((high * 16 + low) as u8);
    }
    Ok(octets)
}

/// Encodes one name or value as [`decode_component`] reads it.
pub(crate) fn encode_component(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// Why a text is not a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FormError {
    /// `%` without two hexadecimal digits.
    #[error("a percent sign is not followed by two hexadecimal digits")]
    Percent,
    /// Octets that are not UTF-8.
    #[error("the decoded octets are not UTF-8")]
    Utf8,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6749 appendix B.
    #[test]
    fn reads_the_example_of_the_specification() {
        assert_eq!(decode_component(b"+%25%26%2B%C2%A3%E2%82%AC").unwrap(), " %&+\u{a3}\u{20ac}");
        assert_eq!(encode_component(" %&+\u{a3}\u{20ac}"), "+%25%26%2B%C2%A3%E2%82%AC");
    }

    /// RFC 6749 section 4.1.3.
    #[test]
    fn reads_a_token_request() {
        let body = b"grant_type=authorization_code&code=SplxlOBeZQQYbYS6WxSbIA&redirect_uri=https%3A%2F%2Fclient%2Eexample%2Ecom%2Fcb";
        let pairs = decode(body).unwrap();
        assert_eq!(pairs[0], ("grant_type".into(), "authorization_code".into()));
        assert_eq!(pairs[2], ("redirect_uri".into(), "https://client.example.com/cb".into()));
    }

    #[test]
    fn keeps_order_repetition_and_empty_values() {
        let pairs = decode(b"a=1&b&a=2&&c==").unwrap();
        let expected = [("a", "1"), ("b", ""), ("a", "2"), ("c", "=")];
        assert_eq!(pairs, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }

    #[test]
    fn refuses_what_is_not_encoded_utf8() {
        assert_eq!(decode(b"a=%zz"), Err(FormError::Percent));
        assert_eq!(decode(b"a=%4"), Err(FormError::Percent));
        assert_eq!(decode(b"a=%C0%AE"), Err(FormError::Utf8));
        assert_eq!(decode(b"a=\xff"), Err(FormError::Utf8));
    }
}

//! `WWW-Authenticate` (RFC 9110 section 11.6.1), as far as bearer tokens need it.

use crate::http::Headers;

/// The `error` parameter of the first `Bearer` challenge that has one (RFC 6750 section 3).
pub(super) fn bearer_error(headers: &Headers) -> Option<String> {
    headers.all("www-authenticate").find_map(error_in)
}

fn error_in(field: &str) -> Option<String> {
    let mut bearer = false;
    for item in items(field) {
        let (scheme, parameter) = split_scheme(item);
        if let Some(scheme) = scheme {
            bearer = scheme.eq_ignore_ascii_case("bearer");
        }
        if bearer
            && let Some((name, value)) = parameter.split_once('=')
            && name.trim().eq_ignore_ascii_case("error")
        {
            return Some(unquote(value.trim()));
        }
    }
    None
}

/// The comma-separated parts of the field; a comma inside quotes separates nothing.
fn items(field: &str) -> Vec<&str> {
    let (mut items, mut start, mut quoted, mut escaped) = (Vec::new(), 0, false, false);
    for (index, byte) in field.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b',' if !quoted => {
                items.push(field[start..index].trim());
                start = index + 1;
            }
            _ => {}
        }
    }
    items.push(field[start..].trim());
    items
}

/// `Bearer realm="x"` begins a challenge; `error="x"` goes on with the one before.
fn split_scheme(item: &str) -> (Option<&str>, &str) {
    let end = item.find(|c: char| c.is_whitespace() || c == '=').unwrap_or(item.len());
    let (word, rest) = item.split_at(end);
    let rest = rest.trim_start();
    if rest.starts_with('=') { (None, item) } else { (Some(word), rest) }
}

fn unquote(value: &str) -> String {
    let Some(inner) = value.strip_prefix('"').and_then(|v| v.strip_suffix('"')) else {
        return value.to_owned();
    };
    let mut text = String::new();
    let mut characters = inner.chars();
    while let Some(character) = characters.next() {
        text.extend(if character == '\\' { characters.next() } else { Some(character) });
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_error_of_the_bearer_challenge() {
        for (fields, error) in [
            (
                &[r#"Bearer realm="example", error="invalid_token", error_description="a, b""#][..],
                Some("invalid_token"),
            ),
            (&["bearer error=invalid_token"], Some("invalid_token")),
            (
                &[r#"Basic realm="a, error=\"x\"", Bearer error="insufficient_scope", scope="a b""#],
                Some("insufficient_scope"),
            ),
            (&[r#"Basic realm="x""#, r#"Bearer error = "invalid_request""#], Some("invalid_request")),
            (&[r#"DPoP error="invalid_token", Bearer"#], None),
            (&["Bearer"], None),
            (&[r#"Bearer realm="error=x""#], None),
            (&["", "Negotiate YWJj=="], None),
            (&[], None),
        ] {
            let mut headers = Headers::default();
            for field in fields {
                headers.push("WWW-Authenticate", *field);
            }
            assert_eq!(bearer_error(&headers).as_deref(), error, "{fields:?}");
        }
    }
}

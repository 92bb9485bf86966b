use std::ops::Range;
use std::sync::LazyLock;

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use regex::bytes::Regex;
use url::form_urlencoded;

use super::disguise::undisguised;
use super::{Headers, Request, Response, Secret};

/// A secret known by where it stands.
#[derive(Debug, PartialEq)]
pub(super) struct Sighting {
    /// Where it stands in the text that was looked at.
    pub(super) range: Range<usize>,
    pub(super) class: Secret,
    /// What it is, decoded.
    pub(super) value: String,
}

/// All secrets that a request shows by position, decoded.
pub(super) fn in_request(request: &Request) -> Vec<Sighting> {
    let mut seen = in_url(&request.url);
    seen.extend(in_message(&request.headers, &request.body));
    seen
}

/// All secrets that a response shows by position, decoded.
pub(super) fn in_response(response: &Response) -> Vec<Sighting> {
    in_message(&response.headers, &response.body)
}

fn in_message(headers: &Headers, body: &[u8]) -> Vec<Sighting> {
    let mut seen = in_body(body);
    for (name, value) in &headers.0 {
        seen.extend(in_header(name, value));
        seen.extend(basic_secret(name, value));
    }
    seen
}

/// In the query and in the fragment of a URL.
pub(super) fn in_url(url: &str) -> Vec<Sighting> {
    let fragment = url.find('#').unwrap_or(url.len());
    let query = url.find('?').filter(|at| *at < fragment).map_or(fragment, |at| at + 1);
    let mut seen = in_parameters(url.get(query..fragment).unwrap_or_default(), query);
    seen.extend(in_parameters(url.get(fragment + 1..).unwrap_or_default(), fragment + 1));
    seen
}

/// In a header field.
pub(super) fn in_header(name: &str, value: &str) -> Vec<Sighting> {
    match name.to_ascii_lowercase().as_str() {
        "location" | "refresh" | "referer" | "content-location" => in_url(value),
        "authorization" | "proxy-authorization" => in_credentials(value).into_iter().collect(),
        "cookie" => value
            .split(';')
            .scan(0, |offset, pair| {
                let at = *offset;
                *offset += pair.len() + 1;
                Some(in_cookie(pair, at))
            })
            .flatten()
            .collect(),
        "set-cookie" => in_cookie(value.split(';').next().unwrap_or_default(), 0).into_iter().collect(),
        _ => Vec::new(),
    }
}

/// In a body: form parameters, JSON members, hidden fields of HTML, and URLs in any text.
pub(super) fn in_body(body: &[u8]) -> Vec<Sighting> {
    let first = body.iter().find(|b| !b.is_ascii_whitespace());
    if let Ok(text) = std::str::from_utf8(body)
        && !matches!(first, None | Some(b'{' | b'[' | b'<' | b'"'))
        && text.contains('=')
    {
        return in_parameters(text, 0);
    }
    // What all that is looked for has in it, and most bodies of other kinds have not.
    let has = |byte: u8| body.contains(&byte);
    let mut seen = if has(b':') { in_json(body) } else { Vec::new() };
    if has(b'<') {
        seen.extend(in_inputs(body));
    }
    if has(b'=') {
        seen.extend(in_links(body));
    }
    seen
}

/// In `a=b&c=d`. A value that stands in the same list under a name that is not secret is none.
fn in_parameters(text: &str, offset: usize) -> Vec<Sighting> {
    let mut seen = Vec::new();
    let mut open = Vec::new();
    let mut start = offset;
    for pair in text.split('&') {
        let at = start;
        start += pair.len() + 1;
        let Some((name, value)) = form_urlencoded::parse(pair.as_bytes()).next() else { continue };
        let Some(class) = Secret::of_parameter(&name) else {
            open.push(value.into_owned());
            continue;
        };
        let begin = pair.find('=').map_or(pair.len(), |at| at + 1);
        seen.push(Sighting { range: at + begin..at + pair.len(), class, value: value.into_owned() });
    }
    seen.retain(|s| !s.value.is_empty() && !open.contains(&s.value));
    seen
}

fn in_credentials(value: &str) -> Option<Sighting> {
    let (scheme, credentials) = value.split_once(' ')?;
    let class = if scheme.eq_ignore_ascii_case("basic") { Secret::ClientSecret } else { Secret::AccessToken };
    let value_at = value.len() - credentials.len();
    let value = credentials.to_owned();
    (!value.is_empty()).then_some(Sighting { range: value_at..value_at + credentials.len(), class, value })
}

/// The client secret inside of Basic credentials, which has no range of its own: as it was sent, and
/// decoded once more (RFC 6749 section 2.3.1 wants it form-encoded first).
fn basic_secret(name: &str, value: &str) -> Vec<Sighting> {
    const LENIENT: GeneralPurpose = GeneralPurpose::new(
        &STANDARD,
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
    );
    if !name.to_ascii_lowercase().ends_with("authorization") {
        return Vec::new();
    }
    let secret = || {
        let (scheme, credentials) = value.split_once(' ')?;
        let pair =
            LENIENT.decode(credentials.trim()).ok().filter(|_| scheme.eq_ignore_ascii_case("basic"))?;
        let (_, secret) = std::str::from_utf8(&pair).ok()?.split_once(':')?;
        Some(secret.to_owned())
    };
    let Some(sent) = secret() else { return Vec::new() };
    let decoded = String::from_utf8_lossy(&undisguised(sent.replace('+', " ").as_bytes())).into_owned();
    [sent, decoded]
        .into_iter()
        .map(|value| Sighting { range: 0..0, class: Secret::ClientSecret, value })
        .collect()
}

fn in_cookie(pair: &str, offset: usize) -> Option<Sighting> {
    let at = pair.find('=')? + 1;
    let value = pair.get(at..)?.trim_end();
    let range = offset + at..offset + at + value.len();
    (!value.is_empty()).then(|| Sighting { range, class: Secret::Cookie, value: value.to_owned() })
}

/// Members with secret names, wherever they stand, in JSON that may well be cut off or broken.
fn in_json(body: &[u8]) -> Vec<Sighting> {
    static MEMBER: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r#"(?s-u)"([A-Za-z_]{4,40})"\s*:\s*("(?:[^"\\]|\\.)*")"#).ok());
    let Some(member) = &*MEMBER else { return Vec::new() };
    member
        .captures_iter(body)
        .filter_map(|found| {
            let class = Secret::of_member(std::str::from_utf8(found.get(1)?.as_bytes()).ok()?)?;
            let quoted = found.get(2)?;
            let value: String = serde_json::from_slice(quoted.as_bytes()).ok()?;
            let range = quoted.start() + 1..quoted.end() - 1;
            (!value.is_empty()).then_some(Sighting { range, class, value })
        })
        .collect()
}

/// The values of HTML fields with secret names.
fn in_inputs(body: &[u8]) -> Vec<Sighting> {
    static INPUT: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r#"(?is-u)<input\b(?:[^>"']|"[^"]*"|'[^']*')*>"#).ok());
    static ATTRIBUTE: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r#"(?is-u)[\s"'/](name|value)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))"#).ok()
    });
    let (Some(input), Some(attribute)) = (&*INPUT, &*ATTRIBUTE) else { return Vec::new() };
    let sighting = |tag: regex::bytes::Match<'_>| {
        let (mut name, mut value) = (None, None);
        for found in attribute.captures_iter(tag.as_bytes()) {
            let content = found.get(2).or(found.get(3)).or(found.get(4))?;
            let is_name = found.get(1)?.as_bytes().eq_ignore_ascii_case(b"name");
            let slot = if is_name { &mut name } else { &mut value };
            slot.get_or_insert(content);
        }
        let (name, value) = (name?, value?);
        let class = Secret::of_parameter(&String::from_utf8_lossy(&undisguised(name.as_bytes())))?;
        Some(Sighting {
            range: tag.start() + value.start()..tag.start() + value.end(),
            class,
            value: String::from_utf8_lossy(&html(value.as_bytes())).into_owned(),
        })
    };
    input.find_iter(body).filter_map(sighting).filter(|s| !s.value.is_empty()).collect()
}

/// An attribute's value without character references; percent signs in it mean themselves.
fn html(value: &[u8]) -> Vec<u8> {
    if value.contains(&b'&') { undisguised(value) } else { value.to_vec() }
}

/// Parameters of URLs in running text: meta refreshes, links, scripts, error messages.
fn in_links(body: &[u8]) -> Vec<Sighting> {
    static LINK: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r#"(?-u)[?&#;]([A-Za-z_]{4,40})=([^&"'<>\s#\\;]+)"#).ok());
    let Some(link) = &*LINK else { return Vec::new() };
    link.captures_iter(body)
        .filter_map(|found| {
            let class = Secret::of_parameter(std::str::from_utf8(found.get(1)?.as_bytes()).ok()?)?;
            let value = found.get(2)?;
            let decoded = String::from_utf8_lossy(&undisguised(value.as_bytes())).into_owned();
            Some(Sighting { range: value.range(), class, value: decoded })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(seen: &[Sighting]) -> Vec<&str> {
        seen.iter().map(|s| s.value.as_str()).collect()
    }

    #[test]
    fn parameters_of_urls() {
        let url = "https://c.example/cb?code=a%2Bb&state=s#access_token=t&token_type=Bearer";
        let seen = in_url(url);
        assert_eq!(values(&seen), ["a+b", "t"]);
        assert_eq!(&url[seen[0].range.clone()], "a%2Bb");
        assert_eq!(&url[seen[1].range.clone()], "t");
        assert!(in_url("https://c.example/cb?state=code&scope=token").is_empty());
    }

    #[test]
    fn what_is_said_openly_is_no_secret() {
        assert!(in_body(b"client_id=app&client_secret=app").is_empty());
    }

    #[test]
    fn headers() {
        assert_eq!(values(&in_header("Cookie", "a=1; session=xyz; b")), ["1", "xyz"]);
        assert_eq!(values(&in_header("set-cookie", "sid=\"q=1\"; Path=/; HttpOnly")), ["\"q=1\""]);
        let seen = in_header("cookie", "a=1; session=xyz");
        assert_eq!(&"a=1; session=xyz"[seen[1].range.clone()], "xyz");
        assert_eq!(values(&in_header("Authorization", "Bearer tok")), ["tok"]);
        assert_eq!(values(&basic_secret("Authorization", "Basic aWQ6cyUyQnQ=")), ["s%2Bt", "s+t"]);
    }

    #[test]
    fn bodies_of_all_kinds() {
        let json = br#"{"access_token":"a\/b", "x": {"refresh_token" : "r"}, "code": 7, "scope":"s", "id_token":"cut"#;
        assert_eq!(values(&in_body(json)), ["a/b", "r"]);
        assert_eq!(values(&in_body(b"grant_type=password&password=p+w&username=u")), ["p w"]);
        let html = br#"<form><INPUT type=hidden value='a&#x2B;b' name="code"><input name=state value=s>
            <input name="csrfmiddlewaretoken" value="c1"><meta content="0;url=/cb?x=1&amp;code=q%2F"></form>"#;
        assert_eq!(values(&in_body(html)), ["a+b", "c1", "q/"]);
    }

    #[test]
    fn bytes_that_are_no_text_are_looked_at_too() {
        assert_eq!(values(&in_body(b"\xff{\"access_token\":\"secret-1\"}\xfe")), ["secret-1"]);
    }
}

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::Algorithm;
use serde::{Deserialize, Serialize};
use url::form_urlencoded::byte_serialize;
use url::{Host, Url};

use crate::model::{SigningKey, Value};
use crate::oauth::CompactJws;

/// The functions of the suite language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Function {
    /// `basic(client)`: identifier and secret as HTTP Basic carries them, form-encoded first (RFC 6749
    /// section 2.3.1).
    Basic,
    /// `chop(text)`: the text without its last character.
    Chop,
    /// `jwt(text)`: `{ header, claims }` of a JWT, unverified.
    Jwt,
    /// `length(text or list)`: characters or items.
    Length,
    /// `lower(text)`: ASCII letters in lower case.
    Lower,
    /// `look_alike(uri)`: the URI with Cyrillic letters in its host for the Latin ones that look the same.
    LookAlike,
    /// `resigned(text)`: a JWT that another key has signed anew, which its header brings along (RFC 7515 section 4.1.3).
    Resigned,
    /// `reverse(text)`: a space-separated list of words in reverse order.
    ReverseWords,
    /// `s256(verifier)`: the S256 code challenge of a verifier (RFC 7636 section 4.2).
    S256,
    /// `seconds(duration)`: whole seconds as a number.
    Seconds,
    /// `tampered(text)`: a JWT with one more claim, under the signature that it had.
    Tampered,
    /// `undot(text)`: the text with an `x` for each full stop.
    Undot,
    /// `unsealed(text)`: a JWT with its signature cut off.
    Unsealed,
    /// `unsigned(text)`: a JWT with the algorithm `none` and no signature (RFC 7515 appendix A.5).
    Unsigned,
    /// `upper(text)`: ASCII letters in upper case.
    Upper,
    /// `uri(text)`: `{ scheme, host, is_address, port, authority, path, query, origin }`; `is_address` tells whether
    /// the host is no name, `port` is null where the URI has none, `authority` is host and port.
    Uri,
    /// `words(text)`: the list of its space-separated words.
    Words,
}

impl Function {
    /// All functions.
    pub const ALL: [Self; 17] = [
        Self::Basic,
        Self::Chop,
        Self::Jwt,
        Self::Length,
        Self::LookAlike,
        Self::Lower,
        Self::Resigned,
        Self::ReverseWords,
        Self::S256,
        Self::Seconds,
        Self::Tampered,
        Self::Undot,
        Self::Unsealed,
        Self::Unsigned,
        Self::Upper,
        Self::Uri,
        Self::Words,
    ];

    /// The name in suites.
    pub fn name(self) -> &'static str {
        match self {
            Self::Basic => "basic",
            Self::Chop => "chop",
            Self::Jwt => "jwt",
            Self::Length => "length",
            Self::LookAlike => "look_alike",
            Self::Lower => "lower",
            Self::Resigned => "resigned",
            Self::ReverseWords => "reverse_words",
            Self::S256 => "s256",
            Self::Seconds => "seconds",
            Self::Tampered => "tampered",
            Self::Undot => "undot",
            Self::Unsealed => "unsealed",
            Self::Unsigned => "unsigned",
            Self::Upper => "upper",
            Self::Uri => "uri",
            Self::Words => "words",
        }
    }

    /// Computes the function; every function takes one argument.
    ///
    /// # Errors
    ///
    /// A sentence when the argument does not fit.
    pub fn apply(self, arguments: &[Value]) -> Result<Value, String> {
        let [argument] = arguments else {
            return Err(format!("{}() takes one argument, not {}", self.name(), arguments.len()));
        };
        let wanted = |what: &str| format!("{}() takes {what}, not {argument}", self.name());
        let text = || argument.as_text().ok_or_else(|| wanted("a text"));
        Ok(match self {
            Self::Basic => {
                let half = |name: &str| argument.member(name).and_then(Value::as_text);
                let (Some(id), Some(secret)) = (half("id"), half("secret")) else {
                    return Err(wanted("a client with a secret"));
                };
                let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
                STANDARD.encode(format!("{}:{}", encoded(id), encoded(secret))).into()
            }
            Self::Chop => {
                let mut characters = text()?.chars();
                characters.next_back();
                characters.as_str().into()
            }
            Self::Jwt => {
                let jws = CompactJws::parse(text()?).map_err(|e| format!("not a JWT: {e}"))?;
                map([("header", jws.header.into()), ("claims", jws.claims.into())])
            }
            Self::Length => Value::integer(match argument {
                Value::Text(text) => text.chars().count() as i64,
                Value::List(items) => items.len() as i64,
                _ => return Err(wanted("a text or a list")),
            }),
            Self::LookAlike => look_alike(text()?).into(),
            Self::Lower => text()?.to_ascii_lowercase().into(),
            Self::Resigned => resigned(text()?)?.into(),
            Self::Tampered => {
                let (header, _, signature) = parts(text()?)?;
                let mut claims = CompactJws::parse(text()?).map_err(|e| format!("not a JWT: {e}"))?.claims;
                if let Some(claims) = claims.as_object_mut() {
                    claims.insert("zz_unknown_4711".to_owned(), true.into());
                }
                format!("{header}.{}.{signature}", URL_SAFE_NO_PAD.encode(claims.to_string())).into()
            }
            Self::Unsealed => {
                let (header, claims, _) = parts(text()?)?;
                format!("{header}.{claims}.").into()
            }
            Self::Unsigned => {
                let (_, claims, _) = parts(text()?)?;
                format!("{}.{claims}.", URL_SAFE_NO_PAD.encode(r#"{"typ":"at+jwt","alg":"none"}"#)).into()
            }
            Self::Undot => text()?.replace('.', "x").into(),
            Self::Upper => text()?.to_ascii_uppercase().into(),
            Self::ReverseWords => text()?.split(' ').rev().collect::<Vec<_>>().join(" ").into(),
            Self::Words => {
                Value::List(text()?.split(' ').filter(|w| !w.is_empty()).map(Value::from).collect())
            }
            Self::S256 => {
                let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, text()?.as_bytes());
                URL_SAFE_NO_PAD.encode(digest).into()
            }
            Self::Seconds => match argument {
                Value::Duration(duration) => Value::integer(duration.as_secs() as i64),
                _ => return Err(wanted("a duration")),
            },
            Self::Uri => uri(text()?)?,
        })
    }
}

/// The three parts of a JWT, as they stand.
fn parts(text: &str) -> Result<(&str, &str, &str), String> {
    let mut parts = text.split('.');
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(header), Some(claims), Some(signature), None) => Ok((header, claims, signature)),
        _ => Err("not a JWT: it has no three parts".to_owned()),
    }
}

fn look_alike(uri: &str) -> String {
    let start = uri.find("://").map_or(0, |at| at + 3);
    let end = uri[start..].find(['/', '?', '#']).map_or(uri.len(), |at| start + at);
    let letter = |c: char| match c {
        'a' => '\u{430}',
        'c' => '\u{441}',
        'e' => '\u{435}',
        'o' => '\u{43e}',
        'p' => '\u{440}',
        'x' => '\u{445}',
        other => other,
    };
    format!("{}{}{}", &uri[..start], uri[start..end].chars().map(letter).collect::<String>(), &uri[end..])
}

fn resigned(text: &str) -> Result<String, String> {
    let (_, claims, _) = parts(text)?;
    let jws = CompactJws::parse(text).map_err(|e| format!("not a JWT: {e}"))?;
    let broken = || "no key can be made".to_owned();
    let key = SigningKey::generate(Algorithm::ES256).ok_or_else(broken)?;
    let mut header = serde_json::json!({ "alg": key.algorithm(), "jwk": key.public_jwk() });
    if let Some(kind) = jws.header.get("typ") {
        header["typ"] = kind.clone();
    }
    let input = format!("{}.{claims}", URL_SAFE_NO_PAD.encode(header.to_string()));
    let signature = key.sign(input.as_bytes()).ok_or_else(broken)?;
    Ok(format!("{input}.{signature}"))
}

fn uri(text: &str) -> Result<Value, String> {
    let url =
        Url::parse(text).map_err(|e| format!("uri() takes an absolute URI, and {text:?} is none: {e}"))?;
    let host = url.host_str().unwrap_or_default().to_owned();
    let port = url.port().map(|p| Value::integer(p.into())).unwrap_or_default();
    let authority = match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.clone(),
    };
    Ok(map([
        ("scheme", url.scheme().into()),
        ("origin", format!("{}://{authority}", url.scheme()).into()),
        ("host", host.into()),
        ("is_address", Value::Bool(matches!(url.host(), Some(Host::Ipv4(_) | Host::Ipv6(_))))),
        ("port", port),
        ("authority", authority.into()),
        ("path", url.path().into()),
        ("query", url.query().map(Value::from).unwrap_or_default()),
    ]))
}

fn map<const N: usize>(members: [(&str, Value); N]) -> Value {
    Value::Map(members.into_iter().map(|(n, v)| (n.to_owned(), v)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_look_alike_differs_in_its_host_alone() {
        let made = look_alike("https://client.example:8443/cb?a=c");
        assert_eq!(made, "https://\u{441}li\u{435}nt.\u{435}\u{445}\u{430}m\u{440}l\u{435}:8443/cb?a=c");
        let twin = uri(&made).unwrap();
        assert!(twin.member("host").and_then(Value::as_text).is_some_and(|host| host.starts_with("xn--")));
        assert_eq!(look_alike("http://127.0.0.1/cb"), "http://127.0.0.1/cb");
    }

    #[test]
    fn a_token_signed_anew_keeps_its_claims_and_brings_its_key() {
        let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"RS256","kid":"a","typ":"at+jwt"}"#);
        let claims = URL_SAFE_NO_PAD.encode(r#"{"sub":"alice"}"#);
        let made = CompactJws::parse(&resigned(&format!("{header}.{claims}.AAAA")).unwrap()).unwrap();
        assert_eq!(made.claims, serde_json::json!({ "sub": "alice" }));
        assert_eq!((&made.header["alg"], &made.header["typ"]), (&"ES256".into(), &"at+jwt".into()));
        assert!(made.header.get("kid").is_none());
        let key: jsonwebtoken::jwk::Jwk = serde_json::from_value(made.header["jwk"].clone()).unwrap();
        let key = jsonwebtoken::DecodingKey::from_jwk(&key).unwrap();
        let signature = URL_SAFE_NO_PAD.encode(&made.signature);
        let message = made.signing_input.as_bytes();
        assert!(jsonwebtoken::crypto::verify(&signature, message, &key, Algorithm::ES256).unwrap());
    }
}

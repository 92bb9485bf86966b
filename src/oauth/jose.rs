use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

/// A JWS in compact serialisation (RFC 7515 section 7.1), read without judging it: any `alg`,
/// any member, signed or not.
#[derive(Clone, Debug, PartialEq)]
pub struct CompactJws {
    /// The JOSE header.
    pub header: Value,
    /// The payload, which for a JWT is its claims set (RFC 7519 section 4).
    pub claims: Value,
    /// What the signature covers: the first two segments with their dot.
    pub signing_input: String,
    /// The decoded signature, empty for an unsecured JWS.
    pub signature: Vec<u8>,
}

impl CompactJws {
    /// Splits and decodes `text`.
    ///
    /// # Errors
    ///
    /// Says which of the three segments is missing, is not base64url or is not a JSON object.
    pub fn parse(text: &str) -> Result<Self, JoseError> {
        let segments: Vec<&str> = text.split('.').collect();
        let [header, claims, signature] = segments[..] else {
            return Err(JoseError::Segments(segments.len()));
        };
        Ok(Self {
            header: object(header, "header")?,
            claims: object(claims, "payload")?,
            signing_input: format!("{header}.{claims}"),
            signature: URL_SAFE_NO_PAD.decode(signature).map_err(|_| JoseError::Base64("signature"))?,
        })
    }
}

/// Why a text is not a JWS in compact serialisation with JSON inside.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JoseError {
    /// Not three segments.
    #[error("has {0} segments where a JWT has 3")]
    Segments(usize),
    /// A segment that is not unpadded base64url.
    #[error("its {0} is not base64url")]
    Base64(&'static str),
    /// A segment that is not a JSON object.
    #[error("its {0} is not a JSON object")]
    Json(&'static str),
}

fn object(segment: &str, what: &'static str) -> Result<Value, JoseError> {
    let bytes = URL_SAFE_NO_PAD.decode(segment).map_err(|_| JoseError::Base64(what))?;
    match serde_json::from_slice(&bytes) {
        Ok(value @ Value::Object(_)) => Ok(value),
        _ => Err(JoseError::Json(what)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7515 appendix A.1.
    #[test]
    fn reads_the_example_of_rfc_7515() {
        let text = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        let jws = CompactJws::parse(text).unwrap();
        assert_eq!(jws.header["alg"], "HS256");
        assert_eq!(jws.claims["iss"], "joe");
        assert_eq!(jws.claims["exp"], 1_300_819_380);
        assert_eq!(jws.signature.len(), 32);
    }

    #[test]
    fn names_the_broken_segment() {
        assert_eq!(CompactJws::parse("opaque"), Err(JoseError::Segments(1)));
        assert_eq!(CompactJws::parse("!.e30.e30"), Err(JoseError::Base64("header")));
        assert_eq!(CompactJws::parse("e30.W10.e30"), Err(JoseError::Json("payload")));
    }
}

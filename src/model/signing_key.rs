use std::fmt;

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::Value;

use super::public_key;

/// A client's private key, for `private_key_jwt` (RFC 7523 section 2.2).
#[derive(Clone)]
pub struct SigningKey {
    key: EncodingKey,
    algorithm: Algorithm,
    /// `kid` of the key (RFC 7517 section 4.5), if it has one.
    pub id: Option<String>,
    text: String,
}

/// Why a text is no private key that can sign.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Neither PEM nor JWK.
    #[error(
        "it is neither a private key in PEM (`-----BEGIN PRIVATE KEY-----`) nor a JWK (`{{\"kty\": …}}`)"
    )]
    Form,
    /// The public half only.
    #[error("it is a public key: the private one signs")]
    Public,
    /// A kind that is not known here.
    #[error(
        "keys of this kind are not known: RSA, EC P-256, EC P-384 and Ed25519 are, and a JWK of RSA only as PEM"
    )]
    Kind,
    /// It cannot be read.
    #[error("it cannot be read as a private key")]
    Broken,
    /// Another kind of key is needed for the algorithm.
    #[error("it is no key for {0}")]
    Algorithm(String),
}

impl SigningKey {
    /// The algorithms by their names (RFC 7518 section 3.1, RFC 8037 section 3.1).
    pub const ALGORITHMS: [&'static str; 9] =
        ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"];

    /// Reads PEM (PKCS #8, or PKCS #1 for RSA) or a JWK.
    ///
    /// # Errors
    ///
    /// Why it cannot sign.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let text = text.trim();
        let (key, algorithm, id) = if text.starts_with('{') { of_jwk(text)? } else { of_pem(text)? };
        let key = Self { key, algorithm, id, text: text.to_owned() };
        key.sign(b"").map(|_| key).ok_or(KeyError::Broken)
    }

    /// The same key under that algorithm.
    ///
    /// # Errors
    ///
    /// An algorithm for another kind of key.
    pub fn with_algorithm(self, name: &str) -> Result<Self, KeyError> {
        let wrong = || KeyError::Algorithm(name.to_owned());
        let algorithm: Algorithm = name.parse().map_err(|_| wrong())?;
        let key = Self { algorithm, ..self };
        key.sign(b"").map(|_| key).ok_or_else(wrong)
    }

    /// Another key of the same kind, which nobody has registered.
    pub fn another(&self) -> Option<Self> {
        Some(Self { id: self.id.clone(), ..Self::generate(self.algorithm)? })
    }

    /// A key made for that algorithm; RSA where it is none of another kind.
    pub fn generate(algorithm: Algorithm) -> Option<Self> {
        let pem = |der: &[u8]| {
            format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", STANDARD.encode(der))
        };
        let (key, text) = match algorithm {
            Algorithm::ES256 | Algorithm::ES384 => {
                let curve = match algorithm {
                    Algorithm::ES256 => &ECDSA_P256_SHA256_FIXED_SIGNING,
                    _ => &ECDSA_P384_SHA384_FIXED_SIGNING,
                };
                let der = EcdsaKeyPair::generate(curve).ok()?.to_pkcs8v1().ok()?;
                let text = pem(der.as_ref());
                (EncodingKey::from_ec_pem(text.as_bytes()).ok()?, text)
            }
            Algorithm::EdDSA => {
                let text = pem(&ed25519(
                    &aws_lc_rs::rand::generate::<[u8; 32]>(&aws_lc_rs::rand::SystemRandom::new())
                        .ok()?
                        .expose(),
                ));
                (EncodingKey::from_ed_pem(text.as_bytes()).ok()?, text)
            }
            _ => {
                let key = RsaKeyPair::generate(KeySize::Rsa2048).ok()?;
                let der: aws_lc_rs::encoding::Pkcs8V1Der<'_> = key.as_der().ok()?;
                let text = pem(der.as_ref());
                (EncodingKey::from_rsa_pem(text.as_bytes()).ok()?, text)
            }
        };
        Some(Self { key, algorithm, id: None, text })
    }

    /// The algorithm's name.
    pub fn algorithm(&self) -> &'static str {
        Self::ALGORITHMS.into_iter().find(|name| name.parse() == Ok(self.algorithm)).unwrap_or("none")
    }

    /// The signature in base64url.
    pub fn sign(&self, message: &[u8]) -> Option<String> {
        jsonwebtoken::crypto::sign(message, &self.key, self.algorithm).ok()
    }

    /// The public half as a JWK (RFC 7517 section 4).
    pub fn public_jwk(&self) -> Option<Value> {
        let jwk = Jwk::from_encoding_key(&self.key, self.algorithm).ok()?;
        serde_json::to_value(jwk.algorithm).ok()
    }

    /// The MAC by HS256 (RFC 7518 section 3.2) that anybody can make who knows the public half, in base64url: its
    /// PEM is the secret.
    pub fn mac_by_public_half(&self, message: &[u8]) -> Option<String> {
        let pem = public_key::pem(&self.public_jwk()?)?;
        let secret = EncodingKey::from_secret(pem.as_bytes());
        jsonwebtoken::crypto::sign(message, &secret, Algorithm::HS256).ok()
    }

    /// The key as it was given.
    pub fn secret(&self) -> &str {
        &self.text
    }
}

impl PartialEq for SigningKey {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text && self.algorithm == other.algorithm && self.id == other.id
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.algorithm())
    }
}

type Read = (EncodingKey, Algorithm, Option<String>);

fn of_pem(text: &str) -> Result<Read, KeyError> {
    if text.contains("PUBLIC KEY-----") {
        return Err(KeyError::Public);
    }
    if !text.starts_with("-----BEGIN ") {
        return Err(KeyError::Form);
    }
    let bytes = text.as_bytes();
    if let Ok(key) = EncodingKey::from_rsa_pem(bytes) {
        return Ok((key, Algorithm::RS256, None));
    }
    if let Ok(key) = EncodingKey::from_ed_pem(bytes) {
        return Ok((key, Algorithm::EdDSA, None));
    }
    let Ok(key) = EncodingKey::from_ec_pem(bytes) else {
        return Err(if text.contains("BEGIN EC PRIVATE KEY") { KeyError::Kind } else { KeyError::Broken });
    };
    let fits = |algorithm: &Algorithm| jsonwebtoken::crypto::sign(b"", &key, *algorithm).is_ok();
    let algorithm = [Algorithm::ES256, Algorithm::ES384].into_iter().find(fits).ok_or(KeyError::Kind)?;
    Ok((key, algorithm, None))
}

fn of_jwk(text: &str) -> Result<Read, KeyError> {
    let jwk: Value = serde_json::from_str(text).map_err(|_| KeyError::Form)?;
    let bytes = |name: &str| jwk[name].as_str().and_then(|text| URL_SAFE_NO_PAD.decode(text).ok());
    let (kind, curve) = (jwk["kty"].as_str(), jwk["crv"].as_str());
    if kind.is_none() {
        return Err(KeyError::Form);
    }
    if jwk["d"].is_null() {
        return Err(KeyError::Public);
    }
    let id = jwk["kid"].as_str().map(str::to_owned);
    let private = bytes("d").ok_or(KeyError::Broken)?;
    match (kind, curve) {
        (Some("EC"), Some("P-256")) => {
            let (x, y) = bytes("x").zip(bytes("y")).ok_or(KeyError::Broken)?;
            let der = p256(&private, &x, &y).ok_or(KeyError::Broken)?;
            Ok((EncodingKey::from_ec_der(&der), Algorithm::ES256, id))
        }
        (Some("OKP"), Some("Ed25519")) if private.len() == 32 => {
            Ok((EncodingKey::from_ed_der(&ed25519(&private)), Algorithm::EdDSA, id))
        }
        _ => Err(KeyError::Kind),
    }
}

/// PKCS #8 (RFC 5208) of a P-256 key, whose lengths are always the same.
fn p256(d: &[u8], x: &[u8], y: &[u8]) -> Option<Vec<u8>> {
    if [d, x, y].iter().any(|part| part.len() != 32) {
        return None;
    }
    let mut der = vec![0x30, 0x81, 0x87, 0x02, 0x01, 0x00, 0x30, 0x13];
    der.extend([0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01]);
    der.extend([0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07]);
    der.extend([0x04, 0x6d, 0x30, 0x6b, 0x02, 0x01, 0x01, 0x04, 0x20]);
    der.extend(d);
    der.extend([0xa1, 0x44, 0x03, 0x42, 0x00, 0x04]);
    der.extend(x);
    der.extend(y);
    Some(der)
}

/// PKCS #8 of an Ed25519 key (RFC 8410 section 7).
fn ed25519(private: &[u8]) -> Vec<u8> {
    let mut der =
        vec![0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];
    der.extend(private);
    der
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::DecodingKey;
    use jsonwebtoken::jwk::Jwk;

    use super::*;

    /// RFC 7515 appendix A.3.1.
    const P256: &str = r#"{"kty":"EC","crv":"P-256","kid":"a3",
        "x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
        "d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}"#;
    /// RFC 8037 appendix A.1.
    const ED25519: &str = r#"{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
        "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;

    fn verifies(jwk: &str, key: &SigningKey) -> bool {
        let jwk: Jwk = serde_json::from_str(jwk).unwrap();
        let signature = key.sign(b"message").unwrap();
        let decoding = DecodingKey::from_jwk(&jwk).unwrap();
        jsonwebtoken::crypto::verify(&signature, b"message", &decoding, key.algorithm).unwrap()
    }

    #[test]
    fn keys_of_the_rfcs_sign() {
        for (jwk, algorithm) in [(P256, "ES256"), (ED25519, "EdDSA")] {
            let key = SigningKey::parse(jwk).unwrap();
            assert_eq!(key.algorithm(), algorithm);
            assert!(verifies(jwk, &key));
            assert!(!verifies(jwk, &key.another().unwrap()), "another {algorithm} key");
        }
        assert_eq!(SigningKey::parse(P256).unwrap().id.as_deref(), Some("a3"));
    }

    #[test]
    fn pem_is_read_by_its_kind() {
        let another = SigningKey::parse(P256).unwrap().another().unwrap();
        let read = SigningKey::parse(another.secret()).unwrap();
        assert_eq!(read.algorithm(), "ES256");
        assert_eq!(read.clone().with_algorithm("RS256"), Err(KeyError::Algorithm("RS256".to_owned())));
        assert!(!format!("{read:?}").contains("PRIVATE"));
    }

    #[test]
    fn what_cannot_sign_says_why() {
        let public = P256.replace("\"d\"", "\"other\"");
        for (text, error) in [
            ("", KeyError::Form),
            ("secret", KeyError::Form),
            ("{\"a\": 1}", KeyError::Form),
            (&public, KeyError::Public),
            ("-----BEGIN PUBLIC KEY-----\nMA==\n-----END PUBLIC KEY-----", KeyError::Public),
            ("-----BEGIN PRIVATE KEY-----\nMA==\n-----END PRIVATE KEY-----", KeyError::Broken),
            ("{\"kty\":\"oct\",\"d\":\"AA\"}", KeyError::Kind),
            ("{\"kty\":\"EC\",\"crv\":\"P-256\",\"d\":\"AA\"}", KeyError::Broken),
        ] {
            assert_eq!(SigningKey::parse(text), Err(error), "{text}");
        }
    }
}

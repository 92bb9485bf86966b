use std::sync::LazyLock;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand::{self, SystemRandom};
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::jwk::{AlgorithmParameters, Jwk};
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};

/// The key that signs access tokens and stands in the key set.
pub(crate) static PUBLISHED: LazyLock<SigningKey> = LazyLock::new(SigningKey::generate);

/// A key that nobody can look up, for servers that sign with the wrong one.
pub(crate) static UNPUBLISHED: LazyLock<SigningKey> = LazyLock::new(SigningKey::generate);

/// An RSA key of 2048 bits for RS256 (RFC 7518 section 3.3).
pub(crate) struct SigningKey {
    key: RsaKeyPair,
    kid: String,
    public: Value,
}

impl SigningKey {
    /// # Panics
    ///
    /// If the system has no randomness or refuses to hold a key: nothing could run then.
    fn generate() -> Self {
        let key = RsaKeyPair::generate(KeySize::Rsa2048).expect("the system can generate an RSA key");
        let kid = random_token_of(8);
        let public = public_jwk(&key, &kid).expect("a fresh RSA key has a public half");
        Self { key, kid, public }
    }

    /// `kid` of this key (RFC 7517 section 4.5).
    pub(crate) fn kid(&self) -> &str {
        &self.kid
    }

    /// The public half as a JWK (RFC 7517 section 4).
    pub(crate) fn public_jwk(&self) -> &Value {
        &self.public
    }

    /// Signs with RSASSA-PKCS1-v1_5 and SHA-256; `None` if the system's randomness fails.
    pub(crate) fn sign(&self, message: &[u8]) -> Option<Vec<u8>> {
        let mut signature = vec![0; self.key.public_modulus_len()];
        self.key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature).ok()?;
        Some(signature)
    }
}

/// 256 random bits in base64url, as codes, tokens and session ids are made.
pub(crate) fn random_token() -> String {
    random_token_of(32)
}

fn random_token_of(bytes: usize) -> String {
    let mut random = vec![0; bytes];
    rand::fill(&mut random).expect("the system has randomness");
    URL_SAFE_NO_PAD.encode(random)
}

/// Lets the JWT library take modulus and exponent out of the key; it reads PKCS#8 only as PEM.
fn public_jwk(key: &RsaKeyPair, kid: &str) -> Option<Value> {
    let pkcs8: Pkcs8V1Der<'_> = key.as_der().ok()?;
    let base64 = STANDARD.encode(pkcs8.as_ref());
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{base64}\n-----END PRIVATE KEY-----\n");
    let encoding = EncodingKey::from_rsa_pem(pem.as_bytes()).ok()?;
    match Jwk::from_encoding_key(&encoding, Algorithm::RS256).ok()?.algorithm {
        AlgorithmParameters::RSA(rsa) => Some(json!({
            "kty": "RSA", "use": "sig", "alg": "RS256", "kid": kid, "n": rsa.n, "e": rsa.e,
        })),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::DecodingKey;

    use super::*;

    #[test]
    fn a_signature_verifies_with_the_published_jwk() {
        let jwk: Jwk = serde_json::from_value(PUBLISHED.public_jwk().clone()).unwrap();
        let signature = URL_SAFE_NO_PAD.encode(PUBLISHED.sign(b"message").unwrap());
        let verified = |key: &Jwk| {
            let key = DecodingKey::from_jwk(key).unwrap();
            jsonwebtoken::crypto::verify(&signature, b"message", &key, Algorithm::RS256).unwrap()
        };
        assert!(verified(&jwk));
        let other: Jwk = serde_json::from_value(UNPUBLISHED.public_jwk().clone()).unwrap();
        assert!(!verified(&other));
    }

    #[test]
    fn tokens_carry_256_bits_and_differ() {
        assert_eq!(random_token().len(), 43);
        assert_ne!(random_token(), random_token());
    }
}

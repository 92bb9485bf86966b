use std::sync::LazyLock;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand::{self, SystemRandom};
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair,
};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::jwk::{AlgorithmParameters, Jwk};
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};

use super::policy::SigningAlgorithm;

/// The key that signs access tokens and stands in the key set.
pub(crate) fn published(algorithm: SigningAlgorithm) -> &'static SigningKey {
    static KEYS: Keys = Keys::new();
    KEYS.of(algorithm)
}

/// A key that nobody can look up, for servers that sign with the wrong one.
pub(crate) fn unpublished(algorithm: SigningAlgorithm) -> &'static SigningKey {
    static KEYS: Keys = Keys::new();
    KEYS.of(algorithm)
}

/// Made when first asked for: an RSA key takes a while.
struct Keys {
    es256: LazyLock<SigningKey>,
    rs256: LazyLock<SigningKey>,
}

impl Keys {
    const fn new() -> Self {
        Self {
            es256: LazyLock::new(|| SigningKey::generate(SigningAlgorithm::Es256)),
            rs256: LazyLock::new(|| SigningKey::generate(SigningAlgorithm::Rs256)),
        }
    }

    fn of(&'static self, algorithm: SigningAlgorithm) -> &'static SigningKey {
        match algorithm {
            SigningAlgorithm::Es256 => &self.es256,
            SigningAlgorithm::Rs256 => &self.rs256,
        }
    }
}

/// A key on P-256 for ES256, or an RSA key of 2048 bits for RS256 (RFC 7518 sections 3.3 and 3.4).
pub(crate) struct SigningKey {
    pair: Pair,
    kid: String,
    public: Value,
}

enum Pair {
    Ec(EcdsaKeyPair),
    Rsa(RsaKeyPair),
}

impl SigningKey {
    /// # Panics
    ///
    /// If the system has no randomness or refuses to hold a key: nothing could run then.
    fn generate(algorithm: SigningAlgorithm) -> Self {
        let kid = random_token_of(8);
        let (pair, mut public) = match algorithm {
            SigningAlgorithm::Es256 => {
                let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)
                    .expect("the system can generate a key on P-256");
                let public = public_ec_jwk(&key);
                (Pair::Ec(key), public)
            }
            SigningAlgorithm::Rs256 => {
                let key = RsaKeyPair::generate(KeySize::Rsa2048).expect("the system can generate an RSA key");
                let public = public_rsa_jwk(&key).expect("a fresh RSA key has a public half");
                (Pair::Rsa(key), public)
            }
        };
        public["use"] = json!("sig");
        public["alg"] = json!(algorithm.name());
        public["kid"] = json!(kid);
        Self { pair, kid, public }
    }

    /// `kid` of this key (RFC 7517 section 4.5).
    pub(crate) fn kid(&self) -> &str {
        &self.kid
    }

    /// The public half as a JWK (RFC 7517 section 4).
    pub(crate) fn public_jwk(&self) -> &Value {
        &self.public
    }

    /// The signature as JWS has it (RFC 7518 sections 3.3 and 3.4); `None` if the system's randomness fails.
    pub(crate) fn sign(&self, message: &[u8]) -> Option<Vec<u8>> {
        let random = SystemRandom::new();
        match &self.pair {
            Pair::Ec(key) => Some(key.sign(&random, message).ok()?.as_ref().to_vec()),
            Pair::Rsa(key) => {
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature).ok()?;
                Some(signature)
            }
        }
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

/// The halves of the point, which aws-lc tells uncompressed (RFC 7518 section 6.2.1).
fn public_ec_jwk(key: &EcdsaKeyPair) -> Value {
    let point = key.public_key().as_ref();
    let (x, y) = point[1..].split_at(point.len() / 2);
    json!({ "kty": "EC", "crv": "P-256", "x": URL_SAFE_NO_PAD.encode(x), "y": URL_SAFE_NO_PAD.encode(y) })
}

/// Lets the JWT library take modulus and exponent out of the key; it reads PKCS#8 only as PEM.
fn public_rsa_jwk(key: &RsaKeyPair) -> Option<Value> {
    let pkcs8: Pkcs8V1Der<'_> = key.as_der().ok()?;
    let base64 = STANDARD.encode(pkcs8.as_ref());
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{base64}\n-----END PRIVATE KEY-----\n");
    let encoding = EncodingKey::from_rsa_pem(pem.as_bytes()).ok()?;
    match Jwk::from_encoding_key(&encoding, Algorithm::RS256).ok()?.algorithm {
        AlgorithmParameters::RSA(rsa) => Some(json!({ "kty": "RSA", "n": rsa.n, "e": rsa.e })),
        _ => None,
    }
}

/// Whether the signature verifies with the JWK, as somebody else computes it.
#[cfg(test)]
pub(crate) fn verifies(jwk: &Value, algorithm: SigningAlgorithm, message: &[u8], signature: &[u8]) -> bool {
    let jwk: Jwk = serde_json::from_value(jwk.clone()).unwrap();
    let algorithm = match algorithm {
        SigningAlgorithm::Es256 => Algorithm::ES256,
        SigningAlgorithm::Rs256 => Algorithm::RS256,
    };
    let key = jsonwebtoken::DecodingKey::from_jwk(&jwk).unwrap();
    jsonwebtoken::crypto::verify(&URL_SAFE_NO_PAD.encode(signature), message, &key, algorithm)
        .is_ok_and(|fits| fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_verifies_with_the_published_jwk() {
        for algorithm in [SigningAlgorithm::Es256, SigningAlgorithm::Rs256] {
            let (key, other) = (published(algorithm), unpublished(algorithm));
            assert_eq!(key.public_jwk()["alg"], algorithm.name());
            let signature = key.sign(b"message").unwrap();
            assert!(verifies(key.public_jwk(), algorithm, b"message", &signature));
            assert!(!verifies(key.public_jwk(), algorithm, b"another", &signature));
            assert!(!verifies(other.public_jwk(), algorithm, b"message", &signature));
        }
    }

    #[test]
    fn tokens_carry_256_bits_and_differ() {
        assert_eq!(random_token().len(), 43);
        assert_ne!(random_token(), random_token());
    }
}

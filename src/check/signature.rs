//! Signatures of JWTs against a JWKS document, whatever else is in it.

use aws_lc_rs::signature as lc;
use base64::Engine as _;
use base64::engine::general_purpose::{URL_SAFE, URL_SAFE_NO_PAD};
use serde_json::Value;

use super::words::{alternatives, quoted};
use crate::oauth::CompactJws;

/// Why a signature does not count as valid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Unverified {
    /// It is not; says why.
    Invalid(String),
    /// Whether it is cannot be told here; says why.
    Unsupported(String),
}

/// Whether one of the published keys signed the JWS; nothing else is looked at, times least of all.
///
/// The key is the one with the token's `kid`, or without `kid` any that fits the algorithm (RFC 7515 section
/// 6). `none` and the `HS` algorithms never verify: what everyone can read proves nothing (RFC 8725 sections
/// 3.1 and 3.2). A key that cannot be read spoils no other.
pub(super) fn verify(jws: &CompactJws, keys: &Value) -> Result<(), Unverified> {
    let invalid = |why: String| Err(Unverified::Invalid(why));
    let Some(alg) = jws.header["alg"].as_str() else {
        return invalid("a header without alg".to_owned());
    };
    if alg.eq_ignore_ascii_case("none") || jws.signature.is_empty() {
        return invalid(format!("alg {} without a signature", quoted(alg)));
    }
    if alg.starts_with("HS") {
        return invalid(format!("alg {}, which no published key can verify", quoted(alg)));
    }
    let Some(algorithm) = Algorithm::named(alg) else {
        return Err(Unverified::Unsupported(format!("alg {}, which cannot be verified here", quoted(alg))));
    };
    let Some(keys) = keys["keys"].as_array() else {
        return Err(Unverified::Unsupported("the server's keys are no JWKS".to_owned()));
    };
    let kid = jws.header["kid"].as_str();
    let candidates: Vec<&Value> = match kid {
        Some(kid) => keys.iter().filter(|k| k["kid"].as_str() == Some(kid)).collect(),
        None => keys.iter().filter(|k| algorithm.suits(k).is_ok()).collect(),
    };
    let mut reasons: Vec<String> = Vec::new();
    for key in &candidates {
        match algorithm.suits(key).and_then(|()| algorithm.verify(key, jws)) {
            Ok(()) => return Ok(()),
            Err(why) if !reasons.contains(&why) => reasons.push(why),
            Err(_) => {}
        }
    }
    invalid(match (candidates.is_empty(), kid) {
        (true, Some(kid)) => format!("no published key has the kid {}", quoted(kid)),
        (true, None) => format!("no published key is for {alg}"),
        (false, _) => alternatives(&reasons),
    })
}

/// A signature algorithm with public keys (RFC 7518 section 3.1, RFC 8037 section 3.1, RFC 9864).
struct Algorithm {
    name: &'static str,
    key_type: &'static str,
    scheme: Scheme,
}

enum Scheme {
    Rsa(&'static lc::RsaParameters),
    /// The curve's name and the length of a coordinate in bytes.
    Ecdsa(&'static lc::EcdsaVerificationAlgorithm, &'static str, usize),
    Ed25519,
}

impl Algorithm {
    fn named(alg: &str) -> Option<Self> {
        let rsa = |name, parameters| Self { name, key_type: "RSA", scheme: Scheme::Rsa(parameters) };
        let ecdsa = |name, algorithm, curve, length| Self {
            name,
            key_type: "EC",
            scheme: Scheme::Ecdsa(algorithm, curve, length),
        };
        let edwards = |name| Self { name, key_type: "OKP", scheme: Scheme::Ed25519 };
        Some(match alg {
            "RS256" => rsa("RS256", &lc::RSA_PKCS1_2048_8192_SHA256),
            "RS384" => rsa("RS384", &lc::RSA_PKCS1_2048_8192_SHA384),
            "RS512" => rsa("RS512", &lc::RSA_PKCS1_2048_8192_SHA512),
            "PS256" => rsa("PS256", &lc::RSA_PSS_2048_8192_SHA256),
            "PS384" => rsa("PS384", &lc::RSA_PSS_2048_8192_SHA384),
            "PS512" => rsa("PS512", &lc::RSA_PSS_2048_8192_SHA512),
            "ES256" => ecdsa("ES256", &lc::ECDSA_P256_SHA256_FIXED, "P-256", 32),
            "ES384" => ecdsa("ES384", &lc::ECDSA_P384_SHA384_FIXED, "P-384", 48),
            "ES512" => ecdsa("ES512", &lc::ECDSA_P521_SHA512_FIXED, "P-521", 66),
            "EdDSA" => edwards("EdDSA"),
            "Ed25519" => edwards("Ed25519"),
            _ => return None,
        })
    }

    /// Whether the key is for this algorithm, by what it says of itself.
    fn suits(&self, key: &Value) -> Result<(), String> {
        let says = |member: &str, wanted: &str| match &key[member] {
            Value::String(text) if text == wanted => Ok(()),
            Value::String(text) => Err(format!("the key has {member} {}, not {wanted:?}", quoted(text))),
            _ => Err(format!("the key has no {member}")),
        };
        says("kty", self.key_type)?;
        if key.get("alg").is_some() && says("alg", self.name).is_err() {
            let same = matches!(key["alg"].as_str(), Some("EdDSA" | "Ed25519")) && self.key_type == "OKP";
            if !same {
                says("alg", self.name)?;
            }
        }
        if key.get("use").is_some() {
            says("use", "sig")?;
        }
        match self.scheme {
            Scheme::Rsa(_) => Ok(()),
            Scheme::Ecdsa(_, curve, _) => says("crv", curve),
            Scheme::Ed25519 => says("crv", "Ed25519"),
        }
    }

    fn verify(&self, key: &Value, jws: &CompactJws) -> Result<(), String> {
        let (message, signature) = (jws.signing_input.as_bytes(), jws.signature.as_slice());
        let verified = match self.scheme {
            Scheme::Rsa(parameters) => {
                let (n, e) = (number(key, "n")?, number(key, "e")?);
                if n.len() < 256 {
                    return Err(format!(
                        "the key has {} bits, where RFC 7518 section 3.3 has 2048 at least",
                        n.len() * 8
                    ));
                }
                lc::RsaPublicKeyComponents { n, e }.verify(parameters, message, signature)
            }
            Scheme::Ecdsa(algorithm, _, length) => {
                let mut point = vec![4];
                for member in ["x", "y"] {
                    let coordinate = number(key, member)?;
                    let missing = length
                        .checked_sub(coordinate.len())
                        .ok_or_else(|| format!("the key's {member} is too long"))?;
                    point.extend(std::iter::repeat_n(0, missing));
                    point.extend(coordinate);
                }
                lc::UnparsedPublicKey::new(algorithm, point).verify(message, signature)
            }
            Scheme::Ed25519 => {
                lc::UnparsedPublicKey::new(&lc::ED25519, bytes(key, "x")?).verify(message, signature)
            }
        };
        verified.map_err(|_| "the signature does not verify".to_owned())
    }
}

/// An unsigned integer of a key without leading zeros (RFC 7518 section 2, `Base64urlUInt`).
fn number(key: &Value, member: &str) -> Result<Vec<u8>, String> {
    let bytes = bytes(key, member)?;
    let zeros = bytes.iter().take_while(|b| **b == 0).count();
    Ok(bytes[zeros..].to_vec())
}

/// Padding is forbidden there, but harmless to a signature.
fn bytes(key: &Value, member: &str) -> Result<Vec<u8>, String> {
    let text = key[member].as_str().ok_or_else(|| format!("the key has no {member}"))?;
    URL_SAFE_NO_PAD
        .decode(text)
        .or_else(|_| URL_SAFE.decode(text))
        .map_err(|_| format!("the key's {member} is not base64url"))
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::rand::SystemRandom;
    use lc::KeyPair as _;
    use serde_json::json;

    use super::*;

    fn encode(bytes: &[u8]) -> String {
        URL_SAFE_NO_PAD.encode(bytes)
    }

    fn signed(header: &Value, sign: impl Fn(&[u8]) -> Vec<u8>) -> CompactJws {
        let input =
            format!("{}.{}", encode(header.to_string().as_bytes()), encode(br#"{"iss":"x","exp":1}"#));
        CompactJws::parse(&format!("{input}.{}", encode(&sign(input.as_bytes())))).unwrap()
    }

    fn tampered(jws: &CompactJws) -> CompactJws {
        let mut other = jws.clone();
        other.signing_input.push('A');
        other
    }

    fn ec(kid: &str) -> (lc::EcdsaKeyPair, Value) {
        let pair = lc::EcdsaKeyPair::generate(&lc::ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let point = pair.public_key().as_ref().to_vec();
        let key = json!({"kty": "EC", "crv": "P-256", "kid": kid, "x": encode(&point[1..33]), "y": encode(&point[33..])});
        (pair, key)
    }

    fn es256(pair: &lc::EcdsaKeyPair) -> impl Fn(&[u8]) -> Vec<u8> + '_ {
        |m| pair.sign(&SystemRandom::new(), m).unwrap().as_ref().to_vec()
    }

    fn invalid(jws: &CompactJws, keys: &Value) -> String {
        match verify(jws, keys) {
            Err(Unverified::Invalid(why)) => why,
            other => panic!("{other:?}"),
        }
    }

    /// RFC 7515 appendices A.2 and A.3.
    #[test]
    fn the_examples_of_rfc_7515() {
        for example in [
            include_str!("../../fixtures/vectors/rfc7515-a2.json"),
            include_str!("../../fixtures/vectors/rfc7515-a3.json"),
        ] {
            let example: Value = serde_json::from_str(example).unwrap();
            let jws = CompactJws::parse(example["jws"].as_str().unwrap()).unwrap();
            let keys = json!({ "keys": [example["key"]] });
            assert_eq!(verify(&jws, &keys), Ok(()), "{}", jws.header);
            assert_eq!(invalid(&tampered(&jws), &keys), "the signature does not verify", "{}", jws.header);
        }
    }

    #[test]
    fn rsa_with_both_paddings() {
        let pair = lc::RsaKeyPair::generate(aws_lc_rs::rsa::KeySize::Rsa2048).unwrap();
        let public = pair.public_key();
        let key = json!({
            "kty": "RSA",
            "kid": "k",
            "n": encode(public.modulus().big_endian_without_leading_zero()),
            "e": encode(public.exponent().big_endian_without_leading_zero()),
        });
        let keys = json!({"keys": [key]});
        let with: [(&str, &'static dyn lc::RsaEncoding); 6] = [
            ("RS256", &lc::RSA_PKCS1_SHA256),
            ("RS384", &lc::RSA_PKCS1_SHA384),
            ("RS512", &lc::RSA_PKCS1_SHA512),
            ("PS256", &lc::RSA_PSS_SHA256),
            ("PS384", &lc::RSA_PSS_SHA384),
            ("PS512", &lc::RSA_PSS_SHA512),
        ];
        for (alg, encoding) in with {
            let jws = signed(&json!({"alg": alg, "kid": "k"}), |m| {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(encoding, &SystemRandom::new(), m, &mut signature).unwrap();
                signature
            });
            assert_eq!(verify(&jws, &keys), Ok(()), "{alg}");
            assert_eq!(invalid(&tampered(&jws), &keys), "the signature does not verify", "{alg}");
        }
        let symmetric = signed(&json!({"alg": "HS256", "kid": "k"}), |m| {
            let secret = public.modulus().big_endian_without_leading_zero().to_vec();
            let secret = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, &secret);
            aws_lc_rs::hmac::sign(&secret, m).as_ref().to_vec()
        });
        assert!(invalid(&symmetric, &keys).contains("HS256"));
    }

    #[test]
    fn elliptic_curves() {
        let (pair, key) = ec("k");
        let jws = signed(&json!({"alg": "ES256", "kid": "k"}), es256(&pair));
        assert_eq!(verify(&jws, &json!({"keys": [key]})), Ok(()));
        assert_eq!(invalid(&tampered(&jws), &json!({"keys": [key]})), "the signature does not verify");

        let pair = lc::EcdsaKeyPair::generate(&lc::ECDSA_P384_SHA384_FIXED_SIGNING).unwrap();
        let point = pair.public_key().as_ref().to_vec();
        let key = json!({"kty": "EC", "crv": "P-384", "x": encode(&point[1..49]), "y": encode(&point[49..])});
        let jws = signed(&json!({"alg": "ES384"}), es256(&pair));
        assert_eq!(verify(&jws, &json!({"keys": [key]})), Ok(()));

        let pair = lc::Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap();
        let key =
            json!({"kty": "OKP", "crv": "Ed25519", "kid": "e", "x": encode(pair.public_key().as_ref())});
        let jws = signed(&json!({"alg": "EdDSA", "kid": "e"}), |m| pair.sign(m).as_ref().to_vec());
        assert_eq!(verify(&jws, &json!({"keys": [key]})), Ok(()));
        assert_eq!(invalid(&tampered(&jws), &json!({"keys": [key]})), "the signature does not verify");
    }

    #[test]
    fn one_bad_key_spoils_no_other() {
        let (pair, key) = ec("k");
        let keys =
            json!({"keys": [5, {}, {"kid": 5}, {"kty": "EC", "kid": "k"}, {"kty": "AKP", "kid": "z"}, key]});
        let jws = signed(&json!({"alg": "ES256", "kid": "k"}), es256(&pair));
        assert_eq!(verify(&jws, &keys), Ok(()));
        let jws = signed(&json!({"alg": "ES256"}), es256(&pair));
        assert_eq!(verify(&jws, &keys), Ok(()));
    }

    #[test]
    fn the_key_is_chosen_and_held_to_its_word() {
        let (pair, key) = ec("k");
        let keys = json!({"keys": [key]});
        let jws = signed(&json!({"alg": "ES256", "kid": "other"}), es256(&pair));
        assert_eq!(invalid(&jws, &keys), "no published key has the kid \"other\"");
        let jws = signed(&json!({"alg": "RS256"}), es256(&pair));
        assert_eq!(invalid(&jws, &keys), "no published key is for RS256");
        let jws = signed(&json!({"alg": "ES256", "kid": "k"}), es256(&pair));
        let mut encryption = key.clone();
        encryption["use"] = json!("enc");
        assert_eq!(invalid(&jws, &json!({"keys": [encryption]})), "the key has use \"enc\", not \"sig\"");
        let jws = signed(&json!({"alg": "none", "kid": "k"}), |_| vec![]);
        assert!(invalid(&jws, &keys).contains("none"));
        let jws = signed(&json!({"alg": "ES256K", "kid": "k"}), es256(&pair));
        assert!(matches!(verify(&jws, &keys), Err(Unverified::Unsupported(_))));
    }
}

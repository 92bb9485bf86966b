//! The public half of a client's key: as a JWK, and as the text that careless servers take for a secret.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::Value;

/// SubjectPublicKeyInfo (RFC 5280 section 4.1) of a JWK, in PEM with lines of 64 characters.
pub(super) fn pem(jwk: &Value) -> Option<String> {
    let base64 = STANDARD.encode(info(jwk)?);
    let mut text = "-----BEGIN PUBLIC KEY-----\n".to_owned();
    for line in base64.as_bytes().chunks(64) {
        text.extend(line.iter().copied().map(char::from));
        text.push('\n');
    }
    text.push_str("-----END PUBLIC KEY-----\n");
    Some(text)
}

fn info(jwk: &Value) -> Option<Vec<u8>> {
    let bytes = |name: &str| URL_SAFE_NO_PAD.decode(jwk[name].as_str()?).ok();
    let point = || Some([&[4][..], &bytes("x")?, &bytes("y")?].concat());
    let (algorithm, key) = match (jwk["kty"].as_str()?, jwk["crv"].as_str()) {
        ("RSA", _) => (RSA, sequence(&[integer(&bytes("n")?), integer(&bytes("e")?)].concat())),
        ("EC", Some("P-256")) => (P256, point()?),
        ("EC", Some("P-384")) => (P384, point()?),
        ("OKP", Some("Ed25519")) => (ED25519, bytes("x")?),
        _ => return None,
    };
    let bits = tagged(0x03, &[&[0][..], &key].concat());
    Some(sequence(&[sequence(algorithm), bits].concat()))
}

/// The identifiers of RFC 3279 sections 2.3.1 and 2.3.5, RFC 5480 section 2.1.1 and RFC 8410 section 3.
const RSA: &[u8] = &[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];
const P256: &[u8] = &[
    0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03,
    0x01, 0x07,
];
const P384: &[u8] =
    &[0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22];
const ED25519: &[u8] = &[0x06, 0x03, 0x2b, 0x65, 0x70];

fn sequence(content: &[u8]) -> Vec<u8> {
    tagged(0x30, content)
}

/// A number without a sign.
fn integer(bytes: &[u8]) -> Vec<u8> {
    let first = bytes.iter().position(|byte| *byte != 0).unwrap_or(bytes.len());
    let bytes = &bytes[first..];
    let sign: &[u8] = if bytes.first().is_none_or(|byte| *byte >= 0x80) { &[0] } else { &[] };
    tagged(0x02, &[sign, bytes].concat())
}

/// DER (ITU-T X.690 section 8.1).
fn tagged(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    let first = length.iter().position(|byte| *byte != 0).unwrap_or(length.len() - 1);
    let length = &length[first..];
    let long =
        if content.len() < 0x80 { None } else { Some(0x80 | u8::try_from(length.len()).unwrap_or(0x7f)) };
    std::iter::once(tag).chain(long).chain(length.iter().copied()).chain(content.iter().copied()).collect()
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::jwk::Jwk;
    use jsonwebtoken::{Algorithm, DecodingKey};

    use super::super::SigningKey;
    use super::*;

    /// Whatever reads PEM finds the key in it that made the signature.
    #[test]
    fn the_public_half_verifies_what_the_private_half_signs() {
        let ec = r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
            "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0","d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}"#;
        let ed = r#"{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
            "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
        let rsa = rsa();
        for (text, algorithm) in [(ec, Algorithm::ES256), (ed, Algorithm::EdDSA), (&rsa, Algorithm::RS256)] {
            let key = SigningKey::parse(text).unwrap();
            let jwk = key.public_jwk().unwrap();
            let pem = pem(&jwk).unwrap();
            let from_pem = match algorithm {
                Algorithm::ES256 => DecodingKey::from_ec_pem(pem.as_bytes()),
                Algorithm::EdDSA => DecodingKey::from_ed_pem(pem.as_bytes()),
                _ => DecodingKey::from_rsa_pem(pem.as_bytes()),
            };
            let jwk: Jwk = serde_json::from_value(jwk).unwrap();
            let signature = key.sign(b"message").unwrap();
            for read in [from_pem.unwrap(), DecodingKey::from_jwk(&jwk).unwrap()] {
                let verified = jsonwebtoken::crypto::verify(&signature, b"message", &read, algorithm);
                assert!(verified.unwrap(), "{pem}");
            }
            assert!(pem.lines().all(|line| line.len() <= 64), "{pem}");
        }
    }

    fn rsa() -> String {
        use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
        let key = aws_lc_rs::rsa::KeyPair::generate(aws_lc_rs::rsa::KeySize::Rsa2048).unwrap();
        let der: Pkcs8V1Der<'_> = key.as_der().unwrap();
        let base64 = STANDARD.encode(der.as_ref());
        format!("-----BEGIN PRIVATE KEY-----\n{base64}\n-----END PRIVATE KEY-----\n")
    }
}

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::crypto;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header};
use serde::{Deserialize, Serialize};

use crate::model::RunStarted;

/// The type of our signatures (RFC 7515 section 4.1.9).
const TYPE: &str = "oauthspec-result";

/// What a signature vouches for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// SHA-256 of the journal's bytes, in hexadecimal.
    pub journal: String,
    /// SHA-256 of the suites, in hexadecimal.
    pub suites: String,
    /// The target's name.
    pub target: String,
    /// Where it is.
    pub issuer: String,
    /// The profile's id.
    pub profile: String,
    /// Version of the program.
    pub oauthspec: String,
}

impl Claims {
    /// Of a journal and the start of its run.
    pub fn new(journal: &[u8], run: &RunStarted) -> Self {
        Self {
            journal: sha256(journal),
            suites: run.suites.clone(),
            target: run.target.clone(),
            issuer: run.issuer.clone(),
            profile: run.profile.0.clone(),
            oauthspec: run.oauthspec.clone(),
        }
    }
}

/// SHA-256 in hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    digest(&SHA256, bytes).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A private key.
pub struct SigningKey {
    key: EncodingKey,
    algorithm: Algorithm,
}

/// A public key.
pub struct VerifyingKey {
    key: DecodingKey,
    algorithm: Algorithm,
}

/// Why a result cannot be signed.
#[derive(Debug, thiserror::Error)]
pub enum SigningError {
    /// Not a private key in PEM that we know how to use.
    #[error("it is no private key in PEM: Ed25519, EC P-256 or RSA (PKCS #8)")]
    NoKey,
    /// The library's words.
    #[error("signing failed: {0}")]
    Sign(#[from] jsonwebtoken::errors::Error),
    /// The claims are no JSON, which cannot be.
    #[error("the claims cannot be written: {0}")]
    Claims(#[from] serde_json::Error),
}

/// Why a signature does not vouch for a journal.
#[derive(Debug, thiserror::Error)]
pub enum VerificationError {
    /// Not a public key in PEM that we know how to use.
    #[error("it is no public key in PEM: Ed25519, EC P-256 or RSA")]
    NoKey,
    /// Not `header..signature`.
    #[error("the signature is no detached JWS of a result")]
    NoSignature,
    /// Another algorithm than the key's.
    #[error("the signature is made with {found}, the key is for {wanted}")]
    Algorithm {
        /// In the signature.
        found: String,
        /// Of the key.
        wanted: String,
    },
    /// The journal has changed, or another key has signed, or the signature is broken.
    #[error("the signature does not fit: the journal has been changed, or another key has signed it")]
    Mismatch,
}

impl SigningKey {
    /// Reads a private key in PEM.
    ///
    /// # Errors
    ///
    /// Anything else.
    pub fn from_pem(pem: &[u8]) -> Result<Self, SigningError> {
        let known = [
            (EncodingKey::from_ed_pem(pem), Algorithm::EdDSA),
            (EncodingKey::from_ec_pem(pem), Algorithm::ES256),
            (EncodingKey::from_rsa_pem(pem), Algorithm::RS256),
        ];
        for (key, algorithm) in known {
            let Ok(key) = key else { continue };
            // What can be read may still be of another curve.
            if crypto::sign(b"", &key, algorithm).is_ok() {
                return Ok(Self { key, algorithm });
            }
        }
        Err(SigningError::NoKey)
    }

    /// A detached JWS (RFC 7515 appendix F): `header..signature`.
    ///
    /// # Errors
    ///
    /// When the key cannot sign after all.
    pub fn sign(&self, claims: &Claims) -> Result<String, SigningError> {
        let header = Header { typ: Some(TYPE.to_owned()), ..Header::new(self.algorithm) };
        let header = URL_SAFE_NO_PAD.encode(serde_json::to_vec(&header)?);
        let message = format!("{header}.{}", payload(claims)?);
        let signature = crypto::sign(message.as_bytes(), &self.key, self.algorithm)?;
        Ok(format!("{header}..{signature}"))
    }
}

impl VerifyingKey {
    /// Reads a public key in PEM.
    ///
    /// # Errors
    ///
    /// Anything else.
    pub fn from_pem(pem: &[u8]) -> Result<Self, VerificationError> {
        let known = [
            (DecodingKey::from_ed_pem(pem), Algorithm::EdDSA),
            (DecodingKey::from_ec_pem(pem), Algorithm::ES256),
            (DecodingKey::from_rsa_pem(pem), Algorithm::RS256),
        ];
        known
            .into_iter()
            .find_map(|(key, algorithm)| Some(Self { key: key.ok()?, algorithm }))
            .ok_or(VerificationError::NoKey)
    }

    /// Whether the signature is this key's over these claims. The key decides the algorithm, never the
    /// signature (RFC 8725 section 3.1).
    ///
    /// # Errors
    ///
    /// Why it is not.
    pub fn verify(&self, jws: &str, claims: &Claims) -> Result<(), VerificationError> {
        let (header, rest) = jws.split_once('.').ok_or(VerificationError::NoSignature)?;
        let signature = rest.strip_prefix('.').ok_or(VerificationError::NoSignature)?;
        let read = URL_SAFE_NO_PAD.decode(header).ok();
        let read: Option<Header> = read.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        let read = read.ok_or(VerificationError::NoSignature)?;
        if read.typ.as_deref() != Some(TYPE) || signature.is_empty() || signature.contains('.') {
            return Err(VerificationError::NoSignature);
        }
        if read.alg != self.algorithm {
            let (found, wanted) = (format!("{:?}", read.alg), format!("{:?}", self.algorithm));
            return Err(VerificationError::Algorithm { found, wanted });
        }
        let payload = payload(claims).map_err(|_| VerificationError::NoSignature)?;
        let message = format!("{header}.{payload}");
        match crypto::verify(signature, message.as_bytes(), &self.key, self.algorithm) {
            Ok(true) => Ok(()),
            Ok(false) | Err(_) => Err(VerificationError::Mismatch),
        }
    }
}

/// The claims as they are signed; whoever verifies computes them again from the journal.
fn payload(claims: &Claims) -> Result<String, serde_json::Error> {
    Ok(URL_SAFE_NO_PAD.encode(serde_json::to_vec(claims)?))
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SigningKey").field("algorithm", &self.algorithm).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("VerifyingKey").field("algorithm", &self.algorithm).finish_non_exhaustive()
    }
}

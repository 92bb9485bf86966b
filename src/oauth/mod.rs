//! OAuth's own words: error codes, grants, client authentication, metadata, PKCE, JOSE.
//!
//! Pure vocabulary: names spelt as IANA and the RFCs spell them, readers that keep what was
//! really sent, and nothing that judges. Harness and reference server share these words and
//! never reasoning, so nothing here computes an answer that one side would check the other by.

mod vocabulary;

mod authorization;
mod client_authentication;
mod error_code;
mod grant_type;
mod jose;
mod metadata;

pub use authorization::{CodeChallengeMethod, ResponseMode, ResponseType};
pub use client_authentication::ClientAuthenticationMethod;
pub use error_code::ErrorCode;
pub use grant_type::GrantType;
pub use jose::{CompactJws, JoseError};
pub use metadata::ServerMetadata;

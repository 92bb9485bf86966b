use serde_json::Value;

use crate::oauth::{ClientAuthenticationMethod, GrantType};

/// A registered client (RFC 6749 section 2).
#[derive(Clone, Default, PartialEq)]
pub struct Client {
    /// `client_id`.
    pub id: String,
    /// The client password; a client with neither this nor `jwks` is public.
    pub secret: Option<String>,
    /// Registered redirect URIs, complete.
    pub redirect_uris: Vec<String>,
    /// The partner type that decides about scopes, see `ScopePolicy::partners`.
    pub partner: Option<String>,
    /// Grants this client may use; `None` means all that the server offers and that suit it.
    pub grants: Option<Vec<GrantType>>,
    /// Scopes this client may have; `None` means all that suit its partner type.
    pub scopes: Option<Vec<String>>,
    /// The registered authentication method, then the only one accepted. Without it a client
    /// with a secret may use HTTP Basic or the body.
    pub authentication: Option<ClientAuthenticationMethod>,
    /// The client's JWK Set, for `private_key_jwt` (RFC 7523).
    pub jwks: Option<Value>,
    /// Lets a client that has registered itself remove itself again (RFC 7592 section 2.3).
    pub registration_access_token: Option<String>,
}

impl Client {
    /// Whether the client cannot keep a secret (RFC 6749 section 2.1).
    pub fn is_public(&self) -> bool {
        match &self.authentication {
            Some(method) => *method == ClientAuthenticationMethod::None,
            None => self.secret.is_none() && self.jwks.is_none(),
        }
    }

    /// Whether this client may use `grant`. Client credentials are for confidential clients only
    /// (RFC 6749 section 4.4).
    pub(crate) fn may_use(&self, grant: &GrantType) -> bool {
        let registered = self.grants.as_ref().is_none_or(|grants| grants.contains(grant));
        registered && !(*grant == GrantType::ClientCredentials && self.is_public())
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client")
            .field("id", &self.id)
            .field("public", &self.is_public())
            .field("redirect_uris", &self.redirect_uris)
            .field("partner", &self.partner)
            .finish_non_exhaustive()
    }
}

/// A resource owner.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct User {
    /// What the user types at login; also `sub`.
    pub name: String,
    /// The password.
    pub password: String,
    /// A token the user has made for scripts of their own.
    pub personal_access_token: Option<String>,
}

impl std::fmt::Debug for User {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("User").field("name", &self.name).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_stay_out_of_debug_output() {
        let client = Client { id: "c".into(), secret: Some("s3cret".into()), ..Client::default() };
        let user = User { name: "u".into(), password: "hunter2".into(), ..User::default() };
        let text = format!("{client:?}{user:?}");
        assert!(!text.contains("s3cret") && !text.contains("hunter2"), "{text}");
    }

    #[test]
    fn a_public_client_has_no_credentials_of_its_own() {
        let client = Client { id: "c".into(), ..Client::default() };
        assert!(client.is_public());
        assert!(!client.may_use(&GrantType::ClientCredentials));
        assert!(client.may_use(&GrantType::AuthorizationCode));
    }
}

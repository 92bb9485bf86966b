use super::vocabulary::vocabulary;

vocabulary! {
    /// Client authentication at the token endpoint (RFC 7591 section 2, IANA "OAuth Token Endpoint
    /// Authentication Methods").
    ClientAuthenticationMethod {
        /// Public client: only `client_id` in the body.
        None = "none",
        /// `client_id` and `client_secret` in the body (RFC 6749 section 2.3.1).
        ClientSecretPost = "client_secret_post",
        /// HTTP Basic (RFC 6749 section 2.3.1).
        ClientSecretBasic = "client_secret_basic",
        /// A JWT signed with the shared secret (RFC 7523).
        ClientSecretJwt = "client_secret_jwt",
        /// A JWT signed with the client's private key (RFC 7523).
        PrivateKeyJwt = "private_key_jwt",
    }
}

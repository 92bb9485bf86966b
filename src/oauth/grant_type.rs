use super::vocabulary::vocabulary;

vocabulary! {
    /// `grant_type` (IANA "OAuth Grant Types", RFC 7591 section 2).
    GrantType {
        /// RFC 6749 section 4.1.
        AuthorizationCode = "authorization_code",
        /// RFC 6749 section 4.2; never sent, but listed in metadata (RFC 8414 section 2).
        Implicit = "implicit",
        /// RFC 6749 section 4.3.
        Password = "password",
        /// RFC 6749 section 4.4.
        ClientCredentials = "client_credentials",
        /// RFC 6749 section 6.
        RefreshToken = "refresh_token",
        /// RFC 8628 section 3.4.
        DeviceCode = "urn:ietf:params:oauth:grant-type:device_code",
        /// RFC 8693 section 2.1.
        TokenExchange = "urn:ietf:params:oauth:grant-type:token-exchange",
        /// RFC 7523 section 2.1.
        JwtBearer = "urn:ietf:params:oauth:grant-type:jwt-bearer",
    }
}

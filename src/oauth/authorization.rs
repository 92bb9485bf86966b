use super::vocabulary::vocabulary;

vocabulary! {
    /// `response_type` (RFC 6749 section 3.1.1; OAuth 2.0 Multiple Response Type Encoding Practices).
    ResponseType {
        /// Authorization code (RFC 6749 section 4.1.1).
        Code = "code",
        /// Implicit grant (RFC 6749 section 4.2.1).
        Token = "token",
        /// OpenID Connect implicit.
        IdToken = "id_token",
        /// No credential at all.
        None = "none",
    }
}

vocabulary! {
    /// `response_mode`: where the authorization response's parameters travel.
    ResponseMode {
        /// In the query of the redirect URI.
        Query = "query",
        /// In the fragment of the redirect URI.
        Fragment = "fragment",
        /// In the body of an auto-submitted HTML form (OAuth 2.0 Form Post Response Mode).
        FormPost = "form_post",
    }
}

vocabulary! {
    /// `code_challenge_method` (RFC 7636 section 4.2).
    CodeChallengeMethod {
        /// The challenge is the verifier.
        Plain = "plain",
        /// The challenge is the base64url SHA-256 of the verifier.
        S256 = "S256",
    }
}

/// The classes of secrets that a mask tells apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Secret {
    /// `client_secret` (RFC 6749 section 2.3.1), and Basic credentials as a whole.
    ClientSecret,
    /// A user's password.
    Password,
    /// `access_token`, or a token whose type is not known.
    AccessToken,
    /// `refresh_token`.
    RefreshToken,
    /// An authorization code, a device code, a request URI: what is exchanged for tokens.
    Code,
    /// `code_verifier` (RFC 7636 section 4.1).
    CodeVerifier,
    /// `id_token`.
    IdToken,
    /// `client_assertion` or `assertion` (RFC 7521).
    Assertion,
    /// A cookie's value.
    Cookie,
    /// A token that a user has made for themselves.
    PersonalAccessToken,
    /// A form's token against cross-site request forgery.
    CsrfToken,
}

impl Secret {
    /// The word in a mask.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ClientSecret => "client_secret",
            Self::Password => "password",
            Self::AccessToken => "access_token",
            Self::RefreshToken => "refresh_token",
            Self::Code => "code",
            Self::CodeVerifier => "code_verifier",
            Self::IdToken => "id_token",
            Self::Assertion => "assertion",
            Self::Cookie => "cookie",
            Self::PersonalAccessToken => "personal_access_token",
            Self::CsrfToken => "csrf_token",
        }
    }

    /// The class of a request or response parameter of that name, if such are secret.
    pub(super) fn of_parameter(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().as_str() {
            "client_secret" => Self::ClientSecret,
            "password" | "passwd" => Self::Password,
            "access_token" | "token" | "subject_token" | "actor_token" => Self::AccessToken,
            "registration_access_token" => Self::AccessToken,
            "refresh_token" => Self::RefreshToken,
            "code" | "device_code" => Self::Code,
            "code_verifier" => Self::CodeVerifier,
            "id_token" | "id_token_hint" => Self::IdToken,
            "client_assertion" | "assertion" => Self::Assertion,
            name if is_csrf(name) => Self::CsrfToken,
            _ => return None,
        })
    }

    /// The class of a JSON member of that name. `code` and `token` are left out: in JSON they mostly are an
    /// error's number or a kind of token.
    pub(super) fn of_member(name: &str) -> Option<Self> {
        if matches!(name, "code" | "token" | "assertion") { None } else { Self::of_parameter(name) }
    }
}

/// Field names of the usual frameworks for a form's anti-forgery token.
fn is_csrf(name: &str) -> bool {
    name.contains("csrf")
        || name.contains("xsrf")
        || matches!(name, "_token" | "authenticity_token" | "__requestverificationtoken")
}

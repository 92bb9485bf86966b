//! Clients that register themselves.

macro_rules! registration_defects {
    ($rest:tt $($rows:tt)*) => {
        chain! { $rest $($rows)*
            registration {
                /// Gives clients of one name the same identifier.
                DerivesClientIdFromName = "derives-client-id-from-name", breaks "rfc6749-2.2-client-id-unique";
                /// Lets a client that registers choose its identifier.
                LetsClientsChooseTheirId = "lets-clients-choose-their-id", breaks "rfc9700-2.6-client-cannot-choose-client-id";
                /// Registers clients for the authorization code grant without a redirect URI.
                RegistersWithoutRedirectUri = "registers-without-redirect-uri", breaks "rfc6749-3.1.2.2-all-clients-register-redirect";
                /// Registers redirect URIs that are reached in the clear.
                RegistersHttpRedirectUri = "registers-http-redirect-uri", breaks "rfc9700-2.6-no-http-redirect-uris";
                /// Registers redirect URIs with a fragment.
                RegistersFragment = "registers-fragment", breaks "rfc6749-3.1.2-redirect-uri-no-fragment";
                /// Registers scripts as redirect URIs.
                RegistersScript = "registers-script", breaks "rfc6749-10.14-sanitise-redirect-uri";
                /// Registers redirect URIs whose scheme has no period.
                RegistersSchemeWithoutPeriod = "registers-scheme-without-period", breaks "rfc8252-8.4-scheme-without-period-rejected";
                /// Registers redirect URIs whose scheme has a period and is no domain name.
                RegistersSchemeThatIsNoDomain = "registers-scheme-that-is-no-domain", breaks "rfc8252-8.4-reverse-domain-scheme-enforced";
                /// Issues a secret to a client that registers as public.
                IssuesSecretToPublicClient = "issues-secret-to-public-client", breaks "rfc6749-10.1-no-secrets-to-native-clients";
                /// Registers a public client, and demands a secret of it that it never got.
                RegistersPublicClientAsConfidential = "registers-public-client-as-confidential", breaks "rfc8252-8.4-record-client-type";
            }
        }
    };
}

pub(super) use registration_defects;

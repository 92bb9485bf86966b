//! What the server publishes about itself.

macro_rules! metadata_defects {
    ($rest:tt $($rows:tt)*) => {
        chain! { $rest $($rows)*
            metadata {
                /// Leaves authorization_endpoint out of the metadata.
                OmitsAuthorizationEndpointFromMetadata = "omits-authorization-endpoint-from-metadata", breaks "rfc8414-2-authorization-endpoint-present";
                /// Names an issuer in the metadata that is reached in the clear.
                NamesHttpIssuerInMetadata = "names-http-issuer-in-metadata", breaks "rfc8414-2-issuer-https";
                /// Names an issuer with a query in the metadata.
                PutsQueryIntoIssuer = "puts-query-into-issuer", breaks "rfc8414-2-issuer-no-query-fragment";
                /// Names its registration endpoint by a path alone.
                NamesRelativeRegistrationEndpoint = "names-relative-registration-endpoint", breaks "rfc8414-2-endpoints-absolute-urls";
                /// Puts a fragment behind its token and revocation endpoints.
                PutsFragmentsBehindEndpoints = "puts-fragments-behind-endpoints", breaks "rfc6749-3.2-token-endpoint-no-fragment";
                /// Publishes its endpoints at an address in the clear that is not the loopback one.
                PublishesEndpointsInTheClear = "publishes-endpoints-in-the-clear", breaks "rfc6749-3.2-token-endpoint-tls";
                /// Writes a list of the metadata as a text.
                WritesListAsText = "writes-list-as-text", breaks "rfc8414-3.2-multi-valued-arrays";
                /// Lists a response type with a hyphen in its name.
                ListsHyphenatedResponseType = "lists-hyphenated-response-type", breaks "rfc6749-8.4-response-type-syntax";
                /// Lists a grant type of its own that is named by a bare word.
                ListsBareGrantType = "lists-bare-grant-type", breaks "rfc6749-8.3-extension-grant-names-uri";
                /// Lists private_key_jwt without the algorithms.
                OmitsSigningAlgorithms = "omits-signing-algorithms", breaks "rfc8414-2-token-signing-algs-present";
                /// Lists none among the algorithms of client assertions, and RS256 not.
                ListsNoneAsSigningAlgorithm = "lists-none-as-signing-algorithm", breaks "rfc8414-2-token-signing-no-none";
                /// Lists plain as its only PKCE method.
                ListsOnlyPlainPkce = "lists-only-plain-pkce", breaks "rfc7636-7.2-pkce-support-implies-s256";
                /// Announces iss by a text instead of a boolean.
                WritesIssFlagAsText = "writes-iss-flag-as-text", breaks "rfc9207-3-flag-is-boolean";
                /// Answers HEAD as if there was nothing.
                RefusesHead = "refuses-head", breaks "rfc9110-9.1-head-supported";
                /// Publishes its metadata as that of every issuer it is asked for.
                ServesMetadataOfAnyIssuer = "serves-metadata-of-any-issuer", breaks "rfc8414-3.2-metadata-error-status";
                /// Makes the URLs of the metadata from X-Forwarded-Host.
                TrustsForwardedHostInMetadata = "trusts-forwarded-host-in-metadata", breaks "rfc9700-4.13-proxy-sanitises-headers";
                /// Publishes the private half of its key.
                PublishesPrivateKey = "publishes-private-key", breaks "rfc8414-2-jwks-uri-fetchable";
                /// Lists the response type id_token, which it does not know.
                ListsUnknownResponseType = "lists-unknown-response-type", breaks "rfc8414-2-response-types-truthful";
                /// Publishes signed metadata with the algorithm none, inside of itself and without an issuer.
                LeavesSignedMetadataUnsigned = "leaves-signed-metadata-unsigned", breaks "rfc8414-2.1-signed-metadata-signed";
                /// Leaves scopes_supported out of the metadata.
                OmitsScopesFromMetadata = "omits-scopes-from-metadata", breaks "rfc8414-2-scopes-supported";
                /// Lists a way of authenticating at the introspection endpoint that has no registered name.
                ListsUnknownIntrospectionMethod = "lists-unknown-introspection-method", breaks "rfc8414-2-introspection-auth-values";
                /// Lists only ways of authenticating by a secret.
                ListsOnlySecrets = "lists-only-secrets", breaks "rfc9700-2.5-asymmetric-client-authentication";
            }
        }
    };
}

pub(super) use metadata_defects;

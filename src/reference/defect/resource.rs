//! What is done with tokens: protected resources, revocation, introspection, and the published metadata.

macro_rules! resource_defects {
    ($rest:tt $($rows:tt)*) => {
        chain! { $rest $($rows)*
            bearer_token {
                /// Takes no notice of the token in the Authorization header.
                RefusesTokenInHeader = "refuses-token-in-header", breaks "taskade-bearer-header";
                /// Knows the scheme only as Bearer with a capital.
                RefusesLowercaseBearerScheme = "refuses-lowercase-bearer-scheme", breaks "rfc9110-11.1-auth-scheme-case-insensitive-rs";
                /// Takes the access token in the query for the one in the header.
                PrefersTokenInQuery = "prefers-token-in-query", breaks "rfc6750-2-multiple-token-methods-rejected";
                /// Accepts the access token in the query.
                AcceptsTokenInQuery = "accepts-token-in-query", breaks "oauth21-5.1-rs-ignores-query-token";
                /// Serves protected resources to anybody.
                ServesWithoutToken = "serves-without-token", breaks "rfc6749-7-rs-validate-token";
                /// Accepts the access token behind any scheme.
                AcceptsTokenBehindAnyScheme = "accepts-token-behind-any-scheme", breaks "rfc6749-7-rs-validate-token";
            }
            protected_resource {
                /// Accepts anything as an access token.
                AcceptsAnyAccessToken = "accepts-any-access-token", breaks "rfc6749-7-rs-validate-token";
                /// Accepts an access token whose signature was changed.
                IgnoresAccessTokenSignature = "ignores-access-token-signature", breaks "rfc6749-10.3-access-token-unforgeable";
                /// Accepts access tokens that have expired.
                AcceptsExpiredAccessToken = "accepts-expired-access-token", breaks "rfc6749-7-rs-check-expiry";
                /// Refuses access tokens from half their lifetime on.
                RefusesTokensTooEarly = "refuses-tokens-too-early", breaks "rfc6749-5.1-token-expires-in-truthful";
                /// Accepts access tokens that were revoked.
                AcceptsRevokedAccessToken = "accepts-revoked-access-token", breaks "rfc6750-3.1-invalid-token-401-revoked";
                /// Accepts a refresh token as an access token.
                AcceptsRefreshTokenAsAccessToken = "accepts-refresh-token-as-access-token", breaks "rfc6749-7-rs-validate-token";
                /// Accepts an authorization code as an access token.
                AcceptsCodeAsAccessToken = "accepts-code-as-access-token", breaks "rfc6749-7-rs-validate-token";
                /// Accepts anything that begins like a personal access token.
                AcceptsAnyPersonalAccessToken = "accepts-any-personal-access-token", breaks "taskade-personal-access-tokens";
                /// Refuses personal access tokens.
                RefusesPersonalAccessToken = "refuses-personal-access-token", breaks "taskade-personal-access-tokens";
                /// Serves resources without looking at the token's scope.
                IgnoresScopeAtResource = "ignores-scope-at-resource", breaks "rfc6749-7-rs-check-scope";
            }
            resource_error {
                /// Refuses without WWW-Authenticate.
                OmitsBearerChallenge = "omits-bearer-challenge", breaks "rfc6750-3-www-authenticate-without-credentials";
                /// Asks for HTTP Basic instead of a bearer token.
                ChallengesWithBasic = "challenges-with-basic", breaks "rfc6750-3-challenge-scheme-bearer";
                /// Does not say what is wrong with a token.
                OmitsErrorFromChallenge = "omits-error-from-challenge", breaks "rfc6750-3-error-attribute-on-failed-token";
                /// Speaks of an invalid token where none was sent.
                NamesErrorWithoutCredentials = "names-error-without-credentials", breaks "rfc6750-3.1-no-error-without-credentials";
                /// Answers an invalid token with 400.
                AnswersInvalidTokenWith400 = "answers-invalid-token-with-400", breaks "rfc6750-3.1-invalid-token-401-malformed";
                /// Answers an invalid token with 403.
                AnswersInvalidTokenWith403 = "answers-invalid-token-with-403", breaks "rfc6750-3.1-invalid-token-401-malformed";
                /// Answers a token without the scope with 401.
                AnswersMissingScopeWith401 = "answers-missing-scope-with-401", breaks "rfc6750-3.1-insufficient-scope-403";
            }
            revocation {
                /// Answers revocation requests and revokes nothing.
                IgnoresRevocation = "ignores-revocation", breaks "rfc7009-2.1-invalidation-immediate";
                /// Leaves access tokens alive when their refresh token is revoked.
                KeepsAccessTokenAfterRevocation = "keeps-access-token-after-revocation", breaks "rfc7009-2.1-refresh-revocation-cascades-to-access";
                /// Revokes tokens that were issued to another client.
                RevokesTokenOfOtherClient = "revokes-token-of-other-client", breaks "rfc7009-2.1-revocation-token-ownership";
                /// Answers the revocation of an unknown token with an error.
                FailsToRevokeUnknownToken = "fails-to-revoke-unknown-token", breaks "rfc7009-2.2-revocation-200-invalid-token";
                /// Looks for a token only where token_type_hint points.
                TrustsTokenTypeHint = "trusts-token-type-hint", breaks "rfc7009-2.1-hint-extends-search";
            }
            userinfo {
                /// Tells the userinfo endpoint's claims to tokens without the scope openid.
                TellsUserinfoWithoutOpenid = "tells-userinfo-without-openid", breaks "oidcc-5.3.3-userinfo-insufficient-scope";
                /// Refuses to be asked for the user by POST.
                RefusesPostAtUserinfo = "refuses-post-at-userinfo", breaks "oidcc-5.3-userinfo-get-and-post";
                /// Leaves the subject out of the userinfo.
                OmitsSubjectFromUserinfo = "omits-subject-from-userinfo", breaks "oidcc-5.3.2-userinfo-sub";
                /// Labels the userinfo as plain text.
                LabelsUserinfoAsText = "labels-userinfo-as-text", breaks "oidcc-5.3.2-userinfo-content-type-json";
            }
            introspection {
                /// Describes the tokens of every client to every client.
                IntrospectsForEveryClient = "introspects-for-every-client", breaks "rfc7662-4-specific-authorization-of-caller";
                /// Answers the introspection of an unknown token with an error.
                AnswersInactiveTokenWithError = "answers-inactive-token-with-error", breaks "rfc7662-2.3-inactive-is-not-error";
                /// Calls unknown tokens active.
                CallsEveryTokenActive = "calls-every-token-active", breaks "rfc7662-2.2-unknown-token-inactive";
                /// Calls expired access tokens active.
                IntrospectsExpiredTokenAsActive = "introspects-expired-token-as-active", breaks "rfc7662-2.2-expired-token-inactive";
                /// Calls revoked access tokens active.
                IntrospectsRevokedTokenAsActive = "introspects-revoked-token-as-active", breaks "rfc7662-2.2-revoked-token-inactive";
                /// Tells everything about tokens that are not active.
                DescribesInactiveToken = "describes-inactive-token", breaks "rfc7662-2.2-inactive-no-details";
                /// Sends active as a string.
                WritesActiveAsString = "writes-active-as-string", breaks "rfc7662-2.2-active-present-boolean";
                /// Sends the introspected scope as an array.
                IntrospectsScopeAsArray = "introspects-scope-as-array", breaks "rfc7662-2.2-scope-string";
                /// Sends the introspected time of expiry as a string.
                IntrospectsTimesAsText = "introspects-times-as-text", breaks "rfc7662-2.2-timestamps-integers";
            }
            metadata {
                /// Leaves issuer out of the metadata.
                OmitsIssuerFromMetadata = "omits-issuer-from-metadata", breaks "rfc8414-2-issuer-present";
                /// Names another issuer in the metadata.
                NamesOtherIssuerInMetadata = "names-other-issuer-in-metadata", breaks "rfc8414-3.3-issuer-identical";
                /// Leaves token_endpoint out of the metadata.
                OmitsTokenEndpointFromMetadata = "omits-token-endpoint-from-metadata", breaks "rfc8414-2-token-endpoint-present";
                /// Leaves response_types_supported out of the metadata.
                OmitsResponseTypesFromMetadata = "omits-response-types-from-metadata", breaks "rfc8414-2-response-types-supported-present";
                /// Leaves code_challenge_methods_supported out of the metadata.
                OmitsCodeChallengeMethodsFromMetadata = "omits-code-challenge-methods-from-metadata", breaks "rfc9700-2.1.1-publish-code-challenge-methods";
                /// Sends iss and does not announce it in the metadata.
                OmitsIssFlagFromMetadata = "omits-iss-flag-from-metadata", breaks "rfc9207-2.3-metadata-flag-true";
                /// Announces the password grant, which it does not offer.
                ListsPasswordGrantInMetadata = "lists-password-grant-in-metadata", breaks "rfc8414-2-grant-types-truthful";
                /// Puts an empty array into the metadata.
                ListsNothingAsEmptyArray = "lists-nothing-as-empty-array", breaks "rfc8414-3.2-no-empty-arrays";
                /// Labels the metadata as plain text.
                LabelsMetadataAsText = "labels-metadata-as-text", breaks "rfc8414-3.2-metadata-json-content-type";
                /// Publishes an empty key set.
                PublishesNoKeys = "publishes-no-keys", breaks "rfc8414-2-jwks-uri-fetchable";
            }
        }
    };
}

pub(super) use resource_defects;

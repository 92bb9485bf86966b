//! The token endpoint's door: form, client authentication, grant type, errors.

macro_rules! client_defects {
    ($rest:tt $($rows:tt)*) => {
        chain! { $rest $($rows)*
            method {
                /// Answers token requests by GET.
                AcceptsGetAtTokenEndpoint = "accepts-get-at-token-endpoint", breaks "rfc6749-3.2-token-endpoint-post-only";
                /// Answers token requests by HEAD.
                AcceptsHeadAtTokenEndpoint = "accepts-head-at-token-endpoint", breaks "rfc9110-9.1-wrong-method-405";
            }
            token_request {
                /// Refuses form-encoded token requests.
                RefusesFormBody = "refuses-form-body", breaks "tasknation-token-form-encoded";
                /// Accepts token requests in JSON.
                AcceptsJsonBody = "accepts-json-body", breaks "rfc6749-4.1.3-token-request-form-utf8";
                /// Accepts a form that is labelled as plain text or not at all.
                IgnoresContentType = "ignores-content-type", breaks "rfc6749-5.2-invalid-request-malformed";
                /// Accepts client credentials in the request URI.
                AcceptsCredentialsInQuery = "accepts-credentials-in-query", breaks "rfc6749-2.3.1-no-credentials-in-uri";
                /// Takes a code in the query for the one in the body.
                PrefersCodeInQuery = "prefers-code-in-query", breaks "rfc6749-4.1.3-token-request-form-utf8";
                /// Refuses a token request that has a parameter it does not know.
                FailsOnUnknownTokenParameter = "fails-on-unknown-token-parameter", breaks "rfc6749-3.2-token-ignore-unknown-params";
                /// Refuses a token request whose first parameter is not the grant type.
                NeedsGrantTypeFirst = "needs-grant-type-first", breaks "rfc6749-4.1.3-token-request-form-utf8";
                /// Reads what looks like JSON in unknown parameters, and refuses the request if it is none.
                ParsesUnknownParametersAsJson = "parses-unknown-parameters-as-json", breaks "rfc6749-3.2-token-ignore-unknown-params";
                /// Refuses a token request with a quotation mark in a header field that it does not know.
                ParsesUnknownHeaderFields = "parses-unknown-header-fields", breaks "rfc9110-5.1-ignore-unknown-fields";
                /// Refuses a token request that has an empty parameter.
                FailsOnEmptyTokenParameter = "fails-on-empty-token-parameter", breaks "rfc6749-3.2-token-empty-param-omitted";
            }
            client_authentication {
                /// Accepts any client secret.
                AcceptsWrongSecret = "accepts-wrong-secret", breaks "rfc6749-3.2.1-confidential-clients-authenticate";
                /// Lets the secret of one client be guessed at without end.
                NeverTiresOfWrongSecrets = "never-tires-of-wrong-secrets", breaks "rfc6749-2.3.1-brute-force-client-secret";
                /// After forty wrong client secrets in a row accepts the next.
                TiresOfRefusingSecrets = "tires-of-refusing-secrets", breaks "rfc6749-3.2.1-confidential-clients-authenticate";
                /// Accepts a confidential client that sends no secret.
                AcceptsMissingSecret = "accepts-missing-secret", breaks "rfc6749-2.2-client-id-alone-not-authentication";
                /// Accepts an empty client_secret.
                AcceptsEmptySecret = "accepts-empty-secret", breaks "rfc6749-3.2.1-confidential-clients-authenticate";
                /// Accepts an empty password by HTTP Basic.
                AcceptsEmptySecretByBasic = "accepts-empty-secret-by-basic", breaks "rfc6749-3.2.1-confidential-clients-authenticate";
                /// Accepts the beginning of the client secret.
                AcceptsBeginningOfSecret = "accepts-beginning-of-secret", breaks "rfc6749-3.2.1-confidential-clients-authenticate";
                /// Accepts the client secret with something appended.
                AcceptsLongerSecret = "accepts-longer-secret", breaks "rfc6749-3.2.1-confidential-clients-authenticate";
                /// Ignores the case of the client secret.
                IgnoresSecretCase = "ignores-secret-case", breaks "rfc6749-3.2.1-confidential-clients-authenticate";
                /// Reads percent signs in the client secret as wildcards, as a database would.
                ReadsSecretAsPattern = "reads-secret-as-pattern", breaks "rfc6749-3.2.1-confidential-clients-authenticate";
                /// Ignores white space around the client secret.
                TrimsSecret = "trims-secret", breaks "rfc6749-3.2.1-confidential-clients-authenticate";
                /// Refuses client credentials in the body.
                RefusesSecretInBody = "refuses-secret-in-body", breaks "tasknation-credentials-in-body";
                /// Refuses client credentials by HTTP Basic.
                RefusesBasic = "refuses-basic", breaks "rfc6749-2.3.1-support-http-basic";
                /// Compares HTTP Basic credentials without form-decoding them.
                ReadsBasicCredentialsUndecoded = "reads-basic-credentials-undecoded", breaks "rfc6749-2.3.1-basic-form-decodes-secret";
                /// Compares the client identifier of HTTP Basic without form-decoding it.
                ReadsBasicClientIdUndecoded = "reads-basic-client-id-undecoded", breaks "rfc6749-2.3.1-basic-form-decodes-id";
                /// Decodes HTTP Basic credentials as a whole and splits them at the last colon.
                SplitsBasicCredentialsAtLastColon = "splits-basic-credentials-at-last-colon", breaks "rfc7617-2-basic-password-may-contain-colon";
                /// Accepts a client that authenticates by header and body at once.
                AcceptsTwoAuthenticationMethods = "accepts-two-authentication-methods", breaks "rfc6749-5.2-invalid-request-multiple-credentials";
                /// Refreshes without authenticating the client.
                RefreshesWithoutClientAuthentication = "refreshes-without-client-authentication", breaks "rfc6749-6-refresh-require-client-auth";
                /// Refreshes with a wrong client secret.
                RefreshesWithWrongSecret = "refreshes-with-wrong-secret", breaks "rfc6749-6-refresh-authenticate-if-included";
                /// Takes no notice of another client_id in the body when the client uses HTTP Basic.
                IgnoresOtherClientIdInBody = "ignores-other-client-id-in-body", breaks "rfc6749-5.2-invalid-request-multiple-credentials";
                /// Takes the client from an assertion whatever client_id stands beside it.
                IgnoresClientIdBesideAssertion = "ignores-client-id-beside-assertion", breaks "rfc7521-4.2-client-id-must-agree";
                /// Reads a client assertion of any type as a JWT.
                IgnoresClientAssertionType = "ignores-client-assertion-type", breaks "rfc7523-2.2-client-assertion-type";
                /// Reads a client assertion that comes without its type as a JWT.
                DoesWithoutClientAssertionType = "does-without-client-assertion-type", breaks "rfc7523-2.2-client-assertion-type";
                /// Reports a bad client assertion as invalid_grant.
                CallsBadAssertionInvalidGrant = "calls-bad-assertion-invalid-grant", breaks "rfc7523-3.2-bad-client-jwt-invalid-client";
                /// Revokes tokens without authenticating the client.
                RevokesWithoutClientAuthentication = "revokes-without-client-authentication", breaks "rfc7009-2.1-revocation-authenticates-client";
                /// Introspects tokens without authenticating the caller.
                IntrospectsWithoutClientAuthentication = "introspects-without-client-authentication", breaks "rfc7662-2.1-introspection-requires-authorization";
                /// Calls every token inactive to callers who do not authenticate.
                CallsTokensInactiveToStrangers = "calls-tokens-inactive-to-strangers", breaks "rfc7662-2.3-introspection-401-bad-client";
            }
            client_assertion {
                /// Accepts a client assertion that nobody has signed.
                AcceptsUnsignedAssertion = "accepts-unsigned-assertion", breaks "rfc7523-3-alg-none-refused";
                /// Accepts a client assertion whoever has signed it.
                AcceptsForgedAssertion = "accepts-forged-assertion", breaks "rfc7523-3-signature-verified";
                /// Accepts a client assertion that is signed with the key in its own header.
                TrustsKeyInAssertion = "trusts-key-in-assertion", breaks "rfc7523-3-signature-verified";
                /// Accepts a client assertion whose MAC was made with the public key.
                TakesPublicKeyForSecret = "takes-public-key-for-secret", breaks "rfc7523-3-signature-verified";
                /// Accepts a client assertion with an extension that must be understood and is not.
                IgnoresCriticalExtensions = "ignores-critical-extensions", breaks "rfc7523-3-malformed-jwt-refused";
                /// Accepts a client assertion that another issuer has made.
                IgnoresAssertionIssuer = "ignores-assertion-issuer", breaks "rfc7523-3-iss-required";
                /// Accepts a client assertion that speaks of another client.
                IgnoresAssertionSubject = "ignores-assertion-subject", breaks "rfc7523-3-sub-is-client-id";
                /// Accepts a client assertion that says for no server.
                AcceptsAssertionWithoutAudience = "accepts-assertion-without-audience", breaks "rfc7523-3-aud-required";
                /// Accepts a client assertion that is meant for another server.
                AcceptsAssertionForOthers = "accepts-assertion-for-others", breaks "rfc7523-3-aud-required";
                /// Compares the audience of a client assertion without regard to case and to a last slash.
                ComparesAssertionAudienceLoosely = "compares-assertion-audience-loosely", breaks "rfc7521-5.1-audience-simple-string-comparison";
                /// Accepts a client assertion that never expires.
                AcceptsAssertionWithoutExpiry = "accepts-assertion-without-expiry", breaks "rfc7523-3-exp-required";
                /// Accepts a client assertion that has expired.
                AcceptsExpiredAssertion = "accepts-expired-assertion", breaks "rfc7523-3-expired-refused";
                /// Accepts a client assertion before it counts.
                IgnoresAssertionNotBefore = "ignores-assertion-not-before", breaks "rfc7523-3-nbf-honoured";
                /// Accepts a client assertion again and again.
                AcceptsReplayedAssertion = "accepts-replayed-assertion", breaks "oidcc-9-assertion-single-use";
                /// Accepts a client assertion that has no identifier.
                AcceptsAssertionWithoutIdentifier = "accepts-assertion-without-identifier", breaks "oidcc-9-assertion-jti-required";
                /// Insists on the token endpoint as the audience of a client assertion.
                RefusesIssuerAsAudience = "refuses-issuer-as-audience", breaks "oauth21-2.4-jwt-client-auth-audience";
            }
            grant_type {
                /// Reports an unknown grant type as invalid_request.
                CallsUnknownGrantTypeInvalidRequest = "calls-unknown-grant-type-invalid-request", breaks "rfc6749-5.2-unsupported-grant-type-code";
                /// Ignores the case of grant_type.
                IgnoresGrantTypeCase = "ignores-grant-type-case", breaks "rfc6749-1.9-case-sensitive-values";
                /// Redeems a code when grant_type is missing.
                TakesMissingGrantTypeForCode = "takes-missing-grant-type-for-code", breaks "rfc6749-5.2-invalid-request-missing-grant-type";
                /// Lets a client use a grant that it may not use.
                AcceptsUnauthorizedGrant = "accepts-unauthorized-grant", breaks "rfc6749-5.2-unauthorized-client-code";
                /// Accepts the password grant although it is not offered.
                AcceptsUnofferedPasswordGrant = "accepts-unoffered-password-grant", breaks "tasknation-two-grants-only";
                /// Refuses to exchange any code.
                RefusesCodeGrant = "refuses-code-grant", breaks "tasknation-grant-authorization-code";
                /// Refuses the client credentials grant.
                RefusesClientCredentials = "refuses-client-credentials", breaks "tasknation-grant-client-credentials";
                /// Refuses the password grant although it is offered.
                RefusesPasswordGrant = "refuses-password-grant", breaks "taskade-flow-password";
                /// Refuses every refresh.
                RefusesRefreshGrant = "refuses-refresh-grant", breaks "taskade-token-refresh";
            }
            password {
                /// Lets the password of one user be guessed at without end.
                NeverTiresOfWrongPasswords = "never-tires-of-wrong-passwords", breaks "rfc6749-4.3.2-ropc-brute-force-protection";
                /// After forty wrong passwords in a row accepts the next.
                TiresOfRefusingPasswords = "tires-of-refusing-passwords", breaks "rfc6749-4.3.2-ropc-validate-password";
                /// Accepts any password by the password grant.
                AcceptsWrongPasswordByGrant = "accepts-wrong-password-by-grant", breaks "rfc6749-4.3.2-ropc-validate-password";
            }
            token_error {
                /// Reports failed client authentication as invalid_request.
                CallsInvalidClientInvalidRequest = "calls-invalid-client-invalid-request", breaks "rfc6749-5.2-invalid-client-code";
                /// Answers failed client authentication with 400, by header too.
                AnswersFailedBasicWith400 = "answers-failed-basic-with-400", breaks "rfc6749-5.2-invalid-client-401-when-authorization-header";
                /// Answers failed client authentication without WWW-Authenticate.
                OmitsBasicChallenge = "omits-basic-challenge", breaks "rfc6749-5.2-invalid-client-www-authenticate";
                /// Answers token errors with status 200.
                AnswersTokenErrorsWith200 = "answers-token-errors-with-200", breaks "rfc6749-5.2-error-status-400";
                /// Answers token errors with an HTML page.
                AnswersTokenErrorsAsHtml = "answers-token-errors-as-html", breaks "rfc6749-5.2-error-json-media-type";
                /// Answers token errors form-encoded.
                AnswersTokenErrorsAsForm = "answers-token-errors-as-form", breaks "rfc6749-5.2-error-json-media-type";
                /// Answers token errors without the error member.
                OmitsErrorCode = "omits-error-code", breaks "rfc6749-5.2-error-member-present";
                /// Puts an object into the error member.
                NestsErrorCode = "nests-error-code", breaks "rfc6749-5.2-error-member-present";
                /// Writes error codes in capitals.
                UppercasesErrorCodes = "uppercases-error-codes", breaks "rfc6749-1.9-case-sensitive-values";
            }
        }
    };
}

pub(super) use client_defects;

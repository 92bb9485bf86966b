//! HTTP, JSON and the pages: what holds for every answer.

macro_rules! http_defects {
    ($rest:tt $($rows:tt)*) => {
        chain! { $rest $($rows)*
            large_request {
                /// Fails where a header field is larger than it reads.
                FailsOnLargeField = "fails-on-large-field", breaks "rfc9110-5.4-large-field-4xx";
                /// Fails where a query is longer than it reads.
                FailsOnLongQuery = "fails-on-long-query", breaks "rfc9110-15.6-no-5xx-on-bad-input";
                /// Fails where a form is large.
                FailsOnLargeBody = "fails-on-large-body", breaks "rfc9110-15.6-no-5xx-on-bad-input";
            }
            method {
                /// Answers a method that it does not know without saying which it does.
                OmitsAllow = "omits-allow", breaks "rfc9110-15.5.6-405-has-allow";
                /// Answers token requests by PUT.
                AcceptsPutAtTokenEndpoint = "accepts-put-at-token-endpoint", breaks "rfc9110-9.1-wrong-method-405";
                /// Revokes by GET.
                RevokesByGet = "revokes-by-get", breaks "rfc7009-2.1-revocation-form-encoded";
            }
            token_error {
                /// Answers token errors without a body.
                AnswersTokenErrorsWithoutBody = "answers-token-errors-without-body", breaks "rfc9110-15.5-4xx-explains";
                /// Leaves realm out of the Basic challenge.
                OmitsRealmFromBasicChallenge = "omits-realm-from-basic-challenge", breaks "rfc7617-2-basic-challenge-realm";
                /// Writes the realm of the Basic challenge without quotes.
                LeavesRealmUnquoted = "leaves-realm-unquoted", breaks "rfc9110-11.5-realm-quoted-string";
                /// Puts the Basic challenge into the header as a sentence.
                GarblesBasicChallenge = "garbles-basic-challenge", breaks "rfc9110-11.6.1-challenge-well-formed";
                /// Sends the error twice in one token error.
                RepeatsErrorMember = "repeats-error-member", breaks "rfc8259-4-json-unique-names";
            }
            resource_error {
                /// Names the realm twice in one challenge.
                RepeatsRealmInChallenge = "repeats-realm-in-challenge", breaks "rfc6750-3-realm-at-most-once";
                /// Names the error twice in one challenge.
                RepeatsErrorInChallenge = "repeats-error-in-challenge", breaks "rfc6750-3-error-attributes-at-most-once";
                /// Names the scope twice in one challenge.
                RepeatsScopeInChallenge = "repeats-scope-in-challenge", breaks "rfc6750-3-scope-at-most-once";
                /// Puts quotes into the description of a bearer challenge.
                PutsQuotesIntoChallenge = "puts-quotes-into-challenge", breaks "rfc6750-3-error-description-charset";
                /// Names a relative page in the error_uri of a bearer challenge.
                NamesRelativeErrorUri = "names-relative-error-uri", breaks "rfc6750-3-error-uri-absolute";
                /// Answers a request with two tokens with 401.
                AnswersTwoTokensWith401 = "answers-two-tokens-with-401", breaks "rfc6750-3.1-invalid-request-400";
            }
            authorization_response {
                /// Leaves the spaces in the Location of an error as they are.
                LeavesSpacesInLocation = "leaves-spaces-in-location", breaks "rfc9110-10.2.2-single-location";
                /// Redirects to the client with an error that has no description.
                OmitsErrorDescription = "omits-error-description", breaks "rfc7636-4.4.1-unsupported-method-explained";
                /// Leaves iss out where the response does not travel in the query.
                OmitsIssFromOtherModes = "omits-iss-from-other-modes", breaks "rfc9207-2-iss-in-other-response-modes";
                /// Sends an iss with a query.
                PutsQueryIntoIss = "puts-query-into-iss", breaks "rfc9207-2-iss-https-no-query-fragment";
                /// Form-encodes iss twice.
                EncodesIssTwice = "encodes-iss-twice", breaks "rfc9207-2-iss-form-encoded-once";
                /// Lets browsers store the page that carries the code.
                AllowsStoringFormPost = "allows-storing-form-post", breaks "rfc6749-5.1-no-store-other-sensitive";
            }
            token_response {
                /// Answers token requests from a cache, and says how old the answer is.
                AnswersTokensFromCache = "answers-tokens-from-cache", breaks "rfc9111-5.2-no-contradicting-freshness";
                /// Answers token requests without saying of what type the answer is.
                OmitsContentType = "omits-content-type", breaks "rfc9110-8.3-content-type-present";
                /// Sends null where there is no refresh token.
                WritesNullRefreshToken = "writes-null-refresh-token", breaks "oauth21-c.3-no-null-members";
                /// Sends the scope as an array.
                WritesScopeAsArray = "writes-scope-as-array", breaks "rfc6749-5.1-token-json-strings";
            }
            introspection {
                /// Leaves a comma at the end of the introspection response.
                LeavesTrailingComma = "leaves-trailing-comma", breaks "rfc8259-10-json-grammar";
                /// Writes the introspection response in ISO 8859-1.
                WritesIntrospectionInLatin1 = "writes-introspection-in-latin1", breaks "rfc8259-8.1-json-utf8";
                /// Calls a token that was not sent inactive.
                CallsMissingTokenInactive = "calls-missing-token-inactive", breaks "rfc7662-2.1-introspection-token-param-required";
                /// Looks only for access tokens that the hint of an introspection request names.
                TrustsHintAtIntrospection = "trusts-hint-at-introspection", breaks "rfc7662-2.1-introspection-hint-extends-search";
                /// Labels the introspection response as HTML.
                LabelsIntrospectionAsHtml = "labels-introspection-as-html", breaks "rfc7662-2.2-introspection-json";
                /// Sends the introspected audience as a number.
                IntrospectsAudienceAsNumber = "introspects-audience-as-number", breaks "rfc7662-2.2-aud-type";
                /// Sends the introspected client as a number.
                IntrospectsClientAsNumber = "introspects-client-as-number", breaks "rfc7662-2.2-other-member-types";
                /// Tells of every scope that it knows.
                IntrospectsEveryScope = "introspects-every-scope", breaks "rfc7662-2.2-scope-truthful";
                /// Answers a question about another client's token with an error.
                RefusesToIntrospectOthersToken = "refuses-to-introspect-others-token", breaks "rfc7662-2.2-not-allowed-token-inactive";
                /// Calls a JWT active whoever has signed it.
                IntrospectsForgedTokenAsActive = "introspects-forged-token-as-active", breaks "rfc7662-4-check-signature";
                /// Sends a time of expiry that lies before the time of issue.
                IntrospectsExpiryInThePast = "introspects-expiry-in-the-past", breaks "rfc7662-4-check-expiry";
            }
            revocation {
                /// Answers a revocation request without a token as if there had been one.
                AcceptsRevocationWithoutToken = "accepts-revocation-without-token", breaks "rfc7009-2.1-token-param-required";
                /// Refuses a token_type_hint that it does not know.
                RefusesUnknownTokenTypeHint = "refuses-unknown-token-type-hint", breaks "rfc7009-2.2-invalid-hint-ignored";
                /// Refuses revocation to public clients.
                RefusesRevocationByPublicClient = "refuses-revocation-by-public-client", breaks "rfc7009-2.1-revocation-public-client-id";
            }
            bearer_token {
                /// Takes an access token out of the body of a GET.
                AcceptsTokenInBodyOfGet = "accepts-token-in-body-of-get", breaks "rfc6750-2.2-body-method-not-on-get";
                /// Takes an access token out of the query and lets shared caches keep the answer.
                LetsCachesKeepQueryToken = "lets-caches-keep-query-token", breaks "rfc6750-2.3-query-method-cache-private";
                /// Takes an access token out of a JSON body.
                AcceptsTokenInJsonBody = "accepts-token-in-json-body", breaks "rfc6750-2.2-body-method-content-type";
            }
            protected_resource {
                /// Accepts an access token with the algorithm none.
                AcceptsUnsignedAccessToken = "accepts-unsigned-access-token", breaks "rfc6750-5.2-integrity-protection";
                /// Accepts an access token that is signed with the key in its own header.
                TrustsKeyInAccessToken = "trusts-key-in-access-token", breaks "rfc6750-5.2-integrity-protection";
                /// Believes what a JWT says, under whatever signature.
                TrustsAccessTokenContent = "trusts-access-token-content", breaks "rfc6750-5.2-integrity-protection";
            }
            begin_interaction {
                /// Lets the origin that asks read what the authorization endpoint answers.
                MirrorsOrigin = "mirrors-origin", breaks "rfc9700-2.6-no-cors-at-authorization-endpoint";
                /// Sends the browser on to the address in the parameter next.
                FollowsReturnAddress = "follows-return-address", breaks "rfc9700-2.1-no-open-redirectors";
                /// Sends the browser to the host that X-Forwarded-Host names.
                TrustsForwardedHost = "trusts-forwarded-host", breaks "rfc9700-4.13-proxy-sanitises-headers";
            }
            login {
                /// Sends the password on in the query of a redirect.
                ForwardsPassword = "forwards-password", breaks "rfc9700-2.1-avoid-forwarding-user-credentials";
                /// Loads a script of somebody else into the login page.
                LoadsForeignScript = "loads-foreign-script", breaks "rfc9700-4.2.4-no-third-party-content";
                /// Keeps pages out of frames by the policy alone.
                OmitsFrameOptions = "omits-frame-options", breaks "rfc9700-4.16-combine-frame-defences";
            }
            redirect_uri {
                /// Does not look at the redirect URI of a request by POST.
                SkipsRedirectUriCheckOnPost = "skips-redirect-uri-check-on-post", breaks "rfc6749-3.1.2.4-no-redirect-to-missing-or-invalid-uri";
                /// Checks the redirect URI in the query of a POST and uses the one in the body.
                ChecksOneRedirectUriAndUsesAnother = "checks-one-redirect-uri-and-uses-another", breaks "rfc6749-3.1.2.4-no-redirect-to-missing-or-invalid-uri";
                /// Takes the redirect URI out of a request object that nobody has signed.
                TrustsRequestObject = "trusts-request-object", breaks "rfc6749-4.1.2.1-mismatched-redirect-no-redirect";
                /// Refuses a request without redirect URI although one is registered.
                RefusesMissingRedirectUri = "refuses-missing-redirect-uri", breaks "oauth21-2.3.2-redirect-uri-optional-if-single";
            }
            redirect_uri_comparison {
                /// Frees the port of a loopback URI in its IPv4 form alone.
                FreesPortOfIpv4Alone = "frees-port-of-ipv4-alone", breaks "rfc8252-7.3-loopback-ipv6-any-port";
                /// Refuses redirect URIs of a private-use scheme.
                RefusesPrivateUseScheme = "refuses-private-use-scheme", breaks "rfc8252-7-offer-private-use-scheme";
                /// Takes anything after a redirect URI of a private-use scheme.
                AcceptsMoreOfPrivateUseScheme = "accepts-more-of-private-use-scheme", breaks "rfc8252-8.4-reject-inexact-redirect";
                /// Refuses redirect URIs on the loopback interface.
                RefusesLoopback = "refuses-loopback", breaks "rfc8252-7-offer-loopback";
                /// Refuses https redirect URIs to public clients.
                RefusesClaimedHttps = "refuses-claimed-https", breaks "rfc8252-7-offer-claimed-https";
                /// Takes every path of an IPv6 loopback URI.
                AcceptsAnyPathOfIpv6Loopback = "accepts-any-path-of-ipv6-loopback", breaks "rfc8252-8.4-loopback-path-still-exact";
            }
            client_authentication {
                /// Knows the scheme only as Basic with a capital.
                RefusesLowercaseBasicScheme = "refuses-lowercase-basic-scheme", breaks "rfc9110-11.1-auth-scheme-case-insensitive-as";
                /// Fails with 500 on Basic credentials that are none.
                FailsOnMalformedBasic = "fails-on-malformed-basic", breaks "rfc7617-2-basic-malformed-handled";
            }
            code_challenge {
                /// Keeps a malformed code challenge as one that every verifier fits.
                AcceptsMalformedCodeChallenge = "accepts-malformed-code-challenge", breaks "rfc7636-4.6-mismatch-invalid-grant";
            }
            code_verifier {
                /// Ends the tokens of a used code when it comes back with a wrong verifier.
                EndsGrantOnInvalidReplay = "ends-grant-on-invalid-replay", breaks "oauth21-7.5.2-invalid-replay-does-not-revoke";
                /// Lets a public client redeem its code with any verifier.
                IgnoresVerifierOfPublicClient = "ignores-verifier-of-public-client", breaks "rfc9700-2.1.1-enforce-verifier-public";
            }
            issue_code {
                /// Puts the code challenge into the code.
                PutsChallengeIntoCode = "puts-challenge-into-code", breaks "rfc7636-4.4-challenge-not-extractable";
                /// Counts its codes.
                CountsCodes = "counts-codes", breaks "rfc6749-10.10-prevent-guessing";
                /// Makes codes of 64 random bits.
                IssuesShortCodes = "issues-short-codes", breaks "rfc6749-10.10-entropy-128";
            }
            issue_refresh_token {
                /// Makes refresh tokens of 64 random bits.
                IssuesShortRefreshTokens = "issues-short-refresh-tokens", breaks "rfc6749-10.4-refresh-token-unforgeable";
            }
            access_token {
                /// Counts its access tokens.
                CountsAccessTokens = "counts-access-tokens", breaks "rfc6749-10.3-access-token-unforgeable";
                /// Gives every access token the same identifier.
                RepeatsTokenIdentifier = "repeats-token-identifier", breaks "rfc7519-4.1.7-jti-unique";
            }
        }
    };
}

pub(super) use http_defects;

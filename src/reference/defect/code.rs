//! The authorization code and its code challenge.

macro_rules! code_defects {
    ($rest:tt $($rows:tt)*) => {
        chain! { $rest $($rows)*
            code_challenge {
                /// Takes no notice of the code challenge.
                ForgetsCodeChallenge = "forgets-code-challenge", breaks "rfc7636-4.4-challenge-associated-with-code";
                /// Accepts requests without code challenge although it demands one.
                AcceptsMissingCodeChallenge = "accepts-missing-code-challenge", breaks "rfc7636-4.4.1-missing-challenge-invalid-request";
                /// Accepts the plain method although it does not offer it.
                AcceptsPlainCodeChallenge = "accepts-plain-code-challenge", breaks "rfc7636-4.4.1-unsupported-method-invalid-request";
                /// Accepts code challenge methods that do not exist.
                AcceptsUnknownCodeChallengeMethod = "accepts-unknown-code-challenge-method", breaks "rfc7636-4.4.1-unsupported-method-invalid-request";
                /// Takes s256 for S256.
                IgnoresCodeChallengeMethodCase = "ignores-code-challenge-method-case", breaks "rfc7636-4.3-method-value-case-sensitive";
                /// Refuses the method S256.
                RefusesS256 = "refuses-s256", breaks "rfc7636-4.2-s256-mandatory";
                /// Accepts an empty code challenge, which then fits every verifier.
                AcceptsEmptyCodeChallenge = "accepts-empty-code-challenge", breaks "rfc6749-3.1-authz-empty-param-omitted-code-challenge";
                /// Takes the plain method for S256.
                TakesPlainForS256 = "takes-plain-for-s256", breaks "rfc7636-4.6-plain-comparison";
            }
            authorization_code {
                /// Redeems a code that was issued to another client.
                AcceptsCodeOfOtherClient = "accepts-code-of-other-client", breaks "rfc6749-4.1.3-code-issued-to-authenticated-client";
                /// Redeems a code that has expired.
                AcceptsExpiredCode = "accepts-expired-code", breaks "rfc6749-5.2-invalid-grant-expired-code";
                /// Redeems a code of which the end is missing.
                AcceptsTruncatedCode = "accepts-truncated-code", breaks "rfc6749-4.1.3-code-verified-valid";
                /// Redeems a code with something appended.
                AcceptsExtendedCode = "accepts-extended-code", breaks "rfc6749-4.1.3-code-verified-valid";
                /// Ignores the case of codes.
                IgnoresCodeCase = "ignores-code-case", breaks "rfc6749-4.1.3-code-verified-valid";
                /// Redeems a refresh token as if it were a code.
                RedeemsRefreshToken = "redeems-refresh-token", breaks "rfc6749-4.1.3-code-verified-valid";
                /// Reports an unknown code as invalid_request.
                CallsUnknownCodeInvalidRequest = "calls-unknown-code-invalid-request", breaks "rfc6749-5.2-invalid-grant-unknown-code";
            }
            code_redirect_uri {
                /// Redeems a code with any redirect URI.
                RedeemsWithAnyRedirectUri = "redeems-with-any-redirect-uri", breaks "rfc6749-4.1.3-redirect-uri-identical";
                /// Redeems a code without the redirect URI that the request had.
                RedeemsWithoutRedirectUri = "redeems-without-redirect-uri", breaks "rfc6749-4.1.3-redirect-uri-present-if-sent-earlier";
                /// Redeems a code with another redirect URI of the client.
                RedeemsWithOtherRegisteredUri = "redeems-with-other-registered-uri", breaks "rfc6749-4.1.3-redirect-uri-identical";
                /// Redeems a code with a query added to the redirect URI.
                RedeemsWithExtraQuery = "redeems-with-extra-query", breaks "rfc6749-4.1.3-redirect-uri-identical";
                /// Redeems a code with anything added to the redirect URI.
                RedeemsWithExtendedRedirectUri = "redeems-with-extended-redirect-uri", breaks "rfc6749-4.1.3-redirect-uri-identical";
                /// Redeems a code with the beginning of the redirect URI.
                RedeemsWithBeginningOfRedirectUri = "redeems-with-beginning-of-redirect-uri", breaks "rfc6749-4.1.3-redirect-uri-identical";
                /// Ignores the case of the redirect URI when redeeming a code.
                RedeemsIgnoringRedirectUriCase = "redeems-ignoring-redirect-uri-case", breaks "rfc6749-4.1.3-redirect-uri-identical";
                /// Ignores a slash added to the redirect URI when redeeming a code.
                RedeemsIgnoringTrailingSlash = "redeems-ignoring-trailing-slash", breaks "rfc6749-4.1.3-redirect-uri-identical";
            }
            code_verifier {
                /// Accepts any code verifier.
                IgnoresVerifier = "ignores-verifier", breaks "rfc7636-4.6-mismatch-invalid-grant";
                /// Redeems a code with a challenge without any verifier.
                AcceptsMissingVerifier = "accepts-missing-verifier", breaks "rfc7636-4.5-verifier-required";
                /// Accepts a verifier where there was no challenge.
                AcceptsVerifierWithoutChallenge = "accepts-verifier-without-challenge", breaks "rfc9700-2.1.1-downgrade-verifier-without-challenge-rejected";
                /// Accepts the S256 challenge itself as the verifier.
                ComparesS256AsPlain = "compares-s256-as-plain", breaks "rfc7636-4.5-method-bound-to-code";
                /// Refuses verifiers of 128 characters.
                RefusesLongestVerifier = "refuses-longest-verifier", breaks "rfc7636-4.1-verifier-128-accepted";
                /// Hashes only the first 64 characters of a verifier.
                CutsVerifierAt64 = "cuts-verifier-at-64", breaks "rfc7636-4.1-verifier-128-accepted";
                /// Reports a wrong verifier as invalid_request.
                CallsWrongVerifierInvalidRequest = "calls-wrong-verifier-invalid-request", breaks "rfc7636-4.6-mismatch-invalid-grant";
            }
            code_use {
                /// Redeems a code again and again.
                AcceptsReusedCode = "accepts-reused-code", breaks "rfc6749-4.1.2-code-single-use";
                /// Redeems a code for every request that comes while the first is being answered.
                RedeemsCodeInParallel = "redeems-code-in-parallel", breaks "rfc6749-4.1.2-code-single-use";
                /// Grants the scope that stands beside a code, whatever the user has granted.
                WidensScopeAtExchange = "widens-scope-at-exchange", breaks "rfc6749-10.12-explicit-consent";
                /// Leaves the access token alive when its code is used again.
                KeepsAccessTokenAfterCodeReuse = "keeps-access-token-after-code-reuse", breaks "rfc6749-4.1.2-code-reuse-revokes-access-token";
                /// Leaves the refresh token alive when its code is used again.
                KeepsRefreshTokenAfterCodeReuse = "keeps-refresh-token-after-code-reuse", breaks "rfc6749-4.1.2-code-reuse-revokes-refresh-token";
            }
        }
    };
}

pub(super) use code_defects;

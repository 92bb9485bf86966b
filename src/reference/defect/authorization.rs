//! The authorization endpoint and its pages, outages included.

macro_rules! authorization_defects {
    ($rest:tt $($rows:tt)*) => {
        chain! { $rest $($rows)*
            outage {
                /// Answers every request with 500.
                Answers500 = "answers-500", breaks "rfc9110-15.6-no-5xx-on-bad-input";
                /// Answers every request with 503.
                Answers503 = "answers-503", breaks "rfc9110-15.6-no-5xx-on-bad-input";
                /// Answers every request with 429.
                Answers429 = "answers-429", breaks "rfc6585-4-429-for-throttling";
                /// Answers every request with 404.
                Answers404 = "answers-404", breaks "rfc8414-2-token-endpoint-present";
                /// Answers every request with a friendly HTML page and 200.
                AnswersHtml = "answers-html", breaks "rfc6749-5.1-token-json-media-type";
            }
            authorization_request {
                /// Refuses an authorization request that has a parameter it does not know.
                FailsOnUnknownAuthorizationParameter = "fails-on-unknown-authorization-parameter", breaks "rfc6749-3.1-authz-ignore-unknown-params";
                /// Drops octets that are not UTF-8 from an authorization request.
                DropsIllegalUtf8 = "drops-illegal-utf8", breaks "rfc6749-3.1.2.3-redirect-uri-matched-against-registered";
            }
            authorization_client {
                /// Redirects the error to the requested URI when the client is unknown.
                RedirectsForUnknownClient = "redirects-for-unknown-client", breaks "rfc6749-4.1.2.1-unknown-client-no-redirect";
                /// Takes the first of repeated client ids.
                AcceptsRepeatedClientId = "accepts-repeated-client-id", breaks "rfc6749-3.1-authz-reject-duplicate-client-id";
                /// Serves a client that nobody has registered at the redirect URI it names.
                ServesUnknownClient = "serves-unknown-client", breaks "taskade-client-credentials-issued";
            }
            repeated_parameters {
                /// Takes the first of repeated authorization parameters.
                AcceptsRepeatedAuthorizationParameters = "accepts-repeated-authorization-parameters", breaks "rfc6749-3.1-authz-reject-duplicate-scope";
                /// Takes the first of repeated token request parameters.
                AcceptsRepeatedTokenParameters = "accepts-repeated-token-parameters", breaks "rfc6749-5.2-invalid-request-duplicate";
            }
            response_type {
                /// Sends codes to clients that may not use the authorization code grant.
                AnswersUnauthorizedClient = "answers-unauthorized-client", breaks "rfc6749-4.1.2.1-error-unauthorized-client";
                /// Treats a request without response_type as one for a code.
                TakesMissingResponseTypeForCode = "takes-missing-response-type-for-code", breaks "rfc6749-3.1.1-missing-response-type-error";
                /// Treats an unknown response_type as a request for a code.
                TakesUnknownResponseTypeForCode = "takes-unknown-response-type-for-code", breaks "rfc6749-3.1.1-unknown-response-type-error";
                /// Accepts response_type=CODE.
                IgnoresResponseTypeCase = "ignores-response-type-case", breaks "rfc6749-1.9-case-sensitive-values";
                /// Answers response_type=token with a token although the implicit grant is not offered.
                AcceptsUnofferedImplicit = "accepts-unoffered-implicit", breaks "tasknation-two-grants-only";
                /// Refuses response_type=token although the implicit grant is offered.
                RefusesImplicit = "refuses-implicit", breaks "taskade-flow-implicit";
                /// Refuses response_type=code.
                RefusesCodeFlow = "refuses-code-flow", breaks "taskade-flow-authorization-code";
            }
            authorization_response {
                /// Loses the query that the registered redirect URI has.
                DropsQueryOfRedirectUri = "drops-query-of-redirect-uri", breaks "rfc6749-3.1.2-redirect-uri-query-retained";
                /// Shows every authorization error to the user and never tells the client.
                ShowsPageInsteadOfErrorRedirect = "shows-page-instead-of-error-redirect", breaks "rfc6749-4.1.2.1-errors-redirected-to-client";
                /// Redirects errors without the error parameter.
                OmitsErrorFromRedirect = "omits-error-from-redirect", breaks "rfc6749-4.1.2.1-error-param-present";
                /// Puts quotes, a backslash and a dash beyond ASCII into error_description.
                PutsQuotesIntoErrorDescription = "puts-quotes-into-error-description", breaks "rfc6749-4.1.2.1-error-description-charset";
                /// Returns the code in the fragment.
                ReturnsCodeInFragment = "returns-code-in-fragment", breaks "rfc6749-4.1.2-code-in-query";
                /// Returns the implicit grant's token in the query.
                ReturnsImplicitTokenInQuery = "returns-implicit-token-in-query", breaks "rfc6749-4.2.2-implicit-fragment-delivery";
                /// Returns the implicit grant's errors in the query.
                ReturnsImplicitErrorInQuery = "returns-implicit-error-in-query", breaks "rfc6749-4.2.2.1-implicit-errors-in-fragment";
                /// Sends the state twice in one response.
                SendsStateTwice = "sends-state-twice", breaks "rfc6749-3.1-authz-response-no-duplicate-params";
                /// Puts an ampersand of the state into the redirect without encoding it.
                LeavesAmpersandInStateBare = "leaves-ampersand-in-state-bare", breaks "rfc6749-4.1.2-state-exact-value";
                /// Leaves the state out of the form post page.
                DropsStateInFormPost = "drops-state-in-form-post", breaks "rfc6749-4.1.2-state-echoed-success";
                /// Puts the response parameters into the form post page without escaping them.
                LeavesFormPostUnescaped = "leaves-form-post-unescaped", breaks "rfc6749-10.14-sanitise-state";
                /// Announces iss and leaves it out of every authorization response.
                OmitsIss = "omits-iss", breaks "rfc9207-2-iss-in-success";
                /// Leaves iss out of error responses.
                OmitsIssOnErrors = "omits-iss-on-errors", breaks "rfc9207-2-iss-in-error";
                /// Sends another server's identifier as iss.
                NamesOtherIss = "names-other-iss", breaks "rfc9207-2-iss-is-issuer-identifier";
                /// Sends its issuer identifier as iss with a slash added.
                AddsSlashToIss = "adds-slash-to-iss", breaks "rfc9207-2.3-metadata-issuer-identical";
            }
            implicit_response {
                /// Answers the implicit grant without access_token.
                OmitsAccessTokenFromImplicit = "omits-access-token-from-implicit", breaks "rfc6749-4.2.2-implicit-access-token-present";
                /// Answers the implicit grant without token_type.
                OmitsTokenTypeFromImplicit = "omits-token-type-from-implicit", breaks "rfc6749-4.2.2-implicit-token-type-present";
                /// Answers the implicit grant without expires_in.
                OmitsExpiresInFromImplicit = "omits-expires-in-from-implicit", breaks "rfc6749-4.2.2-implicit-expires-in";
                /// Answers the implicit grant without the state.
                DropsStateFromImplicit = "drops-state-from-implicit", breaks "rfc6749-4.2.2-implicit-state-echoed";
                /// Answers the implicit grant with a refresh token.
                IssuesRefreshTokenToImplicit = "issues-refresh-token-to-implicit", breaks "rfc6749-4.2.2-implicit-no-refresh-token";
                /// Puts a code beside the token of the implicit grant.
                PutsCodeBesideImplicitToken = "puts-code-beside-implicit-token", breaks "rfc6749-4.2.2-implicit-fragment-delivery";
            }
            issue_code {
                /// Redirects back without the code.
                OmitsCode = "omits-code", breaks "rfc6749-4.1.2-code-present";
                /// Issues codes that have expired before they can be used.
                IssuesExpiredCode = "issues-expired-code", breaks "rfc6749-4.1.2-code-expires-shortly";
                /// Issues codes that live for an hour.
                IssuesLongLivedCode = "issues-long-lived-code", breaks "rfc6749-4.1.2-code-max-ten-minutes";
            }
            begin_interaction {
                /// Issues a code to whoever asks, without any login.
                IssuesCodeWithoutLogin = "issues-code-without-login", breaks "rfc6749-3.1-authenticate-resource-owner-first";
                /// Takes a request that the user has left unanswered for the next one of that browser.
                ResumesAbandonedRequest = "resumes-abandoned-request", breaks "rfc6749-4.1.2-state-exact-value";
                /// Lets scripts of every origin read what the authorization endpoint answers.
                AllowsCrossOriginAuthorization = "allows-cross-origin-authorization", breaks "rfc9700-2.6-no-cors-at-authorization-endpoint";
            }
            error_page {
                /// Shows an empty page where it should say what is wrong.
                ShowsBlankErrorPage = "shows-blank-error-page", breaks "rfc6749-3.1.2.4-inform-owner-of-redirect-error";
                /// Puts request parameters into its error pages without escaping them.
                ReflectsMarkupInErrorPage = "reflects-markup-in-error-page", breaks "rfc6749-10.14-sanitise-redirect-uri";
            }
            login {
                /// Answers the posted login with 307, so that the browser posts the password on.
                RedirectsLoginWith307 = "redirects-login-with-307", breaks "rfc9700-4.12-no-307";
                /// Answers the posted login with 302 instead of 303.
                RedirectsLoginWith302 = "redirects-login-with-302", breaks "rfc9700-4.12-use-303";
                /// Puts login_hint into the login page without escaping it.
                LeavesLoginHintUnescaped = "leaves-login-hint-unescaped", breaks "rfc6749-10.14-sanitise-state";
                /// Puts ui_locales into the login page without escaping it.
                LeavesUiLocalesUnescaped = "leaves-ui-locales-unescaped", breaks "rfc6749-10.14-sanitise-state";
                /// Puts the nonce into the login page without escaping it.
                LeavesNonceUnescaped = "leaves-nonce-unescaped", breaks "rfc6749-10.14-sanitise-state";
                /// Sends the login page without any protection against framing.
                LetsLoginPageBeFramed = "lets-login-page-be-framed", breaks "rfc9700-4.16-prevent-clickjacking";
            }
            consent {
                /// Grants what is asked for without asking the user.
                ConsentsWithoutAsking = "consents-without-asking", breaks "rfc6749-10.12-explicit-consent";
                /// Issues a code although the user has denied the request.
                IgnoresDenial = "ignores-denial", breaks "rfc6749-4.1.2.1-error-access-denied";
                /// Reports the user's denial as invalid_request.
                CallsDenialInvalidRequest = "calls-denial-invalid-request", breaks "rfc6749-4.1.2.1-error-access-denied";
                /// Sends the consent page without any protection against framing.
                LetsConsentPageBeFramed = "lets-consent-page-be-framed", breaks "rfc9700-4.16-prevent-clickjacking";
                /// Redirects the denial without saying where to.
                OmitsLocationOnDenial = "omits-location-on-denial", breaks "rfc9110-15.4.4-redirect-location-present";
            }
            begin_interaction {
                /// Takes the consent form from any page and for whoever is logged in.
                TakesFormsFromAnywhere = "takes-forms-from-anywhere", breaks "rfc6749-10.12-csrf-protect-authorization-endpoint";
            }
        }
    };
}

pub(super) use authorization_defects;

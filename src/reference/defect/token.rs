//! The access token and the response that carries it.

macro_rules! token_defects {
    ($rest:tt $($rows:tt)*) => {
        chain! { $rest $($rows)*
            access_token {
                /// Issues opaque access tokens where it promises JWTs.
                IssuesOpaqueAccessToken = "issues-opaque-access-token", breaks "tasknation-access-token-jwt-rs256";
                /// Signs access tokens with HS256.
                SignsTokenWithHs256 = "signs-token-with-hs256", breaks "tasknation-access-token-jwt-rs256";
                /// Issues access tokens with alg none.
                LeavesTokenUnsigned = "leaves-token-unsigned", breaks "tasknation-access-token-jwt-rs256";
                /// Names a key in access tokens that is not in the key set.
                NamesUnknownKey = "names-unknown-key", breaks "tasknation-access-token-jwt-rs256";
                /// Signs access tokens with a key that is not in the key set.
                SignsWithUnpublishedKey = "signs-with-unpublished-key", breaks "tasknation-access-token-jwt-rs256";
                /// Issues access tokens whose signature is damaged.
                SpoilsSignature = "spoils-signature", breaks "tasknation-access-token-jwt-rs256";
                /// Leaves exp out of access tokens.
                OmitsExpiryFromToken = "omits-expiry-from-token", breaks "tasknation-expires-in-3600";
                /// Writes an exp into access tokens that is an hour later than expires_in says.
                PutsOtherExpiryIntoToken = "puts-other-expiry-into-token", breaks "rfc6749-5.1-token-expires-in-truthful";
                /// Writes exp in milliseconds.
                PutsMillisecondsIntoToken = "puts-milliseconds-into-token", breaks "rfc6749-5.1-token-expires-in-truthful";
                /// Writes an iat into access tokens that is an hour ahead.
                IssuesTokenFromTheFuture = "issues-token-from-the-future", breaks "tasknation-access-token-jwt-rs256";
                /// Issues access tokens that can do more than was granted.
                PutsMoreScopeIntoToken = "puts-more-scope-into-token", breaks "rfc6749-3.3-scope-returned-when-different";
                /// Issues access tokens that can do less than was granted.
                PutsLessScopeIntoToken = "puts-less-scope-into-token", breaks "rfc6749-3.3-scope-returned-when-different";
                /// Answers a refresh with the access token that the code was exchanged for.
                RepeatsAccessTokenAtRefresh = "repeats-access-token-at-refresh", breaks "rfc6749-5.1-token-expires-in-truthful";
                /// Issues access tokens that do not work when refreshing.
                IssuesDeadAccessTokenAtRefresh = "issues-dead-access-token-at-refresh", breaks "rfc6749-6-refresh-scope-omitted-equals-original";
                /// Leaves aud out of access tokens.
                OmitsAudienceFromToken = "omits-audience-from-token", breaks "rfc6750-5.2-audience-in-token";
            }
            token_response {
                /// Leaves access_token out of the token response.
                OmitsAccessToken = "omits-access-token", breaks "rfc6749-5.1-token-access-token-present";
                /// Sends an empty access_token.
                EmptiesAccessToken = "empties-access-token", breaks "rfc6749-5.1-token-access-token-present";
                /// Sends an object as access_token.
                PutsAccessTokenIntoObject = "puts-access-token-into-object", breaks "rfc6749-5.1-token-json-strings";
                /// Leaves token_type out of the token response.
                OmitsTokenType = "omits-token-type", breaks "rfc6749-5.1-token-type-present";
                /// Sends the token_type mac.
                CallsTokenMac = "calls-token-mac", breaks "tasknation-token-type-bearer";
                /// Sends the token_type JWT.
                CallsTokenJwt = "calls-token-jwt", breaks "tasknation-token-type-bearer";
                /// Sends the token_type Baerer.
                MisspellsTokenType = "misspells-token-type", breaks "tasknation-token-type-bearer";
                /// Leaves expires_in out of the token response.
                OmitsExpiresIn = "omits-expires-in", breaks "rfc6749-5.1-token-expires-in";
                /// Leaves expires_in out when refreshing.
                OmitsExpiresInAtRefresh = "omits-expires-in-at-refresh", breaks "rfc6749-5.1-token-expires-in";
                /// Leaves expires_in out when a refresh token is used again.
                OmitsExpiresInWithinGrace = "omits-expires-in-within-grace", breaks "rfc6749-5.1-token-expires-in";
                /// Sends expires_in as a string.
                WritesExpiresInAsString = "writes-expires-in-as-string", breaks "rfc6749-5.1-token-expires-in-number";
                /// Sends an expires_in with a fraction.
                WritesExpiresInAsFraction = "writes-expires-in-as-fraction", breaks "tasknation-expires-in-3600";
                /// Sends the time of expiry as expires_in.
                WritesExpiresInAsTimestamp = "writes-expires-in-as-timestamp", breaks "rfc6749-5.1-token-expires-in-truthful";
                /// Sends expires_in in milliseconds.
                WritesExpiresInInMilliseconds = "writes-expires-in-in-milliseconds", breaks "rfc6749-5.1-token-expires-in-truthful";
                /// Sends a negative expires_in.
                WritesNegativeExpiresIn = "writes-negative-expires-in", breaks "rfc6749-5.1-token-expires-in-truthful";
                /// Sends an expires_in that is one second short.
                WritesExpiresInOneShort = "writes-expires-in-one-short", breaks "tasknation-expires-in-3600";
                /// Sends twice the lifetime as expires_in.
                DoublesExpiresIn = "doubles-expires-in", breaks "rfc6749-5.1-token-expires-in-truthful";
                /// Sends twice the lifetime as expires_in when refreshing.
                DoublesExpiresInAtRefresh = "doubles-expires-in-at-refresh", breaks "rfc6749-5.1-token-expires-in-truthful";
                /// Leaves scope out of the token response.
                OmitsScope = "omits-scope", breaks "tasknation-scope-in-response";
                /// Leaves scope out when refreshing.
                OmitsScopeAtRefresh = "omits-scope-at-refresh", breaks "tasknation-scope-in-response";
                /// Names the scope asked for instead of the one granted.
                NamesAskedScope = "names-asked-scope", breaks "rfc6749-3.3-scope-returned-when-different";
                /// Names the original scope after a refresh with less.
                NamesOriginalScopeAfterNarrowing = "names-original-scope-after-narrowing", breaks "rfc6749-5.1-token-scope-if-different";
                /// Names every scope it knows in the token response.
                NamesEveryScope = "names-every-scope", breaks "rfc6749-5.1-token-scope-if-different";
                /// Separates the scopes in the token response by commas.
                JoinsScopeWithCommas = "joins-scope-with-commas", breaks "tasknation-scope-space-separated";
                /// Lets caches store token responses.
                AllowsStoringTokens = "allows-storing-tokens", breaks "rfc6749-5.1-cache-control-no-store";
                /// Answers a refresh without Cache-Control.
                AllowsStoringRefreshedTokens = "allows-storing-refreshed-tokens", breaks "rfc6749-5.1-cache-control-no-store";
                /// Answers token requests without Pragma.
                OmitsPragma = "omits-pragma", breaks "rfc6749-5.1-pragma-no-cache";
                /// Answers token requests with 201.
                AnswersTokenWith201 = "answers-token-with-201", breaks "rfc6749-5.1-token-success-200";
                /// Labels the token response as HTML.
                LabelsTokenResponseAsHtml = "labels-token-response-as-html", breaks "rfc6749-5.1-token-json-media-type";
                /// Sends the token response form-encoded.
                AnswersTokenAsForm = "answers-token-as-form", breaks "rfc6749-5.1-token-json-media-type";
                /// Wraps the token response in another object.
                NestsTokenResponse = "nests-token-response", breaks "rfc6749-5.1-token-json-top-level";
                /// Sends token_type twice in one token response.
                RepeatsMemberInTokenResponse = "repeats-member-in-token-response", breaks "rfc6749-3.2-token-response-no-duplicate-members";
                /// Begins the token response with a byte order mark.
                PutsByteOrderMarkBeforeJson = "puts-byte-order-mark-before-json", breaks "rfc8259-8.1-json-no-bom";
                /// Keeps the access token in a cookie too, which browsers send in the clear.
                KeepsTokenInCookie = "keeps-token-in-cookie", breaks "rfc6750-5.2-no-tokens-in-clear-cookies";
            }
            client_itself {
                /// Issues a client's own token in the name of a user.
                NamesUserInClientToken = "names-user-in-client-token", breaks "rfc9700-4.15.1-distinguish-token-types";
            }
        }
    };
}

pub(super) use token_defects;

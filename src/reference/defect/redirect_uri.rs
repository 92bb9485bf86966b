//! The redirect URI of an authorization request: whether it is needed, and how it is compared.

macro_rules! redirect_uri_defects {
    ($rest:tt $($rows:tt)*) => {
        chain! { $rest $($rows)*
            redirect_uri {
                /// Takes the first of several redirect_uri parameters.
                TakesFirstRedirectUri = "takes-first-redirect-uri", breaks "rfc6749-3.1-authz-reject-duplicate-redirect-uri";
                /// Takes the last of several redirect_uri parameters.
                TakesLastRedirectUri = "takes-last-redirect-uri", breaks "rfc6749-3.1-authz-reject-duplicate-redirect-uri";
                /// Picks the first of several registered redirect URIs when the request has none.
                AcceptsMissingRedirectUri = "accepts-missing-redirect-uri", breaks "rfc6749-3.1.2.3-redirect-uri-required-if-ambiguous";
                /// Picks the first of several registered redirect URIs when the request has an empty one.
                AcceptsEmptyRedirectUri = "accepts-empty-redirect-uri", breaks "rfc6749-3.1-authz-empty-param-omitted-redirect-uri";
                /// Accepts a redirect URI that another client has registered.
                AcceptsRedirectUriOfOtherClient = "accepts-redirect-uri-of-other-client", breaks "rfc6749-3.1.2.3-redirect-uri-matched-against-registered";
                /// Redirects the error to the very URI that is not registered.
                RedirectsErrorToUnregisteredUri = "redirects-error-to-unregistered-uri", breaks "rfc6749-4.1.2.1-mismatched-redirect-no-redirect";
                /// Redirects the error about an unregistered URI to a registered one instead of telling the user.
                RedirectsErrorToRegisteredUri = "redirects-error-to-registered-uri", breaks "rfc6749-3.1.2.4-inform-owner-of-redirect-error";
                /// Redirects a scope error to an unregistered URI.
                ChecksScopeBeforeRedirectUri = "checks-scope-before-redirect-uri", breaks "rfc6749-4.1.2.1-mismatched-redirect-no-redirect";
                /// Redirects a response type error to an unregistered URI.
                ChecksResponseTypeBeforeRedirectUri = "checks-response-type-before-redirect-uri", breaks "rfc6749-4.1.2.1-mismatched-redirect-no-redirect";
            }
            redirect_uri_comparison {
                /// Accepts any redirect URI.
                AcceptsAnyRedirectUri = "accepts-any-redirect-uri", breaks "rfc6749-3.1.2.3-redirect-uri-matched-against-registered";
                /// Accepts whatever begins with a registered redirect URI.
                MatchesRedirectUriByPrefix = "matches-redirect-uri-by-prefix", breaks "rfc9700-2.1-exact-redirect-no-prefix-or-wildcard";
                /// Takes an asterisk in a registered redirect URI for any text.
                TakesAsteriskForAnyText = "takes-asterisk-for-any-text", breaks "rfc6749-3.1.2.2-require-complete-redirect-uri";
                /// Takes a registered redirect URI without a path for any path of that host.
                TakesMissingPathForAnyPath = "takes-missing-path-for-any-path", breaks "rfc6749-3.1.2.2-partial-registration-minimum";
                /// Takes a scheme that is registered alone for any URI of that scheme.
                TakesSchemeAloneForAnyUri = "takes-scheme-alone-for-any-uri", breaks "rfc8252-8.4-complete-redirect-registration";
                /// Accepts whatever ends with a registered redirect URI.
                MatchesRedirectUriBySuffix = "matches-redirect-uri-by-suffix", breaks "rfc9700-2.1-exact-redirect-no-prefix-or-wildcard";
                /// Accepts whatever contains a registered redirect URI.
                FindsRedirectUriAnywhere = "finds-redirect-uri-anywhere", breaks "rfc9700-2.1-exact-redirect-no-prefix-or-wildcard";
                /// Accepts the beginning of a registered redirect URI.
                AcceptsShortenedRedirectUri = "accepts-shortened-redirect-uri", breaks "rfc9700-2.1-exact-redirect-no-prefix-or-wildcard";
                /// Accepts path segments added to a registered redirect URI.
                AcceptsPathBelowRedirectUri = "accepts-path-below-redirect-uri", breaks "rfc9700-2.1-exact-redirect-path";
                /// Accepts letters and digits added to a registered redirect URI.
                AcceptsLongerLastSegment = "accepts-longer-last-segment", breaks "rfc9700-2.1-exact-redirect-path";
                /// Compares only the registered length of redirect URIs longer than 2048 bytes.
                CutsLongRedirectUri = "cuts-long-redirect-uri", breaks "rfc9700-2.1-exact-redirect-no-prefix-or-wildcard";
                /// Reads a dot of the registered redirect URI as any character.
                ReadsDotAsAnyCharacter = "reads-dot-as-any-character", breaks "rfc9700-4.5.2-redirect-uri-check-not-pattern";
                /// Ignores the case of the scheme.
                IgnoresSchemeCase = "ignores-scheme-case", breaks "rfc6749-3.1.2.3-simple-string-compare-no-normalisation";
                /// Accepts any scheme.
                IgnoresScheme = "ignores-scheme", breaks "rfc9700-2.1-exact-redirect-scheme-port";
                /// Accepts http where https is registered.
                AcceptsHttpForHttps = "accepts-http-for-https", breaks "rfc9700-2.6-no-http-redirect-uris";
                /// Accepts javascript:, data: and vbscript: URIs that mention the registered host.
                AcceptsDangerousScheme = "accepts-dangerous-scheme", breaks "rfc9700-2.1-exact-redirect-scheme-port";
                /// Compares nothing but the host.
                ComparesOnlyHost = "compares-only-host", breaks "rfc9700-2.1-exact-redirect-path";
                /// Ignores the case of the host.
                IgnoresHostCase = "ignores-host-case", breaks "rfc6749-3.1.2.3-simple-string-compare-no-normalisation";
                /// Accepts hosts that end with the registered one.
                MatchesHostBySuffix = "matches-host-by-suffix", breaks "rfc9700-2.1-exact-redirect-host";
                /// Accepts hosts that begin with the registered one.
                MatchesHostByPrefix = "matches-host-by-prefix", breaks "rfc9700-2.1-exact-redirect-host";
                /// Accepts subdomains of the registered host.
                AcceptsSubdomains = "accepts-subdomains", breaks "rfc9700-2.1-exact-redirect-host";
                /// Accepts parent domains of the registered host.
                AcceptsParentDomain = "accepts-parent-domain", breaks "rfc9700-2.1-exact-redirect-host";
                /// Ignores a dot after the host.
                IgnoresTrailingDotOfHost = "ignores-trailing-dot-of-host", breaks "rfc6749-3.1.2.3-simple-string-compare-authority";
                /// Accepts any port.
                IgnoresPort = "ignores-port", breaks "rfc9700-2.1-exact-redirect-scheme-port";
                /// Takes an explicit default port for none.
                IgnoresDefaultPort = "ignores-default-port", breaks "rfc6749-3.1.2.3-simple-string-compare-no-normalisation";
                /// Accepts user information before the host.
                IgnoresUserinfo = "ignores-userinfo", breaks "rfc6749-3.1.2.3-simple-string-compare-authority";
                /// Takes the user information before an at sign for the host.
                TakesUserinfoForHost = "takes-userinfo-for-host", breaks "rfc9700-2.1-exact-redirect-host";
                /// Insists on the registered port of a loopback redirect URI.
                RefusesOtherLoopbackPort = "refuses-other-loopback-port", breaks "rfc8252-7.3-loopback-ipv4-any-port";
                /// Accepts localhost where a loopback IP literal is registered.
                AcceptsLocalhostForLoopback = "accepts-localhost-for-loopback", breaks "rfc9700-2.1-exact-redirect-host";
                /// Accepts any path on a registered loopback address.
                ComparesOnlyLoopbackHost = "compares-only-loopback-host", breaks "rfc8252-8.4-loopback-path-still-exact";
                /// Accepts any path.
                IgnoresPath = "ignores-path", breaks "rfc9700-2.1-exact-redirect-path";
                /// Ignores the case of the path.
                IgnoresPathCase = "ignores-path-case", breaks "rfc6749-3.1.2.3-simple-string-compare-path";
                /// Ignores a slash at the end.
                IgnoresTrailingSlash = "ignores-trailing-slash", breaks "rfc6749-3.1.2.3-simple-string-compare-path";
                /// Resolves dot segments of the path before comparing.
                ResolvesDotSegments = "resolves-dot-segments", breaks "rfc6749-3.1.2.3-simple-string-compare-no-normalisation";
                /// Makes one slash of several before comparing.
                CollapsesSlashes = "collapses-slashes", breaks "rfc6749-3.1.2.3-simple-string-compare-no-normalisation";
                /// Removes what follows a semicolon in a path segment before comparing.
                StripsPathParameters = "strips-path-parameters", breaks "rfc6749-3.1.2.3-simple-string-compare-path";
                /// Reads a backslash as a slash and compares nothing behind the host it ends.
                ReadsBackslashAsSlash = "reads-backslash-as-slash", breaks "rfc9700-2.1-exact-redirect-host";
                /// Accepts any query.
                IgnoresQuery = "ignores-query", breaks "rfc9700-2.1-exact-redirect-query";
                /// Accepts query parameters added to a registered redirect URI.
                AcceptsExtraQuery = "accepts-extra-query", breaks "rfc6749-3.1.2.3-simple-string-compare-query";
                /// Accepts added query parameters that are named like those of an authorization response.
                AcceptsReservedNamesInQuery = "accepts-reserved-names-in-query", breaks "rfc6749-3.1.2.3-simple-string-compare-query";
                /// Cuts off a fragment before comparing.
                StripsFragment = "strips-fragment", breaks "rfc6749-3.1.2-redirect-uri-no-fragment";
                /// Percent-decodes the redirect URI once more and accepts what then begins with a registered one.
                DecodesRedirectUriOnceMore = "decodes-redirect-uri-once-more", breaks "rfc6749-3.1.2.3-simple-string-compare-no-normalisation";
                /// Percent-decodes the redirect URI twice more and accepts what then begins with a registered one.
                DecodesRedirectUriTwiceMore = "decodes-redirect-uri-twice-more", breaks "rfc6749-3.1.2.3-simple-string-compare-no-normalisation";
                /// Removes control characters and accepts what then begins with a registered redirect URI.
                StripsControlCharacters = "strips-control-characters", breaks "rfc6749-3.1.2.3-simple-string-compare-no-normalisation";
                /// Compares only what stands before a line break.
                CutsRedirectUriAtLineBreak = "cuts-redirect-uri-at-line-break", breaks "rfc9700-2.1-exact-redirect-no-prefix-or-wildcard";
                /// Compares only what stands before a NUL.
                CutsRedirectUriAtNul = "cuts-redirect-uri-at-nul", breaks "rfc9700-2.1-exact-redirect-no-prefix-or-wildcard";
                /// Removes white space from the ends before comparing.
                TrimsRedirectUri = "trims-redirect-uri", breaks "rfc6749-3.1.2.3-simple-string-compare-no-normalisation";
                /// Folds fullwidth characters to ASCII and compares only the host.
                FoldsFullwidthCharacters = "folds-fullwidth-characters", breaks "rfc9700-2.1-exact-redirect-host";
                /// Normalises both URIs as a browser does before comparing.
                NormalisesRedirectUriLikeABrowser = "normalises-redirect-uri-like-a-browser", breaks "rfc6749-3.1.2.3-simple-string-compare-no-normalisation";
            }
        }
    };
}

pub(super) use redirect_uri_defects;

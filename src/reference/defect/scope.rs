//! Which scope is asked for, and which is granted.

macro_rules! scope_defects {
    ($rest:tt $($rows:tt)*) => {
        chain! { $rest $($rows)*
            scope {
                /// Grants scopes that do not exist.
                AcceptsUnknownScope = "accepts-unknown-scope", breaks "rfc6749-4.1.2.1-error-invalid-scope";
                /// Fails where a scope is longer than its column.
                FailsOnLongScope = "fails-on-long-scope", breaks "rfc9110-15.6-no-5xx-on-bad-input";
                /// Shows a refused scope on an error page without escaping it.
                LeavesScopeUnescaped = "leaves-scope-unescaped", breaks "rfc6749-10.14-sanitise-state";
                /// Leaves unknown scopes out although it says it refuses them.
                DropsUnknownScope = "drops-unknown-scope", breaks "rfc6749-4.1.2.1-error-invalid-scope";
                /// Reports an unknown scope as invalid_request.
                CallsUnknownScopeInvalidRequest = "calls-unknown-scope-invalid-request", breaks "rfc6749-4.1.2.1-error-invalid-scope";
                /// Reads the scopes out of a malformed scope parameter.
                AcceptsMalformedScope = "accepts-malformed-scope", breaks "rfc6749-3.3-scope-syntax-invalid";
                /// Splits the scope at commas too.
                SplitsScopeOnComma = "splits-scope-on-comma", breaks "tasknation-scope-space-separated";
                /// Ignores the case of scopes.
                IgnoresScopeCase = "ignores-scope-case", breaks "rfc6749-3.3-scope-case-sensitive";
                /// Refuses scopes that do not come in its own order.
                RefusesScopesInOtherOrder = "refuses-scopes-in-other-order", breaks "rfc6749-3.3-scope-order-irrelevant";
                /// Grants a repeated scope twice.
                RepeatsDuplicateScopes = "repeats-duplicate-scopes", breaks "rfc6749-3.3-scope-response-syntax";
                /// Cuts scopes at their double colon.
                CutsScopeAtDoubleColon = "cuts-scope-at-double-colon", breaks "tasknation-scopes-defined";
                /// Does not know the last of its documented scopes.
                LacksOneScope = "lacks-one-scope", breaks "tasknation-scopes-defined";
                /// Grants the default scope whatever was asked for.
                IgnoresAskedScope = "ignores-asked-scope", breaks "rfc6749-3.3-scope-returned-when-different";
                /// Grants every scope the client may have, whatever was asked for.
                GrantsEveryScope = "grants-every-scope", breaks "rfc6749-10.3-scope-by-client-identity";
                /// Lets users grant the scopes of the other partner type.
                GrantsOtherPartnersScope = "grants-other-partners-scope", breaks "tasknation-partner-type";
                /// Lets users grant the last scope of the other partner type.
                GrantsOneScopeOfOtherPartner = "grants-one-scope-of-other-partner", breaks "tasknation-partner-type";
                /// Grants the scopes of the other partner type with client credentials.
                GrantsOtherPartnersScopeToClientItself = "grants-other-partners-scope-to-client-itself", breaks "tasknation-partner-type";
                /// Grants scopes that the client has not registered.
                IgnoresRegisteredScope = "ignores-registered-scope", breaks "oauth21-7.9-restrict-scopes-per-client";
                /// Refuses an empty scope although it accepts a request without one.
                RefusesEmptyScope = "refuses-empty-scope", breaks "rfc6749-3.1-authz-empty-param-omitted-scope";
            }
            refresh_scope {
                /// Grants at refresh what was never granted before.
                WidensScopeAtRefresh = "widens-scope-at-refresh", breaks "rfc6749-6-refresh-scope-not-exceeding";
                /// Grants the scopes of the other partner type at refresh.
                GrantsOtherPartnersScopeAtRefresh = "grants-other-partners-scope-at-refresh", breaks "tasknation-partner-type";
                /// Refuses an empty scope at refresh although it accepts a refresh without one.
                RefusesEmptyScopeAtRefresh = "refuses-empty-scope-at-refresh", breaks "rfc6749-3.2-token-empty-param-omitted";
                /// Grants only the first of the scopes when a refresh names none.
                NarrowsScopeAtRefresh = "narrows-scope-at-refresh", breaks "rfc6749-6-refresh-scope-omitted-equals-original";
            }
        }
    };
}

pub(super) use scope_defects;

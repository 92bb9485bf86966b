//! Refresh tokens: issue, lifetime, rotation, grace.

macro_rules! refresh_defects {
    ($rest:tt $($rows:tt)*) => {
        chain! { $rest $($rows)*
            issue_refresh_token {
                /// Issues a refresh token without the scope that asks for one.
                IssuesRefreshTokenUnasked = "issues-refresh-token-unasked", breaks "tasknation-offline-access";
                /// Issues no refresh token although the scope asks for one.
                WithholdsRefreshToken = "withholds-refresh-token", breaks "tasknation-offline-access";
                /// Issues a refresh token with client credentials.
                IssuesRefreshTokenToClientItself = "issues-refresh-token-to-client-itself", breaks "rfc6749-4.4.3-client-credentials-no-refresh-token";
                /// Issues refresh tokens that do not work.
                IssuesDeadRefreshToken = "issues-dead-refresh-token", breaks "rfc6749-6-refresh-validated";
                /// Answers a refresh with the same refresh token.
                DoesNotRotate = "does-not-rotate", breaks "rfc9700-2.2.2-public-refresh-rotation-or-binding";
                /// Retires a used refresh token and issues no new one.
                RetiresWithoutNewRefreshToken = "retires-without-new-refresh-token", breaks "taskade-token-refresh";
                /// Gives the new refresh token the narrower scope of the access token.
                NarrowsForGood = "narrows-for-good", breaks "rfc6749-6-refresh-new-token-same-scope";
                /// Issues refresh tokens that live for a day.
                RefreshTokensLiveOneDay = "refresh-tokens-live-one-day", breaks "tasknation-refresh-180-days";
                /// Issues refresh tokens that live ten days less than promised.
                RefreshTokensDieTenDaysEarly = "refresh-tokens-die-ten-days-early", breaks "tasknation-refresh-180-days";
                /// Issues refresh tokens that live ten days more than promised.
                RefreshTokensLiveTenDaysLonger = "refresh-tokens-live-ten-days-longer", breaks "tasknation-refresh-180-days";
                /// Lets new refresh tokens expire with the first one.
                CountsRefreshLifetimeFromFirst = "counts-refresh-lifetime-from-first", breaks "tasknation-refresh-180-days";
                /// Issues refresh tokens with a letter beyond ASCII in them.
                PutsAccentIntoRefreshToken = "puts-accent-into-refresh-token", breaks "rfc6749-a.17-refresh-token-vschar";
            }
            refresh_token {
                /// Accepts a refresh token that was issued to another client.
                AcceptsRefreshTokenOfOtherClient = "accepts-refresh-token-of-other-client", breaks "rfc6749-6-refresh-bound-to-client";
                /// Accepts refresh tokens that have expired.
                RefreshTokensLiveForever = "refresh-tokens-live-forever", breaks "rfc6749-5.2-invalid-grant-bad-refresh-token";
                /// Accepts an access token in place of a refresh token.
                AcceptsAccessTokenAsRefreshToken = "accepts-access-token-as-refresh-token", breaks "rfc6749-6-refresh-validated";
                /// Reports a dead refresh token as invalid_request.
                CallsDeadRefreshTokenInvalidRequest = "calls-dead-refresh-token-invalid-request", breaks "rfc6749-5.2-invalid-grant-bad-refresh-token";
                /// Answers an unknown refresh token with 500.
                FailsWith500OnUnknownRefreshToken = "fails-with-500-on-unknown-refresh-token", breaks "rfc9110-15.6-no-5xx-on-bad-input";
            }
            refresh_use {
                /// Refuses a used refresh token at once although it promises a grace period.
                HasNoGrace = "has-no-grace", breaks "tasknation-refresh-grace";
                /// Ends the grace period at half its time.
                HasHalfTheGrace = "has-half-the-grace", breaks "tasknation-refresh-grace";
                /// Accepts used refresh tokens for five times the grace period.
                HasFiveTimesTheGrace = "has-five-times-the-grace", breaks "tasknation-refresh-grace-60s-only";
                /// Accepts used refresh tokens as long as they live.
                AcceptsUsedRefreshTokenForever = "accepts-used-refresh-token-forever", breaks "rfc9700-4.14.2-rotation-invalidates-previous";
                /// Counts the grace period from the issue of the refresh token.
                CountsGraceFromIssue = "counts-grace-from-issue", breaks "tasknation-refresh-grace";
                /// Accepts a used refresh token once within the grace period and then no more.
                GrantsGraceOnce = "grants-grace-once", breaks "tasknation-refresh-grace";
                /// Refuses a refresh that comes while another with the same token is being answered.
                RefusesParallelRefresh = "refuses-parallel-refresh", breaks "tasknation-refresh-grace";
                /// Refreshes for every request that comes while the first is being answered.
                RefreshesInParallel = "refreshes-in-parallel", breaks "rfc9700-4.14.2-rotation-invalidates-previous";
                /// Accepts a refresh token within its grace period although its successor has been used too.
                AcceptsPredecessorsPredecessor = "accepts-predecessors-predecessor", breaks "tasknation-refresh-grace-60s-only";
                /// Accepts refresh tokens that were revoked.
                AcceptsRevokedRefreshToken = "accepts-revoked-refresh-token", breaks "rfc7009-2-revoke-refresh-tokens";
                /// Leaves the active tokens alive when a retired refresh token is used.
                KeepsFamilyAfterRefreshTokenReuse = "keeps-family-after-refresh-token-reuse", breaks "rfc9700-4.14.2-replay-revokes-active-token";
            }
        }
    };
}

pub(super) use refresh_defects;

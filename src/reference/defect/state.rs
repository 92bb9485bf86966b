//! What becomes of `state`.

macro_rules! state_defects {
    ($rest:tt $($rows:tt)*) => {
        chain! { $rest $($rows)*
            state {
                /// Accepts any state, or none, whatever its minimum.
                IgnoresStateMinimum = "ignores-state-minimum", breaks "tasknation-state-min-length";
                /// Accepts a request without state although it has a minimum.
                AcceptsMissingState = "accepts-missing-state", breaks "tasknation-state-min-length";
                /// Accepts a state of one character.
                AcceptsStateOfOneCharacter = "accepts-state-of-one-character", breaks "tasknation-state-min-length";
                /// Accepts a state from half of its minimum on.
                AcceptsStateOfHalfTheMinimum = "accepts-state-of-half-the-minimum", breaks "tasknation-state-min-length";
                /// Accepts a state one character shorter than its minimum.
                AcceptsStateOneShort = "accepts-state-one-short", breaks "tasknation-state-min-length";
                /// Counts the bytes of a state instead of its characters.
                CountsStateInBytes = "counts-state-in-bytes", breaks "tasknation-state-min-length";
                /// Counts the characters of a state before decoding it.
                CountsStateEncoded = "counts-state-encoded", breaks "tasknation-state-min-length";
                /// Refuses a state of exactly the minimum length.
                RefusesStateOfMinimumLength = "refuses-state-of-minimum-length", breaks "tasknation-state-min-length";
                /// Refuses an empty state although it accepts a request without one.
                RefusesEmptyState = "refuses-empty-state", breaks "rfc6749-3.1-authz-empty-param-omitted-state";
            }
            state_echo {
                /// Leaves the state out of success responses.
                DropsStateOnSuccess = "drops-state-on-success", breaks "rfc6749-4.1.2-state-echoed-success";
                /// Leaves the state out of error responses.
                DropsStateOnErrors = "drops-state-on-errors", breaks "rfc6749-4.1.2.1-state-echoed-error";
                /// Leaves the state out when the user has denied the request.
                DropsStateOnDenial = "drops-state-on-denial", breaks "rfc6749-4.1.2.1-state-echoed-error";
                /// Returns an empty state.
                EmptiesState = "empties-state", breaks "rfc6749-4.1.2-state-exact-value";
                /// Returns the state with something appended.
                AppendsToState = "appends-to-state", breaks "rfc6749-4.1.2-state-exact-value";
                /// Cuts the state after 64 bytes.
                CutsStateAt64 = "cuts-state-at-64", breaks "rfc6749-4.1.2-state-exact-value";
                /// Cuts the state after 128 bytes.
                CutsStateAt128 = "cuts-state-at-128", breaks "rfc6749-4.1.2-state-exact-value";
                /// Cuts the state after 255 bytes.
                CutsStateAt255 = "cuts-state-at-255", breaks "rfc6749-4.1.2-state-exact-value";
                /// Cuts the state after 256 bytes.
                CutsStateAt256 = "cuts-state-at-256", breaks "rfc6749-4.1.2-state-exact-value";
                /// Cuts the state after 512 bytes.
                CutsStateAt512 = "cuts-state-at-512", breaks "rfc6749-4.1.2-state-exact-value";
                /// Cuts the state after 1024 bytes.
                CutsStateAt1024 = "cuts-state-at-1024", breaks "rfc6749-4.1.2-state-exact-value";
                /// Cuts the state after 2048 bytes.
                CutsStateAt2048 = "cuts-state-at-2048", breaks "rfc6749-4.1.2-state-exact-value";
                /// Cuts the state at a number sign.
                CutsStateAtHash = "cuts-state-at-hash", breaks "rfc6749-4.1.2-state-exact-value";
                /// Cuts the state at a semicolon.
                CutsStateAtSemicolon = "cuts-state-at-semicolon", breaks "rfc6749-4.1.2-state-exact-value";
                /// Cuts the state at an ampersand.
                CutsStateAtAmpersand = "cuts-state-at-ampersand", breaks "rfc6749-4.1.2-state-exact-value";
                /// Turns a plus sign in the state into a space.
                TurnsPlusInStateIntoSpace = "turns-plus-in-state-into-space", breaks "rfc6749-4.1.2-state-exact-value";
                /// Turns a space in the state into a plus sign.
                TurnsSpaceInStateIntoPlus = "turns-space-in-state-into-plus", breaks "rfc6749-4.1.2-state-exact-value";
                /// Percent-decodes the state twice.
                DecodesStateTwice = "decodes-state-twice", breaks "rfc6749-4.1.2-state-exact-value";
                /// Form-decodes the state twice, plus signs and percent signs alike.
                DecodesStateAsFormTwice = "decodes-state-as-form-twice", breaks "rfc6749-4.1.2-state-exact-value";
                /// Percent-encodes the state twice.
                EncodesStateTwice = "encodes-state-twice", breaks "rfc6749-4.1.2-state-exact-value";
                /// Returns the state in lower case.
                LowercasesState = "lowercases-state", breaks "rfc6749-4.1.2-state-exact-value";
                /// Removes everything between angle brackets from the state.
                StripsMarkupFromState = "strips-markup-from-state", breaks "rfc6749-4.1.2-state-exact-value";
                /// Returns the state escaped for HTML.
                EscapesStateAsHtml = "escapes-state-as-html", breaks "rfc6749-4.1.2-state-exact-value";
                /// Removes characters beyond ASCII from the state.
                DropsNonAsciiFromState = "drops-non-ascii-from-state", breaks "rfc6749-4.1.2-state-exact-value";
                /// Reads the octets of the state as Latin-1.
                ReadsStateAsLatin1 = "reads-state-as-latin1", breaks "rfc6749-b-form-encoding-utf8";
                /// Puts backslashes before the quotes in the state.
                BackslashesQuotesInState = "backslashes-quotes-in-state", breaks "rfc6749-4.1.2-state-exact-value";
                /// Removes backslashes from the state.
                DropsBackslashesFromState = "drops-backslashes-from-state", breaks "rfc6749-4.1.2-state-exact-value";
                /// Removes double quotes from the state.
                DropsQuotesFromState = "drops-quotes-from-state", breaks "rfc6749-4.1.2-state-exact-value";
                /// Removes white space from the ends of the state.
                TrimsState = "trims-state", breaks "rfc6749-4.1.2-state-exact-value";
                /// Makes one space of several in the state.
                CollapsesSpacesInState = "collapses-spaces-in-state", breaks "rfc6749-4.1.2-state-exact-value";
                /// Makes line feeds of all line breaks in the state.
                NormalisesLineBreaksInState = "normalises-line-breaks-in-state", breaks "rfc6749-4.1.2-state-exact-value";
                /// Removes control characters from the state.
                DropsControlsFromState = "drops-controls-from-state", breaks "rfc6749-4.1.2-state-exact-value";
                /// Removes equals signs from the end of the state.
                StripsPaddingFromState = "strips-padding-from-state", breaks "rfc6749-4.1.2-state-exact-value";
                /// Rewrites a state that looks like a number.
                RewritesNumericState = "rewrites-numeric-state", breaks "rfc6749-4.1.2-state-exact-value";
                /// Makes up a state for a success response to a request without one.
                InventsState = "invents-state", breaks "rfc6749-4.1.2-state-exact-value";
            }
        }
    };
}

pub(super) use state_defects;

use crate::oauth::ErrorCode;
use crate::reference::context::Context;
use crate::reference::defect::Defect;
use crate::reference::form::{decode_component, encode_component, percent_decode};
use crate::reference::keys::random_token;
use crate::reference::pages;

/// The state that goes into a response: "the exact value received from the client" (RFC 6749
/// section 4.1.2), in errors too (section 4.1.2.1).
pub(crate) fn value(ctx: &Context, error: Option<&ErrorCode>) -> Option<String> {
    let Some(state) = ctx.authorization.state.clone() else {
        return (error.is_none() && ctx.has(Defect::InventsState)).then(random_token);
    };
    let dropped = match error {
        None => ctx.has(Defect::DropsStateOnSuccess),
        Some(ErrorCode::AccessDenied) if ctx.has(Defect::DropsStateOnDenial) => true,
        Some(_) => ctx.has(Defect::DropsStateOnErrors),
    };
    if dropped {
        return None;
    }
    Some(
        MANGLED
            .iter()
            .fold(state, |state, (defect, mangle)| if ctx.has(*defect) { mangle(state) } else { state }),
    )
}

/// Makes another state of a state.
type Mangler = fn(String) -> String;

/// The ways of not echoing it exactly, each a defect.
const MANGLED: &[(Defect, Mangler)] = &[
    (Defect::CutsStateAt64, |state| cut(state, 64)),
    (Defect::CutsStateAt128, |state| cut(state, 128)),
    (Defect::CutsStateAt255, |state| cut(state, 255)),
    (Defect::CutsStateAt256, |state| cut(state, 256)),
    (Defect::CutsStateAt512, |state| cut(state, 512)),
    (Defect::CutsStateAt1024, |state| cut(state, 1024)),
    (Defect::CutsStateAt2048, |state| cut(state, 2048)),
    (Defect::TurnsPlusInStateIntoSpace, |state| state.replace('+', " ")),
    (Defect::TurnsSpaceInStateIntoPlus, |state| state.replace(' ', "+")),
    (Defect::DecodesStateTwice, |state| percent_decode(state.as_bytes()).unwrap_or(state)),
    (Defect::DecodesStateAsFormTwice, |state| decode_component(state.as_bytes()).unwrap_or(state)),
    (Defect::EncodesStateTwice, |state| encode_component(&state)),
    (Defect::LowercasesState, |state| state.to_ascii_lowercase()),
    (Defect::StripsMarkupFromState, |state| without_markup(&state)),
    (Defect::EscapesStateAsHtml, |state| pages::escape(&state)),
    (Defect::DropsNonAsciiFromState, |state| state.chars().filter(char::is_ascii).collect()),
    (Defect::ReadsStateAsLatin1, |state| state.bytes().map(char::from).collect()),
    (Defect::BackslashesQuotesInState, |state| state.replace('"', "\\\"").replace('\'', "\\'")),
    (Defect::DropsBackslashesFromState, |state| state.replace('\\', "")),
    (Defect::TrimsState, |state| state.trim().to_owned()),
    (Defect::CollapsesSpacesInState, |state| collapse_spaces(&state)),
    (Defect::NormalisesLineBreaksInState, |state| state.replace("\r\n", "\n").replace('\r', "\n")),
    (Defect::DropsControlsFromState, |state| state.replace(char::is_control, "")),
    (Defect::CutsStateAtHash, |state| cut_before(&state, '#')),
    (Defect::CutsStateAtSemicolon, |state| cut_before(&state, ';')),
    (Defect::CutsStateAtAmpersand, |state| cut_before(&state, '&')),
    (Defect::StripsPaddingFromState, |state| state.trim_end_matches('=').to_owned()),
    (Defect::DropsQuotesFromState, |state| state.replace('"', "")),
    (Defect::RewritesNumericState, |state| {
        state.parse::<f64>().map(|number| number.to_string()).unwrap_or(state)
    }),
    (Defect::AppendsToState, |state| format!("{state}.0")),
    (Defect::EmptiesState, |_| String::new()),
];

/// Cuts after so many bytes, or a little earlier where a character would be split.
fn cut(mut state: String, length: usize) -> String {
    state.truncate(state.floor_char_boundary(length));
    state
}

fn cut_before(state: &str, end: char) -> String {
    state.split(end).next().unwrap_or_default().to_owned()
}

/// Removes everything between `<` and `>`, as sanitisers do.
fn without_markup(state: &str) -> String {
    let mut kept = String::new();
    let mut rest = state;
    while let Some((before, tag)) = rest.split_once('<') {
        kept.push_str(before);
        let Some((_, after)) = tag.split_once('>') else { return kept };
        rest = after;
    }
    kept + rest
}

fn collapse_spaces(state: &str) -> String {
    let mut collapsed = String::new();
    for c in state.chars() {
        if !(c == ' ' && collapsed.ends_with(' ')) {
            collapsed.push(c);
        }
    }
    collapsed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_way_of_mangling_changes_its_own_example() {
        let long = "x".repeat(4096);
        let state = |defect: Defect| match defect {
            Defect::TurnsSpaceInStateIntoPlus => "a b",
            Defect::DecodesStateTwice => "a%41",
            Defect::StripsMarkupFromState => "a<b>c",
            Defect::EscapesStateAsHtml => "a<b",
            Defect::DropsNonAsciiFromState | Defect::ReadsStateAsLatin1 => "\u{e9}t\u{e9}",
            Defect::BackslashesQuotesInState | Defect::DropsQuotesFromState => "a\"b",
            Defect::DropsBackslashesFromState => "a\\b",
            Defect::TrimsState => " a ",
            Defect::CollapsesSpacesInState => "a  b",
            Defect::NormalisesLineBreaksInState | Defect::DropsControlsFromState => "a\r\nb",
            Defect::CutsStateAtHash => "a#b",
            Defect::CutsStateAtSemicolon => "a;b",
            Defect::CutsStateAtAmpersand => "a&b",
            Defect::StripsPaddingFromState => "YQ==",
            Defect::RewritesNumericState => "0012",
            Defect::LowercasesState => "ABC",
            Defect::CutsStateAt64
            | Defect::CutsStateAt128
            | Defect::CutsStateAt255
            | Defect::CutsStateAt256
            | Defect::CutsStateAt512
            | Defect::CutsStateAt1024
            | Defect::CutsStateAt2048 => &long,
            _ => "a+b/c=",
        };
        for (defect, mangle) in MANGLED {
            let before = state(*defect);
            assert_ne!(mangle(before.to_owned()), before, "{defect:?}");
            assert_eq!(
                mangle(String::from("abcdefgh")).is_empty(),
                *defect == Defect::EmptiesState,
                "{defect:?}"
            );
        }
    }

    #[test]
    fn never_splits_a_character() {
        assert_eq!(cut("a\u{e9}".to_owned(), 2), "a");
    }
}

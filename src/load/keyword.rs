use crate::model::Level;

/// The keyword in a sentence that contradicts its level, if none beside it agrees: a MUST whose sentence says
/// only `should`, a MUST NOT that says only `must`. A sentence without keywords contradicts nothing.
pub(super) fn contradicting(level: Level, sentence: &str) -> Option<&'static str> {
    let found = Keywords::of(sentence);
    let (must, should) = (found.must || found.must_not, found.should || found.should_not);
    match level {
        Level::Must | Level::MustNot | Level::Required if should && !must => Some("should"),
        Level::Must if found.must_not && !found.must => Some("must not"),
        Level::MustNot if found.must && !found.must_not => Some("must"),
        Level::Should | Level::ShouldNot if must && !should => Some("must"),
        Level::Should if found.should_not && !found.should => Some("should not"),
        Level::ShouldNot if found.should && !found.should_not => Some("should"),
        Level::May if must && !found.may => Some("must"),
        Level::May if should && !found.may => Some("should"),
        _ => None,
    }
}

/// Which keywords stand in a sentence, in whatever case.
#[derive(Debug, Default)]
struct Keywords {
    must: bool,
    must_not: bool,
    should: bool,
    should_not: bool,
    may: bool,
}

impl Keywords {
    fn of(sentence: &str) -> Self {
        let mut found = Self::default();
        let mut words = sentence.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).peekable();
        while let Some(word) = words.next() {
            let mut is_negated = || words.peek().is_some_and(|next| is_any(next, &["not", "never"]));
            if is_any(word, &["must", "shall"]) {
                *(if is_negated() { &mut found.must_not } else { &mut found.must }) = true;
            } else if is_any(word, &["should"]) {
                *(if is_negated() { &mut found.should_not } else { &mut found.should }) = true;
            } else if is_any(word, &["may", "can"]) {
                found.may = true;
            }
        }
        found
    }
}

fn is_any(word: &str, known: &[&str]) -> bool {
    known.iter().any(|known| word.eq_ignore_ascii_case(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_keyword_that_stands_alone_contradicts() {
        let told = |level, sentence| contradicting(level, sentence);
        assert_eq!(told(Level::Must, "Codes should expire."), Some("should"));
        assert_eq!(told(Level::Must, "Codes must expire, and should do so soon."), None);
        assert_eq!(told(Level::MustNot, "Codes MUST expire."), Some("must"));
        assert_eq!(told(Level::MustNot, "Codes must never be used again."), None);
        assert_eq!(told(Level::Must, "Codes must not be used again."), Some("must not"));
        assert_eq!(told(Level::ShouldNot, "Codes should live long."), Some("should"));
        assert_eq!(told(Level::May, "Codes must be opaque."), Some("must"));
        assert_eq!(told(Level::May, "What must be there may be opaque."), None);
        assert_eq!(told(Level::Required, "Codes are opaque."), None);
        assert_eq!(told(Level::Should, "Mustard is opaque."), None);
    }
}

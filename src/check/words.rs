//! How what was expected and what was seen is put: short, escaped, cut.

use crate::model::Value;

/// Characters of a quoted text that are shown.
const SHOWN: usize = 200;

/// Members and parameters that carry credentials. Their values are never cut, because a credential is
/// masked when a finding is recorded, and only a whole one can be recognised.
const CREDENTIALS: [&str; 9] = [
    "access_token",
    "refresh_token",
    "id_token",
    "code",
    "code_verifier",
    "device_code",
    "client_secret",
    "password",
    "assertion",
];

/// How many characters of the value of that member, parameter or header field may be shown.
pub(super) fn limit_of(name: &str) -> usize {
    let last = name.rsplit('.').next().unwrap_or(name);
    if CREDENTIALS.contains(&last) || last.eq_ignore_ascii_case("location") { usize::MAX } else { SHOWN }
}

/// The text in quotes, with what is invisible or could steer a terminal escaped, cut at the usual length.
pub(super) fn quoted(text: &str) -> String {
    quoted_within(text, SHOWN)
}

/// As [`quoted`], cut at `limit` characters with the true length behind.
pub(super) fn quoted_within(text: &str, limit: usize) -> String {
    let (escaped, length) = escaped(text, limit);
    match length {
        None => format!("\"{escaped}\""),
        Some(length) => format!("\"{escaped}…\" ({length} characters)"),
    }
}

/// The text without quotes, escaped and cut: for URLs and codes in a running sentence.
pub(super) fn bare(text: &str, limit: usize) -> String {
    let (escaped, length) = escaped(text, limit);
    match length {
        None => escaped,
        Some(length) => format!("{escaped}… ({length} characters)"),
    }
}

/// The first `limit` characters escaped, and the true length if there are more.
fn escaped(text: &str, limit: usize) -> (String, Option<usize>) {
    let end = text.char_indices().nth(limit).map(|(end, _)| end);
    let quoted = format!("{:?}", &text[..end.unwrap_or(text.len())]);
    let inner = quoted.strip_prefix('"').and_then(|q| q.strip_suffix('"')).unwrap_or(&quoted);
    (inner.to_owned(), end.map(|_| text.chars().count()))
}

/// A value as a report shows it, cut.
pub(super) fn shown(value: &Value, limit: usize) -> String {
    match value {
        Value::Text(text) => quoted_within(text, limit),
        Value::List(_) | Value::Map(_) => {
            let text = value.to_string();
            match text.char_indices().nth(limit) {
                None => text,
                Some((end, _)) => format!("{}… ({} characters)", &text[..end], text.chars().count()),
            }
        }
        Value::Null => "null".to_owned(),
        other => other.to_string(),
    }
}

/// Where two texts part, if one of them is too long to compare by eye.
pub(super) fn difference(expected: &str, seen: &str) -> Option<String> {
    const LONG: usize = 24;
    if expected.chars().count().max(seen.chars().count()) <= LONG {
        return None;
    }
    let same = expected.chars().zip(seen.chars()).take_while(|(a, b)| a == b).count();
    let what = match (expected.chars().nth(same), seen.chars().nth(same)) {
        (None, None) => return None,
        (Some(_), None) => "the rest is missing".to_owned(),
        (None, Some(_)) => format!("{} more follow", count(seen.chars().count() - same, "character")),
        (Some(wanted), Some(got)) => {
            format!("{} instead of {}", quoted(&got.to_string()), quoted(&wanted.to_string()))
        }
    };
    Some(format!("differs from character {}: {what}", same + 1))
}

/// `1 character`, `2 characters`.
pub(super) fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

/// `a`, `a or b`, `a, b or c`.
pub(super) fn alternatives(items: &[String]) -> String {
    match items {
        [] => "nothing".to_owned(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_escape_and_cut() {
        assert_eq!(quoted("plain"), "\"plain\"");
        assert_eq!(quoted("a\"b\n\u{1b}[31m\u{202e}"), r#""a\"b\n\u{1b}[31m\u{202e}""#);
        let long = quoted(&"x".repeat(4096));
        assert!(long.ends_with("x…\" (4096 characters)"), "{long}");
        assert_eq!(long.matches('x').count(), 200);
        assert_eq!(quoted(&"é".repeat(200)).chars().count(), 202);
    }

    #[test]
    fn bare_text_has_no_quotes() {
        assert_eq!(bare("https://a.example/cb", 120), "https://a.example/cb");
        assert_eq!(bare("a\rb", 120), r"a\rb");
        assert_eq!(bare("abcdef", 3), "abc… (6 characters)");
        assert_eq!(bare("ends with \"", 120), "ends with \\\"");
    }

    #[test]
    fn says_where_long_texts_part() {
        let sent = "x".repeat(300);
        assert_eq!(
            difference(&sent, &sent[..255]).unwrap(),
            "differs from character 256: the rest is missing"
        );
        assert_eq!(
            difference(&sent[..255], &sent[..256]).unwrap(),
            "differs from character 256: 1 character more follow"
        );
        assert_eq!(
            difference(&sent, &sent.replacen('x', "y", 1)).unwrap(),
            "differs from character 1: \"y\" instead of \"x\""
        );
        assert_eq!(difference("a", "b"), None);
        assert_eq!(difference(&sent, &sent), None);
    }

    #[test]
    fn credentials_stay_whole() {
        let token = "t".repeat(900);
        assert_eq!(shown(&Value::from(token.as_str()), limit_of("first.access_token")), format!("{token:?}"));
        assert!(shown(&Value::from(token), limit_of("state")).contains("(900 characters)"));
    }
}

//! What a diagnostic shows of a target file: never a secret that somebody wrote into it.

use std::borrow::Cow;
use std::ops::Range;

/// The text with every secret in it made unreadable, byte for byte and character for character as long as before. A
/// text that is no target file comes back as it is: what suites call a secret is none.
pub(super) fn conceal(text: &str) -> Cow<'_, str> {
    if !is_target(text) {
        return text.into();
    }
    let mut shown = String::with_capacity(text.len());
    let mut inside = None;
    for line in text.split_inclusive('\n') {
        let indentation = line.len() - line.trim_start_matches([' ', '-', '\t']).len();
        match inside {
            Some(Inside::Deeper(than)) if indentation <= than && !line.trim().is_empty() => inside = None,
            Some(Inside::Key) if line.contains("-----END") => {
                shown.extend(line.chars().map(hidden));
                inside = None;
                continue;
            }
            _ => {}
        }
        if inside.is_some() {
            shown.extend(line.chars().map(hidden));
            continue;
        }
        let mut at = 0;
        for secret in secrets(line) {
            shown.push_str(&line[at..secret.start]);
            shown.extend(line[secret.clone()].chars().map(hidden));
            at = secret.end;
            inside = goes_on(&line[secret]).then_some(Inside::Deeper(indentation));
        }
        shown.push_str(&line[at..]);
        if line.contains("-----BEGIN") && !line.contains("-----END") {
            inside = Some(Inside::Key);
        }
    }
    shown.into()
}

/// What the lines that follow belong to.
enum Inside {
    /// A value of that key's indentation.
    Deeper(usize),
    /// A key in PEM.
    Key,
}

/// Whether the text is a target file, as far as that can be said of what may be no YAML at all.
fn is_target(text: &str) -> bool {
    let is_key = |text: &str| {
        let rest = text.trim_start_matches(['\u{feff}', '{', '"', '\'', ' ']).strip_prefix("target");
        rest.is_some_and(|rest| rest.trim_start_matches(['"', '\'', ' ']).starts_with(':'))
    };
    // Suites are large, and most have not even the word at the beginning of a line.
    let begins = |word: &str| text.starts_with(&word[1..]) || text.contains(word);
    if !["\ntarget", "\n\"target", "\n'target", "\n{", "\n\u{feff}"].into_iter().any(begins)
        && !text.starts_with(' ')
    {
        return false;
    }
    text.lines().any(|line| line.starts_with(|c: char| !c.is_whitespace()) && is_key(line))
        || text.trim_start().starts_with('{') && text.lines().any(is_key)
}

/// The values in the line that are secrets by the words before them.
fn secrets(line: &str) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    let mut at = 0;
    while let Some(start) = line[at..].find(is_word).map(|start| at + start) {
        let end = line[start..].find(|c| !is_word(c)).map_or(line.len(), |length| start + length);
        at = end;
        if !is_secret(&line[start..end]) {
            continue;
        }
        let first = line[..start].trim_start_matches([' ', '-', '"', '\'']).is_empty();
        let Some(value) = value_after(line, end, first) else { continue };
        let flow = line[..start].contains(['{', '[']);
        let length = length_of(&line[value..], flow);
        if length > 0 && !is_reference(&line[value..value + length]) {
            found.push(value..value + length);
        }
        at = value + length;
    }
    if found.is_empty() && (line.contains("PRIVATE KEY") || line.contains("\\\"kty\\\"")) {
        found.push(line.len() - line.trim_start().len()..line.trim_end().len());
    }
    found
}

fn is_secret(word: &str) -> bool {
    let word = word.to_ascii_lowercase().replace('-', "_");
    let speaks = ["secret", "passw", "private_key", "privatekey", "access_token", "api_key"];
    // The private members of a JWK (RFC 7518 section 6).
    let is_member = matches!(word.as_str(), "d" | "p" | "q" | "dp" | "dq" | "qi" | "k");
    let misspelt = || {
        ["password", "secret", "private_key"].iter().any(|known| {
            word.len().abs_diff(known.len()) <= 2 && strsim::damerau_levenshtein(&word, known) <= 2
        })
    };
    is_member || speaks.iter().any(|part| word.contains(part)) && !word.ends_with("_file") || misspelt()
}

/// Where the value begins after a key that ends at `end`: after a colon, or what was typed instead of one.
fn value_after(line: &str, end: usize, first: bool) -> Option<usize> {
    let rest = &line[end..];
    let after = rest.trim_start_matches(['"', '\'', ' ', '\\']);
    let value = match after.strip_prefix([':', '=']) {
        Some(value) => value,
        None if first && rest.starts_with(' ') => after,
        None => return None,
    };
    let value = value.trim_start_matches([' ', '\t']);
    Some(line.len() - value.len())
}

/// Bytes of the value: to the closing quote or bracket, to what ends it in a flow collection, or to the end of the
/// line.
fn length_of(value: &str, flow: bool) -> usize {
    let line = value.trim_end().len();
    let value = &value[..line];
    match value.chars().next() {
        None => 0,
        Some('{' | '[') => {
            let mut open = 0;
            let closing = value.char_indices().find(|(_, c)| {
                open += i32::from(matches!(c, '{' | '[')) - i32::from(matches!(c, '}' | ']'));
                open == 0
            });
            closing.map_or(line, |(at, _)| at + 1)
        }
        Some(quote @ ('"' | '\'')) => {
            let mut escaped = false;
            let closing = value.char_indices().skip(1).find(|(_, c)| {
                let closes = *c == quote && !escaped;
                escaped = *c == '\\' && quote == '"' && !escaped;
                closes
            });
            closing.map_or(line, |(at, _)| at + 1)
        }
        Some(_) if flow => value[..value.find([',', '}', ']']).unwrap_or(line)].trim_end().len(),
        Some(_) => line,
    }
}

/// `$env.NAME` and what comes near it, as `$NAME`, stand for secrets and are none.
fn is_reference(value: &str) -> bool {
    let value = value.trim_matches(['"', '\'']);
    let braced = value.strip_prefix("${").and_then(|inner| inner.strip_suffix('}'));
    let Some(inner) = braced.or_else(|| value.strip_prefix('$')) else { return false };
    let (prefix, name) = match inner.get(..4) {
        Some(prefix) if prefix.eq_ignore_ascii_case("env.") => (prefix, &inner[4..]),
        _ => ("", inner),
    };
    let letters = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    let any = |c: char| letters(c) || c.is_ascii_lowercase() && !prefix.is_empty();
    !name.is_empty() && name.chars().all(any)
}

/// Whether a value may go on in the lines below.
fn goes_on(value: &str) -> bool {
    let closed = value.len() > 1
        && (value.starts_with('"') && value.ends_with('"')
            || value.starts_with('\'') && value.ends_with('\''));
    !closed
}

/// A character of the same length that says nothing.
fn hidden(c: char) -> char {
    match (c, c.len_utf8()) {
        ('\n' | '\r', _) => c,
        (_, 1) => '*',
        (_, 2) => '·',
        (_, 3) => '•',
        _ => '🔒',
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn secrets_are_concealed_and_references_are_not() {
        for (line, shown) in [
            ("  secret: 7Fjf", "  secret: ****"),
            ("  secret: \"a\\\"b, c\" # why", "  secret: ********* # why"),
            ("  - { id: a, secret: 7Fjf, partner: b }", "  - { id: a, secret: ****, partner: b }"),
            ("  client-secret:7Fjf", "  client-secret:****"),
            ("  password 7Fjf", "  password ****"),
            ("  passwort: 'Ü€😀'", "  passwort: *·•🔒*"),
            ("  password: [7Fjf]", "  password: ******"),
            ("  \"d\": \"7Fjf\", \"x\": \"abc\"", "  \"d\": ******, \"x\": \"abc\""),
            ("  secret: $env.SECRET", "  secret: $env.SECRET"),
            ("  secret: \"${env.SECRET}\"", "  secret: \"${env.SECRET}\""),
            ("  secret: ${SECRET}", "  secret: ${SECRET}"),
            ("  secret: $ecret", "  secret: ******"),
            ("  private_key_file: key.pem", "  private_key_file: key.pem"),
            ("  authentication: client_secret_post", "  authentication: client_secret_post"),
            ("  private_key: { d: [7Fjf] }, b: c", "  private_key: *************, b: c"),
            ("  pasword: 7Fjf", "  pasword: ****"),
        ] {
            let target = format!("target: t\n{line}\n");
            assert_eq!(conceal(&target), format!("target: t\n{shown}\n"));
            let suite = format!("suite: s\n{line}\n");
            assert_eq!(conceal(&suite), suite);
        }
    }

    #[test]
    fn secrets_of_several_lines_are_concealed() {
        let text = "target: t\n  private_key: |\n    -----BEGIN PRIVATE KEY-----\n    MC4C\n\n  id: a\n\
                    \x20 secret: \"7F\n    jf\"\n  id: b\n-----BEGIN PRIVATE KEY-----\nMC4C\n-----END PRIVATE KEY-----\nid: c\n";
        let shown = conceal(text);
        assert!(!shown.contains("MC4C") && !shown.contains("7F") && !shown.contains("jf"), "{shown}");
        assert!(["  id: a", "  id: b", "id: c"].iter().all(|line| shown.contains(line)), "{shown}");
    }

    proptest! {
        #[test]
        fn places_stay_where_they_are(lines in prop::collection::vec("[ a-z\"'{}:,|\\[\\]é€😀]{0,12}(secret|password|d)?[:= ]{0,2}.{0,12}", 0..6)) {
            let text = format!("target: t\n{}", lines.join("\n"));
            let shown = conceal(&text);
            let places = |text: &str| text.char_indices().map(|(at, _)| at).collect::<Vec<_>>();
            prop_assert_eq!(places(&text), places(&shown));
            prop_assert_eq!(text.matches('\n').count(), shown.matches('\n').count());
        }
    }
}

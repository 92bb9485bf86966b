use super::text::is_hidden;

/// A part of a shell word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// These bytes.
    Literal(Vec<u8>),
    /// The value of the shell variable.
    Variable(String),
}

/// The text as one word of a POSIX shell.
pub(super) fn word(text: &str) -> String {
    literal(text.as_bytes())
}

/// The pieces, joined, as one word of a POSIX shell; bytes that cannot stand on a terminal are written in
/// dollar quotes (POSIX.1-2024 section 2.2.4) in octal, which means the same in every shell that has them.
/// A NUL cannot be in a word of any shell.
pub(super) fn word_of(pieces: &[Piece]) -> String {
    if pieces.iter().any(|piece| matches!(piece, Piece::Variable(_))) && pieces.iter().all(fits_double_quotes)
    {
        return double_quoted(pieces);
    }
    let word: String = pieces
        .iter()
        .filter(|piece| **piece != Piece::Literal(Vec::new()))
        .map(|piece| match piece {
            Piece::Literal(bytes) => literal(bytes),
            Piece::Variable(name) => format!("\"${name}\""),
        })
        .collect();
    if word.is_empty() { "''".to_owned() } else { word }
}

/// The bytes in dollar quotes, whatever they are.
pub(super) fn dollar_quoted(bytes: &[u8]) -> String {
    format!("$'{}'", octal_escaped(bytes, |c| matches!(c, '\\' | '\'')))
}

/// The bytes as the format of `printf`, which unlike a word may hold NULs.
pub(super) fn printf_format(bytes: &[u8]) -> String {
    format!("'{}'", octal_escaped(bytes, |c| matches!(c, '\\' | '\'' | '%')))
}

fn literal(bytes: &[u8]) -> String {
    let Some(text) = std::str::from_utf8(bytes).ok().filter(|text| !text.contains(is_hidden)) else {
        return dollar_quoted(bytes);
    };
    if !text.is_empty()
        && !text.starts_with('=')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_./:@%+,=".contains(c))
    {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

fn fits_double_quotes(piece: &Piece) -> bool {
    let Piece::Literal(bytes) = piece else { return true };
    std::str::from_utf8(bytes)
        .is_ok_and(|text| !text.contains(|c| is_hidden(c) || matches!(c, '$' | '`' | '"' | '\\' | '!')))
}

fn double_quoted(pieces: &[Piece]) -> String {
    let mut word = String::from("\"");
    for (index, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Literal(bytes) => word.push_str(&String::from_utf8_lossy(bytes)),
            Piece::Variable(name) if continues_name(pieces.get(index + 1)) => {
                word.push_str(&format!("${{{name}}}"));
            }
            Piece::Variable(name) => word.push_str(&format!("${name}")),
        }
    }
    word.push('"');
    word
}

fn continues_name(next: Option<&Piece>) -> bool {
    matches!(next, Some(Piece::Literal(bytes))
        if bytes.first().is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'[' | b'{')))
}

fn octal_escaped(bytes: &[u8], special: impl Fn(char) -> bool) -> String {
    let mut escaped = String::new();
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            if is_hidden(c) || special(c) {
                let mut buffer = [0; 4];
                escaped.extend(c.encode_utf8(&mut buffer).bytes().map(octal));
            } else {
                escaped.push(c);
            }
        }
        escaped.extend(chunk.invalid().iter().copied().map(octal));
    }
    escaped
}

fn octal(byte: u8) -> String {
    match byte {
        b'\n' => "\\n".to_owned(),
        b'\r' => "\\r".to_owned(),
        b'\t' => "\\t".to_owned(),
        _ => format!("\\{byte:03o}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_only_where_they_must_be() {
        for (text, quoted) in [
            ("plain-word_1.x/y", "plain-word_1.x/y"),
            ("", "''"),
            ("two words", "'two words'"),
            ("it's", r"'it'\''s'"),
            ("$HOME`id`", "'$HOME`id`'"),
            ("~", "'~'"),
            ("a\nb", r"$'a\nb'"),
            ("\u{1b}[31m'\\", r"$'\033[31m\047\134'"),
            ("\u{202e}ab", r"$'\342\200\256ab'"),
            ("ünï", "'ünï'"),
        ] {
            assert_eq!(word(text), quoted, "{text:?}");
        }
        assert_eq!(literal(b"\xff1"), r"$'\3771'");
    }

    #[test]
    fn variables_stand_in_double_quotes() {
        let pieces = |before: &str, after: &str| {
            [Piece::Literal(before.into()), Piece::Variable("CODE".to_owned()), Piece::Literal(after.into())]
        };
        assert_eq!(word_of(&pieces("code=", "&x=1")), r#""code=$CODE&x=1""#);
        assert_eq!(word_of(&pieces("code=", "s")), r#""code=${CODE}s""#);
        assert_eq!(word_of(&pieces("a b!", "")), r#"'a b!'"$CODE""#);
        assert_eq!(word_of(&[]), "''");
    }
}

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{self, Write};

use serde::{Serialize, Serializer};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The text with every character that a terminal obeys or that a reader cannot see written as `\u{..}`:
/// all controls (C0, DEL, C1; line ends and tabs too), bidirectional marks, zero-width and other invisible
/// characters, and noncharacters (which XML cannot carry). What is left is safe on a terminal, in XML once
/// markup is escaped, and reads as what it is.
pub fn clean_text(text: &str) -> String {
    escape_hidden(text, is_hidden)
}

/// As [`clean_text`], with line feeds kept, for text that the project itself has laid out in lines.
pub fn clean_lines(text: &str) -> String {
    escape_hidden(text, |c| c != '\n' && is_hidden(c))
}

/// The same JSON, with the characters that [`clean_text`] replaces written as `\uXXXX`. In JSON they stand
/// only inside strings, so no value changes; but the file can be looked at on a terminal.
pub(super) fn escape_json(json: &str) -> Cow<'_, str> {
    replace_hidden(
        json,
        |c| c != '\n' && is_hidden(c),
        |c, escaped| {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(escaped, "\\u{unit:04x}");
            }
        },
    )
}

/// Writes the value as indented JSON, as [`escape_json`] would have it, without the whole of it in memory.
pub(super) fn write_json(value: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    let mut escaping = Escaping { out, gathered: Vec::with_capacity(2 * GATHERED) };
    serde_json::to_writer_pretty(&mut escaping, value)?;
    escaping.flush()?;
    writeln!(out)
}

/// A list that is made item by item while it is written, so that it is never in memory as a whole.
pub(super) struct Lazily<F>(pub(super) F);

impl<F, I> Serialize for Lazily<F>
where
    F: Fn() -> I,
    I: Iterator<Item: Serialize>,
{
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq((self.0)())
    }
}

/// Bytes that are escaped and passed on at a time: serde_json writes a few at a time.
const GATHERED: usize = 1 << 16;

/// What serde_json writes are whole characters at a time.
struct Escaping<'a> {
    out: &'a mut dyn Write,
    gathered: Vec<u8>,
}

impl Write for Escaping<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.gathered.extend_from_slice(bytes);
        if self.gathered.len() >= GATHERED {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let text = std::str::from_utf8(&self.gathered).map_err(io::Error::other)?;
        self.out.write_all(escape_json(text).as_bytes())?;
        self.gathered.clear();
        Ok(())
    }
}

/// Whether a terminal obeys the character, a reader cannot see it, or XML cannot carry it.
pub(super) fn is_hidden(c: char) -> bool {
    if matches!(c, ' '..='~') {
        return false; // nearly all that is ever asked
    }
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{fdd0}'..='\u{fdef}'
            | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}')
        || (c as u32) & 0xfffe == 0xfffe
}

fn escape_hidden(text: &str, hidden: impl Fn(char) -> bool) -> String {
    replace_hidden(text, hidden, |c, clean| {
        // Writing to a string cannot fail.
        let _ = write!(clean, "\\u{{{:x}}}", c as u32);
    })
    .into_owned()
}

/// The text with the hidden characters written by `spell`; nearly always there are none.
fn replace_hidden(
    text: &str,
    hidden: impl Fn(char) -> bool,
    spell: impl Fn(char, &mut String),
) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    let next = |from: usize| {
        let mut at = from;
        loop {
            // Nearly all is plain, and bytes are looked at sooner than characters.
            at += bytes.get(at..)?.iter().position(|byte| !matches!(byte, b' '..=b'~'))?;
            let c = text.get(at..)?.chars().next()?;
            if hidden(c) {
                return Some((at, c));
            }
            at += c.len_utf8();
        }
    };
    let Some(mut found) = next(0) else { return Cow::Borrowed(text) };
    let (mut done, mut spelt) = (0, String::with_capacity(text.len() + 64));
    loop {
        let (at, c) = found;
        spelt.push_str(&text[done..at]);
        spell(c, &mut spelt);
        done = at + c.len_utf8();
        match next(done) {
            Some(further) => found = further,
            None => {
                spelt.push_str(&text[done..]);
                return Cow::Owned(spelt);
            }
        }
    }
}

/// At most that many characters, and where there are more, how many there are.
pub(super) fn cut(text: &str, limit: usize) -> Cow<'_, str> {
    match text.char_indices().nth(limit) {
        None => Cow::Borrowed(text),
        Some((at, _)) => {
            Cow::Owned(format!("{}… ({} characters)", &text[..at], thousands(text.chars().count())))
        }
    }
}

/// At most that many columns, with an ellipsis for the rest.
pub(super) fn cut_columns(text: &str, columns: usize) -> Cow<'_, str> {
    if text.width() <= columns {
        return Cow::Borrowed(text);
    }
    let mut used = 1; // the ellipsis
    let mut kept = String::new();
    for c in text.chars() {
        used += c.width().unwrap_or(0);
        if used > columns {
            break;
        }
        kept.push(c);
    }
    kept.push('…');
    Cow::Owned(kept)
}

/// The words of the text in lines of at most so many columns; within a line the blanks stay as they are. A
/// longer word is broken where the line ends, but a link never is: it has a line of its own.
pub(super) fn wrap(text: &str, columns: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut used = columns; // so that the first word begins the first line
    for word in text.trim_matches(' ').split(' ') {
        let width = word.width();
        if let Some(line) = lines.last_mut().filter(|_| used + 1 + width <= columns) {
            line.push(' ');
            line.push_str(word);
            used += 1 + width;
        } else if word.is_empty() {
            // Blanks at the end of a line are not seen, at the beginning of one they would mislead.
        } else if width <= columns || word.contains("://") {
            lines.push(word.to_owned());
            used = width;
        } else {
            let pieces = broken(word, columns);
            used = pieces.last().map_or(0, |piece| piece.width());
            lines.extend(pieces);
        }
    }
    lines
}

fn broken(word: &str, columns: usize) -> Vec<String> {
    let mut pieces = vec![String::new()];
    let mut used = 0;
    for c in word.chars() {
        let width = c.width().unwrap_or(0);
        if used + width > columns {
            pieces.push(String::new());
            used = 0;
        }
        used += width;
        if let Some(piece) = pieces.last_mut() {
            piece.push(c);
        }
    }
    pieces
}

/// `1204` as `1,204`.
pub(super) fn thousands(number: impl TryInto<u64>) -> String {
    let digits = number.try_into().unwrap_or(u64::MAX).to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 case`, `3 cases`.
pub(super) fn count(number: usize, noun: &str) -> String {
    format!("{} {noun}{}", thousands(number), if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_a_terminal_obeys_survives() {
        let hostile = "a\u{1b}[2J\u{1b}]0;t\u{7}\u{9b}31m\u{202e}\r\u{8}\u{7f}\u{85}\u{200b}\t\u{ffff}\nz";
        assert_eq!(
            clean_text(hostile),
            "a\\u{1b}[2J\\u{1b}]0;t\\u{7}\\u{9b}31m\\u{202e}\\u{d}\\u{8}\\u{7f}\\u{85}\\u{200b}\\u{9}\\u{ffff}\\u{a}z"
        );
        assert_eq!(clean_lines("a\n\u{1b}"), "a\n\\u{1b}");
    }

    #[test]
    fn ordinary_text_of_any_script_is_left_alone() {
        for text in ["supply::leads", "Ünïcödé", "日本語", "עברית", "‹code:3f9a›", "a\\u{1b}"]
        {
            assert_eq!(clean_text(text), text);
        }
    }

    #[test]
    fn json_keeps_its_values() {
        let value = serde_json::json!({ "a\u{9b}": ["\u{202e}", "\u{e0041}\n", "é"] });
        let json = serde_json::to_string_pretty(&value).unwrap();
        let escaped = escape_json(&json);
        assert!(escaped.contains(r#""a\u009b""#) && escaped.contains(r#""\udb40\udc41\n""#), "{escaped}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&escaped).unwrap(), value);
    }

    #[test]
    fn a_long_document_is_escaped_wherever_it_is_cut() {
        let texts = vec!["ü\u{9b}\u{e0041}\n"; 2 * GATHERED / 16];
        let mut written = Vec::new();
        write_json(&Lazily(|| texts.iter()), &mut written).unwrap();
        let written = String::from_utf8(written).unwrap();
        assert_eq!(written, escape_json(&serde_json::to_string_pretty(&texts).unwrap()) + "\n");
        assert!(!written.contains('\u{9b}'));
    }

    #[test]
    fn cutting_tells_the_length() {
        assert_eq!(cut("äöü", 3), "äöü");
        assert_eq!(cut("äöüß", 3), "äöü… (4 characters)");
        assert_eq!(cut_columns("日本語", 6), "日本語");
        assert_eq!(cut_columns("日本語日", 6), "日本…");
    }

    #[test]
    fn lines_end_between_words() {
        assert_eq!(wrap(" a b  ccc dddd ", 8), ["a b  ccc", "dddd"]);
        assert_eq!(wrap("see https://example.org/long x", 8), ["see", "https://example.org/long", "x"]);
        assert_eq!(wrap("aaa    bbb", 5), ["aaa  ", "bbb"]);
        assert_eq!(wrap("a 0123456789ab cd", 8), ["a", "01234567", "89ab cd"]);
        assert!(wrap("  ", 8).is_empty());
    }

    #[test]
    fn numbers_are_grouped() {
        for (number, text) in [(0_u64, "0"), (999, "999"), (1204, "1,204"), (1_000_000, "1,000,000")] {
            assert_eq!(thousands(number), text);
        }
        assert_eq!(count(1, "case"), "1 case");
        assert_eq!(count(0, "case"), "0 cases");
    }
}

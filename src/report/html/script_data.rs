use std::io::{self, Write};

use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::{CharEscape, CompactFormatter, Formatter};

use super::super::text::is_hidden;

/// The value as JSON that can stand in a script element: nothing in it can end the element or begin a comment. What a
/// reader could not see in a text is written out as `\u{..}`; line ends and tabs are kept.
pub(super) fn script_data(value: &impl Serialize) -> serde_json::Result<String> {
    let mut data = Vec::new();
    write_script_data(value, &mut data)?;
    // Texts come in whole and leave whole.
    String::from_utf8(data).map_err(serde::ser::Error::custom)
}

/// As [`script_data`], straight to where it goes.
pub(super) fn write_script_data(value: &impl Serialize, out: &mut dyn Write) -> serde_json::Result<()> {
    value.serialize(&mut Serializer::with_formatter(out, Visible::default()))
}

#[derive(Debug, Default)]
struct Visible {
    /// A carriage return was read, which is not shown where a line feed follows.
    is_returning: bool,
}

impl Visible {
    fn settle<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        if std::mem::take(&mut self.is_returning) { spell(out, '\r') } else { Ok(()) }
    }
}

impl Formatter for Visible {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, out: &mut W, text: &str) -> io::Result<()> {
        self.settle(out)?;
        let mut rest = text;
        while let Some((at, c)) = rest.char_indices().find(|(_, c)| is_masked(*c)) {
            out.write_all(&rest.as_bytes()[..at])?;
            match c {
                '<' | '>' | '&' => write!(out, "\\u{:04x}", c as u32)?,
                c => spell(out, c)?,
            }
            rest = &rest[at + c.len_utf8()..];
        }
        out.write_all(rest.as_bytes())
    }

    fn write_char_escape<W: ?Sized + Write>(&mut self, out: &mut W, escape: CharEscape) -> io::Result<()> {
        let is_line_end = matches!(escape, CharEscape::LineFeed);
        if !(is_line_end && std::mem::take(&mut self.is_returning)) {
            self.settle(out)?;
        }
        match escape {
            CharEscape::CarriageReturn => {
                self.is_returning = true;
                Ok(())
            }
            CharEscape::Backspace => spell(out, '\u{8}'),
            CharEscape::FormFeed => spell(out, '\u{c}'),
            CharEscape::AsciiControl(byte) => spell(out, char::from(byte)),
            escape => CompactFormatter.write_char_escape(out, escape),
        }
    }

    fn end_string<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.settle(out)?;
        out.write_all(b"\"")
    }
}

/// As a text that says which character it is.
fn spell<W: ?Sized + Write>(out: &mut W, c: char) -> io::Result<()> {
    write!(out, "\\\\u{{{:x}}}", c as u32)
}

fn is_masked(c: char) -> bool {
    matches!(c, '<' | '>' | '&') || is_hidden(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_breaks_out_of_a_script_element() {
        let hostile = "</script><!--<script>]]>&\u{2028}\u{1b}[2J\u{202e}\"\\\r\n\t\r\u{8}\u{c}\u{7f}\r";
        let data = script_data(&[hostile]).unwrap();
        assert!(!data.contains(['<', '>', '&', '\u{2028}', '\u{1b}', '\n', '\u{7f}']), "{data}");
        let read: Vec<String> = serde_json::from_str(&data).unwrap();
        assert_eq!(
            read,
            ["</script><!--<script>]]>&\\u{2028}\\u{1b}[2J\\u{202e}\"\\\n\t\\u{d}\\u{8}\\u{c}\\u{7f}\\u{d}"]
        );
    }
}

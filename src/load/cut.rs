//! The tokens of a built-in file, which `build.rs` has cut already.

use std::mem::take;

use super::file::Span;
use super::yaml::Token;

/// A file that the binary brings along.
#[derive(Clone, Copy, Debug)]
pub struct BuiltIn {
    /// Its path from the root of the sources.
    pub name: &'static str,
    /// Its text.
    pub text: &'static str,
    /// Its tokens as `build.rs` writes them; empty if it could not, and the text has to be scanned.
    pub tokens: &'static [u8],
}

/// Reads what `build.rs` has written.
#[derive(Debug)]
pub(super) struct Cut<'t> {
    text: &'t str,
    rest: &'t [u8],
    last: usize,
    /// The anchor of the token to come, 0 for none.
    anchor: usize,
}

impl<'t> Cut<'t> {
    /// The tokens of a text.
    pub fn new(text: &'t str, tokens: &'t [u8]) -> Self {
        Self { text, rest: tokens, last: 0, anchor: 0 }
    }

    /// Leaves out the value that comes next, with all that is in it. `None` at the end.
    pub fn leave_out(&mut self) -> Option<()> {
        let mut open = 0_usize;
        loop {
            let kind = self.byte()?;
            match kind {
                0 => open = open.saturating_sub(1),
                8 => {
                    self.number()?;
                    continue; // it belongs to the value that follows
                }
                _ => self.last += self.number()?,
            }
            match kind {
                1 | 2 => open += 1,
                3..=5 | 9 => {
                    self.number()?;
                }
                6 | 7 => {
                    self.number()?;
                    let length = self.number()?;
                    self.rest = self.rest.get(length..)?;
                }
                _ => {}
            }
            if open == 0 {
                return Some(());
            }
        }
    }

    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    fn number(&mut self) -> Option<usize> {
        let (mut value, mut shift) = (0, 0);
        loop {
            let byte = self.byte()?;
            value |= usize::from(byte & 0x7f).checked_shl(shift)?;
            if byte < 0x80 {
                return Some(value);
            }
            shift += 7;
        }
    }

    fn scalar(&mut self, kind: u8, start: usize, end: usize) -> Option<Token<'t>> {
        let text = match kind {
            3 | 4 => self.text.get(start..end)?,
            5 => self.text.get(start + 1..end - 1)?,
            _ => {
                let length = self.number()?;
                let (text, rest) = self.rest.split_at_checked(length)?;
                self.rest = rest;
                str::from_utf8(text).ok()?
            }
        };
        Some(Token::Scalar {
            text: text.into(),
            plain: matches!(kind, 3 | 6),
            anchor: take(&mut self.anchor),
        })
    }
}

impl<'t> Iterator for Cut<'t> {
    type Item = (Token<'t>, Span);

    fn next(&mut self) -> Option<Self::Item> {
        let mut kind = self.byte()?;
        if kind == 0 {
            return Some((Token::End, Span::default()));
        }
        if kind == 8 {
            self.anchor = self.number()?;
            kind = self.byte()?;
        }
        let start = self.last + self.number()?;
        self.last = start;
        Some(match kind {
            1 => (Token::List(take(&mut self.anchor)), Span::new(start, start)),
            2 => (Token::Map(take(&mut self.anchor)), Span::new(start, start)),
            9 => (Token::Alias(self.number()?), Span::new(start, start)),
            _ => {
                let end = start + self.number()?;
                (self.scalar(kind, start, end)?, Span::new(start, end))
            }
        })
    }
}

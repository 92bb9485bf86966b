//! Text to YAML's tokens, and what to say where it has none; the only file that knows the YAML crate.

use std::borrow::Cow;
use std::fmt;

use granit_parser::{ErrorKind, Event, Parser, ScalarStyle, ScanError, StrInput, Tag};

use super::diagnostic::{Diagnostic, Diagnostics};
use super::file::{File, Span};
use super::traps::trap;
use crate::model::Location;

/// A piece of a file, as YAML cuts it.
#[derive(Debug)]
pub(super) enum Token<'t> {
    /// A key, or a value that holds no others.
    Scalar {
        /// Its text without quotes and escapes.
        text: Cow<'t, str>,
        /// Whether it may be something else than a text.
        plain: bool,
        /// The number of its anchor, 0 for none.
        anchor: usize,
    },
    /// The beginning of a list; the number of its anchor, 0 for none.
    List(usize),
    /// The beginning of a map; the number of its anchor, 0 for none.
    Map(usize),
    /// The end of the innermost list or map.
    End,
    /// The repetition of what has that anchor.
    Alias(usize),
}

/// The tokens of a file, one by one.
pub(super) struct Tokens<'f, 't> {
    file: &'f File<'t>,
    parser: Parser<'t, StrInput<'t>>,
    documents: usize,
}

impl fmt::Debug for Tokens<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens").field("file", self.file).finish_non_exhaustive()
    }
}

impl<'f, 't> Tokens<'f, 't> {
    /// The tokens of a file with no more than `deepest` collections inside one another.
    pub fn new(file: &'f File<'t>, deepest: usize) -> Self {
        let mut options = granit_parser::options! {
            flow_nesting_limit: deepest,
            block_nesting_limit: deepest,
        };
        options.set_emit_comments(false);
        Self { file, parser: Parser::new_from_str_with_options(file.text, options), documents: 0 }
    }

    /// The next token and its place: of a scalar with its quotes, of a collection only where it starts. `None` at
    /// the end of the file.
    ///
    /// # Errors
    ///
    /// What is no YAML, a second document, or a tag other than `!!str`.
    pub fn next(&mut self) -> Result<Option<(Token<'t>, Span)>, Diagnostics> {
        while let Some(next) = self.parser.next_event() {
            let (event, place) = next.map_err(|error| scan_error(self.file, &error))?;
            let start = place.start.byte_offset().unwrap_or_default();
            let end =
                if matches!(event, Event::Scalar(..) | Event::Alias(_)) { place.end } else { place.start };
            let span = Span::new(start, end.byte_offset().unwrap_or(start));
            let token = match event {
                Event::DocumentStart(..) => {
                    self.documents += 1;
                    continue;
                }
                Event::Scalar(text, style, anchor, tag) => {
                    if tag.as_ref().is_some_and(|tag| !is_text(tag)) {
                        return Err(unknown_tag(self.file, span).into());
                    }
                    Token::Scalar { text, plain: style == ScalarStyle::Plain && tag.is_none(), anchor }
                }
                Event::SequenceStart(_, _, Some(_)) | Event::MappingStart(_, _, Some(_)) => {
                    return Err(unknown_tag(self.file, span).into());
                }
                Event::SequenceStart(_, anchor, None) => Token::List(anchor),
                Event::MappingStart(_, anchor, None) => Token::Map(anchor),
                Event::SequenceEnd | Event::MappingEnd => Token::End,
                Event::Alias(anchor) => Token::Alias(anchor),
                _ => continue, // where streams and documents end
            };
            if self.documents > 1 {
                let place = self.file.locate(span);
                let message = "the file has a second YAML document";
                return Err(Diagnostic::new(place, message, "one file, one document").page("yaml").into());
            }
            return Ok(Some((token, span)));
        }
        Ok(None)
    }
}

/// `!!str`, or `!`, which means the same.
fn is_text(tag: &Tag) -> bool {
    tag.core_suffix() == Some("str") || tag.original() == "!"
}

fn unknown_tag(file: &File<'_>, span: Span) -> Diagnostic {
    explain(file, file.locate(span), "no tag is known but `!!str`")
}

/// What the parser says, in this project's words.
fn scan_error(file: &File<'_>, error: &ScanError) -> Diagnostic {
    let place = file.point(error.marker().line(), error.marker().col() + 1);
    match error.kind() {
        ErrorKind::RecursionLimitExceeded => too_deep(place),
        ErrorKind::UnknownAnchor => explain(file, place, "no anchor of that name stands before"),
        _ => explain(file, place, &error.info().replace('\'', "`")),
    }
}

/// What is said where collections stand inside one another without end.
pub(super) fn too_deep(place: Location) -> Diagnostic {
    Diagnostic::new(place, "the file is nested too deeply", "past the limit here")
        .help(format!("at most {} levels", super::tree::DEEPEST))
        .page("yaml")
}

/// A mistake that may be one of the traps that YAML sets for everybody.
pub(super) fn explain(file: &File<'_>, place: Location, words: &str) -> Diagnostic {
    trap(file, &place, words)
        .unwrap_or_else(|| Diagnostic::new(place, "this is not valid YAML", words))
        .page("yaml")
}

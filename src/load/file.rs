use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::sync::Arc;

use super::conceal::conceal;
use super::tree::{Kind, Node};
use crate::model::Location;

/// A file's text, and what it takes to name places in it.
#[derive(Debug)]
pub(super) struct File<'a> {
    /// The text.
    pub text: &'a str,
    /// The text as it may be shown: place for place the same, without the secrets of a target.
    shown: Cow<'a, str>,
    name: Arc<str>,
    starts: Vec<usize>,
    /// Each line's text once, however many values stand in it.
    lines: RefCell<Vec<Option<Arc<str>>>>,
    /// The place that was named last: its line, its byte there, and the characters before it. Files are read
    /// forwards, so that a line of a million values is walked once.
    last: Cell<(usize, usize, usize)>,
}

/// Bytes of a file, from and to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Span {
    pub start: u32,
    pub end: u32,
}

impl Span {
    /// The bytes from `start` to `end`, which are below 4 GiB because files are.
    pub fn new(start: usize, end: usize) -> Self {
        let clip = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Self { start: clip(start), end: clip(end.max(start)) }
    }
}

impl<'a> File<'a> {
    /// Finds the lines.
    pub fn new(name: &str, text: &'a str) -> Self {
        Self::showing(name, text, conceal(text))
    }

    /// The same for a file that is built in: it has no secrets, and need not be searched for them.
    pub fn built_in(name: &str, text: &'a str) -> Self {
        Self::showing(name, text, text.into())
    }

    fn showing(name: &str, text: &'a str, shown: Cow<'a, str>) -> Self {
        let mut starts = vec![0];
        starts.extend(text.bytes().zip(1..).filter(|(byte, _)| *byte == b'\n').map(|(_, after)| after));
        let lines = RefCell::new(vec![None; starts.len()]);
        Self { text, shown, name: name.into(), starts, lines, last: Cell::default() }
    }

    /// The part of the text, empty if the span does not fit it.
    pub fn slice(&self, span: Span) -> &'a str {
        self.text.get(span.start as usize..span.end as usize).unwrap_or_default()
    }

    /// The text of the line, counted from 0, without its line end.
    pub fn line(&self, index: usize) -> &'a str {
        self.line_of(self.text, index)
    }

    fn line_of<'t>(&self, text: &'t str, index: usize) -> &'t str {
        let start = self.starts.get(index).copied().unwrap_or(text.len());
        let end = self.starts.get(index + 1).copied().unwrap_or(text.len());
        text.get(start..end).unwrap_or_default().trim_end_matches(['\n', '\r'])
    }

    /// The same as it may be shown.
    pub fn shown(&self, index: usize) -> &str {
        self.line_of(&self.shown, index)
    }

    /// Where the span begins; what it covers on that line.
    pub fn locate(&self, span: Span) -> Location {
        let start = (span.start as usize).min(self.text.len());
        let index = self.starts.partition_point(|s| *s <= start).saturating_sub(1);
        let line = self.line(index);
        let from = start - self.starts.get(index).copied().unwrap_or(start);
        let to = (from + (span.end - span.start) as usize).min(line.len()).max(from);
        let length = line.get(from..to).unwrap_or_default().trim_end().chars().count();
        Location {
            file: self.name.clone(),
            line: index + 1,
            column: self.characters(index, line, from) + 1,
            length: length.max(1),
            text: self.interned(index),
        }
    }

    /// The characters of the line before that byte.
    fn characters(&self, index: usize, line: &str, byte: usize) -> usize {
        let (last_line, last_byte, before) = self.last.get();
        let is_further = last_line == index && last_byte <= byte;
        let (from, before) = if is_further { (last_byte, before) } else { (0, 0) };
        let Some(between) = line.get(from..byte) else { return line.chars().count() };
        let characters = before + between.chars().count();
        self.last.set((index, byte, characters));
        characters
    }

    /// Bytes of a line, counted from 0.
    pub fn within_line(&self, index: usize, from: usize, to: usize) -> Location {
        let start = self.starts.get(index).copied().unwrap_or_default();
        self.locate(Span::new(start + from, start + to))
    }

    /// The byte at which a place begins.
    pub fn offset(&self, place: &Location) -> usize {
        let index = place.line.clamp(1, self.starts.len()) - 1;
        let line = self.line(index);
        let before =
            line.char_indices().nth(place.column.saturating_sub(1)).map_or(line.len(), |(byte, _)| byte);
        self.starts.get(index).copied().unwrap_or_default() + before
    }

    /// The character at a line and a column, both counted from 1.
    pub fn point(&self, line: usize, column: usize) -> Location {
        let start = self.offset(&Location { line, column, ..Location::default() });
        self.locate(Span::new(start, start + 1))
    }

    /// The place of the whole file: its first line that is not empty.
    pub fn top(&self) -> Location {
        let start = self.text.len() - self.text.trim_start().len();
        let start = if start == self.text.len() { 0 } else { start };
        self.locate(Span::new(start, start))
    }

    /// Whether a collection is written with brackets.
    pub fn is_flow(&self, node: &Node) -> bool {
        self.text.as_bytes().get(node.span.start as usize).is_some_and(|b| matches!(b, b'{' | b'['))
    }

    /// What a node covers: a scalar itself, a flow collection with its brackets, of a block collection the
    /// first key or item.
    pub fn extent(&self, node: &Node) -> Span {
        let start = node.span.start as usize;
        let flow = self.is_flow(node);
        match &node.kind {
            Kind::Map(entries) => match (entries.first(), entries.last()) {
                (Some(first), _) if !flow => first.span,
                (_, last) => self.closed(start, last.map(|e| self.extent(&e.value).end.max(e.span.end))),
            },
            Kind::List(items) => match (items.first(), items.last()) {
                (Some(first), _) if !flow => self.extent(first),
                (_, last) => self.closed(start, last.map(|i| self.extent(i).end)),
            },
            _ => node.span,
        }
    }

    fn closed(&self, start: usize, last: Option<u32>) -> Span {
        let from = last.map_or(start + 1, |end| end as usize);
        let rest = self.text.get(from..).unwrap_or_default();
        let closing = rest.find(|c: char| !matches!(c, ' ' | ','));
        match closing {
            Some(at) if rest[at..].starts_with(['}', ']']) => Span::new(start, from + at + 1),
            _ => Span::new(start, from.max(start + 1)),
        }
    }

    fn interned(&self, index: usize) -> Arc<str> {
        let mut lines = self.lines.borrow_mut();
        match lines.get_mut(index) {
            Some(slot) => slot.get_or_insert_with(|| self.shown(index).into()).clone(),
            None => self.shown(index).into(),
        }
    }
}

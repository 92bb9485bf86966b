use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use super::diagnostic::{Diagnostic, nearest, nearest_spelling};
use super::file::{File, Span};
use super::language::{Field, Record};
use super::meant;
use super::names::Names;
use super::resolve::Named;
use super::tree::{Entry, Kind, Node};
use crate::model::{Located, Location, Scripts, parse_duration};

/// Whether readers and the description of the language are held against each other.
pub(super) const INSISTS: bool = cfg!(any(test, debug_assertions));

/// Mistakes that are told of one file: nobody reads more, and there may be millions.
const MOST: usize = 200;

/// Reads one file's tree into the model. Whatever is wrong is noted and reading goes on, so that all
/// mistakes come out at once; `None` means that something has been noted.
#[derive(Debug)]
pub(super) struct Decoder<'a> {
    /// The file.
    pub file: &'a File<'a>,
    /// Whether the file is built in, so that the tests have looked at it and what takes long need not be checked.
    pub is_tested: bool,
    /// Where the scripts of cases are, if they are not read now.
    pub elsewhere: Option<Arc<Scripts>>,
    /// What references may name at the place being read.
    pub names: RefCell<Names>,
    /// What the file names of others.
    pub named: RefCell<Named>,
    /// Of the records being read, the headings in the reference.
    inside: RefCell<Vec<&'static str>>,
    problems: RefCell<Vec<Diagnostic>>,
}

impl<'a> Decoder<'a> {
    /// A decoder that has noted nothing yet.
    pub fn new(file: &'a File<'a>) -> Self {
        Self {
            file,
            is_tested: false,
            elsewhere: None,
            names: RefCell::default(),
            named: RefCell::default(),
            inside: RefCell::default(),
            problems: RefCell::default(),
        }
    }

    /// The same for a built-in file; if its scripts are elsewhere, they are not read.
    pub fn built_in(file: &'a File<'a>, elsewhere: Option<Arc<Scripts>>) -> Self {
        Self { is_tested: true, elsewhere, ..Self::new(file) }
    }

    /// Everything that was noted, and what the file names of others.
    pub fn finish(self) -> (Vec<Diagnostic>, Named) {
        (self.problems.into_inner(), self.named.into_inner())
    }

    /// The id of a requirement, which some file must have.
    pub fn requirement(&self, node: &Node) -> Option<Located<String>> {
        let id = self.located(node, "`for`")?;
        self.named.borrow_mut().requirements.push(id.clone());
        Some(id)
    }

    /// Whether anything was noted.
    pub fn has_problems(&self) -> bool {
        !self.problems.borrow().is_empty()
    }

    /// Notes a mistake, if there are not too many already.
    pub fn note(&self, mut diagnostic: Diagnostic) {
        let noted = self.problems.borrow().len();
        if noted > MOST {
            return;
        }
        if noted == MOST {
            let message = format!("the file has more than {MOST} mistakes: those from here on are not told");
            diagnostic = Diagnostic::new(diagnostic.location, message, "one more").page("files");
        }
        diagnostic.page = diagnostic.page.or_else(|| self.inside.borrow().last().copied());
        self.problems.borrow_mut().push(diagnostic);
    }

    /// Notes a mistake about a value.
    pub fn wrong(&self, node: &Node, message: impl Into<String>, label: impl Into<String>) {
        self.note(Diagnostic::new(self.at(node), message, label));
    }

    /// Where a value stands.
    pub fn at(&self, node: &Node) -> Location {
        self.file.locate(self.file.extent(node))
    }

    /// Where a key stands.
    pub fn at_key(&self, entry: &Entry) -> Location {
        self.file.locate(entry.span)
    }

    /// A map whose keys are the author's.
    pub fn map<'n>(&'n self, node: &'n Node<'n>, what: &'n str) -> Option<Map<'n, 'a>> {
        Some(Map::new(self, node, self.entries(node, what)?, what, None))
    }

    /// A map whose keys the language describes.
    pub fn record<'n>(&'n self, node: &'n Node<'n>, record: &'static Record) -> Option<Map<'n, 'a>> {
        self.record_as(node, record, record.what)
    }

    /// The same under another name than the record's own.
    pub fn record_as<'n>(
        &'n self,
        node: &'n Node<'n>,
        record: &'static Record,
        what: &'n str,
    ) -> Option<Map<'n, 'a>> {
        self.inside.borrow_mut().push(record.name);
        let map = self.entries(node, what).map(|e| Map::new(self, node, e, what, Some(record)));
        if map.is_none() {
            self.inside.borrow_mut().pop();
        }
        map
    }

    /// The members of a map.
    pub fn entries<'n>(&self, node: &'n Node<'n>, what: &str) -> Option<&'n [Entry<'n>]> {
        match &node.kind {
            Kind::Map(entries) => Some(entries),
            other => {
                self.wrong(node, format!("{what} must be a map, not {}", other.describe()), "expected a map");
                None
            }
        }
    }

    /// A list.
    pub fn list<'n>(&self, node: &'n Node<'n>, what: &str) -> Option<&'n [Node<'n>]> {
        match &node.kind {
            Kind::List(items) => Some(items),
            Kind::Text(_) | Kind::Number(_) | Kind::Bool(_) | Kind::Filled(_) => {
                let text = self.file.slice(node.span);
                let meant = match meant::range(text) {
                    Some((from, to)) => format!("write `[{from}, {to}]`"),
                    None => format!("write `[{text}]`"),
                };
                self.note(
                    Diagnostic::new(self.at(node), format!("{what} must be a list"), "expected a list")
                        .help(meant),
                );
                None
            }
            other => {
                let message = format!("{what} must be a list, not {}", other.describe());
                let problem = Diagnostic::new(self.at(node), message, "expected a list");
                self.note(match other {
                    Kind::Map(_) if self.file.is_flow(node) => {
                        problem.help("put it in brackets: `[ { … } ]`")
                    }
                    Kind::Map(_) => problem.help("begin each of its items with `- `"),
                    _ => problem,
                });
                None
            }
        }
    }

    /// A text; numbers and booleans count as the text that stands there.
    pub fn text(&self, node: &Node, what: &str) -> Option<String> {
        match &node.kind {
            Kind::Text(text) | Kind::Filled(text) => Some(text.to_string()),
            Kind::Bool(_) | Kind::Number(_) => Some(self.file.slice(node.span).trim().to_owned()),
            other => {
                let message = format!("{what} must be a text, not {}", other.describe());
                let problem = Diagnostic::new(self.at(node), message, "expected a text");
                let words = match other {
                    Kind::List(items) if what.contains("scope") => all(items, word),
                    _ => None,
                };
                self.note(match (self.commented_out(node), words) {
                    (Some(text), _) => problem
                        .help(format!("`#` begins a comment: put the text in quotes, `\"{text}\"`"))
                        .page("yaml"),
                    (None, Some(words)) => {
                        problem.help(format!("scopes are one text with spaces: `\"{}\"`", words.join(" ")))
                    }
                    (None, None) => problem,
                });
                None
            }
        }
    }

    /// What stands behind a `#` where a value should be, as in `link: #anchor`.
    fn commented_out(&self, node: &Node) -> Option<&'a str> {
        let Kind::Null = node.kind else { return None };
        let index = self.at(node).line - 1;
        let (before, _) = self.file.line(index).split_once(": #")?;
        (!before.contains(['"', '\''])).then(|| &self.file.shown(index)[before.len() + 2..])
    }

    /// A text that is not empty.
    pub fn sentence(&self, node: &Node, what: &str) -> Option<String> {
        let text = self.text(node, what)?;
        if text.trim().is_empty() {
            self.wrong(node, format!("{what} is empty"), "expected some words");
            return None;
        }
        Some(text)
    }

    /// A text and its place.
    pub fn located(&self, node: &Node, what: &str) -> Option<Located<String>> {
        Some(Located { value: self.text(node, what)?, location: self.at(node) })
    }

    /// Texts.
    pub fn texts(&self, node: &Node, what: &str) -> Option<Vec<String>> {
        let item = format!("each of {what}");
        self.each(node, what, |node| self.text(node, &item))
    }

    /// A list of anything; `None` if any of it is wrong, though all of it has been read.
    pub fn each<T>(&self, node: &Node, what: &str, read: impl Fn(&Node) -> Option<T>) -> Option<Vec<T>> {
        let items = self.list(node, what)?;
        all(items, read)
    }

    /// `true` or `false`.
    pub fn flag(&self, node: &Node, what: &str) -> Option<bool> {
        match &node.kind {
            Kind::Bool(value) => Some(*value),
            other => {
                let problem = Diagnostic::new(
                    self.at(node),
                    format!("{what} is neither `true` nor `false`"),
                    "expected `true` or `false`",
                );
                let meant = match other {
                    Kind::Text(text) => match text.to_lowercase().as_str() {
                        "yes" | "on" | "true" => Some("true"),
                        "no" | "off" | "false" => Some("false"),
                        _ => None,
                    },
                    _ => None,
                };
                self.note(problem.suggest(meant));
                None
            }
        }
    }

    /// A whole number within bounds.
    pub fn integer(&self, node: &Node, what: &str, least: u64, most: u64) -> Option<u64> {
        let number = match &node.kind {
            Kind::Number(number) => number.as_u64(),
            Kind::Filled(text) => text.trim().parse().ok(),
            _ => None,
        };
        let fits = number.filter(|n| (least..=most).contains(n));
        if fits.is_none() {
            let bounds = match (least, most) {
                (0, u64::MAX) => "a whole number".to_owned(),
                (least, u64::MAX) => format!("a whole number of {least} or more"),
                _ => format!("a whole number from {least} to {most}"),
            };
            let whole = matches!(&node.kind, Kind::Number(number) if !number.is_f64()) || number.is_some();
            let wrong = if whole { "out of bounds" } else { "no whole number" };
            self.wrong(node, format!("{what} is {wrong}"), format!("expected {bounds}"));
        }
        fits
    }

    /// A duration.
    pub fn duration(&self, node: &Node, what: &str) -> Option<Duration> {
        let (Kind::Text(text) | Kind::Filled(text)) = &node.kind else {
            self.not_a_duration(node, what);
            return None;
        };
        let duration = parse_duration(text);
        if duration.is_none() {
            self.not_a_duration(node, what);
        }
        duration
    }

    /// Notes that something is no duration.
    pub fn not_a_duration(&self, node: &Node, what: &str) {
        let problem = Diagnostic::new(
            self.at(node),
            format!("{what} is not a duration"),
            "expected a number with `ms`, `s`, `m`, `h` or `d`, at most 100 years",
        );
        self.note(match &node.kind {
            Kind::Number(number) => problem.help(format!("for seconds write `{number}s`")),
            Kind::Text(text) => match meant::duration(text) {
                Some(meant) if meant != **text => problem.help(format!("write `{meant}`")),
                _ => problem,
            },
            _ => problem,
        });
    }

    /// One of several words.
    pub fn choice<T: Copy>(&self, node: &Node, what: &str, choices: &[(&str, T)]) -> Option<T> {
        let text = self.text(node, what)?;
        if let Some((_, value)) = choices.iter().find(|(name, _)| *name == text) {
            return Some(*value);
        }
        let words = || choices.iter().map(|(name, _)| *name);
        let problem = Diagnostic::new(self.at(node), format!("{what} is none of the known words"), "");
        self.note(problem.expected(words()).suggest(nearest(&text, words())));
        None
    }

    /// A slug: lower-case words joined by `-`; and by what else is given.
    pub fn slug(&self, node: &Node, what: &str, further: &[char]) -> Option<String> {
        let text = self.text(node, what)?;
        let joint = |c: char| c == '-' || further.contains(&c);
        let word = |w: &str| !w.is_empty() && w.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
        let plain = |b: &u8| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-');
        let ends = text.starts_with('-') || text.ends_with('-') || text.contains("--");
        if !text.is_empty() && !ends && text.as_bytes().iter().all(plain) || text.split(joint).all(word) {
            return Some(text);
        }
        let mut joints = String::from("`-`");
        for c in further {
            joints.push_str(&format!(" or `{c}`"));
        }
        let lower = text.to_lowercase();
        let proposal: Vec<&str> = lower
            .split(|c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit() || further.contains(&c)))
            .filter(|w| !w.is_empty())
            .collect();
        let proposal = proposal.join("-");
        let problem = Diagnostic::new(
            self.at(node),
            format!("{what} is no slug"),
            format!("expected lower-case letters and digits, joined by {joints}"),
        );
        let fits = !proposal.is_empty() && proposal.split(joint).all(word);
        self.note(if fits { problem.help(format!("for example `{proposal}`")) } else { problem });
        None
    }

    /// The place of a part of a scalar, in bytes of its text; the whole scalar if escapes or folding keep
    /// it from being found.
    pub fn within(&self, node: &Node, text: &str, start: usize, end: usize) -> Location {
        let from = node.span.start as usize;
        for skip in [0, 1] {
            if self.file.text.get(from + skip..).is_some_and(|rest| rest.starts_with(text)) {
                return self.file.locate(Span::new(from + skip + start, from + skip + end));
            }
        }
        self.at(node)
    }
}

fn word<'n>(node: &'n Node<'_>) -> Option<&'n str> {
    match &node.kind {
        Kind::Text(text) => Some(text),
        _ => None,
    }
}

/// Reads all items, and answers them if none was wrong.
pub(super) fn all<'n, N, T>(items: &'n [N], read: impl Fn(&'n N) -> Option<T>) -> Option<Vec<T>> {
    let mut values = Vec::with_capacity(items.len());
    let mut complete = true;
    for item in items {
        match read(item) {
            Some(value) => values.push(value),
            None => complete = false,
        }
    }
    complete.then_some(values)
}

/// A map as a cursor. What the language describes is known, what is left over is a mistake; in tests, so is
/// a key that the reader asks for and nobody describes, or that is described and nobody asks for.
#[derive(Debug)]
pub(super) struct Map<'n, 'a> {
    decoder: &'n Decoder<'a>,
    node: &'n Node<'n>,
    entries: &'n [Entry<'n>],
    what: &'n str,
    record: Option<&'static Record>,
    otherwise: Cell<Option<&'static str>>,
    asked: RefCell<Vec<&'static str>>,
    pardoned: Cell<Option<&'static str>>,
    complete: Cell<bool>,
}

impl Drop for Map<'_, '_> {
    fn drop(&mut self) {
        if self.record.is_some() {
            self.decoder.inside.borrow_mut().pop();
        }
    }
}

impl<'n, 'a> Map<'n, 'a> {
    fn new(
        decoder: &'n Decoder<'a>,
        node: &'n Node<'n>,
        entries: &'n [Entry<'n>],
        what: &'n str,
        record: Option<&'static Record>,
    ) -> Self {
        // Most maps are small, and hashing their keys would cost more than comparing them.
        let mut seen = (entries.len() > 16).then(HashMap::<&str, &Entry>::new);
        for (index, entry) in entries.iter().enumerate() {
            let first = match &mut seen {
                None => entries[..index].iter().find(|e| e.key == entry.key),
                Some(seen) => seen.insert(&entry.key, entry),
            };
            if let Some(first) = first {
                decoder.note(
                    Diagnostic::new(
                        decoder.at_key(entry),
                        format!("the key `{}` stands twice in this map", entry.key),
                        "the second",
                    )
                    .second(decoder.at_key(first), "the first"),
                );
            }
        }
        Self {
            decoder,
            node,
            entries,
            what,
            record,
            otherwise: Cell::default(),
            asked: RefCell::default(),
            pardoned: Cell::default(),
            complete: Cell::new(true),
        }
    }

    /// All members, for a map whose keys are free.
    pub fn entries(&self) -> &'n [Entry<'n>] {
        self.entries
    }

    /// The member of that name.
    pub fn entry(&self, key: &'static str) -> Option<&'n Entry<'n>> {
        self.ask(key, None);
        self.entries.iter().find(|e| e.key == key)
    }

    /// Remembers the question, and insists in tests that the language describes the key alike.
    fn ask(&self, key: &'static str, is_required: Option<bool>) {
        if INSISTS {
            let field = self.record.and_then(|record| record.field(key));
            assert!(field.is_some(), "{} is read with `{key}`, which no one describes", self.what);
            let agrees = is_required.is_none_or(|is| field.is_some_and(|f| f.is_required == is));
            assert!(agrees, "reader and description of `{key}` in {} disagree on `required`", self.what);
            self.asked.borrow_mut().push(key);
        }
    }

    /// The value of that name.
    pub fn optional(&self, key: &'static str) -> Option<&'n Node<'n>> {
        self.entry(key).map(|e| &e.value)
    }

    /// The value of that name, which must be there.
    pub fn required(&self, key: &'static str) -> Option<&'n Node<'n>> {
        self.ask(key, Some(true));
        let node = self.optional(key);
        if node.is_none() {
            self.complete.set(false);
            self.decoder.note(Diagnostic::new(
                self.decoder.at(self.node),
                format!("`{key}` is missing"),
                format!("{} needs `{key}`", self.what),
            ));
        }
        node
    }

    /// Reads the value of that name if it is there; a mistake in it makes the map incomplete.
    pub fn read<T>(&self, key: &'static str, read: impl FnOnce(&'n Node<'n>) -> Option<T>) -> Option<T> {
        self.ask(key, Some(false));
        let value = read(self.optional(key)?);
        if value.is_none() {
            self.complete.set(false);
        }
        value
    }

    /// Reads the value of that name, which must be there.
    pub fn need<T>(&self, key: &'static str, read: impl FnOnce(&'n Node<'n>) -> Option<T>) -> Option<T> {
        let value = read(self.required(key)?);
        if value.is_none() {
            self.complete.set(false);
        }
        value
    }

    /// What to say of a key that is like none of the known ones, instead of naming these.
    pub fn otherwise(&self, help: &'static str) {
        self.otherwise.set(Some(help));
    }

    /// Has a key passed over that does not belong here, which has been noted elsewhere.
    pub fn pardon(&self, key: &'static str) {
        self.pardoned.set(Some(key));
        self.complete.set(false);
    }

    /// Says that the reader goes through the members and reads these keys as it meets them.
    pub fn walks(&self, fields: &'static [Field]) {
        if INSISTS {
            self.asked.borrow_mut().extend(fields.iter().map(|field| field.key));
        }
    }

    /// Notes that something about the map is wrong that has been noted elsewhere.
    pub fn fail(&self) {
        self.complete.set(false);
    }

    /// All keys that the language describes.
    fn known(&self) -> Vec<&'static str> {
        self.record.map(Record::all_fields).unwrap_or_default().iter().map(|field| field.key).collect()
    }

    /// Notes every key that the language does not describe; `None` if anything in the map was wrong.
    pub fn finish(&self) -> Option<()> {
        let is_known = |key: &str| self.record.is_some_and(|record| record.field(key).is_some());
        let unknown: Vec<&Entry> = self
            .entries
            .iter()
            .filter(|e| !is_known(&e.key) && self.pardoned.get() != Some(&*e.key))
            .collect();
        if INSISTS && !self.decoder.has_problems() {
            let asked = self.asked.borrow();
            for key in self.known() {
                assert!(asked.contains(&key), "{} is described with `{key}`, which no one reads", self.what);
            }
        }
        if unknown.is_empty() {
            return self.complete.get().then_some(());
        }
        let known = self.known();
        let there: HashSet<&str> = self.entries.iter().map(|e| &*e.key).collect();
        let free: Vec<&str> = known.iter().copied().filter(|k| !there.contains(k)).collect();
        for entry in unknown {
            self.complete.set(false);
            let place = self.decoder.at_key(entry);
            let problem = Diagnostic::new(place, format!("unknown key `{}`", entry.key), "");
            self.decoder.note(if entry.key == "<<" {
                Diagnostic { label: "merge keys are not part of this language".to_owned(), ..problem }
                    .help("in suites, put shared steps under `fragments:`")
            } else {
                let home =
                    self.record.and_then(|record| meant::home(record, &entry.key, |key| there.contains(key)));
                let nearest = match self.otherwise.get() {
                    Some(_) => nearest_spelling(&entry.key, free.iter().copied()),
                    None => nearest(&entry.key, free.iter().copied()),
                };
                let unknown = |problem| Diagnostic { label: "not known here".to_owned(), ..problem };
                match (home, nearest, self.otherwise.get()) {
                    (Some(home), ..) => {
                        unknown(problem).help(format!("`{}` belongs inside `{home}`", entry.key))
                    }
                    (None, Some(_), _) => unknown(problem).suggest(nearest),
                    (None, None, Some(help)) => unknown(problem).help(help),
                    (None, None, None) => problem.expected(known.iter().copied()),
                }
            });
        }
        self.complete.get().then_some(())
    }
}

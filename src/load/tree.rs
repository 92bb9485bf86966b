//! Tokens to a tree of values that know their places.

use std::borrow::Cow;
use std::collections::HashMap;

use serde_json::Number;

use super::cut::Cut;
use super::diagnostic::{Diagnostic, Diagnostics};
use super::file::{File, Span};
use super::yaml::{self, Token, Tokens};
use crate::model::Location;

/// A value and its place.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Node<'t> {
    /// The value.
    pub kind: Kind<'t>,
    /// A scalar with its quotes; of a collection only where it starts.
    pub span: Span,
}

/// The kinds of values.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind<'t> {
    /// `null`, `~` or nothing at all.
    Null,
    /// `true` or `false`, and none of YAML 1.1's other spellings.
    Bool(bool),
    /// An integer or a float.
    Number(Number),
    /// Text, quoted or not.
    Text(Cow<'t, str>),
    /// Text that was not in the file but filled in afterwards: its words must not be repeated in messages.
    Filled(Cow<'t, str>),
    /// A list.
    List(Vec<Node<'t>>),
    /// Members in order; a key may occur twice.
    Map(Vec<Entry<'t>>),
}

/// A member of a map.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Entry<'t> {
    /// Its key.
    pub key: Cow<'t, str>,
    /// Where the key stands.
    pub span: Span,
    /// Its value.
    pub value: Node<'t>,
}

impl Kind<'_> {
    /// What kind of value it is, for messages.
    pub fn describe(&self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Bool(_) => "a boolean",
            Self::Number(_) => "a number",
            Self::Text(_) | Self::Filled(_) => "a text",
            Self::List(_) => "a list",
            Self::Map(_) => "a map",
        }
    }
}

/// Bytes that a file may have.
pub(super) const LARGEST: usize = 10 << 20;
/// Collections that may stand inside one another: few enough for a small stack without optimisation.
pub(super) const DEEPEST: usize = 32;
/// Values that a file may have.
const MOST_NODES: usize = 4_000_000;
/// Values that aliases may repeat, all together, and that may be kept for them.
const MOST_REPEATED: usize = 200_000;

/// Reads a file.
///
/// # Errors
///
/// What is no YAML, or too much of it.
pub(super) fn parse<'t>(file: &File<'t>) -> Result<Node<'t>, Diagnostics> {
    if file.text.len() > LARGEST {
        return Err(too_large(file.top()).into());
    }
    if file.text.lines().all(|l| l.trim().is_empty() || l.trim_start().starts_with('#')) {
        return Err(Diagnostic::new(file.top(), "the file is empty", "nothing to read here").into());
    }
    let mut tokens = Tokens::new(file, DEEPEST);
    let mut tree = Tree::new(file);
    while let Some((token, span)) = tokens.next()? {
        tree.take(token, span)?;
    }
    Ok(tree.whole())
}

/// The first key of a file that is a map.
///
/// # Errors
///
/// What is no YAML so far.
pub(super) fn first_key<'t>(file: &File<'t>) -> Result<Option<Cow<'t, str>>, Diagnostics> {
    let mut tokens = Tokens::new(file, DEEPEST);
    Ok(match (tokens.next()?, tokens.next()?) {
        (Some((Token::Map(_), _)), Some((Token::Scalar { text, .. }, _))) => Some(text),
        _ => None,
    })
}

/// Puts together a file whose tokens are known.
///
/// # Errors
///
/// Too much of it.
pub(super) fn assemble<'t>(file: &File<'t>, tokens: Cut<'t>) -> Result<Node<'t>, Diagnostics> {
    let mut tree = Tree::new(file);
    for (token, span) in tokens {
        tree.take(token, span)?;
    }
    Ok(tree.whole())
}

/// Puts together a suite file whose tokens are known, without what its cases do: in the place of their scripts, and of
/// the fragments, is nothing.
///
/// # Errors
///
/// Too much of it; an alias of what was left out.
pub(super) fn assemble_heads<'t>(file: &File<'t>, mut tokens: Cut<'t>) -> Result<Node<'t>, Diagnostics> {
    let mut tree = Tree::new(file);
    while let Some((token, span)) = tokens.next() {
        tree.take(token, span)?;
        if tree.expects_script() {
            let _ = tokens.leave_out(); // at the end is nothing to leave out
            tree.take(Token::Scalar { text: "".into(), plain: true, anchor: 0 }, span)?;
        }
    }
    Ok(tree.whole())
}

/// What is said of a file that is not even read.
pub(super) fn too_large(place: Location) -> Diagnostic {
    Diagnostic::new(place, "the file is larger than 10 MiB", "split it")
}

/// A tree that grows token by token.
struct Tree<'f, 't> {
    file: &'f File<'t>,
    root: Option<Node<'t>>,
    /// The collections that have not ended, the innermost last.
    open: Vec<Open<'t>>,
    anchored: HashMap<usize, Anchored<'t>>,
    nodes: usize,
    /// Nodes that were copied for aliases, and by them.
    repeated: usize,
}

/// A collection that has not ended.
struct Open<'t> {
    items: Items<'t>,
    span: Span,
    anchor: usize,
    /// The nodes before it.
    before: usize,
    /// The collections inside it, one in the other.
    levels: usize,
}

/// What a collection holds.
enum Items<'t> {
    List(Vec<Node<'t>>),
    /// The members, and the key that has no value yet.
    Map(Vec<Entry<'t>>, Option<(Cow<'t, str>, Span)>),
}

/// What aliases may repeat.
struct Anchored<'t> {
    node: Node<'t>,
    nodes: usize,
    levels: usize,
}

impl<'f, 't> Tree<'f, 't> {
    fn new(file: &'f File<'t>) -> Self {
        Self { file, root: None, open: Vec::new(), anchored: HashMap::new(), nodes: 0, repeated: 0 }
    }

    /// Whether what comes next belongs to a script: the value of a suite's `fragments`, or of its cases' `steps` or
    /// `finally`.
    fn expects_script(&self) -> bool {
        let Some(Open { items: Items::Map(_, Some((key, _))), .. }) = self.open.last() else { return false };
        match self.open.len() {
            1 => key == "fragments",
            3 => matches!(&**key, "steps" | "finally"),
            _ => false,
        }
    }

    fn whole(self) -> Node<'t> {
        self.root.unwrap_or(Node { kind: Kind::Null, span: Span::default() })
    }

    fn take(&mut self, token: Token<'t>, span: Span) -> Result<(), Diagnostics> {
        match token {
            Token::Scalar { text, plain, anchor } => {
                let is_key = matches!(self.open.last(), Some(Open { items: Items::Map(_, None), .. }));
                let kind =
                    if plain && (!is_key || is_null(&text)) { resolve(text) } else { Kind::Text(text) };
                self.count(1, span)?;
                self.put(Node { kind, span }, anchor, 1, 0)
            }
            Token::List(anchor) => self.begin(Items::List(Vec::new()), anchor, span),
            Token::Map(anchor) => self.begin(Items::Map(Vec::new(), None), anchor, span),
            Token::End => {
                let Some(open) = self.open.pop() else { return Ok(()) };
                let kind = match open.items {
                    Items::List(items) => Kind::List(items),
                    Items::Map(entries, _) => Kind::Map(entries),
                };
                let nodes = self.nodes - open.before;
                self.put(Node { kind, span: open.span }, open.anchor, nodes, open.levels + 1)
            }
            Token::Alias(anchor) => self.repeat(anchor, span),
        }
    }

    fn begin(&mut self, items: Items<'t>, anchor: usize, span: Span) -> Result<(), Diagnostics> {
        if let Some(Open { items: Items::Map(_, None), .. }) = self.open.last() {
            return Err(self.no_key(span, "a list or a map").into());
        }
        if self.open.len() >= DEEPEST {
            return Err(yaml::too_deep(self.file.locate(span)).into());
        }
        let before = self.nodes;
        self.count(1, span)?;
        self.open.push(Open { items, span, anchor, before, levels: 0 });
        Ok(())
    }

    /// Puts a whole node where it belongs: into the innermost collection, as a key or a value.
    fn put(&mut self, node: Node<'t>, anchor: usize, nodes: usize, levels: usize) -> Result<(), Diagnostics> {
        if anchor != 0 {
            self.copy(nodes, node.span)?;
            self.anchored.insert(anchor, Anchored { node: node.clone(), nodes, levels });
        }
        let Some(open) = self.open.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        open.levels = open.levels.max(levels);
        match &mut open.items {
            Items::List(items) => items.push(node),
            Items::Map(entries, key) => match key.take() {
                Some((key, span)) => entries.push(Entry { key, span, value: node }),
                None => match node.kind {
                    Kind::Text(text) => *key = Some((text, node.span)),
                    Kind::Bool(_) | Kind::Number(_) => {
                        *key = Some((self.file.slice(node.span).into(), node.span));
                    }
                    other => return Err(self.no_key(node.span, other.describe()).into()),
                },
            },
        }
        Ok(())
    }

    fn repeat(&mut self, anchor: usize, span: Span) -> Result<(), Diagnostics> {
        let Some(Anchored { node, nodes, levels }) = self.anchored.get(&anchor) else {
            let place = self.file.locate(span);
            let message = "the alias stands inside its own anchor";
            return Err(Diagnostic::new(place, message, "without end").page("yaml").into());
        };
        let (nodes, levels) = (*nodes, *levels);
        if self.open.len() + levels > DEEPEST {
            return Err(yaml::too_deep(self.file.locate(span)).into());
        }
        let node = node.clone();
        self.copy(nodes, span)?;
        self.count(nodes, span)?;
        self.put(node, 0, nodes, levels)
    }

    fn count(&mut self, nodes: usize, span: Span) -> Result<(), Diagnostics> {
        self.nodes += nodes;
        if self.nodes > MOST_NODES {
            let place = self.file.locate(span);
            return Err(Diagnostic::new(place, "the file has too many values", "past the limit here")
                .help(format!("at most {MOST_NODES}"))
                .page("yaml")
                .into());
        }
        Ok(())
    }

    fn copy(&mut self, nodes: usize, span: Span) -> Result<(), Diagnostics> {
        self.repeated += nodes;
        if self.repeated > MOST_REPEATED {
            let place = self.file.locate(span);
            let message = "the aliases of the file repeat too much";
            return Err(Diagnostic::new(place, message, "past the limit here").page("yaml").into());
        }
        Ok(())
    }

    fn no_key(&self, span: Span, what: &str) -> Diagnostic {
        yaml::explain(self.file, self.file.locate(span), &format!("a key must be a text, not {what}"))
    }
}

fn is_null(text: &str) -> bool {
    matches!(text, "" | "~" | "null" | "Null" | "NULL")
}

/// What a plain scalar means: YAML 1.2's core schema, except that numbers with a leading zero or underscores, and
/// what no number can hold, stay the texts that stand there.
fn resolve(text: Cow<'_, str>) -> Kind<'_> {
    match &*text {
        "true" | "True" | "TRUE" => return Kind::Bool(true),
        "false" | "False" | "FALSE" => return Kind::Bool(false),
        word if is_null(word) => return Kind::Null,
        _ => {}
    }
    number(&text).map_or(Kind::Text(text), Kind::Number)
}

fn number(text: &str) -> Option<Number> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let digits = |rest: &str| rest.bytes().all(|b| b.is_ascii_digit());
    if !unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        || unsigned.contains('_')
        || unsigned.len() > 1 && unsigned.starts_with('0') && digits(unsigned)
    {
        return None;
    }
    let radix = [("0x", 16), ("0X", 16), ("0o", 8), ("0O", 8), ("0b", 2), ("0B", 2)]
        .into_iter()
        .find_map(|(prefix, radix)| Some((unsigned.strip_prefix(prefix)?, radix)));
    let (magnitude, radix) = radix.unwrap_or((unsigned, 10));
    if !magnitude.starts_with(['+', '-'])
        && let Ok(magnitude) = i128::from_str_radix(magnitude, radix)
    {
        let value = if text.starts_with('-') { -magnitude } else { magnitude };
        if let Ok(value) = u64::try_from(value) {
            return Some(value.into());
        }
        if let Ok(value) = i64::try_from(value) {
            return Some(value.into());
        }
    }
    // Not a number in Rust's words either: `inf`, `nan`, which begin with a letter.
    text.parse().ok().and_then(Number::from_f64)
}

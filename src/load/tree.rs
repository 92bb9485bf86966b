//! Text to a tree of values that know their places; besides `verdicts.rs` the only file that knows the YAML crate.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Number;
use serde_saphyr::options::{DuplicateKeyPolicy, MergeKeyPolicy, NonFiniteFloatPolicy};
use serde_saphyr::{Error, Options, Spanned};

use super::diagnostic::{Diagnostic, Diagnostics};
use super::file::{File, Span};
use super::traps::trap;
use crate::model::Location;

/// A value and its place.
#[derive(Debug)]
pub(super) struct Node {
    /// The value.
    pub kind: Kind,
    /// A scalar with its quotes; of a collection only where it starts.
    pub span: Span,
}

/// The kinds of values.
#[derive(Debug)]
pub(super) enum Kind {
    /// `null`, `~` or nothing at all.
    Null,
    /// `true` or `false`, and none of YAML 1.1's other spellings.
    Bool(bool),
    /// An integer or a float.
    Number(Number),
    /// Text, quoted or not.
    Text(String),
    /// Text that was not in the file but filled in afterwards: its words must not be repeated in messages.
    Filled(String),
    /// A list.
    List(Vec<Node>),
    /// Members in order; a key may occur twice.
    Map(Vec<Entry>),
}

/// A member of a map.
#[derive(Debug)]
pub(super) struct Entry {
    /// Its key.
    pub key: String,
    /// Where the key stands.
    pub span: Span,
    /// Its value.
    pub value: Node,
}

impl Kind {
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
const DEEPEST: usize = 32;
/// Values that a file may have.
const MOST_NODES: usize = 4_000_000;
/// Values that aliases may repeat, all together.
const MOST_REPEATED: usize = 200_000;

/// Reads a file.
///
/// # Errors
///
/// What is no YAML, or too much of it.
pub(super) fn parse(file: &File<'_>) -> Result<Node, Diagnostics> {
    if file.text.len() > LARGEST {
        return Err(too_large(file.top()).into());
    }
    if file.text.lines().all(|l| l.trim().is_empty() || l.trim_start().starts_with('#')) {
        return Err(Diagnostic::new(file.top(), "the file is empty", "nothing to read here").into());
    }
    serde_saphyr::from_str_with_options(file.text, options()).map_err(|error| explain(file, &error).into())
}

/// What is said of a file that is not even read.
pub(super) fn too_large(place: Location) -> Diagnostic {
    Diagnostic::new(place, "the file is larger than 10 MiB", "split it")
}

fn options() -> Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_events: 4 * MOST_NODES,
            max_nodes: MOST_NODES,
            max_depth: DEEPEST,
            flow_nesting_limit: DEEPEST,
            max_aliases: 10_000,
        },
        alias_limits: serde_saphyr::alias_limits! { max_total_replayed_events: MOST_REPEATED },
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
        merge_keys: MergeKeyPolicy::AsOrdinary,
        leading_zero_numbers_as_strings: true,
        underscored_numbers_as_strings: true,
        strict_booleans: true,
        reject_unsupported_tags: true,
        non_finite_float_policy: NonFiniteFloatPolicy::AsString,
        with_snippet: false,
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = Spanned::<Kind>::deserialize(deserializer)?;
        Ok(Self { span: span(spanned.defined), kind: spanned.value })
    }
}

impl<'de> Deserialize<'de> for Kind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(KindVisitor)
    }
}

struct KindVisitor;

impl<'de> Visitor<'de> for KindVisitor {
    type Value = Kind;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Kind, E> {
        Ok(Kind::Null)
    }

    fn visit_none<E>(self) -> Result<Kind, E> {
        Ok(Kind::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Kind, E> {
        Ok(Kind::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Kind, E> {
        Ok(Kind::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Kind, E> {
        Ok(Kind::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Kind, E> {
        Ok(Number::from_f64(value).map_or_else(|| Kind::Text(value.to_string()), Kind::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Kind, E> {
        Ok(Kind::Text(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Kind, E> {
        Ok(Kind::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Kind, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        items.shrink_to_fit();
        Ok(Kind::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Kind, A::Error> {
        let mut entries = Vec::new();
        while let Some(key) = map.next_key::<Spanned<String>>()? {
            let value = map.next_value()?;
            entries.push(Entry { key: key.value, span: span(key.defined), value });
        }
        entries.shrink_to_fit(); // a large file has hundreds of thousands of maps, nearly all of them small
        Ok(Kind::Map(entries))
    }
}

fn span(location: serde_saphyr::Location) -> Span {
    let span = location.span();
    let start = span.byte_offset().unwrap_or_default() as usize;
    Span::new(start, start + span.byte_len().unwrap_or_default() as usize)
}

/// A YAML error in this project's words, with the traps that YAML sets for everybody.
fn explain(file: &File<'_>, error: &Error) -> Diagnostic {
    let error = error.without_snippet();
    let place = error.location().map_or_else(
        || file.top(),
        |l| match l.span().byte_offset() {
            Some(_) if !l.span().is_empty() => file.locate(span(l)),
            _ => file.point(l.line() as usize, l.column() as usize),
        },
    );
    let said = |message: &str, label: &str| Diagnostic::new(place.clone(), message, label).page("yaml");
    match error {
        Error::AliasError { error, .. } => return explain(file, error),
        Error::Budget { .. } => {
            return said("the file is nested too deeply or has too many values", "past the limit here")
                .help(format!("at most {DEEPEST} levels and {MOST_NODES} values"));
        }
        Error::AliasReplayLimitExceeded { .. }
        | Error::AliasExpansionLimitExceeded { .. }
        | Error::AliasReplayStackDepthExceeded { .. }
        | Error::AliasReplayCounterOverflow { .. } => {
            return said("the aliases of the file repeat too much", "past the limit here");
        }
        Error::RecursiveReferencesRequireWeakTypes { .. } => {
            return said("the alias stands inside its own anchor", "without end");
        }
        Error::MultipleDocuments { .. } => {
            return said("the file has a second YAML document", "one file, one document");
        }
        _ => {}
    }
    let words = words(error);
    if words.contains("recursion limit") {
        return said("the file is nested too deeply", "past the limit here")
            .help(format!("at most {DEEPEST} levels"));
    }
    trap(file, &place, &words)
        .map(|trap| trap.page("yaml"))
        .unwrap_or_else(|| said("this is not valid YAML", &words))
}

/// What the YAML parser says, without its own positions.
fn words(error: &Error) -> String {
    match error {
        Error::UnknownAnchor { .. } => return "no anchor of that name stands before".to_owned(),
        Error::Unexpected { expected, .. } => return format!("expected {expected}"),
        Error::Eof { .. } => return "the file ends too soon".to_owned(),
        _ => {}
    }
    let text = error.to_string();
    let text = text.lines().next().unwrap_or_default();
    let text = text.strip_prefix("error: ").unwrap_or(text);
    let text = text.split(" at line ").next().unwrap_or_default();
    let text = match text.strip_prefix("line ").and_then(|t| t.split_once(": ")) {
        Some((_, rest)) => rest,
        None => text,
    };
    text.trim().replace('\'', "`")
}

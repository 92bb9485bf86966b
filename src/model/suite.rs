use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{
    Action, Alphabet, Capability, Expectation, Expression, Located, Location, Pattern, Scripted, Template,
    Value,
};
use crate::http::Endpoint;

/// A file of cases on one subject.
#[derive(Clone, Debug, PartialEq)]
pub struct Suite {
    /// Slug, also the first part of its cases' ids: `redirect-uri`, `tasknation/state`.
    pub id: String,
    /// What it is about.
    pub title: String,
    /// Needed by all its cases.
    pub needs: Vec<Located<Capability>>,
    /// Worn by all its cases.
    pub tags: Vec<String>,
    /// In order.
    pub cases: Vec<Arc<Case>>,
    /// In order.
    pub invariants: Vec<Arc<Invariant>>,
    /// Of the `suite:` line.
    pub location: Location,
}

/// One scenario.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// Slug, unique in its suite.
    pub id: String,
    /// `suite/case`.
    pub full_id: String,
    /// What holds when it passes, as a sentence.
    pub title: String,
    /// Capabilities without which it does not apply, those of its suite included.
    pub needs: Vec<Located<Capability>>,
    /// Condition over policy and target without which it does not apply.
    pub when: Option<Located<Expression>>,
    /// Tags, those of its suite included.
    pub tags: Vec<String>,
    /// Runs alone because it disturbs others.
    pub serial: bool,
    /// `suite/case` of the case that shows that the same request without the deviation works.
    pub control: Option<Located<String>>,
    /// `suite/case` of the case in another file that this one stands in for.
    pub replaces: Option<Located<String>>,
    /// `suite/case` of the case that stands in for this one, which therefore never runs.
    pub replaced_by: Option<Located<String>>,
    /// The instances it is run in; one without a name for a plain case.
    pub matrix: Vec<Axis>,
    /// Rows of named values, each an instance (multiplied with the matrix, if both are given).
    pub table: Vec<Row>,
    /// Generated inputs, for a property.
    pub forall: Option<Property>,
    /// What happens.
    pub script: Scripted,
    /// Of the case's `id`.
    pub location: Location,
}

/// One dimension of a matrix.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    /// The name that `$name` refers to.
    pub name: String,
    /// Its values.
    pub values: Vec<Template>,
    /// Of the name.
    pub location: Location,
}

/// One row of a table of instances.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Slug that tells the instance from the others.
    pub name: String,
    /// Values by column.
    pub values: Vec<(String, Template)>,
    /// Condition without which the row does not apply.
    pub when: Option<Located<Expression>>,
    /// Of the row.
    pub location: Location,
}

/// What makes a case a property: its inputs are generated and shrunk.
#[derive(Clone, Debug, PartialEq)]
pub struct Property {
    /// A generator for each name.
    pub variables: Vec<(String, Located<Generator>)>,
    /// How many inputs are tried.
    pub trials: u32,
    /// How many further runs shrinking may take.
    pub shrinks: u32,
    /// How many requests may be sent in all. One input is tried, and replayed if it fails, whatever it costs.
    pub budget: u32,
}

/// A source of inputs.
#[derive(Clone, Debug, PartialEq)]
pub enum Generator {
    /// Text over an alphabet with a length in characters in an inclusive range.
    Characters {
        /// The alphabet.
        alphabet: Alphabet,
        /// Shortest.
        shortest: Template,
        /// Longest.
        longest: Template,
    },
    /// A whole number in an inclusive range.
    Integer {
        /// Smallest.
        smallest: Template,
        /// Largest.
        largest: Template,
    },
    /// One of several values; shrinks towards the first.
    OneOf(Vec<Template>),
    /// A URI that is almost, and not, the registered one: a map of `uri`, `wire` (`raw` or `encoded`),
    /// `class` (of the mutation, as in the suites' tables), `component` and `mutation` in words.
    RedirectUriNearMiss {
        /// The registered URI.
        registered: Template,
        /// Only these components (`scheme`, `userinfo`, `host`, `port`, `path`, `query`, `fragment`, `whole`);
        /// empty for all.
        components: Vec<String>,
    },
    /// A text that is almost, and not, the given one: a map of `text` and, in words, `mutation`.
    Alteration(Template),
    /// A list, or the words of a text, in some order.
    Arrangement(Template),
    /// Text that means something to a parser that should not read it.
    Junk(JunkKind),
    /// A space-separated scope made from these words, shuffled, some left out, some repeated.
    Scope {
        /// The words.
        words: Template,
        /// Whether words may stand twice.
        duplicates: bool,
    },
}

/// What junk is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JunkKind {
    /// Brackets, quotes, numbers and escapes of JSON, whole and broken.
    Json,
    /// What structured header fields are made of; all of it may stand in a field's value.
    Header,
    /// What passwords may have in them and databases, directories, shells and URLs understand.
    Credential,
}

impl JunkKind {
    /// All with their names in suites.
    pub const ALL: [(&'static str, Self); 3] =
        [("json", Self::Json), ("header", Self::Header), ("credential", Self::Credential)];
}

/// One action and what is expected of its outcome.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// What is done.
    pub action: Action,
    /// The word under which it stands in the suite, `refresh` for example.
    pub keyword: String,
    /// The name under which later steps refer to its outcome.
    pub name: Option<String>,
    /// Capabilities without which the step is left out.
    pub needs: Vec<Located<Capability>>,
    /// Condition without which the step is left out.
    pub when: Option<Located<Expression>>,
    /// What the case needs of the outcome in order to judge: broken, the case is blocked.
    pub assume: Vec<Located<Pattern>>,
    /// What requirements say of the outcome. Without expectation and assumption, success is assumed.
    pub expect: Vec<Expectation>,
    /// Of the step's keyword.
    pub location: Location,
}

/// An expectation on every exchange of a kind, whichever case made it.
#[derive(Clone, Debug, PartialEq)]
pub struct Invariant {
    /// Slug, unique in its suite.
    pub id: String,
    /// `suite/invariant`.
    pub full_id: String,
    /// What holds when it passes, as a sentence.
    pub title: String,
    /// Which exchanges it is about.
    pub on: ExchangeKind,
    /// Condition over policy and target without which it does not apply.
    pub when: Option<Located<Expression>>,
    /// Capabilities without which it does not apply.
    pub needs: Vec<Located<Capability>>,
    /// Tags.
    pub tags: Vec<String>,
    /// What requirements say of each.
    pub expect: Vec<Expectation>,
    /// Of the invariant's `id`.
    pub location: Location,
}

/// Which exchanges an invariant is about: `token.success`, `authorization`, `any`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExchangeKind {
    /// `None` for any endpoint.
    pub endpoint: Option<Endpoint>,
    /// Which of its answers.
    pub answers: Answers,
}

/// Which answers of an endpoint an invariant is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answers {
    /// All.
    Any,
    /// Status 2xx.
    Success,
    /// Status 4xx.
    Error,
    /// Status 3xx.
    Redirect,
    /// A 2xx or 4xx with an HTML body.
    Page,
    /// Status 401.
    Unauthorized,
}

impl Case {
    /// Whether the case's inputs are generated.
    pub fn is_property(&self) -> bool {
        self.forall.is_some()
    }
}

/// Values bound by matrix, table or generators, by name.
pub type Bindings = Vec<(String, Value)>;

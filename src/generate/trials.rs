use std::fmt;

use proptest::strategy::ValueTree;
use proptest::test_runner::{RngAlgorithm, TestRng};
use rand::RngExt as _;

use super::alteration::Alterations;
use super::arrangement::Arrangements;
use super::integer::Integers;
use super::junk::Junk;
use super::near_miss::NearMisses;
use super::one_of::Choices;
use super::scope_words::ScopeWords;
use super::text::Texts;
use crate::model::{Bindings, EvaluationError, Generator, Located, Scope, Template, Value};

/// The inputs of one property, in the order of their trials: an iterator without end. The same variables and
/// seed give the same inputs with every run of the same version.
pub struct Trials {
    sources: Vec<(String, Box<dyn Source>)>,
    rng: TestRng,
    drawn: usize,
}

/// One input of a property, and the simpler ones behind it. Not `Send`: it stays where it was drawn.
pub struct Trial {
    trees: Vec<(String, Tree)>,
    /// The variable that is being made simpler.
    turn: usize,
}

/// Why a property has no inputs.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no value for `{variable}`: {problem}")]
pub struct GenerateError {
    /// The variable, by which its place is found.
    pub variable: String,
    /// What is wrong with it.
    pub problem: Problem,
}

/// What can be wrong with a generator once its references are known.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// An expression has no value.
    #[error(transparent)]
    Evaluation(#[from] EvaluationError),
    /// A bound is something else.
    #[error("{0} is no whole number that could be a bound")]
    Bound(String),
    /// The lower bound is above the upper one.
    #[error("nothing lies between {0} and {1}")]
    EmptyRange(i64, i64),
    /// A list or scope without items.
    #[error("there is nothing to choose from")]
    NothingToChoose,
    /// Something else where a URI or words are due.
    #[error("{0} is not {1}")]
    Kind(String, &'static str),
    /// None of the asked components of the URI can be mutated.
    #[error("{0} has no {1} to mutate")]
    NoMutation(String, String),
}

/// A drawn value that can become simpler.
pub(super) type Tree = Box<dyn ValueTree<Value = Value>>;

/// Where the values of one variable come from.
pub(super) trait Source {
    /// The value of the next trial; `trial` counts from 0.
    fn draw(&mut self, trial: usize, rng: &mut TestRng) -> Tree;
}

impl Trials {
    /// Prepares the property's generators; everything that they refer to is looked up now.
    ///
    /// # Errors
    ///
    /// The first generator that cannot give values.
    pub fn new(
        variables: &[(String, Located<Generator>)],
        scope: &dyn Scope,
        seed: u64,
    ) -> Result<Self, GenerateError> {
        let mut rng = TestRng::from_seed(RngAlgorithm::ChaCha, &widened(seed));
        let mut sources = Vec::new();
        for (name, generator) in variables {
            let source = source(&generator.value, scope, &mut rng)
                .map_err(|problem| GenerateError { variable: name.clone(), problem })?;
            sources.push((name.clone(), source));
        }
        Ok(Self { sources, rng, drawn: 0 })
    }
}

impl Iterator for Trials {
    type Item = Trial;

    fn next(&mut self) -> Option<Trial> {
        let (trial, rng) = (self.drawn, &mut self.rng);
        let trees = self.sources.iter_mut().map(|(name, source)| (name.clone(), source.draw(trial, rng)));
        let trees = trees.collect();
        self.drawn += 1;
        Some(Trial { trees, turn: 0 })
    }
}

impl fmt::Debug for Trials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.sources.iter().map(|(n, _)| n.as_str()).collect();
        f.debug_struct("Trials")
            .field("variables", &names)
            .field("drawn", &self.drawn)
            .finish_non_exhaustive()
    }
}

impl Trial {
    /// The values as they are now, by variable.
    pub fn values(&self) -> Bindings {
        self.trees.iter().map(|(name, tree)| (name.clone(), tree.current())).collect()
    }

    /// Says that the values failed, and makes them simpler. Without anything simpler it answers `false`, and
    /// [`Self::values`] is the counterexample.
    pub fn simplify(&mut self) -> bool {
        while let Some((_, tree)) = self.trees.get_mut(self.turn) {
            if tree.simplify() {
                return true;
            }
            self.turn += 1;
        }
        false
    }

    /// Says that the values did not fail, so that they were made too simple, and tries others. Without
    /// anything else it answers `false`, and [`Self::values`] is the simplest input that is known to fail.
    pub fn complicate(&mut self) -> bool {
        let Some((_, tree)) = self.trees.get_mut(self.turn) else { return false };
        if tree.complicate() {
            return true;
        }
        // This variable is back at its best; the others may still become simpler.
        self.turn += 1;
        self.simplify()
    }
}

impl fmt::Debug for Trial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Trial")
            .field("values", &self.values())
            .field("turn", &self.turn)
            .finish_non_exhaustive()
    }
}

fn source(generator: &Generator, scope: &dyn Scope, rng: &mut TestRng) -> Result<Box<dyn Source>, Problem> {
    Ok(match generator {
        Generator::Characters { alphabet, shortest, longest } => {
            let (shortest, longest) = range(shortest, longest, scope, rng)?;
            let bound = |length: i64| usize::try_from(length).ok().filter(|n| *n <= LONGEST);
            let lengths = bound(shortest).zip(bound(longest));
            let (shortest, longest) =
                lengths.ok_or_else(|| Problem::Bound(format!("{shortest} or {longest}")))?;
            Box::new(Texts::new(*alphabet, shortest, longest, rng))
        }
        Generator::Integer { smallest, largest } => {
            let (smallest, largest) = range(smallest, largest, scope, rng)?;
            Box::new(Integers::new(smallest, largest))
        }
        Generator::OneOf(templates) => {
            let values = templates.iter().map(|t| value(t, scope, rng)).collect::<Result<Vec<_>, _>>()?;
            if values.is_empty() {
                return Err(Problem::NothingToChoose);
            }
            Box::new(Choices::new(values))
        }
        Generator::RedirectUriNearMiss { registered, components } => {
            let registered = value(registered, scope, rng)?;
            let uri = registered
                .as_text()
                .ok_or_else(|| Problem::Kind(registered.to_string(), "an absolute URI"))?;
            Box::new(NearMisses::new(uri, components, rng)?)
        }
        Generator::Arrangement(list) => {
            let items = match value(list, scope, rng)? {
                Value::List(items) => items,
                Value::Text(text) => text.split_whitespace().map(Value::from).collect(),
                other => return Err(Problem::Kind(other.to_string(), "a list or words")),
            };
            if items.is_empty() {
                return Err(Problem::NothingToChoose);
            }
            Box::new(Arrangements::new(items))
        }
        Generator::Junk(kind) => Box::new(Junk::new(*kind)),
        Generator::Alteration(original) => {
            let original = value(original, scope, rng)?;
            let text = original.as_text().filter(|text| !text.is_empty() && text.is_ascii());
            let text =
                text.ok_or_else(|| Problem::Kind(original.to_string(), "a text of ASCII characters"))?;
            Box::new(Alterations::new(text))
        }
        Generator::Scope { words, duplicates } => {
            let words = words_of(value(words, scope, rng)?)?;
            Box::new(ScopeWords::new(words, *duplicates)?)
        }
    })
}

/// The longest text that is generated, in characters.
const LONGEST: usize = 1 << 20;

fn value(template: &Template, scope: &dyn Scope, rng: &mut TestRng) -> Result<Value, Problem> {
    Ok(template.evaluate(scope, &mut |below| rng.random_range(0..below.max(1)))?)
}

fn range(
    low: &Template,
    high: &Template,
    scope: &dyn Scope,
    rng: &mut TestRng,
) -> Result<(i64, i64), Problem> {
    let mut bound = |template| match value(template, scope, rng)? {
        Value::Number(number) => number.as_i64().ok_or_else(|| Problem::Bound(number.to_string())),
        other => Err(Problem::Bound(other.to_string())),
    };
    let (low, high) = (bound(low)?, bound(high)?);
    if low > high { Err(Problem::EmptyRange(low, high)) } else { Ok((low, high)) }
}

fn words_of(value: Value) -> Result<Vec<String>, Problem> {
    match &value {
        Value::Text(text) => Ok(text.split(' ').filter(|w| !w.is_empty()).map(str::to_owned).collect()),
        Value::List(items) => items
            .iter()
            .map(|i| i.to_plain().ok_or_else(|| Problem::Kind(i.to_string(), "a word of a scope")))
            .collect(),
        other => Err(Problem::Kind(other.to_string(), "a scope")),
    }
}

/// A key for ChaCha from a seed that people can type.
fn widened(seed: u64) -> [u8; 32] {
    let mut key = [0; 32];
    key[..8].copy_from_slice(&seed.to_le_bytes());
    key
}

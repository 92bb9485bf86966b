use std::borrow::Cow;
use std::sync::{Mutex, PoisonError};

use rand::{RngExt as _, SeedableRng as _, rngs::ChaCha20Rng};

use crate::model::{Bindings, EvaluationError, Scope, Template, Value};
use crate::plan::Surroundings;

use super::parameters::Evaluate;

/// What one instance of a case may refer to: its surroundings, its own values, and what came of its steps.
#[derive(Debug)]
pub(super) struct Environment {
    surroundings: Surroundings,
    bindings: Bindings,
    outcomes: Vec<(String, Value)>,
    random: Mutex<ChaCha20Rng>,
}

impl Environment {
    pub(super) fn new(surroundings: &Surroundings, bindings: &Bindings, seed: u64) -> Self {
        Self {
            surroundings: surroundings.clone(),
            bindings: bindings.clone(),
            outcomes: Vec::new(),
            random: Mutex::new(ChaCha20Rng::seed_from_u64(seed)),
        }
    }

    /// The same for a branch that goes on by itself.
    pub(super) fn fork(&self) -> Self {
        Self {
            surroundings: self.surroundings.clone(),
            bindings: self.bindings.clone(),
            outcomes: self.outcomes.clone(),
            random: Mutex::new(ChaCha20Rng::seed_from_u64(self.random_u64())),
        }
    }

    /// Gives an outcome its name; a later one of the same name replaces it.
    pub(super) fn bind(&mut self, name: &str, value: Value) {
        self.outcomes.retain(|(n, _)| n != name);
        self.outcomes.push((name.to_owned(), value));
    }

    /// Takes up what a branch has bound.
    pub(super) fn take_up(&mut self, branch: Self) {
        for (name, value) in branch.outcomes {
            self.bind(&name, value);
        }
    }

    /// Random text of unreserved characters (RFC 3986 section 2.3).
    pub(super) fn random_text(&self, length: usize) -> String {
        let characters = crate::model::Alphabet::Unreserved.characters();
        (0..length).map(|_| characters[self.random_below(characters.len())]).collect()
    }

    fn random_below(&self, bound: usize) -> usize {
        self.random.lock().unwrap_or_else(PoisonError::into_inner).random_range(0..bound.max(1))
    }

    fn random_u64(&self) -> u64 {
        self.random.lock().unwrap_or_else(PoisonError::into_inner).random()
    }
}

impl Evaluate for Environment {
    fn evaluate(&self, template: &Template) -> Result<(Value, bool), EvaluationError> {
        let value = template.evaluate(self, &mut |bound| self.random_below(bound))?;
        Ok((value, template.is_raw(self)?))
    }
}

impl Scope for Environment {
    fn value_of(&self, name: &str) -> Option<Cow<'_, Value>> {
        let mut own = self.outcomes.iter().rev().chain(&self.bindings);
        let own = own.find(|(n, _)| n == name).map(|(_, v)| Cow::Borrowed(v));
        own.or_else(|| self.surroundings.value_of(name))
    }

    fn is_open(&self, name: &str) -> bool {
        self.outcomes.iter().any(|(n, _)| n == name)
    }
}

/// The environment while a step's outcome is judged: `request` and `response` with it.
#[derive(Debug)]
pub(super) struct Judging<'a> {
    pub(super) environment: &'a Environment,
    pub(super) request: &'a Value,
    pub(super) response: &'a Value,
}

impl Scope for Judging<'_> {
    fn value_of(&self, name: &str) -> Option<Cow<'_, Value>> {
        match name {
            "request" => Some(Cow::Borrowed(self.request)),
            "response" => Some(Cow::Borrowed(self.response)),
            name => self.environment.value_of(name),
        }
    }

    fn is_open(&self, name: &str) -> bool {
        matches!(name, "request" | "response") || self.environment.is_open(name)
    }
}

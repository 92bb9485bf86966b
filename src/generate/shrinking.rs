//! The loop that all shrinking here shares.

use std::fmt::Debug;

use proptest::strategy::ValueTree;

use crate::model::Value;

/// What a generator needs to know to make one of its inputs simpler.
pub(super) trait Steps {
    /// The input, in the form in which it is made simpler.
    type Item: Clone + Debug;

    /// The next thing to try instead of `best`, the simplest input known to fail; `None` when nothing is left.
    fn propose(&mut self, best: &Self::Item) -> Option<Self::Item>;

    /// Whether the last proposal still failed.
    fn learn(&mut self, failed: bool);

    /// What the case is given.
    fn value(&self, item: &Self::Item) -> Value;
}

/// An input and the way to simpler ones.
///
/// After `simplify` or `complicate` has said `false` the value is the simplest one known to fail, so nothing
/// is ever run twice.
#[derive(Debug)]
pub(super) struct Shrinking<S: Steps> {
    steps: S,
    best: S::Item,
    candidate: Option<S::Item>,
}

impl<S: Steps> Shrinking<S> {
    /// Begins with the input as it was drawn.
    pub(super) fn new(steps: S, drawn: S::Item) -> Self {
        Self { steps, best: drawn, candidate: None }
    }

    fn propose(&mut self) -> bool {
        self.candidate = self.steps.propose(&self.best);
        self.candidate.is_some()
    }
}

impl<S: Steps + Debug> ValueTree for Shrinking<S> {
    type Value = Value;

    fn current(&self) -> Value {
        self.steps.value(self.candidate.as_ref().unwrap_or(&self.best))
    }

    fn simplify(&mut self) -> bool {
        if let Some(failed) = self.candidate.take() {
            self.best = failed;
            self.steps.learn(true);
        }
        self.propose()
    }

    fn complicate(&mut self) -> bool {
        if self.candidate.take().is_none() {
            return false;
        }
        self.steps.learn(false);
        self.propose()
    }
}

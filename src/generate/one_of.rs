use proptest::test_runner::TestRng;
use rand::seq::SliceRandom as _;

use super::shrinking::{Shrinking, Steps};
use super::trials::{Source, Tree};
use crate::model::Value;

/// Values of a list: all of them in some order, then all of them in another.
#[derive(Debug)]
pub(super) struct Choices {
    values: Vec<Value>,
    undealt: Vec<usize>,
}

impl Choices {
    /// At least one value.
    pub(super) fn new(values: Vec<Value>) -> Self {
        Self { values, undealt: Vec::new() }
    }
}

impl Source for Choices {
    fn draw(&mut self, _trial: usize, rng: &mut TestRng) -> Tree {
        if self.undealt.is_empty() {
            self.undealt = (0..self.values.len()).collect();
            self.undealt.shuffle(rng);
        }
        let index = self.undealt.pop().unwrap_or_default();
        Box::new(Shrinking::new(Earlier { values: self.values.clone(), next: 0 }, index))
    }
}

/// Shrinks to the first value that fails as well.
#[derive(Debug)]
struct Earlier {
    values: Vec<Value>,
    next: usize,
}

impl Steps for Earlier {
    type Item = usize;

    fn propose(&mut self, best: &usize) -> Option<usize> {
        let proposal = (self.next < *best).then_some(self.next);
        self.next += 1;
        proposal
    }

    fn learn(&mut self, failed: bool) {
        if failed {
            self.next = usize::MAX - 1; // everything before it has been tried
        }
    }

    fn value(&self, item: &usize) -> Value {
        self.values.get(*item).cloned().unwrap_or_default()
    }
}

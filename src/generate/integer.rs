use proptest::num::u64::BinarySearch;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRng;
use rand::RngExt as _;

use super::trials::{Source, Tree};
use crate::model::Value;

/// Whole numbers of a range: first its ends, then what lies beside them, then anything.
#[derive(Debug)]
pub(super) struct Integers {
    smallest: i64,
    largest: i64,
}

impl Integers {
    /// Both ends belong to the range; it is not empty.
    pub(super) fn new(smallest: i64, largest: i64) -> Self {
        Self { smallest, largest }
    }
}

impl Source for Integers {
    fn draw(&mut self, trial: usize, rng: &mut TestRng) -> Tree {
        let size = self.largest.abs_diff(self.smallest);
        let offset = match trial {
            0 => 0,
            1 => size,
            2 => size.min(1),
            3 => size.saturating_sub(1),
            _ => rng.random_range(0..=size),
        };
        Box::new(Integer { smallest: self.smallest, offset: BinarySearch::new(offset) })
    }
}

/// Shrinks towards the smallest by bisection.
#[derive(Debug)]
struct Integer {
    smallest: i64,
    offset: BinarySearch,
}

impl ValueTree for Integer {
    type Value = Value;

    fn current(&self) -> Value {
        Value::integer(self.smallest.saturating_add_unsigned(self.offset.current()))
    }

    fn simplify(&mut self) -> bool {
        self.offset.simplify()
    }

    fn complicate(&mut self) -> bool {
        self.offset.complicate()
    }
}

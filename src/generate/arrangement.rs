use proptest::test_runner::TestRng;
use rand::seq::SliceRandom as _;

use super::shrinking::{Shrinking, Steps};
use super::trials::{Source, Tree};
use crate::model::Value;

/// Orders of a list: as it stands, backwards, then shuffled.
#[derive(Debug)]
pub(super) struct Arrangements {
    items: Vec<Value>,
}

impl Arrangements {
    /// At least one item.
    pub(super) fn new(items: Vec<Value>) -> Self {
        Self { items }
    }
}

impl Source for Arrangements {
    fn draw(&mut self, trial: usize, rng: &mut TestRng) -> Tree {
        let mut order: Vec<usize> = (0..self.items.len()).collect();
        match trial {
            0 => {}
            1 => order.reverse(),
            _ => order.shuffle(rng),
        }
        let tidier = Tidier { items: self.items.clone(), sorted: false, place: 0 };
        Box::new(Shrinking::new(tidier, order))
    }
}

/// Shrinks to an order in which as few neighbours as possible stand the wrong way round.
#[derive(Debug)]
struct Tidier {
    items: Vec<Value>,
    sorted: bool,
    /// The neighbours that are turned round next, the last of them first.
    place: usize,
}

impl Steps for Tidier {
    type Item = Vec<usize>;

    fn propose(&mut self, best: &Vec<usize>) -> Option<Vec<usize>> {
        if !self.sorted {
            self.sorted = true;
            if !best.is_sorted() {
                let mut order = best.clone();
                order.sort_unstable();
                return Some(order);
            }
        }
        while self.place + 1 < best.len() {
            let place = self.place;
            self.place += 1;
            if best[place] > best[place + 1] {
                let mut order = best.clone();
                order.swap(place, place + 1);
                return Some(order);
            }
        }
        None
    }

    fn learn(&mut self, failed: bool) {
        if failed {
            self.place = self.place.saturating_sub(2); // what has come forward may come further
        }
    }

    fn value(&self, item: &Vec<usize>) -> Value {
        Value::List(item.iter().filter_map(|i| self.items.get(*i)).cloned().collect())
    }
}

use proptest::test_runner::TestRng;
use rand::RngExt as _;
use rand::seq::SliceRandom as _;

use super::shrinking::{Shrinking, Steps};
use super::trials::{Problem, Source, Tree};
use crate::model::Value;

/// Scopes (RFC 6749 section 3.3) made of given words: all of them, the same backwards, a single one, then
/// shuffled selections.
#[derive(Debug)]
pub(super) struct ScopeWords {
    words: Vec<String>,
    duplicates: bool,
}

impl ScopeWords {
    /// # Errors
    ///
    /// There are no words.
    pub(super) fn new(words: Vec<String>, duplicates: bool) -> Result<Self, Problem> {
        if words.is_empty() {
            return Err(Problem::NothingToChoose);
        }
        Ok(Self { words, duplicates })
    }
}

impl Source for ScopeWords {
    fn draw(&mut self, trial: usize, rng: &mut TestRng) -> Tree {
        let all = 0..self.words.len();
        let mut drawn: Vec<usize> = match trial {
            0 => all.collect(),
            1 => all.rev().collect(),
            2 => vec![rng.random_range(all)],
            _ => {
                let mut drawn: Vec<usize> = all.collect();
                drawn.shuffle(rng);
                drawn.truncate(rng.random_range(1..=self.words.len()));
                drawn
            }
        };
        if self.duplicates && trial >= 2 && (trial == 2 || rng.random_bool(0.5)) {
            for _ in 0..rng.random_range(1..=3) {
                let again = drawn[rng.random_range(0..drawn.len())];
                drawn.insert(rng.random_range(0..=drawn.len()), again);
            }
        }
        Box::new(Shrinking::new(Fewer { words: self.words.clone(), stage: Stage::Once }, drawn))
    }
}

/// Shrinks to each word once, then to as few words as possible, then to their order in the list.
#[derive(Debug)]
struct Fewer {
    words: Vec<String>,
    stage: Stage,
}

#[derive(Clone, Copy, Debug)]
enum Stage {
    /// Leave out all repetitions.
    Once,
    /// Leave out the word at this place.
    Without(usize),
    /// Put what is left in order.
    Sort,
    /// Nothing is left to try.
    Done,
}

impl Steps for Fewer {
    type Item = Vec<usize>;

    fn propose(&mut self, best: &Vec<usize>) -> Option<Vec<usize>> {
        loop {
            match self.stage {
                Stage::Once => {
                    self.stage = Stage::Without(0);
                    let mut once = best.clone();
                    let mut seen = Vec::new();
                    once.retain(|w| {
                        !seen.contains(w) && {
                            seen.push(*w);
                            true
                        }
                    });
                    if once.len() < best.len() {
                        return Some(once);
                    }
                }
                Stage::Without(place) if best.len() > 1 && place < best.len() => {
                    self.stage = Stage::Without(place + 1);
                    let mut fewer = best.clone();
                    fewer.remove(place);
                    return Some(fewer);
                }
                Stage::Without(_) => self.stage = Stage::Sort,
                Stage::Sort => {
                    self.stage = Stage::Done;
                    let mut sorted = best.clone();
                    sorted.sort_unstable();
                    if sorted != *best {
                        return Some(sorted);
                    }
                }
                Stage::Done => return None,
            }
        }
    }

    fn learn(&mut self, failed: bool) {
        if failed && let Stage::Without(place) = self.stage {
            // Another word stands in that place now.
            self.stage = Stage::Without(place.saturating_sub(1));
        }
    }

    fn value(&self, item: &Vec<usize>) -> Value {
        let words: Vec<&str> = item.iter().filter_map(|i| self.words.get(*i)).map(String::as_str).collect();
        words.join(" ").into()
    }
}

use proptest::test_runner::TestRng;
use rand::RngExt as _;
use rand::seq::SliceRandom as _;

use super::shrinking::{Shrinking, Steps};
use super::trials::{Source, Tree};
use crate::model::{Alphabet, Value};

/// Texts over an alphabet with a length in a range.
///
/// The first is the shortest and plain, the second the longest; then come their neighbours, then lengths of
/// every order of magnitude. The characters that are neither letters nor digits are dealt over the trials, so
/// that a handful of texts holds them all.
#[derive(Debug)]
pub(super) struct Texts {
    alphabet: Vec<char>,
    /// How many at the beginning of the alphabet are letters and digits, or all if there are none.
    plain: usize,
    shortest: usize,
    longest: usize,
    rare: Vec<char>,
    undealt: Vec<char>,
}

/// In how many texts all rare characters appear, where the texts are long enough.
const ROUNDS: usize = 6;

impl Texts {
    /// Lengths in characters, both inclusive and in order.
    pub(super) fn new(alphabet: Alphabet, shortest: usize, longest: usize, rng: &mut TestRng) -> Self {
        let alphabet = alphabet.characters();
        let mut rare: Vec<char> = alphabet.iter().copied().filter(|c| !c.is_ascii_alphanumeric()).collect();
        rare.shuffle(rng);
        let plain = match alphabet.len() - rare.len() {
            0 => alphabet.len(),
            plain => plain,
        };
        Self { alphabet, plain, shortest, longest, rare, undealt: Vec::new() }
    }

    fn length(&self, trial: usize, rng: &mut TestRng) -> usize {
        let span = self.longest - self.shortest;
        let beyond = match trial {
            0 => 0,
            1 => span,
            2 => span.min(1),
            3 => span.saturating_sub(1),
            _ if rng.random_bool(0.5) => rng.random_range(0..=span),
            _ => {
                // Every order of magnitude alike.
                let magnitude = rng.random_range(0..=usize::BITS - span.leading_zeros());
                rng.random_range(0..=span.min((1 << magnitude) - 1))
            }
        };
        self.shortest + beyond
    }

    /// Puts the next rare characters in their places, sometimes at the ends, where trimming would show.
    fn deal(&mut self, text: &mut [char], rng: &mut TestRng) {
        if text.is_empty() {
            return;
        }
        let mut places: Vec<usize> = (0..text.len()).collect();
        places.shuffle(rng);
        let ends = [0, text.len() - 1];
        if rng.random_bool(0.5) {
            places.insert(0, ends[rng.random_range(0..ends.len())]);
        }
        places.truncate(self.rare.len().div_ceil(ROUNDS));
        let mut taken = Vec::new();
        for place in places {
            if taken.contains(&place) {
                continue;
            }
            taken.push(place);
            if self.undealt.is_empty() {
                self.undealt.clone_from(&self.rare);
            }
            if let (Some(slot), Some(character)) = (text.get_mut(place), self.undealt.pop()) {
                *slot = character;
            }
        }
    }
}

impl Source for Texts {
    fn draw(&mut self, trial: usize, rng: &mut TestRng) -> Tree {
        let length = self.length(trial, rng);
        let characters = if trial == 0 { self.plain } else { self.alphabet.len() };
        let mut text: Vec<char> =
            (0..length).map(|_| self.alphabet[rng.random_range(0..characters)]).collect();
        if trial > 0 {
            self.deal(&mut text, rng);
        }
        let simpler = Simpler {
            plainest: self.alphabet[0],
            simplest_rare: self.alphabet.iter().copied().find(|c| !c.is_ascii_alphanumeric()),
            shortest: self.shortest,
            stage: Stage::Plain,
            tried: 0,
        };
        Box::new(Shrinking::new(simpler, text))
    }
}

/// Shrinks in four stages: does the content matter at all; which characters matter; how long must it be; and
/// would a simpler rare character do as well.
#[derive(Debug)]
struct Simpler {
    plainest: char,
    simplest_rare: Option<char>,
    shortest: usize,
    stage: Stage,
    /// Proposals of the second stage.
    tried: usize,
}

#[derive(Clone, Copy, Debug)]
enum Stage {
    /// Everything plain at once.
    Plain,
    /// Pieces of that size plain, the one from `from` on next.
    Pieces { size: usize, from: usize },
    /// As short as it may be, at once.
    Shortest,
    /// Bisecting: every length below `low` has passed. `tried` is on its way.
    Length { low: usize, tried: usize, high: usize },
    /// A simpler rare character at this place.
    Rare(usize),
}

/// Proposals after which the search for characters that matter gives way to the search for the length.
const PATIENCE: usize = 80;

impl Simpler {
    fn is_plain(&self, text: &[char]) -> bool {
        text.iter().all(|c| *c == self.plainest)
    }

    /// The text without as many plain characters as it takes, or as there are. Those that follow another plain
    /// one go first, so that what stands around the others stays.
    fn shortened(&self, text: &[char], length: usize) -> Vec<char> {
        let mut surplus = text.len().saturating_sub(length);
        let mut kept = vec![true; text.len()];
        for only_doubled in [true, false] {
            for index in 0..text.len() {
                let is_plain = text[index] == self.plainest && kept[index];
                let is_doubled = index > 0 && text[index - 1] == self.plainest;
                if surplus > 0 && is_plain && (is_doubled || !only_doubled) {
                    kept[index] = false;
                    surplus -= 1;
                }
            }
        }
        text.iter().zip(kept).filter(|(_, kept)| *kept).map(|(c, _)| *c).collect()
    }

    /// The shortest length that keeps all characters that are not plain.
    fn floor(&self, text: &[char]) -> usize {
        self.shortest.max(text.iter().filter(|c| **c != self.plainest).count())
    }
}

impl Steps for Simpler {
    type Item = Vec<char>;

    fn propose(&mut self, best: &Vec<char>) -> Option<Vec<char>> {
        loop {
            match self.stage {
                Stage::Plain => {
                    self.stage = Stage::Pieces { size: best.len().div_ceil(2), from: 0 };
                    if !self.is_plain(best) {
                        return Some(vec![self.plainest; best.len()]);
                    }
                }
                Stage::Pieces { size, .. } if size == 0 || self.is_plain(best) || self.tried >= PATIENCE => {
                    self.stage = Stage::Shortest;
                }
                Stage::Pieces { size, from } if from >= best.len() => {
                    let next = if size == 1 { 0 } else { size.div_ceil(2) };
                    self.stage = Stage::Pieces { size: next, from: 0 };
                }
                Stage::Pieces { size, from } => {
                    let to = (from + size).min(best.len());
                    self.stage = Stage::Pieces { size, from: to };
                    if !self.is_plain(&best[from..to]) {
                        self.tried += 1;
                        let mut text = best.clone();
                        text[from..to].fill(self.plainest);
                        return Some(text);
                    }
                }
                Stage::Shortest => {
                    let floor = self.floor(best);
                    self.stage = Stage::Length { low: floor, tried: floor, high: best.len() };
                    if floor < best.len() {
                        return Some(self.shortened(best, floor));
                    }
                }
                Stage::Length { low, high, .. } if low < high => {
                    let tried = low + (high - low) / 2;
                    self.stage = Stage::Length { low, tried, high };
                    return Some(self.shortened(best, tried));
                }
                Stage::Length { .. } => self.stage = Stage::Rare(0),
                Stage::Rare(place) => {
                    let character = best.get(place)?;
                    self.stage = Stage::Rare(place + 1);
                    if let Some(simplest) = self.simplest_rare
                        && !character.is_ascii_alphanumeric()
                        && *character != self.plainest
                        && *character != simplest
                    {
                        let mut text = best.clone();
                        text[place] = simplest;
                        return Some(text);
                    }
                }
            }
        }
    }

    fn learn(&mut self, failed: bool) {
        match &mut self.stage {
            // Content that does not matter leaves only the length.
            Stage::Pieces { from: 0, .. } if failed => self.stage = Stage::Shortest,
            Stage::Length { low, tried, high } if failed => {
                *high = *tried;
                *low = (*low).min(*tried);
            }
            Stage::Length { low, tried, .. } => *low = *tried + 1,
            _ => {}
        }
    }

    fn value(&self, item: &Vec<char>) -> Value {
        item.iter().collect::<String>().into()
    }
}

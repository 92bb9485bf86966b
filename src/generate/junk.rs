use proptest::test_runner::TestRng;
use rand::RngExt as _;
use rand::seq::SliceRandom as _;

use super::shrinking::{Shrinking, Steps};
use super::trials::{Source, Tree};
use crate::model::{JunkKind, Value};

/// Texts that mean something to a parser that should not read them: every piece alone, then some in a row.
#[derive(Debug)]
pub(super) struct Junk {
    pieces: &'static [&'static str],
    undealt: Vec<usize>,
}

/// Pieces in a row, at most.
const LONGEST: usize = 6;

impl Junk {
    /// Of this kind.
    pub(super) fn new(kind: JunkKind) -> Self {
        Self { pieces: pieces(kind), undealt: Vec::new() }
    }
}

impl Source for Junk {
    fn draw(&mut self, trial: usize, rng: &mut TestRng) -> Tree {
        if self.undealt.is_empty() {
            self.undealt = (0..self.pieces.len()).collect();
            self.undealt.shuffle(rng);
        }
        // The one that deceives most is the first of its kind.
        let first = if trial == 0 { Some(0) } else { self.undealt.pop() };
        let mut drawn: Vec<usize> = first.into_iter().collect();
        // Every other input has several, so that neither kind has to wait for the end of the other.
        if trial % 2 == 1 {
            for _ in 0..rng.random_range(1..LONGEST) {
                drawn.push(rng.random_range(0..self.pieces.len()));
            }
            drawn.shuffle(rng);
        }
        Box::new(Shrinking::new(Fewer { pieces: self.pieces, without: 0, simpler: (0, 0) }, drawn))
    }
}

/// Shrinks to as few pieces as possible, then each to the first of its kind that fails as well.
#[derive(Debug)]
struct Fewer {
    pieces: &'static [&'static str],
    /// The place that is left out next.
    without: usize,
    /// The place where another piece is tried next, and which.
    simpler: (usize, usize),
}

impl Steps for Fewer {
    type Item = Vec<usize>;

    fn propose(&mut self, best: &Vec<usize>) -> Option<Vec<usize>> {
        if best.len() > 1 && self.without < best.len() {
            let mut fewer = best.clone();
            fewer.remove(self.without);
            self.without += 1;
            return Some(fewer);
        }
        self.without = usize::MAX;
        loop {
            let (place, piece) = self.simpler;
            let current = *best.get(place)?;
            if piece >= current {
                self.simpler = (place + 1, 0);
                continue;
            }
            self.simpler.1 += 1;
            let mut simpler = best.clone();
            simpler[place] = piece;
            return Some(simpler);
        }
    }

    fn learn(&mut self, failed: bool) {
        if failed && self.without != usize::MAX {
            self.without = self.without.saturating_sub(1); // another piece stands in that place now
        }
    }

    fn value(&self, item: &Vec<usize>) -> Value {
        item.iter().filter_map(|i| self.pieces.get(*i)).copied().collect::<String>().into()
    }
}

/// Simplest first.
fn pieces(kind: JunkKind) -> &'static [&'static str] {
    match kind {
        JunkKind::Json => &[
            "{",
            "[",
            "\"",
            "}",
            "]",
            ",",
            ":",
            "{}",
            "[]",
            "null",
            "true",
            "0",
            "-0",
            "1e999",
            "0x1F",
            "NaN",
            "'",
            "\\",
            "\\u0000",
            "\\ud800",
            "//",
            "/*",
            "{\"a\":1,\"a\":2}",
            "{\"$ref\":\"#\"}",
            "{\"__proto__\":{}}",
            "[[[[[[[[[[[[[[[[",
            "18446744073709551616",
        ],
        JunkKind::Header => &[
            "\"",
            ",",
            ";",
            "=",
            "\\",
            ":",
            "/",
            "*",
            "?",
            "@",
            "(",
            ")",
            "<",
            ">",
            "[",
            "]",
            "{",
            "}",
            "%",
            "%00",
            "%0d%0a",
            "a b",
            "a\tb",
            "*/*",
            ";q=0",
            ";q=1.0001",
            "W/",
            "=?UTF-8?B?w6k=?=",
            "${jndi:x}",
            "() { :; };",
        ],
        JunkKind::Credential => &[
            "%",
            "_",
            "*",
            "?",
            ":",
            "+",
            " ",
            "&",
            "=",
            ".",
            "\"",
            "'",
            "`",
            "\\",
            "/",
            "#",
            "<",
            "$",
            "{",
            "(",
            "%%",
            "%3A",
            "%00",
            "%zz",
            ".*",
            "' OR '1'='1",
            "--",
            ";",
            "*)(uid=*",
            "\t",
            "é",
            "🔑",
        ],
    }
}

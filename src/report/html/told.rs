use super::super::record::Record;
use crate::model::Verdict;

/// Cases that are told with findings, steps and exchanges. More make a file that a browser takes long to open, and that
/// nobody reads to its end.
const IN_FULL: usize = 5_000;

/// The cases of a page that are told in full; the others stand in its lists only.
#[derive(Debug)]
pub(super) enum Told {
    All,
    /// By place in the record's results, whether it is one of them.
    Some(Vec<bool>),
}

impl Told {
    /// All cases, or where there are too many the worst, the earlier first.
    pub(super) fn of(record: &Record) -> Self {
        Self::at_most(IN_FULL, record)
    }

    fn at_most(limit: usize, record: &Record) -> Self {
        if record.results.len() <= limit {
            return Self::All;
        }
        let mut places: Vec<usize> = (0..record.results.len()).collect();
        places.sort_by_key(|place| record.results.get(*place).map(|result| rank(result.verdict)));
        let mut told = vec![false; places.len()];
        for place in places.into_iter().take(limit) {
            told[place] = true;
        }
        Self::Some(told)
    }

    /// Whether that case is told in full.
    pub(super) fn has(&self, place: usize) -> bool {
        match self {
            Self::All => true,
            Self::Some(told) => told.get(place).copied().unwrap_or(false),
        }
    }

    /// How many are, where not all are.
    pub(super) fn limit(&self) -> Option<usize> {
        match self {
            Self::All => None,
            Self::Some(told) => Some(told.iter().filter(|is_told| **is_told).count()),
        }
    }
}

fn rank(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Fail => 0,
        Verdict::Error => 1,
        Verdict::Blocked => 2,
        Verdict::Warn => 3,
        Verdict::Pass => 4,
        Verdict::Inapplicable => 5,
    }
}

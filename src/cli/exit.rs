use std::process::ExitCode;

use crate::model::{RunFinished, RunStarted, Verdict};

/// What the process ends with; the numbers are a promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// 0: every requirement that was judged is kept.
    Conforms,
    /// 1: a requirement is broken, or a baseline is no longer true.
    Broken,
    /// 2: the command line, the target file or a suite file is wrong.
    Usage,
    /// 3: something could not be judged, or the target could not be reached.
    Blocked,
    /// 4: nothing was selected.
    Nothing,
    /// 130: interrupted.
    Interrupted,
}

impl Exit {
    /// The number.
    pub fn code(self) -> u8 {
        match self {
            Self::Conforms => 0,
            Self::Broken => 1,
            Self::Usage => 2,
            Self::Blocked => 3,
            Self::Nothing => 4,
            Self::Interrupted => 130,
        }
    }

    /// Of a run. A broken requirement weighs more than something that could not be judged, and both more than
    /// an interruption's silence about the rest. What the baseline bears does not count. A part of a run may have
    /// nothing to judge; whether the whole has is seen when the parts are joined.
    pub fn of_run(run: &RunStarted, finished: &RunFinished) -> Self {
        let count = |verdict: &Verdict| finished.verdicts.get(verdict).copied().unwrap_or(0);
        let known = |verdict: &Verdict| finished.known.get(verdict).copied().unwrap_or(0);
        let has = |verdict: Verdict| count(&verdict) > known(&verdict);
        if finished.interrupted {
            return Self::Interrupted;
        }
        if has(Verdict::Fail) || run.strict && has(Verdict::Warn) || !finished.stale.is_empty() {
            return Self::Broken;
        }
        if has(Verdict::Error)
            || has(Verdict::Blocked)
            || !finished.unfinished.is_empty()
            || run.flaky_fails && finished.flaky > 0
        {
            return Self::Blocked;
        }
        let judged = count(&Verdict::Pass) + count(&Verdict::Warn) + count(&Verdict::Fail);
        if judged > 0 || run.shard.is_some() { Self::Conforms } else { Self::Nothing }
    }

    /// The worse of two, for several runs at once.
    #[must_use]
    pub fn worst(self, other: Self) -> Self {
        let rank = |exit: Self| match exit {
            Self::Conforms => 0,
            Self::Nothing => 1,
            Self::Blocked => 2,
            Self::Usage => 3,
            Self::Broken => 4,
            Self::Interrupted => 5,
        };
        if rank(other) > rank(self) { other } else { self }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::model::{Location, Partition, Shard, StaleEntry};

    fn run(strict: bool) -> RunStarted {
        RunStarted {
            journal: 1,
            oauthspec: String::new(),
            target: String::new(),
            issuer: String::new(),
            profile: (String::new(), String::new()),
            seed: 0,
            started: String::new(),
            virtual_clock: false,
            planned: 0,
            again: Vec::new(),
            strict,
            requirements: BTreeMap::new(),
            threats: Vec::new(),
            suites: String::new(),
            filtered: false,
            shard: None,
            flaky_fails: false,
        }
    }

    fn finished(verdicts: &[Verdict], known: &[Verdict]) -> RunFinished {
        RunFinished {
            interrupted: false,
            verdicts: verdicts.iter().map(|v| (*v, 1)).collect(),
            duration_ms: 0.0,
            requests: 0,
            unfinished: Vec::new(),
            known: known.iter().map(|v| (*v, 1)).collect(),
            stale: Vec::new(),
            flaky: 0,
        }
    }

    #[test]
    fn verdicts_decide_the_exit_code() {
        use Verdict::{Blocked, Error, Fail, Inapplicable, Pass, Warn};
        let table: &[(&[Verdict], &[Verdict], bool, u8)] = &[
            (&[Pass], &[], false, 0),
            (&[Pass, Inapplicable], &[], false, 0),
            (&[Pass, Warn], &[], false, 0),
            (&[Pass, Warn], &[], true, 1),
            (&[Pass, Warn], &[Warn], true, 0),
            (&[Pass, Fail], &[], false, 1),
            (&[Pass, Fail], &[Fail], false, 0),
            (&[Fail], &[Fail], false, 0),
            (&[Pass, Fail, Blocked], &[Fail], false, 3),
            (&[Pass, Fail, Blocked, Error], &[], false, 1),
            (&[Pass, Blocked], &[], false, 3),
            (&[Pass, Error], &[], false, 3),
            (&[Inapplicable], &[], false, 4),
            (&[], &[], false, 4),
        ];
        for (verdicts, known, is_strict, code) in table {
            let (run, finished) = (run(*is_strict), finished(verdicts, known));
            assert_eq!(
                Exit::of_run(&run, &finished).code(),
                *code,
                "{verdicts:?} known {known:?} strict {is_strict}"
            );
            let interrupted = RunFinished { interrupted: true, ..finished };
            assert_eq!(Exit::of_run(&run, &interrupted).code(), 130);
        }
    }

    #[test]
    fn what_is_stale_flaky_missing_or_a_part_decides_too() {
        let all_well = || finished(&[Verdict::Pass], &[]);
        let stale = StaleEntry {
            case: String::new(),
            requirement: String::new(),
            why: String::new(),
            location: Location::default(),
        };
        let stale = RunFinished { stale: vec![stale], ..all_well() };
        assert_eq!(Exit::of_run(&run(false), &stale), Exit::Broken);
        let missing = RunFinished { unfinished: vec!["part 2 of 3".to_owned()], ..all_well() };
        assert_eq!(Exit::of_run(&run(false), &missing), Exit::Blocked);
        let flaky = RunFinished { flaky: 1, ..all_well() };
        assert_eq!(Exit::of_run(&run(false), &flaky), Exit::Conforms);
        let severe = RunStarted { flaky_fails: true, ..run(false) };
        assert_eq!(Exit::of_run(&severe, &flaky), Exit::Blocked);
        let partition: Partition = "slice:1/2".parse().unwrap();
        let part = RunStarted { shard: Some(Shard { partition, whole: String::new() }), ..run(false) };
        assert_eq!(Exit::of_run(&part, &finished(&[], &[])), Exit::Conforms);
    }
}

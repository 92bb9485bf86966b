use std::process::ExitCode;

use crate::model::{RunFinished, Verdict};

/// What the process ends with; the numbers are a promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// 0: every requirement that was judged is kept.
    Conforms,
    /// 1: a requirement is broken.
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
    /// an interruption's silence about the rest.
    pub fn of_run(finished: &RunFinished, is_strict: bool) -> Self {
        let has = |verdict: Verdict| finished.verdicts.get(&verdict).is_some_and(|n| *n > 0);
        if finished.interrupted {
            return Self::Interrupted;
        }
        if has(Verdict::Fail) || (is_strict && has(Verdict::Warn)) {
            return Self::Broken;
        }
        if has(Verdict::Error) || has(Verdict::Blocked) || !finished.unfinished.is_empty() {
            return Self::Blocked;
        }
        if has(Verdict::Pass) || has(Verdict::Warn) { Self::Conforms } else { Self::Nothing }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verdicts_decide_the_exit_code() {
        use Verdict::{Blocked, Error, Fail, Inapplicable, Pass, Warn};
        let table: &[(&[Verdict], bool, u8)] = &[
            (&[Pass], false, 0),
            (&[Pass, Inapplicable], false, 0),
            (&[Pass, Warn], false, 0),
            (&[Pass, Warn], true, 1),
            (&[Pass, Fail], false, 1),
            (&[Pass, Fail, Blocked, Error], false, 1),
            (&[Pass, Blocked], false, 3),
            (&[Pass, Error], false, 3),
            (&[Inapplicable], false, 4),
            (&[], false, 4),
        ];
        for (verdicts, is_strict, code) in table {
            let finished = RunFinished {
                interrupted: false,
                verdicts: verdicts.iter().map(|v| (*v, 1)).collect(),
                duration_ms: 0.0,
                requests: 0,
                unfinished: Vec::new(),
            };
            assert_eq!(Exit::of_run(&finished, *is_strict).code(), *code, "{verdicts:?} strict {is_strict}");
            let interrupted = RunFinished { interrupted: true, ..finished };
            assert_eq!(Exit::of_run(&interrupted, *is_strict).code(), 130);
        }
    }
}

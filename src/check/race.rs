use crate::model::{Finding, Level, Outcome, Race, Succeed, Verdict};

use super::answer::{Success, succeeded};
use super::describe_outcome;

/// Judges how many requests of a race did what they are for.
///
/// Too many successes are broken whatever became of the others; too few are only where every other request was
/// definitely refused, because one that got no answer might have succeeded.
pub fn judge_race(race: &Race, level: Level, outcome: &Outcome) -> Finding {
    let Outcome::Race { succeeded: successes, outcomes } = outcome else {
        return finding(race, Verdict::Error, describe_outcome(outcome));
    };
    let all = u32::try_from(outcomes.len()).unwrap_or(u32::MAX);
    let unclear = outcomes.iter().find_map(|o| match succeeded(o) {
        Success::Unclear(seen) => Some(seen),
        _ => None,
    });
    let (least, most) = match race.succeed.value {
        Succeed::Exactly(n) => (n, n),
        Succeed::AtMost(n) => (0, n),
        Succeed::All => (all, all),
    };
    let seen = format!("{successes} of {all} succeeded");
    let verdict = match unclear {
        _ if *successes > most => Verdict::of_broken(level),
        Some(unclear) => {
            return finding(race, Verdict::Error, format!("{seen}, and one cannot be judged: {unclear}"));
        }
        // A race in which nothing succeeds at all never began.
        None if *successes < least || *successes == 0 => Verdict::of_broken(level),
        None => Verdict::Pass,
    };
    finding(race, verdict, seen)
}

fn finding(race: &Race, verdict: Verdict, seen: String) -> Finding {
    let times = race.times;
    let expected = match race.succeed.value {
        Succeed::Exactly(n) => format!("exactly {n} of {times} identical requests at once to succeed"),
        Succeed::AtMost(n) => format!("at most {n} of {times} identical requests at once to succeed"),
        Succeed::All => format!("all of {times} identical requests at once to succeed"),
    };
    Finding {
        requirement: race.requirement.value.clone(),
        verdict,
        expected,
        seen,
        location: race.succeed.location.clone(),
        step: None,
        exchange: None,
        observed: None,
        known: None,
    }
}

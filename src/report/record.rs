use std::collections::{BTreeMap, BTreeSet};

use crate::model::{CaseResult, Event, Finding, Requirement, RunFinished, RunStarted, Verdict};

/// What a report at the end of a run is made of.
#[derive(Debug, Default)]
pub(super) struct Record {
    /// `None` only where the events do not begin at the beginning.
    pub(super) run: Option<RunStarted>,
    /// In order of arrival until [`Record::finish`] sorts them.
    pub(super) results: Vec<CaseResult>,
    /// What the user should know and is no verdict.
    pub(super) notes: Vec<String>,
}

impl Record {
    /// Keeps what the event tells.
    pub(super) fn take(&mut self, event: &Event) {
        match event {
            Event::RunStarted(run) => self.run = Some(run.clone()),
            Event::CaseFinished(result) => self.results.push(CaseResult::clone(result)),
            Event::Note { text } => self.notes.push(text.clone()),
            Event::CaseStarted { .. } | Event::ClockAdvanced { .. } | Event::RunFinished(_) => {}
        }
    }

    /// Puts the results in the order of the suites, which unlike the order of arrival is the same in each
    /// run.
    pub(super) fn finish(&mut self) {
        self.results.sort_by(|a, b| order(a).cmp(&order(b)));
    }

    /// The requirement of that id.
    pub(super) fn requirement(&self, id: &str) -> Option<&Requirement> {
        self.run.as_ref()?.requirements.get(id)
    }

    /// How the verdict counts: a broken SHOULD is a failure in a strict run.
    pub(super) fn is_failure(&self, verdict: Verdict) -> bool {
        verdict == Verdict::Fail
            || verdict == Verdict::Warn && self.run.as_ref().is_some_and(|run| run.strict)
    }

    /// How every requirement stands, by id; also those that no finding named.
    pub(super) fn standings(&self) -> Vec<Judged<'_>> {
        let mut by_id: BTreeMap<&str, Judged<'_>> = self
            .run
            .iter()
            .flat_map(|run| &run.requirements)
            .map(|(id, requirement)| (id.as_str(), Judged::new(requirement)))
            .collect();
        for result in &self.results {
            for finding in &result.findings {
                if let Some(judged) = by_id.get_mut(finding.requirement.as_str()) {
                    judged.add(result, finding);
                }
            }
        }
        by_id.into_values().collect()
    }

    /// One sentence: whether the server conforms, as far as this run can say.
    pub(super) fn conclusion(&self, finished: &RunFinished) -> (Conclusion, String) {
        let of = |verdict| finished.verdicts.get(&verdict).copied().unwrap_or(0);
        let (target, document) = match &self.run {
            Some(run) => (run.target.as_str(), run.profile.1.as_str()),
            None => ("the target", "its profile"),
        };
        let broken = self.standings().iter().filter(|judged| self.breaks(judged)).count();
        let undecided = of(Verdict::Blocked) + of(Verdict::Error);
        let judged = of(Verdict::Pass) + of(Verdict::Warn) + of(Verdict::Fail);
        let part =
            if finished.interrupted { " The run was interrupted; the rest is not judged." } else { "" };
        if of(Verdict::Fail) > 0 || self.is_failure(Verdict::Warn) && of(Verdict::Warn) > 0 {
            let what = if broken == 1 {
                "1 requirement is broken".into()
            } else {
                format!("{broken} requirements are broken")
            };
            return (Conclusion::Broken, format!("{target} does not conform to {document}: {what}.{part}"));
        }
        if undecided > 0 || finished.interrupted {
            let why = match undecided {
                0 => String::new(),
                1 => " 1 row could not be judged.".to_owned(),
                n => format!(" {n} rows could not be judged."),
            };
            return (
                Conclusion::Undecided,
                format!("No verdict on {target}: nothing is broken so far.{why}{part}"),
            );
        }
        if judged == 0 {
            return (Conclusion::Undecided, format!("No verdict on {target}: nothing was judged."));
        }
        let warned = match of(Verdict::Warn) {
            0 => String::new(),
            _ => " Recommendations are not followed; see the warnings.".to_owned(),
        };
        (Conclusion::Conforms, format!("{target} conforms to {document}, as far as it was judged.{warned}"))
    }

    fn breaks(&self, judged: &Judged<'_>) -> bool {
        match judged.standing {
            Standing::Broken => true,
            Standing::Warned => self.is_failure(Verdict::Warn),
            Standing::Undecided | Standing::Kept | Standing::Unjudged | Standing::Unobservable => false,
        }
    }
}

/// What a run comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Conclusion {
    /// Nothing broken, everything judged.
    Conforms,
    /// A requirement is broken.
    Broken,
    /// Nothing broken, but not everything could be judged.
    Undecided,
}

/// A requirement and what the run found of it.
#[derive(Debug)]
pub(super) struct Judged<'a> {
    pub(super) requirement: &'a Requirement,
    pub(super) standing: Standing,
    /// Rows that judged it, by `suite/case[instance]`.
    pub(super) rows: BTreeSet<String>,
    /// Those of them where it is broken.
    pub(super) broken_in: BTreeSet<String>,
}

/// How a requirement stands after a run; ordered, the worst wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Standing {
    /// No case can see it from outside.
    Unobservable,
    /// No case of this run came to judge it.
    Unjudged,
    /// Judged, never broken.
    Kept,
    /// Looked at, but no answer could be judged.
    Undecided,
    /// A recommendation that is not followed.
    Warned,
    /// Broken.
    Broken,
}

impl<'a> Judged<'a> {
    fn new(requirement: &'a Requirement) -> Self {
        let standing =
            if requirement.unobservable.is_some() { Standing::Unobservable } else { Standing::Unjudged };
        Self { requirement, standing, rows: BTreeSet::new(), broken_in: BTreeSet::new() }
    }

    fn add(&mut self, result: &CaseResult, finding: &Finding) {
        let sound = matches!(result.verdict, Verdict::Pass | Verdict::Warn | Verdict::Fail);
        let standing = match finding.verdict {
            Verdict::Fail => Standing::Broken,
            Verdict::Warn => Standing::Warned,
            Verdict::Error | Verdict::Blocked => Standing::Undecided,
            Verdict::Pass if sound => Standing::Kept,
            // A row that failed to be set up, or whose control failed, proves nothing good.
            Verdict::Pass | Verdict::Inapplicable => return,
        };
        self.standing = self.standing.max(standing);
        self.rows.insert(result.id());
        if standing >= Standing::Warned {
            self.broken_in.insert(result.id());
        }
    }
}

/// The suite and the case of a row's `suite/case`; suites of vendors have a `/` of their own.
pub(super) fn suite_and_case(case: &str) -> (&str, &str) {
    case.rsplit_once('/').unwrap_or(("", case))
}

fn order(result: &CaseResult) -> (&str, usize, &str, &str) {
    let (suite, case) = suite_and_case(&result.case);
    (suite, result.location.line, case, &result.instance)
}

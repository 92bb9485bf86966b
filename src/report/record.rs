use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::earlier::Earlier;
use super::shell::word;
use crate::model::{CaseResult, Event, Finding, Known, Requirement, RunFinished, RunStarted, Verdict};

/// What a report at the end of a run is made of.
#[derive(Clone, Debug, Default)]
pub(super) struct Record {
    /// `None` only where the events do not begin at the beginning.
    pub(super) run: Option<RunStarted>,
    /// In order of arrival until [`Record::finish`] sorts them.
    pub(super) results: Vec<Arc<CaseResult>>,
    /// What the run is compared with, where a report compares.
    pub(super) earlier: Option<Arc<Earlier>>,
    /// What the user should know and is no verdict.
    pub(super) notes: Vec<String>,
}

impl Record {
    /// Keeps what the event tells.
    pub(super) fn take(&mut self, event: &Event) {
        match event {
            Event::RunStarted(run) => self.run = Some(run.clone()),
            Event::CaseFinished(result) => self.results.push(Arc::clone(result)),
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

    /// What the baseline says of a row of which it bears everything that counts.
    pub(super) fn known<'r>(&self, result: &'r CaseResult) -> Option<&'r Known> {
        let is_strict = self.is_failure(Verdict::Warn);
        if !result.is_known(is_strict) && !result.is_known(true) {
            return None;
        }
        result.findings.iter().find_map(|finding| finding.known.as_ref())
    }

    /// How every requirement stands, by id; also those that no finding named.
    pub(super) fn standings(&self) -> Vec<Judged<'_>> {
        let mut by_id: BTreeMap<&str, Judged<'_>> = self
            .run
            .iter()
            .flat_map(|run| &run.requirements)
            .map(|(id, requirement)| (id.as_str(), Judged::new(requirement)))
            .collect();
        for (index, result) in self.results.iter().enumerate() {
            for finding in &result.findings {
                if let Some(judged) = by_id.get_mut(finding.requirement.as_str()) {
                    judged.add(index, result, finding);
                }
            }
        }
        by_id.into_values().collect()
    }

    /// The `suite/case[instance]` of these rows, sorted.
    pub(super) fn ids(&self, rows: &[usize]) -> BTreeSet<String> {
        rows.iter().filter_map(|row| self.results.get(*row)).map(|result| result.id()).collect()
    }

    /// The requirements that are not kept, recommendations among them.
    pub(super) fn not_kept(&self) -> BTreeSet<&str> {
        let standings = self.standings().into_iter();
        standings.filter(|j| j.standing >= Standing::Warned).map(|j| j.requirement.id.as_str()).collect()
    }

    /// One sentence: whether the server conforms, as far as this run can say.
    pub(super) fn conclusion(&self, finished: &RunFinished) -> (Conclusion, String) {
        let of = |verdict| finished.verdicts.get(&verdict).copied().unwrap_or(0);
        let known = |verdict| finished.known.get(&verdict).copied().unwrap_or(0);
        let unknown = |verdict| of(verdict).saturating_sub(known(verdict));
        let (target, document) = match &self.run {
            Some(run) => (run.target.as_str(), run.profile.1.as_str()),
            None => ("the target", "its profile"),
        };
        let broken = self.standings().iter().filter(|judged| self.breaks(judged)).count();
        let undecided = of(Verdict::Blocked) + of(Verdict::Error);
        let flaky = if self.run.as_ref().is_some_and(|run| run.flaky_fails) { finished.flaky } else { 0 };
        let judged = of(Verdict::Pass) + of(Verdict::Warn) + of(Verdict::Fail);
        let part =
            if finished.interrupted { " The run was interrupted; the rest is not judged." } else { "" };
        let borne = match known(Verdict::Fail) + known(Verdict::Warn) {
            0 => String::new(),
            1 => " 1 failing row is known and borne by the baseline.".to_owned(),
            n => format!(" {n} failing rows are known and borne by the baseline."),
        };
        if unknown(Verdict::Fail) > 0 || self.is_failure(Verdict::Warn) && unknown(Verdict::Warn) > 0 {
            let what = if broken == 1 {
                "1 requirement is broken".into()
            } else {
                format!("{broken} requirements are broken")
            };
            let sentence = format!("{target} does not conform to {document}: {what}.{borne}{part}");
            return (Conclusion::Broken, sentence);
        }
        if !finished.stale.is_empty() {
            let entries = match finished.stale.len() {
                1 => "1 entry of the baseline is".to_owned(),
                n => format!("{n} entries of the baseline are"),
            };
            return (
                Conclusion::Broken,
                format!("{target} is not what its baseline says: {entries} no longer true.{borne}{part}"),
            );
        }
        if undecided > 0 || flaky > 0 || finished.interrupted || !finished.unfinished.is_empty() {
            let mut why = match undecided {
                0 => String::new(),
                1 => " 1 row could not be judged.".to_owned(),
                n => format!(" {n} rows could not be judged."),
            };
            if flaky > 0 {
                why.push_str(&format!(" {flaky} passed only when tried again, which is not to count."));
            }
            if !finished.interrupted && !finished.unfinished.is_empty() {
                why.push_str(" A part of the run is missing.");
            }
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
        if !borne.is_empty() {
            let sentence = format!("{target} breaks nothing of {document} but what is known.{borne}{warned}");
            return (Conclusion::Conforms, sentence);
        }
        (Conclusion::Conforms, format!("{target} conforms to {document}, as far as it was judged.{warned}"))
    }

    /// What decided a row: a requirement or the verdict's name, and a sentence. Not cleaned.
    pub(super) fn headline(&self, result: &CaseResult) -> (String, String) {
        match (result.verdict, &result.reason, result.decisive()) {
            (Verdict::Warn | Verdict::Fail, _, Some(finding)) | (_, None, Some(finding)) => {
                let sentence = self
                    .requirement(&finding.requirement)
                    .map_or(finding.expected.as_str(), |requirement| requirement.summary.as_str());
                let known = match &finding.known {
                    Some(known) => format!("{}. ", sentence_of(known)),
                    None => String::new(),
                };
                (finding.requirement.clone(), format!("{known}{sentence} Seen: {}", finding.seen))
            }
            (verdict, reason, _) => {
                (verdict.to_string(), reason.clone().unwrap_or_else(|| result.title.clone()))
            }
        }
    }

    /// The command that runs this row's case again with the same random choices.
    pub(super) fn again(&self, result: &CaseResult) -> String {
        let mut words = vec!["oauthspec".to_owned(), "run".to_owned()];
        let (given, seed) = self.run.as_ref().map_or((&[][..], 0), |run| (run.again.as_slice(), run.seed));
        words.extend(given.iter().map(|argument| word(argument)));
        words.extend(["--only".to_owned(), word(&result.case)]);
        if !given.iter().any(|argument| argument == "--seed" || argument.starts_with("--seed=")) {
            // What failed in an earlier run comes from that run's seed.
            let failed = result.property.as_ref().and_then(|property| property.failed);
            let seed = failed.map_or(seed, |failed| failed.seed);
            words.extend(["--seed".to_owned(), seed.to_string()]);
        }
        words.join(" ")
    }

    /// The findings of all rows by requirement that is broken or not followed, with their rows; in the order of
    /// the requirements' ids.
    pub(super) fn broken(&self) -> Vec<Broken<'_>> {
        let mut known: BTreeMap<(Verdict, &str), Broken<'_>> = BTreeMap::new();
        for result in &self.results {
            for finding in &result.findings {
                if !matches!(finding.verdict, Verdict::Warn | Verdict::Fail) {
                    continue;
                }
                let entry = known.entry((finding.verdict, &finding.requirement)).or_insert_with(|| Broken {
                    requirement: self.requirement(&finding.requirement),
                    finding,
                    rows: Vec::new(),
                    is_known: true,
                });
                entry.is_known &= finding.known.is_some();
                if entry.finding.known.is_some() && finding.known.is_none() {
                    entry.finding = finding;
                }
                // Its findings come one after the other.
                if !entry.rows.last().is_some_and(|row| std::ptr::eq(*row, &**result)) {
                    entry.rows.push(result);
                }
            }
        }
        let mut broken: Vec<Broken<'_>> = known.into_values().collect();
        broken.sort_by_key(|broken| (broken.finding.verdict != Verdict::Fail, broken.is_known));
        broken
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

/// A requirement that rows found broken or not followed.
#[derive(Debug)]
pub(super) struct Broken<'a> {
    /// `None` only in a damaged journal.
    pub(super) requirement: Option<&'a Requirement>,
    /// The first of its findings that the baseline does not bear, or the first.
    pub(super) finding: &'a Finding,
    /// At least one.
    pub(super) rows: Vec<&'a CaseResult>,
    /// Whether the baseline bears it in all of these rows.
    pub(super) is_known: bool,
}

/// A requirement and what the run found of it.
#[derive(Debug)]
pub(super) struct Judged<'a> {
    pub(super) requirement: &'a Requirement,
    pub(super) standing: Standing,
    /// Rows that judged it, by their place in the record's results.
    pub(super) rows: Vec<usize>,
    /// Those of them where it is broken.
    pub(super) broken_in: Vec<usize>,
}

/// How the requirements stand after a run, by id: those that the run's cases and invariants name.
pub fn standings(events: impl IntoIterator<Item = Event>) -> BTreeMap<String, Standing> {
    let mut record = Record::default();
    for event in events {
        match event {
            // Transcripts are most of the memory, and nothing here looks at them.
            Event::CaseFinished(mut result) => {
                let kept = Arc::make_mut(&mut result);
                (kept.exchanges, kept.steps) = (Vec::new(), Vec::new());
                record.results.push(result);
            }
            event => record.take(&event),
        }
    }
    record.standings().into_iter().map(|j| (j.requirement.id.clone(), j.standing)).collect()
}

/// How a requirement stands after a run; ordered, the worst wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
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

impl Standing {
    /// The word in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unobservable => "unobservable",
            Self::Unjudged => "unjudged",
            Self::Kept => "kept",
            Self::Undecided => "undecided",
            Self::Warned => "warned",
            Self::Broken => "broken",
        }
    }
}

impl<'a> Judged<'a> {
    fn new(requirement: &'a Requirement) -> Self {
        let standing =
            if requirement.unobservable.is_some() { Standing::Unobservable } else { Standing::Unjudged };
        Self { requirement, standing, rows: Vec::new(), broken_in: Vec::new() }
    }

    fn add(&mut self, index: usize, result: &CaseResult, finding: &Finding) {
        let sound = matches!(result.verdict, Verdict::Pass | Verdict::Warn | Verdict::Fail);
        let standing = match finding.verdict {
            // What fails outranks what is blocked, so this is a row whose control did not pass.
            Verdict::Fail if result.verdict == Verdict::Blocked => Standing::Undecided,
            Verdict::Fail => Standing::Broken,
            Verdict::Warn => Standing::Warned,
            Verdict::Error | Verdict::Blocked => Standing::Undecided,
            Verdict::Pass if sound => Standing::Kept,
            // A row that failed to be set up, or whose control failed, proves nothing good.
            Verdict::Pass | Verdict::Inapplicable => return,
        };
        self.standing = self.standing.max(standing);
        // A row's findings come one after the other.
        let note = |rows: &mut Vec<usize>| {
            if rows.last() != Some(&index) {
                rows.push(index);
            }
        };
        note(&mut self.rows);
        if standing >= Standing::Warned {
            note(&mut self.broken_in);
        }
    }
}

/// What a report says of a failure that is borne.
pub(super) fn sentence_of(known: &Known) -> String {
    format!("Known, borne until {}: {}", known.expires, known.reason)
}

/// How often a row was tried after the network had failed it, and whether that helped; `None` where it was played
/// once.
pub(super) fn retries(result: &CaseResult) -> Option<String> {
    let word = if result.is_flaky() { "flaky" } else { "in vain" };
    (!result.retried.is_empty()).then(|| format!("{word}: tried {} times", result.retried.len() + 1))
}

/// The suite and the case of a row's `suite/case`; suites of vendors have a `/` of their own.
pub(super) fn suite_and_case(case: &str) -> (&str, &str) {
    case.rsplit_once('/').unwrap_or(("", case))
}

fn order(result: &CaseResult) -> (&str, usize, &str, &str) {
    let (suite, case) = suite_and_case(&result.case);
    (suite, result.location.line, case, &result.instance)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{CaseKind, Level, Location};

    fn result(verdict: Verdict, findings: &[(&str, Verdict)]) -> CaseResult {
        let finding = |(id, verdict): &(&str, Verdict)| Finding {
            requirement: (*id).to_owned(),
            verdict: *verdict,
            expected: String::new(),
            seen: String::new(),
            location: Location::default(),
            step: None,
            exchange: None,
            observed: None,
            known: None,
        };
        CaseResult {
            case: "suite/case".to_owned(),
            instance: String::new(),
            title: String::new(),
            kind: CaseKind::Case,
            tags: Vec::new(),
            verdict,
            reason: None,
            findings: findings.iter().map(finding).collect(),
            steps: Vec::new(),
            exchanges: Vec::new(),
            started_ms: 0.0,
            duration_ms: 0.0,
            waited_s: 0.0,
            location: Location::default(),
            property: None,
            examined: None,
            unseen: None,
            control: None,
            retried: Vec::new(),
        }
    }

    fn record(strict: bool, results: Vec<CaseResult>) -> Record {
        let requirement = |id: &str, level| Requirement {
            id: id.to_owned(),
            document: "RFC 6749".to_owned(),
            section: "4.1.2".to_owned(),
            level,
            summary: String::new(),
            link: None,
            binds: Default::default(),
            testable: Default::default(),
            restates: Vec::new(),
            unobservable: (id == "c").then(|| "a reason".to_owned()),
            unchecked: None,
            doubtful: None,
            location: Location::default(),
        };
        let requirements = [("a", Level::Must), ("b", Level::Should), ("c", Level::Must)]
            .map(|(id, level)| (id.to_owned(), requirement(id, level)));
        let run = RunStarted {
            journal: 1,
            oauthspec: String::new(),
            target: "staging".to_owned(),
            issuer: String::new(),
            profile: ("p".to_owned(), "the profile".to_owned()),
            seed: 0,
            started: String::new(),
            virtual_clock: false,
            planned: 0,
            again: Vec::new(),
            strict,
            requirements: requirements.into(),
            suites: String::new(),
            filtered: false,
            shard: None,
            flaky_fails: false,
            threats: Vec::new(),
        };
        let results = results.into_iter().map(Arc::new).collect();
        Record { run: Some(run), results, earlier: None, notes: Vec::new() }
    }

    fn conclusion(record: &Record, interrupted: bool) -> Conclusion {
        let mut finished = RunFinished {
            interrupted,
            verdicts: BTreeMap::new(),
            duration_ms: 0.0,
            requests: 0,
            unfinished: Vec::new(),
            known: BTreeMap::new(),
            stale: Vec::new(),
            flaky: 0,
        };
        for result in &record.results {
            *finished.verdicts.entry(result.verdict).or_default() += 1;
        }
        record.conclusion(&finished).0
    }

    #[test]
    fn only_what_was_judged_and_kept_conforms() {
        use Verdict::{Blocked, Error, Fail, Inapplicable, Pass, Warn};
        for (verdicts, lax, strict) in [
            (&[Pass, Inapplicable][..], Conclusion::Conforms, Conclusion::Conforms),
            (&[Pass, Warn], Conclusion::Conforms, Conclusion::Broken),
            (&[Pass, Blocked], Conclusion::Undecided, Conclusion::Undecided),
            (&[Pass, Error], Conclusion::Undecided, Conclusion::Undecided),
            (&[Fail, Blocked, Error], Conclusion::Broken, Conclusion::Broken),
            (&[Inapplicable], Conclusion::Undecided, Conclusion::Undecided),
            (&[], Conclusion::Undecided, Conclusion::Undecided),
        ] {
            let results = || verdicts.iter().map(|verdict| result(*verdict, &[])).collect();
            assert_eq!(conclusion(&record(false, results()), false), lax, "{verdicts:?}");
            assert_eq!(conclusion(&record(true, results()), false), strict, "{verdicts:?}, strict");
        }
        assert_eq!(conclusion(&record(false, vec![result(Pass, &[])]), true), Conclusion::Undecided);
    }

    #[test]
    fn a_row_without_a_verdict_proves_nothing_good() {
        let standings = |results| {
            let record = record(false, results);
            record.standings().iter().map(|judged| judged.standing).collect::<Vec<_>>()
        };
        use Verdict::{Blocked, Error, Fail, Pass, Warn};
        assert_eq!(
            standings(vec![result(Blocked, &[("a", Pass), ("b", Warn)])]),
            [Standing::Unjudged, Standing::Warned, Standing::Unobservable]
        );
        assert_eq!(
            standings(vec![result(Blocked, &[("a", Fail)]), result(Pass, &[("b", Pass)])]),
            [Standing::Undecided, Standing::Kept, Standing::Unobservable]
        );
        assert_eq!(
            standings(vec![result(Error, &[("a", Error), ("b", Pass)]), result(Pass, &[("b", Pass)])]),
            [Standing::Undecided, Standing::Kept, Standing::Unobservable]
        );
        assert_eq!(
            standings(vec![result(Fail, &[("a", Fail)]), result(Pass, &[("a", Pass)])]),
            [Standing::Broken, Standing::Unjudged, Standing::Unobservable]
        );
    }
}

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::model::{Library, Requirement, Testable, Want};
use crate::plan::requirements_of;
use crate::reference::Defect;
use crate::report::Standing;

/// Every requirement of the catalogue with what judges it, by document and in the documents' order.
#[derive(Clone, Debug, Serialize)]
pub struct Coverage {
    /// The version of this document, now 1.
    pub format: u32,
    /// Counts over all documents.
    pub totals: Totals,
    /// In the order of their names.
    pub documents: Vec<DocumentCoverage>,
}

/// The requirements of one document.
#[derive(Clone, Debug, Serialize)]
pub struct DocumentCoverage {
    /// As reports call it.
    pub document: String,
    /// Counts over its requirements.
    pub totals: Totals,
    /// In the order of the catalogue's file.
    pub requirements: Vec<RequirementCoverage>,
}

/// A requirement and what judges it.
#[derive(Clone, Debug, Serialize)]
pub struct RequirementCoverage {
    /// The requirement as the catalogue has it.
    #[serde(flatten)]
    pub requirement: Requirement,
    /// How it is covered.
    pub how: How,
    /// Cases that judge it, by `suite/case`.
    pub cases: Vec<String>,
    /// Invariants that judge it, by `suite/invariant`.
    pub invariants: Vec<String>,
    /// Defects of the reference server that break it.
    pub defects: Vec<String>,
    /// How it stood in the run of a journal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub standing: Option<Standing>,
}

/// How a requirement is covered; ordered, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// A case or an invariant judges it.
    Judged,
    /// All that it restates is judged.
    Restated,
    /// It says why nobody can see it from outside.
    Unobservable,
    /// No case judges it yet, or only some of what it restates.
    Unchecked,
}

/// Counts of requirements.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Totals {
    /// All.
    pub requirements: usize,
    /// Of these, those that can be tested wholly or partly.
    pub testable: usize,
    /// Of the testable: judged by a case or an invariant.
    pub judged: usize,
    /// Of the testable: all that they restate is judged.
    pub restated: usize,
    /// Of the testable: with a reason why nobody can see it from outside.
    pub unobservable: usize,
    /// Of the testable: not judged yet.
    pub unchecked: usize,
    /// Of these, by what is wanting.
    pub wanting: BTreeMap<Want, usize>,
}

impl Coverage {
    /// Computes the table.
    pub fn of(library: &Library) -> Self {
        let judges = Judges::of(library);
        let mut rows: BTreeMap<&str, Vec<RequirementCoverage>> = BTreeMap::new();
        for requirement in library.requirements.values() {
            rows.entry(&requirement.document).or_default().push(judges.row(requirement));
        }
        let documents = rows.into_iter().map(|(document, mut requirements)| {
            requirements.sort_by_key(|row| {
                let place = &row.requirement.location;
                (place.file.clone(), place.line)
            });
            let totals = Totals::of(&requirements);
            DocumentCoverage { document: document.to_owned(), totals, requirements }
        });
        let mut coverage = Self { format: 1, totals: Totals::default(), documents: documents.collect() };
        coverage.count();
        coverage
    }

    /// All requirements with what judges them.
    pub fn rows(&self) -> impl Iterator<Item = &RequirementCoverage> {
        self.documents.iter().flat_map(|document| &document.requirements)
    }

    /// Adds how the requirements stood in a run. One that restates others stands as the worst of them; if any of
    /// them was not judged, neither was it.
    pub fn judge(&mut self, standings: &BTreeMap<String, Standing>) {
        let of = |id: &str| standings.get(id).copied().unwrap_or(Standing::Unjudged);
        for row in self.documents.iter_mut().flat_map(|document| &mut document.requirements) {
            let restated = || row.requirement.restates.iter().map(|id| of(id));
            row.standing = Some(match row.how {
                How::Judged => of(&row.requirement.id),
                How::Restated if restated().any(|s| s == Standing::Broken) => Standing::Broken,
                How::Restated if restated().any(|s| s == Standing::Unjudged) => Standing::Unjudged,
                How::Restated => restated().max().unwrap_or(Standing::Unjudged),
                How::Unobservable => Standing::Unobservable,
                How::Unchecked => Standing::Unjudged,
            });
        }
    }

    /// Keeps only some documents.
    pub(super) fn keep(&mut self, wanted: impl Fn(&str) -> bool) {
        self.documents.retain(|document| wanted(&document.document));
        self.count();
    }

    /// Keeps only the requirements that nothing judges yet; the counts stay those of all.
    pub(super) fn keep_unchecked(&mut self) {
        for document in &mut self.documents {
            document.requirements.retain(|row| row.how == How::Unchecked);
        }
    }

    fn count(&mut self) {
        let mut totals = Totals::default();
        for document in &self.documents {
            totals.add(&document.totals);
        }
        self.totals = totals;
    }
}

/// Who judges what.
#[derive(Debug, Default)]
struct Judges {
    cases: BTreeMap<String, BTreeSet<String>>,
    invariants: BTreeMap<String, BTreeSet<String>>,
}

impl Judges {
    fn of(library: &Library) -> Self {
        let mut judges = Self::default();
        for suite in &library.suites {
            for case in &suite.cases {
                for id in requirements_of(&case.script.steps) {
                    judges.cases.entry(id).or_default().insert(case.full_id.clone());
                }
            }
            for invariant in &suite.invariants {
                for expectation in &invariant.expect {
                    let id = expectation.requirement.value.clone();
                    judges.invariants.entry(id).or_default().insert(invariant.full_id.clone());
                }
            }
        }
        judges
    }

    fn is_judged(&self, id: &str) -> bool {
        self.cases.contains_key(id) || self.invariants.contains_key(id)
    }

    fn row(&self, requirement: &Requirement) -> RequirementCoverage {
        let restates = &requirement.restates;
        let how = if self.is_judged(&requirement.id) {
            How::Judged
        } else if requirement.unobservable.is_some() {
            How::Unobservable
        } else if !restates.is_empty() && restates.iter().all(|id| self.is_judged(id)) {
            How::Restated
        } else {
            How::Unchecked
        };
        let ids = || std::iter::once(&requirement.id).chain(restates);
        let listed = |map: &BTreeMap<String, BTreeSet<String>>| {
            let found: BTreeSet<String> = ids().filter_map(|id| map.get(id)).flatten().cloned().collect();
            found.into_iter().collect()
        };
        let breaks = |defect: &&Defect| ids().any(|id| id == defect.requirement());
        RequirementCoverage {
            requirement: requirement.clone(),
            how,
            cases: listed(&self.cases),
            invariants: listed(&self.invariants),
            defects: Defect::ALL.iter().filter(breaks).map(|d| d.name().to_owned()).collect(),
            standing: None,
        }
    }
}

impl RequirementCoverage {
    /// What is wanting, where nothing judges it. One that restates others wants cases for them.
    pub fn wants(&self) -> Option<Want> {
        (self.how == How::Unchecked).then(|| self.requirement.unchecked.unwrap_or(Want::Case))
    }
}

impl Totals {
    fn of(rows: &[RequirementCoverage]) -> Self {
        let mut totals = Self { requirements: rows.len(), ..Self::default() };
        for row in rows.iter().filter(|row| row.requirement.testable != Testable::No) {
            totals.testable += 1;
            match row.how {
                How::Judged => totals.judged += 1,
                How::Restated => totals.restated += 1,
                How::Unobservable => totals.unobservable += 1,
                How::Unchecked => totals.unchecked += 1,
            }
            if let Some(want) = row.wants() {
                *totals.wanting.entry(want).or_default() += 1;
            }
        }
        totals
    }

    fn add(&mut self, other: &Self) {
        self.requirements += other.requirements;
        self.testable += other.testable;
        self.judged += other.judged;
        self.restated += other.restated;
        self.unobservable += other.unobservable;
        self.unchecked += other.unchecked;
        for (want, count) in &other.wanting {
            *self.wanting.entry(*want).or_default() += count;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::built_in_library;

    #[test]
    fn what_restates_stands_as_the_worst_of_what_it_restates() {
        let mut coverage = Coverage::of(&built_in_library().unwrap());
        let id = "oauth21-4.1.3-code-client-match";
        let restated = coverage.rows().find(|r| r.requirement.id == id).unwrap().requirement.restates.clone();
        assert_eq!(restated.len(), 2);
        let mut stood = |first, second| {
            let standings = [(restated[0].clone(), first), (restated[1].clone(), second)];
            coverage.judge(&standings.into());
            coverage.rows().find(|r| r.requirement.id == id).unwrap().standing.unwrap()
        };
        assert_eq!(stood(Standing::Kept, Standing::Kept), Standing::Kept);
        assert_eq!(stood(Standing::Kept, Standing::Unjudged), Standing::Unjudged);
        assert_eq!(stood(Standing::Broken, Standing::Unjudged), Standing::Broken);
        assert_eq!(stood(Standing::Warned, Standing::Kept), Standing::Warned);
    }
}

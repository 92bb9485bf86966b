use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use super::diagnostic::{Diagnostic, nearest};
use crate::model::{IdGlob, Library, Located, Location, Profile, Requirement};

/// Every id that the files give, even of what could not be read: a mistake in one place is not to be
/// reported again wherever its id is named.
#[derive(Debug, Default)]
pub(super) struct Ids {
    /// Of suites.
    pub suites: Vec<Located<String>>,
    /// Of requirements.
    pub requirements: Vec<Located<String>>,
    /// Full ids of cases.
    pub cases: Vec<Located<String>>,
    /// Full ids of invariants.
    pub invariants: Vec<Located<String>>,
    /// Of profiles.
    pub profiles: Vec<Located<String>>,
    /// Of threats.
    pub threats: Vec<Located<String>>,
    /// What each file names of others.
    pub named: Vec<Named>,
}

/// What a file names of others, kept even if what it stands in could not be read.
#[derive(Debug, Default)]
pub(super) struct Named {
    /// Requirements.
    pub requirements: Vec<Located<String>>,
    /// The full ids of cases, and the cases that are their controls.
    pub controls: Vec<(String, Located<String>)>,
    /// The full ids of cases, and the cases that they stand in for.
    pub replacements: Vec<(String, Located<String>)>,
}

impl Ids {
    /// Takes in those of another file.
    pub fn extend(&mut self, more: Self) {
        self.suites.extend(more.suites);
        self.requirements.extend(more.requirements);
        self.cases.extend(more.cases);
        self.invariants.extend(more.invariants);
        self.profiles.extend(more.profiles);
        self.threats.extend(more.threats);
        self.named.extend(more.named);
    }

    /// Notes ids that stand twice.
    pub fn check_unique(&self, problems: &mut Vec<Diagnostic>) {
        twice(&self.suites, "suites", problems);
        twice(&self.requirements, "requirements", problems);
        twice(&self.profiles, "profiles", problems);
        twice(&self.threats, "threats", problems);
    }

    /// Notes what suites name and nobody gives.
    pub fn check_named(&self, problems: &mut Vec<Diagnostic>) {
        let (requirements, cases) = (set(&self.requirements), set(&self.cases));
        let named = || self.named.iter();
        let mut like = HashMap::new(); // thousands of cases may misspell the same id
        for requirement in named().flat_map(|n| &n.requirements) {
            if !requirements.contains(requirement.value.as_str()) {
                let message = format!("there is no requirement `{}`", requirement.value);
                let problem =
                    Diagnostic::new(requirement.location.clone(), message, "in no requirements file")
                        .page("requirements");
                let find = || nearest(&requirement.value, requirements.iter().copied());
                problems.push(problem.suggest(*like.entry(&requirement.value).or_insert_with(find)));
            }
        }
        for (case, control) in named().flat_map(|n| &n.controls) {
            if control.value == *case {
                let place = control.location.clone();
                let label = "expected another case, without the deviation";
                problems
                    .push(Diagnostic::new(place, "a case cannot be its own control", label).page("judging"));
            } else if !cases.contains(control.value.as_str()) {
                problems.push(no_case(control, case, &cases).page("judging"));
            }
        }
    }

    /// Notes replacements of what is not there, or is replaced twice, or is not another file's.
    pub fn check_replacements(&self, problems: &mut Vec<Diagnostic>) {
        let cases = set(&self.cases);
        let place_of = |id: &str| self.cases.iter().find(|case| case.value == id).map(|case| &case.location);
        let all = || self.named.iter().flat_map(|n| &n.replacements);
        let mut first: HashMap<&str, &Location> = HashMap::new();
        for (case, replaced) in all() {
            let place = replaced.location.clone();
            if !cases.contains(replaced.value.as_str()) {
                problems.push(no_case(replaced, case, &cases).page("overlays"));
                continue;
            }
            let original = place_of(&replaced.value).cloned().unwrap_or_default();
            if original.file == place.file {
                let message = "a case replaces one of another file";
                let problem = Diagnostic::new(place, message, "this one stands in the same file");
                problems.push(problem.second(original, "change it here").page("overlays"));
            } else if let Some((_, third)) = all().find(|(id, _)| *id == replaced.value) {
                let message = format!("`{}` replaces a case itself", replaced.value);
                let problem = Diagnostic::new(place, message, "one replacement is enough");
                problems.push(problem.second(third.location.clone(), "replaced here").page("overlays"));
            } else if let Some(before) = first.insert(&replaced.value, &replaced.location) {
                let message = format!("two cases replace `{}`", replaced.value);
                let problem =
                    Diagnostic::new(place, message, "the second").second(before.clone(), "the first");
                problems.push(problem.page("overlays"));
            }
        }
    }

    /// Lets every replacement stand where the replaced case stood: in its place as a control too.
    pub fn replace(&self, library: &mut Library) {
        let replacements: HashMap<&str, &str> = self
            .named
            .iter()
            .flat_map(|n| &n.replacements)
            .map(|(case, replaced)| (replaced.value.as_str(), case.as_str()))
            .collect();
        if replacements.is_empty() {
            return;
        }
        let place_of = |id: &str| self.cases.iter().find(|case| case.value == id).map(|case| &case.location);
        for case in library.suites.iter_mut().flat_map(|suite| &mut Arc::make_mut(suite).cases) {
            let control = case.control.as_ref().and_then(|c| replacements.get(c.value.as_str())).copied();
            let by = replacements.get(case.full_id.as_str()).copied();
            if control.is_none() && by.is_none() {
                continue;
            }
            let case = Arc::make_mut(case);
            // A replacement may have the replaced case for its control: it is its own then.
            let own = control == Some(case.full_id.as_str());
            if let (Some(to), Some(control), false) = (control, &mut case.control, own) {
                to.clone_into(&mut control.value);
            }
            case.replaced_by = by.map(|by| Located {
                value: by.to_owned(),
                location: place_of(by).cloned().unwrap_or_default(),
            });
        }
    }

    /// Notes requirements that restate one which itself only restates, so that what they come to is plain.
    pub fn check_restated(
        &self,
        requirements: &BTreeMap<String, Requirement>,
        problems: &mut Vec<Diagnostic>,
    ) {
        for requirement in requirements.values() {
            for restated in requirement.restates.iter().filter_map(|id| requirements.get(id)) {
                if !restated.restates.is_empty() {
                    let message = format!("`{}` restates `{}`", requirement.id, restated.id);
                    let label = "expected to restate only what restates nothing itself";
                    let problem = Diagnostic::new(requirement.location.clone(), message, label);
                    problems.push(problem.second(restated.location.clone(), "restates others"));
                }
            }
        }
    }

    /// Notes globs of profiles that match no case and no invariant.
    pub fn check_profiles<'p>(
        &self,
        profiles: impl Iterator<Item = &'p Profile>,
        problems: &mut Vec<Diagnostic>,
    ) {
        let ids: Vec<&str> = self.cases.iter().chain(&self.invariants).map(|id| id.value.as_str()).collect();
        for profile in profiles {
            let globs = profile.include.iter().chain(profile.exclude.iter().map(|(glob, _)| glob));
            for glob in globs {
                let Ok(known) = IdGlob::new(&glob.value) else { continue };
                if !ids.iter().any(|id| known.matches(id)) {
                    let suites = self.suites.iter().map(|s| s.value.as_str());
                    let stem = glob.value.trim_end_matches(['*', '/']);
                    let problem = Diagnostic::new(
                        glob.location.clone(),
                        "the glob matches no case",
                        "expected a glob over `suite/case`",
                    )
                    .page("profile");
                    problems.push(match nearest(stem, suites) {
                        _ if !glob.value.contains('*') => {
                            problem.suggest(nearest(&glob.value, ids.iter().copied()))
                        }
                        Some(suite) => problem.suggest(Some(&format!("{suite}/*"))),
                        None => problem,
                    });
                }
            }
        }
    }
}

fn no_case(control: &Located<String>, case: &str, cases: &HashSet<&str>) -> Diagnostic {
    let message = format!("there is no case `{}`", control.value);
    let problem = Diagnostic::new(control.location.clone(), message, "expected `suite/case`");
    let suite = case.rsplit_once('/').map_or("", |(suite, _)| suite);
    let local = format!("{suite}/{}", control.value);
    let tail = format!("/{}", control.value);
    let same = || cases.iter().filter(|case| case.ends_with(&tail)).min();
    match cases.get(local.as_str()).or_else(same) {
        Some(meant) => problem.suggest(Some(meant)),
        None => problem.suggest(nearest(&control.value, cases.iter().copied())),
    }
}

fn set(ids: &[Located<String>]) -> HashSet<&str> {
    ids.iter().map(|id| id.value.as_str()).collect()
}

fn twice(ids: &[Located<String>], what: &str, problems: &mut Vec<Diagnostic>) {
    let mut first: HashMap<&str, &Location> = HashMap::with_capacity(ids.len());
    for id in ids {
        if let Some(place) = first.get(id.value.as_str()) {
            let message = format!("two {what} have the id `{}`", id.value);
            problems.push(
                Diagnostic::new(id.location.clone(), message, "the second")
                    .second((*place).clone(), "the first")
                    .page("overlays"),
            );
        } else {
            first.insert(&id.value, &id.location);
        }
    }
}

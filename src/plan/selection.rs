use std::collections::BTreeMap;

use crate::model::{Case, IdGlob, Invariant, Level, Library, Profile, Step};

use super::planner::Reason;

/// Which cases of the profile are asked for; everything, if nothing is said.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Globs over `suite/case`, or a suite's id, or a full id with its instance; any of them suffices.
    pub only: Vec<String>,
    /// Tags; any of them suffices.
    pub tags: Vec<String>,
    /// Tags; any of them leaves a case out.
    pub without_tags: Vec<String>,
    /// Ids (or globs) of requirements; a case that names any of them is in.
    pub requirements: Vec<String>,
    /// Documents (or globs), however they are spaced and capitalised: `rfc6749`; a case that judges a
    /// requirement of any of them is in.
    pub documents: Vec<String>,
    /// Levels; a case that judges a requirement of any of them is in. With documents or requirements too, one and the
    /// same requirement must fit.
    pub levels: Vec<Level>,
    /// Whether cases tagged [`DISRUPTIVE`] are in as well: they may harm a live server.
    pub disruptive: bool,
}

/// The tag of cases that lock out, flood or overfill.
pub const DISRUPTIVE: &str = "disruptive";

/// A malformed filter.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{filter}` is not a pattern: {reason}")]
pub struct SelectionError {
    filter: String,
    reason: String,
}

/// A selection over a profile, ready to be asked.
#[derive(Debug)]
pub(super) struct Chosen {
    include: Vec<IdGlob>,
    exclude: Vec<(IdGlob, String)>,
    only: Vec<Only>,
    tags: Vec<String>,
    without_tags: Vec<String>,
    requirements: Vec<IdGlob>,
    documents: Vec<IdGlob>,
    levels: Vec<Level>,
    disruptive: bool,
    /// Of every requirement, its document and its level, if that is asked for.
    catalogue: BTreeMap<String, (String, Level)>,
}

/// A pattern over cases, and the instance it names, if any.
#[derive(Debug)]
struct Only {
    case: IdGlob,
    instance: Option<String>,
}

impl Chosen {
    pub(super) fn new(
        library: &Library,
        profile: &Profile,
        selection: &Selection,
    ) -> Result<Self, SelectionError> {
        let only = |pattern: &String| {
            let (case, instance) = match pattern.split_once('[') {
                Some((case, rest)) => (case, Some(rest.trim_end_matches(']').to_owned())),
                None => (pattern.as_str(), None),
            };
            Ok(Only { case: glob(case)?, instance })
        };
        Ok(Self {
            include: profile.include.iter().map(|g| glob(&g.value)).collect::<Result<_, _>>()?,
            exclude: profile
                .exclude
                .iter()
                .map(|(g, reason)| Ok((glob(&g.value)?, reason.clone())))
                .collect::<Result<_, _>>()?,
            only: selection.only.iter().map(only).collect::<Result<_, _>>()?,
            tags: selection.tags.clone(),
            without_tags: selection.without_tags.clone(),
            requirements: selection.requirements.iter().map(|r| glob(r)).collect::<Result<_, _>>()?,
            documents: selection.documents.iter().map(|d| glob(&folded(d))).collect::<Result<_, _>>()?,
            levels: selection.levels.clone(),
            disruptive: selection.disruptive,
            catalogue: library
                .requirements
                .values()
                .filter(|_| !selection.documents.is_empty() || !selection.levels.is_empty())
                .map(|r| (r.id.clone(), (folded(&r.document), r.level)))
                .collect(),
        })
    }

    /// Why the case is not in; `None` if it is. A case that replaces another is where that would be.
    pub(super) fn case(&self, case: &Case) -> Option<Reason> {
        let replaced = case.replaces.as_ref().map(|replaced| replaced.value.as_str());
        let ids: Vec<&str> = [Some(case.full_id.as_str()), replaced].into_iter().flatten().collect();
        let by = case.replaced_by.as_ref();
        let stood_in_for =
            by.map(|by| Reason::Replaced { by: by.value.clone(), location: by.location.to_string() });
        // Filters first: whoever asks for a few cases is not told of decisions about others.
        let unwanted = self.unwanted(&ids, &case.tags, || requirements_of(&case.script.steps));
        let harmful = || {
            let is_harmful = case.tags.iter().any(|tag| tag == DISRUPTIVE);
            (is_harmful && !self.disruptive).then_some(Reason::Disruptive)
        };
        unwanted.or(stood_in_for).or_else(|| self.outside(&ids)).or_else(harmful)
    }

    pub(super) fn instance(&self, case: &Case, instance: &str) -> bool {
        let named: Vec<&Only> = self.only.iter().filter(|o| fits(&o.case, &case.full_id)).collect();
        named.is_empty() || named.iter().any(|o| o.instance.as_deref().is_none_or(|i| i == instance))
    }

    /// Why the invariant is not in; `None` if it is.
    pub(super) fn invariant(&self, invariant: &Invariant) -> Option<Reason> {
        let requirements = || invariant.expect.iter().map(|e| e.requirement.value.clone()).collect();
        let ids = [invariant.full_id.as_str()];
        self.unwanted(&ids, &invariant.tags, requirements).or_else(|| self.outside(&ids))
    }

    /// Why the profile does not have what is known by these ids.
    fn outside(&self, ids: &[&str]) -> Option<Reason> {
        let any = |glob: &IdGlob| ids.iter().any(|id| fits(glob, id));
        if !self.include.iter().any(any) {
            return Some(Reason::NotIncluded);
        }
        let excluded = self.exclude.iter().find(|(glob, _)| any(glob));
        excluded.map(|(_, reason)| Reason::Excluded(reason.clone()))
    }

    /// Which filter does not let through what is known by these ids.
    fn unwanted(
        &self,
        ids: &[&str],
        tags: &[String],
        requirements: impl FnOnce() -> Vec<String>,
    ) -> Option<Reason> {
        let any = |only: &Only| ids.iter().any(|id| fits(&only.case, id));
        if !self.only.is_empty() && !self.only.iter().any(any) {
            return Some(Reason::Filtered("--only"));
        }
        if !self.tags.is_empty() && !tags.iter().any(|t| self.tags.contains(t)) {
            return Some(Reason::Filtered("--tag"));
        }
        if tags.iter().any(|t| self.without_tags.contains(t)) {
            return Some(Reason::Filtered("--skip-tag or --fast"));
        }
        if self.requirements.is_empty() && self.documents.is_empty() && self.levels.is_empty() {
            return None;
        }
        // One requirement must fit them all: `--document rfc6749 --level SHOULD` are the SHOULDs of RFC 6749.
        let of = |globs: &[IdGlob], word: &String| globs.is_empty() || globs.iter().any(|g| g.matches(word));
        let mut judged = requirements();
        judged.retain(|id| of(&self.requirements, id));
        if judged.is_empty() {
            return Some(Reason::Filtered("--requirement"));
        }
        let known = |id: &String| self.catalogue.get(id);
        if !self.documents.is_empty() {
            judged.retain(|id| known(id).is_some_and(|(document, _)| of(&self.documents, document)));
        }
        if judged.is_empty() {
            return Some(Reason::Filtered("--document"));
        }
        let wanted = |id: &String| known(id).is_some_and(|(_, level)| self.levels.contains(level));
        let fits = self.levels.is_empty() || judged.iter().any(wanted);
        (!fits).then_some(Reason::Filtered("--level"))
    }
}

/// A document's name without spaces and capitals.
pub fn folded(document: &str) -> String {
    document.to_lowercase().replace([' ', '-', '_'], "")
}

/// Ids of the requirements that the steps judge.
pub fn requirements_of(steps: &[Step]) -> Vec<String> {
    let mut found = Vec::new();
    for step in steps {
        found.extend(step.expect.iter().map(|e| e.requirement.value.clone()));
        match &step.action {
            crate::model::Action::Parallel(inner) => found.extend(requirements_of(inner)),
            crate::model::Action::Race(race) => found.push(race.requirement.value.clone()),
            _ => {}
        }
    }
    found
}

/// `redirect-uri` stands for `redirect-uri/*`.
fn fits(glob: &IdGlob, id: &str) -> bool {
    glob.matches(id) || id.rsplit_once('/').is_some_and(|(suite, _)| glob.as_str() == suite)
}

fn glob(pattern: &str) -> Result<IdGlob, SelectionError> {
    IdGlob::new(pattern).map_err(|reason| SelectionError { filter: pattern.to_owned(), reason })
}

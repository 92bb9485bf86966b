use globset::{Glob, GlobMatcher};

use crate::model::{Case, Invariant, Library, Profile, Step};

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
}

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
    include: Vec<GlobMatcher>,
    exclude: Vec<GlobMatcher>,
    only: Vec<Only>,
    tags: Vec<String>,
    without_tags: Vec<String>,
    requirements: Vec<GlobMatcher>,
}

/// A pattern over cases, and the instance it names, if any.
#[derive(Debug)]
struct Only {
    case: GlobMatcher,
    instance: Option<String>,
}

impl Chosen {
    pub(super) fn new(
        _library: &Library,
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
            exclude: profile.exclude.iter().map(|(g, _)| glob(&g.value)).collect::<Result<_, _>>()?,
            only: selection.only.iter().map(only).collect::<Result<_, _>>()?,
            tags: selection.tags.clone(),
            without_tags: selection.without_tags.clone(),
            requirements: selection.requirements.iter().map(|r| glob(r)).collect::<Result<_, _>>()?,
        })
    }

    pub(super) fn case(&self, case: &Case) -> bool {
        self.in_profile(&case.full_id)
            && self.is_wanted(&case.full_id, &case.tags, &mut || requirements_of(&case.steps))
    }

    pub(super) fn instance(&self, case: &Case, instance: &str) -> bool {
        let named: Vec<&Only> = self.only.iter().filter(|o| fits(&o.case, &case.full_id)).collect();
        named.is_empty() || named.iter().any(|o| o.instance.as_deref().is_none_or(|i| i == instance))
    }

    pub(super) fn invariant(&self, invariant: &Invariant) -> bool {
        self.in_profile(&invariant.full_id)
            && self.is_wanted(&invariant.full_id, &invariant.tags, &mut || {
                invariant.expect.iter().map(|e| e.requirement.value.clone()).collect()
            })
    }

    fn in_profile(&self, id: &str) -> bool {
        self.include.iter().any(|g| fits(g, id)) && !self.exclude.iter().any(|g| fits(g, id))
    }

    fn is_wanted(&self, id: &str, tags: &[String], requirements: &mut dyn FnMut() -> Vec<String>) -> bool {
        (self.only.is_empty() || self.only.iter().any(|o| fits(&o.case, id)))
            && (self.tags.is_empty() || tags.iter().any(|t| self.tags.contains(t)))
            && !tags.iter().any(|t| self.without_tags.contains(t))
            && (self.requirements.is_empty()
                || requirements().iter().any(|id| self.requirements.iter().any(|g| g.is_match(id))))
    }
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
fn fits(glob: &GlobMatcher, id: &str) -> bool {
    glob.is_match(id) || id.rsplit_once('/').is_some_and(|(suite, _)| glob.glob().glob() == suite)
}

fn glob(pattern: &str) -> Result<GlobMatcher, SelectionError> {
    Glob::new(pattern)
        .map(|g| g.compile_matcher())
        .map_err(|e| SelectionError { filter: pattern.to_owned(), reason: e.kind().to_string() })
}

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use crate::model::{
    Bindings, Case, Expression, Invariant, Library, Located, Policy, Profile, Scope as _, Target,
};
use crate::oauth::ServerMetadata;

use super::capabilities::{Capabilities, Lack};
use super::instances;
use super::selection::{self, Selection, SelectionError};
use super::surroundings::{Names, Surroundings};

/// What a run will do.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The profile that was chosen.
    pub profile: Profile,
    /// The target's policy over the profile's.
    pub policy: Policy,
    /// Cases and properties in the order of their files, one entry an instance.
    pub entries: Vec<Entry>,
    /// Invariants in the order of their files.
    pub invariants: Vec<PlannedInvariant>,
    /// Cases and invariants that are not in the plan at all, in the order of their files.
    pub left_out: Vec<LeftOut>,
    /// What every expression may refer to.
    pub surroundings: Surroundings,
}

/// A case or an invariant that is not in the plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// `suite/case`.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Why it is not.
    pub reason: Reason,
}

/// Why a case or an invariant is not in the plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Another case stands in for it.
    Replaced {
        /// `suite/case`.
        by: String,
        /// Where that stands.
        location: String,
    },
    /// The profile excludes it.
    Excluded(String),
    /// The profile does not include it.
    NotIncluded,
    /// It may harm a live server, and nobody has asked for it.
    Disruptive,
    /// A filter does not let it through.
    Filtered(&'static str),
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Replaced { by, location } => write!(f, "replaced by {by} ({location})"),
            Self::Excluded(reason) => write!(f, "excluded by the profile: {reason}"),
            Self::Disruptive => f.write_str("it may harm a live server; `--disruptive` plays it"),
            Self::NotIncluded => f.write_str("not in the profile"),
            Self::Filtered(filter) => write!(f, "left out by {filter}"),
        }
    }
}

/// One instance of a case.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The case.
    pub case: Arc<Case>,
    /// `length=4`, the name of a table's row, or empty.
    pub instance: String,
    /// Values of the matrix and the table's row.
    pub bindings: Bindings,
    /// Whether it runs.
    pub fate: Fate,
    /// It was not selected; it is here because a selected case names it as its control.
    pub only_as_control: bool,
    /// It is a row of another part of the run, and is here because a row of this part needs its verdict.
    pub silent: bool,
}

impl Entry {
    /// `suite/case[instance]`
    pub fn id(&self) -> String {
        match self.instance.as_str() {
            "" => self.case.full_id.clone(),
            instance => format!("{}[{instance}]", self.case.full_id),
        }
    }
}

/// An invariant of the plan.
#[derive(Clone, Debug)]
pub struct PlannedInvariant {
    /// The invariant.
    pub invariant: Arc<Invariant>,
    /// Whether it is examined.
    pub fate: Fate,
}

/// Whether something runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It runs.
    Run,
    /// The server does not claim what it needs, or the policy says otherwise.
    Inapplicable(String),
    /// The target file lacks something without which it cannot be judged.
    Blocked(String),
}

/// Why there is no plan.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// No profile of that name.
    #[error("there is no profile `{name}`{}", nearest.as_ref().map(|n| format!("; did you mean `{n}`?")).unwrap_or_default())]
    UnknownProfile {
        /// As it was asked for.
        name: String,
        /// The nearest there is.
        nearest: Option<String>,
    },
    /// A filter is not a glob.
    #[error(transparent)]
    Selection(#[from] SelectionError),
}

/// Plans a run.
///
/// # Errors
///
/// An unknown profile or a malformed filter. An empty plan is no error here: the caller decides.
pub fn plan(
    library: &Library,
    profile: &str,
    target: &Target,
    metadata: Option<&ServerMetadata>,
    selection: &Selection,
) -> Result<Plan, PlanError> {
    let profile = library.profiles.get(profile).ok_or_else(|| PlanError::UnknownProfile {
        name: profile.to_owned(),
        nearest: nearest(profile, library.profiles.keys()),
    })?;
    let policy = target.policy.over(&profile.policy);
    let capabilities = Capabilities::of(target, &policy, metadata);
    let surroundings = Surroundings::new(target, &policy);
    let chosen = selection::Chosen::new(library, profile, selection)?;

    let mut planned = Plan {
        profile: profile.clone(),
        policy,
        entries: Vec::new(),
        invariants: Vec::new(),
        left_out: Vec::new(),
        surroundings,
    };
    let cases = library.suites.iter().flat_map(|suite| &suite.cases);
    let reasons: Vec<Option<Reason>> = cases.map(|case| chosen.case(case)).collect();
    let controls = controls(library, &reasons);
    let mut reasons = reasons.into_iter();
    for suite in &library.suites {
        for case in &suite.cases {
            let reason = reasons.next().flatten();
            let selected = reason.is_none();
            if let Some(reason) = reason
                && !controls.contains(case.full_id.as_str())
            {
                let (id, title) = (case.full_id.clone(), case.title.clone());
                planned.left_out.push(LeftOut { id, title, reason });
                continue;
            }
            for (instance, bindings, row_when) in instances::of(case, &planned.surroundings) {
                if selected && !chosen.instance(case, &instance) {
                    continue;
                }
                let fate = fate(&planned.surroundings, &capabilities, case, &bindings, row_when.as_ref());
                planned.entries.push(Entry {
                    case: case.clone(),
                    instance,
                    bindings,
                    fate,
                    only_as_control: !selected,
                    silent: false,
                });
            }
        }
        for invariant in &suite.invariants {
            if let Some(reason) = chosen.invariant(invariant) {
                let (id, title) = (invariant.full_id.clone(), invariant.title.clone());
                planned.left_out.push(LeftOut { id, title, reason });
                continue;
            }
            let fate = fate_of(
                &planned.surroundings,
                &capabilities,
                &invariant.needs,
                [invariant.when.as_ref(), None],
                &[],
            );
            planned.invariants.push(PlannedInvariant { invariant: invariant.clone(), fate });
        }
    }
    Ok(planned)
}

/// The known name nearest to `name`, if it is near at all.
pub fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a String>) -> Option<String> {
    known
        .map(|k| (strsim::jaro_winkler(name, k), k))
        .filter(|(likeness, _)| *likeness > 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, k)| k.clone())
}

/// Ids of all cases that selected cases name as their control, and those of these in turn. `reasons` has of every case
/// why it is not selected.
fn controls<'a>(library: &'a Library, reasons: &[Option<Reason>]) -> BTreeSet<&'a str> {
    let cases = || library.suites.iter().flat_map(|s| &s.cases);
    let mut found: BTreeSet<&str> = BTreeSet::new();
    loop {
        let before = found.len();
        for (case, reason) in cases().zip(reasons) {
            let wanted = reason.is_none() || found.contains(case.full_id.as_str());
            if let (true, Some(control)) = (wanted, &case.control) {
                found.insert(control.value.as_str());
            }
        }
        if found.len() == before {
            return found;
        }
    }
}

fn fate(
    surroundings: &Surroundings,
    capabilities: &Capabilities,
    case: &Case,
    bindings: &Bindings,
    row_when: Option<&Located<Expression>>,
) -> Fate {
    fate_of(surroundings, capabilities, &case.needs, [case.when.as_ref(), row_when], bindings)
}

fn fate_of(
    surroundings: &Surroundings,
    capabilities: &Capabilities,
    needs: &[Located<crate::model::Capability>],
    conditions: [Option<&Located<Expression>>; 2],
    bindings: &[(String, crate::model::Value)],
) -> Fate {
    for need in needs {
        match capabilities.lack(need.value) {
            None => {}
            Some(Lack::NotClaimed(reason)) => return Fate::Inapplicable(reason),
            Some(Lack::NotGiven(reason)) => return Fate::Blocked(reason),
        }
    }
    let names = Names::new(surroundings, bindings);
    for condition in conditions.into_iter().flatten() {
        let text = condition.location.excerpt();
        match condition.value.holds(&names) {
            Ok(true) => {}
            Ok(false) => return Fate::Inapplicable(does_not_hold(&condition.value, &text, &names)),
            Err(error) => {
                return Fate::Blocked(format!("its condition `{text}` cannot be computed: {error}"));
            }
        }
    }
    Fate::Run
}

/// Members of the target whose values are never told.
const SECRETS: [&str; 3] = ["secret", "password", "personal_access_token"];

/// Says what the policy has instead, where the condition is about the policy.
fn does_not_hold(condition: &Expression, text: &str, names: &Names<'_>) -> String {
    let mut facts = Vec::new();
    condition.references(&mut |path| {
        if names.value_of(&path[0]).is_some()
            && let Ok(value) = Expression::Reference(path.to_vec()).evaluate(names)
        {
            let is_secret = path.last().is_some_and(|m| SECRETS.contains(&m.as_str()));
            let fact = match value {
                _ if is_secret => format!("{} is not", path.join(".")),
                crate::model::Value::Null => format!("{} is not declared", path.join(".")),
                value => format!("{} is {value}", path.join(".")),
            };
            if !facts.contains(&fact) {
                facts.push(fact);
            }
        }
    });
    match facts.is_empty() {
        true => format!("`{text}` does not hold"),
        false => format!("applies when `{text}`; here {}", facts.join(", ")),
    }
}

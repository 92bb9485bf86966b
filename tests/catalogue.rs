//! The catalogue is whole: every requirement is judged somewhere or says why it cannot be, every promise of a
//! vendor is judged under that vendor's profile, and ids look like ids.

use std::collections::BTreeSet;

use oauthspec::cli::built_in_library;
use oauthspec::model::Library;
use oauthspec::plan::{Selection, plan, requirements_of};

/// Ids that must not come back with another meaning.
const RETIRED: &[&str] = &[];

fn judged(library: &Library) -> BTreeSet<String> {
    let mut judged = BTreeSet::new();
    for suite in &library.suites {
        judged.extend(suite.cases.iter().flat_map(|case| requirements_of(&case.steps)));
        let invariants = suite.invariants.iter().flat_map(|i| &i.expect);
        judged.extend(invariants.map(|expectation| expectation.requirement.value.clone()));
    }
    judged
}

#[test]
fn every_requirement_is_judged_or_says_why_not() {
    let library = built_in_library().unwrap();
    let judged = judged(&library);
    for requirement in library.requirements.values() {
        let is_judged = judged.contains(&requirement.id);
        assert_ne!(
            is_judged,
            requirement.unobservable.is_some(),
            "{} ({})",
            requirement.id,
            requirement.location
        );
        assert!(!RETIRED.contains(&requirement.id.as_str()), "{} is retired", requirement.id);
    }
}

#[test]
fn every_promise_of_a_vendor_is_judged_under_the_vendors_profile() {
    let library = built_in_library().unwrap();
    for vendor in ["tasknation", "taskade"] {
        let profile = &library.profiles[vendor];
        let target = oauthspec::model::Target { policy: profile.policy.clone(), ..Default::default() };
        let plan = plan(&library, vendor, &target, None, &Selection::default()).unwrap();
        let mut judged: BTreeSet<String> =
            plan.entries.iter().flat_map(|e| requirements_of(&e.case.steps)).collect();
        let invariants = plan.invariants.iter().flat_map(|p| &p.invariant.expect);
        judged.extend(invariants.map(|e| e.requirement.value.clone()));
        let prefix = format!("{vendor}-");
        let promises: Vec<&String> =
            library.requirements.keys().filter(|id| id.starts_with(&prefix)).collect();
        assert!(promises.len() > 10, "{vendor} has only {} promises", promises.len());
        for promise in promises {
            assert!(judged.contains(promise), "{promise} is not judged under {vendor}");
        }
    }
}

#[test]
fn cases_have_titles_that_are_sentences() {
    let library = built_in_library().unwrap();
    for case in library.suites.iter().flat_map(|s| &s.cases) {
        let starts = case.title.chars().next().is_some_and(|c| c.is_uppercase() || !c.is_alphabetic());
        assert!(starts && !case.title.ends_with('.'), "{}: {:?}", case.full_id, case.title);
    }
}

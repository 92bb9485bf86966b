//! The catalogue is whole: every requirement is judged somewhere, or says why it cannot be, or what is wanting
//! before it can; every promise of a vendor is judged under that vendor's profile; the tables in `docs/` are those
//! that the catalogue gives. `UPDATE_GOLDEN=1` rewrites the tables and takes out what says that it is unchecked and
//! is checked by now; never in CI.

use std::collections::BTreeSet;
use std::fs;

use oauthspec::cli::{Coverage, How, built_in_library};
use oauthspec::model::Testable;
use oauthspec::plan::{Selection, plan, requirements_of};

/// Ids that must not come back with another meaning.
const RETIRED: &[&str] = &[];

/// Requirements that can be tested and yet are said to be unobservable stay fewer than one in ten.
const UNOBSERVABLE_PERCENT: usize = 10;

#[test]
fn every_requirement_is_judged_or_says_why_not() {
    let library = built_in_library().unwrap();
    let coverage = Coverage::of(&library);
    let mut wrong = Vec::new();
    for row in coverage.rows() {
        let requirement = &row.requirement;
        let mut note =
            |what: &str| wrong.push(format!("{} ({}): {what}", requirement.id, requirement.location));
        let says = requirement.unobservable.is_some() || requirement.unchecked.is_some();
        if row.how == How::Judged && requirement.unobservable.is_some() {
            note("is judged, and says that nobody can see it");
        }
        if row.how == How::Judged && requirement.unchecked.is_some() && !take_out(row) {
            note("is judged, and says that it is unchecked");
        }
        if row.how == How::Unchecked && !says && requirement.restates.is_empty() {
            note("nothing judges it, and it does not say why");
        }
        if requirement.testable == Testable::No && requirement.unobservable.is_none() {
            note("cannot be tested, and does not say why");
        }
        if RETIRED.contains(&requirement.id.as_str()) {
            note("is retired");
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let totals = &coverage.totals;
    assert!(
        totals.unobservable * 100 < totals.testable * UNOBSERVABLE_PERCENT,
        "{} of {} testable requirements are said to be unobservable",
        totals.unobservable,
        totals.testable
    );
}

/// With `UPDATE_GOLDEN=1`, takes the line `unchecked:` out of the entry of a requirement that is judged by now.
fn take_out(row: &oauthspec::cli::RequirementCoverage) -> bool {
    if !is_updating() {
        return false;
    }
    let place = &row.requirement.location;
    let text = fs::read_to_string(&*place.file).unwrap();
    let head = format!("- id: {}", row.requirement.id);
    let mut inside = false;
    let kept: Vec<&str> = text
        .lines()
        .filter(|line| {
            if line.trim_start().starts_with("- id: ") {
                inside = line.trim() == head;
            }
            !(inside && line.trim_start().starts_with("unchecked:"))
        })
        .collect();
    fs::write(&*place.file, kept.join("\n") + "\n").unwrap();
    true
}

#[test]
fn the_table_in_the_docs_is_that_of_the_catalogue() {
    let library = built_in_library().unwrap();
    compare("docs/coverage.md", &Coverage::of(&library).markdown());
}

/// A threat whose requirements no run can find broken would never be told.
#[test]
fn threats_name_only_what_is_judged() {
    let library = built_in_library().unwrap();
    let coverage = Coverage::of(&library);
    let judged: BTreeSet<&str> =
        coverage.rows().filter(|row| row.how == How::Judged).map(|row| row.requirement.id.as_str()).collect();
    assert!(library.threats.len() >= 30, "only {} threats", library.threats.len());
    for threat in &library.threats {
        for id in threat.opens.requirements() {
            assert!(judged.contains(id), "{} names {id}, which nothing judges", threat.id);
        }
        assert!(!threat.sources.is_empty(), "{} is nobody's attack", threat.id);
    }
}

/// Compares with the committed file, or rewrites it under `UPDATE_GOLDEN=1`.
fn compare(path: &str, text: &str) {
    if is_updating() {
        fs::write(path, text).unwrap();
        return;
    }
    let committed = fs::read_to_string(path).unwrap_or_default();
    let line = committed.lines().zip(text.lines()).position(|(a, b)| a != b);
    assert!(
        committed == text,
        "{path} is not what the catalogue gives, from line {} on; UPDATE_GOLDEN=1 rewrites it",
        line.unwrap_or_else(|| committed.lines().count().min(text.lines().count())) + 1
    );
}

fn is_updating() -> bool {
    let updating = std::env::var_os("UPDATE_GOLDEN").is_some_and(|v| v == "1");
    assert!(!(updating && std::env::var_os("CI").is_some()), "golden files are not rewritten in CI");
    updating
}

#[test]
fn every_promise_of_a_vendor_is_judged_under_the_vendors_profile() {
    let library = built_in_library().unwrap();
    for vendor in ["tasknation", "taskade"] {
        let profile = &library.profiles[vendor];
        let target = oauthspec::model::Target { policy: profile.policy.clone(), ..Default::default() };
        let plan = plan(&library, vendor, &target, None, &Selection::default()).unwrap();
        let mut judged: BTreeSet<String> =
            plan.entries.iter().flat_map(|e| requirements_of(&e.case.script.steps)).collect();
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

/// What other programs test, and where each of it stands here.
#[derive(serde::Deserialize)]
struct Peers {
    peers: Vec<Peer>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Peer {
    peer: String,
    what: String,
    groups: Vec<Group>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Group {
    title: String,
    rows: Vec<Row>,
}

/// One of the three says where it stands.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    test: String,
    #[serde(default)]
    requirements: Vec<String>,
    #[serde(default)]
    cases: Vec<String>,
    because: Option<String>,
}

#[test]
fn what_other_programs_test_is_judged_here_or_says_why_not() {
    let text = fs::read_to_string("fixtures/peers.yaml").unwrap();
    let peers: Peers = serde_saphyr::from_str(&text).unwrap();
    let library = built_in_library().unwrap();
    let coverage = Coverage::of(&library);
    let known: BTreeSet<&str> = library
        .suites
        .iter()
        .flat_map(|s| s.cases.iter().map(|c| &*c.full_id).chain(s.invariants.iter().map(|i| &*i.full_id)))
        .collect();
    let mut drawn = String::from(
        "# What other programs test\n\n\
         Made from `fixtures/peers.yaml` and the catalogue; a test compares it. Each test of two other programs, and each\n\
         row of a collection of attacks, with the cases and invariants here that judge the same, or why there are none.\n",
    );
    for peer in &peers.peers {
        let rows = || peer.groups.iter().flat_map(|g| &g.rows);
        let standing: Vec<(&Row, Result<String, String>)> =
            rows().map(|row| (row, stands(row, &coverage, &known))).collect();
        let judged = standing.iter().filter(|(_, s)| s.is_ok()).count();
        drawn.push_str(&format!(
            "\n## {}\n\n{} of {} tests of {} are judged here.\n",
            peer.peer,
            judged,
            standing.len(),
            peer.what
        ));
        let mut standing = standing.into_iter();
        for group in &peer.groups {
            drawn.push_str(&format!("\n### {}\n\n| test | here |\n|---|---|\n", group.title));
            for (row, stands) in standing.by_ref().take(group.rows.len()) {
                let here = stands.unwrap_or_else(|why_not| format!("– {why_not}"));
                drawn.push_str(&format!("| `{}` | {here} |\n", row.test));
            }
        }
    }
    compare("docs/peers.md", &drawn);
}

/// What judges a row, or why nothing does.
fn stands(row: &Row, coverage: &Coverage, known: &BTreeSet<&str>) -> Result<String, String> {
    let said = [!row.requirements.is_empty(), !row.cases.is_empty(), row.because.is_some()];
    assert_eq!(said.iter().filter(|s| **s).count(), 1, "{} has to say exactly one thing", row.test);
    if let Some(why_not) = &row.because {
        return Err(why_not.clone());
    }
    for case in &row.cases {
        assert!(known.contains(case.as_str()), "{}: there is no case {case}", row.test);
    }
    let mut judges: BTreeSet<&String> = row.cases.iter().collect();
    let mut why_not = String::new();
    for id in &row.requirements {
        let found = coverage.rows().find(|r| r.requirement.id == *id);
        let found = found.unwrap_or_else(|| panic!("{}: there is no requirement {id}", row.test));
        match (found.how, found.wants(), &found.requirement.unobservable) {
            (How::Judged | How::Restated, ..) => judges.extend(found.cases.iter().chain(&found.invariants)),
            (_, Some(want), _) => {
                why_not = format!("`{id}` is not judged yet, for want of {}", want.describe())
            }
            (_, None, Some(reason)) => why_not = reason.clone(),
            (_, None, None) => {}
        }
    }
    match judges.is_empty() {
        true => Err(why_not),
        false => Ok(judges.iter().map(|id| format!("`{id}`")).collect::<Vec<_>>().join(", ")),
    }
}

//! Two servers side by side.

use oauthspec::model::Comparison;
use oauthspec::reference::Defect;
use oauthspec::report::{Format, comparison_text};
use oauthspec::results::compare;

use super::{SUITES, judge, judge_part, oauthspec, path, scratch, whole_state, write};

#[test]
fn two_runs_of_one_server_behave_alike() {
    let one = judge_part(&SUITES, None);
    let other = judge(&SUITES, &[], 99);
    let comparison = compare(&one, &other);
    assert!(comparison.rows > 200, "{}", comparison.rows);
    assert!(comparison.differences.is_empty(), "{}", comparison_text(&comparison));
}

/// Where and in what way each of these differs from the sound server, and how many further differences there are.
#[test]
fn a_defect_is_named_by_what_differs() {
    for (defect, only, place, what, seen) in [
        (
            "ignores-state-minimum",
            "tasknation/state",
            "tasknation/state/shorter-than-minimum, step 1 (authorize)",
            "parameters",
            [
                "error=invalid_request, error_description, iss={issuer}, state in the query",
                "code, iss={issuer}, state in the query",
            ],
        ),
        (
            "allows-storing-tokens",
            "token-response",
            "token success",
            "header cache-control",
            ["no-store", "max-age=60, private"],
        ),
        (
            "accepts-reused-code",
            "authorization-code",
            "authorization-code/",
            "status",
            ["400 invalid_grant", "200"],
        ),
    ] {
        let defect = Defect::ALL.iter().find(|d| d.name() == defect).unwrap_or_else(|| panic!("{defect}"));
        let comparison = compare(&judge(&[only], &[], 1), &judge(&[only], &[*defect], 2));
        named(&comparison, place, what, seen);
    }
}

#[track_caller]
fn named(comparison: &Comparison, place: &str, what: &str, seen: [&str; 2]) {
    let found =
        comparison.differences.iter().any(|d| d.place.starts_with(place) && d.what == what && d.seen == seen);
    assert!(found, "{place} {what} {seen:?} is not in\n{}", comparison_text(comparison));
}

#[test]
fn the_binary_compares_and_says_what_fails() {
    let folder = scratch("compare");
    let (sound, broken) = (folder.join("sound.ndjson"), folder.join("broken.ndjson"));
    write(Format::Journal, &sound, &whole_state(&[]));
    write(Format::Journal, &broken, &whole_state(&[Defect::IgnoresStateMinimum]));
    let said = oauthspec(&["compare", path(&sound), path(&sound)]);
    assert_eq!(said.code, 0, "{}", said.all());
    assert!(said.out.contains("behave alike"), "{}", said.out);
    let said = oauthspec(&["compare", path(&sound), path(&broken)]);
    assert_eq!(said.code, 1, "{}", said.all());
    assert!(
        said.out.contains("shorter-than-minimum") && said.out.contains("[the verdicts differ]"),
        "{}",
        said.out
    );
    let verdict = ["compare", path(&sound), path(&broken), "--fail-on", "verdict", "--format", "json"];
    let said = oauthspec(&verdict);
    assert_eq!(said.code, 1, "{}", said.all());
    let json: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    assert!(!json["differences"].as_array().unwrap().is_empty());
    let said = oauthspec(&["compare", path(&sound), path(&broken), "--fail-on", "none"]);
    assert_eq!(said.code, 0, "{}", said.all());
}

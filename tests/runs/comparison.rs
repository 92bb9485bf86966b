//! Two servers side by side.

use std::fs;

use oauthspec::model::{Comparison, Event, RunStarted};
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

/// A partner's mock and the vendor's staging: what the partner reads, on the terminal and in the file that is sent on.
#[test]
fn a_mock_differs_from_staging_in_these_things() {
    let folder = scratch("mock");
    let (staging, mock, page) =
        (folder.join("staging.ndjson"), folder.join("mock.ndjson"), folder.join("differences.html"));
    let only = [
        "tasknation/state",
        "token-response",
        "authorization-code",
        "refresh",
        "introspection",
        "revocation",
    ];
    let defects = [
        "accepts-reused-code",
        "allows-storing-tokens",
        "answers-failed-basic-with-400",
        "has-no-grace",
        "ignores-state-minimum",
        "omits-pragma",
        "omits-scope",
        "writes-expires-in-as-string",
    ];
    let defects: Vec<Defect> = Defect::ALL.iter().filter(|d| defects.contains(&d.name())).copied().collect();
    write(Format::Journal, &staging, &judge(&only, &[], 1));
    let events: Vec<Event> =
        judge(&only, &defects, 2).into_iter().map(|event| called("mock <b>", event)).collect();
    write(Format::Journal, &mock, &events);
    let html = format!("html={}", page.display());
    let said = oauthspec(&["compare", path(&staging), path(&mock), "--report", &html]);
    assert_eq!(said.code, 1, "{}", said.all());
    let last = said.out.lines().last().unwrap();
    let things: usize = last
        .strip_prefix("mock <b> differs from reference in ")
        .unwrap()
        .split(' ')
        .next()
        .unwrap()
        .parse()
        .unwrap();
    assert!(things >= 7, "{last}");
    let page = fs::read_to_string(&page).unwrap();
    assert_eq!(page.matches("<li class=\"card broken").count(), things, "each of them is in the file");
    assert!(page.contains("mock &lt;b&gt; differs from reference") && !page.contains("mock <b>"));
    assert!(page.contains("default-src 'none'; style-src 'sha256-") && !page.contains("<script"));
    for seen in [
        "no-store",
        "max-age=60, private",
        "3600 as text",
        "header pragma",
        "member scope",
        "error=invalid_request",
    ] {
        assert!(page.contains(seen), "{seen} is not in the page");
    }
}

fn called(name: &str, event: Event) -> Event {
    match event {
        Event::RunStarted(run) => Event::RunStarted(RunStarted { target: name.to_owned(), ..run }),
        event => event,
    }
}

#[test]
fn what_cannot_be_written_is_told_before_anything_is_compared() {
    let folder = scratch("comparison-files");
    let journal = folder.join("journal.ndjson");
    write(Format::Journal, &journal, &judge(&["state/echoed"], &[], 1));
    fs::write(folder.join("notes.txt"), "mine").unwrap();
    let to = |format: &str, name: &str| format!("{format}={}", folder.join(name).display());
    for (reports, words) in [
        (vec![to("html", "notes.txt")], "no report of oauthspec"),
        (vec![to("sarif", "a")], "html or json"),
        (vec![to("html", "a"), to("json", "a")], "go to one file"),
        (vec![to("html", "notes.txt/a")], "cannot be written"),
        (vec![to("html", "journal.ndjson")], "is read"),
        (vec!["html".to_owned()], "names no file"),
    ] {
        let mut arguments = vec!["compare", path(&journal), path(&journal)];
        reports.iter().for_each(|report| arguments.extend(["--report", report]));
        let said = oauthspec(&arguments);
        assert_eq!(said.code, 2, "{}", said.all());
        assert!(said.err.contains(words) && said.out.is_empty(), "{words}: {}", said.all());
    }
    assert_eq!(fs::read_to_string(folder.join("notes.txt")).unwrap(), "mine");
    // A comparison of before may be replaced.
    for _ in 0..2 {
        let said = oauthspec(&[
            "compare",
            path(&journal),
            path(&journal),
            "--report",
            &to("html", "a"),
            "--report",
            &to("json", "b"),
        ]);
        assert_eq!(said.code, 0, "{}", said.all());
    }
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

//! Known failures, borne and no longer true.

use std::fs;
use std::path::Path;

use oauthspec::reference::Defect;
use oauthspec::report::Format;

use super::{STATE, oauthspec, path, scratch, whole_state, write};

#[test]
fn a_known_failure_is_borne_and_marked_until_it_is_no_longer_true() {
    let folder = scratch("baseline");
    let broken = folder.join("broken.ndjson");
    write(Format::Journal, &broken, &whole_state(&[Defect::IgnoresStateMinimum]));
    let sound = folder.join("sound.ndjson");
    write(Format::Journal, &sound, &whole_state(&[]));
    let baseline = folder.join("baseline.yaml");
    let json = folder.join("report.json");
    let tell = |journal: &Path, entries: &str| {
        fs::write(&baseline, format!("baseline: x\nknown:\n{entries}")).unwrap();
        let to = format!("json={}", json.display());
        oauthspec(&["report", path(journal), "--baseline", path(&baseline), "--report", &to])
    };
    // Drawn up, it bears everything that is broken.
    let said = oauthspec(&["report", path(&broken), "--write-baseline", path(&baseline)]);
    assert_eq!(said.code, 1, "{}", said.all());
    let entries = fs::read_to_string(&baseline).unwrap();
    let entries = entries.split_once("known:\n").unwrap().1.to_owned();
    let said = tell(&broken, &entries);
    assert_eq!(said.code, 0, "{}", said.all());
    assert!(said.out.contains("breaks nothing of"), "{}", said.out);
    assert!(said.out.contains("FAIL ["), "the row keeps its verdict: {}", said.out);
    let report: serde_json::Value = serde_json::from_str(&fs::read_to_string(&json).unwrap()).unwrap();
    assert_eq!(report["summary"]["conclusion"], "conforms");
    let known = report["results"].as_array().unwrap().iter().flat_map(|r| r["findings"].as_array().unwrap());
    assert!(known.clone().any(|f| f["known"]["reason"].is_string()));
    assert!(known.filter(|f| f["verdict"] == "fail").all(|f| f["known"].is_object()));
    // It is never overwritten.
    let said = oauthspec(&["report", path(&broken), "--write-baseline", path(&baseline)]);
    assert_eq!(said.code, 2, "{}", said.all());

    // What is no longer true is red, whatever way it is untrue.
    let red = |journal: &Path, entries: &str, words: &str| {
        let said = tell(journal, entries);
        assert_eq!(said.code, 1, "{entries}\n{}", said.all());
        let out: Vec<&str> = said.out.split_whitespace().collect();
        assert!(out.join(" ").contains(words), "{words:?} is not in {}", said.out);
    };
    let entry = |case: &str, more: &str| {
        format!(
            "  - {{ case: \"{case}\", requirement: tasknation-state-min-length, reason: ticket 12, expires: 2999-01-01{more} }}\n"
        )
    };
    red(&sound, &entries, "is kept there now");
    red(&broken, &format!("{entries}{}", entry("tasknation/state/no-such-case", "")), "No row of the run");
    red(&broken, &entries.replace("expires: \"2", "expires: \"1"), "It expired on 1");
    let shorter = "tasknation/state/shorter-than-minimum";
    red(&broken, &entry(shorter, ", seen: another thing"), "broken in another way now");
    red(&broken, &entry("tasknation/state/*", ", at_most: 1"), "more than its `at_most: 1`");
    red(&broken, &entry(&format!("{shorter}[length=7]"), ""), "does not conform");
    // A mistake in it is a mistake of usage, with its place.
    let said = tell(&broken, &entry("tasknation/state/*", ""));
    assert_eq!(said.code, 2, "{}", said.all());
    assert!(said.err.contains("baseline.yaml:3:") && said.err.contains("at_most"), "{}", said.err);
}

#[test]
fn a_part_of_the_truth_makes_no_baseline_and_unmakes_none() {
    let folder = scratch("filtered");
    let baseline = folder.join("baseline.yaml");
    let said = oauthspec(&["run", "--only", STATE, "--write-baseline", path(&baseline)]);
    assert_eq!(said.code, 2, "{}", said.all());
    assert!(said.err.contains("from a whole run only"), "{}", said.err);
    fs::write(
        &baseline,
        "baseline: x\nknown:\n  - { case: refresh/rotation, requirement: r-1, reason: y, expires: 2999-01-01 }\n",
    )
    .unwrap();
    let said = oauthspec(&["run", "--only", STATE, "--baseline", path(&baseline)]);
    assert_eq!(said.code, 0, "{}", said.all());
}

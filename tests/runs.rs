//! What is done with a run's results: told again, joined, compared, signed, held against a baseline; and runs of
//! several targets, and over a network that fails.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use oauthspec::cli::{Circumstances, built_in_library, judge_reference_in};
use oauthspec::model::{CaseKind, CaseResult, Event, Library, RunFinished, Verdict};
use oauthspec::plan::Selection;
use oauthspec::reference::Defect;
use oauthspec::report::{Format, Opening, open, replay};
use oauthspec::results::{Comparison, Part, compare, join};

// --- journals told again

#[test]
fn a_journal_gives_the_same_bytes_as_the_run_in_every_format() {
    let events = judge(&["tasknation/state"], &[Defect::IgnoresStateMinimum], 7);
    let folder = scratch("replay");
    let journal = folder.join("journal.ndjson");
    write(Format::Journal, &journal, &events);
    let again: Vec<Event> = replay(&*fs::read(&journal).unwrap()).map(Result::unwrap).collect();
    assert_eq!(again, events);
    for format in Format::ALL {
        let (live, told) = (folder.join("live"), folder.join("told"));
        write(format, &live, &events);
        write(format, &told, &again);
        assert!(fs::read(&live).unwrap() == fs::read(&told).unwrap(), "{format} differs");
        // And by the binary, as its users do it.
        let wanted = format!("{format}={}", told.display());
        fs::remove_file(&told).unwrap();
        let said = oauthspec(&["report", path(&journal), "--status-level", "none", "--report", &wanted]);
        assert_eq!(said.code, 1, "{}", said.all());
        assert!(fs::read(&live).unwrap() == fs::read(&told).unwrap(), "{format} differs");
    }
}

#[test]
fn what_is_no_journal_says_what_it_is_instead() {
    let events = judge(&["state/echoed"], &[], 7);
    let folder = scratch("damaged");
    let good = folder.join("good.ndjson");
    write(Format::Journal, &good, &events);
    let text = fs::read_to_string(&good).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let half: String = lines[..lines.len() / 2].join("\n");
    let tell = |name: &str, text: &str| {
        let file = folder.join(name);
        fs::write(&file, text).unwrap();
        let said = oauthspec(&["report", path(&file)]);
        assert!(!said.all().contains("panicked"), "{}", said.all());
        said
    };
    for (name, text, words) in [
        ("empty", String::new(), "the journal is empty"),
        ("foreign", "{\"type\":\"suite\",\"event\":\"started\"}\n".to_owned(), "a journal is what"),
        ("xml", "<?xml version=\"1.0\"?>\n<a/>\n".to_owned(), "line 1 is not an event"),
        ("headless", lines[1..].join("\n"), "does not begin with the start of a run"),
        ("other-version", text.replacen("\"journal\":1", "\"journal\":9", 1), "has version 9"),
        ("flipped", text.replacen("\"case_finished\":{", "\"case_finished\":[", 1), "damaged since"),
        ("appended", format!("{text}{text}"), "goes on after the end of its run"),
        ("twice-begun", format!("{}\n{text}", lines[0]), "more than one run"),
        ("binary", "\u{0}\u{1}\n".to_owned(), "line 1 is not an event"),
    ] {
        let said = tell(name, &text);
        assert_eq!(said.code, 2, "{name}: {}", said.all());
        assert!(said.err.contains(words), "{name}: {}", said.err);
    }
    // The run was killed: what there is is told, and it is not green.
    let said = tell("half", &half);
    assert_eq!(said.code, 130, "{}", said.all());
    let missing = oauthspec(&["report", "/no/such/journal"]);
    assert_eq!(missing.code, 2);
    assert!(missing.err.contains("failed to read the journal /no/such/journal"), "{}", missing.err);
    let onto_itself = format!("journal={}", good.display());
    let said = oauthspec(&["report", path(&good), "--report", &onto_itself]);
    assert_eq!(said.code, 2, "{}", said.all());
    assert_eq!(fs::read_to_string(&good).unwrap(), text);
}

// --- parts of a run

const SUITES: [&str; 6] = ["state", "refresh", "token-response", "errors", "tasknation/*", "invariants"];

#[test]
fn seven_parts_joined_are_the_whole() {
    let whole = judge_part(&SUITES, None);
    for scheme in ["slice", "hash"] {
        let parts: Vec<Part> = (1..=7)
            .map(|index| {
                let part = format!("{scheme}:{index}/7");
                let events = judge_part(&SUITES, Some(&part));
                assert!(!verdicts(&events).contains_key(&Verdict::Blocked), "{part} misses a control");
                Part { name: part, events }
            })
            .rev()
            .collect();
        let joined = join(parts.clone()).unwrap();
        assert!(joined.missing.is_empty());
        assert_eq!(judged(&joined.events), judged(&whole), "{scheme}");
        let (one, other) = (finished(&joined.events), finished(&whole));
        assert_eq!((&one.verdicts, one.interrupted), (&other.verdicts, other.interrupted));
        let (Event::RunStarted(one), Event::RunStarted(other)) = (&joined.events[0], &whole[0]) else {
            panic!("no start")
        };
        assert_eq!((&one.requirements, one.planned), (&other.requirements, other.planned));
        unique_exchanges(&joined.events);
        // What is missing is said, and is not green.
        let few: Vec<Part> = parts.into_iter().filter(|part| !part.name.contains(":3/")).collect();
        let joined = join(few).unwrap();
        assert_eq!(joined.missing, [3]);
        assert_eq!(finished(&joined.events).unfinished, ["part 3 of 7"]);
    }
}

#[test]
fn parts_of_different_runs_are_refused() {
    let part = |index: u32, of: u32, seed: u64, only: &str| {
        let how = Circumstances {
            partition: format!("slice:{index}/{of}").parse().ok(),
            selection: only_these(&[only]),
            profile: "tasknation".to_owned(),
            seed,
            ..Circumstances::default()
        };
        Part { name: format!("{index}-{of}-{seed}"), events: run(&how) }
    };
    let error = |parts: Vec<Part>| join(parts).unwrap_err().to_string();
    let first = part(1, 2, 1, "tasknation/state");
    let told = error(vec![first.clone(), part(2, 2, 2, "tasknation/state")]);
    assert!(told.contains("the seed differs, 1 and 2"), "{told}");
    let told = error(vec![first.clone(), part(2, 3, 1, "tasknation/state")]);
    assert!(told.contains("slice of 2 and slice of 3"), "{told}");
    let told = error(vec![first.clone(), part(2, 2, 1, "tasknation/grants")]);
    assert!(told.contains("the selection of cases differs"), "{told}");
    let told = error(vec![first.clone(), first.clone()]);
    assert!(told.contains("are the same part, slice:1/2"), "{told}");
    let mut other = part(2, 2, 1, "tasknation/state");
    if let Event::RunStarted(run) = &mut other.events[0] {
        run.target = "staging".to_owned();
    }
    let told = error(vec![first.clone(), other]);
    assert!(told.contains("the target differs, reference and staging"), "{told}");
    let whole = Part { name: "whole".to_owned(), events: judge(&["tasknation/state"], &[], 1) };
    assert!(error(vec![first, whole]).contains("whole is a whole run"));
    assert_eq!(error(Vec::new()), "there is no journal");
}

#[test]
fn the_binary_cuts_and_joins() {
    let folder = scratch("parts");
    let journal = |index: u32| folder.join(format!("{index}.ndjson"));
    for index in 1..=2 {
        let (part, to) = (format!("hash:{index}/2"), format!("journal={}", journal(index).display()));
        let only = ["run", "--only", "tasknation/state", "--partition", &part, "--report", &to];
        let said = oauthspec(&only);
        assert_eq!(said.code, 0, "{}", said.all());
    }
    let said = oauthspec(&["report", "merge", path(&journal(2)), path(&journal(1))]);
    assert_eq!(said.code, 0, "{}", said.all());
    let said = oauthspec(&["report", "merge", path(&journal(2))]);
    assert_eq!(said.code, 3, "{}", said.all());
    assert!(said.out.contains("Part 1 of 2 is missing"), "{}", said.out);
    let said = oauthspec(&["run", "--partition", "slice:3/2"]);
    assert_eq!(said.code, 2, "{}", said.all());
    let said = oauthspec(&["run", "--partition", "auto"]);
    assert_eq!(said.code, 2, "{}", said.all());
    assert!(said.err.contains("JOB_COMPLETION_INDEX"), "{}", said.err);
}

// --- the baseline

const STATE: &str = "tasknation/state";

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

// --- two servers side by side

#[test]
fn two_runs_of_one_server_behave_alike() {
    let one = judge_part(&SUITES, None);
    let other = judge(&SUITES, &[], 99);
    let comparison = compare(&one, &other);
    assert!(comparison.rows > 200, "{}", comparison.rows);
    assert!(comparison.differences.is_empty(), "{}", comparison.text());
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
    assert!(found, "{place} {what} {seen:?} is not in\n{}", comparison.text());
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

// --- signatures

#[test]
fn a_signature_vouches_for_every_byte_and_for_no_other_key() {
    let folder = scratch("sign");
    let (journal, key, public) = (folder.join("j.ndjson"), folder.join("key.pem"), folder.join("pub.pem"));
    let pair = rcgen::KeyPair::generate().unwrap();
    fs::write(&key, pair.serialize_pem()).unwrap();
    fs::write(&public, pair.public_key_pem()).unwrap();
    let to = format!("journal={}", journal.display());
    let said = oauthspec(&["run", "--only", "state/echoed", "--report", &to, "--sign", path(&key)]);
    assert_eq!(said.code, 0, "{}", said.all());
    let verify = |public: &Path| oauthspec(&["report", "verify", path(&journal), "--key", path(public)]);
    let said = verify(&public);
    assert_eq!(said.code, 0, "{}", said.all());
    assert!(said.out.contains("is unchanged since it was signed"), "{}", said.out);

    let stranger = folder.join("stranger.pem");
    fs::write(&stranger, rcgen::KeyPair::generate().unwrap().public_key_pem()).unwrap();
    let said = verify(&stranger);
    assert_eq!(said.code, 1, "{}", said.all());
    assert!(said.err.contains("another key has signed it"), "{}", said.err);
    let text = fs::read_to_string(&journal).unwrap();
    fs::write(&journal, text.replacen("\"verdict\":\"pass\"", "\"verdict\":\"warn\"", 1)).unwrap();
    let said = verify(&public);
    assert_eq!(said.code, 1, "{}", said.all());
    assert!(said.err.contains("the journal has been changed"), "{}", said.err);
    fs::write(&journal, &text).unwrap();
    let signature = folder.join("j.ndjson.jws");
    for broken in
        ["", "a.b.c", "eyJhbGciOiJub25lIn0..", "eyJhbGciOiJIUzI1NiIsInR5cCI6Im9hdXRoc3BlYy1yZXN1bHQifQ..AA"]
    {
        fs::write(&signature, broken).unwrap();
        let said = verify(&public);
        assert_eq!(said.code, 1, "{broken}: {}", said.all());
    }
    // A public key cannot sign, and that is said before the run.
    let said = oauthspec(&["run", "--report", &to, "--sign", path(&public)]);
    assert_eq!(said.code, 2, "{}", said.all());
    let said = oauthspec(&["run", "--sign", path(&key)]);
    assert_eq!(said.code, 2, "{}", said.all());
    assert!(said.err.contains("needs a journal to sign"), "{}", said.err);
}

// --- several targets, and a network that fails

#[test]
fn a_bad_target_harms_no_other() {
    let folder = scratch("fleet");
    let server = Served::start(&[]);
    let broken = Served::start(&["ignores-state-minimum"]);
    let (good, bad, wrong, down) = (
        folder.join("good.yaml"),
        folder.join("bad.yaml"),
        folder.join("wrong.yaml"),
        folder.join("down.yaml"),
    );
    fs::write(&good, &server.target).unwrap();
    fs::write(&bad, &broken.target).unwrap();
    fs::write(&wrong, "target: x\nclients: 3\n").unwrap();
    fs::write(&down, server.target.replace(&server.issuer, "http://127.0.0.1:9")).unwrap();
    let (to, combined) = (format!("junit={}/{{target}}.xml", folder.display()), folder.join("all.json"));
    let all = [path(&good), path(&bad), path(&wrong), path(&down)];
    let more = ["--only", STATE, "--report", &to, "--combined", path(&combined)];
    let said = oauthspec(&[&["run"][..], &all, &more].concat());
    assert_eq!(said.code, 1, "{}", said.all());
    let json: serde_json::Value = serde_json::from_str(&fs::read_to_string(&combined).unwrap()).unwrap();
    let codes: Vec<u64> =
        json["targets"].as_array().unwrap().iter().map(|t| t["exit_code"].as_u64().unwrap()).collect();
    assert_eq!(codes, [0, 1, 2, 3], "{}", said.all());
    for name in ["good", "bad"] {
        assert!(folder.join(format!("{name}.xml")).exists());
    }
    assert!(!folder.join("down.xml").exists());
    let clash = format!("junit={}/all.xml", folder.display());
    let said = oauthspec(&["run", path(&good), path(&bad), "--report", &clash]);
    assert_eq!(said.code, 2, "{}", said.all());
    assert!(said.err.contains("{target}"), "{}", said.err);
}

#[test]
fn a_fault_of_the_network_is_tried_again_and_told() {
    let folder = scratch("flaky");
    let server = Served::start(&[]);
    let run = |name: &str, more: &[&str]| {
        // The token endpoint's first answer is lost.
        let proxy = losing_proxy(&server.issuer);
        let (target, json) = (folder.join(format!("{name}.yaml")), folder.join(format!("{name}.json")));
        let token = format!("endpoints: {{ token: {proxy}/oauth2/token }}\n");
        fs::write(&target, format!("{}{token}", server.target)).unwrap();
        let to = format!("json={}", json.display());
        let only = ["run", path(&target), "--only", "client-credentials/works", "--report", &to];
        let said = oauthspec(&[&only, more].concat());
        let report: serde_json::Value = serde_json::from_str(&fs::read_to_string(&json).unwrap()).unwrap();
        (said, report)
    };
    let (said, _) = run("once", &[]);
    assert_eq!(said.code, 3, "{}", said.all());
    let (said, report) = run("again", &["--retries", "2"]);
    assert_eq!(said.code, 0, "{}", said.all());
    assert!(said.out.to_lowercase().contains("flaky"), "{}", said.out);
    assert!(report["results"].as_array().unwrap().iter().any(|r| r["retried"].is_array()), "{report}");
    assert_eq!(report["summary"]["flaky"], 1);
    let (said, _) = run("severe", &["--retries", "2", "--flaky", "fail"]);
    assert_eq!(said.code, 3, "{}", said.all());
}

/// Passes everything on, but for the first connection, which it ends without an answer.
fn losing_proxy(issuer: &str) -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let upstream = issuer.trim_start_matches("http://").to_owned();
    std::thread::spawn(move || {
        for (number, stream) in listener.incoming().enumerate() {
            let (mut stream, upstream) = (stream.unwrap(), upstream.clone());
            if number == 0 {
                let _ = stream.read(&mut [0; 4096]);
                continue;
            }
            std::thread::spawn(move || {
                let mut server = TcpStream::connect(upstream).unwrap();
                let (mut from, mut to) = (stream.try_clone().unwrap(), server.try_clone().unwrap());
                std::thread::spawn(move || std::io::copy(&mut from, &mut to));
                let _ = std::io::copy(&mut server, &mut stream);
            });
        }
    });
    address
}

// --- running

fn library() -> &'static Library {
    static LIBRARY: OnceLock<Library> = OnceLock::new();
    LIBRARY.get_or_init(|| built_in_library().unwrap())
}

fn run(how: &Circumstances) -> Vec<Event> {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(judge_reference_in(library(), how)).unwrap()
}

fn only_these(only: &[&str]) -> Selection {
    Selection { only: only.iter().map(|o| (*o).to_owned()).collect(), ..Selection::default() }
}

fn judge(only: &[&str], defects: &[Defect], seed: u64) -> Vec<Event> {
    run(&Circumstances {
        profile: "tasknation".to_owned(),
        defects: defects.to_vec(),
        selection: only_these(only),
        seed,
        ..Circumstances::default()
    })
}

fn judge_part(only: &[&str], part: Option<&str>) -> Vec<Event> {
    run(&Circumstances {
        profile: "tasknation".to_owned(),
        selection: only_these(only),
        seed: 1,
        partition: part.map(|part| part.parse().unwrap()),
        ..Circumstances::default()
    })
}

/// The suite on state, as though it were all that the profile has.
fn whole_state(defects: &[Defect]) -> Vec<Event> {
    judge(&[STATE], defects, 1)
}

/// What is the same in every run of one seed: rows, verdicts, what was judged where, and what was done.
fn judged(events: &[Event]) -> BTreeMap<String, String> {
    let rows = events.iter().filter_map(|event| match event {
        Event::CaseFinished(result) => Some((result.id(), row(result))),
        _ => None,
    });
    rows.collect()
}

fn row(result: &CaseResult) -> String {
    let findings: Vec<_> =
        result.findings.iter().map(|f| (&f.requirement, f.verdict, &f.location, f.step)).collect();
    let steps: Vec<_> = result.steps.iter().map(|step| (&step.keyword, &step.location)).collect();
    let examined = if result.kind == CaseKind::Invariant { result.examined } else { None };
    format!(
        "{:?} {} {:?} {:?} {:?} {findings:?} {steps:?} {examined:?}",
        result.verdict, result.title, result.tags, result.control, result.unseen
    )
}

fn verdicts(events: &[Event]) -> BTreeMap<Verdict, usize> {
    finished(events).verdicts.clone()
}

fn finished(events: &[Event]) -> &RunFinished {
    match events.last() {
        Some(Event::RunFinished(finished)) => finished,
        other => panic!("no end: {other:?}"),
    }
}

fn unique_exchanges(events: &[Event]) {
    let mut seen = BTreeMap::new();
    for event in events {
        let Event::CaseFinished(result) = event else { continue };
        for exchange in result.exchanges.iter().filter(|_| result.kind != CaseKind::Invariant) {
            let before = seen.insert(exchange.id, result.id());
            assert!(before.is_none(), "{} is in {before:?} and {}", exchange.id, result.id());
        }
        for id in result.steps.iter().flat_map(|step| &step.exchanges) {
            assert!(result.exchanges.iter().any(|e| e.id == *id), "{id} of {} is nowhere", result.id());
        }
    }
}

fn write(format: Format, path: &Path, events: &[Event]) {
    let mut reporter = open(format, path, &Opening::default()).unwrap();
    events.iter().for_each(|event| reporter.handle(event).unwrap());
}

/// One call of the binary.
struct Said {
    code: i32,
    out: String,
    err: String,
}

impl Said {
    fn all(&self) -> String {
        format!("{}{}", self.out, self.err)
    }
}

fn oauthspec(arguments: &[&str]) -> Said {
    let mut command = Command::new(env!("CARGO_BIN_EXE_oauthspec"));
    command.args(arguments).env("NO_COLOR", "1").stdin(Stdio::null());
    // The machine that runs the tests may be one of several itself.
    for name in
        ["CI_NODE_INDEX", "CI_NODE_TOTAL", "OAUTHSPEC_SEED", "OAUTHSPEC_PROFILE", "JOB_COMPLETION_INDEX"]
    {
        command.env_remove(name);
    }
    let output = command.output().unwrap();
    Said {
        code: output.status.code().expect("an exit code"),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A reference server in a process of its own.
struct Served {
    child: std::process::Child,
    issuer: String,
    target: String,
}

impl Served {
    fn start(defects: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_oauthspec"));
        command.args(["serve", "--port", "0", "--clock", "--log", "json"]).stdin(Stdio::null());
        if !defects.is_empty() {
            command.arg("--defect").args(defects);
        }
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        let mut out = std::io::BufReader::new(child.stdout.take().unwrap());
        std::io::BufRead::read_line(&mut out, &mut line).unwrap();
        // Its log goes nowhere, and must not stop it.
        std::thread::spawn(move || std::io::copy(&mut out, &mut std::io::sink()));
        let started: serde_json::Value = serde_json::from_str(&line).unwrap();
        let text = |name: &str| started[name].as_str().unwrap().to_owned();
        Self { child, issuer: text("issuer"), target: text("target_file") }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// An empty folder under cargo's for tests.
fn scratch(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("runs-{name}"));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

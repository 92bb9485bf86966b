//! What is done with a run's results: told again, joined, compared, signed, held against a baseline; and runs of
//! several targets, over a network that fails, and runs that are given up.

mod baseline;
mod comparison;
#[cfg(unix)]
mod interruption;
mod network;
mod signature;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use oauthspec::cli::{Circumstances, built_in_library, judge_reference_in};
use oauthspec::model::{CaseKind, CaseResult, Event, Library, RunFinished, Verdict};
use oauthspec::plan::Selection;
use oauthspec::reference::Defect;
use oauthspec::report::{Format, Opening, open, replay};
use oauthspec::results::{Part, join};

const STATE: &str = "tasknation/state";

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

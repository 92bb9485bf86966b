//! Every reporter over the streams of events in `fixtures/events/`, compared with `fixtures/reports/`
//! (`UPDATE_GOLDEN=1` writes those anew, never in continuous integration), and properties over any events.

mod any_events;
mod live_page;

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use oauthspec::model::{CaseKind, CaseResult, Event, Verdict};
use oauthspec::report::{
    Console, ConsoleOptions, Existing, FailureOutput, Format, Github, Opening, Reporter, StatusLevel,
    is_report, open, replay,
};

const STREAMS: [&str; 5] = ["mixed", "conforming", "cut-short", "hostile", "borne"];

#[test]
fn the_console_reads_as_it_should() {
    for stream in STREAMS {
        golden(&format!("{stream}.console-80.txt"), &console(stream, 80, false));
    }
    golden("mixed.console-200.txt", &console("mixed", 200, false));
    golden("mixed.console-color.txt", &console("mixed", 100, true));
}

#[test]
fn files_hold_what_they_should() {
    for stream in STREAMS {
        golden(&format!("{stream}.junit.xml"), &written(stream, Format::Junit));
    }
    golden("mixed.json", &written("mixed", Format::Json));
    for stream in ["mixed", "hostile", "cut-short", "borne"] {
        golden(&format!("{stream}.md"), &written(stream, Format::Markdown));
        golden(&format!("{stream}.tap"), &written(stream, Format::Tap));
    }
    for stream in ["mixed", "borne"] {
        golden(&format!("{stream}.sarif"), &written(stream, Format::Sarif));
        golden(&format!("{stream}.gitlab.json"), &written(stream, Format::Gitlab));
        golden(&format!("{stream}.github.txt"), &github(stream));
    }
    golden("mixed.har", &written("mixed", Format::Har));
}

#[test]
fn a_journal_replays_into_the_same_journal() {
    for stream in ["mixed", "conforming", "hostile", "borne"] {
        let source = fs::read_to_string(fixture("events", &format!("{stream}.ndjson"))).unwrap();
        let written = written(stream, Format::Journal);
        for (line, (written, source)) in written.lines().zip(source.lines()).enumerate() {
            assert_eq!(written, source, "{stream}, line {}", line + 1);
        }
        assert_eq!(written.len(), source.len(), "{stream}");
    }
}

#[test]
fn a_journal_cut_short_ends_as_an_interrupted_run() {
    let events = events("cut-short");
    let Some(Event::RunFinished(finished)) = events.last() else { panic!("no end: {:?}", events.last()) };
    assert!(finished.interrupted);
    assert_eq!(finished.verdicts, BTreeMap::from([(Verdict::Pass, 1), (Verdict::Warn, 1)]));
    assert_eq!(finished.unfinished, ["refresh/bound-to-client"]);
    assert_eq!(finished.requests, 1);
}

#[test]
fn a_journal_that_is_none_says_so() {
    let error = |text: &str| {
        let events: Vec<_> = replay(text.as_bytes()).collect();
        assert_eq!(events.len(), 1, "nothing comes after an error");
        events.into_iter().next().unwrap().unwrap_err().to_string()
    };
    assert_eq!(error(""), "the journal is empty");
    assert!(error("\n{\"nonsense\":1}\n").starts_with("line 2 is not an event: unknown variant `nonsense`"));
    let newer = fs::read_to_string(fixture("events", "conforming.ndjson")).unwrap();
    let newer = newer.replacen("\"journal\":1", "\"journal\":2", 1);
    assert_eq!(error(&newer), "the journal has version 2, this program reads version 1");
}

#[test]
fn plain_and_coloured_output_say_the_same() {
    assert_eq!(without_sgr(&console("mixed", 100, true)), console("mixed", 100, false));
}

#[test]
fn the_levels_choose_the_lines() {
    let shown = |status_level, final_level| {
        let options = ConsoleOptions { status_level, final_level, ..ConsoleOptions::default() };
        let text = console_with(&events("mixed"), options);
        let lines = |word: &str| text.lines().filter(|line| line.trim_start().starts_with(word)).count();
        (lines("PASS ["), lines("WARN ["), lines("FAIL ["), lines("N/A ["))
    };
    assert_eq!(shown(StatusLevel::None, StatusLevel::None), (0, 0, 0, 0));
    assert_eq!(shown(StatusLevel::Fail, StatusLevel::None), (0, 0, 5, 0));
    assert_eq!(shown(StatusLevel::None, StatusLevel::Warn), (0, 1, 4, 0));
    let (passed, warned, failed, inapplicable) = shown(StatusLevel::All, StatusLevel::None);
    assert_eq!((warned, failed, inapplicable), (1, 5, 3));
    // Five hosts and three grants share a line each, two lengths of a state share theirs.
    assert_eq!(passed, 9);
}

#[test]
fn progress_is_erased_before_anything_is_written() {
    let options = ConsoleOptions { live: true, ..ConsoleOptions::default() };
    let text = console_with(&events("mixed"), options);
    let plain: String = text
        .split("\r\u{1b}[2K")
        .map(|part| match part.rfind(" RUNNING ") {
            Some(at) => &part[..at],
            None => part,
        })
        .collect();
    assert_eq!(plain, console("mixed", 80, false));
    assert!(text.contains(" RUNNING 4 of "), "{text}");
}

#[test]
fn what_takes_long_has_a_line() {
    let buffer = Buffer::default();
    let mut console = Console::new(Box::new(buffer.clone()), ConsoleOptions::default());
    console.handle(&Event::CaseStarted { id: "a/quick".to_owned() }).unwrap();
    console.handle(&Event::CaseStarted { id: "a/slow".to_owned() }).unwrap();
    console.tick(Duration::from_secs(9)).unwrap();
    for event in events("mixed").iter().take(2) {
        console.handle(event).unwrap();
    }
    for seconds in [10, 11, 19, 20, 21, 40] {
        console.tick(Duration::from_secs(seconds)).unwrap();
    }
    let text = String::from_utf8(buffer.0.lock().unwrap().clone()).unwrap();
    let lines: Vec<&str> = text.lines().filter(|line| line.contains("a/slow")).collect();
    assert_eq!(
        lines,
        ["    SLOW [> 10.000s] a/slow", "    SLOW [> 20.000s] a/slow", "    SLOW [> 40.000s] a/slow"]
    );
}

#[test]
fn failures_are_shown_when_asked_for() {
    let text = |failure_output| {
        console_with(&events("mixed"), ConsoleOptions { failure_output, ..ConsoleOptions::default() })
    };
    let blocks = |text: &str| text.matches("breaks  ").count();
    assert_eq!(blocks(&text(FailureOutput::Never)), 0);
    assert!(text(FailureOutput::Never).contains("FAIL ["));
    let (at_once, at_end) = (text(FailureOutput::Immediate), text(FailureOutput::Final));
    assert!(blocks(&at_once) >= blocks(&at_end) && blocks(&at_end) > 0);
    let of_summary = |text: &str| text.find("── Requirements").unwrap();
    assert!(!at_once[of_summary(&at_once)..].contains("breaks  "));
    assert!(at_once.find("breaks  ").unwrap() < at_end.find("breaks  ").unwrap());
    let both = text(FailureOutput::ImmediateFinal);
    assert_eq!(blocks(&both), blocks(&at_once) + blocks(&at_end));
}

#[test]
fn what_is_no_report_is_not_overwritten() {
    let folder = scratch();
    let path = folder.join("report");
    for format in Format::ALL {
        fs::write(&path, "target: staging # oauthspec\n").unwrap();
        let error = open(format, &path, &Opening::default()).err().expect("no error").to_string();
        assert_eq!(error, format!("{} exists and is no report of oauthspec", path.display()));
        let forced = Opening { existing: Existing::Anything, ..Opening::default() };
        assert!(open(format, &path, &forced).is_ok());
    }
    for (earlier, later) in Format::ALL.into_iter().zip(Format::ALL.into_iter().rev()) {
        fs::write(&path, written("mixed", earlier)).unwrap();
        assert_eq!(is_report(&path), Some(true), "{earlier}");
        assert!(open(later, &path, &Opening::default()).is_ok());
    }
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn two_runs_do_not_write_one_file() {
    let folder = scratch();
    let path = folder.join("report");
    for format in Format::ALL {
        let _first = open(format, &path, &Opening::default()).unwrap();
        let error = open(format, &path, &Opening::default()).err().expect("no error").to_string();
        assert_eq!(error, format!("{} is being written by another run", path.display()));
    }
    fs::remove_dir_all(folder).unwrap();
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told() {
    for format in Format::ALL {
        let mut reporter = open(format, Path::new("/dev/full"), &Opening::default()).unwrap();
        let error = events("mixed").iter().find_map(|event| reporter.handle(event).err());
        let error = error.expect("no error").to_string();
        assert!(error.starts_with("writing /dev/full failed: No space left on device"), "{format}: {error}");
    }
}

#[test]
fn fingerprints_do_not_depend_on_the_run() {
    let fingerprints = |text: String| -> Vec<String> {
        text.lines().filter(|line| line.contains("oauthspec/v1")).map(str::to_owned).collect()
    };
    let mut later = events("mixed");
    for event in &mut later {
        match event {
            Event::RunStarted(run) => run.seed += 1,
            Event::CaseFinished(result) => Arc::make_mut(result).duration_ms += 1.0,
            _ => {}
        }
    }
    let found = fingerprints(written("mixed", Format::Sarif));
    assert_eq!(fingerprints(written_from(&later, Format::Sarif)), found);
    assert!(!found.is_empty());
}

#[test]
fn a_page_compares_with_an_earlier_run() {
    let (mut before, mut now) = (events("mixed"), events("mixed"));
    let verdict_of = |all: &[Event], id: &str| {
        all.iter().find_map(|event| match event {
            Event::CaseFinished(result) if result.id() == id => Some(result.verdict),
            _ => None,
        })
    };
    let ids: Vec<String> = before
        .iter()
        .filter_map(|event| match event {
            Event::CaseFinished(result) => Some(result.id()),
            _ => None,
        })
        .collect();
    let change = |all: &mut Vec<Event>, id: &str, how: &dyn Fn(&mut CaseResult)| {
        for event in all {
            if let Event::CaseFinished(result) = event
                && result.id() == id
            {
                how(Arc::make_mut(result));
            }
        }
    };
    let (red, new, gone) = ("authorization-code/code-single-use", ids[0].as_str(), ids[2].as_str());
    assert_eq!(verdict_of(&now, red), Some(Verdict::Fail));
    change(&mut before, red, &|result| {
        result.verdict = Verdict::Pass;
        for finding in &mut result.findings {
            (finding.verdict, finding.seen) = (Verdict::Pass, "400 invalid_grant".to_owned());
        }
    });
    let passing = ids[3..].iter().find(|id| {
        verdict_of(&now, id) == Some(Verdict::Pass)
            && now.iter().any(|event| {
                matches!(event, Event::CaseFinished(r)
                if r.id() == **id && r.kind == CaseKind::Case && !r.findings.is_empty())
            })
    });
    let passing = passing.unwrap().as_str();
    change(&mut now, passing, &|result| "401 invalid_client".clone_into(&mut result.findings[0].seen));
    before.retain(|event| !matches!(event, Event::CaseFinished(result) if result.id() == new));
    now.retain(|event| !matches!(event, Event::CaseFinished(result) if result.id() == gone));

    let folder = scratch();
    let path = folder.join("page.html");
    let opening = Opening { earlier: Some(Arc::new(before.into_iter().collect())), ..Opening::default() };
    let mut reporter = open(Format::Html, &path, &opening).unwrap();
    now.iter().for_each(|event| reporter.handle(event).unwrap());
    let page = fs::read_to_string(&path).unwrap();
    let data: serde_json::Value = serde_json::from_str(&data_blocks(&page)[0]).unwrap();
    let changes = data["comparison"]["changes"].as_array().unwrap();
    let told: Vec<(&str, &str, u64)> = changes
        .iter()
        .map(|change| {
            let text = |value: &'_ serde_json::Value| value.as_str().map(str::to_owned);
            assert!(text(&change["kind"]).is_some());
            let of = &change["rows"][0]["id"];
            (change["kind"].as_str().unwrap(), of.as_str().unwrap(), change["count"].as_u64().unwrap())
        })
        .collect();
    assert_eq!(told, [("red", red, 1), ("seen", passing, 1), ("new", new, 1), ("gone", gone, 1)]);
    let pair = &changes[0]["rows"][0]["findings"][0];
    assert_eq!(pair["before"], serde_json::json!({ "verdict": "pass", "seen": "400 invalid_grant" }));
    assert_eq!(pair["now"]["verdict"], "fail");
    let seen = changes[1]["rows"][0]["findings"][0]["now"]["seen"].as_str().unwrap();
    assert!(seen.ends_with("401 invalid_client"), "{seen}");
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_path_that_cannot_be_written_is_an_error_at_once() {
    let folder = scratch();
    fs::write(folder.join("file"), "").unwrap();
    for format in Format::ALL {
        for path in [folder.clone(), folder.join("file/report"), PathBuf::from("/")] {
            let error = open(format, &path, &Opening::default()).err().expect("no error").to_string();
            assert!(error.starts_with(&format!("{} cannot be written: ", path.display())), "{error}");
        }
    }
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_report_appears_only_when_it_is_complete() {
    let folder = scratch();
    let all = events("conforming");
    let (last, before) = all.split_last().unwrap();
    for format in Format::ALL {
        let path = folder.join("new").join(format.as_str());
        let mut reporter = open(format, &path, &Opening::default()).unwrap();
        before.iter().for_each(|event| reporter.handle(event).unwrap());
        assert!(!path.exists());
        reporter.handle(last).unwrap();
        assert!(path.exists());
        reporter.handle(last).unwrap();

        let path = folder.join(format.as_str());
        let yesterdays = written("mixed", format);
        fs::write(&path, &yesterdays).unwrap();
        let mut reporter = open(format, &path, &Opening::default()).unwrap();
        before.iter().for_each(|event| reporter.handle(event).unwrap());
        drop(reporter);
        assert_eq!(fs::read_to_string(&path).unwrap(), yesterdays);
    }
    let left: Vec<String> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".partial"))
        .collect();
    assert_eq!(left, ["journal.partial"], "an unfinished journal is of use, half an XML file is not");
    let journal = fs::read(folder.join("journal.partial")).unwrap();
    assert_eq!(replay(&*journal).count(), all.len());
    fs::remove_dir_all(folder).unwrap();
}

// --- running the reporters

/// The JSON of a page's data blocks; what ends one is what a browser takes for the end.
fn data_blocks(page: &str) -> Vec<String> {
    let begins = "<script type=\"application/json\"";
    page.split(begins)
        .skip(1)
        .map(|part| {
            let (_, rest) = part.split_once('>').unwrap();
            rest.split_once("</script").unwrap().0.to_owned()
        })
        .collect()
}

fn github(stream: &str) -> String {
    let buffer = Buffer::default();
    let folder = scratch();
    let summary = folder.join("summary");
    fs::write(&summary, "another step's\n").unwrap();
    let mut github = Github::new(Box::new(buffer.clone()), Some(summary.clone()));
    events(stream).iter().for_each(|event| github.handle(event).unwrap());
    let told = format!("another step's\n{}", written(stream, Format::Markdown));
    assert_eq!(fs::read_to_string(&summary).unwrap(), told);
    fs::remove_dir_all(folder).unwrap();
    String::from_utf8(buffer.0.lock().unwrap().clone()).unwrap()
}

fn events(stream: &str) -> Vec<Event> {
    let journal = fs::read(fixture("events", &format!("{stream}.ndjson"))).unwrap();
    replay(&*journal).map(Result::unwrap).collect()
}

fn console(stream: &str, width: usize, color: bool) -> String {
    console_with(&events(stream), ConsoleOptions { width, color, ..ConsoleOptions::default() })
}

fn console_with(events: &[Event], options: ConsoleOptions) -> String {
    let buffer = Buffer::default();
    let mut console = Console::new(Box::new(buffer.clone()), options);
    events.iter().for_each(|event| console.handle(event).unwrap());
    String::from_utf8(buffer.0.lock().unwrap().clone()).unwrap()
}

fn written(stream: &str, format: Format) -> String {
    written_from(&events(stream), format)
}

fn written_from(events: &[Event], format: Format) -> String {
    let folder = scratch();
    let path = folder.join("report");
    let mut reporter = open(format, &path, &Opening::default()).unwrap();
    events.iter().for_each(|event| reporter.handle(event).unwrap());
    let text = fs::read_to_string(&path).unwrap();
    fs::remove_dir_all(folder).unwrap();
    text
}

#[derive(Clone, Default)]
struct Buffer(Arc<Mutex<Vec<u8>>>);

impl Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A new folder of its own under cargo's for tests.
fn scratch() -> PathBuf {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let folder =
        Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("reports-{}-{number}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn fixture(kind: &str, name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(kind).join(name)
}

fn golden(name: &str, actual: &str) {
    let path = fixture("reports", name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        assert!(std::env::var_os("CI").is_none(), "goldens are not written in continuous integration");
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, actual).unwrap();
        return;
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    if expected != actual {
        let differs = expected.lines().zip(actual.lines()).position(|(a, b)| a != b);
        let line = differs.unwrap_or(expected.lines().count().min(actual.lines().count()));
        panic!(
            "{} differs from line {}:\n  expected {:?}\n  actual   {:?}\nUPDATE_GOLDEN=1 accepts it",
            path.display(),
            line + 1,
            expected.lines().nth(line),
            actual.lines().nth(line)
        );
    }
}

// --- what may stand where

fn without_sgr(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(|c: char| !c.is_ascii_digit() && c != ';').unwrap();
        assert!(part[end..].starts_with('m'), "an escape that is no colour: {part:?}");
        plain.push_str(&part[end + 1..]);
    }
    plain
}

fn obeyed_or_unseen(c: char) -> bool {
    c != '\n'
        && (c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{61c}'))
}

/// XML 1.0 section 2.2, production 2.
fn is_xml_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

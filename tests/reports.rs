//! Every reporter over the streams of events in `fixtures/events/`, compared with `fixtures/reports/`
//! (`UPDATE_GOLDEN=1` writes those anew, never in continuous integration), and properties over any events.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use oauthspec::http::{Endpoint, Exchange, Fault, FaultKind, Headers, Request, Response};
use oauthspec::model::{
    CaseKind, CaseResult, Event, FailedInput, Finding, Known, Level, Location, PropertyRecord, Requirement,
    RunFinished, RunStarted, StepRecord, Value, Verdict,
};
use oauthspec::report::{
    Console, ConsoleOptions, Existing, FailureOutput, Format, Github, Opening, Reporter, StatusLevel,
    is_report, open, replay,
};
use proptest::collection::vec;
use proptest::prelude::*;

const STREAMS: [&str; 4] = ["mixed", "conforming", "cut-short", "hostile"];

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
    for stream in ["mixed", "hostile", "cut-short"] {
        golden(&format!("{stream}.md"), &written(stream, Format::Markdown));
        golden(&format!("{stream}.tap"), &written(stream, Format::Tap));
    }
    golden("mixed.sarif", &written("mixed", Format::Sarif));
    golden("mixed.har", &written("mixed", Format::Har));
    golden("mixed.gitlab.json", &written("mixed", Format::Gitlab));
    golden("mixed.github.txt", &github("mixed"));
}

#[test]
fn a_journal_replays_into_the_same_journal() {
    for stream in ["mixed", "conforming", "hostile"] {
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
    let mut before = events("mixed");
    for event in &mut before {
        if let Event::CaseFinished(result) = event
            && result.case == "authorization-code/code-single-use"
        {
            Arc::make_mut(result).verdict = Verdict::Pass;
        }
    }
    let folder = scratch();
    let path = folder.join("page.html");
    let opening = Opening { earlier: Some(Arc::new(before.into_iter().collect())), ..Opening::default() };
    let mut reporter = open(Format::Html, &path, &opening).unwrap();
    events("mixed").iter().for_each(|event| reporter.handle(event).unwrap());
    let page = fs::read_to_string(&path).unwrap();
    let data: serde_json::Value = serde_json::from_str(&data_blocks(&page)[0]).unwrap();
    assert_eq!(
        data["comparison"]["turned"],
        serde_json::json!([{ "id": "authorization-code/code-single-use", "before": "pass" }])
    );
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

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_events_survive_the_journal(events in vec(event(), 1..6)) {
        let folder = scratch();
        let path = folder.join("journal");
        let mut journal = open(Format::Journal, &path, &Opening::default()).unwrap();
        let complete = with_end(events);
        complete.iter().for_each(|event| journal.handle(event).unwrap());
        let read: Vec<Event> = replay(&*fs::read(&path).unwrap()).map(Result::unwrap).collect();
        fs::remove_dir_all(folder).unwrap();
        prop_assert_eq!(read, complete);
    }

    #[test]
    fn no_text_reaches_the_terminal_as_a_command(events in vec(event(), 1..6), width in 0_usize..240) {
        let options = ConsoleOptions {
            width,
            status_level: StatusLevel::All,
            final_level: StatusLevel::All,
            ..ConsoleOptions::default()
        };
        let complete = with_end(events);
        let plain = console_with(&complete, options.clone());
        prop_assert_eq!(plain.chars().find(|c| obeyed_or_unseen(*c)), None);
        let coloured = without_sgr(&console_with(&complete, ConsoleOptions { color: true, ..options }));
        prop_assert_eq!(coloured.chars().find(|c| obeyed_or_unseen(*c)), None);
    }

    #[test]
    fn any_text_gives_well_formed_files(events in vec(event(), 1..6)) {
        let complete = with_end(events);
        let xml = written_from(&complete, Format::Junit);
        prop_assert_eq!(xml.chars().find(|c| !is_xml_char(*c)), None);
        let mut reader = quick_xml::Reader::from_str(&xml);
        reader.config_mut().check_end_names = true;
        let mut cases = 0;
        loop {
            match reader.read_event().unwrap() {
                quick_xml::events::Event::Eof => break,
                quick_xml::events::Event::Start(tag) | quick_xml::events::Event::Empty(tag) => {
                    cases += usize::from(tag.name().as_ref() == b"testcase");
                    for attribute in tag.attributes() {
                        attribute.unwrap();
                    }
                }
                _ => {}
            }
        }
        let rows = complete.iter().filter(|event| matches!(event, Event::CaseFinished(_))).count();
        let unfinished = match complete.last() {
            Some(Event::RunFinished(finished)) => finished.unfinished.len(),
            _ => 0,
        };
        prop_assert_eq!(cases, rows + unfinished);

        let json: serde_json::Value = serde_json::from_str(&written_from(&complete, Format::Json)).unwrap();
        prop_assert_eq!(json["results"].as_array().map(Vec::len), Some(rows));

        for format in [Format::Sarif, Format::Har, Format::Gitlab] {
            let text = written_from(&complete, format);
            prop_assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok(), "{}", text);
            prop_assert_eq!(text.chars().find(|c| obeyed_or_unseen(*c)), None);
        }
        for format in [Format::Markdown, Format::Tap] {
            let text = written_from(&complete, format);
            prop_assert_eq!(text.chars().find(|c| obeyed_or_unseen(*c)), None);
        }
        let tap = written_from(&complete, Format::Tap);
        let points = tap.lines().filter(|line| line.starts_with("ok ") || line.starts_with("not ok ")).count();
        prop_assert_eq!(points, rows + unfinished);

        let page = written_from(&complete, Format::Html);
        let blocks = data_blocks(&page);
        prop_assert_eq!(blocks.len(), rows + 1);
        prop_assert_eq!(page.matches("<script").count(), rows + 2);
        for block in blocks {
            prop_assert!(serde_json::from_str::<serde_json::Value>(&block).is_ok(), "{}", block);
        }
    }
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

// --- any events

fn with_end(mut events: Vec<Event>) -> Vec<Event> {
    events.retain(|event| !matches!(event, Event::RunFinished(_)));
    let mut verdicts = BTreeMap::new();
    for event in &events {
        if let Event::CaseFinished(result) = event {
            *verdicts.entry(result.verdict).or_default() += 1;
        }
    }
    let unfinished = vec!["\u{1b}]0;x\u{7}".to_owned()];
    let end = RunFinished {
        interrupted: true,
        verdicts,
        duration_ms: 1.5,
        requests: 3,
        unfinished,
        known: BTreeMap::new(),
        stale: Vec::new(),
        flaky: 1,
    };
    events.push(Event::RunFinished(end));
    events
}

fn text() -> impl Strategy<Value = String> {
    let hostile = prop::sample::select(vec![
        '\u{1b}', '\u{9b}', '\u{7}', '\r', '\n', '\t', '\0', '\u{7f}', '\u{202e}', '\u{2066}', '\u{200b}',
        '\u{feff}', '\u{fffe}', '\u{ffff}', '\u{85}', '\'', '"', '<', '>', '&', ']', '[', '‹', '›', ':', '$',
    ]);
    vec(prop_oneof![2 => hostile, 2 => any::<char>(), 3 => prop::char::range(' ', '~')], 0..24)
        .prop_map(String::from_iter)
}

fn milliseconds() -> impl Strategy<Value = f64> {
    (0_u32..1_000_000).prop_map(|thousandths| f64::from(thousandths) / 1000.0)
}

fn verdict() -> impl Strategy<Value = Verdict> {
    prop::sample::select(Verdict::ALL.to_vec())
}

fn location() -> impl Strategy<Value = Location> {
    (text(), 0_usize..300, 0_usize..40, 0_usize..40, text()).prop_map(|(file, line, column, length, text)| {
        Location { file: file.into(), line, column, length, text: text.into() }
    })
}

/// One of a few ids, so that findings and requirements meet.
fn requirement_id() -> impl Strategy<Value = String> {
    prop_oneof![4 => prop::sample::select(vec!["a-1", "a-2", "b-1"]).prop_map(String::from), 1 => text()]
}

fn finding() -> impl Strategy<Value = Finding> {
    let place = (location(), prop::option::of(0_usize..3), prop::option::of(0_u64..3));
    (requirement_id(), verdict(), text(), text(), place, prop::option::of(text())).prop_map(
        |(requirement, verdict, expected, seen, (location, step, exchange), observed)| Finding {
            requirement,
            verdict,
            expected,
            seen,
            location,
            step,
            exchange,
            known: observed.clone().map(|reason| Known { reason, expires: "2027-01-31".to_owned() }),
            observed,
        },
    )
}

fn headers() -> impl Strategy<Value = Headers> {
    let name = prop_oneof![
        3 => prop::sample::select(vec!["content-type", "Location", "authorization"]).prop_map(String::from),
        1 => text()
    ];
    let value = prop_oneof![Just("application/x-www-form-urlencoded".to_owned()), text()];
    vec((name, value), 0..3).prop_map(Headers)
}

fn body() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![text().prop_map(String::into_bytes), vec(any::<u8>(), 0..20)]
}

fn exchange() -> impl Strategy<Value = Exchange> {
    let request = (text(), text(), headers(), body()).prop_map(|(method, url, headers, body)| Request {
        method,
        url,
        headers,
        body,
    });
    let response = (any::<u16>(), headers(), body(), any::<bool>())
        .prop_map(|(status, headers, body, truncated)| Response { status, headers, body, truncated });
    let fault = text().prop_map(|detail| Fault { kind: FaultKind::Timeout, detail });
    let result = prop_oneof![3 => response.prop_map(Ok), 1 => fault.prop_map(Err)];
    (0_u64..3, milliseconds(), request, result).prop_map(|(id, started_ms, request, result)| Exchange {
        id,
        endpoint: Endpoint::Token,
        started_ms,
        duration_ms: started_ms,
        request,
        result,
    })
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::integer),
        (0_u64..100_000).prop_map(|ms| Value::Duration(std::time::Duration::from_millis(ms))),
        text().prop_map(Value::Text),
    ];
    leaf.prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..3).prop_map(Value::List),
            vec((text(), inner), 0..3).prop_map(Value::Map)
        ]
    })
}

fn property() -> impl Strategy<Value = PropertyRecord> {
    let failed = prop::option::of((any::<u64>(), any::<u32>()));
    let counterexample = prop::option::of(vec((text(), value()), 0..3));
    (any::<[u32; 2]>(), any::<u64>(), counterexample, failed, any::<[bool; 2]>()).prop_map(
        |([trials, shrinks], requests, counterexample, failed, [remembered, budget_spent])| PropertyRecord {
            trials,
            shrinks,
            requests,
            counterexample,
            failed: failed.map(|(seed, trial)| FailedInput { seed, trial }),
            remembered,
            budget_spent,
        },
    )
}

fn step() -> impl Strategy<Value = StepRecord> {
    (text(), text(), location(), vec(0_u64..3, 0..2)).prop_map(|(keyword, outcome, location, exchanges)| {
        StepRecord { keyword, outcome, location, exchanges }
    })
}

fn case_result() -> impl Strategy<Value = CaseResult> {
    let kind = prop::sample::select(vec![CaseKind::Case, CaseKind::Property, CaseKind::Invariant]);
    let names = (text(), text(), text(), vec(text(), 0..2), prop::option::of(text()));
    let done = (vec(finding(), 0..3), vec(step(), 0..3), vec(exchange(), 0..3));
    let more = (prop::option::of(property()), prop::option::of(any::<u64>()), prop::option::of(text()));
    (names, kind, verdict(), done, milliseconds(), location(), more).prop_map(
        |((case, instance, title, tags, reason), kind, verdict, done, time, location, more)| CaseResult {
            case,
            instance,
            title,
            kind,
            tags,
            verdict,
            reason,
            findings: done.0,
            steps: done.1,
            exchanges: done.2,
            started_ms: time,
            duration_ms: time,
            waited_s: time,
            location,
            property: more.0,
            examined: more.1,
            unseen: None,
            retried: more.2.clone().into_iter().collect(),
            control: more.2,
        },
    )
}

fn requirement() -> impl Strategy<Value = Requirement> {
    let level = prop::sample::select(Level::ALL.to_vec());
    let optional = (prop::option::of(text()), prop::option::of(text()));
    (requirement_id(), text(), text(), level, text(), optional, location()).prop_map(
        |(id, document, section, level, summary, (link, unobservable), location)| Requirement {
            id,
            document,
            section,
            level,
            summary,
            link,
            binds: Default::default(),
            testable: Default::default(),
            restates: Vec::new(),
            unobservable,
            unchecked: None,
            location,
        },
    )
}

fn event() -> impl Strategy<Value = Event> {
    let names = (text(), text(), (text(), text()), text(), vec(text(), 0..3));
    let started = (names, any::<u64>(), any::<bool>(), vec(requirement(), 0..4)).prop_map(
        |(names, seed, strict, known)| {
            let (target, issuer, profile, started, again) = names;
            Event::RunStarted(RunStarted {
                journal: 1,
                oauthspec: "0.1.0".to_owned(),
                target,
                issuer,
                profile,
                seed,
                started,
                virtual_clock: strict,
                planned: 3,
                again,
                strict,
                requirements: known.into_iter().map(|r| (r.id.clone(), r)).collect(),
                suites: String::new(),
                filtered: strict,
                shard: None,
                flaky_fails: strict,
                threats: Vec::new(),
            })
        },
    );
    prop_oneof![
        2 => started,
        1 => text().prop_map(|id| Event::CaseStarted { id }),
        4 => case_result().prop_map(|result| Event::CaseFinished(Arc::new(result))),
        1 => milliseconds().prop_map(|seconds| Event::ClockAdvanced { seconds }),
        1 => text().prop_map(|text| Event::Note { text }),
    ]
}

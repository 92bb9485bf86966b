//! Properties over any events: hostile texts everywhere, broken order, damaged references.

use std::collections::BTreeMap;
use std::fs;
use std::sync::Arc;

use oauthspec::http::{Endpoint, Exchange, Fault, FaultKind, Headers, Request, Response};
use oauthspec::model::{
    CaseKind, CaseResult, Event, FailedInput, Finding, Known, Level, Location, PropertyRecord, Requirement,
    RunFinished, RunStarted, StepRecord, Value, Verdict,
};
use oauthspec::report::{ConsoleOptions, Format, Opening, StatusLevel, open, replay};
use proptest::collection::vec;
use proptest::prelude::*;

use super::{console_with, data_blocks, is_xml_char, obeyed_or_unseen, scratch, without_sgr, written_from};

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
        StepRecord { keyword, outcome, location, exchanges, offer: None }
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
            doubtful: None,
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

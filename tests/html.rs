//! The HTML report in a real headless Chromium: `fixtures/browser/look.mjs` says what is looked at. Ignored by default,
//! because the browser's driver is installed from its packages; run with `cargo test --test html -- --ignored`, as CI
//! does. `SCREENSHOTS=FOLDER` keeps pictures.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use oauthspec::model::{CaseResult, Event};
use oauthspec::report::{
    ComparisonFile, ComparisonFormat, Existing, Format, LivePage, Opening, open, replay,
};
use oauthspec::results::compare;
use tokio::runtime::Runtime;

#[test]
#[ignore = "installs a driver and starts Chromium"]
fn readers_find_their_way() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("html-{}", std::process::id()));
    let sample = events("reports/sample/journal.ndjson");
    let pages = [
        page(&folder, "mixed", &sample),
        page(&folder, "large", &multiplied(&sample, 2000)),
        page(&folder, "hostile", &events("fixtures/events/hostile.ndjson")),
        page(&folder, "borne", &events("fixtures/events/borne.ndjson")),
        comparison(&folder, &sample),
    ];
    let mut look = Command::new("fixtures/browser/run");
    look.args(&pages).args(std::env::var_os("SCREENSHOTS"));
    let output = look.output().unwrap();
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    let complaints = String::from_utf8_lossy(&output.stderr).into_owned();
    println!("{told}{complaints}");
    assert!(output.status.success(), "{told}{complaints}");
    assert_eq!(told.lines().filter(|line| line.starts_with("ok ")).count(), 13, "{told}");
    fs::remove_dir_all(folder).unwrap();
}

/// A page in the browser while its run goes on: what it shows before, in the middle and at the end.
#[test]
#[ignore = "installs a driver and starts Chromium"]
fn a_run_can_be_watched() {
    let sample = events("reports/sample/journal.ndjson");
    let (last, before) = sample.split_last().unwrap();
    let (first, rest) = before.split_at(before.len() / 3);
    let mut rest = rest.chunks(rest.len().div_ceil(2));
    let runtime = Runtime::new().unwrap();
    let served = runtime.block_on(LivePage::serve(0, None)).unwrap();
    let (mut reporter, url) = (served.reporter(), served.url());
    let mut page = Some(served);
    let mut tell = |events: &[Event]| events.iter().for_each(|event| reporter.handle(event).unwrap());
    tell(first);
    let mut watch = Command::new("fixtures/browser/run");
    watch.arg(url).args(std::env::var_os("SCREENSHOTS"));
    let mut watch = watch.stdout(Stdio::piped()).spawn().unwrap();
    let mut seen = Vec::new();
    for line in BufReader::new(watch.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        match line.as_str() {
            "ready for more" => tell(rest.next().unwrap()),
            // As the binary does it: open pages get the whole report, and then the server goes.
            "ready for the end" => {
                tell(std::slice::from_ref(last));
                let page = page.take().unwrap();
                runtime.block_on(page.end(Duration::from_secs(30)));
            }
            _ => seen.push(line),
        }
    }
    assert!(watch.wait().unwrap().success(), "{seen:?}");
    let ok: Vec<&String> = seen.iter().filter(|line| line.starts_with("ok ")).collect();
    assert_eq!(ok.len(), 4, "{seen:?}");
}

fn events(path: &str) -> Vec<Event> {
    let journal = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
    replay(&*journal).map(Result::unwrap).collect()
}

/// The same run with its rows repeated until there are so many.
fn multiplied(events: &[Event], rows: usize) -> Vec<Event> {
    let results: Vec<&Arc<CaseResult>> = events
        .iter()
        .filter_map(|event| match event {
            Event::CaseFinished(result) => Some(result),
            _ => None,
        })
        .collect();
    let more = results.iter().cycle().take(rows).enumerate().map(|(number, result)| {
        let mut result = CaseResult::clone(result);
        result.instance = format!("copy={number}");
        Event::CaseFinished(Arc::new(result))
    });
    let (first, last) = (events.first().cloned(), events.last().cloned());
    first.into_iter().chain(more).chain(last).collect()
}

fn page(folder: &Path, name: &str, events: &[Event]) -> PathBuf {
    let path = folder.join(format!("{name}.html"));
    let mut reporter = open(Format::Html, &path, &Opening::default()).unwrap();
    events.iter().for_each(|event| reporter.handle(event).unwrap());
    path
}

/// With a server that answers other statuses and says nothing of caching.
fn comparison(folder: &Path, events: &[Event]) -> PathBuf {
    let path = folder.join("comparison.html");
    let mut other = events.to_vec();
    for event in &mut other {
        let Event::CaseFinished(result) = event else { continue };
        for exchange in &mut Arc::make_mut(result).exchanges {
            let Ok(response) = &mut exchange.result else { continue };
            response.status += u16::from(response.status >= 400);
            response.headers.0.retain(|(name, _)| !name.eq_ignore_ascii_case("cache-control"));
        }
    }
    let file = ComparisonFile::open(ComparisonFormat::Html, &path, Existing::Report).unwrap();
    file.write(&compare(events, &other)).unwrap();
    path
}

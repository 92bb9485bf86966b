//! The HTML report in a real headless Chromium: `fixtures/browser/look.mjs` says what is looked at. Ignored by default,
//! because the browser's driver is installed from its packages; run with `cargo test --test html -- --ignored`, as CI
//! does. `SCREENSHOTS=FOLDER` keeps pictures.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use oauthspec::model::{CaseResult, Event};
use oauthspec::report::{Format, Opening, open, replay};

#[test]
#[ignore = "installs a driver and starts Chromium"]
fn readers_find_their_way() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("html-{}", std::process::id()));
    let sample = events("reports/sample/journal.ndjson");
    let pages = [
        page(&folder, "mixed", &sample),
        page(&folder, "large", &multiplied(&sample, 2000)),
        page(&folder, "hostile", &events("fixtures/events/hostile.ndjson")),
    ];
    let mut look = Command::new("fixtures/browser/run");
    look.args(&pages).args(std::env::var_os("SCREENSHOTS"));
    let output = look.output().unwrap();
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    let complaints = String::from_utf8_lossy(&output.stderr).into_owned();
    println!("{told}{complaints}");
    assert!(output.status.success(), "{told}{complaints}");
    assert_eq!(told.lines().filter(|line| line.starts_with("ok ")).count(), 10, "{told}");
    fs::remove_dir_all(folder).unwrap();
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

//! `reports/sample/`: one run of the embedded server with telling defects, in every format. The journal there is the
//! run; all other files are made of it and compared exactly, and a new run must come to the same verdicts.
//! `env -u CI UPDATE_GOLDEN=1 cargo test --test sample` runs anew and writes all of it.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use oauthspec::cli::{Setting, built_in_library, judge_reference};
use oauthspec::model::{Event, Verdict};
use oauthspec::plan::Selection;
use oauthspec::report::{Console, ConsoleOptions, Existing, Format, Opening, Reporter, open, replay};
use tokio::runtime::Runtime;

const DEFECTS: [&str; 7] = [
    "accepts-reused-code",
    "fails-with-500-on-unknown-refresh-token",
    "has-no-grace",
    "ignores-state-minimum",
    "ignores-trailing-slash",
    "keeps-access-token-after-code-reuse",
    "writes-expires-in-as-string",
];
const CASES: [&str; 13] = [
    "authorization-code/works",
    "authorization-code/code-single-use",
    "authorization-code/code-reuse-revokes",
    "redirect-uri/registered",
    "redirect-uri/path-appended",
    "refresh/altered[made-up]",
    "refresh/altered[upper-case]",
    "refresh/rotation*",
    "tasknation/refresh/grace-at-once",
    "tasknation/state/shorter-than-minimum[length=1]",
    "tasknation/state/shorter-than-minimum[length=7]",
    "token-response/after-code",
    "implicit/works",
];
const SEED: u64 = 1;

fn file(format: Format) -> PathBuf {
    let name = match format {
        Format::Gitlab => "gitlab.json",
        Format::Har => "report.har",
        Format::Html => "report.html",
        Format::Journal => "journal.ndjson",
        Format::Json => "report.json",
        Format::Junit => "junit.xml",
        Format::Markdown => "report.md",
        Format::Sarif => "report.sarif",
        Format::Tap => "report.tap",
    };
    Path::new(env!("CARGO_MANIFEST_DIR")).join("reports/sample").join(name)
}

#[test]
fn the_sample_is_what_a_run_gives() {
    let run = run();
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        assert!(std::env::var_os("CI").is_none(), "goldens are not written in continuous integration");
        fs::create_dir_all(file(Format::Journal).parent().unwrap()).unwrap();
        write(&run, Format::Journal, &file(Format::Journal));
        for format in Format::ALL {
            write(&kept(), format, &file(format));
        }
        fs::write(file(Format::Journal).with_file_name("console.txt"), console(&kept())).unwrap();
    }
    let kept = kept();
    assert_eq!(verdicts(&run), verdicts(&kept), "a new run comes to other verdicts");
    let all: BTreeMap<Verdict, usize> =
        verdicts(&run).into_values().fold(BTreeMap::new(), |mut all, verdict| {
            *all.entry(verdict).or_default() += 1;
            all
        });
    assert!(all.len() >= 5, "the sample shows too little: {all:?}");

    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("sample-{}", std::process::id()));
    for format in Format::ALL {
        let path = folder.join(format.as_str());
        write(&kept, format, &path);
        let same = fs::read(&path).unwrap() == fs::read(file(format)).unwrap();
        assert!(
            same,
            "{} is not what its journal gives; UPDATE_GOLDEN=1 writes it anew",
            file(format).display()
        );
    }
    fs::remove_dir_all(folder).unwrap();
    let shown = fs::read_to_string(file(Format::Journal).with_file_name("console.txt")).unwrap();
    assert_eq!(console(&kept), shown, "console.txt");
}

fn run() -> Vec<Event> {
    let library = built_in_library().expect("the built-in suites are sound");
    let defects: Vec<_> = DEFECTS.iter().map(|name| name.parse().expect("a defect")).collect();
    let selection = Selection { only: CASES.map(str::to_owned).to_vec(), ..Selection::default() };
    let run = judge_reference(&library, "tasknation", Setting::default(), &defects, &selection, SEED);
    Runtime::new().unwrap().block_on(run).unwrap()
}

/// The committed run.
fn kept() -> Vec<Event> {
    let journal = fs::read(file(Format::Journal)).expect("UPDATE_GOLDEN=1 writes it");
    replay(&*journal).map(Result::unwrap).collect()
}

fn verdicts(events: &[Event]) -> BTreeMap<String, Verdict> {
    let finished = events.iter().filter_map(|event| match event {
        Event::CaseFinished(result) => Some((result.id(), result.verdict)),
        _ => None,
    });
    finished.collect()
}

fn write(events: &[Event], format: Format, path: &Path) {
    let opening = Opening { existing: Existing::Anything, ..Opening::default() };
    let mut reporter = open(format, path, &opening).unwrap();
    events.iter().for_each(|event| reporter.handle(event).unwrap());
}

fn console(events: &[Event]) -> String {
    let buffer = Buffer::default();
    let mut console =
        Console::new(Box::new(buffer.clone()), ConsoleOptions { width: 100, ..ConsoleOptions::default() });
    events.iter().for_each(|event| console.handle(event).unwrap());
    String::from_utf8(buffer.0.lock().unwrap().clone()).unwrap()
}

#[derive(Clone, Default)]
struct Buffer(Arc<Mutex<Vec<u8>>>);

impl Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

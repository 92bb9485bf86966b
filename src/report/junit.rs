use std::io::{self, Write};
use std::time::Duration;

use quick_junit::{NonSuccessKind, Property, Report, TestCase, TestCaseStatus, TestRerun, TestSuite};

use super::console::plain_block;
use super::record::{Record, retries, suite_and_case};
use super::text::{clean_lines, clean_text};
use crate::model::{CaseResult, RunFinished, Verdict};

/// Writes JUnit XML: a `testsuite` per suite, a `testcase` per row (`classname` the suite, `name`
/// `case[instance]`). A failure is `failure`, so is a warning in a strict run; blocked and error are `error`;
/// inapplicable is `skipped`, and so is a failure that the baseline bears, as pytest has its expected failures:
/// what reads this file must not be redder than the exit code. Each requirement that the row judged has a `requirement`, a `level` and, where
/// there is one, a `link` line in `system-out`, since the schema that Jenkins uses (`junit-10.xsd`) has no properties of
/// test cases. A warning of a run that is not strict stands in `system-out`.
pub(super) fn write(record: &Record, finished: &RunFinished, out: &mut dyn Write) -> io::Result<()> {
    // The head's counts come first, so they are made first; then one suite is in memory at a time.
    let mut all = Report::new(clean_text(record.run.as_ref().map_or("oauthspec", |run| run.target.as_str())));
    all.set_time(milliseconds(finished.duration_ms));
    all.tests = record.results.len() + finished.unfinished.len() + finished.stale.len();
    all.errors = finished.unfinished.len();
    all.failures = finished.stale.len();
    for result in &record.results {
        match status(record, result) {
            TestCaseStatus::NonSuccess { kind: NonSuccessKind::Error, .. } => all.errors += 1,
            TestCaseStatus::NonSuccess { kind: NonSuccessKind::Failure, .. } => all.failures += 1,
            TestCaseStatus::Success { .. } | TestCaseStatus::Skipped { .. } => {}
        }
    }
    let xml = all.to_string().map_err(io::Error::other)?;
    let (head, tail) = xml.split_once(END).unwrap_or((&xml, ""));
    // Jenkins's schema knows how many a suite skipped, but not how many all did.
    out.write_all(head.replace(" skipped=\"0\"", "").as_bytes())?;
    for rows in record.results.chunk_by(|a, b| suite_and_case(&a.case).0 == suite_and_case(&b.case).0) {
        let Some(first) = rows.first() else { continue };
        let (name, _) = suite_and_case(&first.case);
        let mut suite = test_suite(record, name);
        suite
            .add_test_cases(rows.iter().map(|row| test_case(record, row, name, suite_and_case(&row.case).1)));
        write_suite(suite, out)?;
    }
    if !finished.unfinished.is_empty() {
        write_suite(unfinished(finished), out)?;
    }
    if !finished.stale.is_empty() {
        write_suite(stale(finished), out)?;
    }
    write!(out, "{END}{tail}")
}

/// How the document ends.
const END: &str = "</testsuites>";

/// Writes what stands between head and end in a report of that suite alone.
fn write_suite(suite: TestSuite, out: &mut dyn Write) -> io::Result<()> {
    let mut report = Report::new("");
    report.add_test_suite(suite);
    let xml = report.to_string().map_err(io::Error::other)?;
    let begin = xml.find("    <testsuite ").unwrap_or(xml.len());
    let end = xml.rfind(END).unwrap_or(xml.len());
    out.write_all(xml.get(begin..end).unwrap_or_default().as_bytes())
}

fn test_suite(record: &Record, name: &str) -> TestSuite {
    let mut suite = TestSuite::new(clean_text(name));
    suite.timestamp = record.run.as_ref().and_then(|run| run.started.parse().ok());
    if let Some(run) = &record.run {
        for (name, value) in [
            ("oauthspec", run.oauthspec.clone()),
            ("target", run.target.clone()),
            ("issuer", run.issuer.clone()),
            ("profile", run.profile.0.clone()),
            ("seed", run.seed.to_string()),
        ] {
            suite.add_property(Property::new(name, clean_text(&value)));
        }
    }
    suite
}

fn is_known(record: &Record, result: &CaseResult) -> bool {
    record.is_failure(result.verdict) && record.known(result).is_some()
}

fn status(record: &Record, result: &CaseResult) -> TestCaseStatus {
    match result.verdict {
        _ if is_known(record, result) => TestCaseStatus::skipped(),
        Verdict::Inapplicable => TestCaseStatus::skipped(),
        Verdict::Blocked | Verdict::Error => TestCaseStatus::non_success(NonSuccessKind::Error),
        verdict if record.is_failure(verdict) => TestCaseStatus::non_success(NonSuccessKind::Failure),
        _ => TestCaseStatus::success(),
    }
}

fn test_case(record: &Record, result: &CaseResult, suite: &str, case: &str) -> TestCase {
    let mut status = status(record, result);
    let is_success = matches!(status, TestCaseStatus::Success { .. });
    let (kind, message) = record.headline(result);
    if !is_success {
        let kind = if is_known(record, result) { "known" } else { &kind };
        status.set_type(clean_text(kind)).set_message(clean_text(&message));
    }
    for fault in &result.retried {
        let mut rerun = TestRerun::new(NonSuccessKind::Error);
        rerun.set_type("transport").set_message(clean_text(fault));
        status.add_rerun(rerun);
    }
    let needs_block =
        matches!(result.verdict, Verdict::Warn | Verdict::Fail | Verdict::Blocked | Verdict::Error);
    let block = needs_block.then(|| clean_lines(&plain_block(record, result)));
    if let Some(block) = block.as_ref().filter(|_| !is_success) {
        status.set_description(block);
    }

    let name = match result.instance.as_str() {
        "" => case.to_owned(),
        instance => format!("{case}[{instance}]"),
    };
    let mut test = TestCase::new(clean_text(&name), status);
    test.set_classname(clean_text(suite)).set_time(milliseconds(result.duration_ms));
    let mut out = properties(record, result);
    if let Some(block) = block.filter(|_| is_success) {
        out.push('\n');
        out.push_str(&block);
    }
    test.set_system_out(out);
    test
}

/// What is told of a row besides its verdict. The schema that Jenkins uses has no properties of a test case, so they
/// stand in its output, in the notation that readers of JUnit files know for that.
fn properties(record: &Record, result: &CaseResult) -> String {
    let mut out = String::new();
    let mut tell = |name: &str, value: &str| {
        out.push_str(&format!("[[PROPERTY|{name}={}]]\n", clean_text(value)));
    };
    tell("title", &result.title);
    tell("location", &result.location.to_string());
    if let Some(known) = record.known(result) {
        tell("known", &format!("until {}: {}", known.expires, known.reason));
    }
    if let Some(retries) = retries(result) {
        tell("retried", &retries);
    }
    let mut told: Vec<&str> = Vec::new();
    for finding in &result.findings {
        if told.contains(&finding.requirement.as_str()) {
            continue;
        }
        told.push(&finding.requirement);
        tell("requirement", &finding.requirement);
        if let Some(requirement) = record.requirement(&finding.requirement) {
            tell("level", requirement.level.as_str());
            if let Some(link) = &requirement.link {
                tell("link", link);
            }
        }
    }
    out
}

/// Cases that did not get to report are errors: a run cut short must not look green.
fn unfinished(finished: &RunFinished) -> TestSuite {
    let mut suite = TestSuite::new("unfinished");
    for id in &finished.unfinished {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
        status.set_type("unfinished").set_message("the run ended before this case did");
        let mut test = TestCase::new(clean_text(id), status);
        test.set_classname("unfinished");
        suite.add_test_case(test);
    }
    suite
}

/// An entry of the baseline that is no longer true is as red as a broken requirement.
fn stale(finished: &RunFinished) -> TestSuite {
    let mut suite = TestSuite::new("baseline");
    for entry in &finished.stale {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
        status.set_type("stale").set_message(clean_text(&entry.why));
        let name = format!("{} {}", entry.case, entry.requirement);
        let mut test = TestCase::new(clean_text(&name), status);
        test.set_classname("baseline");
        test.add_property(Property::new("location", clean_text(&entry.location.to_string())));
        suite.add_test_case(test);
    }
    suite
}

/// Negative and absurd durations, which only a damaged journal has, count as none.
fn milliseconds(milliseconds: f64) -> Duration {
    Duration::try_from_secs_f64(milliseconds / 1000.0).unwrap_or_default()
}

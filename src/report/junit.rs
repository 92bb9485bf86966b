use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::LazyLock;
use std::time::Duration;

use quick_junit::{NonSuccessKind, Property, Report, TestCase, TestCaseStatus, TestRerun, TestSuite};
use regex::Regex;

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
    let xml = report(record, finished).to_string().map_err(io::Error::other)?;
    // Jenkins's schema knows how many a suite skipped, but not how many all did.
    let (first, rest) = xml.split_once("<testsuite ").unwrap_or((&xml, ""));
    let first = SKIPPED.replace(first, "");
    match rest {
        "" => write!(out, "{first}"),
        rest => write!(out, "{first}<testsuite {rest}"),
    }
}

fn report(record: &Record, finished: &RunFinished) -> Report {
    let name = record.run.as_ref().map_or("oauthspec", |run| run.target.as_str());
    let mut report = Report::new(clean_text(name));
    report.set_time(milliseconds(finished.duration_ms));

    let mut suites: BTreeMap<&str, TestSuite> = BTreeMap::new();
    for result in &record.results {
        let (suite, case) = suite_and_case(&result.case);
        suites
            .entry(suite)
            .or_insert_with(|| test_suite(record, suite))
            .add_test_case(test_case(record, result, suite, case));
    }
    report.add_test_suites(suites.into_values());
    if !finished.unfinished.is_empty() {
        report.add_test_suite(unfinished(finished));
    }
    if !finished.stale.is_empty() {
        report.add_test_suite(stale(finished));
    }
    report
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

fn test_case(record: &Record, result: &CaseResult, suite: &str, case: &str) -> TestCase {
    let known = record.known(result).filter(|_| record.is_failure(result.verdict));
    let mut status = match result.verdict {
        _ if known.is_some() => TestCaseStatus::skipped(),
        Verdict::Inapplicable => TestCaseStatus::skipped(),
        Verdict::Blocked | Verdict::Error => TestCaseStatus::non_success(NonSuccessKind::Error),
        verdict if record.is_failure(verdict) => TestCaseStatus::non_success(NonSuccessKind::Failure),
        _ => TestCaseStatus::success(),
    };
    let is_success = matches!(status, TestCaseStatus::Success { .. });
    let (kind, message) = record.headline(result);
    if !is_success {
        let kind = if known.is_some() { "known" } else { &kind };
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

static SKIPPED: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r#" skipped="\d+""#).expect("the pattern is constant and right"));

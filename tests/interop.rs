//! Real servers, judged: what does not pass is compared with the table beside each server, and every such row is
//! explained in `reports/interop/`. Ignored by default, because the servers are installed from their packages;
//! run with `cargo test --test interop -- --ignored`, as CI does.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use oauthspec::model::Verdict;

/// What does not pass: the worst verdict of each case and invariant.
type Rows = BTreeMap<String, Verdict>;

#[test]
#[ignore = "installs and starts a real server"]
fn oidc_provider() {
    judge("oidc-provider", &[]);
}

#[test]
#[ignore = "installs and starts a real server"]
fn django_oauth_toolkit() {
    // Two requests that find the code before either takes it end in 500, now and then.
    judge("django-oauth-toolkit", &["authorization-code/code-race"]);
}

/// Runs the binary as a user would, twice with different seeds: a verdict that changes is nobody's. What changes
/// with the server's own races is explained like the others, and not compared.
fn judge(server: &str, unsteady: &[&str]) {
    let table = format!("fixtures/servers/{server}/expected.yaml");
    let [first, second] = [1, 2].map(|seed| {
        let mut rows = run(server, seed);
        rows.retain(|id, _| !unsteady.contains(&id.as_str()));
        rows
    });
    assert_eq!(first, second, "{server}: two runs disagree");
    if std::env::var_os("UPDATE_GOLDEN").is_some_and(|v| v == "1") {
        assert!(std::env::var_os("CI").is_none(), "golden files are not written under CI");
        fs::write(&table, draw(&first)).unwrap();
    }
    let expected: Rows = serde_saphyr::from_str(&fs::read_to_string(&table).unwrap()).unwrap();
    assert_eq!(first, expected, "{server}: rows differ from {table}");

    let triage = format!("reports/interop/{server}.md");
    let told = fs::read_to_string(&triage).unwrap();
    let ids = expected.keys().map(String::as_str).chain(unsteady.iter().copied());
    let untold: Vec<&str> = ids.filter(|id| !told.contains(&format!("`{id}`"))).collect();
    assert!(untold.is_empty(), "{triage} does not explain {untold:?}");
}

fn run(server: &str, seed: u32) -> Rows {
    let report = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{server}-{seed}.json"));
    let output = Command::new(env!("CARGO_BIN_EXE_oauthspec"))
        .args(["run", &format!("fixtures/targets/{server}.yaml"), "--seed", &seed.to_string()])
        .arg("--report")
        .arg(format!("json={}", report.display()))
        .output()
        .unwrap();
    let told =
        format!("{}\n{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let text = fs::read_to_string(&report).unwrap_or_else(|e| panic!("no report: {e}\n{told}"));
    let report: serde_json::Value = serde_json::from_str(&text).unwrap();
    let results = report["results"].as_array().unwrap();
    assert!(results.len() > 100, "only {} rows\n{told}", results.len());
    let mut rows = Rows::new();
    for result in results {
        let verdict: Verdict = serde_json::from_value(result["verdict"].clone()).unwrap();
        if matches!(verdict, Verdict::Pass | Verdict::Inapplicable) {
            continue;
        }
        let row = rows.entry(result["case"].as_str().unwrap().to_owned()).or_insert(verdict);
        *row = (*row).max(verdict);
    }
    rows
}

fn draw(rows: &Rows) -> String {
    let mut text =
        String::from("# What does not pass, case by case; each is explained in reports/interop/.\n");
    for (id, verdict) in rows {
        let _ = writeln!(text, "{id}: {verdict}");
    }
    text
}

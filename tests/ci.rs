//! The pieces for pipelines: what `action.yml`, `docs/ci/gitlab.yml` and `docs/ci/kubernetes.yaml` say to run is run
//! here as it stands there, against a server that the target file starts.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

#[test]
fn the_action_runs() {
    let folder = scratch("action");
    let action = yaml("action.yml");
    let steps = action["runs"]["steps"].as_array().unwrap();
    let step = steps.iter().find(|step| step["name"] == "run").unwrap();
    // The names under which the action hands its inputs on are those of the command.
    for (name, input) in [("TARGET", "target"), ("ARGUMENTS", "arguments"), ("REPORTS", "reports")] {
        assert_eq!(step["env"][name], format!("${{{{ inputs.{input} }}}}"));
        assert!(action["inputs"][input].is_object());
    }
    let target = folder.join("target.yaml");
    fs::write(&target, self_starting_target()).unwrap();
    let environment = [
        ("TARGET", target.to_str().unwrap()),
        ("ARGUMENTS", "--only tasknation/state --retries 1"),
        ("REPORTS", "reports"),
    ];
    shell(&folder, step["run"].as_str().unwrap(), &environment, 0);
    for report in ["reports/journal.ndjson", "reports/junit.xml", "reports/reference-server.log"] {
        assert!(folder.join(report).exists(), "{report}");
    }
    let environment = [("TARGET", ""), ("ARGUMENTS", "--only state/echoed"), ("REPORTS", "more")];
    shell(&folder, step["run"].as_str().unwrap(), &environment, 0);
}

#[test]
fn the_jobs_of_gitlab_share_a_run() {
    let folder = scratch("gitlab");
    fs::write(folder.join("target.yaml"), self_starting_target()).unwrap();
    let jobs = yaml("docs/ci/gitlab.yml");
    let total = jobs["oauthspec"]["parallel"].as_u64().unwrap();
    for index in 1..=total {
        for line in jobs["oauthspec"]["script"].as_array().unwrap() {
            let (index, total) = (index.to_string(), total.to_string());
            let environment = [
                ("CI_NODE_INDEX", index.as_str()),
                ("CI_NODE_TOTAL", total.as_str()),
                ("TARGET", "target.yaml --only tasknation/state"),
            ];
            shell(&folder, line.as_str().unwrap(), &environment, 0);
        }
    }
    for line in jobs["oauthspec-verdict"]["script"].as_array().unwrap() {
        shell(&folder, line.as_str().unwrap(), &[], 0);
    }
    assert!(folder.join("junit.xml").exists());
    fs::remove_file(folder.join("parts/2.ndjson")).unwrap();
    for line in jobs["oauthspec-verdict"]["script"].as_array().unwrap() {
        shell(&folder, line.as_str().unwrap(), &[], 3);
    }
}

#[test]
fn the_pods_of_a_job_share_a_run() {
    let folder = scratch("kubernetes");
    fs::write(folder.join("target.yaml"), self_starting_target()).unwrap();
    let job = yaml("docs/ci/kubernetes.yaml");
    let total = job["spec"]["completions"].as_u64().unwrap();
    assert_eq!(job["spec"]["completionMode"], "Indexed");
    let container = &job["spec"]["template"]["spec"]["containers"][0];
    let parts = container["env"].as_array().unwrap().iter().find(|v| v["name"] == "OAUTHSPEC_PARTS").unwrap();
    assert_eq!(parts["value"], total.to_string());
    assert_eq!(container["command"], serde_json::json!(["sh", "-c"]));
    for index in 0..total {
        let index = index.to_string();
        let environment = [
            ("JOB_COMPLETION_INDEX", index.as_str()),
            ("OAUTHSPEC_PARTS", parts["value"].as_str().unwrap()),
            ("TARGET", "target.yaml --only tasknation/state"),
        ];
        shell(&folder, container["args"][0].as_str().unwrap(), &environment, 0);
    }
    shell(&folder, "oauthspec report merge parts/*.ndjson", &[], 0);
}

#[test]
fn a_server_that_does_not_start_is_no_verdict() {
    let folder = scratch("start");
    let target = self_starting_target().replace("exec oauthspec serve", "echo no such luck; exit 3; #");
    fs::write(folder.join("target.yaml"), target).unwrap();
    let said = shell(&folder, "oauthspec run target.yaml", &[], 3);
    assert!(said.contains("no such luck") && said.contains("reference-server.log"), "{said}");
}

/// The reference server's own target file, with the words that start it on a free port.
fn self_starting_target() -> String {
    let mut child = oauthspec()
        .args(["serve", "--port", "0", "--log", "json"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    let started: Value = serde_json::from_str(&line).unwrap();
    let text = started["target_file"].as_str().unwrap();
    let port = started["issuer"].as_str().unwrap().rsplit_once(':').unwrap().1;
    let start = "start: { command: \"exec oauthspec serve --port $port --log none\", \
                 ready: \"http://127.0.0.1:$port/.well-known/oauth-authorization-server\" }\n";
    format!("{}{start}", text.replace(&format!(":{port}"), ":${port}"))
}

fn yaml(file: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    serde_saphyr::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

fn oauthspec() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_oauthspec"));
    clean(&mut command);
    command
}

/// The machine that runs the tests may be one of several itself.
fn clean(command: &mut Command) {
    for name in
        ["CI_NODE_INDEX", "CI_NODE_TOTAL", "OAUTHSPEC_SEED", "OAUTHSPEC_PROFILE", "JOB_COMPLETION_INDEX"]
    {
        command.env_remove(name);
    }
    command.env("NO_COLOR", "1");
}

#[track_caller]
fn shell(folder: &Path, line: &str, environment: &[(&str, &str)], code: i32) -> String {
    let binary = Path::new(env!("CARGO_BIN_EXE_oauthspec")).parent().unwrap();
    let path = format!("{}:{}", binary.display(), std::env::var("PATH").unwrap_or_default());
    let mut command = Command::new("bash");
    clean(&mut command);
    command.args(["-euo", "pipefail", "-c", line]).current_dir(folder).stdin(Stdio::null());
    let output = command.env("PATH", path).envs(environment.iter().copied()).output().unwrap();
    let said =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "{line}\n{said}");
    said
}

/// An empty folder under cargo's for tests.
fn scratch(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("ci-{name}"));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

//! The binary as its users meet it: what they mistype, what is not there, and what it says and exits with.

use std::fs;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// One call of the binary.
struct Said {
    code: i32,
    out: String,
    err: String,
}

fn oauthspec(arguments: &[&str]) -> Said {
    let output = Command::new(env!("CARGO_BIN_EXE_oauthspec"))
        .args(arguments)
        .env_remove("OAUTHSPEC_PROFILE")
        .env_remove("OAUTHSPEC_SEED")
        .env("NO_COLOR", "1")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    Said {
        code: output.status.code().expect("an exit code"),
        out: text(output.stdout),
        err: text(output.stderr),
    }
}

/// A file of this test run.
fn file(name: &str, text: &str) -> String {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&path, text).unwrap();
    path.display().to_string()
}

fn target(issuer: &str) -> String {
    format!(
        "target: broken\nprofile: rfc6749\nissuer: {issuer}\nclients:\n  default: {{ id: a, secret: secret-of-a, \
         redirect_uris: [https://client.example/cb] }}\nusers:\n  default: {{ username: u, password: pass-of-u }}\n"
    )
}

#[track_caller]
fn expect(said: &Said, code: i32, words: &[&str]) {
    let all = format!("{}{}", said.out, said.err);
    assert_eq!(said.code, code, "{all}");
    for word in words {
        assert!(all.contains(word), "{word:?} is not in:\n{all}");
    }
    assert!(!all.contains("panicked"), "{all}");
}

#[test]
fn a_missing_target_file_is_named_with_its_neighbour() {
    let near = file("missing-staging.yaml", &target("http://127.0.0.1:9"));
    let said = oauthspec(&["run", &near.replace("staging", "stagin")]);
    expect(&said, 2, &["error: there is no target file", "did you mean", "missing-staging.yaml"]);
}

#[test]
fn errors_of_a_target_file_come_all_at_once_with_their_places() {
    let path =
        file("wrong.yaml", "target: x\nprofil: tasknation\nissuer: 3\nclients: { default: { id: a } }\n");
    let said = oauthspec(&["run", &path]);
    expect(&said, 2, &["wrong.yaml:2:1", "profile", "wrong.yaml:3:", "^"]);
}

#[test]
fn an_unset_environment_variable_is_an_error_at_its_place() {
    let path = file("unset.yaml", &target("$env.OAUTHSPEC_TEST_IS_NOT_SET"));
    let said = oauthspec(&["run", &path]);
    expect(&said, 2, &["OAUTHSPEC_TEST_IS_NOT_SET", "unset.yaml:3:"]);
}

#[test]
fn a_mistyped_profile_is_put_right() {
    let said = oauthspec(&["run", "--profile", "tasknatoin"]);
    expect(&said, 2, &["there is no profile `tasknatoin`", "did you mean `tasknation`?"]);
}

#[test]
fn a_mistyped_defect_is_put_right() {
    let said = oauthspec(&["serve", "--defect", "ignores-state-minimun"]);
    expect(&said, 2, &["ignores-state-minimun", "ignores-state-minimum"]);
}

#[test]
fn an_empty_selection_is_not_green() {
    let said = oauthspec(&["run", "--only", "state/echod"]);
    expect(&said, 4, &["nothing is selected", "did you mean `--only state/echoed`?"]);
    expect(&oauthspec(&["list", "--tag", "no-such-tag"]), 4, &["nothing is selected"]);
    for (filter, mistyped, meant) in [
        ("--only", "state/echod", "--only state/echoed"),
        ("--tag", "slwo", "--tag slow"),
        ("--requirement", "rfc6749-4.1.2-code-singl-use", "--requirement rfc6749-4.1.2-code-single-use"),
        ("--document", "rfc6479", "--document rfc6749"),
    ] {
        expect(&oauthspec(&["list", filter, mistyped]), 4, &["nothing is selected", meant]);
    }
}

#[test]
fn a_server_that_is_not_there_is_told_from_one_that_is_broken() {
    let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
    let path = file("nobody.yaml", &target(&format!("http://127.0.0.1:{port}")));
    let said = oauthspec(&["run", &path]);
    expect(&said, 3, &["failed to reach", "connection refused", "help: check host and port"]);
}

#[test]
fn tls_that_fails_says_so() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = std::thread::spawn(move || {
        use std::io::{Read as _, Write as _};
        let (mut stream, _) = listener.accept().unwrap();
        let _ = stream.read(&mut [0; 512]);
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n");
    });
    let path = file("plain.yaml", &target(&format!("https://127.0.0.1:{port}")));
    let said = oauthspec(&["run", &path]);
    expect(&said, 3, &["failed to reach", "TLS"]);
    server.join().unwrap();
}

#[test]
fn a_port_in_use_is_named() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    expect(&oauthspec(&["serve", "--port", &port]), 3, &["is in use", "--port"]);
}

#[test]
fn reports_that_cannot_be_written_are_refused_before_the_run() {
    let run = |report: &[&str]| oauthspec(&[&["run", "--only", "state/echoed"], report].concat());
    let under_a_file = format!("json={}/x.json", file("a-file", ""));
    expect(&run(&["--report", &under_a_file]), 2, &["a-file/x.json", "cannot be written"]);
    expect(&run(&["--report", "jnuit=x.xml"]), 2, &["did you mean junit?"]);
    expect(&run(&["--report", "json"]), 2, &["names no file"]);
    let twice = file("twice", "");
    let (json, junit) = (format!("json={twice}"), format!("junit={twice}"));
    expect(&run(&["--report", &json, "--report", &junit]), 2, &["go to one file"]);
}

#[test]
fn a_run_against_the_embedded_server_passes_and_reports() {
    let json = file("report.json", "");
    let junit = file("report.xml", "");
    let said = oauthspec(&[
        "run",
        "--only",
        "tasknation/state/*",
        "--seed",
        "7",
        "--report",
        &format!("json={json}"),
        "--report",
        &format!("junit={junit}"),
    ]);
    expect(&said, 0, &["tasknation/state", "PASS", "seed 7"]);
    let report: serde_json::Value = serde_json::from_str(&fs::read_to_string(&json).unwrap()).unwrap();
    assert!(!report["results"].as_array().unwrap().is_empty());
    assert!(fs::read_to_string(&junit).unwrap().starts_with("<?xml"));
}

#[test]
fn the_same_seed_gives_the_same_verdicts() {
    let run = |name: &str| {
        let json = file(name, "");
        let said = oauthspec(&["run", "--only", "state", "--seed", "3", "--report", &format!("json={json}")]);
        expect(&said, 0, &[]);
        let report: serde_json::Value = serde_json::from_str(&fs::read_to_string(&json).unwrap()).unwrap();
        let rows = report["results"].as_array().unwrap().iter();
        let mut rows: Vec<String> = rows
            .map(|r| format!("{} {} {} {}", r["case"], r["instance"], r["verdict"], r["property"]["trials"]))
            .collect();
        rows.sort();
        rows
    };
    let (first, second) = (run("seed-3.json"), run("seed-3-again.json"));
    assert!(first.len() > 50);
    assert_eq!(first, second);
}

#[test]
fn list_explain_and_check_answer() {
    expect(&oauthspec(&["list"]), 0, &["state/echoed", "profile tasknation"]);
    let json = oauthspec(&["list", "--format", "json"]);
    let plan: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert!(plan["entries"].as_array().unwrap().len() > 50);
    expect(&oauthspec(&["explain", "state/echoed"]), 0, &["steps:", "rfc6749-4.1.2-state-echoed-success"]);
    expect(
        &oauthspec(&["explain", "tasknation-state-min-length"]),
        0,
        &["judged by:", "broken by the defects"],
    );
    expect(&oauthspec(&["explain", "ignores-state-minimum"]), 0, &["breaks:"]);
    expect(&oauthspec(&["explain", "state/echod"]), 2, &["did you mean `state/echoed`?"]);
    expect(&oauthspec(&["check"]), 0, &["sound"]);
    expect(&oauthspec(&["check", "/no/such/file.yaml"]), 2, &["/no/such/file.yaml"]);
    expect(&oauthspec(&["serve", "--list-defects"]), 0, &["ignores-state-minimum"]);
    let said = oauthspec(&["serve", "--list-defects=State-Min"]);
    expect(&said, 0, &["ignores-state-minimum"]);
    assert!(!said.out.contains("accepts-reused-code"), "{}", said.out);
    expect(&oauthspec(&["serve", "--list-defects=no-such-word"]), 4, &["no defect has `no-such-word`"]);
}

#[test]
fn a_target_that_cannot_be_read_is_told_beside_a_suite_that_is_wrong() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("both-wrong");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("suite.yaml"), "suite: mine\ntitle: Mine\n").unwrap();
    fs::write(folder.join("target.yaml"), "target: mine\nclients: [\n").unwrap();
    let said = oauthspec(&["check", &folder.display().to_string()]);
    expect(&said, 2, &["the suite checks nothing", "suite.yaml:1", "target.yaml:"]);
}

#[test]
fn usage_errors_exit_with_2_and_help_with_0() {
    assert_eq!(oauthspec(&["runn"]).code, 2);
    assert_eq!(oauthspec(&["run", "--no-such-flag"]).code, 2);
    assert_eq!(oauthspec(&["run", "--seed", "x"]).code, 2);
    expect(&oauthspec(&["--help"]), 0, &["Exit codes"]);
    expect(&oauthspec(&["--version"]), 0, &["oauthspec"]);
}

#[test]
fn generate_writes_the_schemas_that_are_kept() {
    let out = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("schema");
    let said = oauthspec(&["generate", "schema", "--out", &out.display().to_string()]);
    expect(&said, 0, &["suite.json", "target.json", "profile.json", "requirement.json", "threat.json"]);
    for name in ["suite", "target", "profile", "requirement", "threat"] {
        let kept = fs::read_to_string(format!("docs/schema/{name}.json")).unwrap();
        assert_eq!(fs::read_to_string(out.join(format!("{name}.json"))).unwrap(), kept);
        assert_eq!(oauthspec(&["generate", "schema", name]).out, kept);
    }
    expect(&oauthspec(&["generate", "schema", "siute"]), 2, &["suite"]);
}

#[test]
fn editors_get_errors_as_json_and_nothing_else() {
    let path = file("editor.yaml", "suite: editor\ntitle: Two mistakes\ncase: []\n");
    let said = oauthspec(&["check", "--message-format", "json", &path]);
    assert_eq!((said.code, said.err.as_str()), (2, ""), "{}", said.out);
    let lines: Vec<serde_json::Value> =
        said.out.lines().map(|line| serde_json::from_str(line).expect("an object a line")).collect();
    assert!(!lines.is_empty());
    assert!(lines.iter().all(|line| line["file"] == *path && line["level"] == "error"), "{}", said.out);
    let sound = oauthspec(&["check", "--message-format", "json"]);
    assert_eq!((sound.code, sound.out.as_str(), sound.err.as_str()), (0, "", ""));
}

#[test]
fn reports_do_not_stand_in_each_others_way() {
    let page = file("reports-page.html", "");
    let same = page.replace("reports-page", "./reports-page");
    let both = oauthspec(&["run", "--report", &format!("html={page}"), "--report", &format!("html={same}")]);
    expect(&both, 2, &["go to one file", "give each a path of its own"]);
    let notes = file("reports-notes.txt", "not to be lost");
    let lost = oauthspec(&["run", "--only", "authorization-code/works", "--report", &format!("tap={notes}")]);
    expect(&lost, 2, &["exists and is no report of oauthspec", "--force"]);
    assert_eq!(fs::read_to_string(&notes).unwrap(), "not to be lost");
    let nowhere = oauthspec(&["run", "--report", "html="]);
    expect(&nowhere, 2, &["`--report html=` names no file", "write `--report html=PATH`"]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_report_that_cannot_be_written_harms_no_other() {
    let page = file("reports-whole.html", "");
    let wanted = format!("html={page}");
    let arguments =
        ["run", "--only", "authorization-code/works", "--report", "json=/dev/full", "--report", &wanted];
    let said = oauthspec(&arguments);
    expect(&said, 2, &["error: writing /dev/full failed: No space left on device", "CONFORMS"]);
    assert!(fs::read_to_string(&page).unwrap().ends_with("</html>\n"));
    let again = oauthspec(&["run", "--only", "authorization-code/works", "--report", &wanted]);
    expect(&again, 0, &["reports-whole.html is replaced; it is the report of an earlier run"]);
}

#[cfg(unix)]
#[test]
fn a_run_that_is_ended_writes_its_reports() {
    let path = file("reports-ended.xml", "");
    let mut run = Command::new(env!("CARGO_BIN_EXE_oauthspec"))
        .args(["run", "--real-clock", "--only", "tasknation/refresh", "--report", &format!("junit={path}")])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    // The first line is there when the run has begun.
    let mut lines = std::io::BufRead::lines(std::io::BufReader::new(run.stdout.take().unwrap()));
    let begun = lines.find(|line| line.as_ref().is_ok_and(|line| line.contains("seed")));
    assert!(begun.is_some());
    let ended = Command::new("kill").args(["-TERM", &run.id().to_string()]).status().unwrap();
    assert!(ended.success());
    for line in lines {
        line.unwrap();
    }
    assert_eq!(run.wait().unwrap().code(), Some(130));
    let xml = fs::read_to_string(&path).unwrap();
    assert!(xml.contains("the run ended before this case did"), "{xml}");
}

#[test]
fn what_may_harm_is_played_only_when_asked_for() {
    let only = ["--profile", "rfc6749", "--only", "disruptive"];
    for command in ["list", "run"] {
        let said = oauthspec(&[&[command], &only[..]].concat());
        expect(&said, 4, &["may harm a live server; `--disruptive` plays them", "disruptive/"]);
    }
    let said = oauthspec(&[&["run", "--disruptive", "--status-level", "pass"], &only[..]].concat());
    expect(&said, 0, &["disruptive/wrong-secrets", "CONFORMS"]);
    let said = oauthspec(&["list", "--format", "json", "--profile", "rfc6749"]);
    let plan: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    let left_out = plan["left_out"].as_array().unwrap().iter();
    let harmful: Vec<_> = left_out.filter(|case| case["why"] == "disruptive").collect();
    assert!(harmful.len() >= 5, "{harmful:?}");
}

#[test]
fn coverage_says_what_judges_a_document_and_what_nothing_does() {
    let said = oauthspec(&["coverage", "--document", "rfc 9207"]);
    expect(
        &said,
        0,
        &["RFC 9207: 12 requirements", "rfc9207-2-iss-in-success · MUST", "cases: issuer/named"],
    );
    let said = oauthspec(&["coverage", "--open", "--format", "json", "--document", "RFC 9700"]);
    let json: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(json["documents"][0]["requirements"][0]["how"], "unchecked", "{}", said.out);
    let said = oauthspec(&["coverage", "--document", "RFC 6479"]);
    expect(&said, 2, &["no requirements are of a document `RFC 6479`", "did you mean `RFC 6749`?"]);
}

#[test]
fn coverage_after_a_run_says_how_its_requirements_stood() {
    let journal = file("coverage.ndjson", "");
    let report = format!("journal={journal}");
    let run = ["run", "--profile", "bcp", "--only", "issuer/*", "--seed", "1", "--report", &report];
    expect(&oauthspec(&run), 0, &[]);
    let said = oauthspec(&["coverage", "--journal", &journal, "--document", "RFC 9207"]);
    expect(&said, 0, &["kept          rfc9207-2-iss-in-success", "unjudged      rfc9207-3-flag-is-boolean"]);
    let broken = file("coverage-broken.ndjson", "{\"no\": \"event\"}\n");
    expect(
        &oauthspec(&["coverage", "--journal", &broken]),
        2,
        &["failed to read the journal", "line 1", "help:"],
    );
    let missing = format!("{broken}.missing");
    expect(&oauthspec(&["coverage", "--journal", &missing]), 2, &["failed to read the journal", "help:"]);
}

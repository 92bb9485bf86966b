//! Every format of real runs: no secret in any of them; each read by programs written elsewhere; and what 100,000
//! cases cost. What installs packages is ignored by default; run it with `cargo test --test formats -- --ignored`,
//! as CI does.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use oauthspec::model::{CaseResult, Event, Verdict};
use oauthspec::reference::Server;
use oauthspec::report::{Existing, Format, Opening, open, replay};
use regex::Regex;
use serde_json::Value;
use tokio::runtime::Runtime;
use url::form_urlencoded::byte_serialize;

/// A run as users start it, against a server whose secrets are known, and every file that it writes.
#[test]
fn no_format_holds_a_secret() {
    let folder = folder("canary");
    let runtime = Runtime::new().unwrap();
    let server = Server::builder().clients(Server::sample_clients()).users(Server::sample_users());
    let server = runtime.block_on(server.start()).unwrap();
    let target = folder.join("target.yaml");
    fs::write(&target, target_file(server.issuer())).unwrap();
    let mut run = Command::new(env!("CARGO_BIN_EXE_oauthspec"));
    run.arg("run").arg(&target).args(["--status-level", "all", "--strict", "--fast"]);
    for only in ["authorization-code", "token-response", "refresh", "client-authentication", "state"] {
        run.args(["--only", only]);
    }
    for format in Format::ALL {
        run.arg("--report").arg(format!("{format}={}", folder.join(format.as_str()).display()));
    }
    run.arg("--watch-page");
    run.env("GITHUB_ACTIONS", "true").env("GITHUB_STEP_SUMMARY", folder.join("summary"));
    let mut child = run.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut complaints = BufReader::new(child.stderr.take().unwrap());
    let mut first = String::new();
    complaints.read_line(&mut first).unwrap();
    let watcher = std::thread::spawn({
        let address = first.split("http://").nth(1).unwrap().trim().trim_end_matches('/').to_owned();
        move || watched(&address)
    });
    let rest = std::thread::spawn(move || {
        let mut rest = Vec::new();
        complaints.read_to_end(&mut rest).map(|_| rest).unwrap()
    });
    let output = child.wait_with_output().unwrap();
    let watched = watcher.join().unwrap();
    assert!(
        watched.contains("code-single-use") && watched.contains("‹client_secret:"),
        "nothing was watched"
    );
    fs::write(folder.join("watched"), watched).unwrap();
    runtime.block_on(server.stop());
    let console = [output.stdout, first.into_bytes(), rest.join().unwrap()].concat();
    fs::write(folder.join("console"), console).unwrap();
    fs::remove_file(target).unwrap();
    let journal = folder.join("journal");
    let mut compare = Command::new(env!("CARGO_BIN_EXE_oauthspec"));
    compare.arg("compare").arg(&journal).arg(different(&journal));
    for format in ["html", "json"] {
        compare
            .arg("--report")
            .arg(format!("{format}={}", folder.join(format!("comparison-{format}")).display()));
    }
    let compared = compare.output().unwrap();
    assert_eq!(compared.status.code(), Some(1), "{}", String::from_utf8_lossy(&compared.stderr));
    fs::write(folder.join("comparison"), compared.stdout).unwrap();

    let known: Vec<String> = secrets();
    // Whole JWTs, and what the server's cookies and codes look like beside their names.
    let token = Regex::new(r"eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}").unwrap();
    let field = Regex::new(r"(?:access_token|refresh_token|client_secret|password|[?&]code|code_verifier)(?:=|%3D|\W{2,5})[A-Za-z0-9+/_.~-]{24,}").unwrap();
    let mut files = 0;
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let text = String::from_utf8(fs::read(&path).unwrap()).unwrap();
        files += 1;
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        for secret in &known {
            assert!(!text.contains(secret.as_str()), "{name} holds {secret}");
        }
        // The first segment of a JWT is its header, which says nothing secret and stays.
        let found = token
            .find_iter(&text)
            .chain(field.find_iter(&text).filter(|found| !found.as_str().contains("eyJ")));
        assert_eq!(found.map(|found| found.as_str()).next(), None, "{name}");
        let is_comparison = name.starts_with("comparison");
        assert!(!is_comparison || text.contains("no-store"), "{name} is empty");
        if !is_comparison && !matches!(name.as_str(), "gitlab" | "sarif" | "summary" | "console" | "markdown")
        {
            assert!(text.contains("code-single-use"), "{name} is empty");
        }
    }
    assert_eq!(files, Format::ALL.len() + 7);
    let transcript = fs::read_to_string(folder.join("har")).unwrap();
    assert!(
        transcript.contains("‹access_token:") && transcript.contains("‹client_secret:"),
        "nothing was masked"
    );
    fs::remove_dir_all(folder).unwrap();
}

/// All that a page hears on which a run is watched, from its beginning to the whole report at its end.
fn watched(address: &str) -> String {
    let get = |path: &str| {
        let mut stream = TcpStream::connect(address).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        assert!(text.starts_with("HTTP/1.1 200"), "{text}");
        text
    };
    let mut all = get("/");
    let (mut after, mut done) = (0, 0);
    loop {
        let answer = get(&format!("/state?after={after}&done={done}"));
        let state: Value = serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap();
        all.push_str(&answer);
        if state["over"] == true {
            return all + &get("/");
        }
        (after, done) = (state["live"]["version"].as_u64().unwrap(), state["live"]["done"].as_u64().unwrap());
        for id in state["live"]["latest"].as_array().unwrap() {
            let id: String = byte_serialize(id.as_str().unwrap().as_bytes()).collect();
            all.push_str(&get(&format!("/case?id={id}")));
        }
    }
}

/// The same journal, of a server that lets its answers be stored.
fn different(journal: &Path) -> PathBuf {
    let path = journal.with_file_name("other");
    let text = fs::read_to_string(journal).unwrap();
    fs::write(&path, text.replace("no-store", "max-age=60")).unwrap();
    path
}

#[test]
#[ignore = "installs readers of the formats"]
fn other_programs_read_them() {
    for stream in [
        "reports/sample/journal.ndjson",
        "fixtures/events/mixed.ndjson",
        "fixtures/events/hostile.ndjson",
        "fixtures/events/cut-short.ndjson",
        "fixtures/events/borne.ndjson",
    ] {
        let events = events(stream);
        let folder = folder("readers");
        for format in Format::ALL {
            write(&events, format, &folder.join(format.as_str()));
        }
        let (mut rows, mut red, mut is_strict) = (0, 0, false);
        for event in &events {
            match event {
                Event::RunStarted(run) => is_strict = run.strict,
                Event::CaseFinished(result) => {
                    rows += 1;
                    let is_red = matches!(result.verdict, Verdict::Fail | Verdict::Error | Verdict::Blocked)
                        || is_strict && result.verdict == Verdict::Warn;
                    red += usize::from(is_red);
                }
                Event::RunFinished(finished) => {
                    rows += finished.unfinished.len();
                    red += finished.unfinished.len();
                }
                _ => {}
            }
        }
        let output = Command::new("fixtures/formats/run")
            .arg(&folder)
            .args([rows.to_string(), red.to_string()])
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&output.stdout).into_owned();
        let complaints = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{stream}:\n{told}{complaints}");
        assert_eq!(told, "ok junit\nok sarif\nok markdown\nok har\nok tap\n", "{stream}");
        fs::remove_dir_all(folder).unwrap();
    }
}

/// Prints a table: each format of a run of 100,000 cases, in a process of its own, beside that of the results alone.
/// `cargo test --release --test formats -- --ignored a_hundred_thousand --nocapture`; `CASES` and `FORMAT` are
/// for looking closer.
#[test]
#[ignore = "takes a minute and 2 GB of memory; for figures"]
fn a_hundred_thousand_cases() {
    let number = std::env::var("CASES").map_or(100_000, |cases| cases.parse().unwrap());
    let formats = Format::ALL.map(Format::as_str);
    if let Ok(wanted) = std::env::var("ONE_FORMAT") {
        return told(number, wanted.parse().ok());
    }
    let wanted = std::env::var("FORMAT").ok();
    println!("{number} cases, beyond the results themselves:");
    println!("{:<9} {:>7} {:>10} {:>10}", "format", "CPU s", "memory MB", "size MB");
    let mut of_results = (0.0, 0.0);
    for format in
        [""].into_iter().chain(formats).filter(|f| f.is_empty() || wanted.as_deref().is_none_or(|w| w == *f))
    {
        let mut one = Command::new(std::env::current_exe().unwrap());
        one.args(["--ignored", "--exact", "a_hundred_thousand_cases", "--nocapture"])
            .env("ONE_FORMAT", format);
        let output = one.env("CASES", number.to_string()).output().unwrap();
        let told = String::from_utf8_lossy(&output.stdout).into_owned();
        let figures = told.lines().find_map(|line| Some(line.split_once("figures ")?.1));
        let figures = figures.unwrap_or_else(|| panic!("{told}{}", String::from_utf8_lossy(&output.stderr)));
        let figures: Vec<f64> = figures.split_whitespace().map(|figure| figure.parse().unwrap()).collect();
        let (seconds, memory, size) = (figures[0], figures[1], figures[2]);
        if format.is_empty() {
            of_results = (seconds, memory);
            println!("{:<9} {seconds:>7.1} {memory:>10.0}", "(results)");
        } else {
            println!(
                "{format:<9} {:>7.1} {:>10.0} {size:>10.1}",
                seconds - of_results.0,
                memory - of_results.1
            );
        }
    }
}

/// One format of so many cases; or no format, for the results alone.
fn told(number: usize, format: Option<Format>) {
    let sample = events("reports/sample/journal.ndjson");
    let results: Vec<Arc<CaseResult>> = sample
        .iter()
        .filter_map(|event| match event {
            Event::CaseFinished(result) => Some(Arc::clone(result)),
            _ => None,
        })
        .collect();
    let folder = folder("many");
    let path = folder.join("report");
    let mut reporter = format.map(|format| open(format, &path, &Opening::default()).unwrap());
    let mut tell = |event: &Event| {
        if let Some(reporter) = &mut reporter {
            reporter.handle(event).unwrap();
        }
    };
    tell(&sample[0]);
    let mut verdicts: BTreeMap<Verdict, usize> = BTreeMap::new();
    let mut kept = Vec::new();
    for at in 0..number {
        // A result of its own, as an engine makes it, so that the memory is that of a real run.
        let mut result = CaseResult::clone(&results[at % results.len()]);
        result.instance = format!("copy={at}");
        renumber(&mut result, 1000 * at as u64);
        *verdicts.entry(result.verdict).or_default() += 1;
        let event = Event::CaseFinished(Arc::new(result));
        tell(&event);
        if format != Some(Format::Journal) {
            kept.push(event);
        }
    }
    let Some(Event::RunFinished(mut finished)) = sample.last().cloned() else { panic!("no end") };
    finished.verdicts = verdicts;
    tell(&Event::RunFinished(finished));
    drop(kept);
    let size = fs::metadata(&path).map_or(0, |file| file.len());
    assert!(format.is_none() || format == Some(Format::Markdown) || size > 40 * number as u64, "{size}");
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("0 kB");
    let kilobytes: f64 = peak.trim().trim_end_matches("kB").trim().parse().unwrap();
    // User and system time, in hundredths of a second (proc_pid_stat(5), fields 14 and 15).
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap_or_default().split(' ').collect();
    let ticks = |at: usize| fields.get(at).map_or(0.0, |field| field.parse::<f64>().unwrap());
    println!("figures {} {} {}", (ticks(11) + ticks(12)) / 100.0, kilobytes / 1e3, size as f64 / 1e6);
    fs::remove_dir_all(folder).unwrap();
}

/// Exchanges of its own, which no other result has.
fn renumber(result: &mut CaseResult, by: u64) {
    result.exchanges.iter_mut().for_each(|exchange| exchange.id += by);
    result.steps.iter_mut().flat_map(|step| &mut step.exchanges).for_each(|id| *id += by);
    result.findings.iter_mut().filter_map(|finding| finding.exchange.as_mut()).for_each(|id| *id += by);
}

fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn events(path: &str) -> Vec<Event> {
    let journal = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
    replay(&*journal).map(Result::unwrap).collect()
}

fn write(events: &[Event], format: Format, path: &Path) {
    let opening = Opening { existing: Existing::Anything, ..Opening::default() };
    let mut reporter = open(format, path, &opening).unwrap();
    events.iter().for_each(|event| reporter.handle(event).unwrap());
}

fn target_file(issuer: &str) -> String {
    let mut text = format!("target: canary\nprofile: rfc6749\nissuer: {issuer}\nclients:\n");
    for (name, client) in ["default", "second"].into_iter().zip(Server::sample_clients()) {
        let uris = serde_json::to_string(&client.redirect_uris).unwrap();
        let secret = serde_json::to_string(&client.secret.unwrap()).unwrap();
        text.push_str(&format!(
            "  {name}: {{ id: {}, secret: {secret}, redirect_uris: {uris}, scope: \"profile offline_access\" }}\n",
            client.id
        ));
    }
    text.push_str("users:\n");
    for (name, user) in ["default", "second"].into_iter().zip(Server::sample_users()) {
        let password = serde_json::to_string(&user.password).unwrap();
        text.push_str(&format!("  {name}: {{ username: {}, password: {password} }}\n", user.name));
    }
    text
}

/// Every secret that the harness was given, in every form that it can take on the wire.
fn secrets() -> Vec<String> {
    let mut all = Vec::new();
    let clients = Server::sample_clients().into_iter().filter_map(|client| Some((client.id, client.secret?)));
    let users = Server::sample_users().into_iter().map(|user| (user.name, user.password));
    for (name, secret) in clients.chain(users) {
        let form: String = byte_serialize(secret.as_bytes()).collect();
        let pair = format!("{name}:{secret}");
        let encoded = format!("{}:{form}", byte_serialize(name.as_bytes()).collect::<String>());
        all.extend([
            form.replace('+', "%20"),
            form,
            STANDARD.encode(&secret),
            URL_SAFE_NO_PAD.encode(&secret),
            STANDARD.encode(pair),
            STANDARD.encode(encoded),
            secret,
        ]);
    }
    all
}

//! The reference server as its users meet it: `serve` on the command line, and the list of its defects.
//!
//! `UPDATE_GOLDEN=1 cargo test --test reference` writes `docs/defects.md` anew, for review; never under `CI`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;

use oauthspec::cli::built_in_library;
use oauthspec::model::{Library, Verdict};
use oauthspec::reference::Defect;

#[cfg(unix)]
mod serving {
    use std::fs;
    use std::io::{BufRead as _, BufReader, Read as _};
    use std::path::{Path, PathBuf};
    use std::process::{Child, ChildStdout, Command, Output, Stdio};

    use serde_json::Value;

    /// `oauthspec serve`, started and ready.
    struct Served {
        child: Child,
        out: BufReader<ChildStdout>,
        /// All that it said until it was ready.
        welcome: String,
    }

    impl Served {
        /// Reads until a line that begins so.
        fn until(arguments: &[&str], ready: &str) -> Self {
            let mut child = oauthspec().arg("serve").args(["--port", "0"]).args(arguments).spawn().unwrap();
            let mut out = BufReader::new(child.stdout.take().unwrap());
            let mut welcome = String::new();
            while !welcome.lines().last().is_some_and(|line| line.starts_with(ready)) {
                assert_ne!(out.read_line(&mut welcome).unwrap(), 0, "it ended:\n{welcome}");
            }
            Self { child, out, welcome }
        }

        /// Sends a signal; what it said after the welcome, and its exit code.
        fn stop(mut self, signal: &str) -> (String, Option<i32>) {
            let sent = Command::new("kill").args([signal, &self.child.id().to_string()]).status().unwrap();
            assert!(sent.success());
            let mut rest = String::new();
            self.out.read_to_string(&mut rest).unwrap();
            (rest, self.child.wait().unwrap().code())
        }
    }

    impl Drop for Served {
        fn drop(&mut self) {
            // It has ended already, unless a test failed before.
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }

    fn oauthspec() -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_oauthspec"));
        for name in ["OAUTHSPEC_PROFILE", "OAUTHSPEC_SEED", "OAUTHSPEC_STRICT"] {
            command.env_remove(name);
        }
        command.env("NO_COLOR", "1").stdin(Stdio::null()).stdout(Stdio::piped());
        command
    }

    fn run(target: &str) -> (Output, String) {
        let cases = ["authorization-code/works", "authorization-code/code-single-use", "state/echoed"];
        let only = cases.iter().flat_map(|case| ["--only", case]);
        let output = oauthspec().args(["run", target]).args(only).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        (output, said)
    }

    fn path(name: &str) -> String {
        PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name).display().to_string()
    }

    #[test]
    fn a_run_against_a_server_with_tls_is_green() {
        let target = path("tls-target.yaml");
        let served = Served::until(&["--tls", "--target-file", &target, "--log", "none"], "Ctrl-C");
        let written = fs::read_to_string(&target).unwrap();
        let line =
            |key: &str| written.lines().find_map(|l| l.strip_prefix(key)).unwrap_or_default().to_owned();
        assert!(line("issuer: ").starts_with("https://127.0.0.1:"), "{written}");
        let ca = line("ca: ").trim_matches('"').to_owned();
        assert!(served.welcome.contains(&ca) && Path::new(&ca).is_absolute(), "{}", served.welcome);
        assert!(!written.contains("clock:"), "{written}");

        let (output, said) = run(&target);
        assert_eq!(output.status.code(), Some(0), "{said}");
        assert!(said.contains("conforms") || said.contains("PASS"), "{said}");

        // Without the certificate nobody is trusted.
        let stranger = path("tls-stranger.yaml");
        fs::write(&stranger, written.replace(&format!("ca: \"{ca}\"\n"), "")).unwrap();
        assert_eq!(run(&stranger).0.status.code(), Some(3));

        assert_eq!(served.stop("-TERM"), ("\nstopped\n".to_owned(), Some(0)));
        assert!(!Path::new(&ca).exists(), "the temporary certificate is left behind");
    }

    #[test]
    fn a_defect_of_tls_shows_with_tls_and_is_refused_without() {
        let told = |arguments: &[&str]| {
            let output = oauthspec().arg("serve").args(arguments).output().unwrap();
            assert_eq!(output.status.code(), Some(2));
            String::from_utf8(output.stderr).unwrap()
        };
        let said = told(&["--defect", "speaks-tls-1-0"]);
        assert!(said.contains("`speaks-tls-1-0` shows only where the server speaks TLS"), "{said}");
        let said = told(&["--tls", "--defect", "answers-in-the-clear"]);
        assert!(said.contains("add `--tls --plain-http 0`"), "{said}");
        assert!(told(&["--plain-http", "0"]).contains("--tls"));

        let target = path("old-tls-target.yaml");
        let arguments = [
            "--tls",
            "--plain-http",
            "0",
            "--profile",
            "bcp",
            "--target-file",
            &target,
            "--log",
            "none",
            "--defect",
            "speaks-tls-1-0",
            "answers-in-the-clear",
        ];
        let served = Served::until(&arguments, "Ctrl-C");
        let written = fs::read_to_string(&target).unwrap();
        assert!(
            written.contains("issuer: https://localhost:")
                && written.contains("plain_http: http://localhost:")
        );
        let output =
            oauthspec().args(["run", &target, "--only", "tls/*", "--color", "never"]).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(output.status.code(), Some(1), "{said}");
        for word in ["tls/old-versions[version=TLSv1.0]", "tls/secret-in-the-clear", "TLSv1.0 with TLS_"] {
            assert!(said.contains(word), "{word} is not in:\n{said}");
        }
        assert_eq!(served.stop("-TERM").1, Some(0));
    }

    #[test]
    fn the_printed_target_file_is_ready_and_defects_show() {
        let served =
            Served::until(&["--defect", "accepts-reused-code", "ignores-denial", "--log", "none"], "Ctrl-C");
        let welcome = &served.welcome;
        for word in
            ["alice", "correct horse battery staple", "supply-partner", "accepts-reused-code: Redeems"]
        {
            assert!(welcome.contains(word), "{word:?} is not in:\n{welcome}");
        }
        let from = welcome.find("target: ").unwrap();
        let text = welcome[from..].split("\n\n").next().unwrap();
        assert!(!text.contains("clock:"), "{text}");
        let target = path("printed-target.yaml");
        fs::write(&target, text).unwrap();
        let (output, said) = run(&target);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains("authorization-code/code-single-use"), "{said}");
        assert_eq!(served.stop("-INT").1, Some(0));
    }

    #[test]
    fn the_json_log_is_json_from_first_to_last() {
        let ca = path("kept-ca.pem");
        let arguments = ["--log", "json", "--clock", "--tls", "--ca-file", &ca, "--profile", "taskade"];
        let served = Served::until(&arguments, "{");
        let started: Value = serde_json::from_str(&served.welcome).unwrap();
        assert_eq!((&started["event"], &started["profile"]), (&"started".into(), &"taskade".into()));
        let target = path("json-target.yaml");
        let text = started["target_file"].as_str().unwrap();
        assert!(text.contains("clock:") && text.contains("public-app"), "{text}");
        fs::write(&target, text).unwrap();
        let (output, said) = run(&target);
        assert_eq!(output.status.code(), Some(0), "{said}");
        let (log, code) = served.stop("-TERM");
        assert_eq!(code, Some(0));
        let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let refused = |l: &&Value| l["path"] == "/oauth2/token" && l["status"] == 400;
        let error = lines.iter().find(refused).unwrap()["error"].as_str().unwrap();
        assert!(error.starts_with("invalid_"), "{error}");
        assert_eq!(lines.last().unwrap()["event"], "stopped");
        assert!(Path::new(&ca).exists(), "a certificate that was asked for stays");
    }
}

#[test]
fn docs_defects_is_what_the_server_has() {
    let drawn = draw(&built_in_library().unwrap());
    let path = "docs/defects.md";
    if std::env::var_os("UPDATE_GOLDEN").is_some_and(|v| v == "1") {
        assert!(std::env::var_os("CI").is_none(), "golden files are not written under CI");
        fs::write(path, &drawn).unwrap();
    }
    let written = fs::read_to_string(path).unwrap_or_default();
    let different = drawn.lines().zip(written.lines()).find(|(drawn, written)| drawn != written);
    assert!(
        drawn == written,
        "{path} is not what `UPDATE_GOLDEN=1 cargo test --test reference` writes; first difference: {different:?}"
    );
}

/// How many cases each defect breaks.
fn caught() -> BTreeMap<String, usize> {
    type Rows = BTreeMap<String, Verdict>;
    let text = fs::read_to_string("fixtures/verdicts.yaml").unwrap();
    let table: BTreeMap<String, BTreeMap<String, Option<Rows>>> = serde_saphyr::from_str(&text).unwrap();
    let judged = |places: &BTreeMap<String, Option<Rows>>| {
        let rows = places.values().flatten().flatten();
        let broken = rows.filter(|(_, v)| matches!(v, Verdict::Fail | Verdict::Warn));
        broken.map(|(case, _)| case).collect::<BTreeSet<_>>().len()
    };
    table.iter().map(|(name, places)| (name.clone(), judged(places))).collect()
}

/// An area of defects: what the first line of its file says, and the text of the file.
fn areas() -> Vec<(String, String)> {
    let mut areas = Vec::new();
    for entry in fs::read_dir("src/reference/defect").unwrap() {
        let text = fs::read_to_string(entry.unwrap().path()).unwrap();
        if text.contains("_defects {") {
            let title = text.lines().next().unwrap().trim_start_matches("//! ").trim_end_matches('.');
            areas.push((title.to_owned(), text));
        }
    }
    // In the order of the catalogue: by where the first of each area's defects stands there.
    let place = |text: &str| Defect::ALL.iter().position(|d| text.contains(&format!("= \"{}\"", d.name())));
    areas.sort_by_key(|(_, text)| place(text));
    areas
}

fn draw(library: &Library) -> String {
    let caught = caught();
    let mut text = format!(
        "# Defects of the reference server\n\n\
         What `oauthspec serve --defect NAME` can break, one rule each: {} defects. They prove the cases: each case\n\
         must fail under some defect, and each defect must make exactly those cases fail that\n\
         `fixtures/verdicts.yaml` lists. `oauthspec explain NAME` says which.\n\n\
         Written by `UPDATE_GOLDEN=1 cargo test --test reference`; do not edit.\n\n\
         ## Requirements with a defect, by document\n\n\
         Those that cannot be seen from outside are left out.\n\n\
         | document | requirements | with a defect |\n| --- | ---: | ---: |\n",
        Defect::ALL.len()
    );
    let broken: BTreeSet<&str> = Defect::ALL.iter().map(|d| d.requirement()).collect();
    let mut documents: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for requirement in library.requirements.values().filter(|r| r.unobservable.is_none()) {
        let (all, with) = documents.entry(&requirement.document).or_default();
        *all += 1;
        *with += usize::from(broken.contains(requirement.id.as_str()));
    }
    // Writing to a string cannot fail.
    for (document, (all, with)) in &documents {
        let _ = writeln!(text, "| {document} | {all} | {with} |");
    }
    let sum = |part: fn(&(usize, usize)) -> usize| documents.values().map(part).sum::<usize>();
    let _ = writeln!(text, "| all | {} | {} |", sum(|d| d.0), sum(|d| d.1));

    let mut listed = 0;
    for (title, rows) in areas() {
        let _ = write!(
            text,
            "\n## {title}\n\n| defect | what the server does | breaks | cases that catch it |\n| --- | --- | --- | ---: |\n"
        );
        for defect in Defect::ALL.iter().filter(|d| rows.contains(&format!("= \"{}\"", d.name()))) {
            listed += 1;
            let id = defect.requirement();
            let link = library.requirements.get(id).and_then(|r| r.link.as_ref());
            let breaks = link.map_or(format!("`{id}`"), |link| format!("[`{id}`]({link})"));
            let cases = caught.get(defect.name()).map_or("–".to_owned(), usize::to_string);
            let sentence = defect.sentence().replace('|', "\\|");
            let _ = writeln!(text, "| `{}` | {sentence} | {breaks} | {cases} |", defect.name());
        }
    }
    assert_eq!(listed, Defect::ALL.len(), "each defect stands in the file of one area");
    text
}

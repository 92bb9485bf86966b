//! The tutorial in `docs/suite-language.md` does what it says: its files are sound, its case is green on the sound
//! reference server and red under the defect that it names; and overlays stand where they replace.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use oauthspec::cli::{Setting, built_in_library, judge_reference};
use oauthspec::load::{self, Source};
use oauthspec::model::{Event, Level, Library, Verdict};
use oauthspec::plan::Selection;
use oauthspec::reference::Defect;

/// What stands between its heading and the next.
fn tutorial() -> String {
    let page = fs::read_to_string("docs/suite-language.md").unwrap();
    let (_, rest) = page.split_once("\n## Tutorial\n").unwrap();
    rest.split("\n## ").next().unwrap().to_owned()
}

/// Its code blocks of that language.
fn blocks(language: &str) -> Vec<String> {
    let text = tutorial();
    let opening = format!("```{language}\n");
    text.split(&opening).skip(1).map(|rest| rest.split("```").next().unwrap().to_owned()).collect()
}

/// Its files, written into a directory of this test; each block's first line is the file's name.
fn files(directory: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join(directory);
    let _ = fs::remove_dir_all(&root);
    for block in blocks("yaml") {
        let name = block.lines().next().unwrap().strip_prefix("# ").expect("the name of the file");
        let path = root.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, block).unwrap();
    }
    root
}

fn oauthspec(root: &Path, arguments: &[&str]) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_oauthspec"))
        .args(arguments)
        .current_dir(root)
        .env_remove("OAUTHSPEC_PROFILE")
        .env("NO_COLOR", "1")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout) + &text(output.stderr))
}

/// A command as a shell would take it apart.
fn words(command: &str) -> Vec<String> {
    command.split_whitespace().map(|word| word.trim_matches('"').to_owned()).collect()
}

fn commands() -> Vec<Vec<String>> {
    let text = blocks("console").concat();
    text.lines().filter_map(|line| line.strip_prefix("$ oauthspec ")).map(words).collect()
}

#[test]
fn its_files_are_sound_and_its_case_is_green() {
    let root = files("tutorial-green");
    let mut done = 0;
    for command in commands() {
        if command[0] == "serve" || command.contains(&"acme-target.yaml".to_owned()) {
            continue; // waits for Ctrl-C; judged in process below
        }
        let arguments: Vec<&str> = command.iter().map(String::as_str).collect();
        let (code, said) = oauthspec(&root, &arguments);
        assert_eq!(code, 0, "{command:?}\n{said}");
        if command[0] == "check" {
            assert!(blocks("console").concat().contains(&said), "{said}");
        }
        done += 1;
    }
    assert!(done >= 2, "{:?}", commands());
    for command in [
        vec!["explain", "acme/state/too-short", "--suites", "acme"],
        vec!["list", "--suites", "acme", "--profile", "acme"],
    ] {
        let (code, said) = oauthspec(&root, &command);
        assert_eq!(code, 0, "{said}");
        assert!(said.contains("A state shorter than 12 characters is refused"), "{said}");
    }
}

#[tokio::test]
async fn its_case_is_red_under_the_defect_that_it_names() {
    let root = files("tutorial-red");
    let mut sources: Vec<Source> = Vec::new();
    for entry in fs::read_dir(root.join("acme")).unwrap() {
        let path = entry.unwrap().path();
        sources.push(Source { name: path.display().to_string(), text: fs::read_to_string(&path).unwrap() });
    }
    let library = with_built_in(sources);
    let serve = commands().into_iter().find(|command| command[0] == "serve").expect("a `serve`");
    let named = serve.iter().position(|word| word == "--defect").expect("a defect") + 1;
    let defect: Defect = serve[named].parse().unwrap();
    for (defects, expected) in [(vec![], Verdict::Pass), (vec![defect], Verdict::Fail)] {
        let verdicts = verdicts(&library, "acme", "acme/*", &defects).await;
        assert!(!verdicts.is_empty());
        assert!(verdicts.iter().any(|(_, verdict)| *verdict == expected), "{verdicts:?}");
        let worst = verdicts.iter().map(|(_, verdict)| *verdict).max().unwrap();
        assert_eq!(worst, expected, "{verdicts:?}");
    }
}

const REPLACEMENT: &str = "\
suite: acme/mine
title: What Acme does otherwise
cases:
  - id: echoed
    title: The state comes back, and nothing else is asked
    replaces: state/echoed
    steps:
      - authorize: {}
        expect: [ { for: rfc6749-4.1.2-state-echoed-success, redirect: { state: $request.state } } ]
";

/// A replacement is where the replaced case was, under `--only` too, and that is told.
#[test]
fn a_replacement_stands_in_for_the_case_that_it_names() {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("replacement");
    fs::create_dir_all(root.join("mine")).unwrap();
    let requirement = built_in_library()
        .unwrap()
        .requirements
        .into_keys()
        .find(|id| id.contains("state-echo"))
        .expect("a requirement about the state");
    let text = REPLACEMENT.replace("rfc6749-4.1.2-state-echoed-success", &requirement);
    fs::write(root.join("mine/state.yaml"), text).unwrap();
    let overlay = ["--suites", "mine"];
    let call = |words: &[&str]| oauthspec(&root, &[words, overlay.as_slice()].concat());

    let (code, listed) = call(&["list", "--only", "state/echoed"]);
    assert_eq!(code, 0, "{listed}");
    assert!(listed.contains("acme/mine/echoed (replaces state/echoed"), "{listed}");
    assert!(
        listed.contains("- state/echoed\n      replaced by acme/mine/echoed (mine/state.yaml:4:9)"),
        "{listed}"
    );

    let (_, json) = call(&["list", "--only", "state/echoed", "--format", "json"]);
    let plan: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(plan["entries"][0]["case"], "acme/mine/echoed");
    assert_eq!(plan["entries"][0]["replaces"], "state/echoed");
    let left_out = plan["left_out"].as_array().unwrap();
    let replaced = left_out.iter().find(|l| l["id"] == "state/echoed").expect("the replaced case");
    assert_eq!(replaced["why"], "replaced");
    assert!(left_out.iter().any(|l| l["why"] == "filtered"));

    let (_, explained) = call(&["explain", "state/echoed"]);
    assert!(explained.contains("replaced by acme/mine/echoed, and never run"), "{explained}");
    let (_, explained) = call(&["explain", "acme/mine/echoed"]);
    assert!(explained.contains("\nreplaces state/echoed\n"), "{explained}");
    assert!(explained.contains(" |   replaces: state/echoed"), "the lines of the suite: {explained}");
}

const CONTROLS: &str = "\
suite: acme/controls
title: Controls
needs: [authorization_code]
cases:
  - id: granted
    title: A request is granted
    table: [ { name: here, size: 9 }, { name: elsewhere, size: 9, when: policy.state.minimum > 1000 } ]
    steps:
      - authorize: { state: { random: $size } }
        expect: [ { for: rfc6749-4.1.2-state-echoed-success, success: true } ]
  - id: refused
    title: Another request is refused
    control: acme/controls/granted
    steps:
      - authorize: { response_type: nonsense }
        expect: [ { for: rfc6749-4.1.2-state-echoed-success, success: false } ]
  - id: granted-after-all
    title: What should be refused is granted, and so is nothing that shows anything
    control: acme/controls/never
    steps:
      - authorize: {}
        expect: [ { for: rfc6749-4.1.2-state-echoed-success, success: false } ]
  - id: never
    title: It does not apply
    when: policy.state.minimum > 1000
    steps:
      - authorize: {}
        expect: [ { for: rfc6749-4.1.2-state-echoed-success, success: true } ]
";

/// A control with a row that does not apply is shown by the others; one that does not apply at all shows nothing, and
/// then nothing is called broken.
#[test]
fn a_control_needs_a_row_that_applies() {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("controls");
    fs::create_dir_all(root.join("mine")).unwrap();
    fs::write(root.join("mine/controls.yaml"), CONTROLS).unwrap();
    let profile = "profile: acme\ntitle: Acme\nextends: rfc6749\ninclude: [\"acme/*\"]\n";
    fs::write(root.join("mine/profile.yaml"), profile).unwrap();
    let run = ["run", "--suites", "mine", "--profile", "acme", "--only", "acme/controls"];
    let (code, said) = oauthspec(&root, &run);
    assert_eq!(code, 3, "{said}");
    let line = |verdict: &str, id: &str| {
        said.lines().any(|line| line.trim_start().starts_with(verdict) && line.contains(id))
    };
    assert!(line("PASS", "acme/controls/granted[here]"), "{said}");
    assert!(line("PASS", "acme/controls/refused"), "{said}");
    assert!(line("BLOCKED", "acme/controls/granted-after-all"), "{said}");
    assert!(!said.contains("BROKEN"), "{said}");
}

#[test]
fn filters_name_documents_and_levels() {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let ids = |arguments: &[&str]| -> Vec<String> {
        let (code, json) = oauthspec(root, &[&["list", "--format", "json"], arguments].concat());
        assert_eq!(code, 0, "{json}");
        let plan: serde_json::Value = serde_json::from_str(&json).unwrap();
        let entries = plan["entries"].as_array().unwrap();
        let asked = entries.iter().filter(|entry| entry["only_as_control"] == false);
        asked.map(|entry| entry["case"].as_str().unwrap().to_owned()).collect()
    };
    let (all, of_a_document) = (ids(&[]), ids(&["--document", "rfc7636"]));
    assert!(!of_a_document.is_empty() && of_a_document.len() < all.len());
    assert_eq!(of_a_document, ids(&["--document", "RFC 7636"]));
    assert!(of_a_document.iter().any(|id| id.starts_with("pkce/")), "{of_a_document:?}");
    let of_a_level = ids(&["--level", "should"]);
    assert!(!of_a_level.is_empty() && of_a_level.len() < all.len());
    let of_requirements = ids(&["--requirement", "rfc7636-*"]);
    assert_eq!(of_requirements, of_a_document, "all requirements of a document");
    let of_one = ids(&["--requirement", "rfc7636-4.6-mismatch-invalid-grant"]);
    assert!(!of_one.is_empty() && of_one.len() < of_requirements.len());
    // Of several such filters one requirement must fit all.
    let library = built_in_library().unwrap();
    let case = |id: &String| {
        library.suites.iter().flat_map(|s| &s.cases).find(|c| c.full_id == *id).cloned().unwrap()
    };
    let of_both = ids(&["--document", "rfc7636", "--level", "should"]);
    assert!(!of_both.is_empty() && of_both.len() < of_a_document.len());
    for id in &of_both {
        let judged = oauthspec::plan::requirements_of(&case(id).script.steps);
        let fits =
            |id: &String| id.starts_with("rfc7636-") && library.requirements[id].level == Level::Should;
        assert!(judged.iter().any(fits), "{id}: {judged:?}");
    }
    let (code, said) = oauthspec(root, &["list", "--level", "mast"]);
    assert_eq!(code, 2, "{said}");
    assert!(said.contains("expected one of MUST, MUST NOT"), "{said}");
    let (_, said) = oauthspec(root, &["list", "--only", "pkce", "--all"]);
    assert!(said.contains("left out by --only"), "{said}");
}

fn with_built_in(sources: Vec<Source>) -> Library {
    let mut all = Vec::new();
    let mut folders = vec![PathBuf::from("suites")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => folders.push(path),
                false => all.push(Source {
                    name: path.display().to_string(),
                    text: fs::read_to_string(&path).unwrap(),
                }),
            }
        }
    }
    all.sort_by(|a, b| a.name.cmp(&b.name));
    all.extend(sources);
    load::library(&all).unwrap_or_else(|diagnostics| panic!("{diagnostics}"))
}

async fn verdicts(
    library: &Library,
    profile: &str,
    only: &str,
    defects: &[Defect],
) -> Vec<(String, Verdict)> {
    let selection = Selection { only: vec![only.to_owned()], ..Selection::default() };
    let events = judge_reference(library, profile, Setting::Web, defects, &selection, 1).await.unwrap();
    let finished = events.into_iter().filter_map(|event| match event {
        Event::CaseFinished(finished) => Some((finished.case.clone(), finished.verdict)),
        _ => None,
    });
    finished.collect()
}

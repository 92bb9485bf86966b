//! What authors are told about mistakes in their files: each file below `fixtures/bad-suites` and
//! `fixtures/bad-targets` is loaded together with the sound ones, and what comes out is compared with the
//! golden file beside it. `UPDATE_GOLDEN=1` rewrites them, never in CI; read the difference before keeping it.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use oauthspec::load::{self, Diagnostics, Source};
use oauthspec::model::Library;

#[test]
fn sound_files_load() {
    if let Err(diagnostics) = load::library(&sound()) {
        panic!("{diagnostics}");
    }
}

#[test]
fn mistakes_in_suites() {
    let mut differences = Vec::new();
    for path in entries("bad-suites") {
        let paths = if path.is_dir() { files(&path) } else { vec![path.clone()] };
        let read: Result<Vec<Source>, _> = paths.iter().map(|p| read(p)).collect();
        let loaded = read.and_then(|sources| load::library(&[sound(), sources].concat()));
        let told = match loaded {
            Ok(_) => "nothing is wrong\n".to_owned(),
            Err(diagnostics) => diagnostics.render(false),
        };
        differences.extend(compare(&path, &told));
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn mistakes_in_targets() {
    let library = library();
    let environment = |name: &str| match name {
        "CLIENT_ID" => Some("s6BhdRkqt3".to_owned()),
        "NOT_A_URL" => Some("secret/not/a/url".to_owned()),
        _ => None,
    };
    let mut differences = Vec::new();
    for path in entries("bad-targets") {
        let told = match load::target(&source(&path), &environment, Some(4000), &library) {
            Ok(_) => "nothing is wrong\n".to_owned(),
            Err(diagnostics) => {
                let json = diagnostics.json_lines();
                assert!(!json.contains("7Fjf"), "a secret of the file leaks: {json}");
                diagnostics.render(false)
            }
        };
        assert!(!told.contains("secret/not"), "the environment leaks: {told}");
        assert!(!told.contains("7Fjf"), "a secret of the file leaks: {told}");
        differences.extend(compare(&path, &told));
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

/// A hundred MiB are refused after the first ten, without a copy of the rest.
#[test]
fn a_file_of_a_hundred_mib_is_refused() {
    let endless = std::io::repeat(b'#').take(100 << 20);
    let told = Source::read("huge.yaml", endless).unwrap().unwrap_err();
    assert_eq!(told.0[0].message, "the file is larger than 10 MiB");
    assert_eq!(&*told.0[0].location.file, "huge.yaml");
}

#[test]
fn there_are_enough_mistakes() {
    assert!(entries("bad-suites").len() >= 100);
}

/// Every mistake, and not only one of them, makes whole lines of JSON.
#[test]
fn every_mistake_is_told_in_json() {
    for path in entries("bad-suites").into_iter().filter(|path| path.is_file()) {
        let told =
            read(&path).and_then(|source| load::library(&[sound(), vec![source]].concat())).unwrap_err();
        let json = told.json_lines();
        assert_eq!(json.lines().count(), told.0.len(), "{}", path.display());
        for (line, diagnostic) in json.lines().zip(&told.0) {
            let line: serde_json::Value = serde_json::from_str(line).unwrap();
            assert_eq!(line["message"], diagnostic.message);
            assert_eq!(line["line_start"], diagnostic.location.line);
        }
    }
}

/// One object a line, with the members that docs/suite-language.md promises.
#[test]
fn editors_are_told_in_json() {
    let path = fixtures().join("bad-suites/unknown-key.yaml");
    let told = load::library(&[sound(), vec![source(&path)]].concat()).unwrap_err();
    let lines: Vec<serde_json::Value> =
        told.json_lines().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), told.0.len());
    let page = fs::read_to_string("docs/suite-language.md").unwrap();
    let (_, section) = page.split_once("## Diagnostics").unwrap();
    let (section, _) = section.split_once("\n# ").unwrap();
    for line in &lines {
        let place = &told.0[0].location;
        assert_eq!(line["level"], "error");
        assert_eq!(line["line_start"], place.line);
        assert_eq!(line["column_end"], place.column + place.length);
        assert!(line["rendered"].as_str().unwrap().contains(line["message"].as_str().unwrap()));
        for member in line.as_object().unwrap().keys() {
            assert!(section.contains(&format!("`{member}`")), "{member} is not documented");
        }
    }
}

#[test]
fn every_golden_file_has_its_mistake() {
    for folder in ["bad-suites", "bad-targets"] {
        for golden in fs::read_dir(fixtures().join(folder)).unwrap().map(|e| e.unwrap().path()) {
            let named = golden.extension().is_some_and(|e| e == "stderr");
            let whole = golden.with_extension("yaml").exists() || golden.with_extension("").is_dir();
            assert!(!named || whole, "{} belongs to no file", golden.display());
        }
    }
}

fn compare(path: &Path, told: &str) -> Option<String> {
    let golden = path.with_extension("stderr");
    let expected = fs::read_to_string(&golden).unwrap_or_default();
    if told == expected && !told.starts_with("nothing is wrong") {
        return None;
    }
    let update = std::env::var_os("UPDATE_GOLDEN").is_some();
    assert!(!(update && std::env::var_os("CI").is_some()), "golden files are not rewritten in CI");
    if update || !golden.exists() {
        fs::write(&golden, told).unwrap();
    }
    Some(format!("--- {}\n{expected}+++ told\n{told}", golden.display()))
}

fn library() -> Library {
    load::library(&sound()).unwrap_or_else(|diagnostics| panic!("{diagnostics}"))
}

fn sound() -> Vec<Source> {
    files(&fixtures().join("good-suites")).iter().map(|p| source(p)).collect()
}

/// Every file and folder with a mistake, in order.
fn entries(folder: &str) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> =
        fs::read_dir(fixtures().join(folder)).unwrap().map(|e| e.unwrap().path()).collect();
    paths.retain(|p| p.is_dir() || p.extension().is_some_and(|e| e == "yaml"));
    paths.sort();
    assert!(!paths.is_empty());
    paths
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    paths.sort();
    paths
}

fn source(path: &Path) -> Source {
    read(path).unwrap_or_else(|diagnostics| panic!("{diagnostics}"))
}

fn read(path: &Path) -> Result<Source, Diagnostics> {
    let name = path.strip_prefix(fixtures()).unwrap_or(path).to_string_lossy().replace('\\', "/");
    Source::read(&name, fs::File::open(path).unwrap()).unwrap()
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

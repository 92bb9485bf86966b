//! What authors are told about mistakes in their files: each file below `fixtures/bad-suites` and
//! `fixtures/bad-targets` is loaded together with the sound ones, and what comes out is compared with the
//! golden file beside it. `UPDATE_GOLDEN=1` rewrites them, never in CI; read the difference before keeping it.

use std::fs;
use std::path::{Path, PathBuf};

use oauthspec::load::{self, Source};
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
        let mut sources = sound();
        if path.is_dir() {
            sources.extend(files(&path).iter().map(|p| source(p)));
        } else {
            sources.push(source(&path));
        }
        let told = match load::library(&sources) {
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
            Err(diagnostics) => diagnostics.render(false),
        };
        assert!(!told.contains("secret/not"), "the environment leaks: {told}");
        differences.extend(compare(&path, &told));
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
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
    let name = path.strip_prefix(fixtures()).unwrap_or(path).to_string_lossy().replace('\\', "/");
    Source { name, text: fs::read_to_string(path).unwrap() }
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

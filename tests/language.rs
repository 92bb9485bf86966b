//! The language is described once, and what is made from the description cannot rot: the schemas in
//! `docs/schema`, the reference in `docs/suite-language.md`, the examples in both. `UPDATE_GOLDEN=1` rewrites
//! schemas and reference, never in CI.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use jsonschema::Validator;
use oauthspec::load::{self, FileKind, Source};
use serde_json::Value;

const KINDS: [(FileKind, &str); 6] = [
    (FileKind::Suite, "suite"),
    (FileKind::Target, "target"),
    (FileKind::Profile, "profile"),
    (FileKind::Requirements, "requirement"),
    (FileKind::Threats, "threat"),
    (FileKind::Baseline, "baseline"),
];

/// RFC 8037 appendix A.1.
const KEY: &str = r#"{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"}"#;

const DOCUMENTATION: &str = "docs/suite-language.md";

#[test]
fn schemas_are_those_of_the_loader() {
    for (kind, name) in KINDS {
        let path = format!("docs/schema/{name}.json");
        golden(Path::new(&path), &format!("{:#}\n", load::schema(kind)));
        jsonschema::meta::validate(&load::schema(kind)).unwrap_or_else(|error| panic!("{path}: {error}"));
    }
}

#[test]
fn the_reference_is_that_of_the_loader() {
    let text = fs::read_to_string(DOCUMENTATION).unwrap();
    let (begin, end) = ("<!-- reference: begin -->\n", "<!-- reference: end -->\n");
    let (before, rest) = text.split_once(begin).expect("the beginning of the reference");
    let (_, after) = rest.split_once(end).expect("the end of the reference");
    golden(Path::new(DOCUMENTATION), &format!("{before}{begin}\n{}\n{end}{after}", load::reference()));
}

#[test]
fn every_example_loads_and_fits_its_schema() {
    let mut wrong = Vec::new();
    let mut count = 0;
    for (kind, name) in KINDS {
        let validator = validator(kind);
        for (key, text) in load::examples(kind) {
            let source = Source { name: key.clone(), text: text.clone() };
            if load::kind_of(&source) != Ok(kind) {
                continue; // a policy, whose examples are those of profiles
            }
            count += 1;
            let mut sources = sound();
            let loaded = match kind {
                FileKind::Target => {
                    let library = load::library(&sources).unwrap();
                    let environment = |name: &str| match name {
                        "CLIENT_KEY" => Some(KEY.to_owned()),
                        _ => Some("value".to_owned()),
                    };
                    let text = text.replace('$', "$$").replace("$$env", "$env").replace("$$port", "$port");
                    let source = Source { name: key.clone(), text };
                    load::target(&source, &environment, Some(4000), &library).map(drop)
                }
                FileKind::Baseline => load::baseline(&source).map(drop),
                _ => {
                    sources.push(source);
                    load::library(&sources).map(drop)
                }
            };
            if let Err(diagnostics) = loaded {
                wrong.push(format!("{text}\n{diagnostics}"));
            }
            let value = yaml(&text).unwrap_or_else(|error| panic!("{key}: {error}\n{text}"));
            wrong.extend(
                validator
                    .iter_errors(&value)
                    .map(|e| format!("{name}: {key}: {e} at {}\n{text}", e.instance_path())),
            );
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(count > 250, "only {count} examples");
}

#[test]
fn schemas_accept_every_file_that_is_shipped() {
    let mut paths = below(Path::new("suites"));
    paths.extend(below(Path::new("fixtures/good-suites")));
    paths.extend(below(Path::new("fixtures/targets")));
    let mut wrong = Vec::new();
    for path in &paths {
        let text = fs::read_to_string(path).unwrap();
        let source = Source { name: path.display().to_string(), text };
        let kind = load::kind_of(&source).unwrap();
        let value = yaml(&source.text).unwrap();
        wrong.extend(
            validator(kind)
                .iter_errors(&value)
                .map(|e| format!("{}: {e} at {}", source.name, e.instance_path())),
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(paths.len() > 40);
}

/// A bad file that no schema can refuse stands in `fixtures/beyond-schemas.yaml` with the reason; one that
/// stands there and is refused, or is accepted and does not stand there, fails.
#[test]
fn schemas_refuse_every_mistake_that_a_schema_can_see() {
    let list = fs::read_to_string("fixtures/beyond-schemas.yaml").unwrap();
    let reasons: BTreeMap<String, Vec<String>> = serde_json::from_value(yaml(&list).unwrap()).unwrap();
    let beyond: BTreeSet<String> = reasons.into_values().flatten().collect();
    let mut accepted = BTreeSet::new();
    let mut refused = 0;
    for path in ["bad-suites", "bad-targets"].iter().flat_map(|f| below(&Path::new("fixtures").join(f))) {
        let text = String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned();
        let fits = yaml(&text).ok().is_some_and(|value| {
            // As editors do: the file's own schema, by its first key where that says something.
            let first = value.as_object().and_then(|o| o.keys().next()).map(String::as_str);
            let kind = match first {
                Some("document") => FileKind::Requirements,
                Some("profile") => FileKind::Profile,
                Some("target") => FileKind::Target,
                Some("threats") => FileKind::Threats,
                Some("baseline") => FileKind::Baseline,
                _ => FileKind::Suite,
            };
            validator(kind).is_valid(&value)
        });
        refused += usize::from(!fits);
        if fits {
            accepted.insert(path.strip_prefix("fixtures").unwrap().display().to_string());
        }
    }
    let unlisted: Vec<_> = accepted.difference(&beyond).collect();
    let refused_after_all: Vec<_> = beyond.difference(&accepted).collect();
    assert!(unlisted.is_empty(), "accepted by the schema, and not listed with a reason: {unlisted:#?}");
    assert!(refused_after_all.is_empty(), "listed, but refused or gone: {refused_after_all:#?}");
    assert!(refused > 60, "only {refused} bad files are refused");
}

#[test]
fn every_link_in_the_documentation_leads_somewhere() {
    let text = fs::read_to_string(DOCUMENTATION).unwrap();
    let anchors = anchors(&text);
    let missing: Vec<&str> = text
        .split("](#")
        .skip(1)
        .filter_map(|rest| rest.split(')').next())
        .filter(|anchor| !anchors.contains(*anchor))
        .collect();
    assert!(missing.is_empty(), "no heading for {missing:?}");
}

/// Every diagnostic refers to a heading that is there.
#[test]
fn every_diagnostic_refers_to_the_documentation() {
    let anchors = anchors(&fs::read_to_string(DOCUMENTATION).unwrap());
    let mut wrong = Vec::new();
    for folder in ["fixtures/bad-suites", "fixtures/bad-targets"] {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_none_or(|e| e != "stderr") {
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            let errors = text.lines().filter(|l| l.starts_with("error")).count();
            let notes: Vec<&str> = text
                .lines()
                .filter_map(|l| l.split_once("= note: docs/suite-language.md#").map(|(_, anchor)| anchor))
                .collect();
            let lost: Vec<&&str> = notes.iter().filter(|anchor| !anchors.contains(**anchor)).collect();
            if notes.len() != errors || !lost.is_empty() {
                wrong.push(format!("{}: {errors} errors, notes {notes:?}, lost {lost:?}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Of every heading, as GitHub makes them.
fn anchors(text: &str) -> BTreeSet<String> {
    let headings = text.lines().filter_map(|l| l.strip_prefix('#'));
    headings
        .map(|h| {
            let words = h.trim_start_matches('#').trim().to_lowercase();
            let kept = words.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
            kept.collect::<String>().replace(' ', "-")
        })
        .collect()
}

fn golden(path: &Path, made: &str) {
    let kept = fs::read_to_string(path).unwrap_or_default();
    if kept == made {
        return;
    }
    let update = std::env::var_os("UPDATE_GOLDEN").is_some();
    assert!(!(update && std::env::var_os("CI").is_some()), "golden files are not rewritten in CI");
    if update {
        fs::write(path, made).unwrap();
    }
    panic!("{} is not what the loader says; UPDATE_GOLDEN=1 rewrites it", path.display());
}

/// Compiled once: that takes longer than all that is asked of it.
fn validator(kind: FileKind) -> &'static Validator {
    static VALIDATORS: OnceLock<Vec<(FileKind, Validator)>> = OnceLock::new();
    let compiled = |(kind, _)| (kind, jsonschema::validator_for(&load::schema(kind)).unwrap());
    let all = VALIDATORS.get_or_init(|| KINDS.map(compiled).into());
    &all.iter().find(|(known, _)| *known == kind).unwrap().1
}

/// As the loader reads it: no YAML 1.1 booleans, no key twice.
fn yaml(text: &str) -> Result<Value, String> {
    let options = serde_saphyr::options! { strict_booleans: true, with_snippet: false };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| error.to_string())
}

fn sound() -> Vec<Source> {
    let source =
        |path: &PathBuf| Source { name: path.display().to_string(), text: fs::read_to_string(path).unwrap() };
    below(Path::new("fixtures/good-suites")).iter().map(source).collect()
}

/// All YAML files below a folder, in order.
fn below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(below(&path));
        } else if path.extension().is_some_and(|e| e == "yaml") {
            found.push(path);
        }
    }
    found.sort();
    found
}

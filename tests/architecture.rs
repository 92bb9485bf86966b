//! The plan of the house, kept from the sources themselves: who may import whom, how large a file may be,
//! which names say nothing, and that every defect is read in one place.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use syn::visit::Visit;

/// Room by room, the rooms that it may import.
const IMPORTS: &[(&str, &[&str])] = &[
    ("oauth", &[]),
    ("http", &[]),
    ("model", &["http", "oauth"]),
    ("load", &["model", "oauth"]),
    ("plan", &["model", "oauth"]),
    ("check", &["model", "http", "oauth"]),
    ("generate", &["model", "oauth"]),
    ("user_agent", &["model", "http"]),
    ("report", &["model", "http"]),
    ("results", &["model", "http"]),
    ("reference", &["oauth"]),
    ("engine", &["plan", "check", "generate", "user_agent", "model", "http", "oauth"]),
    (
        "cli",
        &[
            "engine",
            "plan",
            "check",
            "generate",
            "user_agent",
            "report",
            "results",
            "reference",
            "load",
            "model",
            "http",
            "oauth",
        ],
    ),
];

/// Names under which things are put that have no home.
const NAMELESS: &[&str] = &["util", "utils", "helper", "helpers", "common", "types", "errors", "misc"];

#[test]
fn rooms_import_only_what_the_plan_allows() {
    let mut broken = Vec::new();
    for file in sources() {
        let Some(room) = room_of(&file) else {
            continue;
        };
        broken.extend(forbidden(&room, &file).into_iter().map(|what| format!("{}: {what}", file.display())));
    }
    assert!(broken.is_empty(), "imports that the plan of the house forbids:\n{}", broken.join("\n"));
}

#[test]
fn a_forbidden_import_is_noticed_however_it_is_written() {
    let file = Path::new("fixtures/architecture/forbidden.rs");
    assert_eq!(forbidden("check", file), ["engine", "reference", "report"]);
}

#[test]
fn every_room_is_in_the_plan() {
    let rooms: BTreeSet<String> = sources().iter().filter_map(|f| room_of(f)).collect();
    let planned: BTreeSet<String> = IMPORTS.iter().map(|(room, _)| (*room).to_owned()).collect();
    assert_eq!(rooms, planned);
}

#[test]
fn files_stay_small_and_doors_stay_doors() {
    let mut large = Vec::new();
    for file in sources().into_iter().chain(files_of("tests")) {
        let text = fs::read_to_string(&file).unwrap();
        let lines = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default().lines().count();
        let limit = if file.ends_with("mod.rs") { 80 } else { 600 };
        let limit = if file == Path::new("src/main.rs") { 40 } else { limit };
        if lines > limit {
            large.push(format!("{}: {lines} lines, at most {limit}", file.display()));
        }
    }
    assert!(large.is_empty(), "{}", large.join("\n"));
}

#[test]
fn every_file_has_a_name_that_says_something() {
    for file in sources() {
        let stem = file.file_stem().unwrap().to_string_lossy().into_owned();
        let folder = file.parent().unwrap().file_name().unwrap().to_string_lossy().into_owned();
        for name in [stem, folder] {
            assert!(!NAMELESS.contains(&name.as_str()), "{}: `{name}` is no home", file.display());
        }
    }
}

/// A defect that is read nowhere proves nothing, and one that is read twice is two defects. A second read needs
/// a comment that ends in `second read of NAME: why` on the line before.
#[test]
fn every_defect_is_read_in_exactly_one_place() {
    let mut reads: BTreeMap<String, Vec<String>> =
        oauthspec::reference::Defect::ALL.iter().map(|d| (format!("{d:?}"), Vec::new())).collect();
    for file in sources() {
        let path = file.to_string_lossy().into_owned();
        if !path.starts_with("src/reference/steps/") && !path.starts_with("src/reference/store/") {
            continue;
        }
        let text = fs::read_to_string(&file).unwrap();
        let text = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        for (number, line) in lines.iter().enumerate() {
            for name in line.split("Defect::").skip(1) {
                let name: String = name.chars().take_while(|c| c.is_alphanumeric()).collect();
                let is_excused = number > 0 && lines[number - 1].contains(&format!("second read of {name}:"));
                if let (Some(places), false) = (reads.get_mut(&name), is_excused) {
                    places.push(format!("{path}:{}", number + 1));
                }
            }
        }
    }
    let wrong: Vec<String> = reads
        .into_iter()
        .filter(|(_, places)| places.len() != 1)
        .map(|(name, places)| format!("{name} is read {} times: {places:?}", places.len()))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Rooms that the file names and may not.
fn forbidden(room: &str, file: &Path) -> Vec<String> {
    let text = fs::read_to_string(file).unwrap();
    let syntax = syn::parse_file(&text).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    let mut named = Named::default();
    named.visit_file(&syntax);
    let allowed = IMPORTS.iter().find(|(name, _)| *name == room).map_or(&[][..], |(_, allowed)| *allowed);
    let known = |name: &&String| IMPORTS.iter().any(|(room, _)| room == name);
    named.0.iter().filter(known).filter(|n| *n != room && !allowed.contains(&n.as_str())).cloned().collect()
}

/// The first word after every `crate::` (in the library) or `oauthspec::` (in the binary).
#[derive(Default)]
struct Named(BTreeSet<String>);

impl<'ast> Visit<'ast> for Named {
    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        if let syn::UseTree::Path(path) = &item.tree
            && (path.ident == "crate" || path.ident == "oauthspec")
        {
            self.first_words(&path.tree);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let mut segments = path.segments.iter();
        if let (Some(first), Some(second)) = (segments.next(), segments.next())
            && (first.ident == "crate" || first.ident == "oauthspec")
        {
            self.0.insert(second.ident.to_string());
        }
        syn::visit::visit_path(self, path);
    }
}

impl Named {
    fn first_words(&mut self, tree: &syn::UseTree) {
        match tree {
            syn::UseTree::Path(path) => {
                self.0.insert(path.ident.to_string());
            }
            syn::UseTree::Name(name) => {
                self.0.insert(name.ident.to_string());
            }
            syn::UseTree::Rename(rename) => {
                self.0.insert(rename.ident.to_string());
            }
            syn::UseTree::Group(group) => group.items.iter().for_each(|item| self.first_words(item)),
            syn::UseTree::Glob(_) => {
                self.0.extend(IMPORTS.iter().map(|(room, _)| (*room).to_owned()));
            }
        }
    }
}

/// All source files, in a stable order.
fn sources() -> Vec<PathBuf> {
    files_of("src")
}

fn files_of(folder: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::from(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => folders.push(path),
                false if path.extension().is_some_and(|e| e == "rs") => found.push(path),
                false => {}
            }
        }
    }
    found.sort();
    found
}

/// `check` for `src/check/judge.rs`; none for `src/lib.rs` and `src/main.rs`.
fn room_of(file: &Path) -> Option<String> {
    let inside = file.strip_prefix("src").ok()?;
    let mut parts = inside.components();
    let first = parts.next()?.as_os_str().to_string_lossy().into_owned();
    parts.next().map(|_| first)
}

use std::sync::Arc;

use super::decode::Decoder;
use super::diagnostic::{Diagnostic, Diagnostics, alternatives, nearest};
use super::file::File;
use super::fill::Filling;
use super::resolve::Ids;
use super::target::target as decode_target;
use super::tree::{Kind, Node};
use super::{profile, requirement, suite, tree};
use crate::model::{Library, Target};

/// A file's text, and its name as the user knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Path; built-in files begin with `suites/`.
    pub name: String,
    /// The text.
    pub text: String,
}

/// What a file is; its first key says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// `suite:`
    Suite,
    /// `document:`
    Requirements,
    /// `profile:`
    Profile,
    /// `target:`
    Target,
}

/// The first keys of files.
const KINDS: [(&str, FileKind); 4] = [
    ("suite", FileKind::Suite),
    ("document", FileKind::Requirements),
    ("profile", FileKind::Profile),
    ("target", FileKind::Target),
];

/// Reads suites, requirements and profiles, and checks what they say of one another.
///
/// # Errors
///
/// Everything that is wrong in any of the files.
pub fn library(sources: &[Source]) -> Result<Library, Diagnostics> {
    let mut library = Library::default();
    let (mut ids, mut problems) = (Ids::default(), Vec::new());
    let mut unread = false;
    for source in sources {
        let file = File::new(&source.name, &source.text);
        match tree::parse(&file).and_then(|root| Ok((kind(&file, &root)?, root))) {
            Ok((kind, root)) => problems.extend(read(&file, &root, kind, &mut library, &mut ids)),
            Err(more) => {
                unread = true;
                problems.extend(more.0);
            }
        }
    }
    ids.check_unique(&mut problems);
    if !unread {
        // Otherwise all that is named from a file that could not be read would seem to be missing.
        ids.check_named(&mut problems);
        ids.check_profiles(library.profiles.values(), &mut problems);
    }
    if problems.is_empty() { Ok(library) } else { Err(Diagnostics::sorted(problems)) }
}

fn read(
    file: &File<'_>,
    root: &Node,
    kind: FileKind,
    library: &mut Library,
    ids: &mut Ids,
) -> Vec<Diagnostic> {
    let decoder = Decoder::new(file);
    match kind {
        FileKind::Suite => {
            let read = suite::suite(&decoder, root);
            ids.suites.extend(read.id);
            ids.cases.extend(read.cases);
            ids.invariants.extend(read.invariants);
            library.suites.extend(read.suite.map(Arc::new));
        }
        FileKind::Requirements => {
            let read = requirement::requirements(&decoder, root);
            ids.requirements.extend(read.ids);
            library.requirements.extend(read.requirements.into_iter().map(|r| (r.id.clone(), r)));
        }
        FileKind::Profile => {
            let (profile, id) = profile::profile(&decoder, root);
            ids.profiles.extend(id);
            library.profiles.extend(profile.map(|p| (p.id.clone(), p)));
        }
        FileKind::Target => decoder.note(
            Diagnostic::new(decoder.at(root), "a target file has no place among suites", "this is a target")
                .help("give it to `--target`"),
        ),
    }
    let (problems, named) = decoder.finish();
    ids.named.push(named);
    problems
}

/// Reads a target file. `environment` looks up variables; `port` is the free port that the server will be
/// started on, `None` if it will not be started, which reads as port 0. What the target names must be in
/// `library`.
///
/// # Errors
///
/// Everything that is wrong in the file, variables that are not set included.
pub fn target(
    source: &Source,
    environment: &dyn Fn(&str) -> Option<String>,
    port: Option<u16>,
    library: &Library,
) -> Result<Target, Diagnostics> {
    let file = File::new(&source.name, &source.text);
    let mut root = tree::parse(&file)?;
    let kind = kind(&file, &root)?;
    if kind != FileKind::Target {
        let problem = Diagnostic::new(
            file.locate(file.extent(&root)),
            "this is not a target file",
            "expected `target:` as the first key",
        );
        return Err(problem.into());
    }
    let decoder = Decoder::new(&file);
    let started = matches!(&root.kind, Kind::Map(entries) if entries.iter().any(|e| e.key == "start"));
    let mut filling = Filling { environment, port, started, used: Vec::new() };
    filling.fill(&decoder, &mut root, false);
    let used = filling.used;
    // What could not be filled in would only be reported again by the checks of its value.
    let target = if decoder.has_problems() { None } else { decode_target(&decoder, &root, library) };
    match target {
        Some(target) if !decoder.has_problems() => Ok(Target { environment: used, ..target }),
        _ => Err(Diagnostics::sorted(decoder.finish().0)),
    }
}

/// What kind of file this is.
///
/// # Errors
///
/// What is no YAML, or begins with none of the four keys.
pub fn kind_of(source: &Source) -> Result<FileKind, Diagnostics> {
    let file = File::new(&source.name, &source.text);
    kind(&file, &tree::parse(&file)?)
}

fn kind(file: &File<'_>, root: &Node) -> Result<FileKind, Diagnostics> {
    let expected = || format!("expected {}", alternatives(KINDS.map(|(key, _)| key)));
    let Kind::Map(entries) = &root.kind else {
        let message = format!("a file is a map, not {}", root.kind.describe());
        return Err(Diagnostic::new(file.locate(file.extent(root)), message, expected()).into());
    };
    let Some(first) = entries.first() else {
        return Err(Diagnostic::new(file.top(), "the file is empty", expected()).into());
    };
    if let Some((_, kind)) = KINDS.iter().find(|(key, _)| *key == first.key) {
        return Ok(*kind);
    }
    let problem = Diagnostic::new(file.locate(first.span), "the first key says what a file is", expected());
    let later = entries.iter().find(|e| KINDS.iter().any(|(key, _)| *key == e.key));
    let problem = match later {
        Some(later) => problem.second(file.locate(later.span), "move this to the top"),
        None => problem.suggest(nearest(&first.key, KINDS.map(|(key, _)| key))),
    };
    Err(problem.into())
}

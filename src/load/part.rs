//! One file's part of a library, read without a look at any other file.

use std::num::NonZero;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::cut::Cut;
use super::decode::Decoder;
use super::diagnostic::Diagnostic;
use super::file::File;
use super::library::{FileKind, kind};
use super::resolve::Ids;
use super::tree::Node;
use super::{profile, requirement, suite, threat, tree};
use crate::model::{Profile, Requirement, Suite, Threat};

/// A file to be read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Text<'t> {
    /// As the user knows it.
    pub name: &'t str,
    /// What it says.
    pub text: &'t str,
    /// How YAML cuts it; empty if that is not known yet.
    pub tokens: &'t [u8],
}

/// What a file says, as far as it could be read.
#[derive(Debug, Default)]
pub(super) struct Part {
    /// The suite, if it is one.
    pub suite: Option<Suite>,
    /// The requirements, if it has any.
    pub requirements: Vec<Requirement>,
    /// The profile, if it is one.
    pub profile: Option<Profile>,
    /// The threats, if it has any.
    pub threats: Vec<Threat>,
    /// Every id that it gives or names.
    pub ids: Ids,
    /// What is wrong with it.
    pub problems: Vec<Diagnostic>,
    /// Whether nothing could be read.
    pub unread: bool,
}

/// Bytes that are read before a second thread has begun.
const WORTH_A_THREAD: usize = 64 << 10;
/// Threads that read.
const MOST_THREADS: usize = 8;

/// Reads files, several at a time, and answers in their order.
pub(super) fn read_all(texts: &[Text<'_>]) -> Vec<Part> {
    let bytes: usize = texts.iter().map(|text| text.text.len()).sum();
    let threads = match bytes / WORTH_A_THREAD {
        0 => 1,
        worth => thread::available_parallelism().map_or(1, NonZero::get).min(worth).min(MOST_THREADS),
    };
    let next = AtomicUsize::new(0);
    let work = || {
        let mut parts = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(text) = texts.get(index) else { return parts };
            parts.push((index, Part::read(text)));
        }
    };
    let mut parts = thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
        let mut parts = work();
        for other in others {
            parts.extend(other.join().unwrap_or_else(|panic| resume_unwind(panic)));
        }
        parts
    });
    parts.sort_unstable_by_key(|(index, _)| *index);
    parts.into_iter().map(|(_, part)| part).collect()
}

impl Part {
    fn read(text: &Text<'_>) -> Self {
        let is_built_in = !text.tokens.is_empty();
        let file = if is_built_in { File::built_in } else { File::new }(text.name, text.text);
        let root = match text.tokens {
            [] => tree::parse(&file),
            tokens => tree::assemble(&file, Cut::new(text.text, tokens)),
        };
        match root.and_then(|root| Ok((kind(&file, &root)?, root))) {
            Ok((kind, root)) => {
                let mut decoder = Decoder::new(&file);
                decoder.is_tested = is_built_in;
                Self::decode(decoder, &root, kind)
            }
            Err(problems) => Self { problems: problems.0, unread: true, ..Self::default() },
        }
    }

    fn decode(decoder: Decoder<'_>, root: &Node<'_>, kind: FileKind) -> Self {
        let mut part = Self::default();
        match kind {
            FileKind::Suite => {
                let read = suite::suite(&decoder, root);
                part.ids.suites.extend(read.id);
                part.ids.cases = read.cases;
                part.ids.invariants = read.invariants;
                part.suite = read.suite;
            }
            FileKind::Requirements => {
                let read = requirement::requirements(&decoder, root);
                part.ids.requirements = read.ids;
                part.requirements = read.requirements;
            }
            FileKind::Profile => {
                let (profile, id) = profile::profile(&decoder, root);
                part.ids.profiles.extend(id);
                part.profile = profile;
            }
            FileKind::Threats => {
                let (threats, named) = threat::threats(&decoder, root);
                part.ids.threats.extend(named);
                part.threats.extend(threats);
            }
            FileKind::Target => decoder.note(
                Diagnostic::new(
                    decoder.at(root),
                    "a target file has no place among suites",
                    "this is a target",
                )
                .help("give it to `--target`"),
            ),
            FileKind::Baseline => decoder.note(
                Diagnostic::new(
                    decoder.at(root),
                    "a baseline has no place among suites",
                    "this is a baseline",
                )
                .help("give it to `--baseline`"),
            ),
        }
        let (problems, named) = decoder.finish();
        part.ids.named.push(named);
        part.problems = problems;
        part
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::BuiltIn;

    const BUILT_IN: &[BuiltIn] = {
        const TOKENS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/tokens"));
        include!(concat!(env!("OUT_DIR"), "/suites.rs"))
    };

    #[test]
    fn the_tokens_of_built_in_files_are_those_of_their_texts() {
        for BuiltIn { name, text, tokens } in BUILT_IN {
            assert!(!tokens.is_empty(), "{name}");
            let file = File::new(name, text);
            assert_eq!(tree::assemble(&file, Cut::new(text, tokens)), tree::parse(&file), "{name}");
        }
    }

    #[test]
    fn parts_come_in_the_order_of_their_files() {
        let texts: Vec<String> =
            (0..300).map(|n| format!("# {}\nprofile: p{n}\n", "x".repeat(1000))).collect();
        let texts: Vec<Text<'_>> =
            texts.iter().map(|text| Text { name: "p.yaml", text, tokens: &[] }).collect();
        let named = |part: &Part| part.ids.profiles[0].value.clone();
        let expected: Vec<String> = (0..300).map(|n| format!("p{n}")).collect();
        assert_eq!(read_all(&texts).iter().map(named).collect::<Vec<_>>(), expected);
    }
}

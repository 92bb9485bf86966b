//! One file's part of a library, read without a look at any other file.

use std::num::NonZero;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::cut::{BuiltIn, Cut};
use super::decode::Decoder;
use super::diagnostic::{Diagnostic, Diagnostics};
use super::file::File;
use super::library::{FileKind, Source, kind};
use super::resolve::Ids;
use super::tree::Node;
use super::{profile, requirement, suite, threat, tree};
use crate::model::{Profile, Requirement, Scripts, Suite, Threat};

/// A file to be read.
#[derive(Clone, Copy, Debug)]
pub(super) enum Text<'t> {
    /// That the binary brings along.
    BuiltIn(BuiltIn),
    /// Another.
    Own(&'t Source),
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
    let length = |text: &Text<'_>| match text {
        Text::BuiltIn(file) => file.text.len(),
        Text::Own(source) => source.text.len(),
    };
    each(texts, texts.iter().map(length).sum::<usize>() / WORTH_A_THREAD, |text| Part::read(*text))
}

/// Works on all items in the threads that are worth it, and answers in their order.
pub(super) fn each<T: Sync, R: Send>(items: &[T], threads: usize, work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let threads = match threads {
        0 => 1,
        worth => thread::available_parallelism().map_or(1, NonZero::get).min(worth).min(MOST_THREADS),
    };
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(index) else { return done };
            done.push((index, work(item)));
        }
    };
    let mut done = thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
        let mut done = work();
        for other in others {
            done.extend(other.join().unwrap_or_else(|panic| resume_unwind(panic)));
        }
        done
    });
    done.sort_unstable_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}

impl Part {
    fn read(text: Text<'_>) -> Self {
        match text {
            Text::Own(source) => {
                let file = File::new(&source.name, &source.text);
                Self::of(Decoder::new(&file), tree::parse(&file))
            }
            Text::BuiltIn(file) => Self::heads(file).unwrap_or_else(|| Self::whole(file)),
        }
    }

    /// A built-in file, with all that its cases do.
    fn whole(built_in: BuiltIn) -> Self {
        let file = File::built_in(built_in.name, built_in.text);
        let root = match built_in.tokens {
            [] => tree::parse(&file),
            tokens => tree::assemble(&file, Cut::new(built_in.text, tokens)),
        };
        Self::of(Decoder::built_in(&file, None), root)
    }

    /// A built-in file whose cases' scripts are read when they are asked for: plans are made without them. `None` if
    /// anything is wrong, so that all of it has to be read.
    fn heads(built_in: BuiltIn) -> Option<Self> {
        let file = File::built_in(built_in.name, built_in.text);
        if built_in.tokens.is_empty() {
            return None;
        }
        let root = tree::assemble_heads(&file, Cut::new(built_in.text, built_in.tokens)).ok()?;
        let scripts = move || {
            let Self { suite, problems, .. } = Self::whole(built_in);
            // Only whoever changes a built-in suite sees this, and without its steps no case may be judged.
            let suite = suite.unwrap_or_else(|| panic!("{}", Diagnostics::sorted(problems).render(false)));
            suite.cases.into_iter().map(|case| case.script.shared()).collect()
        };
        let elsewhere = Some(Arc::new(Scripts::new(Box::new(scripts))));
        let part = Self::of(Decoder::built_in(&file, elsewhere), Ok(root));
        part.problems.is_empty().then_some(part)
    }

    fn of(decoder: Decoder<'_>, root: Result<Node<'_>, Diagnostics>) -> Self {
        match root.and_then(|root| Ok((kind(decoder.file, &root)?, root))) {
            Ok((kind, root)) => Self::decode(decoder, &root, kind),
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
    use crate::load::overlaid;

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
    fn the_heads_of_built_in_files_are_those_of_whole_ones() {
        for file in BUILT_IN {
            let (heads, whole) = (Part::heads(*file).expect(file.name), Part::whole(*file));
            assert_eq!(heads.suite, whole.suite, "and its scripts, which are read by being compared");
            assert_eq!(heads.requirements, whole.requirements);
            assert_eq!((heads.ids.cases, heads.ids.invariants), (whole.ids.cases, whole.ids.invariants));
        }
    }

    #[test]
    fn built_in_files_would_be_read_alike_if_they_were_anybodys() {
        let source = |f: &BuiltIn| Source { name: f.name.to_owned(), text: f.text.to_owned() };
        let sources: Vec<Source> = BUILT_IN.iter().map(source).collect();
        let [trusted, checked] = [overlaid(BUILT_IN, &[]), overlaid(&[], &sources)]
            .map(|library| library.unwrap_or_else(|problems| panic!("{}", problems.render(false))));
        assert_eq!(trusted.suites, checked.suites);
        assert_eq!(trusted.requirements, checked.requirements);
    }

    #[test]
    fn parts_come_in_the_order_of_their_files() {
        let source = |n| Source {
            name: "p.yaml".to_owned(),
            text: format!("# {}\nprofile: p{n}\n", "x".repeat(1000)),
        };
        let sources: Vec<Source> = (0..300).map(source).collect();
        let texts: Vec<Text<'_>> = sources.iter().map(Text::Own).collect();
        let named = |part: &Part| part.ids.profiles[0].value.clone();
        let expected: Vec<String> = (0..300).map(|n| format!("p{n}")).collect();
        assert_eq!(read_all(&texts).iter().map(named).collect::<Vec<_>>(), expected);
    }
}

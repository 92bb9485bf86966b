use std::io::{self, Read};
use std::sync::Arc;

use super::cut::BuiltIn;
use super::decode::Decoder;
use super::diagnostic::{Diagnostic, Diagnostics, alternatives, nearest};
use super::file::{File, Span};
use super::fill::Filling;
use super::part::{self, Text};
use super::resolve::Ids;
use super::target::target as decode_target;
use super::tree::{Kind, LARGEST, Node};
use super::{profile, tree};
use crate::model::{Library, Target};

/// A file's text, and its name as the user knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Path; built-in files begin with `suites/`.
    pub name: String,
    /// The text.
    pub text: String,
}

impl Source {
    /// Takes in a file. No more than 10 MiB of it are kept.
    ///
    /// # Errors
    ///
    /// What cannot be read, in the words of the system, or what is too large or no UTF-8.
    pub fn read(name: &str, file: impl Read) -> io::Result<Result<Self, Diagnostics>> {
        let mut bytes = Vec::new();
        file.take(LARGEST as u64 + 1).read_to_end(&mut bytes)?;
        if bytes.len() > LARGEST {
            let place = File::new(name, "").top();
            return Ok(Err(tree::too_large(place).into()));
        }
        Ok(match String::from_utf8(bytes) {
            Ok(text) => Ok(Self { name: name.to_owned(), text }),
            Err(error) => {
                let at = error.utf8_error().valid_up_to();
                let end = error.as_bytes()[at..].iter().position(|b| *b == b'\n');
                let bytes = &error.as_bytes()[..end.map_or(error.as_bytes().len(), |end| at + end)];
                let text = String::from_utf8_lossy(bytes);
                let file = File::new(name, &text);
                // What comes before is as it was; the first byte that is none has become U+FFFD.
                let place = file.locate(Span::new(at, at + '\u{fffd}'.len_utf8()));
                Err(Diagnostic::new(place, "the file is not UTF-8", "this byte")
                    .help("save the file as UTF-8")
                    .into())
            }
        })
    }
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
    /// `threats:`
    Threats,
    /// `baseline:`
    Baseline,
}

/// The first keys of files.
const KINDS: [(&str, FileKind); 6] = [
    ("suite", FileKind::Suite),
    ("document", FileKind::Requirements),
    ("profile", FileKind::Profile),
    ("target", FileKind::Target),
    ("threats", FileKind::Threats),
    ("baseline", FileKind::Baseline),
];

/// Reads suites, requirements and profiles, and checks what they say of one another.
///
/// # Errors
///
/// Everything that is wrong in any of the files.
pub fn library(sources: &[Source]) -> Result<Library, Diagnostics> {
    overlaid(&[], sources)
}

/// The same with files that the binary brings along before all others. What their cases do is read when it is first
/// asked for; [`read_ahead`] does so at once.
///
/// # Errors
///
/// Everything that is wrong in any of the files.
pub fn overlaid(built_in: &[BuiltIn], sources: &[Source]) -> Result<Library, Diagnostics> {
    let texts: Vec<Text<'_>> =
        built_in.iter().copied().map(Text::BuiltIn).chain(sources.iter().map(Text::Own)).collect();
    let mut library = Library::default();
    let (mut ids, mut problems) = (Ids::default(), Vec::new());
    let mut unread = false;
    for part in part::read_all(&texts) {
        unread |= part.unread;
        problems.extend(part.problems);
        library.suites.extend(part.suite.map(Arc::new));
        library.requirements.extend(part.requirements.into_iter().map(|r| (r.id.clone(), r)));
        library.profiles.extend(part.profile.map(|p| (p.id.clone(), p)));
        library.threats.extend(part.threats);
        ids.extend(part.ids);
    }
    ids.check_unique(&mut problems);
    if !unread {
        // Otherwise all that is named from a file that could not be read would seem to be missing.
        ids.check_named(&mut problems);
        ids.check_replacements(&mut problems);
        ids.check_profiles(library.profiles.values(), &mut problems);
        profile::extend(&mut library.profiles, &ids.profiles, &mut problems);
        ids.check_restated(&library.requirements, &mut problems);
    }
    ids.replace(&mut library);
    if problems.is_empty() { Ok(library) } else { Err(Diagnostics::sorted(problems)) }
}

/// Reads what [`overlaid`] has left for later, several files at a time.
pub fn read_ahead(library: &Library) {
    part::each(&library.suites, usize::MAX, |suite| {
        if let Some(case) = suite.cases.first() {
            let _ = case.script.shared();
        }
    });
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

/// What kind of file this is, by its first key; what comes after that is not looked at.
///
/// # Errors
///
/// What is no YAML, or begins with none of the six keys.
pub fn kind_of(source: &Source) -> Result<FileKind, Diagnostics> {
    let file = File::new(&source.name, &source.text);
    let known = tree::first_key(&file)?.and_then(|key| KINDS.iter().find(|(known, _)| *known == key));
    match known {
        Some((_, kind)) => Ok(*kind),
        None => kind(&file, &tree::parse(&file)?),
    }
}

/// What keeps a file from being read at all, whatever it is.
pub fn unreadable(source: &Source) -> Option<Diagnostics> {
    tree::parse(&File::new(&source.name, &source.text)).err()
}

/// What kind of file a tree is of.
pub(super) fn kind(file: &File<'_>, root: &Node) -> Result<FileKind, Diagnostics> {
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

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;
    use crate::model::{Action, ClauseKind, Level, Step, Template, Value};

    const TOUR: &str = include_str!("../../fixtures/good-suites/tour.yaml");
    const REQUIREMENTS: &str = include_str!("../../fixtures/good-suites/requirements.yaml");
    const PROFILE: &str = include_str!("../../fixtures/good-suites/profile.yaml");

    fn source(name: &str, text: &str) -> Source {
        Source { name: name.to_owned(), text: text.to_owned() }
    }

    fn example() -> Library {
        let sources = [("tour.yaml", TOUR), ("requirements.yaml", REQUIREMENTS), ("profile.yaml", PROFILE)];
        library(&sources.map(|(name, text)| source(name, text))).unwrap()
    }

    fn case(library: &Library, id: &str) -> crate::model::Case {
        let mut cases = library.suites.iter().flat_map(|s| &s.cases);
        (**cases.find(|c| c.id == id).unwrap()).clone()
    }

    #[test]
    fn requirements_have_their_links() {
        let library = example();
        let link = |id: &str| library.requirements[id].link.clone().unwrap();
        assert_eq!(link("example-1-code-single-use"), "https://docs.example/oauth#codes");
        assert_eq!(link("example-2-state-echo"), "https://docs.example/oauth");
        assert_eq!(link("example-3.1-cache-control"), "https://other.example/#storage");
        assert_eq!(library.requirements["example-3.1-cache-control"].level, Level::Should);
    }

    #[test]
    fn fragments_stand_where_they_are_used() {
        let library = example();
        let keywords = |steps: &[Step]| steps.iter().map(|s| s.keyword.clone()).collect::<Vec<_>>();
        let time = case(&library, "everything-about-time");
        assert_eq!(keywords(&time.script.steps)[..5], ["authorize", "token", "authorize", "token", "wait"]);
        let requests = case(&library, "everything-about-requests");
        let common = &requests.script.steps[0];
        assert!(common.when.is_some() && common.needs.len() == 1, "the conditions of the `use` apply");
    }

    #[test]
    fn a_case_has_what_its_suite_has() {
        let library = example();
        let case = case(&library, "everything-about-requests");
        assert_eq!(case.full_id, "tour/everything-about-requests");
        assert_eq!(case.tags, ["tour", "slow"]);
        assert_eq!(case.needs.len(), 2);
        assert_eq!((case.matrix.len(), case.table.len()), (2, 2));
        assert_eq!(case.table[0].values.len(), 2);
    }

    #[test]
    fn clauses_know_where_their_values_stand() {
        let library = example();
        let case = case(&library, "works");
        let clause = &case.script.steps[1].expect[0].pattern.clauses[0];
        assert_eq!(clause.kind, ClauseKind::Success(true));
        let place = &clause.location;
        assert_eq!((&*place.file, place.length), ("tour.yaml", 4));
        let text: String = place.text.chars().skip(place.column - 1).take(place.length).collect();
        assert_eq!(text, "true");
    }

    #[test]
    fn durations_are_durations_only_where_they_are_expected() {
        let library = example();
        let case = case(&library, "everything-about-time");
        let Action::Wait(wait) = &case.script.steps[4].action else { panic!("{:?}", case.script.steps[4]) };
        assert_eq!(wait.value, Template::Literal(Value::Duration(Duration::from_millis(250))));
        assert_eq!(library.profiles["example"].policy.refresh_token.grace, Some(Duration::from_secs(60)));
    }

    const TARGET: &str = r#"
target: staging
profile: example
issuer: http://127.0.0.1:$port
endpoints: { token: "http://127.0.0.1:${port}/token" }
clients:
  default: { id: $env.ID, secret: "x-${env.SECRET}", authentication: client_secret_post, redirect_uris: ["com.example:/callback"], partner: supply }
  public: { id: 0123, scope: "$$literal" }
users: { default: { username: alice, password: "pa$$word" } }
resources: { default: "http://127.0.0.1:$port/me", scopes: { "supply::leads": "http://127.0.0.1:$port/leads" } }
user_agent: { forms: { approve: Allow, origins: ["https://login.example/"] } }
policy: { refresh_token: { grace: 60s } }
without: [revocation]
limits: { concurrency: 4, requests_per_second: 2.5, timeout: 5s }
clock: { advance: { post: "http://127.0.0.1:$port/clock" } }
start: { command: "PORT=$port npm start $HOME", ready: "http://127.0.0.1:$port/health" }
"#;

    #[test]
    fn targets_are_filled_in() {
        let environment = |name: &str| match name {
            "ID" => Some("s6BhdRkqt3".to_owned()),
            "SECRET" => Some("7Fjf".to_owned()),
            _ => None,
        };
        let target = target(&source("target.yaml", TARGET), &environment, Some(4000), &example()).unwrap();
        assert_eq!(target.issuer.as_deref(), Some("http://127.0.0.1:4000"));
        assert_eq!(target.endpoints.token.as_deref(), Some("http://127.0.0.1:4000/token"));
        let client = target.client("default").unwrap();
        assert_eq!((client.id.as_str(), client.secret.as_deref()), ("s6BhdRkqt3", Some("x-7Fjf")));
        let public = target.client("public").unwrap();
        assert_eq!((public.id.as_str(), public.scope.as_deref()), ("0123", Some("$literal")));
        assert_eq!(target.user("default").unwrap().password, "pa$$word");
        assert_eq!(target.start.unwrap().command, "PORT=4000 npm start $HOME");
        assert_eq!(target.limits.requests_per_second, Some(2.5));
        assert_eq!(
            target.environment,
            [("ID".to_owned(), "s6BhdRkqt3".to_owned()), ("SECRET".to_owned(), "7Fjf".to_owned())]
        );
        let crate::model::UserAgentKind::Forms(hints) = target.user_agent;
        assert_eq!(hints.origins, ["https://login.example"]);
    }

    #[test]
    fn files_are_told_apart() {
        assert_eq!(kind_of(&source("a", TOUR)), Ok(FileKind::Suite));
        assert_eq!(kind_of(&source("a", REQUIREMENTS)), Ok(FileKind::Requirements));
        assert_eq!(kind_of(&source("a", PROFILE)), Ok(FileKind::Profile));
        assert_eq!(kind_of(&source("a", TARGET)), Ok(FileKind::Target));
        assert!(kind_of(&source("a", "other: 1")).is_err());
        assert!(kind_of(&source("a", "")).is_err());
    }

    #[test]
    fn a_file_that_cannot_be_read_hides_no_others_and_blames_none() {
        let sources = [source("tour.yaml", TOUR), source("requirements.yaml", "document: [")];
        let diagnostics = library(&sources).unwrap_err();
        assert_eq!(diagnostics.0.len(), 1, "{diagnostics}");
        assert_eq!(&*diagnostics.0[0].location.file, "requirements.yaml");
    }

    #[test]
    fn hostile_files_are_refused_soon() {
        let files = [
            "[".repeat(100_000),
            "{a: ".repeat(100_000),
            "- ".repeat(100_000),
            format!("suite: x\ncases: {}", " ".repeat(11 << 20)),
            format!("suite: x\nmatrix: {{ {} }}", "a: &a [*a], ".repeat(100)),
            format!("suite: x\ntitle: {}x", "é".repeat(100_000)),
            format!("suite: x\n{}", "k: 1\n".repeat(20_000)),
        ];
        for text in files {
            assert!(library(&[source("hostile.yaml", &text)]).is_err());
        }
    }

    #[test]
    fn whatever_is_read_of_the_fixtures_is_described() {
        let read = |path: &Path| {
            let Ok(text) = std::fs::read_to_string(path) else { return };
            let file = source("file.yaml", &text);
            let _ = (library(std::slice::from_ref(&file)), target(&file, &|_| None, None, &example()));
        };
        for folder in ["good-suites", "bad-suites", "bad-targets", "targets"] {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(folder);
            let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
            paths.filter(|path| path.extension().is_some_and(|e| e == "yaml")).for_each(|path| read(&path));
        }
    }

    /// The tour with some of its characters replaced, removed or repeated: nearly right, as authors' files are.
    fn mangled() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            "[ -~]{0,3}",
            Just("$".to_owned()),
            Just("${".to_owned()),
            Just("\n".to_owned()),
            Just("\t".to_owned()),
            Just("é🔑".to_owned()),
            Just(": ".to_owned()),
            Just("[{".to_owned()),
            Just("'\"".to_owned()),
            Just("null".to_owned()),
        ];
        let edit = (any::<prop::sample::Index>(), 0..12usize, piece);
        (prop_oneof![Just(TOUR), Just(TARGET), Just(PROFILE)], prop::collection::vec(edit, 1..6)).prop_map(
            |(text, edits)| {
                let mut characters: Vec<char> = text.chars().collect();
                for (index, removed, piece) in edits {
                    let from = index.index(characters.len());
                    let to = (from + removed).min(characters.len());
                    characters.splice(from..to, piece.chars());
                }
                characters.into_iter().collect()
            },
        )
    }

    fn load_anything(text: &str) {
        let library = library(&[source("a.yaml", text), source("requirements.yaml", REQUIREMENTS)]);
        if let Err(diagnostics) = &library {
            assert!(!diagnostics.0.is_empty());
            assert!(diagnostics.render(false).contains("error"));
            assert!(diagnostics.render(true).contains("error"));
        }
        let environment = |name: &str| (name.len() > 4).then(|| "${x} $y".to_owned());
        if let Err(diagnostics) = target(&source("a.yaml", text), &environment, Some(1), &Library::default())
        {
            assert!(!diagnostics.render(false).is_empty());
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,200}|(suite|target|document|profile): (\\PC|\n|  ){0,200}") {
            load_anything(&text);
        }

        #[test]
        fn nearly_right_files_are_read_or_refused(text in mangled()) {
            load_anything(&text);
        }

        #[test]
        fn any_expression_is_read_or_refused(text in "\\PC{0,60}|([a-z.$()'\"+ *<=!-]|and|not|10s){0,40}") {
            if let Err(error) = super::super::parse_expression(&text) {
                prop_assert!(text.is_char_boundary(error.offset) && error.offset + error.length <= text.len());
            }
        }
    }
}

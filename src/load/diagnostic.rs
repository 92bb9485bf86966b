use std::fmt;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet, normalize_untrusted_str};
use serde_json::{Value, json};

use crate::model::Location;

/// What the notes refer to.
const DOCUMENTATION: &str = "docs/suite-language.md";

/// Everything that is wrong with the files, in the order of file and line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagnostics(pub Vec<Diagnostic>);

/// One thing that is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Where the caret goes.
    pub location: Location,
    /// What is wrong, as a lower-case fragment.
    pub message: String,
    /// What stands under the caret: mostly what was expected there.
    pub label: String,
    /// What to write instead, if that can be said.
    pub help: Option<String>,
    /// Another place that has to do with it, and what it is: the first of two equal ids, for example.
    pub second: Option<(Location, String)>,
    /// The heading in `docs/suite-language.md` under which stands what is right.
    pub page: Option<&'static str>,
}

impl Diagnostic {
    /// A diagnostic without help and second place.
    pub fn new(location: Location, message: impl Into<String>, label: impl Into<String>) -> Self {
        Self { location, message: message.into(), label: label.into(), help: None, second: None, page: None }
    }

    /// The same with help.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same with "did you mean", if there is something to suggest.
    #[must_use]
    pub fn suggest(self, nearest: Option<&str>) -> Self {
        match nearest {
            Some(nearest) => self.help(format!("did you mean `{nearest}`?")),
            None => self,
        }
    }

    /// The same, saying which words were expected: under the caret if they are few, else as help.
    #[must_use]
    pub fn expected<'w>(mut self, words: impl IntoIterator<Item = &'w str>) -> Self {
        let words: Vec<&str> = words.into_iter().collect();
        if words.len() <= 8 {
            self.label = format!("expected {}", alternatives(words));
            return self;
        }
        self.label = "not known here".to_owned();
        self.help(format!("expected {}", alternatives(words)))
    }

    /// The same with the heading of the documentation that says what is right.
    #[must_use]
    pub(super) fn page(mut self, heading: &'static str) -> Self {
        self.page = Some(heading);
        self
    }

    /// The same with a second place.
    #[must_use]
    pub fn second(mut self, location: Location, label: impl Into<String>) -> Self {
        self.second = Some((location, label.into()));
        self
    }

    /// As one JSON object, for editors; its members are a promise (docs/suite-language.md#diagnostics).
    fn json(&self) -> Value {
        let place = &self.location;
        let second = self.second.as_ref().map(|(place, label)| {
            json!({ "file": &*place.file, "line": place.line, "column": place.column, "label": label })
        });
        json!({
            "level": "error",
            "message": self.message,
            "code": self.page,
            "file": &*place.file,
            "line_start": place.line,
            "line_end": place.line,
            "column_start": place.column,
            "column_end": place.column + place.length,
            "label": self.label,
            "help": self.help,
            "second": second,
            "rendered": self.render(&Renderer::plain()),
        })
    }

    fn render(&self, renderer: &Renderer) -> String {
        let mut group = Level::ERROR.primary_title(normalize_untrusted_str(&self.message)).element(snippet(
            &self.location,
            AnnotationKind::Primary,
            &self.label,
        ));
        if let Some((location, label)) = &self.second {
            group = group.element(snippet(location, AnnotationKind::Context, label));
        }
        if let Some(help) = &self.help {
            group = group.element(Level::HELP.message(normalize_untrusted_str(help)));
        }
        if let Some(page) = self.page {
            group = group.element(Level::NOTE.message(format!("{DOCUMENTATION}#{page}")));
        }
        renderer.render(&[group])
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(diagnostic: Diagnostic) -> Self {
        Self::sorted(vec![diagnostic])
    }
}

impl Diagnostics {
    /// The given ones in order of file, line and column, each said once.
    pub(super) fn sorted(mut all: Vec<Diagnostic>) -> Self {
        for diagnostic in &mut all {
            diagnostic.page.get_or_insert("files");
        }
        all.sort_by(|a, b| key(a).cmp(&key(b)));
        all.dedup_by(|a, b| a.location == b.location && a.message == b.message);
        Self(all)
    }

    /// One JSON object a line.
    pub fn json_lines(&self) -> String {
        self.0.iter().map(|diagnostic| format!("{}\n", diagnostic.json())).collect()
    }

    /// As a compiler would show them: message, place, source line, caret, help; then how many there are.
    pub fn render(&self, color: bool) -> String {
        let renderer = if color { Renderer::styled() } else { Renderer::plain() };
        let mut text: String = self.0.iter().map(|d| d.render(&renderer) + "\n\n").collect();
        match self.0.len() {
            0 => {}
            1 => text.push_str("1 error\n"),
            count => text.push_str(&format!("{count} errors\n")),
        }
        text
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(false))
    }
}

impl std::error::Error for Diagnostics {}

fn key(diagnostic: &Diagnostic) -> (&str, usize, usize) {
    let place = &diagnostic.location;
    (&place.file, place.line, place.column)
}

fn snippet<'a>(
    place: &'a Location,
    kind: AnnotationKind,
    label: &'a str,
) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
    // The renderer replaces control characters itself, and keeps the caret in its column meanwhile.
    let text = &*place.text;
    let byte = |column: usize| text.char_indices().nth(column).map_or(text.len(), |(byte, _)| byte);
    let start = byte(place.column.saturating_sub(1));
    let end = byte(place.column.saturating_sub(1) + place.length.max(1));
    let annotation = kind.span(start..end);
    let annotation =
        if label.is_empty() { annotation } else { annotation.label(normalize_untrusted_str(label)) };
    Snippet::source(text).line_start(place.line).path(&*place.file).annotation(annotation)
}

/// The candidate that is most like `word`, if one is like it at all: in its letters, or as a part of it, as
/// `id` is of `client_id`, `username` of `user`, `integer` of `int`, `token` of `access_token`.
pub(super) fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    most_like(word, candidates, |word, other| {
        let long = word.len() > 2;
        if word.ends_with(&format!("-{other}")) || long && other.starts_with(word) {
            0.7
        } else if long && other.ends_with(&format!("-{word}")) {
            0.65
        } else {
            0.0
        }
    })
}

/// The candidate whose letters are most like those of `word`, if any are.
pub(super) fn nearest_spelling<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    most_like(word, candidates, |_, _| 0.0)
}

fn most_like<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
    further: impl Fn(&str, &str) -> f64,
) -> Option<&'a str> {
    // The comparison is quadratic, and no name is that long.
    if word.len() > 200 {
        return None;
    }
    let fold = |word: &str| word.to_lowercase().replace('_', "-");
    let word = fold(word);
    candidates
        .into_iter()
        .map(|candidate| {
            let other = fold(candidate);
            let score = strsim::normalized_damerau_levenshtein(&word, &other).max(further(&word, &other));
            (score, candidate)
        })
        .filter(|(score, _)| *score >= 0.6)
        .max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(a.1)))
        .map(|(_, candidate)| candidate)
}

/// `a`, `b` or `c`, each in backquotes.
pub(super) fn alternatives<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    let quoted: Vec<String> = words.into_iter().map(|w| format!("`{w}`")).collect();
    match quoted.split_last() {
        None => "nothing".to_owned(),
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
    }
}

use super::decode::{Decoder, Map};
use super::diagnostic::{Diagnostic, nearest};
use super::keyword::contradicting;
use super::language::files;
use super::tree::Node;
use crate::model::{Bound, Level, Located, Requirement, Testable, Want};

/// A file of requirements as far as it could be read, and the ids in it even of what could not.
#[derive(Debug, Default)]
pub(super) struct RequirementFile {
    /// What could be read.
    pub requirements: Vec<Requirement>,
    /// All ids.
    pub ids: Vec<Located<String>>,
}

/// Reads a file of requirements.
pub(super) fn requirements(decoder: &Decoder<'_>, root: &Node) -> RequirementFile {
    let mut file = RequirementFile::default();
    let Some(map) = decoder.record(root, &files::REQUIREMENTS) else { return file };
    let document = map.need("document", |n| decoder.sentence(n, "`document`")).unwrap_or_default();
    map.read("title", |n| decoder.sentence(n, "`title`"));
    let link = map.read("link", |n| decoder.url(n, "`link`"));
    let sections = map.read("sections", |n| decoder.texts(n, "`sections`"));
    let head = Head { document: &document, link: link.as_deref(), sections: sections.as_deref() };
    if let Some(node) = map.required("requirements") {
        let items = decoder.list(node, "`requirements`").unwrap_or_default();
        if items.is_empty() && decoder.list(node, "`requirements`").is_some() {
            decoder.wrong(node, "the document requires nothing", "expected at least one requirement");
        }
        for item in items {
            let read = requirement(decoder, item, &head, &mut file.ids);
            file.requirements.extend(read);
        }
    }
    map.finish();
    file
}

/// What a file says of all its requirements.
#[derive(Debug)]
struct Head<'f> {
    document: &'f str,
    link: Option<&'f str>,
    /// Every section that the document has; unknown where the file does not tell.
    sections: Option<&'f [String]>,
}

fn requirement(
    decoder: &Decoder<'_>,
    node: &Node,
    head: &Head<'_>,
    ids: &mut Vec<Located<String>>,
) -> Option<Requirement> {
    let map = decoder.record(node, &files::REQUIREMENT)?;
    let id = map.need("id", |n| {
        let value = decoder.slug(n, "the id of a requirement", &['.'])?;
        Some(Located { value, location: decoder.at(n) })
    });
    ids.extend(id.clone());
    let section = map.need("section", |n| section(decoder, n, head));
    let level = map.need("level", |n| level(decoder, n));
    let binds = map.read("binds", |n| decoder.choice(n, "`binds`", &Bound::ALL.map(|b| (b.as_str(), b))));
    let testable =
        map.read("testable", |n| decoder.choice(n, "`testable`", &Testable::ALL.map(|t| (t.as_str(), t))));
    let summary = map.need("summary", |n| decoder.sentence(n, "`summary`"));
    if let (Some(level), Some(summary), Some(place), false) =
        (level, &summary, map.optional("level"), decoder.is_tested)
    {
        agree(decoder, place, level, summary, map.optional("summary"));
    }
    let link = map.read("link", |n| link(decoder, n, head.link));
    let restates = map.read("restates", |n| {
        let ids = decoder.each(n, "`restates`", |n| decoder.requirement(n))?;
        Some(ids.into_iter().map(|id| id.value).collect::<Vec<_>>())
    });
    let unobservable = map.read("unobservable", |n| decoder.sentence(n, "`unobservable`"));
    let unchecked =
        map.read("unchecked", |n| decoder.choice(n, "`unchecked`", &Want::ALL.map(|w| (w.as_str(), w))));
    let doubtful = map.read("doubtful", |n| decoder.sentence(n, "`doubtful`"));
    one_reason(decoder, &map);
    map.finish()?;
    let id = id?;
    Some(Requirement {
        id: id.value,
        document: head.document.to_owned(),
        section: section?,
        level: level?,
        summary: summary?,
        link: link.or_else(|| head.link.map(str::to_owned)),
        binds: binds.unwrap_or_default(),
        testable: testable.unwrap_or_default(),
        restates: restates.unwrap_or_default(),
        unobservable,
        unchecked,
        doubtful,
        location: id.location,
    })
}

/// A section that the document has.
fn section(decoder: &Decoder<'_>, node: &Node, head: &Head<'_>) -> Option<String> {
    let section = decoder.sentence(node, "`section`")?;
    if let Some(sections) = head.sections
        && !sections.contains(&section)
    {
        let message = format!("{} has no section `{section}`", head.document);
        let problem = Diagnostic::new(decoder.at(node), message, "not among the file's `sections`");
        decoder.note(problem.suggest(nearest(&section, sections.iter().map(String::as_str))));
        return None;
    }
    Some(section)
}

/// Notes a level that the sentence itself contradicts.
fn agree(decoder: &Decoder<'_>, node: &Node, level: Level, summary: &str, sentence: Option<&Node>) {
    if let Some(keyword) = contradicting(level, summary) {
        let message = format!("the level is {level}, and the sentence says `{keyword}`");
        let problem = Diagnostic::new(decoder.at(node), message, "expected the level of the sentence");
        decoder.note(match sentence {
            Some(sentence) => problem.second(decoder.at(sentence), "the sentence"),
            None => problem,
        });
    }
}

/// Notes two reasons why no case judges a requirement, of which one must be wrong.
fn one_reason(decoder: &Decoder<'_>, map: &Map<'_, '_>) {
    let mut reasons = ["restates", "unobservable", "unchecked"].into_iter().filter_map(|key| map.entry(key));
    if let (Some(first), Some(second)) = (reasons.next(), reasons.next()) {
        let message = format!("`{}` and `{}` exclude one another", first.key, second.key);
        decoder.note(
            Diagnostic::new(decoder.at_key(second), message, "the second reason why no case judges it")
                .second(decoder.at_key(first), "the first"),
        );
    }
}

/// A level; RFC 2119's other spellings are known only to be put right.
fn level(decoder: &Decoder<'_>, node: &Node) -> Option<Level> {
    let text = decoder.text(node, "`level`")?;
    let right = match text.to_uppercase().as_str() {
        "RECOMMENDED" => "SHOULD",
        "NOT RECOMMENDED" => "SHOULD NOT",
        "OPTIONAL" => "MAY",
        "SHALL" => "MUST",
        "SHALL NOT" => "MUST NOT",
        _ => return decoder.choice(node, "`level`", &Level::ALL.map(|l| (l.as_str(), l))),
    };
    let problem =
        Diagnostic::new(decoder.at(node), format!("the level `{text}` is written otherwise here"), "");
    decoder.note(problem.expected(Level::ALL.map(Level::as_str)).help(format!("write `{right}`")));
    None
}

/// An absolute link, or an anchor in the document.
fn link(decoder: &Decoder<'_>, node: &Node, document: Option<&str>) -> Option<String> {
    let text = decoder.text(node, "`link`")?;
    match (text.strip_prefix('#'), document) {
        (Some(anchor), Some(document)) => {
            let page = document.split('#').next().unwrap_or_default();
            Some(format!("{page}#{anchor}"))
        }
        (Some(_), None) => {
            let message = "an anchor needs the document's `link`";
            decoder.note(
                Diagnostic::new(decoder.at(node), message, "an anchor of what?")
                    .help("add `link: https://…` at the top of the file"),
            );
            None
        }
        (None, _) => decoder.url(node, "`link`"),
    }
}

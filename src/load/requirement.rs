use super::decode::Decoder;
use super::diagnostic::Diagnostic;
use super::language::files;
use super::tree::Node;
use crate::model::{Level, Located, Requirement};

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
    if let Some(node) = map.required("requirements") {
        let items = decoder.list(node, "`requirements`").unwrap_or_default();
        if items.is_empty() && decoder.list(node, "`requirements`").is_some() {
            decoder.wrong(node, "the document requires nothing", "expected at least one requirement");
        }
        for item in items {
            let read = requirement(decoder, item, &document, link.as_deref(), &mut file.ids);
            file.requirements.extend(read);
        }
    }
    map.finish();
    file
}

fn requirement(
    decoder: &Decoder<'_>,
    node: &Node,
    document: &str,
    document_link: Option<&str>,
    ids: &mut Vec<Located<String>>,
) -> Option<Requirement> {
    let map = decoder.record(node, &files::REQUIREMENT)?;
    let id = map.need("id", |n| {
        let value = decoder.slug(n, "the id of a requirement", &['.'])?;
        Some(Located { value, location: decoder.at(n) })
    });
    ids.extend(id.clone());
    let section = map.need("section", |n| decoder.sentence(n, "`section`"));
    let level = map.need("level", |n| level(decoder, n));
    let summary = map.need("summary", |n| decoder.sentence(n, "`summary`"));
    let link = map.read("link", |n| link(decoder, n, document_link));
    let unobservable = map.read("unobservable", |n| decoder.sentence(n, "`unobservable`"));
    map.finish()?;
    let id = id?;
    Some(Requirement {
        id: id.value,
        document: document.to_owned(),
        section: section?,
        level: level?,
        summary: summary?,
        link: link.or_else(|| document_link.map(str::to_owned)),
        unobservable,
        location: id.location,
    })
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

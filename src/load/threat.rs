use super::decode::Decoder;
use super::diagnostic::Diagnostic;
use super::language::files;
use super::tree::{Kind, Node};
use crate::model::{Located, Opening, Threat};

/// How deep `all_of` and `any_of` may stand in one another.
const DEPTH: usize = 8;

/// Reads a file of threats: those that could be read, and the ids even of those that could not.
pub(super) fn threats(decoder: &Decoder<'_>, root: &Node) -> (Vec<Threat>, Vec<Located<String>>) {
    let (mut threats, mut ids) = (Vec::new(), Vec::new());
    let Some(map) = decoder.record(root, &files::THREATS) else { return (threats, ids) };
    map.need("threats", |n| decoder.sentence(n, "`threats`"));
    if let Some(node) = map.required("attacks") {
        let items = decoder.list(node, "`attacks`").unwrap_or_default();
        threats.extend(items.iter().filter_map(|item| threat(decoder, item, &mut ids)));
    }
    map.finish();
    (threats, ids)
}

fn threat(decoder: &Decoder<'_>, node: &Node, ids: &mut Vec<Located<String>>) -> Option<Threat> {
    let map = decoder.record(node, &files::ATTACK)?;
    let id = map.need("id", |n| {
        let value = decoder.slug(n, "the id of an attack", &[])?;
        Some(Located { value, location: decoder.at(n) })
    });
    ids.extend(id.clone());
    let title = map.need("title", |n| decoder.sentence(n, "`title`"));
    let attack = map.need("attack", |n| decoder.sentence(n, "`attack`"));
    let sources = map.need("sources", |n| decoder.texts(n, "`sources`"));
    let opens = map.need("opens", |n| opening(decoder, n, DEPTH));
    map.finish()?;
    let id = id?;
    Some(Threat {
        id: id.value,
        title: title?,
        attack: attack?,
        sources: sources?,
        opens: opens?,
        location: id.location,
    })
}

/// A requirement's id, or `all_of` or `any_of` several openings.
fn opening(decoder: &Decoder<'_>, node: &Node, depth: usize) -> Option<Opening> {
    if !matches!(node.kind, Kind::Map(_)) {
        return decoder.requirement(node).map(|id| Opening::Broken(id.value));
    }
    if depth == 0 {
        let label = format!("expected at most {DEPTH} levels");
        decoder.wrong(node, "`all_of` and `any_of` stand too deep in one another", label);
        return None;
    }
    let map = decoder.record(node, &files::OPENING)?;
    let parts = |node: &Node| {
        let parts = decoder.each(node, "each of `opens`", |n| opening(decoder, n, depth - 1))?;
        if parts.is_empty() {
            decoder.wrong(node, "nothing opens the attack", "expected at least one requirement");
            return None;
        }
        Some(parts)
    };
    let all = map.read("all_of", parts);
    let any = map.read("any_of", parts);
    map.finish()?;
    match (all, any) {
        (Some(parts), None) => Some(Opening::AllOf(parts)),
        (None, Some(parts)) => Some(Opening::AnyOf(parts)),
        _ => {
            let label = "expected a requirement, or either `all_of` or `any_of`";
            decoder.note(
                Diagnostic::new(decoder.at(node), "it is not clear what opens the attack", label)
                    .help("put one within the other: `all_of: [a, { any_of: [b, c] }]`"),
            );
            None
        }
    }
}

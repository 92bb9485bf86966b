use std::collections::HashMap;
use std::sync::Arc;

use super::decode::Decoder;
use super::diagnostic::{Diagnostic, alternatives, nearest};
use super::language::suites;
use super::names::Names;
use super::step::{Fragments, Walk};
use super::tree::{Kind, Node};
use crate::model::{Answers, Capability, Endpoint, ExchangeKind, Invariant, Located, Location, Suite};

/// What the cases of a suite have in common.
#[derive(Debug)]
pub(super) struct Shared<'n> {
    /// Id of the suite.
    pub suite: String,
    /// Needed by all.
    pub needs: Vec<Located<Capability>>,
    /// Worn by all.
    pub tags: Vec<String>,
    /// By name.
    pub fragments: Fragments<'n>,
}

/// A suite as far as it could be read, and the ids in it even of what could not.
#[derive(Debug, Default)]
pub(super) struct SuiteFile {
    /// The suite, if nothing in it is wrong.
    pub suite: Option<Suite>,
    /// Its id, and where that stands.
    pub id: Option<Located<String>>,
    /// The full ids of its cases.
    pub cases: Vec<Located<String>>,
    /// The full ids of its invariants.
    pub invariants: Vec<Located<String>>,
}

/// Reads a suite file.
pub(super) fn suite(decoder: &Decoder<'_>, root: &Node) -> SuiteFile {
    let mut file = SuiteFile::default();
    let Some(map) = decoder.record(root, &suites::SUITE) else { return file };
    let id_node = map.required("suite");
    let id = id_node.and_then(|n| decoder.slug(n, "the id of a suite", &['/']));
    let location = map.entry("suite").map(|e| decoder.at_key(e));
    file.id = id.clone().zip(id_node).map(|(value, n)| Located { value, location: decoder.at(n) });
    let title = map.need("title", |n| decoder.sentence(n, "`title`"));
    let fragments = match decoder.elsewhere {
        Some(_) => map.read("fragments", |_| Some(Fragments::new())),
        None => map.read("fragments", |n| fragments(decoder, n)),
    };
    let fragments = fragments.unwrap_or_default();
    let shared = Shared {
        suite: id.clone().unwrap_or_default(),
        needs: map.read("needs", |n| decoder.needs(n)).unwrap_or_default(),
        tags: map.read("tags", |n| decoder.tags(n)).unwrap_or_default(),
        fragments,
    };
    if decoder.elsewhere.is_none() {
        decoder.check_fragments(&shared.fragments);
    }

    let cases = map.read("cases", |n| {
        let items = decoder.list(n, "`cases`")?;
        let read = |n: &Node| decoder.case(n, &shared, &mut file.cases).map(Arc::new);
        all_mut(items, read)
    });
    let invariants = map.read("invariants", |n| {
        let items = decoder.list(n, "`invariants`")?;
        all_mut(items, |n| invariant(decoder, n, &shared, &mut file.invariants).map(Arc::new))
    });
    if map.optional("cases").is_none() && map.optional("invariants").is_none() {
        let place = location.clone().unwrap_or_default();
        decoder.note(Diagnostic::new(
            place,
            "the suite checks nothing",
            "expected `cases` or `invariants` in this file",
        ));
    }
    unique(decoder, file.cases.iter().chain(&file.invariants));
    if map.finish().is_some() && !decoder.has_problems() {
        file.suite = id.zip(title).zip(location).map(|((id, title), location)| Suite {
            id,
            title,
            needs: shared.needs,
            tags: shared.tags,
            cases: cases.unwrap_or_default(),
            invariants: invariants.unwrap_or_default(),
            location,
        });
    }
    file
}

/// Reads all items with a reader that keeps something beside.
fn all_mut<T>(items: &[Node], mut read: impl FnMut(&Node) -> Option<T>) -> Option<Vec<T>> {
    let read: Vec<Option<T>> = items.iter().map(&mut read).collect();
    read.into_iter().collect()
}

fn unique<'i>(decoder: &Decoder<'_>, ids: impl Iterator<Item = &'i Located<String>>) {
    let mut first: HashMap<&str, &Location> = HashMap::new();
    for id in ids {
        if let Some(place) = first.get(id.value.as_str()) {
            let message = format!("the id `{}` stands twice in this suite", id.value);
            decoder.note(
                Diagnostic::new(id.location.clone(), message, "the second")
                    .second((*place).clone(), "the first"),
            );
        } else {
            first.insert(&id.value, &id.location);
        }
    }
}

fn fragments<'n>(decoder: &Decoder<'_>, node: &'n Node<'n>) -> Option<Fragments<'n>> {
    // Only for its messages: the cursor would not outlive this function.
    decoder.map(node, "`fragments`")?;
    let Kind::Map(entries) = &node.kind else { return None };
    let fragment = |entry: &'n super::tree::Entry<'n>| {
        let steps = decoder.list(&entry.value, "a fragment")?;
        Some((entry.key.to_string(), (steps, decoder.at_key(entry))))
    };
    Some(entries.iter().filter_map(fragment).collect())
}

fn invariant(
    decoder: &Decoder<'_>,
    node: &Node,
    shared: &Shared<'_>,
    ids: &mut Vec<Located<String>>,
) -> Option<Invariant> {
    *decoder.names.borrow_mut() = Names::default();
    let map = decoder.record(node, &suites::INVARIANT)?;
    let id = map.need("id", |n| {
        let value = decoder.slug(n, "the id of an invariant", &[])?;
        Some(Located { value, location: decoder.at(n) })
    });
    if let Some(id) = &id {
        ids.push(Located { value: format!("{}/{}", shared.suite, id.value), location: id.location.clone() });
    }
    let title = map.need("title", |n| decoder.sentence(n, "`title`"));
    let on = map.need("on", |n| exchange_kind(decoder, n));
    let when = map.read("when", |n| decoder.condition(n, "`when`"));
    let needs = map.read("needs", |n| decoder.needs(n)).unwrap_or_default();
    let tags = map.read("tags", |n| decoder.tags(n)).unwrap_or_default();
    decoder.names.borrow_mut().judging = true;
    let expect = map.need("expect", |n| decoder.each(n, "`expect`", |n| decoder.expectation(n)));
    decoder.names.borrow_mut().judging = false;
    if expect.as_ref().is_some_and(Vec::is_empty) {
        decoder.wrong(node, "the invariant expects nothing", "expected at least one expectation");
    }
    map.finish()?;
    let id = id?;
    Some(Invariant {
        full_id: format!("{}/{}", shared.suite, id.value),
        id: id.value,
        title: title?,
        on: on?,
        when,
        needs: shared.needs.iter().cloned().chain(needs).collect(),
        tags: shared.tags.iter().cloned().chain(tags).collect(),
        expect: expect?,
        location: id.location,
    })
}

/// Kinds of exchanges by their endpoints.
pub(super) const ENDPOINTS: [(&str, Option<Endpoint>); 9] = [
    ("any", None),
    ("authorization", Some(Endpoint::Authorization)),
    ("token", Some(Endpoint::Token)),
    ("revocation", Some(Endpoint::Revocation)),
    ("introspection", Some(Endpoint::Introspection)),
    ("metadata", Some(Endpoint::Metadata)),
    ("jwks", Some(Endpoint::Jwks)),
    ("resource", Some(Endpoint::Resource)),
    ("userinfo", Some(Endpoint::Userinfo)),
];

/// Kinds of exchanges by their answers.
pub(super) const ANSWERS: [(&str, Answers); 6] = [
    ("any", Answers::Any),
    ("success", Answers::Success),
    ("error", Answers::Error),
    ("redirect", Answers::Redirect),
    ("page", Answers::Page),
    ("unauthorized", Answers::Unauthorized),
];

fn exchange_kind(decoder: &Decoder<'_>, node: &Node) -> Option<ExchangeKind> {
    let text = decoder.text(node, "`on`")?;
    let (endpoint, answer) = text.split_once('.').unwrap_or((&text, "any"));
    let found = ENDPOINTS.iter().find(|(name, _)| *name == endpoint);
    let answered = ANSWERS.iter().find(|(name, _)| *name == answer);
    if let (Some((_, endpoint)), Some((_, answers))) = (found, answered) {
        return Some(ExchangeKind { endpoint: *endpoint, answers: *answers });
    }
    let (wrong, what, at, known): (_, _, _, Vec<&str>) = match found {
        None => (endpoint, "endpoint", 0, ENDPOINTS.iter().map(|(name, _)| *name).collect()),
        Some(_) => {
            (answer, "kind of answer", endpoint.len() + 1, ANSWERS.iter().map(|(name, _)| *name).collect())
        }
    };
    let problem = Diagnostic::new(
        decoder.within(node, &text, at, at + wrong.len()),
        format!("`{wrong}` is no {what}"),
        format!("expected {}", alternatives(known.iter().copied())),
    );
    decoder.note(problem.suggest(nearest(wrong, known)));
    None
}

impl Decoder<'_> {
    /// Capabilities.
    pub fn needs(&self, node: &Node) -> Option<Vec<Located<Capability>>> {
        self.each(node, "`needs`", |n| {
            let value = self.capability(n)?;
            Some(Located { value, location: self.at(n) })
        })
    }

    /// A capability by its name.
    pub fn capability(&self, node: &Node) -> Option<Capability> {
        self.choice(node, "this capability", &Capability::ALL.map(|c| (c.as_str(), c)))
    }

    /// Tags.
    pub fn tags(&self, node: &Node) -> Option<Vec<String>> {
        self.each(node, "`tags`", |n| self.slug(n, "a tag", &[]))
    }

    /// Fragments that no case uses are read too; what they refer to is not known without a case.
    fn check_fragments(&self, fragments: &Fragments<'_>) {
        let mut names: Vec<&String> = fragments.keys().collect();
        names.sort();
        for name in names {
            *self.names.borrow_mut() = Names { unchecked: true, ..Names::default() };
            let mut walk = Walk::new(fragments, true);
            walk.inside.push(name.clone());
            if let Some((steps, _)) = fragments.get(name) {
                let _ = self.steps(steps, &mut walk);
            }
        }
        *self.names.borrow_mut() = Names::default();
    }
}

/// Reads steps that stand under a key.
pub(super) fn steps_of(
    decoder: &Decoder<'_>,
    node: &Node,
    what: &str,
    walk: &mut Walk<'_>,
) -> Option<Vec<crate::model::Step>> {
    let items = decoder.list(node, what)?;
    if items.is_empty() {
        decoder.wrong(node, format!("{what} is empty"), "expected at least one step");
        return None;
    }
    decoder.steps(items, walk)
}

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::{Duration, Instant};

use html5ever::interface::{ElementFlags, NodeOrText, QuirksMode, TreeSink};
use html5ever::tendril::{StrTendril, TendrilSink};
use html5ever::tree_builder::TreeBuilderOpts;
use html5ever::{Attribute, ExpandedName, LocalName, Namespace, ParseOpts, QualName, parse_document};

/// How much is parsed between two looks at the limits.
const CHUNK: usize = 4096;

/// How much of a page is read at all.
const LONGEST: usize = 1 << 20;

/// How deep elements may be nested: the parser takes quadratic time for depth.
const DEEPEST: usize = 400;

/// How long parsing may take.
const PATIENCE: Duration = Duration::from_secs(3);

/// An HTML document as a tree of plain nodes; 0 is the document itself.
#[derive(Debug)]
pub(super) struct Arena {
    pub(super) nodes: Vec<Node>,
    /// Whether the page was too long, too deep or too slow to be read to its end.
    pub(super) cut: bool,
}

/// An element, a text, or neither (the document, a comment).
#[derive(Debug, Default)]
pub(super) struct Node {
    /// Local name of an element, else empty.
    pub(super) name: String,
    pub(super) attributes: Vec<(String, String)>,
    pub(super) text: String,
    pub(super) children: Vec<usize>,
    /// The form that the parser has made the owner of a control (HTML, form owner), wherever it stands.
    pub(super) form: Option<usize>,
    parent: Option<usize>,
    /// What is inside of a `template`, which is not part of the page.
    contents: Option<usize>,
    depth: usize,
}

impl Node {
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.attribute(name).is_some()
    }
}

impl Arena {
    /// Reads a page as a browser without scripting does. Never fails: HTML gives every text a tree.
    pub(super) fn parse(html: &str) -> Self {
        let started = Instant::now();
        // Scripting off, so that what stands in `noscript` is seen.
        let tree_builder = TreeBuilderOpts { scripting_enabled: false, ..TreeBuilderOpts::default() };
        let mut parser = parse_document(Sink::new(), ParseOpts { tree_builder, ..ParseOpts::default() });
        let mut rest = html;
        let mut read = 0;
        while !rest.is_empty() {
            let (chunk, after) = rest.split_at(rest.floor_char_boundary(CHUNK));
            parser.process(StrTendril::from_slice(chunk));
            read += chunk.len();
            rest = after;
            let sink = &parser.tokenizer.sink.sink;
            if sink.deepest.get() > DEEPEST || read >= LONGEST || started.elapsed() > PATIENCE {
                break;
            }
        }
        Self { nodes: parser.finish(), cut: !rest.is_empty() }
    }

    pub(super) fn node(&self, index: usize) -> Option<&Node> {
        self.nodes.get(index)
    }
}

/// A node as the parser holds it: its name is at hand without the arena.
#[derive(Clone, Debug)]
struct Handle {
    index: usize,
    name: Rc<QualName>,
}

struct Sink {
    nodes: RefCell<Vec<Node>>,
    deepest: Cell<usize>,
    nameless: Rc<QualName>,
}

impl Sink {
    fn new() -> Self {
        let nameless = QualName::new(None, Namespace::default(), LocalName::default());
        Self {
            nodes: RefCell::new(vec![Node::default()]),
            deepest: Cell::new(0),
            nameless: Rc::new(nameless),
        }
    }

    fn add(&self, node: Node) -> usize {
        let mut nodes = self.nodes.borrow_mut();
        nodes.push(node);
        nodes.len() - 1
    }

    fn nameless(&self, index: usize) -> Handle {
        Handle { index, name: Rc::clone(&self.nameless) }
    }

    fn detach(&self, index: usize) {
        let mut nodes = self.nodes.borrow_mut();
        let parent = nodes.get_mut(index).and_then(|node| node.parent.take());
        if let Some(parent) = parent.and_then(|parent| nodes.get_mut(parent)) {
            parent.children.retain(|child| *child != index);
        }
    }

    /// Puts a node or a text among the children of `parent`, at a place or last.
    fn insert(&self, parent: usize, place: Option<usize>, child: NodeOrText<Handle>) {
        let child = match child {
            NodeOrText::AppendNode(handle) => handle.index,
            NodeOrText::AppendText(text) => {
                let mut nodes = self.nodes.borrow_mut();
                let children = nodes.get(parent).map(|p| p.children.as_slice()).unwrap_or_default();
                let before = match place {
                    Some(place) => place.checked_sub(1).and_then(|i| children.get(i)),
                    None => children.last(),
                };
                // Only text nodes have text: neighbours become one.
                let before = before.copied().and_then(|index| nodes.get_mut(index));
                if let Some(before) = before.filter(|node| !node.text.is_empty()) {
                    before.text.push_str(&text);
                    return;
                }
                drop(nodes);
                self.add(Node { text: text.to_string(), ..Node::default() })
            }
        };
        let mut nodes = self.nodes.borrow_mut();
        let Some(above) = nodes.get_mut(parent) else { return };
        let depth = above.depth + 1;
        let place = place.unwrap_or(above.children.len()).min(above.children.len());
        above.children.insert(place, child);
        if let Some(node) = nodes.get_mut(child) {
            node.parent = Some(parent);
            node.depth = depth;
        }
        self.deepest.set(self.deepest.get().max(depth));
    }

    fn parent(&self, index: usize) -> Option<usize> {
        self.nodes.borrow().get(index)?.parent
    }
}

impl TreeSink for Sink {
    type Handle = Handle;
    type Output = Vec<Node>;
    type ElemName<'a> = ExpandedName<'a>;

    fn finish(self) -> Vec<Node> {
        self.nodes.into_inner()
    }

    fn parse_error(&self, _: Cow<'static, str>) {}

    fn get_document(&self) -> Handle {
        self.nameless(0)
    }

    fn elem_name<'a>(&'a self, target: &'a Handle) -> ExpandedName<'a> {
        target.name.expanded()
    }

    fn create_element(&self, name: QualName, attributes: Vec<Attribute>, flags: ElementFlags) -> Handle {
        let attributes = attributes.into_iter().map(plain).collect();
        let contents = flags.template.then(|| self.add(Node::default()));
        let local = name.local.to_string();
        let index = self.add(Node { name: local, attributes, contents, ..Node::default() });
        Handle { index, name: Rc::new(name) }
    }

    fn create_comment(&self, _: StrTendril) -> Handle {
        self.nameless(self.add(Node::default()))
    }

    fn create_pi(&self, _: StrTendril, _: StrTendril) -> Handle {
        self.nameless(self.add(Node::default()))
    }

    fn append(&self, parent: &Handle, child: NodeOrText<Handle>) {
        if let NodeOrText::AppendNode(node) = &child {
            self.detach(node.index);
        }
        self.insert(parent.index, None, child);
    }

    fn append_based_on_parent_node(&self, element: &Handle, previous: &Handle, child: NodeOrText<Handle>) {
        if self.parent(element.index).is_some() {
            self.append_before_sibling(element, child);
        } else {
            self.append(previous, child);
        }
    }

    fn append_doctype_to_document(&self, _: StrTendril, _: StrTendril, _: StrTendril) {}

    fn get_template_contents(&self, target: &Handle) -> Handle {
        let contents = self.nodes.borrow().get(target.index).and_then(|node| node.contents);
        self.nameless(contents.unwrap_or(target.index))
    }

    fn same_node(&self, x: &Handle, y: &Handle) -> bool {
        x.index == y.index
    }

    fn set_quirks_mode(&self, _: QuirksMode) {}

    fn append_before_sibling(&self, sibling: &Handle, child: NodeOrText<Handle>) {
        if let NodeOrText::AppendNode(node) = &child {
            self.detach(node.index);
        }
        let Some(parent) = self.parent(sibling.index) else { return };
        let children = |node: &Node| node.children.iter().position(|c| *c == sibling.index);
        let place = self.nodes.borrow().get(parent).and_then(children);
        self.insert(parent, place, child);
    }

    fn add_attrs_if_missing(&self, target: &Handle, attributes: Vec<Attribute>) {
        let mut nodes = self.nodes.borrow_mut();
        let Some(node) = nodes.get_mut(target.index) else { return };
        for (name, value) in attributes.into_iter().map(plain) {
            if !node.has(&name) {
                node.attributes.push((name, value));
            }
        }
    }

    fn associate_with_form(&self, target: &Handle, form: &Handle, _: (&Handle, Option<&Handle>)) {
        if let Some(node) = self.nodes.borrow_mut().get_mut(target.index) {
            node.form = Some(form.index);
        }
    }

    fn remove_from_parent(&self, target: &Handle) {
        self.detach(target.index);
    }

    fn reparent_children(&self, node: &Handle, new_parent: &Handle) {
        let mut nodes = self.nodes.borrow_mut();
        let Some(children) = nodes.get_mut(node.index).map(|n| std::mem::take(&mut n.children)) else {
            return;
        };
        for child in &children {
            if let Some(child) = nodes.get_mut(*child) {
                child.parent = Some(new_parent.index);
            }
        }
        if let Some(parent) = nodes.get_mut(new_parent.index) {
            parent.children.extend(children);
        }
    }
}

fn plain(attribute: Attribute) -> (String, String) {
    (attribute.name.local.to_string(), attribute.value.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named<'a>(arena: &'a Arena, name: &str) -> Vec<&'a Node> {
        arena.nodes.iter().filter(|n| n.name == name).collect()
    }

    #[test]
    fn a_form_in_a_table_owns_what_was_moved_out_of_it() {
        let arena = Arena::parse("<table><form action=/x><tr><td><input name=u></td></tr></form></table>");
        let form = arena.nodes.iter().position(|n| n.name == "form");
        assert!(form.is_some());
        assert_eq!(named(&arena, "input")[0].form, form);
    }

    #[test]
    fn templates_are_kept_apart() {
        let arena = Arena::parse("<body><template><form><input></form></template><p>seen");
        let template = named(&arena, "template")[0];
        assert!(template.children.is_empty());
        assert_eq!(named(&arena, "p").len(), 1);
    }

    #[test]
    fn depth_is_bounded() {
        let arena = Arena::parse(&"<div>".repeat(200_000));
        assert!(arena.cut);
        assert!(arena.nodes.len() < 3000, "{} nodes", arena.nodes.len());
    }

    #[test]
    fn length_is_bounded() {
        let arena = Arena::parse(&"é".repeat(LONGEST));
        assert!(arena.cut);
    }

    #[test]
    fn misnested_and_broken_markup_gives_some_tree() {
        for html in [
            "",
            "\0",
            "<",
            "<a><b></a></b><i>",
            "<table>x<td><table></td>",
            "<select><option><form>",
            "<svg><p>",
            "<frameset><frame>",
            "<form><form>",
            "&#x0;&#xD800;&bogus;",
            "<!--",
            "<?php ?>",
        ] {
            assert!(!Arena::parse(html).nodes.is_empty());
        }
    }
}

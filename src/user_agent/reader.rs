use std::collections::HashMap;

use super::arena::{Arena, Node};
use super::document::{Choice, Control, Document, Form, Link};

/// The most characters that are kept of a page's text, and of a button's or label's.
const LONGEST_TEXT: usize = 4000;
const LONGEST_LABEL: usize = 200;

/// The most controls and links that are looked at.
const MOST_PARTS: usize = 2000;

/// Reads a document out of a tree.
pub(super) struct Reader<'a> {
    arena: &'a Arena,
    document: Document,
    /// Form nodes in order, by their place in `document.forms`.
    forms: HashMap<usize, usize>,
    form_ids: HashMap<&'a str, usize>,
    /// Controls and links as nodes, in order.
    controls: Vec<(usize, Context)>,
    links: Vec<usize>,
    /// The words of buttons, links, labels, options and text areas.
    words: HashMap<usize, String>,
    /// Labels by the id that they are for.
    labels: HashMap<&'a str, usize>,
    options: HashMap<usize, Vec<(usize, bool)>>,
    seen_without_script: usize,
    has_script: bool,
}

/// What surrounds a node.
#[derive(Clone, Copy, Default)]
struct Context {
    hidden: bool,
    disabled: bool,
    noscript: bool,
    /// Node whose words are being read: a button, a link, a label, an option.
    speaker: Option<usize>,
    label: Option<usize>,
    select: Option<usize>,
}

impl<'a> Reader<'a> {
    /// What a user sees of a page.
    pub(super) fn read(arena: &'a Arena) -> Document {
        let mut reader = Self::new(arena);
        reader.walk();
        reader.finish()
    }

    fn new(arena: &'a Arena) -> Self {
        Self {
            arena,
            document: Document { cut: arena.cut, ..Document::default() },
            forms: HashMap::new(),
            form_ids: HashMap::new(),
            controls: Vec::new(),
            links: Vec::new(),
            words: HashMap::new(),
            labels: HashMap::new(),
            options: HashMap::new(),
            seen_without_script: 0,
            has_script: false,
        }
    }

    /// Goes through the page in its order, without recursion: pages may be nested deep.
    fn walk(&mut self) {
        let mut open = vec![(Some(0), Context::default())];
        while let Some((index, context)) = open.pop() {
            let arena = self.arena;
            let Some(index) = index else {
                self.hear(" ", context);
                continue;
            };
            let Some(node) = arena.node(index) else { continue };
            if node.name.is_empty() {
                self.hear(&node.text, context);
            } else if !is_inline(&node.name) {
                // A block stands apart from what is before it and after it.
                self.hear(" ", context);
                open.push((None, context));
            }
            if let Some(inside) = self.enter(index, node, context) {
                open.extend(node.children.iter().rev().map(|child| (Some(*child), inside)));
            }
        }
    }

    /// Notes an element; the context of its children, or `None` if there is nothing to see inside.
    fn enter(&mut self, index: usize, node: &'a Node, mut context: Context) -> Option<Context> {
        let attribute = |name| node.attribute(name).unwrap_or_default();
        context.hidden |= is_hidden(node);
        match node.name.as_str() {
            "script" | "style" | "template" => {
                let text = self.text_of(node, LONGEST_TEXT);
                if node.name == "script" {
                    self.has_script = true;
                    self.note_script(&text);
                }
                return None;
            }
            "title" => {
                if self.document.title.is_empty() {
                    self.document.title = fold(&self.text_of(node, LONGEST_LABEL));
                }
                return None;
            }
            "body" => self.note_script(attribute("onload")),
            "noscript" => context.noscript = true,
            "base" if self.document.base.is_none() => {
                self.document.base = node.attribute("href").map(str::to_owned);
            }
            "meta" if attribute("http-equiv").eq_ignore_ascii_case("refresh") => {
                let content = node.attribute("content").map(str::to_owned);
                self.document.refresh = self.document.refresh.take().or(content);
            }
            "form" => self.open_form(index, node),
            "fieldset" => context.disabled |= node.has("disabled"),
            "legend" => context.disabled = false,
            "label" => {
                if let Some(id) = node.attribute("for") {
                    self.labels.entry(id).or_insert(index);
                }
                context.label = Some(index);
            }
            "a" if node.has("href") && self.links.len() < MOST_PARTS => {
                self.links.push(index);
                context.speaker = Some(index);
            }
            "option" => {
                if let Some(select) = context.select {
                    self.options.entry(select).or_default().push((index, node.has("disabled")));
                }
                context.speaker = Some(index);
            }
            "input" | "button" | "select" | "textarea" => {
                if self.controls.len() < MOST_PARTS {
                    self.controls.push((index, context));
                }
                match node.name.as_str() {
                    "select" => context.select = Some(index),
                    "button" | "textarea" => context.speaker = Some(index),
                    _ => {}
                }
            }
            _ => {}
        }
        Some(context)
    }

    fn open_form(&mut self, index: usize, node: &'a Node) {
        if self.document.forms.len() >= MOST_PARTS {
            return;
        }
        let place = self.document.forms.len();
        self.forms.insert(index, place);
        if let Some(id) = node.attribute("id") {
            self.form_ids.entry(id).or_insert(place);
        }
        self.document.forms.push(Form {
            action: node.attribute("action").map(str::to_owned),
            method: node.attribute("method").map_or("GET".to_owned(), method),
            enctype: node.attribute("enctype").map(str::to_ascii_lowercase),
            id: node.attribute("id").unwrap_or_default().to_owned(),
            controls: Vec::new(),
        });
    }

    /// Adds text to the page and to those who say it.
    fn hear(&mut self, text: &str, context: Context) {
        for speaker in [context.speaker, context.label].into_iter().flatten() {
            let words = self.words.entry(speaker).or_default();
            if words.len() < LONGEST_TEXT {
                words.push_str(text);
            }
        }
        // Choices that are not made are no text of the page.
        if context.hidden || context.select.is_some() {
            return;
        }
        if !context.noscript {
            self.seen_without_script += text.trim().len();
        }
        if self.document.text.len() < 4 * LONGEST_TEXT {
            self.document.text.push_str(text);
        }
    }

    fn note_script(&mut self, text: &str) {
        if self.document.script.len() < LONGEST_TEXT * 4 {
            self.document.script.push_str(text);
            self.document.script.push('\n');
        }
    }

    /// The text of an element's own text nodes.
    fn text_of(&self, node: &Node, most: usize) -> String {
        let texts = node.children.iter().filter_map(|child| self.arena.node(*child));
        texts.flat_map(|node| node.text.chars()).take(most).collect()
    }

    fn finish(mut self) -> Document {
        for (index, context) in std::mem::take(&mut self.controls) {
            let Some(node) = self.arena.node(index) else { continue };
            let control = self.control(index, node, context);
            let by_id = node.attribute("form").map(|id| self.form_ids.get(id).copied());
            let owner = by_id.unwrap_or_else(|| self.forms.get(&node.form?).copied());
            match owner.and_then(|place| self.document.forms.get_mut(place)) {
                Some(form) => form.controls.push(control),
                None if control.takes_text() || control.kind == "password" => self.document.stray_fields += 1,
                None => {}
            }
        }
        for index in std::mem::take(&mut self.links) {
            let Some(node) = self.arena.node(index) else { continue };
            let text = shorten(&self.words_of(index), LONGEST_LABEL);
            let attribute = |name| node.attribute(name).unwrap_or_default().to_owned();
            let text = if text.is_empty() { attribute("aria-label") } else { text };
            self.document.links.push(Link { href: attribute("href"), text, id: attribute("id") });
        }
        self.document.text = shorten(&fold(&self.document.text), LONGEST_TEXT);
        self.document.needs_script = self.has_script && self.seen_without_script == 0;
        self.document
    }

    fn control(&self, index: usize, node: &Node, context: Context) -> Control {
        let attribute = |name: &str| node.attribute(name).unwrap_or_default().to_owned();
        let given = attribute("type").trim().to_ascii_lowercase();
        let kind = match node.name.as_str() {
            "button" if !matches!(given.as_str(), "button" | "reset") => "submit".to_owned(),
            "input" if given.is_empty() => "text".to_owned(),
            "button" | "input" => given,
            other => other.to_owned(),
        };
        let words = self.words_of(index);
        let value = if kind == "textarea" {
            let raw = self.words.get(&index).map_or("", String::as_str);
            raw.strip_prefix(' ').unwrap_or(raw).to_owned()
        } else {
            attribute("value")
        };
        let mut control = Control {
            name: attribute("name"),
            value,
            id: attribute("id"),
            label: String::new(),
            autocomplete: attribute("autocomplete").to_ascii_lowercase(),
            placeholder: attribute("placeholder"),
            checked: node.has("checked"),
            disabled: node.has("disabled") || context.disabled,
            read_only: node.has("readonly"),
            required: node.has("required"),
            form_action: node.attribute("formaction").map(str::to_owned),
            form_method: node.attribute("formmethod").map(method),
            form_enctype: node.attribute("formenctype").map(str::to_ascii_lowercase),
            options: self.choices(index),
            multiple: node.has("multiple"),
            kind,
        };
        control.label = self.label(&control, node, &words, context);
        control
    }

    fn choices(&self, select: usize) -> Vec<Choice> {
        let Some(options) = self.options.get(&select) else { return Vec::new() };
        let choice = |(index, disabled): &(usize, bool)| {
            let node = self.arena.node(*index)?;
            Some(Choice {
                value: node.attribute("value").map(str::to_owned),
                text: self.words_of(*index),
                selected: node.has("selected"),
                disabled: *disabled,
            })
        };
        options.iter().filter_map(choice).collect()
    }

    fn label(&self, control: &Control, node: &Node, words: &str, context: Context) -> String {
        let attribute = |name: &str| node.attribute(name).unwrap_or_default().to_owned();
        let candidates = if control.is_button() {
            let shown = if node.name == "button" { words.to_owned() } else { control.value.clone() };
            vec![shown, attribute("alt"), attribute("aria-label"), attribute("title")]
        } else {
            let by_id = self.labels.get(control.id.as_str()).filter(|_| !control.id.is_empty()).copied();
            let label = by_id.or(context.label).map(|index| self.words_of(index)).unwrap_or_default();
            vec![label, attribute("aria-label")]
        };
        let label = candidates.into_iter().map(|text| fold(&text)).find(|text| !text.is_empty());
        shorten(&label.unwrap_or_default(), LONGEST_LABEL)
    }

    fn words_of(&self, index: usize) -> String {
        self.words.get(&index).map(|words| fold(words)).unwrap_or_default()
    }
}

/// White space as a browser shows it.
fn fold(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn shorten(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}

fn method(text: &str) -> String {
    match text.trim().to_ascii_uppercase().as_str() {
        known @ ("POST" | "DIALOG") => known.to_owned(),
        _ => "GET".to_owned(),
    }
}

fn is_hidden(node: &Node) -> bool {
    let style = node.attribute("style").unwrap_or_default().replace(' ', "").to_ascii_lowercase();
    node.has("hidden") || style.contains("display:none") || style.contains("visibility:hidden")
}

fn is_inline(name: &str) -> bool {
    const INLINE: [&str; 17] = [
        "", "a", "abbr", "b", "bdi", "code", "em", "font", "i", "mark", "s", "small", "span", "strong",
        "sub", "sup", "u",
    ];
    INLINE.contains(&name)
}

use std::fmt::Write as _;

use super::schema::root;
use super::{Among, Field, Record, Shape};
use crate::load::FileKind;
use crate::model::Capability;

/// The reference of the language as Markdown: every record with its keys, in the order in which they are met.
pub fn reference() -> String {
    let mut text = String::new();
    for (root, title) in [
        (root(FileKind::Suite), "Suite files"),
        (root(FileKind::Requirements), "Requirement files"),
        (root(FileKind::Profile), "Profile files"),
        (root(FileKind::Threats), "Threat files"),
        (root(FileKind::Target), "Target files"),
        (root(FileKind::Baseline), "Baseline files"),
    ] {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "## {title}\n");
        for record in records(root) {
            if !text.contains(&format!("### {}\n", record.name)) {
                write_record(&mut text, record);
            }
        }
    }
    text.push_str("## Capabilities\n\nWhat `needs` can name.\n\n");
    for capability in Capability::ALL {
        let _ = writeln!(text, "- **`{}`**: {}.", capability.as_str(), capability.meaning());
    }
    text
}

/// The record and all that can stand in it, each once, in the order of the reference.
pub(in crate::load) fn records(root: &'static Record) -> Vec<&'static Record> {
    let mut found: Vec<&'static Record> = Vec::new();
    let mut waiting = vec![root];
    while let Some(record) = waiting.pop() {
        if found.iter().any(|known| known.name == record.name) {
            continue;
        }
        found.push(record);
        let mut inner: Vec<&'static Record> = record.also.to_vec();
        for field in record.fields.iter().chain(record.among.fields()) {
            inside(&field.shape, &mut inner);
        }
        waiting.extend(inner.into_iter().rev());
    }
    found
}

fn inside(shape: &'static Shape, found: &mut Vec<&'static Record>) {
    match shape {
        Shape::Of(record) | Shape::MaybeOf(record) => found.push(record),
        Shape::Matcher => found.push(&super::outcomes::MATCHER),
        Shape::Scalar => found.extend(super::steps::MAKERS),
        Shape::OneOrMore(s)
        | Shape::List(s)
        | Shape::Several(s)
        | Shape::Together(s)
        | Shape::Named(s)
        | Shape::NamedWith(_, s)
        | Shape::Headers(s)
        | Shape::Values(s)
        | Shape::SomeNamed(s) => inside(s, found),
        Shape::Pair(first, second) => [first, second].into_iter().for_each(|s| inside(s, found)),
        Shape::Either(shapes) => shapes.iter().for_each(|s| inside(s, found)),
        _ => {}
    }
}

fn write_record(text: &mut String, record: &Record) {
    let _ = writeln!(text, "### {}\n\n{}\n", record.name, record.doc);
    for field in record.fields {
        write_field(text, field);
    }
    match record.among {
        Among::Nothing | Among::Others => {}
        Among::One(fields) => {
            let _ = writeln!(text, "\nExactly one of:\n");
            fields.iter().for_each(|field| write_field(text, field));
        }
        Among::Some(fields) => {
            if !record.fields.is_empty() {
                let _ = writeln!(text, "\nAt least one of:\n");
            }
            fields.iter().for_each(|field| write_field(text, field));
        }
    }
    if !record.also.is_empty() {
        let links: Vec<String> = record.also.iter().map(|r| format!("[{0}](#{0})", r.name)).collect();
        let _ = writeln!(text, "\nAnd the keys of {}.", links.join(", "));
    }
    text.push('\n');
}

fn write_field(text: &mut String, field: &Field) {
    let required = if field.is_required { ", required" } else { "" };
    let _ = writeln!(text, "- **`{}`** ({}{required}): {}", field.key, takes(&field.shape), field.doc);
    let _ = writeln!(text, "  `{}: {}`", field.key, field.example);
}

/// What stands there, in few words.
fn takes(shape: &Shape) -> String {
    match shape {
        Shape::Text | Shape::Sentence => "text".to_owned(),
        Shape::Slug(_) => "slug".to_owned(),
        Shape::Flag => "`true` or `false`".to_owned(),
        Shape::True => "`true`".to_owned(),
        Shape::Whole(least, most) => format!("{least} to {most}"),
        Shape::Integer => "whole number".to_owned(),
        Shape::Number => "number".to_owned(),
        Shape::Count => "number or `$expression`".to_owned(),
        Shape::Duration => "duration".to_owned(),
        Shape::Wait => "duration or `$expression`".to_owned(),
        Shape::Date => "date".to_owned(),
        Shape::Url => "URL".to_owned(),
        Shape::Link => "URL or `#anchor`".to_owned(),
        Shape::Uri => "URI".to_owned(),
        Shape::Glob => "glob".to_owned(),
        Shape::Regex => "regular expression".to_owned(),
        Shape::Condition => "[expression](#expressions)".to_owned(),
        Shape::Scalar => "[value](#values)".to_owned(),
        Shape::Anything => "any [value](#values)".to_owned(),
        Shape::Matcher => "[matcher](#matcher)".to_owned(),
        Shape::ErrorCode => "error code".to_owned(),
        Shape::Status => "100 to 599, or `4xx`".to_owned(),
        Shape::Words(words) if words().len() > 12 => "word".to_owned(),
        Shape::OpenWords(words) => format!("{} or `$expression`", listed(words)),
        Shape::Words(words) => listed(words),
        Shape::Usually(words) => format!("text, usually {}", listed(words)),
        Shape::OneOrMore(shape) => format!("{}; or a list of them", takes(shape)),
        Shape::List(shape) | Shape::Several(shape) | Shape::Together(shape) => {
            format!("list of {}", takes(shape))
        }
        Shape::Pair(first, second) => format!("`[first, second]`: {}, {}", takes(first), takes(second)),
        Shape::Named(shape)
        | Shape::SomeNamed(shape)
        | Shape::NamedWith(_, shape)
        | Shape::Headers(shape)
        | Shape::Values(shape) => format!("map of names to {}", takes(shape)),
        Shape::Of(record) | Shape::MaybeOf(record) => format!("[{0}](#{0})", record.name),
        Shape::Either(shapes) => shapes.iter().map(takes).collect::<Vec<_>>().join(" or "),
    }
}

fn listed(words: &fn() -> Vec<String>) -> String {
    words().iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(" | ")
}

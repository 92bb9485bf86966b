use super::reference::records;
use super::schema::root;
use super::{Among, Field, Record};
use crate::load::FileKind;

/// A whole file for every key that files of that kind can have, with the key's example in it: `case.trials`
/// and the file. What the examples name is in `fixtures/good-suites`.
pub fn examples(kind: FileKind) -> Vec<(String, String)> {
    let mut examples = Vec::new();
    for record in records(root(kind)) {
        let own = record.fields.iter().chain(record.among.fields());
        // A record that others include is written wherever it is included.
        for field in own.chain(record.also.iter().flat_map(|also| also.fields)) {
            examples.push((format!("{}.{}", record.name, field.key), file(record, field)));
        }
    }
    examples
}

/// The record with what it must have, and the field.
fn file(record: &Record, field: &Field) -> String {
    let member = |field: &Field| format!("{}: {}", field.key, field.example);
    let required = record.all_fields().into_iter().filter(|f| f.is_required);
    let mut members: Vec<String> = required.map(member).collect();
    // Of keys that depend on one another the first will do, unless it is about another of them.
    for among in std::iter::once(record.among).chain(record.also.iter().map(|also| also.among)) {
        let first = match among {
            Among::Nothing | Among::Others => None,
            Among::One(fields) | Among::Some(fields) => {
                fields.first().filter(|_| !fields.iter().any(|f| f.key == field.key))
            }
        };
        members.extend(first.map(member));
    }
    if !field.is_required {
        members.push(member(field));
    }
    if !field.beside.is_empty() {
        members.push(field.beside.to_owned());
    }
    record.sample.replacen('@', &members.join(", "), 1)
}

use std::collections::BTreeMap;

use serde_json::Value;

use super::file::File;
use super::tree::{self, Kind, Node};
use crate::model::Verdict;

/// By defect and place, the cases that do not pass; nothing where no run can begin.
pub type VerdictTable = BTreeMap<String, BTreeMap<String, Option<BTreeMap<String, Verdict>>>>;

/// Reads the table of verdicts, `fixtures/verdicts.yaml`; `None` if it is none. An empty file is an empty table.
pub fn verdicts(text: &str) -> Option<VerdictTable> {
    let comment = |line: &str| line.is_empty() || line.starts_with('#');
    if text.lines().all(|line| comment(line.trim())) {
        return Some(VerdictTable::new());
    }
    let root = tree::parse(&File::new("verdicts", text)).ok()?;
    members(&root, |places| members(places, cases))
}

fn cases(node: &Node<'_>) -> Option<Option<BTreeMap<String, Verdict>>> {
    match &node.kind {
        Kind::Null => Some(None),
        _ => members(node, verdict).map(Some),
    }
}

fn verdict(node: &Node<'_>) -> Option<Verdict> {
    let Kind::Text(word) = &node.kind else { return None };
    serde_json::from_value(Value::String(word.to_string())).ok()
}

fn members<T>(node: &Node<'_>, read: impl Fn(&Node<'_>) -> Option<T>) -> Option<BTreeMap<String, T>> {
    let Kind::Map(entries) = &node.kind else { return None };
    entries.iter().map(|entry| Some((entry.key.to_string(), read(&entry.value)?))).collect()
}

use std::collections::BTreeMap;

use super::super::record::retries;
use super::super::text::{count, thousands};
use crate::model::{CaseKind, CaseResult, Verdict};

/// Holds the results of a case's instances back until no more of them are under way, so that those with one
/// verdict share a line. Cases with one instance pass straight through.
#[derive(Debug, Default)]
pub(super) struct Folding {
    groups: BTreeMap<String, Group>,
}

/// A line of the console.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Row {
    pub(super) verdict: Verdict,
    pub(super) duration_ms: f64,
    /// `suite/case[instance]`, or `suite/case` where several share the line.
    pub(super) id: String,
    /// What is said behind it, in parentheses.
    pub(super) remark: Option<String>,
}

#[derive(Debug, Default)]
struct Group {
    under_way: usize,
    /// Whether the engine has begun another case since, so that no more instances will come.
    passed_by: bool,
    results: Vec<Instance>,
}

#[derive(Debug)]
struct Instance {
    row: Row,
    started_ms: f64,
}

impl Folding {
    /// A case has begun; answers the lines that are complete by that.
    pub(super) fn started(&mut self, id: &str) -> Vec<Row> {
        let case = id.split('[').next().unwrap_or(id);
        for (other, group) in &mut self.groups {
            group.passed_by = other != case;
        }
        if case != id {
            let group = self.groups.entry(case.to_owned()).or_default();
            group.under_way += 1;
            group.passed_by = false;
        }
        self.complete(|group| group.passed_by && group.under_way == 0)
    }

    /// A case has its verdict; answers the lines that are complete by that.
    pub(super) fn finished(&mut self, result: &CaseResult) -> Vec<Row> {
        let row = Row {
            verdict: result.verdict,
            duration_ms: result.duration_ms,
            id: result.id(),
            remark: remark(result),
        };
        if result.instance.is_empty() {
            return vec![row];
        }
        let group = self.groups.entry(result.case.clone()).or_default();
        group.under_way = group.under_way.saturating_sub(1);
        group.results.push(Instance { row, started_ms: result.started_ms });
        self.complete(|group| group.passed_by && group.under_way == 0)
    }

    /// All that is still held back.
    pub(super) fn rest(&mut self) -> Vec<Row> {
        self.complete(|_| true)
    }

    fn complete(&mut self, is_complete: impl Fn(&Group) -> bool) -> Vec<Row> {
        let mut rows = Vec::new();
        for (case, group) in self.groups.extract_if(.., |_, group| is_complete(group)) {
            rows.extend(group.rows(&case));
        }
        rows
    }
}

impl Group {
    /// One line where all agree; otherwise what is well shares a line, and what is not has one each.
    fn rows(mut self, case: &str) -> Vec<Row> {
        let all = self.results.len();
        self.results.sort_by(|a, b| a.row.id.cmp(&b.row.id));
        let mut rows = Vec::new();
        for verdict in Verdict::ALL {
            let alike: Vec<&Instance> = self.results.iter().filter(|i| i.row.verdict == verdict).collect();
            let is_well = matches!(verdict, Verdict::Pass | Verdict::Inapplicable);
            if alike.len() < 2 || alike.len() < all && !is_well {
                rows.extend(alike.into_iter().map(|instance| instance.row.clone()));
                continue;
            }
            let remark = if alike.len() == all {
                count(all, "instance")
            } else {
                format!("{} of {} instances", thousands(alike.len()), thousands(all))
            };
            rows.push(Row { verdict, duration_ms: span(&alike), id: case.to_owned(), remark: Some(remark) });
        }
        rows
    }
}

/// From the start of the first to the end of the last.
fn span(instances: &[&Instance]) -> f64 {
    let start = instances.iter().map(|i| i.started_ms).fold(f64::INFINITY, f64::min);
    let end = instances.iter().map(|i| i.started_ms + i.row.duration_ms).fold(0.0, f64::max);
    (end - start).max(0.0)
}

fn remark(result: &CaseResult) -> Option<String> {
    let mut parts: Vec<String> = kind_remark(result).into_iter().collect();
    parts.extend(retries(result));
    if result.is_known(true) {
        parts.push("known".to_owned());
    }
    (!parts.is_empty()).then(|| parts.join(", "))
}

fn kind_remark(result: &CaseResult) -> Option<String> {
    match (result.kind, &result.property, result.examined) {
        (CaseKind::Property, Some(property), _) => {
            let inputs = count(usize::try_from(property.trials).unwrap_or(usize::MAX), "input");
            let requests = count(usize::try_from(property.requests).unwrap_or(usize::MAX), "request");
            let ended = if property.budget_spent { ", budget spent" } else { "" };
            Some(format!("{inputs}, {requests}{ended}"))
        }
        (CaseKind::Invariant, _, Some(examined)) => {
            Some(count(usize::try_from(examined).unwrap_or(usize::MAX), "exchange"))
        }
        _ => None,
    }
}

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::record::Record;
use crate::model::{Event, Verdict};

/// What is known of an earlier run, for a report that compares.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Earlier {
    /// When it began, as its journal has it.
    pub started: String,
    /// Its verdicts by `suite/case[instance]`.
    pub verdicts: BTreeMap<String, Verdict>,
}

impl FromIterator<Event> for Earlier {
    fn from_iter<I: IntoIterator<Item = Event>>(events: I) -> Self {
        let mut earlier = Self::default();
        for event in events {
            match event {
                Event::RunStarted(run) => earlier.started = run.started,
                Event::CaseFinished(result) => {
                    earlier.verdicts.insert(result.id(), result.verdict);
                }
                _ => {}
            }
        }
        earlier
    }
}

/// A row whose verdict is another than in the earlier run.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Turn {
    pub(super) id: String,
    /// `None` where the earlier run did not have it.
    pub(super) before: Option<Verdict>,
}

impl Earlier {
    /// Rows that turned, and ids of those that are no longer there.
    pub(super) fn compared_with(&self, record: &Record) -> (Vec<Turn>, Vec<&str>) {
        let mut here = BTreeSet::new();
        let mut turned = Vec::new();
        for result in &record.results {
            let id = result.id();
            let before = self.verdicts.get(&id).copied();
            here.insert(id.clone());
            if before != Some(result.verdict) {
                turned.push(Turn { id, before });
            }
        }
        let gone = self.verdicts.keys().filter(|id| !here.contains(*id)).map(String::as_str).collect();
        (turned, gone)
    }
}

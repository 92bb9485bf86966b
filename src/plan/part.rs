use std::collections::BTreeSet;

use crate::model::Partition;

use super::{Entry, Plan};

impl Plan {
    /// The names of all its rows, a line each, in order: what the parts of a run must agree on.
    pub fn rows(&self) -> String {
        let entries = self.entries.iter().map(Entry::id);
        let invariants = self.invariants.iter().map(|planned| planned.invariant.full_id.clone());
        entries.chain(invariants).fold(String::new(), |text, id| text + &id + "\n")
    }

    /// Leaves the rows of that part. Invariants stay, since every part has exchanges of its own.
    #[must_use]
    pub fn part(self, partition: Partition) -> Self {
        self.keep(|place, id| partition.has(place, id))
    }

    /// Leaves the rows and invariants of these names. Invariants alone have the exchanges of all positive
    /// controls to examine, which are few and in which every kind of success occurs.
    #[must_use]
    pub fn only(mut self, names: &BTreeSet<String>) -> Self {
        self.invariants.retain(|planned| names.contains(&planned.invariant.full_id));
        if self.entries.iter().any(|entry| names.contains(&entry.id())) {
            return self.keep(|_, id| names.contains(id));
        }
        let controls: BTreeSet<String> =
            self.entries.iter().filter_map(|e| Some(e.case.control.as_ref()?.value.clone())).collect();
        self.entries.retain(|entry| controls.contains(&entry.case.full_id));
        self.entries.iter_mut().for_each(|entry| entry.silent = true);
        self
    }

    /// Leaves those rows, and silently those that are the positive controls of theirs: no part takes another's
    /// word for what works.
    fn keep(mut self, is_kept: impl Fn(usize, &str) -> bool) -> Self {
        for (place, entry) in self.entries.iter_mut().enumerate() {
            entry.silent = !is_kept(place, &entry.id());
        }
        let mut needed: BTreeSet<String> = BTreeSet::new();
        loop {
            let wanted: BTreeSet<String> = self
                .entries
                .iter()
                .filter(|entry| !entry.silent || needed.contains(&entry.case.full_id))
                .filter_map(|entry| Some(entry.case.control.as_ref()?.value.clone()))
                .collect();
            if wanted.is_subset(&needed) {
                break;
            }
            needed.extend(wanted);
        }
        self.entries.retain(|entry| !entry.silent || needed.contains(&entry.case.full_id));
        self
    }
}

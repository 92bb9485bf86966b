use std::collections::BTreeMap;

use crate::model::Verdict;

/// By defect and place, the cases that do not pass; nothing where no run can begin.
pub type VerdictTable = BTreeMap<String, BTreeMap<String, Option<BTreeMap<String, Verdict>>>>;

/// Reads the table of verdicts, `fixtures/verdicts.yaml`; `None` if it is none. An empty file is an empty table.
pub fn verdicts(text: &str) -> Option<VerdictTable> {
    Some(serde_saphyr::from_str::<Option<VerdictTable>>(text).ok()?.unwrap_or_default())
}

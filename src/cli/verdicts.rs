use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::load;
use crate::model::{Library, Verdict};
use crate::reference::Defect;

/// The table that the project's own tests compare with.
const TABLE: &str = include_str!("../../fixtures/verdicts.yaml");

/// Which cases do not pass on a server with which defect.
pub(super) struct Verdicts(BTreeMap<String, Vec<Row>>);

/// What one defect does in one place.
#[derive(Debug)]
pub(super) struct Row {
    /// The profile under which it was judged, and behind a space how server and clients were set up.
    pub(super) profile: String,
    /// The worst verdict of each case and invariant that does not pass; empty where no run can begin.
    pub(super) cases: BTreeMap<String, Verdict>,
}

impl Verdicts {
    /// Those that the binary was proven with.
    pub(super) fn embedded() -> Self {
        // The project's tests read the same text; a table that nobody has made yet is empty.
        Self::parse(TABLE).unwrap_or(Self(BTreeMap::new()))
    }

    fn parse(text: &str) -> Option<Self> {
        let written = load::verdicts(text)?;
        let row = |(profile, cases): (String, Option<_>)| Row { profile, cases: cases.unwrap_or_default() };
        Some(Self(
            written.into_iter().map(|(name, places)| (name, places.into_iter().map(row).collect())).collect(),
        ))
    }

    /// What a defect does.
    pub(super) fn of(&self, defect: Defect) -> &[Row] {
        self.0.get(defect.name()).map_or(&[], Vec::as_slice)
    }

    /// The defects under which a case or an invariant fails or warns: they prove that it can.
    pub(super) fn proving<'a>(&'a self, case: &'a str) -> impl Iterator<Item = (Defect, &'a Row, Verdict)> {
        let rows = move |defect: Defect| self.of(defect).iter().map(move |row| (defect, row));
        Defect::ALL.iter().copied().flat_map(rows).filter_map(move |(defect, row)| {
            let verdict = *row.cases.get(case)?;
            matches!(verdict, Verdict::Fail | Verdict::Warn).then_some((defect, row, verdict))
        })
    }

    /// The whole table as text, and below it what is missing.
    pub(super) fn matrix(&self, library: &Library) -> String {
        let mut text = String::new();
        let mut caught = 0;
        for defect in Defect::ALL {
            // Writing to a string cannot fail.
            let rows = self.of(*defect);
            if rows.is_empty() {
                let _ = writeln!(text, "{}\n  not in the table", defect.name());
            }
            caught += usize::from(!rows.is_empty());
            for row in rows {
                let _ = writeln!(text, "{}  (profile {})", defect.name(), row.profile);
                text.push_str(&cases(row));
            }
        }
        let ids: Vec<&String> = library
            .suites
            .iter()
            .flat_map(|s| s.cases.iter().map(|c| &c.full_id).chain(s.invariants.iter().map(|i| &i.full_id)))
            .collect();
        let unproven: Vec<&&String> = ids.iter().filter(|id| self.proving(id).next().is_none()).collect();
        let _ = writeln!(
            text,
            "\n{caught} of {} defects are caught; {} of {} cases and invariants are broken by some defect",
            Defect::ALL.len(),
            ids.len() - unproven.len(),
            ids.len()
        );
        if !unproven.is_empty() {
            text.push_str("broken by none:\n");
        }
        for id in unproven {
            let _ = writeln!(text, "  {id}");
        }
        text
    }
}

/// The cases of a row with their verdicts, a line each, worst first.
pub(super) fn cases(row: &Row) -> String {
    let mut cases: Vec<(&String, &Verdict)> = row.cases.iter().collect();
    cases.sort_by(|a, b| b.1.cmp(a.1).then_with(|| a.0.cmp(b.0)));
    let mut text = String::new();
    if cases.is_empty() {
        text.push_str("  no run can begin\n");
    }
    for (id, verdict) in cases {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "  {:<7}  {id}", verdict.as_str());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::built_in_library;

    const SAMPLE: &str = "\
# comment
accepts-reused-code:
  tasknation:
    authorization-code/single-use: fail
    token-response/cached: warn
    a-case/that-follows: blocked
";

    #[test]
    fn the_table_in_the_binary_is_one() {
        assert!(Verdicts::parse(TABLE).is_some());
        assert!(Verdicts::parse("# nothing yet\n").is_some_and(|table| table.0.is_empty()));
        assert!(Verdicts::parse("{}").is_some_and(|table| table.0.is_empty()));
    }

    #[test]
    fn blocked_proves_nothing() {
        let table = Verdicts::parse(SAMPLE).unwrap();
        let proving: Vec<_> = table.proving("token-response/cached").map(|(d, _, v)| (d, v)).collect();
        assert_eq!(proving, [(Defect::AcceptsReusedCode, Verdict::Warn)]);
        assert_eq!(table.proving("a-case/that-follows").count(), 0);
    }

    #[test]
    fn the_matrix_names_verdicts_worst_first_and_what_is_missing() {
        let table = Verdicts::parse(SAMPLE).unwrap();
        let text = table.matrix(&built_in_library().unwrap());
        let rows = "\
accepts-reused-code  (profile tasknation)
  fail     authorization-code/single-use
  blocked  a-case/that-follows
  warn     token-response/cached
";
        assert!(text.contains(rows), "{text}");
        assert!(text.contains("ignores-denial\n  not in the table\n"), "{text}");
        assert!(text.contains(&format!("1 of {} defects are caught; 0 of", Defect::ALL.len())), "{text}");
        assert!(text.contains("broken by none:\n"), "{text}");
    }
}

use std::fmt::Write as _;

use super::super::text::{clean_text, count, thousands};
use crate::model::Comparison;

/// Rows that are named before the rest is only counted.
const NAMES: usize = 4;

/// A comparison for people at a terminal. Whatever came over the wire is escaped.
pub fn comparison_text(comparison: &Comparison) -> String {
    let names = comparison.names().map(|name| clean_text(&name));
    let width = names.iter().map(|name| name.chars().count()).max().unwrap_or(0);
    let listed = |rows: &[String]| {
        let shown: Vec<String> = rows.iter().take(NAMES).map(|row| clean_text(row)).collect();
        let more = rows.len() - shown.len();
        let more = if more > 0 { format!(" and {} more", thousands(more)) } else { String::new() };
        format!("{}{more}", shown.join(", "))
    };
    let mut text = String::new();
    // Writing to a string cannot fail.
    for (index, difference) in comparison.differences.iter().enumerate() {
        let verdicts = if difference.verdicts { "  [the verdicts differ]" } else { "" };
        let (place, what) = (clean_text(&difference.place), clean_text(&difference.what));
        let _ = writeln!(text, "{:>3}. {place}: {what}{verdicts}", index + 1);
        for (name, seen) in names.iter().zip(&difference.seen) {
            let _ = writeln!(text, "       {name:width$}  {}", clean_text(seen));
        }
        let _ = writeln!(text, "       {:width$}  {}\n", "in", listed(&difference.rows));
    }
    for (name, only) in names.iter().zip(&comparison.only).filter(|(_, only)| !only.is_empty()) {
        let _ = writeln!(text, "Only {name} was asked {}: {}", count(only.len(), "row"), listed(only));
    }
    let _ = writeln!(
        text,
        "{}; {} of {} without a difference",
        clean_text(&comparison.sentence()),
        comparison.alike,
        count(comparison.rows, "row")
    );
    text
}

use crate::model::{Bindings, Case, Expression, Located, Template, Value};

use super::{Names, Surroundings};

/// The instances of a case: rows of its table times the cross product of its matrix, each with its name, its
/// values and the condition of its row. A plain case has one without a name.
///
/// A value that cannot be computed is null; what refers to it says so when it runs.
pub(super) fn of(
    case: &Case,
    surroundings: &Surroundings,
) -> Vec<(String, Bindings, Option<Located<Expression>>)> {
    let mut instances = vec![(String::new(), Bindings::new(), None)];
    if !case.table.is_empty() {
        instances = case
            .table
            .iter()
            .map(|row| {
                let mut bindings = vec![("name".to_owned(), row.name.as_str().into())];
                for (column, template) in &row.values {
                    let value = value(template, surroundings, &bindings);
                    bindings.push((column.clone(), value));
                }
                fill_missing_columns(case, &mut bindings);
                (row.name.clone(), bindings, row.when.clone())
            })
            .collect();
    }
    for axis in &case.matrix {
        instances = instances
            .into_iter()
            .flat_map(|(name, bindings, when)| {
                axis.values.iter().map(move |template| {
                    let value = value(template, surroundings, &bindings);
                    let separator = if name.is_empty() { "" } else { "," };
                    let name = format!("{name}{separator}{}={}", axis.name, shown(&value));
                    let mut bindings = bindings.clone();
                    bindings.push((axis.name.clone(), value));
                    (name, bindings, when.clone())
                })
            })
            .collect();
    }
    instances
}

/// A column that only other rows have is null in this one.
fn fill_missing_columns(case: &Case, bindings: &mut Bindings) {
    // Every row has the columns of the first, and mostly no others.
    let columns = case.table.first().map_or(0, |row| row.values.len());
    if case.table.iter().all(|row| row.values.len() == columns) {
        return;
    }
    for (column, _) in case.table.iter().flat_map(|r| &r.values) {
        if !bindings.iter().any(|(n, _)| n == column) {
            bindings.push((column.clone(), Value::Null));
        }
    }
}

/// Instances are planned before anything is random, so `{ random: … }` belongs in a step, not in a matrix.
fn value(template: &Template, surroundings: &Surroundings, bindings: &Bindings) -> Value {
    template.evaluate(&Names::new(surroundings, bindings), &mut |_| 0).unwrap_or_default()
}

/// A value as part of an id: short, one word, no brackets.
fn shown(value: &Value) -> String {
    let text = value.to_plain().unwrap_or_else(|| value.to_string());
    let plain: String = text
        .chars()
        .map(|c| if c.is_ascii_graphic() && !matches!(c, '[' | ']' | ',' | '"' | '\'') { c } else { '_' })
        .take(48)
        .collect();
    if plain.is_empty() { "empty".to_owned() } else { plain }
}

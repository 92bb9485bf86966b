use std::collections::HashSet;

use super::decode::{Decoder, Map, all};
use super::diagnostic::Diagnostic;
use super::language::suites;
use super::meant;
use super::names::{Names, Shape};
use super::step::Walk;
use super::suite::{Shared, steps_of};
use super::template::Allowed;
use super::tree::{Entry, Kind, Node};
use crate::model::{Axis, Case, Located, Location, Property, Row, Script, Scripted, Template, Value};

/// Instances of one case.
const MOST_INSTANCES: usize = 10_000;
/// Inputs of a property.
const TRIALS: u32 = 24;
/// Further runs for shrinking.
const SHRINKS: u32 = 256;
/// Requests of a property.
const BUDGET: u32 = 2_000;

/// Names and what is known of their values.
type Variables = Vec<(String, Shape)>;

impl Decoder<'_> {
    /// A case. Its full id is kept in `ids` even if the case is wrong.
    pub fn case(&self, node: &Node, shared: &Shared<'_>, ids: &mut Vec<Located<String>>) -> Option<Case> {
        *self.names.borrow_mut() = Names::default();
        let map = self.record(node, &suites::CASE)?;
        let id = map.need("id", |n| {
            let value = self.slug(n, "the id of a case", &[])?;
            Some(Located { value, location: self.at(n) })
        });
        if let Some(id) = &id {
            ids.push(Located {
                value: format!("{}/{}", shared.suite, id.value),
                location: id.location.clone(),
            });
        }
        let title = map.need("title", |n| self.sentence(n, "`title`"));
        let needs = map.read("needs", |n| self.needs(n)).unwrap_or_default();
        let tags = map.read("tags", |n| self.tags(n)).unwrap_or_default();
        let serial = map.read("serial", |n| self.flag(n, "`serial`")).unwrap_or_default();
        let control = map.read("control", |n| self.located(n, "`control`"));
        let replaces = map.read("replaces", |n| self.located(n, "`replaces`"));
        if let Some(id) = &id {
            let full_id = format!("{}/{}", shared.suite, id.value);
            let mut named = self.named.borrow_mut();
            named.controls.extend(control.clone().map(|control| (full_id.clone(), control)));
            named.replacements.extend(replaces.clone().map(|replaced| (full_id, replaced)));
        }

        // Instances first: the rest of the case may refer to their names.
        let matrix = map.read("matrix", |n| self.matrix(n)).unwrap_or_default();
        let table = map.read("table", |n| self.table(n)).unwrap_or_default();
        self.check_instances(&map, &matrix, &table);
        let mut variables: Variables = matrix.iter().map(|a| (a.name.clone(), shape_of(&a.values))).collect();
        variables.extend(columns(&table));
        self.names.borrow_mut().variables.clone_from(&variables);
        let when = map.read("when", |n| self.condition(n, "`when`"));
        let forall = map.read("forall", |n| self.generators(n, &variables));
        let property = self.property(&map, forall);
        if let Some(property) = &property {
            variables.extend(property.variables.iter().map(|(n, g)| (n.clone(), self.generated(&g.value))));
        }

        let script = match &self.elsewhere {
            Some(scripts) => {
                let _ = (map.need("steps", Some), map.read("finally", Some));
                Some(Scripted::later(scripts.clone(), ids.len().saturating_sub(1)))
            }
            None => {
                let place = id.as_ref().map_or_else(|| self.at(node), |id| id.location.clone());
                let mut walk = Walk::new(&shared.fragments, control.is_some());
                self.script(&map, place, variables, &mut walk).map(Scripted::from)
            }
        };
        map.finish()?;
        let id = id?;
        Some(Case {
            full_id: format!("{}/{}", shared.suite, id.value),
            id: id.value,
            title: title?,
            needs: shared.needs.iter().cloned().chain(needs).collect(),
            when,
            tags: shared.tags.iter().cloned().chain(tags).collect(),
            serial,
            control,
            replaces,
            replaced_by: None,
            matrix,
            table,
            forall: property,
            script: script?,
            location: id.location,
        })
    }

    /// What the case at that place does.
    fn script(
        &self,
        map: &Map<'_, '_>,
        place: Location,
        variables: Variables,
        walk: &mut Walk<'_>,
    ) -> Option<Script> {
        let mut later = Vec::new();
        for key in ["steps", "finally"] {
            map.optional(key).into_iter().for_each(|n| given_names(n, &mut later));
        }
        *self.names.borrow_mut() = Names { variables, later, ..Names::default() };
        let steps = map.need("steps", |n| steps_of(self, n, "`steps`", walk));
        if steps.is_some() && walk.expectations == 0 {
            self.note(
                Diagnostic::new(
                    place,
                    "the case expects nothing, so nothing can make it fail",
                    "no step has `expect`",
                )
                .help("add `expect: [ { for: REQUIREMENT, … } ]` to the step that this case is about"),
            );
        }
        walk.finally = true;
        let finally = map.read("finally", |n| steps_of(self, n, "`finally`", walk)).unwrap_or_default();
        Some(Script { steps: steps?, finally })
    }

    fn matrix(&self, node: &Node) -> Option<Vec<Axis>> {
        let map = self.map(node, "`matrix`")?;
        all(map.entries(), |entry| {
            self.variable_name(entry)?;
            if let Kind::Text(text) = &entry.value.kind
                && let Some((from, to)) = meant::range(text)
            {
                let message = format!("the axis `{}` must be a list", entry.key);
                let problem = Diagnostic::new(self.at(&entry.value), message, "expected a list");
                self.note(problem.help(format!("write every value that is tried, such as `[{from}, {to}]`")));
                return None;
            }
            let values = self.each(&entry.value, &format!("the axis `{}`", entry.key), |n| {
                self.template(n, Allowed::Anything)
            })?;
            if values.is_empty() {
                self.wrong(
                    &entry.value,
                    format!("the axis `{}` has no values", entry.key),
                    "expected at least one",
                );
                return None;
            }
            let mut seen = HashSet::new();
            let items = self.list(&entry.value, "an axis")?;
            for (value, item) in values.iter().zip(items) {
                if !seen.insert(format!("{value:?}")) {
                    self.wrong(
                        item,
                        format!("the axis `{}` has this value twice", entry.key),
                        "the same instance again",
                    );
                }
            }
            Some(Axis { name: entry.key.to_string(), values, location: self.at_key(entry) })
        })
    }

    fn table(&self, node: &Node) -> Option<Vec<Row>> {
        let items = self.list(node, "`table`")?;
        if items.is_empty() {
            self.wrong(node, "the table has no rows", "expected at least one");
            return None;
        }
        let rows = all(items, |item| self.row(item))?;
        let mut names = HashSet::new();
        let mut complete = true;
        for (row, item) in rows.iter().zip(items) {
            if !names.insert(&row.name) {
                complete = false;
                self.note(
                    Diagnostic::new(
                        row.location.clone(),
                        format!("two rows are named `{}`", row.name),
                        "the second",
                    )
                    .help("instances are told apart by the names of their rows"),
                );
            }
            let missing = columns(&rows).find(|(column, _)| !row.values.iter().any(|(n, _)| n == column));
            if let Some((column, _)) = missing {
                complete = false;
                self.wrong(
                    item,
                    format!("the row has no `{column}`, which other rows have"),
                    "every row fills every column",
                );
            }
        }
        complete.then_some(rows)
    }

    fn row(&self, node: &Node) -> Option<Row> {
        let map = self.record(node, &suites::ROW)?;
        let name = map.need("name", |n| self.slug(n, "the name of a row", &['.', '/']));
        let when = map.read("when", |n| self.condition(n, "`when`"));
        let columns: Vec<&Entry> =
            map.entries().iter().filter(|e| !matches!(e.key.as_ref(), "name" | "when")).collect();
        let values = all(&columns, |entry| {
            self.variable_name(entry)?;
            Some((entry.key.to_string(), self.template(&entry.value, Allowed::Anything)?))
        });
        Some(Row { name: name?, values: values?, when, location: self.at(node) })
    }

    /// Notes a name that steps could not refer to.
    pub fn variable_name(&self, entry: &Entry) -> Option<()> {
        let Some(why) = Names::refuse(&entry.key, false) else { return Some(()) };
        self.note(Diagnostic::new(self.at_key(entry), format!("`{}` cannot be a name here", entry.key), why));
        None
    }

    fn check_instances(&self, map: &Map<'_, '_>, matrix: &[Axis], table: &[Row]) {
        let rows = table.len().max(1);
        let count = matrix.iter().fold(rows, |product, axis| product.saturating_mul(axis.values.len()));
        let place = map.entry("matrix").or_else(|| map.entry("table"));
        if let Some(entry) = place.filter(|_| count > MOST_INSTANCES) {
            self.note(
                Diagnostic::new(
                    self.at_key(entry),
                    format!("the case has {count} instances"),
                    format!("at most {MOST_INSTANCES}"),
                )
                .help("for many inputs use `forall`"),
            );
        }
        for (column, _) in columns(table) {
            if let Some(axis) = matrix.iter().find(|a| a.name == column) {
                let message = format!("`{column}` is a column of the table and an axis of the matrix");
                self.note(Diagnostic::new(axis.location.clone(), message, "choose another name"));
            }
        }
    }

    fn property(
        &self,
        map: &Map<'_, '_>,
        forall: Option<Vec<super::generator::Variable>>,
    ) -> Option<Property> {
        let count = |key, least: u64, most: u64| {
            let read = |n: &Node| self.integer(n, &format!("`{key}`"), least, most);
            map.read(key, read).and_then(|n| u32::try_from(n).ok())
        };
        let trials = count("trials", 1, 10_000);
        let shrinks = count("shrinks", 0, 10_000);
        let budget = count("budget", 1, 1_000_000);
        for key in ["trials", "shrinks", "budget"] {
            let entry = map.entry(key).filter(|_| map.optional("forall").is_none());
            if let Some(entry) = entry {
                self.note(
                    Diagnostic::new(
                        self.at_key(entry),
                        format!("`{key}` without `forall`"),
                        "only a property has trials",
                    )
                    .help("add `forall: { NAME: { chars: vschar, length: [8, 64] } }`"),
                );
            }
        }
        let variables = forall?;
        Some(Property {
            variables,
            trials: trials.unwrap_or(TRIALS),
            shrinks: shrinks.unwrap_or(SHRINKS),
            budget: budget.unwrap_or(BUDGET),
        })
    }
}

/// The columns of a table and what is known of their values.
fn columns(table: &[Row]) -> impl Iterator<Item = (String, Shape)> {
    let first = table.first().map(|row| row.values.as_slice()).unwrap_or_default();
    first.iter().map(|(name, _)| {
        let cells = table.iter().filter_map(|row| row.values.iter().find(|(n, _)| n == name));
        let plain = cells.fold(true, |plain, (_, value)| plain && is_plain(value));
        (name.clone(), if plain { Shape::Scalar } else { Shape::Any })
    })
}

fn shape_of(values: &[Template]) -> Shape {
    if values.iter().all(is_plain) { Shape::Scalar } else { Shape::Any }
}

fn is_plain(template: &Template) -> bool {
    match template {
        Template::Literal(value) => !matches!(value, Value::Null),
        Template::Text(_) | Template::Random { .. } | Template::Repeat { .. } | Template::Wire { .. } => true,
        Template::Expression(_) | Template::List(_) | Template::Map(_) => false,
    }
}

/// The names given by `as` in steps, wherever they stand.
fn given_names(node: &Node, names: &mut Vec<String>) {
    match &node.kind {
        Kind::List(items) => items.iter().for_each(|item| given_names(item, names)),
        Kind::Map(entries) => {
            for entry in entries {
                match (&*entry.key, &entry.value.kind) {
                    ("as", Kind::Text(name)) => names.push(name.to_string()),
                    ("parallel" | "race" | "step", _) => given_names(&entry.value, names),
                    _ => {}
                }
            }
        }
        _ => {}
    }
}

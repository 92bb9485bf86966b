use std::sync::LazyLock;

use super::decode::Decoder;
use super::diagnostic::{Diagnostic, nearest};
use super::expression::RESERVED;
use crate::model::{Client, Located, Location, Policy, Target, User, Value};

/// What references may name at the place that is being read.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// Nothing is checked: a fragment is read on its own.
    pub unchecked: bool,
    /// The names of matrix, table and generators; they win over the built-in ones.
    pub variables: Vec<(String, Shape)>,
    /// The names given by `as` to earlier steps, the kind of each and where it was given.
    pub steps: Vec<(Located<String>, String)>,
    /// The kinds of earlier steps, by their keywords.
    pub kinds: Vec<String>,
    /// The names given by `as` anywhere in the case.
    pub later: Vec<String>,
    /// Whether `request` and `response` are known.
    pub judging: bool,
}

/// What is known of a value without having it.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Shape {
    /// Nothing.
    Any,
    /// It has no members.
    Scalar,
    /// It has these members, and no others.
    Map(Vec<(String, Shape)>),
}

/// Names that are known everywhere.
const EVERYWHERE: [&str; 7] = ["client", "keyed", "policy", "public", "second", "target", "user"];
/// Names of the latest outcome of a kind.
const LATEST: [&str; 4] = ["authorize", "refresh", "register", "token"];
/// Names that are known where an outcome is judged.
const JUDGING: [&str; 3] = ["request", "response", "samples"];

impl Names {
    /// Why a matrix, a table, a generator or a step cannot have that name.
    pub fn refuse(name: &str, step: bool) -> Option<&'static str> {
        let first = |c: char| c.is_ascii_alphabetic() || c == '_';
        let rest = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        if !name.starts_with(first) || !name.chars().all(rest) || name.ends_with('-') {
            Some("expected a letter, then letters, digits, `_` and `-`")
        } else if RESERVED.contains(&name) {
            Some("the word has its own meaning in expressions")
        } else if JUDGING.contains(&name) {
            Some("the name already means what the step being judged sent and got")
        } else if LATEST.contains(&name) {
            Some("the name already means the latest outcome of that kind")
        } else if matches!(name, "policy" | "target") || step && EVERYWHERE.contains(&name) {
            Some("the name is already known everywhere")
        } else {
            None
        }
    }

    /// Every name that may begin a reference here.
    fn known(&self) -> impl Iterator<Item = &str> {
        let variables = self.variables.iter().map(|(name, _)| name.as_str());
        let steps = self.steps.iter().map(|(name, _)| name.value.as_str());
        let latest = LATEST.into_iter().filter(|l| self.kinds.iter().any(|k| k == l));
        let judging = JUDGING.into_iter().filter(|_| self.judging);
        variables.chain(steps).chain(EVERYWHERE).chain(latest).chain(judging)
    }

    /// Whether a reference may begin with the name.
    pub fn knows(&self, name: &str) -> bool {
        self.known().any(|n| n == name)
    }

    fn shape(&self, name: &str) -> &Shape {
        let variable = self.variables.iter().find(|(n, _)| n == name).map(|(_, shape)| shape);
        let builtin = || BUILT_IN.iter().find(|(n, _)| n == name).map(|(_, shape)| shape);
        variable.or_else(builtin).unwrap_or(&Shape::Any)
    }
}

impl Decoder<'_> {
    /// Notes a reference to what is not known at this place. `place` finds those of the path's names.
    pub fn check_reference(&self, path: &[String], place: impl Fn(usize) -> Location) {
        let names = self.names.borrow();
        let Some((first, rest)) = path.split_first() else { return };
        if names.unchecked {
            return;
        }
        if !names.knows(first) {
            self.note(unknown(&names, first, place(0)).page("expressions"));
            return;
        }
        let mut shape = names.shape(first);
        for (index, member) in rest.iter().enumerate() {
            let walked = || path[..=index].join(".");
            let place = || place(index + 1);
            let members = match shape {
                Shape::Any => return,
                Shape::Scalar => {
                    let walked = walked();
                    let message = format!("`{walked}` is a plain value of this case and has no members");
                    let problem = Diagnostic::new(place(), message, "no such member").page("expressions");
                    self.note(if EVERYWHERE.contains(&walked.as_str()) {
                        problem.help(format!(
                            "the case's own `{walked}` hides the one that is known everywhere: give it another name"
                        ))
                    } else {
                        problem
                    });
                    return;
                }
                Shape::Map(members) => members,
            };
            let Some((_, inner)) = members.iter().find(|(name, _)| name == member) else {
                let walked = walked();
                let message = format!("`{walked}` has no `{member}`");
                let problem = Diagnostic::new(place(), message, "not a member").page("expressions");
                let head = member.split('-').next().unwrap_or_default();
                self.note(if head != member && members.iter().any(|(name, _)| name == head) {
                    problem.help(format!("for a minus put spaces around it: `{walked}.{head} - …`"))
                } else {
                    problem.suggest(nearest(member, members.iter().map(|(name, _)| name.as_str())))
                });
                return;
            };
            shape = inner;
        }
    }
}

fn unknown(names: &Names, name: &str, place: Location) -> Diagnostic {
    if LATEST.contains(&name) {
        return Diagnostic::new(
            place,
            format!("no `{name}` step comes before this one"),
            format!("`{name}` means the outcome of the latest such step"),
        );
    }
    if JUDGING.contains(&name) {
        return Diagnostic::new(
            place,
            format!("`{name}` is known only in `expect` and `assume`"),
            "nothing has been sent yet",
        );
    }
    if names.later.iter().any(|n| n == name) {
        return Diagnostic::new(
            place,
            format!("the step `{name}` has not happened yet here"),
            "named later, or by this step",
        )
        .help("what a step itself got is `response`");
    }
    let is_value = place.column > 1 && place.text.chars().nth(place.column - 2) == Some('$');
    let problem = Diagnostic::new(place, format!("there is no `{name}` here"), "not a known name");
    match nearest(name, names.known()) {
        Some(nearest) => problem.suggest(Some(nearest)),
        None if name == "env" => {
            problem.help("the environment is for target files; suites see `target`, `client` and `user`")
        }
        None if is_value => problem.help(format!(
            "steps get a name with `as`, values with `matrix`, `table` or `forall`; for a text that begins with a \
             dollar write `$${name}`"
        )),
        None => problem.help("steps get a name with `as`, values with `matrix`, `table` or `forall`"),
    }
}

impl Shape {
    /// The shape that all values of that example have; null and empty maps could be anything.
    fn of(example: &Value) -> Self {
        match example {
            Value::Map(members) if !members.is_empty() => {
                Self::Map(members.iter().map(|(name, value)| (name.clone(), Self::of(value))).collect())
            }
            _ => Self::Any,
        }
    }

    /// A map whose members are not known further.
    pub fn members(names: &[&str]) -> Self {
        Self::Map(names.iter().map(|name| ((*name).to_owned(), Self::Scalar)).collect())
    }
}

/// The shapes of the names that are known everywhere, from the model itself.
static BUILT_IN: LazyLock<Vec<(String, Shape)>> = LazyLock::new(|| {
    let target = Target {
        clients: vec![("example".to_owned(), Client::default())],
        users: vec![("example".to_owned(), User::default())],
        ..Target::default()
    };
    let value = target.to_value();
    let example = |map: &str| {
        let of = value.member(map).and_then(|m| m.member("example")).map(Shape::of);
        of.unwrap_or(Shape::Any)
    };
    let (client, user) = (example("clients"), example("users"));
    let mut target = Shape::of(&value);
    if let Shape::Map(members) = &mut target {
        for (name, shape) in members {
            if matches!(name.as_str(), "clients" | "users") {
                *shape = Shape::Any; // by the target file's own names
            }
        }
    }
    vec![
        ("client".to_owned(), client.clone()),
        ("second".to_owned(), client.clone()),
        ("public".to_owned(), client.clone()),
        ("keyed".to_owned(), client),
        ("user".to_owned(), user),
        ("policy".to_owned(), Shape::of(&Policy::default().to_value())),
        ("target".to_owned(), target),
    ]
});

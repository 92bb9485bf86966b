use super::decode::{Decoder, all};
use super::diagnostic::{Diagnostic, alternatives, nearest};
use super::language::Record;
use super::language::values::{self, COMPONENTS};
use super::names::Shape;
use super::template::Allowed;
use super::tree::{Kind, Node};
use crate::model::{Alphabet, Generator, JunkKind, Located, Template, Value};

/// A name and the generator of its values.
pub(super) type Variable = (String, Located<Generator>);

const KEYS: [&str; 8] =
    ["chars", "integer", "one_of", "redirect_uri_near_miss", "near_miss_of", "order_of", "junk", "scope_of"];

/// Characters of a generated text.
const LONGEST: u64 = 1 << 16;

impl Decoder<'_> {
    /// The generators of a property, by name.
    pub fn generators(&self, node: &Node, taken: &[(String, Shape)]) -> Option<Vec<Variable>> {
        let map = self.map(node, "`forall`")?;
        if map.entries().is_empty() {
            self.wrong(node, "nothing is generated", "expected `NAME: GENERATOR`");
            return None;
        }
        all(map.entries(), |entry| {
            self.variable_name(entry)?;
            if taken.iter().any(|(name, _)| *name == entry.key) {
                let message = format!("`{}` is in the matrix or the table already", entry.key);
                self.note(Diagnostic::new(self.at_key(entry), message, "choose another name"));
                return None;
            }
            let value = self.generator(&entry.value)?;
            Some((entry.key.to_string(), Located { value, location: self.at(&entry.value) }))
        })
    }

    fn generator(&self, node: &Node) -> Option<Generator> {
        let entries = self.entries(node, "a generator")?;
        let kind = entries.iter().find_map(|e| KEYS.into_iter().find(|k| *k == e.key));
        let Some(kind) = kind else {
            let expected = format!("expected a map with {}", alternatives(KEYS));
            let problem = Diagnostic::new(self.at(node), "this map is no generator", expected);
            self.note(problem.suggest(entries.first().and_then(|e| nearest(&e.key, KEYS))));
            return None;
        };
        let record: &'static Record = match kind {
            "chars" => &values::CHARACTERS,
            "integer" => &values::INTEGER,
            "one_of" => &values::ONE_OF,
            "redirect_uri_near_miss" => &values::NEAR_MISS,
            "near_miss_of" => &values::ALTERATION,
            "order_of" => &values::ORDER_OF,
            "junk" => &values::JUNK,
            _ => &values::SCOPE_OF,
        };
        let map = self.record(node, record)?;
        let generator = match kind {
            "chars" => {
                let alphabet = map.need("chars", |n| self.choice(n, "an alphabet", &Alphabet::ALL));
                let range = map.need("length", |n| self.range(n, "`length`", true));
                alphabet.zip(range).map(|(alphabet, (shortest, longest))| Generator::Characters {
                    alphabet,
                    shortest,
                    longest,
                })
            }
            "integer" => map
                .need("integer", |n| self.range(n, "`integer`", false))
                .map(|(smallest, largest)| Generator::Integer { smallest, largest }),
            "one_of" => map.need("one_of", |n| {
                let values = self.each(n, "`one_of`", |n| self.template(n, Allowed::Anything))?;
                if values.is_empty() {
                    self.wrong(n, "nothing is one of an empty list", "expected at least one value");
                    return None;
                }
                Some(Generator::OneOf(values))
            }),
            "redirect_uri_near_miss" => {
                let registered = map.need("redirect_uri_near_miss", |n| self.scalar(n));
                let choices = COMPONENTS.map(|c| (c, c));
                let components = map.read("components", |n| {
                    self.each(n, "`components`", |n| {
                        self.choice(n, "this component", &choices).map(str::to_owned)
                    })
                });
                let components = components.unwrap_or_default();
                registered.map(|registered| Generator::RedirectUriNearMiss { registered, components })
            }
            "near_miss_of" => map.need("near_miss_of", |n| self.scalar(n)).map(Generator::Alteration),
            "order_of" => {
                map.need("order_of", |n| self.template(n, Allowed::Anything)).map(Generator::Arrangement)
            }
            "junk" => {
                map.need("junk", |n| self.choice(n, "this kind of junk", &JunkKind::ALL)).map(Generator::Junk)
            }
            _ => {
                let words = map.need("scope_of", |n| self.template(n, Allowed::Anything));
                let duplicates = map.read("duplicates", |n| self.flag(n, "`duplicates`")).unwrap_or_default();
                words.map(|words| Generator::Scope { words, duplicates })
            }
        };
        map.finish()?;
        generator
    }

    /// `[least, most]`, both included.
    fn range(&self, node: &Node, what: &str, length: bool) -> Option<(Template, Template)> {
        let bound = |n: &Node| {
            if let Kind::Text(text) = &n.kind
                && text.starts_with('$')
            {
                return self.scalar(n);
            }
            if length {
                let number = self.integer(n, what, 0, LONGEST)?;
                return Some(Template::Literal(Value::Number(number.into())));
            }
            match &n.kind {
                Kind::Number(number) if number.as_i64().is_some() => {
                    Some(Template::Literal(Value::Number(number.clone())))
                }
                _ => {
                    self.wrong(n, format!("{what} has whole numbers"), "expected a whole number");
                    None
                }
            }
        };
        let Kind::List(items) = &node.kind else {
            self.wrong(node, format!("{what} is a range"), "expected `[least, most]`");
            return None;
        };
        let [least, most] = items.as_slice() else {
            self.wrong(node, format!("{what} is a range"), "expected `[least, most]`");
            return None;
        };
        let (least, most) = (bound(least), bound(most));
        let (least, most) = least.zip(most)?;
        let number = |t: &Template| match t {
            Template::Literal(Value::Number(n)) => n.as_i64(),
            _ => None,
        };
        if number(&least).zip(number(&most)).is_some_and(|(least, most)| least > most) {
            self.wrong(node, format!("{what} is an empty range"), "the first number is above the second");
            return None;
        }
        Some((least, most))
    }

    /// What is known of the values that a generator makes.
    pub fn generated(&self, generator: &Generator) -> Shape {
        match generator {
            Generator::Characters { .. }
            | Generator::Integer { .. }
            | Generator::Junk(_)
            | Generator::Scope { .. } => Shape::Scalar,
            Generator::OneOf(_) | Generator::Arrangement(_) => Shape::Any,
            Generator::Alteration(_) => Shape::members(&["text", "mutation"]),
            Generator::RedirectUriNearMiss { .. } => {
                Shape::members(&["uri", "wire", "class", "component", "mutation"])
            }
        }
    }
}

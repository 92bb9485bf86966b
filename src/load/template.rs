use serde_json::Number;

use super::decode::{Decoder, all};
use super::diagnostic::{Diagnostic, alternatives, nearest};
use super::expression::{self, ExpressionError};
use super::language::{Record, values};
use super::tree::{Entry, Kind, Node};
use crate::model::{Alphabet, Expression, Located, Template, TextPart, Value, parse_duration};

/// What a value may be besides a scalar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Allowed {
    /// A scalar, or a map that makes a text: `{ random: 12 }`.
    Scalar,
    /// A list or any map too, as JSON has them.
    Anything,
}

impl Decoder<'_> {
    /// A value that goes into a request or is compared: a scalar, or a map that makes a text.
    pub fn scalar(&self, node: &Node) -> Option<Template> {
        self.template(node, Allowed::Scalar)
    }

    /// A value that may hold references.
    pub fn template(&self, node: &Node, allowed: Allowed) -> Option<Template> {
        match &node.kind {
            Kind::Null => Some(Template::Literal(Value::Null)),
            Kind::Bool(value) => Some(Template::Literal(Value::Bool(*value))),
            Kind::Number(number) => self.number_template(node, number),
            Kind::Text(text) | Kind::Filled(text) => self.text_template(node, text),
            Kind::List(items) if allowed == Allowed::Anything => {
                all(items, |item| self.template(item, allowed)).map(Template::List)
            }
            Kind::List(_) => {
                self.wrong(node, "a list does not fit here", "expected a single value");
                None
            }
            Kind::Map(entries) => self.map_template(node, entries, allowed),
        }
    }

    /// A number that is what it looks like: `1e3` and `0x1f` are hardly meant as 1000 and 31.
    fn number_template(&self, node: &Node, number: &Number) -> Option<Template> {
        let written = self.file.slice(node.span).trim();
        if written.contains(|c: char| c.is_ascii_alphabetic()) {
            let number = number.to_string();
            let number = number.strip_suffix(".0").unwrap_or(&number);
            self.note(
                Diagnostic::new(
                    self.at(node),
                    format!("YAML reads `{written}` as the number {number}"),
                    "a number",
                )
                .help(format!("for the text write `\"{written}\"`, for the number `{number}`"))
                .page("yaml"),
            );
            return None;
        }
        Some(Template::Literal(Value::Number(number.clone())))
    }

    /// A duration, or an expression that gives one.
    pub fn duration_template(&self, node: &Node, what: &str) -> Option<Template> {
        match &node.kind {
            Kind::Text(text) => match parse_duration(text) {
                Some(duration) => Some(Template::Literal(Value::Duration(duration))),
                None if text.starts_with('$') => self.text_template(node, text),
                None if self.lacks_dollar(text) => {
                    self.wants_dollar(node, what, "a duration", text);
                    None
                }
                None => {
                    self.not_a_duration(node, what);
                    None
                }
            },
            _ => {
                self.not_a_duration(node, what);
                None
            }
        }
    }

    /// A condition: an expression without `$`.
    pub fn condition(&self, node: &Node, what: &str) -> Option<Located<Expression>> {
        let text = match &node.kind {
            Kind::Bool(value) => {
                return Some(Located {
                    value: Expression::Literal(Value::Bool(*value)),
                    location: self.at(node),
                });
            }
            Kind::Text(text) => text,
            other => {
                self.wrong(
                    node,
                    format!("{what} is an expression, not {}", other.describe()),
                    "expected an expression",
                );
                return None;
            }
        };
        let value = self.expression(node, text, text, 0)?;
        Some(Located { value, location: self.at(node) })
    }

    /// An expression that stands at `offset` of a scalar's `whole` text.
    fn expression(&self, node: &Node, whole: &str, text: &str, offset: usize) -> Option<Expression> {
        match expression::parse(text) {
            Ok(parsed) => {
                for reference in &parsed.references {
                    self.check_reference(&reference.path, |name| {
                        let place = reference.places.get(name).cloned().unwrap_or_default();
                        self.within(node, whole, offset + place.start, offset + place.end)
                    });
                }
                Some(parsed.expression)
            }
            Err(mut error) => {
                if offset > 0 && whole.starts_with('$') && !whole.starts_with("${") {
                    let help = "for a text that begins with a dollar write `$$`";
                    error.help.get_or_insert_with(|| help.to_owned());
                }
                self.expression_error(node, whole, offset, error);
                None
            }
        }
    }

    fn expression_error(&self, node: &Node, whole: &str, offset: usize, error: ExpressionError) {
        let start = offset + error.offset;
        let place = self.within(node, whole, start, start + error.length);
        let problem = Diagnostic::new(place, error.message, "in this expression").page("expressions");
        self.note(match error.help {
            Some(help) => problem.help(help),
            None => problem,
        });
    }

    fn text_template(&self, node: &Node, text: &str) -> Option<Template> {
        if let Some(rest) = text.strip_prefix('$')
            && !rest.starts_with(['$', '{'])
        {
            return self.expression(node, text, rest, 1).map(Template::Expression);
        }
        let (mut parts, mut literal) = (Vec::new(), String::new());
        let mut at = 0;
        if text.starts_with("$$") {
            literal.push('$');
            at = 2;
        }
        while let Some(found) = text[at..].find('$') {
            let dollar = at + found;
            literal.push_str(&text[at..dollar]);
            let rest = &text[dollar..];
            if rest.starts_with("$${") {
                literal.push_str("${");
                at = dollar + 3;
            } else if let Some(rest) = rest.strip_prefix("${") {
                let Some(length) = closing(rest) else {
                    let place = self.within(node, text, dollar, text.len());
                    self.note(Diagnostic::new(place, "the `${` is never closed", "no `}` follows"));
                    return None;
                };
                let inner = &rest[..length];
                let expression = self.expression(node, text, inner, dollar + 2)?;
                if !literal.is_empty() {
                    parts.push(TextPart::Text(std::mem::take(&mut literal)));
                }
                parts.push(TextPart::Expression(expression));
                at = dollar + 3 + length;
            } else {
                self.check_forgotten_braces(node, text, dollar);
                literal.push('$');
                at = dollar + 1;
            }
        }
        literal.push_str(&text[at..]);
        if parts.is_empty() {
            return Some(Template::Literal(Value::Text(literal)));
        }
        if !literal.is_empty() {
            parts.push(TextPart::Text(literal));
        }
        Some(Template::Text(parts))
    }

    /// `Bearer $token.access_token` is hardly meant as it stands.
    fn check_forgotten_braces(&self, node: &Node, text: &str, dollar: usize) {
        let rest = &text[dollar + 1..];
        let inside = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
        let word = rest[..rest.find(|c| !inside(c)).unwrap_or(rest.len())].trim_end_matches(['.', '-']);
        let known = word.split_once('.').is_some_and(|(name, _)| self.names.borrow().knows(name));
        if known {
            let place = self.within(node, text, dollar, dollar + 1 + word.len());
            self.note(
                Diagnostic::new(place, "a reference inside a text needs braces", "this is sent as it stands")
                    .help(format!("write `${{{word}}}`"))
                    .page("values"),
            );
        }
    }

    fn map_template(&self, node: &Node, entries: &[Entry], allowed: Allowed) -> Option<Template> {
        let made = entries.iter().find(|e| MAKERS.contains(&e.key.as_ref()));
        let Some(made) = made else {
            if allowed == Allowed::Anything {
                let map = self.map(node, "a value")?;
                let member = |e: &Entry| Some((e.key.to_string(), self.template(&e.value, allowed)?));
                return all(map.entries(), member).map(Template::Map);
            }
            let problem = Diagnostic::new(
                self.at(node),
                "this map makes no value",
                format!("expected a plain value, or a map with {}", alternatives(MAKERS)),
            );
            let near = entries.first().and_then(|e| nearest(&e.key, MAKERS));
            self.note(problem.suggest(near));
            return None;
        };
        let record: &'static Record = match made.key.as_ref() {
            "random" => &values::RANDOM,
            "repeat" => &values::REPEAT,
            "text" => &values::WIRE,
            _ => &values::RAW,
        };
        let map = self.record(node, record)?;
        let template = match made.key.as_ref() {
            "random" => {
                let length = map.need("random", |n| self.count(n, "the length of a random text"));
                let alphabet = map.read("chars", |n| self.choice(n, "an alphabet", &Alphabet::ALL));
                let make = |length| Template::Random {
                    length: Box::new(length),
                    alphabet: alphabet.unwrap_or_default(),
                };
                length.map(make)
            }
            "repeat" => {
                let text = map.need("repeat", |n| self.scalar(n));
                let times = map.need("times", |n| self.count(n, "`times`"));
                text.zip(times)
                    .map(|(text, times)| Template::Repeat { text: Box::new(text), times: Box::new(times) })
            }
            "text" => {
                let text = map.need("text", |n| self.scalar(n));
                let form = map.need("wire", |n| self.wire(n));
                text.zip(form)
                    .map(|(text, form)| Template::Wire { text: Box::new(text), form: Box::new(form) })
            }
            _ => {
                let form = || Box::new(Template::Literal(Value::Text("raw".to_owned())));
                let text = map.need("raw", |n| self.scalar(n));
                text.map(|text| Template::Wire { text: Box::new(text), form: form() })
            }
        };
        map.finish()?;
        template
    }

    /// A whole number that is not negative, or an expression.
    pub fn count(&self, node: &Node, what: &str) -> Option<Template> {
        match &node.kind {
            Kind::Text(text) if text.starts_with('$') => self.text_template(node, text),
            Kind::Text(text) if self.lacks_dollar(text) => {
                self.wants_dollar(node, what, "a whole number", text);
                None
            }
            _ => {
                let number = self.integer(node, what, 0, 1 << 20)?;
                Some(Template::Literal(Value::Number(number.into())))
            }
        }
    }

    fn wants_dollar(&self, node: &Node, what: &str, kind: &str, text: &str) {
        let problem = Diagnostic::new(
            self.at(node),
            format!("{what} is not {kind}"),
            format!("expected {kind}, or an expression that gives one"),
        );
        self.note(problem.help(format!("an expression begins with a dollar: `${text}`")));
    }

    fn wire(&self, node: &Node) -> Option<Template> {
        match &node.kind {
            Kind::Text(text) if text.starts_with('$') => self.text_template(node, text),
            _ => {
                let word = self.choice(node, "`wire`", &values::WIRES)?;
                Some(Template::Literal(word.into()))
            }
        }
    }

    /// The key of a map as a value: what begins with `$` is an expression.
    pub fn name_template(&self, entry: &Entry) -> Option<Template> {
        let node = Node { kind: Kind::Text(entry.key.clone()), span: entry.span };
        self.text_template(&node, &entry.key)
    }
}

/// Keys of the maps that make a text.
const MAKERS: [&str; 4] = ["random", "repeat", "text", "raw"];

/// Where the `}` is that closes an expression: not inside quotes.
fn closing(text: &str) -> Option<usize> {
    let mut quote = None;
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match quote {
            Some(_) if escaped => escaped = false,
            Some(_) if c == '\\' => escaped = true,
            Some(q) if c == q => quote = None,
            Some(_) => {}
            None if c == '}' => return Some(at),
            None if matches!(c, '\'' | '"') => quote = Some(c),
            None => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::file::File;
    use crate::load::tree;

    fn read(yaml: &str) -> Result<Template, Vec<String>> {
        let file = File::new("test.yaml", yaml);
        let node = tree::parse(&file).map_err(|d| vec![d.to_string()])?;
        let decoder = Decoder::new(&file);
        let template = decoder.template(&node, Allowed::Anything);
        let problems: Vec<String> = decoder
            .finish()
            .0
            .into_iter()
            .map(|d| format!("{}+{}: {}", d.location.column, d.location.length, d.message))
            .collect();
        if problems.is_empty() { Ok(template.unwrap()) } else { Err(problems) }
    }

    fn text(text: &str) -> Template {
        Template::Literal(text.into())
    }

    fn reference(path: &[&str]) -> Expression {
        Expression::Reference(path.iter().map(|p| (*p).to_owned()).collect())
    }

    #[test]
    fn scalars_keep_their_types() {
        assert_eq!(read("5"), Ok(Template::Literal(Value::integer(5))));
        assert_eq!(read("'5'"), Ok(text("5")));
        assert_eq!(read("true"), Ok(Template::Literal(Value::Bool(true))));
        assert_eq!(read("no"), Ok(text("no")));
        assert_eq!(read("60s"), Ok(text("60s")));
        assert_eq!(read("null"), Ok(Template::Literal(Value::Null)));
        assert_eq!(read("007"), Ok(text("007")));
    }

    #[test]
    fn a_scalar_that_begins_with_a_dollar_is_an_expression() {
        assert_eq!(read("$client.id"), Ok(Template::Expression(reference(&["client", "id"]))));
        assert_eq!(read("'$client.id'"), Ok(Template::Expression(reference(&["client", "id"]))));
        assert_eq!(read("$$client.id"), Ok(text("$client.id")));
        assert_eq!(read("$"), Err(vec!["2+1: the expression ends where a value is expected".to_owned()]));
    }

    #[test]
    fn texts_interpolate() {
        assert_eq!(
            read("a ${client.id} b"),
            Ok(Template::Text(vec![
                TextPart::Text("a ".into()),
                TextPart::Expression(reference(&["client", "id"])),
                TextPart::Text(" b".into()),
            ]))
        );
        assert_eq!(
            read("${client.id}"),
            Ok(Template::Text(vec![TextPart::Expression(reference(&["client", "id"]))]))
        );
        assert_eq!(read("a $${x} b $5"), Ok(text("a ${x} b $5")));
        assert_eq!(read("$${x}"), Ok(text("${x}")));
        assert!(matches!(read("x${'}'}y"), Ok(Template::Text(parts)) if parts.len() == 3));
    }

    #[test]
    fn mistakes_have_their_place() {
        assert_eq!(read("a ${client.id"), Err(vec!["3+11: the `${` is never closed".to_owned()]));
        assert_eq!(read("'a ${clint.id}'"), Err(vec!["6+5: there is no `clint` here".to_owned()]));
        assert_eq!(
            read("$policy.state.minimun"),
            Err(vec!["15+7: `policy.state` has no `minimun`".to_owned()])
        );
        assert_eq!(
            read("Bearer $client.id"),
            Err(vec!["8+10: a reference inside a text needs braces".to_owned()])
        );
    }

    #[test]
    fn maps_make_texts() {
        assert!(matches!(
            read("{ random: 12, chars: vschar }"),
            Ok(Template::Random { alphabet: Alphabet::Vschar, .. })
        ));
        assert!(matches!(read("{ repeat: ab, times: 3 }"), Ok(Template::Repeat { .. })));
        assert!(matches!(read("{ raw: '%zz' }"), Ok(Template::Wire { .. })));
        assert!(matches!(read("{ a: 1 }"), Ok(Template::Map(_))));
        assert_eq!(
            read("{ random: -1 }"),
            Err(vec!["11+2: the length of a random text is out of bounds".to_owned()])
        );
    }
}

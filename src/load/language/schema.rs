use serde_json::{Map, Value, json};

use super::steps::MAKERS;
use super::{Among, Field, Record, Shape, files, outcomes, suites, targets};
use crate::load::FileKind;

/// The JSON Schema (draft 2020-12) of files of that kind. It says what one value alone can say: what names
/// something elsewhere, expressions, and what steps say of one another only the loader can check.
pub fn schema(kind: FileKind) -> Value {
    let root = root(kind);
    let mut writer = Writer { fills: kind == FileKind::Target, definitions: Map::new() };
    let reference = writer.record(root);
    let Writer { definitions, .. } = writer;
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": format!("oauthspec: {}", root.what.trim_start_matches("a ")),
        "$ref": reference["$ref"],
        "$defs": definitions,
    })
}

/// The record that a file of that kind is.
pub(super) fn root(kind: FileKind) -> &'static Record {
    match kind {
        FileKind::Suite => &suites::SUITE,
        FileKind::Requirements => &files::REQUIREMENTS,
        FileKind::Profile => &files::PROFILE,
        FileKind::Threats => &files::THREATS,
        FileKind::Target => &targets::TARGET,
        FileKind::Baseline => &files::BASELINE,
    }
}

struct Writer {
    /// Whether any text may stand for something that is filled in.
    fills: bool,
    definitions: Map<String, Value>,
}

/// An expression, or what the environment fills in.
const DOLLAR: &str = r"\$";
const DURATION: &str = r"^[0-9]+(\.[0-9]+)?(ms|s|m|h|d)$";
const WORD: &str = "[a-z0-9]+";

impl Writer {
    /// A reference to the record's definition, which is added if it is not there.
    fn record(&mut self, record: &'static Record) -> Value {
        let reference = json!({ "$ref": format!("#/$defs/{}", record.name) });
        if self.definitions.contains_key(record.name) {
            return reference;
        }
        self.definitions.insert(record.name.to_owned(), Value::Null); // records may hold themselves
        let fields = record.all_fields();
        let mut properties = Map::new();
        for field in &fields {
            properties.insert(field.key.to_owned(), self.field(field));
        }
        let required: Vec<&str> = fields.iter().filter(|f| f.is_required).map(|f| f.key).collect();
        let mut schema =
            json!({ "description": plain(record.doc), "type": "object", "properties": properties });
        if !matches!(record.among, Among::Others) {
            schema["additionalProperties"] = json!(false);
        }
        if !required.is_empty() {
            schema["required"] = json!(required);
        }
        for among in [record.among].into_iter().chain(record.also.iter().map(|also| also.among)) {
            let each = || among.fields().iter().map(|f| json!({ "required": [f.key] })).collect::<Vec<_>>();
            match among {
                Among::Nothing | Among::Others => {}
                Among::One(_) => schema["oneOf"] = json!(each()),
                Among::Some(_) => schema["anyOf"] = json!(each()),
            }
        }
        self.definitions.insert(record.name.to_owned(), schema);
        reference
    }

    fn field(&mut self, field: &'static Field) -> Value {
        let shape = self.shape(&field.shape);
        let mut schema = json!({ "description": plain(field.doc) });
        if let (Value::Object(schema), Value::Object(shape)) = (&mut schema, shape) {
            schema.extend(shape);
        }
        schema
    }

    fn shape(&mut self, shape: &'static Shape) -> Value {
        match shape {
            Shape::Text => json!({ "type": ["string", "number", "boolean"] }),
            Shape::Sentence => json!({ "type": ["string", "number", "boolean"], "pattern": r"\S" }),
            Shape::Slug(further) => {
                let joints: String = std::iter::once('-').chain(further.chars()).collect();
                let joints = joints.replace('-', r"\-").replace('/', r"\/").replace('.', r"\.");
                json!({ "type": ["string", "integer"], "pattern": format!("^{WORD}([{joints}]{WORD})*$") })
            }
            Shape::Flag => json!({ "type": "boolean" }),
            Shape::True => json!({ "const": true }),
            Shape::Whole(least, most) => {
                self.filled(json!({ "type": "integer", "minimum": least, "maximum": most }))
            }
            Shape::Integer => json!({ "type": "integer" }),
            Shape::Number => self.filled(json!({ "type": "number", "exclusiveMinimum": 0 })),
            Shape::Count => or(json!({ "type": "integer", "minimum": 0 }), "^\\$"),
            Shape::Duration => self.filled(json!({ "type": "string", "pattern": DURATION })),
            Shape::Wait => or(json!({ "type": "string", "pattern": DURATION }), "^\\$"),
            Shape::Date => json!({ "type": "string", "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$" }),
            Shape::Url => self.filled(json!({ "type": "string", "pattern": "^[hH][tT][tT][pP][sS]?://" })),
            Shape::Link => json!({ "type": "string", "pattern": "^(https?://|#)" }),
            Shape::Uri => {
                self.filled(json!({ "type": "string", "pattern": r"^[A-Za-z][A-Za-z0-9+.\-]*:[^#]*$" }))
            }
            Shape::Glob => json!({ "type": "string", "minLength": 1 }),
            Shape::Regex => json!({ "type": ["string", "number", "boolean"] }),
            Shape::Condition => json!({ "type": ["string", "boolean"], "pattern": r"^[^$]*$" }),
            Shape::Scalar => {
                let mut choices = vec![json!({ "type": ["string", "number", "boolean", "null"] })];
                choices.extend(MAKERS.iter().map(|record| self.record(record)));
                json!({ "anyOf": choices })
            }
            Shape::Anything => json!(true),
            Shape::Matcher => {
                let map = self.record(&outcomes::MATCHER);
                let plain = json!({ "type": ["string", "number", "boolean", "null"] });
                json!({ "anyOf": [plain, { "type": "array", "minItems": 1 }, map] })
            }
            Shape::ErrorCode => json!({ "type": ["string", "null"], "minLength": 1 }),
            Shape::Status => json!({ "anyOf": [
                { "type": "integer", "minimum": 100, "maximum": 599 },
                { "type": "string", "pattern": "^([1-5]xx|[1-5][0-9][0-9])$" },
            ] }),
            Shape::Words(words) => self.filled(json!({ "enum": words() })),
            Shape::OpenWords(words) => or(json!({ "enum": words() }), "^\\$"),
            Shape::Usually(words) => json!({ "type": "string", "examples": words() }),
            Shape::OneOrMore(shape) => {
                let one = self.shape(shape);
                json!({ "anyOf": [one, { "type": "array", "minItems": 1, "items": one }] })
            }
            Shape::List(shape) => json!({ "type": "array", "items": self.shape(shape) }),
            Shape::Several(shape) => json!({ "type": "array", "minItems": 1, "items": self.shape(shape) }),
            Shape::Pair(first, second) => {
                let items = [self.shape(first), self.shape(second)];
                json!({ "type": "array", "prefixItems": items, "minItems": 2, "maxItems": 2 })
            }
            Shape::Together(shape) => json!({ "type": "array", "minItems": 2, "items": self.shape(shape) }),
            Shape::NamedWith(name, shape) => {
                let member = self.shape(shape);
                json!({ "type": "object", "required": [name], "additionalProperties": member })
            }
            Shape::Headers(shape) => {
                self.named(shape, r"^(\$.+|[!#%&'*+.^_`|~0-9A-Za-z\-][!#$%&'*+.^_`|~0-9A-Za-z\-]*)$")
            }
            Shape::Values(shape) => self.named(shape, r"^[A-Za-z_]([A-Za-z0-9_\-]*[A-Za-z0-9_])?$"),
            Shape::Named(shape) => json!({ "type": "object", "additionalProperties": self.shape(shape) }),
            Shape::SomeNamed(shape) => {
                json!({ "type": "object", "minProperties": 1, "additionalProperties": self.shape(shape) })
            }
            Shape::Of(record) => self.record(record),
            Shape::MaybeOf(record) => json!({ "anyOf": [self.record(record), { "type": "null" }] }),
            Shape::Either(shapes) => {
                let choices: Vec<Value> = shapes.iter().map(|s| self.shape(s)).collect();
                json!({ "anyOf": choices })
            }
        }
    }

    /// Names of that form.
    fn named(&mut self, shape: &'static Shape, names: &str) -> Value {
        let member = self.shape(shape);
        let names = json!({ "pattern": names });
        json!({ "type": "object", "propertyNames": names, "additionalProperties": member })
    }

    /// The schema, or in a target file a text that is filled in.
    fn filled(&self, schema: Value) -> Value {
        if self.fills { or(schema, DOLLAR) } else { schema }
    }
}

fn or(schema: Value, pattern: &str) -> Value {
    json!({ "anyOf": [schema, { "type": "string", "pattern": pattern }] })
}

/// Without the links that only the reference can follow.
fn plain(doc: &str) -> String {
    let mut text = String::new();
    let mut rest = doc;
    while let Some((before, after)) = rest.split_once("](#") {
        match (before.rsplit_once('['), after.split_once(')')) {
            (Some((head, word)), Some((_, tail))) => {
                text.push_str(head);
                text.push_str(word);
                rest = tail;
            }
            _ => break,
        }
    }
    text + rest
}

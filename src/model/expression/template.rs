use serde::{Deserialize, Serialize};

use super::{EvaluationError, Expression, Scope};
use crate::model::Value;

/// A value in a suite that may hold references: computed afresh each time its step runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Template {
    /// A plain value.
    Literal(Value),
    /// `$expression`: the whole scalar is an expression and keeps its type.
    Expression(Expression),
    /// `text ${expression} text`.
    Text(Vec<TextPart>),
    /// `{ random: 12 }`: that many characters of the alphabet, new each time.
    Random {
        /// How many characters.
        length: Box<Template>,
        /// Which characters.
        alphabet: Alphabet,
    },
    /// `{ repeat: ab, times: 3 }`
    Repeat {
        /// What is repeated.
        text: Box<Template>,
        /// How often.
        times: Box<Template>,
    },
    /// `{ text: "...", wire: raw }`: as a request parameter it goes on the wire as it stands when `form`
    /// is `raw`, percent-encoded when it is `encoded`. `{ raw: "..." }` is short for the former.
    Wire {
        /// The text.
        text: Box<Template>,
        /// `raw` or `encoded`.
        form: Box<Template>,
    },
    /// A list.
    List(Vec<Template>),
    /// A map.
    Map(Vec<(String, Template)>),
}

/// Part of a text with expressions in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum TextPart {
    /// Literal text.
    Text(String),
    /// `${...}`
    Expression(Expression),
}

/// Sets of characters for generated text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Alphabet {
    /// RFC 3986 section 2.3: letters, digits, `-._~`.
    #[default]
    Unreserved,
    /// RFC 6749 appendix A: U+0020 to U+007E.
    Vschar,
    /// RFC 6749 appendix A: U+0021, U+0023 to U+005B, U+005D to U+007E.
    Nqchar,
    /// Letters and digits.
    Alphanumeric,
    /// Letters of several scripts, emoji and combining marks, none of them ASCII.
    Unicode,
}

/// The longest text that a template makes, in characters.
const LONGEST: u64 = 1 << 20;

impl Template {
    /// The text, if it is one that holds no references.
    pub fn as_literal_text(&self) -> Option<&str> {
        match self {
            Self::Literal(Value::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// Computes the value.
    ///
    /// `random` answers an index below its argument; it is the only source of chance.
    ///
    /// # Errors
    ///
    /// What the expressions raise, and lengths that are no number or above 1 MiB.
    pub fn evaluate(
        &self,
        scope: &dyn Scope,
        random: &mut dyn FnMut(usize) -> usize,
    ) -> Result<Value, EvaluationError> {
        Ok(match self {
            Self::Literal(value) => value.clone(),
            Self::Expression(expression) => expression.evaluate(scope)?,
            Self::Text(parts) => {
                let mut text = String::new();
                for part in parts {
                    match part {
                        TextPart::Text(literal) => text.push_str(literal),
                        TextPart::Expression(expression) => {
                            let value = expression.evaluate(scope)?;
                            text.push_str(&value.to_plain().ok_or_else(|| {
                                EvaluationError::Operands(format!("a text with {value} in it"))
                            })?);
                        }
                    }
                }
                Value::Text(text)
            }
            Self::Random { length, alphabet } => {
                let length = count(&length.evaluate(scope, random)?)?;
                let characters = alphabet.characters();
                Value::Text((0..length).map(|_| characters[random(characters.len())]).collect())
            }
            Self::Repeat { text, times } => {
                let text = text.evaluate(scope, random)?;
                let text =
                    text.to_plain().ok_or_else(|| EvaluationError::Operands(format!("repeat {text}")))?;
                let times = count(&times.evaluate(scope, random)?)?;
                if (text.len() as u64).saturating_mul(times) > LONGEST {
                    return Err(EvaluationError::Operands("a text of more than 1 MiB".to_owned()));
                }
                Value::Text(text.repeat(times as usize))
            }
            Self::Wire { text, .. } => text.evaluate(scope, random)?,
            Self::List(items) => {
                Value::List(items.iter().map(|i| i.evaluate(scope, random)).collect::<Result<_, _>>()?)
            }
            Self::Map(members) => Value::Map(
                members
                    .iter()
                    .map(|(name, value)| Ok((name.clone(), value.evaluate(scope, random)?)))
                    .collect::<Result<_, EvaluationError>>()?,
            ),
        })
    }

    /// Whether the value goes on the wire unencoded.
    ///
    /// # Errors
    ///
    /// A wire form other than `raw` and `encoded`.
    pub fn is_raw(&self, scope: &dyn Scope) -> Result<bool, EvaluationError> {
        let Self::Wire { form, .. } = self else {
            return Ok(false);
        };
        match form.evaluate(scope, &mut |_| 0)? {
            Value::Text(form) if form == "raw" => Ok(true),
            Value::Text(form) if form == "encoded" => Ok(false),
            other => Err(EvaluationError::Operands(format!("a wire form of {other}: it is raw or encoded"))),
        }
    }

    /// Calls `visit` with the path of every reference in the template.
    pub fn references<'a>(&'a self, visit: &mut dyn FnMut(&'a [String])) {
        match self {
            Self::Literal(_) => {}
            Self::Expression(expression) => expression.references(visit),
            Self::Text(parts) => {
                for part in parts {
                    if let TextPart::Expression(expression) = part {
                        expression.references(visit);
                    }
                }
            }
            Self::Random { length, .. } => length.references(visit),
            Self::Repeat { text, times } => {
                text.references(visit);
                times.references(visit);
            }
            Self::Wire { text, form } => {
                text.references(visit);
                form.references(visit);
            }
            Self::List(items) => items.iter().for_each(|i| i.references(visit)),
            Self::Map(members) => members.iter().for_each(|(_, v)| v.references(visit)),
        }
    }
}

impl Alphabet {
    /// All alphabets with their names.
    pub const ALL: [(&'static str, Self); 5] = [
        ("unreserved", Self::Unreserved),
        ("vschar", Self::Vschar),
        ("nqchar", Self::Nqchar),
        ("alphanumeric", Self::Alphanumeric),
        ("unicode", Self::Unicode),
    ];

    /// The characters, plainest first.
    pub fn characters(self) -> Vec<char> {
        let alphanumeric = ('a'..='z').chain('A'..='Z').chain('0'..='9');
        match self {
            Self::Alphanumeric => alphanumeric.collect(),
            Self::Unreserved => alphanumeric.chain("-._~".chars()).collect(),
            Self::Vschar => alphanumeric.chain((' '..='~').filter(|c| !c.is_ascii_alphanumeric())).collect(),
            Self::Nqchar => alphanumeric
                .chain(('!'..='~').filter(|c| !c.is_ascii_alphanumeric() && *c != '"' && *c != '\\'))
                .collect(),
            Self::Unicode => "äéßñøłžЖшλΩאבعم中文日本語한글🦀🔑\u{301}\u{200d}\u{fdfa}".chars().collect(),
        }
    }
}

fn count(value: &Value) -> Result<u64, EvaluationError> {
    match value {
        Value::Number(number) => number.as_u64().filter(|n| *n <= LONGEST),
        _ => None,
    }
    .ok_or_else(|| EvaluationError::Operands(format!("a text of {value} characters")))
}

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A value of the suite language: JSON's, and durations.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// Nothing, or not known.
    #[default]
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A JSON number; integers stay integers.
    Number(serde_json::Number),
    /// A length of time, written `60s`, `180d`.
    Duration(Duration),
    /// Text.
    Text(String),
    /// A list.
    List(Vec<Value>),
    /// Members in order.
    Map(Vec<(String, Value)>),
}

impl Value {
    /// The member of a map or (by number) of a list; `None` where there is none.
    pub fn member(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Map(members) => members.iter().find(|(n, _)| n == name).map(|(_, v)| v),
            Self::List(items) => items.get(name.parse::<usize>().ok()?),
            _ => None,
        }
    }

    /// The text of a text.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// How the value stands inside a text or a request parameter; `None` for lists, maps and null.
    pub fn to_plain(&self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text.clone()),
            Self::Number(number) => Some(number.to_string()),
            Self::Bool(bool) => Some(bool.to_string()),
            Self::Duration(duration) => Some(format_duration(*duration)),
            Self::Null | Self::List(_) | Self::Map(_) => None,
        }
    }

    /// An integer.
    pub fn integer(value: i64) -> Self {
        Self::Number(value.into())
    }

    /// What kind of value it is, for messages.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Number(_) => "a number",
            Self::Duration(_) => "a duration",
            Self::Text(_) => "a text",
            Self::List(_) => "a list",
            Self::Map(_) => "a map",
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<serde_json::Value> for Value {
    fn from(json: serde_json::Value) -> Self {
        match json {
            serde_json::Value::Null => Self::Null,
            serde_json::Value::Bool(bool) => Self::Bool(bool),
            serde_json::Value::Number(number) => Self::Number(number),
            serde_json::Value::String(text) => Self::Text(text),
            serde_json::Value::Array(items) => Self::List(items.into_iter().map(Self::from).collect()),
            serde_json::Value::Object(members) => {
                Self::Map(members.into_iter().map(|(n, v)| (n, Self::from(v))).collect())
            }
        }
    }
}

/// As JSON has it; a duration is a number of seconds.
impl From<Value> for serde_json::Value {
    fn from(value: Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(value) => value.into(),
            Value::Number(number) => number.into(),
            Value::Duration(duration) if duration.subsec_nanos() == 0 => duration.as_secs().into(),
            Value::Duration(duration) => duration.as_secs_f64().into(),
            Value::Text(text) => text.into(),
            Value::List(items) => items.into_iter().map(Self::from).collect(),
            Value::Map(members) => {
                Self::Object(members.into_iter().map(|(name, value)| (name, value.into())).collect())
            }
        }
    }
}

/// As in a report: texts in quotes with control characters escaped, the rest as JSON writes it.
impl std::fmt::Display for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Null => f.write_str("nothing"),
            Self::Bool(bool) => write!(f, "{bool}"),
            Self::Number(number) => write!(f, "{number}"),
            Self::Duration(duration) => f.write_str(&format_duration(*duration)),
            Self::Text(text) => write!(f, "{text:?}"),
            Self::List(items) => {
                f.write_str("[")?;
                for (index, item) in items.iter().enumerate() {
                    write!(f, "{}{item}", if index == 0 { "" } else { ", " })?;
                }
                f.write_str("]")
            }
            Self::Map(members) => {
                f.write_str("{")?;
                for (index, (name, value)) in members.iter().enumerate() {
                    write!(f, "{}{name}: {value}", if index == 0 { "" } else { ", " })?;
                }
                f.write_str("}")
            }
        }
    }
}

/// Units of durations in the suite language, longest first, with their length in milliseconds.
const UNITS: [(&str, u64); 5] = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)];

/// Reads `60s`, `1h`, `180d`, `250ms`; `None` for anything else or anything over 100 years.
pub fn parse_duration(text: &str) -> Option<Duration> {
    let digits = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at(digits);
    let (_, factor) = UNITS.iter().find(|(name, _)| *name == unit)?;
    let milliseconds = number.parse::<u64>().ok()?.checked_mul(*factor)?;
    (milliseconds <= 36_525 * 86_400_000).then(|| Duration::from_millis(milliseconds))
}

/// Writes a duration in the largest unit that divides it.
pub fn format_duration(duration: Duration) -> String {
    let milliseconds = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    if milliseconds == 0 {
        return "0s".to_owned();
    }
    let (unit, factor) =
        UNITS.into_iter().find(|(_, f)| milliseconds.is_multiple_of(*f)).unwrap_or(("ms", 1));
    format!("{}{unit}", milliseconds / factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_round_trip() {
        for text in ["0s", "60s", "70s", "1h", "180d", "250ms", "90m"] {
            let canonical = format_duration(parse_duration(text).unwrap());
            assert_eq!(parse_duration(&canonical), parse_duration(text), "{text} became {canonical}");
        }
        assert_eq!(format_duration(Duration::from_secs(60)), "1m");
    }

    #[test]
    fn nonsense_is_no_duration() {
        for text in ["", "s", "60", "60 s", "-1s", "1y", "99999999999999999999s", "40000d", "1.5s"] {
            assert_eq!(parse_duration(text), None, "{text}");
        }
    }
}

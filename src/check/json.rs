//! JSON as it was sent: which member names stand twice is not forgotten.

use std::cell::RefCell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// A JSON text (RFC 8259).
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Document {
    /// The value; of members with the same name the last.
    pub(super) value: Value,
    /// The paths of members whose name stands more than once in its object.
    pub(super) duplicates: Vec<Vec<String>>,
}

/// What stands under a dotted name.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Member<'a> {
    /// Nothing.
    Absent,
    /// A value.
    Value(&'a Value),
    /// The name, or one on the way to it, stands more than once.
    Twice,
}

impl Document {
    /// Reads one JSON text.
    ///
    /// # Errors
    ///
    /// Says what is wrong with it, in words that fit after "malformed JSON".
    pub(super) fn read(bytes: &[u8]) -> Result<Self, String> {
        if bytes.starts_with(b"\xef\xbb\xbf") {
            return Err("a byte order mark stands before it".to_owned());
        }
        let trail = Trail::default();
        let mut deserializer = serde_json::Deserializer::from_slice(bytes);
        let value = Seed { trail: &trail }
            .deserialize(&mut deserializer)
            .and_then(|value| deserializer.end().map(|()| value))
            .map_err(|e| e.to_string())?;
        Ok(Self { value, duplicates: trail.duplicates.into_inner() })
    }

    /// The member under `name`: as it stands first, else each dot reaches inside.
    pub(super) fn member(&self, name: &str) -> Member<'_> {
        let mut path = Vec::new();
        match member_of(&self.value, name, &mut path) {
            _ if self.duplicates.iter().any(|d| path.starts_with(d)) => Member::Twice,
            Some(value) => Member::Value(value),
            None => Member::Absent,
        }
    }
}

/// The value under a dotted name; `path` becomes the names walked.
pub(super) fn member_of<'a>(value: &'a Value, name: &str, path: &mut Vec<String>) -> Option<&'a Value> {
    let direct = match value {
        Value::Object(members) => members.get(name),
        Value::Array(items) => name.parse::<usize>().ok().and_then(|i| items.get(i)),
        _ => None,
    };
    if direct.is_some() || !name.contains('.') {
        path.push(name.to_owned());
        return direct;
    }
    // Names may hold dots themselves (claims are often URLs), so every split is tried, shortest first.
    for (dot, _) in name.match_indices('.') {
        let (first, rest) = (&name[..dot], &name[dot + 1..]);
        let inner = match value {
            Value::Object(members) => members.get(first),
            Value::Array(items) => first.parse::<usize>().ok().and_then(|i| items.get(i)),
            _ => None,
        };
        let Some(inner) = inner else { continue };
        let walked = path.len();
        path.push(first.to_owned());
        if let Some(found) = member_of(inner, rest, path) {
            return Some(found);
        }
        path.truncate(walked);
    }
    None
}

#[derive(Default)]
struct Trail {
    path: RefCell<Vec<String>>,
    duplicates: RefCell<Vec<Vec<String>>>,
}

impl Trail {
    fn within<T>(&self, name: String, read: impl FnOnce() -> T) -> T {
        self.path.borrow_mut().push(name);
        let result = read();
        self.path.borrow_mut().pop();
        result
    }

    fn duplicate(&self, name: &str) {
        let mut path = self.path.borrow().clone();
        path.push(name.to_owned());
        self.duplicates.borrow_mut().push(path);
    }
}

#[derive(Clone, Copy)]
struct Seed<'a> {
    trail: &'a Trail,
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, bool: bool) -> Result<Value, E> {
        Ok(Value::Bool(bool))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<Value, E> {
        Number::from_f64(number).map(Value::Number).ok_or_else(|| E::custom("a number out of range"))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::String(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = self.trail.within(list.len().to_string(), || items.next_element_seed(self))? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(name) = members.next_key::<String>().map_err(A::Error::custom)? {
            let value = self.trail.within(name.clone(), || members.next_value_seed(self))?;
            if object.contains_key(&name) {
                self.trail.duplicate(&name);
            }
            object.insert(name, value);
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn reads_like_serde_json() {
        let text = r#"{"a":[1,2.5,-3,true,null,"x\u00e9",{"b":{}}],"c":1e3}"#;
        let document = Document::read(text.as_bytes()).unwrap();
        assert_eq!(document.value, serde_json::from_str::<Value>(text).unwrap());
        assert!(document.duplicates.is_empty());
    }

    #[test]
    fn notices_members_that_stand_twice() {
        let document =
            Document::read(br#"{"error":"a","x":[{"y":1,"y":2,"y":3}],"error":"b","z":{"error":1}}"#)
                .unwrap();
        assert_eq!(document.member("error"), Member::Twice);
        assert_eq!(document.member("x.0.y"), Member::Twice);
        assert_eq!(document.member("x.0"), Member::Value(&json!({"y": 3})));
        assert_eq!(document.member("z.error"), Member::Value(&json!(1)));
    }

    #[test]
    fn dotted_names_reach_inside_and_plain_names_with_dots_come_first() {
        let document =
            Document::read(br#"{"a.b":1,"a":{"b":2,"c":3,"d.e":{"f":4}},"https://x.example/y":5}"#).unwrap();
        assert_eq!(document.member("a.b"), Member::Value(&json!(1)));
        assert_eq!(document.member("a.c"), Member::Value(&json!(3)));
        assert_eq!(document.member("a.d.e.f"), Member::Value(&json!(4)));
        assert_eq!(document.member("https://x.example/y"), Member::Value(&json!(5)));
        assert_eq!(document.member("a.x"), Member::Absent);
    }

    #[test]
    fn malformed_texts_are_refused() {
        for text in ["", "{", "{}x", "{'a':1}", "<html>", "{\"a\":1e999}", "\u{feff}{}", "{\"a\":1,}"] {
            assert!(Document::read(text.as_bytes()).is_err(), "{text:?}");
        }
        assert!(Document::read(b"{\"a\":\"\xff\"}").is_err());
        assert!(Document::read("[".repeat(100_000).as_bytes()).is_err());
    }
}

use serde::Serialize;
use serde_json::Value;

use super::super::text::{escape_json, is_hidden};

/// The value as JSON that can stand in a script element: nothing in it can end the element or begin a comment, and
/// what a reader could not see in a text is written out.
pub(super) fn script_data(value: &impl Serialize) -> serde_json::Result<String> {
    let json = serde_json::to_string(&visible(serde_json::to_value(value)?))?;
    Ok(escape_json(&json).replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026"))
}

/// Hidden characters as `\u{..}` in every text, line ends and tabs kept.
fn visible(value: Value) -> Value {
    match value {
        Value::String(text) if text.contains(is_masked) => Value::String(spelt(&text)),
        Value::Array(items) => items.into_iter().map(visible).collect(),
        Value::Object(members) => members.into_iter().map(|(name, value)| (name, visible(value))).collect(),
        other => other,
    }
}

fn spelt(text: &str) -> String {
    let mut spelt = String::with_capacity(text.len());
    for c in text.replace("\r\n", "\n").chars() {
        if is_masked(c) {
            spelt.push_str(&format!("\\u{{{:x}}}", c as u32));
        } else {
            spelt.push(c);
        }
    }
    spelt
}

fn is_masked(c: char) -> bool {
    !matches!(c, '\n' | '\t') && is_hidden(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_breaks_out_of_a_script_element() {
        let hostile = "</script><!--<script>]]>&\u{2028}\u{1b}[2J\u{202e}\"\\\r\n\t";
        let data = script_data(&[hostile]).unwrap();
        assert!(!data.contains(['<', '>', '&', '\u{2028}', '\u{1b}', '\n']), "{data}");
        let read: Vec<String> = serde_json::from_str(&data).unwrap();
        assert_eq!(read, ["</script><!--<script>]]>&\\u{2028}\\u{1b}[2J\\u{202e}\"\\\n\t"]);
    }
}

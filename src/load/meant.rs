//! What an author may have meant by what fits nowhere.

use super::decode::Decoder;
use super::expression;
use super::language::{Field, Record, Shape};

/// The duration as this language writes it, if it is one in other words: `10 min`, `60sec`.
pub(super) fn duration(text: &str) -> Option<String> {
    let text = text.trim();
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let number = text.strip_suffix(unit).filter(|n| !n.is_empty())?;
    let unit = match unit.trim().to_ascii_lowercase().as_str() {
        "ms" | "msec" | "msecs" | "millis" | "millisecond" | "milliseconds" => "ms",
        "s" | "sec" | "secs" | "second" | "seconds" => "s",
        "m" | "min" | "mins" | "minute" | "minutes" => "m",
        "h" | "hr" | "hrs" | "hour" | "hours" => "h",
        "d" | "day" | "days" => "d",
        _ => return None,
    };
    Some(format!("{number}{unit}"))
}

/// The two numbers of `8-512`, `8..512` or `8 to 512`.
pub(super) fn range(text: &str) -> Option<(u64, u64)> {
    let (from, to) = ["..=", "..", "-", "to"].iter().find_map(|between| text.split_once(between))?;
    Some((from.trim().parse().ok()?, to.trim().parse().ok()?))
}

/// The key of a record inside which another key would belong, one of those that are there before any other.
pub(super) fn home(record: &Record, key: &str, is_there: impl Fn(&str) -> bool) -> Option<&'static str> {
    let has = |field: &&&Field| inner(&field.shape).is_some_and(|record| record.field(key).is_some());
    let fields = record.all_fields();
    let homes = || fields.iter().filter(has);
    homes().find(|field| is_there(field.key)).or_else(|| homes().next()).map(|field| field.key)
}

fn inner(shape: &Shape) -> Option<&'static Record> {
    match shape {
        Shape::Of(record) | Shape::MaybeOf(record) => Some(record),
        Shape::List(item) | Shape::Several(item) => inner(item),
        _ => None,
    }
}

impl Decoder<'_> {
    /// Whether the text would be an expression if it began with a dollar.
    pub fn lacks_dollar(&self, text: &str) -> bool {
        let names = self.names.borrow();
        let known = |path: &[String]| path.first().is_some_and(|name| names.knows(name));
        expression::parse(text).is_ok_and(|parsed| parsed.references.iter().any(|r| known(&r.path)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_in_other_words() {
        let meant = |text| duration(text).unwrap_or_default();
        assert_eq!(["10 min", "60sec", "1 Hour", "250 ms"].map(meant), ["10m", "60s", "1h", "250ms"]);
        assert_eq!(["", "min", "1 fortnight", "1.5h", "-1s"].map(meant), [""; 5]);
    }

    #[test]
    fn ranges() {
        assert_eq!(
            ["8-512", "0..7", "1 to 5", "0..=7"].map(range),
            [(8, 512), (0, 7), (1, 5), (0, 7)].map(Some)
        );
        assert_eq!(["8", "-8", "a-b", "1-2-3"].map(range), [None; 4]);
    }
}

use regex::RegexBuilder;
use regex_syntax::hir::{Class, Hir, HirKind};

use super::decode::{Decoder, INSISTS, all};
use super::diagnostic::Diagnostic;
use super::language::outcomes;
use super::template::Allowed;
use super::tree::{Entry, Kind, Node};
use crate::model::{JsonType, Lasts, Location, Matcher, Template, parse_duration};

/// Bytes that a compiled regular expression may take.
const LARGEST_REGEX: usize = 1 << 20;

impl Decoder<'_> {
    /// What is said of one value.
    pub fn matcher(&self, node: &Node) -> Option<Matcher> {
        match &node.kind {
            Kind::List(items) if items.is_empty() => {
                self.wrong(node, "nothing is one of an empty list", "expected at least one value");
                None
            }
            Kind::List(items) => all(items, |i| self.template(i, Allowed::Anything)).map(Matcher::OneOf),
            Kind::Map(_) => self.matcher_map(node),
            _ => self.scalar(node).map(Matcher::Equals),
        }
    }

    fn matcher_map(&self, node: &Node) -> Option<Matcher> {
        let map = self.record(node, &outcomes::MATCHER)?;
        map.otherwise("a matcher has keys such as `equals`, `present`, `contains`; members inside members are written with a dot, `a.b`");
        let keys = outcomes::MATCHER.among.fields();
        map.walks(keys);
        if map.entries().is_empty() {
            self.wrong(node, "the matcher says nothing", "expected a key such as `present` or `contains`");
            return None;
        }
        let known: Vec<&Entry> =
            map.entries().iter().filter(|e| keys.iter().any(|field| field.key == e.key)).collect();
        let matchers = all(&known, |entry| self.keyed(&entry.key, &entry.value));
        map.finish()?;
        let mut matchers = matchers?;
        if matchers.len() == 1 { matchers.pop() } else { Some(Matcher::All(matchers)) }
    }

    fn keyed(&self, key: &str, node: &Node) -> Option<Matcher> {
        let value = |make: fn(Template) -> Matcher| self.scalar(node).map(make);
        match key {
            "equals" => self.template(node, Allowed::Anything).map(Matcher::Equals),
            "one_of" => {
                self.each(node, "`one_of`", |n| self.template(n, Allowed::Anything)).map(Matcher::OneOf)
            }
            "absent" => self.only_true(node, "absent", "present").map(|()| Matcher::Absent),
            "present" => self.only_true(node, "present", "absent").map(|()| Matcher::Present),
            "contains" => value(Matcher::Contains),
            "starts_with" => value(Matcher::StartsWith),
            "ends_with" => value(Matcher::EndsWith),
            "matches" => self.regex(node),
            "above" => value(Matcher::Above),
            "at_least" => value(Matcher::AtLeast),
            "below" => value(Matcher::Below),
            "at_most" => value(Matcher::AtMost),
            "type" => self.choice(node, "`type`", &JsonType::ALL).map(Matcher::Type),
            "length" => match &node.kind {
                Kind::Map(_) => self.matcher_map(node),
                _ => self.count(node, "`length`").map(Matcher::Equals),
            }
            .map(|m| Matcher::Length(Box::new(m))),
            "equals_ignoring_case" => value(Matcher::EqualsIgnoringCase),
            "scopes" => value(Matcher::Scopes),
            "words_of" => value(Matcher::WordsOf),
            "lasts" => self.lasts(node).map(|lasts| Matcher::Lasts(Box::new(lasts))),
            "any" => self.matcher(node).map(|m| Matcher::Any(Box::new(m))),
            "not" => self.matcher(node).map(|m| Matcher::Not(Box::new(m))),
            _ => {
                if INSISTS {
                    panic!("no one reads the matcher `{key}`");
                }
                None
            }
        }
    }

    fn lasts(&self, node: &Node) -> Option<Lasts> {
        if !matches!(node.kind, Kind::Map(_)) {
            let about = self.duration_template(node, "`lasts`")?;
            return Some(Lasts { about: Some(about), ..Lasts::default() });
        }
        let map = self.record(node, &outcomes::LASTS)?;
        let duration = |key: &'static str| map.read(key, |n| self.duration_template(n, &format!("`{key}`")));
        let lasts = Lasts {
            about: duration("about"),
            within: duration("within"),
            at_least: duration("at_least"),
            at_most: duration("at_most"),
        };
        if map.entries().is_empty() {
            let label = "expected `about`, `at_least` or `at_most`";
            self.wrong(node, "`lasts` says nothing", label);
            return None;
        }
        if let (Some(within), None) = (map.entry("within"), map.optional("about")) {
            let problem =
                Diagnostic::new(self.at_key(within), "`within` of what?", "there is no `about` beside it");
            self.note(problem.help("write `{ about: 60d, within: 5s }`, or `at_least` and `at_most`"));
            return None;
        }
        map.finish()?;
        Some(lasts)
    }

    fn only_true(&self, node: &Node, key: &str, opposite: &str) -> Option<()> {
        if matches!(node.kind, Kind::Bool(true)) {
            return Some(());
        }
        let problem = Diagnostic::new(self.at(node), format!("`{key}` is always `true`"), "expected `true`");
        self.note(match node.kind {
            Kind::Bool(false) => problem.help(format!("write `{opposite}: true`")),
            _ => problem,
        });
        None
    }

    fn regex(&self, node: &Node) -> Option<Matcher> {
        let text = self.text(node, "`matches`")?;
        if self.is_tested || is_small_regex(&text) {
            return Some(Matcher::Matches(text));
        }
        let Err(error) = RegexBuilder::new(&text).size_limit(LARGEST_REGEX).build() else {
            return Some(Matcher::Matches(text));
        };
        let said = match error {
            regex::Error::CompiledTooBig(_) => "the regular expression is too large when compiled".to_owned(),
            error => {
                let text = error.to_string();
                let last = text.lines().rfind(|l| !l.trim().is_empty()).unwrap_or_default();
                last.trim().trim_start_matches("error: ").to_owned()
            }
        };
        let problem = Diagnostic::new(self.at(node), "this is no regular expression", said);
        self.note(if text.contains("(?=") || text.contains("(?!") || text.contains("(?<") {
            problem.help("look-around is not supported: use `not: { matches: … }` beside it")
        } else {
            problem
        });
        None
    }

    /// Matchers by member name, each with the place of its value.
    pub fn named_matchers(&self, node: &Node, what: &str) -> Option<Vec<(String, Matcher, Location)>> {
        let map = self.map(node, what)?;
        if map.entries().is_empty() {
            self.wrong(node, format!("{what} says nothing"), "expected at least one name");
            return None;
        }
        all(map.entries(), |e| {
            Some((e.key.to_string(), self.member_matcher(&e.key, &e.value)?, self.at(&e.value)))
        })
    }

    /// What is said of the value of that name. `expires_in: 1h` could never hold.
    pub fn member_matcher(&self, name: &str, node: &Node) -> Option<Matcher> {
        if let ("expires_in", Kind::Text(text)) = (name, &node.kind)
            && parse_duration(text).is_some()
        {
            let message = format!("`expires_in` is a number of seconds, and `{text}` is a text here");
            let problem = Diagnostic::new(self.at(node), message, "can never be equal");
            self.note(problem.help(format!("write `{{ lasts: {text} }}`")).page("lasts"));
            return None;
        }
        self.matcher(node)
    }
}

/// Whether it is a regular expression that cannot be too large when compiled. Compiling takes long, and what a suite
/// has is hardly ever large.
fn is_small_regex(text: &str) -> bool {
    regex_syntax::parse(text).is_ok_and(|hir| most_states(&hir) < LARGEST_REGEX / 64)
}

/// More states than the expression compiles to.
fn most_states(hir: &Hir) -> usize {
    let all = |parts: &[Hir]| parts.iter().map(most_states).fold(1, usize::saturating_add);
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => 1,
        HirKind::Literal(literal) => literal.0.len() + 1,
        // A range of characters is a few sequences of up to four bytes, most of which share what they begin with.
        HirKind::Class(Class::Unicode(class)) if class.is_ascii() => class.ranges().len() + 1,
        HirKind::Class(Class::Unicode(class)) => 8 * class.ranges().len() + 64,
        HirKind::Class(Class::Bytes(class)) => class.ranges().len() + 1,
        HirKind::Repetition(repetition) => {
            let times = repetition.max.unwrap_or(repetition.min).max(repetition.min).saturating_add(2);
            most_states(&repetition.sub).saturating_mul(times as usize)
        }
        HirKind::Capture(capture) => most_states(&capture.sub).saturating_add(2),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => all(parts),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_large_regex_passes_for_a_small_one() {
        for (text, small) in [
            ("^[!-~]+$", true),
            ("(?i)^application/json\\s*(;|$)", true),
            ("a{2,5}", true),
            ("(", false),
            ("(?=a)", false),
            ("a{1000000}", false),
            ("((a{100}){100}){100}", false),
            ("\\w{500}", false),
            (".{1,4000}", false),
        ] {
            assert_eq!(is_small_regex(text), small, "{text}");
            let compiles = RegexBuilder::new(text).size_limit(LARGEST_REGEX).build().is_ok();
            assert!(!small || compiles, "{text}");
        }
        for part in ["\\w", "\\W", "(?i)[k-\u{e9}]", "[^a]", "\\p{L}*", "(?i)straße|", "(\\s,){3}"] {
            let largest =
                (1..40).map(|times| part.repeat(times)).take_while(|text| is_small_regex(text)).last();
            let largest = largest.unwrap_or_default();
            assert!(RegexBuilder::new(&largest).size_limit(LARGEST_REGEX).build().is_ok(), "{largest}");
        }
    }
}

use std::fmt::Write as _;

use time::Date;
use time::format_description::well_known::Iso8601;

use super::decode::Decoder;
use super::diagnostic::{Diagnostic, Diagnostics};
use super::file::File;
use super::language::files;
use super::library::Source;
use super::tree::{self, Kind, Node};
use crate::model::{Baseline, BaselineEntry};

/// The most rows that an entry with a wildcard may cover.
const MOST_ROWS: u64 = 1000;

/// Reads a baseline.
///
/// # Errors
///
/// Everything that is wrong in the file.
pub fn baseline(source: &Source) -> Result<Baseline, Diagnostics> {
    let file = File::new(&source.name, &source.text);
    let root = tree::parse(&file)?;
    let is_baseline =
        matches!(&root.kind, Kind::Map(entries) if entries.first().is_some_and(|e| e.key == "baseline"));
    if !is_baseline {
        let problem = Diagnostic::new(
            file.locate(file.extent(&root)),
            "this is not a baseline",
            "expected `baseline:` as the first key",
        );
        return Err(problem.into());
    }
    let decoder = Decoder::new(&file);
    let baseline = read(&decoder, &root);
    match baseline {
        Some(baseline) if !decoder.has_problems() => Ok(baseline),
        _ => Err(Diagnostics::sorted(decoder.finish().0)),
    }
}

fn read(decoder: &Decoder<'_>, root: &Node) -> Option<Baseline> {
    let map = decoder.record(root, &files::BASELINE)?;
    map.need("baseline", |n| decoder.sentence(n, "`baseline`"));
    let entries = map.need("known", |n| decoder.each(n, "`known`", |n| entry(decoder, n)));
    map.finish()?;
    let entries = entries?;
    for (index, entry) in entries.iter().enumerate() {
        let same = |other: &&BaselineEntry| {
            other.case == entry.case && other.requirement == entry.requirement && other.seen == entry.seen
        };
        if let Some(first) = entries[..index].iter().find(same) {
            decoder.note(
                Diagnostic::new(entry.location.clone(), "this failure is listed twice", "the second")
                    .second(first.location.clone(), "the first"),
            );
        }
    }
    Some(Baseline { entries })
}

fn entry(decoder: &Decoder<'_>, node: &Node) -> Option<BaselineEntry> {
    let map = decoder.record(node, &files::KNOWN)?;
    let case = map.need("case", |n| {
        let case = decoder.located(n, "`case`")?;
        let has_suite = case.value.split('[').next().is_some_and(|name| name.contains('/'));
        if case.value.trim_matches(|c| c == '*' || c == '/').is_empty() {
            decoder.wrong(n, "this covers everything", "expected `suite/case`, at most with a `*` in it");
            return None;
        }
        if !has_suite {
            decoder.wrong(
                n,
                format!("`{}` names no case", case.value),
                "expected `suite/case` or `suite/case[instance]`",
            );
            return None;
        }
        Some(case)
    });
    let requirement = map.need("requirement", |n| decoder.slug(n, "`requirement`", &['.']));
    let seen = map.read("seen", |n| decoder.sentence(n, "`seen`"));
    let reason = map.need("reason", |n| decoder.sentence(n, "`reason`"));
    let expires = map.need("expires", |n| date(decoder, n));
    let at_most = map.read("at_most", |n| decoder.integer(n, "`at_most`", 1, MOST_ROWS));
    map.finish()?;
    let case = case?;
    if case.value.contains('*') && at_most.is_none() {
        decoder.note(
            Diagnostic::new(
                case.location,
                "a wildcard could hide failures that nobody knows of yet",
                "how many rows may this cover?",
            )
            .help("add `at_most: N`, with N the number of rows that fail now"),
        );
        return None;
    }
    Some(BaselineEntry {
        case: case.value,
        requirement: requirement?,
        seen: seen.unwrap_or_default(),
        reason: reason?,
        expires: expires?,
        at_most,
        location: case.location,
    })
}

/// A day as RFC 3339 section 5.6 writes it (`full-date`).
fn date(decoder: &Decoder<'_>, node: &Node) -> Option<String> {
    let text = decoder.text(node, "`expires`")?;
    if text.len() == 10 && Date::parse(&text, &Iso8601::DATE).is_ok() {
        return Some(text);
    }
    decoder.wrong(node, "`expires` is no day", "expected a day like `2027-01-31`");
    None
}

/// A baseline as a file of that name has it; [`baseline`] reads it back.
pub fn draw_baseline(name: &str, baseline: &Baseline) -> String {
    let quoted = |text: &str| serde_json::Value::String(text.to_owned()).to_string();
    let mut text = format!(
        "# Failures that are known and borne. Each needs a reason and the last day on which it is borne.\n\
         baseline: {}\nknown:",
        quoted(name)
    );
    if baseline.entries.is_empty() {
        text.push_str(" []");
    }
    text.push('\n');
    for entry in &baseline.entries {
        // Writing to a string cannot fail.
        let _ = write!(
            text,
            "  - case: {}\n    requirement: {}\n",
            quoted(&entry.case),
            quoted(&entry.requirement)
        );
        if !entry.seen.is_empty() {
            let _ = writeln!(text, "    seen: {}", quoted(&entry.seen));
        }
        if let Some(most) = entry.at_most {
            let _ = writeln!(text, "    at_most: {most}");
        }
        let _ =
            writeln!(text, "    reason: {}\n    expires: {}", quoted(&entry.reason), quoted(&entry.expires));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Location;

    fn read(text: &str) -> Result<Baseline, String> {
        baseline(&Source { name: "b.yaml".to_owned(), text: text.to_owned() }).map_err(|d| d.to_string())
    }

    #[test]
    fn what_is_drawn_is_read_back() {
        let entry = |case: &str, at_most| BaselineEntry {
            case: case.to_owned(),
            requirement: "rfc6749-5.1-cache-control".to_owned(),
            seen: "200 \\ \"quoted\"\n: # ".to_owned(),
            reason: "$not {a} reference".to_owned(),
            expires: "2027-01-31".to_owned(),
            at_most,
            location: Location::default(),
        };
        let drawn = Baseline { entries: vec![entry("a/b[x=1,y=é]", None), entry("a/*", Some(3))] };
        let mut back = read(&draw_baseline("staging: 'a'", &drawn)).unwrap();
        back.entries.iter_mut().for_each(|e| e.location = Location::default());
        assert_eq!(back, drawn);
        assert_eq!(read(&draw_baseline("x", &Baseline::default())).unwrap(), Baseline::default());
    }

    #[test]
    fn all_mistakes_come_out_at_once_with_their_places() {
        let told = read(
            "baseline: x\nknown:\n  - { case: a/*, requirement: r, reason: y, expires: 2027-01-01 }\n  \
             - { case: alone, requirement: r, reason: y, expires: 2027-02-30 }\n  \
             - { case: a/b, requirment: r, reason: '', expires: soon }\n  \
             - { case: '*', requirement: r, reason: y, expires: 2027-01-01, at_most: 0 }\n",
        )
        .unwrap_err();
        for part in [
            "b.yaml:3:13",
            "at_most: N",
            "b.yaml:4:13",
            "names no case",
            "b.yaml:4:56",
            "is no day",
            "unknown key `requirment`",
            "did you mean `requirement`?",
            "`reason` is empty",
            "b.yaml:6:13",
            "this covers everything",
            "out of bounds",
        ] {
            assert!(told.contains(part), "{part:?} is not in:\n{told}");
        }
        let twice = "baseline: x\nknown:\n  - &a { case: a/b, requirement: r, reason: y, expires: 2027-01-01 }\n  \
             - { case: a/b, requirement: r, reason: z, expires: 2028-01-01 }\n";
        assert!(read(&twice.replace("&a ", "")).unwrap_err().contains("listed twice"));
        assert!(read("suite: x\n").unwrap_err().contains("expected `baseline:` as the first key"));
    }
}

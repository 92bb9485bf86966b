//! The traps that YAML sets for everybody, recognised from the line where the parser stumbled.

use super::diagnostic::Diagnostic;
use super::file::{File, Span};
use crate::model::Location;

/// What the author walked into, if it is one of the known traps. `place` is where the parser stumbled, `words`
/// what it says.
pub(super) fn trap(file: &File<'_>, place: &Location, words: &str) -> Option<Diagnostic> {
    let stumbled = place.line - 1;
    // Many mistakes are noticed only one line later, tabs one line earlier.
    let near = [Some(stumbled), stumbled.checked_sub(1), Some(stumbled + 1)];
    for index in near.into_iter().flatten() {
        let line = file.line(index);
        let found = if index > stumbled { tab(line) } else { tab(line).or_else(|| in_line(line)) };
        if let Some(trap) = found {
            let place = file.within_line(index, trap.from, trap.to);
            return Some(Diagnostic::new(place, trap.message, trap.label).help(trap.help));
        }
    }
    if let Some(trap) = deeper(file, stumbled) {
        return Some(trap);
    }
    let offset = file.offset(place);
    never_closed(file, offset, words).or_else(|| {
        let lost = words.contains("block mapping") || words.contains("block collection");
        lost.then(|| {
            Diagnostic::new(place.clone(), "the indentation of this line fits no line above it", words)
                .help("keys of one map, and items of one list, begin in the same column")
        })
    })
}

/// A key further to the right than the one above it, which has its value already.
fn deeper(file: &File<'_>, index: usize) -> Option<Diagnostic> {
    let line = file.line(index);
    let text = line.trim_start();
    let above = file.line(index.checked_sub(1)?);
    let before = above.trim_start_matches([' ', '-']);
    let value = before.split_once(": ")?.1.trim();
    let (column, first) = (line.len() - text.len(), above.len() - before.len());
    let key = text.find(':').filter(|_| text.starts_with(|c: char| c.is_ascii_alphabetic()))?;
    if column <= first || value.is_empty() || value.starts_with(['{', '[', '"', '\'', '|', '>', '#']) {
        return None;
    }
    let place = file.within_line(index, column, column + key);
    let message = "this key is indented further than the one above it, which has its value already";
    let problem = Diagnostic::new(place, message, "read as more of the line above");
    Some(problem.help(format!("keys of one map begin in the same column, here column {}", first + 1)))
}

struct Trap {
    from: usize,
    to: usize,
    message: &'static str,
    label: &'static str,
    help: &'static str,
}

fn tab(line: &str) -> Option<Trap> {
    let indentation = &line[..line.len() - line.trim_start().len()];
    let from = indentation.find('\t')?;
    let to = indentation.len();
    Some(Trap {
        from,
        to,
        message: "a tab in the indentation",
        label: "a tab",
        help: "YAML indents with spaces only",
    })
}

fn in_line(line: &str) -> Option<Trap> {
    if let Some(from) = line.find("{{") {
        let (message, help) =
            ("YAML reads `{{` as a map inside a map", "references are written `$name` or `${name}`");
        return Some(Trap { from, to: from + 2, message, label: "no template here", help });
    }
    let quotes = "put the text in quotes";
    for from in scalars(line) {
        let rest = &line[from..];
        let word = rest.find([' ', ',', '}', ']']).unwrap_or(rest.len());
        let (message, label) = match rest.chars().next()? {
            '@' => ("a plain text cannot begin with `@`", "needs quotes"),
            '`' => ("a plain text cannot begin with a backquote", "needs quotes"),
            '%' => ("a plain text cannot begin with `%`", "needs quotes"),
            '*' => ("YAML reads `*` as an alias", "no anchor of that name stands before"),
            '&' => ("YAML reads `&` as an anchor", "needs quotes if it is a text"),
            '!' => ("YAML reads `!` as a tag", "needs quotes if it is a text"),
            '$' if rest.starts_with("${") && line[..from].contains(['{', '[']) => {
                let to = from + rest.find('}').map_or(rest.len(), |at| at + 1);
                let (message, help) =
                    ("`${…}` inside a flow list or map needs quotes", "write `\"${name}\"`");
                return Some(Trap { from, to, message, label: "YAML reads the braces as a map", help });
            }
            _ => continue,
        };
        return Some(Trap { from, to: from + word, message, label, help: quotes });
    }
    if let Some((from, to)) = colon_without_space(line) {
        let (message, help) = ("a colon without a space after it makes no key", "write `key: value`");
        return Some(Trap { from, to, message, label: "read as one text", help });
    }
    let from = line.find(": ")? + 2;
    let value = &line[from..];
    let plain = !value.trim_start().starts_with(['{', '[', '"', '\'', '|', '>']);
    let colon = from + value.find(": ").filter(|_| plain)?;
    let message = "a plain text cannot contain a colon and a space";
    Some(Trap { from: colon, to: colon + 1, message, label: "read as the end of another key", help: quotes })
}

/// Where scalars may begin in a line: after its indentation and dashes, after `: `, `, `, `[` and `{`.
fn scalars(line: &str) -> Vec<usize> {
    let mut starts = Vec::new();
    let mut fresh = true;
    let mut before = ' ';
    for (at, c) in line.char_indices() {
        if fresh && c != ' ' && !(c == '-' && line[at..].starts_with("- ")) {
            starts.push(at);
            fresh = false;
        }
        if matches!(c, '[' | '{' | ',') || c == ' ' && matches!(before, ':' | ',') {
            fresh = true;
        }
        before = c;
    }
    starts
}

/// `- a:b` or `key:value`, where a key was meant.
fn colon_without_space(line: &str) -> Option<(usize, usize)> {
    let text = line.trim_start_matches([' ', '-']);
    let from = line.len() - text.len();
    let name = text.find(|c: char| !(c.is_ascii_lowercase() || c == '_')).filter(|at| *at > 0)?;
    let value = text[name..].strip_prefix(':')?;
    let meant = value.starts_with(|c: char| !matches!(c, ' ' | ':' | '/'));
    meant.then(|| (from, from + text.find(' ').unwrap_or(text.len())))
}

/// The bracket or quote above the stumble that nothing closes.
fn never_closed(file: &File<'_>, offset: usize, words: &str) -> Option<Diagnostic> {
    let before = file.text.get(..offset)?;
    if words.contains("quoted scalar") {
        let from = before.rfind(['"', '\''])?;
        let place = file.locate(Span::new(from, from + 1));
        return Some(Diagnostic::new(
            place,
            "a quoted text is never closed",
            "it begins here, and ends nowhere",
        ));
    }
    let mut open = Vec::new();
    let mut quote = None;
    for (at, c) in before.char_indices() {
        match (quote, c) {
            (Some(q), c) if c == q => quote = None,
            (Some(_), '\n') => quote = None, // an apostrophe after all
            (Some(_), _) => {}
            (None, '"' | '\'') if before[..at].ends_with([' ', '[', '{']) => quote = Some(c),
            (None, '[' | '{') => open.push(at),
            (None, ']' | '}') => drop(open.pop()),
            _ => {}
        }
    }
    let from = open.pop()?;
    let bracket = before[from..].chars().next()?;
    let place = file.locate(Span::new(from, from + 1));
    let message = format!("this `{bracket}` is never closed");
    Some(Diagnostic::new(
        place,
        message,
        format!("no `{}` before line {}", if bracket == '[' { ']' } else { '}' }, line_of(before)),
    ))
}

fn line_of(before: &str) -> usize {
    before.lines().count() + 1
}

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

/// What may stand at a report's path already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Existing {
    /// Nothing, or a report of an earlier run, which is replaced.
    #[default]
    Report,
    /// Anything; it is replaced.
    Anything,
}

/// How reports begin, and a word that must follow soon: no other program's file has both.
const MARKS: [(&str, &str); 10] = [
    ("{\"run_started\":", "\"oauthspec\""),
    ("{\n  \"format\": ", "\"oauthspec\""),
    ("{\n  \"oauthspec\": ", "\"sides\""),
    ("{\n  \"$schema\": ", "\"oauthspec\""),
    ("{\"log\":{\"version\"", "\"oauthspec\""),
    ("<?xml", "\"oauthspec\""),
    ("<!doctype html>", "content=\"oauthspec "),
    ("<!-- oauthspec ", "-->"),
    ("TAP version 14", "# oauthspec "),
    ("[", "\"oauthspec:"),
];
/// Bytes of a file that are looked at.
const BEGINNING: u64 = 8192;

/// Whether a report of this program stands at the path. `None` where there is nothing to lose: no file, an empty
/// one, or one that cannot be read.
pub fn is_report(path: &Path) -> Option<bool> {
    if !path.is_file() {
        return None;
    }
    let mut bytes = Vec::new();
    File::open(path).ok()?.take(BEGINNING).read_to_end(&mut bytes).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    // An empty list is what GitLab's report of a conforming server is.
    if matches!(text.trim(), "" | "[]") {
        return None;
    }
    Some(MARKS.iter().any(|(begins, word)| text.starts_with(begins) && text.contains(word)))
}

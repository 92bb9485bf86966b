//! Embeds everything under `suites/` in the binary: the texts, and the tokens that YAML cuts them into, so that a
//! start of the process need not scan them.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use granit_parser::{Event, Parser, ScalarStyle, Span};

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=suites");
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    let mut files = Vec::new();
    collect(&root.join("suites"), &mut files)?;
    files.sort();
    let mut table = String::from("&[\n");
    let mut tokens = Vec::new();
    for file in files {
        let name = file.strip_prefix(&root).unwrap_or(&file).to_string_lossy().replace('\\', "/");
        let text = fs::read_to_string(&file)?;
        let from = tokens.len();
        if cut(&text, &mut tokens).is_none() {
            // Whoever reads the text will say what is wrong with it.
            tokens.truncate(from);
        }
        let to = tokens.len();
        let path = file.to_string_lossy();
        // Writing to a string cannot fail.
        let _ = writeln!(
            table,
            "    BuiltIn {{ name: {name:?}, text: include_str!({path:?}), tokens: TOKENS.split_at({to}).0.split_at({from}).1 }},"
        );
    }
    table.push(']');
    fs::write(out.join("tokens"), tokens)?;
    fs::write(out.join("suites.rs"), table)
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|e| e == "yaml") {
            files.push(path);
        }
    }
    Ok(())
}

/// Writes a file's tokens as `src/load/cut.rs` reads them. `None` if it is no YAML, or uses what the built-in files
/// have no use for: tags, several documents.
fn cut(text: &str, out: &mut Vec<u8>) -> Option<()> {
    let (mut last, mut documents) = (0, 0);
    for next in Parser::new_from_str(text) {
        let (event, span) = next.ok()?;
        if let Event::SequenceStart(_, anchor @ 1.., _)
        | Event::MappingStart(_, anchor @ 1.., _)
        | Event::Scalar(_, _, anchor @ 1.., _) = &event
        {
            out.push(8);
            number(*anchor as u64, out);
        }
        match event {
            Event::DocumentStart(..) => documents += 1,
            Event::SequenceEnd | Event::MappingEnd => out.push(0),
            Event::SequenceStart(_, _, None) => place(1, span, &mut last, out)?,
            Event::MappingStart(_, _, None) => place(2, span, &mut last, out)?,
            Event::Scalar(value, style, _, None) => scalar(text, &value, style, span, &mut last, out)?,
            Event::Alias(anchor) => {
                place(9, span, &mut last, out)?;
                number(anchor as u64, out);
            }
            Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
            _ => return None,
        }
    }
    (documents == 1).then_some(())
}

/// A scalar: 3 and 4 are the bytes of the place, 5 those between the quotes; 6 and 7 bring the text along. 3 and 6
/// are plain.
fn scalar(
    text: &str,
    value: &str,
    style: ScalarStyle,
    span: Span,
    last: &mut u64,
    out: &mut Vec<u8>,
) -> Option<()> {
    let source = text.get(span.byte_range()?)?;
    let plain = style == ScalarStyle::Plain;
    let inner = source.get(1..source.len().saturating_sub(1));
    let kind = match (plain, source == value, inner == Some(value)) {
        (true, true, _) => 3,
        (false, true, _) => 4,
        (false, _, true) => 5,
        (true, ..) => 6,
        (false, ..) => 7,
    };
    place(kind, span, last, out)?;
    number(source.len() as u64, out);
    if kind >= 6 {
        number(value.len() as u64, out);
        out.extend(value.as_bytes());
    }
    Some(())
}

/// A token's kind, and how far it is from the one before.
fn place(kind: u8, span: Span, last: &mut u64, out: &mut Vec<u8>) -> Option<()> {
    let start = span.start.byte_offset()? as u64;
    out.push(kind);
    number(start.checked_sub(*last)?, out);
    *last = start;
    Some(())
}

/// Seven bits a byte, the lowest first; the eighth bit says that more come.
fn number(mut value: u64, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

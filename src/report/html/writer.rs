use std::io::{self, Write as _};

use super::super::digest::policy_hash;
use super::super::pending_file::PendingFile;
use super::super::record::Record;
use super::detail::Detail;
use super::index::Index;
use super::script_data::script_data;
use super::still::{self, escaped};
use crate::model::RunFinished;

const TEMPLATE: &str = include_str!("page/page.html");
const STYLE: &str = include_str!("page/page.css");
/// One scope for all of it; `start.js` comes last because it runs. It does before the cases' data is read, so that a
/// large report is there at once.
const SCRIPT: &str = concat!(
    "\"use strict\";(() => {\n",
    include_str!("page/dom.js"),
    include_str!("page/diagram.js"),
    include_str!("page/overview.js"),
    include_str!("page/cases.js"),
    include_str!("page/case.js"),
    include_str!("page/requirements.js"),
    include_str!("page/start.js"),
    "})();\n"
);

/// Writes the page.
pub(in super::super) fn write(
    record: &Record,
    finished: &RunFinished,
    out: &mut PendingFile,
) -> io::Result<()> {
    let target = record.run.as_ref().map_or("oauthspec", |run| run.target.as_str());
    let version = record.run.as_ref().map_or("", |run| run.oauthspec.as_str());
    // The template is ours and holds no braces but its marks; what stands for a mark is never looked at again.
    for (index, piece) in TEMPLATE.split("{{").enumerate() {
        let Some((mark, rest)) = piece.split_once("}}").filter(|_| index > 0) else {
            out.write_all(piece.as_bytes())?;
            continue;
        };
        match mark {
            "version" => out.write_all(escaped(version).as_bytes())?,
            "policy" => out.write_all(policy().as_bytes())?,
            "title" => write!(out, "{} · oauthspec", escaped(target))?,
            "style" => out.write_all(STYLE.as_bytes())?,
            "script" => out.write_all(SCRIPT.as_bytes())?,
            "head" => out.write_all(still::head(record, finished).as_bytes())?,
            "still" => out.write_all(still::failures(record, finished).as_bytes())?,
            "data" => out.write_all(script_data(&Index::new(record, finished))?.as_bytes())?,
            "cases" => cases(record, out)?,
            _ => {}
        }
        out.write_all(rest.as_bytes())?;
    }
    Ok(())
}

fn cases(record: &Record, out: &mut PendingFile) -> io::Result<()> {
    for (index, result) in record.results.iter().enumerate() {
        let data = script_data(&Detail::new(record, result))?;
        writeln!(out, "<script type=\"application/json\" id=\"case-{index}\">{data}</script>")?;
    }
    Ok(())
}

/// Nothing is fetched, nothing runs but our own script.
fn policy() -> String {
    format!(
        "default-src 'none'; script-src {}; style-src {}; base-uri 'none'; form-action 'none'",
        policy_hash(SCRIPT),
        policy_hash(STYLE)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_makes_no_markup_of_data_and_fetches_nothing() {
        for forbidden in
            ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "fetch(", "</script"]
        {
            assert!(!SCRIPT.contains(forbidden), "{forbidden}");
        }
        for forbidden in ["url(", "@import", "</style"] {
            assert!(!STYLE.contains(forbidden), "{forbidden}");
        }
        for handler in [" onclick", " onload", " onerror", " style=\"", "src="] {
            assert!(!TEMPLATE.contains(handler), "{handler}");
        }
    }
}

use std::io::{self, Write};

use super::super::digest::policy_hash;
use super::super::record::Record;
use super::detail::Detail;
use super::index::Index;
use super::live::Live;
use super::script_data::write_script_data;
use super::still::{self, escaped};
use super::told::Told;
use crate::model::RunFinished;

const TEMPLATE: &str = include_str!("page/page.html");
const STYLE: &str = include_str!("page/page.css");

/// One scope for all of it; `start.js` comes last because it runs. It does before the cases' data is read, so that a
/// large report is there at once.
macro_rules! script {
    ($source:literal) => {
        concat!(
            "\"use strict\";(() => {\n",
            include_str!("page/dom.js"),
            include_str!("page/diagram.js"),
            include_str!("page/overview.js"),
            include_str!("page/cases.js"),
            include_str!("page/case.js"),
            include_str!("page/requirements.js"),
            include_str!("page/threats.js"),
            include_str!($source),
            include_str!("page/start.js"),
            "})();\n"
        )
    };
}

/// Of a page that has all its data in itself.
const SCRIPT: &str = script!("page/whole.js");
/// Of a page that asks the run for what it does not have.
const LIVE_SCRIPT: &str = script!("page/live.js");

/// Writes the page of a run that is over.
pub(in super::super) fn write(
    record: &Record,
    finished: &RunFinished,
    out: &mut dyn Write,
) -> io::Result<()> {
    page(record, finished, None, out)
}

/// Writes the page of a run that goes on: without the cases' data, which its script asks for.
pub(in super::super) fn write_live(
    record: &Record,
    live: &Live,
    so_far: &RunFinished,
    out: &mut dyn Write,
) -> io::Result<()> {
    page(record, so_far, Some(live), out)
}

fn page(record: &Record, finished: &RunFinished, live: Option<&Live>, out: &mut dyn Write) -> io::Result<()> {
    let script = if live.is_some() { LIVE_SCRIPT } else { SCRIPT };
    let target = record.run.as_ref().map_or("oauthspec", |run| run.target.as_str());
    let version = record.run.as_ref().map_or("", |run| run.oauthspec.as_str());
    let told = if live.is_some() { Told::All } else { Told::of(record) };
    // The template is ours and holds no braces but its marks; what stands for a mark is never looked at again.
    for (index, piece) in TEMPLATE.split("{{").enumerate() {
        let Some((mark, rest)) = piece.split_once("}}").filter(|_| index > 0) else {
            out.write_all(piece.as_bytes())?;
            continue;
        };
        match mark {
            "version" => out.write_all(escaped(version).as_bytes())?,
            "policy" => out.write_all(policy(live.is_some()).as_bytes())?,
            "title" => write!(out, "{} · oauthspec", escaped(target))?,
            "style" => out.write_all(STYLE.as_bytes())?,
            "script" => out.write_all(script.as_bytes())?,
            "head" => {
                let outcome = live.map_or_else(|| record.conclusion(finished), |live| live.outcome(record));
                out.write_all(still::head(record, finished, &outcome, live.is_some()).as_bytes())?;
            }
            "still" => out.write_all(still::failures(record, finished).as_bytes())?,
            "data" => write_script_data(&Index::new(record, finished, &told), out)?,
            "cases" if live.is_none() => cases(record, &told, out)?,
            "live" => {
                if let Some(live) = live {
                    write!(out, "<script type=\"application/json\" id=\"live\">")?;
                    write_script_data(live, out)?;
                    writeln!(out, "</script>")?;
                }
            }
            _ => {}
        }
        out.write_all(rest.as_bytes())?;
    }
    Ok(())
}

fn cases(record: &Record, told: &Told, out: &mut dyn Write) -> io::Result<()> {
    for (index, result) in record.results.iter().enumerate().filter(|(index, _)| told.has(*index)) {
        write!(out, "<script type=\"application/json\" id=\"case-{index}\">")?;
        write_script_data(&Detail::new(record, result), out)?;
        writeln!(out, "</script>")?;
    }
    Ok(())
}

/// Nothing is fetched, nothing runs but our own script; a live page may ask where it comes from.
pub(in super::super) fn policy(is_live: bool) -> String {
    let (script, connect) = if is_live { (LIVE_SCRIPT, "connect-src 'self'; ") } else { (SCRIPT, "") };
    format!(
        "default-src 'none'; script-src {}; style-src {}; {connect}base-uri 'none'; form-action 'none'",
        policy_hash(script),
        policy_hash(STYLE)
    )
}

/// The page's style, for other pages of ours, and the source expression that allows it.
pub(in super::super) fn style() -> (&'static str, String) {
    (STYLE, policy_hash(STYLE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_makes_no_markup_of_data_and_fetches_nothing() {
        for forbidden in
            ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "</script"]
        {
            assert!(!SCRIPT.contains(forbidden) && !LIVE_SCRIPT.contains(forbidden), "{forbidden}");
        }
        assert!(!SCRIPT.contains("fetch("), "a page from a disk fetches nothing");
        for forbidden in ["url(", "@import", "</style"] {
            assert!(!STYLE.contains(forbidden), "{forbidden}");
        }
        for handler in [" onclick", " onload", " onerror", " style=\"", "src="] {
            assert!(!TEMPLATE.contains(handler), "{handler}");
        }
    }
}

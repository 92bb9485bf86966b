use super::super::html::{escaped, style};
use super::super::text::{count, cut, thousands};
use crate::model::{Comparison, Difference, Side};

/// Characters of what either side showed.
const WORDS: usize = 600;
/// Rows that are named for one difference.
const ROWS: usize = 200;

/// A comparison as one HTML file for people. It has no script, and its policy allows nothing but its own style.
pub(super) fn page(comparison: &Comparison) -> String {
    let (style, allowed) = style();
    let names = comparison.names().map(|name| escaped(&name));
    let sentence = escaped(&comparison.sentence());
    let mut html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"generator\" content=\"oauthspec {version}\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src {allowed}; base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n<title>{first} and {second} · oauthspec</title>\n\
         <style>{style}</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#main\">Skip to the comparison</a>\n\
         <header class=\"head\"><div class=\"wide\">\n<p class=\"name\">oauthspec comparison</p>\n<h1>{sentence}</h1>\n\
         <dl class=\"facts\">",
        version = env!("CARGO_PKG_VERSION"),
        first = names[0],
        second = names[1],
    );
    for (name, side) in names.iter().zip(&comparison.sides) {
        html.push_str(&fact(name, side));
    }
    html.push_str(&format!(
        "</dl>\n<ul class=\"tally\" aria-label=\"Cases that both have\">\
         <li class=\"verdict badge pass\">{} behave alike</li><li class=\"verdict badge warn\">{} differ</li></ul>\n\
         </div></header>\n<main class=\"wide\" id=\"main\" tabindex=\"-1\"><div class=\"stack\">\n",
        count(comparison.alike, "case"),
        count(comparison.rows.saturating_sub(comparison.alike), "case"),
    ));
    let (judged, other): (Vec<_>, Vec<_>) =
        comparison.differences.iter().partition(|difference| difference.verdicts);
    let mut number = 0;
    for (title, differences) in [
        ("Different, and judged differently", judged),
        ("Different, though the verdicts are the same", other),
    ] {
        if differences.is_empty() {
            continue;
        }
        html.push_str(&format!(
            "<section><h2>{title}: {}</h2><ol class=\"cards\">",
            count(differences.len(), "thing")
        ));
        for one in differences {
            number += 1;
            html.push_str(&difference(number, &names, one));
        }
        html.push_str("</ol></section>\n");
    }
    for (name, only) in names.iter().zip(&comparison.only).filter(|(_, only)| !only.is_empty()) {
        html.push_str(&format!("<section><h2>Only asked of {name}: {}</h2>", count(only.len(), "case")));
        html.push_str(&format!("<div class=\"card\">{}</div></section>\n", rows(only)));
    }
    html.push_str("</div></main>\n</body>\n</html>\n");
    html
}

fn fact(name: &str, side: &Side) -> String {
    let text = format!("{} at {}, seed {}", side.target, side.issuer, side.seed);
    format!("<div><dt>{name}</dt><dd>{}</dd></div>", escaped(&text))
}

fn difference(number: usize, names: &[String; 2], difference: &Difference) -> String {
    let class = if difference.verdicts { "card broken" } else { "card broken warn" };
    let mut html = format!(
        "<li class=\"{class}\"><p class=\"of\"><b>{number}</b> <span class=\"id\">{}</span></p>\
         <p class=\"what\">{}</p><dl class=\"pair sides\">",
        escaped(&difference.place),
        escaped(&difference.what),
    );
    for (name, seen) in names.iter().zip(&difference.seen) {
        html.push_str(&format!("<dt>{name}</dt><dd><code>{}</code></dd>", escaped(&cut(seen, WORDS))));
    }
    html.push_str("</dl>");
    // A few rows tell at once where it shows; many would hide the next difference.
    match difference.rows.len() {
        0..=3 => html.push_str(&rows(&difference.rows)),
        n => html.push_str(&format!(
            "<details><summary>in {}</summary>{}</details>",
            count(n, "case"),
            rows(&difference.rows)
        )),
    }
    html.push_str("</li>");
    html
}

fn rows(rows: &[String]) -> String {
    let mut html = "<ul class=\"rows\">".to_owned();
    for row in rows.iter().take(ROWS) {
        html.push_str(&format!("<li class=\"id\">{}</li>", escaped(row)));
    }
    if rows.len() > ROWS {
        html.push_str(&format!("<li class=\"soft\">and {} more</li>", thousands(rows.len() - ROWS)));
    }
    html.push_str("</ul>");
    html
}

use colored::Colorize;
use unicode_width::UnicodeWidthStr;

use super::super::text::{clean_text, wrap};
use crate::model::Verdict;

/// Text for a terminal of some width. Everything that is put on it is cleaned here, so that nothing that
/// came over the wire can reach the terminal as anything but itself.
#[derive(Debug)]
pub(super) struct Page {
    text: String,
    width: usize,
    color: bool,
    /// Whether an empty line, or nothing, stands above what is in `text`.
    after_gap: bool,
}

/// What a piece of text is, which decides its colour where there is colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    Plain,
    Strong,
    Faint,
    Good,
    Caution,
    Bad,
    Name,
}

/// Columns of the labels of a block, with the gap after them.
pub(super) const LABEL: usize = 12;
/// No terminal is narrower.
const NARROWEST: usize = 40;

impl Page {
    /// An empty page.
    pub(super) fn new(width: usize, color: bool) -> Self {
        Self { text: String::new(), width: width.max(NARROWEST), color, after_gap: true }
    }

    /// What was written, leaving the page empty.
    pub(super) fn take(&mut self) -> String {
        if !self.text.is_empty() {
            self.after_gap = self.text == "\n" || self.text.ends_with("\n\n");
        }
        std::mem::take(&mut self.text)
    }

    /// Columns.
    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// Whether there is colour.
    pub(super) fn color(&self) -> bool {
        self.color
    }

    /// An empty line, unless the page begins or one is there.
    pub(super) fn gap(&mut self) {
        let is_there = if self.text.is_empty() { self.after_gap } else { self.text.ends_with("\n\n") };
        if !is_there {
            self.text.push('\n');
        }
    }

    /// A line of pieces, as long as it is.
    pub(super) fn line(&mut self, pieces: &[(Style, &str)]) {
        for (style, piece) in pieces {
            let piece = clean_text(piece);
            self.text.push_str(&paint(self.color, *style, &piece));
        }
        while self.text.ends_with(' ') {
            self.text.pop();
        }
        self.text.push('\n');
    }

    /// Prose, wrapped, after a first piece that stands once; further lines hang under its end.
    pub(super) fn prose(&mut self, indent: usize, first: &[(Style, &str)], style: Style, prose: &str) {
        let first_end = indent + first.iter().map(|(_, piece)| clean_text(piece).width()).sum::<usize>();
        let hang = if first_end > self.width / 2 { indent + 4 } else { first_end };
        let prose = clean_text(prose);
        let mut lines = wrap(&prose, self.width.saturating_sub(hang).max(20));
        if hang < first_end {
            // The first line has less room than the others, perhaps too little.
            let room = self.width.saturating_sub(first_end);
            let begun =
                if room < 20 { None } else { wrap(&prose, room).into_iter().next() }.unwrap_or_default();
            if let Some(rest) = prose.trim_start_matches(' ').strip_prefix(&begun) {
                lines = wrap(rest, self.width.saturating_sub(hang).max(20));
                lines.insert(0, begun);
            }
        }
        let mut pieces: Vec<(Style, String)> = vec![(Style::Plain, " ".repeat(indent))];
        pieces.extend(first.iter().map(|(style, piece)| (*style, (*piece).to_owned())));
        let nothing = lines.is_empty().then(String::new);
        for line in lines.into_iter().chain(nothing) {
            pieces.push((style, line));
            let borrowed: Vec<(Style, &str)> = pieces.iter().map(|(s, p)| (*s, p.as_str())).collect();
            self.line(&borrowed);
            pieces = vec![(Style::Plain, " ".repeat(hang))];
        }
    }

    /// A labelled paragraph of a block.
    pub(super) fn field(&mut self, label: &str, prose: &str) {
        self.prose(0, &[(Style::Faint, &padded(label))], Style::Plain, prose);
    }

    /// As [`Page::field`], for text of several lines that each begin a line here too.
    pub(super) fn paragraphs(&mut self, label: &str, text: &str) {
        for (index, line) in text.lines().enumerate() {
            self.field(if index == 0 { label } else { "" }, line);
        }
    }

    /// A labelled line of a block that must stay one line.
    pub(super) fn field_line(&mut self, label: &str, line: &str) {
        self.line(&[(Style::Faint, &padded(label)), (Style::Plain, line)]);
    }

    /// Lines that were laid out elsewhere, indented; their parts must be clean already, since they may be
    /// coloured.
    pub(super) fn clean_lines(&mut self, indent: usize, lines: &str) {
        for line in lines.lines() {
            self.text.push_str(format!("{:indent$}{line}", "").trim_end());
            self.text.push('\n');
        }
    }

    /// A heading over the full width.
    pub(super) fn heading(&mut self, heading: &str) {
        self.gap();
        let rule = "─".repeat(self.width.min(100).saturating_sub(heading.width() + 4));
        self.line(&[(Style::Faint, "── "), (Style::Strong, heading), (Style::Faint, &format!(" {rule}"))]);
    }
}

/// The word of a verdict in a line, and its style.
pub(super) fn status(verdict: Verdict) -> (Style, &'static str) {
    match verdict {
        Verdict::Pass => (Style::Good, "PASS"),
        Verdict::Inapplicable => (Style::Faint, "N/A"),
        Verdict::Warn => (Style::Caution, "WARN"),
        Verdict::Blocked => (Style::Caution, "BLOCKED"),
        Verdict::Fail => (Style::Bad, "FAIL"),
        Verdict::Error => (Style::Bad, "ERROR"),
    }
}

/// `[   0.042s]`
pub(super) fn bracketed_seconds(milliseconds: f64) -> String {
    format!("[{:>8.3}s]", milliseconds / 1000.0)
}

fn padded(label: &str) -> String {
    if label.is_empty() { " ".repeat(LABEL) } else { format!("{label:>width$}  ", width = LABEL - 2) }
}

fn paint(color: bool, style: Style, text: &str) -> String {
    if !color || text.is_empty() {
        return text.to_owned();
    }
    match style {
        Style::Plain => text.to_owned(),
        Style::Strong => text.bold().to_string(),
        Style::Faint => text.dimmed().to_string(),
        Style::Good => text.green().bold().to_string(),
        Style::Caution => text.yellow().bold().to_string(),
        Style::Bad => text.red().bold().to_string(),
        Style::Name => text.cyan().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose_after_a_long_head_loses_no_word_and_stays_on_the_page() {
        let prose = "a client that checks state refuses good answers, or is made to check nothing";
        for head in ["", "short: ", "a head of more than half the page: ", &"wide".repeat(14)] {
            let mut page = Page::new(60, false);
            page.prose(2, &[(Style::Bad, head)], Style::Plain, prose);
            let text = page.take();
            assert!(text.lines().all(|line| line.width() <= 60), "{text}");
            let words: Vec<&str> = text.split_whitespace().collect();
            let expected: Vec<&str> =
                head.split(' ').chain(prose.split(' ')).filter(|w| !w.is_empty()).collect();
            assert_eq!(words, expected);
        }
    }
}

//! Events to console, journal, HTML, JUnit and the rest: the only room that prints results.
//!
//! A reporter sees [`Event`](crate::model::Event)s and nothing else, so whatever it can show live it can
//! show again from a journal ([`replay`]). Whatever came over the wire is hostile: it passes [`clean_text`]
//! before it reaches a terminal or an XML file.
//!
//! Adding a format:
//! 1. one file here with a function that writes what `record.rs` gathered (`document.rs` calls it when the run is
//!    over, through `pending_file.rs`);
//! 2. a variant of [`Format`] and its arm in [`open`] (`format.rs`);
//! 3. how it begins, in `existing.rs`, so that it is known again;
//! 4. a golden per stream in `fixtures/events/`, made by `tests/reports/main.rs` under `UPDATE_GOLDEN=1`.

mod comparison;
mod console;
mod curl;
mod digest;
mod document;
mod earlier;
mod existing;
mod format;
mod github;
mod gitlab;
mod har;
mod html;
mod journal;
mod json;
mod junit;
mod live_page;
mod markdown;
mod openssl;
mod pending_file;
mod record;
mod reporter;
mod sarif;
mod shell;
mod tap;
mod text;
mod threats;
mod uri;

pub use comparison::{ComparisonFile, ComparisonFormat, comparison_text};
pub use console::{Console, ConsoleOptions, FailureOutput, StatusLevel};
pub use curl::curl;
pub use earlier::Earlier;
pub use existing::{Existing, is_report};
pub use format::{Format, Opening, UnknownFormat, open};
pub use github::Github;
pub use journal::{Journal, ReplayError, replay};
pub use live_page::LivePage;
pub use record::{Standing, standings};
pub use reporter::{ReportError, Reporter};
pub use text::{clean_lines, clean_text};
pub use threats::{Danger, Repair, danger};

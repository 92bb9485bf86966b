//! Events to console, journal, JSON and JUnit: the only room that prints results.
//!
//! A reporter sees [`Event`](crate::model::Event)s and nothing else, so whatever it can show live it can
//! show again from a journal ([`replay`]). Whatever came over the wire is hostile: it passes [`clean_text`]
//! before it reaches a terminal or an XML file.
//!
//! Adding a format:
//! 1. one file here with a [`Reporter`] that gathers events (`record.rs` keeps and orders them) and writes
//!    at `RunFinished`, through `pending_file.rs`;
//! 2. a variant of [`Format`] and its arm in [`open`] (`format.rs`);
//! 3. a golden per stream in `fixtures/events/`, made by `tests/reports.rs` under `UPDATE_GOLDEN=1`.

mod console;
mod curl;
mod format;
mod journal;
mod json;
mod junit;
mod pending_file;
mod record;
mod reporter;
mod shell;
mod text;

pub use console::{Console, ConsoleOptions, StatusLevel};
pub use curl::curl;
pub use format::{Format, UnknownFormat, open};
pub use journal::{Journal, ReplayError, replay};
pub use json::Json;
pub use junit::Junit;
pub use reporter::{ReportError, Reporter};
pub use text::{clean_lines, clean_text};

//! Files to the model, or diagnostics: every mistake of every file at once, each with its place, what was
//! expected there and what may have been meant. The only room that knows YAML.
//!
//! YAML cuts a file into tokens (`yaml.rs`; for built-in files `build.rs` has done that), which become a tree of
//! values that know their places (`tree.rs`); a cursor over the tree (`decode.rs`)
//! reads the model from it and notes what is wrong; what files say of one another comes last (`resolve.rs`).
//!
//! What the language has is described in `language/`, from which also the schemas and the reference are made.
//! Adding anything begins there. Then, for an action: what its keys mean in `action.rs`, what it needs of earlier steps in `step.rs`. Adding
//! a matcher: its key in `matcher.rs`. Adding a statement about outcomes: its key in `pattern.rs`, and whether
//! it asks for a refusal or includes success. Adding a generator: `generator.rs`. Adding a kind of policy:
//! `policy.rs`. With each, a file in `fixtures/bad-suites` for the mistake that an author would make with it.

mod action;
mod baseline;
mod case;
mod conceal;
mod cut;
mod decode;
mod diagnostic;
mod expression;
mod file;
mod fill;
mod generator;
mod keyword;
mod language;
mod library;
mod matcher;
mod meant;
mod names;
mod part;
mod pattern;
mod policy;
mod profile;
mod requirement;
mod resolve;
mod step;
mod suite;
mod target;
mod template;
mod threat;
mod traps;
mod tree;
mod verdicts;
mod yaml;

pub use baseline::{baseline, draw_baseline};
pub use cut::BuiltIn;
pub use diagnostic::{Diagnostic, Diagnostics};
pub use expression::{ExpressionError, parse_expression};
pub use language::{examples, reference, schema};
pub use library::{FileKind, Source, kind_of, library, overlaid, read_ahead, target, unreadable};
pub use verdicts::{VerdictTable, verdicts};

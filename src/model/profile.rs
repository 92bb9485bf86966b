use super::{Located, Location, Policy};

/// A named bundle: what a vendor or a document promises, and the suites that check it.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    /// Slug, for example `tasknation`.
    pub id: String,
    /// What it stands for.
    pub title: String,
    /// The profile whose policy, includes and excludes come before its own; they are here already.
    pub extends: Option<Located<String>>,
    /// What the server has decided.
    pub policy: Policy,
    /// Globs over `suite/case`; at least one.
    pub include: Vec<Located<String>>,
    /// Globs over `suite/case` that are left out nevertheless, and why.
    pub exclude: Vec<(Located<String>, String)>,
    /// Of the `profile:` line.
    pub location: Location,
}

use serde::{Deserialize, Serialize};

use super::Location;

/// One normative sentence of a document, in our own words.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Requirement {
    /// Stable slug, for example `rfc6749-4.1.2-state-echoed-success`.
    pub id: String,
    /// The document, as people call it: `RFC 6749`, `TaskNation`.
    pub document: String,
    /// Section number or heading in that document.
    pub section: String,
    /// How strongly the document puts it.
    pub level: Level,
    /// The sentence in our own words.
    pub summary: String,
    /// A link to the section, where the document has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// Why no case can see it, for a requirement that cannot be checked from outside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unobservable: Option<String>,
    /// Where the catalogue has it.
    pub location: Location,
}

/// The keyword of a requirement (RFC 2119), which alone decides how a broken one counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Level {
    /// Broken, it fails.
    #[serde(rename = "MUST")]
    Must,
    /// Broken, it fails.
    #[serde(rename = "MUST NOT")]
    MustNot,
    /// Protocol text without a keyword that defines the wire; broken, it warns.
    #[serde(rename = "REQUIRED")]
    Required,
    /// Broken, it warns.
    #[serde(rename = "SHOULD")]
    Should,
    /// Broken, it warns.
    #[serde(rename = "SHOULD NOT")]
    ShouldNot,
    /// Never broken; only observed.
    #[serde(rename = "MAY")]
    May,
}

impl Level {
    /// All levels as they are written.
    pub const ALL: [Self; 6] =
        [Self::Must, Self::MustNot, Self::Required, Self::Should, Self::ShouldNot, Self::May];

    /// The keyword.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Must => "MUST",
            Self::MustNot => "MUST NOT",
            Self::Required => "REQUIRED",
            Self::Should => "SHOULD",
            Self::ShouldNot => "SHOULD NOT",
            Self::May => "MAY",
        }
    }
}

impl std::fmt::Display for Level {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

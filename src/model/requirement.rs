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
    /// Whom the sentence binds.
    #[serde(default, skip_serializing_if = "Bound::is_server")]
    pub binds: Bound,
    /// How far anybody can see from outside whether it is kept.
    #[serde(default, skip_serializing_if = "Testable::is_yes")]
    pub testable: Testable,
    /// Requirements that together say the same: who judges all of them judges this one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub restates: Vec<String>,
    /// Why no case can see it, for a requirement that cannot be checked from outside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unobservable: Option<String>,
    /// What is wanting before a case can judge it, for a requirement that none judges yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unchecked: Option<Want>,
    /// Why a server that seems to break it may keep it all the same; broken, it warns at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doubtful: Option<String>,
    /// Where the catalogue has it.
    pub location: Location,
}

impl Requirement {
    /// The level that counts where a server is judged: what binds only its clients can at most be recommended
    /// to it, and of what it may well keep unseen one can only warn.
    pub fn counts_as(&self) -> Level {
        match self.level {
            level if self.binds != Bound::Client && self.doubtful.is_none() => level,
            Level::Must => Level::Should,
            Level::MustNot => Level::ShouldNot,
            level => level,
        }
    }
}

/// Whom a sentence binds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Bound {
    /// The authorization server.
    #[default]
    #[serde(rename = "server")]
    Server,
    /// The resource server.
    #[serde(rename = "resource server")]
    ResourceServer,
    /// The client: a server that lets it pass is only warned of.
    #[serde(rename = "client")]
    Client,
}

impl Bound {
    /// All as they are written.
    pub const ALL: [Self; 3] = [Self::Server, Self::ResourceServer, Self::Client];

    /// The words in the catalogue.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::ResourceServer => "resource server",
            Self::Client => "client",
        }
    }

    fn is_server(&self) -> bool {
        *self == Self::Server
    }
}

/// How far anybody can see from outside whether a requirement is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Testable {
    /// Wholly.
    #[default]
    Yes,
    /// Some of what breaks it can be seen.
    Partly,
    /// Not at all.
    No,
}

impl Testable {
    /// All as they are written.
    pub const ALL: [Self; 3] = [Self::Yes, Self::Partly, Self::No];

    /// The word in the catalogue.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::Partly => "partly",
            Self::No => "no",
        }
    }

    fn is_yes(&self) -> bool {
        *self == Self::Yes
    }
}

/// What is wanting before a case can judge a requirement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Want {
    /// Nothing but the case.
    Case,
    /// A word of the suite language.
    Language,
    /// Something that a target file cannot name yet.
    Target,
    /// Registration of clients by the harness.
    Registration,
    /// A hand on the TLS connection.
    Tls,
    /// Leave to do what may harm a live server.
    Harmful,
}

impl Want {
    /// All as they are written.
    pub const ALL: [Self; 6] =
        [Self::Case, Self::Language, Self::Target, Self::Registration, Self::Tls, Self::Harmful];

    /// The word in the catalogue.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Case => "case",
            Self::Language => "language",
            Self::Target => "target",
            Self::Registration => "registration",
            Self::Tls => "tls",
            Self::Harmful => "harmful",
        }
    }

    /// What is wanting, in words.
    pub fn describe(self) -> &'static str {
        match self {
            Self::Case => "a case: the language can say it already",
            Self::Language => "a word of the suite language",
            Self::Target => "something that a target file cannot name yet",
            Self::Registration => "clients that the harness registers itself",
            Self::Tls => "a hand on the TLS connection",
            Self::Harmful => "leave to do what may harm a live server",
        }
    }
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

use serde::{Deserialize, Serialize};

use super::{Location, Verdict};

/// One expectation judged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// The requirement's id.
    pub requirement: String,
    /// Pass, warn, fail; or error where the answer cannot be judged.
    pub verdict: Verdict,
    /// What the expectation asks for, in words.
    pub expected: String,
    /// What was there instead, or which alternative was seen; quoted parts are escaped and cut.
    pub seen: String,
    /// Where the clause that decided stands in the suite.
    pub location: Location,
    /// From 0, in the case's steps; `None` for invariants.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<usize>,
    /// The exchange that decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exchange: Option<u64>,
    /// The label of the alternative that was seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed: Option<String>,
    /// What the baseline says of it, if it is broken there too. The verdict stays what it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub known: Option<Known>,
}

/// A broken requirement that somebody knows of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    /// Why it is borne.
    pub reason: String,
    /// The last day on which it is, as `2027-01-31`.
    pub expires: String,
}
